"""Projects to test: `bake` makes one or fails, `default_project` is made of untouched answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

TEMPLATE = Path(__file__).parents[1]
# Root may write what is read-only; without this ability it is held to what others are held to.
STEP_DOWN = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@dataclass(frozen=True)
class Project:
    """A generated project."""

    path: Path
    answers: dict[str, Any]

    def run(self, *command: str | Path, **variables: str) -> str:
        """Run a command in the project and return what it printed; any failure is an error."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=os.environ | variables,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def settings(self) -> dict[str, Any]:
        """Read `pyproject.toml`."""
        return tomllib.loads((self.path / "pyproject.toml").read_text(encoding="utf-8"))

    def files(self) -> set[str]:
        """Return the paths of all files but git's, written with slashes."""
        paths = (path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        return {path.as_posix() for path in paths if path.parts[0] != ".git"}


Bake = Callable[..., Project]
Tally = Callable[..., None]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def nobodys_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the git settings of whoever runs the tests out of them; yield the file that counts."""
    settings = tmp_path_factory.mktemp("git") / "config"
    settings.write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.delenv("COOKIECUTTER_CONFIG", raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield settings


@pytest.fixture(scope="session")
def bake(cookies_session: Any) -> Bake:
    """Generate a project from the given answers, in this process."""

    def bake(**answers: object) -> Project:
        result = cookies_session.bake(extra_context=answers, template=str(TEMPLATE))
        if result.exception is not None:
            raise result.exception
        return Project(result.project_path, result.context)

    return bake


@pytest.fixture(scope="session")
def default_project(bake: Bake) -> Project:
    return bake()


def set_up(project: Project) -> Project:
    """Install a project with everything, and run it for the first time."""
    project.run("make", "setup", PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    project.run("make", "run")
    return project


@pytest.fixture(scope="session")
def live_project(bake: Bake) -> Project:
    """The default project, installed with everything, after its first run."""
    return set_up(bake())


@pytest.fixture(scope="session")
def live_digits(bake: Bake) -> Project:
    """The digits project, installed with everything, after its first run."""
    return set_up(bake(example="digits-classification"))


@pytest.fixture(scope="session")
def node_package(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a package of npm's (`name@version`); without npm the test is skipped."""
    if shutil.which("npm") is None:
        reason = "no npm here: install it (Debian: apt install npm)"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    home = tmp_path_factory.mktemp("npm")

    def install(package: str) -> Path:
        quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
        subprocess.run(["npm", "install", *quiet, package], cwd=home, check=True)
        return home / "node_modules" / package.partition("@")[0]

    return install


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the system's; without one, tests that need it are skipped."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    chromium = next(found, None)
    if chromium is None:
        reason = "no Chromium here: install it (Debian: apt install chromium) to test in a browser"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=options)
        yield opened
        opened.close()


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Count hostile inputs for the line at the end; the count travels with the test's report."""

    def tally(*, refused: int = 0, accepted: int = 0) -> None:
        record_property("hostile", (refused, accepted))

    return tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many hostile inputs were tried."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    counts = [
        value for each in reports for name, value in each.user_properties if name == "hostile"
    ]
    refused, accepted = (sum(count[side] for count in counts) for side in (0, 1))
    if counts:
        terminalreporter.write_line(
            f"hostile inputs: {refused + accepted} tried, {refused} refused, {accepted} accepted"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no worker is left with it at the end."""
    items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture
def cookiecutter(tmp_path: Path) -> Command:
    """Run the command itself, in an empty folder with a temporary folder of its own."""
    home = tmp_path / "home"
    for folder in (tmp_path / "out", tmp_path / "tmp", home):
        folder.mkdir()

    def run(
        *arguments: str,
        typed: str | None = None,
        variables: dict[str, str] | None = None,
        without: tuple[str, ...] = (),
        stdout: int = subprocess.PIPE,
        unprivileged: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        step_down = STEP_DOWN if unprivileged and os.geteuid() == 0 else ()
        own = {"HOME": str(home), "TMPDIR": str(tmp_path / "tmp")} | (variables or {})
        return subprocess.run(
            [*step_down, sys.executable, "-m", "cookiecutter", str(TEMPLATE), *arguments],
            cwd=tmp_path / "out",
            env={name: text for name, text in (os.environ | own).items() if name not in without},
            input=typed,
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    return run
