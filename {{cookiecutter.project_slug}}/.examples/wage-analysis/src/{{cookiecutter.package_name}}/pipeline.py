"""The study on one screen: its stages, and what else it hands to the engine.

Imports stand inside the stages, since a stage rests on all code that it has imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .commands import add_commands, add_data_commands
from .engine import FIGURES, RESULTS, Run, Stage, Study, Workspace
from .settings import (
    CARD,
    CORRELATIONS,
    MODEL,
    QUALITY,
    REJECTED,
    TITLE,
    WAGES,
    WORKBOOK,
    WageSettings,
)


def preprocess(settings: WageSettings, work: Workspace) -> None:
    """Turn the workbook into a typed table, which remembers where it comes from."""
    from .data.preprocessing import read_wages
    from .data.validation import judge_rules, validate_wages

    wages, rejected = read_wages(work.input(settings.raw[0]))
    rejected.to_parquet(work.output(REJECTED), index=False)
    work.write_json(QUALITY, judge_rules(validate_wages(wages)))
    wages.attrs = {"source": work.source(settings.raw[0]) | wages.attrs["source"]}
    wages.to_parquet(work.output(WAGES), index=False)


def analyse(settings: WageSettings, work: Workspace) -> None:
    """Ask every question in every scope: results, model and correlations."""
    import joblib
    import pandas as pd

    from .analysis.all_analyses import area_rows, ask, describe_data
    from .analysis.areas import compare_areas
    from .analysis.captions import captions, marks_by_column
    from .analysis.employment_wage import correlation_matrix
    from .analysis.robustness import check_conclusions
    from .analysis.top_coding import bound_top_codes
    from .analysis.wage_by_group import wage_spread_by_group
    from .data.row_selection import select
    from .models.regression import fit_employment_wage

    wages, level = pd.read_parquet(work.input(WAGES)), settings.confidence_level
    results: dict[str, Any] = {
        "schema_version": 1,
        "data": describe_data(wages, settings.groups),
        "confidence_level": level,
        "analyses": [test.to_dict() for test in ask(wages, settings.groups, level)],
        "areas": area_rows(compare_areas(wages, confidence_level=level)),
    }
    wages.attrs.clear()
    results["robustness"] = check_conclusions(wages, results, settings.groups)
    results["top_coding"] = bound_top_codes(wages, results, settings.groups)
    marks, spread = marks_by_column(wages, results["data"]["coerced"]), wage_spread_by_group(wages)
    work.write_json(RESULTS, results | {"figures": captions(results, spread, marks)})
    detailed = select(wages).rows
    joblib.dump(fit_employment_wage(detailed), work.output(MODEL))
    correlation_matrix(detailed).to_csv(work.output(CORRELATIONS))


def draw(settings: WageSettings, work: Workspace) -> None:
    """Draw every figure of the report."""
    import pandas as pd

    from .engine.style import save
    from .visualization.figures import draw_all

    wages = pd.read_parquet(work.input(WAGES))
    wages.attrs.clear()
    for name, figure in draw_all(wages, work.read_json(RESULTS), settings.groups).items():
        save(figure, *(work.output(f"{FIGURES}/{name}.{kind}") for kind in ("png", "svg")))


def tabulate(settings: WageSettings, work: Workspace) -> None:
    """Put all numbers into a workbook, and those of the model onto its card."""
    import joblib
    import pandas as pd

    from .analysis.statistics.results import by_name
    from .analysis.wage_by_group import wage_spread_by_group
    from .engine.report import fill_in
    from .visualization.report_text import card_values
    from .visualization.workbook import result_tables, write_workbook

    results, model = work.read_json(RESULTS), joblib.load(work.input(MODEL))
    spread = wage_spread_by_group(pd.read_parquet(work.input(WAGES)))
    correlations = pd.read_csv(work.input(CORRELATIONS), index_col=0)
    write_workbook(work.output(WORKBOOK), result_tables(results, spread, correlations))
    found = by_name(results)["employment_wage_regression"]["detailed"]
    card = fill_in(work, "models/card.md.j2", **card_values(model, found, results["data"]))
    work.output(CARD).write_text(card, encoding="utf-8", newline="\n")


def report(settings: WageSettings, work: Workspace) -> None:
    """Tell the results as a short article."""
    from .engine.report import write_report
    from .visualization.report_text import report_values

    values = report_values(work.read_json(RESULTS), work.read_json(QUALITY))
    write_report(work, settings, "report.md.j2", **values)


def inspect(file: Path) -> None:
    """Raise ProjectError where `run` could not read the table of a file."""
    from .data.preprocessing import read_wages

    read_wages(file)


def headline(run: Run) -> str:
    """Return what is printed when a run is published."""
    tests, name = run.results["analyses"], "management_vs_production"
    said = [f"{test['scope']}: {test['conclusion']}" for test in tests if test["name"] == name]
    return "\n".join([run.results["figures"]["areas"]["title"], *said])


def metrics(run: Run) -> dict[str, float]:
    """Return what `runs compare` sets side by side: the statistic of every test."""
    tests = run.results["analyses"]
    return {f"{test['name']} ({test['scope']})": test["statistic"] for test in tests}


def model(run: Run) -> tuple[Any, str]:
    """Return what the line says of a table's column `employment`, and whose line it is."""
    from io import BytesIO

    import joblib

    line = joblib.load(BytesIO(run.read(MODEL)))
    return lambda table: table["employment"].map(line.predict), run.manifest["run"]


def router() -> Any:
    """Return the routes of `routes.py`."""
    from .routes import router

    return router


def serve(run: Run) -> Any:
    """Return what these routes answer from, made once for each run."""
    from .routes import tables

    return tables(run)


STUDY = Study(
    title=TITLE,
    settings=WageSettings,
    config=Path("configs/wage_analysis.toml"),
    stages=(
        Stage("preprocess", f"Turn the workbook into {WAGES}.", preprocess, ("raw",)),
        Stage("analyse", "Ask every question.", analyse, ("confidence_level", "groups")),
        Stage("draw", "Draw the figures.", draw, ("groups",)),
        Stage("tabulate", "Write the workbook and the model card.", tabulate, ()),
        Stage("report", "Write the report.", report),
    ),
    headline=headline,
    metrics=metrics,
    model=model,
    commands=add_commands,
    data_commands=add_data_commands,
    inspect=inspect,
    router=router,
    serve=serve,
)
