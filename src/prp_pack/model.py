"""The words of the domain, as immutable values. Imports the standard library only.

Lines and columns count from 1 everywhere; a range of lines is half open, `[line, end)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from prp_pack.values import dataclass, field

# The section that holds the context block, as titles are compared.
CONTEXT_SECTION = "project-context"

# The names under which the template calls the validation scripts, in the order of its levels.
SCRIPTS = (
    "validate_api_contracts", "test_websocket_integration", "test_database_integration",
    "performance_benchmark", "load_test", "memory_profile", "response_time_test",
    "production_simulation", "test_error_scenarios", "validate_next_phase_interfaces",
    "generate_api_docs", "create_integration_examples", "document_performance_baselines",
)  # fmt: skip
SCRIPT_ALIASES = ("test_websocket",)


class ProjectType(StrEnum):
    SIMPLE_FEATURE = "simple_feature"
    COMPLEX_MULTI_PHASE = "complex_multi_phase"


class PhaseType(StrEnum):
    FOUNDATION = "foundation"
    INTEGRATION = "integration"
    OPTIMIZATION = "optimization"


class Complexity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Severity(StrEnum):
    """How much a finding weighs: an error forbids executing the PRP."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Lineage(StrEnum):
    """Which family of templates a document descends from; it decides the profile of severities."""

    V3 = "v3"
    V2 = "v2-base"
    OTHER = "other"


class Kind(StrEnum):
    """What a Markdown file is in the life of a project."""

    PRP = "prp"
    PLAN = "plan"
    REQUIREMENTS = "requirements"
    INITIAL = "initial"
    SUMMARY = "summary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; prints as `PRPs/x.md:3`, or as the path alone for a whole file (line 0)."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Problem:
    """What a parser or the context met in a document. Parsers collect these and never raise."""

    place: Place
    message: str
    severity: Severity = Severity.ERROR
    help: str = ""


