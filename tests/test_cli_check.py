"""Configuration, ignores and baseline as a user meets them: `prp` and its hooks as processes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import PRP, prp

BAD = "---\ntemplate: prp_base\n---\n# T\n\n## Goal\nOne.\n\n## Goal\nTwo.\n"
BASELINE = "PRPs/.prp-baseline.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "PRPs").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"PRPs/{name}.md").write_text(BAD)
    return tmp_path


def configure(project: Path, toml: str) -> None:
    (project / "PRPs/prp.toml").write_text(toml)


def rules(project: Path, *arguments: str) -> set[str]:
    shown = json.loads(prp(project, "check", "--format", "json", *arguments).stdout)
    return {finding["rule"] for finding in shown["findings"]}


def test_a_selection_in_the_file_is_replaced_by_one_on_the_command_line(project: Path) -> None:
    configure(project, '[check]\nselect = ["PRP103"]\nignore = ["PRP104"]\n')
    assert rules(project) == {"PRP103"}
    assert rules(project, "--select", "PRP1") == {"PRP101", "PRP103"}
    assert rules(project, "--select", "PRP1", "--ignore", "PRP101") == {"PRP103"}
    assert prp(project, "check", "--ignore", "PRP103").returncode == 2


def test_strict_and_severity_decide_what_fails(project: Path) -> None:
    configure(project, '[check]\nselect = ["PRP103"]\n[check.severity]\nPRP103 = "warning"\n')
    assert prp(project, "check").returncode == 0
    text = (project / "PRPs/prp.toml").read_text()
    configure(project, text.replace("[check]\n", "[check]\nstrict = true\n"))
    assert prp(project, "check").returncode == 1


@pytest.mark.parametrize("arguments", [("check",), ("check", "PRPs/a.md", "--format", "json")])
def test_a_broken_configuration_ends_with_its_line(
    project: Path, arguments: tuple[str, ...]
) -> None:
    configure(project, "[check]\nselct = []\n")
    done = prp(project, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "PRPs/prp.toml:2: unknown key “selct” in [check]" in done.stderr
    assert "did you mean “select”" in done.stderr


def test_a_new_prp_is_made_from_the_template_of_its_phase(project: Path) -> None:
    (project / "PRPs/templates").mkdir()
    own = "---\ntemplate: prp_base\n---\n# PRP\n\n## Goal\n[X]\n\n## Deploy\n[where to]\n"
    (project / "PRPs/templates/own.md").write_text(own)
    (project / "PRPs/INITIAL.md").write_text("---\nname: Labels\n---\n# Labels\n")
    configure(project, '[templates]\ndefault = "PRPs/templates/own.md"\n')
    assert "## Deploy\n[where to]" in prp(project, "new", "PRPs/INITIAL.md", "-o", "-").stdout


def test_a_comment_silences_and_the_summary_counts_it(project: Path) -> None:
    comment = "<!-- prp: ignore PRP103 two teams, two goals -->\n\n"
    (project / "PRPs/a.md").write_text(BAD.replace("# T\n", f"{comment}# T\n"))
    done = prp(project, "check", "PRPs/a.md", "--select", "PRP103,PRP0")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "1 file checked, no findings; 1 silenced by comments\n"


def test_an_unused_comment_is_removed_by_fix(project: Path) -> None:
    plain = BAD.replace("## Goal\nTwo.\n", "")
    (project / "PRPs/a.md").write_text(
        plain.replace("# T\n", "# T\n\n<!-- prp: ignore PRP103 x y -->")
    )
    text = plain.replace("# T\n\n", "# T\n\n<!-- prp: ignore PRP103 two goals -->\n")
    (project / "PRPs/a.md").write_text(text)
    assert "warning PRP001" in prp(project, "check", "PRPs/a.md", "--select", "PRP001").stdout
    assert prp(project, "check", "PRPs/a.md", "--select", "PRP001", "--fix").returncode == 0
    assert (project / "PRPs/a.md").read_text() == plain


def test_a_baseline_is_written_honoured_and_shown_again(project: Path) -> None:
    before = prp(project, "check", "--no-baseline", "--format", "json").stdout
    done = prp(project, "check", "--write-baseline")
    assert (done.returncode, done.stdout) == (0, "")
    assert "in the baseline" in done.stderr
    written = (project / BASELINE).read_bytes()
    assert prp(project, "check").returncode == 0
    assert prp(project, "check", "--no-baseline", "--format", "json").stdout == before
    prp(project, "check", "--write-baseline")
    assert (project / BASELINE).read_bytes() == written
    (project / "PRPs/a.md").write_text(f"{BAD}\n## Goal\nThree.\n")
    done = prp(project, "check", "--format", "concise", "--select", "PRP103")
    assert done.returncode == 1
    assert done.stdout.count("PRP103") == 1


def test_what_no_longer_occurs_is_named_and_taken_out(project: Path) -> None:
    prp(project, "check", "--write-baseline", "--select", "PRP103")
    (project / "PRPs/a.md").write_text(BAD.replace("## Goal\nTwo.\n", ""))
    (project / "PRPs/b.md").unlink()
    done = prp(project, "check", "--select", "PRP103")
    assert done.returncode == 0
    assert f"2 findings of {BASELINE} no longer occur\n" in done.stderr
    done = prp(project, "check", "--select", "PRP103", "--write-baseline")
    assert "no longer" not in done.stderr
    assert json.loads((project / BASELINE).read_text())["findings"] == []


def test_only_the_files_that_are_named_are_written_anew(project: Path) -> None:
    prp(project, "check", "PRPs/a.md", "--write-baseline", "--select", "PRP103")
    prp(project, "check", "PRPs/b.md", "--write-baseline", "--select", "PRP103")
    kept = json.loads((project / BASELINE).read_text())["findings"]
    assert [entry["path"] for entry in kept] == ["PRPs/a.md", "PRPs/b.md"]


def test_a_broken_baseline_ends_with_its_line(project: Path) -> None:
    (project / BASELINE).write_text('{"version": 1,\n oops}')
    done = prp(project, "check")
    assert done.returncode == 2
    assert f"{BASELINE}:2: is not valid JSON" in done.stderr
    assert "--write-baseline` writes it anew" in done.stderr


def test_writing_and_passing_over_a_baseline_exclude_each_other(project: Path) -> None:
    assert prp(project, "check", "--write-baseline", "--no-baseline").returncode == 2


@pytest.mark.parametrize("name", ["PRPs/prp.toml", BASELINE])
def test_a_hook_says_what_it_cannot_read_and_checks_with_the_defaults(
    project: Path, name: str
) -> None:
    (project / name).write_text("oops\n")
    event = {
        "session_id": "s", "tool_name": "Write", "tool_input": {"file_path": str(project / "PRPs/a.md")},
    }  # fmt: skip
    done = subprocess.run(
        [PRP, "hook", "PostToolUse"], cwd=project, input=json.dumps(event), text=True, check=True,
        capture_output=True, env={**os.environ, "CLAUDE_PROJECT_DIR": str(project)},
    )  # fmt: skip
    reply = json.loads(done.stdout)
    assert "PRP103" in reply["hookSpecificOutput"]["additionalContext"]
    assert reply["systemMessage"].startswith(f"prp: {name}:1: is not valid")
    assert reply["systemMessage"].endswith("; checked as if it weren't there")
