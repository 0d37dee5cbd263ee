from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import CONTEXT_SECTION, Finding

_BY_HAND = "name the requirements file in the front matter, and prp fills the block"


@rule(
    "PRP202",
    name="context-malformed",
    summary="The context block is missing, incomplete, or has a value of the wrong type.",
    fixable=True,
)
def context_malformed(target: Target) -> Iterator[Finding]:
    hint = "let prp fill the block: `prp check --fix`" if target.refill else _BY_HAND
    for problem in target.document.block.problems:
        message = problem.message
        if message.startswith("YAML"):
            message = f"the context block's {message}"
        yield Finding(problem.place.line, message, help=problem.help or hint, fix=target.refill)
    if target.document.block.fence is None:
        for section in target.document.outline.sections:
            if section.path[-1] == CONTEXT_SECTION:
                message = f"“{section.title}” has no YAML fence"
                yield Finding(section.line, message, help=hint, fix=target.refill)
                return
