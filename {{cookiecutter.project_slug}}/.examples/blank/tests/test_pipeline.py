"""The study from end to end: raw file to report, API and notebook."""

import shutil
from pathlib import Path

import nbformat
import pytest
from fastapi.testclient import TestClient
from nbclient import NotebookClient

from {{ cookiecutter.package_name }}.engine.runs import run_stages
from {{ cookiecutter.package_name }}.engine.serving.app import build_app
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.pipeline import STUDY

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with the raw data in it, where the study has run once."""
    if not all((ROOT / file).is_file() for file in load_settings(STUDY, ROOT, STUDY.config).raw):
        pytest.skip("the raw data is not here")
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "data/raw", folder / "data/raw")
    return folder, run(folder)


def run(folder):
    return run_stages(STUDY.stages, load_settings(STUDY, ROOT, STUDY.config), folder, force=True)


def test_every_stage_writes_and_the_report_says_the_answer(project):
    folder, made = project
    assert list(made.manifest["stages"]) == [stage.name for stage in STUDY.stages]
    for stage in made.manifest["stages"].values():
        assert [file for file in stage["outputs"] if not (folder / file).is_file()] == []
    assert STUDY.headline(made) in made.read("reports/report.html").decode()


def test_a_second_run_gives_the_same_bytes(project):
    folder, made = project
    assert run(folder).manifest == made.manifest


def test_programs_get_the_answer_in_centimetres_and_inches(project):
    folder, made = project
    (result,), client = made.results["analyses"], TestClient(build_app(STUDY, folder))
    assert client.get("/difference").json()["difference"] == result["difference"]
    assert client.get("/difference?unit=in").json()["low"] == pytest.approx(result["low"] / 2.54)
    for wrong in ("unit=mile", "units=in"):
        assert client.get(f"/difference?{wrong}").status_code == 422


def test_the_notebook_runs_and_is_committed_without_outputs(project):
    notebook = nbformat.read(ROOT / "notebooks/exploration.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []
    NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
