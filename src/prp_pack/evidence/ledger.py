"""The ledger of one PRP: its records, the chain between them, and what is wrong with it.

A record names the heads that its writer knew, as a commit names its parents. Writers need no lock:
two at once make two heads, as two branches of git do, and the next record joins them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from prp_pack.evidence import record as records
from prp_pack.evidence.record import Kind, Record
from prp_pack.model import Document, FrontMatter, Place, Problem
from prp_pack.regex import regex
from prp_pack.repository import STATE, Repository, UnreadableError
from prp_pack.values import dataclass, replace

FOLDER = "PRPs/evidence"
# In the state folder, outside of git: what this working copy has written, so that a record which
# was never committed is missed too.
WRITTEN = "written.log"

_UNSAFE = regex(r"[^\w.-]+")
_RUN_ID = regex(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_WRITTEN_LINE = regex(r"([0-9a-f]{64}) (\S+)\n?")


@dataclass(frozen=True)
class Ledger:
    """The records of one folder, oldest first, and the problems of its files."""

    folder: str
    records: tuple[Record, ...] = ()
    problems: tuple[Problem, ...] = ()

    @cached_property
    def heads(self) -> dict[str, str]:
        """The digests of the finished records that no other one knows, by run id."""
        finished = [record for record in self.records if record.finished]
        known = {parent for record in finished for parent in record.parents}
        return {r.run_id: r.digest for r in finished if r.run_id not in known}

    def of_kind(self, kind: Kind) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.kind is kind and record.finished)

    def about(self, key: str, *kinds: Kind) -> tuple[Record, ...]:
        """Return the finished records about a command or an item, oldest first."""
        return tuple(r for r in self.records if r.key == key and r.finished and r.kind in kinds)

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for record in self.records:
            above = record.parents.keys() & found.keys()
            found[record.run_id] = frozenset(above).union(*(found[run] for run in above))
        return found

    def newest(self, among: tuple[Record, ...]) -> tuple[Record, ...]:
        """Return those that none of the others came after; several where branches were merged."""
        outdated = frozenset[str]().union(*(self._ancestors[each.run_id] for each in among))
        return tuple(each for each in among if each.run_id not in outdated)


def folder_of(document: Document) -> str:
    """Return the folder of a PRP's records: its phase's, on its track, or its own."""
    stated = document.block.context
    if stated and stated.phase:
        return folder_of_phase(document.path, document.front_matter, stated.phase.number)
    return folder_of_feature(document.path)


def folder_of_phase(path: str, front: FrontMatter, number: int) -> str:
    """Return the folder of a phase's records, as a document of its track tells."""
    above = path.removeprefix("PRPs/").rpartition("/")[0]
    return _folder(front.text("track") or above, f"phase_{number}")


def folder_of_feature(path: str) -> str:
    """Return the folder of the records of a PRP without a phase."""
    stem = path.removeprefix("PRPs/").rpartition(".")[0] or path
    above, _, name = stem.rpartition("/")
    return _folder(above, name)


def _folder(above: str, name: str) -> str:
    parts = [_UNSAFE.sub("-", part).strip(".") or "-" for part in (*above.split("/"), name) if part]
    return "/".join((FOLDER, *parts))


def read(repository: Repository, folder: str) -> Ledger:
    """Return a folder's ledger; files that are no sound record are problems, never records."""
    found: list[Record] = []
    problems: list[Problem] = []
    for name in repository.names(folder):
        path = f"{folder}/{name}"
        if name.startswith(".") or not name.endswith(".json"):
            continue
        try:
            record = records.from_json(repository.read(path).text)
            if name != _name(record):
                raise ValueError(f"it is the record {record.run_id}, which was renamed")  # noqa: TRY301
        except UnreadableError as error:
            problems.append(Problem(Place(path, error.line), error.reason))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(Place(path), str(error)))
        else:
            found.append(record)
    finished = {record.run_id for record in found if record.finished}
    found = [record for record in found if record.finished or record.run_id not in finished]
    ordered, knots = _in_order(found, folder)
    return Ledger(folder, ordered, (*problems, *knots, *_broken_links(found, folder)))


