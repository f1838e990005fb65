"""The study on one screen: its stages, and what else it hands to the engine.

Imports stand inside the stages, since a stage rests on all code that it has imported.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from . import settings as at
from .commands import add_commands
from .data.stages import by_part, clean, frame, ingest, inspect, label, split, validate
from .engine import FIGURES, RESULTS, Run, Stage, Study, Workspace
from .engine.study import load_settings
from .engine.tracking import track
from .models.stages import of_folds, train, training_rows, tune
from .settings import ModelSettings

logger = logging.getLogger(__name__)


def evaluate(settings: ModelSettings, work: Workspace) -> None:
    """Look at the test rows, once: scores, what the model leans on, and whether it is promoted."""
    import joblib

    from .evaluation.explanation import learning_curve
    from .evaluation.leakage import find_leaks
    from .evaluation.promotion import HeldOut, judge
    from .evaluation.results import data_facts, measure, predictions
    from .models.tuning import CandidateScore, make_folds
    from .visualization.report_text import captions, conclusion

    given, found = training_rows(settings, work), work.read_json(at.SEARCH)
    model, baselines = (joblib.load(work.input(path)) for path in (at.CANDIDATE, at.BASELINES))
    tables, labels = by_part(work, at.CLEANED), by_part(work, at.LABELS)
    truth, metric, task = labels["test"]["label"], found["metric"], given["task"]
    groups = frame(work, at.INGESTED)[settings.group] if settings.group else None
    mine = None if groups is None else groups[truth.index]
    held = HeldOut(tables["test"], truth, mine, metric, baselines["dummy"])
    predictions(model, held.table, truth).to_parquet(work.output(at.TEST_PREDICTIONS))
    unknown = predictions(model, tables["unlabeled"], None)
    unknown.to_parquet(work.output(at.UNLABELED_PREDICTIONS))
    folds, _ = make_folds(given["labels"], settings, task=task, **of_folds(settings, work))
    chosen = next(CandidateScore(**each) for each in found["candidates"] if each["chosen"])
    kinds = work.read_json(at.INGESTION)["columns"]
    leaks = find_leaks(given["table"], given["labels"], kinds, task, seed=settings.seed)
    results: dict[str, Any] = {
        "schema_version": 1,
        **data_facts(settings, work),
        **measure(model, baselines, held, settings),
        "learning_curve": learning_curve(chosen, **given, metric=metric, folds=folds),
        "leaks": leaks,
        "image": model.image is not None,
        "promotion": judge(work.root, work.input(at.CANDIDATE), model, held, settings),
    }
    results["conclusion"] = conclusion(results)
    logger.info("%s", results["conclusion"])
    results["analyses"] = [{"name": "test_score", "conclusion": results["conclusion"]}]
    work.write_json(RESULTS, results | {"figures": captions(results)})


def draw(settings: ModelSettings, work: Workspace) -> None:
    """Draw every figure of the report."""
    import joblib

    from .engine.style import save
    from .visualization.figures import draw_all

    image = joblib.load(work.input(at.CANDIDATE)).image
    tests = by_part(work, at.CLEANED)["test"] if image else None
    said = frame(work, at.TEST_PREDICTIONS)
    for name, figure in draw_all(work.read_json(RESULTS), said, tests, image).items():
        save(figure, *(work.output(f"{FIGURES}/{name}.{kind}") for kind in ("png", "svg")))


def card(settings: ModelSettings, work: Workspace) -> None:
    """Fill in the cards of the model and of the data."""
    from .engine.report import fill_in
    from .visualization.report_values import card_values

    values = card_values(work.read_json(RESULTS))
    for path, template in ((at.CARD, "models/card.md.j2"), (at.DATA_CARD, "data/card.md.j2")):
        text = fill_in(work, template, **values)
        work.output(path).write_text(text, encoding="utf-8", newline="\n")


def report(settings: ModelSettings, work: Workspace) -> None:
    """Tell the results as a short article."""
    from .engine.report import write_report
    from .visualization.report_values import report_values

    write_report(work, settings, "report.md.j2", **report_values(work.read_json(RESULTS)))


def headline(run: Run) -> str:
    """Return what is printed when a run is published."""
    from .models.registry import production

    said, now = run.results["promotion"], production(run.root)
    how = "; `promote RUN --anyway REASON` overrules it" * (said["decision"] == "kept")
    decided = f"{said['decision']}: {said['reason']}{how}"
    if said["decision"] == "promoted" and now and now["model"] != said["model"]:
        decided = f"judged before; in production is that of run {now['run']}, `promote` changes it"
    return f"{run.results['conclusion']}\nModel {decided}."


def metrics(run: Run) -> dict[str, float]:
    """Return what `runs compare` sets side by side: the scores on the test rows."""
    return {each["name"]: each["value"] for each in run.results["metrics"]}


def published(run: Run, settings: ModelSettings) -> None:
    """Keep what was decided about the run's model."""
    from .models.registry import record_decision

    record_decision(run.root, run)


def model(run: Run) -> tuple[Any, str | None]:
    """Return what the run's model says of a table, and the run whose model is in production."""
    from io import BytesIO

    import joblib

    from .models.registry import production

    trained, now = joblib.load(BytesIO(run.read(at.CANDIDATE))), production(run.root)
    return trained.predict_table, now["run"] if now else None


def router() -> Any:
    """Return the routes of `routes.py`."""
    from .routes import router

    return router


def serve(run: Run) -> Any:
    """Return what these routes answer from."""
    from .routes import answers_from

    return answers_from(run)


def commands(app: Any, load: Any) -> None:
    """Add the study's own commands."""

    def settings_of(root: Path) -> ModelSettings:
        return load_settings(STUDY, root, STUDY.config)

    add_commands(app, load, settings_of, lambda run: track(STUDY, run, settings_of(run.root)))


PARTED = ("seed", "test_share", "group", "time", "test_from")
JUDGED = ("raw", "target", *PARTED, "tuning", "compute", "promotion", "confidence_level")
STUDY = Study(
    title="Digits Classification",
    settings=ModelSettings,
    config=Path("configs/digits.toml"),
    stages=(
        Stage("ingest", "Read the table.", ingest, ("raw", "missing", "categories", "sheet")),
        Stage(
            "clean",
            "Leave out what is of no use.",
            clean,
            ("target", "group", "time", "leave_out", "drop_duplicates"),
        ),
        Stage("label", "Find what is predicted.", label, ("target", "task", "ignore_classes")),
        Stage("split", "Part the rows.", split, PARTED),
        Stage("validate", "Write the contract.", validate, ("missing", "target")),
        Stage(
            "tune",
            "Search for the best candidate.",
            tune,
            ("candidates", "tuning", "metric", "seed", "time", "group", "compute"),
        ),
        Stage("train", "Fit it.", train, ("target", "seed", "time", "image")),
        Stage("evaluate", "Test it, promote it or not.", evaluate, (*JUDGED, "resamples")),
        Stage("draw", "Draw the figures.", draw, ()),
        Stage("card", "Write the cards.", card, ()),
        Stage("report", "Write the report.", report),
    ),
    headline=headline,
    metrics=metrics,
    published=published,
    model=model,
    commands=commands,
    inspect=inspect,
    router=router,
    serve=serve,
    largest_body=2_000_000,  # rows, or a picture
)
