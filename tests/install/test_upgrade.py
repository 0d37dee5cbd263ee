"""What an upgrade does to files that somebody edited: nothing of theirs is ever lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prp_pack.install import CONFIG, MANIFEST, SETTINGS, Action, merging, plan_install
from prp_pack.install.shipped import PRE_COMMIT, PRE_COMMIT_CONFIG
from prp_pack.repository import Repository, UnreadableError
from tests.install.projects import (
    COMMAND,
    HOOK,
    README,
    TEMPLATE,
    init,
    plan,
    read,
    tree,
    uninstall,
    upgrade,
    write,
)

BESIDE = f"{TEMPLATE}.prp-new"
BASE = """\
---
template: prp
---

# PRP

## Goal
State it.

## Why
Say why.

```bash
# not a heading
make test
```

## Gates
Run them.
"""


@pytest.fixture
def project(root: Path, pack: Path) -> Path:
    """Return a project into which the first version was installed."""
    ship(pack, BASE)
    init(root, pack)
    return root


def ship(pack: Path, template: str) -> None:
    write(pack, "templates/prp_base.md", template)


def edit(root: Path, old: str, new: str, path: str = TEMPLATE) -> None:
    text = read(root, path)
    assert text.count(old) == 1
    write(root, path, text.replace(old, new))


def change(root: Path, pack: Path, path: str = TEMPLATE) -> str:
    return next(str(each) for each in plan(root, pack, upgrade=True) if each.path == path)


# --- By section -----------------------------------------------------------------------------------

# What the user did, what we did, and what comes of it: each an edit of the base.
MERGES = {
    "different sections": (
        {"State it.": "Mine."},
        {"Run them.": "Run all of them."},
        {"State it.": "Mine.", "Run them.": "Run all of them."},
    ),
    "neighbouring lines of two sections": (
        {"State it.\n\n": "Mine.\n\n"},
        {"## Why\nSay why.": "## Why\nSay the reason."},
        {"State it.": "Mine.", "Say why.": "Say the reason."},
    ),
    "one section, other lines": (
        {"make test": "make check"},
        {"Say why.": "Say the reason."},
        {"make test": "make check", "Say why.": "Say the reason."},
    ),
    "the same edit": ({"State it.": "New."}, {"State it.": "New."}, {"State it.": "New."}),
    "both add a section at the end": (
        {"Run them.\n": "Run them.\n\n## Mine\nx\n"},
        {"Run them.\n": "Run them.\n\n## Ours\ny\n"},
        {"Run them.\n": "Run them.\n\n## Mine\nx\n\n## Ours\ny\n"},
    ),
    "a section within what both extend": (
        {"Run them.\n": "Run them.\n\n## Mine\nx\n"},
        {"Run them.\n": "Run them.\n\n### Level 1\ny\n"},
        {"Run them.\n": "Run them.\n\n### Level 1\ny\n\n## Mine\nx\n"},
    ),
    "the user took a section out that we changed": (
        {"## Goal\nState it.\n\n": ""},
        {"State it.": "State it well.", "Run them.": "Run all."},
        {"## Goal\nState it.\n\n": "", "Run them.": "Run all."},
    ),
    "we took out what the user never touched": (
        {"Run them.": "Mine."},
        {"## Goal\nState it.\n\n": ""},
        {"## Goal\nState it.\n\n": "", "Run them.": "Mine."},
    ),
    "we move what the user edited": (
        {"State it.": "Mine."},
        {"## Goal\nState it.\n\n": "", "Run them.\n": "Run them.\n\n## Goal\nState it.\n"},
        {"## Goal\nState it.\n\n": "", "Run them.\n": "Run them.\n\n## Goal\nMine.\n"},
    ),
    "the user moves what we change": (
        {"## Goal\nState it.\n\n": "", "Run them.\n": "Run them.\n\n## Goal\nState it.\n"},
        {"State it.": "State it well.", "Run them.": "Run all."},
        {"## Goal\nState it.\n\n": "", "Run them.\n": "Run all.\n\n## Goal\nState it well.\n"},
    ),
    "the user renames what we change around": (
        {"## Why\n": "## Reasons\n"},
        {"Run them.": "Run all."},
        {"## Why\n": "## Reasons\n", "Run them.": "Run all."},
    ),
    "we rename what the user left, who edits elsewhere": (
        {"State it.": "Mine."},
        {"## Why\n": "## Reasons\n"},
        {"State it.": "Mine.", "## Why\n": "## Reasons\n"},
    ),
    "front matter and a section": (
        {"template: prp\n": "template: prp\nteam: labels\n"},
        {"State it.": "State it well."},
        {"template: prp\n": "template: prp\nteam: labels\n", "State it.": "State it well."},
    ),
}


def edited(edits: dict[str, str]) -> str:
    text = BASE
    for old, new in edits.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("sides", MERGES.values(), ids=MERGES.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_both_sides_of_a_merge_are_in_it(
    project: Path, pack: Path, sides: tuple[dict[str, str], ...], newline: str
) -> None:
    mine, ours, merged = sides
    write(project, TEMPLATE, edited(mine).replace("\n", newline))
    ship(pack, edited(ours))
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited(merged).replace("\n", newline)
    assert not (project / BESIDE).exists()
    before = tree(project)
    assert Action.MERGE not in upgrade(project, pack).values()
    assert tree(project) == before


CONFLICTS = {
    "the same line": ({"State it.": "Mine."}, {"State it.": "Ours."}, "Goal"),
    "we took out what the user edited": (
        {"State it.": "Mine."}, {"## Goal\nState it.\n\n": ""}, "Goal",
    ),
    "both add a section of one name": (
        {"Run them.\n": "Run them.\n\n## Risks\nx\n"},
        {"Run them.\n": "Run them.\n\n## Risks\ny\n"},
        "Risks",
    ),
    "the lines before the first heading": (
        {"template: prp": "template: mine"}, {"template: prp": "template: ours"},
        "the lines before the first heading",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("mine", "ours", "named"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_what_both_changed_stays_the_users_and_ours_lies_beside_it(
    project: Path, pack: Path, mine: dict[str, str], ours: dict[str, str], named: str
) -> None:
    write(project, TEMPLATE, edited(mine))
    ship(pack, edited(ours).replace("make test", "make all"))
    assert f"both sides changed “{named}”" in change(project, pack)
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited(mine).replace("make test", "make all")
    assert read(project, BESIDE) == edited(ours).replace("make test", "make all")
    before = tree(project)
    upgrade(project, pack)
    assert tree(project) == before
    assert Action.UPDATE not in init(project, pack).values()
    # The next version says it again only when it changes the same again.
    (project / BESIDE).unlink()
    ship(pack, edited(ours).replace("make test", "make more"))
    upgrade(project, pack)
    assert not (project / BESIDE).exists()
    assert "make more" in read(project, TEMPLATE)


def test_no_conflict_marker_gets_into_any_file(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"State it.": "Ours."}))
    upgrade(project, pack)
    assert not [path for path, content in tree(project).items() if b"<<<<" in content]


def test_a_file_beside_it_that_the_user_made_is_not_replaced(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    write(project, BESIDE, "notes of mine\n")
    ship(pack, edited({"State it.": "Ours."}))
    before = tree(project)
    assert "isn't ours to replace" in change(project, pack)
    upgrade(project, pack)
    assert tree(project) == before
    (project / BESIDE).unlink()
    upgrade(project, pack)
    assert "Ours." in read(project, BESIDE)


def test_a_conflict_that_was_left_is_replaced_by_the_next_one(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    for ours in ("Ours.", "Ours again."):
        ship(pack, edited({"State it.": ours}))
        upgrade(project, pack)
        assert f"\n{ours}\n" in read(project, BESIDE)
    assert "Mine." in read(project, TEMPLATE)


# --- Other files ----------------------------------------------------------------------------------


def test_lines_of_a_script_are_merged_by_git(root: Path, pack: Path) -> None:
    lines = "".join(f"x{number} = {number}\n" for number in range(9))
    write(pack, "hooks/prp_hook.py", lines)
    init(root, pack)
    edit(root, "x1 = 1", "x1 = 100", HOOK)
    write(pack, "hooks/prp_hook.py", lines.replace("x7 = 7", "x7 = 700"))
    assert upgrade(root, pack)[HOOK] is Action.MERGE
    assert read(root, HOOK) == lines.replace("x1 = 1", "x1 = 100").replace("x7 = 7", "x7 = 700")


def test_lines_that_make_no_program_together_are_a_conflict(root: Path, pack: Path) -> None:
    lines = "a = [\n    1,\n    2,\n    3,\n    4,\n    5,\n]\n"
    write(pack, "hooks/prp_hook.py", lines)
    init(root, pack)
    mine = lines.replace("a = [\n    1,\n", "a = (\n    1,\n").replace("]", ")")
    mine = mine.replace("    5,\n)", "    5,\n)")
    write(root, HOOK, mine)
    ours = lines.replace("    2,\n    3,\n    4,\n", "    2,\n]\nb = [\n    4,\n")
    write(pack, "hooks/prp_hook.py", ours)
    upgrade(root, pack)
    assert read(root, HOOK) == mine
    assert read(root, f"{HOOK}.prp-new") == ours


def test_a_configuration_gets_what_is_new_and_keeps_what_was_set(root: Path, pack: Path) -> None:
    init(root, pack)
    text = read(root, CONFIG)
    base = text.replace("#", "# An older word on it\n#", 1)
    manifest = json.loads(read(root, MANIFEST))
    record = Repository(root)
    older = _install_as(record, CONFIG, base)
    write(root, CONFIG, f"{base}\n[mine]\nstrict = true\n")
    write(root, MANIFEST, json.dumps(manifest | older))
    assert upgrade(root, pack)[CONFIG] is Action.MERGE
    assert read(root, CONFIG) == f"{text}\n[mine]\nstrict = true\n"


def _install_as(repository: Repository, path: str, text: str) -> dict[str, object]:
    """Return the manifest's entries as if a version with this text had been installed."""
    from prp_pack.install import manifest

    known = manifest.load(repository)
    hooks = known.text_of(known.hooks)
    assert hooks
    files = {**known.files, path: manifest.digest(text)}
    document: dict[str, object] = json.loads(known.followed_by(files, hooks, [text]).to_json())
    return document


