"""Run the rules over documents. Reads what rules look at, so that no rule reads anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from prp_pack import context
from prp_pack.check import fix
from prp_pack.check.registry import Rule, Target
from prp_pack.check.rules import RULES
from prp_pack.context import ResolvedContext
from prp_pack.model import (
    Document,
    Finding,
    Kind,
    Lineage,
    Place,
    Problem,
    Requirements,
    Severity,
)
from prp_pack.parse import document as documents
from prp_pack.parse import phase_number
from prp_pack.parse import plan as plans
from prp_pack.project import CheckedOut, Project
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.schema import template as templates
from prp_pack.schema.matrix import Matrix, matrix_for
from prp_pack.schema.sections import lineage_of, locate

# A fix may uncover another finding; more rounds than this means that two rules disagree.
FIX_ROUNDS = 10

TEMPLATE_PATH = "PRPs/templates/prp_base.md"


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a set of files gave. `unreadable` files were not checked: exit status 2."""

    files: int = 0
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[UnreadableError, ...] = ()
    fixed: int = 0

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


@dataclass(frozen=True)
class Checker:
    """The rules, bound to one project and its template.

    `strict` holds every PRP to our own template, also one that shows no sign of it: that is
    what a command of ours has just written.
    """

    repository: Repository
    rules: tuple[Rule, ...] = RULES
    strict: bool = False
    project: Project | None = None
    """What names are checked against; the repository itself, without programs, unless told."""

    @cached_property
    def _project(self) -> Project:
        return self.project or CheckedOut(self.repository)

    @cached_property
    def _template_text(self) -> str | None:
        source = self.repository.read_if_there(TEMPLATE_PATH)
        return source.text if source else None

    @cached_property
    def matrix(self) -> Matrix:
        return matrix_for(self._template_text, TEMPLATE_PATH)

    @cached_property
    def template(self) -> templates.Template:
        return templates.read(self._template_text or templates.shipped_text(), self.matrix)

    def check(self, path: str) -> list[Finding]:
        """Return the findings on a file of the project; raises `UnreadableError`."""
        return self.check_text(self.repository.read(path).text, path)

    def check_text(self, text: str, path: str) -> list[Finding]:
        """Return the findings on a text as if it stood at `path`, in the order of its lines."""
        target = self.target(text, path)
        found: list[Finding] = []
        silenced: set[str] = set()
        for rule in self.rules:
            severity = rule.severity_for(target.lineage)
            if severity is None or target.document.kind not in rule.kinds:
                continue
            if silenced.intersection(rule.requires):
                continue
            hits = [_stamp(hit, rule, severity, path) for hit in rule.check(target)]
            if any(hit.severity is Severity.ERROR for hit in hits):
                silenced.add(rule.id)
            found += hits
        return sorted(found, key=lambda hit: (hit.line, hit.column, hit.rule))

    def target(self, text: str, path: str) -> Target:
        """Return what the rules see of a text."""
        document = documents.parse(text, path)
        located = locate(document.outline, self.matrix)
        lineage = self._lineage(document, located_lineage=lineage_of(
            located, self.matrix, document.front_matter.text("template")
        ))  # fmt: skip
        return Target(
            document=document,
            project=self._project,
            matrix=self.matrix,
            template=self.template,
            lineage=lineage,
            expected=self.expected(document) if lineage is Lineage.V3 else None,
            plan=plans.parse(text, path) if document.kind is Kind.PLAN else None,
        )

    def _lineage(self, document: Document, located_lineage: Lineage) -> Lineage:
        if document.kind is Kind.PRP:
            return Lineage.V3 if self.strict else located_lineage
        ours = bool(document.front_matter.text("template"))
        tree = document.kind is Kind.PLAN and plans.parse(document.text, document.path).phases
        return Lineage.V3 if ours or tree else Lineage.OTHER

    def expected(self, document: Document) -> ResolvedContext | None:
        """Return what the sources say about a PRP or a requirements file, None when nothing.

        A PRP names its requirements in its front matter; else its own phase number, or the one
        in its file name, leads to the plan.
        """
        if document.kind is Kind.REQUIREMENTS:
            return self._resolve(document.path, None, Place(document.path))
        if document.kind is not Kind.PRP:
            return None
        named = document.front_matter.text("requirements")
        if named and not named.startswith("["):
            line = document.front_matter.lines.get("requirements", 1)
            return self._resolve(named, None, Place(document.path, line))
        stated = document.block.context
        number = stated.phase.number if stated and stated.phase else None
        if number is None:
            number = phase_number.number_in_name(document.path)
        if number is None:
            return None
        place = Place(document.path, document.block.lines.get("PHASE_INFO.number", 1))
        if context.find_plan(self.repository, Requirements(document.path)) is None and not stated:
            return None
        return self._resolve("", number, place)

    def expected_of(self, arguments: str) -> ResolvedContext | None:
        """Return what the requirements file that a command was given says, None without one."""
        named = arguments.split(maxsplit=1)[0].removeprefix("@") if arguments else ""
        if not named.lower().endswith(".md"):
            return None
        return self._resolve(named, None, Place(named))

    def _resolve(self, requirements: str, number: int | None, place: Place) -> ResolvedContext:
        try:
            return context.resolve(self.repository, requirements, number)
        except UnreadableError as error:
            problem = Problem(place, f"{error.path} {error.reason}", help=error.help)
            return ResolvedContext(None, (problem,))

    def fix(self, path: str) -> tuple[Source, str, list[Finding]]:
        """Return the file as it is, its raw text with every fix made, and what then remains."""
        before = self.repository.read(path)
        source = before
        findings = self.check_text(source.text, path)
        for _ in range(FIX_ROUNDS):
            raw = fix.apply(source, findings)
            if raw == source.raw:
                break
            text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            source = Source(path, text, raw)
            findings = self.check_text(source.text, path)
        return before, source.raw, findings


def _stamp(hit: Finding, rule: Rule, severity: Severity, path: str) -> Finding:
    """Add what the rule's declaration says; outside our lineage nothing weighs more than that."""
    weight = hit.severity or severity
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    if order.index(weight) < order.index(severity) and severity is not rule.severity:
        weight = severity
    return replace(hit, path=path, rule=rule.id, name=rule.name, severity=weight)


def check_files(checker: Checker, paths: Iterable[str], *, fixing: bool = False) -> Report:
    """Check files one after the other; one that can't be read doesn't keep the others away."""
    findings: list[Finding] = []
    unreadable: list[UnreadableError] = []
    files = fixed = 0
    for path in paths:
        try:
            if fixing:
                before, raw, found = checker.fix(path)
                if raw != before.raw:
                    checker.repository.write(path, raw)
                    fixed += 1
            else:
                found = checker.check(path)
        except UnreadableError as error:
            unreadable.append(error)
        else:
            files += 1
            findings += found
    return Report(files, tuple(findings), tuple(unreadable), fixed)


def selected(select: Sequence[str], ignore: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules whose id or name is selected and not ignored; `PRP1` selects a family.

    Raises `KeyError` with the word that no rule answers to.
    """
    for word in (*select, *ignore):
        if not any(_answers(rule, word) for rule in RULES):
            raise KeyError(word)
    return tuple(
        rule
        for rule in RULES
        if (not select or any(_answers(rule, word) for word in select))
        and not any(_answers(rule, word) for word in ignore)
    )


def _answers(rule: Rule, word: str) -> bool:
    return rule.id.startswith(word.upper()) or rule.name == word
