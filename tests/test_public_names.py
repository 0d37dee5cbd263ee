"""The names that a library's user imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

import prp_pack


@pytest.mark.parametrize("name", prp_pack.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(prp_pack, name).__doc__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = prp_pack.nothing


def test_importing_the_package_imports_no_part_of_it() -> None:
    code = "import prp_pack, sys; print(sum(n.startswith('prp_pack.') for n in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "0\n"
