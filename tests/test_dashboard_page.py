"""The dashboard as a reader meets it: a real server, a real browser, each control used."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from checks import free_port
from conftest import Project
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]

COMMAND = ".venv/bin/us-wage-analysis"
TALL = 22_000  # pixels: the whole page is in view, so all of it is judged
FRAMES = ("Unrecognized feature:", "An iframe which has both")  # what Streamlit's frames log
Open = Callable[..., Page]


@contextmanager
def dashboard(project: Project) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the dashboard, and yield its address and its process."""
    command = (COMMAND, "dashboard", "--port", str(free_port()))
    with subprocess.Popen(
        command,
        cwd=project.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        assert server.stdout is not None
        try:
            (address,) = re.findall(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            wait_for(f"{address}/_stcore/health")
            yield address, server
        finally:
            server.stdout.close()  # it must end although nobody takes its last words
            server.terminate()
            server.wait(timeout=30)


def wait_for(url: str) -> None:
    for _ in range(100):
        with suppress(OSError), urlopen(url):
            return
        time.sleep(0.1)
    pytest.fail(f"nobody answers at {url}")


@pytest.fixture(scope="module")
def address(live_project: Project) -> Iterator[str]:
    with dashboard(live_project) as (address, _):
        yield address


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Open the page in a browser of its own; it may ask nobody else, and no error may be logged."""
    troubles: list[str] = []
    contexts = []

    def open_page(width: int = 1280, height: int = TALL, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: troubles.append(line.text) if is_bad(line) else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                None if is_own(request.url, address) else troubles.append(f"foreign: {request.url}")
            ),
        )
        page.goto(address)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def is_bad(line: ConsoleMessage) -> bool:
    return line.type in ("error", "warning") and not line.text.startswith(FRAMES)


def is_own(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:", "about:"))


def settle(page: Page) -> None:
    """Wait until the page is complete, and has answered the last choice."""
    report = frame(page, "Report: ").get_by_role("heading", name="How this run was made")
    expect(report).to_be_visible(timeout=60_000)
    app = page.get_by_test_id("stApp")
    page.wait_for_timeout(200)
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def frame(page: Page, title: str) -> FrameLocator:
    """Return what is shown in the frame whose title begins so."""
    return page.frame_locator(f"iframe[title^='{title}']")


def choose(page: Page, label: str, text: str) -> None:
    """Search a list by what a reader would type, and take what is found first."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()
    box.press("Escape")
    settle(page)


def results(project: Project) -> dict[str, Any]:
    text = (project.path / "reports/results.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def download(page: Page, name: str, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as met:
        page.get_by_role("button", name=name, exact=True).click()
    met.value.save_as(folder / "rows.csv")
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_number_is_that_of_results_json(live_project: Project, open_page: Open) -> None:
    page, found = open_page(), results(live_project)
    values = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert values[:2] == [
        f"${found['areas'][end][0]['a_mean']:,.0f}" for end in ("highest", "lowest")
    ]
    text = frame(page, "Report: ").locator("body").inner_text()
    said = [item["conclusion"] for item in found["analyses"] if item["scope"] != "article"]
    assert [sentence for sentence in said if sentence not in text] == []
    assert found["data"]["sha256"] in text
    text += page.get_by_test_id("stMain").inner_text()
    assert "p = 0" not in text.replace("p = 0.", "")
    shapes = frame(page, "Map of areas. ").locator("path title").all_text_contents()
    for area in found["areas"]["all"]:
        assert f"{area['area']}: ${area['a_mean']:,.0f}" in shapes
    shown = page.get_by_role("table").first.inner_text()
    assert "60,084 to 85,505" in shown


def test_the_report_stands_in_the_page(live_project: Project, open_page: Open) -> None:
    page = open_page()
    report = page.locator("iframe[title^='Report: ']")
    inside = frame(page, "Report: ").locator("html")
    whole = inside.evaluate("html => html.scrollHeight")
    assert abs(report.evaluate("frame => frame.clientHeight") - whole) < 3  # one bar, the page's
    with page.expect_download() as met:
        page.get_by_role("button", name="Report as HTML").click()
    published = (live_project.path / "reports/report.html").read_bytes()
    assert met.value.path().read_bytes() == published


def test_every_control_answers(live_project: Project, open_page: Open, tmp_path: Path) -> None:
    page, found = open_page(), results(live_project)
    said = page.get_by_test_id("stText")

    rows = download(page, "Areas as CSV", tmp_path)
    numbers = [[float(row[name]) for name in ("A_MEAN", "low", "high")] for row in rows]
    assert numbers == [
        [area[k] for k in ("a_mean", "low", "high")] for area in found["areas"]["all"]
    ]
    choose(page, "Level", "Detailed")
    choose(page, "Occupation", "29-1211")
    expect(said.filter(has_text="Anesthesiologists, mean annual wage: highest in")).to_be_visible()
    expect(said.filter(has_text="* not released, 3 areas: Illinois")).not_to_have_count(0)
    choose(page, "Wage", "90th")
    expect(said.filter(has_text="Anesthesiologists, 90th percentile annual wage")).to_be_visible()
    drawn = frame(page, "Map of areas. Anesthesiologists, 90th").locator("path title")
    expect(drawn.filter(has_text="* not released")).not_to_have_count(0)
    rows = download(page, "Areas as CSV", tmp_path)
    assert {row["status"] for row in rows} > {"published", "* not released"}

    choose(page, "Occupation or group of occupations", "Software Developers")
    expect(said.filter(has_text="Software Developers, median annual wage: highest")).to_be_visible()
    rows = download(page, "Spread as CSV", tmp_path)
    assert (len(rows), rows[0]["OCC_CODE"]) == (54, "15-1252")
    drawn = frame(page, "Percentiles of wages by area. Software Developers").locator("text")
    titles = {row["AREA_TITLE"] for row in rows}
    names = [text for text in drawn.all_text_contents() if text in titles]
    assert names == [row["AREA_TITLE"] for row in rows if row["A_MEDIAN"]]
    assert names[:3] == ["California", "Washington", "New York"]

    published = next(
        item
        for item in found["analyses"]
        if (item["name"], item["scope"]) == ("management_vs_production", "detailed")
    )
    (means, _) = download(page, "Comparison as CSV", tmp_path)
    assert float(means["difference"]) == published["estimates"]["difference"]
    choose(page, "First group", "15-1252")
    choose(page, "Second group", "23-1011")
    expect(said.filter(has_text="Software Developers cells average")).to_be_visible()
    choose(page, "Only these areas", "Texas")
    choose(page, "Only these areas", "Ohio")
    choose(page, "Only these areas", "Utah")
    expect(page.get_by_role("table").first).to_contain_text("Software Developers")
    (means, _) = download(page, "Comparison as CSV", tmp_path)
    assert means["n"] == "3; 3"
    choose(page, "First group", "11-0000")
    choose(page, "Second group", "11-1011")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("do not overlap")

    rows = download(page, "Results as CSV", tmp_path)
    for row, item in zip(rows, found["analyses"], strict=True):
        assert float(row["statistic"]) == item["statistic"]
        assert row["conclusion"] == item["conclusion"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible_on_every_screen(open_page: Open, width: int, scheme: str) -> None:
    page = open_page(width, 25_000, color_scheme=scheme)
    choose(page, "Only these areas", "Texas")
    page.wait_for_timeout(1000)  # until the list is closed and the frames are as high as they need
    found = Axe().run(page).response["violations"]
    bad = [item for item in found if item["impact"] in ("serious", "critical")]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in bad] == []
    headings = page.get_by_test_id("stMain").get_by_role("heading").all()
    levels = [int(heading.evaluate("heading => heading.tagName[1]")) for heading in headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for box in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert page.evaluate(f"{box}.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 60) == (scheme == "dark")
    picture = frame(page, "Map of areas. ").locator("main")
    turned = picture.evaluate("main => getComputedStyle(main).filter")
    assert turned == {"light": "none", "dark": "invert(1) hue-rotate(180deg)"}[scheme]
    report = frame(page, "Report: ").locator("body")
    paper = report.evaluate("body => getComputedStyle(body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) < 60) == (scheme == "dark")
    for each in page.frames:
        assert each.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_run_is_shown_without_a_restart(live_project: Project, open_page: Open) -> None:
    page = open_page()
    before = page.get_by_text("All numbers are those of run").inner_text()
    config = live_project.path / "configs/wage_analysis.toml"
    published = config.read_text(encoding="utf-8")
    config.write_text(published.replace("0.95", "0.9"), encoding="utf-8")
    live_project.run(COMMAND, "run")
    page.reload()
    settle(page)
    manifest = json.loads((live_project.path / "reports/manifest.json").read_text("utf-8"))
    now = page.get_by_text("All numbers are those of run")
    expect(now).to_contain_text(manifest["run"])
    assert now.inner_text() != before
    config.write_text(published, encoding="utf-8")
    live_project.run(COMMAND, "run")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(live_project: Project, how: signal.Signals) -> None:
    with dashboard(live_project) as (_, server):
        server.send_signal(how)
        assert server.wait(timeout=20) in (0, -how)
        assert server.stderr is not None
        assert server.stderr.read().split() == ["Stopping..."]


def test_what_stops_it_is_one_line(
    live_project: Project, default_project: Project, address: str
) -> None:
    port = address.rpartition(":")[2]

    def stopped(folder: Path) -> str:
        command = (live_project.path / COMMAND, "dashboard", "--port", port)
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        return done.stderr

    assert f"port {port}" in stopped(live_project.path)
    assert "another folder" in stopped(default_project.path)
    manifest = live_project.path / "reports/manifest.json"
    aside = manifest.rename(manifest.with_suffix(".aside"))
    try:
        assert "there is no run" in stopped(live_project.path)
    finally:
        aside.rename(manifest)
