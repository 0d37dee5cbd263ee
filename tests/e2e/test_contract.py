"""What the real client does, as far as our commands and hooks rely on it.

When a new version of the client is pinned, these tests say what has changed.
"""

import json
from pathlib import Path

import pytest

from . import toys
from .client import run
from .scripted_model import Json, text, tool_use
from .toys import calls, hook, on, says

OUR_COMMANDS = "(.*:)?(generate|execute)-prp"
END = [text("end")]


def write(file: Path, content: str = "a\n") -> list[Json]:
    return [tool_use("Write", file_path=str(file), content=content)]


def edit(file: Path, old: str, new: str) -> list[Json]:
    return [tool_use("Edit", file_path=str(file), old_string=old, new_string=new)]


class TestCommands:
    def test_a_project_command_is_expanded_with_its_arguments(self, project: Path) -> None:
        toys.set_up_project(project, {})
        seen = run(project, "/generate-prp feature.md now", [END])
        assert "The toy's arguments are [feature.md now]." in seen.requests[0].text

    def test_a_plugin_command_has_the_name_of_the_plugin_before_it(
        self, project: Path, tmp_path: Path
    ) -> None:
        toys.set_up_plugin(tmp_path / "plugin", {})
        seen = run(project, "/prp:generate-prp feature.md", [END], plugin_dir=tmp_path / "plugin")
        assert "The toy's arguments are [feature.md]." in seen.requests[0].text


class TestUserPromptExpansion:
    answer = says("UserPromptExpansion", additionalContext="CONTEXT")

    def test_it_knows_a_project_command_and_adds_to_the_request(self, project: Path) -> None:
        toys.set_up_project(project, {"UserPromptExpansion": on(OUR_COMMANDS, hook(self.answer))})
        seen = run(project, "/generate-prp feature.md now", [END])
        (call,) = calls(project)
        assert call["command_name"] == "generate-prp"
        assert call["command_args"] == "feature.md now"
        assert call["command_source"] == "projectSettings"
        assert call["prompt"] == "/generate-prp feature.md now"
        assert "CONTEXT" in seen.requests[0].text

    def test_it_knows_a_plugin_command_and_adds_to_the_request(
        self, project: Path, tmp_path: Path
    ) -> None:
        plugin = tmp_path / "plugin"
        answering = hook(self.answer, root="CLAUDE_PLUGIN_ROOT")
        toys.set_up_plugin(plugin, {"UserPromptExpansion": on(OUR_COMMANDS, answering)})
        seen = run(project, "/prp:generate-prp feature.md", [END], plugin_dir=plugin)
        (call,) = calls(plugin)
        assert call["command_name"] == "prp:generate-prp"
        assert call["command_args"] == "feature.md"
        assert call["command_source"] == "plugin"
        assert "CONTEXT" in seen.requests[0].text

    @pytest.mark.parametrize("prompt", ["hello", "/another-prp-command x"])
    def test_it_is_silent_for_all_other_prompts(self, project: Path, prompt: str) -> None:
        toys.set_up_project(project, {"UserPromptExpansion": on(OUR_COMMANDS, hook(self.answer))})
        other = project / ".claude/commands/another-prp-command.md"
        other.write_text("Another toy.\n")
        run(project, prompt, [END])
        assert calls(project) == []

    def test_it_can_refuse_a_command_before_the_model_is_asked(self, project: Path) -> None:
        refusal = {"decision": "block", "reason": "no such file"}
        toys.set_up_project(project, {"UserPromptExpansion": on(OUR_COMMANDS, hook(refusal))})
        seen = run(project, "/generate-prp feature.md", [END])
        assert seen.requests == []
        assert "no such file" in seen.result_text
        assert seen.returncode == 0


