"""The container without an engine: linted, read, then made step by step and started."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from string import Template
from typing import Any

import pytest
from checks import TOOLS, free_port, installed
from conftest import STEP_DOWN, Bake, Project

ANSWERS: dict[str, dict[str, Any]] = {
    example: {"example": example} for example in ("wage-analysis", "digits-classification", "blank")
}
ANSWERS["hostile"] = {
    "project_name": "Löhne & 工資 🙂 \"'$(id)'\" \\",
    "description": "Who \"earns\" what \\ 'where'? 🙂 `id` $HOME # \\",
    "author_name": "Zoë 'Z' Ångström, 工 🙂",
    "license": "Proprietary",
    "project_slug": "My.-_Pro_ject-2026",
    "package_name": "wages_of_exactly_thirty_chars0",
}
RUN = {  # what a run writes; it may keep tables between its stages too
    "data/interim/joined.parquet",
    "data/processed/wages.parquet",
    "models/wages.joblib",
    "reports/figures/wages.png",
    "reports/manifest.json",
}
PRIVATE = {
    ".env",
    ".venv/pyvenv.cfg",
    "configs/.env",
    "data/external/prices.csv",
    "data/raw/people.csv",
    "id_rsa",
    "logs/pipeline.log.1",
    "notebooks/people.ipynb",
    "reports/.ipynb_checkpoints/people.html",
    "src/.env",
    "src/__pycache__/people.pyc",
}
NOT_SERVING = {
    "hatchling",
    "mypy",
    "pip",
    "pytest",
    "ruff",
    "setuptools",
    "streamlit",
    "uv",
    "wheel",
}


@dataclass(frozen=True)
class Step:
    """An instruction of a Dockerfile: `KEYWORD --flag=value text`."""

    keyword: str
    flags: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        """The words of the text, which is JSON or what a shell would split."""
        words: list[str] = json.loads(self.text) if self.text[0] == "[" else shlex.split(self.text)
        return words


@cache
def expression(pattern: str) -> re.Pattern[str]:
    """Translate a pattern of Docker's, of a file or of a folder with what is in it."""
    wild = {"**/": "(.*/)?", "*": "[^/]*"}
    parts = (wild.get(part, re.escape(part)) for part in re.findall(r"\*\*/|\*|[^*]+", pattern))
    return re.compile(f"{''.join(parts)}(/.*)?", re.DOTALL)


def takes(pattern: str, name: str) -> bool:
    return expression(pattern).fullmatch(name) is not None


@dataclass(frozen=True)
class Container:
    """The Dockerfile and the .dockerignore of a project."""

    project: Path

    @cached_property
    def stages(self) -> list[list[Step]]:
        """The instructions from each `FROM` to the next."""
        text = (self.project / "Dockerfile").read_text(encoding="utf-8")
        text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "")
        stages: list[list[Step]] = []
        for line in filter(None, text.split("\n")):
            keyword, _, rest = line.partition(" ")
            flags = re.match(r"(--\S+ )*", rest)
            assert flags is not None
            named = dict(flag[2:].split("=", 1) for flag in flags[0].split())
            if keyword == "FROM":
                stages.append([])
            stages[-1].append(Step(keyword, named, rest[flags.end() :].strip()))
        return stages

    def last(self, keyword: str) -> Step:
        """Return the one instruction of this kind in the final stage."""
        (step,) = (step for step in self.stages[-1] if step.keyword == keyword)
        return step

    @property
    def health(self) -> list[str]:
        """The command that tells whether the server is well."""
        word, _, command = self.last("HEALTHCHECK").text.partition(" ")
        assert word == "CMD"
        return Step(word, {}, command).words

    @property
    def port(self) -> str:
        """Where the server listens in the container."""
        return self.last("CMD").words[-1]

    def context(self) -> set[str]:
        """Return what an engine would send to a build: of the rules that match, the last counts."""
        text = (self.project / ".dockerignore").read_text(encoding="utf-8")
        rules = [line for line in text.splitlines() if not line.startswith("#")]
        paths = (path for path in self.project.rglob("*") if path.is_file())
        names = {path.relative_to(self.project).as_posix() for path in paths}
        matching = {
            name: [rule for rule in rules if takes(rule.removeprefix("!"), name)] for name in names
        }
        return {name for name, found in matching.items() if not found or found[-1][0] == "!"}

    def sources(self) -> list[str]:
        """Return what is copied out of the context."""
        steps = [step for stage in self.stages for step in stage if step.keyword == "COPY"]
        return [word for step in steps if "from" not in step.flags for word in step.words[:-1]]


