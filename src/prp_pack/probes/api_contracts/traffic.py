"""Valid requests to a service, made up from a contract by schemathesis, and their answers on file.

It runs as a process of its own, and everything that is read of it is its event file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prp_pack.gate import process
from prp_pack.gate.process import Job, Progress
from prp_pack.probes.api_contracts.frozen import Contracts
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import CannotRunError, Run

EVENTS = "schemathesis.ndjson"
# What a contract says of answers. The others judge how well a service defends itself.
_CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
           "response_headers_conformance", "response_schema_conformance")  # fmt: skip
_KEPT_TO = {"positive": "valid", "all": "valid and invalid"}
# Ended as it should, without and with findings.
_ENDED = (0, 1)
_SHOWN_LINES = 6


@dataclass(frozen=True)
class Requests:
    """What to send: to which URL, with which headers; `mode` is `positive` or `all`."""

    url: str
    headers: Mapping[str, str]
    contracts: Contracts
    excluded: frozenset[str]
    mode: str = "positive"

    @property
    def described(self) -> str:
        return f"up to {self.contracts.examples} {_KEPT_TO[self.mode]} requests to each operation"


def send(run: Run, frozen: Contract, requests: Requests) -> Path:
    """Have the requests sent, and return the file of events.

    Raises `CannotRunError` when schemathesis fails, and when it isn't done within its time.
    """
    folder = run.artefacts
    (folder / "frozen.json").write_text(json.dumps(_without_servers(frozen)), encoding="utf-8")
    variables = {f"PRP_HEADER_{at}": value for at, value in enumerate(requests.headers.values())}
    (folder / "schemathesis.toml").write_text("\n".join(_settings(requests)), encoding="utf-8")
    job = Job(
        argv=tuple(_words(run, requests)),
        folder=folder,
        # A proxy would be asked for the way to the own machine too.
        environment={**run.environment, **variables, "NO_PROXY": "*", "no_proxy": "*"},
        timeout=requests.contracts.limit,
        log=folder / "schemathesis.log",
        marker=f"{run.folder.rpartition('/')[2]}-schemathesis",
    )

    def tell(progress: Progress) -> None:
        run.tell(f"asking {len(frozen.operations)} operations, {progress.elapsed:.0f} s", None)

    try:
        outcome = process.run(job, tell)
    except process.CannotRunError as error:
        raise CannotRunError(f"schemathesis: {error.reason}", error.help) from None
    if outcome.timed_out:
        said = f"not all operations were asked within {requests.contracts.limit:g} s"
        raise CannotRunError(said, "raise limit, or lower examples, in [contracts]")
    if outcome.status not in _ENDED or not (folder / EVENTS).exists():
        lines = [line.strip() for line in outcome.tail.splitlines() if line.strip()]
        raise CannotRunError(f"schemathesis failed: {' / '.join(lines[-_SHOWN_LINES:])}")
    return folder / EVENTS


def _without_servers(frozen: Contract) -> dict[str, object]:
    """Return the contract for a URL that has its base path in it already."""
    left_out = ("servers", "host", "basePath", "schemes")
    return {key: each for key, each in frozen.document.items() if key not in left_out}


def _words(run: Run, requests: Requests) -> Iterator[str]:
    yield from (sys.executable, "-I", "-m", "schemathesis.cli")
    yield from ("--config-file", "schemathesis.toml", "--no-color", "run", "frozen.json")
    yield from ("--url", requests.url, "--seed", str(run.seed), "--mode", requests.mode)
    yield from ("--max-examples", str(requests.contracts.examples), "--checks", ",".join(_CHECKS))
    # The number of boundary cases is not limited: thousands for a large contract.
    phases = "examples,fuzzing" if requests.mode == "positive" else "examples,coverage,fuzzing"
    yield from ("--phases", phases, "--continue-on-failure", "--no-shrink")
    # A redirect may lead off this machine, and is an answer itself.
    yield from ("--max-redirects", "0", "--request-timeout", f"{run.timeout:g}")
    yield from ("--generation-database", "none", "--workers", "1", "--warnings", "off")
    yield from ("--report", "ndjson", "--report-ndjson-path", EVENTS)
    for name in sorted(requests.excluded):
        yield from ("--exclude-name", name)


def _settings(requests: Requests) -> Iterator[str]:
    """Yield the lines of schemathesis's configuration.

    The values of headers, which may be secret, come from variables and are kept out of its report.
    """
    yield "[headers]"
    for at, name in enumerate(requests.headers):
        yield f'{_text(name)} = "${{PRP_HEADER_{at}}}"'
    yield "[output.sanitization]"
    yield f"keys-to-sanitize = [{', '.join(_text(name) for name in requests.headers)}]"
    yield "[parameters]"
    for name, value in requests.contracts.parameters.items():
        yield f"{_text(name)} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    """Return a text as TOML writes it, which is as JSON does but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
