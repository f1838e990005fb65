"""The tiny study with the engine in it: importable as `tiny`, and in folders that tests change."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import STEP_DOWN

TEMPLATE = Path(__file__).parents[2]
EXAMPLES = TEMPLATE / "{{cookiecutter.project_slug}}/.examples"
ENGINE = EXAMPLES / "_every/src/{{cookiecutter.package_name}}/engine"
UNTRACKED = {".staging", "logs", "__pycache__"}
RAW, CONFIG = "data/raw/numbers.txt", "configs/tiny.toml"

_folder = TemporaryDirectory(prefix="engine-")
BASE = Path(_folder.name) / "project"
for _source, _target in {
    Path(__file__).with_name("project"): BASE,
    ENGINE: BASE / "src/tiny/engine",
}.items():
    shutil.copytree(_source, _target, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
compileall.compile_dir(BASE / "src", quiet=1)
sys.path.insert(0, str(BASE / "src"))


@dataclass(frozen=True)
class Project:
    """A project of the tiny study."""

    root: Path

    def command(self, *words: str | Path, options: Sequence[str] = ()) -> list[str]:
        """Return the command line of a command of this project."""
        return [sys.executable, *options, "-m", "tiny", *map(str, words)]

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the variables of a process that runs this project's code."""
        path = str(self.root / "src")
        return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | variables

    def call(
        self,
        *words: str | Path,
        options: Sequence[str] = (),
        within: str = ".",
        prefix: Sequence[str] = (),
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the project to its end, whatever that is."""
        return subprocess.run(
            [*prefix, *self.command(*words, options=options)],
            cwd=self.root / within,
            env=self.environment(**variables),
            capture_output=True,
            encoding="utf-8",
        )

    def run(self, *words: str | Path, **options: Any) -> str:
        """Run a command that must succeed without a word on stderr; return what it printed."""
        done = self.call(*words, **options)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def fails(self, *words: str | Path, **options: Any) -> str:
        """Run a command that must fail; return its one line, of which the log has the traceback."""
        done = self.call(*words, **options)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
        assert done.stderr.removeprefix("error: ") + "Traceback" in self.log()
        return done.stderr

    def ran(self, *words: str | Path, **options: Any) -> list[str]:
        """Give the command `run`, and return the stages that were not skipped."""
        before = len(self.log())
        self.run("run", *words, **options)
        return re.findall(r" \[\d/\d\] (\w+): ", self.log()[before:])

    def without(self, package: str) -> dict[str, str]:
        """Put a module in the way of a package, whether it is installed or not."""
        block = self.root.parent / f"no_{package}/{package}.py"
        block.parent.mkdir(exist_ok=True)
        block.write_text(f"raise ModuleNotFoundError('no', name={package!r})\n", encoding="utf-8")
        return {"PYTHONPATH": f"{block.parent}{os.pathsep}{self.root / 'src'}"}

    def log(self) -> str:
        """Return what the log says so far."""
        path = self.root / "logs/pipeline.log"
        return path.read_text("utf-8") if path.exists() else ""

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file, which must be there."""
        text = (self.root / path).read_text("utf-8")
        assert old in text
        (self.root / path).write_text(text.replace(old, new), "utf-8")

    def write(self, path: str, text: str) -> Path:
        """Write a file, and return where it is."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")
        return self.root / path

    def write_raw(self, text: str) -> None:
        """Replace the raw file, on record too."""
        from tiny.engine.raw_data import add_raw, remove_raw

        remove_raw(self.root, "numbers.txt")
        add_raw(self.root, self.write(RAW, text))

    def tracked(self) -> dict[str, bytes]:
        """Return all that git would see."""
        files = [path for path in self.root.rglob("*") if path.is_file()]
        names = {path.relative_to(self.root).as_posix(): path for path in files}
        return {n: p.read_bytes() for n, p in names.items() if not UNTRACKED & {*p.parts}}


Copy = Callable[..., Project]


def run_tiny(
    root: Path, stages: Any = None, *, until: str | None = None, force: bool = False, **values: Any
) -> Any:
    """Run the stages of the tiny study, or others, in this process."""
    from tiny.engine.runs import run_stages
    from tiny.pipeline import STUDY, TinySettings

    settings = TinySettings(**{"raw": (RAW,), **values})
    stages = STUDY.stages if stages is None else stages
    metrics = STUDY.metrics if stages[0] is STUDY.stages[0] else None
    return run_stages(stages, settings, root, until=until, force=force, metrics=metrics)


def differences(root: Path) -> list[str]:
    """Return what `verify` says of the artifacts."""
    from tiny.engine.publishing import load_run
    from tiny.engine.runs import RunState

    return list(RunState(root).differences([*load_run(root).manifest["stages"]]))


def history(root: Path) -> list[tuple[int, float]]:
    """Return number and total of every run of the history."""
    from tiny.engine.log import read_history

    return [(each["number"], each["metrics"]["total"]) for each in read_history(root)]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Make a project somewhere below the test's folder, without a run."""

    def copy(name: str = "project", source: Path = BASE) -> Project:
        shutil.copytree(source, tmp_path / name, symlinks=True)
        return Project(tmp_path / name)

    return copy


@pytest.fixture
def fresh(copy: Copy) -> Project:
    """A project without a run."""
    return copy()


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project after its first run, for copies."""
    project = Project(tmp_path_factory.mktemp("first") / "project")
    shutil.copytree(BASE, project.root)
    said = project.run("run")
    assert said == f"The total is 12.\nReport: {project.root / 'reports/report.html'}\n"
    return project.root


@pytest.fixture
def project(copy: Copy, first_run: Path) -> Project:
    """A project after its first run."""
    return copy(source=first_run)


def step_down() -> tuple[str, ...]:
    """Return what a command begins with so that rights count for it, for root too."""
    if os.geteuid():
        return ()
    return STEP_DOWN if shutil.which(STEP_DOWN[0]) else pytest.skip("root, and no setpriv")
