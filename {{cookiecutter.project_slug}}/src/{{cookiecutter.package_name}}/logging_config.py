"""One call that sets up logging: `logs/pipeline.log`, rotating, and the console."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

PACKAGE = __name__.rpartition(".")[0]


class LineFormatter(logging.Formatter):
    """Local time with its offset, level, module within the package, message."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Return the record's time as ISO 8601, to the second."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the module named from the package down."""
        record.module_path = record.name.removeprefix(f"{PACKAGE}.")
        return super().format(record)


def configure_logging(root: Path) -> logging.Logger:
    """Send the package's log to `logs/pipeline.log` and, on a terminal, to the console.

    In a pipe the console shows warnings only, so that output can be read by programs. Where the
    file cannot be written, as in a container that only serves, the console has the whole log. A
    second call replaces the handlers of the first. Importing the package configures nothing.

    Parameters
    ----------
    root
        The project; `logs/` is made where it is missing.

    Returns
    -------
    logging.Logger
        The package's logger.
    """
    logger = logging.getLogger(PACKAGE)
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    console = logging.StreamHandler()
    console.setLevel(logging.INFO if sys.stderr.isatty() else logging.WARNING)
    console.setFormatter(LineFormatter("%(levelname)-7s %(message)s"))
    console.addFilter(lambda record: not record.exc_info)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(console)
    path = root / "logs" / "pipeline.log"
    try:
        path.parent.mkdir(exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=5, encoding="utf-8")
    except OSError as error:
        console.setLevel(logging.INFO)
        logger.warning("%s cannot be written, this is the log: %s", path, error.strerror)
        return logger
    file.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(module_path)s: %(message)s"))
    logger.addHandler(file)
    return logger
