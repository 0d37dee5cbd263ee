"""PHASE[N]_COMPLETION_SUMMARY.md: the values of its front matter and its three drawn parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prp_pack.model import Endpoint, Metric
from prp_pack.render.scalar import flow_list, on_one_line, scalar
from prp_pack.values import dataclass

# More files, or items of one kind, than this nobody reads.
SHOWN = 60
_WIDTH = 120
# What would end a cell, begin an element, or be read as emphasis.
_SYNTAX = re.compile(r"[\\|<*_`\[\]]")


@dataclass(frozen=True, slots=True)
class ProvenItem:
    """An item of the PRP with its state, and the run id of the record that the state rests on."""

    id: str
    level: str
    state: str
    run: str
    subject: str
    command: bool = False


@dataclass(frozen=True, slots=True)
class GivenWord:
    """What a person said of an item; `how` is waived, attested or accepted."""

    how: str
    item: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The files that differ from the sealed ones; `since` is when they were sealed."""

    since: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    tests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """All that a program knows of a finished phase; `phase` is None for a simple feature."""

    prp: str
    phase: int | None
    track: str
    name: str
    status: str
    commit: str | None
    uncommitted: bool
    levels: Mapping[str, str]
    items: tuple[ProvenItem, ...]
    open: tuple[ProvenItem, ...]
    words: tuple[GivenWord, ...]
    endpoints: tuple[Endpoint, ...]
    metrics: tuple[Metric, ...]
    deferred: tuple[str, ...]
    changes: ChangedFiles | None


# --- Front matter ---------------------------------------------------------------------------


def values(facts: SummaryFacts) -> dict[str, str]:
    """Return the YAML of each key that a program decides, in order; each ends in a newline."""
    found = {"template": "completion_summary"}
    if facts.phase is not None:
        found["phase"] = str(facts.phase)
    found["name"] = scalar(facts.name)
    if facts.track:
        found["track"] = scalar(facts.track)
    found["prp"] = scalar(facts.prp)
    found["status"] = facts.status
    found["commit"] = scalar(facts.commit)
    found["uncommitted"] = "true" if facts.uncommitted else "false"
    lines = {key: f"{key}: {value}\n" for key, value in found.items()}
    lines["gates"] = _listed("gates", _gates(facts))
    lines["endpoints"] = _listed("endpoints", map(_endpoint, facts.endpoints))
    lines["metrics"] = _listed("metrics", map(_metric, facts.metrics))
    lines["deferred"] = _listed("deferred", map(scalar, facts.deferred))
    lines["open"] = f"open: {flow_list(item.id for item in facts.open)}\n"
    for how in ("waived", "attested", "accepted"):
        said = [word for word in facts.words if word.how == how]
        lines[how] = _listed(how, (_word(word) for word in said))
    return lines


def _listed(key: str, entries: Iterable[str]) -> str:
    lines = [f"  - {entry}\n" for entry in entries]
    return f"{key}:\n{''.join(lines)}" if lines else f"{key}: []\n"


def _gates(facts: SummaryFacts) -> Iterator[str]:
    for level, state in facts.levels.items():
        lines = [f"level: {scalar(level)}", f"state: {state}", "items:"]
        for item in facts.items:
            if item.level == level:
                run = {"run": item.run} if item.run else {}
                lines.append(f"  {scalar(item.id)}: {_flow(state=item.state, **run)}")
        yield "\n    ".join(lines)


def _endpoint(endpoint: Endpoint) -> str:
    fields = {"kind": endpoint.kind, "method": endpoint.method, "path": endpoint.path,
              "usage": endpoint.usage, "example": endpoint.example,
              "message_format": endpoint.message_format}  # fmt: skip
    return "\n    ".join(f"{key}: {scalar(value)}" for key, value in fields.items() if value)


def _metric(metric: Metric) -> str:
    fields = {"metric": metric.name, "value": metric.value, "unit": metric.unit}
    return _flow(**fields, run=metric.run or None)


def _word(word: GivenWord) -> str:
    text = {"waived": "reason", "attested": "note", "accepted": "reason"}[word.how]
    return _flow(**{"item": word.item, text: word.text, "by": word.by})


def _flow(**fields: str | float | None) -> str:
    return f"{{{', '.join(f'{key}: {scalar(value)}' for key, value in fields.items())}}}"


