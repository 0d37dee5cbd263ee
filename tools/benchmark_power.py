"""How often `performance_benchmark` is wrong, and what it finds: by simulation, and by real runs.

`python tools/benchmark_power.py` simulates services whose target is 0 to 50 per cent slower, under
four kinds of noise, and lets the same code judge them that judges real ones. Beside it stand two
usual ways: run both once, one after the other, and compare the means, or test with Mann–Whitney.
`--real N` runs the script itself so often on a tiny service, as it is and slowed down.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from prp_pack.probes.benchmark.comparison import Round, compared, rules, typical
from prp_pack.values import dataclass

EFFECTS = (0, 5, 10, 20, 50)
TOLERANCE = 5.0
ROUNDS = 8
REQUESTS = 50
_VERDICTS = {True: "pass", False: "fail", None: "open"}
_STATUS = {0: "pass", 1: "fail", 4: "open"}
_SIGNIFICANT = 1.96

# --- Simulated services -----------------------------------------------------------------------

Noise = Iterator[float]
"""What the machine adds to the logarithm of one request's time, request after request."""


def still(_chance: Random) -> Noise:
    while True:
        yield 0.0


def drift(chance: Random) -> Noise:
    """Return a machine that gets half as slow again and recovers, within some 3,000 requests."""
    phase, length = chance.uniform(0, math.tau), chance.uniform(1500, 4500)
    at = 0
    while True:
        yield 0.2 * math.sin(phase + math.tau * at / length)
        at += 1


def bursts(chance: Random) -> Noise:
    """Return neighbours that are there for 40 requests in 160, and cost up to 4 times."""
    while True:
        for _ in range(int(chance.expovariate(1 / 120))):
            yield 0.0
        cost = chance.uniform(math.log(1.3), math.log(4))
        for _ in range(int(chance.expovariate(1 / 40))):
            yield cost


def autocorrelated(chance: Random) -> Noise:
    """Return noise that remembers some 50 requests; its deviation is 0.3."""
    now = chance.gauss(0, 0.3)
    while True:
        yield now
        now = 0.98 * now + chance.gauss(0, 0.3 * math.sqrt(1 - 0.98**2))


MODELS: dict[str, Callable[[Random], Noise]] = {
    "lognormal": still,
    "drift": drift,
    "bursts": bursts,
    "autocorrelated": autocorrelated,
}


@dataclass
class Machine:
    """Two versions on a noisy machine; `slower` is the target's factor.

    Each launch is 2 per cent off (memory layout, hash seeds), each request a quarter.
    """

    chance: Random
    noise: Noise
    slower: float

    def launch(self, factor: float) -> Callable[[], float]:
        typical_ = math.log(5.0 * factor) + self.chance.gauss(0, 0.02)
        return lambda: math.exp(typical_ + self.chance.gauss(0, 0.25) + next(self.noise))

    def round(self) -> Round:
        """Return a round as the script measures it: three launches, their requests mixed."""
        launches = [self.launch(1), self.launch(1), self.launch(self.slower)]
        times: list[list[float]] = [[], [], []]
        for _ in range(REQUESTS):
            for at in self.chance.sample(range(3), 3):
                times[at].append(launches[at]())
        return Round(*map(typical, times))

    def take(self, names: Collection[str], count: int) -> Mapping[str, Sequence[Round]]:
        return {name: [self.round() for _ in range(count)] for name in names}

    def in_a_row(self) -> tuple[list[float], list[float]]:
        """Return as many times as the script has at first, from one launch of each version."""
        one, other = self.launch(1), self.launch(self.slower)
        size = ROUNDS * REQUESTS
        return [one() for _ in range(size)], [other() for _ in range(size)]


def judged(model: str, effect: int, seed: int) -> tuple[str, str, str, int]:
    """Return the words of the script, of the means and of Mann–Whitney, and how many rounds."""
    chance = Random(f"{model} {effect} {seed}")  # noqa: S311 - a simulation
    machine = Machine(chance, MODELS[model](chance), 1 + effect / 100)
    found = compared(("path",), machine.take, rules(TOLERANCE, None, ROUNDS, seed))["path"]
    one, other = machine.in_a_row()
    means = statistics.fmean(other) / statistics.fmean(one) <= 1 + TOLERANCE / 100
    ranks = not (_rank_score(one, other) > _SIGNIFICANT)
    return _VERDICTS[found.ok], _VERDICTS[means], _VERDICTS[ranks], len(found.rounds)