def test_without_git_a_whole_section_conflicts(
    project: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(project, "make test", "make check")
    ship(pack, edited({"Say why.": "Say the reason.", "Run them.": "Run all."}))
    monkeypatch.setenv("PATH", str(tmp_path))
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited({"make test": "make check", "Run them.": "Run all."})
    assert "Say the reason." in read(project, BESIDE)


# --- Which version it was -------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["no text", "not base64", "another text", "a bomb"])
def test_when_what_was_installed_is_not_known_the_file_stays(
    project: Path, pack: Path, lost: str
) -> None:
    import base64
    import zlib

    document = json.loads(read(project, MANIFEST))
    digest = document["files"][TEMPLATE]
    bomb = base64.b64encode(zlib.compress(b"\0" * 50_000_000)).decode()
    other = base64.b64encode(zlib.compress(b"other")).decode()
    texts = {"no text": None, "not base64": "ä", "another text": other, "a bomb": bomb}
    document["texts"][digest] = texts[lost]
    write(project, MANIFEST, json.dumps(document))
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"Run them.": "Run all."}))
    assert "what it was edited from isn't known" in change(project, pack)
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited({"State it.": "Mine."})
    assert read(project, BESIDE) == edited({"Run them.": "Run all."})
    # From here on it is known.
    ship(pack, edited({"Run them.": "Run all.", "Say why.": "Say the reason."}))
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited({"State it.": "Mine.", "Say why.": "Say the reason."})


