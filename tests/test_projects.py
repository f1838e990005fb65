"""Projects as their users meet them: exact tree, green from the first minute, a real result."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from checks import TOOLS, installed
from conftest import TEMPLATE, Bake, Project
from test_combinations import ROWS

TREES = Path(__file__).parent / "trees"
CHANGED = {
    "project_name": "Löhne & Gehälter",
    "example": "blank",
    "description": 'Who "earns" what \\ where?',
    "author_name": "Ada Žižková",
    "author_email": "ada@example.org",
    "license": "Apache-2.0",
    "python_version": "3.13",
    "project_slug": "wages-and-more",
    "package_name": "wages_and_more_of_thirty_chars",
    "initialize_git": True,
}
ANSWERS: dict[str, dict[str, Any]] = {
    "untouched": {},
    "changed": CHANGED,
    "longest": {"python_version": "3.12", "project_name": "x" * 30, "package_name": "w" * 30},
    "blank": {"example": "blank", "python_version": "3.12"},
    "digits": {"example": "digits-classification", "package_name": "d" * 30},
}
NAMES = {
    "wage-analysis": "US Wage Analysis",
    "digits-classification": "Digits Classification",
    "blank": "My Project",
}
EXAMPLES = list(NAMES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_tree_is_exactly_this(bake: Bake, example: str) -> None:
    project = bake(example=example, package_name="package")
    expected = (TREES / f"{example}.txt").read_text(encoding="utf-8").split()
    assert sorted(project.files()) == expected
    tracked = project.run("git", "ls-files").split()
    assert sorted([*tracked, "logs/pipeline.log"]) == expected


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_a_fresh_project_is_committed_and_clean(bake: Bake, answers: dict[str, Any]) -> None:
    project = bake(**answers)
    assert project.run("git", "status", "--porcelain") == ""
    assert project.run("git", "log", "--format=%s", "main") == "First commit\n"
    assert len((project.path / "logs/pipeline.log").read_text(encoding="utf-8").splitlines()) == 1
    assert (
        (project.path / "README.md")
        .read_text(encoding="utf-8")
        .startswith(f"# {answers.get('project_name', NAMES[project.answers['example']])}\n")
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_readme_speaks_of_what_is_there(bake: Bake, example: str) -> None:
    project = bake(example=example)
    text = (project.path / "README.md").read_text(encoding="utf-8")
    tree = re.search(r"## What is where\n\n```\n(.*?)```", text, re.DOTALL)
    assert tree is not None
    made_by_a_run = ("reports/", "models/", "data/processed/", "logs/runs.jsonl")
    folder = ""
    for line in tree[1].splitlines():
        names = re.findall(r"^ *((?:\S+, )*\S+)", line)[0].split(", ")
        inside = line.startswith(" ")
        folder = folder if inside else names[0]
        for path in [folder + name for name in names] if inside else names:
            assert (project.path / path).exists() or path.startswith(made_by_a_run), path
    assert len(text.splitlines()) <= 150
    targets = set(re.findall(r"`make (\w+)`", text))
    makefile = (project.path / "Makefile").read_text(encoding="utf-8")
    assert targets == set(re.findall(r"^(\w+):.*##", makefile, re.MULTILINE)) - {"help"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_is_ours_has_its_docstrings(bake: Bake, example: str) -> None:
    """None is demanded of what people add; the engine and the study have theirs."""
    project = bake(example=example)
    assert "D" not in project.settings()["tool"]["ruff"]["lint"]["select"]
    rules = ("--select", "D,D415", "--ignore", "D400", "--no-cache")
    numpy = ("--config", 'lint.pydocstyle.convention="numpy"')
    project.run(TOOLS / "ruff", "check", *rules, *numpy, "src")


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_folder_that_would_be_empty_says_what_is_true(bake: Bake, example: str) -> None:
    """What its page promises that `run` writes is what the pipeline names."""
    project = bake(example=example)
    package = project.path / "src" / project.answers["package_name"]
    code = "\n".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    assert (project.path / "logs/README.md").exists()
    for folder in ("data/external", "data/interim", "data/processed", "models", "reports"):
        page = (project.path / folder / "README.md").read_text(encoding="utf-8")
        assert "Git keeps" in page, folder
        writes = re.search(r"run` writes", page) is not None
        assert writes == (f'"{folder}/' in code), folder
        for name in re.findall(r"`([\w.]+\.(?:xlsx|html|json|jsonl))`", page):
            assert f"{folder}/{name}" in code, name


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["untouched", "changed", "digits", pytest.param("longest", marks=pytest.mark.long)]
)
def test_a_fresh_project_passes_its_own_checks(bake: Bake, kind: str) -> None:
    """On the Python it is made for, or else on the one that runs this."""
    answers = ANSWERS[kind]
    version = answers.get("python_version", "3.11")
    python = installed(version)
    if python is None:
        version, python = f"3.{min(sys.version_info.minor, 14)}", Path(sys.executable)
    project = bake(**answers | {"python_version": version})
    project.run("make", "setup", f"PYTHON={python}")
    assert version in project.run(".venv/bin/python", "--version")
    project.run("make", "lint")
    assert " passed" in project.run("make", "test")
    result = project.run("make", "run")
    assert "Report: " in result
    assert json.loads((project.path / "reports/results.json").read_text(encoding="utf-8"))
    assert "as recorded" in project.run("make", "verify")
    assert "Up to date" in project.run("make", "run")
    made = {"reports/", "models/", "uv.lock"}
    changes = project.run("git", "status", "--porcelain").splitlines()
    assert not [line for line in changes if not line[3:].startswith(tuple(made))]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_types_of_every_combination_hold(bake: Bake, example: str, tmp_path: Path) -> None:
    """With one environment: the answers change names, not what is installed."""
    project = bake(example=example)
    project.run("make", "setup", PATH=f"{TOOLS}:{os.environ['PATH']}")
    # As strict as can be: the profile is looser for what people add.
    project.run(".venv/bin/mypy", "--cache-dir", tmp_path / "strict", "--warn-return-any",
                "--disallow-subclassing-any", "--disallow-untyped-decorators")  # fmt: skip
    mypy = (project.path / ".venv/bin/mypy", "--cache-dir", tmp_path)
    for row in ROWS:
        if row["example"] == example:
            found = bake(**row).run(*mypy, "--python-version", row["python_version"])
            assert found.startswith("Success: no issues found in ")
    for package in ("a", "us_wages", "test_drive", "pipeline", "w" * 30):
        named = bake(example=example, package_name=package, initialize_git=False)
        everything = f"import {package}.__main__, {package}.pipeline as p; print(p.STUDY.title)"
        python = project.path / ".venv/bin/python"
        assert named.run(python, "-c", everything, PYTHONPATH="src")


@pytest.mark.slow
def test_the_demo_is_what_the_readme_says(tmp_path: Path, default_project: Project) -> None:
    """`make demo` twice, in a clone, with a home that holds a hostile configuration."""
    clone = Project(tmp_path / "clone", {})
    default_project.run("git", "clone", "--quiet", str(TEMPLATE), str(clone.path))
    home = tmp_path / "home"
    home.mkdir()
    settings = "default_context:\n  project_name: Somebody Else\n  example: blank\n"
    (home / ".cookiecutterrc").write_text(settings, encoding="utf-8")
    for _ in range(2):
        printed = clone.run("make", "demo", HOME=str(home))
    report = clone.path / "build/us-wage-analysis/reports/report.html"
    *_, states, article, detailed, last = printed.splitlines()
    picture = ElementTree.parse(TEMPLATE / ".github/terminal.svg").getroot()
    shown = " ".join("".join(line.itertext()).strip() for line in picture.findall("{*}text"))
    assert " ".join((states, article, detailed)) in shown
    assert last == f"Report: {report}"
    assert report.is_file()
    rustup = ".rustup"  # pip asks rustc for its version, and rustup's rustc makes this folder
    assert {path.name for path in home.iterdir()} - {rustup} == {".cookiecutterrc"}
    assert clone.run("git", "status", "--porcelain") == ""
