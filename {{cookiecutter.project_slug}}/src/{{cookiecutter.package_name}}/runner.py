"""Runs a study: skips what is up to date, makes the rest next door, publishes it whole."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from .artifacts import Run, Workspace, differences, project_path, sha256
from .publishing import (
    MANIFEST,
    STAGING,
    clear_staging,
    finish_move,
    lock,
    move_in,
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
    names = [project_path(root, path) for path in settings.raw]
    inputs = {name: hash_raw(root, name) for name in names}
    mark = fingerprint(settings, inputs)
    stages = [stage for stage in all_stages(study) if only in (None, stage.name)]
    if only is None and not force:
        reason = outdated(root, [stage.name for stage in stages], mark)
        if reason is None:
            return None
        logger.info("run: %s", reason)
    from .provenance import describe_run  # an up-to-date run, above, starts faster without it

    with lock(root):
        move_in(root)
        clear_staging(root)
        before = read_manifest(root)
        manifest = describe_run(root)
        manifest["settings"] = settings.model_dump(mode="json")
        manifest["inputs"] = inputs
        manifest["stages"] = dict(before["stages"]) if before and only else {}
        identifier = manifest["run"]
        stale = frozenset(() if only else outputs(before))
        work = Workspace(root, root / STAGING / identifier, manifest, stale)
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
            path = work.staging / MANIFEST
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
            path.write_text(text, encoding="utf-8", newline="\n")
        except BaseException:
            shutil.rmtree(work.staging, ignore_errors=True)
            raise
        publish(root, work.staging)
        files = len(outputs(manifest))
        logger.info("published run %s: %d files, %s", identifier, files, MANIFEST.as_posix())
    return Run(root, manifest)
