"""The study's own commands, beside those that every project has."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .engine import ProjectError, Run
from .settings import BASELINES, CLEANED, INGESTED, LABELS, SPLIT, ModelSettings

if TYPE_CHECKING:
    import pandas as pd

    from .evaluation.promotion import HeldOut
    from .models.training import TrainedModel

logger = logging.getLogger(__name__)
MONITORING = "reports/monitoring"
RUN = typer.Argument(metavar="RUN", help="A run's name or its beginning, or a number of `models`.")
ANYWAY = typer.Option(metavar="REASON", help="Promote it whatever the rule says; why is kept.")
FILE = typer.Argument(metavar="FILE", help="CSV or Parquet.")
OUT = typer.Option(metavar="FILE", help="Where to write; by default FILE_predicted beside it.")
MODEL = typer.Option(metavar="RUN", help="Ask this run's model, not the one in production.")


def add_commands(
    app: typer.Typer,
    load: Callable[[], Run],
    settings_of: Callable[[Path], ModelSettings],
    track: Callable[[Run], None] = lambda run: None,
) -> None:
    """Add the study's own commands; `load` returns the last run, `track` follows a promotion."""

    @app.command(help="List the decisions about models, and which model is in production.")
    def models() -> None:
        from .models.registry import production, read_decisions

        root = load().root
        for line in read_decisions(root):
            scores = "  ".join(f"{name} {x:.4g}" for name, x in [*line["metrics"].items()][:2])
            facts = [f"{line['number']:>4}", line["time"], line["run"], line["name"], scores]
            typer.echo("  ".join([*facts, f"{line['action']}: {line['reason']}"]))
        now = production(root)
        typer.echo(f"In production: {named(now)}." if now else "None in production: see `promote`.")

    @app.command(help="Put a judged model into production, if it passes the settings' rule.")
    def promote(run: Annotated[str, RUN], anyway: Annotated[str | None, ANYWAY] = None) -> None:
        from .evaluation.promotion import apply_rule
        from .models.registry import find_decision, load_model, production, put_into_production

        last = load()
        line, now = find_decision(last.root, run), production(last.root)
        if now and now["model"] == line["model"]:
            raise ProjectError(f"{named(now)} already: name another, `models` lists them")
        if anyway is not None and not anyway.strip():
            raise ProjectError("--anyway needs a reason: it is kept in the history")
        model, _ = load_model(last.root, line["model"])
        action, reason = "promoted anyway", (anyway or "").strip()
        if anyway is None:
            if other := another_target(model, line, last):
                raise ProjectError(f"{other}: `run` with its settings first, or give --anyway")
            settings = settings_of(last.root)
            held = held_out(last, settings)
            action, reason = apply_rule(last.root, model, line["size_mb"], held, settings)
            if action == "kept":
                how = "`--anyway REASON` promotes it all the same"
                raise ProjectError(f"the model of run {line['run']} stays out: {reason}; {how}")
        typer.echo(f"In production: {named(put_into_production(last.root, line, action, reason))}.")
        track(last)

    @app.command(help="Put the model that was in production before back.")
    def rollback() -> None:
        from .models.registry import roll_back

        last = load()
        typer.echo(f"In production: {named(roll_back(last.root))}.")
        track(last)

    @app.command(help="Write a file's rows with predictions; a CSV with commas, in UTF-8.")
    def predict(
        file: Annotated[Path, FILE],
        out: Annotated[Path | None, OUT] = None,
        model: Annotated[str | None, MODEL] = None,
    ) -> None:
        from .models.prediction import PARQUET, predict_file
        from .models.registry import find_decision, load_model

        last, kind = load(), file.suffix if file.suffix.lower() in PARQUET else ".csv"
        root = last.root
        target = out or file.with_name(f"{file.stem}_predicted{kind}")
        if target.exists():
            raise ProjectError(f"{target} is there already: move it away, or name another --out")
        asked, line = load_model(root, find_decision(root, model)["model"] if model else None)
        rows = predict_file(asked, file, target, settings_of(root).sheet)
        if other := another_target(asked, line, last):
            logger.warning("%s: see `models`", other)
        typer.echo(f"{rows:,} rows by {named(line)}: {target}")

    @app.command(help="Hold a file's rows against the training rows; exit with 1 beyond limits.")
    def monitor(file: Annotated[Path, FILE]) -> None:
        from .engine import Workspace
        from .engine.raw_data import sha256
        from .engine.report import write_report
        from .models.prediction import read_new_rows
        from .models.registry import load_model
        from .monitoring.drift import assess
        from .monitoring.page import page_values

        run = load()
        settings, work = settings_of(run.root), Workspace(run.root, run.root)
        model, line = load_model(run.root)
        if other := another_target(model, line, run):
            raise ProjectError(f"{other}: `promote` its model, or `run` as before")
        new, held = read_new_rows(file, model, settings), held_out(run, settings)
        train = model.contract.cast(rows_of(run, CLEANED, "train"))
        found = assess(model, train, held, new, settings)
        found |= {"file": file.name, "sha256": sha256(file), "model": named(line)}
        work.write_json(f"{MONITORING}.json", {"schema_version": 1, **found})
        page = f"{MONITORING}.html"
        write_report(work, settings, "monitoring/report.md.j2", to=page, **page_values(found))
        typer.echo(f"{found['conclusion']}\nReport: {run.root / page}")
        raise typer.Exit(bool(found["beyond"]))


def named(line: dict[str, Any]) -> str:
    """Say which model a decision is about, and since when it holds."""
    return f"{line['name']} of run {line['run']}, {line['action']} {line['time']}"


def another_target(model: TrainedModel, line: dict[str, Any], last: Run) -> str | None:
    """Say so where a model predicts another column than the last run does, or in another way."""
    theirs, ours = (model.target, model.task), (last.results["target"], last.results["task"])
    if theirs == ours:
        return None
    said = [f"{target!r} as {task}" for target, task in (theirs, ours)]
    return f"run {line['run']} predicts {said[0]}, the last run {said[1]}"


def rows_of(run: Run, path: str, part: str) -> pd.DataFrame:
    """Return the rows of a part from a table of the run, if it is as the run wrote it."""
    from io import BytesIO

    import pandas as pd

    table, split = (pd.read_parquet(BytesIO(run.read(name))) for name in (path, SPLIT))
    return table.loc[split["row"][split["part"] == part]]


def held_out(run: Run, settings: ModelSettings) -> HeldOut:
    """Return the last run's test rows, and what models are held against on them."""
    from io import BytesIO

    import joblib

    from .evaluation.promotion import HeldOut

    table, group = rows_of(run, CLEANED, "test"), settings.group
    return HeldOut(
        table=table,
        truth=rows_of(run, LABELS, "test")["label"],
        groups=rows_of(run, INGESTED, "test")[group] if group else None,
        metric=run.results["metric"],
        dummy=joblib.load(BytesIO(run.read(BASELINES)))["dummy"],
    )
