"""Which model answers: what is promoted, kept, rolled back and loaded."""

import hashlib
import json
import shutil
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.commands import add_commands
from {{ cookiecutter.package_name }}.data.validation import Contract
from {{ cookiecutter.package_name }}.engine import RESULTS, ProjectError, Run
from {{ cookiecutter.package_name }}.evaluation.promotion import HeldOut, answers, judge
from {{ cookiecutter.package_name }}.models import registry
from {{ cookiecutter.package_name }}.models.training import train
from {{ cookiecutter.package_name }}.pipeline import headline
from {{ cookiecutter.package_name }}.settings import CANDIDATE

RNG = np.random.default_rng(3)
TABLE = pd.DataFrame({"size": RNG.normal(size=200), "noise": RNG.normal(size=200)})
LABELS = pd.Series(np.where(TABLE["size"] + RNG.normal(0, 0.4, 200) > 0, "big", "small"))


@pytest.fixture(scope="module")
def models(settings):
    """A guess, a model that sees only noise, a good one and a better one."""

    def fit(name, table, **parameters):
        contract = Contract.from_table(TABLE, dict.fromkeys(TABLE, "number"))
        task = {"task": "classes", "classes": ["big", "small"]}
        return train(name, parameters, table, LABELS, contract, settings, **task)

    blind = TABLE.assign(size=0.0)
    return {
        "guess": fit("dummy", TABLE),
        "blind": fit("linear", blind, C=1.0),
        "good": fit("linear", TABLE, C=1.0),
        "other": fit("linear", TABLE, C=1.1),
    }


@pytest.fixture
def decide(tmp_path, models, settings):
    """Judge a model as a run does, publish and record it; return the line of the history."""

    def decide(name, record=True, **rule):
        path = tmp_path / CANDIDATE
        path.parent.mkdir(exist_ok=True)
        joblib.dump(models[name], path)
        held = HeldOut(TABLE, LABELS, None, "accuracy", models["guess"])
        promotion = settings.promotion.model_copy(update=rule)
        ruled = settings.model_copy(update={"promotion": promotion})
        said = judge(tmp_path, path, models[name], held, ruled)
        results = {"promotion": said, "metrics": [{"name": "accuracy", "value": 0.9}]}
        (tmp_path / "reports").mkdir(exist_ok=True)
        (tmp_path / RESULTS).write_text(json.dumps(results), encoding="utf-8")
        files = (CANDIDATE, RESULTS)
        made = {file: hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() for file in files}
        stages, shown = {"all": {"outputs": made}}, settings.shown(tmp_path)
        run = Run(tmp_path, {"run": f"run-{name}", "stages": stages, "settings": shown})
        if record:
            registry.record_decision(tmp_path, run)
        return said

    return decide


def actions(root):
    return [(line["run"], line["action"]) for line in registry.read_decisions(root)]


def test_a_run_that_was_judged_before_says_which_model_answers_now(tmp_path, decide):
    decide("good")
    decide("other")
    decide("good")  # judged before, so no decision is written: the other one stays
    results = json.loads((tmp_path / RESULTS).read_text("utf-8")) | {"conclusion": "So it is"}
    (tmp_path / RESULTS).write_text(json.dumps(results), encoding="utf-8")
    sha = hashlib.sha256((tmp_path / RESULTS).read_bytes()).hexdigest()
    said = headline(Run(tmp_path, {"stages": {"all": {"outputs": {RESULTS: sha}}}}))
    assert said.startswith("So it is\nModel judged before; in production is that of run run-other")


def test_the_first_that_passes_goes_into_production_and_is_recorded_once(tmp_path, decide):
    assert registry.production_mark(tmp_path) is None
    said = decide("good")
    assert (said["decision"], said["reason"]) == ("promoted", "no model was in production")
    mark = registry.production_mark(tmp_path)
    assert decide("good") == said  # word for word, although one is in production now
    assert registry.production_mark(tmp_path) == mark
    model, line = registry.load_model(tmp_path)
    assert (model.parameters["C"], line["target"], line["against"]) == (1.0, model.target, None)
    (registry_file,) = (tmp_path / "models/registry").glob("*.joblib")
    registry_file.unlink()
    decide("good")  # a crash, or a hand, between model and line is made good
    assert registry.load_model(tmp_path)[1] == line


def test_a_worse_one_is_kept_beside_the_one_in_production(tmp_path, decide):
    decide("good")
    said = decide("blind", floor=0.1)
    assert said["decision"] == "kept"
    assert "worse than the model in production" in said["reason"]
    assert registry.production(tmp_path)["run"] == "run-good"
    assert decide("other")["decision"] == "promoted"  # no worse beyond noise
    assert registry.production(tmp_path)["run"] == "run-other"


