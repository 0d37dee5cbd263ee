"""Runs the files of examples on the service, and takes their answers."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prp_pack.gate import process
from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Job
from prp_pack.parse.contract import Json
from prp_pack.probes.hand_off import answers
from prp_pack.probes.hand_off.answers import Received
from prp_pack.probes.hand_off.example_files import Example, environment_name
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.probes.service import Target

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# Beside the time of the request: an interpreter starts, a slow machine waits.
_PATIENCE = 60.0
_STATUS = re.compile(rb"(\d{3}) ?([^\r\n]*)\r?\n?")
_NO_PROXY = {"no_proxy": "*", "NO_PROXY": "*"}


@dataclass(frozen=True)
class Outcome:
    """What came of one example: its answer, or why there is none; then what is wrong with it."""

    example: Example
    answer: Received | None = None
    flaws: tuple[str, ...] = ()
    skipped: str = ""
    saved: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Language:
    """A kind of example: the ending of its files, and the words that run one."""

    ending: str
    words: tuple[str, ...]
    answer_first: bool
    """Whether the line with the status comes before the body, or after it."""


PYTHON = Language("py", (sys.executable, "-I"), answer_first=True)
CURL = Language("sh", ("sh",), answer_first=False)


def curl_is_here(run: Run) -> bool:
    path = run.environment.get("PATH")
    return all(shutil.which(program, path=path) for program in ("curl", "sh"))


@dataclass(frozen=True)
class Stage:
    """A service that examples of a contract are run on."""

    run: Run
    target: Target
    document: Json

    def outcomes(
        self, examples: Sequence[Example], language: Language, *, only_safe: bool = False
    ) -> Iterator[Outcome]:
        """Yield what comes of each example in turn; what one saves, later ones have.

        With `only_safe` nothing is sent that could change something. Raises `CannotRunError` when
        an example can't even be started.
        """
        saved: dict[str, Json] = {}
        for at, example in enumerate(examples):
            call = example.call
            self.run.tell(f"running {call.stem}.{language.ending}", at / len(examples))
            lost = [name for name in call.variables if name not in saved]
            if only_safe and (lost or call.operation.method not in SAFE):
                yield Outcome(example, skipped="it would be sent again to the same service")
            elif lost:
                said = f"no call before it has saved {', '.join(lost)}"
                yield Outcome(example, flaws=(said,))
            else:
                answer, flaw = _answer(self.run, self.target, example, language, saved)
                if answer is None:
                    yield Outcome(example, flaws=(flaw,))
                    continue
                found, missed = answers.saved(call, answer)
                flaws = (*answers.flaws(self.document, call, answer), *missed)
                saved |= found
                yield Outcome(example, answer, flaws, saved=dict(saved))


def _answer(
    run: Run, target: Target, example: Example, language: Language, saved: Mapping[str, Json]
) -> tuple[Received | None, str]:
    stem = example.call.stem
    folder = run.artefacts
    output = folder / f"{stem}.{language.ending}.out"
    environment = {
        **run.environment,
        **_NO_PROXY,
        "BASE_URL": target.base_url,
        **{environment_name(k): v for k, v in target.service.headers.items()},
        **{environment_name(k): str(v) for k, v in saved.items()},
    }
    # Standard output has bytes that no log may change.
    words = ("sh", "-c", 'exec "$@" > "$0"', output.name, *language.words,
             f"{stem}.{language.ending}")  # fmt: skip
    job = Job(
        argv=words,
        folder=folder,
        environment=environment,
        timeout=run.timeout + _PATIENCE,
        log=folder / f"{stem}.{language.ending}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{stem}-{language.ending}",
    )
    try:
        ended = process.run(job)
    except CannotStartError as error:
        raise CannotRunError(f"examples: {error.reason}", error.help) from None
    if not ended.succeeded:
        lines = ended.tail.strip().splitlines()
        how = "took too long" if ended.timed_out else f"ended with status {ended.status}"
        return None, f"{stem}.{language.ending} {how}: {lines[-1] if lines else 'it said nothing'}"
    return _received(output.read_bytes(), example, language)


def _received(said: bytes, example: Example, language: Language) -> tuple[Received | None, str]:
    if language.answer_first:
        line, _, body = said.partition(b"\n")
    else:
        body, _, line = said.removesuffix(b"\n").rpartition(b"\n")
    match = _STATUS.fullmatch(line)
    if not match:
        return None, f"{example.call.stem}.{language.ending} printed no status"
    body = b"" if example.call.operation.method == "HEAD" else body
    return Received(int(match[1]), match[2].decode("latin-1").strip(), body), ""
