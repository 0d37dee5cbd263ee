from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.shell_words import quoted


@rule(
    "PRP509",
    name="altered-evidence",
    summary="A record of this PRP was edited, renamed or removed after it was written.",
)
def altered_evidence(target: Target) -> Iterator[Finding]:
    for problem in target.proof.broken:
        hint = (
            f"put the file back (`git checkout -- {problem.place.path}`), or say why it is gone: "
        )
        run = problem.place.path.rpartition("/")[2].removesuffix(".json")
        hint += f"prp waive {quoted(target.document.path)} {run} --reason TEXT"
        yield Finding(1, f"record {problem.place}: {problem.message}", help=hint)
