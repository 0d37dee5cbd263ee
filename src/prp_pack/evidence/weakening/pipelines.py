"""CI workflows and pre-commit: which commands run, on what, and whether a failure counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from prp_pack.evidence.weakening import commands
from prp_pack.evidence.weakening.change import UNKNOWN, Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.command_options import DANGEROUS_ENVIRONMENT
from prp_pack.evidence.weakening.recipes import compare_lines, is_checking
from prp_pack.parse import yaml_block

_PIPELINE = re.compile(
    r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)\.gitlab-ci\.ya?ml$|(?:^|/)\.pre-commit-config\.ya?ml$|"
    r"(?:^|/)\.circleci/config\.ya?ml$|(?:^|/)azure-pipelines\.ya?ml$|(?:^|/)[Tt]askfile\.ya?ml$"
)
MAX_CHARACTERS = 200_000
# Steps that only prepare: their version or options decide nothing.
_PREPARING = re.compile(
    r"checkout|setup-|cache|upload-|download-|install|login|configure|artifact", re.IGNORECASE
)


def is_pipeline(path: str) -> bool:
    return _PIPELINE.search(path) is not None


def compare(path: str, old: str, new: str) -> Iterator[Change]:
    if len(new) > MAX_CHARACTERS or len(old) > MAX_CHARACTERS:
        message = f"more than {MAX_CHARACTERS} characters aren't read: {UNKNOWN}"
        yield weakened(path, 1, "unreadable", message)
        return
    before, after = yaml_block.load(old, 1, path), yaml_block.load(new, 1, path)
    if after.problems and after.value is None:
        if before.value is not None:
            message = f"the file can't be read any more: {after.problems[0].message}"
            yield weakened(path, after.problems[0].place.line, "unreadable", message)
        return
    if PurePosixPath(path).name.startswith(".pre-commit-config"):
        found = _hooks(path, before.mapping, after.mapping)
    else:
        found = _workflow(path, before.mapping, after.mapping)
    lines = new.split("\n")
    for one in found:
        yield Change(path, _line(lines, one.message), one.effect, one.kind, one.message)


def _line(lines: list[str], message: str) -> int:
    """Return the line with the first thing that the message quotes, 0 when it isn't there."""
    for said in re.findall(r"“([^”…]+)", message):
        for number, line in enumerate(lines, 1):
            if said in line:
                return number
    return 0


