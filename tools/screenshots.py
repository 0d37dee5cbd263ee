"""Write the pictures in docs/images: the report of the sample project, and a load test's page.

Light and dark. Needs Chromium. The project is the one that the tests look at; its numbers are made
up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.report.browser.conftest import ARGUMENTS, NAMES
from tests.report.page import runs, sample

IMAGES = Path(__file__).parents[1] / "docs/images"
WIDTH, HEIGHT = 1200, 860
# A page of the docs is not to weigh more than its text is worth.
MOST = 150_000


def main() -> int:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        sys.stderr.write("no Chromium on PATH: apt install chromium\n")
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(sample.page(sample.build(Path(folder) / "project")), encoding="utf-8")
        run = Path(folder) / "run.html"
        run.write_text(runs.load_page(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS])
        for dark in (False, True):
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT},
                color_scheme="dark" if dark else "light",
            )
            scheme = "dark" if dark else "light"
            page.goto(file.as_uri())
            shoot(page, scheme)
            page.goto(run.as_uri())
            page.locator("#picture-1").evaluate("each => each.scrollIntoView()")
            take(page, f"run-load-{scheme}.png")
        browser.close()
    return 0


def shoot(page: Page, scheme: str) -> None:
    """Take a picture of the beginning, of a phase, and of the baselines."""
    for name, anchor in (("overview", ""), ("phase", "#stage-2 h3"), ("baselines", "#baselines")):
        if anchor:
            page.locator(".is-failed .evidence").first.evaluate("each => each.open = true")
            page.locator(anchor).first.evaluate("each => each.scrollIntoView()")
        take(page, f"report-{name}-{scheme}.png")


def take(page: Page, name: str) -> None:
    """Write what is seen of a page; raises `ValueError` for a picture that is too large."""
    file = IMAGES / name
    page.screenshot(path=file)
    size = file.stat().st_size
    sys.stdout.write(f"{file.name}: {size / 1000:.0f} kB\n")
    if size > MOST:
        raise ValueError(f"{file.name} has more than {MOST / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
