"""The report as its readers meet it: from the disk, on a phone, on paper, without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Project
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]

Look = Callable[..., Page]
A4_WIDTH, LETTER_HEIGHT = 680, 941  # CSS pixels inside margins of 15 mm: the smaller of the two
FOCUSABLE = "a[href], [tabindex='0']"
SECTIONS, FIGURES, TABLES = 17, 6, 7


@pytest.fixture(scope="module")
def report(live_project: Project) -> Path:
    return live_project.path / "reports/report.html"


@pytest.fixture
def look(browser: Browser, report: Path) -> Iterator[Look]:
    """Open the report offline; at the end no request but its own and no message may be left."""
    contexts, asked, said = [], [], []

    def look(width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(
            offline=True,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(error.message))
        page.goto(report.as_uri())
        return page

    yield look
    for context in contexts:
        context.close()
    assert {url for url in asked if not url.startswith("data:")} == {report.as_uri()}
    assert said == []


def test_it_is_one_small_file_that_shows_its_figures_at_once(look: Look, report: Path) -> None:
    page = look()
    assert report.stat().st_size < 1_400_000
    shown = "images => images.map(image => image.complete && image.naturalWidth > 0)"
    assert page.locator("img").evaluate_all(shown) == [True] * FIGURES
    assert page.locator("script, link, iframe, object, [onload], [src^='http']").count() == 0


def test_the_contents_lead_to_every_section(look: Look) -> None:
    page = look()
    links = page.get_by_role("navigation", name="Contents").get_by_role("link").all()
    assert [link.inner_text() for link in links] == page.locator("h2").all_inner_texts()
    for link in links:
        heading = page.locator(f"h2{link.get_attribute('href')}")
        for follow in (link.click, lambda link=link: link.press("Enter")):
            page.evaluate("scrollTo(0, 0)")
            follow()
            expect(heading).to_be_in_viewport(ratio=1)
            expect(heading).to_have_text(link.inner_text())
            page.go_back()


@pytest.mark.parametrize("width", [1280, 390])
def test_tab_reaches_everything_in_order_and_shows_where_it_is(look: Look, width: int) -> None:
    page = look(width)
    seen = """(wanted, i) => {
        const now = document.activeElement, style = getComputedStyle(now);
        const box = now.getBoundingClientRect();
        return now === document.querySelectorAll(wanted)[i]
            && style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2
            && style.clipPath === "none" && box.height > 0 && box.width > 0
            && box.top < innerHeight && box.bottom > 0 && box.left >= 0 && box.right <= innerWidth;
    }"""
    count = page.locator(FOCUSABLE).count()
    assert count == 1 + SECTIONS + FIGURES + TABLES  # the one skips the contents
    for i in range(count):
        page.keyboard.press("Tab")
        assert page.evaluate(f"([wanted, i]) => ({seen})(wanted, i)", [FOCUSABLE, i]), i


def test_the_first_key_skips_the_contents(look: Look) -> None:
    page = look()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("h2").first).to_be_in_viewport(ratio=1)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("width", [320, 390, 640], ids=["small", "phone", "zoom-200"])
def test_on_a_narrow_screen_only_tables_and_figures_scroll(look: Look, width: int) -> None:
    page = look(width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beyond = f"""elements => elements.filter(element => !element.parentElement.closest('.scroll')
        && element.getBoundingClientRect().right > {width}).map(element => element.outerHTML)"""
    assert page.locator("main *, header *").evaluate_all(beyond) == []
    sizes = "images => images.map(image => image.getBoundingClientRect().width >= 670)"
    assert page.locator("img").evaluate_all(sizes) == [True] * FIGURES  # no letter below 10 pixels
    regions = page.get_by_role("region", name=re.compile("^(Figure|Table): ")).all()
    assert len(regions) == FIGURES + TABLES
    for region in regions:
        if region.evaluate("e => e.scrollWidth > e.clientWidth"):
            assert "gradient" in region.evaluate("e => getComputedStyle(e).backgroundImage")
            region.press("ArrowRight")
            page.wait_for_function("document.activeElement.scrollLeft > 0")
        else:
            assert width == 640


def test_on_paper_nothing_is_cut_off_and_all_is_light(look: Look) -> None:
    page = look(A4_WIDTH, "dark")
    page.set_viewport_size({"width": A4_WIDTH, "height": LETTER_HEIGHT})
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("document.documentElement.scrollWidth") == A4_WIDTH
    wide = f"all => all.filter(e => e.getBoundingClientRect().right > {A4_WIDTH}).length"
    assert page.locator("body *").evaluate_all(wide) == 0
    expect(page.get_by_role("navigation")).to_be_visible()
    together = """figures => figures.map(figure =>
        getComputedStyle(figure).breakInside === "avoid" && figure.getBoundingClientRect().bottom
        - figure.closest("section").getBoundingClientRect().top)"""
    heights = page.locator(".figure").evaluate_all(together)
    assert len(heights) == FIGURES
    assert all(0 < height < LETTER_HEIGHT for height in heights)
    for paper in ("A4", "Letter"):
        pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))
        assert 8 <= len(pages) <= 14


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(look: Look, width: int, scheme: str) -> None:
    page = look(width, scheme)
    # Axe does not judge letters over a gradient, so the shade of what scrolls is taken away.
    page.add_style_tag(content=".scroll { background-image: none !important }")
    found = Axe().run(page).response["violations"]
    serious = [item for item in found if item["impact"] in {"serious", "critical"}]
    assert [(item["id"], item["nodes"][0]["html"]) for item in serious] == []
