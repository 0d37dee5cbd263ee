"""The budgets of docs/performance.md, measured: `run.py [--quick] [--json]`.

Ratios of CPU time, because seconds say more about the machine than about the program. Nothing
fails when a budget is missed: it prints by how much.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import measure
import others
from measure import Cost, FailedError, Job

from prp_pack.settings_json import PROJECT_SCRIPT, hook_settings

HERE = Path(__file__).parent
ROOT = HERE.parent
BIN = Path(sys.executable).parent
PRP = BIN / "prp"
PYTHON = sys.executable
MISSING = "not built yet"
SECONDS = 2.0
HARD_LIMIT = 30.0
TOKEN = 4  # characters, a stated approximation
# Starts a module as if the optional dependency weren't there; a plain install has none.
PLAIN = """\
import runpy, sys
sys.modules["detect_secrets"] = None
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
# Runs `prp`, and adds to a file what the programs that it started, which is git, took of its time.
APART = """\
import sys
from prp_pack.cli import main
into = sys.argv.pop(1)
try:
    main()
finally:
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(into, "a") as file:
        print(used.ru_utime + used.ru_stime, file=file)
"""
# Records in the ledger of the PRP whose status is asked for.
RECORDS = 12


@dataclass(frozen=True)
class Row:
    """`value` is held against `budget`, both in `unit`; a note stands for what has no value."""

    what: str
    budget: float
    unit: str
    value: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return self.note
        if self.value <= self.budget:
            return "holds"
        return f"misses by {100 * (self.value / self.budget - 1):.0f} %"