def test_an_install_without_texts_is_given_them_while_files_are_unedited(
    project: Path, pack: Path
) -> None:
    document = json.loads(read(project, MANIFEST))
    del document["texts"], document["hooks"]
    write(project, MANIFEST, json.dumps(document))
    ship(pack, edited({"Run them.": "Run all."}))
    (pack / "commands/generate-prp.md").unlink()
    init(project, pack)
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"Say why.": "Say the reason."}))
    assert upgrade(project, pack)[TEMPLATE] is Action.MERGE


def test_an_edit_survives_an_install_between_two_upgrades(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"Run them.": "Run all."}))
    assert init(project, pack)[TEMPLATE] is Action.KEPT
    ship(pack, edited({"Run them.": "Run all.", "Say why.": "Say the reason."}))
    upgrade(project, pack)
    assert read(project, TEMPLATE) == edited(
        {"State it.": "Mine.", "Run them.": "Run all.", "Say why.": "Say the reason."}
    )


def test_nothing_is_upgraded_where_nothing_is_installed(root: Path, pack: Path) -> None:
    with pytest.raises(UnreadableError, match="nothing to upgrade"):
        upgrade(root, pack)
    assert tree(root) == {}


def test_what_was_interrupted_before_its_record_goes_on(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"Run them.": "Run all.", "Say why.": "Say the reason."}))
    record = read(project, MANIFEST)
    upgrade(project, pack)
    done = tree(project)
    write(project, MANIFEST, record)
    upgrade(project, pack)
    assert tree(project) == done


