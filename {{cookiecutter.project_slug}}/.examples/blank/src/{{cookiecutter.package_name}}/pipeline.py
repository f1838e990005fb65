"""The study on one screen: its stages, each from files to files. They import what they need."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .engine import RESULTS, Run, Stage, Study, Workspace
from .settings import FIGURE, TABLE, StudySettings

if TYPE_CHECKING:
    from fastapi import APIRouter


def preprocess(settings: StudySettings, work: Workspace) -> None:
    """Read the raw file and write the checked table."""
    from .data.ingestion import read_raw

    table = read_raw(work.input(settings.raw[0]))
    table.to_csv(work.output(TABLE), index=False, lineterminator="\n")


def analyse(settings: StudySettings, work: Workspace) -> None:
    """Answer the question, in numbers and in words."""
    import pandas as pd

    from .analysis.comparison import compare_places

    plants = pd.read_csv(work.input(TABLE))
    result = compare_places(
        plants,
        confidence_level=settings.confidence_level,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    data = {"file": settings.raw[0].name, "rows_read": len(plants)}
    work.write_json(RESULTS, {"schema_version": 1, "data": data, "analyses": [asdict(result)]})


def draw(settings: StudySettings, work: Workspace) -> None:
    """Draw the figure of the answer."""
    import pandas as pd

    from .engine.style import save
    from .visualization.figures import draw_heights

    (result,) = work.read_json(RESULTS)["analyses"]
    save(draw_heights(pd.read_csv(work.input(TABLE)), result), *map(work.output, FIGURE))


def report(settings: StudySettings, work: Workspace) -> None:
    """Fill in `report.md.j2`, for people."""
    from .engine.report import write_report

    write_report(work, settings, "report.md.j2", **work.read_json(RESULTS))


def headline(run: Run) -> str:
    """Return what is printed when a run is published."""
    return str(run.results["analyses"][0]["conclusion"])


def metrics(run: Run) -> dict[str, float]:
    """Return the numbers that `runs` lists and compares."""
    return {name: run.results["analyses"][0][name] for name in ("difference", "low", "high")}


def router() -> APIRouter:
    """Return what programs may ask."""
    from .routes import router

    return router


STUDY = Study(
    title="Plants in the sun and in the shade",
    settings=StudySettings,
    config=Path("configs/settings.toml"),
    stages=(
        Stage("preprocess", "Check the raw file and write the table.", preprocess, uses=("raw",)),
        Stage("analyse", "Answer the question.", analyse),
        Stage("draw", "Draw the figure.", draw, uses=()),
        Stage("report", "Write the report.", report),
    ),
    headline=headline,
    metrics=metrics,
    router=router,
)
