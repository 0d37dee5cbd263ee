"""Documents to measure with: made from the example, the same on every machine."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/parcel-tracker"
BYTES = 17_000
LONG_LINE = 90
# Lines that a section keeps: its heading, a fence, and something in it.
FULL = 5

# Words for words, outside of code: each document is text of its own, not a copy of the last one.
_WORDS = {
    "scan": ("scan", "event", "entry", "record"),
    "scans": ("scans", "events", "entries", "records"),
    "parcel": ("parcel", "crate", "box", "shipment"),
    "parcels": ("parcels", "crates", "boxes", "shipments"),
    "batch": ("batch", "bundle", "set", "group"),
    "quick": ("quick", "fast", "prompt", "responsive"),
    "page": ("page", "slice", "part", "window"),
    "answered": ("answered", "served", "returned", "sent back"),
    "stored": ("stored", "kept", "saved", "written"),
    "whole": ("whole", "entire", "complete", "full"),
}
_WORD = re.compile(r"\b(" + "|".join(_WORDS) + r")\b")
_CODE = re.compile(r"(`[^`]*`)")
# Lines that a shorter PRP does without: details of tasks, comments, examples, boxes of lists.
_SPARE = re.compile(
    r" +- (PRESERVE|KEEP|MODIFY|ADD)\b|# (CRITICAL|  )|# tests/| {8}example: |- \[ \] "
)


def phase_prps(count: int) -> list[str]:
    """Return so many PRPs of about 17 kB."""
    source = (EXAMPLE / "PRPs/phase3.md").read_text("utf-8")
    made = []
    for seed in range(count):
        # Each on a track of its own, or all would claim the same phase.
        track = f"template: prp_base\ntrack: depot-{seed}\n"
        text = source.replace("template: prp_base\n", track, 1)
        made.append(_variant(text, random.Random(seed)))
    return made


def _variant(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    spare = [number for number, line in enumerate(lines) if _SPARE.match(line)]
    spare += [number for number in _prose(lines) if number not in spare]
    chance.shuffle(spare)
    excess = len(source.encode()) - BYTES + chance.randrange(-600, 600)
    section = _sections(lines)
    left = Counter(section[number] for number, line in enumerate(lines) if line)
    gone = set()
    for number in spare:
        if excess <= 0:
            break
        if left[section[number]] > FULL:
            left[section[number]] -= 1
            gone.add(number)
            excess -= len(lines[number].encode()) + 1
    fenced = False
    made = []
    for number, line in enumerate(lines):
        fenced ^= line.startswith("```")
        if number not in gone:
            made.append(line if fenced else _reworded(line, chance))
    return "\n".join(made)


def _prose(lines: list[str]) -> list[int]:
    return [
        n for n, line in enumerate(lines) if line.startswith(("- ", "# ")) and len(line) > LONG_LINE
    ]


def _sections(lines: list[str]) -> list[int]:
    """Return the number of each line's section."""
    found = []
    current = 0
    fenced = False
    for line in lines:
        fenced ^= line.startswith("```")
        current += line.startswith("#") and not fenced
        found.append(current)
    return found


def _reworded(line: str, chance: random.Random) -> str:
    if line.startswith(("#", "---", "template:", "track:", "requirements:")):
        return line
    parts = _CODE.split(line)
    parts[::2] = [_WORD.sub(lambda m: chance.choice(_WORDS[m[0]]), part) for part in parts[::2]]
    return "".join(parts)


def pair() -> tuple[str, str]:
    """Return a PRP of about 10 kB, and one 50 times as long: subsections are added to one part."""
    short = (EXAMPLE / "PRPs/parcel-labels.md").read_text("utf-8")
    head, middle, rest = short.partition("\n## Validation Loop")
    blocks = [block.partition("\n## ")[0] for block in re.split(r"(?m)^### ", head)[1:]]
    blocks = [block for block in blocks if "\nTask 1" not in block]
    grown: list[str] = []
    missing = len(short.encode()) * 49
    while missing > 0:
        title, _, body = blocks[len(grown) % len(blocks)].partition("\n")
        grown.append(f"\n### {title} {len(grown)}\n{body}\n")
        missing -= len(grown[-1].encode())
    return short, head + "".join(grown) + middle + rest


