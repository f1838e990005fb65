"""Publishing: a run counts whole or not at all, wherever it is cut off, on one disk or on two."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tiny.engine import FIGURES, RESULTS, ProjectError, Stage, publishing
from tiny.engine.publishing import MANIFEST, READY, SCHEMA, load_run, lock
from tiny.pipeline import STUDY

from .conftest import RAW, Copy, Project, differences, history, run_tiny

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}
HOLDER = """
import pathlib, sys, tiny.engine.publishing as publishing
with publishing.lock(pathlib.Path.cwd()):
    print("held", flush=True)
    sys.stdin.read()
"""
STAGES = STUDY.stages[:3]


def extra(settings: Any, work: Any) -> None:
    """Write what a run without this stage has no more."""
    for path in (f"{FIGURES}/gone.svg", "models/gone.txt"):
        work.output(path).write_text("gone")


WITH_EXTRA = (*STAGES, Stage("extra", "", extra))


def dies(change: int, work: Callable[[], object]) -> bool:
    """Do some work in a child that dies before it changes the disk once more; whether it died."""
    if not (child := os.fork()):
        left = change

        def die(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal left
            writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            left -= bool(event in CHANGES or writes)
            if left < 0:
                os._exit(9)  # nothing is flushed, nothing is tidied up: as SIGKILL

        sys.addaudithook(die)
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return {9: True, 0: False}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on another file system than the tests' own."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or not os.access(shared, os.W_OK):
        pytest.skip("no second file system here: /dev/shm is missing")
    with TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


def link_figures(root: Path, folder: Path) -> Path:
    """Let the figures of a project lie on another disk."""
    link = root / FIGURES
    if link.stat().st_dev == folder.parent.stat().st_dev:
        pytest.skip("/dev/shm is no second file system here")
    target = Path(shutil.copytree(link, folder / "figures"))
    shutil.rmtree(link)
    link.symlink_to(target)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("disks", [1, 2])
def test_a_run_that_dies_is_nothing_or_is_finished_by_the_next_command(
    fresh: Project, copy: Copy, disks: int, request: pytest.FixtureRequest
) -> None:
    run_tiny(fresh.root, WITH_EXTRA)
    for path in ("src", "pyproject.toml", "configs"):
        shutil.move(fresh.root / path, fresh.root.parent / path)  # copied once, not each time
    outcomes = []
    for change in range(200):
        root = copy(f"killed-{change}", fresh.root).root
        if disks == 2:
            figures = link_figures(root, request.getfixturevalue("other_disk") / str(change))
        old = load_run(root)
        died = dies(change, partial(run_tiny, root, STAGES, factor=3))
        for path in old.manifest["stages"]["draw"]["outputs"]:  # a reader has the old one or none
            with suppress(ProjectError):
                assert b"12" in old.read(path) or path.endswith(".png")
        new = load_run(root)
        total, is_new = new.results["total"], new.manifest != old.manifest
        assert (total, differences(root)) == (18 if is_new else 12, [])
        assert (
            (root / FIGURES / "gone.svg").exists() == (root / "models/gone.txt").exists() != is_new
        )
        assert history(root) == [(1, 12), (2, 18)][: 1 + is_new]
        assert not (root / READY).exists()
        outcomes.append(is_new)
        assert (run_tiny(root, STAGES, factor=3) is None) == is_new
        assert (history(root), differences(root)) == ([(1, 12), (2, 18)], [])
        if disks == 2:
            assert (root / FIGURES).is_symlink()
            assert {path.name for path in figures.iterdir()} == {"total.png", "total.svg"}
        shutil.rmtree(root)
        if not died:
            break
    assert not died
    assert outcomes == sorted(outcomes)  # one moment before which nothing has happened
    assert min(outcomes.count(False), outcomes.count(True)) >= 8


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_time_leaves_a_whole_one(project: Project) -> None:
    chance, factor = random.Random(2026), 2
    for _ in range(8):
        before = load_run(project.root).results["total"]
        factor += 1
        project.edit("configs/tiny.toml", f"factor = {factor - 1}", f"factor = {factor}")
        begin = time.monotonic()
        with subprocess.Popen(
            project.command("run"), cwd=project.root, env=project.environment(), stdout=-3
        ) as process:
            delay = chance.uniform(0.2, 1.0)
            with suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            process.send_signal(signal.SIGKILL)
        assert time.monotonic() - begin < 60
        assert load_run(project.root).results["total"] in {before, 6 * factor}
        assert differences(project.root) == []
        numbers = [number for number, _ in history(project.root)]
        assert numbers == [*range(1, len(numbers) + 1)]
    project.run("run")
    assert project.run("verify") == "5 artifacts and the raw data are as recorded.\n"
    totals = [total for _, total in history(project.root)]
    assert (totals, totals[-1]) == (sorted({*totals}), 6 * factor)


def test_figures_on_another_disk_are_published_and_the_link_stays(
    project: Project, other_disk: Path
) -> None:
    figures = link_figures(project.root, other_disk)
    expected = project.tracked()
    assert project.run("run").startswith("Up to date")
    run_tiny(project.root, WITH_EXTRA, force=True)
    assert (figures / "gone.svg").read_text() == "gone\n"
    os.link(figures / "total.svg", other_disk / "read by somebody")
    run_tiny(project.root, factor=3)
    assert "12" in (other_disk / "read by somebody").read_text()  # replaced, not written over
    project.run("run", "--force")
    assert (project.tracked(), (project.root / FIGURES).is_symlink()) == (expected, True)
    assert {path.name for path in figures.iterdir()} == {"total.png", "total.svg"}
    shutil.rmtree(figures)  # the disk is not there
    assert f"{FIGURES}/total.png: missing" in differences(project.root)
    with pytest.raises(ProjectError, match="cannot be replaced"):
        run_tiny(project.root)
    figures.mkdir()
    assert (load_run(project.root).results["total"], differences(project.root)) == (12, [])


def test_every_file_is_on_the_disk_before_the_run_counts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []

    def flush(handle: int) -> None:
        assert not (project.root / READY).exists()
        flushed.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", flush)
    made = run_tiny(project.root, factor=3)
    files = [path for stage in made.manifest["stages"].values() for path in stage["outputs"]]
    files += [MANIFEST.as_posix(), "logs/runs.jsonl", ".staging/stages.json"]
    assert [each for each in files if (project.root / each).stat().st_ino not in flushed] == []


def test_a_run_first_finishes_the_move_that_was_cut_off(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "move_in", lambda root: None)
        run_tiny(project.root, factor=3)
    assert (project.root / READY).is_dir()
    assert run_tiny(project.root, factor=3) is None
    assert history(project.root) == [(1, 12), (2, 18)]


def test_a_file_that_cannot_be_replaced_is_named_and_the_run_waits(project: Project) -> None:
    (project.root / RESULTS).unlink()
    project.write(f"{RESULTS}/in the way", "x")
    with pytest.raises(ProjectError, match=r"results\.json cannot be replaced \(Is a directory\)"):
        run_tiny(project.root, factor=3)
    assert "results.json cannot be replaced" in project.fails("verify")
    shutil.rmtree(project.root / RESULTS)
    assert load_run(project.root).results["total"] == 18


def test_one_writer_at_a_time(project: Project) -> None:
    command = [sys.executable, "-c", HOLDER]
    pipe: Any = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=project.root, env=project.environment(), stdin=pipe, stdout=pipe
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for words in (("run", "--force"), ("data", "add", "pyproject.toml")):
            assert f"another run is writing in {project.root}" in project.fails(*words)
        assert project.run("run").startswith("Up to date")  # whoever only reads needs no lock
        assert project.run("verify")
        holder.kill()
    project.run("run", "--force")


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOLCK, "lock cannot be locked .*: move the project to a disk that has locks"),
        (errno.ENOTSUP, "cannot be locked"),
        (errno.EWOULDBLOCK, "another run is writing"),
    ],
)
def test_only_held_by_another_means_that_another_run_is_writing(
    fresh: Project, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.raises(ProjectError, match=says), lock(fresh.root):
        pass
    with pytest.raises(ProjectError, match=says):
        run_tiny(fresh.root)


@pytest.mark.parametrize("known", [True, False])
def test_a_manifest_of_another_version_is_run_again(project: Project, known: bool) -> None:
    run_tiny(project.root, WITH_EXTRA)
    manifest = json.loads((project.root / MANIFEST).read_text())
    stages = manifest["stages"]
    other = {"stages": stages, "inputs": {}} if known else {"files": [1], "stages": "three"}
    project.write(MANIFEST.as_posix(), json.dumps({"schema_version": 1 if known else 99, **other}))
    said = project.fails(*(("verify",) if known else ("serve", "--port", "0")))
    assert "manifest.json was made by another version: run again" in said
    assert project.ran() == ["multiply", "add", "draw", "report"]
    assert (project.root / "models/gone.txt").exists() != known
    assert differences(project.root) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema_version": 2}', "\xff", '{"stages": 1}']
)
def test_a_damaged_manifest_is_named(project: Project, text: str) -> None:
    (project.root / MANIFEST).write_bytes(text.encode("latin-1"))
    for action in (load_run, run_tiny):
        with pytest.raises(ProjectError, match=r"manifest\.json is damaged: restore it, or delete"):
            action(project.root)
    (project.root / MANIFEST).unlink()
    with pytest.raises(ProjectError, match=r"there is no run in .* yet: `run` makes one"):
        load_run(project.root)
    assert run_tiny(project.root).results["total"] == 12


def test_a_waiting_run_of_another_version_blocks_nothing(project: Project) -> None:
    project.write(f"{(READY / MANIFEST).as_posix()}", json.dumps({"schema_version": SCHEMA + 1}))
    assert run_tiny(project.root, factor=3).results["total"] == 18
    assert (differences(project.root), (project.root / READY).exists()) == ([], False)


def test_a_manifest_deletes_nothing_outside_the_project(project: Project) -> None:
    precious = [project.write("../precious.txt", "x"), project.write("precious.txt", "x")]
    manifest = json.loads((project.root / MANIFEST).read_text())
    foreign = {"../precious.txt": "0" * 64, str(precious[1]): "0" * 64}
    manifest["stages"]["draw"]["outputs"] |= foreign
    project.write(MANIFEST.as_posix(), json.dumps(manifest))
    run_tiny(project.root, force=True)
    assert [path.exists() for path in precious] == [True, True]


def test_an_artifact_is_read_only_as_it_was_recorded(project: Project) -> None:
    run = load_run(project.root)
    assert run.read(f"{FIGURES}/total.png") == b"png"
    (project.root / RESULTS).write_text("{}")
    (project.root / FIGURES / "total.png").unlink()
    for path, says in {
        RESULTS: "is not the file that the run wrote: `run` makes it again",
        f"{FIGURES}/total.png": "is missing: `run` makes it",
        RAW: "is missing",
        "../x": "is missing",
    }.items():
        with pytest.raises(ProjectError, match=says):
            run.read(path)
    assert replace(run).manifest == run.manifest
