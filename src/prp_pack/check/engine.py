"""Run the rules over documents; what they look at is read before, so that no rule reads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from prp_pack.check import fix, suppression
from prp_pack.check.baseline import Baseline
from prp_pack.check.forms import Form
from prp_pack.check.frozen_contracts import Places
from prp_pack.check.neighbours import Neighbours
from prp_pack.check.reading import Reader
from prp_pack.check.registry import Rule, Target
from prp_pack.check.rules import RULES
from prp_pack.check.rules.prp001_unused_ignore import unused_ignore
from prp_pack.check.settings import Settings
from prp_pack.check.suppression import UNSILENCEABLE
from prp_pack.context import ResolvedContext
from prp_pack.model import (
    Document,
    Finding,
    PhaseContext,
    Severity,
)
from prp_pack.project import Project
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.schema.matrix import Matrix
from prp_pack.schema.template import Template
from prp_pack.values import dataclass, replace

# A fix may uncover another finding; more rounds than this means that two rules disagree.
FIX_ROUNDS = 10

_IDS = frozenset(rule.id for rule in RULES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What checking one text gave; `stale` counts what the baseline holds and nothing matched."""

    findings: tuple[Finding, ...] = ()
    silenced: tuple[Finding, ...] = ()
    """By a comment in the document."""
    baselined: tuple[Finding, ...] = ()
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a set of files gave. `unreadable` files were not checked: exit status 2."""

    files: int = 0
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[UnreadableError, ...] = ()
    fixed: int = 0
    silenced: int = 0
    baselined: int = 0
    stale: int = 0

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


@dataclass(frozen=True)
class Checker:
    """The rules, bound to one project and its template.

    `strict` holds every PRP to our own template, also one that shows no sign of it: that is
    what a command of ours has just written. Ignore comments of errors and the baseline don't
    count then, and what nobody may silence runs whatever `PRPs/prp.toml` says.
    """

    repository: Repository
    rules: tuple[Rule, ...] = RULES
    strict: bool = False
    project: Project | None = None
    """What names are checked against; the repository itself, without programs, unless told."""
    settings: Settings | None = None
    """The project's own, read when they are first needed, unless told."""
    others: Neighbours | None = None
    """The project's other documents, unless told as the repository has them."""

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.repository, self.strict, self.project, self.settings, self.others)

    @property
    def seen(self) -> Project:
        """What names are checked against."""
        return self._reader.seen

    @property
    def _settings(self) -> Settings:
        return self._reader.settings

    @property
    def baseline(self) -> Baseline:
        return self._settings.baseline

    def without_baseline(self) -> Checker:
        return replace(self, settings=replace(self._settings, baseline=Baseline()))

    @property
    def warning(self) -> str:
        """What a user must hear about settings that could not be read; empty when there is none."""
        return self._settings.told

    @cached_property
    def active(self) -> tuple[Rule, ...]:
        """The rules that run in this project; some files may be excepted from some."""
        return self._settings.config.active(self.rules, strict=self.strict)

    @property
    def contracts(self) -> Places:
        """Where the contracts of phases lie."""
        return self._settings.config.contracts

    def form_for(self, context: PhaseContext | None) -> Form:
        """Return the template that a phase is written from, and its matrix."""
        return self._reader.form_for(context)

    @property
    def matrix(self) -> Matrix:
        return self.form_for(None).matrix

    @property
    def template(self) -> Template:
        return self.form_for(None).template

    @property
    def neighbours(self) -> Neighbours:
        """The project's other documents, as they were when a rule first asked for them."""
        return self._reader.neighbours

    def prp(self, path: str) -> Target:
        """Return a PRP as the rules see it; raises `UnreadableError` for what is no PRP."""
        return self._reader.prp(path)

    def target(self, text: str, path: str) -> Target:
        """Return what the rules see of a text."""
        target = self._reader.target(text, path)
        return replace(target, ignores=suppression.read(target.document, _IDS))

    def expected(self, document: Document) -> ResolvedContext | None:
        """Return what the sources say about a PRP or a requirements file, None when nothing."""
        return self._reader.expected(document)

    def expected_of(self, arguments: str) -> ResolvedContext | None:
        """Return what the requirements file that a command was given says, None without one."""
        return self._reader.expected_of(arguments)

    def check(self, path: str) -> list[Finding]:
        """Return the findings on a file of the project; raises `UnreadableError`."""
        return self.check_text(self.repository.read(path).text, path)

    def check_text(self, text: str, path: str) -> list[Finding]:
        """Return the findings on a text as if it stood at `path`, in the order of its lines."""
        return list(self.examine(text, path).findings)

    def examine(self, text: str, path: str) -> Outcome:
        """Return the findings on a text, and those that a comment or the baseline keeps back."""
        target = self.target(text, path)
        asked = self._asked(path)
        found, ran = self._found(target, asked)
        parted = suppression.part(found, target.ignores, strict=self.strict)
        kept = [finding for finding in parted.kept if finding.rule in asked]
        if unused_ignore.id in asked:
            # A rule that never looks at such a document has nothing to be silenced in it.
            never = {r.id for r in RULES if target.document.kind not in r.kinds}
            ignores = suppression.with_unused(target.ignores, parted.used, ran | never)
            kept += self._hits(unused_ignore, replace(target, ignores=ignores))
        kept.sort(key=lambda hit: (hit.line, hit.column, hit.rule))
        silenced = tuple(finding for finding in parted.silenced if finding.rule in asked)
        if self.strict:
            return Outcome(tuple(kept), silenced)
        held = self._settings.baseline.part(path, kept, ran & asked)
        return Outcome(held.new, silenced, held.known, held.stale)

    def _asked(self, path: str) -> frozenset[str]:
        """Return the ids of the rules that are asked of a file."""
        excepted = self._settings.config.ignored_in(path)
        if self.strict:
            excepted -= UNSILENCEABLE.keys()
        return frozenset(rule.id for rule in self.active) - excepted

    def _found(self, target: Target, asked: frozenset[str]) -> tuple[list[Finding], frozenset[str]]:
        """Return what the rules find, and the ids of those that ran.

        A rule that an ignore names runs in any case: else nobody could tell whether it is unused.
        """
        named = target.ignores.named if unused_ignore.id in asked else frozenset[str]()
        rules = [rule for rule in self.rules if rule.id in asked and rule.id != unused_ignore.id]
        rules += [rule for rule in RULES if rule.id in named and rule.id not in asked]
        found: list[Finding] = []
        failed: set[str] = set()
        ran: set[str] = set()
        for rule in rules:
            if not self._applies(rule, target) or failed.intersection(rule.requires):
                continue
            hits = self._hits(rule, target)
            ran.add(rule.id)
            if any(hit.severity is Severity.ERROR for hit in hits):
                failed.add(rule.id)
            found += (self._weighed(hit) for hit in hits)
        return found, frozenset(ran)

    @staticmethod
    def _applies(rule: Rule, target: Target) -> bool:
        return target.document.kind in rule.kinds and bool(rule.severity_for(target.lineage))

    @staticmethod
    def _hits(rule: Rule, target: Target) -> list[Finding]:
        severity = rule.severity_for(target.lineage)
        if severity is None:
            return []
        return [_stamp(hit, rule, severity, target.document.path) for hit in rule.check(target)]

    def _weighed(self, finding: Finding) -> Finding:
        """Return the finding with the severity that the project gives its rule."""
        own = self._settings.config.severity.get(finding.rule)
        if own is None or (self.strict and finding.rule in UNSILENCEABLE):
            return finding
        return replace(finding, severity=own)

    def fix(self, path: str) -> tuple[Source, str, list[Finding]]:
        """Return the file as it is, its raw text with every fix made, and what then remains."""
        before, raw, outcome = self.mended(path)
        return before, raw, list(outcome.findings)

    def mended(self, path: str) -> tuple[Source, str, Outcome]:
        """Return what `fix` does, with what is kept back; raises `UnreadableError`."""
        before = self.repository.read(path)
        source = before
        outcome = self.examine(source.text, path)
        for _ in range(FIX_ROUNDS):
            raw = fix.apply(source, outcome.findings)
            if raw == source.raw:
                break
            text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            source = Source(path, text, raw)
            outcome = self.examine(source.text, path)
        return before, source.raw, outcome


