from __future__ import annotations

from collections.abc import Iterator

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
    found = target.frozen_contract()
    if found is None:
        return
    frozen = contract.parse(found.text, found.path)
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
            yield Finding(line, f"“{name}” is not in {found.path}", help=hint)
