"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure, so no example has a deadline.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