# --- Deleted, retired, odd ------------------------------------------------------------------------


def test_what_the_user_deleted_stays_so_until_it_is_installed_again(
    project: Path, pack: Path
) -> None:
    (project / TEMPLATE).unlink()
    (project / README).unlink()
    (project / SETTINGS).unlink()
    ship(pack, edited({"Run them.": "Run all."}))
    for _ in range(2):
        assert "was deleted and stays so" in change(project, pack)
        upgrade(project, pack)
        assert not {TEMPLATE, README, SETTINGS} & {*tree(project)}
    assert init(project, pack)[TEMPLATE] is Action.CREATE
    assert {TEMPLATE, README, SETTINGS} <= {*tree(project)}


def test_what_is_new_in_a_version_comes_with_an_upgrade(project: Path, pack: Path) -> None:
    write(pack, "commands/other.md", "# other\n")
    assert upgrade(project, pack)[".claude/commands/other.md"] is Action.CREATE


def test_what_is_no_longer_shipped_goes_unless_it_was_edited(project: Path, pack: Path) -> None:
    write(pack, "commands/other.md", "# other\n")
    init(project, pack)
    edit(project, "# other", "# mine", ".claude/commands/other.md")
    for name in ("other", "generate-prp"):
        (pack / f"commands/{name}.md").unlink()
    assert COMMAND in tree(project)
    init(project, pack)
    assert COMMAND in tree(project), "a plain install removes nothing"
    actions = upgrade(project, pack)
    assert actions[COMMAND] is Action.REMOVE
    assert actions[".claude/commands/other.md"] is Action.KEPT
    assert COMMAND not in tree(project)
    assert ".claude/commands/other.md" in tree(project)
    before = tree(project)
    upgrade(project, pack)
    assert tree(project) == before


def test_a_file_of_the_users_that_a_version_would_bring_too_stays(
    project: Path, pack: Path
) -> None:
    write(project, ".claude/commands/other.md", "# mine\n")
    write(pack, "commands/other.md", "# other\n")
    assert upgrade(project, pack)[".claude/commands/other.md"] is Action.KEPT
    assert read(project, ".claude/commands/other.md") == "# mine\n"


