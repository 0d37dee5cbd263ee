"""What the words of commands mean to what they check."""

from __future__ import annotations

import re

# --- What options mean ----------------------------------------------------------------------

# Options that leave something out, or hide that something failed. A name before `=`, or a flag.
WEAKENING = frozenset("""
    -k --ignore --ignore-glob --deselect -x --exitfirst --maxfail --exit-zero --no-fail
    --no-failures --lf --last-failed --sw --stepwise --collect-only --co --no-cov
    --cov-fail-under=0 --passWithNoTests --pass-with-no-tests --exclude --skip
    --ignore-missing-imports --no-strict --no-strict-optional --bail --if-present --only-changed
    --onlyChanged --changed --reruns --retries --no-verify --extend-ignore --extend-exclude
    --per-file-ignores --ignore-errors --allow-untyped-defs --allow-any-generics --dry-run
    --version --help --suppress-no-test-exit-code --suppress-tests-failed-exit-code --no-error
    --force-exclude --disable --disable-error-code --ignore-path --testPathIgnorePatterns
    --grep-invert --continue-on-error --keep-going --no-exit-code --soft-fail --quiet-errors
    --allow-warnings --force --skip-checks --warn-only --no-fail-on-error --follow-imports
    --exclude-dir --shuffle-only --testNamePattern -t --grep --filter --include-only --short
    -short --fix-only --no-verify-ssl --insecure
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
# Options that change what is shown or how fast it goes.
HARMLESS = frozenset("""
    -v -vv -vvv -q -qq -s -r -ra -rA -rs --verbose --quiet --silent --tb --color --no-color
    --colors --durations --durations-min --cov-report --junitxml --junit-xml --html -n
    --numprocesses -j --jobs --workers --dist --maxprocesses --capture --show-capture
    --no-header --no-summary --timeout --timeout-method --max-time --connect-timeout -o --output
    --output-format --format --reporter --reporters --cache-dir --cache-clear --no-cache
    --pretty --no-pretty --show-error-codes --show-error-context --statistics --diff --progress
    --fix --ci --runInBand --maxWorkers --concurrency -p --log-level --log-cli-level --report
    --json --log-file --no-progress --show-fixes --show-source --import-mode --basetemp
    --rootdir --forked --ff --failed-first --nf --new-first --cov-append --cov-context
    --cov-config --python-version --config --config-file -c -C --directory --project --cwd
    --prefix --yes -y --no-install -i --include -L --location -sS -Ss -sf --show-error
    --retry-delay --random-order --detach -d --build --remove-orphans
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
STRENGTHENING = re.compile(
    r"--(?:strict|fail|warn-un|warn-ret|disallow|check|cov$|cov=|branch|cov-branch|locked|frozen|"
    r"all|error|enable|select|extend-select|runxfail|run-slow|race|abort-on|exit-code-from|"
    r"disable-socket|deny|"
    r"max-warnings=0|no-implicit|critical|simulate|performance)|^-(?:race|Werror|f|W=error|Werror)$"
)
HIGHER = re.compile(
    r"fail-under|^--min|min-|target-rps|rps|duration|iterations|requests|users|examples|count|"
    r"samples|runs|coverage|threshold\.(?:lines|branches)"
)
LOWER = re.compile(
    r"max-|^--max|growth|latency|tolerance|budget|limit|-ms$|reruns|retries|regression"
)
# Options whose value is the next word, when it isn't behind `=`.
WITH_VALUE = frozenset("""
    -k -m -n -p -o -c -W -t -j -C -d -X -H --ignore --ignore-glob --deselect --maxfail --tb
    --durations --color --cov-fail-under --cov-report --junitxml --exclude --select
    --extend-select --extend-ignore --config --config-file --numprocesses --dist --timeout
    --filter --reruns --retries --max-time --output --rootdir --fail-under --jobs --workers
    --grep --testNamePattern --reporter --max-warnings --output-format
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
RUNNERS = re.compile(
    r"^(?:uv\s+run(?:\s+--\S+)*|(?:poetry|pdm|hatch|pipenv)\s+run|(?:pnpm|yarn)\s+exec|uvx|npx|"
    r"bunx|time|env|coverage\s+run(?:\s+-\S+)*\s+-m|(?:\S*/)?python[\d.]*\s+-m)\s+"
)
FOLDER = re.compile(r"^(?:\$?\{?\w*\}?|\S*/)?(?:\.?venv|bin|node_modules/\.bin)/(?:bin/)?")

# --- What hides a failure -------------------------------------------------------------------

HIDING = (
    (re.compile(r"\|\|\s*(?:true|:|exit\s+0|echo\b|/bin/true|return\s+0|printf\b)"), "|| true"),
    (re.compile(r";\s*(?:true|:|exit\s+0)\s*(?:$|[;)\n])"), "; true"),
    (re.compile(r"\bset\s+\+\w*e"), "set +e"),
    (re.compile(r"\bset\s+\+o\s+pipefail"), "set +o pipefail"),
    (re.compile(r"(?:^|\n)[@-]*-@*\s*\w"), "a leading “-”"),
    (re.compile(r"(?:^|[^&>|])&\s*(?:$|\n)"), "a trailing “&”"),
    (re.compile(r"(?:^|\s|;)!\s+\w"), "a leading “!”"),
    (re.compile(r"\bif\s+(?:false|0)\b|\bfalse\s+&&"), "if false"),
    (re.compile(r"\|\s*(?:cat|tee|head|tail|grep|less|sed|awk)\b"), "a pipe"),
    (re.compile(r"\|\|\s*\S"), "||"),
)
QUIET = re.compile(r"\s*(?:[12]|&)?>>?\s*(?:/dev/null|&[12])")
ENVIRONMENT = re.compile(r"^(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|\S*)\s+)+")
DANGEROUS_ENVIRONMENT = re.compile(
    r"(?:^|\s)(PYTEST_ADDOPTS|PYTHONOPTIMIZE|PYTHONWARNINGS|SKIP|PRE_COMMIT_ALLOW_NO_CONFIG|"
    r"NODE_OPTIONS|HUSKY|RUFF_\w+|MYPY_\w+)="
)
SEPARATOR = re.compile(r"&&|\|\|?|;|\n")
QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
WITH_SUBCOMMAND = frozenset("""
    ruff npm yarn pnpm go cargo docker-compose docker make prp uv pre-commit bun deno gradle mvn
    poetry
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
# Without a path these cover the whole project.
WHOLE_PROJECT = frozenset({
    "pytest", "py.test", "unittest", "mypy", "pyright", "ruff check", "ruff format", "flake8",
    "pylint", "eslint", "tsc", "jest", "vitest", "tox",
})  # fmt: skip
# Programs that only prepare what others check.
PREPARING = frozenset("""
    cd export echo mkdir pip apt apt-get source set true : git ls cat printf touch cp mv rm sleep
    which brew chmod date env wait
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
CLUSTERS = {"curl": re.compile(r"-[fsSLkvig]{1,6}"), "pytest": re.compile(r"-[vqsxl]{2,6}")}
LETTERS = {("curl", "f"): "--fail", ("curl", "s"): "--silent", ("curl", "S"): "--show-error",
            ("curl", "L"): "--location", ("curl", "k"): "--insecure", ("curl", "v"): "--verbose",
            ("curl", "i"): "--include"}  # fmt: skip
SYNONYMS = {"--fail-with-body": "--fail", "--exitfirst": "-x", "--numprocesses": "-n"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
