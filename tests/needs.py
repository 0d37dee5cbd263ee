"""What some tests need of a machine, and skip without, saying so."""

from __future__ import annotations

import shutil

import pytest

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
