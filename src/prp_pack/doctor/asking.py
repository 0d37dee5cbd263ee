"""Starting a program for its answer, with a limit of time and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from prp_pack.values import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is the exit status, negative for a signal; None when time was up."""

    status: int | None
    output: str
    complaint: str


def ask(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    seconds: float = 20,
    content: bytes = b"",
) -> Answer:
    """Return what a program answers to `content` on its standard input.

    A program that can't be started has status 127, as in a shell.
    """
    # Files in place of pipes: a child that outlives the program holds nobody.
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as complaint,
    ):
        given.write(content)
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - what may be started is for the caller to say
                [*command], stdin=given, stdout=output, stderr=complaint, cwd=folder,
                env=dict(environment), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return Answer(127, "", str(error))
        try:
            status: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            _kill(process)
        texts = []
        for file in (output, complaint):
            file.seek(0)
            texts.append(file.read(1 << 20).decode("utf-8", "replace"))
    return Answer(status, *texts)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
