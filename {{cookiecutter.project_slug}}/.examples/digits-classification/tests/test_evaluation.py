"""Intervals that cover, leaks that are named and honest columns that are not, explanations."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_digits, load_iris

from {{ cookiecutter.package_name }}.data.validation import Contract
from {{ cookiecutter.package_name }}.evaluation import explanation, uncertainty
from {{ cookiecutter.package_name }}.evaluation.leakage import find_leaks
from {{ cookiecutter.package_name }}.evaluation.uncertainty import bootstrap, paired_difference
from {{ cookiecutter.package_name }}.models.metrics import METRICS, score
from {{ cookiecutter.package_name }}.models.training import Predictions, train
from {{ cookiecutter.package_name }}.models.tuning import make_folds, search

SAMPLING = {"groups": None, "confidence_level": 0.95, "resamples": 1000, "seed": 0}


def guesses(n, k, seed=0):
    """Return the truth, and probabilities that know something of it; some of them are equal."""
    rng, classes = np.random.default_rng(seed), [f"c{i}" for i in range(k)]
    truth = rng.integers(k, size=n)
    of = np.round(rng.dirichlet(np.ones(k), n) + np.eye(k)[truth] * 0.4, 1) + 0.01
    of /= of.sum(axis=1, keepdims=True)
    names = np.array(classes, object)
    return names[truth], Predictions(names[of.argmax(axis=1)], of), classes


@pytest.mark.parametrize("k", [0, 2, 5])
def test_a_resample_is_scored_as_its_rows_are(k):
    truth, said, classes = guesses(150, k or 2)
    if not k:
        rng = np.random.default_rng(1)
        truth, classes = rng.normal(1e6, 1, 150), []
        said = Predictions(truth + rng.normal(0, 0.5, 150), None)
    for metric in METRICS["classes" if k else "numbers"]:
        quick = uncertainty.statistic(metric, truth, said, classes)
        for rows in (np.arange(150), np.random.default_rng(2).integers(150, size=150)):
            those = said.only(rows)
            value = score(metric, truth[rows], those.labels, those.probabilities, classes)
            drawn = np.bincount(rows, minlength=150).astype(float)
            assert quick(drawn[None]) == pytest.approx([value])


def test_an_interval_is_that_of_scipy():
    truth, said, classes = guesses(400, 3)
    (found,) = bootstrap(["balanced_accuracy"], truth, said, classes, **SAMPLING)
    low, high = found["low"], found["high"]
    (found,) = bootstrap(["accuracy"], truth, said, classes, **SAMPLING)
    assert (low, high) == pytest.approx((found["low"], found["high"]), abs=0.02)
    hit = ((truth == said.labels).astype(float),)
    known = stats.bootstrap(hit, np.mean, method="percentile", rng=1).confidence_interval
    assert (found["low"], found["high"]) == pytest.approx(known, abs=0.01)


def test_intervals_of_groups_cover_where_those_of_rows_do_not():
    rng, covered = np.random.default_rng(0), {"groups": 0, "rows": 0}
    who = pd.Series(np.repeat(np.arange(40), 10))
    for _ in range(60):
        truth, error = np.zeros(400), 5 + np.repeat(rng.normal(size=40), 10)
        said = Predictions(error + rng.normal(0, 0.1, 400), None)
        for name, groups in {"groups": who, "rows": None}.items():
            how = SAMPLING | {"resamples": 200, "groups": groups}
            (found,) = bootstrap(["mae"], truth, said, [], **how)
            covered[name] += found["low"] < 5 < found["high"]
    assert covered["groups"] > 51
    assert covered["rows"] < 35


def test_a_perfect_accuracy_of_a_few_rows_is_not_certain():
    truth, _, classes = guesses(20, 2)
    (found,) = bootstrap(["accuracy"], truth, Predictions(truth, None), classes, **SAMPLING)
    assert (found["value"], found["low"], found["high"]) == (1, pytest.approx(0.8389, abs=1e-4), 1)


def test_nothing_is_said_of_a_single_group_or_row():
    truth, said, classes = guesses(30, 2)
    how = SAMPLING | {"groups": pd.Series(["one"] * 30)}
    assert bootstrap(["accuracy"], truth, said, classes, **how)[0]["low"] is None
    other = Predictions(truth, said.probabilities)
    value, low, high = paired_difference("accuracy", truth, other, said, classes, **how)
    assert (value > 0, low, high) == (True, -np.inf, np.inf)
    how["groups"] = how["groups"].mask(how["groups"].index > 0)  # the others are groups of one
    assert bootstrap(["accuracy"], truth, said, classes, **how)[0]["low"] < 1


def test_equal_predictions_differ_by_nothing_and_pairs_by_less_than_each_alone():
    truth, said, classes = guesses(300, 3)
    for metric in METRICS["classes"]:
        assert paired_difference(metric, truth, said, said, classes, **SAMPLING) == (0, 0, 0)
    better = Predictions(np.where(np.arange(300) < 15, truth, said.labels), None)
    value, low, high = paired_difference("accuracy", truth, better, said, classes, **SAMPLING)
    (alone,) = bootstrap(["accuracy"], truth, said, classes, **SAMPLING)
    assert 0 <= low <= value <= high < alone["high"] - alone["low"]


def test_recalls_of_classes_that_are_perfect_absent_or_never_predicted():
    truth = np.array(["a"] * 30 + ["b"] * 10, object)
    classes, said = ["a", "b", "c"], np.array(["a"] * 40, object)
    found = [[*each.values()] for each in uncertainty.recalls(truth, said, classes, **SAMPLING)]
    assert found[0] == ["a", 30, 1, 0.75, pytest.approx(0.886, abs=1e-3), 1]
    assert found[1][:5] == ["b", 10, 0, None, 0]
    assert found[2] == ["c", 0, None, None, None, None]
    grouped = SAMPLING | {"groups": pd.Series(np.arange(40) // 4)}
    assert uncertainty.recalls(truth, said, classes, **grouped)[0]["low"] == 1


def leaks(table, labels, seed=0):
    kinds = {name: "category" if x.dtype == "str" else "number" for name, x in table.items()}
    task = "classes" if labels.dtype == "str" else "numbers"
    return " / ".join(find_leaks(table, labels, kinds, task, seed=seed))


@pytest.mark.parametrize("n", [60, 189, 5000])
def test_what_gives_the_target_is_named_and_nothing_else(n):
    rng = np.random.default_rng(n)
    table = pd.DataFrame(rng.normal(size=(n, 4)), columns=["p", "q", "self", "x y"])
    weight = 3000 + 400 * table["p"] + pd.Series(rng.normal(0, 500, n))
    low = (weight < 2500).map({True: "low", False: "normal"}).astype("str")
    table = table.mask(table > 2)
    assert leaks(table, low) == leaks(table, weight) == ""
    assert "'bwt' alone" in leaks(table.assign(bwt=weight), low)
    for copy in (low, low.str.upper(), weight.where(weight > 2500)):
        assert "'copy' alone" in leaks(table.assign(copy=copy), low)
    for copy in (weight, -weight, np.log(weight.abs()), weight.round(-1)):
        assert "'copy' alone" in leaks(table.assign(copy=copy), weight)
    shuffled = weight.sample(frac=1, random_state=1).reset_index(drop=True)
    assert leaks(table.assign(bwt=shuffled), low) == leaks(table.assign(s=shuffled), weight) == ""
    part = weight * np.random.default_rng(1).random(n)
    found = leaks(table.assign(part=part, rest=weight - part), weight)
    assert "sum of 'part', 'rest' gives" in found or "sum of 'rest', 'part' gives" in found


def test_honest_columns_of_easy_tables_are_not_named():
    for load in (load_iris, load_digits):
        table, target = load(return_X_y=True, as_frame=True)
        assert leaks(table, target.astype(str).astype("str")) == ""


def test_odd_tables_have_no_leaks_and_large_ones_are_drawn_from():
    for n in (0, 1, 2, 25):
        some = [np.nan, 5.0, 1e308] * 9
        odd = pd.DataFrame({"empty": [np.nan] * n, "one": [1.0] * n, "some": some[:n]})
        text = pd.Series(["a", "b"] * 13, dtype="str")[:n]
        for labels in (text, text.mask(text == "a"), pd.Series(np.arange(n, dtype=float))):
            assert leaks(odd, labels) == ""
    large = pd.DataFrame(np.random.default_rng(0).normal(size=(60_000, 99))).rename(columns=str)
    for labels in (large["7"] + large["8"], (large["7"] > 1).astype(str).astype("str")):
        assert "'7'" in leaks(large, labels)


@pytest.fixture(scope="module")
def fitted(settings):
    """A linear model of one column of three, and what it was fitted with."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(600, 2)), columns=["self", "noise"])
    table["word"] = pd.Series(rng.choice(["x", "y"], 600), dtype="str")
    labels = (table["self"] + rng.normal(0, 0.5, 600) > 0).map({True: "yes", False: "no"})
    kinds = {"self": "number", "noise": "number", "word": "category"}
    given = {"table": table, "labels": labels.astype("str"), "settings": settings}
    given |= {"contract": Contract.from_table(table, kinds), "task": "classes"}
    return train("linear", {"C": 1.0}, **given, classes=("no", "yes")), given


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_importance_finds_what_a_model_leans_on(fitted, metric):
    model, given = fitted
    rows = (given["table"], given["labels"])
    found = explanation.importance(model, *rows, metric, given["settings"])
    assert found[0]["column"] == "self"
    assert found[0]["low"] > 0.2
    for each in found[1:]:
        assert abs(each["value"]) < 0.02
        assert each["low"] <= each["value"] <= each["high"]


