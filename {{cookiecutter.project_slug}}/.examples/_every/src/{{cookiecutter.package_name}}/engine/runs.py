"""Runs the stages in order, each only where something that it rests on has changed."""

import hashlib
import json
import logging
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import log, publishing
from .errors import ProjectError
from .publishing import MANIFEST, RESULTS, SCHEMA, STAGING, Run, outputs
from .raw_data import sha256
from .study import OUTSIDE, S, Settings, Stage, Workspace, known_as

logger = logging.getLogger(__name__)
MEMORY = STAGING / "stages.json"  # what stages rested on: of this machine, so in no manifest


class RunState:
    """What the last run left, held against what is there now; a run in progress goes on from it."""

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        manifest = publishing.read_manifest(root, any_version=True) or {}
        self.root, self.recorded, self.made = root, outputs(manifest), dict[str, str]()
        self.stages = manifest["stages"] if manifest.get("schema_version") == SCHEMA else {}
        try:
            memory = json.loads((root / MEMORY).read_text(encoding="utf-8"))
            ours = memory["manifest"] == sha256(root / MANIFEST)
            self.memory = dict(memory["stages"]) if ours else {}
            self.declared = memory["declared"] == log.declared(root)
        except (OSError, ValueError, KeyError, TypeError):
            self.memory, self.declared = {}, False
        self._places = {k: v for each in self.memory.values() for k, v in each["outside"].items()}
        for path in settings.raw if settings else ():
            self._places[known_as(root, path)] = str(root / path)
        self._hashes, self._installed = dict[Path, str | None](), log.installed()

    def made_by(self, stages: Sequence[Stage[S]]) -> set[str]:
        """Return the files that these stages wrote, in this run or in the last one."""
        return {path for stage in stages for path in self.stages[stage.name]["outputs"]}

    def reason(self, stage: Stage[S], settings: S, before: Sequence[Stage[S]]) -> str | None:
        """Return why a stage must run after those `before` it; None where it need not."""
        entry, memory = self.stages.get(stage.name), self.memory.get(stage.name)
        if entry is None or memory is None:
            return "it has not run here yet"
        if entry["settings"] != stage.view(settings).shown(self.root):
            return "its settings have changed"
        if memory["lists_packages"] and not self.declared:
            return "the dependencies in pyproject.toml have changed"
        files, code = entry["inputs"] | entry["outputs"], memory["code"]
        changed = [name for name in files if self._current(name) != files[name]]
        changed += [name for name in code if self._hash(log.HOME / name) != code[name]]
        changed += set(memory["packages"]) - self._installed.keys()
        done = self.made_by(before)
        changed += (entry["inputs"].keys() & self.recorded.keys()) - done
        changed += entry["outputs"].keys() & done
        return f"{changed[0]} has changed" if changed else None

    def record(self, stage: Stage[S], settings: S, work: Workspace) -> None:
        """Keep of a stage that has just ended what it read, wrote and rested on."""
        code = [*log.imported_code(), *work.templates]
        self.stages[stage.name] = {
            "settings": settings.shown(self.root),
            "inputs": dict(sorted(work.inputs.items())),
            "outputs": dict(sorted(work.outputs.items())),
        }
        self.memory[stage.name] = {
            "code": {path.relative_to(log.HOME).as_posix(): hash_of_code(path) for path in code},
            "lists_packages": bool(work.packages),
            "packages": log.imported_packages(work.packages),
            "outside": work.outside,
        }
        self.made |= work.outputs

    def differences(self, names: Sequence[str]) -> list[str]:
        """Hold every artifact and input against the manifest; one line for each difference."""
        found = {f"{name}: never run": None for name in names if name not in self.stages}
        made = outputs({"stages": self.stages})
        for name, stage in self.stages.items():
            for path, sha in (stage["outputs"] | stage["inputs"]).items():
                now, verb = self._current(path), "wrote" if path in stage["outputs"] else "read"
                if verb == "read" and path in made:
                    if made[path] != sha:
                        found[f"{name}: made from an older {path}"] = None
                elif now != sha and (path in self._places or not path.startswith(OUTSIDE)):
                    what = f"changed since {name} {verb} it" if now else "missing"
                    found[f"{path}: {what}"] = None
        return [*found]

    def _current(self, name: str) -> str | None:
        return self.made.get(name) or self._hash(self.root / self._places.get(name, name))

    def _hash(self, path: Path) -> str | None:
        if path not in self._hashes:
            self._hashes[path] = sha256(path) if path.is_file() else None
        return self._hashes[path]


