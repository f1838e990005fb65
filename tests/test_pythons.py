"""Each Python that is installed: cookiecutter runs on it, a project runs on it, or says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from checks import TOOLS, assert_files_are_valid, assert_tree_is_exact, installed
from conftest import TEMPLATE, Bake, Project
from test_updates import SLUGS

import mlops_answers

OLDEST = ".".join(map(str, mlops_answers.OLDEST))


@pytest.fixture(scope="session")
def python() -> Callable[[str], Path]:
    """Give the path of a Python, or skip the test that asks for it."""

    def python(version: str) -> Path:
        path = installed(version)
        return path or pytest.skip(f"no Python {version} here")

    return python


def cookiecutter(python: Path, version: str, here: Project) -> list[str | Path]:
    """Install a Cookiecutter beside the project, and return the command."""
    here.run(TOOLS / "uv", "venv", "--quiet", "--python", python, ".venv")
    own = here.path / ".venv/bin/python"
    here.run(TOOLS / "uv", "pip", "install", "--quiet", "--python", own, f"cookiecutter{version}")
    return [own, "-m", "cookiecutter", TEMPLATE]


def refused(command: list[str | Path], *words: str, cwd: Path) -> str:
    """Run what must end in one sentence, with nothing on the disk; return the sentence."""
    done = subprocess.run(
        [*command, "-o", "refused", *words],
        cwd=cwd,
        env=os.environ | {"HOME": str(cwd)},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert not (cwd / "refused").exists()
    assert not (cwd / "evil").exists()
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "tool"),
    [("3.10", ""), ("3.11", ""), ("3.11", f"=={OLDEST}.0"), ("3.12", ""), ("3.13", "")],
)
def test_generation_on(
    version: str, tool: str, python: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every example, kept files and refusals, with the newest Cookiecutter and the oldest."""
    here = Project(tmp_path, {})
    command = cookiecutter(python(version), tool or f">={OLDEST}", here)
    for example, name in SLUGS.items():
        answers = (f"example={example}", f"python_version={max(version, '3.11')}")
        here.run(*command, "--no-input", "-o", example, *answers, HOME=str(tmp_path))
        package = name.replace("-", "_")
        project = Project(tmp_path / example / name, {"example": example, "package_name": package})
        assert_tree_is_exact(project)
        assert_files_are_valid(project)
        assert project.run("git", "status", "--porcelain") == ""
    mine = [project.path / name for name in ("README.md", "src/my_project/engine/cli.py")]
    for path in mine:
        path.write_text("mine", encoding="utf-8")
    here.run(*command, "--replay", "-f", "-s", "-o", "blank", HOME=str(tmp_path))
    assert {path.read_text(encoding="utf-8") for path in mine} == {"mine"}
    answers = ("--no-input", "project_slug=../evil")
    sentence = "project_slug '../evil' cannot be used"
    assert refused(command, *answers, cwd=tmp_path).startswith(sentence)
    assert refused(command, *answers, "__answers=x", cwd=tmp_path).startswith(sentence)
    assert refused(command, "--replay", cwd=tmp_path).startswith(sentence)


@pytest.mark.slow
def test_a_cookiecutter_that_is_too_old_is_told_so(
    python: Callable[[str], Path], tmp_path: Path
) -> None:
    """Where it loads the extension: those before 2.0 do not even find it."""
    command = cookiecutter(python("3.11"), "==2.1.1", Project(tmp_path, {}))
    said = refused(command, "--no-input", cwd=tmp_path)
    assert said == (
        f"This template needs Cookiecutter {OLDEST} or later, and this is 2.1.1: "
        f"python -m pip install 'cookiecutter>={OLDEST}' brings it.\n"
    )


@pytest.mark.slow
def test_a_project_passes_its_tests_on_the_newest(
    bake: Bake, python: Callable[[str], Path]
) -> None:
    """The older ones have their turn in `test_projects.py`."""
    path = python("3.14")
    project = bake(example="blank", python_version="3.14")
    project.run("make", "setup", f"PYTHON={path}", PATH=f"{TOOLS}:{os.environ['PATH']}")
    assert " passed" in project.run("make", "test")


def test_where_the_python_is_missing_setup_says_so(bake: Bake, tmp_path: Path) -> None:
    """In one sentence; the project itself is there."""
    if sys.version_info >= (3, 14):
        pytest.skip("the newest Python that can be asked for is here")
    project = bake(example="blank", python_version="3.14")
    assert_files_are_valid(project)
    none = {"UV_PYTHON_PREFERENCE": "only-managed", "UV_PYTHON_INSTALL_DIR": str(tmp_path)}
    done = subprocess.run(
        ["make", "setup"],
        cwd=project.path,
        env=os.environ
        | none
        | {"UV_PYTHON_DOWNLOADS": "never", "PATH": f"{TOOLS}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert done.stdout == ""
    sentence, makes_own, _ = done.stderr.splitlines()
    assert sentence.startswith("This project needs Python 3.14 or later and found Python 3.")
    assert sentence.endswith(": name another with make setup PYTHON=/path/to/python")
    assert makes_own.startswith("make")
    assert not (project.path / ".venv").exists()
