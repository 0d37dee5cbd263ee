"""Writers of a ledger that are killed: `killed_writers.py ROOT KILLS`, a program of the tests.

A process of its own, because it forks: each writer writes records until it is killed, and says
through a pipe which ones were written. Prints what is wrong, a line each, and on standard error
how many kills and records there were.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from prp_pack.evidence import ledger
from prp_pack.evidence.record import Verdict
from prp_pack.repository import Repository
from prp_pack.values import replace
from tests.evidence.conftest import made

AT_ONCE = 4
# Seconds until the last of them is killed, at most: a few records each. Where a busy machine gives
# them no time to write any, the next ones live longer.
LIFE = 0.1
LONGER = 1.5
# A ledger is read for each record, so that a long one is slow; then the next is begun.
LONG = 80


def write_until_killed(repository: Repository, folder: str, said: int) -> None:
    while True:
        record = made(number=int.from_bytes(os.urandom(4)))
        begun = ledger.write(repository, folder, replace(record, finished=False))
        done = ledger.write(repository, folder, replace(begun, finished=True, verdict=Verdict.PASS))
        os.write(said, f"{done.run_id} {done.digest}\n".encode())


def killed(
    repository: Repository, folder: str, count: int, life: float, dice: random.Random
) -> dict[str, str]:
    """Kill so many writers, all at work at once; returns the digests of what they had written."""
    reading, writing = os.pipe()
    writers = []
    for _ in range(count):
        writer = os.fork()
        if writer == 0:
            os.close(reading)
            write_until_killed(repository, folder, writing)
        writers.append(writer)
    os.close(writing)
    for writer in writers:
        time.sleep(dice.random() * life / count)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
    with os.fdopen(reading) as said:
        return dict(line.split() for line in said.read().splitlines() if line)


def troubles(repository: Repository, folder: str, written: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a ledger, against what its writers were told they had written."""
    read = ledger.read(repository, folder)
    for problem in (*read.problems, *ledger.losses(repository, read)):
        yield f"{problem.place}: {problem.message}"
    there = {record.run_id: record.digest for record in read.records if record.finished}
    yield from (f"{run} is lost" for run, digest in written.items() if there.get(run) != digest)


def main() -> None:
    repository, kills = Repository(Path(sys.argv[1])), int(sys.argv[2])
    seed = int.from_bytes(os.urandom(4))
    dice = random.Random(seed)
    done = number = total = 0
    life = LIFE
    while done < kills:
        number += 1
        folder = f"{ledger.FOLDER}/phase_{number}"
        written: dict[str, str] = {}
        while done < kills and len(written) < LONG:
            new = killed(repository, folder, min(AT_ONCE, kills - done), life, dice)
            life = life if new else min(life * LONGER, 20 * LIFE)
            written |= new
            done += min(AT_ONCE, kills - done)
            for trouble in troubles(repository, folder, written):
                sys.stdout.write(f"seed {seed}, after {done} kills: {trouble}\n")
        total += len(written)
    sys.stderr.write(f"{done} kills, {total} records\n")


if __name__ == "__main__":
    main()
