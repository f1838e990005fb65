"""Folds that do not leak, a budget that holds, and one result wherever it is computed."""

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from {{ cookiecutter.package_name }}.data.validation import Contract
from {{ cookiecutter.package_name }}.engine import ProjectError
from {{ cookiecutter.package_name }}.features.preprocessing import build_preprocessor
from {{ cookiecutter.package_name }}.models.candidates import pad
from {{ cookiecutter.package_name }}.models.training import train
from {{ cookiecutter.package_name }}.models.tuning import fold_score, make_folds, search, shares

RNG = np.random.default_rng(5)
N = 120
TABLE = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N)})
LABELS = pd.Series(np.where(TABLE["a"] + RNG.normal(0, 0.5, N) > 0, "yes", "no"), dtype="str")
CONTRACT = Contract.from_table(TABLE, dict.fromkeys(TABLE, "number"))
TASK = {"task": "classes", "classes": ["no", "yes"]}


@pytest.fixture
def small(settings):
    """The settings with few fits."""
    spaces = {"linear": {"C": (0.1, 1.0)}, "support_vectors": {"C": (1.0,), "gamma": (0.3, 1.0)}}
    tuning = settings.tuning.model_copy(update={"folds": 4, "fits": 16})
    return settings.model_copy(update={"candidates": spaces, "tuning": tuning})


def ask(settings, labels=LABELS, metric="accuracy", workers=1):
    compute = settings.compute.model_copy(update={"workers": workers})
    settings = settings.model_copy(update={"compute": compute})
    folds, _ = make_folds(labels, settings, task="classes")
    return search(TABLE, labels, CONTRACT, settings, **TASK, metric=metric, folds=folds)


def test_the_scaler_of_a_fold_never_sees_the_rows_it_is_scored_on():
    """A scaler fitted on all rows, the usual leak, would give another score."""
    table = TABLE.copy()
    fit, held = np.arange(80), np.arange(80, N)
    table.loc[held[:3], "b"] = 500.0
    parameters = {"C": 1.0, "gamma": 1.0}
    fixed = (CONTRACT, "classes", ("no", "yes"), None, 0, "accuracy")
    got = fold_score("support_vectors", parameters, table, LABELS, fit, held, *fixed)

    def by_hand(scaler):
        model = SVC(**parameters).fit(scaler.transform(table.iloc[fit]), LABELS.iloc[fit])
        return accuracy_score(LABELS.iloc[held], model.predict(scaler.transform(table.iloc[held])))

    assert got == by_hand(MinMaxScaler(clip=True).fit(table.iloc[fit]))
    assert got != by_hand(MinMaxScaler(clip=True).fit(table))


def test_a_target_that_was_shuffled_cannot_be_predicted(small):
    shuffled = pd.Series(RNG.permutation(LABELS), dtype="str")
    scores, _ = ask(small, shuffled)
    assert all(each.mean < 0.68 for each in scores)
    assert max(each.mean for each in ask(small)[0]) > 0.8


def test_one_and_two_processes_find_the_same_within_the_budget(small):
    one, two = ask(small), ask(small, workers=2)
    assert one == two
    scores, notes = one
    assert [each.name for each in scores] == ["dummy", "linear", "support_vectors"]
    assert [each.fits for each in scores] == [4, 8, 8]
    assert sum(each.chosen for each in scores) == 1
    assert notes == []


def test_the_same_rows_give_the_same_bytes(small, tmp_path):
    for name in ("linear", "gradient_boosting", "support_vectors"):
        for file in ("one", "two"):
            model = train(name, {}, TABLE, LABELS, CONTRACT, small, **TASK)
            joblib.dump(model, tmp_path / file)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
        said = model.predict(TABLE)
        assert said.probabilities.sum(axis=1) == pytest.approx(np.ones(N))
        assert (said.labels == LABELS).mean() > 0.8


