"""`prp explain` and `prp matrix`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

from pathlib import Path

import click

from prp_pack.check.forms import DEFAULT
from prp_pack.check.rules import RULES
from prp_pack.report import matrix_table, pages
from prp_pack.repository import Repository, UnreadableError
from prp_pack.schema import matrix as matrices
from prp_pack.terminal import JSON, examples


@click.command(epilog=examples("prp explain", "prp explain PRP101"))
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Print a rule's page: what it finds, why, and examples. Without RULE, the list of rules."""
    if rule is None:
        width = max(len(each.name) for each in RULES)
        for each in sorted(RULES, key=lambda rule: rule.id):
            click.echo(f"{each.id}  {each.name:<{width}}  {each.summary}")
        return
    found = [each for each in RULES if rule.upper() == each.id or rule == each.name]
    if not found:
        raise click.UsageError(f"no rule is called {rule!r}; `prp explain` lists them")
    click.echo(pages.page(found[0].stem), nl=False)


@click.command(epilog=examples("prp matrix", "prp matrix PRPs/templates/prp_base.md --json"))
@click.argument("template", required=False, type=click.Path(readable=False, path_type=Path))
@JSON
def matrix(template: Path | None, as_json: bool) -> None:
    """Print which sections a PRP must have: by the project's template, or by TEMPLATE.

    ● is required of that kind of PRP; ○ under N/A may say `N/A: <reason>` in place of its content.
    Without a project it is the shipped template.
    """
    if template is None:
        own = Repository.containing(Path.cwd()).read_if_there(DEFAULT)
        shown = matrices.matrix_for(own.text if own else None, DEFAULT)
    else:
        repository = Repository.containing(template.parent)
        path = repository.relative(template)
        read = repository.read(path).text
        shown = matrices.derive(read, matrices.overrides(), path)
        if not shown.sections:
            raise UnreadableError(path, "has no section: a template's sections are `##` headings")
    click.echo(matrix_table.to_json(shown) if as_json else matrix_table.render(shown), nl=False)
