"""The study's whole story on one screen: what is read, what is asked, what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ConfigDict, Field

from .artifacts import FIGURES, RESULTS, Run, Workspace
from .study import ProjectError, Section, Settings, Stage, Study, needs_extra

if TYPE_CHECKING:
    from fastapi import FastAPI

WAGES = "data/processed/wages.parquet"
MODEL = "models/employment_wage_regression.joblib"


class GroupSettings(BaseModel):
    """A group of occupations: found by title in the article's scope, by SOC code otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1)
    title_contains: str = Field(min_length=1)
    soc_prefix: str = Field(pattern=r"^\d{2}(-\d{0,4})?$")


class Groups(BaseModel):
    """The groups that are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    management: GroupSettings
    production: GroupSettings
    technology: GroupSettings


class WageSettings(Settings):
    """What a reader may change, in configs/wage_analysis.toml."""

    raw: tuple[Path] = Field(description="the one workbook that is analysed")
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    groups: Groups


def preprocess(settings: WageSettings, work: Workspace) -> None:
    """Turn the workbook into a typed table."""
    from .data.preprocessing import preprocess_wage_data
    from .data.validation import validate_wages

    wages = validate_wages(preprocess_wage_data(work.input(settings.raw[0])))
    wages.to_parquet(work.output(WAGES), index=False)


def analyse(settings: WageSettings, work: Workspace) -> None:
    """Ask every question in every scope; write results, model, workbook and figures."""
    import joblib
    import pandas as pd

    from .analysis.questions import area_rows, ask, describe_data
    from .analysis.selection import Group
    from .visualization.card import model_card
    from .visualization.gallery import draw_all
    from .visualization.style import save
    from .visualization.workbook import result_tables, write_workbook

    wages = pd.read_parquet(work.input(WAGES))
    groups = {name: Group(**value) for name, value in settings.groups.model_dump().items()}
    answers = ask(wages, groups, settings.confidence_level)
    (file, sha), *_ = work.manifest["inputs"].items()
    name = file if not Path(file).is_absolute() else Path(file).name
    data = {"file": name, "sha256": sha, **describe_data(wages, groups)}
    drawings = draw_all(wages, answers, groups, settings.confidence_level)
    for name, drawing in drawings.items():
        png, svg = (work.output(f"{FIGURES}/{name}{ending}") for ending in (".png", ".svg"))
        save(drawing.figure, png, svg)
    results = {
        "schema_version": 1,
        "data": data,
        "confidence_level": settings.confidence_level,
        "analyses": [test.to_dict() for test in answers.tests],
        "areas": area_rows(answers.areas),
        "figures": {name: {"title": d.title, "alt": d.alt} for name, d in drawings.items()},
    }
    work.write_json(RESULTS, results)
    joblib.dump(answers.model, work.output(MODEL))
    card = model_card(answers.model, answers.test("employment_wage_regression"), data)
    work.output("models/employment_wage_regression.md").write_text(card, encoding="utf-8")
    answers.correlations.to_csv(work.output("reports/correlation_matrix.csv"))
    write_workbook(work.output("reports/wage_analysis.xlsx"), result_tables(results, answers))


def sections(settings: WageSettings, work: Workspace) -> Sequence[Section]:
    """Tell the results as a short article."""
    from .visualization.story import tell

    return tell(json.loads(work.input(RESULTS).read_text(encoding="utf-8")))


def headline(run: Run) -> str:
    """Return what is printed when a run is published."""
    found = {(item["name"], item["scope"]): item for item in run.results["analyses"]}
    both = [found["management_vs_production", scope] for scope in ("article", "detailed")]
    areas = run.results["figures"]["areas"]["title"]
    return "\n".join([areas, *(f"{item['scope']}: {item['conclusion']}" for item in both)])


def commands(app: typer.Typer, load: Callable[[], Run]) -> None:
    """Add the study's own commands."""

    @app.command(help="Give the saved regression's mean wage for a number of jobs.")
    def predict(
        employment: Annotated[float, typer.Option(min=0, help="Jobs in the cell.")],
    ) -> None:
        import io

        import joblib

        content = load().read(MODEL)  # only the recorded file: loading a joblib file can run code
        try:
            wage = joblib.load(io.BytesIO(content)).predict(employment)
        except ValueError as error:
            raise ProjectError(f"--employment: {error}") from error
        typer.echo(f"${wage:,.0f} a year")

    @app.command(help="Show the last run in a browser, for people.")
    def dashboard(
        port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
        host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    ) -> None:
        run = load()
        try:
            from .visualization.dashboard_server import serve_dashboard
        except ModuleNotFoundError as error:
            raise needs_extra(error, "dashboard", "dashboard") from error
        serve_dashboard(run, host, port)


def routes(app: FastAPI, run: Run) -> None:
    """Add the study's routes to the API of a run."""
    from .routes import add_wage_routes

    add_wage_routes(app, run)


STUDY = Study(
    title="U.S. wages by area and occupation",
    settings=WageSettings,
    config=Path("configs/wage_analysis.toml"),
    stages=(
        Stage("preprocess", "Turn the workbook into data/processed/wages.parquet.", preprocess),
        Stage("analyse", "Write results, model, workbook and figures.", analyse),
    ),
    sections=sections,
    headline=headline,
    commands=commands,
    routes=routes,
)
