"""What holds of evidence whatever is done, in which order: random sequences of what people do.

The model knows no digest: it remembers what lay on disk when a gate ran, and decides for itself
what the gate's command must have said.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from prp_pack.check.engine import Checker
from prp_pack.check.items import Proof
from prp_pack.evidence import ledger, record
from prp_pack.evidence.record import Verdict
from prp_pack.gate import completion, run, ticking, word
from prp_pack.gate.completion import Asked
from prp_pack.gate.recording import Contract
from prp_pack.gate.run import Plan
from prp_pack.repository import Repository
from prp_pack.values import replace
from tests.evidence.conftest import git
from tests.gate.projects import SETTINGS

PRP = "PRPs/labels.md"
FOLDER = "PRPs/evidence/labels"
# The suite goes through the same few each time, in less than a minute of CPU. Asked for by number they are
# others each time: PRP_SEQUENCES=300 takes ten minutes.
FEW = 20
SEQUENCES = int(os.environ.get("PRP_SEQUENCES", "0"))

TEXT = """\
---
template: prp_base
name: Labels
---

## Goal
Each parcel has a label.

## What

### Success Criteria
- [ ] Labels are good: `grep -q good src/a.txt`
* [ ] There is a list: `test -f list.txt`

## Validation Loop

### Level 1: Component Validation
```bash
COMMAND
# gate: scope=src
grep -q good src/a.txt
```

### Level 2: Integration Validation
```bash
test -f list.txt
```

## Final Validation Checklist
- [ ] Same as the first: `COMMAND`
- [ ] Nobody is hurt
  by a label
