"""The pages of docs/do, followed literally on a fresh project until it is green."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Project
from howto import DOCS, Follower, assert_files_parse


def followed(test: Any) -> Any:
    """Mark a test that installs a project and waits for its tests."""
    return pytest.mark.slow(pytest.mark.long(test))


def json_of(project: Project, name: str) -> Any:
    return json.loads((project.path / name).read_text(encoding="utf-8"))


WAYS = {"share_data.md": ["DVC", "Git LFS", "The project's own remote"]}


@pytest.mark.parametrize("page", sorted(page.name for page in DOCS.glob("*.md")))
def test_the_changes_of_every_page_fit_a_fresh_project(page: str, tmp_path: Path) -> None:
    for i, section in enumerate(WAYS.get(page, [None])):
        folder = tmp_path / str(i)
        folder.mkdir()
        assert_files_parse(Follower(folder, quick=True).follow(page, section))


@followed
def test_add_a_route(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    project = follower.follow("add_route.md")
    assert "Up to date" in follower.said["make run"]
    assert project.run("git", "status", "--porcelain") == ""


@followed
def test_bring_your_own_data(tmp_path: Path) -> None:
    project = Follower(tmp_path).follow("own_data.md")
    (answer,) = json_of(project, "reports/results.json")["analyses"]
    assert answer["slope"] == pytest.approx(3.932409 * 0.3048 / 1.609344, rel=1e-6)
    assert answer["conclusion"] in (project.path / "reports/report.html").read_text("utf-8")
    assert project.run("git", "status", "--porcelain") == ""


@followed
def test_add_an_analysis(tmp_path: Path) -> None:
    project = Follower(tmp_path).follow("add_analysis.md")
    found = json_of(project, "reports/results.json")["analyses"]
    (answer,) = (
        each
        for each in found
        if (each["name"], each["scope"]) == ("concentration_wage", "detailed")
    )
    assert answer["interval_two_way"]["low"] > 0
    report = (project.path / "reports/report.html").read_text("utf-8")
    assert answer["conclusion"] in report
    assert "Concentration, wage: regression" in report
    assert project.run("git", "status", "--porcelain") == ""


@followed
def test_add_a_stage(tmp_path: Path) -> None:
    project = Follower(tmp_path).follow("add_stage.md")
    stage = json_of(project, "reports/manifest.json")["stages"]["list"]
    assert stage["settings"] == {"best_paid": 5}
    assert [*stage["outputs"]] == ["reports/best_paid.csv"]
    assert project.run("git", "status", "--porcelain") == ""


@followed
def test_add_a_dependency(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    second = follower.follow("add_dependency.md")
    declared = {"humanize", "tabulate"}
    for project in (second, Project(second.path.parent / "my-project", {})):
        assert declared < json_of(project, "reports/manifest.json")["packages"].keys()
        names = {
            re.split("[>=]", each)[0] for each in project.settings()["project"]["dependencies"]
        }
        assert declared < names


@followed
def test_add_a_model(tmp_path: Path) -> None:
    project = Follower(tmp_path).follow("add_model.md")
    search = json_of(project, "data/interim/search.json")
    assert "nearest_neighbours" in json.dumps(search)
    assert "nearest neighbours" in (project.path / "reports/report.html").read_text("utf-8")
    assert project.run("git", "status", "--porcelain") == ""


@followed
def test_track_runs(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    project = follower.follow("track_runs.md")
    assert "confidence_level: 0.95 -> 0.9" in follower.said["uv run my-project runs compare 1 2"]
    ask = "import mlflow; print(len(mlflow.search_runs(search_all_experiments=True)))"
    found = project.run(".venv/bin/python", "-c", ask, MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    assert found.strip() == "1"
    assert project.run("git", "status", "--porcelain") == ""
