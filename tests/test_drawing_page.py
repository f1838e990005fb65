"""The page to draw on as a visitor meets it: a real server, a real browser, a drawn digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from checks import serving
from conftest import Project
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow
COMMAND = ".venv/bin/digits-classification"
ONE = [(0.42, 0.3), (0.55, 0.15), (0.55, 0.85)]
SEVEN = [(0.3, 0.2), (0.72, 0.2), (0.45, 0.85)]
BAR = [(0.38, 0.52), (0.72, 0.52)]


@pytest.fixture(scope="module")
def address(live_digits: Project) -> Iterator[str]:
    with serving(live_digits, COMMAND, "serve", "--port", "0") as address:
        yield address


def draw(page: Page, *strokes: list[tuple[float, float]]) -> None:
    """Draw with the mouse; places are shares of the page's sides."""
    box = page.locator("#page").bounding_box()
    assert box is not None
    for stroke in strokes:
        for number, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
            if not number:
                page.mouse.down()
        page.mouse.up()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_drawn_digit_is_told_and_the_model_named(
    browser: Browser, address: str, live_digits: Project, scheme: str
) -> None:
    page, complaints = browser.new_page(color_scheme=scheme), list[str]()  # type: ignore[arg-type]
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/draw")
    draw(page, ONE)
    expect(page.locator("#answer")).to_contain_text("It is 1, with")
    manifest = json.loads((live_digits.path / "reports/manifest.json").read_text("utf-8"))
    expect(page.locator("#model")).to_contain_text(f"of run {manifest['run']}")
    assert page.locator("#shares tbody tr").count() == 10
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#answer")).to_have_text("Nothing is drawn yet.")
    draw(page, SEVEN, BAR)
    expect(page.locator("#answer")).to_contain_text("It is 7, with")
    assert complaints == []
    page.close()


def test_the_page_can_be_used_by_everybody(browser: Browser, address: str) -> None:
    page = browser.new_page(bypass_csp=True)  # to let the judge in
    page.goto(f"{address}/draw")
    draw(page, ONE)
    expect(page.locator("#shares")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_the_docs_show_the_columns_that_are_asked_for(browser: Browser, address: str) -> None:
    with urlopen(f"{address}/openapi.json") as answer:
        schemas = json.load(answer)["components"]["schemas"]
    assert "pixel_3_3" in schemas["Row"]["properties"]
    page = browser.new_page()
    page.goto(f"{address}/docs")
    page.get_by_text("/predict", exact=True).click()
    expect(page.get_by_text("Rows by column name, or a picture").first).to_be_visible()
    page.close()
