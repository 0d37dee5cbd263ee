"""What a PRP says that earlier phases left, against what their completion summaries say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.check.registry import Target
from prp_pack.model import CompletionSummary
from prp_pack.parse import yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.values import dataclass

SECTION = "all-needed-context.previous-phase-integration"
_LISTS = ("apis_available", "websocket_available")


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the PRP says of an earlier phase and that its summary doesn't."""

    line: int
    message: str


def unfounded(target: Target) -> Iterator[Claim]:
    """Yield the endpoints and summary paths that no summary bears out.

    A summary without any endpoint says nothing about them: older ones have no front matter.
    """
    section = target.located.section(SECTION)
    if section is None or target.expected is None:
        return
    summaries = {output.number: output for output in target.expected.outputs}
    for fence in target.document.outline.fences_of(section):
        block = yaml_block.load(fence.content, fence.line + 1, target.document.path)
        outputs = block.mapping.get("previous_phase_outputs")
        for index, entry in enumerate(outputs if isinstance(outputs, list) else ()):
            said = as_mapping(entry)
            number = said.get("phase")
            summary = summaries.get(number) if isinstance(number, int) else None
            if summary is not None:
                at = f"previous_phase_outputs.{index}"
                yield from _claims(said, at, block, summary)


def _claims(
    said: Mapping[str, object],
    at: str,
    block: yaml_block.YamlBlock,
    summary: CompletionSummary,
) -> Iterator[Claim]:
    path = said.get("completion_summary")
    if isinstance(path, str) and path.removeprefix("./") != summary.path:
        line = block.lines.get(f"{at}.completion_summary", 1)
        yield Claim(line, f"“completion_summary” is {path} here but it lies at {summary.path}")
    known = {f"{e.method} {e.path}".strip() for e in summary.endpoints}
    known |= {endpoint.path for endpoint in summary.endpoints}
    for key in _LISTS if known else ():
        listed = said.get(key)
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            endpoint = as_mapping(entry).get("endpoint")
            if isinstance(endpoint, str) and " ".join(endpoint.split()) not in known:
                line = block.lines.get(f"{at}.{key}.{index}.endpoint", 1)
                yield Claim(line, f"endpoint “{endpoint}” isn't in {summary.path}")
