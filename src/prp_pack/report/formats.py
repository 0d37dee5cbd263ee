"""The formats of `prp check`: a name a user types, and the function that writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from prp_pack.report import github, json_report, sarif, text
from prp_pack.report.checked import Checked


def _junit(checked: Checked) -> str:
    from prp_pack.report import junit  # noqa: PLC0415 - the XML library starts slowly

    return junit.render(checked)


FORMATS: Mapping[str, Callable[[Checked], str]] = {
    "text": text.full,
    "concise": text.concise,
    "json": json_report.render,
    "sarif": sarif.render,
    "github": github.render,
    "junit": _junit,
}

# For people: a summary follows on the error stream, and a terminal gets colours.
COLOURED: Mapping[str, Callable[[Checked], str]] = {
    "text": partial(text.full, colour=True),
    "concise": partial(text.concise, colour=True),
}
