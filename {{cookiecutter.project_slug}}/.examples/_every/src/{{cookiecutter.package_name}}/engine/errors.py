"""The error that a user can mend, and what is said of any."""

import os
from typing import TextIO

PACKAGE = __name__.rpartition(".engine.")[0]


class ProjectError(Exception):
    """A problem the user can mend; its message is one line: what, where, what to do."""


def needs_extra(error: ImportError, extra: str, command: str) -> ProjectError:
    """Return what to say where a package of an extra of `pyproject.toml` is not installed."""
    how = f"`{command}` installs it, with the extra {extra} of pyproject.toml"
    return ProjectError(f"{error.name} is not installed: {how}")


def sentence(error: BaseException) -> str:
    """Return what to tell the user of an error, on one line."""
    text = f"{type(error).__name__}: {error} (a fault of the program, see the log)"
    if isinstance(error, ProjectError):
        text = str(error)
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    elif isinstance(error, ModuleNotFoundError) and PACKAGE not in str(error.name):
        how = "`make setup` brings what pyproject.toml names, `uv add PACKAGE` names one more"
        text = f"the module {error.name} is not installed: {how}"
    return " ".join(text.split())


def has_colours(stream: TextIO) -> bool:
    """Say whether a stream is a terminal that may show colours."""
    return not (os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb") and stream.isatty()