def _stamp(hit: Finding, rule: Rule, severity: Severity, path: str) -> Finding:
    """Add what the rule's declaration says; outside our lineage nothing weighs more than that."""
    weight = hit.severity or severity
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    if order.index(weight) < order.index(severity) and severity is not rule.severity:
        weight = severity
    return replace(hit, path=path, rule=rule.id, name=rule.name, severity=weight)


@dataclass(frozen=True, slots=True)
class Trial:
    """What checking one file gave, and the text to write where something was mended."""

    report: Report
    mended: str | None = None


def trial(checker: Checker, path: str, *, fixing: bool = False) -> Trial:
    """Return what checking a file gives; with `fixing`, when it is mended. Writes nothing."""
    try:
        if fixing:
            before, raw, outcome = checker.mended(path)
            return Trial(_report(outcome), raw if raw != before.raw else None)
        return Trial(_report(checker.examine(checker.repository.read(path).text, path)))
    except UnreadableError as error:
        return Trial(Report(unreadable=(error,)))


def settle(checker: Checker, path: str, tried: Trial) -> Report:
    """Write what was mended, and return the report."""
    if tried.mended is None:
        return tried.report
    try:
        checker.repository.write(path, tried.mended)
    except UnreadableError as error:
        return Report(unreadable=(error,))
    return replace(tried.report, fixed=1)


def _report(outcome: Outcome) -> Report:
    return Report(
        files=1,
        findings=outcome.findings,
        silenced=len(outcome.silenced),
        baselined=len(outcome.baselined),
        stale=outcome.stale,
    )


def check_files(checker: Checker, paths: Iterable[str], *, fixing: bool = False) -> Report:
    """Check files one after the other; one that can't be read doesn't keep the others away."""
    return joined(settle(checker, p, trial(checker, p, fixing=fixing)) for p in paths)


def joined(reports: Iterable[Report]) -> Report:
    """Return what several reports say together."""
    each = tuple(reports)
    return Report(
        files=sum(report.files for report in each),
        findings=tuple(finding for report in each for finding in report.findings),
        unreadable=tuple(error for report in each for error in report.unreadable),
        fixed=sum(report.fixed for report in each),
        silenced=sum(report.silenced for report in each),
        baselined=sum(report.baselined for report in each),
        stale=sum(report.stale for report in each),
    )