def test_a_bom_and_mixed_newlines_stay_where_nothing_changes(project: Path, pack: Path) -> None:
    mine = "\ufeff" + edited({"State it.": "Mine."}).replace("why.\n", "why.\r\n")
    write(project, TEMPLATE, mine.replace("make test\n", "make test\r"))
    ship(pack, edited({"Run them.": "Run all."}))
    upgrade(project, pack)
    assert read(project, TEMPLATE) == mine.replace("make test\n", "make test\r").replace(
        "Run them.", "Run all."
    )


def test_an_unedited_file_with_a_bom_keeps_it(project: Path, pack: Path) -> None:
    write(project, TEMPLATE, "\ufeff" + BASE)
    ship(pack, edited({"Run them.": "Run all."}))
    assert init(project, pack)[TEMPLATE] is Action.UPDATE
    assert read(project, TEMPLATE) == "\ufeff" + edited({"Run them.": "Run all."})


def test_a_dry_run_shows_a_merge_as_a_diff(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"Run them.": "Run all."}))
    before = tree(project)
    planned = next(c for c in plan(project, pack, upgrade=True) if c.path == TEMPLATE)
    assert planned.diff.endswith(" ## Gates\n-Run them.\n+Run all.\n")
    assert tree(project) == before


@pytest.mark.parametrize("path", [TEMPLATE, SETTINGS, MANIFEST])
def test_what_is_read_only_stops_an_upgrade_before_it_writes(
    project: Path, pack: Path, path: str
) -> None:
    edit(project, "State it.", "Mine.")
    write(project, SETTINGS, "{}")
    ship(pack, edited({"Run them.": "Run all."}))
    (project / path).chmod(0o444)
    before = tree(project)
    with pytest.raises(UnreadableError, match="is read-only"):
        init(project, pack, upgrade=path != SETTINGS)
    assert tree(project) == before


