"""The rules' pages, as `prp explain` prints them, and parts of them."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "check/rules"
_WHY = "\n## Why\n"


def page(stem: str) -> str:
    """Return the page that stands beside a rule's module."""
    return (_FOLDER / f"{stem}.md").read_text(encoding="utf-8")


def location(stem: str) -> Path | None:
    """Return where the page lies on disk; None when the package isn't installed as files."""
    found = _FOLDER / f"{stem}.md"
    return found if found.is_file() else None


def why(text: str) -> str:
    """Return what a page says under “Why”, empty when it says nothing."""
    _, _, after = text.partition(_WHY)
    return after.partition("\n## ")[0].strip()