def _in_order(found: list[Record], folder: str) -> tuple[tuple[Record, ...], list[Problem]]:
    """Return the records with parents before children. Clocks differ; the chain doesn't."""
    by_id = {record.run_id: record for record in sorted(found, key=lambda each: each.run_id)}
    graph = TopologicalSorter(
        {run: set(each.parents) & by_id.keys() for run, each in by_id.items()}
    )
    try:
        order = list(graph.static_order())
    except CycleError:
        # No honest writer can name a digest that doesn't exist yet.
        return (), [Problem(Place(folder), "the records name each other in a circle")]
    return tuple(by_id[run] for run in order), []


def _broken_links(found: list[Record], folder: str) -> Iterator[Problem]:
    by_id = {record.run_id: record for record in found}
    for record in found:
        for run, digest in record.parents.items():
            if run in by_id and by_id[run].digest != digest:
                said = f"it was altered after {record.run_id} had seen it"
                yield Problem(Place(f"{folder}/{run}.json"), said)


def _missing_parents(ledger: Ledger) -> dict[str, str]:
    """Return what is said of each record that a later one knew and that isn't here, by path."""
    present = {record.run_id for record in ledger.records}
    return {
        f"{ledger.folder}/{run}.json": f"the record was removed; {record.run_id} knew it"
        for record in reversed(ledger.records)
        for run in record.parents
        if run not in present
    }


def write(repository: Repository, folder: str, record: Record) -> Record:
    """Write a record in one step and return it as written: joined to the ledger's heads.

    An unfinished one, which a crash leaves behind, gives way to its finished form. Raises
    `UnreadableError` where it can't be written; then there is no half record.
    """
    ignore = f"{FOLDER}/.gitignore"
    if not repository.exists(ignore):
        # A killed writer leaves a temporary file, and that is no evidence.
        repository.write(ignore, ".prp.*\n")
    if not record.finished:
        repository.write(f"{folder}/{_name(record)}", records.to_json(record))
        return record
    record = replace(record, parents=read(repository, folder).heads)
    path = f"{folder}/{_name(record)}"
    repository.write(path, records.to_json(record))
    repository.keep(WRITTEN, f"{record.digest} {path}\n")
    repository.remove(f"{folder}/{_name(replace(record, finished=False))}")
    return record


def _name(record: Record) -> str:
    return f"{record.run_id}{'' if record.finished else '.unfinished'}.json"


# --- What is no longer there ----------------------------------------------------------------


def losses(repository: Repository, ledger: Ledger, *, history: bool = False) -> tuple[Problem, ...]:
    """Return the records that were there once and are gone or altered, as git and the log know.

    The chain itself shows only what a later record knew. With `history` every commit of this
    branch is asked, which takes long in a large repository; else the last one.
    """
    committed = _in_history if history else _in_head
    present = {record.run_id: record for record in ledger.records}
    known = {problem.place.path for problem in ledger.problems}
    gone: dict[str, str] = {}
    for path, original in committed(repository, ledger.folder).items():
        run = path.rpartition("/")[2].removesuffix(".json")
        source = repository.read_if_there(path) if repository.exists(path) else None
        if source is None:
            if not _is_here_by_its_name(repository, original, present):
                gone[path] = "the record was committed and is gone"
        elif _blob(source.raw, original) != original and run in present:
            gone[path] = "the record is not what was committed"
    absent = {path: said for path, said in _missing_parents(ledger).items() if path not in known}
    for path, digest in _written(repository, ledger.folder).items():
        run = path.rpartition("/")[2].removesuffix(".json")
        record = present.get(run)
        if record is None and path not in gone and path not in known:
            absent.setdefault(path, "the record was written here and is gone")
        elif record and record.finished and record.digest != digest:
            gone[path] = "the record is not what was written here"
    elsewhere = _on_other_branches(repository, ledger.folder) if absent else frozenset()
    # A record that nobody committed stays when another branch is checked out; its parents go.
    gone = {path: said for path, said in absent.items() if path not in elsewhere} | gone
    return tuple(Problem(Place(path), said) for path, said in gone.items() if path not in known)


