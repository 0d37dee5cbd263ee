from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.docs.blocks import holds
from tests.evidence.conftest import git
from tests.probes.site import SAFETY, Site, environment, free_port
from tests.probes.two_versions import CONFIG, QUICK, SLOW, service
from tests.report.page.reading import Reading

SCRIPT = "performance_benchmark"
BETWEEN = ("--baseline=phase_1", "--target-phase=2")
FILES = (SCRIPT, "--from=new.json", "--against=old.json", "--tolerance=5%")


def configure(site: Site, performance: str = "", paths: str = "") -> None:
    if "revisions" not in performance:
        performance += '\nrevisions = { phase_1 = "phase-1" }'
    said = CONFIG.format(python=sys.executable, performance=performance, paths=paths)
    site.put("PRPs/prp.toml", said)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a project whose phase 1 ended with a quick service at the tag `phase-1`."""
    site = Site(tmp_path / "site", free_port())
    configure(site)
    site.put("service.py", service())
    git(tmp_path, "init", "-q", str(site.root))
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "phase 1")
    git(site.root, "tag", "phase-1")
    return site


def nothing_is_left(site: Site) -> bool:
    """Tell whether git, the disk and the processes are as they were."""
    trees = git(site.root, "worktree", "list", "--porcelain").count("worktree ")
    folder = site.root / ".prp/worktrees"
    return trees == 1 and not (folder.is_dir() and any(folder.iterdir())) and not up(site)


def up(site: Site) -> list[psutil.Process]:
    """Return the services of a project that run."""
    found = []
    for process in psutil.process_iter():
        try:
            if "service.py" in process.cmdline() and Path(process.cwd()).is_relative_to(site.root):
                found.append(process)
        except psutil.Error:
            continue
    return found


def metrics_of(result: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in result["metrics"]}


@pytest.mark.parametrize(("dies", "status"), [("target", 1), ("baseline", 3)])
def test_a_version_that_dies_under_requests(site: Site, dies: str, status: int) -> None:
    """The newer one has failed; without the older one there is nothing to compare with."""
    later = "import threading\nthreading.Timer(1.5, os._exit, [9]).start()\n"
    if dies == "baseline":
        site.put("service.py", service(more=later))
        git(site.root, "commit", "-qam", "one that dies")
        git(site.root, "tag", "--force", "phase-1")
    site.put("service.py", service(more=later if dies == "target" else ""))
    found = site.result(SCRIPT, *BETWEEN, "--requests=1000", status=status)
    (check,) = found["checks"]
    assert check["message"].startswith(f"{dies}: service ended")
    assert "with status 9 while it was needed" in check["message"]
    assert nothing_is_left(site)


def test_the_same_service_passes_and_leaves_nothing_but_a_record(site: Site) -> None:
    found = site.result(SCRIPT, *BETWEEN, status=0)
    metrics = metrics_of(found)
    ratio, control = metrics["GET /items ratio"], metrics["GET /items control"]
    assert ratio["ci95"][0] <= ratio["value"] <= ratio["ci95"][1] <= 1.5
    assert control["n"] == ratio["n"] >= 5
    assert metrics["GET /items phase_1"]["value"] >= 1000 * QUICK
    assert metrics["GET /items phase_2"]["unit"] == "ms"
    own = [name for name, each in metrics.items() if each.get("role") != "comparison"]
    assert own == ["GET /items phase_2"], "what a later phase can be held to"
    record = json.loads((site.root / found["record"]).read_text(encoding="utf-8"))
    commit = git(site.root, "rev-parse", "HEAD").strip()
    assert record["baseline"] == f"phase_1 at {commit}"
    assert record["subject_phase"] == 2
    assert nothing_is_left(site)


def test_a_slow_path_in_the_working_tree_fails_and_a_new_one_is_skipped(site: Site) -> None:
    configure(site, paths='[[performance.critical_paths]]\npath = "/new"\n')
    site.put("service.py", service(SLOW, "/new"))
    found = site.result(SCRIPT, *BETWEEN, "--html=.prp/slow.html", status=1)
    (threshold,) = found["thresholds"]
    assert (threshold["metric"], threshold["ok"]) == ("GET /items ratio", False)
    assert metrics_of(found)["GET /items ratio"]["n"] == 10, "confirmed by as many fresh rounds"
    skipped = next(each for each in found["checks"] if each["id"] == "GET /new")
    assert skipped["status"] == "skip"
    assert "phase_1 answered 404" in skipped["message"]
    read = Reading((site.root / ".prp/slow.html").read_text(encoding="utf-8"))
    assert read.sections.keys() >= {"picture-1", "picture-2", "asked"}
    assert "picture-3" not in read.sections, "what wasn't compared isn't drawn"
    ratio = metrics_of(found)["GET /items ratio"]
    assert f"{ratio['value']:g} ×" in read.said("picture-1")
    assert "limit 1.5 ×" in read.said("picture-1")
    assert "30 10 " in read.said("picture-2"), "three launches a round"
    shown = "prp run performance_benchmark --baseline=phase_1 --target-phase=2"
    others = [each for each in found["checks"] if each is not skipped]
    holds("docs/scripts/performance_benchmark.md", shown, {**found, "checks": others})
    assert nothing_is_left(site)


def test_a_complete_phase_is_judged_at_the_commit_of_its_summary(site: Site) -> None:
    first = git(site.root, "rev-parse", "HEAD").strip()
    site.put("service.py", service(SLOW))
    git(site.root, "commit", "-qam", "phase 2")
    second = git(site.root, "rev-parse", "HEAD").strip()
    site.put("service.py", "raise SystemExit('what is being written is not judged')\n")
    for number, commit in ((1, first), (2, second)):
        front = (
            f"---\nphase: {number}\nstatus: complete\ncommit: {commit}\nuncommitted: true\n---\n"
        )
        site.put(f"PRPs/PHASE{number}_COMPLETION_SUMMARY.md", f"{front}\n# Done\n")
    configure(site, "revisions = {}\ntogether = false")
    found = site.result(SCRIPT, *BETWEEN, status=1)
    said = found["checks"][-1]["message"]
    assert second[:12] in said
    assert first[:12] in said
    assert "changes that this commit lacks" in found["checks"][0]["message"]
    # The other way round it is an improvement, which can be demanded.
    words = (SCRIPT, f"--baseline-rev={second}", f"--target-rev={first}")
    found = site.result(*words, "--min-improvement=20%", status=0)
    assert metrics_of(found)["GET /items ratio"]["ci95"][1] < 0.8
    assert nothing_is_left(site)


def test_an_improvement_that_is_none_fails_or_stays_open(site: Site) -> None:
    done = site.run(SCRIPT, *BETWEEN, "--min-improvement=60%")
    assert done.returncode in (1, 4), done.stdout


def test_a_baseline_that_differs_from_itself_decides_nothing(site: Site) -> None:
    found = json.loads(site.run(SCRIPT, *BETWEEN, "--json", status=4, FICKLE="1").stdout)
    assert found["thresholds"][0]["ok"] is None
    assert "launches of one version differ" in found["checks"][0]["message"]


def test_an_answer_that_went_wrong_fails(site: Site) -> None:
    site.put("service.py", service().replace("/items", "/renamed"))
    found = site.result(SCRIPT, *BETWEEN, status=1)
    assert "phase_2 answered 404" in found["checks"][0]["message"]


def test_a_baseline_that_does_not_start_can_not_be_measured(site: Site) -> None:
    site.put("service.py", "raise SystemExit('no database')\n")
    git(site.root, "commit", "-qam", "broken")
    git(site.root, "tag", "-f", "phase-1")
    site.put("service.py", service())
    done = site.run(SCRIPT, *BETWEEN, status=3)
    assert "baseline: service ended with status 1 before it was ready (no database)" in done.stderr
    assert nothing_is_left(site)


def test_a_checkout_is_built_before_it_is_started(site: Site) -> None:
    configure(site, 'build = ["sh", "-c", "echo no compiler; exit 7"]')
    done = site.run(SCRIPT, *BETWEEN, status=3)
    assert "failed (no compiler)" in done.stderr
    assert nothing_is_left(site)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--baseline=phase_[N-1]", "--target-phase=2"), "placeholder [N-1]"),
        (("--baseline=phase_1", "--target-phase=[N]"), "placeholder [N]"),
        (("--baseline=phase_3", "--target-phase=4"), "--baseline-rev=REV"),
        (("--baseline-rev=nowhere",), "git knows no commit “nowhere”"),
        ((), "nothing says what to compare"),
        ((*BETWEEN, "--rounds=2"), "2 rounds decide nothing"),
        ((*BETWEEN, "--no-start"), "--no-start can't be given"),
        ((*BETWEEN, "--min-improvement=100%"), "is not a share"),
        (("--from=a.json",), "belong together"),
    ],
)
def test_what_can_not_be_meant_is_refused(site: Site, words: tuple[str, ...], said: str) -> None:
    assert said in site.run(SCRIPT, *words, status=2).stderr


def test_an_address_without_the_variable_is_refused(site: Site) -> None:
    text = (site.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    site.put("PRPs/prp.toml", text.replace("${PORT:-8000}", "8000"))
    assert "doesn't take its port from PORT" in site.run(SCRIPT, *BETWEEN, status=2).stderr


@pytest.mark.parametrize("words", [("--baseline=phase_0",), ("--target-phase=1",)])
def test_the_first_phase_has_nothing_to_be_compared_with(site: Site, words: tuple[str]) -> None:
    found = site.result(SCRIPT, *{"--target-phase=1", *words}, status=5)
    assert "no predecessor" in found["checks"][0]["message"]


def test_a_dry_run_says_what_would_be_compared(site: Site) -> None:
    said = site.run(SCRIPT, *BETWEEN, "--dry-run", status=0).stdout
    assert "phase_1: commit" in said
    assert "phase_2: the working tree" in said
    assert "GET /items ratio ≤ 1.5" in said
    assert not (site.root / ".prp/worktrees").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing(site: Site, number: int) -> None:
    command = [sys.executable, "-m", "prp_pack", "run", SCRIPT, *BETWEEN, "--requests=5000"]
    with subprocess.Popen(
        command, cwd=site.root, env=environment({}), stderr=subprocess.DEVNULL
    ) as run:
        for _ in range(SAFETY * 20):
            if len(up(site)) == 3:
                break
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(number)
        assert run.wait(SAFETY) != 0
    assert nothing_is_left(site)


def test_what_a_killed_run_left_goes_with_the_next(site: Site) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left = site.root / f".prp/worktrees/{ended.pid}-baseline"
    git(site.root, "worktree", "add", "--detach", "-q", str(left))
    git(site.root, "worktree", "lock", str(left))
    configure(site, 'build = ["false"]')
    site.run(SCRIPT, *BETWEEN, status=3)
    assert nothing_is_left(site)


# --- Files of other programs ----------------------------------------------------------------------


def hyperfine(*times: float, failed: bool = False) -> str:
    codes = [int(failed)] * len(times)
    return json.dumps({"results": [{"command": "app", "times": times, "exit_codes": codes}]})


def pytest_benchmark(*times: float) -> str:
    return json.dumps({"benchmarks": [{"fullname": "test_a.py::test_a", "stats": {"data": times}}]})


def jittered(base: float, count: int = 60) -> list[float]:
    return [base * (1 + 0.01 * ((7 * at) % 11 - 5) / 5) for at in range(count)]


@pytest.mark.parametrize(
    ("factor", "words", "status"),
    [
        (1.0, (), 0),
        (1.5, (), 1),
        (0.5, ("--min-improvement=20",), 0),
        (1.0, ("--min-improvement=20",), 1),
    ],
)
@pytest.mark.parametrize("form", [hyperfine, pytest_benchmark])
def test_times_of_other_programs_are_compared(
    site: Site, form: Any, factor: float, words: tuple[str, ...], status: int
) -> None:
    site.put("new.json", form(*jittered(0.02 * factor)))
    site.put("old.json", form(*jittered(0.02)))
    found = site.result(*FILES, *words, status=status)
    ratio = found["metrics"][0]
    assert ratio["ci95"][0] <= factor <= ratio["ci95"][1]
    assert found["checks"][-1]["status"] == "warn", "one run can't show how runs differ"


def test_noise_in_files_decides_nothing(site: Site) -> None:
    times = jittered(0.02)
    site.put("old.json", hyperfine(*times[:30], *[2 * each for each in times[30:]]))
    site.put("new.json", hyperfine(*times))
    found = site.result(*FILES, status=4)
    assert "launches of one version may differ as much" in found["checks"][0]["message"]


def test_several_files_are_launches_in_order(site: Site) -> None:
    names = {}
    for side, factor in (("old", 1.0), ("new", 1.3)):
        names[side] = [f"{side}{at}.json" for at in range(5)]
        for at, name in enumerate(names[side]):
            site.put(name, hyperfine(*jittered(0.02 * factor * (1 + at / 500), 9)))
    words = (f"--from={','.join(names['new'])}", f"--against={','.join(names['old'])}")
    found = site.result(SCRIPT, *words, "--tolerance=5", status=1)
    assert found["metrics"][0]["n"] == 5
    assert found["metrics"][0]["value"] == pytest.approx(1.3, rel=0.02)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "old.json:1: is not JSON"),
        ("[]", "neither hyperfine's nor pytest-benchmark's"),
        ("{}", "has no benchmark"),
        ('{"benchmarks": [{"fullname": "a", "stats": {"mean": 1}}]}', "--benchmark-save-data"),
        (hyperfine(1.0, failed=True), "“app” failed"),
        (hyperfine(1.0, 0.0), "a time that is not above 0"),
    ],
)
def test_a_file_of_another_form_is_refused(site: Site, text: str, said: str) -> None:
    site.put("new.json", hyperfine(*jittered(1.0)))
    site.put("old.json", text)
    done = site.run(*FILES, status=2)
    assert said in done.stderr
