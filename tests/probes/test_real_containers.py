"""Real containers, where podman and podman-compose work: their only image is a static busybox."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.probes.site import SAFETY, Site, environment

SCRIPT = "production_simulation"
IMAGE = "localhost/prp-pack-busybox:test"
SHOP = "mkdir -p /www && echo well > /www/health && exec httpd -f -p 8000 -h /www"
ASK = "for i in 1 2 3 4 5 6 7 8 9; do wget -qO - http://shop:8000/health && exit {}; sleep 1; done"
COMPOSE = """\
services:
  shop:
    image: {image}
    command: ["sh", "-c", "{shop}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
  tests:
    image: {image}
    depends_on: [shop]
    command: ["sh", "-c", "{tests}"]
    stop_grace_period: 1s
volumes: {{data: {{}}}}
"""


def podman(*words: str) -> str:
    done = subprocess.run(
        ["podman", *words], capture_output=True, text=True, timeout=SAFETY, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for program in ("podman", "podman-compose", "busybox"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not on PATH")
    packed = tmp_path_factory.mktemp("image") / "busybox.tar"
    with tarfile.open(packed, "w") as archive:
        archive.add(Path(str(shutil.which("busybox"))).resolve(), "bin/busybox")
        for name in ("sh", "httpd", "wget", "sleep", "mkdir", "echo"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    try:
        podman("import", str(packed), IMAGE)
        podman("run", "--rm", IMAGE, "sh", "-c", "exit 0")
    except AssertionError as error:
        pytest.skip(f"podman can't run a container here: {str(error)[:200]}")
    yield IMAGE
    podman("rmi", "--force", IMAGE)


def put(site: Site, image: str, tests: str, shop: str = SHOP) -> None:
    site.configure('[compose]\nexit_code_from = "tests"\ntimeout = "60s"\n')
    site.put("docker-compose.test.yml", COMPOSE.format(image=image, shop=shop, tests=tests))


def left() -> list[str]:
    """Return what is there of containers, networks and volumes of a run."""
    listed = [
        podman("ps", "--all", "--format", "{{.Names}}"),
        podman("network", "ls", "--format", "{{.Name}}"),
        podman("volume", "ls", "--format", "{{.Name}}"),
    ]
    return [line for text in listed for line in text.splitlines() if "prp-production" in line]


@pytest.mark.parametrize(("code", "status"), [(0, 0), (5, 1)])
def test_the_tests_in_their_container_decide(
    site: Site, image: str, code: int, status: int
) -> None:
    put(site, image, ASK.format(code))
    found = site.result(SCRIPT, "--engine=podman", status=status)
    told = {each["id"]: each for each in found["checks"]}
    assert told["engine"]["data"] == {"containers": True}
    assert told["tests"]["message"] == f"ended with status {code}"
    assert told["tests"]["data"]["exit_codes"]["tests"] == code
    assert left() == []


def test_a_container_that_fails_beside_the_tests_is_named(site: Site, image: str) -> None:
    put(site, image, "trap 'exit 0' TERM; sleep 60 & wait", shop="sleep 1; exit 3")
    said = site.run(SCRIPT, "--engine=podman", status=0).stdout
    assert "shop: ended with status 3, before the end of tests or after it" in said
    assert left() == []


def test_what_a_killed_run_had_put_up_is_taken_down(site: Site, image: str) -> None:
    put(site, image, "sleep 1000")
    with subprocess.Popen(
        [sys.executable, "-m", "prp_pack", "run", SCRIPT, "--engine=podman"],
        cwd=site.root,
        env=environment({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        try:
            _wait(lambda: len([name for name in left() if name.endswith("_1")]) == 2)
        finally:
            run.kill()
    _wait(lambda: left() == [])


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SAFETY
    while not is_so():
        assert time.monotonic() < deadline, left()
        time.sleep(0.5)
