"""Figures and sentences, of the digits and of tables with hostile names."""

import copy
import warnings

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.engine.report import fill_in
from {{ cookiecutter.package_name }}.engine.study import Workspace
from {{ cookiecutter.package_name }}.visualization.figures import draw_all
from {{ cookiecutter.package_name }}.visualization.layout import drawable
from {{ cookiecutter.package_name }}.visualization.report_text import (
    MOST_CLASSES,
    captions,
    conclusion,
    short,
)
from {{ cookiecutter.package_name }}.visualization.report_values import card_values, report_values

HOSTILE = ["$x_1$ and $y", "名前 | <b>bold</b>", "a very long name that goes on " * 4]


@pytest.fixture
def hostile(run, digits):
    """The results of the digits, as if of three classes and other columns."""
    found = copy.deepcopy(run.results)
    found |= {"target": "<i>*y*</i>", "image": False, "leaks": [f"{HOSTILE[1]!r} knows it"]}
    found["classes"] = [{**found["classes"][i], "class": name} for i, name in enumerate(HOSTILE)]
    found["confusion"] = [[9, 1, 0], [0, 9, 0], [2, 0, 9]]
    for row, name in zip(found["importance"], HOSTILE * 30, strict=False):
        row["column"] = name
    found["data"]["left_out"] = dict.fromkeys(HOSTILE, "free | text")
    return found | {"figures": captions(found)}


@pytest.mark.usefixtures("digits")
def test_every_figure_of_the_digits_says_its_answer(run):
    said = run.results["figures"]
    expected = {"candidates", "confusion", "per_class", "calibration", "learning_curve"}
    assert set(said) == expected | {"importance", "mistakes"}
    for name, caption in said.items():
        assert caption["alt"].startswith(caption["title"])
        assert len(caption["title"]) > 15
        assert run.read(f"reports/figures/{name}.svg").startswith(b"<?xml")
    assert said["mistakes"]["title"].startswith("5 of 382")


def test_names_are_shown_as_they_are_and_break_nothing(hostile, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a letter that the font lacks would be a box
        for name, figure in draw_all(hostile, pd.DataFrame(), None, None).items():
            figure.savefig(tmp_path / f"{name}.png", dpi=40)
    assert drawable("a 前\n後") == "a \\u524d\n\\u5f8c"
    for template in ("report.md.j2", "models/card.md.j2", "data/card.md.j2"):
        text = fill_in(Workspace(tmp_path, tmp_path), template, **card_values(hostile))
        assert "<b>" not in text.replace(r"\<b", "")
        assert "None" not in text


def test_titles_say_what_the_numbers_say(hostile):
    best = next(each for each in hostile["candidates"] if each["chosen"])
    assert hostile["figures"]["candidates"]["title"].startswith("Support vectors scored best")
    near = next(x for x in hostile["candidates"] if x["name"] == "linear")
    near["mean"] = best["mean"] - best["sd"] / 2
    title = captions(hostile)["candidates"]["title"]
    assert title.startswith("Support vectors scored best, with a linear model")
    assert title.endswith("within one standard deviation")
    hostile["learning_curve"][-1]["mean"] = 0.5
    hostile["candidates"][0]["mean"] = 1.0
    for row in hostile["importance"]:  # of a single test row nothing can be said
        row |= {"low": None, "high": None}
    said = {name: caption["title"] for name, caption in captions(hostile).items()}
    assert said["learning_curve"] == "More rows of this kind would help little"
    assert said["candidates"] == "No candidate is better than a guess"
    assert said["importance"] == "It leans on no column alone"
    assert "importance" in draw_all(hostile, pd.DataFrame(), None, None)
    assert short("a_column_without_any_blank_that_ends_in_7") == "a_column_without_an…_ends_in_7"


def test_numbers_have_residuals_and_no_classes(hostile):
    numbers = hostile | {"task": "numbers", "metric": "r2"}
    numbers["metrics"] = [{"name": "r2", "value": 0.5, "low": None, "high": None}]
    numbers["baselines"] = dict.fromkeys(("dummy", "linear"), numbers["metrics"])
    numbers["worst"] = [{"row": 3, "truth": 1.0, "prediction": 2.5}]
    del numbers["classes"], numbers["confusion"], numbers["calibration"]
    numbers["figures"] = captions(numbers)
    assert numbers["figures"]["residuals"]["title"] == "The model explains 50 % of the variance"
    said = pd.DataFrame({"row": [3, 4], "truth": [1.0, 2.0], "prediction": [2.5, 2.0]})
    assert {"residuals", "candidates"} <= set(draw_all(numbers, said, None, None))
    assert "no interval: too few rows" in conclusion(numbers)
    assert report_values(numbers)["worst_rows"] == [{"raw row": 3, "truth": "1", "said": "2.5"}]


def test_of_many_classes_the_hardest_are_drawn_and_pairs_are_listed(hostile, tmp_path):
    some = hostile["classes"][0]
    hostile["classes"] = [{**some, "class": f"c{i}", "recall": max(i, 1) / 40} for i in range(40)]
    hostile["confused"] = [{"truth": "c1", "prediction": "c2", "rows": 7}]
    hostile["figures"] = captions(hostile)
    assert hostile["figures"]["per_class"]["title"] == "Class c0 and 1 more are found least often"
    figure = draw_all(hostile, pd.DataFrame(), None, None)["per_class"]
    assert len(figure.axes[0].get_yticklabels()) == MOST_CLASSES
    text = fill_in(Workspace(tmp_path, tmp_path), "report.md.j2", **report_values(hostile))
    assert "confusion.svg" not in text
    assert "| c1 | c2 | 7 |" in text


@pytest.mark.usefixtures("digits")
def test_mistakes_of_a_table_are_listed_those_first_of_which_the_model_was_surest(run):
    worst = run.results["worst"]
    assert len(worst) == 5
    assert all(each["truth"] != each["prediction"] for each in worst)
    sure = [each["probability"] for each in worst]
    assert sure == sorted(sure, reverse=True)
    assert sum(each["rows"] for each in run.results["confused"]) == len(worst)
