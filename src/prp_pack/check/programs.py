"""What is known about programs, as tables: who reads paths, who never returns, who changes files.

A program that isn't listed here is only asked whether it can be started.
"""

from __future__ import annotations

from prp_pack.values import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUILTINS = _words("""
    . : [ alias bg break builtin cd command continue declare dirs echo enable eval exec exit export
    false fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd
    read readarray readonly return select set shift shopt source test times trap true type typeset
    ulimit umask unalias unset wait
""")  # fmt: skip

# Words in backticks at the end of a checklist item that begin a sentence of code, not a command.
NOT_COMMANDS = _words("""
    class def from import await async return if for while const let var function type interface
    raise throw new self this assert with not select insert update delete true false null none
    yield lambda print in is and or pub fn impl struct enum use mod
""")  # fmt: skip

SINGLE_WORDS = _words("""
    mypy pytest tox nox make just pyright basedpyright tsc eslint jest vitest ruff flake8 pylint
    bandit golangci-lint shellcheck lint-imports pre-commit
""")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that starts another one.

    `subcommand` must follow for that; `values` are options with a value of their own, `operands`
    how many words of its own come before the other program. `provides` when it looks for the
    program in an environment of the project, where PATH says nothing.
    """

    subcommand: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()
    operands: int = 0
    provides: bool = False


WRAPPERS: dict[str, tuple[Wrapper, ...]] = {
    "env": (Wrapper(values=_words("-u --unset -C --chdir")),),
    "time": (Wrapper(values=_words("-f --format -o --output")),),
    "nohup": (Wrapper(),),
    "nice": (Wrapper(values=_words("-n --adjustment")),),
    "exec": (Wrapper(),),
    "command": (Wrapper(),),
    "sudo": (Wrapper(values=_words("-u --user -g --group")),),
    "timeout": (Wrapper(values=_words("-s --signal -k --kill-after"), operands=1),),
    "xvfb-run": (Wrapper(),),
    "uv": (
        Wrapper(("run",), _words("--with --with-requirements --with-editable --group --only-group "
                "--no-group --extra --project --directory --package --python -p --env-file "
                "--index --default-index --resolution --color --cache-dir"), provides=True),
        Wrapper(("tool", "run"), _words("--from --with --python -p"), provides=True),
    ),
    "uvx": (Wrapper(values=_words("--from --with --python -p"), provides=True),),
    "poetry": (Wrapper(("run",), provides=True),),
    "pipenv": (Wrapper(("run",), provides=True),),
    "pdm": (Wrapper(("run",), _words("-p --project"), provides=True),),
    "rye": (Wrapper(("run",), provides=True),),
    "hatch": (Wrapper(("run",), provides=True),),
    "npx": (Wrapper(values=_words("-p --package -c --call"), provides=True),),
    "bunx": (Wrapper(provides=True),),
    "pnpm": (Wrapper(("exec",), provides=True), Wrapper(("dlx",), provides=True)),
    "yarn": (Wrapper(("exec",), provides=True), Wrapper(("dlx",), provides=True)),
    "npm": (Wrapper(("exec",), _words("-p --package -w --workspace"), provides=True),),
    "coverage": (Wrapper(("run",), _words("--source --rcfile --omit --include --data-file "
                         "--context --concurrency")),),
}  # fmt: skip

PYTHONS = _words("python python3 python3.11 python3.12 python3.13 python3.14 py")
SHELLS = _words("bash sh zsh dash")
# Programs whose first operand is a script that they run.
INTERPRETERS = PYTHONS | SHELLS | _words("node ts-node tsx ruby perl . source")
# Options of those, with a value of their own or after which no script comes.
INTERPRETER_VALUES = _words("-W -X -O -o --check-hash-based-pycs -r --require --import --loader "
                            "--env-file --rcfile --init-file -I")  # fmt: skip
INTERPRETER_ENDS = _words("-c -e --eval -p --print --version -V --help -s -i -")


@dataclass(frozen=True, slots=True)
class PathArguments:
    """Which words of a program must name something in the project.

    `subcommands`, when there are any, come before operands that are paths. `options` have a path
    as their value, `values` have another value; `switches` have none. What follows an option
    that is in none of these isn't judged.
    """

    subcommands: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    operands: bool = True


_COMPOSE = PathArguments(
    options=_words("-f --file --project-directory"),
    values=_words("-p --project-name --profile --env-file --ansi --progress --parallel"),
    operands=False,
)

PATHS: dict[str, PathArguments] = {
    "ruff": PathArguments(
        _words("check format"),
        _words("--config"),
        _words("--select --ignore --extend-select --extend-ignore --output-format --exclude "
               "--target-version --line-length --fixable --unfixable --cache-dir -o --output-file "
               "--extend-exclude --per-file-ignores --stdin-filename --range"),
        _words("--fix --no-fix --check --diff --preview --quiet -q -v --verbose --show-fixes "
               "--unsafe-fixes --exit-non-zero-on-fix --no-cache -n --statistics --isolated -e"),
    ),
    "mypy": PathArguments(
        options=_words("--config-file"),
        values=_words("-m --module -p --package -c --command --exclude --python-version --platform "
                      "--python-executable --cache-dir --junit-xml --html-report --txt-report "
                      "--follow-imports --enable-error-code --disable-error-code"),
        switches=_words("--strict --ignore-missing-imports --pretty -v --verbose "
                        "--no-error-summary --show-error-codes --namespace-packages "
                        "--explicit-package-bases --check-untyped-defs --disallow-untyped-defs "
                        "--warn-unused-ignores --no-incremental --install-types "
                        "--non-interactive"),
    ),
    "pytest": PathArguments(
        options=_words("-c --config-file --rootdir --confcutdir --cov-config"),
        values=_words("-k -m -n -p -o -W -r --maxfail --tb --timeout --durations --junitxml "
                      "--junit-xml --html --cov-report --cov-fail-under --ignore --ignore-glob "
                      "--deselect --log-level --log-cli-level --reruns --dist --import-mode "
                      "--color --capture --basetemp --override-ini --numprocesses --cov"),
        switches=_words("-v -vv -vvv -q -qq -s -x -l --lf --ff --sw --co --verbose --quiet "
                        "--exitfirst --collect-only --strict-markers --strict-config --no-cov "
                        "--no-header --last-failed --benchmark-only --benchmark-skip -rs -ra -rA "
                        "--showlocals --pdb --cov-append --cov-branch --disable-warnings "
                        "--asyncio-mode=auto"),
    ),
    "black": PathArguments(
        options=_words("--config"),
        values=_words("-l --line-length -t --target-version --include --exclude --extend-exclude "
                      "--force-exclude -W --workers"),
        switches=_words("--check --diff --color -q --quiet -v --verbose --preview -S"),
    ),
    "isort": PathArguments(
        options=_words("--settings-path --settings-file --sp"),
        values=_words("--profile -l --line-length --skip -s --skip-glob --src -p -j --jobs"),
        switches=_words("--check-only --check -c --diff -q --quiet -v --verbose --atomic"),
    ),
    "flake8": PathArguments(
        options=_words("--config --append-config"),
        values=_words("--max-line-length --ignore --extend-ignore --select --exclude -j --format "
                      "--per-file-ignores --max-complexity --output-file"),
        switches=_words("-q -v --count --statistics --show-source"),
    ),
    "pyright": PathArguments(
        options=_words("-p --project"), values=_words("--pythonversion --level -v --venvpath"),
        switches=_words("--warnings --stats --verbose --outputjson"),
    ),
    "compileall": PathArguments(values=_words("-x -d -j -r"), switches=_words("-q -f -qq")),
    "py_compile": PathArguments(),
    "alembic": PathArguments(options=_words("-c --config"), operands=False),
    "coverage": PathArguments(options=_words("--rcfile"), operands=False),
    "uvicorn": PathArguments(options=_words("--app-dir --log-config --env-file"), operands=False),
    "docker-compose": _COMPOSE,
    "docker compose": _COMPOSE,
    "tsc": PathArguments(options=_words("-p --project"), operands=False),
}  # fmt: skip

# Programs that give the system's own answer; their being there isn't the project's business.
EVERYWHERE = _words("prp git ls cat grep sed awk find head tail wc sort uniq cut tr xargs mkdir rm "
                    "cp mv touch sleep diff cmp tee date env nohup true false test seq which "
                    "basename dirname timeout time uname id chmod mktemp tar gzip ps "
                    "lsof")  # fmt: skip

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
JUSTFILES = ("justfile", "Justfile", ".justfile")
SCRIPT_RUNNERS = _words("npm pnpm yarn bun")
# What these do without a script of that name in package.json.
SCRIPTLESS = {"npm": _words("start restart stop"), "yarn": _words("env"), "bun": frozenset[str](),
              "pnpm": _words("start")}  # fmt: skip
MAKE_VALUES = _words("-C --directory -f --file --makefile -j --jobs -I -o -W -l")
COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# Options by which any program says what it writes.
OUTPUTS = _words("-o --output --out --outfile --outdir --output-dir --output-file --out-dir "
                 "--junitxml --junit-xml")  # fmt: skip
# Files in which a project names the programs that its environment has.
DEPENDENCY_FILES = ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "setup.cfg",
                    "requirements/dev.txt", "Pipfile", "package.json", "tox.ini",
                    ".pre-commit-config.yaml", "environment.yml")  # fmt: skip

# A project with one of the files is worked on where these programs are.
ECOSYSTEMS = {
    "pyproject.toml": PYTHONS | _words("pip"),
    "requirements.txt": PYTHONS | _words("pip"),
    "package.json": _words("node npm npx"),
}

# --- What a gate must not do ----------------------------------------------------------------

CURL_FAILS = _words("-f --fail --fail-with-body --fail-early")
# What judges the answer of a curl whose exit status doesn't.
COMPARING = _words("grep egrep fgrep rg diff cmp test awk")


@dataclass(frozen=True, slots=True)
class Server:
    """A program that doesn't return by itself, unless a word of `ends` is among its arguments."""

    subcommands: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()


