"""The study from end to end: raw table to report, on the digits and on another table."""

import io
import json
import random
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    r2_score,
)

from {{ cookiecutter.package_name }}.engine import ProjectError
from {{ cookiecutter.package_name }}.engine.raw_data import add_raw
from {{ cookiecutter.package_name }}.engine.runs import run_stages
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.models.registry import load_model
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.settings import (
    CANDIDATE,
    CLEANED,
    SPLIT,
    TEST_PREDICTIONS,
)

ROOT = Path(__file__).parents[1]


def table_of(run, path):
    return pd.read_parquet(io.BytesIO(run.read(path)))


def test_every_stage_writes_and_the_report_says_the_conclusion(run):
    assert list(run.manifest["stages"]) == [stage.name for stage in STUDY.stages]
    for stage in run.manifest["stages"].values():
        assert [file for file in stage["outputs"] if not (run.root / file).is_file()] == []
    assert run.results["conclusion"] in STUDY.headline(run)
    assert "&lt;" not in run.results["conclusion"]


@pytest.mark.usefixtures("digits")
def test_the_digits_are_told_as_well_as_promised(run):
    chosen = [each for each in run.results["candidates"] if each["chosen"]]
    assert [each["name"] for each in chosen] == ["support_vectors"]
    assert chosen[0]["mean"] >= 0.985
    accuracy = next(each for each in run.results["metrics"] if each["name"] == "accuracy")
    assert accuracy["value"] >= 0.97
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    guess = next(e for e in run.results["baselines"]["dummy"] if e["name"] == "accuracy")
    assert guess["high"] < 0.2


def test_the_scores_are_those_that_anybody_computes_from_the_predictions(run):
    said = table_of(run, TEST_PREDICTIONS)
    names = [name for name in said if name.startswith("probability")]
    got = {each["name"]: each["value"] for each in run.results["metrics"]}
    truth, prediction = said["truth"], said["prediction"]
    if run.results["task"] == "numbers":
        assert got["r2"] == pytest.approx(r2_score(truth, prediction))
        assert got["mae"] == pytest.approx(mean_absolute_error(truth, prediction))
        return
    assert got["accuracy"] == accuracy_score(truth, prediction)
    assert got["f1_macro"] == pytest.approx(f1_score(truth, prediction, average="macro"))
    assert got["log_loss"] == pytest.approx(log_loss(truth, said[names]), rel=1e-9)
    assert run.results["confusion"] == confusion_matrix(truth, prediction).tolist()


@pytest.mark.usefixtures("digits")
def test_each_raw_row_has_one_part_and_the_truth_is_the_raw_files(run, settings):
    raw, split = pd.read_csv(ROOT / settings.raw[0]), table_of(run, SPLIT)
    said = table_of(run, TEST_PREDICTIONS)
    assert split["row"].tolist() == list(range(len(raw)))
    counts = split["part"].value_counts().to_dict()
    assert counts == {k: n for k, n in run.results["split"]["rows"].items() if n}
    assert set(said["row"]) == set(split["row"][split["part"] == "test"])
    assert (raw["digit"].astype(str)[said["row"]].to_numpy() == said["truth"]).all()
    assert 0.17 < counts["test"] / len(raw) < 0.23


@pytest.mark.usefixtures("promoted")
def test_the_model_in_production_is_the_candidate_and_says_the_same(run):
    model, line = load_model(run.root)
    assert line["action"] == "promoted"
    said = table_of(run, TEST_PREDICTIONS)
    again = model.predict(table_of(run, CLEANED).loc[said["row"]])
    assert (again.labels == said["prediction"]).all()


def test_the_same_rows_train_the_same_bytes(run, settings):
    before = run.read(CANDIDATE)
    (run.root / CANDIDATE).unlink()
    again = run_stages(STUDY.stages, settings, run.root, until="train")
    assert again.read(CANDIDATE) == before


@pytest.fixture
def another(tmp_path):
    """A table that the study has never seen, in a project whose settings name it in three lines."""
    chance, rows = random.Random(1), ["house no.,größe,viertel,price"]
    for number in range(150):
        size, area = chance.uniform(30, 200), chance.choice(["alt", "neu", ""])
        price = 900 * size + 20_000 * (area == "neu") + chance.gauss(0, 9_000)
        rows.append(f"{number},{size:.1f},{area},{price:.0f}")
    (tmp_path / "houses.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    add_raw(tmp_path, tmp_path / "houses.csv")
    text = (ROOT / STUDY.config).read_text(encoding="utf-8")
    for before, now in (
        ('raw = ["data/raw/digits.csv"]', 'raw = ["data/raw/houses.csv"]'),
        ('target = "digit"', 'target = "price"'),
        ('task = "classes"', 'task = "numbers"'),
        ("fits = ", "fits = 12  # and not "),
    ):
        assert before in text
        text = text.replace(before, now)
    (tmp_path / STUDY.config).parent.mkdir()
    (tmp_path / STUDY.config).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("digits")
def test_three_lines_of_settings_are_a_project_for_another_table(another):
    made = run_stages(STUDY.stages, load_settings(STUDY, another, STUDY.config), another)
    results = made.results
    assert (results["task"], results["target"]) == ("numbers", "price")
    assert results["metrics"][0]["name"] == "r2"
    assert results["metrics"][0]["value"] > 0.9
    assert "house no." in json.dumps(results["data"], ensure_ascii=False)
    assert results["conclusion"] in made.read("reports/report.html").decode()
    assert (another / "models/candidate.md").read_text(encoding="utf-8").startswith("# Model card")


@pytest.mark.usefixtures("digits")
def test_a_wrong_setting_is_one_line(another):
    path = another / STUDY.config
    path.write_text(path.read_text(encoding="utf-8").replace('"price"', '"prize"'), "utf-8")
    with pytest.raises(ProjectError, match=r"prize.*price"):
        run_stages(STUDY.stages, load_settings(STUDY, another, STUDY.config), another)


def test_the_notebook_runs_and_is_committed_without_outputs(run):
    notebook = nbformat.read(ROOT / "notebooks/exploration.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []
    NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
