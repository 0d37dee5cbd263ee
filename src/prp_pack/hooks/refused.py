"""What an edit of a PRP must not do: tick what nothing proves, or move a sealed goalpost."""

from __future__ import annotations

from prp_pack.check import goalposts
from prp_pack.check.registry import Target
from prp_pack.hooks.event import Event
from prp_pack.markdown import outline
from prp_pack.model import Kind, Lineage
from prp_pack.repository import Repository
from prp_pack.shell_words import quoted

# More than this many are not named one by one.
SHOWN = 5


def reason(event: Event, repository: Repository, path: str, after: str) -> str:
    """Return why a PRP must not become the text `after`; empty when it may."""
    target = event.checker(repository).target(after, path)
    if target.document.kind is not Kind.PRP or target.lineage is not Lineage.V3:
        return ""
    source = repository.read_if_there(path)
    before = source.text if source else ""
    if not before and not any(box.ticked for box in target.document.outline.checkboxes):
        return ""
    seen = event.seen(repository, path)
    return _forged(target, before, seen) or _moved(target, seen)


def _forged(target: Target, before: str, path: str) -> str:
    """Return what is said of ticks that the edit adds and that nothing proves; `path` as seen."""
    ticked_before = {" ".join(box.text.split()) for box in outline(before).checkboxes if box.ticked}
    forged = [
        item
        for item in target.proof.items
        if item.box
        and item.box.ticked
        and " ".join(item.box.text.split()) not in ticked_before
        and not target.proof.standings[item.id].is_settled
    ]
    if not forged:
        return ""
    named = ", ".join(item.id for item in forged[:SHOWN])
    named += f" and {len(forged) - SHOWN} more" if len(forged) > SHOWN else ""
    said = [f"this ticks {named} in {path}, and nothing proves it."]
    if run := next((item for item in forged if item.is_runnable), None):
        said.append(
            f"Run `prp gate run {quoted(path)} --item {run.id}`, or without --item all of them: "
            "it ticks what it proves."
        )
    if asked := next((item for item in forged if not item.is_runnable), None):
        said.append(
            f"What no command proves, a person attests: ask the user to run `prp attest "
            f"{quoted(path)} {asked.id} --by NAME --note TEXT`. Leave the box open until then."
        )
    return " ".join(said)


def _moved(target: Target, path: str) -> str:
    """Return what is said of a sealed goalpost of the PRP itself that the edit would move."""
    weakened = goalposts.in_document(target)
    if not weakened:
        return ""
    return (
        f"the goalposts of {path} were sealed when the work began, and this weakens them: "
        f"{weakened[0].change.message}. Leave them. Where they are wrong, tell the user, who can "
        f"change the file and record why: `prp gate accept {quoted(path)} {weakened[0].key} "
        "--by NAME --reason TEXT`."
    )
