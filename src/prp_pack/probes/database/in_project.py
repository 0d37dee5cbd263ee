"""Run by the project's own interpreter: says what its migrations and models are, as JSON.

`python in_project.py OUTPUT migrations ALEMBIC.INI` and `… metadata PACKAGE.MODULE:NAME`. It stands
alone: nothing of the package that it lies in is there for the interpreter that runs it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any


def migrations(path: str) -> dict[str, Any]:
    """Return heads, where the database stands, which one that is, and how the models differ."""
    from alembic import autogenerate, util  # noqa: PLC0415 - it may not be there
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    found: dict[str, Any] = {"connections": []}

    def look(revision: Any, context: Any) -> list[Any]:  # noqa: ANN401 - as alembic has it
        url = context.connection.engine.url
        metadata = context.opts.get("target_metadata")
        differences = autogenerate.compare_metadata(context, metadata) if metadata else []
        found["connections"].append(
            {
                "current": sorted(revision) if isinstance(revision, tuple) else [revision or ""],
                "backend": url.get_backend_name(),
                "host": url.host or "",
                "port": url.port,
                "database": url.database or "",
                "has_models": bool(metadata),
                "differences": [_difference(each) for each in differences],
            }
        )
        return []

    config = Config(path)
    try:
        script = ScriptDirectory.from_config(config)
        found["heads"] = sorted(script.get_heads())
        found["known"] = sorted(each.revision for each in script.walk_revisions())
        with EnvironmentContext(config, script, fn=look, dont_mutate=True):
            script.run_env()
    except util.CommandError as error:
        found["error"] = str(error)
    return found


def _difference(one: Any) -> str:  # noqa: ANN401 - tuples of several shapes, or lists of them
    if isinstance(one, list):
        return "; ".join(_difference(each) for each in one)
    what = str(one[0]).replace("_", " ")
    if one[0] in ("add_column", "remove_column"):
        return f"{what} {one[2]}.{one[3].name}"
    if what.startswith("modify"):
        return f"{what} of {one[2]}.{one[3]}: {one[-2]} to {one[-1]}"
    table = getattr(one[1], "table", None)
    name = one[1].name or ", ".join(each.name for each in one[1].columns)
    return f"{what} {name}" if table is None else f"{what} {name} of {table.name}"


def metadata(name: str) -> dict[str, Any]:
    """Return the tables of a MetaData: columns, primary keys and indexes."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return {
        "tables": [
            {
                "name": table.name,
                "schema": table.schema or "",
                "columns": {each.name: bool(each.nullable) for each in table.columns},
                "primary": [each.name for each in table.primary_key.columns],
                "indexes": [
                    {"columns": [each.name for each in index.columns], "unique": bool(index.unique)}
                    for index in sorted(table.indexes, key=lambda each: str(each.name))
                    if len(index.columns) == len(index.expressions)
                ],
            }
            for table in found.sorted_tables
        ]
    }


def main(arguments: list[str]) -> int:
    output, question, name = arguments
    # Not the folder of this file, whose modules are not the project's.
    sys.path[0] = os.getcwd()  # noqa: PTH109
    try:
        found = migrations(name) if question == "migrations" else metadata(name)
    except ModuleNotFoundError as error:
        found = {"missing": error.name}
    with open(output, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(found, file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
