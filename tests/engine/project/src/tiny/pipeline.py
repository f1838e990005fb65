"""A study of a few lines: numbers are multiplied, added up, drawn and told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .engine import FIGURES, RESULTS, Run, Settings, Stage, Study, Workspace

if TYPE_CHECKING:
    from fastapi import APIRouter

NUMBERS = "data/processed/numbers.json"


class TinySettings(Settings):
    """What a reader may change."""

    factor: int = 2
    offset: int = 0


def multiply(settings: TinySettings, work: Workspace) -> None:
    """Multiply the raw numbers."""
    from .arithmetic import multiplied

    numbers = [int(word) for word in work.input(settings.raw[0]).read_text().split()]
    work.write_json(NUMBERS, multiplied(numbers, settings.factor))


def add(settings: TinySettings, work: Workspace) -> None:
    """Add them up."""
    total = sum(work.read_json(NUMBERS)) + settings.offset
    both = [
        {"name": "sum", "scope": scope, "total": total, "conclusion": f"{total} in {scope}."}
        for scope in ("all", "some")
    ]
    mean = {"name": "mean", "conclusion": "2."}
    work.write_json(RESULTS, {"total": total, "analyses": [*both, mean]})


def draw(settings: TinySettings, work: Workspace) -> None:
    """Draw the total."""
    from .drawing import picture

    work.output(f"{FIGURES}/total.svg").write_text(picture(work.read_json(RESULTS)["total"]))
    work.output(f"{FIGURES}/total.png").write_bytes(b"png")


def report(settings: TinySettings, work: Workspace) -> None:
    """Tell it."""
    from .engine.report import write_report

    total = work.read_json(RESULTS)["total"]
    rows = [{"what": "total", "number": total}]
    write_report(work, settings, "report.md.j2", total=total, rows=rows)


def headline(run: Run) -> str:
    """Say the total."""
    return f"The total is {run.results['total']}."


def metrics(run: Run) -> dict[str, float]:
    """Return the total."""
    return {"total": run.results["total"]}


def router() -> APIRouter:
    """Return the study's routes."""
    from .routes import router

    return router


def serve(run: Run) -> object:
    """Return what they answer from."""
    from .routes import Numbers

    return Numbers(run)


STUDY = Study(
    title="Tiny",
    settings=TinySettings,
    config=Path("configs/tiny.toml"),
    stages=(
        Stage("multiply", "Multiply the numbers.", multiply, uses=("raw", "factor")),
        Stage("add", "Add them up.", add, uses=("offset",)),
        Stage("draw", "Draw the total.", draw, uses=()),
        Stage("report", "Tell it.", report),
    ),
    headline=headline,
    metrics=metrics,
    router=router,
    serve=serve,
)
