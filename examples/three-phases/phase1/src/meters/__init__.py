"""Keeps the readings of water meters and says what they add up to."""