_HELP = _words("--help --version -h")
_DETACHED = _words("-d --detach --abort-on-container-exit --abort-on-container-failure "
                   "--exit-code-from --wait --no-start")  # fmt: skip
_SCRIPTS = _words("dev start serve watch preview start:dev start:prod")

SERVERS: dict[str, tuple[Server, ...]] = {
    "uvicorn": (Server(ends=_HELP),),
    "gunicorn": (Server(ends=_HELP | _words("--check-config --print-config -D --daemon")),),
    "hypercorn": (Server(ends=_HELP),),
    "daphne": (Server(ends=_HELP),),
    "flask": (Server(_words("run"), _HELP),),
    "fastapi": (Server(_words("run dev"), _HELP),),
    "streamlit": (Server(_words("run"), _HELP),),
    "http.server": (Server(ends=_HELP),),
    "manage.py": (Server(_words("runserver"), _HELP),),
    "django-admin": (Server(_words("runserver"), _HELP),),
    "celery": (Server(_words("worker beat"), _HELP),),
    "npm": (Server(_words("start"), _HELP), Server(_SCRIPTS, _HELP)),
    "pnpm": (Server(_SCRIPTS, _HELP),),
    "yarn": (Server(_SCRIPTS, _HELP),),
    "bun": (Server(_SCRIPTS, _HELP),),
    "next": (Server(_words("dev start"), _HELP),),
    "vite": (Server(_words("dev serve preview"), _HELP),),
    "docker-compose": (Server(_words("up"), _HELP | _DETACHED),),
    "docker compose": (Server(_words("up"), _HELP | _DETACHED),),
    "nodemon": (Server(ends=_HELP),),
    "watch": (Server(ends=_HELP),),
    "redis-server": (Server(ends=_HELP | _words("--daemonize")),),
}
# Options that keep any program running, and the programs for which they mean something else.
NEVER_RETURN = _words("--reload --watch --watchAll")
DEVELOPMENT = _words("--dev --serve")
INSTALLERS = _words("npm pnpm yarn bun uv pip git")

