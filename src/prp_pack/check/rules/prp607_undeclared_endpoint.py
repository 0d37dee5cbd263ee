from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from prp_pack.check.endpoints import METHODS, template_of
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind
from prp_pack.parse import contract


@rule(
    "PRP607",
    name="undeclared-endpoint",
    summary="The completion summary claims an endpoint that the frozen contract lacks.",
    kinds=(Kind.SUMMARY,),
)
def undeclared_endpoint(target: Target) -> Iterator[Finding]:
    summary = target.summary
    found = _contract(target)
    if found is None:
        return
    path, text = found
    frozen = contract.parse(text, path)
    lines = target.document.front_matter.lines
    for problem in frozen.problems:
        line = lines.get("endpoints", 1)
        hint = "freeze the contract again; until then no claim can be compared with it"
        yield Finding(line, f"at {problem.place}: {problem.message}", help=hint)
    if frozen.problems:
        return
    declared = {
        (o.method, template_of(f"{base}{o.path}"))
        for o in frozen.operations
        for base in ("", *frozen.bases)
    }
    paths = {path for _, path in declared}
    for index, endpoint in enumerate(summary.endpoints):
        method, wanted = endpoint.method.upper(), template_of(endpoint.path)
        known = (method, wanted) in declared if method in METHODS else wanted in paths
        if endpoint.kind == "http" and not known:
            name = f"{method} {endpoint.path}".strip()
            line = summary.places[f"endpoints.{index}"].line
            hint = "correct the claim, or change the contract and say so in the adaptation log"
            yield Finding(line, f"“{name}” is not in {path}", help=hint)


def _contract(target: Target) -> tuple[str, str] | None:
    """Return path and text of the phase's frozen contract, beside the summary or in PRPs/."""
    number = target.number
    for folder in dict.fromkeys((str(PurePosixPath(target.document.path).parent), "PRPs")):
        for name in ("openapi.json", "openapi.yaml", "openapi.yml"):
            path = f"{folder}/contracts/phase_{number}/{name}"
            text = target.project.text(path) if target.project.exists(path) else None
            if text is not None:
                return path, text
    return None
