"""Edits that change how a document looks and nothing of what it says."""

from __future__ import annotations

import re
import textwrap

from tests.defects.edits import (
    Edit,
    add_end,
    before,
    chain,
    every,
    fenced,
    headings,
    prose,
    swap,
    top,
)

_PLAIN = re.compile(r"[A-Za-z`]")
_ITEM = re.compile(r"(- (?:\[[ x]\] )?)(.*)")


def _reflowed(text: str) -> str:
    """Wrap each paragraph and list item at 60 columns."""
    lines = text.split("\n")
    wrapped: list[str] = []
    for line, code in zip(lines, fenced(lines), strict=True):
        item = _ITEM.match(line)
        if code or not (item or _PLAIN.match(line)):
            wrapped.append(line)
            continue
        mark, said = (item[1], item[2]) if item else ("", line)
        wrapped += textwrap.wrap(
            said, 60, initial_indent=mark, subsequent_indent="  " if item else "",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(wrapped)


def _tildes(text: str) -> str:
    lines = text.split("\n")
    marks = zip(lines, fenced(lines), strict=True)
    return "\n".join(
        "~~~" + line[3:] if code and line[:3] == "```" else line for line, code in marks
    )


def _closing_hashes(text: str) -> str:
    lines = text.split("\n")
    for line, level, _ in headings(text):
        lines[line] += " " + "#" * level
    return "\n".join(lines)


def _each_heading(opening: str, closing: str = "") -> Edit:
    def edit(text: str) -> str:
        lines = text.split("\n")
        for count, (line, level, title) in enumerate(headings(text), start=1):
            mark = opening.replace("1", str(count))
            lines[line] = f"{'#' * level} {mark}{title}{closing}"
        return "\n".join(lines)

    return edit


def _setext(text: str) -> str:
    """Underline the headings of the second level."""
    lines = text.split("\n")
    for line, level, title in reversed(headings(text)):
        if level == 2:
            # What stands right above an underlined heading would belong to it.
            lines[line : line + 1] = ["", title, "-" * 5]
    return "\n".join(lines)


def _in_yaml(*extra: str) -> Edit:
    """Put lines at the top of each YAML fence but the context and the task list."""

    def edit(text: str) -> str:
        out: list[str] = []
        for line in text.split("\n"):
            out.append(line)
            if line == "```yaml":
                out += extra
        return "\n".join(out)

    return edit


CODE = (
    'Reads `array[0]`, `dict["k"]`, `Optional[int]` and `[a-z]+`, as [link](README.md) says.',
    "",
    "```python",
    "first = array[0]",
    'named = table["k"]',
    "maybe: Optional[int] = rows[i][j]",
    'pattern = re.compile(r"[a-z][0-9]*")',
    "```",
    "",
)  # fmt: skip
TABLE = ("| Code | Means |", "|---|---|", "| `a[0]` | the first \\| only |", "")
QUOTE = (
    "> “Quick” is what the depot said, [as noted][1], in *their* words.",
    ">",
    "> - not ours",
    "",
)
EMOJI = ("🚚 Vans arrive at 06:00 — 👩‍🔧 unload them ✅ (café, naïve, 北京, ½ ≤ 1).", "")
ENTITIES = ("A &lt;van&gt; &amp; a depot&nbsp;&mdash; both &#8220;quick&#8221; &copy; 2026.", "")
HTML = (
    "<details>",
    "<summary>More</summary>",
    "",
    "Some <kbd>Ctrl</kbd> text.<br>",
    "",
    "</details>",
    "",
)
COMMENT = ("<!-- Reviewed on Monday. -->", "")
UNKNOWN = "Rollout to the other depots"


def _with_title(level: int, above: str) -> Edit:
    return before(above, f"{'#' * level} {UNKNOWN}", "Bern comes first.", "")


HARMLESS: dict[str, Edit] = {
    "CRLF": every("\n", "\r\n"),
    "CR": every("\n", "\r"),
    "BOM": lambda text: "\ufeff" + text,
    "BOM and CRLF": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "spaces behind prose": prose(lambda line: line + "  "),
    "spaces behind every line": lambda text: "\n".join(f"{line} " for line in text.split("\n")),
    "tabs behind prose": prose(lambda line: line + "\t"),
    "no newline at the end": lambda text: text.rstrip("\n"),
    "newlines at the end": lambda text: text + "\n\n\n",
    "blank lines doubled": lambda text: text.replace("\n\n", "\n\n\n"),
    "blank lines around headings": lambda text: re.sub(r"(?m)^(## .*)$", r"\n\1\n", text),
    "paragraphs reflowed": _reflowed,
    "bullets *": prose(lambda line: re.sub(r"^- ", "* ", line)),
    "bullets +": prose(lambda line: re.sub(r"^- ", "+ ", line)),
    "bullets indented": prose(lambda line: re.sub(r"^- ", " - ", line)),
    "fences ~~~": _tildes,
    "longer fences": every("```", "````"),
    "language in capitals": every("```yaml", "```YAML"),
    "language sh": every("```bash\n", "```sh\n"),
    "extra H2 before Goal": _with_title(2, "Goal"),
    "extra H2 before Why": _with_title(2, "Why"),
    "extra H2 at the end": add_end(f"## {UNKNOWN}", "Bern comes first."),
    "extra H3 in context": _with_title(3, "Known Gotchas"),
    "extra H3 in the validation loop": _with_title(3, "Final Validation"),
    "extra H3 in the checklist": _with_title(3, "Anti-Patterns"),
    "extra H4 in the tasks": _with_title(4, "Per task pseudocode"),
    "extra H4 in What": _with_title(4, "Success Criteria"),
    "a title above all": before("Purpose", "# Parcels", ""),
    "code with brackets": top("Why", *CODE),
    "code with brackets in What": top("What", *CODE),
    "a table": top("Why", *TABLE),
    "a quotation": top("What", *QUOTE),
    "emoji": top("Why", *EMOJI),
    "entities": top("What", *ENTITIES),
    "HTML": top("Why", *HTML),
    "a comment for people": top("Goal", *COMMENT),
    "a rule between sections": before("Goal", "---", ""),
    "a rule of stars": before("Why", "***", ""),
    "a link reference": add_end("[readme]: README.md"),
    "a footnote": chain(top("Why", "Depots agree.[^1]", ""), add_end("[^1]: In Bern.")),
    "closing hashes": _closing_hashes,
    "numbered headings": _each_heading("1. "),
    "bold headings": _each_heading("**", "**"),
    "underlined headings": _setext,
    "headings in capitals": prose(lambda line: line.upper() if line[:2] == "##" else line),
    "headings without parentheses": prose(
        lambda line: re.sub(r" \([^()]*\)$", "", line) if line[:2] == "##" else line
    ),
    "comments in YAML": _in_yaml("# A remark for whoever reads this: nothing more."),
    "an extra key in the context": swap("```yaml\n# Filled", "```yaml\nNOTE: ask Bern\n# Filled"),
    "extra keys in references": every('\n- file: "', '\n- owner: depot\n  file: "'),
    "values of references bare": lambda text: re.sub(r'(?m)^- file: "(.*)"$', r"- file: \1", text),
    "references indented": lambda text: re.sub(r'(?m)^  why: "(.*)"$', r"  why: >-\n    \1", text),
    "paths in backticks": lambda text: re.sub(r"(?m)^(MODIFY|CREATE) (.*):$", r"\1 `\2`:", text),
    "paths with ./": lambda text: re.sub(r'(?m)^- file: "', r'- file: "./', text),
    "commands continued": every(" --cov=src ", " \\\n  --cov=src "),
    "commands joined": every("ruff check .\nruff format", "ruff check . && ruff format"),
    "curl with -f": every("curl --fail-with-body ", "curl -f "),
    "curl with -sSf": every("curl --fail-with-body ", "curl -sSf "),
    "set -e": every("```bash\nruff check .", "```bash\nset -euo pipefail\nruff check ."),
    "remarks in shell": every("ruff check .\n", "# Look, don't touch: nothing may say || true here.\nruff check .  # no --fix\n"),
    "task list with stars": lambda text: re.sub(r"(?m)^  - ([A-Z]+ )", r"  * \1", text),
    "task titles with dots": lambda text: re.sub(r"(?m)^Task (\d): ", r"Task \1. ", text),
    "front matter quoted": lambda text: re.sub(r"(?m)^name: (.*)$", r'name: "\1"', text, count=1),
    "front matter dated": swap("\n---\n", "\ncreated: 2026-11-23\n---\n"),
    "front matter commented": swap("template: prp_base", "# ours\ntemplate: prp_base  # as shipped"),
    "front matter in another order": lambda text: re.sub(
        r"(?m)^(template: .*)\n(name: .*)$", r"\2\n\1", text, count=1
    ),
    "context without sources": lambda text: re.sub(r"  # PRPs/\S+$", "", text, flags=re.MULTILINE),
    "commands under uv": every("\npytest ", "\nuv run pytest "),
    "a tree in ASCII": lambda text: (
        text.replace("├── ", "|-- ").replace("└── ", "`-- ").replace("│   ", "|   ")
    ),
    "a tree under the project's name": swap("├── src/", "parcel-tracker/\n├── src/"),
    "emoji in a heading": swap("## Goal", "## 🎯 Goal"),
    "a colon behind a heading": swap("## Goal", "## Goal:"),
    "an indented heading": swap("\n## Goal", "\n   ## Goal"),
    "an anchor above a heading": swap("## Goal", '<a id="goal"></a>\n\n## Goal'),
    "hard spaces": prose(lambda line: line.replace(" and ", " and\u00a0")),
    "commands in prose": top("Goal", "Nobody runs `rm -rf /`, `x || true` or `ruff --fix` here.", ""),
    "notes in brackets": top("Why", "- It is [sic] known, see [1] and a[i][j] = b[0:2].", ""),
    "other languages in fences": top(
        "What", "```ts", "const a: Array<string> = b[0];", "```", "```mermaid", "A[x] --> B", "```"
    ),
    "mathematics": top("What", "$x_i < y_j$ and 5 < 6 > 4", ""),
    "phases in another order": swap("previous_phases: [1, 2]", "previous_phases: [2, 1]"),
    "phases as a block list": swap("[1, 2]  # PRPs", "\n    - 1\n    - 2\n  # PRPs"),
    "a heredoc": swap("ruff check .\n", "python - <<'END'\nassert [1][0] < 2 or True\nEND\nruff check .\n"),
}  # fmt: skip
