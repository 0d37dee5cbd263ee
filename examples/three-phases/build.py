"""Build a service in three phases from nothing, each phase proven: `make example-phases`.

A new git repository gets what a person begins with (begin/). Each phase then goes its way: its
requirements become a PRP, the PRP is sealed, its files are laid over those of the phase before
(phase1/, phase2/, phase3/), all gates run, a person says what no command can decide, and
`prp complete` sums up. At the end every phase must be complete, and what was generated must be,
byte for byte, what expected/ holds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
PHASES = (1, 2, 3)
# What people say of a phase stands here in its folder; the program draws the documents around it.
WORDS = "words"
AUTHOR = "the example's author"
# The service and its rates; written into the overlays, so that their commands can be copied.
PORTS = (8731, 8732)
# Drawn from the same files, so the same each time. Not the records, times and commits.
SAME = ("PRPs/PHASE_DEPENDENCY_MAP.md", "PRPs/contracts")
# What tools leave where somebody tries them out.
LEFT_BEHIND = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
WEBSOCKET = "WebSocket"
HEADING = re.compile(r"#{1,6} ")
PLACEHOLDER = re.compile(r"\[.+\]")


class Site:
    """The repository that is built, and the time since its beginning."""

    def __init__(self, root: Path, ports: Sequence[int] = PORTS) -> None:
        self.root = root
        self.ports = ports
        self.begun = time.monotonic()
        bin_ = Path(sys.executable).parent
        self.environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
        # Of this environment's plugins most are not for the project, and take a second each time.
        self.environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        for name in ("DATABASE_URL", "PORT", "RATES_URL", "SERVICE_URL"):
            self.environment.pop(name, None)

    def tell(self, text: str) -> None:
        print(f"[{time.monotonic() - self.begun:4.0f} s] {text}", flush=True)

    def fail(self, text: str) -> NoReturn:
        self.tell(f"FAILED: {text}")
        sys.exit(f"the repository is left in {self.root}")

    def run(self, *words: str, shown: bool = False, may_fail: bool = False) -> str:
        """Run a command; its output is shown, or comes back and is shown if it fails."""
        done = subprocess.run(
            words, cwd=self.root, env=self.environment, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=None if shown else subprocess.PIPE,
            stderr=subprocess.STDOUT if not shown else None,
        )  # fmt: skip
        if done.returncode and not may_fail:
            self.fail(f"{' '.join(words)} (exit status {done.returncode})\n{done.stdout or ''}")
        return done.stdout or ""

    def prp(self, *words: str, shown: bool = False, may_fail: bool = False) -> str:
        return self.run(sys.executable, "-m", "prp_pack", *words, shown=shown, may_fail=may_fail)

    def said(self, *words: str) -> dict[str, Any]:
        """Return what a command says as JSON, whatever its exit status is."""
        loaded: dict[str, Any] = json.loads(self.prp(*words, "--json", may_fail=True))
        return loaded

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", f"--message={message}")

    def with_ports(self, file: Path) -> str:
        """Return a file's text with the ports of this building in place of the usual ones."""
        text = file.read_text(encoding="utf-8")
        for usual, port in zip(PORTS, self.ports, strict=True):
            text = text.replace(str(usual), str(port))
        return text

    def change(self, path: str, change: Callable[[str], str]) -> None:
        file = self.root / path
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


# --- What is put in -------------------------------------------------------------------------