@pytest.mark.parametrize(
    ("name", "rule", "reason"),
    [
        ("blind", {}, "not beyond chance better than guessing"),
        ("good", {"floor": 0.999}, "misses the floor of 0.999"),
        ("good", {"class_floor": 1.0}, "recall of 'big'"),
        ("good", {"largest_mb": 1e-6}, "MB, more than 1e-06"),
        ("good", {"slowest_ms": 1e-6}, "ms, more than 1e-06"),
    ],
)
def test_each_part_of_the_rule_is_a_reason(decide, name, rule, reason):
    said = decide(name, record=False, **rule)
    assert said["decision"] == "kept"
    assert reason in said["reason"]


def test_a_model_of_other_columns_says_so(models):
    held = HeldOut(TABLE.drop(columns="noise"), LABELS, None, "accuracy", models["guess"])
    with pytest.raises(ProjectError, match=r"other columns than the last run has: .*'noise'"):
        answers(models["good"], held)


def test_only_the_recorded_file_of_this_scikit_learn_is_loaded(tmp_path, decide, monkeypatch):
    with pytest.raises(ProjectError, match="no model is in production"):
        registry.load_model(tmp_path)
    decide("good")
    monkeypatch.setattr(registry, "version", lambda name: "0.0")
    with pytest.raises(ProjectError, match=r"this is 0\.0: `run --force` trains again"):
        registry.load_model(tmp_path)
    assert "cannot be compared" in decide("other", record=False)["reason"]
    (file,) = (tmp_path / "models/registry").glob("*.joblib")
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(ProjectError, match="not the file that was judged"):
        registry.load_model(tmp_path)


def test_a_damaged_line_is_named_and_nothing_is_written(tmp_path, decide):
    decide("good")
    path = tmp_path / "models/registry/history.jsonl"
    path.write_text(path.read_text() + '{"number": 2, "act\n', encoding="utf-8")
    before = path.read_text()
    with pytest.raises(ProjectError, match="line 2 is damaged"):
        registry.roll_back(tmp_path)
    assert path.read_text() == before


def test_a_rollback_goes_back_through_what_was_in_production(tmp_path, decide):
    for name in ("good", "blind", "other"):
        decide(name, floor=0.1)
    assert registry.roll_back(tmp_path)["run"] == "run-good"  # the one kept never was in it
    with pytest.raises(ProjectError, match="no other model was in production"):
        registry.roll_back(tmp_path)
    assert [action for _, action in actions(tmp_path)] == [
        *("promoted", "kept", "promoted", "rolled back")
    ]
    assert registry.find_decision(tmp_path, "2")["run"] == "run-blind"
    assert registry.find_decision(tmp_path, "run-g")["number"] == 4
    for name in ("run-", "9", "elsewhere"):
        with pytest.raises(ProjectError, match=name):
            registry.find_decision(tmp_path, name)


@pytest.mark.usefixtures("promoted")
def test_the_commands_refuse_and_overrule(tmp_path, run, settings, models, caplog):
    shutil.copytree(run.root, tmp_path, dirs_exist_ok=True)
    app = typer.Typer()
    add_commands(app, lambda: Run(tmp_path, run.manifest), lambda root: settings)

    def ask(*words):
        return CliRunner().invoke(app, words)

    assert run.manifest["run"] in ask("models").stdout.splitlines()[-1]
    assert "already" in str(ask("promote", "1").exception)
    assert "no other model" in str(ask("rollback").exception)
    guess = joblib.load(tmp_path / "models/baselines.joblib")["dummy"]
    kept = {"feedbeef": guess, "another": replace(guess, target="weight")}
    for number, (name, model) in enumerate(kept.items(), 2):
        joblib.dump(model, tmp_path / "models/kept.joblib")
        sha = hashlib.sha256((tmp_path / "models/kept.joblib").read_bytes()).hexdigest()
        (tmp_path / "models/kept.joblib").rename(tmp_path / f"models/registry/{sha[:12]}.joblib")
        line = registry.production(tmp_path) | {"number": number, "action": "kept", "key": name}
        line |= {"model": sha, "run": name}
        with (tmp_path / registry.HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    other = f"another predicts 'weight' as {run.results['task']}, the last run"
    assert other in str(ask("promote", "another").exception)
    refused = ask("promote", "feed")
    assert refused.exit_code == 1
    assert "guessing" in str(refused.exception)
    assert "worse than the model in production" in str(refused.exception)
    assert "needs a reason" in str(ask("promote", "feed", "--anyway", " ").exception)
    assert "feedbeef" in ask("promote", "feed", "--anyway", "to show it").stdout
    assert registry.production(tmp_path)["reason"] == "to show it"
    assert run.manifest["run"] in ask("rollback").stdout
    assert "another" in ask("promote", "another", "--anyway", "to ask it").stdout
    rows = tmp_path / "rows.csv"
    rows.write_bytes(b"".join((tmp_path / settings.raw[0]).read_bytes().splitlines(True)[:3]))
    assert other in str(ask("monitor", str(rows)).exception)
    assert "2 rows by" in ask("predict", str(rows)).stdout
    assert other in caplog.text
