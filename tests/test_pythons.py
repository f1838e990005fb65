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


@pytest.fixture(scope="session")
def python() -> Callable[[str], Path]:
    """Give the path of a Python, or skip the test that asks for it."""

    def python(version: str) -> Path:
        path = installed(version)
        return path or pytest.skip(f"no Python {version} here")

    return python


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_generation_on(version: str, python: Callable[[str], Path], tmp_path: Path) -> None:
    """Both examples, and a refusal, with the newest Cookiecutter that this Python takes."""
    here = Project(tmp_path, {"package_name": "us_wage_analysis"})
    here.run(TOOLS / "uv", "venv", "--quiet", "--python", python(version), ".venv")
    own = here.path / ".venv/bin/python"
    here.run(TOOLS / "uv", "pip", "install", "--quiet", "--python", own, "cookiecutter>=2.6")
    for example in ("blank", "wage-analysis"):
        here.run(
            own, "-m", "cookiecutter", TEMPLATE, "--no-input", "-o", example, f"example={example}",
            f"python_version={max(version, '3.11')}", HOME=str(tmp_path),
        )  # fmt: skip
        project = Project(
            tmp_path / example / "us-wage-analysis", here.answers | {"example": example}
        )
        assert_tree_is_exact(project)
        assert_files_are_valid(project)
        assert project.run("git", "status", "--porcelain") == ""
    refused = subprocess.run(
        [own, "-m", "cookiecutter", TEMPLATE, "--no-input", "project_slug=../evil"],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
    )
    assert (refused.returncode, refused.stderr) == (1, "")
    assert refused.stdout.startswith("project_slug '../evil' cannot be used")


@pytest.mark.slow
def test_a_project_passes_its_tests_on_the_newest(
    bake: Bake, python: Callable[[str], Path]
) -> None:
    """The older ones have their turn in `test_projects.py`."""
    path = python("3.14")
    project = bake(example="blank", python_version="3.14")
    project.run("make", "setup", f"PYTHON={path}", PATH=f"{TOOLS}:{os.environ['PATH']}")
    assert " passed" in project.run("make", "test")


@pytest.mark.parametrize("environment", ["uv", "pip"])
def test_where_the_python_is_missing_setup_says_so(
    bake: Bake, tmp_path: Path, environment: str
) -> None:
    """In one sentence; the project itself is there."""
    if sys.version_info >= (3, 14):
        pytest.skip("the newest Python that can be asked for is here")
    project = bake(example="blank", environment=environment, python_version="3.14")
    assert_files_are_valid(project)
    none = {"UV_PYTHON_PREFERENCE": "only-managed", "UV_PYTHON_INSTALL_DIR": str(tmp_path)}
    done = subprocess.run(
        ["make", "setup", *([f"PYTHON={sys.executable}"] if environment == "pip" else [])],
        cwd=project.path,
        env=os.environ
        | none
        | {"UV_PYTHON_DOWNLOADS": "never", "PATH": f"{TOOLS}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert done.stdout == ""
    sentence, makes_own = done.stderr.splitlines()
    assert sentence.startswith("This project needs Python 3.14 or later and found Python 3.")
    assert sentence.endswith(": name another with make setup PYTHON=/path/to/python")
    assert makes_own.startswith("make")
    assert not (project.path / ".venv").exists()
