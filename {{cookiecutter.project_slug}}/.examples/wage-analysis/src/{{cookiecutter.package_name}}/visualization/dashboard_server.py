"""Starts the server that shows the dashboard."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from runpy import run_module

from ..artifacts import Run
from ..listening import listen
from .dashboard import latest

SCRIPT = Path(__file__).with_name("dashboard_script.py")
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
    """Serve the dashboard of a project until the process is told to stop.

    Parameters
    ----------
    run
        The last run of the project.
    host, port
        Where to listen.

    Raises
    ------
    ProjectError
        If the run cannot be read, or the address cannot be had.
    """
    latest(run.root)
    listener, address = listen(host, port)
    listener.close()  # Streamlit opens its own
    os.chdir(run.root)  # where the page looks for the project
    settings = SETTINGS | {"server.address": host, "server.port": str(port)}
    sys.argv = ["streamlit", "run", str(SCRIPT)]
    sys.argv += [f"--{name}={value}" for name, value in settings.items()]
    print(f"Dashboard at {address}. Ctrl-C stops.", flush=True)
    # Streamlit says that it stops before it does, and never stops where nobody reads that.
    with redirect_stdout(sys.stderr):
        run_module("streamlit", run_name="__main__")
