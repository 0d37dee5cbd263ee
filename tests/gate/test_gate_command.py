"""`prp gate`, `prp attest`, `prp waive`, as processes in a real repository."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from prp_pack.evidence import record
from tests.evidence.conftest import git
from tests.gate.projects import PRP, Project, begin, environment, unmeasured

ALL = ("L1.0", "L1.1", "L1.2", "L2.1", "C.1", "C.2", "S.1", "S.2")


def test_a_list_names_every_item_and_what_decides_it(project: Project) -> None:
    lines = project.prp("gate", "list", PRP, status=0).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(ALL)
    assert lines[1].split(maxsplit=1)[1] == "python check.py"
    assert lines[5].endswith("(a person's word)")
    assert "pytest tests/test_labels.py -k test_twelve" in lines[6]


def test_nothing_is_proven_before_anything_ran(project: Project) -> None:
    project.prp("gate", "status", PRP, status=1)
    assert set(project.states().values()) == {"unrun"}
    assert project.status()["ready"] is False


def test_an_honest_run_is_proven_and_ticked(project: Project) -> None:
    run = project.prp("gate", "run", PRP, status=0)
    assert "L1.2     passed" in run.stderr
    assert "pytest: 1 passed" in run.stderr
    states = project.states()
    assert states.pop("C.2") == "unrun", "no command proves it"
    assert set(states.values()) == {"proven"}
    boxes = [line[:5] for line in project.text().splitlines() if line.startswith("- [")]
    assert boxes == ["- [x]", "- [x]", "- [x]", "- [ ]"]
    project.prp("check", PRP, "--select", "PRP505,PRP506,PRP509", status=0)

    project.prp("attest", PRP, "C.2", "--by", "Ada", "--note", "read it", status=0)
    status = project.status()
    assert status["ready"] is True
    assert status["levels"] == {"1": "proven", "2": "proven", "C": "attested", "S": "proven"}
    assert "- [x] The README" in project.text()
    project.prp("gate", "status", PRP, status=0)


def test_commands_that_are_equal_run_once(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    runs = [record["subject"] for record in project.records() if record["kind"] == "run"]
    assert sorted(runs) == sorted(set(runs))
    again = project.prp("gate", "run", PRP, status=0)
    assert "passed" not in again.stderr
    assert "L1.1     proven already" in again.stderr
    assert len(project.records()) == len(runs)


def test_again_runs_what_is_proven(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    before = len(project.records())
    project.prp("gate", "run", PRP, "--again", status=0)
    assert len(project.records()) == 2 * before


def test_a_level_that_fails_stops_the_next(project: Project) -> None:
    project.put("check.py", "import sys\nprint('it broke here')\nsys.exit(3)\n")
    run = project.prp("gate", "run", PRP, status=1)
    assert "L1.1     FAILED" in run.stderr
    assert "| it broke here" in run.stderr
    assert "stopped at level 1: L1.1" in run.stderr
    states = project.states()
    assert (states["L1.1"], states["L1.2"], states["L2.1"]) == ("failed", "proven", "unrun")
    project.prp("gate", "run", PRP, "--keep-going", status=1)
    assert project.states()["L2.1"] == "proven"


def test_a_later_change_makes_it_stale_and_the_tick_is_found(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    project.put("src/labels.py", "def label():\n    return '1' * 12  # digits\n")
    states = project.states()
    assert {states[id_] for id_ in ALL} == {"stale", "unrun"}
    found = project.prp("check", PRP, "--select", "PRP506", "--format", "concise", status=1)
    assert found.stdout.count("PRP506") == 3
    project.prp("check", PRP, "--select", "PRP506", "--fix", status=0)
    assert "[x]" not in project.text()
    git(project.root, "checkout", "--", "src/labels.py")
    assert project.states()["L1.2"] == "proven", "the same files are proven as before"


def test_a_commit_makes_nothing_stale(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    project.commit("Prove it")
    assert project.states()["L1.2"] == "proven"


def test_a_run_that_refutes_takes_its_tick_back(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    project.put("tests/test_labels.py", "def test_twelve():\n    assert False\n")
    project.prp("gate", "run", PRP, "--keep-going", status=1)
    assert "- [ ] Tests pass" in project.text()
    assert "- [x] At most 2 s" in project.text()


COMMANDS = {
    "exit 3": ("failed", "exit status 3"),
    "kill -9 $$": ("failed", "was ended by SIGKILL"),
    "sleep 60  # gate: timeout=500ms": ("failed", "did not end within 0.5 s"),
    "yes  # gate: timeout=1s": ("failed", "did not end within 1 s"),
    "true": ("proven", ""),
    "head -c 300M /dev/zero": ("proven", ""),
    "read -r line": ("failed", "exit status 1"),
    "cat": ("proven", ""),
    "no-such-program --x": ("failed", "is not on PATH"),
    "./check.py": ("failed", "is not executable"),
    "echo changed > new.txt": ("failed", "files changed while it ran: new.txt"),
    "echo changed > ignored.log": ("proven", ""),
    "pytest tests -q -k nothing": ("failed", "exit status 5"),
    "pytest --version": ("proven", ""),
    "python -m pytest tests -q | tee out.log": ("proven", ""),
    "python -m pytest nothing -q | tee out.log": ("failed", "exit status 4"),
    "sleep 1000 & sleep 0.2": ("proven", ""),
    "python -c 'import os; os.fork() or os.setsid() or __import__(\"time\").sleep(999)'": (
        "proven",
        "",
    ),
}


def left_in(project: Project) -> list[psutil.Process]:
    """Return the processes that still work in a project's folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(project.root):
                found.append(process)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_judged_by_what_it_did(project: Project, command: str) -> None:
    state, why = COMMANDS[command]
    project.replace("python check.py\npytest", f"{command}\npytest")
    project.prp("gate", "run", PRP, "--item", "L1.1")
    found = next(item for item in project.status()["items"] if item["id"] == "L1.1")
    assert (found["state"], why in found["why"]) == (state, True), found
    assert left_in(project) == []


