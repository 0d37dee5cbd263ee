"""The pages of single runs in a real browser: nothing is wrong, nothing is asked for."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.report.browser.conftest import Open
from tests.report.browser.test_browser import UNFOLD, WIDTHS, overflow
from tests.report.page import runs
from tests.report.page.test_run_page import HOSTILE

SCRIPTS = tuple(runs.PAGES)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {script: made() for script, made in runs.PAGES.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_is_wrong_for_those_who_cannot_see_it(
    open_page: Open, pages: dict[str, str], script: str, scheme: str
) -> None:
    for width in (360, 1280):
        page = open_page(pages[script], width=width, scheme=scheme)
        page.evaluate(UNFOLD)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_width_needs_scrolling_to_the_side(
    open_page: Open, pages: dict[str, str], script: str
) -> None:
    for width in WIDTHS:
        page = open_page(pages[script], width=width)
        assert overflow(page) == 0
        page.evaluate(UNFOLD)
        assert overflow(page) == 0


@pytest.mark.parametrize("script", SCRIPTS)
def test_pictures_stretch_with_the_page_and_their_texts_do_not(
    open_page: Open, pages: dict[str, str], script: str
) -> None:
    sizes = []
    for width in (360, 1920):
        page = open_page(pages[script], width=width)
        areas = page.locator("svg.field")
        assert areas.count() >= 2
        for index in range(areas.count()):
            box = areas.nth(index).bounding_box()
            assert box
            assert box["width"] > 0.55 * min(width, 1000)
        tick = page.locator(".xs text").first.bounding_box()
        assert tick
        sizes.append(round(tick["height"]))
    assert sizes[0] == sizes[1]


def test_dots_are_seen(open_page: Open, pages: dict[str, str]) -> None:
    page = open_page(pages["load_test"])
    # A path of no length has no box; its round ends are painted all the same.
    colours = """async () => {
      const svg = document.querySelector('#picture-1 svg.field');
      const path = svg.querySelector('path.dots');
      return [getComputedStyle(path).stroke, getComputedStyle(path).strokeLinecap,
              path.getTotalLength() >= 0];
    }"""
    assert page.evaluate(colours) == ["rgb(11, 87, 183)", "round", True]
    with_dots = page.locator("#picture-1 .plot").screenshot()
    page.evaluate("document.querySelector('#picture-1 path.dots').remove()")
    assert page.locator("#picture-1 .plot").screenshot() != with_dots


def test_links_lead_to_the_pictures_and_keys_open_their_numbers(
    open_page: Open, pages: dict[str, str]
) -> None:
    page = open_page(pages["load_test"])
    links = page.locator("nav a")
    for index in range(links.count()):
        name = links.nth(index).inner_text()
        links.nth(index).click()
        assert page.evaluate("document.querySelector(':target h2').textContent") == name
    summary = page.locator("#picture-1 summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#picture-1 table").is_visible()


def test_hostile_names_do_nothing(open_page: Open) -> None:
    plan = runs.plan_of(40, 30)
    load = runs.of_load(plan, runs.stalled(plan, (HOSTILE, "x" * 3000)))
    for html in (
        runs.page("load_test", load, HOSTILE),
        runs.page("performance_benchmark", runs.of_benchmark((HOSTILE, "x" * 3000)), HOSTILE),
    ):
        for width in (360, 1280):
            page = open_page(html, width=width)
            page.evaluate(UNFOLD)
            assert overflow(page) == 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
