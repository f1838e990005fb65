"""The log: one call, one line per fact, nothing at import."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny.engine.log import configure_logging

from .conftest import Project

IMPORT = """
import logging, tiny.engine.cli, tiny.pipeline
print(logging.root.handlers, logging.getLogger("tiny").handlers)
"""


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """The package's logger; what handlers it gets are closed afterwards."""
    logger = logging.getLogger("tiny")
    monkeypatch.setattr(logger, "handlers", [])
    level = logger.level
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.setLevel(level)


@pytest.mark.parametrize(("terminal", "facts"), [(True, "INFO    fact 1\n"), (False, "")])
def test_a_fact_is_one_line_in_a_file_that_rotates_and_shown_on_a_terminal(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    logger: logging.Logger,
    terminal: bool,
    facts: str,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    for _ in range(2):
        configure_logging(tmp_path)
    assert len(logger.handlers) == 2
    logger.getChild("analysis.some").info("fact %d", 1)
    text = (tmp_path / "logs/pipeline.log").read_text(encoding="utf-8")
    local = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
    assert re.fullmatch(local + r" INFO analysis\.some: fact 1\n", text)
    logger.warning("care")
    for _ in range(75):
        logger.debug("x" * 100_000)
    assert capsys.readouterr().err == facts + "WARNING care\n"
    sizes = [path.stat().st_size for path in (tmp_path / "logs").iterdir()]
    assert (len(sizes), max(sizes) <= 1_000_000) == (6, True)


def test_where_no_file_can_be_written_the_console_has_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], logger: logging.Logger
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    configure_logging(tmp_path)
    logger.info("served")
    warning, fact = capsys.readouterr().err.splitlines()
    assert "pipeline.log cannot be written, this is the log: " in warning
    assert fact == "INFO    served"


def test_handlers_that_are_replaced_are_closed(tmp_path: Path, logger: logging.Logger) -> None:
    configure_logging(tmp_path)
    files = [each for each in logger.handlers if isinstance(each, logging.FileHandler)]
    configure_logging(tmp_path)
    assert [each.stream for each in files] == [None]


def test_importing_configures_and_writes_nothing(fresh: Project, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        cwd=empty,
        env=fresh.environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.stdout, done.stderr, list(empty.iterdir())) == ("[] []\n", "", [])
