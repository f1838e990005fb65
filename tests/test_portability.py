"""What holds for every file of the template, as it is committed, and of the projects it makes."""

from __future__ import annotations

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from checks import COPIED
from conftest import TEMPLATE, Bake, Project

from mlops_answers import DEVICE

SETTINGS: dict[str, Any] = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
BODY = "{{cookiecutter.project_slug}}"
EXAMPLES = SETTINGS["example"]


def tracked(folder: Path) -> list[Path]:
    """List the files that git has or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    names = done.stdout.decode("utf-8").rstrip("\0").split("\0")
    return [Path(name) for name in names if (folder / name).exists()]


@pytest.fixture(scope="session", params=["template", *EXAMPLES])
def tree(request: pytest.FixtureRequest, bake: Bake) -> Path:
    """The template, and one project of each example."""
    return TEMPLATE if request.param == "template" else bake(example=request.param).path


def test_names_are_names_on_windows(tree: Path) -> None:
    names = tracked(tree)
    parts = {part for name in names for part in name.parts}
    assert not {part for part in parts if re.search(r'[<>:"|?*\\]|[. ]$', part)}
    assert not {part for part in parts if DEVICE.fullmatch(part)}
    assert len({str(name).lower() for name in names}) == len(names)
    assert max(len(str(name)) for name in names) < 150


def test_no_file_is_empty(tree: Path) -> None:
    assert not [name for name in tracked(tree) if not (tree / name).read_text("latin-1").strip()]


def test_lines_end_the_same_everywhere(tree: Path) -> None:
    contents = {name: (tree / name).read_bytes() for name in tracked(tree)}
    texts = {name: content for name, content in contents.items() if b"\0" not in content}
    assert not [name for name, content in texts.items() if b"\r" in content]
    assert not [name for name, content in texts.items() if not content.endswith(b"\n")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_is_left_unrendered(bake: Bake, example: str) -> None:
    project = bake(example=example).path
    for name in tracked(project):
        content = (project / name).read_bytes()
        assert b"cookiecutter." not in content, name
        if not any(fnmatch(str(name), ending) for ending in COPIED) and b"\0" not in content:
            assert not re.search(rb"\{\{|\{%|\{#", content), name


def test_nothing_that_is_copied_is_a_folder() -> None:
    """With -f Cookiecutter deletes a folder that matches, with the user's files in it."""
    folders = [path.relative_to(TEMPLATE / BODY) for path in (TEMPLATE / BODY).rglob("*/")]
    for ending in SETTINGS["_copy_without_render"]:
        assert not [path for path in folders if path.is_dir() and fnmatch(str(path), ending)]


def test_every_question_and_choice_has_a_label() -> None:
    labels = SETTINGS["__prompts__"]
    questions = {name: value for name, value in SETTINGS.items() if not name.startswith("_")}
    assert list(labels) == list(questions)
    for name, value in questions.items():
        if isinstance(value, list):
            assert list(labels[name]) == ["__prompt__", *value]


def test_answers_are_judged_last() -> None:
    assert list(SETTINGS)[-1] == "__answers"


@pytest.mark.parametrize("license", SETTINGS["license"])
def test_every_license_has_its_text(bake: Bake, license: str) -> None:
    project = bake(license=license, author_name="Ada", initialize_git=False)
    text = (project.path / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Copyright (\(c\) )?20\d\d,? Ada", text)


def test_every_computed_fact_is_used() -> None:
    bodies = [path for path in tracked(TEMPLATE) if path.parts[0] in {BODY, "templates", "hooks"}]
    text = "\n".join((TEMPLATE / path).read_text("latin-1") for path in bodies)
    facts = {name for name in SETTINGS if name.startswith("__")} - {"__prompts__", "__answers"}
    assert not {name for name in facts if name not in text}


def test_version_is_the_changelogs(default_project: Project) -> None:
    changelog = (TEMPLATE / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == SETTINGS["__template_version"]
    assert newest[1] in (default_project.path / "pyproject.toml").read_text(encoding="utf-8")


def test_conditions_are_few() -> None:
    """Outside licences, templates of reports and what is copied: they are read, not counted."""
    counts = {
        path: (TEMPLATE / path).read_text("latin-1").count("{%")
        for path in tracked(TEMPLATE)
        if path.parts[0] in {"cookiecutter.json", "templates", BODY}
        if "licenses" not in path.parts and path.name != "LICENSE"
        if path.suffix not in {".j2", ".xlsx", ".png", ".csv"}
    }
    assert sum(counts.values()) <= 16, {path: count for path, count in counts.items() if count}
    assert not [path for path, count in counts.items() if count and path.suffix == ".py"]


def test_the_root_of_a_project_is_small(bake: Bake) -> None:
    for example in EXAMPLES:
        roots = {path.parts[0] for path in tracked(bake(example=example).path)}
        assert len(roots | {"uv.lock"}) <= 23
