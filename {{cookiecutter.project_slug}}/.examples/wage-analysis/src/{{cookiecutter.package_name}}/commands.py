"""The study's own commands, beside those that every project has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from .engine import ProjectError, Run, needs_extra


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
