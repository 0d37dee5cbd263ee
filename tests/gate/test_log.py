"""The log of a command, and where much output is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_pack.gate.log import Limits, Log
from prp_pack.gate.redaction import Known
from prp_pack.repository import UnreadableError

LIMITS = Limits(head=100, tail=1000)
BODY = "".join(f"{'A1b2' * 16}\n" for _ in range(40)).encode()


def written(path: Path, *pieces: bytes) -> tuple[bytes, Log]:
    log = Log(path, Known(), LIMITS)
    for piece in pieces:
        log.add(piece)
    log.close()
    return path.read_bytes(), log


def test_what_fits_is_kept_whole(tmp_path: Path) -> None:
    lines = [b"x" * 99 + b"\n"] * 20
    content, log = written(tmp_path / "a" / "x.log", *lines)
    assert (content, log.left_out, log.line) == (b"".join(lines), 0, "")


def test_the_last_line_is_told_while_all_is_written(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.log", Known(), LIMITS)
    log.add(b"one\n\ntwo\n \nthr")
    assert log.line == "two"
    log.close()


def test_the_rest_of_a_key_is_left_out_with_its_beginning(tmp_path: Path) -> None:
    # The beginning of the key goes with what is left out, its end stays.
    content, log = written(
        tmp_path / "x.log", b"y" * 100 + b"\n", b"-----BEGIN PRIVATE KEY-----\n" + BODY * 20,
        BODY[: 65 * 30], b"-----END PRIVATE KEY-----\n", b"3 passed\n" * 1760,
    )  # fmt: skip
    assert b"A1b2" not in content
    assert content.endswith(b"-----END PRIVATE KEY-----\n" + b"3 passed\n" * 1760)
    assert log.left_out > 0


def test_a_log_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be written: is a directory"):
        Log(tmp_path, Known(), LIMITS)
