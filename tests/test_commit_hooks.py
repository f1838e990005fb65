"""The habits of a project, with real tools: hooks before a commit, and the shell lines of CI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from checks import TOOLS
from conftest import TEMPLATE, Bake, Project

# Where no repository can be fetched from, the same hooks come as packages of the same version.
PACKAGES = {
    "pre-commit-hooks": "pre-commit-hooks=={}",
    "ruff-pre-commit": "ruff=={}",
    "codespell": "codespell=={}",
    "nbstripout": "nbstripout=={}",
    "zizmor-pre-commit": "zizmor=={}",
}
ENTRIES: dict[str, dict[str, object]] = {
    "ruff-check": {"entry": "ruff check --force-exclude", "types_or": ["python", "jupyter"]},
    "ruff-format": {"entry": "ruff format --force-exclude", "types_or": ["python", "jupyter"]},
    "nbstripout": {"types": ["jupyter"]},
    "check-toml": {"types": ["toml"]},
    "check-yaml": {"types": ["yaml"]},
    "trailing-whitespace": {"entry": "trailing-whitespace-fixer"},
    "zizmor": {"files": r"^\.github/workflows/", "entry": "zizmor --no-progress"},
}
RAW = "data/raw/plants.csv"


def from_packages(text: str) -> str:
    """Return pre-commit's settings with each hook of a repository taken from its package."""
    settings = yaml.safe_load(text)
    for repository in settings["repos"]:
        if repository["repo"] == "local":
            continue
        name = repository["repo"].rpartition("/")[2]
        package = PACKAGES[name].format(repository.pop("rev").removeprefix("v"))
        repository["repo"] = "local"
        for hook in repository["hooks"]:
            known = {"name": hook["id"], "entry": hook["id"], "types": ["text"]}
            if "types_or" in ENTRIES.get(hook["id"], {}):
                del known["types"]
            hook.update(known | ENTRIES.get(hook["id"], {}))
            hook.update(language="python", additional_dependencies=[package])
    return yaml.safe_dump(settings)


@pytest.fixture(scope="module")
def project(bake: Bake) -> Project:
    """A project that somebody has set up with hooks, in a history of its own."""
    project = bake(example="blank", author_email="me@example.org")
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    project.run("make", "setup", "HOOKS=yes", PATH=path)
    project.run("make", "run", PATH=path)
    settings = project.path / ".pre-commit-config.yaml"
    settings.write_text(from_packages(settings.read_text(encoding="utf-8")), encoding="utf-8")
    for name, value in (("user.name", "Somebody"), ("user.email", "somebody@example.org")):
        project.run("git", "config", name, value)
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "chore: what the first run made")
    return project


def commit(project: Project, message: str) -> str:
    """Try to commit all that has changed; return what was said if it was refused."""
    project.run("git", "add", "--all")
    done = subprocess.run(
        ["git", "commit", "--quiet", "--message", message],
        cwd=project.path,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        project.run("git", "reset", "--quiet")
        return done.stdout + done.stderr
    return ""


@pytest.mark.slow
def test_hooks_change_nothing_in_what_a_project_and_its_runs_hold(project: Project) -> None:
    said = project.run(".venv/bin/pre-commit", "run", "--all-files")
    assert said.count("Passed") >= 12
    assert project.run("git", "status", "--porcelain") == ""
    assert "as recorded" in project.run(".venv/bin/my-project", "verify")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (RAW, lambda path: path.write_bytes(path.read_bytes() + b"\n"), "changed since"),
        ("docs/index.md", lambda path: path.write_text("# The occu" + "rence\n"), "occurrence"),
        ("docs/big.bin", lambda path: path.write_bytes(b"0" * 3_000_000), "2000 KB"),
        ("docs/key.md", lambda path: path.write_text("-----BEGIN RSA PRIV" + "ATE KEY"), "key"),
        ("src/my_project/wrong.py", lambda path: path.write_text("import nothing\n"), "F401"),
    ],
)
def test_hooks_refuse(
    project: Project, name: str, change: Callable[[Path], object], reason: str
) -> None:
    path = project.path / name
    before = path.read_bytes() if path.exists() else None
    if before is not None:
        path.chmod(0o644)
    change(path)
    try:
        assert reason in commit(project, "feat: what is refused")
    finally:
        path.unlink()
        if before is not None:
            path.write_bytes(before)
    assert project.run("git", "status", "--porcelain") == ""


