"""What an invocation needs from the repository and doesn't find there. Nothing is run."""

from __future__ import annotations

import difflib
import json
import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Iterator

from prp_pack.check.ground import Ground, resolved
from prp_pack.check.invocations import Invocation, script_of
from prp_pack.check.programs import (
    COMPOSE_FILES,
    JUSTFILES,
    MAKE_VALUES,
    MAKEFILES,
    PATHS,
    SCRIPT_RUNNERS,
    SCRIPTLESS,
    SERVERS,
    PathArguments,
)
from prp_pack.parse.script import Word, join
from prp_pack.regex import regex
from prp_pack.values import dataclass

_MODULE = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_RULE_OF_MAKE = regex(r"^([^\s#:=][^:=#\n]*?)\s*::?(?!=)", re.MULTILINE)
_RECIPE = regex(r"^@?([A-Za-z_][\w-]*)[^:=\n]*:(?!=)", re.MULTILINE)
_ALIAS = regex(r"^alias\s+([\w-]+)\s*:=", re.MULTILINE)
_ELSEWHERE = regex(r"^[-!]?(?:include|sinclude|import\??|mod)\s", re.MULTILINE)
_NO_JUDGEMENT = frozenset({"-w", "--workspace", "--workspaces", "--filter", "-r", "--recursive"})
_COMPOSING = frozenset({"up", "build", "run", "config", "ps", "down", "exec", "logs", "pull"})


@dataclass(frozen=True, slots=True)
class Missing:
    word: Word
    message: str
    help: str = ""


def missing(call: Invocation, ground: Ground) -> Iterator[Missing]:
    """Yield what the repository would have to hold for this to run, and doesn't."""
    folder = call.command.folder
    # A folder that isn't there was reported at its `cd`: a cause, not its echoes.
    if folder is None or not ground.holds(folder):
        return
    base = call.name.rsplit("/", 1)[-1]
    if "/" in call.name:
        yield from _path(call.word, call.name, folder, ground)
    if script := script_of(call):
        yield from _path(script, script.value or "", folder, ground)
    if call.module:
        yield from _module(call, folder, ground)
    name = call.name if call.name in PATHS else base
    if name in PATHS:
        yield from _path_arguments(call, name, folder, ground)
    for judge in (_CHECKS.get(name), _run_script if base in SCRIPT_RUNNERS else None):
        if judge is not None:
            yield from judge(call, folder, ground)


def _nothing(word: Word, path: str, folder: str, ground: Ground) -> Missing:
    """Say that a path is missing; the message names it as the command does."""
    where = f" in “{folder}”" if folder else ""
    said = f"“{word.value}” names “{path}”" if word.value != path else f"“{path}”"
    verb = ", which doesn't exist" if word.value != path else " doesn't exist"
    near = ground.suggest(path, folder)
    hint = f"did you mean “{near}”?" if near else "correct it, or add a task that creates it"
    return Missing(word, f"{said}{verb}{where}, and no task creates it", hint)


def _path(word: Word, path: str, folder: str, ground: Ground) -> Iterator[Missing]:
    full = resolved(folder, path) if not word.glob else None
    if word.glob and "[" not in path and (pattern := join(folder, path)):
        if not ground.matches(pattern):
            yield Missing(word, f"“{path}” matches no file, and no task creates one")
    elif full is not None and not ground.holds(full):
        yield _nothing(word, path, folder, ground)


def _path_arguments(
    call: Invocation, name: str, folder: str, ground: Ground
) -> Iterator[Missing]:  # fmt: skip
    """Judge the words that this program takes as paths."""
    known = PATHS[name]
    operands = known.operands and "--pyargs" not in call.values
    subcommand = not known.subcommands
    words = iter(call.arguments)
    sure = True
    for word in words:
        value = word.value
        if value is None or not value:
            sure = True
        elif value.startswith("-"):
            option, equals, _ = value.partition("=")
            # What follows `--cov` is its value, if it has one.
            valued = not equals and option in (known.options | known.values) - {"--cov"}
            yield from _option(word, next(words, None) if valued else None, known, folder, ground)
            sure = bool(equals) or valued or option in known.switches
        elif not subcommand:
            if value not in known.subcommands:
                return
            subcommand = True
        elif operands and sure:
            judge = _node if name == "pytest" else _path
            yield from judge(word, value, folder, ground)
        else:
            sure = True


def _option(
    word: Word, following: Word | None, known: PathArguments, folder: str, ground: Ground
) -> Iterator[Missing]:
    option, _, value = (word.value or "").partition("=")
    if following is not None:
        word, value = following, following.value or ""
    # ruff takes a setting itself in the place of a file of settings.
    if option in known.options and value and "=" not in value:
        yield from _path(word, value, folder, ground)
    elif option == "--cov":
        yield from _coverage(word, value, folder, ground)


