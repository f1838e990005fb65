"""The pipeline from the workbook to the report, on the real file and on other areas."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import joblib
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from openpyxl import load_workbook
from typer import Typer
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.engine import FIGURES, REPORT, RESULTS, ProjectError
from {{ cookiecutter.package_name }}.engine.publishing import load_run
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.settings import (
    CARD,
    CORRELATIONS,
    MODEL,
    QUALITY,
    REJECTED,
    WAGES,
    WORKBOOK,
)
from {{ cookiecutter.package_name }}.visualization import report_text
from {{ cookiecutter.package_name }}.visualization.workbook import write_workbook

ROOT = Path(__file__).parents[1]
PAIRED = "management_vs_production_paired"
TESTS = report_text.TESTS.keys() - {PAIRED}


def test_each_stage_makes_what_is_its_own(run):
    figures = run.results["figures"]
    made = {name: set(stage["outputs"]) for name, stage in run.manifest["stages"].items()}
    assert made == {
        "preprocess": {WAGES, REJECTED, QUALITY},
        "analyse": {RESULTS, MODEL, CORRELATIONS},
        "draw": {f"{FIGURES}/{name}.{kind}" for name in figures for kind in ("png", "svg")},
        "tabulate": {WORKBOOK, CARD},
        "report": {REPORT},
    }
    matrix = pd.read_csv(run.root / CORRELATIONS, index_col=0)
    assert (matrix.to_numpy().diagonal() == 1).all()
    assert matrix.loc["TOT_EMP", "A_MEAN"] == pytest.approx(-0.0299557839, rel=1e-6)


def test_results_follow_the_contract(run):
    results, data = run.results, run.results["data"]
    told = {"file": "data/raw/state_M2025_dl.xlsx", "rows_read": 37408, "rows_kept": 37408}
    told |= {"top_coded": {"rows": 92, "major_groups": {"29": 92}}}
    assert data.items() >= told.items()
    assert data["coerced"]["A_MEAN"] == {"*": 625, "#": 92}
    assert results["schema_version"] == 1
    found = {(item["name"], item["scope"]) for item in results["analyses"]}
    pairs = {(name, scope) for name in TESTS for scope in ("article", "detailed")}
    assert found == pairs | {(PAIRED, "major")}
    for item in results["analyses"]:
        assert math.isfinite(item["statistic"])
        assert isinstance(item["n"], list)
        assert item["conclusion"].endswith(".")
        missing = {key for key, value in item.items() if value is None}
        assert missing == {key for key in item["reasons"] if item.get(key) is None}
    numbers = STUDY.metrics(run)
    assert {name.partition(")")[0] for name in numbers} == {f"{x} ({y}" for x, y in found}
    mean = next(item for item in results["analyses"] if item["scope"] == "detailed")
    assert numbers[f"{mean['name']} (detailed) low"] == mean["interval_two_way"]["low"]
    assert numbers["management_vs_production (detailed)"] == pytest.approx(70.6518827)


def test_sentences_follow_the_numbers_and_the_level():
    templates = [*Path(report_text.__file__).parents[1].rglob("*.j2")]
    assert [path for path in templates if "95 %" in path.read_text(encoding="utf-8")] == []
    test = {"statistic": 2.24, "pvalue": 0.025, "log10_pvalue": -1.6}
    sure = {"statistic": 14.03, "pvalue": 2e-38, "log10_pvalue": -37.7}
    settled = "t = 14.0 (p < 0.001). At face value that settles it."
    assert report_text.published_test(test) == "t = 2.2 (p = 0.025)."
    assert report_text.published_test(sure) == settled
    marks, lead = {"A_MEAN": {"*": 1000, "#": 7}}, "Of 1,200 mean annual wages"
    said = [report_text.missing_wages({"rows_kept": 1200, "coerced": c}) for c in (marks, {})]
    assert said[0] == f"{lead} 1,007 are missing: 1,000 are marked *, 7 are marked #."
    assert said[1] == f"{lead} 0 are missing: none."
    tops = [{"rows": 9, "major_groups": {"29": 7, "11": 2}}, {"rows": 0, "major_groups": {}}]
    said = [report_text.top_coded_wages({"top_coded": top}) for top in tops]
    assert said[0] == "Here 9 mean wages are top-coded, by major group: 29 (7), 11 (2)."
    assert said[1] == "No mean wage is top-coded here."


def test_the_report_sets_both_numbers_side_by_side_and_says_none_where_there_is_none(run):
    html = run.read(REPORT).decode()
    said = ("5 titles", "t = 14.0", "counted 3 times", "independent", "$72,794")
    assert [part for part in said if part not in html] == []
    assert (html.count("<img "), html.count("<h2"), html.count("p = 0<")) == (6, 17, 0)
    quality = json.loads(run.read(QUALITY))
    values = report_text.report_values(run.results, quality)
    assert f"<td>{quality[0]['says']}" in html.replace('<th scope="row">', "<td>")
    cited = "May 2025, state", "add the month and the areas"
    assert [text in " ".join(html.split()) for text in cited] == [True, False]
    left = report_text.left_out({"left_out": {"blank": 2, "a note": 1}})
    assert left == "Rows that were left out: 2 (blank); 1 (a note)."
    rows = {(row["Analysis"], row["Scope"]): row for row in values["all_tests"]}
    assert len(rows) == len(run.results["analyses"])
    anova = rows["Wages across major groups", "detailed"]
    assert anova["Interval as published"] == "none"
    assert anova["Test"] == "F\xa0=\xa0919, p\xa0<\xa00.001"
    assert anova["Interval to lean on"].endswith("occupation means, 0.395: 0.346 to 0.441")
    assert rows["Employment, wage: regression", "detailed"]["Interval to lean on"] == (
        "-0.201 to 0.0364 US$ per job"
    )
    ranks = [row["Ranks it can claim"] for row in values["area_rows"]]
    assert ranks == ["1", "2", "3 to 4", "…", "51 to 52", "53", "54"]
    assert values["both_scopes"][1]["Interval to lean on"] == "$60,084 to $85,505"
    values["found"]["tech_vs_nontech_ztest"]["detailed"]["interval_two_way"] = None
    widened = report_text.widened(values["found"])
    assert "times as wide for management and production, not known for technology, " in widened


def test_the_workbook_has_a_formatted_sheet_for_each_result(run):
    book = load_workbook(run.root / WORKBOOK)
    assert {*TESTS, "summary", "areas", "wage_by_group", "missing"} < set(book.sheetnames)
    assert all(sheet.freeze_panes == "B2" for sheet in book)
    assert all(sheet.column_dimensions["A"].width > 8 for sheet in book)
    money = book["areas"]["B2"]
    assert (money.value, money.number_format[:4]) == (111010, '"$"#')
    tests = {row[0].value: row[2].value for row in book["management_vs_production"].rows}
    assert tests["statistic"] == pytest.approx(70.6518827, rel=1e-6)


def test_the_workbook_keeps_text_as_text_and_no_time(tmp_path):
    path = tmp_path / "one.xlsx"
    write_workbook(path, {"sheet": [{"=1+1": "=SUM(A1)", "n": 1.5}]})
    cells = [cell for row in load_workbook(path)["sheet"].rows for cell in row]
    found = [(cell.value, cell.data_type) for cell in cells]
    assert found == [("=1+1", "s"), ("n", "s"), ("=SUM(A1)", "s"), (1.5, "n")]
    with ZipFile(path) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d", file.read("docProps/core.xml"))) == {b"1980-01"}


def test_the_card_holds_the_numbers_of_the_run(run, found):
    card, fit = " ".join(run.read(CARD).decode().split()), joblib.load(run.root / MODEL)
    data, package = run.results["data"], report_text.__name__.partition(".")[0]
    unfit = "Not fit for prediction: employment explains 0.09 % of the variance of mean wages"
    said = (unfit, "(r squared 0.0009)", "34,163 rows (detailed scope)", data["sha256"])
    code = (f"`{data['file']}`", f"python -m {package} predict")  # letter by letter
    shown = (fit.slope, fit.intercept, fit.slope_stderr, fit.residual_sd)
    told = ("# Model card", *said, *code, *(f"{value:.8g}" for value in shown))
    assert [text for text in told if text not in card] == []
    item = found["employment_wage_regression"]["detailed"]
    good = report_text.card_values(replace(fit, r_squared=0.5), item, {**data, "file": "a`b\nc"})
    assert (good["use"], good["file"]) == ("To be read with its errors", "`a'b c`")


def test_the_model_is_loaded_only_if_it_is_the_recorded_one(project):
    cli = Typer()
    STUDY.commands(cli, lambda: load_run(project))

    def predict(jobs):
        return CliRunner().invoke(cli, ["predict", "--employment", jobs])

    assert predict("1000").output == "$74,274 a year\n"
    assert predict("-1").exit_code == 2
    assert isinstance(predict("inf").exception, ProjectError)
    joblib.dump({"not": "the model"}, project / MODEL)
    error = predict("1000").exception
    assert isinstance(error, ProjectError)
    assert f"{MODEL} is not the file that the run wrote" in str(error)


def test_only_what_a_run_can_read_becomes_raw_data(workbook):
    STUDY.inspect(workbook({}))
    with pytest.raises(ProjectError, match=r"small\.xlsx: .* lacks AREA"):
        STUDY.inspect(workbook({}, header=[f"COLUMN {i}" for i in range(32)]))


def test_the_log_tells_the_run(run):
    text = (run.root / "logs/pipeline.log").read_text(encoding="utf-8")
    told = ("data/raw/state_M2025_dl.xlsx", "37,408 rows read", "# 92 in", "preprocess took")
    assert [part for part in told if part not in text] == []
    assert all(f"{name} ({scope}): " in text for name in TESTS for scope in ("article", "detailed"))
    assert "management_vs_production (detailed): 70.6519, p < 0.001, n 5918" in text


def test_other_areas_and_levels_run(other_run):
    data, areas = other_run.results["data"], other_run.results["areas"]["all"]
    assert (data["file"], data["rows_by_level"]["broad"]) == ("MSA_M2025_dl.xlsx", len(areas))
    html = other_run.read(REPORT).decode()
    assert "counted 5 times" in html
    assert "MSA_M2025_dl.xlsx, which is not the workbook of May 2025" in " ".join(html.split())
    assert "2026-05-15" not in html
    assert STUDY.headline(other_run).startswith(other_run.results["figures"]["areas"]["title"])


def test_one_line_tells_which_setting_is_wrong(tmp_path):
    text = (ROOT / STUDY.config).read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(text.replace("0.95", "95"), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"confidence_level: .* less than 1"):
        load_settings(STUDY, tmp_path, Path("bad.toml"))


def test_the_notebook_runs_and_is_committed_without_outputs(run):
    path = ROOT / "notebooks/exploration.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    book = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(book, kernel_name="python3", resources=resources, timeout=300).execute()
    assert "$72,794 more" in json.dumps(book)
