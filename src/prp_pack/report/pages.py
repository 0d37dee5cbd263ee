"""The rules' pages, as `prp explain` prints them."""

from __future__ import annotations

from importlib.resources import files


def page(stem: str) -> str:
    """Return the page that stands beside a rule's module."""
    return files("prp_pack.check.rules").joinpath(f"{stem}.md").read_text(encoding="utf-8")