def lay(site: Site, folder: Path, only: str = "") -> None:
    """Copy a folder's files over the repository, or those of one folder in it; no words."""
    for file in sorted((folder / only).rglob("*")):
        path = file.relative_to(folder)
        if file.is_file() and path.parts[0] != WORDS and not LEFT_BEHIND & set(path.parts):
            (site.root / path).parent.mkdir(parents=True, exist_ok=True)
            (site.root / path).write_text(site.with_ports(file), encoding="utf-8")


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each heading with the lines below it; an empty one for what comes before the first."""
    heading, lines, fenced = "", list[str](), False
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        if not fenced and HEADING.match(line):
            yield heading, lines
            heading, lines = line, []
        else:
            lines.append(line)
    yield heading, lines


def filled(scaffold: str, words: str) -> str:
    """Return a document in which each section that `words` has says what it says there."""
    said = {heading: lines for heading, lines in sections(words) if heading}
    drawn = list(sections(scaffold))
    if unknown := said.keys() - {heading for heading, _ in drawn}:
        raise ValueError(f"no section {', '.join(sorted(unknown))}")
    lines: list[str] = []
    for heading, body in drawn:
        rule = ["---", ""] if "---" in body and heading in said else []
        new = [*said[heading], *rule] if heading in said else body
        lines += [heading, *new] if heading else new
    return "\n".join(lines).rstrip("\n") + "\n"


def handed_over(summary: str, words: str) -> str:
    """Return a completion summary with what only its author can say."""
    said = yaml.safe_load(words.split("---\n", 2)[1])
    _, drawn, body = summary.split("---\n", 2)
    values = yaml.safe_load(drawn)
    drawn_already = {operation_of(endpoint) for endpoint in values["endpoints"]}
    for name in said["endpoints"]:
        if name not in drawn_already:
            method, _, path = name.partition(" ")
            kind = (
                {"kind": "websocket"} if method == WEBSOCKET else {"kind": "http", "method": method}
            )
            values["endpoints"].append({**kind, "path": path})
    for endpoint in values["endpoints"]:
        endpoint["usage"] = said["endpoints"][operation_of(endpoint)]
    values["provides"] = said["provides"]
    told = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000)
    bodies = dict(sections(words))
    lines: list[str] = []
    for heading, below in sections(body):
        lines += [heading] if heading else []
        for line in below:
            lines += bodies[heading] if PLACEHOLDER.fullmatch(line) else [line]
    return f"---\n{told}---\n" + "\n".join(lines)


def operation_of(endpoint: Mapping[str, str]) -> str:
    return f"{endpoint.get('method', WEBSOCKET)} {endpoint['path']}"


# --- One phase ------------------------------------------------------------------------------


def write_prp(site: Site, number: int) -> None:
    site.tell(f"phase {number}: the PRP, from its requirements and what earlier phases left")
    folder, prp = HERE / f"phase{number}", f"PRPs/phase{number}.md"
    requirements = f"PRPs/PHASE{number}_REQUIREMENTS.md"
    lay(site, folder, "PRPs")
    site.prp("plan", "render")
    site.prp("new", requirements)
    words = site.with_ports(folder / WORDS / "prp.md")
    site.change(prp, lambda scaffold: filled(scaffold, words))
    site.prp("check", "--strict", prp, requirements)
    site.commit(f"Write the PRP of phase {number}")
    site.prp("gate", "seal", prp, shown=True)


def work(site: Site, number: int) -> None:
    site.tell(f"phase {number}: the work")
    lay(site, HERE / f"phase{number}")
    site.commit(f"Build phase {number}")


def settle(site: Site, number: int) -> None:
    """Run all gates, and say what no command can decide; fails while anything is open."""
    site.tell(f"phase {number}: the gates")
    prp = f"PRPs/phase{number}.md"
    said = tomllib.loads((HERE / f"phase{number}" / WORDS / "said.toml").read_text("utf-8"))
    for item, reason in by_id(site, prp, said.get("waive", {})):
        site.prp("waive", prp, item, "--by", AUTHOR, "--reason", reason)
    site.prp("gate", "run", prp, shown=True, may_fail=True)
    states = {item["state"] for item in site.said("gate", "status", prp)["items"]}
    if "inconclusive" in states and "failed" not in states:
        site.tell(f"phase {number}: noise decided; what isn't proven runs once more")
        site.prp("gate", "run", prp, shown=True, may_fail=True)
    for item, note in by_id(site, prp, said["attest"]):
        site.prp("attest", prp, item, "--by", AUTHOR, "--note", note)
    if not site.said("gate", "status", prp)["ready"]:
        site.fail(site.prp("gate", "status", prp, may_fail=True))


def sum_up(site: Site, number: int) -> None:
    site.tell(f"phase {number}: the summary")
    words = (HERE / f"phase{number}" / WORDS / "summary.md").read_text(encoding="utf-8")
    site.prp("complete", str(number))
    summary = f"PRPs/PHASE{number}_COMPLETION_SUMMARY.md"
    site.change(summary, lambda drawn: handed_over(drawn, words))
    site.prp("complete", str(number))
    site.prp("plan", "render")
    site.prp("check")
    site.prp("reconcile", str(number), shown=True)
    site.commit(f"Complete phase {number}")


def by_id(site: Site, prp: str, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the id of each item that is named by its text, with what is said of it."""
    items = site.said("gate", "status", prp)["items"]
    lines = (site.root / prp).read_text(encoding="utf-8").split("\n")
    for text, words in said.items():
        found = [item["id"] for item in items if text in lines[item["line"] - 1]]
        if len(found) != 1:
            site.fail(f"{prp}: {len(found)} boxes say “{text}”")
        yield found[0], words


