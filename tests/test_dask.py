"""The search on workers of a real Dask scheduler: the same bytes, whatever becomes of them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from checks import free_port
from conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]
MADE = ("models/candidate.joblib", "data/interim/search.json", "reports/manifest.json")
Made = dict[str, bytes]
Started = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def project(live_digits: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as `make setup` installed it, in a folder of its own, whose code is used."""
    copy = tmp_path_factory.mktemp("dask") / "project"
    shutil.copytree(live_digits.path, copy, ignore=shutil.ignore_patterns(".git", ".venv"))
    (copy / ".venv").symlink_to(live_digits.path / ".venv")
    return Project(copy, live_digits.answers)


@pytest.fixture(scope="module")
def expected(project: Project) -> Made:
    """What one process of this machine finds."""
    assert finish(search(project, 'backend = "loky"', "workers = 1")) == (0, "")
    return made(project)


def made(project: Project) -> Made:
    return {name: (project.path / name).read_bytes() for name in MADE}


def begin(project: Project, *command: str, log: Path) -> Started:
    own = os.environ | {"PYTHONPATH": "src", "TMPDIR": str(project.path)}
    with log.open("ab") as said:
        return subprocess.Popen(
            ["env", *command], cwd=project.path, env=own, stderr=said, start_new_session=True
        )


def search(project: Project, *compute: str) -> tuple[Started, Path]:
    """Begin the stages up to the model, anew, with these lines in [compute] and fewer fits."""
    text = (project.path / "configs/digits.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^folds = .*", "folds = 2", re.sub(r"(?m)^fits = .*", "fits = 30", text))
    config, log = project.path / "configs/small.toml", project.path / "search.log"
    lines = "\n".join(("[compute]", *compute, ""))
    config.write_text(text.partition("[compute]")[0] + lines, encoding="utf-8")
    log.unlink(missing_ok=True)
    command = ".venv/bin/python -m digits_classification run train --force --config".split()
    return begin(project, *command, str(config), log=log), log


def finish(begun: tuple[Started, Path]) -> tuple[int, str]:
    """Return exit status and standard error of a search."""
    return begun[0].wait(timeout=150), begun[1].read_text(encoding="utf-8")


def until_it_says(log: Path, text: str, times: int = 1) -> None:
    end = time.monotonic() + 60
    while log.read_text(encoding="utf-8").count(text) < times:
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def cluster(
    project: Project, change: Callable[[str], str] = str, times: int = 1
) -> Iterator[tuple[tuple[str, str], list[Started], Path]]:
    """Start what docs/more_machines.md says, its workers changed; yield settings, workers, log."""
    page = (project.path / "docs/more_machines.md").read_text(encoding="utf-8")
    scheduler, worker = re.findall(r"^.*uv run dask (?:scheduler|worker).*$", page, re.MULTILINE)
    port, log, started = str(free_port()), project.path / "cluster.log", list[Started]()
    log.unlink(missing_ok=True)
    with ExitStack() as stack:
        for line in (scheduler, *[change(worker)] * times):
            command = line.replace("uv run dask", ".venv/bin/dask").replace("8786", port)
            started.append(begin(project, *shlex.split(command), log=log))
            stack.callback(started[-1].wait)
            stack.callback(os.killpg, started[-1].pid, signal.SIGKILL)
        until_it_says(log, "Register worker", times)
        yield ('backend = "dask"', f'address = "tcp://127.0.0.1:{port}"'), started[1:], log


def test_processes_and_dask_find_the_same_bytes(project: Project, expected: Made) -> None:
    assert finish(search(project, 'backend = "loky"', "workers = 2")) == (0, "")
    assert made(project) == expected
    with cluster(project) as (compute, _, _):
        assert finish(search(project, *compute)) == (0, "")
    assert made(project) == expected


def test_a_worker_killed_in_the_middle_changes_nothing(project: Project, expected: Made) -> None:
    alone = ("--nworkers 2", "--no-nanny")  # nobody starts it again
    with cluster(project, lambda line: line.replace(*alone), 2) as (compute, workers, log):
        run = search(project, *compute)
        until_it_says(log, "Receive client connection")
        time.sleep(4)
        workers[0].kill()
        assert finish(run) == (0, "")
        assert "lose already computed task" in log.read_text(encoding="utf-8")
    assert made(project) == expected


def test_what_cannot_be_done_is_one_sentence(project: Project, expected: Made) -> None:
    def refused(*compute: str, sentence: str) -> None:
        status, said = finish(search(project, *compute))
        assert (status, made(project)) == (1, expected)  # nothing was published
        assert re.fullmatch(rf"error: .*{sentence}.*\n", said), said

    with cluster(project, lambda line: f"{line} --memory-limit 250MB") as (compute, _, _):
        refused(*compute, sentence="give (them|it) more memory")
    other = project.path / "other/scikit_learn-0.1.dist-info/METADATA"
    other.parent.mkdir(parents=True)
    other.write_text("Name: scikit-learn\nVersion: 0.1\n", encoding="utf-8")
    with cluster(project, lambda line: f"PYTHONPATH=other:src {line}") as (compute, _, _):
        refused(*compute, sentence="has scikit-learn 0.1, not")
    refused(*compute, sentence="no Dask scheduler answers at tcp://127")
