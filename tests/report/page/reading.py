"""The page as a reader of it sees it: its texts, by the section they stand in."""

from __future__ import annotations

from html.parser import HTMLParser

BLOCKS = frozenset({"dt", "dd", "td", "th", "li", "p", "div", "summary", "br", "h2", "h3", "pre"})
VOID = frozenset({"meta", "input", "br", "img", "link", "hr"})


class Reading(HTMLParser):
    """Elements in order, with attributes; the text of each section by the section's id.

    Raises `AssertionError` for a tag that isn't closed, or closed and not open.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, str] = {}
        self.text = ""
        self._section = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self._section = found["id"]
        if tag in BLOCKS:
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            return
        self.text += data
        if self._section:
            self.sections[self._section] = self.sections.get(self._section, "") + data

    def values(self, attribute: str) -> list[str]:
        return [found[attribute] for _, found in self.elements if attribute in found]

    def said(self, section: str) -> str:
        """Return a section's text with its spaces made one."""
        return " ".join(self.sections[section].split())
