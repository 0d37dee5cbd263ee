"""The command line: its group, and where each command is. No logic."""

from __future__ import annotations

import os
import sys

import click

from prp_pack import __version__
from prp_pack.repository import UnreadableError
from prp_pack.terminal import FAILED, Group, complain, examples, refuse, write_any_character

_COMMANDS = {
    "attest": ("cli_prove", "attest"),
    "check": ("cli_check", "check"),
    "complete": ("cli_complete", "complete"),
    "context": ("cli_project", "show_context"),
    "doctor": ("cli_install", "doctor"),
    "explain": ("cli_reference", "explain"),
    "gate": ("cli_gate", "gate"),
    "init": ("cli_install", "init"),
    "links": ("cli_links", "links"),
    "matrix": ("cli_reference", "matrix"),
    "migrate": ("cli_migrate", "migrate"),
    "new": ("cli_project", "new"),
    "plan": ("cli_plan", "plan"),
    "reconcile": ("cli_complete", "reconcile"),
    "report": ("cli_report", "report"),
    "run": ("cli_run", "run"),
    "status": ("cli_complete", "status"),
    "statusline": ("cli_report", "show_statusline"),
    "waive": ("cli_prove", "waive"),
}


class _Group(Group):
    """Turns what can't be read into one line and exit status 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        write_any_character()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UnreadableError as error:
            refuse(ctx, error)
            raise click.exceptions.Exit(FAILED) from None


@click.group(
    cls=_Group,
    places=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "prp init                       # commands, hooks, scripts and templates, once",
        "prp new PRPs/INITIAL.md        # a PRP to be filled in",
        "prp check                      # what it still lacks",
        "prp gate run PRPs/labels.md    # what is proven",
        "prp status                     # where everything stands",
        'eval "$(_PRP_COMPLETE=bash_source prp)"    # completion; zsh_source, fish_source too',
    ),
)
@click.version_option(__version__, prog_name="prp")
def main() -> None:
    """Make a PRP a contract that a machine can hold a coding agent to.

    Exit status: 0 clean, 1 findings, 2 could not do the work.
    """


@main.command(epilog=examples("prp lsp    # what an editor starts; docs/editor.md says how"))
def lsp() -> None:
    """Serve an editor over standard input and output.

    \b
    Needs: pip install 'prp-pack[lsp]'
    """  # noqa: D301 - for click
    try:
        from prp_pack import lsp as server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        complain("the language server is an extra", "pip install 'prp-pack[lsp]'")
        raise click.exceptions.Exit(FAILED) from None
    if sys.stdin.isatty():
        click.echo("prp: waiting for an editor on standard input; Ctrl-C ends it", err=True)
    server.serve(os.environ.get("PATH", os.defpath))


@main.command(hidden=True)
@click.argument("event")
def hook(event: str) -> None:
    """Answer one event of Claude Code; what the hook scripts call."""
    from prp_pack.hooks import entry  # noqa: PLC0415 - a command of its own

    sys.exit(entry.main([event]))
