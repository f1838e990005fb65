"""Serves the last run: who reads it while others are published, and where a server listens."""

import json
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import Lock
from typing import Any, Generic, TypeVar

from pydantic_core import to_json

from ..errors import ProjectError
from ..publishing import FIGURES, MANIFEST, RESULTS, Run, load_run, outputs, read_manifest
from ..study import OUTSIDE, Study

logger = logging.getLogger(__name__)
KINDS = {".png": "image/png", ".svg": "image/svg+xml"}
T = TypeVar("T")
NONE = (0, 0, 0)
PATIENCE = 1.0  # seconds until a run that could not be read is tried again


class LatestRun(Generic[T]):
    """What `make` makes of the last published run of a project, and anew of the next one.

    A reader gets one run, whole: what was `made` of the last run stays until the next one has been
    read to its end. Where that fails, since files are being moved, were changed by hand or are of
    another make, the last one is kept and the log says so. No run at all is a ProjectError.
    """

    def __init__(self, root: Path, make: Callable[[Run], T]) -> None:
        self._root, self._make, self._lock = root, make, Lock()
        self._failed, self._retry_at = NONE, 0.0
        self._seen = self._mark()
        self.made = make(load_run(root))

    @property
    def is_outdated(self) -> bool:
        """Whether another run has been published; costs one look at the manifest's file."""
        mark = self._mark()
        waits = mark == self._failed and time.monotonic() < self._retry_at
        return mark not in (NONE, self._seen) and not waits

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
            if manifest := read_manifest(self._root):
                self.made, self._seen = self._make(Run(self._root, manifest)), mark
                logger.info("run %s is read", manifest["run"])
        except Exception as error:
            self._failed, self._retry_at = mark, time.monotonic() + PATIENCE
            fault = not isinstance(error, ProjectError)
            logger.warning("the run before is kept: %s", error, exc_info=error if fault else None)

    def _mark(self) -> tuple[int, int, int]:
        """Tell one manifest file from another; zeros while there is none."""
        try:
            found = (self._root / MANIFEST).stat()
        except OSError:
            return NONE
        return found.st_ino, found.st_mtime_ns, found.st_size


@dataclass(frozen=True)
class Served:
    """A run as it is served: its files, answers that never change, what the study `made` of it."""

    run: Run
    files: Mapping[str, bytes]
    answers: Mapping[str, bytes]
    analyses: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[str, Mapping[str, str]]  # why an analysis, or of the `figures` one, is missing
    known: Mapping[str, Mapping[str, Sequence[str]]]  # what parameters take, by path and name
    made: Any


def read_run(study: Study[Any], run: Run) -> Served:
    """Read all that is served of a run; a file that is not the recorded one is a ProjectError."""
    files = {path: run.read(path) for path in outputs(run.manifest)}
    results = json.loads(files.get(RESULTS, b"{}"))
    vars(run)["results"] = results  # of this run, whatever is published meanwhile
    analyses = results.get("analyses", []) if isinstance(results, dict) else []
    items = analyses if isinstance(analyses, list) else [analyses]
    if not all(isinstance(item, dict) and {"name", "conclusion"} <= item.keys() for item in items):
        raise ProjectError(f"{RESULTS}: each of its analyses needs a name and a conclusion")
    found: dict[str, dict[str, Any]] = {}
    for item in analyses:
        found.setdefault(item["name"], {})[item.get("scope") or ""] = item
    places = [path for path in map(PurePath, sorted(files)) if path.parent == PurePath(FIGURES)]
    pictures = {path.name: KINDS[path.suffix] for path in places if path.suffix in KINDS}
    stems = [path.stem for path in places if path.suffix == ".svg"]
    about = {name: run.manifest[name] for name in ("run", "python", "packages", "settings")}
    read = {k: v for stage in run.manifest["stages"].values() for k, v in stage["inputs"].items()}
    raw = [path for path in read if path.startswith(("data/raw/", OUTSIDE))]
    data = [{"file": PurePath(path).name, "sha256": read[path]} for path in raw]
    answers = {
        "/health": {"status": "ok", "run": run.manifest["run"]},
        "/version": {**about, "data": data},
        "/analyses": analyses,
        "/figures": [{"name": name, "media_type": kind} for name, kind in pictures.items()],
    }
    made = study.serve(run) if study.serve else None
    scopes = dict.fromkeys(scope for each in found.values() for scope in each if scope)
    known = {
        "/analyses/{name}": {"name": [*found], "scope": [*scopes]},
        "/figures/{name}": {"name": [*pictures, *stems]},
        **getattr(made, "known", {}),
    }
    fixed = {path: to_json(each, inf_nan_mode="null") for path, each in answers.items()}
    reasons = results.get("reasons") if isinstance(results, dict) else None
    reasons = reasons if isinstance(reasons, dict) else {}
    return Served(run, files, fixed, found, reasons, known, made)


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Return a listening socket and its address (port 0: a free one), or raise ProjectError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        what = f"{host} port {port} cannot be had ({error})"
        raise ProjectError(f"{what}: name others with --host and --port") from error
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"
