from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP204",
    name="context-stale",
    summary="The sources have changed since the context block was filled.",
    severity=Severity.WARNING,
    requires=("PRP201", "PRP202", "PRP203"),
    fixable=True,
)
def context_stale(target: Target) -> Iterator[Finding]:
    block, expected = target.document.block, target.expected
    if block.fence is None or expected is None or not expected.is_sound:
        return
    if block.facts == expected.digest or target.proof.closed:
        # A PRP that is complete says what held when it was built.
        return
    # The line `# facts:` is a comment, so that YAML doesn't know where it stands.
    inside = range(block.fence.line, block.fence.end)
    noted = (n for n in inside if target.lines[n - 1 : n] and "# facts:" in target.lines[n - 1])
    message = (
        f"the sources have changed since facts “{block.facts}”, they are “{expected.digest}” now"
        if block.facts
        else "the context block doesn't say from which facts it was filled"
    )
    hint = "let prp fill the block, then read what changed: `prp check --fix`"
    yield Finding(next(noted, block.fence.line), message, help=hint, fix=target.refill)
