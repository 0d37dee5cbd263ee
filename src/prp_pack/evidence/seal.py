"""The seal: what the goalposts were when the work began, and the files as they were then.

The PRP's text is in the record itself. The files are a commit that nothing but a reference of ours
names, or the commit that was checked out when nothing differed from it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property

from prp_pack import worktree
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import Kind, Record
from prp_pack.model import Document
from prp_pack.parse import document as documents
from prp_pack.repository import STATE, Repository, UnreadableError, decode
from prp_pack.shell_words import quoted
from prp_pack.values import dataclass
from prp_pack.worktree import Worktree

REFERENCE = "refs/prp/seals/"
# A file that is longer holds no test that somebody wrote.
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Seal:
    """The newest seal of a PRP."""

    repository: Repository
    record: Record

    @property
    def text(self) -> str:
        """The PRP's text as it was sealed."""
        text = self.record.data.get("document")
        return text if isinstance(text, str) else ""

    @property
    def document(self) -> Document:
        """The PRP as it was sealed."""
        return documents.parse(self.text, self.record.prp)

    @property
    def commit(self) -> str:
        """The commit that holds the files as they were sealed."""
        commit = self.record.data.get("commit")
        return commit if isinstance(commit, str) else ""

    @cached_property
    def _sealed(self) -> Mapping[str, str]:
        """Mode and content name of each sealed file, by path; raises when the commit isn't here."""
        try:
            return files_of(self.repository, self.commit)
        except UnreadableError as error:
            said = f"the sealed files are not in this clone: commit {self.commit[:12]}"
            prp = quoted(self.record.prp)
            help_ = f"{error.help}; a history that was rewritten doesn't have it any more, and a "
            help_ += f"person accepts that: prp gate accept {prp} {self.loss} --by NAME "
            help_ += f"--reason TEXT, then prp gate seal {prp}"
            raise UnreadableError(self.record.prp, said, help=help_) from None

    @property
    def loss(self) -> str:
        """The key under which a person accepts that the sealed files are gone."""
        return key_of("lost", self.commit)

    @property
    def is_lost(self) -> bool:
        """Whether the commit of the sealed files isn't here."""
        return worktree.committed(self.repository, self.commit) is None

    @property
    def paths(self) -> frozenset[str]:
        """The sealed files."""
        return frozenset(self._sealed)

    def changed(self, now: Worktree) -> tuple[str, ...]:
        """Return the paths that differ from the sealed files: added, changed and removed ones."""
        return worktree.differing(self._sealed, now)

    def texts(self, paths: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts of some files as they were sealed, and as they are now.

        A file that isn't there, or isn't text, has none.
        """
        before = {path: text for path in paths if (text := self._text(path)) is not None}
        after: dict[str, str] = {}
        for path in paths:
            try:
                source = self.repository.read_if_there(path)
            except UnreadableError:
                continue
            if source:
                after[path] = source.text
        return before, after

    def _text(self, path: str) -> str | None:
        content = self._sealed.get(path, "").partition(" ")[2]
        output = self.repository.git("cat-file", "blob", content) if content else None
        if output is None or len(output) > MAX_BYTES:
            return None
        try:
            return decode(output, path).text
        except UnreadableError:
            return None


def files_of(repository: Repository, commit: str) -> dict[str, str]:
    """Return mode and content name of each file of a commit, by path, without documents.

    Raises `UnreadableError` when the commit isn't in this clone.
    """
    found = worktree.committed(repository, commit)
    if found is None:
        help_ = "fetch the whole history (`git fetch --unshallow`), and `refs/prp/*` where it was "
        help_ += "sealed with uncommitted files"
        raise UnreadableError(".", f"the commit {commit[:12]} is not in this clone", help=help_)
    return found


def of(repository: Repository, ledger: Ledger) -> Seal | None:
    """Return the newest seal of a ledger."""
    seals = ledger.of_kind(Kind.SEAL)
    return Seal(repository, seals[-1]) if seals else None


def snapshot(repository: Repository, folder: str, now: Worktree) -> str:
    """Return a commit that holds the files as they are; raises `UnreadableError` without git.

    It is the one that is checked out when nothing differs from it. Else a new one is made, on no
    branch; a reference keeps it.
    """
    if now.revision and not now.dirty:
        return now.revision
    repository.prepare_state()
    name = hashlib.sha256(os.urandom(16)).hexdigest()[:16]
    index = f"{STATE}/index-{name}"
    environment = {"GIT_INDEX_FILE": str(repository.root / index)} | {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "prp"), ("EMAIL", "prp@localhost"))
    }
    try:
        if now.revision:
            repository.git("read-tree", now.revision, environment=environment)
        repository.git("add", "--all", "--", ":/", environment=environment)
        tree = _word(repository.git("write-tree", environment=environment))
        parents = ("-p", now.revision) if now.revision else ()
        made = tree and _word(
            repository.git("commit-tree", tree, *parents, "-m", "Sealed", environment=environment)
        )
    finally:
        repository.remove(index)
    reference = REFERENCE + folder.removeprefix("PRPs/evidence/")
    if not made or repository.git("update-ref", reference, made) is None:
        raise UnreadableError(".", "git can't keep the files as they are", help="see `git status`")
    return made


def _word(output: bytes | None) -> str:
    return output.decode().strip() if output else ""


def accepted(ledger: Ledger) -> frozenset[str]:
    """Return the keys of the weakened goalposts that a person has accepted."""
    return frozenset(record.key for record in ledger.of_kind(Kind.ACCEPTANCE))


def key_of(*said: str) -> str:
    """Return the key under which a change is accepted: another change has another one."""
    return hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:12]