def test_a_learning_curve_ends_at_the_score_of_the_search(fitted):
    _, given = fitted
    space = given["settings"].model_copy(update={"candidates": {"linear": {"C": (1.0,)}}})
    folds, _ = make_folds(given["labels"], space, task="classes")
    rest = given | {"settings": space, "classes": ["no", "yes"]}
    rest |= {"metric": "accuracy", "folds": folds}
    chosen = next(each for each in search(**rest)[0] if each.chosen)
    curve = explanation.learning_curve(chosen, **rest)
    assert [each["rows"] for each in curve] == [48, 120, 240, 360, 480]
    assert (curve[-1]["mean"], curve[-1]["sd"]) == (chosen.mean, chosen.sd)
    rare = given["labels"].mask(given["labels"].index < 6, "rare")
    rest |= {"labels": rare, "classes": ["no", "rare", "yes"]}
    short = explanation.learning_curve(chosen, **rest)
    assert len(short) < 5


def test_bins_of_the_calibration_hold_every_row_once():
    truth, said, classes = guesses(1000, 3)
    bins = explanation.calibration(truth, said, classes)
    assert sum(each["rows"] for each in bins) == 1000
    hits = sum(each["rows"] * each["observed"] for each in bins)
    assert hits == pytest.approx((truth == said.labels).sum())
    sure = Predictions(truth, (truth[:, None] == np.array(classes)).astype(float))
    (only,) = explanation.calibration(truth, sure, classes)
    assert only == {"said": 1, "observed": 1, "rows": 1000}
    assert explanation.calibration(truth, Predictions(truth, None), classes) == []
    few = explanation.calibration(truth[:70], said.only(np.arange(70)), classes)
    assert len(few) == 3
    assert explanation.calibration(truth[:19], said.only(np.arange(19)), classes) == []
