"""The documentation as it is built: whole, linked, described, and complete without a network."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import TEMPLATE
from playwright.sync_api import Browser

DOCS = TEMPLATE / "docs"
REPOSITORY = "https://github.com/org/template/blob/main/"
HERE = {"127.0.0.1", "localhost"}
# What a browser fetches by itself when it shows a page, by tag and attribute.
FETCHED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}
FETCHED |= {("img", "srcset"), ("source", "srcset"), ("object", "data"), ("video", "src")}
LINKED = {"stylesheet", "icon", "shortcut icon", "preload", "prefetch", "preconnect", "manifest"}


@dataclass
class Page(HTMLParser):
    """What a built page holds: its anchors, links, pictures, and what it loads."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    navigation: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.text = self.path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if "reference" in given.get("class", "").split():
                self.navigation.append(given["href"])
        if tag == "img":
            self.pictures.append((given.get("src", ""), given.get("alt", "")))
        if tag == "link" and given.get("rel") in LINKED:
            self.loaded.append(given["href"])
        self.loaded += [given[name] for name in given if (tag, name) in FETCHED]
        self.loaded += css_urls(given.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.loaded += css_urls(data)


def css_urls(text: str) -> list[str]:
    """Return what a style sheet loads: `url(…)` and `@import`."""
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
    return found + re.findall(r"@import\s+['\"]([^'\"]+)", text)


def is_elsewhere(address: str) -> bool:
    """Whether it names another host; `data:` brings its content along."""
    parts = urlsplit(address)
    return parts.scheme not in {"", "data"} or bool(parts.netloc)


@dataclass(frozen=True)
class Site:
    """The documentation, built once."""

    built: subprocess.CompletedProcess[str]
    folder: Path
    pages: dict[Path, Page]

    def links(self) -> Iterator[tuple[Page, str]]:
        """Yield every link with the page that it stands on."""
        for page in self.pages.values():
            for link in page.links:
                yield page, link


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    places = ["--doctree-dir", str(folder / "trees"), str(DOCS), str(folder / "html")]
    built = subprocess.run([*build, *places], capture_output=True, encoding="utf-8", cwd=folder)
    html = folder / "html"
    return Site(built, html, {path: Page(path) for path in html.rglob("*.html")})


def test_the_site_builds_without_a_warning(site: Site) -> None:
    assert site.built.stderr == ""
    assert site.built.returncode == 0


def test_each_internal_link_leads_somewhere(site: Site) -> None:
    lost, followed = [], 0
    for page, link in site.links():
        if urlsplit(link).scheme:
            continue
        path, _, anchor = link.partition("#")
        target = (page.path.parent / unquote(path)).resolve() if path else page.path.resolve()
        followed += 1
        if not target.is_file() or (
            anchor
            and target.suffix == ".html"
            and unquote(anchor) not in site.pages[target].anchors
        ):
            lost.append((page.path.name, link))
    assert lost == []
    assert followed > 100


def test_each_picture_has_alternative_text(site: Site) -> None:
    """Where a page gives none, Sphinx writes the file's name, which says nothing."""
    pictures = [each for page in site.pages.values() for each in page.pictures]
    said_nothing = [(file, alt) for file, alt in pictures if len(alt.split()) < 3]
    assert said_nothing == []
    assert pictures


def test_nothing_is_loaded_from_another_host(site: Site) -> None:
    loaded = [
        (page.path.name, each) for page in site.pages.values() for each in page.loaded if each
    ]
    for sheet in site.folder.rglob("*.css"):
        loaded += [(sheet.name, each) for each in css_urls(sheet.read_text(encoding="utf-8"))]
    assert len(loaded) > len(site.pages)
    assert [each for each in loaded if is_elsewhere(each[1])] == []


def test_each_page_is_in_the_table_of_contents(site: Site) -> None:
    linked = {link.partition("#")[0] for link in site.pages[site.folder / "index.html"].navigation}
    written = {
        path.relative_to(DOCS).with_suffix(".html").as_posix()
        for path in DOCS.rglob("*.md")
        if "files" not in path.relative_to(DOCS).parts and path != DOCS / "index.md"
    }
    assert written - linked == set()


def test_external_links_are_https_and_well_formed(site: Site) -> None:
    external = {link for _, link in site.links() if urlsplit(link).scheme}
    odd = [
        link
        for link in external
        if urlsplit(link).hostname not in HERE
        and not re.fullmatch(r"https://([a-z0-9-]+\.)+[a-z]{2,}([/?#][^\s<>\"]*)?", link)
    ]
    assert odd == []


def test_links_to_the_repository_name_what_it_holds(site: Site) -> None:
    named = {unquote(urlsplit(link).path) for _, link in site.links() if REPOSITORY in link}
    paths = {each.partition("/blob/main/")[2] for each in named}
    assert [each for each in paths if not (TEMPLATE / each).exists()] == []


def test_each_page_fits_a_phone_and_asks_no_host(site: Site, browser: Browser) -> None:
    asked = list[str]()
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    wide = []
    for path in site.pages:
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(path.name)
    page.close()
    elsewhere = [each for each in asked if not each.startswith(("file:", "data:"))]
    assert (elsewhere, wide) == ([], [])
