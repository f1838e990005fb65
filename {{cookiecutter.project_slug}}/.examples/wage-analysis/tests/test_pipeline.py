"""The pipeline from the workbook to the report, on the real file and on other areas."""

import json
import logging
import math
import shutil
from pathlib import Path

import joblib
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from openpyxl import load_workbook
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.artifacts import REPORT, load_run
from {{ cookiecutter.package_name }}.cli import build_app
from {{ cookiecutter.package_name }}.pipeline import MODEL, STUDY, WAGES
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.study import ProjectError, load_settings

ROOT = Path(__file__).parents[1]
FIGURES = {
    "areas",
    "wage_by_group",
    "management_vs_production",
    "employment_vs_wage",
    "tech_vs_nontech",
    "missing",
}
TESTS = {
    "management_vs_production",
    "wage_variance_levene",
    "employment_wage_pearson",
    "employment_wage_regression",
    "tech_vs_nontech_ztest",
    "wage_by_group_anova",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for part in ("configs", "data/raw"):
        shutil.copytree(ROOT / part, folder / part)
    return folder


@pytest.fixture(scope="module")
def log():
    handler = logging.Handler()
    handler.lines = []
    handler.emit = lambda record: handler.lines.append(record.getMessage())
    logger = logging.getLogger(run_stages.__module__.partition(".")[0])
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)


@pytest.fixture(scope="module")
def run(folder, log):
    return run_stages(STUDY, load_settings(STUDY, folder, STUDY.config), folder)


def test_every_artifact_is_there(run):
    made = {path for stage in run.manifest["stages"].values() for path in stage["outputs"]}
    figures = {f"reports/figures/{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    files = {"wage_analysis.xlsx", "correlation_matrix.csv", "results.json", "report.html"}
    assert made == figures | {f"reports/{name}" for name in files} | {
        WAGES,
        MODEL,
        MODEL.replace(".joblib", ".md"),
    }
    assert len(pd.read_parquet(run.root / WAGES)) == 37408


def test_results_follow_the_contract(run):
    results = run.results
    assert results["schema_version"] == 1
    data = results["data"]
    assert (data["file"], data["rows_read"], data["rows_kept"]) == (
        "data/raw/state_M2025_dl.xlsx",
        37408,
        37408,
    )
    assert data["coerced"]["A_MEAN"] == {"*": 625, "#": 92}
    assert data["top_coded"] == {"rows": 92, "major_groups": {"29": 92}}
    found = {(item["name"], item["scope"]) for item in results["analyses"]}
    pairs = {(name, scope) for name in TESTS for scope in ("article", "detailed")}
    assert found == pairs | {("management_vs_production_paired", "major")}
    for item in results["analyses"]:
        assert math.isfinite(item["statistic"])
        assert isinstance(item["n"], list)
        assert item["conclusion"].endswith(".")
        missing = {key for key, value in item.items() if value is None}
        assert missing == {key for key in item["reasons"] if item.get(key) is None}
    lowest, highest = (
        [(row["area"], row["a_mean"]) for row in results["areas"][end]]
        for end in ("lowest", "highest")
    )
    assert lowest == [("Puerto Rico", 38840), ("Guam", 46210), ("Mississippi", 50810)]
    assert [area for area, _ in highest] == ["District of Columbia", "Massachusetts", "Washington"]


def test_the_report_sets_both_numbers_side_by_side(run):
    html = run.read(REPORT).decode()
    assert html.count("<img ") == len(FIGURES)
    for said in ("5 titles", "t = 14.0", "counted 3 times", "independent", "$72,794"):
        assert said in html
    assert "p = 0<" not in html


def test_the_workbook_has_a_formatted_sheet_for_each_result(run):
    book = load_workbook(run.root / "reports/wage_analysis.xlsx")
    assert {*TESTS, "summary", "areas", "wage_by_group", "missing"} < set(book.sheetnames)
    assert all(sheet.freeze_panes == "B2" for sheet in book)
    assert all(sheet.column_dimensions["A"].width > 8 for sheet in book)
    money = book["areas"]["B2"]
    assert (money.value, money.number_format[:4]) == (111010, '"$"#')
    tests = {row[0].value: row[2].value for row in book["management_vs_production"].rows}
    assert tests["statistic"] == pytest.approx(70.6518827, rel=1e-6)


def test_the_correlation_matrix_is_one(run):
    matrix = pd.read_csv(run.root / "reports/correlation_matrix.csv", index_col=0)
    assert (matrix.to_numpy().diagonal() == 1).all()
    assert matrix.loc["TOT_EMP", "A_MEAN"] == pytest.approx(-0.0299557839, rel=1e-6)


def test_the_model_is_loaded_only_if_it_is_the_recorded_one(run, monkeypatch):
    monkeypatch.chdir(run.root)
    app, call = build_app(STUDY), CliRunner().invoke
    assert call(app, ["predict", "--employment", "1000"]).output == "$74,274 a year\n"
    assert call(app, ["predict", "--employment", "-1"]).exit_code == 2
    assert isinstance(call(app, ["predict", "--employment", "inf"]).exception, ProjectError)
    content = (run.root / MODEL).read_bytes()
    joblib.dump({"not": "the model"}, run.root / MODEL)
    result = call(app, ["predict", "--employment", "1000"])
    (run.root / MODEL).write_bytes(content)
    assert isinstance(result.exception, ProjectError)
    assert f"{MODEL} is not the file that the run wrote" in str(result.exception)


def test_the_log_tells_the_run(run, log):
    text = "\n".join(log)
    sha = "4039ef1767daa8cb15861334e7d10052d5f22e5b39ac1f61ef8145c54841734b"
    told = (f"state_M2025_dl.xlsx, sha256 {sha}", "37,408 rows read", "# 92 in", "preprocess took")
    assert [part for part in told if part not in text] == []
    assert all(f"{name} ({scope}): " in text for name in TESTS for scope in ("article", "detailed"))
    assert "management_vs_production (detailed): 70.6519, p < 1e-300, n 5918" in text


def test_other_areas_and_levels_run(run, tmp_path, metropolitan):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    settings = load_settings(STUDY, tmp_path, STUDY.config, [metropolitan])
    other = run_stages(STUDY, settings, tmp_path)
    assert other.results["data"]["file"] == "MSA_M2025_dl.xlsx"
    assert other.results["data"]["rows_by_level"]["broad"] == 300
    assert len(other.results["areas"]["all"]) == 300
    assert "counted 5 times" in other.read(REPORT).decode()
    assert load_run(tmp_path).manifest["inputs"].keys() == {metropolitan.as_posix()}


def test_one_line_tells_which_setting_is_wrong(tmp_path):
    text = (ROOT / STUDY.config).read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(text.replace("0.95", "95"), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"confidence_level: .* less than 1"):
        load_settings(STUDY, tmp_path, Path("bad.toml"))


def test_the_notebook_runs_and_is_committed_without_outputs():
    path = ROOT / "notebooks/exploration.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    book = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(book, kernel_name="python3", resources=resources, timeout=300).execute()
    assert "$72,794 more" in json.dumps(book)
