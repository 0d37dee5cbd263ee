"""What a rule sees, what a rule is, and the decorator that declares one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from prp_pack.check import placeholders
from prp_pack.check.frozen_contracts import FrozenContract, Places, frozen_contract
from prp_pack.check.gates import Gates, gates_of
from prp_pack.check.items import Item, Proof, items_of
from prp_pack.check.neighbours import Neighbours
from prp_pack.check.paths import Paths
from prp_pack.check.placeholders import Placeholder
from prp_pack.check.suppression import Ignores
from prp_pack.context import ResolvedContext
from prp_pack.evidence import ledger
from prp_pack.markdown import outline
from prp_pack.model import (
    CompletionSummary,
    Document,
    Edit,
    Fence,
    Finding,
    Kind,
    Lineage,
    PhaseContext,
    Plan,
    Section,
    Severity,
)
from prp_pack.parse import requirements, summary
from prp_pack.project import Project
from prp_pack.render import context_block
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.schema.near_miss import near_misses
from prp_pack.schema.sections import How, Located, Match, locate
from prp_pack.schema.template import Template
from prp_pack.values import dataclass, field


@dataclass(frozen=True)
class Target:
    """Everything a rule may look at, already read.

    `expected` is what plan and requirements say about this document; None when they say nothing.
    """

    document: Document
    project: Project
    matrix: Matrix
    template: Template
    neighbours: Neighbours
    lineage: Lineage = Lineage.V3
    expected: ResolvedContext | None = None
    plan: Plan | None = None
    ignores: Ignores = field(default_factory=Ignores)
    contracts: Places = field(default_factory=Places)

    @cached_property
    def located(self) -> Located:
        return locate(self.document.outline, self.matrix)

    @cached_property
    def context(self) -> PhaseContext:
        """The phase this document is held to: the sources' word, else the document's own.

        Without either, what every PRP needs is asked, which is what a simple feature needs.
        """
        if self.expected and self.expected.context:
            return self.expected.context
        return self.document.block.context or PhaseContext()

    @property
    def knows_context(self) -> bool:
        """Whether the sources or the document itself say which phase this is."""
        return bool((self.expected and self.expected.context) or self.document.block.context)

    @cached_property
    def number(self) -> int | None:
        """The phase that this document is about; None for what is about no single phase."""
        if self.document.kind is Kind.PRP:
            return self.context.phase.number if self.context.phase else None
        if self.document.kind is Kind.REQUIREMENTS:
            return requirements.parse(self.document.text, self.document.path).number
        return self.summary.number if self.document.kind is Kind.SUMMARY else None

    def frozen_contract(self, beside: str = "") -> FrozenContract | None:
        """Return the contract that was frozen of this document's phase, if there is one.

        `beside` is the document that it may lie beside, when that isn't this one.
        """
        path = beside or self.document.path
        return frozen_contract(self.project, self.contracts, path, self.number)

    @cached_property
    def summary(self) -> CompletionSummary:
        """What this document says when it is read as a completion summary."""
        return summary.parse(self.document.text, self.document.path)

    @cached_property
    def followed_plan(self) -> Plan | None:
        """The plan that this document belongs to; `plan` is the document itself as a plan."""
        named = self.document.front_matter.text("plan")
        if self.expected and self.expected.plan:
            named = self.expected.plan
        return self.neighbours.plan_of(self.document.path, named)

    @property
    def required(self) -> Iterator[SectionSpec]:
        """Yield the sections that this document must have."""
        if self.lineage is Lineage.V2:
            wanted = self.matrix.lineages.v2_required
            return (self.matrix.by_id[id_] for id_ in wanted if id_ in self.matrix.by_id)
        return self.matrix.required(self.context)

    @cached_property
    def refill(self) -> Edit | None:
        """The edit that puts the true context block in; None when it isn't known or is there."""
        expected = self.expected
        if expected is None or expected.context is None or not expected.is_sound:
            return None
        block = context_block.render(expected.context, expected.sources, expected.digest)
        return context_block.fill(self.document, block)

    @cached_property
    def sections(self) -> tuple[Match, ...]:
        """The known sections; a namesake elsewhere counts when none stands in its place."""
        counted = {m.spec.id for m in self.located.matches if m.how is not How.ELSEWHERE}
        kept = []
        for match in self.located.matches:
            if match.how is not How.ELSEWHERE or match.spec.id not in counted:
                kept.append(match)
                counted.add(match.spec.id)
        return tuple(kept)

    @cached_property
    def paths(self) -> Paths:
        """What the document names and creates, and where its names lead."""
        beside = (self.expected.plan or self.expected.requirements) if self.expected else ""
        written = self.contracts.folder
        return Paths(self.document, self.project, self.located, self.context, beside, written)

    @cached_property
    def proof(self) -> Proof:
        """The PRP's items and what its ledger says of them."""
        read = self.neighbours.ledger(ledger.folder_of(self.document))
        return Proof(
            ledger=read,
            read_items=self._items,
            read_config=lambda: self.neighbours.configuration,
            tree_of=self.project.tree,
            losses=lambda: self.neighbours.losses(read),
        )

    def _items(self) -> tuple[Item, ...]:
        has_python = any(path.endswith(".py") for path in self.project.files)
        return items_of(self.document, self.located, self.gates, has_python=has_python)

    @cached_property
    def near_misses(self) -> Sequence[tuple[Section, SectionSpec]]:
        """The unknown headings that nearly have the title of a section that is absent."""
        return near_misses(self.located, self.matrix)

    @cached_property
    def gates(self) -> Gates:
        """What the document's Validation Loop and its checklist would run."""
        return gates_of(self.document, self.located)

    @cached_property
    def placeholders(self) -> Mapping[int, tuple[Placeholder, ...]]:
        """What was left of the template's placeholders, by the lines that have one, in order."""
        return placeholders.by_line(self.document, self.template)

    def is_unfilled(self, start: int, end: int) -> bool:
        """Tell whether a placeholder was left on the lines `[start, end)`."""
        return any(line in self.placeholders for line in range(start, end))

    @cached_property
    def ends_open(self) -> bool:
        """Whether an open fence or comment would swallow a section put at the end."""
        extended = outline(f"{self.document.text}\n\n## end\n").sections
        return not extended or extended[-1].title != "end"

    @property
    def lines(self) -> tuple[str, ...]:
        return self.document.lines

    def spec_at(self, line: int) -> SectionSpec | None:
        """Return the spec of the innermost known section that the line stands in."""
        found = None
        for match in self.located.matches:
            if match.section.line <= line < match.section.end:
                found = match.spec
        return found

    @property
    def fence_lines(self) -> Mapping[int, Fence]:
        """The fence that each line inside a fence belongs to, markers included."""
        return self.document.fence_lines

    def own_lines(self, section: Section) -> Iterator[tuple[int, str]]:
        """Yield number and text of the section's lines, without heading and subsections."""
        for number in range(section.line + 1, section.body_end):
            if number <= len(self.lines):
                yield number, self.lines[number - 1]


