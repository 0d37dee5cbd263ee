"""A document as the rules see it: with its form, its sources, and what it is checked against."""

from __future__ import annotations

from functools import cached_property

from prp_pack import context
from prp_pack.check import forms
from prp_pack.check import settings as all_settings
from prp_pack.check.forms import Form
from prp_pack.check.neighbours import Neighbours
from prp_pack.check.registry import Target
from prp_pack.check.settings import Settings
from prp_pack.context import ResolvedContext
from prp_pack.model import Document, Kind, Lineage, PhaseContext, Place, Problem, Requirements
from prp_pack.parse import document as documents
from prp_pack.parse import phase_number
from prp_pack.parse import plan as plans
from prp_pack.project import CheckedOut, Project
from prp_pack.repository import Repository, UnreadableError
from prp_pack.schema.sections import lineage_of, locate
from prp_pack.values import dataclass


@dataclass(frozen=True)
class Reader:
    """Reads documents of one project; the fields are those of `engine.Checker`.

    Apart from the rules: what only asks where a PRP stands needs none of them.
    """

    repository: Repository
    strict: bool = False
    project: Project | None = None
    own_settings: Settings | None = None
    others: Neighbours | None = None

    @cached_property
    def seen(self) -> Project:
        """What names are checked against."""
        return self.project or CheckedOut(self.repository)

    @cached_property
    def settings(self) -> Settings:
        """The project's own unless told; raises `UnreadableError` with the line."""
        return self.own_settings or all_settings.load(self.repository)

    @cached_property
    def _forms(self) -> dict[str, Form]:
        return {}

    def form_for(self, context: PhaseContext | None) -> Form:
        """Return the template that a phase is written from, and its matrix."""
        config = self.settings.config
        path = config.template_for(context)
        if path not in self._forms:
            self._forms[path] = forms.read(self.repository, path, config.aliases)
        return self._forms[path]

    @cached_property
    def neighbours(self) -> Neighbours:
        """The project's other documents, as they were when a rule first asked for them."""
        seen = self.seen if isinstance(self.seen, CheckedOut) else None
        return self.others or Neighbours(self.repository, seen)

    def prp(self, path: str) -> Target:
        """Return a PRP as the rules see it; raises `UnreadableError` for what is no PRP."""
        target = self.target(self.repository.read(path).text, path)
        if target.document.kind is not Kind.PRP:
            raise UnreadableError(path, "is not a PRP", help="name a PRP, such as PRPs/phase1.md")
        return target

    def target(self, text: str, path: str) -> Target:
        """Return what the rules see of a text."""
        document = documents.parse(text, path)
        is_prp = document.kind is Kind.PRP
        form = self.form_for(document.block.context if is_prp else None)
        located = locate(document.outline, form.matrix)
        named = document.front_matter.text("template")
        lineage = self._lineage(document, lineage_of(located, form.matrix, named))
        expected = self.expected(document) if lineage is Lineage.V3 else None
        if is_prp and expected and expected.context:
            form = self.form_for(expected.context)
        return Target(
            document=document,
            project=self.seen,
            matrix=form.matrix,
            template=form.template,
            neighbours=self.neighbours,
            lineage=lineage,
            expected=expected,
            plan=plans.parse(text, path) if document.kind is Kind.PLAN else None,
            contracts=self.settings.config.contracts,
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
