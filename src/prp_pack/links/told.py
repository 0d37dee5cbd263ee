"""What became of the addresses: a line for each place that somebody must look at, or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prp_pack.links.answer import Answer, Verdict
from prp_pack.links.named import Mention
from prp_pack.values import asdict, dataclass

VERSION = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, with the places that name its address as a shell understands them here."""

    answer: Answer
    mentions: tuple[Mention, ...]


def text(asked: Iterable[Asked]) -> Iterator[str]:
    """Yield a line for each place of an address that doesn't simply answer, in their order."""
    lines = [
        (mention.path, mention.line, mention.column, f"{mention}: {each.answer.address} {said}")
        for each in asked
        for said in _said(each.answer)
        for mention in each.mentions
    ]
    yield from (line for *_, line in sorted(lines))


def _said(answer: Answer) -> Iterator[str]:
    if answer.verdict is not Verdict.ANSWERS:
        yield answer.said
    elif answer.moved:
        yield f"has moved for good: {answer.moved}"


def counted(asked: Sequence[Asked]) -> str:
    return f"{len(asked)} address{'es' if len(asked) != 1 else ''}"


def summary(asked: Sequence[Asked], documents: int) -> str:
    """Return one line on all of them."""
    where = f"{documents} PRP{'s' if documents != 1 else ''}"
    if not asked:
        return f"no address in {where}"
    each = Counter(one.answer.verdict for one in asked)
    moved = sum(bool(one.answer.moved) for one in asked)
    parts = [
        f"{each[Verdict.ANSWERS]} answer{'s' if each[Verdict.ANSWERS] == 1 else ''}",
        f"{each[Verdict.GONE]} gone" if each[Verdict.GONE] else "",
        f"{each[Verdict.UNSURE]} to look at" if each[Verdict.UNSURE] else "",
        f"{moved} moved for good" if moved else "",
    ]
    return f"{counted(asked)} in {where}: {', '.join(filter(None, parts))}"


def to_json(asked: Sequence[Asked], documents: int) -> str:
    """Return the outcome as a document of a stable shape."""
    verdicts: Mapping[Verdict, int] = Counter(each.answer.verdict for each in asked)
    said = {
        "version": VERSION,
        "documents": documents,
        "addresses": [
            {
                "address": each.answer.address,
                "verdict": each.answer.verdict,
                "status": each.answer.status,
                "said": each.answer.said,
                "moved": each.answer.moved or None,
                "places": [asdict(mention) for mention in each.mentions],
            }
            for each in asked
        ],
        "summary": {verdict: verdicts.get(verdict, 0) for verdict in Verdict},
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
