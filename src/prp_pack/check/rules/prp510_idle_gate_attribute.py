from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.gate_attributes import idle_words
from prp_pack.check.gates import gates_of, replacement
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding


@rule(
    "PRP510",
    name="idle-gate-attribute",
    summary="A comment about a gate holds a word that nobody reads.",
    fixable=True,
)
def idle_gate_attribute(target: Target) -> Iterator[Finding]:
    for number, comment in sorted(gates_of(target.document, target.located).comments.items()):
        start = target.lines[number - 1].find("gate:") + len("gate:")
        for idle in idle_words(comment):
            column, fix = replacement(target.document, number, start, idle.word, idle.new)
            yield Finding(number, idle.message, column, idle.help, fix=fix)
