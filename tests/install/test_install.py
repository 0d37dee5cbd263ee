"""What `prp init` does to real folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prp_pack import install
from prp_pack.install import CONFIG, MANIFEST, SETTINGS, Action
from prp_pack.repository import Repository, UnreadableError
from tests.install.projects import COMMAND, HOOK, README, TEMPLATE, init, plan, tree, write

ALL = [COMMAND, HOOK, TEMPLATE, README, CONFIG, SETTINGS, MANIFEST]


def refused(root: Path, pack: Path) -> UnreadableError:
    before = tree(root)
    with pytest.raises(UnreadableError) as raised:
        init(root, pack)
    assert tree(root) == before, "something was written"
    return raised.value


def test_an_empty_project_gets_every_file(root: Path, pack: Path) -> None:
    assert init(root, pack) == dict.fromkeys(ALL, Action.CREATE)
    assert sorted(tree(root)) == sorted(ALL)
    manifest = json.loads((root / MANIFEST).read_text())
    assert list(manifest["files"]) == sorted([COMMAND, CONFIG, HOOK, README, TEMPLATE])


def test_a_plan_writes_nothing_and_shows_every_file_as_a_diff(root: Path, pack: Path) -> None:
    changes = plan(root, pack)
    assert tree(root) == {}
    assert [str(change) for change in changes] == [f"create    {path}" for path in ALL]
    assert changes[0].diff == f"--- /dev/null\n+++ b/{COMMAND}\n@@ -0,0 +1 @@\n+# generate\n"


def test_a_second_run_changes_nothing(root: Path, pack: Path) -> None:
    init(root, pack)
    before = tree(root)
    assert init(root, pack) == dict.fromkeys(ALL, Action.UNCHANGED)
    assert tree(root) == before


def test_a_file_of_ours_is_updated_when_the_pack_is_newer(root: Path, pack: Path) -> None:
    init(root, pack)
    write(pack, "commands/generate-prp.md", "# generate, better\n")
    update = plan(root, pack)[0]
    assert update.diff.endswith("@@ -1 +1 @@\n-# generate\n+# generate, better\n")
    actions = init(root, pack)
    assert actions[COMMAND] is actions[MANIFEST] is Action.UPDATE
    assert (root / COMMAND).read_text() == "# generate, better\n"
    assert set(init(root, pack).values()) == {Action.UNCHANGED}


def test_an_edited_file_is_kept_with_a_reason_and_a_hint(root: Path, pack: Path) -> None:
    init(root, pack)
    write(root, COMMAND, "# mine\n")
    write(pack, "commands/generate-prp.md", "# generate, better\n")
    change = plan(root, pack)[0]
    assert str(change) == f"kept      {COMMAND}: was edited since it was installed"
    assert (change.diff, change.writes) == ("", False)
    assert "`prp init --upgrade` merges" in next(install.hints((change,)))
    init(root, pack)
    assert (root / COMMAND).read_text() == "# mine\n"


def test_an_edit_that_is_taken_back_makes_the_file_ours_again(root: Path, pack: Path) -> None:
    init(root, pack)
    write(root, COMMAND, "# mine\n")
    assert init(root, pack)[COMMAND] is Action.KEPT
    write(root, COMMAND, "# generate\n")
    write(pack, "commands/generate-prp.md", "# generate, better\n")
    assert init(root, pack)[COMMAND] is Action.UPDATE


def test_a_file_that_was_there_before_us_is_kept_and_never_claimed(root: Path, pack: Path) -> None:
    write(root, COMMAND, "# theirs\n")
    assert init(root, pack)[COMMAND] is Action.KEPT
    assert str(plan(root, pack)[0]) == f"kept      {COMMAND}: is not from prp-pack"
    assert COMMAND not in json.loads((root / MANIFEST).read_text())["files"]
    assert (root / COMMAND).read_text() == "# theirs\n"


def test_without_a_manifest_files_that_equal_ours_are_recognised(root: Path, pack: Path) -> None:
    init(root, pack)
    before = tree(root)
    (root / MANIFEST).unlink()
    assert init(root, pack) == dict.fromkeys(ALL[:-1], Action.UNCHANGED) | {MANIFEST: Action.CREATE}
    assert tree(root) == before


def test_a_checkout_with_crlf_is_still_ours_and_stays_crlf(root: Path, pack: Path) -> None:
    init(root, pack)
    for path, content in tree(root).items():
        (root / path).write_bytes(content.replace(b"\n", b"\r\n"))
    assert init(root, pack) == dict.fromkeys(ALL, Action.UNCHANGED)
    write(pack, "commands/generate-prp.md", "# one\n# two\n")
    assert init(root, pack)[COMMAND] is Action.UPDATE
    assert (root / COMMAND).read_bytes() == b"# one\r\n# two\r\n"
    assert b"\r\n" in (root / MANIFEST).read_bytes()


def test_a_pack_checked_out_with_crlf_installs_the_same(root: Path, pack: Path) -> None:
    init(root, pack)
    write(pack, "templates/prp_base.md", "# PRP “base”\r\n")
    assert set(init(root, pack).values()) == {Action.UNCHANGED}


def test_a_pack_without_commands_or_hook_installs_the_rest(root: Path, tmp_path: Path) -> None:
    assert list(init(root, tmp_path / "nowhere")) == [README, CONFIG, SETTINGS, MANIFEST]


def test_settings_keep_what_others_wrote(root: Path, pack: Path) -> None:
    write(root, SETTINGS, '{\n\t"model": "opus", // fast enough\n}')
    changes = {change.path: change for change in plan(root, pack)}
    diff = changes[SETTINGS].diff
    assert changes[SETTINGS].reason == "hooks merged into it"
    assert '\n \t"model": "opus", // fast enough\n+\t"hooks": {\n' in diff
    assert diff.endswith(" }\n\\ No newline at end of file\n")
    init(root, pack)
    assert "// fast enough" in (root / SETTINGS).read_text()


def test_settings_that_cannot_be_merged_stop_everything(root: Path, pack: Path) -> None:
    write(root, SETTINGS, '{\n  "hooks": {"Stop": []},\n  "hooks": {}\n}')
    assert str(refused(root, pack)) == (
        f"{SETTINGS}:3: is not valid JSON: duplicate key “hooks” (column 3)"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<<<<<<< HEAD\n", "is not valid JSON"),
        ("[]", "is not a manifest of version 1"),
        ('{"version": 2, "files": {}}', "is not a manifest of version 1"),
        ('{"version": 1, "files": []}', "is not a manifest of version 1"),
    ],
)
def test_a_broken_manifest_is_refused(root: Path, pack: Path, text: str, reason: str) -> None:
    write(root, MANIFEST, text)
    error = refused(root, pack)
    assert reason in error.reason
    assert "delete it" in error.help


def test_a_manifest_cannot_name_a_path_outside(root: Path, pack: Path) -> None:
    write(
        root, MANIFEST, '{"version": 1, "files": {"../pack/hooks/hooks.json": "x", "\\u0000": "x"}}'
    )
    init(root, pack)
    assert sorted(json.loads((root / MANIFEST).read_text())["files"]) == sorted(ALL[:-2])


# --- Targets that can't be written ----------------------------------------------------------------


@pytest.mark.parametrize("link", [".claude", ".claude/commands", COMMAND, SETTINGS, "PRPs"])
@pytest.mark.parametrize("there", [True, False], ids=["to something", "to nothing"])
def test_a_link_out_of_the_project_is_refused(
    root: Path, pack: Path, tmp_path: Path, link: str, there: bool
) -> None:
    outside = tmp_path / "outside"
    if there and "." in Path(link).name[1:]:
        outside.write_text("{}")
    elif there:
        outside.mkdir()
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(outside)
    error = refused(root, pack)
    assert (error.path, error.reason) == (
        link,
        f"is a link that leads out of the project {root}",
    )
    assert outside.exists() == there


def test_a_link_inside_of_the_project_is_followed(root: Path, pack: Path) -> None:
    (root / "dotfiles").mkdir()
    (root / ".claude").symlink_to("dotfiles")
    init(root, pack)
    assert (root / ".claude").is_symlink()
    assert (root / "dotfiles/settings.json").is_file()


def test_a_project_that_is_itself_a_link_is_installed_into(
    root: Path, pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(root)
    assert init(tmp_path / "link", pack)[COMMAND] is Action.CREATE
    assert (root / COMMAND).is_file()


def test_a_circle_of_links_is_refused(root: Path, pack: Path) -> None:
    (root / ".claude").symlink_to(".claude")
    assert refused(root, pack).path.startswith(".claude")


@pytest.mark.parametrize("path", [COMMAND, HOOK, README, SETTINGS, MANIFEST])
def test_a_folder_where_a_file_should_be_is_refused(root: Path, pack: Path, path: str) -> None:
    (root / path).mkdir(parents=True)
    assert str(refused(root, pack)) == f"{path}: is a directory, not a file"


@pytest.mark.parametrize("path", [".claude", ".claude/hooks", "PRPs", "PRPs/templates"])
def test_a_file_where_a_folder_should_be_is_refused(root: Path, pack: Path, path: str) -> None:
    write(root, path, "")
    error = refused(root, pack)
    assert error.path == path
    assert error.reason.startswith("is a file, but ")


@pytest.mark.skipif(os.name == "nt", reason="folders have no such mode")
@pytest.mark.parametrize("path", [".", ".claude", "PRPs/templates", SETTINGS])
def test_what_is_read_only_is_refused_before_anything_is_written(
    root: Path, pack: Path, path: str
) -> None:
    if path == SETTINGS:
        write(root, path, "{}")
    (root / path).mkdir(parents=True, exist_ok=True) if path != SETTINGS else None
    mode = (root / path).stat().st_mode
    (root / path).chmod(mode & ~0o222)
    error = refused(root, pack)
    (root / path).chmod(mode)
    assert (error.path, error.reason) == (path, "is read-only")


def test_a_read_only_file_that_needs_no_change_is_no_obstacle(root: Path, pack: Path) -> None:
    init(root, pack)
    (root / COMMAND).chmod(0o444)
    assert set(init(root, pack).values()) == {Action.UNCHANGED}


def test_a_file_that_changes_between_plan_and_apply_stops_everything(
    root: Path, pack: Path
) -> None:
    changes = plan(root, pack)
    write(root, SETTINGS, "{}")
    with pytest.raises(UnreadableError, match="has changed meanwhile"):
        install.apply(Repository(root), changes)
    assert list(tree(root)) == [SETTINGS]


def test_the_shipped_files_install_too(root: Path) -> None:
    repository = Repository(root)
    install.apply(repository, install.plan_install(repository))
    assert (root / TEMPLATE).is_file()
    assert {c.action for c in install.plan_install(repository)} == {Action.UNCHANGED}


def test_hints_tell_what_to_do_next_and_nothing_when_nothing_was_done(
    root: Path, pack: Path
) -> None:
    assert "\n".join(install.hints(plan(root, pack))).count(".pre-commit-config.yaml") == 1
    init(root, pack)
    assert list(install.hints(plan(root, pack))) == []


def test_a_configuration_that_was_edited_stays_without_a_word_on_how_to_get_ours(
    root: Path, pack: Path
) -> None:
    init(root, pack)
    write(root, CONFIG, "[check]\nstrict = true\n")
    assert init(root, pack)[CONFIG] is Action.KEPT
    assert not [hint for hint in install.hints(plan(root, pack)) if CONFIG in hint]
