"""A real headless browser that reaches no network, and pages opened from disk in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route, sync_playwright

from tests.report.page import sample
from tests.report.page.conftest import built, project

__all__ = ("built", "project")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox, because tests run as root in containers, where there is none to be had; what is opened
# is our own page. The rest keeps the browser from asking its maker for anything.
ARGUMENTS = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-domain-reliability", "--disable-sync", "--no-first-run",
    "--no-pings", "--metrics-recording-only", "--disable-features=OptimizationHints,MediaRouter",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = f"no browser to look at the page with: none of {', '.join(NAMES)} is on PATH"
        if os.environ.get("PRP_BROWSER_REQUIRED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def html(built: Path) -> str:
    return sample.page(built)


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a text as a page from disk.

    At the end of the test no page may have said anything on its console, or asked for anything
    but itself.
    """
    said: list[str] = []
    asked: list[str] = []

    def opened(html: str, *, width: int = 1280, scheme: str = "light") -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.set_default_timeout(120_000)

        def answer(route: Route) -> None:
            if route.request.url == file.as_uri():
                route.continue_()
            else:
                asked.append(route.request.url)
                route.abort()

        def hear(message: ConsoleMessage) -> None:
            said.append(message.text)

        def dismiss(dialog: Dialog) -> None:
            said.append(dialog.message)
            dialog.dismiss()

        page.route("**/*", answer)
        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", dismiss)
        page.goto(file.as_uri())
        return page

    yield opened
    for context in browser.contexts:
        context.close()
    assert said == []
    assert asked == []
