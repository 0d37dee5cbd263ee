"""An editor to test the language server with: a real process, spoken to by pygls' own client."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PRP = Path(sys.executable).parent / "prp"
SECONDS = 30


class Editor:
    def __init__(self) -> None:
        self.client = LanguageClient("tests", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.complaints: list[str] = []
        self.server: types.InitializeResult | None = None

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        def complained(params: types.ShowMessageParams) -> None:
            self.complaints.append(params.message)

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(complained)

    def open(self, uri: str, text: str) -> None:
        item = types.TextDocumentItem(uri, "markdown", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, uri: str, text: str, version: int) -> None:
        document = types.VersionedTextDocumentIdentifier(version, uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def save(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def diagnostics(self) -> types.PublishDiagnosticsParams:
        """Return what is published next."""
        return await asyncio.wait_for(self.published.get(), SECONDS)

    async def actions(
        self, uri: str, start: int, end: int, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            types.Range(types.Position(start, 0), types.Position(end, 0)),
            types.CodeActionContext([], only),
        )
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def hover(self, uri: str, line: int) -> str:
        document, position = types.TextDocumentIdentifier(uri), types.Position(line, 1)
        params = types.HoverParams(document, position)
        found = await self.client.text_document_hover_async(params)
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value


@asynccontextmanager
async def editor(where: Path, encodings: Sequence[str] | None = None) -> AsyncIterator[Editor]:
    """Start `prp lsp` in a folder and end it as an editor does."""
    opened = Editor()
    await opened.client.start_io(str(PRP), "lsp", cwd=where)
    general = types.GeneralClientCapabilities(
        position_encodings=[types.PositionEncodingKind(name) for name in encodings]
        if encodings
        else None
    )
    opened.server = await opened.client.initialize_async(
        types.InitializeParams(capabilities=types.ClientCapabilities(general=general))
    )
    opened.client.initialized(types.InitializedParams())
    try:
        yield opened
    finally:
        await opened.client.shutdown_async(None)
        opened.client.exit(None)
        await asyncio.wait_for(opened.client.stop(), SECONDS)  # type: ignore[no-untyped-call]


def units(line: str, character: int, size: int = 2) -> int:
    """Return the column, from 1 and in characters, that an editor's position means."""
    encoded = line.encode("utf-16-le" if size == 2 else "utf-8")
    part = encoded[: character * (2 if size == 2 else 1)]
    return len(part.decode("utf-16-le" if size == 2 else "utf-8")) + 1


def edited(text: str, edits: Sequence[types.TextEdit | types.AnnotatedTextEdit]) -> str:
    """Apply edits as an editor does, in a text whose characters are all of one unit."""
    lines = [*text.splitlines(keepends=True), ""]
    starts = [sum(map(len, lines[:index])) for index in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda e: e.range.start.line, reverse=True):
        begin = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:begin] + edit.new_text + text[end:]
    return text
