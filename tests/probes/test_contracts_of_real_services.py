"""validate_api_contracts on services that others wrote.

datasette always runs. The others run where `PRP_REAL_APPS` names a Python that has them:
`PRP_REAL_APPS=/somewhere/bin/python`, or 1 for the one of the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.probes.site import Site, environment

SCRIPT = "validate_api_contracts"
NAMED = os.environ.get("PRP_REAL_APPS", "")
PYTHON = sys.executable if NAMED == "1" else NAMED

SERVICE = """\
[service]
base_url = "http://127.0.0.1:{port}"
start = {start}
ready = "http://127.0.0.1:{port}{ready}"
ready_timeout = "3m"
openapi = "{openapi}"
"""


def configure(site: Site, start: list[str], ready: str, openapi: str, more: str = "") -> None:
    words = [word.replace("PORT", str(site.port)) for word in start]
    said = SERVICE.format(port=site.port, start=json.dumps(words), ready=ready, openapi=openapi)
    site.put("PRPs/prp.toml", said + more)


def printed(*words: str) -> str:
    """Return what a program of the real applications prints."""
    done = subprocess.run(
        [PYTHON, "-c", *words], env=environment({}), capture_output=True, text=True, check=True
    )
    return done.stdout


def needs(module: str) -> None:
    if not PYTHON:
        pytest.skip("PRP_REAL_APPS names no Python")
    code = f"import importlib.util as u; print(u.find_spec('{module}') is not None)"
    if printed(code).strip() != "True":
        pytest.skip(f"{PYTHON} has no {module}")


def answer(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"get": {"responses": {"200": {"description": "ok", "content": content}}}}


def test_datasette_keeps_and_breaks_what_a_contract_says_of_it(site: Site) -> None:
    versions = {"type": "object", "required": ["python", "sqlite"]}
    databases = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["name", "tables_count"],
            "properties": {"name": {"type": "string"}},
        },
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "datasette", "version": "1"},
        "paths": {"/-/versions.json": answer(versions), "/-/databases.json": answer(databases)},
    }
    site.put("PRPs/contracts/phase_1/openapi.json", json.dumps(document))
    start = [sys.executable, "-m", "datasette", "serve", "--memory", "-p", "PORT"]
    configure(site, start, "/-/versions.json", "", "[contracts]\nexamples = 2\n")
    found = {each["id"]: each for each in site.result(SCRIPT, "--phase=1", status=1)["checks"]}
    assert found["GET /-/versions.json"]["status"] == "pass"
    # datasette lists databases without counting their tables.
    assert found["GET /-/databases.json"]["status"] == "fail"
    assert "tables_count" in found["GET /-/databases.json"]["message"]


def test_jupyter_server_breaks_its_own_swagger_2(site: Site) -> None:
    needs("jupyter_server")
    code = (
        "from importlib.resources import files;"
        "print((files('jupyter_server') / 'services/api/api.yaml').read_text())"
    )
    site.put("PRPs/contracts/phase_1/openapi.yaml", printed(code))
    site.put("notebooks/none", "")
    start = [PYTHON, "-m", "jupyter_server", "--ServerApp.port=PORT", "--no-browser",
             "--IdentityProvider.token=a-token-of-tests", "--ServerApp.root_dir=notebooks",
             "--allow-root", "--ServerApp.port_retries=0"]  # fmt: skip
    headers = 'headers = { authorization = "token ${PASS_WORD}" }\n'
    configure(site, start, "/api", "/api/spec.yaml", headers)
    words = (SCRIPT, "--phase=1", "--examples=5", "--json")
    done = site.run(*words, status=1, PASS_WORD="a-token-of-tests")
    found = {each["id"]: each for each in json.loads(done.stdout)["checks"]}
    assert found["GET /api/status"]["status"] == "pass"
    assert found["published contract"]["status"] == "pass"
    assert "null is not of type" in found["GET /api/contents/{path}"]["message"]
    refused = site.run(*words, status=3, PASS_WORD="another")
    assert "no valid credentials" in refused.stderr


def test_prefect_is_asked_for_each_of_its_operations(site: Site) -> None:
    needs("prefect")
    code = (
        "import json; from prefect.server.api.server import create_app;"
        "print(json.dumps(create_app().openapi()))"
    )
    text = printed(code)
    site.put("PRPs/contracts/phase_1/openapi.json", text)
    site.put("home/none", "")
    start = [PYTHON, "-m", "prefect", "server", "start", "--port", "PORT", "--no-services"]
    more = f'environment = {{ PREFECT_HOME = "{site.root}/home", DO_NOT_TRACK = "1" }}\n'
    configure(site, start, "/api/health", "/openapi.json", more)
    # Its user interface answers every path that it doesn't know with a page.
    words = (SCRIPT, "--phase=1", "--examples=1", "--timeout=30s")
    assert "the base URL is wrong" in site.run(*words, status=3).stderr
    below = f"--base-url={site.base_url}/api"
    found = {each["id"]: each for each in site.result(*words, below, status=1)["checks"]}
    operations = [
        f"{method.upper()} {path}"
        for path, item in json.loads(text)["paths"].items()
        for method in item
    ]
    assert len(operations) > 150
    assert set(operations) <= set(found)
    assert found["GET /health"]["status"] == "pass"
    assert found["published contract"]["status"] == "pass"
