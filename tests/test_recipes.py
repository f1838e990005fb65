"""The ways of docs/do/share_data.md, taken literally: what they say is done, with real tools."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import Project
from howto import Follower

pytestmark = [pytest.mark.slow, pytest.mark.long]
EXAMPLE, RAW = "digits-classification", "data/raw/digits.csv"


def share(folder: Path, way: str) -> tuple[Project, Project]:
    """Do what the page says of one way; return the project and its second clone."""
    second = Follower(folder).follow("share_data.md", way)
    project = Project(folder / EXAMPLE, {})
    assert second.path == folder / "second"
    assert content(second) == content(project)
    return project, second


def content(project: Project) -> str:
    return sha256((project.path / RAW).read_bytes()).hexdigest()


def changed(project: Project) -> list[str]:
    """Return what git would commit, without the record of versions that uv has written."""
    lines = project.run("git", "status", "--porcelain", "--untracked-files=all").splitlines()
    return [line for line in lines if line != "?? uv.lock"]


def test_dvc(tmp_path: Path) -> None:
    project, second = share(tmp_path, "DVC")
    assert RAW not in project.run("git", "ls-files").split()
    assert changed(project) == []
    assert [
        line for line in changed(second) if "reports/" not in line and "models/" not in line
    ] == []
    assert project.settings() == second.settings()
    assert "dvc" not in (second.path / "pyproject.toml").read_text(encoding="utf-8")


def test_git_lfs(tmp_path: Path) -> None:
    if shutil.which("git-lfs") is None:
        reason = "no git-lfs here: install it (Debian: apt install git-lfs) to follow its recipe"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    for each in share(tmp_path, "Git LFS"):
        assert each.run("git", "show", f"HEAD:{RAW}").startswith("version https://git-lfs")
        assert changed(each) == []


def test_the_projects_own_remote(tmp_path: Path) -> None:
    project, second = share(tmp_path, "The project's own remote")
    assert RAW not in project.run("git", "ls-files").split()
    (stored,) = (tmp_path / "raw-data").iterdir()
    assert stored.name == content(second)
    assert [*changed(project), *changed(second)] == []
