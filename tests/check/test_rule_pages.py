"""Each rule's page is its specification: run the examples it shows.

An example is a fence whose info ends in `bad`, `good` or `fixed`; after each `bad` stands the
`output` it gives. A fence `template` replaces the shipped template, and a fence with
`file=PATH` is another file of the project. Examples are held to our own lineage; `v2` or
`other` in the info leaves the lineage to the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from prp_pack.check import fix
from prp_pack.check.engine import Checker
from prp_pack.check.registry import Rule
from prp_pack.check.rules import RULES
from prp_pack.repository import Repository, decode

PAGES = files("prp_pack.check.rules")
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@dataclass(frozen=True)
class Example:
    kind: str
    words: tuple[str, ...]
    text: str

    @property
    def path(self) -> str:
        named = [word.removeprefix("as=") for word in self.words if word.startswith("as=")]
        return named[0] if named else "PRPs/example.md"


def page(rule: Rule) -> str:
    return PAGES.joinpath(f"{rule.stem}.md").read_text(encoding="utf-8")


def examples(rule: Rule) -> list[Example]:
    found = []
    for token in MarkdownIt().parse(page(rule)):
        if token.type == "fence":
            words = tuple(token.info.split()[1:])
            kinds = [w for w in words if w in ("template", "bad", "output", "fixed", "good")]
            found.append(Example(kinds[0] if kinds else "file", words, token.content))
    return found


def of_kind(rule: Rule, kind: str) -> list[Example]:
    return [example for example in examples(rule) if example.kind == kind]


def checker(rule: Rule, folder: Path, example: Example) -> Checker:
    (folder / "PRPs/templates").mkdir(parents=True, exist_ok=True)
    for other in examples(rule):
        if other.kind == "template":
            (folder / "PRPs/templates/prp_base.md").write_text(other.text, encoding="utf-8")
        for word in other.words:
            if word.startswith("file="):
                path = folder / word.removeprefix("file=")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(other.text, encoding="utf-8")
    strict = not {"v2", "other"} & set(example.words)
    return Checker(Repository(folder), rules=(rule,), strict=strict)


def output(rule: Rule, folder: Path, example: Example) -> str:
    found = checker(rule, folder, example).check_text(example.text, example.path)
    return "".join(f"{f.line}:{f.column}: {f.rule} {f.message}\n" for f in found)


@EVERY_RULE
def test_page_opens_with_id_name_and_summary(rule: Rule) -> None:
    assert page(rule).startswith(f"# {rule.id} {rule.name}\n\n{rule.summary}\n\n## Why\n")


@EVERY_RULE
def test_bad_examples_give_the_output_shown(rule: Rule, tmp_path: Path) -> None:
    bad, shown = of_kind(rule, "bad"), of_kind(rule, "output")
    assert bad, "the page shows no bad example"
    assert [output(rule, tmp_path, b) for b in bad] == [example.text for example in shown]


@EVERY_RULE
def test_good_examples_are_silent(rule: Rule, tmp_path: Path) -> None:
    good = of_kind(rule, "good")
    assert good, "the page shows no good example"
    assert [output(rule, tmp_path, g) for g in good] == [""] * len(good)


@EVERY_RULE
def test_fixing_the_first_bad_example_gives_the_fixed_one(rule: Rule, tmp_path: Path) -> None:
    fixed = of_kind(rule, "fixed")
    assert bool(fixed) == rule.fixable, "a fixable rule shows what its fix makes, no other does"
    if not fixed:
        return
    bad = of_kind(rule, "bad")[0]
    check = checker(rule, tmp_path, bad)
    source = decode(bad.text.encode(), bad.path)
    once = fix.apply(source, check.check_text(bad.text, bad.path))
    assert once == fixed[0].text
    again = decode(once.encode(), bad.path)
    assert fix.apply(again, check.check_text(once, bad.path)) == once, "the fix isn't idempotent"


@EVERY_RULE
def test_messages_are_lower_case_without_full_stop(rule: Rule, tmp_path: Path) -> None:
    lines = "".join(output(rule, tmp_path, bad) for bad in of_kind(rule, "bad")).splitlines()
    for line in lines:
        message = line.split(f"{rule.id} ", 1)[1]
        assert re.match(r"[a-zäöü“]", message), message
        assert not message.endswith("."), message