class TestSkill:
    answer = says("PreToolUse", additionalContext="CONTEXT")

    # The hook sees the name as the model wrote it, and the client forgives a slash.
    @pytest.mark.parametrize("name", ["generate-prp", "/generate-prp"])
    def test_a_command_started_by_the_model_shows_as_a_skill_only(
        self, project: Path, name: str
    ) -> None:
        hooks = toys.record(["UserPromptSubmit", "UserPromptExpansion", "Stop"])
        toys.set_up_project(project, {**hooks, "PreToolUse": on("Skill", hook(self.answer))})
        seen = run(project, "go", [[tool_use("Skill", skill=name, args="feature.md")], END])
        submitted, started, stopped = calls(project)
        assert started["tool_name"] == "Skill"
        assert started["tool_input"] == {"skill": name, "args": "feature.md"}
        assert submitted["prompt_id"] == started["prompt_id"] == stopped["prompt_id"]
        assert "The toy's arguments are [feature.md]." in seen.requests[1].news
        assert "CONTEXT" in seen.requests[1].news

    def test_a_plugin_command_is_known_by_its_full_name_only(
        self, project: Path, tmp_path: Path
    ) -> None:
        plugin = tmp_path / "plugin"
        answering = hook(self.answer, root="CLAUDE_PLUGIN_ROOT")
        toys.set_up_plugin(plugin, {"PreToolUse": on("Skill", answering)})
        bare = [tool_use("Skill", skill="generate-prp", args="a")]
        full = [tool_use("Skill", skill="prp:generate-prp", args="b")]
        seen = run(project, "go", [bare, full, END], plugin_dir=plugin)
        assert "Unknown skill" in seen.requests[1].news
        assert "The toy's arguments are [b]." in seen.requests[2].news
        assert [call["tool_input"] for call in calls(plugin)] == [
            {"skill": "prp:generate-prp", "args": "b"}
        ]

    def test_a_rule_for_one_skill_never_holds(self, project: Path) -> None:
        rules = ["Skill(generate-prp)", "Skill(generate-prp:*)", "Skill(*generate-prp*)"]
        picky = [{**hook(self.answer), "if": rule} for rule in rules]
        toys.set_up_project(project, {"PreToolUse": on("Skill", *picky)})
        run(project, "go", [[tool_use("Skill", skill="generate-prp", args="a")], END])
        assert calls(project) == []


class TestPreToolUse:
    def test_a_rule_about_a_folder_spares_all_other_files(self, project: Path) -> None:
        rules = ["Write(**/PRPs/**)", "Edit(**/PRPs/**)"]
        picky = [{**hook(), "if": rule} for rule in rules]
        toys.set_up_project(project, {"PreToolUse": on("Write|Edit", *picky)})
        ours, other = project / "PRPs/x.md", project / "src/x.py"
        turns = [write(ours), edit(ours, "a", "b"), write(other), edit(other, "a", "b"), END]
        seen = run(project, "go", turns)
        files = [(call["tool_name"], call["tool_input"]["file_path"]) for call in calls(project)]
        assert files == [("Write", str(ours)), ("Edit", str(ours))]
        # Nothing was started for the other file.
        assert [event.name for event in seen.hook_events] == ["PreToolUse:Write", "PreToolUse:Edit"]
        assert other.read_text() == "b\n"

    def test_a_write_is_rewritten_before_it_reaches_the_disk(self, project: Path) -> None:
        file = project / "PRPs/x.md"
        rewritten = {"file_path": str(file), "content": "REWRITTEN\n"}
        answer = says("PreToolUse", updatedInput=rewritten, additionalContext="FILLED IN")
        hooks = {"PreToolUse": on("Write", hook(answer)), "PostToolUse": on("Write", hook())}
        toys.set_up_project(project, hooks)
        # The model may edit what it hasn't seen, as if it had written it.
        seen = run(project, "go", [write(file, "ORIGINAL\n"), edit(file, "WRITTEN", "ADY"), END])
        assert file.read_text() == "READY\n"
        after = calls(project)[1]
        assert after["tool_input"] == rewritten
        assert after["tool_response"]["content"] == "REWRITTEN\n"
        # The model is told only what the hook says.
        assert "FILLED IN" in seen.requests[1].news
        assert "REWRITTEN" not in seen.requests[1].text
        assert "ORIGINAL" in seen.requests[1].text

    def test_an_edit_is_rewritten_before_it_reaches_the_disk(self, project: Path) -> None:
        file = project / "PRPs/x.md"
        rewritten = {"file_path": str(file), "old_string": "one", "new_string": "three"}
        answer = says("PreToolUse", updatedInput=rewritten, additionalContext="FILLED IN")
        toys.set_up_project(project, {"PreToolUse": on("Edit", hook(answer))})
        seen = run(project, "go", [write(file, "one\n"), edit(file, "one", "two"), END])
        assert file.read_text() == "three\n"
        assert "FILLED IN" in seen.requests[2].news

    def test_a_denied_write_does_not_happen_and_the_model_reads_why(self, project: Path) -> None:
        file = project / "PRPs/x.md"
        answer = says(
            "PreToolUse",
            permissionDecision="deny",
            permissionDecisionReason="REASON",
            additionalContext="MORE",
        )
        toys.set_up_project(project, {"PreToolUse": on("Write", hook(answer))})
        seen = run(project, "go", [write(file), END])
        assert not file.exists()
        assert "REASON" in seen.requests[1].news
        assert "MORE" in seen.requests[1].news


