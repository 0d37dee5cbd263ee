"""What a check looked at and what it found, as every format receives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prp_pack.model import Finding, Severity
from prp_pack.repository import Source
from prp_pack.typed import Protocol
from prp_pack.values import dataclass, field


class RuleEntry(Protocol):
    """What a format says of a rule."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def severity(self) -> Severity | None: ...
    @property
    def stem(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was named and could not be checked."""

    path: str
    message: str
    help: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a run; all paths are as its user would name the files."""

    files: tuple[str, ...] = ()
    """What was checked, clean files included."""
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    """The text of each file that a finding points into."""
    unreadable: tuple[Unreadable, ...] = ()
    rules: Sequence[RuleEntry] = ()
    """The rules that ran."""
    fixed: int = 0
    silenced: int = 0
    """How many findings a comment keeps back."""
    baselined: int = 0
    """How many findings the baseline keeps back."""
    stale: int = 0
    """How many findings the baseline holds that are no more."""
    version: str = ""
    """Of the program that checked."""
    failing: tuple[Severity, ...] = (Severity.ERROR,)
    """The severities that make the run fail."""

    @property
    def failed(self) -> bool:
        return any(finding.severity in self.failing for finding in self.findings)