def _is_here_by_its_name(repository: Repository, blob: str, present: Mapping[str, Record]) -> bool:
    """Tell whether a file that is gone held a record that is here: its renaming was undone."""
    try:
        held = records.from_json((repository.git("cat-file", "blob", blob) or b"").decode())
    except (ValueError, RecursionError):
        return False
    return held.run_id in present and present[held.run_id].digest == held.digest


def _in_head(repository: Repository, folder: str) -> dict[str, str]:
    """Return the blob of each record in the commit that is checked out."""
    output = repository.git("ls-tree", "-z", "HEAD", "--", f"{folder}/") or b""
    words = (word.decode("utf-8", "replace").partition("\t") for word in output.split(b"\0"))
    found = {path: facts.split()[2] for facts, _, path in words if path}
    return {path: blob for path, blob in found.items() if _is_record(path, folder)}


def _is_record(path: str, folder: str) -> bool:
    above, _, name = path.rpartition("/")
    return above == folder and bool(_RUN_ID.fullmatch(name.removesuffix(".json")))


def _in_history(repository: Repository, folder: str) -> dict[str, str]:
    """Return the blob with which each record first entered the history of this branch."""
    output = repository.git(
        "log", "--format=", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM", "-m", "-z",
        "--full-history", "--relative", "--", folder,
    )  # fmt: skip
    words = iter((output or b"").split(b"\0"))
    found: dict[str, str] = {}
    for word in words:
        fields = word.decode("utf-8", "replace").split()
        if len(fields) != 5 or not fields[0].startswith(":"):  # noqa: PLR2004 - git's raw format
            continue
        path = next(words, b"").decode("utf-8", "replace")
        # The log goes back in time, so that the last one seen is the first one written.
        if _is_record(path, folder):
            found[path] = fields[3]
    return found


def _blob(raw: str, like: str) -> str:
    """Return git's name for a text with LF newlines, in the hash that another name is in."""
    content = raw.replace("\r\n", "\n").encode()
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # noqa: PLR2004
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest()


def _written(repository: Repository, folder: str) -> Mapping[str, str]:
    try:
        source = repository.read_if_there(f"{STATE}/{WRITTEN}")
    except UnreadableError:
        return {}
    lines = source.text.splitlines(keepends=True) if source else []
    matches = (_WRITTEN_LINE.fullmatch(line) for line in lines)
    return {m[2]: m[1] for m in matches if m and m[2].rpartition("/")[0] == folder}


def _on_other_branches(repository: Repository, folder: str) -> frozenset[str]:
    """Return the records that only other branches or a stash hold: a checkout took them away.

    What this branch once had is not among them: somebody removed it here.
    """
    # A seal's own commit holds what lay about when it was made, and is no branch.
    output = repository.git(
        "log", "--exclude=refs/prp/*", "--all", "--format=", "--name-only", "--no-renames",
        "--diff-filter=A", "-m", "-z", "--full-history", "--relative", "--", folder,
    )  # fmt: skip
    words = (word.decode("utf-8", "replace").strip("\n") for word in (output or b"").split(b"\0"))
    held = frozenset(path for path in words if _is_record(path, folder))
    return held - _in_history(repository, folder).keys() if held else held


def is_kept(repository: Repository) -> bool:
    """Tell whether a project keeps evidence, or did in the commit that is checked out.

    Most projects do not, and then no document has to be asked about.
    """
    if any(map(repository.exists, (FOLDER, f"{STATE}/{WRITTEN}"))):
        return True
    return bool(repository.git("ls-tree", "--name-only", "HEAD", "--", FOLDER))
