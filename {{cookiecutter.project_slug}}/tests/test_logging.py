"""The log: one call, one line per fact, nothing at import."""

import logging
import re
import subprocess
import sys

import pytest

from {{ cookiecutter.package_name }}.logging_config import PACKAGE, configure_logging

IMPORT = f"""
import logging, {PACKAGE}.cli
print(logging.root.handlers, logging.getLogger("{PACKAGE}").handlers)
"""


@pytest.mark.parametrize(("terminal", "facts"), [(True, "INFO    fact 1\n"), (False, "")])
def test_a_fact_is_one_line_in_a_file_that_rotates_and_shown_on_a_terminal(
    tmp_path, capsys, monkeypatch, terminal, facts
):
    logger = logging.getLogger(PACKAGE)
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    for _ in range(2):
        configure_logging(tmp_path)
    logger.getChild("analysis.some").info("fact %d", 1)
    text = (tmp_path / "logs/pipeline.log").read_text(encoding="utf-8")
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
    assert re.fullmatch(time + r" INFO analysis\.some: fact 1\n", text)
    logger.warning("care")
    for _ in range(75):
        logger.debug("x" * 100_000)
    assert capsys.readouterr().err == facts + "WARNING care\n"
    sizes = [path.stat().st_size for path in (tmp_path / "logs").iterdir()]
    assert (len(sizes), max(sizes) <= 1_000_000) == (6, True)


def test_where_no_file_can_be_written_the_console_has_the_log(tmp_path, capsys, monkeypatch):
    logger = logging.getLogger(PACKAGE)
    monkeypatch.setattr(logger, "handlers", [])
    (tmp_path / "logs").write_text("a file where the folder should be")
    configure_logging(tmp_path).info("served")
    warning, fact = capsys.readouterr().err.splitlines()
    assert "pipeline.log cannot be written, this is the log: " in warning
    assert fact == "INFO    served"


def test_importing_configures_nothing(tmp_path):
    command = [sys.executable, "-c", IMPORT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, list(tmp_path.iterdir())) == ("[] []\n", [])
