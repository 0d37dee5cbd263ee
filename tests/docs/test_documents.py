"""What the docs show of documents does in the example's documents what the page says of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from prp_pack.check.engine import Checker
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.repository import Repository
from tests.docs import projects
from tests.docs.blocks import block
from tests.docs.projects import PHASE, replace
from tests.docs.scenes import ASKED, BACKGROUND, IGNORED, MARKERS
from tests.needs import needs_curl
from tests.probes.site import SAFETY, environment, free_port
from tests.test_cli import prp


def test_a_gate_with_attributes_is_a_service_of_its_level(tmp_path: Path) -> None:
    root = tmp_path / "project"
    projects.tracker(root)
    head = "### Level 1: Component Validation (Always Required)\n```bash\n"
    replace(root, PHASE, head, head + block(*BACKGROUND).text)
    listed = prp(root, "gate", "list", PHASE).stdout.splitlines()
    assert listed[1].split(maxsplit=1)[1] == (
        "python -m parcel_tracker  (in the background, ready=http://127.0.0.1:8000/health)"
    )


def test_markers_in_a_plan_are_filled(tmp_path: Path) -> None:
    root = tmp_path / "project"
    projects.tracker(root)
    plan = root / "PRPs/PROJECT_PHASE_PLAN.md"
    plan.write_text(f"{plan.read_text('utf-8')}\n{block(*MARKERS).text}", encoding="utf-8")
    assert "drawn     PRPs/PROJECT_PHASE_PLAN.md" in prp(root, "plan", "render").stdout
    drawn = plan.read_text(encoding="utf-8").partition("<!-- prp:begin status")[2]
    assert "| 3: Busy depots | 1, 2 | can start |" in drawn
    assert drawn.rstrip().endswith("<!-- prp:end -->")


def test_a_comment_silences_the_finding_below_it(tmp_path: Path) -> None:
    root = tmp_path / "project"
    projects.tracker(root)
    text = (root / PHASE).read_text(encoding="utf-8")
    comment, below = block(*IGNORED).text.splitlines()

    def found(*lines: str) -> set[str]:
        more = "\n".join(lines)
        changed = text.replace("## Why\n", f"## Why\n{more}\n\n", 1)
        return {each.rule for each in Checker(Repository(root)).check_text(changed, PHASE)}

    assert found() == found(comment, below) == set()
    assert found(below) == {"PRP301"}


@needs_curl
def test_the_examples_requests_are_answered(tmp_path: Path) -> None:
    root = tmp_path / "project"
    projects.tracker(root)
    port = str(free_port())
    variables = {"PYTHONPATH": "src", "PARCEL_PORT": port}
    with subprocess.Popen(
        [sys.executable, "-m", "parcel_tracker"], cwd=root, env=environment(variables)
    ) as service:
        try:
            wait(f"http://127.0.0.1:{port}", service)
            asked = block(*ASKED).text.replace(":8000/", f":{port}/")
            done = subprocess.run(
                ["bash", "-ec", asked.replace("curl ", "curl --silent --fail-with-body ")],
                capture_output=True, text=True, check=False, timeout=SAFETY, env=os.environ,
            )  # fmt: skip
        finally:
            service.terminate()
    assert done.returncode == 0, done.stdout
    assert '"recipient":"Ada Lovelace"' in done.stdout
    assert '"place":"Bern"' in done.stdout


def wait(address: str, service: subprocess.Popen[bytes]) -> None:
    with Client(address, 5) as client:
        while not answers(client):
            assert service.poll() is None
            time.sleep(0.05)


def answers(client: Client) -> bool:
    try:
        client.ask("GET", "/health")
    except NoAnswerError:
        return False
    return True