def copy(step: Step, source: Path, app: Path) -> None:
    """Copy as Docker does: of a folder what is in it, with its modes if no others are given."""
    *patterns, last = step.words
    for pattern in patterns:
        found = list(source.glob(pattern.removeprefix("/app/")))
        assert found or "*" in pattern, pattern
        for path in found:
            if path.is_dir():
                shutil.copytree(path, app / last, symlinks=True)
            else:
                shutil.copy(path, app / last)
    if "chmod" in step.flags:
        subprocess.run(["chmod", "-R", step.flags["chmod"], app / last], check=True)


def build(container: Container, base: str, place: Path) -> dict[str, str]:
    """Do each step of each stage in a folder; `app` in it ends as the final stage's.

    An environment works at the path that it was made for, so the stages have one path, as they
    have in an image: when a stage is done, its folder takes the stage's name.

    Parameters
    ----------
    container
        What to build; its working folder is `/app`.
    base
        `PATH` in the base image.
    place
        An empty folder.

    Returns
    -------
    dict
        The variables of the final stage.
    """
    app = place / "app"
    sources = {"": place / "context"}
    for name in container.context():
        (sources[""] / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(container.project / name, sources[""] / name)
    # Whoever builds an image may have a umask that keeps others out.
    subprocess.run(["chmod", "-R", "go=", sources[""]], check=True)
    for stage in container.stages:
        variables = {"PATH": base}
        for step in stage:
            if step.keyword == "WORKDIR":
                assert step.text == "/app"
                app.mkdir()
            elif step.keyword == "ENV":
                for variable, _, value in (word.partition("=") for word in step.words):
                    moved = re.sub(r"(?<!\w)/app\b", str(app), value)
                    variables[variable] = Template(moved).substitute(variables)
            elif step.keyword == "COPY":
                copy(step, sources[step.flags.get("from", "")], app)
            elif step.keyword == "RUN":
                Project(app, {}).run("sh", "-c", step.text, **variables)
        _, *name_of_stage = stage[0].words
        if name_of_stage:
            sources[name_of_stage[-1]] = app.rename(place / name_of_stage[-1])
    return variables


@dataclass(frozen=True)
class Image:
    """What the steps made: the final working folder, and the variables of its processes."""

    project: Project
    app: Path
    variables: dict[str, str]

    def files(self) -> dict[str, Path]:
        """Return everything in the working folder but links, which have no modes."""
        paths = [path for path in self.app.rglob("*") if not path.is_symlink()]
        return {path.relative_to(self.app).as_posix(): path for path in paths}


@pytest.fixture(scope="module", params=ANSWERS.values(), ids=list(ANSWERS))
def project(request: pytest.FixtureRequest, bake: Bake) -> Project:
    """A project after a run, with what its users must be able to keep to themselves."""
    project = bake(**request.param)
    for name in RUN | PRIVATE:
        (project.path / name).parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).write_text("\n", encoding="utf-8")
    return project


@pytest.fixture
def container(project: Project) -> Container:
    return Container(project.path)


def test_the_linter_finds_nothing(project: Project) -> None:
    strict = ("--disable-ignore-pragma", "--failure-threshold", "style")
    assert project.run(TOOLS / "hadolint", *strict, "Dockerfile") == ""


def test_the_final_stage_serves_as_nobody_and_makes_nothing(
    project: Project, container: Container
) -> None:
    build, final = container.stages
    base = f"python:{project.answers['python_version']}-slim"
    assert [stage[0].words for stage in (build, final)] == [[base, "AS", "build"], [base]]
    assert "RUN" not in {step.keyword for step in final}
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container.last("USER").text)
    slug = project.answers["project_slug"]
    serve = [slug, "serve", "--host", "0.0.0.0", "--port", container.port]
    assert container.last("CMD").text == json.dumps(serve)
    assert container.last("EXPOSE").text == container.port
    assert container.port in re.findall(r"\d+", container.health[-1])
    title, license = container.last("LABEL").words
    assert title == f"org.opencontainers.image.title={slug}"
    assert license.endswith(f".licenses={project.settings()['project']['license']}")


def test_the_comment_on_top_is_a_command(project: Project, container: Container) -> None:
    """Docker takes fewer names than a distribution may have."""
    _, line, *_ = (project.path / "Dockerfile").read_text(encoding="utf-8").splitlines()
    command = re.fullmatch(r"# docker build -t (\S+) \. && docker run --rm -p (\S+) (\S+)", line)
    assert command is not None
    name = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
    assert re.fullmatch(name, command[1])
    assert (command[2], command[3]) == (f"127.0.0.1:8000:{container.port}", command[1])


