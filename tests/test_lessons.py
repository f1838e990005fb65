"""The lessons for teachers: walk-throughs print what they show, checks pass the solutions only."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from checks import serving
from conftest import Project
from pages import DOCS, blocks, hold_against

TEACH = DOCS / "teach"
CHECKS, SOLUTIONS = TEACH / "files/checks", TEACH / "files/solutions"
OF_WAGES, OF_DIGITS = (1, 2, 3, 4, 6), (5,)
# The digits are tested with the long ones: nothing else in this file needs their project.
PROJECTS = [("wages", OF_WAGES), pytest.param("digits", OF_DIGITS, marks=pytest.mark.long)]
EXERCISE = re.compile(r"^def test_exercise_(\d)_", re.MULTILINE)
# A mistake that each check must see: lesson, exercise, what stands in the solution, the mistake.
WRONG = [
    (1, 1, "sha256(file.read_bytes())", "sha256(file.name.encode())"),
    (1, 2, "not file.is_file() or sha256_of", "file.is_file() and sha256_of"),
    (1, 3, 'touched |= set(stage["outputs"])', 'return set(stage["outputs"])'),
    (2, 1, "for mark in MARKS if mark in counts", "for mark in counts.index"),
    (2, 2, 'wages["ANNUAL"] == "TRUE", "A_MEDIAN"', '"A_MEDIAN"'),
    (2, 3, 'annual = df[df["ANNUAL"] == "TRUE"]', "annual = df"),
    (3, 1, "[LEGAL, MANAGEMENT]).dropna()", "[LEGAL, MANAGEMENT])"),
    (3, 2, "if both.empty:", "if False:"),
    (3, 3, '(3, ("Here",))', "(3, found.first)"),
    (4, 1, 'f"{code[:2]}-0000", code', "code"),
    (4, 2, "len(sums) / (len(sums) - 1) *", ""),
    (4, 3, "(wages, confidence_level=confidence_level)", "(wages, confidence_level=0.9)"),
    (
        5,
        1,
        "model, features, labels, cv",
        "model[1], best.fit_transform(features, labels), labels, cv",
    ),
    (
        5,
        2,
        "blake2b(row, digest_size=8, key=str(seed).encode()).digest()",
        "hash((row, seed)).to_bytes(9, signed=True)[-8:]",
    ),
    (5, 3, "> margin", "> margin and (new == truth).mean() < (old == truth).mean()"),
    (6, 1, '"sort": "-a_mean"', '"sort": "a_mean"'),
    (6, 2, 'in ranked if area["rank_low"] == area["rank_high"]]\n    ret', "in ranked]\n    ret"),
]
SERVER = "http://127.0.0.1:8000"  # where the pages say that the API is


def copy_of(project: Project, folder: Path) -> Project:
    """Return a copy whose commands run its own code by the environment of the original."""
    shutil.copytree(project.path, folder, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    package = next((folder / "src").iterdir()).name
    (folder / ".venv/bin").mkdir(parents=True)
    for name, arguments in (
        ("python", ""),
        ("pytest", "-m pytest"),
        (project.path.name, f"-m {package}"),
    ):
        command = folder / ".venv/bin" / name
        original = f'"{project.path / ".venv/bin/python"}" {arguments} "$@"'
        command.write_text(f'#!/bin/sh\nPYTHONPATH="{folder / "src"}" exec {original}\n')
        command.chmod(0o755)
    return Project(folder, project.answers)


@pytest.fixture(scope="module")
def wages(live_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copy_of(live_project, tmp_path_factory.mktemp("wages") / live_project.path.name)


@pytest.fixture(scope="module")
def digits(live_digits: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copy_of(live_digits, tmp_path_factory.mktemp("digits") / live_digits.path.name)


@pytest.fixture(scope="module")
def address(wages: Project) -> Iterator[str]:
    with serving(wages, ".venv/bin/us-wage-analysis", "serve", "--port", "0") as address:
        yield address


def said(project: Project, language: str, code: str) -> str:
    """Return what a block prints, errors too, as a reader sees it."""
    command = [".venv/bin/python", "-c"] if language == "python" else ["bash", "-c"]
    done = subprocess.run(
        [*command, code], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return everywhere(project, done.stdout.decode())


def everywhere(project: Project, text: str) -> str:
    """Write a text without what is another one on each machine: folder, run, time."""
    text = text.replace(str(project.path), f"/home/you/{project.path.name}")
    text = re.sub(r"\b[0-9a-f]{12}\b", "51f68b0afbc3", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[0-9:+]+", "2026-11-29T09:00:00+00:00", text)


def compare(project: Project, lesson: int, address: str = SERVER) -> None:
    """Run the blocks of a lesson, and hold what they print against what is shown below them."""
    found = [*blocks(TEACH / f"lesson_{lesson}.md"), ("", "")]
    ran = 0
    for (language, code), (kind, shown) in pairwise(found):
        if language in ("sh", "python"):
            assert kind == "text", f"a block of lesson {lesson} shows no output: {code}"
            hold_against(said(project, language, code.replace(SERVER, address)), shown)
            ran += 1
    assert ran


@pytest.mark.slow
@pytest.mark.parametrize("lesson", [1, 2, 3, 4])
def test_a_walk_through_prints_what_it_shows(lesson: int, wages: Project) -> None:
    compare(wages, lesson)


@pytest.mark.slow
@pytest.mark.long
def test_the_walk_through_of_a_models_life_prints_what_it_shows(digits: Project) -> None:
    compare(digits, 5)


@pytest.mark.slow
def test_the_walk_through_with_a_server_prints_what_it_shows(wages: Project, address: str) -> None:
    compare(wages, 6, address)


def passed(project: Project, lessons: tuple[int, ...], *options: str) -> tuple[int, int]:
    """Run the checks of some lessons; return how many pass and how many do not."""
    for lesson in lessons:
        shutil.copy(CHECKS / f"test_lesson_{lesson}.py", project.path / "tests")
    files = [f"tests/test_lesson_{lesson}.py" for lesson in lessons]
    command = [".venv/bin/pytest", "-q", "-p", "no:cacheprovider", "--tb=short", *options, *files]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True)
    counts = dict.fromkeys(("passed", "failed", "error"), 0)
    for number, outcome in re.findall(r"(\d+) (passed|failed|error)s?", done.stdout):
        counts[outcome] += int(number)
    print(done.stdout)
    return counts["passed"], counts["failed"] + counts["error"]


def solve(project: Project, lessons: tuple[int, ...]) -> None:
    """Copy the solutions to where a student writes, and apply those that are diffs."""
    for lesson in lessons:
        folder = SOLUTIONS / f"lesson_{lesson}"
        for part in ("src", "tests"):
            if (folder / part).is_dir():
                shutil.copytree(folder / part, project.path / part, dirs_exist_ok=True)
        for diff in folder.glob("*.diff"):
            project.run("git", "apply", diff)


def exercises(lesson: int) -> list[str]:
    """Return the numbers of the exercises that a lesson's check has."""
    return EXERCISE.findall((CHECKS / f"test_lesson_{lesson}.py").read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize(("which", "lessons"), PROJECTS)
def test_solutions_pass_the_checks(
    which: str, lessons: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue(which)
    solve(project, lessons)
    assert passed(project, lessons) == (sum(len(exercises(lesson)) for lesson in lessons), 0)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("lesson", "exercise", "old", "new"), WRONG)
def test_a_check_is_red_for_a_wrong_solution(
    lesson: int, exercise: int, old: str, new: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    live = "live_project" if lesson in OF_WAGES else "live_digits"
    project: Project = request.getfixturevalue(live)
    copy = copy_of(project, tmp_path / project.path.name)
    solve(copy, (lesson,))
    files = [file for file in copy.path.rglob("*.py") if old in file.read_text("utf-8")]
    (file,) = [file for file in files if not file.name.startswith(f"test_lesson_{lesson}")]
    file.write_text(file.read_text("utf-8").replace(old, new), encoding="utf-8")
    assert passed(copy, (lesson,), "-k", f"exercise_{exercise}") == (0, 1)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("which", "lessons"), PROJECTS)
def test_solutions_are_as_clean_as_the_project(
    which: str, lessons: tuple[int, ...], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue({"wages": "live_project"}.get(which, "live_digits"))
    copy = copy_of(project, tmp_path / project.path.name)
    solve(copy, lessons)
    for lesson in lessons:
        shutil.copy(CHECKS / f"test_lesson_{lesson}.py", copy.path / "tests")
    for check in (["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]):
        copy.run(".venv/bin/python", "-m", *check)


@pytest.mark.slow
@pytest.mark.long
def test_two_branches_are_merged_by_running_again(live_project: Project, tmp_path: Path) -> None:
    project = copy_of(live_project, tmp_path / live_project.path.name)
    for name, value in (("user.name", "A Student"), ("user.email", "student@example.com")):
        project.run("git", "config", name, value)
    project.run("sh", TEACH / "files/branches.sh")
    assert project.run("git", "branch", "--show-current").strip() == "ana"
    conflict = subprocess.run(["git", "merge", "ben"], cwd=project.path, capture_output=True)
    assert conflict.returncode
    changed = project.run("git", "diff", "--name-only", "--diff-filter=U").split()
    assert changed
    assert all(file.startswith(("reports/", "models/")) for file in changed), changed
    project.run("git", "merge", "--abort")
    project.run("sh", SOLUTIONS / "lesson_6/merge.sh")
    assert project.run("git", "status", "--porcelain") == ""
    assert "as recorded" in project.run(".venv/bin/us-wage-analysis", "verify")
    config = (project.path / "configs/wage_analysis.toml").read_text("utf-8")
    report = (project.path / "reports/report.html").read_text("utf-8")
    assert "confidence_level = 0.9 " in config
    assert "What to do next" in report
    assert "90 % interval" in report
    assert "<<<<<<<" not in report


@pytest.mark.parametrize("lesson", range(1, 7))
def test_a_lesson_has_three_exercises_a_check_and_a_solution(lesson: int) -> None:
    text = (TEACH / f"lesson_{lesson}.md").read_text("utf-8")
    part = text.partition("\n## Exercises")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d)\. ", part, re.MULTILINE) == ["1", "2", "3"]
    checked = exercises(lesson) if lesson != 6 else [*exercises(lesson), "3"]  # the merge: above
    assert checked == ["1", "2", "3"]
    assert f"checks/test_lesson_{lesson}.py" in text
    assert any((SOLUTIONS / f"lesson_{lesson}").rglob("*.*"))
    for heading in ("## Walk-through", "## Exercises", "## Solutions"):
        assert heading in text
    for word in ("**Goal.**", "**Time.**", "**Prepare.**", "**Talk about it.**"):
        assert word in text


def test_the_table_of_lessons_agrees_with_the_lessons() -> None:
    rows = re.findall(
        r"^\| \[(\d)\. (.+?)\]\(lesson_\1\.md\) \| (\d+) ",
        (TEACH / "index.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == 6
    for number, title, minutes in rows:
        text = " ".join((TEACH / f"lesson_{number}.md").read_text("utf-8").split())
        assert text.startswith(f"# Lesson {number}: {title[0].lower()}{title[1:]} ")
        assert f"**Time.** {minutes} minutes" in text
        parts = map(int, re.findall(r"## \S+ \((\d+) minutes\)", text))
        assert sum(parts) == int(minutes)
