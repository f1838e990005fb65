"""The recipes of docs/data_versions.md, taken literally: what they say is done, with real tools."""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from hashlib import sha256
from pathlib import Path

import pytest
from checks import TOOLS
from conftest import Bake, Project

pytestmark = [pytest.mark.slow, pytest.mark.long]
EXAMPLE = "digits-classification"
RAW, CONFIG = "data/raw/digits.csv", "configs/digits.toml"


def steps(project: Project, heading: str) -> list[tuple[str, str]]:
    """Return the blocks of one recipe: their language, if any, and their text."""
    page = (project.path / "docs/data_versions.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", recipe, re.MULTILINE | re.DOTALL)
    return [(language, textwrap.dedent(text)) for language, text in found]


def follow(project: Project, heading: str) -> tuple[Project, dict[str, str]]:
    """Do what the recipe says; return where it ends, and what each command said."""
    own = project.path.parent / "own"
    somebody = {"NAME": "Somebody", "EMAIL": "somebody@example.org"}
    variables = {
        f"GIT_{role}_{of}": somebody[of] for role in ("AUTHOR", "COMMITTER") for of in somebody
    }
    variables |= {"DVC_GLOBAL_CONFIG_DIR": f"{own}/config", "DVC_SITE_CACHE_DIR": f"{own}/cache"}
    variables |= {"PATH": f"{TOOLS}:{os.environ['PATH']}", "DVC_NO_ANALYTICS": "true"}
    here, recorded, said = project, content(project), {}
    for language, text in steps(project, heading):
        if language == "toml":
            config = here.path / CONFIG
            config.write_text(text + config.read_text(encoding="utf-8"), encoding="utf-8")
            continue
        for command in text.splitlines():
            if command.startswith("cd "):
                here = Project((here.path / command.removeprefix("cd ")).resolve(), here.answers)
                assert content(here) != recorded  # git alone does not bring it
            else:
                said[command] = here.run("sh", "-ec", command, **variables)
    assert content(here) == recorded
    assert here.path == project.path.parent / "second"
    return here, said


def content(project: Project) -> str | None:
    file = project.path / RAW
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def changed(project: Project) -> list[str]:
    """Return what git would commit, without the record of versions that uv has written."""
    lines = project.run("git", "status", "--porcelain", "--untracked-files=all").splitlines()
    return [line for line in lines if line != "?? uv.lock"]


@pytest.fixture
def project(bake: Bake, tmp_path: Path) -> Project:
    """A fresh project in a folder of its own: recipes make others beside it."""
    fresh = bake(example=EXAMPLE)
    shutil.copytree(fresh.path, tmp_path / EXAMPLE)
    return Project(tmp_path / EXAMPLE, fresh.answers)


def test_dvc(project: Project) -> None:
    second, said = follow(project, "DVC")
    assert RAW not in project.run("git", "ls-files").split()
    assert "1 raw file" in said[f"uv run {EXAMPLE} data check"]
    assert "Report: " in said[f"uv run {EXAMPLE} run"]
    assert changed(project) == []
    assert [
        line for line in changed(second) if "reports/" not in line and "models/" not in line
    ] == []
    assert project.settings() == second.settings()
    assert "dvc" not in (second.path / "pyproject.toml").read_text(encoding="utf-8")


def test_git_lfs(project: Project) -> None:
    if shutil.which("git-lfs") is None:
        reason = "no git-lfs here: install it (Debian: apt install git-lfs) to follow its recipe"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    second, said = follow(project, "Git LFS")
    for each in (project, second):
        assert each.run("git", "show", f"HEAD:{RAW}").startswith("version https://git-lfs")
        assert changed(each) == []
    assert "1 raw file" in said[f"uv run {EXAMPLE} data check"]


def test_the_projects_own_remote(project: Project) -> None:
    second, said = follow(project, "The project's own remote")
    assert RAW not in project.run("git", "ls-files").split()
    (stored,) = (project.path.parent / "raw-data").iterdir()
    assert stored.name == content(second)
    assert "1 file(s) fetched" in said[f"uv run --extra remote {EXAMPLE} data pull"]
    assert "1 raw file" in said[f"uv run {EXAMPLE} data check"]
    assert [*changed(project), *changed(second)] == []
