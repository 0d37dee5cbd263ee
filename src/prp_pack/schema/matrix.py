"""The section matrix: which sections a PRP must have, derived from its template's headings.

The matrix of the shipped template is a generated file, `matrix.json`; a team that edits its
template gets its own by the same derivation. Judgements that the headings' words don't settle
come from `overrides.toml`, each with its reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from prp_pack.markdown import display_title, outline
from prp_pack.model import Outline, Phase, PhaseContext, PhaseType, Section
from prp_pack.schema.conditions import applies, conditions_of
from prp_pack.typed import Any
from prp_pack.values import asdict, dataclass, field

_FOLDER = Path(__file__).parent

# The columns of the matrix as `prp matrix` prints it.
COLUMNS: dict[str, PhaseContext] = {
    "simple": PhaseContext(),
    "first": PhaseContext(Phase(1, 3, PhaseType.FOUNDATION)),
    "middle": PhaseContext(Phase(2, 3, PhaseType.INTEGRATION)),
    "last": PhaseContext(Phase(3, 3, PhaseType.OPTIMIZATION)),
}


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section of a template and what is asked of it."""

    id: str
    title: str
    level: int
    when: tuple[str, ...] = ()
    carried: bool = False
    waivable: bool = False
    grammar: str = ""
    aliases: tuple[str, ...] = ()
    reason: str = ""

    @property
    def parent(self) -> str:
        return self.id.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The normalised title, without the parent's."""
        return self.id.rpartition(".")[2]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Lineages:
    """What tells the families of templates apart, as section ids."""

    v3_signature: tuple[str, ...] = ()
    v2_signature: tuple[str, ...] = ()
    v2_required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """The sections of one template, in its order. `template_sha256` says of which text."""

    sections: tuple[SectionSpec, ...]
    lineages: Lineages = field(default_factory=Lineages)
    template: str = ""
    template_sha256: str = ""

    def required(self, context: PhaseContext) -> Iterator[SectionSpec]:
        """Yield the sections that a PRP of this project type, phase type and position needs."""
        return (spec for spec in self.sections if applies(spec.when, context))

    @cached_property
    def by_id(self) -> Mapping[str, SectionSpec]:
        return {spec.id: spec for spec in self.sections}

    @cached_property
    def order(self) -> Mapping[str, int]:
        return {spec.id: index for index, spec in enumerate(self.sections)}

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], SectionSpec]:
        names = ((spec.parent, name, spec) for spec in self.sections for name in spec.names)
        return {(parent, name): spec for parent, name, spec in names}

    @cached_property
    def _anywhere(self) -> Mapping[str, tuple[SectionSpec, ...]]:
        found: dict[str, tuple[SectionSpec, ...]] = {}
        for spec in self.sections:
            for name in spec.names:
                found[name] = (*found.get(name, ()), spec)
        return found

    def at(self, path: tuple[str, ...]) -> SectionSpec | None:
        """Return the spec that stands at this path of titles, aliases included."""
        spec = None
        for name in path:
            spec = self._by_name.get((spec.id if spec else "", name))
            if spec is None:
                return None
        return spec

    def named(self, name: str) -> SectionSpec | None:
        """Return the one spec of this name under any parent; None when none or several."""
        found = self._anywhere.get(name, ())
        return found[0] if len(found) == 1 else None

    def counts(self) -> dict[str, int]:
        """Return how many sections each column requires."""
        return {name: len(tuple(self.required(context))) for name, context in COLUMNS.items()}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def overrides() -> dict[str, Any]:
    """Return the committed judgements of `overrides.toml`."""
    # Only deriving needs TOML; reading the generated matrix, which every check does, must not.
    import tomllib  # noqa: PLC0415

    text = (_FOLDER / "overrides.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def derive(text: str, judgements: Mapping[str, Any] | None = None, template: str = "") -> Matrix:
    """Return the matrix of a template's text; without `judgements` by the headings' wording alone.

    A heading that a judgement knows as an alias takes the judgement's id, so that the seed
    template and ours give the same ids.
    """
    judgements = judgements or {}
    judged = {entry["id"]: entry for entry in judgements.get("section", ())}
    ids = _canonical_ids(judged)
    specs: dict[str, SectionSpec] = {}
    for section in _template_sections(outline(text)):
        id_ = ids.get(section.id, section.id)
        specs.setdefault(id_, _spec(id_, section, judged.get(id_, {})))
    v2, v3 = judgements.get("v2", {}), judgements.get("v3", {})
    return Matrix(
        sections=tuple(specs.values()),
        lineages=Lineages(
            v3_signature=tuple(v3.get("signature", ())),
            v2_signature=tuple(v2.get("signature", ())),
            v2_required=tuple(v2.get("required", ())),
        ),
        template=template,
        template_sha256=digest(text),
    )


def _template_sections(document: Outline) -> Iterable[Section]:
    return (section for section in document.sections if section.level in (2, 3))


def _canonical_ids(judged: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    ids = {}
    for id_, entry in judged.items():
        parent = id_.rpartition(".")[0]
        for alias in entry.get("aliases", ()):
            ids[f"{parent}.{alias}" if parent else alias] = id_
    return ids


def _spec(id_: str, section: Section, judgement: Mapping[str, Any]) -> SectionSpec:
    when = judgement.get("when")
    return SectionSpec(
        id=id_,
        title=display_title(section.title),
        level=section.level,
        when=conditions_of(section.title) if when is None else tuple(when),
        carried=judgement.get("carried", False),
        waivable=judgement.get("waivable", False),
        grammar=judgement.get("grammar", ""),
        aliases=tuple(judgement.get("aliases", ())),
        reason=judgement.get("reason", ""),
    )


def to_json(matrix: Matrix) -> str:
    """Render the matrix as the generated file holds it."""
    fields = asdict(matrix) | {"version": 1, "generated": "by `make generate`; do not edit"}
    return json.dumps(fields, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def from_json(text: str) -> Matrix:
    """Read what `to_json` wrote."""
    fields = json.loads(text)
    return Matrix(
        sections=tuple(SectionSpec(**_tuples(section)) for section in fields["sections"]),
        lineages=Lineages(**_tuples(fields["lineages"])),
        template=fields["template"],
        template_sha256=fields["template_sha256"],
    )


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}


@lru_cache(maxsize=1)
def shipped() -> Matrix:
    """Return the matrix of the template that the pack ships."""
    text = (_FOLDER / "matrix.json").read_text(encoding="utf-8")
    return from_json(text)


def matrix_for(template_text: str | None, path: str = "") -> Matrix:
    """Return the matrix of a project's own template, or the shipped one without it."""
    if template_text is None or digest(template_text) == shipped().template_sha256:
        return shipped()
    return derive(template_text, overrides(), path)