def test_a_link_out_of_the_project_stops_an_upgrade(
    project: Path, pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.md").write_text(BASE)
    (project / TEMPLATE).unlink()
    (project / TEMPLATE).symlink_to(tmp_path / "outside.md")
    with pytest.raises(UnreadableError, match="leads out of the project"):
        upgrade(project, pack)
    with pytest.raises(UnreadableError, match="leads out of the project"):
        uninstall(project, pack)
    assert (tmp_path / "outside.md").read_text() == BASE


# --- Uninstall ------------------------------------------------------------------------------------


def test_an_uninstall_leaves_nothing_where_nothing_was(root: Path, pack: Path) -> None:
    write(root, "src/app.py", "x = 1\n")
    before = tree(root)
    init(root, pack)
    uninstall(root, pack)
    assert tree(root) == before
    assert [path.name for path in root.iterdir()] == ["src"]
    assert uninstall(root, pack) == {}


def test_an_uninstall_leaves_what_the_user_made_or_edited(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    write(project, ".claude/commands/mine.md", "# mine\n")
    write(project, "PRPs/phase1.md", "# PRP\n")
    write(project, SETTINGS, '{\n  "model": "opus", // fast enough\n  "hooks": {}\n}\n')
    init(project, pack)
    actions = uninstall(project, pack)
    assert actions[TEMPLATE] is Action.KEPT
    assert {path: content.decode() for path, content in tree(project).items()} == {
        TEMPLATE: edited({"State it.": "Mine."}),
        ".claude/commands/mine.md": "# mine\n",
        "PRPs/phase1.md": "# PRP\n",
        SETTINGS: '{\n  "model": "opus" // fast enough\n}\n',
    }


def test_an_uninstall_takes_the_file_beside_a_conflict_with_it(project: Path, pack: Path) -> None:
    edit(project, "State it.", "Mine.")
    ship(pack, edited({"State it.": "Ours."}))
    upgrade(project, pack)
    uninstall(project, pack)
    assert {*tree(project)} == {TEMPLATE}


def test_an_uninstall_without_a_manifest_knows_what_equals_ours(project: Path, pack: Path) -> None:
    (project / MANIFEST).unlink()
    edit(project, "State it.", "Mine.")
    uninstall(project, pack)
    assert {*tree(project)} == {TEMPLATE}


@pytest.mark.parametrize("path", ["src/app.py", "../outside.txt", ".git/config", "PRPs/phase1.md"])
def test_a_manifest_cannot_have_other_peoples_files_removed(
    project: Path, pack: Path, path: str
) -> None:
    from prp_pack.install import manifest

    write(project, path, "theirs\n")
    document = json.loads(read(project, MANIFEST))
    document["files"][path] = manifest.digest("theirs\n")
    write(project, MANIFEST, json.dumps(document))
    upgrade(project, pack)
    uninstall(project, pack)
    assert read(project, path) == "theirs\n"


@pytest.mark.parametrize("text", ['{"hooks": ', '{"a": 1, "a": 2}', "[]"])
def test_malformed_settings_stop_an_uninstall_before_it_removes(
    project: Path, pack: Path, text: str
) -> None:
    write(project, SETTINGS, text)
    before = tree(project)
    if text != "[]":
        with pytest.raises(UnreadableError):
            uninstall(project, pack)
        assert tree(project) == before
    else:
        uninstall(project, pack)
        assert {*tree(project)} == {SETTINGS}


# --- pre-commit -----------------------------------------------------------------------------------


@pytest.fixture
def git(root: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def test_a_repository_without_pre_commit_gets_its_configuration(git: Path, pack: Path) -> None:
    assert init(git, pack)[PRE_COMMIT] is Action.CREATE
    assert read(git, PRE_COMMIT) == PRE_COMMIT_CONFIG
    assert init(git, pack)[PRE_COMMIT] is Action.UNCHANGED
    (git / PRE_COMMIT).unlink()
    assert upgrade(git, pack)[PRE_COMMIT] is Action.KEPT
    assert not (git / PRE_COMMIT).exists()


def test_a_configuration_of_pre_commit_is_never_written_but_shown_what_to_add(
    git: Path, pack: Path
) -> None:
    from prp_pack import install

    theirs = "repos: [] # none yet\n"
    write(git, PRE_COMMIT, theirs)
    hinted = "\n".join(install.hints(plan(git, pack)))
    assert "add to `repos:`\n  - repo: local\n" in hinted
    assert init(git, pack)[PRE_COMMIT] is Action.KEPT
    assert read(git, PRE_COMMIT) == theirs
    write(git, PRE_COMMIT, "repos:\n- repo: x\n  hooks:\n  - id: prp-check\n")
    assert init(git, pack)[PRE_COMMIT] is Action.UNCHANGED
    uninstall(git, pack)
    assert "prp-check" in read(git, PRE_COMMIT)


def test_what_pre_commit_is_given_is_what_this_repository_offers_it() -> None:
    import yaml

    root = Path(__file__).parents[2]
    offered = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
    (hook,) = yaml.safe_load(PRE_COMMIT_CONFIG)["repos"][0]["hooks"]
    same = ("id", "name", "entry", "files", "require_serial")
    assert {key: hook[key] for key in same} == {key: offered[key] for key in same}


@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_the_runners_understand_it(git: Path, pack: Path, runner: str) -> None:
    import os
    import sys

    init(git, pack)
    write(git, "PRPs/INITIAL.md", "# Feature\n\n[placeholder]\n")
    subprocess.run(["git", "add", "--all"], cwd=git, check=True)
    here = Path(sys.executable).parent
    run = subprocess.run(
        [here / runner, "run"], cwd=git, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "HOME": str(git.parent)},
    )  # fmt: skip
    assert "check PRPs" in run.stdout, run.stdout + run.stderr
    assert "Skipped" not in run.stdout


# --- Any edits, any upgrades ----------------------------------------------------------------------

TITLES = st.sampled_from(["# PRP", "## Goal", "## Why", "## Why", "### Why", "## Gates", "### L1"])
LINES = st.sampled_from(["", "one", "two", "- a", "- b", "```", "```python", "# x", "<!--", "-->"])
TEXTS = st.lists(
    st.tuples(TITLES, st.lists(LINES, max_size=4)).map(lambda s: "\n".join([s[0], *s[1]])),
    max_size=6,
).map(lambda parts: "\n".join(parts) + "\n" if parts else "")
# The user's own lines can be told from all others by a number that no version of ours has.
EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "drop", "change", "head"]), st.integers(0, 40)), max_size=5
)


