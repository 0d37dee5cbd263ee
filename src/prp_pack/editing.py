"""A text in an editor: what is found in it, what mends it, and what explains it."""

from __future__ import annotations

from pathlib import Path

from prp_pack.check import fix
from prp_pack.check.engine import FIX_ROUNDS, Checker
from prp_pack.check.registry import Rule
from prp_pack.check.rules import RULES
from prp_pack.model import Edit, Finding, Severity
from prp_pack.project import CheckedOut
from prp_pack.report import pages, spans
from prp_pack.report.visible import visible
from prp_pack.repository import MAX_BYTES, Repository, Source, UnreadableError, decode
from prp_pack.values import dataclass

BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Examined:
    """An editor's text and what was found in it; `checker` is None when it is no document."""

    content: str
    source: Source
    checker: Checker | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def lines(self) -> list[str]:
        return spans.lines_of(self.source)


def examine(full: Path | None, content: str, search_path: str) -> Examined:
    """Check a text as if it stood in a file; what is no file, or no document, is clean."""
    nothing = Examined(content, Source("", content, content))
    if full is None or full.suffix.lower() != ".md":
        return nothing
    repository = Repository.containing(full.parent)
    path = repository.relative(full)
    if not repository.is_document(path):
        return nothing
    if len(content) > MAX_BYTES:
        # What the command line refuses to read; an editor is not held up by it.
        return nothing
    # A new checker each time: plan, template and files may have changed since the last one.
    checker = Checker(repository, project=CheckedOut(repository, search_path))
    try:
        source = decode(content.encode("utf-8", "surrogatepass"), path)
        return Examined(content, source, checker, tuple(checker.check_text(source.text, path)))
    except UnreadableError as error:
        said = error.reason if error.path == path else f"{error.path} {error.reason}"
        line = error.line if error.path == path else 0
        found = Finding(line or 1, said, help=error.help, severity=Severity.ERROR, path=path)
        return Examined(content, Source(path, content, content), None, (found,))


def mend_all(known: Examined) -> Edit | None:
    """Return one edit that makes every fix, and those that come up on the way."""
    checker, source, findings = known.checker, known.source, known.findings
    if checker is None or not any(finding.fix for finding in findings):
        return None
    for _ in range(FIX_ROUNDS):
        raw = fix.apply(source, findings)
        if raw == source.raw:
            break
        source = decode(raw.encode(), source.path)
        findings = tuple(checker.check_text(source.text, source.path))
    return _difference(known.lines, spans.lines_of(source))


def _difference(old: list[str], new: list[str]) -> Edit | None:
    """Return the edit of the lines between what both texts begin and end with."""
    if old == new:
        return None
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    text = "".join(f"{line}\n" for line in new[start : len(new) - end])
    if end == 0:
        # The last line has no newline behind it, neither in the old text nor in the new one.
        text = text.removesuffix("\n")
    return Edit(start + 1, len(old) - end + 1, text)


def explained(finding: Finding) -> str:
    """Return what a hover says of a finding, in Markdown."""
    rule = BY_ID.get(finding.rule)
    parts = []
    if rule:
        parts += [f"**{rule.id} {rule.name}**: {rule.summary}", pages.why(pages.page(rule.stem))]
    if finding.help:
        # As code: words of the document in it are not to be rendered.
        parts.append(f"    help: {visible(finding.help)}")
    return "\n\n".join(part for part in parts if part)
