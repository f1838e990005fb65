"""New rows: predicted in a file, and held against those that the model learned from."""

import io
import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.commands import add_commands
from {{ cookiecutter.package_name }}.data.validation import Contract
from {{ cookiecutter.package_name }}.engine import ProjectError, Run
from {{ cookiecutter.package_name }}.models.prediction import predict_file, read_new_rows
from {{ cookiecutter.package_name }}.models.training import train
from {{ cookiecutter.package_name }}.settings import SPLIT

RAW = "data/raw/digits.csv"

pytestmark = pytest.mark.usefixtures("digits")


@pytest.fixture
def asked():
    """What a test changes in the settings."""
    return {}


@pytest.fixture
def ask(run, settings, asked, tmp_path):
    """The study's commands in a copy of the project."""
    shutil.copytree(run.root, tmp_path / "project")
    app = typer.Typer()
    copy = Run(tmp_path / "project", run.manifest)
    add_commands(app, lambda: copy, lambda root: settings.model_copy(update=asked))
    return lambda *words: CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture(scope="module")
def tests(run):
    """The raw test rows, with their labels."""
    split = pd.read_parquet(io.BytesIO(run.read(SPLIT)))
    return pd.read_csv(run.root / RAW).loc[split["row"][split["part"] == "test"]]


def test_rows_like_those_of_training_are_within_the_limits(ask, tests, tmp_path):
    tests.to_csv(tmp_path / "same.csv", index=False)
    done = ask("monitor", tmp_path / "same.csv")
    assert (done.exit_code, "within the limits" in done.stdout) == (0, True), done
    found = json.loads((tmp_path / "project/reports/monitoring.json").read_text("utf-8"))
    assert (found["beyond"], found["rows"]) == ([], len(tests))
    assert found["score"]["now"]["value"] == found["score"]["before"]["value"]
    page = (tmp_path / "project/reports/monitoring.html").read_text("utf-8")
    assert "None of" in page
    assert "<h1>The new rows are within" in page


def test_other_rows_are_beyond_them_with_status_1(ask, tests, tmp_path):
    other = tests.assign(digit=tests["digit"].to_numpy()[::-1])
    pixels = other.columns.difference(["digit"])
    other[pixels] = (other[pixels] * 0.4).round()
    other.iloc[:3, other.columns.get_loc("digit")] = 11
    other.to_parquet(tmp_path / "other.parquet")
    done = ask("monitor", tmp_path / "other.parquet")
    assert done.exit_code == 1
    found = json.loads((tmp_path / "project/reports/monitoring.json").read_text("utf-8"))
    assert "columns have shifted" in found["beyond"][0]
    assert "3 labels are new to the model, such as '11'" in found["beyond"]
    assert "worse than on the test rows" in found["beyond"][-1]
    assert found["columns"][0]["shifted"] is True


def test_without_labels_there_is_no_score_and_few_rows_are_refused(ask, tests, tmp_path):
    tests.drop(columns="digit").to_csv(tmp_path / "new.csv", index=False)
    assert ask("monitor", tmp_path / "new.csv").exit_code == 0
    page = (tmp_path / "project/reports/monitoring.html").read_text("utf-8")
    assert "too few to score" in page
    tests.head(5).to_csv(tmp_path / "few.csv", index=False)
    assert "has 5 rows, too few" in str(ask("monitor", tmp_path / "few.csv").exception)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_comes_out_as_it_went_in_with_predictions(ask, tests, tmp_path, suffix):
    rows = tests.drop(columns="digit").iloc[:, ::-1].assign(note="as it was")
    file, target = tmp_path / f"rows{suffix}", tmp_path / f"rows_predicted{suffix}"
    rows.to_csv(file, index=False) if suffix == ".csv" else rows.to_parquet(file, index=False)
    done = ask("predict", file)
    assert f"{len(rows)} rows by support_vectors" in done.stdout, done
    read = pd.read_csv if suffix == ".csv" else pd.read_parquet
    again = read(target)
    pd.testing.assert_frame_equal(again[rows.columns], read(file))
    said = again["predicted digit"].astype(str).to_numpy()
    assert (said == tests["digit"].astype(str).to_numpy()).mean() > 0.97
    assert again["probability"].between(0.1, 1).all()
    assert "is there already" in str(ask("predict", file).exception)


