"""The study's own commands, beside those that every project has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from .engine import ProjectError, Run, needs_extra
from .settings import WageSettings

YEAR = typer.Argument(min=2000, max=2099, help="The estimates are of its May.")
BASE = typer.Option(metavar="URL", help="Of a mirror: the folder with the archives.")


def add_commands(app: typer.Typer, load: Callable[[], Run]) -> None:
    """Add the study's own commands."""

    @app.command(help="Give the saved regression's mean wage for a number of jobs.")
    def predict(
        employment: Annotated[float, typer.Option(min=0, help="Jobs in the cell.")],
    ) -> None:
        from .models.regression import saved_line

        line = saved_line(load())
        try:
            wage = line.predict(employment)
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
            from .dashboard.server import serve_dashboard
        except ModuleNotFoundError as error:
            raise needs_extra(error, "dashboard", "make dashboard") from error
        serve_dashboard(run, host, port)


def add_data_commands(data: typer.Typer, opened: Callable[[], tuple[Path, WageSettings]]) -> None:
    """Add to the commands about raw data; `opened` returns the project and its settings."""

    @data.command(help="Download the agency's archive of a year, judge it, and add it.")
    def fetch(
        year: Annotated[int, YEAR],
        area: Annotated[Literal["state", "national", "metro"], typer.Option()] = "state",
        base: Annotated[str | None, BASE] = None,
    ) -> None:
        root, settings = opened()
        try:
            from .data.fetch import fetch_archive
        except ModuleNotFoundError as error:
            raise needs_extra(error, "fetch", "uv sync --inexact --extra fetch") from error
        typer.echo("\n".join(fetch_archive(root, year, area, settings.contact, base)))
