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
    from .analysis.captions import captions, marks_by_column, undrawn
    from .analysis.employment_wage import REGRESSION, correlation_matrix
    from .analysis.robustness import check_conclusions
    from .analysis.statistics.results import left_out
    from .analysis.top_coding import bound_top_codes
    from .analysis.wage_by_group import wage_spread_by_group
    from .data.row_selection import select
    from .models.regression import fit_employment_wage

    wages, level = pd.read_parquet(work.input(WAGES)), settings.confidence_level
    tests, reasons = ask(wages, settings.groups, level)
    ranked, spread = tuple[Any, ...](), tuple[Any, ...]()
    with left_out(reasons, "areas", "total"):
        ranked = compare_areas(wages, confidence_level=level)
    with left_out(reasons, "wage_by_group", "major"):
        spread = wage_spread_by_group(wages)
    with left_out(reasons, "correlation_matrix", "detailed"):
        correlation_matrix(select(wages).rows).to_csv(work.output(CORRELATIONS))
    if "detailed" not in reasons.get(REGRESSION, {}):
        joblib.dump(fit_employment_wage(select(wages).rows), work.output(MODEL))
    data = describe_data(wages, settings.groups)
    marks = marks_by_column(wages, data["coerced"])
    results: dict[str, Any] = {
        "schema_version": 1,
        "data": data,
        "confidence_level": level,
        "analyses": [test.to_dict() for test in tests],
        "areas": area_rows(ranked),
        "reasons": reasons | undrawn(reasons, marks),
    }
    wages.attrs.clear()
    results["robustness"] = check_conclusions(wages, results, settings.groups)
    results["top_coding"] = bound_top_codes(wages, results, settings.groups)
    work.write_json(RESULTS, results | {"figures": captions(results, spread, marks)})


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

    from .analysis.employment_wage import REGRESSION
    from .analysis.statistics.results import by_name, told
    from .analysis.wage_by_group import wage_spread_by_group
    from .engine.report import fill_in
    from .visualization.report_text import card_values
    from .visualization.workbook import result_tables, write_workbook

    results, spread, correlations = work.read_json(RESULTS), tuple[Any, ...](), pd.DataFrame()
    if "wage_by_group" not in results["reasons"]:
        spread = wage_spread_by_group(pd.read_parquet(work.input(WAGES)))
    if "correlation_matrix" not in results["reasons"]:
        correlations = pd.read_csv(work.input(CORRELATIONS), index_col=0)
    write_workbook(work.output(WORKBOOK), result_tables(results, spread, correlations))
    values = {"conclusion": told(results)[REGRESSION]["detailed"], "fit": None}
    if fitted := by_name(results).get(REGRESSION, {}).get("detailed"):
        values = card_values(joblib.load(work.input(MODEL)), fitted, results["data"])
    card = fill_in(work, "models/card.md.j2", **values)
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
    from .analysis.statistics.results import told

    said = told(run.results)
    means = (f"{scope}: {text}" for scope, text in said["management_vs_production"].items())
    return "\n".join([said["figures"]["areas"], *means])


def metrics(run: Run) -> dict[str, float]:
    """Return what `runs compare` sets side by side: of every test its statistic and interval."""
    found: dict[str, float] = {}
    for test in run.results["analyses"]:
        name = f"{test['name']} ({test['scope']})"
        interval = test["interval_two_way"] or test["interval"] or {}
        ends = {f"{name} {end}": interval[end] for end in ("low", "high") if end in interval}
        found |= {name: test["statistic"], **ends}
    return found


def model(run: Run) -> tuple[Any, str]:
    """Return what the line says of a table's column `employment`, and whose line it is, if any."""
    from .models.regression import saved_line

    line = saved_line(run)
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
