"""`prp links` as a process, against a real server."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prp_pack import __version__
from tests.docs.blocks import block
from tests.links.site import Site, serve, unused_port
from tests.test_cli import PRP, prp

# Whoever runs the tests may sit behind a proxy.
NO_PROXY = {f"{name}_proxy": "" for name in ("http", "https", "all", "no")} | {
    f"{name}_PROXY": "" for name in ("HTTP", "HTTPS", "ALL", "NO")
}
DOC = "PRPs/labels.md"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project/PRPs").mkdir(parents=True)
    return tmp_path / "project"


def put(root: Path, *addresses: str, path: str = DOC, first: int = 8) -> None:
    """Write a PRP whose first address stands on a line, each further one two lines below."""
    listed = "".join(f"- url: {address}\n  why: it says how\n" for address in addresses)
    above = "\n" * (first - 8)
    text = f"---\ntemplate: prp_base\nname: A\n---\n{above}## Goal\n{REFERENCES}{listed}```\n"
    (root / path).write_text(text, encoding="utf-8")


REFERENCES = "### Documentation & References\n```yaml\n"


def links(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return prp(root, "links", *arguments, **{**NO_PROXY, **environment})


def told(root: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    return dict(json.loads(links(root, "--json", *arguments, **environment).stdout))


def only(root: Path, address: str, *arguments: str, **environment: str) -> dict[str, Any]:
    put(root, address)
    (found,) = told(root, *arguments, **environment)["addresses"]
    return dict(found)


# --- What an answer means -------------------------------------------------------------------


def test_what_answers_is_counted_and_not_shown(root: Path, site: Site) -> None:
    put(root, f"{site.url}/a", f"{site.url}/status/204", f"{site.url}/status/304")
    done = links(root)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "3 addresses in 1 PRP: 3 answer\n"
    assert sorted(site.asked) == ["HEAD /a", "HEAD /status/204", "HEAD /status/304"]
    assert site.agents == {f"prp-pack/{__version__} (prp links)"}


@pytest.mark.parametrize("code", [404, 410, 500, 503])
def test_what_is_gone_has_its_place_and_fails(root: Path, site: Site, code: int) -> None:
    put(root, f"{site.url}/a", f"{site.url}/status/{code}")
    done = links(root)
    assert done.returncode == 1
    assert done.stdout == f"{DOC}:10:8: {site.url}/status/{code} answers {code}\n"
    assert done.stderr == "2 addresses in 1 PRP: 1 answers, 1 gone\n"


@pytest.mark.parametrize("code", [401, 403, 429])
def test_what_is_not_for_machines_is_told_and_no_failure(root: Path, site: Site, code: int) -> None:
    put(root, f"{site.url}/status/{code}")
    done = links(root)
    assert (done.returncode, done.stderr) == (0, "1 address in 1 PRP: 0 answer, 1 to look at\n")
    said = f"answers {code}, which is not for machines: look yourself\n"
    assert done.stdout == f"{DOC}:8:8: {site.url}/status/{code} {said}"
    assert len(site.asked) == (1 if code == 429 else 2), "who is asked too often isn't asked again"


@pytest.mark.parametrize("code", [400, 418, 451])
def test_any_other_refusal_is_for_a_person_to_look_at(root: Path, site: Site, code: int) -> None:
    found = only(root, f"{site.url}/status/{code}")
    assert (found["verdict"], found["said"]) == ("unsure", f"answers {code}: look yourself")


@pytest.mark.parametrize(
    "path", ["get-only/405", "get-only/404", "get-only/501", "silent-to-head/"]
)
def test_where_head_isn_t_answered_get_is_asked(root: Path, site: Site, path: str) -> None:
    found = only(root, f"{site.url}/{path}")
    assert (found["verdict"], found["status"]) == ("answers", 200)
    assert site.asked == [f"HEAD /{path}", f"GET /{path}"]


# --- Redirects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "moved"),
    [("for-good", True), ("for-ever", True), ("found", False), ("other", False), ("now", False)],
)
def test_redirects_are_followed_and_told_when_they_are_for_good(
    root: Path, site: Site, how: str, *, moved: bool
) -> None:
    put(root, f"{site.url}/to/{how}/status/200#part")
    done = links(root)
    assert done.returncode == 0
    said = f"{DOC}:8:8: {site.url}/to/{how}/status/200 has moved for good: {site.url}/status/200\n"
    assert done.stdout == (said if moved else "")
    assert done.stderr.endswith(": 1 answers, 1 moved for good\n" if moved else ": 1 answers\n")


def test_behind_a_redirect_that_may_change_nothing_has_moved_for_good(
    root: Path, site: Site
) -> None:
    first = only(root, f"{site.url}/to/for-good/to/found/to/for-good/status/200")
    assert first["moved"] == f"{site.url}/to/found/to/for-good/status/200"
    assert only(root, f"{site.url}/to/found/to/for-good/a")["moved"] is None


def test_a_redirect_to_what_is_gone_is_gone(root: Path, site: Site) -> None:
    put(root, f"{site.url}/to/for-good/status/404")
    done = links(root)
    said = f"redirects to {site.url}/status/404, which answers 404\n"
    assert (done.returncode, done.stdout) == (
        1,
        f"{DOC}:8:8: {site.url}/to/for-good/status/404 {said}",
    )


@pytest.mark.parametrize("scheme", ["file:///etc/hostname", "ftp://127.0.0.1/a", "data:,a"])
def test_a_redirect_to_another_scheme_is_refused(root: Path, site: Site, scheme: str) -> None:
    found = only(root, f"{site.url}/to/found/{scheme}")
    assert found["verdict"] == "gone"
    name = scheme.partition(":")[0]
    assert found["said"] == (
        f"redirects to {scheme}, which is not opened: it has the scheme “{name}”"
    )


def test_redirects_in_a_circle_end(root: Path, site: Site) -> None:
    found = only(root, f"{site.url}/loop")
    assert (found["verdict"], found["said"]) == ("gone", "redirects more than 10 times")
    assert len(site.asked) == 11


# --- What gives no answer -------------------------------------------------------------------


def test_a_host_that_nobody_knows_is_gone(root: Path, site: Site) -> None:
    put(root, f"{site.url}/a", "http://nowhere.invalid/a")
    done = links(root)
    said = f"{DOC}:10:8: http://nowhere.invalid/a is on a host that isn't known\n"
    assert (done.returncode, done.stdout) == (1, said)


def test_no_network_is_one_line(root: Path) -> None:
    put(root, "http://one.invalid/a", "http://two.invalid/b")
    done = links(root)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "prp: no network: nothing could be reached from here (2 addresses)\n"
    assert told(root)["summary"] == {"answers": 0, "gone": 2, "unsure": 0}


def test_a_service_of_this_machine_need_not_run(root: Path) -> None:
    address = f"http://localhost:{unused_port()}/docs"
    found = only(root, address)
    assert (found["verdict"], found["said"]) == (
        "unsure", "refuses the connection: a service of this machine that isn't running?",
    )  # fmt: skip
    assert links(root).returncode == 0


def test_a_slow_answer_is_waited_for_as_long_as_told(root: Path, site: Site) -> None:
    found = only(root, f"{site.url}/held", "--timeout", "0.3")
    assert (found["verdict"], found["said"]) == ("gone", "gives no answer within 0.3 s")


def test_an_answer_without_an_end_is_given_up(root: Path, site: Site) -> None:
    ends = [f"{site.url}/endless/{number}" for number in range(6)]
    put(root, *ends, f"{site.url}/a")
    found = told(root, "--timeout", "0.1")["addresses"]
    assert {each["said"] for each in found[:6]} == {"gives no whole answer within 2 s"}
    assert found[6]["said"] == "was not asked: others took too long"
    assert links(root, "--timeout", "0.1").returncode == 1


def test_what_speaks_no_http_is_gone(root: Path, site: Site) -> None:
    assert only(root, f"{site.url}/broken")["said"] == (
        "breaks the connection off, or doesn't speak HTTP"
    )
    found = only(root, site.url.replace("http:", "https:"))
    assert (found["verdict"], found["said"].startswith("can't be opened: ")) == ("gone", True)


def test_bodies_are_not_read(root: Path, site: Site) -> None:
    put(root, f"{site.url}/large/302", f"{site.url}/large/200", f"{site.url}/large/404")
    found = told(root, "--timeout", "50")["addresses"]
    assert [each["verdict"] for each in found] == ["answers", "answers", "gone"]


# --- What is asked --------------------------------------------------------------------------


def test_each_address_is_asked_once_and_all_its_places_are_named(root: Path, site: Site) -> None:
    gone = f"{site.url}/status/404"
    put(root, f"{gone}#one", f"<{gone}#two>")
    put(root, f"[the page]({gone})", path="PRPs/b.md")
    done = links(root)
    assert [line.partition(": ")[0] for line in done.stdout.splitlines()] == [
        "PRPs/b.md:8:8", f"{DOC}:8:8", f"{DOC}:10:8",
    ]  # fmt: skip
    assert done.stderr == "1 address in 2 PRPs: 0 answer, 1 gone\n"
    assert site.asked == ["HEAD /status/404", "GET /status/404"]


def test_what_the_check_reports_and_what_is_no_prp_is_not_asked(root: Path, site: Site) -> None:
    put(root, "docs/a.md", "https:///a", "[address of the documentation]", "https://{host}/", "TBD")
    put(root, f"{site.url}/a", path="PRPs/PROJECT_PHASE_PLAN.md")
    plan = root / "PRPs/PROJECT_PHASE_PLAN.md"
    plan.write_text(plan.read_text().replace("prp_base", "phase_plan"))
    done = links(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no address in 1 PRP\n")
    assert site.asked == []


def test_passwords_aren_t_sent_and_letters_beyond_ascii_are_quoted(root: Path, site: Site) -> None:
    host = site.url.removeprefix("http://")
    put(root, f"http://ada:secret@{host}/straße?q=ö%20b")
    found = told(root)
    assert found["addresses"][0]["address"] == f"{site.url}/straße?q=ö%20b"
    assert site.asked == ["HEAD /stra%C3%9Fe?q=%C3%B6%20b"]
    assert "secret" not in json.dumps(found)


def test_a_document_commands_no_terminal(root: Path, site: Site) -> None:
    put(root, f"{site.url}/status/404?\x1b[31m", f"{site.url}/to/found/ftp://\x1b[2J")
    shown = links(root)
    assert (shown.returncode, "\x1b" in shown.stdout + shown.stderr) == (1, False)


def test_proxies_of_the_environment_are_used(root: Path, site: Site) -> None:
    put(root, "http://behind.invalid/status/404", "http://behind.invalid/a")
    done = links(root, http_proxy=site.url)
    assert done.stdout == f"{DOC}:8:8: http://behind.invalid/status/404 answers 404\n"
    assert "HEAD http://behind.invalid/a" in site.asked
    done = links(root, http_proxy=f"http://127.0.0.1:{unused_port()}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("prp: no network: ")
    assert links(root, http_proxy="socks5://127.0.0.1:1").returncode == 2


def test_the_page_shows_what_is_said(root: Path, site: Site) -> None:
    ((_, shown),) = block("docs/write-a-prp.md", "$ prp links").transcript()
    # What is shown is over https, for which a proxy would need its certificate.
    said = shown.replace("https://", "http://")
    one, two, three = re.findall(r"^(\S+):(\d+):8: (http://\S+)", said, re.MULTILINE)
    moved = re.findall(r"for good: (\S+)", said)[0]
    site.answers = {one[2]: (404, ""), two[2]: (301, moved), three[2]: (403, "")}
    put(root, one[2], two[2], path=one[0], first=int(one[1]))
    put(root, three[2], path=three[0], first=int(three[1]))
    put(root, *(f"http://example.org/{number}" for number in range(9)))
    done = links(root, http_proxy=site.url)
    assert done.stdout + done.stderr == said


# --- The command ----------------------------------------------------------------------------


def test_json_has_the_documented_shape(root: Path, site: Site) -> None:
    put(root, f"{site.url}/to/for-good/a")
    assert told(root) == {
        "version": 1,
        "documents": 1,
        "addresses": [
            {
                "address": f"{site.url}/to/for-good/a", "verdict": "answers", "status": 200,
                "said": f"redirects to {site.url}/a, which answers 200", "moved": f"{site.url}/a",
                "places": [{"path": DOC, "line": 8, "column": 8}],
            }
        ],
        "summary": {"answers": 1, "gone": 0, "unsure": 0},
    }  # fmt: skip


def test_paths_are_taken_and_shown_from_here(root: Path, site: Site) -> None:
    put(root, f"{site.url}/status/404")
    put(root, f"{site.url}/status/410", path="PRPs/b.md")
    done = links(root / "PRPs", "b.md")
    assert done.stdout == f"b.md:8:8: {site.url}/status/410 answers 410\n"


def test_what_can_t_be_read_and_nothing_at_all_is_status_2(root: Path, site: Site) -> None:
    done = links(root)
    assert (done.returncode, "nothing was opened: no PRP found" in done.stderr) == (2, True)
    put(root, f"{site.url}/status/404")
    (root / "PRPs/bad.md").write_bytes(b"\0")
    done = links(root)
    assert (done.returncode, "PRPs/bad.md:1: is binary" in done.stderr) == (2, True)
    assert f"{DOC}:8:8" in done.stdout
    for wrong in (("--timeout", "0"), ("--timeout", "soon"), ("--nothing",), ("PRPs/none.md",)):
        assert links(root, *wrong).returncode == 2


def test_a_terminal_sees_how_far_it_is_and_ctrl_c_ends_it(root: Path, site: Site) -> None:
    put(root, f"{site.url}/a", f"{site.url}/held")
    ours, its = pty.openpty()
    with subprocess.Popen(
        [PRP, "links", "--timeout", "60"], cwd=root, env={**os.environ, **NO_PROXY},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its,
    ) as process:  # fmt: skip
        os.close(its)
        try:
            seen = b""
            while b"1 of 2 addresses" not in seen:
                seen += os.read(ours, 1024)
            process.send_signal(signal.SIGINT)
            # The answer that it waits for would take longer.
            process.communicate(timeout=50)
            assert process.returncode == 1
        finally:
            process.kill()
            os.close(ours)


def test_no_other_command_opens_an_address(root: Path, site: Site) -> None:
    put(root, f"{site.url}/a")
    for command in (("check", DOC), ("status",), ("gate", "list", DOC), ("context",)):
        prp(root, *command, **NO_PROXY)
    assert site.asked == []
    links(root)
    assert site.asked == ["HEAD /a"]
