# This file lies in projects whose linters have rules of their own, and none of them is about it.
# ruff: noqa
# flake8: noqa
# pylint: skip-file
"""What Claude Code runs: decide in a few milliseconds whether an event is ours, hand it to `prp`.

Usage: python3 -I -S prp_hook.py EVENT < event.json

Standard library only, because a plugin's folder has no environment. It always ends with exit
status 0 and either nothing or one JSON object on standard output: a hook of ours that fails says
so and stops nobody's work. (Exit status 2 would block, also when it comes from an argument error
of some other program called `prp`.)
"""

import os
import sys

# Bytes that an event of ours holds; everything else needs no JSON parser to be let through.
_COMMANDS = (b"generate-prp", b"execute-prp")
_SAYS_NOTHING = ("PostToolUse", "Stop")


def main(event: str) -> str:
    """Return what to print for the event on standard input."""
    content = sys.stdin.buffer.read()
    root = _root()
    plugin = os.environ.get("CLAUDE_PLUGIN_DATA") if event == "SessionStart" else None
    ours = _is_ours(event, content, root)
    if not ours and not plugin:
        return ""
    command = _prp(root, event)
    said = _prepared(command) if plugin else _NOT_FOUND
    if command is None or not ours:
        # The other events of the same command have said it already.
        return said if ours and event not in _SAYS_NOTHING else ""
    status, output, complaint = _run(command, content)
    if status == 0 and (not output.strip() or output.lstrip().startswith("{")):
        return output
    last = (complaint.strip().splitlines() or ["no message"])[-1]
    return _message(f"the {event} hook could not run ({command[0]}, exit {status}): {last}")


def _is_ours(event: str, content: bytes, root: str) -> bool:
    if event == "SessionStart":
        return os.path.isdir(os.path.join(root, "PRPs"))
    if event == "Stop":
        session = _session(content)
        return bool(session) and os.path.isfile(
            os.path.join(root, ".prp", "sessions", session + ".json")
        )
    if event == "PreToolUse" and b'"Skill"' in content:
        return any(name in content for name in _COMMANDS)
    return True


def _root() -> str:
    """Return the nearest folder with PRPs/ or .git, upwards from where the session started."""
    start = os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd()
    folder = os.path.abspath(start)
    while True:
        if os.path.isdir(os.path.join(folder, "PRPs")) or os.path.exists(
            os.path.join(folder, ".git")
        ):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return os.path.abspath(start)
        folder = above


def _session(content: bytes) -> str:
    """Return the session's id without parsing JSON; empty when it isn't a plain name."""
    _, _, rest = content.partition(b'"session_id"')
    name = rest.partition(b'"')[2].partition(b'"')[0].decode("ascii", "replace")
    return name if name.replace("-", "").replace("_", "").isalnum() else ""


def _prp(root: str, event: str) -> "list[str] | None":
    """Return the command that answers the event, None when `prp` isn't installed."""
    if named := os.environ.get("PRP_COMMAND"):
        return [*named.split(), "hook", event]
    folders = [os.path.join(root, ".venv", "bin"), os.path.join(root, ".venv", "Scripts")]
    folders += os.environ.get("PATH", "").split(os.pathsep)
    for folder in folders:
        for name in ("prp", "prp.exe"):
            program = os.path.join(folder, name)
            if folder and os.path.isfile(program) and os.access(program, os.X_OK):
                return _directly(program, event)
    return _in_environment(event)


def _in_environment(event: str) -> "list[str] | None":
    """Return the command in the plugin's own environment; the newest that is whole."""
    data = os.environ.get("CLAUDE_PLUGIN_DATA", "")
    try:
        whole = [os.path.join(data, n, "complete") for n in os.listdir(data) if n[:4] == "env-"]
        marks = sorted(filter(os.path.isfile, whole), key=os.path.getmtime)
    except OSError:
        return None
    if not marks:
        return None
    program = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    folder = os.path.dirname(marks[-1])
    return [os.path.join(folder, program), "-I", "-m", "prp_pack.hooks", event]


def _prepared(command: "list[str] | None") -> str:
    """See to the plugin's environment; returns what to tell of it while there is none."""
    root, data = os.environ.get("CLAUDE_PLUGIN_ROOT", ""), os.environ["CLAUDE_PLUGIN_DATA"]
    if command and not command[0].startswith(os.path.join(data, "")):
        return ""
    sys.path.insert(0, os.path.join(root, "hooks"))
    try:
        import prp_environment
    except ImportError:
        return _NOT_FOUND
    said = prp_environment.prepare(root, data, os.environ.get("CLAUDE_ENV_FILE", ""))
    return _message(said) if said else ""


def _directly(program: str, event: str) -> "list[str]":
    """Return the command without the console script, whose start costs half as much again."""
    with open(program, "rb") as file:
        first = file.readline(500)
    python = first[2:].strip().decode("utf-8", "replace") if first.startswith(b"#!") else ""
    if os.path.basename(python).startswith("python") and os.path.isfile(python):
        return [python, "-I", "-m", "prp_pack.hooks", event]
    return [program, "hook", event]


def _run(command: "list[str]", content: bytes) -> "tuple[int, str, str]":
    """Run the command; returns exit status, output and complaints."""
    if not hasattr(os, "posix_spawn"):
        import subprocess

        run = subprocess.run(command, input=content, capture_output=True, check=False)
        return run.returncode, _text(run.stdout), _text(run.stderr)
    # Files in place of pipes: nothing can block, whatever the program reads or writes.
    files = [_unnamed_file() for _ in range(3)]
    _write_all(files[0], content)
    os.lseek(files[0], 0, os.SEEK_SET)
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, target) for target, descriptor in enumerate(files)]
    try:
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    except OSError as error:
        return 127, "", str(error)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), _text(_read(files[1])), _text(_read(files[2]))


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _unnamed_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("prp")
    import tempfile

    descriptor, name = tempfile.mkstemp()
    os.unlink(name)
    return descriptor


def _read(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _message(text: str) -> str:
    """Return the JSON that shows a line to the user; JSON is written by hand to start faster."""
    safe = "".join(c if c.isprintable() and c not in '"\\' else "'" for c in text)
    return '{"systemMessage": "prp: ' + safe + '"}'


_NOT_FOUND = _message(
    "the hooks are here but the program prp is not, so nothing is filled in or checked; "
    "mend it with: pip install prp-pack"
)


if __name__ == "__main__":
    try:
        said = main(sys.argv[1] if len(sys.argv) > 1 else "")
    except Exception as error:  # the border to the client: whatever it is, nobody is blocked
        said = _message(f"a hook failed inside: {type(error).__name__}: {error}")
    sys.stdout.buffer.write(said.encode("utf-8"))
    sys.exit(0)
