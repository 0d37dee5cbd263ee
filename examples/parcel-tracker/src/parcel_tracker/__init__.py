"""Parcel tracker: parcels, their scans, and live updates."""