Check = Callable[[Target], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule. `v2` and `other` are the severities outside our own lineage; None is off.

    `requires` names rules whose findings on the same document silence this one: a cause is
    reported, not its echoes.
    """

    id: str
    name: str
    summary: str
    check: Check
    severity: Severity | None = Severity.ERROR
    v2: Severity | None = None
    other: Severity | None = None
    kinds: tuple[Kind, ...] = (Kind.PRP,)
    requires: tuple[str, ...] = ()
    fixable: bool = False

    def severity_for(self, lineage: Lineage) -> Severity | None:
        by_lineage = {Lineage.V3: self.severity, Lineage.V2: self.v2, Lineage.OTHER: self.other}
        return by_lineage[lineage]

    @property
    def stem(self) -> str:
        """The name of the rule's module and of its page, without the suffix."""
        return f"{self.id}_{self.name}".lower().replace("-", "_")


def rule(  # noqa: PLR0913 - the declaration of a rule has this many columns
    id: str,
    *,
    name: str,
    summary: str,
    severity: Severity | None = Severity.ERROR,
    v2: Severity | None = None,
    other: Severity | None = None,
    kinds: tuple[Kind, ...] = (Kind.PRP,),
    requires: tuple[str, ...] = (),
    fixable: bool = False,
) -> Callable[[Check], Rule]:
    """Turn a check function into a `Rule`; its page is the `.md` file beside it."""
    return lambda check: Rule(
        id, name, summary, check, severity, v2, other, kinds, requires, fixable
    )