def test_groups_and_time_hold_in_the_folds(small):
    groups = pd.Series(RNG.integers(0, 9, N))
    folds, _ = make_folds(LABELS, small, task="classes", groups=groups)
    assert len(folds) == 4
    assert all(set(groups[fit]).isdisjoint(groups[held]) for fit, held in folds)
    times = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.permutation(N), "D"))
    folds, _ = make_folds(LABELS, small, task="classes", times=times)
    assert all(times[fit].max() < times[held].min() for fit, held in folds)
    with pytest.raises(ProjectError, match="one group"):
        make_folds(LABELS, small, task="classes", groups=groups * 0)


def test_rare_classes_large_tables_and_many_classes_are_said(small):
    rare = LABELS.mask(LABELS.index == 7, "once")
    folds, notes = make_folds(rare, small, task="classes")
    assert "'once'" in notes[0]
    task = {"task": "classes", "classes": ["no", "once", "yes"], "metric": "log_loss"}
    found, _ = search(TABLE, rare, CONTRACT, small, **task, folds=folds)
    assert next(each for each in found if each.chosen).name != "dummy"
    tuning = small.tuning.model_copy(update={"rows": 50})
    folds, notes = make_folds(LABELS, small.model_copy(update={"tuning": tuning}), task="classes")
    assert sum(len(held) for _, held in folds) == 50
    assert "50 of 120 training rows" in notes[0]


def test_a_fold_without_a_class_does_not_flatter_who_never_finds_it(small):
    rare = pd.Series(np.where(TABLE.index < 3, "once", "no"), dtype="str")
    folds, _ = make_folds(rare, small, task="classes")
    assert [rare[held].nunique() for _, held in folds] == [2, 2, 2, 1]
    task = {"task": "classes", "classes": ["no", "once"], "metric": "balanced_accuracy"}
    found, _ = search(TABLE, rare, CONTRACT, small, **task, folds=folds)
    assert (found[0].name, found[0].mean, found[0].sd) == ("dummy", 0.5, 0)


def test_what_the_settings_cannot_mean_is_one_sentence(small):
    wrong = small.model_copy(update={"candidates": {"linear": {"depth": (1.0,)}}})
    with pytest.raises(ProjectError, match="has no 'depth': choose among C"):
        ask(wrong)
    wrong = small.model_copy(update={"candidates": {"linear": {"C": (-1.0,)}}})
    with pytest.raises(ProjectError, match="cannot be fitted"):
        ask(wrong)


def test_the_budget_is_parted_by_the_size_of_the_spaces():
    spaces = {"big": {"x": range(100)}, "small": {"x": [1, 2], "y": [1]}, "middle": {"x": range(9)}}
    assert shares(spaces, 20) == [9, 2, 9]
    assert shares(spaces, 1) == [1, 1, 1]


@pytest.mark.parametrize("scaling", ["standard", "range", None])
def test_every_kind_becomes_numbers_and_new_values_break_nothing(scaling):
    table = pd.DataFrame(
        {
            "n": [1.0, 2.0, None, 4.0],
            "c": pd.array(["a", "b", None, "a"], "str"),
            "d": pd.to_datetime(["2024-01-01", None, "2024-03-01", "2024-02-01"]),
            "none": [None, None, None, 1.0],
        }
    ).astype({"none": "float64"})
    kinds = {"n": "number", "c": "category", "d": "date", "none": "number"}
    contract = Contract.from_table(table, kinds)
    fitted = build_preprocessor(contract, scaling=scaling, time="d").fit(table.iloc[:3])
    new = table.assign(c=pd.array(["new", None, "b", "a"], "str"), n=[None, -1e9, 0.0, 1.0])
    matrix = fitted.transform(new)
    matrix = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    assert matrix.shape == (4, fitted.transform(table).shape[1])
    if scaling:
        assert np.isfinite(matrix.astype(float)).all()


def test_padding_keeps_every_number_and_leaves_sparse_rows_alone():
    padded, sparse = pad(np.ones((5, 61))), csr_array(np.eye(3))
    assert (padded.shape, padded[:, :61].all(), padded[:, 61:].any()) == ((5, 64), True, False)
    assert (pad(np.ones((5, 64))).shape, pad(sparse)) == ((5, 64), sparse)