@dataclass(frozen=True)
class Bench:
    quick: bool
    folder: Path
    many: int
    found: others.Others
    options: str

    @property
    def project(self) -> Path:
        return self.folder / "single"

    def prp(
        self, *arguments: str, folder: Path | None = None, limit: float = 600.0, cache: bool = False
    ) -> Job:
        """Return a check of some files; without the cache unless that is what is measured."""
        uncached = () if cache or "--no-cache" not in self.options else ("--no-cache",)
        return Job([PRP, "check", *uncached, *arguments], folder or self.project, limit=limit)

    def rows(self) -> Iterator[Row]:
        for part in (
            self.hooks, self.one_file, self.standing, self.many_files, self.jobs, self.warm,
            self.growth, self.hard, self.prompts,
        ):  # fmt: skip
            try:
                yield from part()
            except FailedError as error:
                yield Row(part.__name__, 0, "", note=f"failed: {error}")

    # --- Hooks ------------------------------------------------------------------------------------

    def hook(
        self, name: str, folder: Path, written: str = "PRPs/one.md", *, direct: bool = False
    ) -> Job:
        """Return the command of our settings for an event, with the venv's python as `python3`."""
        settings = hook_settings("CLAUDE_PROJECT_DIR", PROJECT_SCRIPT)
        arguments = settings["hooks"][name][0]["hooks"][0]["args"]
        script = str(ROOT / "hooks/prp_hook.py")
        arguments = [script if a.endswith(PROJECT_SCRIPT) else a for a in arguments]
        if direct:
            arguments = ["-I", "-m", "prp_pack.hooks", name]
        environment = {"CLAUDE_PROJECT_DIR": str(folder), "PATH": f"{BIN}:/usr/bin:/bin"}
        event: dict[str, object] = {
            "session_id": "bench", "hook_event_name": name, "cwd": str(folder), "prompt_id": "1",
        }  # fmt: skip
        if name == "PostToolUse":
            content = (folder / written).read_text("utf-8")
            event["tool_name"] = "Write"
            event["tool_input"] = {"file_path": str(folder / written), "content": content}
        if name == "UserPromptExpansion":
            event["command_name"] = "generate-prp"
            event["command_args"] = "PRPs/PHASE3_REQUIREMENTS.md"
        sent = json.dumps(event).encode()
        return Job([PYTHON, *arguments], folder, sent, environment, frozenset({0}))

    def hooks(self) -> Iterator[Row]:
        empty = self.folder / "without"
        (empty / ".git").mkdir(parents=True, exist_ok=True)
        jobs = {
            "F": Job([PYTHON, "-I", "-c", "pass"], empty),
            "Stop": self.hook("Stop", self.project),
            "SessionStart": self.hook("SessionStart", empty),
            "direct": self.hook("PostToolUse", self.project, direct=True),
            "relay": self.hook("PostToolUse", self.project),
        }
        plain = [PYTHON, "-I", "-c", PLAIN, "prp_pack.hooks", "PostToolUse"]
        jobs["plain"] = replace(jobs["direct"], command=plain)
        costs = measure.interleaved(jobs, 5 if self.quick else 21)
        floor = costs["F"].cpu
        yield Row("F: python3 -I -c pass, in ms", 1000, "ms", floor * 1000)
        for name, what, budget in (
            ("Stop", "hook not ours: Stop without state", 1.0),
            ("SessionStart", "hook not ours: SessionStart without PRPs/", 1.0),
            ("direct", "hook with a check of 17 kB, directly", 3.5),
            ("plain", "the same, without the extra “secrets”", 3.5),
            ("relay", "hook with a check of 17 kB, through the relay", 4.5),
        ):
            yield Row(what, budget, "F", costs[name].cpu / floor)

    # --- Files ------------------------------------------------------------------------------------

    def rivals(self, project: Path, files: str) -> dict[str, Job]:
        """Return the jobs of the other programs: the same files, for openspec the same sections."""
        many = files.endswith("/")
        globbed = f"{files}*.md" if many else files
        arguments = {
            "markdownlint-cli2": ([globbed], project),
            "rumdl": (["check", "--no-cache", files], project),
            "openspec": (
                ["validate", "--specs" if many else "spec-0000", "--no-interactive"],
                self.folder / "openspec",
            ),
        }
        return {
            name: Job([*command, *arguments[name][0]], arguments[name][1], b"", others.QUIET)
            for name, command in self.found.commands.items()
        }

    def against(
        self, costs: dict[str, Cost], what: str, budgets: dict[str, float]
    ) -> Iterator[Row]:
        for name, budget in budgets.items():
            said, unit = f"{what}, CPU against {name}", f"× {name}"
            if name in costs:
                value = costs["prp"].cpu / costs[name].cpu
                yield Row(said, budget, unit, value, f"{costs[name].cpu:.2f} s")
            else:
                yield Row(said, budget, unit, note=f"skipped: {self.found.missing[name]}")

    def one_file(self) -> Iterator[Row]:
        jobs = {
            "F": Job([PYTHON, "-I", "-c", "pass"], self.project),
            "prp": self.prp("PRPs/one.md"),
            **self.rivals(self.project, "PRPs/one.md"),
        }
        costs = measure.interleaved(jobs, 3 if self.quick else 9)
        yield Row("prp check of one file", 4.5, "F", costs["prp"].cpu / costs["F"].cpu)
        # No budget was set against openspec and rumdl for one file; 1 says who is quicker.
        budgets = {"markdownlint-cli2": 0.2, "openspec": 1.0, "rumdl": 1.0}
        yield from self.against(costs, "one file", budgets)

    def standing(self) -> Iterator[Row]:
        """Measure `prp gate status` of a sealed PRP with records, and after an edit of a test."""
        project = self.folder / "sealed"
        said = self._done(project, "gate", "list", "PRPs/one.md", "--json")
        boxes = [item["id"] for item in json.loads(said)["items"] if item["level"].startswith("C")]
        self._done(project, "gate", "seal", "PRPs/one.md")
        for box in boxes[:RECORDS]:
            self._done(project, "waive", "PRPs/one.md", box, "--by", "bench", "--reason", "x")
        what = "prp gate status of a PRP, beside git"
        yield from self._beside_git(project, what)
        test = next((project / "tests").rglob("test_*.py"))
        test.write_text(test.read_text("utf-8") + "\n\ndef test_more():\n    assert 1 + 1 == 2\n")
        yield from self._beside_git(project, f"{what}, a test edited since the seal")

    def _beside_git(self, project: Path, what: str) -> Iterator[Row]:
        rounds = 5 if self.quick else 15
        with tempfile.TemporaryDirectory() as folder:
            into = Path(folder) / "git"
            status = [PYTHON, "-I", "-c", APART, str(into), "gate", "status", "PRPs/one.md"]
            jobs = {"F": Job([PYTHON, "-I", "-c", "pass"], project), "prp": Job(status, project)}
            costs = measure.interleaved(jobs, rounds)
            # The first one was the warm-up.
            git = statistics.median(float(line) for line in into.read_text().splitlines()[1:])
        yield Row(what, 5.0, "F", (costs["prp"].cpu - git) / costs["F"].cpu)
        yield Row("git's own time in it, in ms", 1000, "ms", git * 1000)

    @staticmethod
    def _done(project: Path, *words: str) -> str:
        command = [str(PRP), *words]
        done = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
        return done.stdout

    def many_files(self) -> Iterator[Row]:
        project = self.folder / "many"
        jobs = {
            "prp": self.prp("PRPs/many", folder=project),
            **self.rivals(project, "PRPs/many/"),
        }
        costs = measure.interleaved(jobs, 1 if self.quick else 3, warm_up=False)
        what = f"{self.many:,} files"
        yield Row(f"{what}, CPU of prp for each file, in ms", 1000, "ms",
                  costs["prp"].cpu / self.many * 1000)  # fmt: skip
        budgets = {"rumdl": 1.25, "markdownlint-cli2": 0.1, "openspec": 1.0}
        yield from self.against(costs, what, budgets)
        said, unit = f"{what}, peak memory", "× markdownlint-cli2"
        if "markdownlint-cli2" in costs:
            ratio = costs["prp"].memory / costs["markdownlint-cli2"].memory
            yield Row(said, 0.15, unit, ratio)
        else:
            yield Row(said, 0.15, unit, note="skipped: nothing to compare with")

    def jobs(self) -> Iterator[Row]:
        row = Row(f"{self.many:,} files with two jobs, on the clock", 0.75, "× one job")
        if "--jobs" not in self.options:
            yield Row(row.what, row.budget, row.unit, note=MISSING)
            return
        project = self.folder / "many"
        jobs = {
            count: self.prp("PRPs/many", "--jobs", count, folder=project) for count in ("1", "2")
        }
        costs = measure.interleaved(jobs, 1 if self.quick else 3, warm_up=False)
        yield Row(row.what, row.budget, row.unit, costs["2"].wall / costs["1"].wall)

    def warm(self) -> Iterator[Row]:
        count = 200 if self.quick else 5000
        row = Row(f"{count:,} files, warm", 0.04, "× cold")
        if "--no-cache" not in self.options:
            yield Row(row.what, row.budget, row.unit, note=MISSING)
            return
        folder = self.folder / f"warm-{count}"
        _write(folder, count)
        job = self.prp("PRPs/many", folder=folder / "many", cache=True)
        cold = measure.cost(job)
        warm = measure.cost(job)
        yield Row(row.what, row.budget, row.unit, warm.cpu / cold.cpu)

    # --- Growth -----------------------------------------------------------------------------------

    def growth(self) -> Iterator[Row]:
        short, long = (self._inside(name) for name in ("PRPs/short.md", "PRPs/long.md"))
        yield Row("document 50 × as long (11 → 570 kB), without start", 75, "×", long / short)
        names = sorted(p.name for p in (self.folder / "many/PRPs/many").iterdir())
        part = max(self.many // 4, 1)
        jobs = {
            str(count): self.prp(
                *(f"PRPs/many/{n}" for n in names[:count]), folder=self.folder / "many"
            )
            for count in (part, self.many)
        }
        costs = measure.interleaved(jobs, 1, warm_up=False)
        ratio = costs[str(self.many)].cpu / costs[str(part)].cpu
        yield Row(f"4 × as many files ({part} → {self.many})", 4.4, "×", ratio)

    def _inside(self, path: str) -> float:
        rounds = "3" if self.quick else "7"
        command = [PYTHON, str(HERE / "inside.py"), str(self.folder / "sizes"), path, rounds]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise FailedError((done.stderr.strip().splitlines() or ["no message"])[-1])
        return float(done.stdout)

    def hard(self) -> Iterator[Row]:
        jobs = {
            folder.name: self.prp("PRPs/hard.md", folder=folder, limit=HARD_LIMIT)
            for folder in sorted((self.folder / "hard").iterdir())
        }
        alike = self.folder / "alike"
        jobs["200 PRPs that claim one phase"] = self.prp(
            "PRPs/alike", folder=alike, limit=HARD_LIMIT
        )
        quick = 0
        worst = 0.0
        for name, job in jobs.items():
            try:
                took = measure.cost(job).cpu
            except FailedError:
                yield Row(f"hard: {name}", SECONDS, "s", note=f"fails, or over {HARD_LIMIT:.0f} s")
                continue
            if took > SECONDS:
                yield Row(f"hard: {name}", SECONDS, "s", took)
            else:
                quick += 1
                worst = max(worst, took)
        yield Row(f"hard: the slowest of {quick} others", SECONDS, "s", worst)

    # --- Prompts ----------------------------------------------------------------------------------

    def prompts(self) -> Iterator[Row]:
        commands = sum(len(p.read_text("utf-8")) for p in (ROOT / "commands").glob("*-prp.md"))
        yield Row("prompt: the two commands", 2000, "tokens", commands / TOKEN)
        told = self._context(self.hook("UserPromptExpansion", self.project))
        yield Row("prompt: injected context", 1500, "tokens", len(told) / TOKEN)
        unfilled = self.folder / "unfilled"
        job = self.hook("PostToolUse", unfilled, "PRPs/unfilled.md")
        told = self._context(job)
        yield Row("prompt: feedback of one check", 800, "tokens", len(told) / TOKEN)
        shutil.rmtree(self.project / ".prp", ignore_errors=True)

    @staticmethod
    def _context(job: Job) -> str:
        done = subprocess.run(
            job.command, cwd=job.folder, input=job.content, env=dict(job.environment),
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        said = json.loads(done.stdout or b"{}").get("hookSpecificOutput", {})
        told: str = said.get("additionalContext", "")
        if not told:
            raise FailedError("the hook said nothing")
        return told


def _write(folder: Path, count: int) -> None:
    command = [PYTHON, str(HERE / "documents.py"), str(folder), str(count)]
    subprocess.run(command, check=True, timeout=600)


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "tokens" else 1 if value >= 10 or unit == "ms" else 2  # noqa: PLR2004
    return f"{value:,.{digits}f} {unit}"


def _budget(row: Row) -> str:
    # What is there to be read next to the others, and no promise.
    return "" if row.unit == "ms" or not row.unit else f"≤ {row.budget:g} {row.unit}"


def table(rows: list[Row]) -> str:
    cells = [("what", "budget", "measured", "")]
    for row in rows:
        measured = "" if row.value is None else _number(row.value, row.unit)
        cells.append((row.what, _budget(row), measured, row.verdict if _budget(row) else row.note))
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    ruled = [cells[0], tuple("-" * width for width in widths), *cells[1:]]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in ruled
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer files and rounds: a minute")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    many = 100 if asked.quick else 1000
    folder = others.CACHE / f"documents-{many}"
    _write(folder, many)
    said = subprocess.run([PRP, "check", "--help"], capture_output=True, text=True, check=True)
    bench = Bench(asked.quick, folder, many, others.install(), said.stdout)
    rows = []
    for row in bench.rows():
        print(f"  {row.what}: {row.verdict}", file=sys.stderr, flush=True)
        rows.append(row)
    if asked.json:
        print(json.dumps([asdict(row) | {"verdict": row.verdict} for row in rows], indent=2))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
