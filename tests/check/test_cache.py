"""The cache is sound: whatever is edited, what is kept says what a check anew would say."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_pack import checking
from prp_pack.check import baseline, cache
from prp_pack.check import settings as all_settings
from prp_pack.check.engine import Checker, check_files
from prp_pack.check.questions import (
    Answers,
    AskedProject,
    AskedRepository,
    Contents,
    KnownNeighbours,
    Listing,
    Log,
)
from prp_pack.checking import Keeping
from prp_pack.evidence import configuration
from prp_pack.project import CheckedOut, Project
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace

EXAMPLE = Path(__file__).parents[2] / "examples/parcel-tracker"
HERE = Keeping("this program", b"k" * 32)
_PATH = re.compile(r"[\w][\w./-]*\.(?:py|md|toml|sh|json|txt)\b")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns(
        "__pycache__", ".*_cache", "*.db", ".coverage", ".prp", ".venv"
    )
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "test")
    git(folder, "config", "user.email", "test@example.invalid")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "test")


def checker(folder: Path, search_path: str = "") -> Checker:
    repository = Repository(folder)
    settings = all_settings.load(repository)
    return Checker(repository, project=CheckedOut(repository, search_path), settings=settings)


def reports(
    folder: Path, *files: str, keeping: Keeping | None = HERE, search_path: str = ""
) -> list[tuple[str, str]]:
    """Return what is said of each file, in all its details."""
    used = checker(folder, search_path)
    named = files or tuple(used.repository.documents())
    found = checking.reports(used, named, fixing=False, jobs=1, keeping=keeping)
    return [(file, repr(report)) for file, report in found]


def reused(folder: Path, search_path: str = "") -> set[str]:
    """Return the files whose results still hold."""
    used = checker(folder, search_path)
    others = KnownNeighbours(used.repository, Contents(used.repository), {})
    used = replace(used, others=others)
    kept = cache.load(used.repository, cache.terms(used, HERE.installed), HERE.key)
    return set(kept.reports(Answers(used), tuple(used.repository.documents())))


# --- Nothing is kept back, and nothing is made up -----------------------------------------------


class Editor:
    """Edits a project as people, agents and git do, by chance."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.search_path = ""
        self.programs = folder.parent / "programs"
        self.programs.mkdir()
        documents = [path.read_text("utf-8") for path in sorted(folder.glob("PRPs/*.md"))]
        self.named: list[str] = sorted({name for text in documents for name in _PATH.findall(text)})
        self.lines = [line for text in documents for line in text.split("\n")]

    def edit(self) -> str:
        """Make one edit, and return what it was."""
        edits: list[Callable[[], str]] = [
            self.other_line, self.other_line, self.other_number, self.without_line, self.create,
            self.delete, self.move, self.git_move, self.ignore, self.configure, self.copy_document,
            self.commit, self.link, self.program, self.known, self.front_matter, self.break_file,
            self.template, self.touch, self.name_what_is_missing, self.elsewhere,
        ]  # fmt: skip
        number = self.chance.randrange(len(edits))
        return f"{number}: {edits[number]()}"

    def _files(self, pattern: str = "**/*") -> list[Path]:
        inside = (path for path in self.folder.glob(pattern) if path.is_file())
        own = {".git", ".prp"}
        return sorted(
            path for path in inside if not own & set(path.parts) and not path.is_symlink()
        )

    def _document(self) -> Path:
        return self.chance.choice(self._files("PRPs/**/*.md"))

    @staticmethod
    def _edit_lines(path: Path, edit: Callable[[list[str]], object]) -> str:
        lines = path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
        edit(lines)
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
        return path.name

    def other_line(self) -> str:
        new = self.chance.choice(self.lines)
        return self._edit_lines(
            self._document(), lambda lines: lines.insert(self.chance.randrange(len(lines)), new)
        )

    def without_line(self) -> str:
        path = self.chance.choice(self._files())
        return self._edit_lines(
            path, lambda lines: lines.pop(self.chance.randrange(len(lines))) and None
        )

    def other_number(self) -> str:
        def edit(lines: list[str]) -> None:
            numbered = [n for n, line in enumerate(lines) if re.search(r"\b[1-4]\b", line)]
            if numbered:
                n = self.chance.choice(numbered)
                lines[n] = re.sub(r"\b[1-4]\b", str(self.chance.randint(1, 4)), lines[n], count=1)

        return self._edit_lines(self._document(), edit)

    def front_matter(self) -> str:
        line = self.chance.choice([
            "track: depot", "plan: PRPs/OTHER_PLAN.md", "phase: 2", "template: prp_base",
            "requirements: PRPs/PHASE2_REQUIREMENTS.md", "status: complete", "status: partial",
        ])  # fmt: skip
        return self._edit_lines(self._document(), lambda lines: lines.insert(1, line))

    def create(self) -> str:
        path = self.folder / self.chance.choice(self.named)
        if not path.exists() and not any(above.is_file() for above in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("def test_it() -> None: ...\n", "utf-8")
        return str(path)

    def delete(self) -> str:
        path = self.chance.choice(self._files())
        path.unlink()
        return str(path)

    def name_what_is_missing(self) -> str:
        """Name one absent path in several documents."""
        name = self.chance.choice(self.named)
        for path in self._files("PRPs/*.md"):
            text = path.read_bytes()
            line = f'- file: "old/{name}"\n  why: "it is followed"\n'.encode()
            path.write_bytes(text.replace(b"- file: ", line + b"- file: ", 1))
        return name

    def elsewhere(self) -> str:
        path = (
            self.folder / "lib" / self.chance.choice(["", "old"]) / self.chance.choice(self.named)
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text("moved = True\n", "utf-8")
        return str(path)

    def touch(self) -> str:
        path = self._document()
        path.write_bytes(path.read_bytes())
        return path.name

    def move(self) -> str:
        path = self.chance.choice(self._files())
        to = path.with_name(self.chance.choice([path.name.upper(), f"old_{path.name}", "moved.md"]))
        path.rename(to)
        return f"{path} {to}"

    def git_move(self) -> str:
        commit(self.folder)
        tracked = subprocess.run(
            ["git", "ls-files", "-z"], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout.split("\0")  # fmt: skip
        path = self.chance.choice([name for name in tracked if name])
        to = f"{self.chance.choice(['lib', 'PRPs/done', 'src'])}/{Path(path).name}"
        if not (self.folder / to).exists() and path != to:
            (self.folder / to).parent.mkdir(parents=True, exist_ok=True)
            git(self.folder, "mv", path, to)
            commit(self.folder)
        return f"{path} {to}"

    def ignore(self) -> str:
        pattern = self.chance.choice([*self.named, "*.py", "tests/", "!tests/unit/", "PRPs/*.md"])
        with (self.folder / ".gitignore").open("a", encoding="utf-8") as file:
            file.write(f"\n{pattern}\n")
        return pattern

    def configure(self) -> str:
        text = self.chance.choice([
            "", '[check]\nignore = ["PRP4"]\n', '[check.severity]\nPRP401 = "note"\n',
            '[check]\nselect = ["PRP2", "PRP6"]\n',
            '[[check.per-file]]\npaths = ["PRPs/phase*"]\nignore = ["PRP3", "PRP401"]\nreason = "x"\n',
            '[templates]\ndefault = "PRPs/templates/prp_base.md"\n',
            '[check.aliases]\nGoal = ["What for"]\n',
        ])  # fmt: skip
        if "templates" in text and not (self.folder / "PRPs/templates/prp_base.md").exists():
            self.template()
        (self.folder / "PRPs/prp.toml").write_text(text, "utf-8")
        return text

    def template(self) -> str:
        own = self.folder / "PRPs/templates/prp_base.md"
        shipped = (EXAMPLE.parents[1] / "PRPs/templates/prp_base.md").read_text("utf-8")
        own.parent.mkdir(exist_ok=True)
        own.write_text(shipped + f"\n## Deploy {self.chance.randint(1, 3)}\n[where to]\n", "utf-8")
        return own.name

    def copy_document(self) -> str:
        path = self._document()
        to = self.folder / "PRPs" / self.chance.choice(["done", "."]) / f"other-{path.name}"
        to.parent.mkdir(exist_ok=True)
        shutil.copy(path, to)
        return str(to)

    def link(self) -> str:
        path = self.chance.choice(self._files())
        outside = self.folder.parent / f"outside-{path.name}"
        shutil.copy(path, outside)
        path.unlink()
        path.symlink_to(self.chance.choice([outside, self.chance.choice(self._files())]))
        return path.name

    def break_file(self) -> str:
        path = self._document()
        path.write_bytes(self.chance.choice([b"\xff\xfe", b"", b"a\0b", b"---\n: [\n---\n# T\n"]))
        return path.name

    def program(self) -> str:
        self.search_path = self.chance.choice(["", str(self.programs), os.environ["PATH"]])
        tool = self.programs / self.chance.choice(["git", "pytest", "ruff", "locust", "curl"])
        tool.write_text("#!/bin/sh\n", "utf-8")
        tool.chmod(0o755)
        return f"{tool} {self.search_path[:20]}"

    def known(self) -> str:
        used = checker(self.folder)
        report = check_files(used.without_baseline(), ["PRPs/phase1.md", "PRPs/phase3.md"])
        written = used.baseline.updated(used.repository, set(), set(), report.findings)
        used.repository.write(baseline.PATH, written.to_json())
        return "baseline"

    def commit(self) -> str:
        commit(self.folder)
        return ""


# More of it: PRP_CACHE_SEEDS=100 pytest tests/check/test_cache.py
@pytest.mark.parametrize("seed", range(int(os.environ.get("PRP_CACHE_SEEDS", "2"))))
def test_what_is_kept_says_what_a_check_anew_says(project: Path, seed: int) -> None:
    editor = Editor(project, seed)
    made = []
    used = 0
    for _ in range(10):
        reports(project, search_path=editor.search_path)
        made += [editor.edit() for _ in range(editor.chance.choice([1, 1, 1, 3]))]
        try:
            all_settings.load(Repository(project))
        except UnreadableError:
            (project / configuration.PATH).unlink()
        anew = reports(project, keeping=None, search_path=editor.search_path)
        used += len(reused(project, editor.search_path))
        if anew and editor.chance.random() < 0.3:
            # What a run over one file leaves must not harm the next over all.
            part = editor.chance.choice(anew)
            assert reports(project, part[0], search_path=editor.search_path) == [part], made
        assert reports(project, search_path=editor.search_path) == anew, made
    assert used, "nothing was ever used again, so that nothing was tested"


# --- It is of use -------------------------------------------------------------------------------


def documents(folder: Path) -> set[str]:
    return set(Repository(folder).documents())


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_all_holds_while_nothing_changes_but_the_time_of_a_file(project: Path) -> None:
    reports(project)
    os.utime(project / "PRPs/phase1.md", (1, 1))
    assert reused(project) == documents(project)


def test_a_sentence_in_one_prp_leaves_the_others(project: Path) -> None:
    reports(project)
    append(project / "PRPs/phase2.md", "\nOne more sentence.\n")
    assert reused(project) == documents(project) - {"PRPs/phase2.md"}


def test_a_line_in_a_source_file_leaves_all_that_name_no_place_in_it(project: Path) -> None:
    reports(project)
    append(project / "src/parcel_tracker/settings.py", "# One more line.\n")
    assert len(documents(project) - reused(project)) <= 2


def test_a_new_source_file_leaves_what_was_carried_out(project: Path) -> None:
    reports(project)
    (project / "src/parcel_tracker/more.py").write_text("", "utf-8")
    assert {"PRPs/phase1.md", "PRPs/phase2.md", "PRPs/PROJECT_PHASE_PLAN.md"} <= reused(project)


def test_the_plan_is_no_matter_of_what_belongs_to_none(project: Path) -> None:
    reports(project)
    append(project / "PRPs/PROJECT_PHASE_PLAN.md", "\nOne more sentence.\n")
    assert "PRPs/phase3.md" not in reused(project)
    assert "PRPs/INITIAL.md" in reused(project)


def test_a_second_prp_for_a_phase_is_found_by_the_first(project: Path) -> None:
    reports(project)
    # Nothing else of the first one asks for what files there are: it was carried out.
    shutil.copy(project / "PRPs/phase1.md", project / "PRPs/other.md")
    assert reused(project) & {"PRPs/phase1.md", "PRPs/phase2.md"} == {"PRPs/phase2.md"}
    assert "PRP605" in dict(reports(project))["PRPs/phase1.md"]
    (project / "PRPs/other.md").unlink()
    assert "PRP605" not in dict(reports(project))["PRPs/phase1.md"]


def test_what_one_look_through_the_project_told_holds_for_all_who_asked(project: Path) -> None:
    # Both are carried out, so that only the name leads to a look at all files, and it is kept.
    names = ("PRPs/phase1.md", "PRPs/phase2.md")
    for name in names:
        path = project / name
        text = path.read_text("utf-8").replace(
            "- file: ", '- file: "old/guide.md"\n  why: "x"\n- file: ', 1
        )
        path.write_text(text, "utf-8")
    before = dict(reports(project))
    (project / "lib/old").mkdir(parents=True)
    (project / "lib/old/guide.md").write_text("", "utf-8")
    after = dict(reports(project))
    assert after == dict(reports(project, keeping=None))
    assert all(before[name] != after[name] for name in names)


def test_a_place_that_was_edited_away_is_missed(project: Path) -> None:
    before = reports(project)
    assert "PRP404" not in repr(before)
    for path in project.glob("src/**/*.py"):
        path.write_text("", "utf-8")
    after = reports(project)
    assert "PRP404" in repr(after)
    assert after == reports(project, keeping=None)


def test_a_program_that_was_removed_is_missed(project: Path) -> None:
    programs = project.parent / "programs"
    programs.mkdir()
    # What the PRP's first level starts, and what says that a search path is known at all.
    command = (project / "PRPs/phase1.md").read_text("utf-8").partition("### Level 1")[2]
    used = set(re.findall(r"^([a-z]\w+) ", command, re.MULTILINE)) | {"git"}
    for name in used:
        (programs / name).write_text("#!/bin/sh\n", "utf-8")
        (programs / name).chmod(0o755)
    before = reports(project, search_path=str(programs))
    for name in used - {"git"}:
        (programs / name).unlink()
    after = reports(project, search_path=str(programs))
    assert after != before
    assert after == reports(project, keeping=None, search_path=str(programs))


def test_a_tree_that_is_drawn_anew_is_that_of_today(project: Path) -> None:
    (project / "src/parcel_tracker/schema.py").rename(project / "src/parcel_tracker/other.py")
    before = dict(reports(project))["PRPs/phase3.md"]
    assert "PRP304" in before
    (project / "src/parcel_tracker/newest.py").write_text("", "utf-8")
    assert "newest.py" not in before
    assert "newest.py" in dict(reports(project))["PRPs/phase3.md"]


def test_a_summary_that_was_written_meanwhile_is_seen(project: Path) -> None:
    summary = project / "PRPs/PHASE2_COMPLETION_SUMMARY.md"
    text = summary.read_text("utf-8")
    summary.unlink()
    before = reports(project)
    summary.write_text(text, "utf-8")
    after = reports(project)
    assert before != after
    assert after == reports(project, keeping=None)


# --- What can't be used isn't -------------------------------------------------------------------


def kept_in(folder: Path) -> list[Path]:
    return sorted((folder / cache.FOLDER).glob("*"))


def harmed(content: bytes) -> list[bytes]:
    middle = len(content) // 2
    return [
        b"", b"\n", b"{}", b"\xff\0", content[:middle], content[:-1], content + b" ",
        content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        content.partition(b"\n")[2], b"0" * 64 + b"\n" + content.partition(b"\n")[2],
    ]  # fmt: skip


def test_a_harmed_file_is_as_if_it_were_not_there(project: Path) -> None:
    anew = reports(project)
    (kept,) = kept_in(project)
    for content in harmed(kept.read_bytes()):
        kept.write_bytes(content)
        assert reused(project) == set()
        assert reports(project, "PRPs/phase1.md") == [
            one for one in anew if one[0] == "PRPs/phase1.md"
        ]


def test_nobody_without_the_key_can_say_that_nothing_was_found(project: Path) -> None:
    append(project / "PRPs/phase1.md", "\n## Goal\nAnother.\n")
    honest = reports(project)
    (kept,) = kept_in(project)
    # Made by this very program, of the same version, for these very files: with another key.
    for other in (b"", b"o" * 32):
        lying = Keeping(HERE.installed, other)
        used = checker(project)
        agreed = cache.terms(used, HERE.installed)
        mine = cache.load(used.repository, agreed, HERE.key)
        for file, entry in mine.entries.items():
            mine.entries[file] = replace(entry, report=entry.report[:3])
        kept.unlink()
        cache.save(used.repository, agreed, lying.key, mine)
        assert reports(project) == honest


def test_another_program_or_another_selection_does_not_use_it(project: Path) -> None:
    reports(project)
    other = Keeping("another program", HERE.key)
    assert reports(project, keeping=other) == reports(project)
    assert len(kept_in(project)) == 2
    for number in range(401, 409):
        (project / "PRPs/prp.toml").write_text(f'[check]\nignore = ["PRP{number}"]\n', "utf-8")
        reports(project, "PRPs/phase1.md")
    assert len(kept_in(project)) == 4


def test_what_was_deleted_is_forgotten(project: Path) -> None:
    reports(project)
    before = kept_in(project)[0].stat().st_size
    for name in ("phase1", "phase2", "parcel-labels"):
        (project / f"PRPs/{name}.md").unlink()
    append(project / "PRPs/phase3.md", "\nOne more sentence.\n")
    reports(project, "PRPs/phase3.md")
    (kept,) = kept_in(project)
    assert b'parcel-labels.md":[' not in kept.read_bytes()
    assert kept.stat().st_size < before


def test_a_project_that_cannot_be_written_to_is_checked_all_the_same(project: Path) -> None:
    (project / ".prp").write_text("a file\n", "utf-8")
    assert reports(project) == reports(project, keeping=None)
    (project / ".prp").unlink()
    outside = project.parent / "outside"
    outside.mkdir()
    (project / ".prp").symlink_to(outside)
    assert reports(project) == reports(project, keeping=None)
    assert list(outside.iterdir()) == []


def test_nothing_is_written_or_removed_where_a_link_leads(project: Path) -> None:
    theirs = project / "src/theirs"
    theirs.mkdir()
    for number in range(8):
        (theirs / f"check-{number}.json").write_text("{}", "utf-8")
    (project / ".prp").mkdir()
    (project / ".prp/cache").symlink_to(theirs)
    assert reports(project) == reports(project, keeping=None)
    assert len(list(theirs.iterdir())) == 8


def test_git_does_not_see_it(project: Path) -> None:
    reports(project)
    told = subprocess.run(
        ["git", "status", "--short"], cwd=project, check=True, capture_output=True
    )
    assert told.stdout == b""


def test_a_folder_that_is_no_project_gets_no_cache(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# T\n", "utf-8")
    reports(tmp_path, "a.md")
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    key = cache.key_in(tmp_path / "new")
    assert len(key) == 32
    assert cache.key_in(tmp_path / "new") == key
    kept = tmp_path / "new" / cache.KEY_NAME
    assert kept.stat().st_mode & 0o777 == 0o600
    for content in (b"", b"no key\n", b"ab\n", b"\xff"):
        kept.write_bytes(content)
        assert cache.key_in(tmp_path / "new") == b""
    (tmp_path / "file").write_text("", "utf-8")
    assert cache.key_in(tmp_path / "file") == b""


# --- No way around it ---------------------------------------------------------------------------


# These look at nothing that a finding could follow from.
NO_QUESTION = {"root", "containing", "relative", "is_document", "write", "prepare_state",
               "keep_newest", "keep", "append", "remove"}  # fmt: skip


def test_whatever_can_be_asked_of_a_repository_is_written_down(project: Path) -> None:
    asked = {name for name in vars(Repository) if not name.startswith("_")} - NO_QUESTION
    assert asked <= vars(AskedRepository).keys()
    given: dict[str, tuple[object, ...]] = {
        "documents": (), "files": (), "renames": (), "ignored": (["README.md"],),
        "names": ("PRPs",), "git": ("ls-files", "-z"),
    }  # fmt: skip
    for name in asked:
        log = Log()
        here = AskedRepository(project, log)
        told = getattr(here, name)(*given.get(name, ("README.md",)))
        plain = getattr(Repository(project), name)(*given.get(name, ("README.md",)))
        assert told == plain or list(told) == list(plain)
        taken = log.taken()
        assert len(taken) == 1
        assert all(Answers(checker(project)).same(list(taken.items())))
        assert log.taken() == {}


def test_what_cannot_be_read_is_an_answer_too(project: Path) -> None:
    for name in ("read", "read_if_there", "content"):
        log = Log()
        with pytest.raises(UnreadableError):
            getattr(AskedRepository(project, log), name)("src")
        taken = log.taken()
        assert all(Answers(checker(project)).same(list(taken.items())))
        assert [what for what, _ in taken] == [name.replace("_", " ").replace("content", "read")]


def test_whatever_can_be_asked_of_a_project_is_written_down() -> None:
    public = {name for name in vars(Project) if not name.startswith("_")}
    assert public <= vars(AskedProject).keys()


def test_a_listing_is_the_set_that_it_stands_for() -> None:
    paths = frozenset({"a", "b/c"})
    for use in (set, sorted, len, bool, hash, lambda listed: listed == paths,
                lambda listed: paths == listed, lambda listed: listed | {"d"},
                lambda listed: {"d", "a"} | listed, lambda listed: listed & {"a", "x"},
                lambda listed: {"a", "x"} - listed, lambda listed: listed <= paths,
                lambda listed: listed.isdisjoint({"a"}), lambda listed: "a" in listed):  # fmt: skip
        log = Log()
        assert use(Listing("files", paths, log)) == use(paths)
        assert log.taken(), "asked without leaving a trace"
    log = Log()
    assert "a" in Listing("files", paths, log)
    assert log.taken() == {("among files", "a"): "1"}
