from __future__ import annotations

import json
import os
import subprocess
import sys

import psutil
import pytest

from tests.needs import needs_curl
from tests.probes.hand_off.conftest import CALLS, Letters
from tests.probes.site import ROOT, SAFETY

SCRIPT = "create_integration_examples"
STEMS = {"post_letters", "get_letters_code", "get_letters", "delete_letters_code"}


def answer(site: Letters, stem: str) -> dict[str, object]:
    text = (site.folder / f"examples/{stem}.answer.json").read_text(encoding="utf-8")
    loaded: dict[str, object] = json.loads(text)
    return loaded


def test_each_operation_gets_two_programs_and_the_answer_that_it_gave(frozen: Letters) -> None:
    found = frozen.result(SCRIPT, "--target-phase=2", status=0)
    assert (found["subject_phase"], found["target_phase"]) == (1, 2)
    names = {name.removeprefix("examples/") for name in frozen.files() if "examples/" in name}
    endings = (".py", ".sh", ".answer.json")
    assert names == {"README.md", *(f"{stem}{end}" for stem in STEMS for end in endings)}
    kept = answer(frozen, "get_letters_code")
    assert (kept["status"], kept["content_type"]) == (200, "application/json")
    body = {"code": "<code>", "id": "<uuid>", "posted_at": "<time>", "to": None, "weight": 20}
    assert kept["body"] == body
    assert answer(frozen, "delete_letters_code")["status"] == 204
    assert not [p for p in psutil.process_iter() if str(frozen.port) in _words(p)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_second_run_writes_the_same_bytes(frozen: Letters) -> None:
    frozen.run(SCRIPT, "--target-phase=2", status=0)
    before = frozen.files()
    assert "0 of 13 files written anew" in frozen.run(SCRIPT, "--target-phase=2", status=0).stdout
    assert frozen.files() == before


def test_what_the_plan_says_is_consumed_is_shown_and_the_rest_goes(frozen: Letters) -> None:
    frozen.run(SCRIPT, "--target-phase=2", status=0)
    plan = (frozen.root / "PRPs/PROJECT_PHASE_PLAN.md").read_text(encoding="utf-8")
    consumes = 'depends_on: [1], consumes: ["GET /v1/letters"]'
    frozen.put("PRPs/PROJECT_PHASE_PLAN.md", plan.replace("depends_on: [1]", consumes))
    frozen.configure()
    frozen.run(SCRIPT, "--target-phase=2", status=0)
    names = {name for name in frozen.files() if name.startswith("examples/")}
    assert names == {f"examples/{name}" for name in
                     ("README.md", "get_letters.py", "get_letters.sh", "get_letters.answer.json")}  # fmt: skip
    missing = plan.replace("depends_on: [1]", 'depends_on: [1], consumes: ["GET /parcels"]')
    frozen.put("PRPs/PROJECT_PHASE_PLAN.md", missing)
    assert "openapi.json lacks it" in frozen.run(SCRIPT, "--target-phase=2", status=1).stdout


@pytest.mark.parametrize(
    ("knob", "said"),
    [
        ("lying", "$.weight: '20 g' is not of type 'integer'"),
        ("forgetful", "answered 404 in place of 2xx"),
        ("broken_list", "answered 500 in place of 2xx"),
        ("other_status", "answered 200, which the contract doesn't declare"),
    ],
)
def test_an_example_that_fails_is_written_nowhere(frozen: Letters, knob: str, said: str) -> None:
    before = frozen.files()
    assert said in frozen.run(SCRIPT, "--target-phase=2", status=1, knobs=knob).stdout
    assert frozen.files() == before


def test_what_nobody_gives_a_value_for_is_named(frozen: Letters) -> None:
    contract = json.loads(frozen.files()["openapi.json"])
    del contract["paths"]["/letters/{code}"]["parameters"][0]["example"]
    frozen.put("PRPs/contracts/phase_1/openapi.json", json.dumps(contract))
    frozen.configure()
    done = frozen.run(SCRIPT, "--target-phase=2", status=1)
    assert (
        "nothing gives a value for path parameter code: write a [[examples.calls]]" in done.stdout
    )


def test_declared_errors_are_examples_too(frozen: Letters) -> None:
    frozen.configure(
        CALLS + '[[examples.calls]]\nname = "twice"\nmethod = "POST"\npath = "/letters"\n'
        'status = 409\norder = 1\nbody = { code = "L-1", weight = 3 }\n'
        '[[examples.calls]]\npath = "/letters"\nparameters = { limit = 5 }\n'
    )
    frozen.run(SCRIPT, "--target-phase=2", status=0)
    assert answer(frozen, "twice")["body"] == {"detail": "there is one"}
    files = frozen.files()
    assert b'urlencode([("limit", 5)])' in files["examples/get_letters.py"]
    assert b"'/v1/letters?limit=5'" in files["examples/get_letters.sh"]


@needs_curl
def test_a_service_that_runs_already_is_sent_nothing_twice(frozen: Letters) -> None:
    words = [sys.executable, "-m", "tests.probes.handoff_target", str(frozen.port)]
    with subprocess.Popen(words, cwd=os.fspath(ROOT)) as service:
        try:
            done = frozen.run(SCRIPT, "--target-phase=2", "--no-start", status=None)
            while "nothing answers" in done.stderr and service.poll() is None:
                done = frozen.run(SCRIPT, "--target-phase=2", "--no-start", status=None)
        finally:
            service.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "post_letters.sh was not run" in done.stdout


def test_headers_come_from_the_environment_and_stand_in_no_file(frozen: Letters) -> None:
    text = (frozen.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    headers = '[service]\nheaders = { authorization = "Bearer ${API_TOKEN}" }\n'
    frozen.put("PRPs/prp.toml", text.replace("[service]\n", headers))
    frozen.run(SCRIPT, "--target-phase=2", status=0, knobs="guarded", API_TOKEN="s3cret-token")
    assert not [name for name, content in frozen.files().items() if b"s3cret" in content]
    assert b'os.environ["EXAMPLE_AUTHORIZATION"]' in frozen.files()["examples/get_letters.py"]
    frozen.run(SCRIPT, "--target-phase=2", status=1, knobs="guarded", API_TOKEN="another-token")


def test_a_secret_in_a_body_is_not_committed(frozen: Letters) -> None:
    frozen.configure(CALLS.replace('"L-1"', '"${API_TOKEN}"'))
    done = frozen.run(SCRIPT, "--target-phase=2", status=1, API_TOKEN="s3cret-token")
    assert "holds a secret of the environment" in done.stdout
    assert not [name for name in frozen.files() if name.startswith("examples/")]


def test_without_curl_the_scripts_are_not_run(frozen: Letters) -> None:
    (frozen.root / "bin").mkdir()
    for program in ("sh", "git", "env"):
        found = subprocess.run(["which", program], capture_output=True, text=True, check=True)
        (frozen.root / "bin" / program).symlink_to(found.stdout.strip())
    done = frozen.run(SCRIPT, "--target-phase=2", status=0, PATH=str(frozen.root / "bin"))
    assert "curl or sh is not on PATH" in done.stdout


@needs_curl
def test_a_written_example_runs_by_itself(frozen: Letters) -> None:
    frozen.run(SCRIPT, "--target-phase=2", status=0)
    folder = frozen.folder / "examples"
    for words in (
        [sys.executable, "-I", "get_letters.py"],
        ["sh", "get_letters.sh"],
    ):
        done = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, timeout=SAFETY,
            env={**os.environ, "BASE_URL": f"http://127.0.0.1:{frozen.port}"},
        )  # fmt: skip
        # Nothing is left running that could answer.
        assert done.returncode != 0
        assert "refused" in done.stderr.lower() or "connect" in done.stderr.lower()


def test_without_a_frozen_contract_or_a_service_nothing_can_be_shown(letters: Letters) -> None:
    done = letters.run(SCRIPT, "--target-phase=2", status=3)
    assert "prp run generate_api_docs --phase=1" in done.stderr
    letters.run("generate_api_docs", "--phase=1", status=0)
    assert (
        "nothing answers" in letters.run(SCRIPT, "--target-phase=2", "--no-start", status=3).stderr
    )


def test_bad_usage_is_told_with_its_line(frozen: Letters) -> None:
    assert "placeholder" in frozen.run(SCRIPT, "--target-phase=[N+1]", status=2).stderr
    assert "phase 3 is not in the plan" in frozen.run(SCRIPT, "--target-phase=3", status=2).stderr
    frozen.configure('\n[[examples.calls]]\npath = "/nowhere"\n')
    done = frozen.run(SCRIPT, "--target-phase=2", status=2)
    assert "PRPs/prp.toml:7: PRPs/contracts/phase_1/openapi.json has no GET /nowhere" in done.stderr
