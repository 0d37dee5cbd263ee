"""A document under `PRPs/` is written: the context block goes in, findings come back."""

from __future__ import annotations

from pathlib import Path

from prp_pack.check import fix
from prp_pack.evidence import ledger
from prp_pack.hooks import refused, session
from prp_pack.hooks.event import Event, Reply
from prp_pack.hooks.session import Running
from prp_pack.model import Finding, Kind, Lineage
from prp_pack.parse import document as documents
from prp_pack.render import context_block
from prp_pack.report import facts, text
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, Source, UnreadableError, decode


def _path(event: Event, repository: Repository) -> str:
    """Return the document's path from the root; empty when it is no document of this project."""
    named = event.argument("file_path")
    if not named.lower().endswith(".md"):
        return ""
    path = repository.relative(Path(repository.root, named))
    return path if repository.is_document(path) else ""


def _ledger(event: Event, repository: Repository) -> str:
    """Return why a file of the ledger is not to be written; empty for any other file."""
    path = repository.relative(Path(repository.root, event.argument("file_path")))
    if not path.startswith(f"{ledger.FOLDER}/"):
        return ""
    return (
        f"prp: {event.seen(repository, path)} belongs to the ledger, which only grows by what is "
        "run: prp gate run, prp attest and prp waive write to it"
    )


def _running(event: Event) -> Running | None:
    """Return the session's command; it is kept where the session began, in a monorepo elsewhere."""
    return session.load(Repository.containing(Path(event.root)), event.session)


def before_write(event: Event, repository: Repository) -> Reply:
    """Refuse what nothing proves, else put the true context block in and say so."""
    path = _path(event, repository)
    if not path:
        return Reply(deny=_ledger(event, repository))
    after = _after(event, repository, path)
    if after is None:
        return Reply()
    if reason := refused.reason(event, repository, path, after):
        return Reply(deny=f"prp: {reason}")
    return _with_block(event, repository, path, after)


def _with_block(event: Event, repository: Repository, path: str, after: str) -> Reply:
    filled = _filled(after, path, event, repository)
    if filled is None or filled == after:
        return Reply()
    updated = _updated_input(event, after, filled)
    if updated is None:
        return Reply()
    seen = event.seen(repository, path)
    if event.text("tool_name") == "Edit" and updated["new_string"] == event.argument("old_string"):
        # The client refuses an edit that changes nothing, and blames the hook.
        return Reply(deny=f"prp: the context block of {seen} follows the plan; edit that instead")
    said = (
        f"prp: the context block of {visible(seen)} was filled in from the project's plan; leave it"
    )
    return Reply(context=said, updated_input=updated)


def _after(event: Event, repository: Repository, path: str) -> str | None:
    """Return the whole text as the tool would leave it; None when that can't be said."""
    if event.text("tool_name") == "Write":
        return event.argument("content")
    old, new = event.argument("old_string"), event.argument("new_string")
    source = repository.read_if_there(path)
    if source is None or not old or source.text.count(old) != 1:
        return None
    return source.text.replace(old, new)


def _filled(text_: str, path: str, event: Event, repository: Repository) -> str | None:
    """Return the text with the block that plan and requirements give; None when none is known."""
    running = _running(event)
    checker = event.checker(repository, strict=running is not None)
    source = decode(text_.encode("utf-8", "surrogatepass"), path)
    document = documents.parse(source.text, path)
    if document.kind is not Kind.PRP or checker.target(source.text, path).lineage is not Lineage.V3:
        return None
    expected = checker.expected(document)
    if expected is None and running is not None:
        expected = checker.expected_of(running.arguments)
    if expected is None or not expected.is_sound:
        return None
    edit = context_block.fill(document, facts.block(expected))
    return fix.apply(source, [Finding(1, "", fix=edit)]) if edit else text_


def _updated_input(event: Event, after: str, filled: str) -> dict[str, object] | None:
    """Return the tool's whole input with the filled text; None when an edit doesn't reach it."""
    if event.text("tool_name") == "Write":
        return {**event.tool_input, "content": filled}
    new = event.argument("new_string")
    start = _common(after, filled)
    end = _common(after[start:][::-1], filled[start:][::-1])
    at = after.find(new)
    if not new or not at <= start <= len(after) - end <= at + len(new):
        # The edit is elsewhere in the document; the check after it names what is stale.
        return None
    return {**event.tool_input, "new_string": filled[at : at + len(new) + len(filled) - len(after)]}


def _common(one: str, other: str) -> int:
    """Return how many characters both texts begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def after_write(event: Event, repository: Repository) -> Reply:
    """Check what was written and tell the agent; silent when there is nothing to mend."""
    path = _path(event, repository)
    if not path:
        return Reply()
    running = _running(event)
    checker = event.checker(repository, strict=running is not None)
    try:
        source: Source = repository.read(path)
    except UnreadableError as error:
        return Reply(context=visible(f"prp: {error}"), message=str(error))
    findings = checker.check_text(source.text, path)
    warning = checker.warning
    if findings:
        said = f"prp check: {text.feedback(event.seen(repository, path), findings)}"
        return Reply(context=said, message=warning)
    said = f"prp check: {visible(event.seen(repository, path))} is clean" if running else ""
    return Reply(context=said, message=warning)
