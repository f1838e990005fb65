"""A reader of the last run that goes on while other runs are published."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from .artifacts import Run, load_run
from .publishing import MANIFEST, read_manifest
from .study import ProjectError

logger = logging.getLogger(__name__)
T = TypeVar("T")
Mark = tuple[int, int, int] | None
PATIENCE = 1.0  # seconds until a run that could not be read is tried again


class LatestRun(Generic[T]):
    """What is made of the last published run, and made anew when another one is published.

    A reader gets one run, whole: what was made of the last run stays until the next one has been
    read to its end. Where that fails, since files are being moved, were changed by hand or are of
    another make, the last one is kept and the log says so.

    Parameters
    ----------
    root
        The project.
    make
        Makes something of a run and reads every file that it needs; it may raise.

    Attributes
    ----------
    made
        What was made of the last run that was read.

    Raises
    ------
    ProjectError
        If there is no run yet, or a file is not the one that the run wrote.
    """

    def __init__(self, root: Path, make: Callable[[Run], T]) -> None:
        self._root, self._make = root, make
        self._lock = Lock()
        self._failed: Mark = None
        self._retry_at = 0.0
        self._seen = self._mark()
        self.made = make(load_run(root))

    @property
    def is_outdated(self) -> bool:
        """Whether another run has been published; costs one look at the manifest's file."""
        mark = self._mark()
        if mark == self._failed and time.monotonic() < self._retry_at:
            return False
        return mark not in (None, self._seen)

    def get(self) -> T:
        """Return what was made of the last run; reads it first where it is another one."""
        if self.is_outdated:
            with self._lock:
                if self.is_outdated:
                    self._read()
        return self.made

    def _read(self) -> None:
        mark = self._mark()  # before reading: what is published meanwhile is seen next time
        try:
            manifest = read_manifest(self._root)
            if manifest is not None:
                self.made = self._make(Run(self._root, manifest))
                self._seen = mark
                logger.info("run %s is read", manifest["run"])
        except Exception as error:
            self._failed, self._retry_at = mark, time.monotonic() + PATIENCE
            fault = not isinstance(error, ProjectError)
            logger.warning("the run before is kept: %s", error, exc_info=error if fault else None)

    def _mark(self) -> Mark:
        """Tell one manifest file from another; None while there is none."""
        try:
            found = (self._root / MANIFEST).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
