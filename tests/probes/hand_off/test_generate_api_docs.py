from __future__ import annotations

import json

import pytest

from prp_pack.parse import contract
from tests.probes.hand_off.conftest import Letters
from tests.probes.site import free_port

SCRIPT = "generate_api_docs"
NEXT = ("--phase=phase_1", "--format=next-phase-integration")


def test_the_published_contract_is_frozen_without_its_host_and_drawn(letters: Letters) -> None:
    found = letters.result(SCRIPT, *NEXT, status=0)
    assert (found["subject_phase"], found["target_phase"]) == (1, 2)
    text = letters.files()["openapi.json"].decode()
    frozen = json.loads(text)
    assert frozen["servers"] == [{"url": "/v1"}]
    assert str(letters.port) not in text
    assert text == json.dumps(frozen, indent=2, sort_keys=True) + "\n"
    read = contract.parse(text, "openapi.json")
    assert {(o.method, o.path) for o in read.operations} >= {("POST", "/letters")}
    page = letters.files()["API.md"].decode()
    assert "| `GET /letters/{code}` | Read one letter | 200, 404 |" in page
    assert "| `weight` | yes | integer, ≥ 1 | grams |" in page
    assert "## For phase 2" in page


def test_somebodys_words_stay_in_their_quotation(frozen: Letters) -> None:
    page = frozen.files()["API.md"].decode()
    assert "\n> # Not a title\n" in page
    assert "\n> ```\n> no end of this fence\n" in page


def test_the_same_service_gives_the_same_files_on_another_port(frozen: Letters) -> None:
    before = frozen.files()
    other = Letters(frozen.root, free_port())
    other.configure()
    other.run(SCRIPT, "--phase=1", status=0)
    assert other.files() == before
    other.run(SCRIPT, "--phase=1", "--check", status=0)


def test_an_order_that_means_nothing_changes_nothing(frozen: Letters) -> None:
    frozen.run(SCRIPT, "--phase=1", "--check", status=0, knobs="shuffled")


def test_check_finds_a_changed_contract_and_writes_nothing(frozen: Letters) -> None:
    before = frozen.files()
    done = frozen.run(SCRIPT, "--phase=1", "--check", status=1, knobs="renamed")
    assert "openapi.json: line 92 would be written anew" in done.stdout
    assert frozen.files() == before
    (frozen.folder / "API.md").unlink()
    assert "it is not there" in frozen.run(SCRIPT, "--phase=1", "--check", status=1).stdout


def test_what_an_operation_does_not_say_is_a_warning(letters: Letters) -> None:
    found = letters.result(SCRIPT, *NEXT, status=0, knobs="undocumented,one_letter")
    warned = {c["id"]: c["message"] for c in found["checks"] if c["status"] == "warn"}
    assert warned == {
        "GET /health": "has no description, no schema",
        "GET /letters/{code}": "has no description, no schema",
    }


@pytest.mark.parametrize(
    ("knob", "said"),
    [
        ("invalid", "is not valid: "),
        ("outside", "refers to http://127.0.0.1:1/far.json"),
        ("restless", "differs from one request to the next"),
    ],
)
def test_what_can_not_be_relied_on_is_not_frozen(letters: Letters, knob: str, said: str) -> None:
    assert said in letters.run(SCRIPT, *NEXT, status=1, knobs=knob).stdout
    assert letters.files() == {}


@pytest.mark.parametrize(
    ("knob", "said"), [("no_contract", "answered 404"), ("not_json", "JSON doesn't parse")]
)
def test_without_a_contract_there_is_nothing_to_freeze(
    letters: Letters, knob: str, said: str
) -> None:
    assert said in letters.run(SCRIPT, *NEXT, status=3, knobs=knob).stderr
    assert letters.files() == {}


def test_a_service_that_is_down_publishes_nothing(letters: Letters) -> None:
    assert "nothing answers at" in letters.run(SCRIPT, *NEXT, "--no-start", status=3).stderr


def test_placeholders_and_unknown_formats_are_bad_usage(letters: Letters) -> None:
    assert "placeholder" in letters.run(SCRIPT, "--phase=[N]", status=2).stderr
    done = letters.run(SCRIPT, "--phase=1", "--format=html", status=2)
    assert "is neither next-phase-integration nor markdown" in done.stderr