def _coverage(word: Word, named: str, folder: str, ground: Ground) -> Iterator[Missing]:
    if not named or resolved(folder, named) is None:
        return
    path = named if "/" in named else named.replace(".", "/")
    places = (named, path, f"{path}.py", f"src/{path}", f"src/{path}.py")
    if not any(ground.holds(join(folder, place) or "") for place in places):
        yield _nothing(word, named, folder, ground)


def _node(word: Word, value: str, folder: str, ground: Ground) -> Iterator[Missing]:
    """Judge `tests/test_x.py::Class::test_name`: the file, and the name where it's known."""
    path, _, names = value.partition("::")
    full = resolved(folder, path)
    if word.glob and not names:
        yield from _path(word, value, folder, ground)
        return
    if full is None:
        return
    if not ground.holds(full):
        yield _nothing(word, path, folder, ground)
        return
    text = ground.text(full) if names else None
    if text is None:
        return
    for name in names.partition("[")[0].split("::"):
        if name and not re.search(rf"\b(?:def|class)\s+{re.escape(name)}\b", text):
            defined = re.findall(r"\b(?:def|class)\s+(test\w*|Test\w*)", text)
            close = difflib.get_close_matches(name, defined, 1, 0.7)
            hint = f"did you mean “{close[0]}”?" if close else ""
            yield Missing(word, f"“{path}” has no test “{name}”", hint)
            return


