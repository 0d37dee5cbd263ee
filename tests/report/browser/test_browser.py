"""The page in a real browser: for people who look, who listen, who type, and who mean harm."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from prp_pack.evidence.record import Kind, Measurement, Status
from tests.gate.phases import commit, git, write
from tests.report.browser.conftest import Open
from tests.report.page import sample
from tests.report.page.reading import Reading

WIDTHS = (360, 768, 1280, 1920)
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wrong_for_those_who_cannot_see_it(
    open_page: Open, html: str, scheme: str, width: int
) -> None:
    page = open_page(html, width=width, scheme=scheme)
    for unfold in ("", UNFOLD):
        page.evaluate(unfold)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_width_needs_scrolling_to_the_side(open_page: Open, html: str, width: int) -> None:
    page = open_page(html, width=width)
    assert overflow(page) == 0
    page.evaluate(UNFOLD)
    assert overflow(page) == 0


def test_light_and_dark_are_the_readers_choice(open_page: Open, html: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = open_page(html).evaluate(ground)
    dark = open_page(html, scheme="dark").evaluate(ground)
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(15, 19, 24)")


def test_the_first_key_leads_past_the_navigation(open_page: Open, html: str) -> None:
    page = open_page(html)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box() == page.locator(".skip:focus").bounding_box()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_every_link_leads_to_what_it_names(open_page: Open, html: str) -> None:
    page = open_page(html)
    links = page.locator("nav a")
    assert links.count() >= 9
    for index in range(links.count()):
        name = links.nth(index).inner_text()
        links.nth(index).click()
        title = page.evaluate("document.querySelector(':target h2').textContent")
        assert title == name


def test_keys_reach_everything_and_open_what_is_folded(open_page: Open, html: str) -> None:
    page = open_page(html)
    reached: set[str] = set()
    focused = """() => {
      const one = document.activeElement;
      const shown = getComputedStyle(one).outlineStyle !== 'none' || one.matches('svg a');
      return [one.outerHTML.slice(0, 200), one.tagName.toLowerCase(), shown];
    }"""
    for _ in range(400):
        page.keyboard.press("Tab")
        place, tag, shown = page.evaluate(focused)
        if tag == "body":
            break
        assert shown, place
        reached.add(tag)
    assert reached >= {"a", "input", "summary", "div"}
    first = page.locator("summary", has_text="Level 1: Syntax and style").first
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#stage-1 .item").first.is_visible()


def test_the_graph_leads_to_its_phases(open_page: Open, html: str) -> None:
    page = open_page(html)
    node = page.get_by_role("link", name=re.compile("^Phase 2: Live updates: running")).first
    node.click()
    assert page.url.endswith("#stage-2")
    narrow = open_page(html, width=360)
    assert narrow.locator(".graph.down").is_visible()
    assert not narrow.locator(".graph.across").is_visible()


def test_a_state_can_be_left_out_and_brought_back(open_page: Open, html: str) -> None:
    page = open_page(html)
    page.evaluate(UNFOLD)
    failed = page.locator(".item.is-failed")
    assert failed.count() == 2
    assert failed.first.is_visible()
    page.get_by_role("checkbox", name="failed").uncheck()
    assert not failed.first.is_visible()
    assert page.locator(".item.is-proven").first.is_visible()
    page.get_by_role("checkbox", name="failed").check()
    assert failed.first.is_visible()


def test_paper_shows_the_items_and_no_navigation(open_page: Open, html: str) -> None:
    page = open_page(html, scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator(".filter").is_visible()
    assert page.locator("#stage-1 .item").first.bounding_box()
    ink = page.evaluate("getComputedStyle(document.documentElement).color")
    assert ink == "rgb(0, 0, 0)"
    assert page.pdf()[:5] == b"%PDF-"


# --- Hostile and large ----------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
NAMES = (
    SCRIPT,
    "\"'><img src=x onerror=alert(2)>",
    "</style></title></svg><svg onload=alert(3)>",
    "{{ 7 * 7 }} {% raw %}",
    "\u202egnihtemos\u202c &lt;b&gt;&amp; \u200f\u0627\u0644\u0637\u0631\u0648\u062f",
    "x" * 3000,
)


@pytest.mark.parametrize("name", NAMES, ids=["script", "quotes", "ends", "template", "rtl", "long"])
def test_hostile_names_are_shown_and_nothing_more(
    open_page: Open, tmp_path: Path, name: str
) -> None:
    root = tmp_path / "project"
    quoted = "'" + name.replace("'", "''") + "'"
    plan = sample.PLAN.replace("Parcel tracker", quoted).replace("Tracking core", "N")
    write(root, "PRPs/PROJECT_PHASE_PLAN.md", plan.replace("name: N", f"name: {quoted}"))
    prp = sample.prp(1, quoted, "foundation", "store", name, name)
    write(root, "PRPs/phase1.md", prp.replace("- [ ] The README", f"- [x] {name} The README"))
    git(root.parent, "init", "-q", "-b", "main", str(root))
    commit(root, "Begin")
    here = sample.at(root, "PRPs/phase1.md", timedelta(0))
    metrics = (Measurement(name, 1.0, name), Measurement("huge", 1e308, "ms"))
    sample.ran(here, "L3.1", metrics=metrics)
    sample.ran(here, "L1.1", Status.FAIL, name, log=f"</pre>{name}\n")
    sample.word(here, "C.System.2", Kind.WAIVER, name)
    deferred = (
        f"---\ntemplate: completion_summary\nphase: 1\nstatus: partial\ndeferred: [{quoted}]\n---\n"
    )
    write(root, "PRPs/PHASE1_COMPLETION_SUMMARY.md", deferred)
    html = sample.page(root)
    read = Reading(html)
    assert not {tag for tag, _ in read.elements} & {"script", "img"}
    assert not [key for _, found in read.elements for key in found if key.startswith("on")]
    shown = name.replace("\u202e", "\\u{202e}").replace("\u202c", "\\u{202c}")
    shown = shown.replace("\u200f", "\\u{200f}")
    for section in ("stage-1", "baselines", "deferrals"):
        assert shown in read.sections[section]
    for width in (360, 1280):
        page = open_page(html, width=width)
        page.evaluate(UNFOLD)
        assert overflow(page) == 0
        assert page.locator("h1").inner_text() == " ".join(shown.split())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_ten_thousand_items_open_and_can_be_read(open_page: Open, tmp_path: Path) -> None:
    boxes = "".join(f"- [ ] Thing {n} is as it should be\n" for n in range(10_000))
    write(tmp_path, "PRPs/labels.md", f"{sample.FEATURE}{boxes}")
    page = open_page(sample.page(tmp_path))
    assert "0 of 10003 required items are settled" in page.locator("#stand").inner_text()
    page.evaluate(UNFOLD)
    assert page.locator(".item").count() == 10_003
    last = page.locator(".item", has_text="Thing 9999 is as it should be")
    last.scroll_into_view_if_needed()
    assert last.is_visible()
    assert overflow(page) == 0