class TestPostToolUse:
    def test_its_context_reaches_the_model(self, project: Path) -> None:
        answer = says("PostToolUse", additionalContext="FINDINGS")
        toys.set_up_project(project, {"PostToolUse": on("Write|Edit", hook(answer))})
        file = project / "PRPs/x.md"
        seen = run(project, "go", [write(file), edit(file, "a", "b"), END])
        assert "FINDINGS" in seen.requests[1].news
        assert "FINDINGS" in seen.requests[2].news
        assert "toy_hook.py" not in seen.requests[2].news

    def test_a_block_reaches_the_model_together_with_the_command_line(self, project: Path) -> None:
        answer = {"decision": "block", "reason": "FINDINGS"}
        toys.set_up_project(project, {"PostToolUse": on("Write", hook(answer))})
        seen = run(project, "go", [write(project / "PRPs/x.md"), END])
        assert "FINDINGS" in seen.requests[1].news
        assert "toy_hook.py" in seen.requests[1].news


class TestStop:
    def test_a_block_makes_the_model_go_on(self, project: Path) -> None:
        answer = {"decision": "block", "reason": "GO ON"}
        toys.set_up_project(project, {"Stop": on(None, hook(answer))})
        seen = run(project, "go", [[text("one")], [text("two")]])
        assert "GO ON" in seen.requests[1].news
        assert "toy_hook.py" in seen.requests[1].news
        first, second = calls(project)
        assert (first["stop_hook_active"], first["last_assistant_message"]) == (False, "one")
        assert (second["stop_hook_active"], second["last_assistant_message"]) == (True, "two")
        assert seen.result_text == "two"

    def test_context_makes_the_model_go_on_without_showing_the_command_line(
        self, project: Path
    ) -> None:
        answer = says("Stop", additionalContext="GO ON")
        toys.set_up_project(project, {"Stop": on(None, hook(answer))})
        seen = run(project, "go", [[text("one")], [text("two")]])
        assert "GO ON" in seen.requests[1].news
        assert "toy_hook.py" not in seen.requests[1].news
        assert [call["stop_hook_active"] for call in calls(project)] == [False, True]
        assert seen.result_text == "two"

    @pytest.mark.parametrize(
        "answer",
        [{"decision": "block", "reason": "GO ON"}, says("Stop", additionalContext="GO ON")],
    )
    def test_a_hook_that_never_lets_go_is_overruled_after_eight_times(
        self, project: Path, answer: Json
    ) -> None:
        stubborn = ["-c", f"print({json.dumps(answer)!r})"]
        toys.set_up_project(
            project, {"Stop": on(None, {"type": "command", "command": "python3", "args": stubborn})}
        )
        seen = run(project, "go", [END] * 12)
        assert len(seen.requests) == 1 + 8


class TestSessionStart:
    def test_its_context_reaches_the_first_request(self, project: Path) -> None:
        answer = says("SessionStart", additionalContext="CONTEXT")
        toys.set_up_project(project, {"SessionStart": on(None, hook(answer))})
        seen = run(project, "go", [END])
        assert "CONTEXT" in seen.requests[0].text
        (call,) = calls(project)
        assert call["source"] == "startup"
        assert "prompt_id" not in call


