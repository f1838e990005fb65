"""Which models were judged, what was decided, and which one answers: kept on this machine.

`models/registry/` holds each judged model and `history.jsonl`, a line for each decision. Which
model is in production is derived from the lines; a server and a container only read them.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import joblib

from ..engine import RESULTS, ProjectError, Run
from ..engine.log import local_time
from ..engine.publishing import lock, outputs
from ..settings import CANDIDATE, CARD, REGISTRY

if TYPE_CHECKING:
    from .training import TrainedModel

Line = dict[str, Any]

HISTORY = REGISTRY / "history.jsonl"
SPLIT_BY = ("seed", "test_share", "group", "time", "test_from")  # settings that part the rows
ACTIONS = {"promoted", "promoted anyway", "rolled back", "kept"}
FIELDS = {"number", "time", "action", "model", "name", "run", "key", "against", "reason", "target"}
FIELDS |= {"task", "metrics", "packages", "split", "size_mb"}


def read_decisions(root: Path) -> list[Line]:
    """Return the decisions, the oldest first; a damaged line is a ProjectError.

    It is not passed over: without it another model might seem to be in production.
    """
    path, lines = root / HISTORY, list[Line]()
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for number, row in enumerate(text.rstrip("\n").split("\n") if text else (), start=1):
        try:
            line = json.loads(row)
            whole = line.keys() >= FIELDS and line["action"] in ACTIONS
        except (ValueError, AttributeError):
            whole = False
        if not whole:
            how = "restore it from a copy, or take the line out: the others are whole"
            raise ProjectError(f"{HISTORY.as_posix()}, line {number} is damaged: {how}")
        lines.append(line)
    return lines


def productions(lines: list[Line]) -> list[Line]:
    """Return the decisions that a rollback can go back through; the last one's model answers."""
    stack = list[Line]()
    for line in lines:
        if line["action"] == "rolled back":
            stack[-2:] = [line]
        elif line["action"] != "kept" and (not stack or stack[-1]["model"] != line["model"]):
            stack.append(line)
    return stack


def production(root: Path) -> Line | None:
    """Return the decision that put the present model into production, or None."""
    return next(reversed(productions(read_decisions(root))), None)


def production_mark(root: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever a decision is written: cheap, for a server to look at."""
    if not (root / HISTORY).is_file():
        return None
    stat = (root / HISTORY).stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def find_decision(root: Path, name: str) -> Line:
    """Return the last decision about a run, by a line's number or the start of the run's name.

    None, or more than one model, is a ProjectError.
    """
    lines = read_decisions(root)
    found = [line for line in lines if str(line["number"]) == name]
    found = found or [line for line in lines if line["run"].startswith(name)]
    if len({line["model"] for line in found}) != 1:
        what = "could be several models" if found else "is no run that was judged here"
        raise ProjectError(f"{name!r} {what}: `models` lists numbers and runs")
    return found[-1]


def load_model(root: Path, sha: str | None = None) -> tuple[TrainedModel, Line]:
    """Return a judged model, by default the one in production, and the last decision about it.

    Raises
    ------
    ProjectError
        If it is not here, its file is not the recorded one, or another scikit-learn saved it.
    """
    lines = read_decisions(root)
    known = productions(lines) if sha is None else [each for each in lines if each["model"] == sha]
    if not known:
        what = "no model is in production" if sha is None else f"no model {sha[:12]} was judged"
        raise ProjectError(f"{what}: `run` trains and judges one, `promote RUN` overrules that")
    return joblib.load(BytesIO(_content(root, known[-1]))), known[-1]


def record_decision(root: Path, run: Run) -> None:
    """Keep the judged model of a run and write its decision down, unless that has been done.

    Called after each run, also one that was up to date: so what a crash prevented is made good.
    """
    made = outputs(run.manifest)
    said = run.results["promotion"] if RESULTS in made else {"model": ""}
    if said["model"] != made.get(CANDIDATE):
        return  # the run ended before this model was judged
    card = run.manifest["stages"].get("card", {})
    if card.get("inputs", {}).get(RESULTS) == made[RESULTS]:
        _replace(root / file_of(said["model"], "md"), run.read(CARD))
    known = any(line["key"] == said["key"] for line in read_decisions(root))
    if known and (root / file_of(said["model"])).is_file():
        return
    content = run.read(CANDIDATE)
    model, settings = joblib.load(BytesIO(content)), run.manifest["settings"]
    facts = {key: said[key] for key in ("model", "key", "reason")}
    facts |= {"action": said["decision"], "run": run.manifest["run"], "name": model.name}
    facts |= {"target": model.target, "task": model.task, "packages": model.versions}
    facts |= {"metrics": {each["name"]: each["value"] for each in run.results["metrics"]}}
    split = {name: settings[name] for name in SPLIT_BY}
    facts |= {"split": split, "size_mb": round(len(content) / 1e6, 3)}
    with lock(root, wait=5.0):
        _replace(root / file_of(said["model"]), content)
        lines = read_decisions(root)
        now = productions(lines)
        if facts["action"] == "promoted" and now and now[-1]["model"] != said["against"]:
            why = "another model went into production meanwhile: `promote` judges again"
            facts |= {"action": "kept", "reason": why}
        if not any(line["key"] == said["key"] for line in lines):
            _append(root, lines, facts)


def put_into_production(root: Path, line: Line, action: str, reason: str) -> Line:
    """Let the model of an earlier decision answer from now on; return the new decision."""
    with lock(root, wait=5.0):
        facts = line | {"action": action, "reason": reason, "key": None}
        return _append(root, read_decisions(root), facts)


def roll_back(root: Path) -> Line:
    """Let the model that was in production before answer again; there being none: ProjectError."""
    with lock(root, wait=5.0):
        lines = read_decisions(root)
        stack = productions(lines)
        if len(stack) < 2:
            raise ProjectError("no other model was in production before: `promote RUN` puts one in")
        _content(root, stack[-2])
        facts = {"action": "rolled back", "reason": f"back from run {stack[-1]['run']}"}
        return _append(root, lines, stack[-2] | facts | {"key": None})


def file_of(sha: str, ending: str = "joblib") -> Path:
    """Return where a judged model is, or with "md" its card, if the run came so far."""
    return REGISTRY / f"{sha[:12]}.{ending}"


def _content(root: Path, line: Line) -> bytes:
    """Return a model's bytes, if it is safe to load them: loading can run code."""
    path, library = root / file_of(line["model"]), "scikit-learn"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != line["model"]:
        what = "is not the file that was judged" if content else "is missing"
        raise ProjectError(f"{path} {what}: restore it from a copy, or `rollback`")
    if (saved := line["packages"][library]) != (here := version(library)):
        what = f"{path.name} was saved by {library} {saved}, this is {here}"
        raise ProjectError(f"{what}: `run --force` trains again")
    return content


def _append(root: Path, lines: list[Line], facts: Line) -> Line:
    """Write one decision more; the caller holds the lock."""
    before, last = productions(lines), max((each["number"] for each in lines), default=0)
    line = {"number": last + 1, "time": local_time(time())}
    line |= {key: value for key, value in facts.items() if key not in line}
    line["against"] = before[-1]["model"] if before else None
    _replace(root / HISTORY, "".join(json.dumps(each) + "\n" for each in [*lines, line]).encode())
    return line


def _replace(path: Path, content: bytes) -> None:
    """Write a file next door and move it in: it is there whole, or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
