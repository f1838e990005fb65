"""Starts the server of the dashboard, and is the file that Streamlit runs for each reader."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.web import cli

if TYPE_CHECKING:
    from ..engine import Run

SETTINGS = {
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",  # the terminal has them
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
    "server.fileWatcherType": "none",
    "server.headless": "true",
    "theme.light.primaryColor": "#0b57a4",
    "theme.dark.primaryColor": "#3377cc",  # white text is written on it
}


def serve_dashboard(run: Run, host: str, port: int) -> None:
    """Serve the dashboard of a project, with its last run, until the process is told to stop.

    A run that cannot be read, or an address that cannot be had, is a ProjectError.
    """
    from ..engine.serving import listen  # not above: Streamlit runs this file outside its package
    from .page import latest

    latest(run.root)
    listener, address = listen(host, port)
    listener.close()  # Streamlit opens its own
    os.chdir(run.root)  # where the page looks for the project
    settings = SETTINGS | {"server.address": host, "server.port": str(port)}
    print(f"Dashboard at {address}. Ctrl-C stops.", flush=True)
    # Streamlit says that it stops before it does, and never stops where nobody reads that.
    with redirect_stdout(sys.stderr):
        cli.main(["run", __file__, *(f"--{name}={value}" for name, value in settings.items())])


if __name__ == "__main__":
    package = Path(__file__).absolute().parents[1].name
    import_module(f"{package}.dashboard.page").show(Path.cwd())