def _module(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    """Judge `python -m package.module` when the package is one of the project's folders."""
    parts = call.name.split(".")
    known = parts[0] in sys.stdlib_module_names or parts[0] in PATHS or parts[0] in SERVERS
    if known or not _MODULE.fullmatch(call.name):
        return
    roots = [root for root in (folder, join(folder, "src"), "", "src") if root is not None]
    tops = [posixpath.join(root, parts[0]) for root in roots]
    ours = [top for top in dict.fromkeys(tops) if _is_package(top, parts, ground)]
    if not ours:
        return
    for top in ours:
        path = posixpath.join(top, *parts[1:])
        runs = (f"{path}.py", f"{path}/__main__.py")
        if any(place in ground.project.files or ground.promises(place) for place in runs):
            return
    path = posixpath.join(ours[0], *parts[1:])
    folder_there = path in ground.project.folders or ground.promises(path)
    lacks = f"{path}/__main__.py" if folder_there else f"{path}.py"
    near = "" if lacks.endswith("__main__.py") else ground.suggest(lacks)
    hint = f"did you mean “{near}”?" if near else "correct it, or add a task that creates it"
    message = f"module “{call.name}” needs “{lacks}”, which doesn't exist, and no task creates it"
    yield Missing(call.word, message, hint)


def _is_package(top: str, parts: list[str], ground: Ground) -> bool:
    if f"{top}/__init__.py" in ground.project.files or ground.promises(f"{top}/__init__.py"):
        return True
    folder = top in ground.project.folders or ground.promises(top)
    # A folder without `__init__.py` may share its name with something that is installed.
    return folder and (len(parts) > 1 or top.startswith("src/"))


def _make(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    targets: list[Word] = []
    words = iter(call.arguments)
    file = ""
    for word in words:
        value = word.value
        if value is None or _BUNDLED.fullmatch(value):
            continue
        if value in MAKE_VALUES:
            given = next(words, None)
            named = (given.value or "") if given else ""
            if value in ("-C", "--directory"):
                inside = resolved(folder, named)
                if inside is None:
                    return
                folder = inside
            elif value in ("-f", "--file", "--makefile"):
                file = named
        elif not value.startswith("-") and "=" not in value:
            targets.append(word)
    names = (file,) if file else MAKEFILES
    path = next((p for p in (posixpath.join(folder, n) for n in names) if ground.holds(p)), None)
    if path is None:
        yield Missing(call.word, f"“make” finds no {names[-1]} in “{folder or '.'}”")
        return
    yield from _of_list(targets, "make target", path, ground.text(path), _made)


_BUNDLED = regex(r"-[jC]\d+|-[a-zA-Z]*[knsBiq]")


def _made(text: str) -> set[str] | None:
    """Return the targets of a Makefile; None when only make could know them."""
    if _ELSEWHERE.search(text):
        return None
    found = {name for rule in _RULE_OF_MAKE.findall(text) for name in rule.split()}
    return None if any("%" in name or "$" in name for name in found) else found


def _recipes(text: str) -> set[str] | None:
    if _ELSEWHERE.search(text):
        return None
    return {*_RECIPE.findall(text), *_ALIAS.findall(text)}


def _of_list(
    words: Iterable[Word], what: str, path: str, text: str | None,
    names_of: Callable[[str], set[str] | None],
) -> Iterator[Missing]:  # fmt: skip
    names = names_of(text) if text is not None else None
    if names is None:
        return
    for word in words:
        if word.value is not None and word.value not in names:
            close = difflib.get_close_matches(word.value, sorted(names), 1, 0.6)
            hint = f"did you mean “{close[0]}”?" if close else ""
            yield Missing(word, f"{what} “{word.value}” isn't in “{path}”", hint)


def _just(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    words = [word for word in call.arguments if word.value is not None]
    if any((word.value or "").startswith("-") for word in words):
        return
    path = ground.nearest(folder, JUSTFILES)
    if path is None:
        yield Missing(call.word, f"“just” finds no justfile in “{folder or '.'}”")
    else:
        yield from _of_list(words[:1], "recipe", path, ground.text(path), _recipes)


def _tox(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    files = [join(folder, name) or "" for name in ("tox.ini", "tox.toml", "setup.cfg",
                                                   "pyproject.toml")]  # fmt: skip
    there = [path for path in files if ground.holds(path)]
    if not there:
        yield Missing(call.word, f"“tox” finds no tox.ini in “{folder or '.'}”")
        return
    texts = [ground.text(path) for path in there]
    if any(text is None for text in texts):
        return
    text = "\n".join(text or "" for text in texts)
    for option, word in zip(call.arguments, call.arguments[1:], strict=False):
        if option.value == "-e" and word.value:
            for name in word.value.split(","):
                lacking = [f for f in name.split("-") if not re.fullmatch(r"py\d*|pypy\d*", f)
                           and not re.search(rf"(?<!\w){re.escape(f)}(?!\w)", text)]  # fmt: skip
                if lacking:
                    yield Missing(word, f"tox environment “{name}” isn't in “{there[0]}”")


def _compose(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    named = any(v.startswith(("-f", "--file", "--project-directory")) for v in call.values)
    if named or not _COMPOSING.intersection(call.operands()[:1]):
        return
    if ground.nearest(folder, COMPOSE_FILES) is None:
        yield Missing(call.word, f"“{call.name}” finds no {COMPOSE_FILES[0]} in “{folder or '.'}”")


def _run_script(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    """Judge `npm run lint` and its kin by the scripts in package.json."""
    words = [word for word in call.arguments if word.value is not None]
    values = [word.value or "" for word in words]
    for option in ("--prefix", "-C", "--dir", "--cwd"):
        if option in values[:-1]:
            at = values.index(option)
            inside = resolved(folder, values[at + 1])
            if inside is None:
                return
            folder = inside
            del words[at : at + 2], values[at : at + 2]
    if _NO_JUDGEMENT.intersection(values) or any(v.startswith("--prefix=") for v in values):
        return
    operands = [word for word in words if not (word.value or "").startswith("-")]
    verbs = [word.value for word in operands[:1]]
    runs = verbs and verbs[0] in ("run", "run-script") and len(operands) > 1
    tests = call.name == "npm" and verbs and verbs[0] in ("test", "t")
    if not runs and not tests:
        return
    wanted = operands[1] if runs else operands[0]
    name = (wanted.value or "") if runs else "test"
    path = ground.nearest(folder, ("package.json",))
    if path is None:
        others = [p for p in sorted(ground.project.files) if p.endswith("/package.json")]
        hint = f"did you mean `cd {posixpath.dirname(others[0])}` before it?" if others else ""
        message = f"“{call.name} {verbs[0]}” finds no package.json in “{folder or '.'}”"
        yield Missing(call.word, message, hint if len(others) == 1 else "")
        return
    text = ground.text(path)
    scripts = _scripts(text) if text is not None else None
    if scripts is None or name in scripts or name in SCRIPTLESS[call.name]:
        return
    # yarn and its kin also run what the dependencies bring along.
    if call.name != "npm" and (f'"{name}' in (text or "") or "." in name):
        return
    close = difflib.get_close_matches(name, sorted(scripts), 1, 0.6)
    hint = f"did you mean “{close[0]}”?" if close else ""
    yield Missing(wanted, f"script “{name}” isn't in “{path}”", hint)


def _scripts(text: str) -> frozenset[str] | None:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return None
    scripts = package.get("scripts", {}) if isinstance(package, dict) else None
    return frozenset(scripts) if isinstance(scripts, dict) else None


def _cd(call: Invocation, folder: str, ground: Ground) -> Iterator[Missing]:
    for word in call.arguments[:1]:
        if word.value is not None and not word.glob:
            yield from _path(word, word.value, folder, ground)


_CHECKS: dict[str, Callable[[Invocation, str, Ground], Iterator[Missing]]] = {
    "make": _make,
    "just": _just,
    "tox": _tox,
    "docker-compose": _compose,
    "docker compose": _compose,
    "cd": _cd,
    "pushd": _cd,
}