def test_a_build_is_sent_what_it_copies_and_nothing_private(
    project: Project, container: Container
) -> None:
    context = container.context()
    taken = {
        source: {name for name in context if takes(source, name)} for source in container.sources()
    }
    assert context >= RUN
    assert not PRIVATE & context
    assert [source for source, names in taken.items() if not names] == ["uv.lock*"]
    assert set().union(*taken.values()) == context
    package = f"src/{project.answers['package_name']}"
    assert {f"{package}/{name}" for name in ("engine/cli.py", "pipeline.py")} < context
    top = {name.partition("/")[0] for name in context}
    sources = {"LICENSE", "README.md", "pyproject.toml", "src"}
    assert top == sources | {"configs", "data", "models", "reports"}
    (project.path / "uv.lock").write_text("version = 1\n", encoding="utf-8")
    assert container.context() - context == {"uv.lock"}
    (project.path / "uv.lock").unlink()


@pytest.fixture(scope="module", params=["wage-analysis", "hostile"])
def finished(request: pytest.FixtureRequest, live_project: Project, bake: Bake) -> Project:
    """A project after a real run; one has been set up, so it has a lock file."""
    if request.param == "wage-analysis":
        return live_project
    names = {"project_slug": "My.Pro_ject-2026", "package_name": "plants"}
    project = bake(**ANSWERS["hostile"] | names | {"example": "blank"})
    python = live_project.path / ".venv/bin/python"
    project.run(python, "-m", "plants", "run", PYTHONPATH="src")
    return project


@pytest.fixture(scope="module")
def image(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The image of a finished project, as far as folders and a Python of its version are one."""
    place = tmp_path_factory.mktemp("image")
    python = installed(finished.answers["python_version"]) or Path(sys.executable)
    prefix = finished.run(python, "-c", "import sys; print(sys.base_prefix)").strip()
    finished.run(python, "-m", "venv", place / "python")  # where the base image's tools are put
    base = f"{place}/python/bin:{prefix}/bin:/usr/bin:/bin"
    umask = os.umask(0o022)  # a container's
    try:
        variables = build(Container(finished.path), base, place)
    finally:
        os.umask(umask)
    yield Image(finished, place / "app", variables)
    finished.run("chmod", "-R", "u+w", place)
    shutil.rmtree(place)


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_the_image_is_what_serves_and_only_root_may_write_it(image: Image) -> None:
    files = image.files()
    parts = {".venv", "configs", "data", "models", "reports"}
    assert {name.partition("/")[0] for name in files} == parts
    modes = {name: path.stat().st_mode for name, path in files.items()}
    assert [name for name, mode in modes.items() if mode & 0o022] == []
    needed = {name: 0o005 if path.is_dir() else 0o004 for name, path in files.items()}
    assert [name for name, mode in modes.items() if mode & needed[name] != needed[name]] == []
    python = image.app / ".venv/bin/python"
    listing = "from importlib.metadata import distributions as d; print(*{i.name for i in d()})"
    distributions = set(image.project.run(python, "-c", listing).lower().split())
    assert not NOT_SERVING & distributions
    assert {image.project.answers["project_slug"].lower(), "fastapi"} < distributions
    assert not NOT_SERVING & {path.name for path in python.parent.iterdir()}


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_the_image_serves_its_run_without_a_right_to_write(image: Image, tmp_path: Path) -> None:
    """By its own commands, but for the port; it is well while it serves, and no longer."""
    container = Container(image.project.path)
    before = image.files().keys()
    variables = image.variables | {"HOME": "/nonexistent", "TMPDIR": str(tmp_path)}
    port = str(free_port())

    def command(words: list[str]) -> list[str]:
        moved = [re.sub(rf"\b{container.port}\b", port, word) for word in words]
        return [*(STEP_DOWN if os.geteuid() == 0 else ()), *moved]

    def is_well() -> bool:
        proxied = variables | {"http_proxy": "http://127.0.0.1:9"}
        health = subprocess.run(command(container.health), env=proxied, stderr=subprocess.DEVNULL)
        return health.returncode == 0

    image.project.run("chmod", "-R", "a-w", image.app)
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command(container.last("CMD").words),
            cwd=image.app,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 60
        while not is_well():
            said = log.read_text(encoding="utf-8")
            assert server.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.2)
        manifest = json.loads((image.project.path / "reports/manifest.json").read_text("utf-8"))
        for route in ("health", "version"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{route}", timeout=10) as answer:
                assert json.load(answer)["run"] == manifest["run"]
    finally:
        server.terminate()
        server.wait(timeout=10)
    assert not is_well()
    assert image.files().keys() == before