def test_tests_that_were_all_skipped_prove_nothing(project: Project) -> None:
    project.put(
        "tests/test_labels.py",
        "import pytest\n\n\n@pytest.mark.skip\ndef test_twelve():\n    assert False\n",
    )
    run = project.prp("gate", "run", PRP, "--item", "L1.2", status=1)
    assert "zero tests ran: all were skipped" in run.stderr


def test_a_failure_behind_a_pipe_or_an_or_is_seen(project: Project) -> None:
    project.put("tests/test_labels.py", "def test_twelve():\n    assert False\n")
    project.replace("pytest tests -q\n```", "pytest tests -q | cat\n```")
    project.prp("gate", "run", PRP, "--item", "L1.2", status=1)
    project.replace("pytest tests -q | cat\n", "pytest tests -q || true\n")
    run = project.prp("gate", "run", PRP, "--item", "L1.2", status=1)
    assert "not run" in run.stderr
    assert "PRP503" in run.stderr


@pytest.mark.parametrize(
    "command", ["pytest tests/[YOUR TEST]", "pytest tests --timeout=[seconds]", "rm -rf src"]
)
def test_what_has_a_placeholder_or_does_harm_is_not_run(project: Project, command: str) -> None:
    project.replace("python check.py\npytest", f"{command}\npytest")
    run = project.prp("gate", "run", PRP, "--item", "L1.1", status=1)
    assert "L1.1     not run: line 19" in run.stderr
    assert project.records() == []
    assert (project.root / "src").is_dir()


def test_a_file_that_does_not_parse_fails_the_first_gate(project: Project) -> None:
    project.put("src/broken.py", "def f(:\n")
    run = project.prp("gate", "run", PRP, status=1)
    assert "src/broken.py:1: invalid syntax" in run.stderr


def test_a_changed_test_file_must_collect(project: Project) -> None:
    project.put("tests/test_new.py", "import no_such_module\n\n\ndef test_x():\n    pass\n")
    run = project.prp("gate", "run", PRP, "--item", "L1.0", status=1)
    assert "No module named 'no_such_module'" in run.stderr
    project.put("tests/test_new.py", "x = 1\n")
    run = project.prp("gate", "run", PRP, "--item", "L1.0", status=1)
    assert "no test in" in run.stderr
    project.put("tests/test_new.py", "def test_x():\n    pass\n")
    project.prp("gate", "run", PRP, "--item", "L1.0", status=0)