def test_the_plain_page_says_nothing_of_a_next_phase(letters: Letters) -> None:
    letters.run(SCRIPT, "--phase=1", "--format=markdown", status=0)
    page = letters.files()["API.md"].decode()
    assert "phase 2" not in page
    assert "## GET /letters\n" in page


def test_what_the_next_phase_consumes_stands_on_the_page(letters: Letters) -> None:
    letters.put("PRPs/PHASE2_REQUIREMENTS.md",
                '---\nphase: 2\nconsumes: ["GET /v1/letters", table letters]\n---\n')  # fmt: skip
    letters.run(SCRIPT, *NEXT, status=0)
    page = letters.files()["API.md"].decode()
    assert (
        "as PRPs/PHASE2_REQUIREMENTS.md says:\n\n- `GET /v1/letters`\n- `table letters`\n" in page
    )


def test_the_contract_of_a_complete_phase_stays(frozen: Letters) -> None:
    frozen.put("PRPs/PHASE1_COMPLETION_SUMMARY.md",
               "---\ntemplate: completion_summary\nphase: 1\nstatus: complete\n---\n")  # fmt: skip
    before = frozen.files()
    frozen.run(SCRIPT, *NEXT, status=0)
    done = frozen.run(SCRIPT, *NEXT, status=1, knobs="renamed")
    assert "phase 1 is complete, and what it promised stays" in done.stdout
    assert frozen.files() == before
    frozen.run(SCRIPT, *NEXT, "--refreeze", status=0, knobs="renamed")
    assert frozen.files() != before


YAML = """\
swagger: "2.0"
host: 127.0.0.1:8000
schemes: [http]
basePath: /v2
info: {title: Letters, version: "1"}
paths:
  /letters:
    post:
      summary: Post a letter
      consumes: [application/json]
      parameters:
        - {in: body, name: letter, required: true, schema: {$ref: "#/definitions/New"}}
      responses:
        201: {description: Posted., schema: {$ref: "#/definitions/New"}}
definitions:
  New:
    type: object
    required: [weight]
    properties:
      weight: {type: integer, example: 20}
      due: {type: string, format: date, example: 2026-01-02}
"""
ASYNC = """\
asyncapi: 2.6.0
info: {title: Live letters, version: "1"}
servers: {here: {url: "127.0.0.1:8000", protocol: ws}}
channels:
  /ws/{code}:
    description: Each scan of a letter.
    subscribe:
      message:
        name: scan
        payload: {type: object, properties: {place: {type: string, example: Ulm}}}
"""


def test_a_file_of_swagger_2_and_one_of_messages_are_frozen_as_json(letters: Letters) -> None:
    letters.put("api.yaml", YAML)
    letters.put("live.yaml", ASYNC)
    letters.configure('\n[websocket]\nasyncapi = "live.yaml"\nscenarios = []\n')
    text = (letters.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    letters.put("PRPs/prp.toml", text.replace("[service]\n", '[service]\nopenapi = "api.yaml"\n'))
    letters.run(SCRIPT, *NEXT, status=0)
    frozen = json.loads(letters.files()["openapi.json"])
    assert frozen["basePath"] == "/v2"
    assert not frozen.keys() & {"host", "schemes"}
    assert frozen["definitions"]["New"]["properties"]["due"]["example"] == "2026-01-02"
    assert "servers" not in json.loads(letters.files()["asyncapi.json"])
    page = letters.files()["API.md"].decode()
    assert "Paths are meant below `/v2`." in page
    assert "### /ws/{code}\n\n> Each scan of a letter.\n" in page
    assert '"place": "Ulm"' in page
    letters.put("live.yaml", "channels: {}\n")
    assert "no key asyncapi" in letters.run(SCRIPT, *NEXT, status=2).stderr


def test_contracts_go_where_the_configuration_has_them(letters: Letters) -> None:
    letters.configure('\n[contracts]\nfolder = "docs/contracts"\n')
    letters.run(SCRIPT, *NEXT, status=0)
    assert letters.files() == {}
    assert (letters.root / "docs/contracts/phase_1/openapi.json").is_file()
    letters.run("create_integration_examples", "--target-phase=2", "--dry-run", status=0)
