"""CONTRIBUTING taken literally: a first change, a question, a file, an example; in a copy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TEMPLATE, Project
from test_updates import BODY, commit, edit, put_this_version

PAGE = (TEMPLATE / "CONTRIBUTING.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return what stands below a heading."""
    _, found, rest = PAGE.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def blocks(title: str, language: str = "") -> list[str]:
    """Return the blocks of code below a heading, without what indents them."""
    fence = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
    return [
        re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
        for indent, of, text in fence.findall(section(title))
        if of == language
    ]


@pytest.fixture(scope="module")
def this_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what is in this one now."""
    copy = Project(tmp_path_factory.mktemp("origin") / "template", {})
    copy.path.mkdir()
    copy.run("git", "init", "--quiet", "--initial-branch=main")
    put_this_version(copy)
    return copy.path


@pytest.fixture
def clone(this_version: Path, tmp_path: Path) -> Project:
    """A clone of it that is set up: with the environment that runs this."""
    subprocess.run(["git", "clone", "--quiet", this_version, tmp_path / "template"], check=True)
    (tmp_path / "template/.venv").symlink_to(sys.prefix)
    (tmp_path / "template/.git/info/exclude").write_text(".venv\n", encoding="utf-8")
    return Project(tmp_path / "template", {})


def follow(project: Project, commands: str) -> str:
    """Type what a page says, in one shell, until something fails; in a home of one's own."""
    somebody = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
    somebody |= {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    home = str(project.path.parent)
    return project.run("sh", "-ec", commands, HOME=home, PYTEST_ADDOPTS="-p no:cacheprovider",
                       PYTHONDONTWRITEBYTECODE="1", **somebody)  # fmt: skip


@pytest.mark.slow
def test_a_first_change_is_green(clone: Project) -> None:
    """But for the set-up and the tests of it, which a test that may take longer makes."""
    _, change = blocks("Ten minutes: from a clone to a green change")
    tests = next(line for line in change.splitlines() if "/pytest " in line)
    printed = follow(
        clone, change.replace(tests, f"{tests} -k 'empty and template or tree and blank'")
    )
    assert "\nRain is not looked at.\n" in printed
    assert re.search(r"\d+ passed", printed)
    assert clone.run("git", "log", "-1", "--format=%s").startswith("docs: blank says")
    assert clone.run("git", "status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.long
def test_ten_minutes_are_enough_for_the_commands(this_version: Path, tmp_path: Path) -> None:
    """Each of them as it stands there, in a fresh environment."""
    first, change = blocks("Ten minutes: from a clone to a green change")
    first = first.replace("https://github.com/org/template", f"'{this_version}'")
    printed = follow(Project(tmp_path, {}), first + change)
    assert "Success: no issues found" in printed
    assert re.search(r"\d+ passed", printed)


def test_the_steps_to_a_question_are_enough(clone: Project) -> None:
    root, title = clone.path, "Add a question"
    question, prompt = blocks(title, "json")
    (used,), (row, *_) = blocks(title, "toml"), blocks(title)
    settings = root / "cookiecutter.json"
    edit(settings, '  "initialize_git": true', f'  {question}  "initialize_git": true')
    edit(settings, '    "initialize_git": "', f'    {prompt}    "initialize_git": "')
    edit(root / BODY / "pyproject.toml", "[tool.cookiecutter-mlops]\n",
         f"[tool.cookiecutter-mlops]\n{used}")  # fmt: skip
    (check,) = re.findall(r"`(\.venv/bin/pytest [^`]*lists_the_questions)`", section(title))
    with pytest.raises(AssertionError, match="1 failed"):
        follow(clone, check)
    edit(root / "README.md", "| `initialize_git` |", f"{row}| `initialize_git` |")
    assert "1 passed" in follow(clone, check)
    generate = ".venv/bin/cookiecutter . --no-input --output-dir build example=blank"
    follow(clone, f"{generate} city=Oslo project_slug=one; {generate} project_slug=two")
    for name, city in {"one": "Oslo", "two": "Paris"}.items():
        made = Project(root / "build" / name, {})
        assert made.settings()["tool"]["cookiecutter-mlops"]["city"] == city
    with pytest.raises(AssertionError, match="Rome provided for choice variable city"):
        follow(clone, f"{generate} city=Rome")


def test_the_steps_to_a_file_are_enough(clone: Project) -> None:
    (commands,) = blocks("Add a file to projects")
    add, list_it, check = commands.splitlines()
    with pytest.raises(AssertionError, match="3 failed"):
        follow(clone, f"{add}\n{check}")
    assert "3 passed" in follow(clone, f"{list_it}\n{check}")


@pytest.mark.slow
def test_the_steps_to_an_example_are_enough(clone: Project) -> None:
    title = "Add an example"
    copy, check = blocks(title)
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$", section(title), re.MULTILINE)
    assert len(rows) == section(title).count("\n|") - 2
    follow(clone, copy)
    for file, after, new in rows:
        edit(
            clone.path / file, after, f"{after}\n    {new}" if file.endswith(".py") else after + new
        )
    commit(clone, "Tides")
    printed = follow(clone, check)
    assert "4 passed" in printed
    made = Project(clone.path / "build/tides", {})
    expected = (clone.path / "tests/trees/tides.txt").read_text(encoding="utf-8").split()
    assert made.files() == {name.replace("src/package/", "src/tides/") for name in expected}
    assert "How high the water comes" in made.settings()["project"]["description"]


def test_every_file_that_the_page_names_is_there() -> None:
    for name in re.findall(r"tests/[\w/]+\.py|tests/(?:engine|trees)\b|benchmarks/\w+\.py", PAGE):
        assert (TEMPLATE / name).exists(), name
    targets = set(re.findall(r"^make ([\w-]+(?: [\w-]+)*)", PAGE, re.MULTILINE))
    makefile = (TEMPLATE / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([\w-]+):.*##", makefile, re.MULTILINE))
    assert {each for words in targets for each in words.split()} <= known
