"""The environment that make keeps: whose it is, when it is made again, what it costs and says.

One project is set up; what a test changes is a copy, whose environment is made for its folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checks import TOOLS, free_port, installed, serving
from conftest import Bake, Project

pytestmark = pytest.mark.slow
WITH_UV = f"{TOOLS}:{os.environ['PATH']}"
PLACES = os.environ["PATH"].split(os.pathsep)
WITHOUT_UV = os.pathsep.join(place for place in PLACES if not (Path(place) / "uv").exists())
# A listener that nobody has, and a cache that holds nothing: whoever asks for a package fails.
DEAD = "http://127.0.0.1:9"
OFFLINE = {"UV_OFFLINE": "1", "http_proxy": DEAD, "https_proxy": DEAD, "no_proxy": ""}
SKLEARN = {
    "__init__.py": "",
    "base.py": "class BaseEstimator:\n    def fit(self, X, y):\n        return self\n",
    "utils.py": "def deprecated(function):\n    return function\n",
}
MODULE = """
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import deprecated


class Threshold(BaseEstimator):
    def __init__(self, limit: float = 0.5) -> None:
        self.limit = limit

    def predict(self, X: pd.DataFrame) -> pd.Series:
        return X["alpha"] > self.limit


@deprecated
def _above(table: pd.DataFrame, target: pd.Series) -> pd.Series:
    return BaseEstimator().fit(table, target).predict(table)
