from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from prp_pack.probes import settings
from prp_pack.probes.quantities import Seconds
from prp_pack.repository import Repository, UnreadableError


@dataclass(frozen=True)
class User:
    name: str
    weight: float = 1.0
    body: object = None


@dataclass(frozen=True)
class Load:
    duration: Seconds
    mode: Literal["open", "closed"] = "open"
    users: tuple[User, ...] = ()
    tags: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    quiet: bool = False


def read(folder: Path, text: str, **environment: str) -> Load:
    (folder / "PRPs").mkdir(exist_ok=True)
    (folder / "PRPs/prp.toml").write_text(text, encoding="utf-8")
    return settings.load(Repository(folder), environment).table("load", Load)


def test_a_table_is_read_as_its_dataclass_says(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[load]\nduration = "1m"\nmode = "closed"\ntags = ["a"]\nseed = 3\nquiet = true\n'
        'headers = { accept = "${KIND:-text/html}" }\n'
        '[[load.users]]\nname = "${WHO}"\nweight = 2\nbody = { to = ["${WHO}", 1] }\n',
        WHO="Ada",
    )
    assert found == Load(
        60.0, "closed", (User("Ada", 2.0, {"to": ["Ada", 1]}),), ("a",), {"accept": "text/html"},
        3, True,
    )  # fmt: skip


ERRORS: list[tuple[str, int, str]] = [
    ("[load]\n", 1, "has no “duration”"),
    ("", 0, "has no “duration”"),
    ('[load]\nduration = "soon"\n', 2, "is not a duration"),
    ("[load]\nduration = 1\nuser = []\n", 3, "unknown key “user”"),
    ("[load]\nduration = 1\nmode = 'ajar'\n", 3, "is none of open, closed"),
    ("[load]\nduration = 1\ntags = 'a'\n", 3, "is not a list"),
    ("[load]\nduration = 1\ntags = [1]\n", 3, "is not a text"),
    ("[load]\nduration = 1\nquiet = 1\n", 3, "is not true or false"),
    ("[load]\nduration = 1\nseed = 1.5\n", 3, "is not a whole number"),
    ("[load]\nduration = 1\nseed = true\n", 3, "is not a whole number"),
    ("[load]\nduration = 1\nheaders = 'x'\n", 3, "is not a table"),
    ("[load]\nduration = 1\nheaders = { a = '[token]' }\n", 3, "placeholder [token]"),
    ("[load]\nduration = 1\nheaders = { a = '${TOKEN}' }\n", 3, "needs the variable TOKEN"),
    ("[load]\nduration = 1\n[[load.users]]\nweight = 1\n", 3, "has no “name”"),
    ("[load]\nduration = 1\n[[load.users]]\nname = 'a'\n[[load.users]]\nname = 2\n", 6, "not a text"),
    ("load = 3\n", 1, "is not a table"),
    ("[load\n", 1, "is not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), ERRORS)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, text)
    assert said in caught.value.reason
    assert caught.value.line == line


def test_a_near_key_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, "[load]\nduraton = 1\n")
    assert caught.value.help == "did you mean “duration”"


def test_a_project_without_the_file_has_no_tables(tmp_path: Path) -> None:
    found = settings.load(Repository(tmp_path), {})
    assert "load" not in found

    @dataclass(frozen=True)
    class Nothing:
        size: int = 3

    assert found.table("load", Nothing) == Nothing()
    with pytest.raises(ValueError, match="no script has a table"):
        found.table("lod", Nothing)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        settings.load(Repository(tmp_path), {}, "other.toml")