- [ ] The README says so"""
COMMANDS = ("test -d src", "test -d lib", "test -f list.txt", "grep -q good src/b.txt")
WORDS = ("C.2", "C.3")
ITEMS = ("L1.1", "L1.2", "L2.1", "C.1", "S.1", "S.2")
# Each box in order: its item.
BOXES = ("S.1", "S.2", "C.1", "C.2", "C.3")
SOURCES = ("src/a.txt", "src/b.txt", "list.txt", "new/c.txt")
CONTENTS = ("good\n", "bad\n", None)
MARK = re.compile(rb"(?m)^([-*] )\[[ xX]\]")


@dataclass(frozen=True)
class Subject:
    """What an item is about: its command and scope, or its words."""

    text: str
    scope: str = ""


@dataclass(frozen=True)
class Fact:
    """What a record must say, as the model saw it happen."""

    kind: str
    subjects: frozenset[Subject]
    passed: bool = True
    files: tuple[tuple[str, str], ...] = ()
    config: str = ""


def said_by(command: str, files: dict[str, str]) -> bool:
    """Return whether a command passes on some files, without running it."""
    words = command.split()
    if words[1] == "-d":
        return words[-1] == "src"
    if words[0] == "test":
        return words[-1] in files
    if words[0] == "grep":
        return "good" in files.get(words[-1], "")
    return False


def redone(path: Path) -> str:
    """Return a record with another verdict, and the digest that belongs to it."""
    old = record.from_json(path.read_text())
    swapped = Verdict.FAIL if old.verdict is Verdict.PASS else Verdict.PASS
    return record.to_json(replace(old, verdict=swapped))


# Each is a moment between two things that others can see.
STEPS = ("tempfile.mkstemp", "os.chmod", "os.rename", "os.remove", "subprocess.Popen")


def killing_at(step: int) -> Callable[[str, object], None]:
    """Return a hook that kills this process before its so many-th step."""
    left = step

    def hook(event: str, _arguments: object) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


WAYS: dict[str, Callable[[Path], object]] = {
    "remove": lambda path: path.unlink(),
    "move away": lambda path: path.rename(path.with_suffix(".bak")),
    "rename": lambda path: path.rename(path.with_name(f"20261123T000000Z-{'0' * 8}.json")),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "edit": lambda path: path.write_bytes(path.read_bytes().replace(b'"item"', b'"itam"')),
    "edit with its digest": lambda path: path.write_text(redone(path)),
}


class Sequences(RuleBasedStateMachine):
    """One project and what is done to it. `facts` and `originals` are by the name of a record."""

    begun: Path

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="invariants-"))
        self.root = self.top / "project"
        shutil.copytree(self.begun, self.root)
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.facts: dict[str, Fact] = {}
        self.originals: dict[str, bytes] = {}
        self.order: list[str] = []
        self.logged: set[str] = set()
        self.branch = "main"
        self.committed: dict[str, set[str]] = {"main": set()}
        self.loose: set[str] = set()
        """The records that no commit has yet."""

    def teardown(self) -> None:
        shutil.rmtree(self.top)

    @initialize(
        command=st.sampled_from(COMMANDS),
        newline=st.sampled_from(["\n", "\r\n"]),
        ending=st.sampled_from(["", "\n", "\n\n"]),
        mixed=st.booleans(),
    )
    def write_prp(self, command: str, newline: str, ending: str, mixed: bool) -> None:
        text = (TEXT.replace("COMMAND", command) + ending).replace("\n", newline)
        if mixed:
            text = text.replace(f"label{newline}- [", "label\n- [")
        self.prp.write_bytes(text.encode())
        # Each branch has it, with a command that the model knows.
        self.commit()

    # --- What there is ----------------------------------------------------------------------

    @property
    def prp(self) -> Path:
        return self.root / PRP

    @property
    def repository(self) -> Repository:
        return Repository(self.root)

    def contract(self) -> Contract:
        repository = self.repository
        return Contract(
            repository, PRP, lambda: Checker(repository), lambda: self.now, dict(os.environ)
        )

    def proof(self) -> Proof:
        return self.contract().target().proof

    def files(self) -> dict[str, str]:
        paths = (self.root / path for path in SOURCES)
        return {
            path.relative_to(self.root).as_posix(): path.read_text()
            for path in paths
            if path.is_file()
        }

    def config(self) -> str:
        path = self.root / "PRPs/prp.toml"
        return path.read_text() if path.is_file() else ""

    def command(self) -> str:
        found = re.search(r"```bash\r?\n(.*?)\r?\n", self.prp.read_bytes().decode())
        assert found
        return found[1]

    def subject(self, item: str) -> Subject:
        return {
            "L1.1": Subject(self.command()),
            "L1.2": Subject("grep -q good src/a.txt", "src"),
            "L2.1": Subject("test -f list.txt"),
            "C.1": Subject(self.command()),
            "C.2": Subject("Nobody is hurt by a label"),
            "C.3": Subject("The README says so"),
            "S.1": Subject("grep -q good src/a.txt"),
            "S.2": Subject("test -f list.txt"),
        }[item]

    def seen(self, scope: str) -> tuple[tuple[str, str], ...]:
        """Return what a run with this scope depends on."""
        files = self.files().items()
        return tuple(sorted(each for each in files if not scope or each[0].startswith(f"{scope}/")))

    def on_disk(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.root / FOLDER).glob("*.json")}

    def sound(self) -> list[str]:
        """Return the records that are there as they were written, in that order."""
        there = self.on_disk()
        return [name for name in self.order if there.get(name) == self.originals[name]]

    def learn(self) -> None:
        """Take down what the records must say that have come."""
        new = [name for name in self.on_disk() if name not in self.facts and ".unf" not in name]
        for name in sorted(new, key=lambda name: (self.root / FOLDER / name).stat().st_mtime_ns):
            content = (self.root / FOLDER / name).read_bytes()
            plain = json.loads(content)
            subjects = frozenset({self.subject(plain["item"])} if plain["item"] else ())
            fact = Fact(plain["kind"], subjects)
            if plain["kind"] == "run":
                (subject,) = subjects
                passed = said_by(subject.text, self.files())
                assert plain["verdict"] == ("pass" if passed else "fail")
                fact = replace(
                    fact, passed=passed, files=self.seen(subject.scope), config=self.config()
                )
            elif plain["kind"] == "completion":
                required = (*ITEMS, *WORDS)
                fact = replace(fact, subjects=frozenset(self.subject(item) for item in required))
            self.facts[name] = fact
            self.originals[name] = content
            self.order.append(name)
            self.loose.add(name)
            self.logged.add(name)

    def is_justified(self, item: str) -> bool:
        """Tell whether something stands behind an item, by what the model saw."""
        subject = self.subject(item)
        sound = [self.facts[name] for name in self.sound()]
        about = [fact for fact in sound if subject in fact.subjects]
        if any(fact.kind != "run" for fact in about):
            return True
        here = (self.seen(subject.scope), self.config())
        fresh = [fact for fact in about if (fact.files, fact.config) == here]
        return bool(fresh) and fresh[-1].passed

    # --- What people do ---------------------------------------------------------------------

    @rule(path=st.sampled_from(SOURCES), content=st.sampled_from(CONTENTS))
    def edit(self, path: str, content: str | None) -> None:
        full = self.root / path
        if content is None:
            full.unlink(missing_ok=True)
        else:
            full.parent.mkdir(exist_ok=True)
            full.write_text(content)

    @rule()
    def revert(self) -> None:
        git(self.root, "checkout", "-q", "HEAD", "--", "src")

    @rule(table=st.sampled_from(["", "[performance]\np95 = 1\n", "[performance]\np95 = 2\n"]))
    def configure(self, table: str) -> None:
        (self.root / "PRPs/prp.toml").write_text(SETTINGS + table)

    @rule(command=st.sampled_from(COMMANDS))
    def change_the_command(self, command: str) -> None:
        new = command.encode()
        text = re.sub(rb"(```bash\r?\n)[^\r\n]*", rb"\1" + new, self.prp.read_bytes(), count=1)
        text = re.sub(rb"(Same as the first: `)[^`]*", rb"\1" + new, text)
        self.prp.write_bytes(text)

    @rule(number=st.integers(0, len(BOXES) - 1), mark=st.sampled_from([b"x", b"X", b" "]))
    def mark_by_hand(self, number: int, mark: bytes) -> None:
        text = self.prp.read_bytes()
        found = list(MARK.finditer(text))[number]
        self.prp.write_bytes(text[: found.end() - 2] + mark + text[found.end() - 1 :])

    @rule(years=st.integers(-30, 30), seconds=st.integers(-2, 2))
    def set_the_clock(self, years: int, seconds: int) -> None:
        self.now = datetime(2026 + years, 11, 23, tzinfo=UTC) + timedelta(seconds=seconds)

    @rule(item=st.sampled_from(ITEMS), again=st.booleans())
    def run_one(self, item: str, again: bool) -> None:
        run.run(self.contract(), Plan(ids=(item,), again=again), lambda _: None)
        self.learn()

    @rule(again=st.booleans(), keep_going=st.booleans())
    def run_all(self, again: bool, keep_going: bool) -> None:
        run.run(self.contract(), Plan(again=again, keep_going=keep_going), lambda _: None)
        self.learn()

    @rule(step=st.integers(0, 80))
    def kill_a_run(self, step: int) -> None:
        child = os.fork()
        if child == 0:
            sys.addaudithook(killing_at(step))
            try:
                run.run(self.contract(), Plan(again=True, keep_going=True), lambda _: None)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        self.learn()

    @rule(item=st.sampled_from(WORDS))
    def attest(self, item: str) -> None:
        word.attest(self.contract(), item, "Ada", "looked")
        self.learn()

    @rule(item=st.sampled_from((*WORDS, *ITEMS)))
    def waive(self, item: str) -> None:
        word.waive(self.contract(), item, "Ada", "does not apply")
        self.learn()

    @rule()
    def complete(self) -> None:
        completion.complete(self.contract(), Asked(), lambda _: {})
        self.learn()

    @rule()
    def finish_everything(self) -> None:
        self.edit("src/a.txt", "good\n")
        self.edit("src/b.txt", "good\n")
        self.edit("list.txt", "good\n")
        self.change_the_command("test -d src")
        self.run_all(again=False, keep_going=True)
        for item in WORDS:
            self.attest(item)
        self.complete()
        assert self.proof().closed is not None

    @rule()
    def tick(self) -> None:
        before = self.prp.read_bytes()
        ticking.apply(self.contract())
        once = self.prp.read_bytes()
        assert MARK.sub(rb"\1[ ]", once) == MARK.sub(rb"\1[ ]", before)
        assert ticking.apply(self.contract()) == 0
        assert self.prp.read_bytes() == once

    # --- Branches ---------------------------------------------------------------------------

    @rule()
    def commit(self) -> None:
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", "Change", "--allow-empty")
        self.committed[self.branch] |= self.loose
        self.loose = set()

    @rule(name=st.sampled_from(["main", "left", "right"]))
    def switch(self, name: str) -> None:
        new = name not in self.committed
        if self.git("checkout", "-q", *(["-b"] if new else []), name):
            self.committed.setdefault(name, set(self.committed[self.branch]))
            self.branch = name

    @rule(name=st.sampled_from(["main", "left", "right"]))
    def merge(self, name: str) -> None:
        if name not in self.committed:
            return
        if self.git("merge", "-q", "--no-edit", "-X", "theirs", name):
            self.committed[self.branch] |= self.committed[name]
        else:
            self.git("merge", "--abort")

    def git(self, *arguments: str) -> bool:
        try:
            git(self.root, *arguments)
        except subprocess.CalledProcessError:
            return False
        return True

    @rule()
    def forget(self) -> None:
        shutil.rmtree(self.root / ".prp", ignore_errors=True)
        self.logged = set()

    # --- What nobody may do -----------------------------------------------------------------

    def is_known(self, name: str) -> bool:
        """Tell whether anything but the record itself says that it was there."""
        run_id = name.removesuffix(".json")
        others = [self.originals[other] for other in self.sound() if other != name]
        later = any(run_id in json.loads(content)["parents"] for content in others)
        return later or name in self.logged or name in self.committed[self.branch]

    @rule(how=st.sampled_from(sorted(WAYS)), number=st.integers(0, 99), commit=st.booleans())
    def tamper(self, how: str, number: int, commit: bool) -> None:
        if not self.sound():
            return
        name = self.sound()[number % len(self.sound())]
        path = self.root / FOLDER / name
        known = self.is_known(name)
        WAYS[how](path)
        stem = name.removesuffix(".json")
        if known or how in ("rename", "cut", "edit"):
            self.expect_told(stem, how)
        # A record that nothing else speaks of, written anew with its digest, is a record: who knows
        # the scheme can do that (docs/adr/0014-ledger.md), and `prp gate verify` is the answer.
        if known or how != "edit with its digest":
            self.every_accepted_tick_is_justified()
        if commit and known and not self.loose and name in self.logged:
            git(self.root, "add", "-A")
            git(self.root, "commit", "-qm", "Tidy up")
            self.expect_told(stem, how)
            self.every_accepted_tick_is_justified()
        for other in (self.root / FOLDER).glob("*"):
            if other.name not in self.originals and ".unfinished" not in other.name:
                other.unlink()
        path.write_bytes(self.originals[name])
        if commit:
            self.commit()

    def expect_told(self, stem: str, how: str) -> None:
        told = [problem.place.path for problem in self.proof().broken]
        renamed = how == "rename" and any("0" * 8 in path for path in told)
        assert renamed or any(stem in path for path in told), (how, stem, told)

    # --- What holds after each step ---------------------------------------------------------

    @invariant()
    def every_accepted_tick_is_justified(self) -> None:
        found = Checker(self.repository).check(PRP)
        refused = {each.line for each in found if each.rule in ("PRP505", "PRP506")}
        lines = self.prp.read_bytes().decode().splitlines()
        numbers = [n for n, line in enumerate(lines, 1) if re.match(r"[-*] \[[ xX]\]", line)]
        for number, item in zip(numbers, BOXES, strict=True):
            if "[ ]" not in lines[number - 1] and number not in refused:
                assert self.is_justified(item), item

    @invariant()
    def records_only_come(self) -> None:
        expected = self.committed[self.branch] | self.loose
        there = {name for name in self.on_disk() if ".unfinished" not in name}
        assert there == expected
        assert set(self.sound()) == expected

    @invariant()
    def what_is_settled_is_justified_and_nobody_is_accused(self) -> None:
        proof = self.proof()
        settled = [id_ for id_, each in proof.standings.items() if each.is_settled]
        assert [item for item in settled if not self.is_justified(item)] == []
        assert proof.broken == ()
        assert ledger.losses(self.repository, proof.ledger, history=True) == ()


def test_whatever_is_done_a_tick_has_a_reason_and_nobody_is_accused(tmp_path: Path) -> None:
    root = tmp_path / "begun"
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    begun = {"src/a.txt": "good\n", "src/b.txt": "bad\n", PRP: TEXT, "PRPs/prp.toml": SETTINGS}
    for path, text in begun.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "config", "core.autocrlf", "false")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Begin")
    machine: type[Sequences] = type("Sequences", (Sequences,), {"begun": root})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES or FEW,
            derandomize=not SEQUENCES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
