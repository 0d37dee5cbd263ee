"""A command of ours begins: typed by the user, or started by the model as a skill."""

from __future__ import annotations

from pathlib import Path

from prp_pack import context
from prp_pack.context import ResolvedContext
from prp_pack.hooks import proving, session
from prp_pack.hooks.event import Event, Reply
from prp_pack.hooks.session import Running
from prp_pack.model import Kind, Severity
from prp_pack.parse import document, phase_number
from prp_pack.report import facts, text
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace

GENERATE, EXECUTE = "generate-prp", "execute-prp"


def prompt_expansion(event: Event, repository: Repository) -> Reply:
    """Answer a command that the user typed; one that names no existing file goes no further."""
    name = event.text("command_name").rpartition(":")[2]
    arguments = event.text("command_args").strip()
    path = _document(arguments, repository)
    if path and not repository.exists(path):
        known = [p for p in repository.documents() if p.endswith((".md", ".MD"))]
        listed = f"; there is {', '.join(known[:8])}" if known else ""
        return Reply(block=f"prp: {path} does not exist{listed}")
    return _start(name, arguments, path, event, repository)


def skill(event: Event, repository: Repository) -> Reply:
    """Answer a command that the model starts itself; the call goes on in any case."""
    name = event.argument("skill").lstrip("/").rpartition(":")[2]
    if name not in (GENERATE, EXECUTE):
        return Reply()
    arguments = event.argument("args").strip()
    path = _document(arguments, repository)
    if path and not repository.exists(path):
        return Reply(
            context=f"prp: {visible(path)} does not exist; name a requirements file or a PRP"
        )
    return _start(name, arguments, path, event, repository)


def _document(arguments: str, repository: Repository) -> str:
    """Return the file that the arguments name, from the project's root; empty for plain words."""
    first = arguments.split(maxsplit=1)[0].removeprefix("@") if arguments else ""
    if not first.lower().endswith(".md"):
        return ""
    return repository.relative(Path(repository.root, first))


def _project(path: str, repository: Repository) -> Repository:
    """Return the project of the file that a command names; a monorepo has several."""
    found = Repository.containing(Path(repository.root, path).parent) if path else repository
    return found if found.root.is_relative_to(repository.root) else repository


def _start(name: str, arguments: str, path: str, event: Event, began: Repository) -> Reply:
    repository = _project(path, began)
    place = began.relative(repository.root)
    running = Running(name, arguments, event.prompt, project="" if place == "." else place)
    if running.project:
        path = repository.relative(Path(began.root, path))
        rest = arguments.split(maxsplit=1)[1:]
        running = replace(running, arguments=" ".join([path, *rest]))
    if name == EXECUTE:
        return _execution(event, replace(running, arguments=path), began)
    return _generation(event, path, running, began)


def _generation(event: Event, path: str, running: Running, began: Repository) -> Reply:
    repository = session.project_of(began, running)
    try:
        resolved = _resolved(running.arguments, path, repository)
    except UnreadableError as error:
        return Reply(context=visible(f"prp: {error}"), message=str(error))
    if not resolved.is_sound:
        # There is nothing that a PRP could be written from, so nothing to hold the agent to.
        return Reply(context=_unsettled(resolved))
    warning = ""
    try:
        running = replace(running, before=session.snapshot(repository))
        session.save(began, event.session, running)
    except UnreadableError as error:
        warning = f"the end of /{GENERATE} will not be checked: {error}"
    return Reply(context=told(resolved, running.seen(path) if path else ""), message=warning)


def _resolved(arguments: str, path: str, repository: Repository) -> ResolvedContext:
    """Return the context of a file, of a phase named in words, or of a feature in words."""
    number = phase_number.number_in_name(arguments)
    if path or number or not arguments:
        return context.resolve(repository, path, None if path else number)
    return context.feature_in_words()


def _unsettled(resolved: ResolvedContext) -> str:
    listed = "\n".join(
        visible(f"- {problem.place}: {problem.message}")
        + (f" ({visible(problem.help)})" if problem.help else "")
        for problem in resolved.errors
    )
    return (
        "prp: PROJECT_TYPE and PHASE_INFO can't be filled in, because the project's own documents "
        f"don't settle them. Tell the user, and don't guess:\n{listed}"
    )


def told(resolved: ResolvedContext, path: str) -> str:
    """Return the facts as the agent gets them, short enough for the client to show."""
    said = (
        "prp: the facts for this PRP, read from the project's own documents. The context block "
        "is written into the PRP for you; don't change it.\n"
    )
    command = f"prp context {path} --format markdown".replace("  ", " ")
    return facts.shortened(said + facts.markdown(resolved), f"run `{command}`")


def _execution(event: Event, running: Running, began: Repository) -> Reply:
    """Tell the agent what state the PRP is in; what isn't clean isn't ready to be executed."""
    path, repository = running.arguments, session.project_of(began, running)
    seen = running.seen(path)
    if not path:
        return Reply(context="prp: no PRP was named; ask for its path, such as PRPs/phase1.md")
    checker = event.checker(repository)
    try:
        source = repository.read(path)
    except UnreadableError as error:
        return Reply(context=visible(f"prp: {error}"), message=str(error))
    if document.parse(source.text, path).kind is not Kind.PRP:
        return Reply(context=f"prp: {visible(seen)} is not a PRP; /{EXECUTE} needs one")
    findings = checker.check_text(source.text, path)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        said = f"prp: {visible(seen)} must not be executed while it has errors. Mend them first:\n"
        return Reply(context=said + text.feedback(seen, errors), message=checker.warning)
    return _begun(event, running, began, checker.warning)


def _begun(event: Event, running: Running, began: Repository, warning: str) -> Reply:
    """Seal the goalposts, and remember that the command is running."""
    from prp_pack.gate import sealing  # noqa: PLC0415 - most events write no record

    contract = event.contract(session.project_of(began, running), running.arguments)
    path = running.seen(running.arguments)
    try:
        sealed = sealing.seal(contract)
        session.save(began, event.session, running)
    except UnreadableError as error:
        said = f"prp: {path} must not be executed yet: {error}"
        return Reply(context=f"{said}. {error.help}".rstrip(". "), message=str(error))
    proof = contract.target().proof
    said = (
        f"prp: {path} checks clean. Its criteria, its gates, the tests and the tools' settings are "
        f"sealed ({sealed.run_id}): don't weaken them. {proving.told(path, proof)}"
    )
    return Reply(context=said, message=warning)
