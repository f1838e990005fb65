"""Publishing: a run counts whole or not at all, wherever it is cut off."""

import json
import subprocess
import sys
from contextlib import suppress

import pytest

from {{ cookiecutter.package_name }} import publishing
from {{ cookiecutter.package_name }}.artifacts import Workspace, differences, load_run
from {{ cookiecutter.package_name }}.study import ProjectError

OLD = {"reports/a.txt": "old", "reports/gone.txt": "old"}
NEW = {"reports/a.txt": "new", "reports/figures/b.txt": "new", "models/c.txt": "new"}
DYING = f"""
import os, pathlib, sys, {publishing.__name__} as publishing
root, left = pathlib.Path(sys.argv[1]), int(sys.argv[2])
def die(event, arguments):  # before the disk would be changed once more
    global left
    left -= event in ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree")
    left >= 0 or os._exit(9)
sys.addaudithook(die)
publishing.publish(root, root / ".staging/new")
"""


def stage(root, files):
    work = Workspace(root, root / ".staging/new", {"stages": {}})
    for path, text in files.items():
        work.output(path).write_text(text)
    work.finish_stage("make")
    (work.staging / publishing.MANIFEST).write_text(json.dumps(work.manifest))
    return work.staging


@pytest.fixture
def old(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path, OLD))
    return load_run(tmp_path)


@pytest.mark.parametrize("changes", range(len(NEW) + 4))  # ready, files, gone, manifest, tidy
def test_a_killed_publication_is_nothing_or_is_finished_by_the_next_command(old, changes):
    stage(old.root, NEW)
    done = subprocess.run([sys.executable, "-c", DYING, old.root, str(changes)], check=False)
    assert done.returncode == 9
    for path in OLD:  # a reader that knows the old run gets its files or none
        with suppress(ProjectError):
            assert old.read(path) == b"old"
    new, expected = load_run(old.root), NEW if changes else OLD
    assert {path: new.read(path).decode() for path in expected} == expected
    assert differences(old.root, new.manifest, ("make",)) == []
    assert (old.root / "reports/gone.txt").exists() == (expected is OLD)
    assert not (old.root / publishing.READY).exists()


def test_a_file_that_cannot_be_replaced_is_named_and_the_run_waits(old):
    (old.root / "models/c.txt").mkdir(parents=True)
    with pytest.raises(ProjectError, match=r"models.c\.txt cannot be replaced"):
        publishing.publish(old.root, stage(old.root, NEW))
    (old.root / "models/c.txt").rmdir()
    assert load_run(old.root).read("models/c.txt") == b"new"
