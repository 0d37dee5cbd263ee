"""A service that was ready and dies under requests has failed, whichever script sent them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prp_pack.probes import CATALOGUE
from tests.probes.mortal import STATUS
from tests.probes.site import ROOT, Site, begin
from tests.probes.stands import STANDS, made

# Scripts that ask a running service, and the stand where they do.
ASKING = {
    "validate_api_contracts": "items",
    "test_websocket_integration": "chat",
    "load_test": "items",
    "memory_profile": "items",
    "response_time_test": "items",
    "test_error_scenarios": "items",
    "validate_next_phase_interfaces": "items",
    "generate_api_docs": "items",
    "create_integration_examples": "items",
}
# These start what they look at in their own way; each has its test beside the script.
OWN_WAY = {"test_database_integration", "performance_benchmark", "production_simulation"}
NO_SERVICE = {"document_performance_baselines"}


def test_every_script_is_looked_at() -> None:
    assert {*ASKING, *OWN_WAY, *NO_SERVICE} == {each.name for each in CATALOGUE}


@pytest.fixture
def of_stand(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, name: str) -> Site:
    stand = STANDS[ASKING[name]]
    return stand.copied(made(stand.name, tmp_path_factory.getbasetemp()), tmp_path / "site")


@pytest.mark.parametrize("name", ASKING)
def test_a_service_that_dies_under_requests_has_failed(of_stand: Site, name: str) -> None:
    toml = of_stand.root / "PRPs/prp.toml"
    text = toml.read_text(encoding="utf-8")
    dying = re.sub(r'"(tests\.probes\.\w+)"', r'"tests.probes.mortal", "1", "\1"', text)
    assert dying.count("mortal") == 1
    toml.write_text(dying, encoding="utf-8")
    stand = STANDS[ASKING[name]]
    found = of_stand.result(name, *stand.scripts[name], status=1)
    assert found["verdict"] == "fail"
    assert any(each["status"] == "fail" for each in found["checks"])


def test_how_it_ended_is_said(tmp_path: Path) -> None:
    site = begin(tmp_path / "site")
    site.configure()
    toml = site.root / "PRPs/prp.toml"
    start = '"tests.probes.mortal", "0", "tests.probes.target"'
    toml.write_text(toml.read_text(encoding="utf-8").replace('"tests.probes.target"', start))
    words = ("--path=/items", "--target=5s")
    (check,) = site.result("response_time_test", *words, status=1)["checks"]
    assert check["id"] == "service"
    assert check["message"].startswith(f"service ended with status {STATUS} while it was needed")


def test_a_service_that_was_there_and_goes_has_failed(running: Site) -> None:
    """Nobody sees how a process ended that was started elsewhere; that it is gone is enough."""
    running.put("PRPs/prp.toml", (
        f'[service]\nbase_url = "{running.base_url}"\n'
        f'[[performance.prepare]]\nmethod = "POST"\npath = "/end"\n'
        '[[performance.critical_paths]]\npath = "/items"\ntarget = "5s"\n'
    ))  # fmt: skip
    found = running.result("response_time_test", status=1)
    assert found["checks"][0]["message"].startswith(f"nothing answers at {running.base_url} any")


def test_the_table_of_the_docs_has_every_script() -> None:
    page = (ROOT / "docs/scripts.md").read_text(encoding="utf-8")
    table = page.partition("## When what is tested dies")[2]
    assert all(f"| {each.name} |" in table for each in CATALOGUE)