SERVER = """\
import http.server, os, sys
port = int(sys.argv[1])
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_a_service_runs_beside_the_gates_of_its_level(project: Project, free_port: int) -> None:
    project.put("server.py", SERVER)
    ready = f"http://127.0.0.1:{free_port}/check.py"
    project.replace(
        "python check.py\npytest",
        f"# gate: background ready={ready} timeout=20s\npython server.py {free_port}\n"
        f"python -c 'import urllib.request as u; u.urlopen(\"{ready}\")'\npytest",
    )
    project.prp("gate", "run", PRP, "--level", "1", status=0)
    assert project.states()["L1.1"] == "proven"
    project.put("src/other.py", "x = 1\n")
    project.prp("gate", "run", PRP, "--item", "L1.2", status=0)
    assert project.states()["L1.2"] == "proven", "the service is started for one gate, too"
    with pytest.raises(OSError, match="refused"):
        __import__("socket").create_connection(("127.0.0.1", free_port), 1)

    project.put("server.py", "print('no port for me')\n")
    run = project.prp("gate", "run", PRP, "--level", "1", status=1)
    assert "| no port for me" in run.stderr
    assert "L1.2     not run: L1.1 is not running beside it" in run.stderr


def test_a_dry_run_shows_and_runs_nothing(project: Project) -> None:
    run = project.prp("gate", "run", PRP, "--dry-run", status=0)
    assert "L1.1     $ python check.py" in run.stdout
    assert "C.2      needs a person's word" in run.stdout
    assert project.records() == []
    assert not (project.root / ".prp").exists()


def test_secrets_are_written_nowhere(project: Project) -> None:
    project.put("check.py", "import os\nprint('the key is', os.environ['API_TOKEN'])\n")
    project.prp("gate", "run", PRP, "--item", "L1.1", status=0, API_TOKEN="tr0ub4dor-and-3")
    written = [
        path for folder in (".prp", "PRPs/evidence") for path in (project.root / folder).rglob("*")
    ]
    texts = [path.read_text() for path in written if path.is_file()]
    assert any("the key is" in text for text in texts)
    assert not any("tr0ub4dor" in text for text in texts)


ERRORS = [
    (("gate", "run", "PRPs/none.md"), "PRPs/none.md: does not exist"),
    (("gate", "run", PRP, "--item", "L9.1"), "has no item L9.1"),
    (("gate", "run", PRP, "--level", "7"), "has no level 7"),
    (("gate", "run", "README.md"), "does not exist"),
    (("gate", "run", "PRPs/empty.md"), "has no gate and no box"),
    (("gate", "status", "PRPs/PROJECT_PHASE_PLAN.md"), "is not a PRP"),
    (("attest", PRP, "C.1", "--by", "Ada", "--note", "x"), "is proven by a command, not by a word"),
    (("attest", PRP, "C.9", "--by", "Ada", "--note", "x"), "has no item C.9"),
    (("attest", PRP, "C.2", "--by", " ", "--note", "x"), "needs a name and a text"),
    (("waive", PRP, "C.2", "--by", "Ada", "--reason", ""), "needs a name and a text"),
    (("gate", "accept", PRP, "123", "--by", "Ada", "--reason", "x"), "has the key 123"),
]


@pytest.mark.parametrize(("arguments", "said"), ERRORS)
def test_what_cant_be_done_is_said_with_status_2(
    project: Project, arguments: tuple[str, ...], said: str
) -> None:
    project.put("PRPs/empty.md", "---\ntemplate: prp_base\n---\n## Goal\nx\n")
    project.put("PRPs/PROJECT_PHASE_PLAN.md", "---\ntemplate: phase_plan\nphases: []\n---\n")
    run = project.prp(*arguments, status=2)
    assert said in run.stderr


def test_without_git_nothing_can_be_bound(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.put(
        PRP,
        "---\ntemplate: prp_base\n---\n## Validation Loop\n### Level 1: x\n```bash\ntrue\n```\n",
    )
    run = project.prp("gate", "run", PRP, status=2)
    assert "run `git init`" in run.stderr


def test_a_waiver_settles_and_says_so(project: Project) -> None:
    project.prp("waive", PRP, "L2.1", "--by", "Ada", "--reason", "grep is not a test", status=0)
    item = next(item for item in project.status()["items"] if item["id"] == "L2.1")
    assert (item["state"], item["why"]) == ("waived", "Ada: grep is not a test")


def test_a_word_from_a_session_of_the_client_says_so(project: Project) -> None:
    project.prp("attest", PRP, "C.2", "--by", "Ada", "--note", "x", status=0, CLAUDECODE="1")
    assert project.records()[-1]["data"] == {"through": "claude-code"}
    assert "entered from a session of Claude Code" in project.prp("gate", "status", PRP).stdout


def test_an_altered_record_is_found_and_can_be_excused(project: Project) -> None:
    project.put("check.py", "raise SystemExit(1)\n")
    project.prp("gate", "run", PRP, "--item", "L1.1", status=1)
    path = next(project.root.glob("PRPs/evidence/labels/*.json"))
    path.write_text(path.read_text().replace('"fail"', '"pass"'))
    assert project.states()["L1.1"] == "unrun"
    assert "edited" in project.prp("gate", "status", PRP, status=1).stdout
    assert "PRP509" in project.prp("check", PRP, "--select", "PRP509", status=1).stdout
    path.unlink()
    assert "gone" in project.prp("gate", "status", PRP, status=1).stdout
    project.prp("waive", PRP, path.stem, "--by", "Ada", "--reason", "disk was restored", status=0)
    project.prp("check", PRP, "--select", "PRP509", status=0)


def forge(path: Path, **changes: object) -> None:
    """Edit a record together with its digest."""
    loaded = json.loads(path.read_text()) | changes
    del loaded["digest"]
    path.write_text(json.dumps(loaded | {"digest": record.digest(loaded)}))


def test_an_altered_record_proves_nothing_even_when_it_is_excused(project: Project) -> None:
    project.put("check.py", "raise SystemExit(1)\n")
    project.prp("gate", "run", PRP, "--item", "L1.1", status=1)
    path = next(project.root.glob("PRPs/evidence/labels/*.json"))
    forge(path, verdict="pass")
    assert project.states()["L1.1"] == "unrun"
    project.prp("waive", PRP, path.stem, "--by", "Ada", "--reason", "a typo", status=0)
    project.prp("check", PRP, "--select", "PRP509", status=0)
    assert project.states()["L1.1"] == "unrun"


def test_an_altered_record_does_not_excuse_itself(project: Project) -> None:
    project.put("check.py", "raise SystemExit(1)\n")
    project.prp("gate", "run", PRP, "--item", "L1.1", status=1)
    path = next(project.root.glob("PRPs/evidence/labels/*.json"))
    forge(path, kind="waiver", item=path.stem, by="Ada", note="x")
    assert project.states()["L1.1"] == "unrun"
    assert "PRP509" in project.prp("check", PRP, "--select", "PRP509", status=1).stdout


def test_a_ledger_that_was_removed_with_all_traces_is_missed(project: Project) -> None:
    project.put("check.py", "raise SystemExit(1)\n")
    project.prp("gate", "run", PRP, "--item", "L1.1", status=1)
    project.commit("Record")
    shutil.rmtree(project.root / "PRPs/evidence")
    shutil.rmtree(project.root / ".prp")
    assert "committed and is gone" in project.prp("gate", "status", PRP, status=1).stdout
    project.prp("check", PRP, "--select", "PRP509", status=1)


def test_verify_exposes_a_record_that_no_run_can_repeat(project: Project) -> None:
    project.put("check.py", "import os, sys\nsys.exit(os.path.exists('/nowhere'))\n")
    project.commit()
    project.prp("gate", "run", PRP, status=0)
    project.commit("Prove it")
    result = project.prp("gate", "verify", PRP, status=0)
    assert "passing records hold on this checkout" in result.stdout
    clone = project.root.with_name("clone")
    git(project.root, "clone", "-q", str(project.root), str(clone))
    Project(clone).prp("gate", "verify", PRP, status=0)
    # Somebody commits other code and forges the record for it, with a whole chain.
    project.put("check.py", "raise SystemExit(1)\n")
    project.commit()
    forge = (
        "import sys; from pathlib import Path; from prp_pack.values import replace\n"
        "from prp_pack.evidence import ledger; from prp_pack.repository import Repository\n"
        "from prp_pack import worktree\n"
        "root = Repository(Path('.')); folder = 'PRPs/evidence/labels'\n"
        "for old in ledger.read(root, folder).records:\n"
        "    new = replace(old, run_id=old.run_id[:-1] + ('0' if old.run_id[-1] != '0' else '1'))\n"
        "    new = replace(new, git=replace(new.git, tree_sha=worktree.read(root).digest))\n"
        "    ledger.write(root, folder, new)\n"
    )
    subprocess.run([sys.executable, "-c", forge], cwd=project.root, check=True)
    project.commit("Forge")
    assert project.states()["L1.1"] == "proven", "no digest tells"
    result = project.prp("gate", "verify", PRP, status=1)
    assert "L1.1: recorded as passed" in result.stdout
    loaded = json.loads(project.prp("gate", "verify", PRP, "--json", status=1).stdout)
    assert [item["id"] for item in loaded["prps"][0]["items"] if not item["holds"]] == [
        "L1.1",
        "S.2",
    ]
    assert git(project.root, "status", "--porcelain") == "", "it leaves nothing behind"


def test_verify_skips_what_is_no_prp_and_says_so(project: Project) -> None:
    project.put("PRPs/INITIAL.md", "---\ntemplate: initial\n---\n# Labels\n")
    project.prp("gate", "run", PRP, status=0)
    project.commit()
    result = project.prp("gate", "verify", PRP, "PRPs/INITIAL.md", status=0)
    assert "skipped PRPs/INITIAL.md: it is not a PRP" in result.stderr
    assert "passing records hold" in result.stdout
    assert "is not a PRP" in project.prp("gate", "verify", "PRPs/INITIAL.md", status=2).stderr


def test_verify_wants_a_clean_checkout(project: Project) -> None:
    project.put("src/new.py", "x = 1\n")
    assert "git worktree add" in project.prp("gate", "verify", PRP, status=2).stderr


def test_a_killed_run_leaves_an_error_and_goes_on_at_its_gate(project: Project) -> None:
    project.put("check.py", "import time\nopen('started.log', 'w').close()\ntime.sleep(1000)\n")
    command = [sys.executable, "-m", "prp_pack", "gate", "run", PRP]
    running = subprocess.Popen(
        command, cwd=project.root, env=environment(), stderr=subprocess.DEVNULL
    )
    while not (project.root / "started.log").exists():
        assert running.poll() is None
        time.sleep(0.02)
    (gate,) = [p for p in psutil.Process(running.pid).children() if "check.py" in p.cmdline()]
    running.send_signal(signal.SIGKILL)
    running.wait()
    gate.wait(60)
    unfinished = [record for record in project.records() if not record["finished"]]
    assert [record["verdict"] for record in unfinished] == ["error"]
    assert project.states()["L1.0"] == "proven"
    assert project.states()["L1.1"] == "unrun"
    project.put("check.py", "print('quick')\n")
    run = project.prp("gate", "run", PRP, status=0)
    assert "L1.1     passed" in run.stderr
    assert left_in(project) == [], "what was started is ended with it"


def test_an_interrupted_run_ends_what_it_started(project: Project) -> None:
    project.put("check.py", "import time\nopen('started.log', 'w').close()\ntime.sleep(4321)\n")
    command = [sys.executable, "-m", "prp_pack", "gate", "run", PRP]
    running = subprocess.Popen(
        command, cwd=project.root, env=environment(), stderr=subprocess.PIPE, text=True
    )
    while not (project.root / "started.log").exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode in {1, 130}
    assert "Traceback" not in said
    assert left_in(project) == []


def test_two_runs_at_once_lose_nothing(project: Project) -> None:
    command = [sys.executable, "-m", "prp_pack", "gate", "run", PRP, "--again"]
    runs = [
        subprocess.Popen(command, cwd=project.root, env=environment(), stderr=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]  # fmt: skip
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert project.status()["ledger"] == []
    assert len(project.records()) == 3 * 5
    assert project.text().count("[x]") == 3


def test_a_tree_that_cant_be_written_is_said_before_anything_runs(project: Project) -> None:
    project.put("PRPs/evidence", "a file where a folder belongs\n")
    project.commit()
    run = project.prp("gate", "run", PRP, status=2)
    assert "PRPs/evidence" in run.stderr
    assert "passed" not in run.stderr


def test_jobs_run_linters_at_once_with_the_same_outcome(project: Project) -> None:
    project.replace(
        "python check.py\npytest", "ruff check src\nruff format --check src\nmypy --version\npytest"
    )
    project.prp("gate", "run", PRP, "--level", "1", "--jobs", "3", status=0)
    states = project.states()
    assert {states[id_] for id_ in ("L1.1", "L1.2", "L1.3", "L1.4")} == {"proven"}
    assert project.status()["ledger"] == []


def test_a_project_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    outer = begin(tmp_path / "outer", [("README.md", "x\n")])
    inner = Project(outer.root / "service")
    inner.put(
        PRP,
        "---\ntemplate: prp_base\n---\n## Validation Loop\n### Level 1: x\n```bash\ntrue\n```\n",
    )
    outer.commit()
    inner.prp("gate", "run", PRP, status=0)
    outer.put("README.md", "changed\n")
    assert inner.states()["L1.1"] == "proven"
    inner.put("new.py", "x\n")
    assert inner.states()["L1.1"] == "stale"


def test_a_phase_that_ended_partial_is_proven_anew(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    project.prp("attest", PRP, "C.2", "--by", "Ada", "--note", "read it", status=0)
    project.prp("complete", PRP, "--status", "partial", "--defer", "labels of 13 digits", status=0)
    project.replace("twelve", "12", "src/labels.py")
    assert set(project.states().values()) <= {"proven", "attested"}
    project.prp("complete", PRP, status=1)
    said = project.prp("gate", "run", PRP, "--item", "L1.1", status=0).stderr
    assert "L1.1     passed" in said
    project.prp("gate", "run", PRP, status=0)
    project.prp("complete", PRP, status=0)
    assert "L1.1     proven already" in project.prp("gate", "run", PRP, status=0).stderr


def test_a_complete_phase_runs_nothing_until_it_is_re_opened(project: Project) -> None:
    project.prp("gate", "run", PRP, status=0)
    project.prp("attest", PRP, "C.2", "--by", "Ada", "--note", "read it", status=0)
    project.prp("complete", PRP, status=0)
    project.replace("twelve", "12", "src/labels.py")
    assert "L1.1     proven already" in project.prp("gate", "run", PRP, status=0).stderr
    project.replace("grep -q digits", "grep -q 12")
    refused = project.prp("complete", PRP, status=1)
    assert f"prp gate run {PRP} --item L1.1" in refused.stdout
    assert "L1.1     passed" in project.prp("gate", "run", PRP, "--item", "L1.1", status=0).stderr


# What only runs, checks or compares has need of, and what each would add to every question.
NOT_IN_A_STATUS = (
    "concurrent.futures",
    "dataclasses",
    "importlib.metadata",
    "importlib.resources",
    "markdown_it",
    "prp_pack.check.engine",
    "prp_pack.check.rules",
    "prp_pack.evidence.weakening",
    "prp_pack.gate.process",
    "prp_pack.gate.run",
    "psutil",
    "ssl",
    "tempfile",
    "tomllib",
    "tree_sitter",
)


@pytest.mark.parametrize("command", ["status", "list"])
def test_asking_where_a_prp_stands_imports_nothing_that_runs_checks_or_compares(
    project: Project, command: str
) -> None:
    """The PRP is sealed, and has a record and a tick since; nothing is configured."""
    (project.root / "PRPs/prp.toml").unlink()
    project.prp("gate", "seal", PRP, status=0)
    project.prp("attest", PRP, "C.2", "--by", "Ada", "--note", "looked", status=0)
    code = (
        "import sys\n"
        "from prp_pack.cli import main\n"
        f"try: main(['gate', {command!r}, {PRP!r}])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True,
        cwd=project.root, env=unmeasured(),
    )  # fmt: skip
    assert "C.2" in run.stdout
    imported = set(run.stderr.split())
    assert {"prp_pack.gate.status", "yaml"} <= imported
    assert imported & set(NOT_IN_A_STATUS) == set()
