"""The study from end to end: raw file to report, and the notebook."""

import shutil
from pathlib import Path

import nbformat
import pytest
from fastapi.testclient import TestClient
from nbclient import NotebookClient

from {{ cookiecutter.package_name }}.pipeline import FIGURE, STUDY
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.server import LatestApi
from {{ cookiecutter.package_name }}.study import load_settings

ROOT = Path(__file__).parents[1]


def test_the_raw_file_becomes_the_same_results_each_time(tmp_path):
    shutil.copytree(ROOT / "data/raw", tmp_path / "data/raw")
    settings = load_settings(STUDY, ROOT, STUDY.config)
    run, again = (run_stages(STUDY, settings, tmp_path, force=True) for _ in range(2))
    assert run.results["data"] == {"file": "plants.csv", "rows_read": 20}
    (result,) = run.results["analyses"]
    assert result["low"] < result["difference"] < result["high"]
    assert STUDY.headline(run) in again.read("reports/report.html").decode()
    files, same = (made.manifest["stages"]["analyse"]["outputs"] for made in (run, again))
    assert FIGURE in files
    assert files == same
    client = TestClient(LatestApi(STUDY, tmp_path))
    assert client.get("/analyses").json() == [result]
    sizes = client.get("/difference?unit=in").json()
    assert sizes["low"] == pytest.approx(result["low"] / 2.54)
    assert client.get("/difference").json()["difference"] == result["difference"]
    assert client.get("/difference?unit=mile").status_code == 422


def test_the_notebook_runs_and_is_committed_without_outputs():
    notebook = nbformat.read(ROOT / "notebooks/exploration.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []
    NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
