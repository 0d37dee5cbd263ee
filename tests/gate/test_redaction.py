"""Secrets in output, whole and in pieces."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.gate.redaction import OVERLAP, WINDOW, Known, Redaction, known, redact

GITHUB = "ghp_" + "aB3dE6gH9" * 4
AWS = "AKIA" + "QWERTYUIOPASDFGH"
BODY = "\n".join(
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj" for _ in range(20)
)
BEGIN, END = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))


def streamed(content: bytes, values: Known, sizes: list[int]) -> bytes:
    redaction = Redaction(values)
    done, at = [], 0
    for size in sizes:
        done.append(redaction.feed(content[at : at + size]))
        at += size
    return b"".join((*done, redaction.feed(content[at:]), redaction.end()))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"token {GITHUB} ok", "token [redacted: a GitHub token] ok"),
        (f"{AWS},{AWS}", "[redacted: an AWS access key id],[redacted: an AWS access key id]"),
        ("db postgres://app:pa55-word@db:5432/x", "db postgres://app:[redacted: a password in a URL]@db:5432/x"),
        ("redis://:hunter2@localhost", "redis://:[redacted: a password in a URL]@localhost"),
        ("git clone https://0123456789abcdef0123@host/x", "git clone https://[redacted: a token in a URL]@host/x"),
        ("> Authorization: Basic dXNlcjpwYXNz", "> Authorization: Basic [redacted: an authorization]"),
        ("{'Authorization': 'Bearer abc.def-1', 'a': 1}", "{'Authorization': 'Bearer [redacted: a bearer token]', 'a': 1}"),
        ("curl -H 'authorization: Token abcdef0123' http://x", "curl -H 'authorization: Token [redacted: an authorization]' http://x"),
        ('Authorization: Digest username="u", response="r"', "Authorization: Digest [redacted: an authorization]"),
        ("sent bearer AbC.dEf_1234", "sent bearer [redacted: a bearer token]"),
        ("sendgrid SG." + "aB3dE6gH9jK2mN5pQ8sT1v" + "." + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p",
         "sendgrid [redacted: a secret (SendGrid API Key)]"),
    ],
)  # fmt: skip
def test_what_is_replaced(text: str, redacted: str) -> None:
    assert redact(text) == redacted
    assert redact(f"{text}\nnext\n") == f"{redacted}\nnext\n"


@pytest.mark.parametrize(
    "text",
    [
        "3 passed in 0.12s", "bearer authentication is on", "Authorization: ok", "http://127.0.0.1:8000/a@b",
        "see https://example.com/x:y@z", "PRIVATE KEY", "=" * 70, "sha256:" + "0123456789abcdef" * 4,
        "tests/test_keys.py::test_password_is_hashed PASSED",
    ],
)  # fmt: skip
def test_what_stays(text: str) -> None:
    assert redact(text) == text


def test_values_of_secret_variables_are_replaced_in_all_their_forms() -> None:
    values = known({
        "API_TOKEN": 's3cr3t/"value"', "PGPASSWORD": "hunter2hunter2", "SECRET_FILE": "/run/secrets/x",
        "USE_TOKEN": "disabled", "PIN_KEY": "1234", "HOME": "/root-of-all", "KEYBOARD": "qwertyuiop",
        "MONKEY": "bananabanana", "MYSQL_PWD": "swordfish-9", "PWD": "/somewhere",
    })  # fmt: skip
    shown = redact(
        'a s3cr3t/"value" b s3cr3t/\\"value\\" c s3cr3t%2F%22value%22 d hunter2hunter2x e swordfish-9 '
        "/run/secrets/x disabled 1234 /root-of-all qwertyuiop bananabanana /somewhere",
        values,
    )
    assert shown == (
        "a [redacted: $API_TOKEN] b [redacted: $API_TOKEN] c [redacted: $API_TOKEN] "
        "d [redacted: $PGPASSWORD]x e [redacted: $MYSQL_PWD] "
        "/run/secrets/x disabled 1234 /root-of-all qwertyuiop bananabanana /somewhere"
    )


def test_of_two_values_the_longer_one_counts() -> None:
    values = known({"A_TOKEN": "abcdefgh", "B_TOKEN": "abcdefghijkl"})
    assert redact("abcdefghijkl", values) == "[redacted: $B_TOKEN]"


def test_a_value_of_several_lines_is_replaced_line_by_line() -> None:
    values = known({"DEPLOY_KEY": "first-line-of-it\nsecond-line-of-it\nx"})
    assert redact("first-line-of-it\nsecond-line-of-it\n", values) == (
        "[redacted: $DEPLOY_KEY]\n[redacted: $DEPLOY_KEY]\n"
    )


def test_a_private_key_goes_and_what_follows_stays() -> None:
    shown = redact(f"before {BEGIN}\n{BODY}\nQ==\n{END} after\n3 passed in 1s\n")
    assert shown.startswith("before [redacted: a private key]\n[redacted")
    assert shown.endswith("[redacted: a private key] after\n3 passed in 1s\n")
    assert "MII" not in shown
    assert "Q==" not in shown


@pytest.mark.parametrize("mark", ["E   ", "+", "2026-01-01T00:00:00 | ", "> "])
def test_a_private_key_behind_marks_goes_too(mark: str) -> None:
    text = "\n".join(
        f"{mark}{line}" for line in f"{BEGIN}\nProc-Type: 4,ENCRYPTED\n\n{BODY}\n{END}".split("\n")
    )
    shown = redact(f"{text}\n1 failed, 2 passed\n")
    assert "MII" not in shown
    assert shown.endswith("1 failed, 2 passed\n")


def test_a_private_key_on_one_line_goes() -> None:
    body = BODY.replace("\n", "\\n")
    assert redact(f'{{"key": "{BEGIN}\\n{body}\\n{END}\\n", "a": 1}}') == (
        '{"key": "[redacted: a private key]\\n", "a": 1}'
    )


def test_a_key_without_an_end_does_not_hide_the_rest() -> None:
    shown = redact(f"assert '{BEGIN}' in text\nthe key was not found in the text\n1 failed\n")
    assert (
        shown == "assert '[redacted: a private key]\nthe key was not found in the text\n1 failed\n"
    )
    lines = redact("\n".join([BEGIN, *("A" * 64 for _ in range(1000))])).split("\n")
    assert lines.count("[redacted: a private key]") == 400


@pytest.mark.parametrize("secret", [GITHUB, "hunter2hunter2", "x://u:pa55word@h"])
@pytest.mark.parametrize("at", [WINDOW - 20, WINDOW - OVERLAP - 20, WINDOW, 3 * WINDOW - OVERLAP])
def test_a_secret_in_a_line_of_megabytes_is_found(secret: str, at: int) -> None:
    values = known({"X_PASSWORD": "hunter2hunter2"})
    line = f"{'- ' * (at // 2)} {secret} {'- ' * 500_000}".encode()
    shown = streamed(line, values, [65_536] * 20)
    assert secret.rsplit(":", maxsplit=1)[-1].split("@", maxsplit=1)[0].encode() not in shown
    assert b"[redacted: " in shown
    assert shown == redact(line.decode(), values).encode()
    assert shown + b"\n" == redact(f"{line.decode()}\n", values).encode()


def test_a_key_across_windows_is_found() -> None:
    for before in range(WINDOW - OVERLAP - 100, WINDOW - OVERLAP + 40, 7):
        body = ("A1b2" * 16 + "\\n") * 2000
        shown = streamed(
            b"- " * (before // 2) + f"{BEGIN}\\n{body}{END} after".encode(), Known(), []
        )
        assert b"A1b2" not in shown
        assert shown.endswith(b"after")


def test_no_more_than_a_window_is_held() -> None:
    redaction = Redaction()
    out = sum(len(redaction.feed(b"x" * 10_000)) for _ in range(200))
    assert 2_000_000 - WINDOW <= out <= 2_000_000
    assert len(redaction.take()) == 2_000_000 - out
    assert redaction.end() == b""


@given(st.binary(max_size=300), st.lists(st.integers(0, 40), max_size=10))
def test_any_bytes_pass_and_pieces_make_no_difference(content: bytes, sizes: list[int]) -> None:
    assert streamed(content, Known(), sizes) == streamed(content, Known(), [])


@given(
    st.text("ab \n", max_size=200), st.lists(st.integers(1, 30), max_size=20), st.integers(0, 200)
)
def test_a_secret_is_found_however_it_is_cut(text: str, sizes: list[int], at: int) -> None:
    values = known({"THE_TOKEN": "0123-secret-4567"})
    content = f"{text[:at]}0123-secret-4567{text[at:]}".encode()
    assert streamed(content, values, sizes) == content.replace(
        b"0123-secret-4567", b"[redacted: $THE_TOKEN]"
    )


def test_text_that_is_no_utf_8_stays() -> None:
    noise = random.Random(1).randbytes(300_000).replace(b"@", b"")
    assert streamed(noise, Known(), [1000] * 100) == noise


def test_half_of_a_character_passes() -> None:
    assert redact("a\udc80\ud800b") == "a\udc80\ud800b"


def test_ordinary_words_are_no_secrets() -> None:
    words = " ".join(random.Random(2).choices(string.ascii_lowercase, k=5000))
    assert redact(words) == words
