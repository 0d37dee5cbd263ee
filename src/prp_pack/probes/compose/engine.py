"""A container engine, where there is one that works, and a compose file run by it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from prp_pack.evidence.record import Artefact, Check, Findings, Status
from prp_pack.gate import process
from prp_pack.gate.process import CannotRunError, Job, Outcome
from prp_pack.probes.compose.compose_file import ComposeFile
from prp_pack.probes.compose.tables import Engine
from prp_pack.probes.probe import Run

# Seconds that an engine may take to say how it is, and to take down what it has put up.
_ASKED = 20.0
_DOWN = 120.0
# Ended by the engine itself, when another container had ended.
_STOPPED = (130, 137, 143)
_SHOWN = 160
# The line of an output that says why, rather than what else could be asked.
_COMPLAINT = re.compile(r"\b(?:error|cannot|can't|unknown|failed|denied|refused)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Composer:
    """A program that reads compose files, and an engine that answers it."""

    words: tuple[str, ...]
    version: str

    @property
    def name(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class _Candidate:
    engine: Literal["docker", "podman"]
    words: tuple[str, ...]
    alive: tuple[str, ...]


_CANDIDATES = (
    _Candidate(
        "docker", ("docker", "compose"), ("docker", "info", "--format", "{{.ServerVersion}}")
    ),
    _Candidate(
        "podman", ("podman", "compose"), ("podman", "info", "--format", "{{.Version.Version}}")
    ),
    _Candidate("docker", ("docker-compose",), ("docker-compose", "ls", "--quiet")),
    _Candidate(
        "podman", ("podman-compose",), ("podman", "info", "--format", "{{.Version.Version}}")
    ),
)
# All containers, as docker's lists them; podman's always lists all, and knows no --all.
_LISTS = (("ps", "--all", "--format", "json"), ("ps", "--format", "json"))
# They leave networks behind, and don't say how containers ended.
_TOO_OLD = re.compile(r"podman-compose version:? (?:0|1\.0)\.")
_SERVICE = ("com.docker.compose.service", "io.podman.compose.service")


def find(run: Run, wanted: Engine) -> tuple[Composer | None, tuple[str, ...]]:
    """Return what can run a compose file, or why nothing can, a reason for each candidate."""
    reasons = []
    for each in _CANDIDATES:
        if wanted not in ("auto", each.engine):
            continue
        if not shutil.which(each.words[0], path=run.environment.get("PATH")):
            reasons.append(f"{each.words[0]} is not on PATH")
            continue
        found = _asked(run, (*each.words, "version"))
        if not found.succeeded:
            reasons.append(f"{' '.join(each.words)}: {_last(found)}")
            continue
        if _TOO_OLD.search(found.tail):
            reasons.append(f"{each.words[0]} is older than 1.1")
            continue
        alive = _asked(run, each.alive)
        if not alive.succeeded:
            reasons.append(f"{' '.join(each.words)}: {_last(alive)}")
            continue
        number = re.search(r"\d+(?:\.\d+)+\S*", found.tail)
        return Composer(each.words, number[0] if number else "unknown"), ()
    return None, tuple(dict.fromkeys(reasons))


def _asked(run: Run, argv: tuple[str, ...]) -> Outcome:
    return _run(run, argv, _ASKED, "engine")


def _run(
    run: Run, argv: tuple[str, ...], timeout: float, log: str, afterwards: tuple[str, ...] = ()
) -> Outcome:
    """Run one command of the engine; one that can't be started has failed."""
    job = Job(
        argv=argv,
        folder=run.repository.root,
        environment=run.environment,
        timeout=timeout,
        log=run.artefacts / f"{log}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{log}",
        afterwards=afterwards,
    )
    try:
        return process.run(job, lambda at: run.tell(f"{log}: {at.line[:60]}", None))
    except CannotRunError as error:
        return Outcome(status=127, tail=error.reason)


def _last(outcome: Outcome) -> str:
    if outcome.timed_out:
        return "did not answer"
    lines = [line.strip() for line in outcome.tail.splitlines() if line.strip()]
    said = [line for line in lines if _COMPLAINT.search(line)] or lines[-1:]
    return said[0][:_SHOWN] if said else f"status {outcome.status}"


