"""Write the generated files, or with `--check` report which of them differ from their sources.

They are committed, so that a reader and git see them: the section matrix, the hooks that the
plugin registers, and what `prp init` writes into this very repository.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from prp_pack import __version__, install, settings_json
from prp_pack.repository import Repository
from prp_pack.schema import matrix

ROOT = Path(__file__).parents[1]
TEMPLATE = "PRPs/templates/prp_base.md"


def generated() -> Iterator[tuple[str, str]]:
    """Yield each generated file's path and the text that its sources give."""
    template = (ROOT / TEMPLATE).read_text(encoding="utf-8")
    yield (
        "src/prp_pack/schema/matrix.json",
        matrix.to_json(matrix.derive(template, matrix.overrides(), TEMPLATE)),
    )
    yield "hooks/hooks.json", settings_json.hooks_json()
    plugin = json.loads((ROOT / ".claude-plugin/plugin.json").read_text(encoding="utf-8"))
    plugin["version"] = __version__
    yield ".claude-plugin/plugin.json", json.dumps(plugin, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Return 1 when `--check` found a difference; otherwise everything is written."""
    checking = "--check" in arguments
    stale = []
    for path, text in generated():
        file = ROOT / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not checking:
                file.write_text(text, encoding="utf-8")
    # `prp init` reads the files above, so it comes last.
    repository = Repository(ROOT)
    changes = install.plan_install(repository)
    stale += [change.path for change in changes if change.action != "unchanged"]
    if not checking:
        install.apply(repository, changes)
    for path in stale:
        print(
            f"{path}: {'differs from its sources; run `make generate`' if checking else 'written'}"
        )
    return int(checking and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
