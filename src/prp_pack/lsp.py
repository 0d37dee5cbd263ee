"""A language server over standard input and output. The only module that knows pygls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from prp_pack import __version__
from prp_pack.editing import BY_ID, Examined, examine, explained, mend_all
from prp_pack.model import Edit, Finding, Severity
from prp_pack.report import pages, spans
from prp_pack.report.spans import Span
from prp_pack.report.visible import visible

# How long nothing must be typed before a text is looked at.
PAUSE_SECONDS = 0.25

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.prp"
ACTIONS = [types.CodeActionKind.QuickFix, FIX_ALL]

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """Keeps of each open text what was found in it last."""

    def __init__(self, search_path: str) -> None:
        # pygls splits lines where neither the protocol nor Markdown does (U+2028, form feed), so
        # that a partial change could end up elsewhere: whole texts only.
        full = types.TextDocumentSyncKind.Full
        super().__init__("prp-pack", __version__, text_document_sync_kind=full)
        self.search_path = search_path
        self.examined: dict[str, Examined] = {}
        self.changes: dict[str, int] = {}

    def open_text(self, uri: str) -> TextDocument | None:
        # The workspace knows a text by its URI without percent signs.
        found: TextDocument | None = self.workspace.text_documents.get(unquote(uri))
        return found

    async def current(self, uri: str) -> Examined | None:
        """Return what is found in the text as it is now; None when it isn't open."""
        document = self.open_text(uri)
        if document is None:
            return None
        content = document.source
        known = self.examined.get(uri)
        if known is None or known.content != content:
            known = await asyncio.to_thread(examine, _path(uri), content, self.search_path)
            self.examined[uri] = known
        return known

    async def look(self, uri: str, pause: float = 0) -> None:
        """Publish what is found in a text, unless it changes while it waits or is checked."""
        change = self.changes[uri] = self.changes.get(uri, 0) + 1
        await asyncio.sleep(pause)
        if self.changes.get(uri) != change:
            return
        known = await self.current(uri)
        document = self.open_text(uri)
        if known is None or document is None or self.changes.get(uri) != change:
            return
        found = [self.diagnostic(finding, known) for finding in known.findings]
        self.publish(uri, found, document.version)

    def forget(self, uri: str) -> None:
        self.changes.pop(uri, None)
        self.examined.pop(uri, None)
        self.publish(uri, [], None)

    def publish(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None
    ) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, diagnostics, version)
        )

    def range(self, span: Span, lines: list[str]) -> types.Range:
        """Return a span in the units that the editor counts in, which are those of UTF-16."""
        return types.Range(
            self._position(span.line, span.column, lines),
            self._position(span.end_line, span.end_column, lines),
        )

    def _position(self, line: int, column: int, lines: list[str]) -> types.Position:
        before = lines[line - 1][: column - 1] if line <= len(lines) else ""
        return types.Position(line - 1, self.workspace.position_codec.client_num_units(before))

    def diagnostic(self, finding: Finding, known: Examined) -> types.Diagnostic:
        rule = BY_ID.get(finding.rule)
        page = pages.location(rule.stem) if rule else None
        return types.Diagnostic(
            range=self.range(spans.of_finding(finding, known.lines), known.lines),
            message=visible(finding.message),
            severity=_SEVERITIES[finding.severity or Severity.ERROR],
            code=finding.rule or None,
            code_description=types.CodeDescription(page.as_uri()) if page else None,
            source="prp",
        )

    def action(
        self, uri: str, known: Examined, edit: Edit, title: str, kind: types.CodeActionKind | str
    ) -> types.CodeAction:
        made = spans.of_edit(edit, known.source)
        change = types.TextEdit(self.range(made.span, known.lines), made.text)
        return types.CodeAction(title, kind, edit=types.WorkspaceEdit(changes={uri: [change]}))


def actions(server: Server, uri: str, known: Examined, asked: types.Range) -> Iterator[
    types.CodeAction
]:  # fmt: skip
    """Yield a quick fix for each finding that the range touches, then one that mends all."""
    for finding in known.findings:
        if finding.fix and asked.start.line <= finding.line - 1 <= asked.end.line:
            title = f"Mend {finding.rule}: {visible(finding.message)}"
            kind = types.CodeActionKind.QuickFix
            action = server.action(uri, known, finding.fix, title, kind)
            action.diagnostics = [server.diagnostic(finding, known)]
            yield action
    edit = mend_all(known)
    if edit:
        yield server.action(uri, known, edit, "Mend all that prp can mend", FIX_ALL)


def build(search_path: str) -> Server:
    """Return the server; `search_path` is where programs that documents name are looked for."""
    server = Server(search_path)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: types.DidOpenTextDocumentParams) -> None:
        await server.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: types.DidChangeTextDocumentParams) -> None:
        await server.look(params.text_document.uri, PAUSE_SECONDS)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(_: types.DidSaveTextDocumentParams) -> None:
        # A plan that was saved changes what its PRPs are held to.
        server.examined.clear()
        for document in list(server.workspace.text_documents.values()):
            await server.look(document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    options = types.CodeActionOptions(code_action_kinds=ACTIONS)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        known = await server.current(uri)
        only = params.context.only
        offered = actions(server, uri, known, params.range) if known else ()
        return [action for action in offered if only is None or _is_asked(action, only)]

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        known = await server.current(params.text_document.uri)
        line = params.position.line + 1
        said = [explained(f) for f in known.findings if f.line == line] if known else []
        text = "\n\n---\n\n".join(part for part in dict.fromkeys(said) if part)
        markdown = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(markdown) if text else None

    return server


def _path(uri: str) -> Path | None:
    try:
        name = to_fs_path(uri)
    except ValueError:
        return None
    return Path(name) if name and "\0" not in name else None


def _is_asked(action: types.CodeAction, only: Sequence[types.CodeActionKind | str]) -> bool:
    kind = f"{_name(action.kind or '')}."
    return any(kind.startswith(f"{_name(asked)}.") for asked in only)


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def serve(search_path: str) -> None:
    """Serve one editor until it says that it is done, or goes."""
    build(search_path).start_io()
