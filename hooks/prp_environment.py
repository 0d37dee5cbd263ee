# ruff: noqa
# flake8: noqa
# pylint: skip-file
"""Build the environment of the plugin's hooks: what `requirements/core.lock` lists, in a venv.

Usage: python3 -I prp_environment.py PLUGIN_ROOT DATA

Started in the background by the first session after the plugin was installed or its requirements
have changed. Standard library only. The program itself is not installed but read from the plugin's
folder, so that an update of the plugin needs nothing new unless its requirements differ. What goes
wrong is left in `DATA/failed`, which the next session shows before it tries again.
"""

import os
import shutil
import subprocess
import sys
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

OLDEST = (3, 11)
NEWEST = 20
SECONDS = 600


def lock_of(root: str) -> str:
    return os.path.join(root, "requirements", "core.lock")


def folder_for(root: str, data: str) -> str:
    """Return where the environment for a version of the plugin belongs."""
    with open(lock_of(root), "rb") as file:
        return os.path.join(data, "env-%08x" % zlib.crc32(file.read()))


def python_in(folder: str) -> str:
    """Return the interpreter of an environment, whether it is there or not."""
    windows = os.path.join(folder, "Scripts", "python.exe")
    return windows if os.name == "nt" else os.path.join(folder, "bin", "python")


def is_complete(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "complete"))


def prepare(root: str, data: str, variables: str) -> str:
    """See to the environment when a session begins; returns what to tell of it, empty for nothing.

    One that is there is put at the end of the session's PATH, through the file `variables`. Else it
    is built in the background; what an earlier attempt met is told.
    """
    try:
        folder = folder_for(root, data)
        if is_complete(folder):
            point(root, folder)
            if variables:
                programs = os.path.join(folder, "programs").replace("'", "'\\''")
                with open(variables, "a", encoding="utf-8") as file:
                    file.write("export PATH=\"$PATH\":'%s'\n" % programs)
            return ""
        os.makedirs(data, exist_ok=True)
        quiet = subprocess.DEVNULL
        words = [sys.executable, "-I", os.path.abspath(__file__), root, data]
        subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError as error:
        said = "cannot set up its environment (%s: %s); mend it with: pip install prp-pack"
        return said % (error.filename, error.strerror)
    try:
        with open(os.path.join(data, "failed"), encoding="utf-8") as file:
            return "%s; trying again in the background" % file.read()
    except OSError:
        return (
            "setting up its environment in the background, once; until then nothing is filled in "
            "or checked"
        )


def main(root: str, data: str) -> int:
    """Build what is missing; returns 0 when the environment is there, 1 when it can't be."""
    os.makedirs(data, exist_ok=True)
    lock = os.path.join(data, "building")
    if not _take(lock):
        return 0
    try:
        folder = folder_for(root, data)
        if not is_complete(folder):
            _build(root, folder, os.path.join(data, "environment.log"))
        point(root, folder)
        _write(os.path.join(data, "failed"), None)
        _forget_others(data, folder)
    except _Failure as failure:
        _write(os.path.join(data, "failed"), str(failure))
        return 1
    except OSError as error:
        _write(
            os.path.join(data, "failed"), "cannot write %s: %s" % (error.filename, error.strerror)
        )
        return 1
    finally:
        os.unlink(lock)
    return 0


class _Failure(Exception):
    """Why there is no environment; prints as one line with what mends it."""


def _take(lock: str) -> bool:
    """Take the lock, also from a builder that is gone; tell whether it is ours."""
    for _ in range(2):
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            if _runs(lock):
                return False
            _write(lock, None)
            continue
        os.write(descriptor, b"%d" % os.getpid())
        os.close(descriptor)
        return True
    return False


def _runs(lock: str) -> bool:
    try:
        with open(lock) as file:
            number = int(file.read() or 0)
        os.kill(number, 0)
    except (OSError, ValueError):
        return False
    return number > 0


def _build(root: str, folder: str, log: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    python = _python()
    with open(log, "wb") as output:
        uv = shutil.which("uv")
        if _run([python, "-m", "venv", folder], output) != 0:
            if uv is None or _run([uv, "venv", "--python", python, folder], output) != 0:
                raise _Failure(
                    "%s can't make a virtual environment (on Debian: apt install python3-venv); "
                    "see %s" % (python, log)
                )
        inside = python_in(folder)
        pip = [inside, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        words = ["--quiet", "-r", lock_of(root)]
        if _run([*pip, *words], output) != 0:
            if uv is None or _run([uv, "pip", "install", "--python", inside, *words], output) != 0:
                raise _Failure(
                    "the packages can't be installed, perhaps for want of a network; see %s" % log
                )
    _write(os.path.join(folder, "complete"), "")


def _python() -> str:
    """Return an interpreter that is new enough; this one if it is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(NEWEST, OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            return found
    raise _Failure(
        "Python %d.%d or newer is needed and python3 is %d.%d; install it, or: "
        "pip install prp-pack with a newer one" % (*OLDEST, *sys.version_info[:2])
    )


def _run(words: "list[str]", output: "IO[bytes]") -> int:
    try:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=SECONDS
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return 127


def point(root: str, folder: str) -> None:
    """Write what leads from the environment to the plugin's folder, where it differs from it."""
    python = python_in(folder)
    library = os.path.join(folder, "Lib", "site-packages") if os.name == "nt" else ""
    if not library:
        above = os.path.join(folder, "lib")
        names = [name for name in os.listdir(above) if name.startswith("python")]
        library = os.path.join(above, names[0], "site-packages")
    _put(os.path.join(library, "prp_pack.pth"), os.path.join(root, "src") + "\n")
    if os.name == "nt":
        _put(
            os.path.join(folder, "programs", "prp.cmd"),
            '@"%s" -I -m prp_pack %%*\n' % python,
        )
        return
    quoted = "'" + python.replace("'", "'\\''") + "'"
    program = os.path.join(folder, "programs", "prp")
    _put(program, '#!/bin/sh\nexec %s -I -m prp_pack "$@"\n' % quoted)
    os.chmod(program, 0o755)


def _put(path: str, text: str) -> None:
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except OSError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    _write(path, text)


def _write(path: str, text: "str | None") -> None:
    """Replace a file as a whole, or remove it."""
    if text is None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        return
    beside = "%s.%d" % (path, os.getpid())
    with open(beside, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(beside, path)


def _forget_others(data: str, folder: str) -> None:
    """Remove the environments of older requirements: their sessions have this one now."""
    for name in os.listdir(data):
        path = os.path.join(data, name)
        if name.startswith("env-") and path != folder:
            shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