# --- Workflows ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Job:
    """`lines` are its commands, `uses` the actions; `loose` are the words that hide failures."""

    name: str
    lines: list[str] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    loose: dict[str, str] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    matrix: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _workflow(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    yield from _triggers(path, old, new)
    before, after = _jobs(old), _jobs(new)
    everywhere = (_Job("of the whole workflow"), _Job("of the whole workflow"))
    for one, document in zip(everywhere, (old, new), strict=True):
        _environment(one, document.get("env", document.get("variables")), "")
    yield from _loose(path, *everywhere)
    for name, job in before.items():
        other = after.get(name) or next(
            (one for one in after.values() if one.name not in before and one.lines == job.lines
             and one.uses == job.uses), None,
        )  # fmt: skip
        if other is None:
            # Its commands may have moved to another job.
            elsewhere = [line for one in after.values() for line in one.lines]
            if [
                line for line in job.lines if is_checking(line) and line not in elsewhere
            ] or not job.lines:
                yield weakened(path, 0, "ci-job-removed", f"job {shown(name)} is gone")
            continue
        moved = [line for key, one in after.items() if one is not other
                 for line in one.lines
                 if key not in before or line not in before[key].lines]  # fmt: skip
        lost = [line for line in job.lines if line not in moved or line in other.lines]
        yield from compare_lines(path, lost, other.lines, f"job “{name}”: ")
        yield from _loose(path, job, other)
    for name, job in after.items():
        if name not in before and any(is_checking(line) for line in job.lines):
            yield strengthened(path, 0, "ci-job-added", f"job {shown(name)} is new")


def _loose(path: str, old: _Job, new: _Job) -> Iterator[Change]:
    for step, word in new.loose.items():
        if old.loose.get(step) != word:
            yield weakened(
                path, 0, "failure-hidden", f"{shown(word)} is new in job {shown(new.name)}"
            )
    for condition in new.conditions:
        if condition not in old.conditions:
            message = f"{shown(condition)} is new in job {shown(new.name)}: {UNKNOWN}"
            yield weakened(path, 0, "ci-condition-changed", message)
    for action in old.uses:
        if action not in new.uses and not _PREPARING.search(action):
            yield weakened(
                path, 0, "command-removed", f"job {shown(new.name)} no longer uses {shown(action)}"
            )
    for key, values in old.matrix.items():
        for value in values:
            if value not in new.matrix.get(key, ()):
                message = (
                    f"the matrix of job {shown(new.name)} has no {key} {shown(value)} any more"
                )
                yield weakened(path, 0, "ci-matrix-narrowed", message)


def _triggers(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    # YAML 1.1 reads the key `on` as true.
    before, after = _events(old.get("on", old.get("True"))), _events(new.get("on", new.get("True")))
    for event, filters in before.items():
        if event not in after:
            yield weakened(
                path, 0, "ci-trigger-narrowed", f"{shown(event)} no longer starts the workflow"
            )
            continue
        now = after[event]
        for key in filters.keys() | now.keys():
            was, has = _texts(filters.get(key)), _texts(now.get(key))
            if key.endswith("-ignore"):
                narrowed = [one for one in has if one not in was]
            elif key in ("branches", "paths", "tags", "types"):
                narrowed = [one for one in was if one not in has] if has else []
                narrowed += list(has) if key not in filters else []
            else:
                narrowed = []
            for one in narrowed:
                message = (
                    f"{shown(key)} of {shown(event)} starts the workflow less often: {shown(one)}"
                )
                yield weakened(path, 0, "ci-trigger-narrowed", message)


def _events(value: object) -> dict[str, Mapping[str, object]]:
    if isinstance(value, dict):
        return {str(key): yaml_block.as_mapping(item) for key, item in value.items()}
    return {text: {} for text in yaml_block.as_texts(value) if text}


def _texts(value: object) -> tuple[str, ...]:
    return yaml_block.as_texts(value) if value is not None else ()


_NOT_JOBS = frozenset("""
    on True env defaults permissions variables include stages workflow default image cache
    concurrency name version run-name
""".split())  # fmt: skip  # noqa: SIM905 - a list of words


def _jobs(document: Mapping[str, object]) -> dict[str, _Job]:
    listed = document.get("jobs") or document.get("tasks")
    jobs = yaml_block.as_mapping(listed) if isinstance(listed, dict) else {
        key: value for key, value in document.items()
        if key not in _NOT_JOBS and isinstance(value, dict)
    }  # fmt: skip
    found = {}
    for name, value in jobs.items():
        job = _Job(name)
        _into(job, yaml_block.as_mapping(value), "", 0)
        found[name] = job
    if not found and isinstance(document.get("steps"), list):
        job = _Job("steps")
        _into(job, document, "", 0)
        found["steps"] = job
    return found


_SCRIPTS = ("run", "script", "before_script", "after_script", "cmds", "command", "bash", "cmd")
_LOOSE = ("continue-on-error", "allow_failure", "continueOnError", "ignore_error")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\\\n", " ").split("\n") if line.strip()]


def _into(job: _Job, value: Mapping[str, object], where: str, depth: int) -> None:  # noqa: C901 - one branch for each kind of key
    for key, item in value.items():
        said = f"{key}: {str(item).lower() if isinstance(item, bool) else item}"
        if key in _SCRIPTS:
            job.lines += [line for text in yaml_block.as_texts(item) for line in _lines(text)]
        elif key == "uses" and isinstance(item, str):
            job.uses.append(item.partition("@")[0])
        elif key in _LOOSE:
            if item not in (False, "false", None):
                job.loose[f"{where}.{key}"] = said
        elif key == "if" or (key in ("when", "rules", "only", "except") and depth == 0):
            job.conditions.append(said)
        elif key in ("env", "variables"):
            _environment(job, item, where)
        elif key == "matrix":
            job.matrix |= {n: _texts(one) for n, one in yaml_block.as_mapping(item).items()}
        elif isinstance(item, dict) and depth < 4:  # noqa: PLR2004 - deeper than any workflow
            _into(job, yaml_block.as_mapping(item), f"{where}.{key}", depth + 1)
        elif isinstance(item, list):
            for one in item:
                step = yaml_block.as_mapping(one)
                name = step.get("name") or step.get("uses") or step.get("run") or ""
                _into(job, step, f"{where}.{key}.{name}", depth + 1)


def _environment(job: _Job, value: object, where: str) -> None:
    for name, text in yaml_block.as_mapping(value).items():
        if DANGEROUS_ENVIRONMENT.search(f"{name}="):
            job.loose[f"{where}.env.{name}"] = f"{name}: {text}"


# --- pre-commit -----------------------------------------------------------------------------


def _hooks(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    before, after = _by_id(old), _by_id(new)
    for name, hook in before.items():
        if name not in after:
            yield weakened(path, 0, "hook-removed", f"hook {shown(name)} is gone")
        else:
            yield from _hook(path, name, hook, after[name])
    for name in after.keys() - before.keys():
        yield strengthened(path, 0, "hook-added", f"hook {shown(name)} is new")
    for key in ("exclude", "files", "default_stages"):
        if old.get(key) != new.get(key) and new.get(key) is not None:
            yield weakened(
                path, 0, "hook-narrowed", f"{shown(key)} is {shown(new.get(key))} for all hooks now"
            )
    skipped = [_texts(yaml_block.as_mapping(one.get("ci")).get("skip")) for one in (old, new)]
    for one in skipped[1]:
        if one not in skipped[0]:
            yield weakened(path, 0, "hook-narrowed", f"{shown(one)} is skipped in CI now")


def _by_id(document: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    repos = document.get("repos")
    found = {}
    for repo in repos if isinstance(repos, list) else []:
        hooks = yaml_block.as_mapping(repo).get("hooks")
        for hook in hooks if isinstance(hooks, list) else []:
            one = yaml_block.as_mapping(hook)
            found[str(one.get("id"))] = one
    return found


def _hook(
    path: str, name: str, old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[Change]:
    for key in ("exclude", "files", "types", "types_or", "stages", "exclude_types"):
        if old.get(key) != new.get(key) and new.get(key) is not None:
            had, has = shown(old.get(key) or "none"), shown(new.get(key))
            message = f"hook {shown(name)} has {key} {has} now, and had {had}"
            yield weakened(path, 0, "hook-narrowed", message)
    if old.get("always_run") and not new.get("always_run"):
        yield weakened(path, 0, "hook-narrowed", f"hook {shown(name)} no longer always runs")
    for key in ("args", "entry"):
        was, has = " ".join(_texts(old.get(key))), " ".join(_texts(new.get(key)))
        prefix = "" if key == "entry" else f"{name} "
        for one in commands.compare(prefix + was, prefix + has):
            yield Change(path, 0, one.effect, one.kind, f"hook “{name}”: {one.message}")
