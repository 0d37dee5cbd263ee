"""Comparing two versions by time: what is measured, how it is judged, and where from."""