def apply_edits(text: str, edits: list[tuple[str, int]], begin: int) -> tuple[str, list[str]]:
    """Return the text with the edits in it, and the lines that are the user's."""
    rows, mine = text.split("\n"), []
    for number, (what, anywhere) in enumerate(edits, begin):
        at = anywhere % (len(rows) + 1)
        row = f"## user {number}" if what == "head" else f"user {number}"
        if what == "drop":
            rows[at : at + 1] = []
            continue
        rows[at : at + (what == "change")] = [row]
        mine.append(row)
    return "\n".join(rows), [row for row in mine if row in rows]


NEWLINES = st.sampled_from(["\n", "\r\n"])
VERSIONS = st.lists(TEXTS, min_size=2, max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VERSIONS, st.lists(EDITS, min_size=3, max_size=3), NEWLINES, st.booleans())
def test_no_path_of_upgrades_loses_a_line_of_the_user(
    versions: list[str], edits: list[list[tuple[str, int]]], newline: str, through: bool
) -> None:
    """Edits between upgrades, with a plain install in between or not."""
    with tempfile.TemporaryDirectory() as folder:
        root, pack = Path(folder, "project"), Path(folder, "pack")
        root.mkdir()
        ship(pack, versions[0])
        init(root, pack)
        mine: list[str] = []
        for number, version in enumerate(versions[1:]):
            text = read(root, TEMPLATE).replace("\r\n", "\n")
            text, added = apply_edits(text, edits[number % 3], number * 100)
            mine = [row for row in mine if row in text.split("\n")] + added
            write(root, TEMPLATE, text.replace("\n", newline))
            ship(pack, version)
            if through:
                init(root, pack)
                left = read(root, TEMPLATE).replace("\r\n", "\n")
                assert left in (text, version)
            upgrade(root, pack)
            after = read(root, TEMPLATE)
            assert not Counter(mine) - Counter(after.replace("\r\n", "\n").split("\n"))
            if newline == "\r\n" and "\r\n" in text.replace("\n", newline):
                assert "\n" not in after.replace("\r\n", "")
            before = tree(root)
            upgrade(root, pack)
            assert tree(root) == before
            if (root / BESIDE).exists():
                (root / BESIDE).unlink()


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_a_side_that_did_nothing_decides_nothing(base: str, other: str) -> None:
    repository = Repository(Path.cwd())
    assert merging.merge(repository, TEMPLATE, base, other, base).text == other
    assert merging.merge(repository, TEMPLATE, base, base, other).text == other
    assert merging.merge(repository, TEMPLATE, base, other, other).text == other


def test_the_texts_in_the_manifest_stay_as_they_are_packed(project: Path, pack: Path) -> None:
    import base64
    import zlib

    document = json.loads(read(project, MANIFEST))
    digest = document["files"][TEMPLATE]
    packed = base64.b64encode(zlib.compress(BASE.encode(), 1)).decode()
    assert packed != document["texts"][digest]
    document["texts"][digest] = packed
    write(project, MANIFEST, json.dumps(document, indent=2) + "\n")
    assert set(upgrade(project, pack).values()) == {Action.UNCHANGED}


def test_the_shipped_files_upgrade_with_an_edit_in_each(root: Path) -> None:
    repository = Repository(root)
    from prp_pack import install

    install.apply(repository, plan_install(repository))
    shutil.rmtree(root / "PRPs/ai_docs")
    for path in [*tree(root)]:
        if path.endswith(".md"):
            write(root, path, read(root, path) + "\n## Mine\n")
    before = tree(root)
    install.apply(repository, plan_install(repository, upgrade=True))
    assert tree(root) == before