def simulate(
    run: Run, composer: Composer, file: ComposeFile, decides: str, timeout: float
) -> Findings:
    """Put everything up, wait for the first end, take everything down.

    `decides` is the service whose status counts; when it is empty, that of every container that
    ended by itself.
    """
    # A project of its own: what is taken down afterwards can be nothing but what was put up here.
    project = re.sub(r"[^a-z0-9-]", "-", f"prp-{run.folder.rpartition('/')[2]}".lower())
    base = (*composer.words, "-f", file.path, "-p", project)
    up = ("up", "--abort-on-container-exit", *(("--exit-code-from", decides) if decides else ()))
    volumes = () if file.shared else ("--volumes",)
    take_down = (*base, "down", *volumes, "--remove-orphans")
    checks: list[Check] = []
    artefacts = []
    try:
        outcome = _run(run, (*base, *up), timeout, "compose-up", take_down)
        artefacts.append(Artefact(f"{run.folder}/compose-up.log", outcome.log_sha256, "log"))
        codes = _exit_codes(_listed(run, base))
        checks += _judged(outcome, codes, decides, file)
    finally:
        down = _run(run, take_down, _DOWN, "compose-down")
        if not down.succeeded:
            checks.append(Check("down", Status.FAIL, f"left behind {project}: {_last(down)}"))
    if file.shared:
        said = f"kept the volumes, as some bear names of their own: {', '.join(file.shared)}"
        checks.append(Check("volumes", Status.WARN, said, file.path))
    return Findings(tuple(checks), artefacts=tuple(artefacts))


def _listed(run: Run, base: tuple[str, ...]) -> str:
    """Return what the program says of its containers; empty where it doesn't know how."""
    for words in _LISTS:
        outcome = _run(run, (*base, *words), _ASKED, "ps")
        if outcome.succeeded:
            return outcome.tail
    return ""


def _judged(
    outcome: Outcome, codes: Mapping[str, int], decides: str, file: ComposeFile
) -> Iterator[Check]:
    where = file.path
    if outcome.timed_out:
        said = f"nothing ended within {outcome.duration:.0f} s"
        yield Check("up", Status.FAIL, said, where)
        return
    data: dict[str, object] = {"exit_codes": dict(codes)}
    if decides:
        # `up` has been known to say 0 for a container that it stopped because another one failed.
        told = codes.get(decides)
        held = outcome.succeeded and told == 0
        said = f"ended with status {told}" if held or told else f"up: {_last(outcome)}"
        if outcome.succeeded and told is None:
            said = "up ended with status 0, but nothing says how this container did"
        yield Check(decides, Status.PASS if held else Status.FAIL, said, where, data)
        for name, code in codes.items():
            if name != decides and code and code not in _STOPPED:
                # It may have ended so because it was asked to.
                said = f"ended with status {code}, before the end of {decides} or after it"
                yield Check(name, Status.WARN, said, where)
        return
    yield Check("decides", Status.WARN, "nothing says whose end decides: --exit-code-from", where)
    broken = {name: code for name, code in codes.items() if code and code not in _STOPPED}
    for name, code in broken.items():
        yield Check(name, Status.FAIL, f"ended with status {code}", where)
    if not broken:
        held = outcome.succeeded and 0 in codes.values()
        said = "the first container ended with status 0" if held else f"up: {_last(outcome)}"
        yield Check("up", Status.PASS if held else Status.FAIL, said, where, data)


def _exit_codes(text: str) -> dict[str, int]:
    """Return the status of each service whose container has ended.

    Docker's programs have printed one list, and since 2.21 an object a line; podman's print a list
    over many lines, with the service among the labels.
    """
    found: dict[str, int] = {}
    for each in _objects(text):
        code = each.get("ExitCode")
        if str(each.get("State", "")).startswith("exited") and isinstance(code, int):
            found[_service_of(each)] = code
    return found


def _objects(text: str) -> Iterator[Mapping[str, object]]:
    """Yield the objects of an output that may hold other lines as well, such as warnings."""
    begin = re.search(r"^\[\s*$", text, re.MULTILINE)
    parts = [text[begin.start() :]] if begin else text.splitlines()
    for part in parts:
        try:
            loaded, _ = json.JSONDecoder().raw_decode(part)
        except ValueError:
            continue
        for each in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(each, dict):
                yield each


def _service_of(container: Mapping[str, object]) -> str:
    labels = container.get("Labels")
    labelled = labels if isinstance(labels, dict) else {}
    named = (container.get("Service"), *(labelled.get(key) for key in _SERVICE))
    return next(
        (each for each in named if isinstance(each, str) and each), str(container.get("Name", ""))
    )
