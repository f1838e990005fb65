"""The documentation that `make docs` builds in a project: whole, offline, without a warning."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from checks import TOOLS
from conftest import Bake, Project

pytestmark = pytest.mark.slow
WITH_UV = f"{TOOLS}:{os.environ['PATH']}"
EXAMPLES = ["wage-analysis", "digits-classification", "blank"]


class Page(HTMLParser):
    """What a page loads, links to, names and shows."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loaded = given.get("href") if tag == "link" and given.get("rel") != "search" else None
        self.loads += filter(None, [given.get("src"), loaded])
        self.links += filter(None, [given.get("href") if tag == "a" else None])
        self.names |= {*filter(None, [given.get("id")])}
        self.pictures += [given] if tag == "img" else []


def public(folder: Path) -> set[str]:
    """Return the public functions, classes and methods of a study, by their dotted names."""
    found = set()
    for path in folder.rglob("*.py"):
        inside = path.relative_to(folder.parent).with_suffix("").parts
        if "engine" in inside or path.name == "__main__.py":
            continue
        module = ".".join(inside).removesuffix(".__init__")
        todo = [(module, node) for node in ast.parse(path.read_text("utf-8")).body]
        for above, node in todo:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{above}.{node.name}"
                if not node.name.startswith("_"):
                    found.add(name)
                    inner = node.body if isinstance(node, ast.ClassDef) else []
                    todo += [(name, each) for each in inner]
    return found


@pytest.fixture(scope="module", params=EXAMPLES)
def documented(bake: Bake, request: pytest.FixtureRequest) -> Project:
    """A fresh project whose documentation make has built, before any run."""
    project = bake(example=request.param, project_name="Docs of It")
    said = project.run("make", "docs", PATH=WITH_UV)
    assert said.endswith(f"Documentation: {project.path}/build/docs/index.html\n")
    return project


def pages(project: Project) -> dict[Path, Page]:
    built = project.path / "build/docs"
    return {path.relative_to(built): Page(path) for path in built.glob("*.html")}


def test_each_page_is_built_linked_and_needs_no_network(documented: Project) -> None:
    built = pages(documented)
    written = {path.stem for path in (documented.path / "docs").glob("*.md")}
    assert written <= {path.stem for path in built}
    linked = {link.partition("#")[0] for link in built[Path("index.html")].links}
    assert {f"{name}.html" for name in written - {"index"}} <= linked
    for path, page in built.items():
        assert page.loads, path
        assert not [each for each in page.loads if re.match(r"(https?:)?//", each)], path
        assert all((picture.get("alt") or "").strip() for picture in page.pictures), path
        for link in page.links:
            place, _, name = link.partition("#")
            if not re.match(r"\w+:", link):
                assert (documented.path / "build/docs" / (place or path)).is_file(), link
                if name and Path(place or path).suffix == ".html":
                    assert name in built[Path(place or path)].names, link
    style = "".join(path.read_text("utf-8") for path in
                    (documented.path / "build/docs").rglob("*.css"))  # fmt: skip
    assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", style)
    assert documented.run("git", "status", "--porcelain", "--", ".", ":!uv.lock") == ""


def test_the_api_names_all_that_is_public_and_the_seam(documented: Project) -> None:
    package = documented.path / "src" / documented.answers["package_name"]
    names = pages(documented)[Path("api.html")].names
    assert public(package) - names == set()
    seam = ("ProjectError", "Run.read", "Settings", "Stage", "Study", "Workspace.output")
    assert {f"{package.name}.engine.{each}" for each in seam} <= names


def test_the_readmes_plain_command_builds_the_same(documented: Project) -> None:
    readme = (documented.path / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"\| `make docs` \| `([^`]+)` \|", readme)
    before = (documented.path / "build/docs/api.html").read_bytes()
    documented.run("rm", "-r", "build")
    documented.run("sh", "-ec", command, PATH=WITH_UV)
    assert (documented.path / "build/docs/api.html").read_bytes() == before


@pytest.mark.long
def test_a_new_module_comes_by_itself_and_a_broken_link_is_an_error(documented: Project) -> None:
    package = documented.path / "src" / documented.answers["package_name"]
    module = package / "tomorrow.py"
    module.write_text('"""Soon."""\n\n\ndef dawn() -> None:\n    """Wait."""\n', "utf-8")
    documented.run("make", "docs", PATH=WITH_UV)
    assert f"{package.name}.tomorrow.dawn" in pages(documented)[Path("api.html")].names
    page = documented.path / "docs/mine.md"
    page.write_text("# Mine\n\n[gone](no_such_page.md)\n", "utf-8")
    done = subprocess.run(
        ["make", "docs"],
        cwd=documented.path,
        env=os.environ | {"PATH": WITH_UV},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode != 0
    assert "no_such_page" in done.stderr
    page.unlink()
    module.unlink()