def run_stages(
    stages: Sequence[Stage[S]],
    settings: S,
    root: Path,
    *,
    until: str | None = None,
    force: bool = False,
    metrics: Callable[[Run], Mapping[str, float]] | None = None,
) -> Run | None:
    """Run the stages that are not up to date, and publish what they made, whole or not at all.

    `until` names the last one to run, `force` runs what is up to date too; `metrics` are what
    `logs/runs.jsonl` keeps of the results. None is returned where the last run is up to date; what
    cannot be run is a ProjectError.
    """
    names = [stage.name for stage in stages]
    if until is not None and until not in names:
        raise ProjectError(f"there is no stage {until}: choose {', '.join(names)}")
    chosen = stages[: names.index(until) + 1] if until else stages
    publishing.finish_move(root)
    state = RunState(root, settings)
    whole = until or (names == [*state.stages] and state.declared)
    reasons = (state.reason(stage, settings, chosen[:i]) for i, stage in enumerate(chosen))
    if whole and not force and not any(reasons):
        return None
    with publishing.staged(root) as staging:
        begin = time.perf_counter()
        state = RunState(root, settings)  # another process may have run meanwhile
        for i, stage in enumerate(chosen):
            if why := "asked for" if force else state.reason(stage, settings, chosen[:i]):
                place, start = f"[{i + 1}/{len(chosen)}] {stage.name}", time.perf_counter()
                logger.info("%s: %s", place, why)
                done, used = state.made_by(chosen[:i]), stage.view(settings)
                work = Workspace(root, staging, done, later=state.recorded.keys() - done)
                stage.run(used, work)
                work.finish(stage.name)
                state.record(stage, used, work)
                logger.info("%s took %.1f s", place, time.perf_counter() - start)
        made = [name for name in names if name in state.stages]
        manifest = describe_run(root, {name: state.stages[name] for name in made})
        log.write(staging / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        memory = {
            "manifest": sha256(staging / MANIFEST),
            "declared": log.declared(root),
            "stages": {name: state.memory[name] for name in made if name in state.memory},
        }
        log.write(staging / MEMORY, json.dumps(memory))
        run = Run(staging if (staging / RESULTS).is_file() else root, manifest)
        read = {k: v for each in manifest["stages"].values() for k, v in each["inputs"].items()}
        code = sorted({item for each in state.memory.values() for item in each["code"].items()})
        facts = {
            "run": manifest["run"],
            "code": hashlib.sha256(json.dumps(code).encode()).hexdigest()[:12],
            "data": {name: read[name] for name in read.keys() - outputs(manifest).keys()},
            "settings": manifest["settings"],
            "metrics": dict(metrics(run)) if metrics and RESULTS in outputs(manifest) else {},
            "seconds": round(time.perf_counter() - begin, 3),
        }
        log.write(staging / log.HISTORY, log.history_with(root, facts))
    logger.info("published run %s: %d files", manifest["run"], len(outputs(manifest)))
    return Run(root, manifest)


def hash_of_code(path: Path) -> str:
    """Return the SHA-256 of a file of code, or "" where it may have been changed since it was read.

    So a stage that an edit overtook, in a long run or a notebook, is run again.
    """
    return "" if path.stat().st_mtime_ns >= log.STARTED else sha256(path)


def describe_run(root: Path, stages: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest, which names the run by what it was made from: equal runs are equal."""
    last = reversed(stages.values())  # where stages differ, an earlier one ran later
    settings = {name: value for each in last for name, value in each["settings"].items()}
    facts = {
        "schema_version": SCHEMA,
        "python": platform.python_version(),
        "packages": log.declared_packages(root),
        "settings": dict(sorted(settings.items())),
        "stages": stages,
    }
    name = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    return {"run": name, **facts}