# --- The whole ------------------------------------------------------------------------------


def begin(site: Site) -> None:
    site.tell(f"a new repository in {site.root}")
    site.run("git", "init", "--quiet", "--initial-branch=main")
    for setting in ("user.name=The author", "user.email=author@example.invalid"):
        site.run("git", "config", *setting.split("=", 1))
    site.prp("init")
    lay(site, HERE / "begin")
    site.commit("Begin")


def prove(site: Site, phases: Sequence[int]) -> None:
    """Show where everything stands; fails unless each phase is complete and as it was expected."""
    site.prp("status", shown=True)
    for number in phases:
        print(site.prp("gate", "status", f"PRPs/phase{number}.md").partition("\n")[0])
    states = {each["number"]: each["state"] for each in site.said("status")["phases"]}
    if open_ := [number for number in phases if states[number] != "complete"]:
        site.fail(f"not complete: phase {', '.join(map(str, open_))}")


def generated(root: Path) -> dict[str, bytes]:
    """Return what was drawn from the files alone, by its path."""
    found: dict[str, bytes] = {}
    for name in SAME:
        there = (root / name).rglob("*") if (root / name).is_dir() else [root / name]
        found |= {f.relative_to(root).as_posix(): f.read_bytes() for f in there if f.is_file()}
    return found


def compare(site: Site, *, write: bool) -> None:
    """Compare what was generated with expected/; fails for each byte that differs."""
    found = generated(site.root)
    if write:
        shutil.rmtree(EXPECTED, ignore_errors=True)
        for path, content in found.items():
            (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / path).write_bytes(content)
    expected = generated(EXPECTED)
    if found != expected:
        paths = sorted(found.keys() | expected.keys())
        differ = [path for path in paths if found.get(path) != expected.get(path)]
        site.fail(f"not as in expected/ (--write-expected changes it): {', '.join(differ)}")
    site.tell(f"{len(found)} generated files are, byte for byte, those of expected/")


def free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, help="where, and it stays; else one that goes"
    )
    parser.add_argument("--only-phase", type=int, choices=PHASES, help="end after this phase")
    parser.add_argument("--port", type=int, default=PORTS[0], help="it and the next are used")
    parser.add_argument("--write-expected", action="store_true", help="keep what was generated")
    asked = parser.parse_args()
    ports = (asked.port, asked.port + 1)
    if taken := [port for port in ports if not free(port)]:
        sys.exit(f"port {taken[0]} is taken; give --port")
    if asked.folder and asked.folder.exists() and any(asked.folder.iterdir()):
        sys.exit(f"{asked.folder} is not empty")
    if not shutil.which("curl"):
        sys.exit("curl is needed, with which the smoke tests of its PRPs ask the service")
    root = (asked.folder or Path(tempfile.mkdtemp(prefix="prp-phases-"))).resolve()
    root.mkdir(parents=True, exist_ok=True)
    site = Site(root, ports)
    phases = [number for number in PHASES if number <= (asked.only_phase or PHASES[-1])]
    begin(site)
    for number in phases:
        for step in (write_prp, work, settle, sum_up):
            step(site, number)
    prove(site, phases)
    if not asked.only_phase:
        compare(site, write=asked.write_expected)
    site.tell(f"{len(phases)} of {len(PHASES)} phases are complete, each proven")
    if asked.folder:
        print(f"Look around in {root}.")
    else:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