"""


def make(project: Project, *words: str, **variables: str) -> str:
    return project.run("make", *words, **{"PATH": WITH_UV} | variables)


def refused(project: Project, *command: str, **variables: str) -> list[str]:
    """Run what must fail; return the lines that it said, make's own left out."""
    done = subprocess.run(
        command,
        cwd=project.path,
        env=os.environ | {"PATH": WITH_UV} | variables,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode != 0, done.stdout
    said = (done.stdout + done.stderr).splitlines()
    return [line for line in said if not line.startswith("make")]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def origin(bake: Bake) -> Project:
    """The blank example, set up and run."""
    project = bake(example="blank")
    assert "Ready." in make(project, "setup")
    make(project, "run")
    return project


@pytest.fixture
def copy(origin: Project, tmp_path: Path) -> Project:
    shutil.copytree(origin.path, tmp_path / "copy of it", symlinks=True)
    return Project(tmp_path / "copy of it", origin.answers)


def test_a_copy_runs_its_own_code(origin: Project, copy: Project) -> None:
    """Left to its scripts it would run the original's: that is refused, and make mends it."""
    edit(copy.path / "src/my_project/pipeline.py", "Plants", "Ferns")
    (said,) = refused(copy, ".venv/bin/my-project", "run")
    assert "another folder" in said
    assert "Ferns" not in make(origin, "run")
    make(copy, "run")
    assert "Ferns" in copy.run(".venv/bin/my-project", "--help")
    assert "Plants" in origin.run(".venv/bin/my-project", "--help")


def test_a_folder_that_was_moved_works_on(copy: Project, tmp_path: Path) -> None:
    moved = Project(copy.path.rename(tmp_path / "moved"), copy.answers)
    assert "Up to date" in make(moved, "run")
    assert "uv sync" not in make(moved, "run")
    assert not (moved.path / ".venv/bin/pytest").exists()  # made again, and of that only a run's


def test_what_is_there_costs_nothing(origin: Project, tmp_path: Path) -> None:
    """After `make setup` no target asks the network, nor uv for anything."""
    own = OFFLINE | {"UV_CACHE_DIR": str(tmp_path)}
    for target in ("run", "verify", "lint", "format", "serve", "test"):
        assert "uv" not in make(origin, "--dry-run", target, **own)
    port = free_port()
    with serving(origin, "make", "serve", f"PORT={port}", **own, PATH=WITH_UV) as address:
        assert address.endswith(f":{port}")
    assert "Ready." in make(origin, "setup", **own)
    assert not list(tmp_path.rglob("*.whl*"))


def test_extras_are_added_one_by_one(bake: Bake) -> None:
    """And noticed when somebody has taken them away by hand."""
    project = bake(example="blank", project_slug="extras")
    make(project, "run")
    (packages,) = (project.path / ".venv/lib").glob("*/site-packages")
    assert not (packages / "fastapi").exists()
    (ready,) = (project.path / ".venv").glob(".ready-*")
    make(project, f"{ready.relative_to(project.path)}-api")
    assert (packages / "fastapi").exists()
    assert not (packages / "pytest").exists()
    make(project, "lint")
    assert (packages / "fastapi").exists()
    project.run(TOOLS / "uv", "sync", "--quiet")
    assert not (packages / "fastapi").exists()
    make(project, f"{ready.relative_to(project.path)}-api")
    assert (packages / "fastapi").exists()
    assert (packages / "pytest").exists()


def test_the_environment_is_the_projects_own(bake: Bake, tmp_path: Path) -> None:
    """Within a workspace of uv's, in a shell that has another environment and other habits."""
    baked = bake(example="blank", initialize_git=False).path
    project = Project(tmp_path / "outer" / "my-project", {})
    shutil.copytree(baked, project.path)
    outer = '[project]\nname = "outer"\nversion = "1"\nrequires-python = ">=3.11"\n'
    outer += '[tool.uv.workspace]\nmembers = ["my-project"]\n'
    (tmp_path / "outer/pyproject.toml").write_text(outer, encoding="utf-8")
    habits = {
        "UV_PROJECT_ENVIRONMENT": str(tmp_path / "elsewhere"),
        "VIRTUAL_ENV": str(tmp_path / "active"),
        "UV_NO_EDITABLE": "1",
        "UV_NO_DEV": "1",
    }
    assert "Ready." in make(project, "setup", **habits)
    assert "Report: " in make(project, "run", **habits)
    assert (project.path / ".venv/bin/pytest").exists()
    place = "import my_project; print(my_project.__file__)"
    assert project.run(".venv/bin/python", "-c", place).startswith(str(project.path / "src"))
    assert {path.name for path in tmp_path.iterdir()} == {"outer"}
    assert not (tmp_path / "outer/.venv").exists()


@pytest.mark.parametrize("way", ["variables", "file"])
def test_uv_is_fetched_whatever_pip_is_told(bake: Bake, tmp_path: Path, way: str) -> None:
    project = bake(example="blank", initialize_git=False)
    file = "[global]\nrequire-virtualenv = true\n[install]\nuser = true\n"
    (tmp_path / "pip.conf").write_text(file, encoding="utf-8")
    own = {"PATH": WITHOUT_UV, "PYTHONUSERBASE": str(tmp_path / "user")}
    if way == "file":
        own["PIP_CONFIG_FILE"] = str(tmp_path / "pip.conf")
    else:
        own |= {"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_PREFIX": str(tmp_path / "p")}
        own |= {"PIP_TARGET": str(tmp_path / "target"), "PIP_ROOT": str(tmp_path / "root")}
    make(project, ".uv/bin/uv", **own)
    assert project.run(".uv/bin/uv", "--version").startswith("uv ")
    assert [path.name for path in tmp_path.iterdir()] == ["pip.conf"]
    assert (project.path / ".uv/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_two_set_ups_at_once_are_one_after_the_other(bake: Bake) -> None:
    project = bake(example="blank", project_slug="at-once")
    said = make(project, "-j3", "run", "format")
    assert said.index("Report: ") < said.index("ruff format")
    assert said.count("uv sync") == 2


def test_an_old_uv_is_a_sentence(bake: Bake, tmp_path: Path) -> None:
    """Also from one that knows no `required-version` and would leave half of it out."""
    project = bake(example="blank")
    oldest = project.settings()["tool"]["uv"]["required-version"]
    assert oldest == ">=0.9"
    places = ("Makefile", "Dockerfile")
    texts = [(project.path / name).read_text(encoding="utf-8") for name in places]
    assert set(re.findall(r"uv(>=[\d.]+)", " ".join(texts))) == {oldest}
    (tmp_path / "uv").write_text("#!/bin/sh\necho 'uv 0.4.20 (linux)'\n", encoding="utf-8")
    (tmp_path / "uv").chmod(0o755)
    (said,) = refused(project, "make", "setup", PATH=f"{tmp_path}:{WITH_UV}")
    assert said.startswith("This project needs uv 0.9 or later and found uv 0.4.20 (linux): ")
    assert not (project.path / ".venv").exists()


def test_a_changed_dependency_is_installed_by_the_next_make(copy: Project) -> None:
    make(copy, "run")
    pandas = '  "pandas>=3.0",\n'
    edit(copy.path / "pyproject.toml", pandas, f'{pandas}  "tomlkit>=0.13",\n')
    pandas = "import pandas as pd\n"
    edit(copy.path / "src/my_project/pipeline.py", pandas, f"{pandas}    import tomlkit\n")
    (said,) = refused(copy, ".venv/bin/my-project", "run")
    assert "tomlkit" in said
    assert "make" in said
    assert "Report: " in make(copy, "run")
    assert "Up to date" in make(copy, "run", **OFFLINE)


@pytest.fixture(scope="module")
def linted(bake: Bake) -> Project:
    """A project that the linter has seen, so that it need not see all of it again."""
    project = bake(example="blank", project_slug="linted", package_name="my_project")
    make(project, "lint")
    return project


def test_the_linter_lets_people_work(linted: Project) -> None:
    """A library without types, a helper without a docstring; and what is wrong is still found."""
    (packages,) = (linted.path / ".venv/lib").glob("*/site-packages")
    for name, text in SKLEARN.items():
        (packages / "sklearn").mkdir(exist_ok=True)
        (packages / "sklearn" / name).write_text(text, encoding="utf-8")
    module = linted.path / "src/my_project/thresholds.py"
    module.write_text(MODULE.lstrip().replace("alpha", "\u03b1"), encoding="utf-8")
    make(linted, "lint")
    for wrong, rule in {
        "from .nowhere import nothing\n\nnothing()\n": "import-untyped",
        "from .settings import StudySettings\n\nStudySettings.no_such_thing()\n": "attr-defined",
        "def f(x: int) -> str:\n    return x\n": "return-value",
    }.items():
        module.write_text(wrong, encoding="utf-8")
        assert f"[{rule}]" in "\n".join(refused(linted, "make", "lint"))
    module.unlink()


def test_all_three_checks_are_shown_and_format_mends(linted: Project) -> None:
    module = linted.path / "src/my_project/mine.py"
    module.write_text(
        "import sys, os\ndef f( x:int )->str:\n    return x+1\nprint( os )\n", "utf-8"
    )
    said = "\n".join(refused(linted, "make", "lint"))
    assert "would be reformatted" in said
    assert "F401" in said
    assert "[return-value]" in said
    edit(module, "x+1", "str(x)")
    make(linted, "format")
    make(linted, "lint")
    assert module.read_text("utf-8").startswith("import os\n\n\ndef f(x: int) -> str:\n")
    module.unlink()


@pytest.mark.parametrize("way", ["uv", "pip"])
def test_the_readmes_plain_commands_are_enough(bake: Bake, way: str) -> None:
    """As they stand there: by uv, or by the two of venv and pip."""
    project = bake(example="blank", initialize_git=False)
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"`([^`]+)`", readme.partition("## Commands")[2])
    venv, pip = (next(each for each in commands if each.startswith(word)) for word in
                 ("python3 -m venv", ".venv/bin/python -m pip"))  # fmt: skip
    own = {"PATH": WITH_UV if way == "uv" else WITHOUT_UV}
    python = installed(project.answers["python_version"]) or Path(sys.executable)
    if way == "uv":
        sync = next(each for each in commands if each.startswith("uv sync"))
        project.run("sh", "-ec", f"{sync} --quiet", **own)
    else:
        for command in (venv.replace("python3", str(python)), pip):
            project.run("sh", "-ec", command, **own)
    plain = "uv run " if way == "uv" else ".venv/bin/"
    for command in ("run", "runs", "data check", "verify"):
        name = command.split()[0]
        assert any(re.match(rf"uv run my-project {name}\b", each) for each in commands)
        project.run("sh", "-ec", f"{plain}my-project {command}", **own)
    for tool in ("ruff format --check .", "ruff check .", "mypy", "pytest --cov"):
        assert f"uv run {tool}" in commands
        project.run("sh", "-ec", f"{plain}{tool.split()[0]} --version", **own)
