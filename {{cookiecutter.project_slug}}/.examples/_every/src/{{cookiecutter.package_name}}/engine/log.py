"""What `logs/` keeps: `pipeline.log`, and in `runs.jsonl` each run with what it was made from."""

import json
import logging
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from time import time, time_ns
from typing import Any

from .errors import PACKAGE

HOME = Path(__file__).parents[1]  # the package, of which the engine is a part
HISTORY = Path("logs/runs.jsonl")
STARTED = time_ns()  # before any code of a study was read
RUN: dict[str, Any] = {"number": int, "time": str, "run": str, "commit": lambda each: each}
RUN |= {"seconds": float, "code": str, "data": dict, "settings": dict, "metrics": dict}


class LineFormatter(logging.Formatter):
    """ISO 8601 time with its offset, level, module from the package down, message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        record.local_time = local_time(record.created)
        record.place = record.name.removeprefix(f"{PACKAGE}.")
        return super().format(record)


def local_time(seconds: float) -> str:
    """Return seconds since 1970 as local time with its offset, ISO 8601."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def configure_logging(root: Path) -> logging.Logger:
    """Send the package's log to `logs/pipeline.log` and, on a terminal, to the console.

    In a pipe the console shows warnings only, since programs read what is printed. Where the file
    cannot be written, as in a container that only serves, the console has the whole log.
    """
    logger = logging.getLogger(PACKAGE)
    for old in [*logger.handlers]:  # of an earlier call
        logger.removeHandler(old)
        old.close()
    console = logging.StreamHandler()
    console.setLevel(logging.INFO if sys.stderr.isatty() else logging.WARNING)
    console.setFormatter(LineFormatter("%(levelname)-7s %(message)s"))
    console.addFilter(lambda record: not record.exc_info)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(console)
    path = root / "logs" / "pipeline.log"
    try:
        path.parent.mkdir(exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=5, encoding="utf-8")
        file.setFormatter(LineFormatter("%(local_time)s %(levelname)s %(place)s: %(message)s"))
        logger.addHandler(file)
    except OSError as error:
        console.setLevel(logging.INFO)
        logger.warning("%s cannot be written, this is the log: %s", path, error.strerror)
    return logger


def read_history(root: Path) -> list[dict[str, Any]]:
    """Return the runs of `logs/runs.jsonl`, the oldest first; a line that is no run is left out."""
    path, runs = root / HISTORY, []
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for line in text.split("\n"):
        with suppress(ValueError, TypeError, KeyError):
            entry = json.loads(line)
            runs.append({key: kind(entry[key]) for key, kind in RUN.items()})
    return runs


def history_with(root: Path, facts: Mapping[str, Any]) -> str:
    """Return the text of `logs/runs.jsonl` with one run more: number, time, commit, `facts`."""
    runs = read_history(root)
    number = max((run["number"] for run in runs), default=0) + 1
    runs.append({"number": number, "time": local_time(time()), "commit": _commit(root), **facts})
    return "".join(json.dumps(run) + "\n" for run in runs)


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return nested settings and numbers by dotted names."""
    if not isinstance(value, dict):
        return {name.removesuffix("."): value}
    return {k: v for key, each in value.items() for k, v in flat(each, f"{name}{key}.").items()}


def write(path: Path, text: str) -> None:
    """Write a text as it is on every system; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def imported_code() -> list[Path]:
    """Return the files of this package that have been imported so far."""
    ours = [sys.modules[name] for name in [*sys.modules] if f"{name}.".startswith(f"{PACKAGE}.")]
    return sorted({Path(module.__file__) for module in ours if module.__file__})


def imported_packages(others: Iterable[str] = ()) -> list[str]:
    """Return what distributions have been imported so far, and `others`, as `installed` does."""
    from packaging.utils import canonicalize_name as normal

    modules = {name.partition(".")[0] for name in sys.modules} - {PACKAGE}
    wanted = {normal(name) for name in others} | {"python"}
    return sorted(
        each
        for each, record in installed().items()
        if normal(each.rpartition("-")[0]) in wanted or not modules.isdisjoint(_modules(record))
    )


def installed() -> dict[str, Path]:
    """Return `name-version` of what is installed, and of Python: from names of folders alone."""
    folders = [each for place in sys.path for each in Path(place).glob("*.dist-info")]
    python = {f"python-{platform.python_version()}": Path(sys.prefix) / "RECORD"}
    return {folder.stem: folder / "RECORD" for folder in folders} | python


@cache
def _modules(record: Path) -> frozenset[str]:
    """Return what a distribution lets import, by the list of its files."""
    text = record.read_text(encoding="utf-8") if record.is_file() else ""
    return frozenset(re.findall(r"^(\w+)[/.]", text, re.MULTILINE))


def pyproject(root: Path) -> dict[str, Any]:
    """Return a project's `pyproject.toml`; nothing where there is none."""
    path = root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def declared(root: Path) -> list[str]:
    """Return the dependencies that the project's `pyproject.toml` declares."""
    return list(pyproject(root).get("project", {}).get("dependencies", ()))


def about() -> str:
    """Return name and version of the project, and versions of the template and of Python."""
    from importlib.metadata import packages_distributions, version

    facts = pyproject(HOME.parents[1])  # an installed copy, as in the container, has none
    name = facts["project"]["name"] if facts else packages_distributions()[PACKAGE][0]
    number = facts["project"].get("version", "") if facts else version(name)
    tools = [each for each in facts.get("tool", {}).values() if "template_version" in each]
    made = [f"Cookiecutter MLOps {each['template_version']}" for each in tools]
    return f"{name} {number} ({', '.join([*made, f'Python {platform.python_version()}'])})"


def declared_packages(root: Path) -> dict[str, str]:
    """Return name and version of the project's dependencies and of all that these require."""
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    found, seen, wanted = dict[str, str](), set(), [(text, "") for text in declared(root)]
    while wanted:
        text, extra = wanted.pop()
        each = Requirement(text)
        if (text, extra) in seen or (each.marker and not each.marker.evaluate({"extra": extra})):
            continue
        seen.add((text, extra))
        try:
            package = distribution(each.name)
        except PackageNotFoundError:
            continue
        found[package.name] = package.version
        wanted += [(more, name) for more in package.requires or () for name in {"", *each.extras}]
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _commit(root: Path) -> str | None:
    """Return the commit of the project, with "+changes" where what a run is made from differs."""
    made_from = ("configs", "data/raw", "pyproject.toml", "src")
    with suppress(OSError, subprocess.CalledProcessError):
        commit, changes = (
            subprocess.check_output(("git", *ask), cwd=root, stderr=subprocess.DEVNULL, text=True)
            for ask in (("rev-parse", "HEAD"), ("status", "--porcelain", "--", *made_from))
        )
        return commit.strip() + ("+changes" if changes else "")
    return None