# --- Parts ----------------------------------------------------------------------------------

# Where each part goes: the name of its block and the title of its section.
SECTIONS = {
    "changes": "What was built",
    "gates": "How it was checked",
    "hand-off": "Hand-off",
}


def parts(facts: SummaryFacts) -> dict[str, str]:
    """Return the text of each block by its name; each ends in a newline."""
    drawn = {"changes": _changes(facts), "gates": _checked(facts), "hand-off": _hand_off(facts)}
    return {name: "\n".join(lines).strip("\n") + "\n" for name, lines in drawn.items()}


def _changes(facts: SummaryFacts) -> Iterator[str]:
    changes = facts.changes
    if changes is None:
        yield "The files were not sealed when the work began; what changed is not on record."
        return
    kinds = {"added": changes.added, "changed": changes.changed, "deleted": changes.deleted}
    counted = ", ".join(f"{len(paths)} {kind}" for kind, paths in kinds.items())
    yield f"Files since the seal of {changes.since}: {counted}."
    for title, tests in (("", False), ("Tests:", True)):
        some = {
            kind: [path for path in paths if (path in changes.tests) is tests]
            for kind, paths in kinds.items()
        }
        if any(some.values()):
            yield from ("", title) if title else ()
            yield ""
            for kind, paths in some.items():
                yield from _bullets([f"{kind} {_code(path)}" for path in paths])


def _checked(facts: SummaryFacts) -> Iterator[str]:
    yield "| Item | State | Record | What |"
    yield "|---|---|---|---|"
    for item in facts.items:
        subject = _shortened(item.subject)
        what = _code(subject).replace("|", "\\|") if item.command else _plain(subject)
        yield f"| {_plain(item.id)} | {item.state} | {item.run or '–'} | {what} |"
    titles = {"attested": "Attested", "waived": "Waived", "accepted": "Accepted as weakened"}
    for how, title in titles.items():
        said = [word for word in facts.words if word.how == how]
        if said:
            yield from ("", f"{title}:", "")
            yield from _bullets(
                [f"{_plain(w.item)}, by {_plain(w.by or 'nobody named')}: {_plain(w.text)}"
                 for w in said]
            )  # fmt: skip


def _hand_off(facts: SummaryFacts) -> Iterator[str]:
    offered = [
        f"offers {_code(f'{e.method} {e.path}'.strip())}"
        + (f": {_plain(e.usage)}" if e.usage else "")
        for e in facts.endpoints
    ]
    measured = [
        f"measured {_plain(m.name)}: {scalar(m.value)} {_plain(m.unit)} (run {m.run})"
        for m in facts.metrics
        if m.value is not None
    ]
    unmeasured = [f"unmeasured: {_plain(m.name)}" for m in facts.metrics if m.value is None]
    deferred = [f"deferred: {_plain(text)}" for text in facts.deferred]
    ids = [_plain(item.id) for item in facts.open]
    left = [f"open, see above: {', '.join(ids)}"] if ids else []
    groups = (offered, measured, unmeasured, deferred, left)
    lines = [line for group in groups for line in _bullets(group)]
    yield from lines or ["No endpoint is declared, nothing was measured, nothing is deferred."]


def _bullets(lines: Sequence[str]) -> list[str]:
    shown = [f"- {line}" for line in lines[:SHOWN]]
    return [*shown, f"- and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else shown


def _code(text: str) -> str:
    text = on_one_line(text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _plain(text: str) -> str:
    """Return words that can't leave their line or cell; what is in backticks stays code."""
    words, *rest = on_one_line(" ".join(text.split())).split("`")
    if len(rest) % 2:
        words, rest = "'".join((words, *rest)), []
    said = [_SYNTAX.sub(r"\\\g<0>", words)]
    for index, part in enumerate(rest):
        is_code = index % 2 == 0
        said.append(part.replace("|", "\\|") if is_code else _SYNTAX.sub(r"\\\g<0>", part))
    return "`".join(said)


def _shortened(text: str) -> str:
    said = " ".join(text.split())
    if len(said) <= _WIDTH:
        return said
    cut = said[: _WIDTH - 1]
    return f"{cut}…`" if cut.count("`") % 2 and said.count("`") % 2 == 0 else f"{cut}…"
