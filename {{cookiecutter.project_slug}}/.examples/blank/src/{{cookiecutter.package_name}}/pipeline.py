"""The study's whole story on one screen: what is read, what is asked, what is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from .artifacts import FIGURES, RESULTS, Run, Workspace
from .study import Section, Settings, Stage, Study

if TYPE_CHECKING:
    from fastapi import FastAPI

FIGURE = f"{FIGURES}/heights.svg"


class BlankSettings(Settings):
    """What a reader may change, in configs/blank.toml."""

    confidence_level: float = Field(default=0.95, gt=0, lt=1)
    resamples: int = Field(default=2000, ge=100)


def analyse(settings: BlankSettings, work: Workspace) -> None:
    """Read the raw data, answer the question, draw the figure."""
    from .analysis.comparison import compare_places
    from .data.ingestion import read_plants
    from .visualization.figures import draw_heights

    plants = read_plants(work.input(settings.raw[0]))
    options = settings.model_dump(include={"confidence_level", "resamples", "seed"})
    result = compare_places(plants, **options)
    data = {"file": settings.raw[0].name, "rows_read": len(plants)}
    analyses = [asdict(result)]
    work.write_json(RESULTS, {"schema_version": 1, "data": data, "analyses": analyses})
    draw_heights(plants, f"Sun adds {result.difference:.1f} cm", work.output(FIGURE))


def sections(settings: BlankSettings, work: Workspace) -> Sequence[Section]:
    """Tell the result, section by section."""
    results = json.loads(work.input(RESULTS).read_text(encoding="utf-8"))
    answer = results["analyses"][0]["conclusion"]
    rows = results["data"]["rows_read"]
    limits = (
        f"The {rows} plants are made up: the page shows how a result is made, not how plants grow."
    )
    return [
        Section("Do plants grow taller in the sun?", answer, FIGURE, answer),
        Section("Limits", limits),
    ]


def headline(run: Run) -> str:
    """Return what is printed when a run is published."""
    return str(run.results["analyses"][0]["conclusion"])


def routes(app: FastAPI, run: Run) -> None:
    """Add the study's routes to the API of a run."""
    from .routes import add_plant_routes

    add_plant_routes(app, run)


STUDY = Study(
    title="Plants in the sun and in the shade",
    settings=BlankSettings,
    config=Path("configs/blank.toml"),
    stages=(Stage("analyse", "Answer the question and draw the figure.", analyse),),
    sections=sections,
    headline=headline,
    routes=routes,
)
