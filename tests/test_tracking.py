"""Runs as MLflow keeps them, and its own page: the real package, a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from checks import free_port
from conftest import Bake, Project
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.slow, pytest.mark.long]
CONFIGS = {
    "wage-analysis": "configs/wage_analysis.toml",
    "digits-classification": "configs/digits.toml",
}
INPUT = {
    "wage-analysis": 'pd.DataFrame({"employment": [1000.0, 2000.0, 50000.0]})',
    "digits-classification": 'pd.read_csv("data/raw/digits.csv").drop(columns="digit")',
}
ASK = """
import json, logging, sys
import mlflow, pandas as pd
logging.disable(logging.CRITICAL)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client = mlflow.MlflowClient()
(model,) = client.search_registered_models()
runs = client.search_runs([each.experiment_id for each in client.search_experiments()])
of = {str(version.version): client.get_run(version.run_id).data.tags["run"]
      for version in client.search_model_versions(f"name = '{model.name}'")}
found = {
    "runs": {run.data.tags["run"]: [run.data.params, run.data.metrics,
             [each.path for each in client.list_artifacts(run.info.run_id, "reports")]]
             for run in runs},
    "count": len(runs),
    "model": model.name,
    "aliases": {alias: of[str(version)] for alias, version in model.aliases.items()},
}
if len(sys.argv) > 1:
    loaded = mlflow.pyfunc.load_model(f"models:/{model.name}@champion")
    found["said"] = [str(each) for each in loaded.predict(eval(sys.argv[1]))]
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=list(CONFIGS))
def project(bake: Bake, request: pytest.FixtureRequest) -> Project:
    """A project of a user who tracks; installed, without MLflow yet, and before its first run."""
    project = bake(example=request.param)
    config = project.path / CONFIGS[request.param]
    lines = '\n[tracking]\nmlflow = "sqlite:///mlflow.db"\n'
    text = config.read_text(encoding="utf-8").replace("fits = 100", "fits = 15")
    config.write_text(text + lines, encoding="utf-8")
    return project


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    name = project.answers["project_slug"]
    return subprocess.run(
        [f".venv/bin/{name}", *arguments], cwd=project.path, capture_output=True, encoding="utf-8"
    )


def recorded(project: Project, table: str = "") -> dict[str, Any]:
    """Return what MLflow says of runs and aliases, and its champion of a table."""
    found = project.run(".venv/bin/python", "-c", ASK, *filter(None, [table]))
    answer: dict[str, Any] = json.loads(found.splitlines()[-1])
    return answer


def manifest(project: Project) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((project.path / "reports/manifest.json").read_text("utf-8"))
    return read


@contextmanager
def ui(project: Project) -> Iterator[str]:
    """Open MLflow's page as the Makefile does; yield its address."""
    port = free_port()
    with subprocess.Popen(
        ["make", "mlflow", f"PORT={port}"], cwd=project.path, start_new_session=True
    ) as server:
        try:
            for _ in range(600):
                try:
                    urlopen(f"http://127.0.0.1:{port}/health").close()
                    break
                except URLError:
                    assert server.poll() is None
                    time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def test_finished_runs_are_in_mlflow(project: Project, browser: Browser) -> None:
    example, before = project.answers["example"], project.run("git", "status", "--porcelain")
    project.run("make", "setup", "DEV=no")
    run = command(project, "run")
    assert run.returncode == 1
    assert "`make mlflow`" in run.stderr
    assert "Traceback" not in run.stderr
    first = manifest(project)  # published all the same
    with ui(project) as address:
        run = command(project, "run")
        assert (run.returncode, run.stderr) == (0, "")
        assert "Up to date" in run.stdout
        found = recorded(project, INPUT[example])
        assert list(found["runs"]) == [first["run"]]
        assert found["aliases"] == {"champion": first["run"]}
        parameters, metrics, reports = found["runs"][first["run"]]
        assert parameters.keys() == first["settings"].keys()
        assert {name: json.loads(text) for name, text in parameters.items()} == first["settings"]
        history = (project.path / "logs/runs.jsonl").read_text("utf-8").splitlines()
        kept = json.loads(history[-1])["metrics"]  # of a name MLflow takes letters, no brackets
        assert metrics == {re.sub("[()]", "", name): value for name, value in kept.items()}
        assert metrics
        assert {f"reports/{name}" for name in ("report.html", "results.json")} < set(reports)
        assert found["said"] == expected(project)
        assert command(project, "run").returncode == 0
        assert recorded(project)["count"] == 1  # recorded once

        page = browser.new_page()
        page.goto(f"{address}/#/experiments/1/runs")
        expect(page.get_by_text(first["run"]).first).to_be_visible(timeout=60_000)
        page.goto(f"{address}/#/models/{quote(found['model'])}")
        expect(page.get_by_text("champion").first).to_be_visible(timeout=60_000)
        page.close()
    added = set(project.run("git", "status", "--porcelain").splitlines()) - set(before.splitlines())
    assert not [line for line in added if "ml" in line.partition("/")[0]], added


def expected(project: Project) -> list[str]:
    """Return what the project says itself of the table that MLflow's model was asked about."""
    if project.answers["example"] == "wage-analysis":
        code = (
            "import joblib; line = joblib.load('models/employment_wage_regression.joblib');"
            "print([str(line.predict(each)) for each in (1000.0, 2000.0, 50000.0)])"
        )
        return list(json.loads(project.run(".venv/bin/python", "-c", code).replace("'", '"')))
    command(project, "predict", "data/raw/digits.csv", "--out", "said.csv")
    table = (project.path / "said.csv").read_text("utf-8").splitlines()
    (project.path / "said.csv").unlink()
    place = table[0].split(",").index("predicted digit")
    return [line.split(",")[place] for line in table[1:]]


def test_aliases_follow_promotion(project: Project) -> None:
    if project.answers["example"] != "digits-classification":
        pytest.skip("the line of the last run is the one in production, always")
    first, config = manifest(project)["run"], project.path / CONFIGS["digits-classification"]
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
    assert command(project, "run").returncode == 0
    second = manifest(project)["run"]
    found = recorded(project)
    assert (found["count"], second in found["aliases"].values()) == (2, True)
    if found["aliases"]["champion"] == first:
        assert command(project, "promote", second, "--anyway", "for the test").returncode == 0
    assert recorded(project)["aliases"] == {"champion": second}
    assert command(project, "rollback").returncode == 0
    assert recorded(project)["aliases"] == {"champion": first, "challenger": second}


@pytest.mark.parametrize("store", ["sqlite:///README.md", "postgresql://nobody@127.0.0.1:9/none"])
def test_a_store_that_cannot_be_used_is_one_sentence(project: Project, store: str) -> None:
    config = project.path / CONFIGS[project.answers["example"]]
    kept = config.read_text(encoding="utf-8")
    config.write_text(kept.replace("sqlite:///mlflow.db", store), encoding="utf-8")
    run = command(project, "run")
    config.write_text(kept, encoding="utf-8")
    assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
    assert "took no run" in run.stderr