def _rank_score(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Mann and Whitney's U of the slower other, as a standard score."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    rank_sum = sum(rank for rank, (_, which) in enumerate(ranked, start=1) if which)
    n, m = len(one), len(other)
    above = rank_sum - m * (m + 1) / 2 - n * m / 2
    return above / math.sqrt(n * m * (n + m + 1) / 12)


def simulate(count: int, jobs: int) -> None:
    """Print a table of so many runs for each noise and effect."""
    print("| noise | slower by | fail | open | pass | rounds | means: fail | ranks: fail |")
    print("|---|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(jobs) as pool:
        for model in MODELS:
            for effect in EFFECTS:
                found = list(pool.map(partial(judged, model, effect), range(count), chunksize=10))
                ours, means, ranks = (Counter(each[at] for each in found) for at in range(3))
                shares = [f"{ours[word] / count:.1%}" for word in ("fail", "open", "pass")]
                shares.append(f"{statistics.fmean(each[3] for each in found):.0f}")
                shares += [f"{each['fail'] / count:.0%}" for each in (means, ranks)]
                print(f"| {model} | {effect} % | {' | '.join(shares)} |", flush=True)


# --- Real runs --------------------------------------------------------------------------------

_SERVICE = """\
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # In one piece: a second write would wait for the client's delayed acknowledgement.
    wbufsize = 65536

    def do_GET(self):
        total = 0
        for number in range({work}):
            total += number * number
        body = str(total).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
_CONFIG = """\
[service]
base_url = "http://127.0.0.1:${{PORT:-8000}}"
start = ["{python}", "service.py"]

[performance]
requests_per_launch = 60
revisions = {{ phase_1 = "phase-1" }}

[[performance.critical_paths]]
path = "/"
"""
# Turns of the loop: about 2 ms on a slow processor, so that the loop is most of a request.
_WORK = 30_000


def _git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *named, "-C", str(folder), *words], check=True, capture_output=True)  # noqa: S603, S607


def _project(folder: Path) -> None:
    (folder / "PRPs").mkdir(parents=True)
    (folder / "PRPs/prp.toml").write_text(_CONFIG.format(python=sys.executable), encoding="utf-8")
    (folder / "service.py").write_text(_SERVICE.format(work=_WORK), encoding="utf-8")
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "phase 1")
    _git(folder, "tag", "phase-1")


def really(count: int, effects: Sequence[int]) -> None:
    """Print a table of so many runs of the script for each effect; the service is a real one."""
    command = [sys.executable, "-m", "prp_pack", "run", "performance_benchmark", "--json"]
    command += ["--baseline=phase_1", "--target-phase=2", "--no-evidence"]
    print("| work more by | fail | open | pass | could not run | seconds | measured ratios |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        _project(site := Path(folder) / "site")
        for effect in effects:
            text = _SERVICE.format(work=int(_WORK * (1 + effect / 100)))
            (site / "service.py").write_text(text, encoding="utf-8")
            words: Counter[str] = Counter()
            ratios, began = [], time.monotonic()
            for seed in range(count):
                done = subprocess.run(  # noqa: S603 - our own program
                    [*command, f"--seed={seed}"],
                    cwd=site, env={**os.environ}, capture_output=True, text=True, check=False,
                )  # fmt: skip
                words[_STATUS.get(done.returncode, "could not run")] += 1
                metrics = json.loads(done.stdout)["metrics"] if done.stdout else []
                ratios += [each["value"] for each in metrics if each["name"].endswith(" ratio")]
            spent = (time.monotonic() - began) / count
            shown = f"{min(ratios):.3f} to {max(ratios):.3f}" if ratios else "none"
            counts = [str(words[word]) for word in ("fail", "open", "pass", "could not run")]
            print(f"| {effect} % | {' | '.join(counts)} | {spent:.0f} | {shown} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="simulated, for each row")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--real", type=int, metavar="N", help="real runs instead, for each row")
    parser.add_argument("--slower", type=int, nargs="+", default=[0, 20], metavar="PERCENT",
                        help="of the real service's work")  # fmt: skip
    given = parser.parse_args()
    if given.real:
        really(given.real, given.slower)
    else:
        simulate(given.runs, given.jobs)


if __name__ == "__main__":
    main()
