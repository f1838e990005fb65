"""What every generated file is held to, without installing anything."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from threading import Timer

import nbformat
import yaml
from conftest import TEMPLATE, Project

TREES = Path(__file__).parent / "trees"
TOOLS = Path(sys.executable).parent  # not resolved: the tools are beside the link
SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))
# What is copied and not rendered, as it is called where the hook has put it.
COPIED = [
    re.sub(r"^\.examples/(_every/|\*/)?", "", each) for each in SETTINGS["_copy_without_render"]
]


def assert_files_are_valid(project: Project) -> None:
    """Each file parses as what it is; nothing is unrendered but what the answers hold."""
    for name in project.files():
        path = project.path / name
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8")
        if path.suffix == ".toml":
            tomllib.loads(text)
        elif path.suffix in {".yml", ".yaml"}:
            yaml.safe_load(text)
        elif path.suffix == ".json":
            json.loads(text)
        elif path.suffix == ".py":
            ast.parse(text)
        elif path.suffix == ".ipynb":
            nbformat.validate(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
        assert "cookiecutter." not in text, name
        if not any(fnmatch(name, ending) for ending in COPIED):
            assert not re.search(r"\{\{|\{%|\{#", text), name


def assert_passes_static_checks(project: Project) -> None:
    """Make reads the Makefile, Python finds the package, ruff has nothing to say."""
    package = project.answers["package_name"]
    project.run("make", "--dry-run", "help", "clean")
    place = f"import {package}, pathlib; print(pathlib.Path({package}.__file__).as_posix())"
    found = project.run(sys.executable, "-c", place, PYTHONPATH="src", PYTHONDONTWRITEBYTECODE="1")
    assert found.strip().endswith(f"/src/{package}/__init__.py")
    project.run(TOOLS / "ruff", "check", "--no-cache", ".")
    project.run(TOOLS / "ruff", "format", "--no-cache", "--check", ".")


def assert_tree_is_exact(project: Project) -> None:
    """The files are those of the example's list, whatever the package's name."""
    listed = (TREES / f"{project.answers['example']}.txt").read_text(encoding="utf-8").split()
    package = project.answers["package_name"]
    expected = {name.replace("src/package/", f"src/{package}/") for name in listed}
    assert project.files() == expected


def everything_below(folder: Path) -> set[str]:
    """List all files and folders, hidden ones and links too."""
    found = subprocess.run(
        ["find", ".", "-mindepth", "1", "-print0"], cwd=folder, capture_output=True, check=True
    )
    return set(filter(None, os.fsdecode(found.stdout).split("\0")))


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def installed(version: str) -> Path | None:
    """Find a Python that answers: a name in PATH may be a shim that has nothing behind it."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = filter(None, [shutil.which(f"python{version}")])
    for python in (*named, *map(str, pyenv.glob(f"{version}.*/bin/python"))):
        asked = [python, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, encoding="utf-8").stdout == f"{version}\n":
            return Path(python)
    return None


@contextmanager
def serving(project: Project, *command: str, **variables: str) -> Iterator[str]:
    """Start a server, and yield the address that it prints; it ends whatever happens."""
    with subprocess.Popen(
        command,
        cwd=project.path,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        patience = Timer(300, os.killpg, (server.pid, signal.SIGKILL))
        patience.start()
        try:
            lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stdout)
            yield next(found[0] for found in lines if found)
        finally:
            patience.cancel()
            os.killpg(server.pid, signal.SIGTERM)  # make does not end what it started