@pytest.mark.slow
def test_hooks_empty_the_outputs_of_a_notebook(project: Project) -> None:
    path = project.path / "notebooks/exploration.ipynb"
    before = path.read_text(encoding="utf-8")
    text = before.replace(
        '"outputs": []', '"outputs": [{"output_type": "stream", "name": "stdout", "text": []}]', 1
    )
    assert text != before
    path.write_text(text, encoding="utf-8")
    assert "nbstripout" in commit(project, "feat: look")
    assert "stream" not in path.read_text(encoding="utf-8")
    project.run("git", "checkout", "--quiet", "notebooks")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("message", "taken"),
    [
        ("the slope is per job", False),
        ("fixed: the slope is per job", False),
        ("fix:the slope is per job", False),
        ("Add more\n\nfix: hidden below", False),
        ("fix: the slope is per job", True),
        ("feat(data)!: rows of all years", True),
        ("Merge branch 'template'", True),
    ],
)
def test_a_message_says_what_kind_of_change_it_is(
    project: Project, message: str, taken: bool
) -> None:
    page = project.path / "docs/index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    assert (commit(project, message) == "") is taken
    project.run("git", "checkout", "--quiet", "docs/index.md")


def job(text: str, name: str) -> list[str]:
    """Return the shell lines of CI's look at the raw data: GitHub's, or those of the recipe."""
    settings = yaml.safe_load(text)
    if "jobs" in settings:
        steps = settings["jobs"][name]["steps"]
        return [step["run"] for step in steps if step.get("id") == "raw"]
    lines: list[str] = settings[name]["script"]
    return lines


@pytest.mark.parametrize("here", [True, False])
def test_raw_data_that_is_not_in_git_does_not_turn_ci_red(
    bake: Bake, tmp_path: Path, here: bool
) -> None:
    fresh = bake(example="blank", initialize_git=False)
    project = Project(tmp_path / "project", fresh.answers)
    shutil.copytree(fresh.path, project.path)
    if not here:
        (project.path / RAW).unlink()
    output = tmp_path / "output"
    text = (project.path / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    (script,) = job(text, "run")
    raw = Project(project.path / "data/raw", {})
    said = raw.run("bash", "-eo", "pipefail", "-c", script, GITHUB_OUTPUT=str(output))
    assert output.read_text(encoding="utf-8") == ("here=yes\n" if here else "here=no\n")
    assert ("::notice::" in said) is not here
    assert project.files() == fresh.files() - ({RAW} if not here else set())
    lines = [line for line in job(gitlab(), "run") if not line.startswith("make")]
    said = project.run("bash", "-ec", "\n".join([*lines, "echo would run"]))
    assert ("would run" in said) is here


def test_changed_raw_data_turns_ci_red(bake: Bake, tmp_path: Path) -> None:
    project = bake(example="blank", initialize_git=False)
    (project.path / RAW).chmod(0o644)
    (project.path / RAW).write_text("other\n", encoding="utf-8")
    text = (project.path / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    (script,) = job(text, "run")
    raw, output = Project(project.path / "data/raw", {}), str(tmp_path / "output")
    with pytest.raises(AssertionError, match="FAILED"):
        raw.run("bash", "-eo", "pipefail", "-c", script, GITHUB_OUTPUT=output)


def gitlab() -> str:
    page = (TEMPLATE / "docs/keep/ci.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_recipe_for_gitlab_is_valid(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(gitlab(), encoding="utf-8")
    schema = ("--builtin-schema", "vendor.gitlab-ci")
    tool = TOOLS / "check-jsonschema"
    subprocess.run([tool, *schema, tmp_path / ".gitlab-ci.yml"], check=True)


def test_make_setup_touches_no_hooks_unless_asked(bake: Bake) -> None:
    project = bake(example="blank")
    said = project.run("make", "--dry-run", "setup")
    assert "pre-commit" not in said
    assert "pre-commit install" in project.run("make", "--dry-run", "setup", "HOOKS=yes")
