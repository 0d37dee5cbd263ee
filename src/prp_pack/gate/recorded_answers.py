"""What a service answered when the examples of a frozen contract ran, told in a line each."""

from __future__ import annotations

import json

from prp_pack.check.endpoints import endpoint_in, template_of
from prp_pack.check.frozen_contracts import FrozenContract
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.project import Project

# A longer body is named by its file: a line of a hand-over is read by people.
_SHOWN = 240


def of_contract(project: Project, contract: FrozenContract) -> dict[tuple[str, str], str]:
    """Return the examples beside a contract by method and path template; no contract, none.

    Such a file is written by `create_integration_examples`; one that can't be read tells nothing.
    """
    folder = f"{contract.folder}/examples"
    found = {}
    for path in sorted(project.files):
        if not (path.startswith(f"{folder}/") and path.endswith(".answer.json")):
            continue
        try:
            answer = as_mapping(json.loads(project.text(path) or ""))
        except (ValueError, RecursionError):
            continue
        endpoint = endpoint_in(str(answer.get("operation", "")))
        if endpoint and isinstance(answer.get("status"), int):
            told = f"{endpoint.method} {endpoint.path} -> {answer['status']}"
            body = json.dumps(answer.get("body"), ensure_ascii=False)
            said = f"{told} {body}" if len(body) <= _SHOWN else f"{told}, as in {path}"
            found[endpoint.method, template_of(endpoint.path)] = said
    return found