FORCED_PUSH = _words("--force -f --force-with-lease --mirror")
SWALLOWING = _words("true : echo printf")
DOWNLOADERS = _words("curl wget")
# Where a gate may delete.
TEMPORARY = ("/tmp/", "$TMPDIR", "${TMPDIR", "$(mktemp")  # noqa: S108 - compared with, not used


@dataclass(frozen=True, slots=True)
class Mutation:
    """A call that changes files. It is harmless with a word of `unless` among its words.

    `words` must all be there. The fix puts `instead` in the place of the last of `words`, which
    may be nothing, or puts `add` behind it; without both there is no fix.
    """

    words: tuple[str, ...]
    what: str
    unless: frozenset[str] = frozenset()
    instead: str | None = None
    add: str = ""
    hint: str = ""


MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    "ruff": (
        Mutation(("check", "--fix"), "changes files", _words("--diff"), instead=""),
        Mutation(("check", "--fix-only"), "changes files", _words("--diff"), instead=""),
        Mutation(("format",), "rewrites files", _words("--check --diff"), add="--check"),
    ),
    "black": (Mutation((), "rewrites files", _words("--check --diff --version"), add="--check"),),
    "isort": (Mutation((), "rewrites files", _words("--check --check-only -c --diff --version"),
                       add="--check-only"),),
    "prettier": (
        Mutation(("--write",), "rewrites files", instead="--check"),
        Mutation(("-w",), "rewrites files", instead="--check"),
    ),
    "eslint": (Mutation(("--fix",), "changes files", _words("--fix-dry-run"), instead=""),),
    "autoflake": (
        Mutation(("-i",), "changes files", instead="--check"),
        Mutation(("--in-place",), "changes files", instead="--check"),
    ),
    "biome": (Mutation(("--write",), "rewrites files", instead=""),),
    "gofmt": (Mutation(("-w",), "rewrites files", hint='write `test -z "$(gofmt -l .)"`'),),
    "cargo": (
        Mutation(("fmt",), "rewrites files", _words("--check"), add="--check"),
        Mutation(("fix",), "changes files", hint="use `cargo check`"),
    ),
    "npm": (Mutation(("audit", "fix"), "changes dependencies", _words("--dry-run"), instead=""),),
    "pre-commit": (Mutation(("autoupdate",), "changes the configuration"),),
    "sed": (
        Mutation(("-i",), "changes files"),
        Mutation(("--in-place",), "changes files"),
    ),
    "git": (
        Mutation(("commit",), "makes a commit", _words("--dry-run")),
        Mutation(("add",), "changes the index", _words("--dry-run -n")),
        Mutation(("stash",), "changes files", _words("list show")),
        Mutation(("reset",), "changes the index"),
        Mutation(("clean",), "deletes files", _words("--dry-run -n")),
        Mutation(("restore",), "changes files"),
        Mutation(("checkout", "--"), "changes files"),
    ),
    "alembic": (Mutation(("revision", "--autogenerate"), "writes a migration",
                         hint="use `alembic check`"),),
    "uv": (Mutation(("add",), "changes dependencies"),),
    "poetry": (Mutation(("add",), "changes dependencies", _words("--dry-run")),),
}  # fmt: skip
