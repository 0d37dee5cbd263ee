"""The log of a command: what it printed, without secrets and never more than a disk can bear.

Of much output the first and the last part are kept, and a line between them says how much was
left out. The last part is written at the end.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from prp_pack.gate.redaction import OVERLAP, Known, Redaction
from prp_pack.repository import UnreadableError

# How much of the end of a log is handed on as text.
TAIL = 65_536
_LINE = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bytes of the output are kept from its beginning and from its end."""

    head: int = 2 * 1024 * 1024
    tail: int = 2 * 1024 * 1024


class Log:
    """A log that is being written; raises `UnreadableError` when it can't be begun.

    `error` says why it could not be written to its end: no space, for instance. What comes after
    that is dropped.
    """

    def __init__(self, path: Path, values: Known, limits: Limits) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            reason = f"cannot be written: {_reason(error)}"
            raise UnreadableError(str(path), reason) from None
        self.received = 0
        """Bytes of output so far."""
        self.left_out = 0
        """Bytes of output that are not in the log; known when it is closed."""
        self.error = ""
        self._values = values
        self._limits = limits
        self._redaction = Redaction(values)
        # What belongs to a secret that begins before the last part goes with it.
        self._margin = max(OVERLAP, values.longest)
        self._last: deque[bytes] = deque()
        self._last_size = 0
        self._written = 0
        self._tail = b""
        self._digest = hashlib.sha256()

    @property
    def tail(self) -> str:
        """The end of what is written, at most `TAIL` bytes, as text."""
        return self._tail[-TAIL:].decode("utf-8", "replace")

    @property
    def line(self) -> str:
        """The last line that is written; empty once what comes is kept for the end."""
        lines = [] if self._last else self._tail[-_LINE:].decode("utf-8", "replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")

    @property
    def sha256(self) -> str:
        """The digest of what is written; empty when that isn't known."""
        return "" if self.error else self._digest.hexdigest()

    def add(self, content: bytes) -> None:
        """Take output of any size, from which the log grows to its limit and no further."""
        self.received += len(content)
        if self._written < self._limits.head:
            self._write(self._redaction.feed(content))
            if self._written >= self._limits.head:
                self._keep(self._redaction.take())
        else:
            self._keep(content)

    def close(self) -> None:
        """Write what is still held, and end the file."""
        last = b"".join(self._last)
        if self.left_out:
            self._leave_out(last)
        else:
            self._write(self._redaction.feed(last))
        self._write(self._redaction.end())
        try:
            self._file.close()
        except OSError as error:
            self.error = self.error or _reason(error)

    def _keep(self, content: bytes) -> None:
        """Remember output as part of the end, and forget what isn't its end any more."""
        self._last.append(content)
        self._last_size += len(content)
        while self._last_size - len(self._last[0]) >= self._limits.tail + self._margin:
            forgotten = len(self._last.popleft())
            self._last_size -= forgotten
            self.left_out += forgotten

    def _leave_out(self, last: bytes) -> None:
        """Write the last part, from where surely no secret is cut in two."""
        start = last.find(b"\n", 0, self._margin) + 1 or self._margin
        # The rest of a key whose beginning is left out.
        end_of_key = last.find(b"-----END ", 0, self._margin)
        if b"-----BEGIN " not in last[: max(0, end_of_key)]:
            start = max(start, end_of_key)
        self.left_out += start
        self._redaction = Redaction(self._values)
        self._write(f"\n[{self.left_out:,} bytes of output left out]\n".encode())
        self._write(self._redaction.feed(last[start:]))

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        try:
            while rest and not self.error:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = _reason(error)
        if not self.error:
            self._digest.update(content)
            self._written += len(content)
            self._tail = (self._tail + content)[-TAIL:]


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
