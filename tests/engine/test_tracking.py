"""What of tracking needs no MLflow: nothing without a setting, one sentence without the package."""

from __future__ import annotations

import json

import pytest

from .conftest import CONFIG, Project


def track(project: Project, address: str) -> None:
    config = project.root / CONFIG
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[tracking]\nmlflow = "{address}"\n', encoding="utf-8")


def test_without_the_setting_mlflow_is_never_asked_for(project: Project) -> None:
    assert "Report: " in project.run("run", **project.without("mlflow"))


def test_without_the_package_the_run_stays_published(project: Project) -> None:
    track(project, "sqlite:///mlflow.db")
    history = project.root / "logs/runs.jsonl"
    before = len(history.read_text(encoding="utf-8").splitlines())
    said = project.call("run", "--force", **project.without("mlflow"))
    assert (said.returncode, said.stderr.count("\n")) == (1, 1), said
    assert "`make mlflow`" in said.stderr
    assert len(history.read_text(encoding="utf-8").splitlines()) == before + 1
    manifest = json.loads((project.root / "reports/manifest.json").read_text(encoding="utf-8"))
    assert "tracking" not in manifest["settings"]  # of this machine: no run is another for it


@pytest.mark.parametrize("line", ['mlflw = "x"', "mlflow = 3"])
def test_a_setting_that_is_none_is_refused(project: Project, line: str) -> None:
    config = project.root / CONFIG
    config.write_text(f"{config.read_text('utf-8')}\n[tracking]\n{line}\n", encoding="utf-8")
    assert "tracking" in project.fails("run")
