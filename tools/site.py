"""What the docs site adds to docs/: the README as its first page, and the page of each rule.

Called by mkdocs (`hooks:` in mkdocs.yml). Links that lead out of docs/ lead to the page here, or
become plain text where the site has none: nobody knows where a copy of the repository is shown.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
RULES = "src/prp_pack/check/rules"
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that don't lie in docs/."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "index.md", content=_moved(readme, "")))
    for path in sorted((ROOT / RULES).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        files.append(File.generated(config, f"rules/{path.name}", content=_moved(text, RULES)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page of docs/ with links that stay inside of the site."""
    del config, files
    if page.file.generated_by:
        return markdown
    above = PurePosixPath("docs", page.file.src_uri).parent
    return _moved(markdown, str(above), str(PurePosixPath(page.file.src_uri).parent))


def _moved(text: str, folder: str, here: str = "") -> str:
    """Return a text whose links are as seen from `here` in the site; it was written in `folder`."""

    def link(match: re.Match[str]) -> str:
        words, target = match[1], match[2]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        found = _within(PurePosixPath(folder), path)
        if found is None:
            return words
        up = "../" * len([part for part in PurePosixPath(here).parts if part != "."])
        down = f"rules/{PurePosixPath(found).name}" if found.startswith(RULES) else found[5:]
        return (
            f"[{words}]({'../' if folder == RULES else up}{down}{f'#{anchor}' if anchor else ''})"
        )

    return _LINK.sub(link, text)


def _within(folder: PurePosixPath, path: str) -> str | None:
    """Return the path from the repository's root of what the site shows; None for all else."""
    parts: list[str] = []
    for part in (*folder.parts, *PurePosixPath(path).parts):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    found = "/".join(parts)
    shown = found.startswith(("docs/", f"{RULES}/"))
    return found if shown and (ROOT / found).is_file() else None