@pytest.mark.parametrize(
    ("task", "labels", "written"),
    [
        ("numbers", "318.437", ","),
        ("numbers", "318.437", ""),
        ("classes", "-", ""),  # as of a column that `categories` names
        ("classes", "1,50", ","),
    ],
)
def test_labels_are_read_as_training_read_them(settings, tmp_path, task, labels, written):
    table = pd.DataFrame({"x": [float(i) for i in range(40)]})
    contract = Contract.from_table(table, {"x": "number"}, ways={"x": ","})
    contract = replace(contract, target_way=written)
    classes = ["+", "-"] if labels == "-" else ["1.5", "2"]
    truth = pd.Series([1.0, 2.0] * 20) if task == "numbers" else pd.Series(classes * 20)
    named = settings.model_copy(update={"target": "y"})
    given = {"task": task, "classes": classes if task == "classes" else []}
    model = train("dummy", {}, table, truth, contract, named, **given)
    lines = "".join(f"{i},5;{labels}\n" for i in range(40))
    (tmp_path / "new.csv").write_text("x;y\n" + lines, encoding="utf-8")
    read = read_new_rows(tmp_path / "new.csv", model, named)
    same = {",": 318_437.0, "": 318.437} if task == "numbers" else {",": "1.5", "": "-"}
    assert set(read.labels) == {same[written]}


def test_a_column_that_is_called_as_an_answer_is_no_dead_end(settings, tmp_path):
    table = pd.DataFrame({"probability": [0.0, 1.0] * 20, "predicted y": [1.0] * 20 + [2.0] * 20})
    labels = pd.Series(["no", "yes"] * 20, dtype="str")
    contract = Contract.from_table(table, dict.fromkeys(table, "number"))
    given = {"task": "classes", "classes": ["no", "yes"]}
    named = settings.model_copy(update={"target": "y"})
    model = train("linear", {}, table, labels, contract, named, **given)
    table.to_csv(tmp_path / "in.csv", index=False)
    assert predict_file(model, tmp_path / "in.csv", tmp_path / "out.csv") == 40
    said = pd.read_csv(tmp_path / "out.csv")
    assert said.columns.tolist() == [*table, "predicted y (model)", "probability (model)"]
    assert (said["predicted y (model)"] == labels).all()
    again = {"source": tmp_path / "out.csv", "target": tmp_path / "again.csv"}
    with pytest.raises(ProjectError, match=r"column 'predicted y \(model\)' already"):
        predict_file(model, **again)


def test_a_workbook_is_read_at_the_sheet_of_the_settings_and_answered_as_csv(
    ask, asked, tests, tmp_path
):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_excel(book, sheet_name="other", index=False)
        tests.to_excel(book, sheet_name="digits", index=False)
    assert "missing: 'pixel_0_1'" in str(ask("predict", tmp_path / "book.xlsx").exception)
    asked["sheet"] = "digits"
    assert ask("monitor", tmp_path / "book.xlsx").exit_code == 0
    assert ask("predict", tmp_path / "book.xlsx").exit_code == 0
    said = pd.read_csv(tmp_path / "book_predicted.csv")
    assert (said["predicted digit"] == said["digit"]).mean() > 0.97


def test_what_cannot_be_predicted_leaves_nothing(ask, tests, tmp_path, caplog):
    file, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    tests.drop(columns="pixel_3_3").to_csv(file, index=False)
    for asked in (["predict", file, "--out", out], ["monitor", file]):
        refused = str(ask(*asked).exception)
        assert f"{file} is not what the model reads: columns that are missing" in refused
    wrong = tests.assign(pixel_3_3=["ink", *tests["pixel_3_3"][1:]])
    wrong.to_csv(file, index=False)
    refused = str(ask("predict", file, "--out", out).exception)
    assert "'pixel_3_3', row 0 (the first is 0): 'ink' is no number" in refused
    assert not out.exists()
    tests.assign(pixel_3_3=99).to_csv(file, index=False)
    ask("predict", file, "--out", out)
    assert "are outside the range of the training rows: 'pixel_3_3' (382)" in caplog.text
