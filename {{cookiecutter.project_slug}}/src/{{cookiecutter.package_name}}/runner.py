"""Runs a study: skips what is up to date, makes the rest next door, publishes it whole."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import shutil
import subprocess
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from uuid import uuid4

from .artifacts import Run, Workspace, differences, project_path, sha256
from .publishing import (
    MANIFEST,
    STAGING,
    clear_staging,
    finish_move,
    lock,
    outputs,
    publish,
    read_manifest,
)
from .raw_data import hash_raw
from .study import S, Stage, Study

logger = logging.getLogger(__name__)


def all_stages(study: Study[S]) -> tuple[Stage[S], ...]:
    """Return the stages of a study and, last, the machine's `report`."""

    def report(settings: S, work: Workspace) -> None:
        from .report import write_report

        write_report(study.title, study.sections(settings, work), work)

    return (*study.stages, Stage("report", "Write reports/report.html from the results.", report))


def fingerprint(settings: S, inputs: dict[str, str]) -> str:
    """Return one hash over inputs, settings and code: equal hashes, equal results."""
    package = Path(__file__).parent
    files = sorted(path for path in package.rglob("*") if path.suffix in {".py", ".j2"})
    code = {path.relative_to(package).as_posix(): sha256(path) for path in files}
    facts = {"inputs": inputs, "settings": settings.model_dump(mode="json"), "code": code}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def outdated(root: Path, names: Iterable[str], mark: str) -> str | None:
    """Return why a run is needed, or None where the last one still stands."""
    manifest = read_manifest(root)
    if manifest is None:
        return "this is the first run"
    stages = manifest["stages"]
    if any(name not in stages or stages[name]["fingerprint"] != mark for name in names):
        return "inputs, settings or code have changed"
    return next(iter(differences(root, manifest, tuple(names))), None)


def run_stages(
    study: Study[S], settings: S, root: Path, only: str | None = None, *, force: bool = False
) -> Run | None:
    """Run all stages, or one, and publish what they made, whole or not at all.

    Parameters
    ----------
    study, settings, root
        What to run, with what, in which project.
    only
        The name of a single stage; it reads the published files of the stage before.
    force
        Run although nothing has changed.

    Returns
    -------
    Run or None
        The published run; None where the last one is up to date.

    Raises
    ------
    ProjectError
        If an input is missing or is not the recorded one, or if another run is writing.
    """
    finish_move(root)
    inputs = {name: hash_raw(root, name) for name in _names(root, settings)}
    mark = fingerprint(settings, inputs)
    stages = [stage for stage in all_stages(study) if only in (None, stage.name)]
    if only is None and not force:
        reason = outdated(root, [stage.name for stage in stages], mark)
        if reason is None:
            return None
        logger.info("run: %s", reason)
    with lock(root):
        finish_move(root)
        clear_staging(root)
        before = read_manifest(root)
        identifier = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:6]}"
        work = Workspace(root, root / STAGING / identifier, _manifest(root, settings, identifier))
        work.manifest["stages"] = dict(before["stages"]) if before and only else {}
        work.manifest["inputs"] = inputs
        try:
            for name, sha in inputs.items():
                logger.info("raw data %s, sha256 %s", name, sha)
            for number, stage in enumerate(stages, 1):
                logger.info("[%d/%d] %s", number, len(stages), stage.name)
                start = time.perf_counter()
                stage.run(settings, work)
                seconds = round(time.perf_counter() - start, 3)
                work.finish_stage(stage.name, run=identifier, fingerprint=mark, seconds=seconds)
                logger.info("[%d/%d] %s took %.1f s", number, len(stages), stage.name, seconds)
            manifest = work.staging / MANIFEST
            manifest.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(work.manifest, indent=1, ensure_ascii=False) + "\n"
            manifest.write_text(text, encoding="utf-8", newline="\n")
        except BaseException:
            shutil.rmtree(work.staging, ignore_errors=True)
            raise
        publish(root, work.staging)
        files = len(outputs(work.manifest))
        logger.info("published run %s: %d files, %s", identifier, files, MANIFEST.as_posix())
    return Run(root, work.manifest)


def _commit(root: Path) -> dict[str, Any]:
    """Return the commit that is checked out, and whether the work tree is as committed."""

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):  # no git, no repository, no commit
            return None
        return done.stdout.decode(errors="replace").strip()

    commit = git("rev-parse", "HEAD")
    status = git("status", "--porcelain", "--", ":!reports", ":!models")
    return {"commit": commit, "clean": None if commit is None else status == ""}


def _names(root: Path, settings: S) -> list[str]:
    """Name the raw files as the manifest does."""
    return [project_path(root, path) for path in settings.raw]


def _manifest(root: Path, settings: S, identifier: str) -> dict[str, Any]:
    """Return who makes this run, when, with which settings, packages and commit."""
    return {
        "schema_version": 1,
        "run": identifier,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _commit(root),
        "python": platform.python_version(),
        "packages": {
            item.name: item.version
            for item in sorted(distributions(), key=lambda item: item.name.lower())
        },
        "settings": settings.model_dump(mode="json"),
    }