class TestIdentity:
    events = (
        "UserPromptSubmit",
        "UserPromptExpansion",
        "PreToolUse",
        "PostToolUse",
        "Stop",
    )

    def test_all_events_of_one_prompt_share_an_id_that_the_next_prompt_has_not(
        self, project: Path
    ) -> None:
        toys.set_up_project(project, toys.record(self.events))
        prompt = "/generate-prp feature.md"
        first = run(project, prompt, [write(project / "PRPs/x.md"), END])
        in_first = calls(project)
        second = run(project, prompt, [write(project / "PRPs/y.md"), END], resume=first.session_id)
        in_second = calls(project)[len(in_first) :]
        for seen in (in_first, in_second):
            assert [call["hook_event_name"] for call in seen] == list(self.events)
            assert len({call["prompt_id"] for call in seen}) == 1
        assert in_first[0]["prompt_id"] != in_second[0]["prompt_id"]
        # A resumed session keeps its name, and the model its memory.
        assert second.session_id == first.session_id
        assert {call["session_id"] for call in calls(project)} == {first.session_id}
        assert "PRPs/x.md" in second.requests[0].text

    def test_a_prompt_keeps_its_id_when_a_stop_hook_makes_the_model_go_on(
        self, project: Path
    ) -> None:
        hooks = toys.record(["UserPromptSubmit", "PreToolUse"])
        answer = says("Stop", additionalContext="GO ON")
        toys.set_up_project(project, {**hooks, "Stop": on(None, hook(answer))})
        run(project, "go", [[text("one")], write(project / "x.md"), END])
        seen = calls(project)
        assert [call["hook_event_name"] for call in seen] == [
            "UserPromptSubmit",
            "Stop",
            "PreToolUse",
            "Stop",
        ]
        assert len({call["prompt_id"] for call in seen}) == 1

    def test_a_resumed_session_starts_again_under_the_same_name(self, project: Path) -> None:
        toys.set_up_project(project, toys.record(["SessionStart"]))
        first = run(project, "go", [END])
        run(project, "go", [END], resume=first.session_id)
        assert [(call["source"], call["session_id"]) for call in calls(project)] == [
            ("startup", first.session_id),
            ("resume", first.session_id),
        ]


class TestHookProcess:
    def test_a_project_hook_knows_the_project(self, project: Path) -> None:
        toys.set_up_project(project, {"UserPromptSubmit": on(None, hook({"systemMessage": "a b"}))})
        run(project, "go", [END])
        (call,) = calls(project)
        assert call["cwd"] == str(project)
        # No shell has split the argument.
        assert call["arguments"] == ['{"systemMessage": "a b"}']
        assert call["environment"]["CLAUDE_PROJECT_DIR"] == str(project)
        assert "CLAUDE_PLUGIN_ROOT" not in call["environment"]

    def test_a_plugin_hook_knows_the_project_and_the_plugin(
        self, project: Path, tmp_path: Path
    ) -> None:
        plugin = tmp_path / "plugin"
        toys.set_up_plugin(plugin, {"UserPromptSubmit": on(None, hook(root="CLAUDE_PLUGIN_ROOT"))})
        run(project, "go", [END], plugin_dir=plugin)
        (call,) = calls(plugin)
        assert call["environment"]["CLAUDE_PROJECT_DIR"] == str(project)
        assert call["environment"]["CLAUDE_PLUGIN_ROOT"] == str(plugin)
        data = Path(call["environment"]["CLAUDE_PLUGIN_DATA"])
        assert data.is_relative_to(tmp_path / "project-home")

    def test_a_loader_of_several_lines_is_an_argument_like_any_other(self, project: Path) -> None:
        loader = (
            "import runpy, sys\n"
            "sys.argv = sys.argv[1:]\n"
            "assert '$HOME' == chr(36) + \"HOME\", 'no shell has read this'\n"
            "if sys.argv[1] == 'Event':\n"
            "    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        )
        script = "${CLAUDE_PROJECT_DIR}/toy_hook.py"
        arguments = ["-I", "-S", "-c", loader, script, "Event"]
        loading = {"type": "command", "command": "python3", "args": arguments}
        toys.set_up_project(project, {"UserPromptSubmit": on(None, loading)})
        seen = run(project, "go", [END])
        (call,) = calls(project)
        assert call["arguments"] == ["Event"]
        (event,) = seen.hook_events
        assert (event.exit_code, event.outcome, event.stderr) == (0, "success", "")

    @pytest.mark.parametrize(
        "program",
        [
            "raise SystemExit('BROKEN')",
            "print('BROKEN, not JSON')",
            "print('BROKEN'); print('{}')",
        ],
    )
    def test_a_broken_hook_stops_nothing_and_the_model_never_knows(
        self, project: Path, program: str
    ) -> None:
        broken = {"type": "command", "command": "python3", "args": ["-c", program]}
        toys.set_up_project(project, {"PreToolUse": on("Write", broken)})
        file = project / "PRPs/x.md"
        seen = run(project, "go", [write(file), END])
        assert file.exists()
        assert "BROKEN" not in seen.requests[1].text
        (event,) = seen.hook_events
        assert "BROKEN" in event.stdout + event.stderr