# --- Markdown -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, to `end`, its subsections included.

    `path` holds the normalised titles from the outermost section to this one.
    """

    title: str
    level: int
    line: int
    end: int
    path: tuple[str, ...]
    body_end: int
    """Where the first subsection begins; equals `end` when there is none."""
    titled: bool = False
    """Whether the outermost name of `path` is an H1 above, which may be a document's title."""

    @property
    def id(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `content` is without its markers, and begins on `line + 1`."""

    info: str
    content: str
    line: int
    end: int
    closed: bool
    nested: tuple[int, ...] = ()
    """Lines inside that look like the opening of another fence."""

    @property
    def language(self) -> str:
        return self.info.split(maxsplit=1)[0].lower() if self.info else ""


@dataclass(frozen=True, slots=True)
class Checkbox:
    line: int
    ticked: bool
    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """An HTML block that is a comment: guidance for whoever writes, not part of the document."""

    line: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What Markdown structure a document has, each part in order."""

    sections: tuple[Section, ...] = ()
    fences: tuple[Fence, ...] = ()
    checkboxes: tuple[Checkbox, ...] = ()
    comments: tuple[Comment, ...] = ()

    def fences_of(self, section: Section) -> tuple[Fence, ...]:
        """Return the fences in the section's own body, without those of its subsections."""
        return tuple(f for f in self.fences if section.line < f.line < section.body_end)


# --- Documents ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The metadata before the first heading.

    `legacy` marks the bare `name:` / `description: |` header of older templates, which stands
    without `---` and which no front-matter reader sees. `end` is the first line after it.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    end: int = 1
    present: bool = False
    legacy: bool = False
    problems: tuple[Problem, ...] = ()

    def text(self, key: str) -> str:
        """Return the value when it is a non-empty string, else an empty string."""
        value = self.values.get(key)
        return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase as a context block states it; `number` counts from 1."""

    number: int
    total: int
    type: PhaseType
    previous: tuple[int, ...] = ()
    template_source: str = ""
    complexity: Complexity = Complexity.MEDIUM

    @property
    def is_final(self) -> bool:
        return self.number == self.total

    @property
    def is_first(self) -> bool:
        return self.number == 1


@dataclass(frozen=True, slots=True)
class PhaseContext:
    """What PROJECT_TYPE and PHASE_INFO say; a simple feature has no phase."""

    phase: Phase | None = None

    @property
    def project_type(self) -> ProjectType:
        return ProjectType.COMPLEX_MULTI_PHASE if self.phase else ProjectType.SIMPLE_FEATURE


@dataclass(frozen=True, slots=True)
class ContextBlock:
    """The YAML fence under “Project Context”, as it stands in a PRP.

    `context` is None when the block is missing or doesn't say enough to know the phase.
    """

    fence: Fence | None = None
    context: PhaseContext | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    facts: str = ""
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Problem, ...] = ()
    """Values outside their enumeration; apart from `problems`, which are of type and presence."""


@dataclass(frozen=True)
class Document:
    """A Markdown file of a project, parsed once; `path` is relative to the root, with `/`."""

    path: str
    text: str
    kind: Kind
    front_matter: FrontMatter
    outline: Outline
    block: ContextBlock = field(default_factory=ContextBlock)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @cached_property
    def fence_lines(self) -> Mapping[int, Fence]:
        """The fence that each line inside a fence belongs to, markers included."""
        return {line: one for one in self.outline.fences for line in range(one.line, one.end)}

    @property
    def last_line(self) -> int:
        """The line on which the text ends; a final newline doesn't begin another."""
        return max(1, self.text.count("\n") + (not self.text.endswith("\n")))


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase as the plan has it."""

    number: int
    name: str
    type: PhaseType | None
    complexity: Complexity | None
    depends_on: tuple[int, ...]
    place: Place
    scope: str = ""
    delivers: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()
    """What it uses of earlier phases; empty where the plan doesn't say."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each field stands: number, type, complexity, depends_on."""


@dataclass(frozen=True, slots=True)
class Plan:
    path: str
    project: str = ""
    phases: tuple[PlannedPhase, ...] = ()
    problems: tuple[Problem, ...] = ()

    def phase(self, number: int) -> PlannedPhase | None:
        return next((phase for phase in self.phases if phase.number == number), None)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a requirements file says about its phase; None where it says nothing."""

    path: str
    number: int | None = None
    name: str = ""
    type: PhaseType | None = None
    complexity: Complexity | None = None
    depends_on: tuple[int, ...] | None = None
    consumes: tuple[str, ...] = ()
    plan: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something an earlier phase offers; `kind` is `http` or `websocket`."""

    kind: str
    path: str
    method: str = ""
    usage: str = ""
    example: str = ""
    message_format: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured value; `value` is None while nothing has measured it."""

    name: str
    value: float | None
    unit: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A number that later phases are held to.

    `ci95` is the interval that holds the true value in 95 of 100 runs, `n` the size of the sample,
    `run` the record that carries it, `measured` when that began, `commit` what was measured.
    """

    name: str
    value: float
    unit: str
    run: str
    commit: str
    measured: str = ""
    script: str = ""
    better: str = ""
    ci95: tuple[float, float] | None = None
    n: int | None = None
    place: Place = Place("")


@dataclass(frozen=True, slots=True)
class CompletionSummary:
    """What a finished phase leaves behind, from the summary's front matter."""

    path: str
    number: int | None = None
    name: str = ""
    status: str = "unverified"
    endpoints: tuple[Endpoint, ...] = ()
    metrics: tuple[Metric, ...] = ()
    provides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deferred: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """The ids of the items that were neither proven nor attested nor waived."""
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A command of a PRP that decides something. Nothing of it has been run.

    `level` is 1, 1a, 1b, 2 to 5, C for the checklist, or empty outside of any level. `setup`
    are the lines of the same fence that must run before it, in the same shell. Lines are
    `[line, end)`.
    """

    id: str
    """Stable as long as the gates before it in its level stay: `L2.3`, `C.Component.1`."""
    level: str
    line: int
    end: int
    command: str
    setup: tuple[str, ...] = ()
    argv: tuple[str, ...] | None = None
    """The words of a plain command, which needs no shell; None where there is shell syntax."""
    background: bool = False
    ready: str = ""
    """The address that answers when a background service is up."""
    timeout: float | None = None
    """Seconds; None when the gate doesn't say."""
    scope: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Attributes that mean nothing."""


# --- Findings -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the lines `[line, end)` by `text`; `line == end` inserts before `line`."""

    line: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's complaint at one place.

    A rule sets the line, the message and what differs from its declaration; the engine adds
    the path, the rule's id and name, and the severity that the document's lineage gives it.
    """

    line: int
    message: str
    column: int = 1
    help: str = ""
    severity: Severity | None = None
    fix: Edit | None = None
    path: str = ""
    rule: str = ""
    name: str = ""

    @property
    def fixable(self) -> bool:
        return self.fix is not None