def pathological() -> dict[str, str]:
    """Return texts that take some parsers quadratic time or worse, by name."""
    head = "---\ntemplate: prp_base\nname: Hard\n---\n\n## Goal\n"
    million = 1_000_000
    bodies: dict[str, Callable[[], str]] = {
        "1 MB in one line": lambda: "word " * (million // 5),
        "1 MB line in a fence": lambda: "```bash\n" + "echo word; " * (million // 11) + "\n```",
        "quotes nested 5,000 deep": lambda: ">" * 5_000 + " deep",
        "lists nested 500 deep": lambda: "\n".join("  " * n + "- deep" for n in range(500)),
        "YAML nested 3,000 deep": lambda: "```yaml\na: " + "[" * 3_000 + "]" * 3_000 + "\n```",
        "20,000 headings": lambda: "\n".join(f"### Heading {n}" for n in range(20_000)),
        "20,000 fences": lambda: "```yaml\na: 1\n```\n" * 20_000,
        "20,000 bash gates": lambda: "```bash\npytest -q\n```\n" * 20_000,
        "100,000 brackets": lambda: "[" * 100_000 + "](" * 1_000,
        "100,000 backticks, uneven": lambda: " ".join("`" * (n % 300) for n in range(1, 700)),
        "50,000 open emphases": lambda: "*a _b " * 25_000,
        "bash nested 2,000 deep": lambda: "```bash\n" + "$(" * 2_000 + ")" * 2_000 + "\n```",
        "100,000 unclosed comments": lambda: "<!-- " * 100_000,
    }
    return {name: head + body() + "\n" for name, body in bodies.items()}


def project(folder: Path, prps: dict[str, str]) -> Path:
    """Write the example as a project of its own, with its hooks and these PRPs; return it."""
    if folder.exists():
        shutil.rmtree(folder)
    skipped = shutil.ignore_patterns(
        "__pycache__", ".*_cache", "*.db", ".venv", ".coverage", ".prp"
    )
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    for name, text in prps.items():
        path = folder / "PRPs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid",
         "commit", "--quiet", "--message=The project to measure"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def openspec_project(folder: Path, texts: list[str]) -> Path:
    """Write the texts as the specifications of an OpenSpec project, one requirement a section."""
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "openspec/changes").mkdir(parents=True)
    (folder / "openspec/project.md").write_text("# Measured\n", "utf-8")
    for number, text in enumerate(texts):
        spec = folder / f"openspec/specs/spec-{number:04}/spec.md"
        spec.parent.mkdir(parents=True)
        spec.write_text(_as_spec(text), "utf-8")
    return folder


def _as_spec(text: str) -> str:
    """Return a PRP's sections as requirements with scenarios, about as long as the PRP."""
    made = ["# Spec\n\n## Purpose\nWhat the service does for depots and listeners of parcels.\n"]
    made.append("\n## Requirements\n")
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        words = re.sub(r"^#+ |^```\w*$", "", body, flags=re.MULTILINE).strip()
        made.append(
            f"\n### Requirement: {title}\nThe service SHALL do what this section says.\n\n{words}\n"
            f"\n#### Scenario: {title}\n- **WHEN** it is asked for\n- **THEN** it is there\n"
        )
    return "".join(made)


def main() -> None:
    """Write all projects below a folder: `documents.py FOLDER COUNT`.

    A process of its own, because the peak memory of a process counts for those it starts.
    """
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    texts = phase_prps(count)
    project(folder / "many", {f"many/prp-{n:05}.md": text for n, text in enumerate(texts)})
    # Apart, because a check reads the other documents of a project too.
    project(folder / "single", {"one.md": texts[0]})
    project(folder / "sealed", {"one.md": texts[0]})
    short, long = pair()
    project(folder / "sizes", {"short.md": short, "long.md": long})
    # A PRP that nobody has filled in has more findings than any other.
    template = (ROOT / "PRPs/templates/prp_base.md").read_text("utf-8")
    project(folder / "unfilled", {"unfilled.md": template})
    for name, text in pathological().items():
        project(folder / "hard" / name, {"hard.md": text})
    one_phase = re.sub(r"\ntrack: .*", "", texts[0])
    project(folder / "alike", {f"alike/prp-{n:05}.md": one_phase for n in range(200)})
    openspec_project(folder / "openspec", texts)


if __name__ == "__main__":
    main()
