"""What the client sends and what it is answered, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from prp_pack.check import settings
from prp_pack.check.engine import Checker
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.project import CheckedOut
from prp_pack.report.visible import visible, visible_lines
from prp_pack.repository import Repository
from prp_pack.typed import TYPE_CHECKING
from prp_pack.values import dataclass, field

if TYPE_CHECKING:
    from prp_pack.gate.recording import Clock, Contract


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `fields` is the JSON object as the client sent it."""

    name: str
    root: str
    """Where the session was started; the project is found upwards from there."""
    clock: Clock
    """Tells the time with its zone, for what writes a record."""
    fields: Mapping[str, object] = field(default_factory=dict)
    search_path: str = ""
    """Where programs are looked for, as in `PATH`."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def contract(self, repository: Repository, path: str) -> Contract:
        """Return a PRP as something to be proven, as this session sees it."""
        from prp_pack.gate.recording import Contract  # noqa: PLC0415 - most events prove nothing

        return Contract(
            repository=repository,
            path=path,
            checker=lambda: self.checker(repository, strict=True),
            clock=self.clock,
            environment=self.environment,
        )

    def checker(self, repository: Repository, *, strict: bool = False) -> Checker:
        """Return the rules for a project, as this session sees it.

        A broken `PRPs/prp.toml` doesn't end the check; whoever answers says what `warning` says.
        """
        project = CheckedOut(repository, self.search_path)
        read = settings.load_what_can_be(repository)
        return Checker(repository, strict=strict, project=project, settings=read)

    def seen(self, repository: Repository, path: str) -> str:
        """Return a path of a project as the session sees it, which may have begun above."""
        place = Repository.containing(Path(self.root)).relative(repository.root)
        return path if place == "." else f"{place}/{path}"

    def text(self, key: str) -> str:
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    @property
    def tool_input(self) -> Mapping[str, object]:
        return as_mapping(self.fields.get("tool_input"))

    def argument(self, key: str) -> str:
        """Return a text of the tool's input, empty when it has none."""
        value = self.tool_input.get(key)
        return value if isinstance(value, str) else ""

    @property
    def session(self) -> str:
        return self.text("session_id")

    @property
    def prompt(self) -> str:
        """The id of the user's prompt that this event belongs to."""
        return self.text("prompt_id")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a hook answers. `context` goes to the model, `message` to the user.

    On a Stop, `context` makes the model go on. `updated_input` is the whole input of the tool.
    `block` keeps a prompt from being sent, `deny` a tool from being used, `ask` leaves that to the
    user; each is the reason why.
    """

    context: str = ""
    message: str = ""
    updated_input: Mapping[str, object] | None = None
    block: str = ""
    deny: str = ""
    ask: str = ""

    def to_json(self, event: str) -> str:
        """Return the reply as the client reads it; empty when there is nothing to say.

        The client shows messages in a terminal and the context to a model: nothing in them hides.
        """
        fields: dict[str, object] = {}
        specific: dict[str, object] = {}
        if self.context:
            specific["additionalContext"] = visible_lines(self.context)
        if self.updated_input is not None:
            # No permission is given with it: allowing would go over the user's own settings.
            specific["updatedInput"] = dict(self.updated_input)
        for decision, reason in (("ask", self.ask), ("deny", self.deny)):
            if reason:
                specific |= {
                    "permissionDecision": decision,
                    "permissionDecisionReason": visible(reason),
                }
        if specific:
            fields["hookSpecificOutput"] = {"hookEventName": event, **specific}
        if self.block:
            fields |= {"decision": "block", "reason": visible(self.block)}
        if self.message:
            fields["systemMessage"] = f"prp: {visible(self.message)}"
        return json.dumps(fields, ensure_ascii=False) if fields else ""
