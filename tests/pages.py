"""What pages of the documentation show: their code, run as a reader would, and its output."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import TEMPLATE, Project

DOCS = TEMPLATE / "docs"
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?"
# Of the blocks on its standard input, each with those before it, what every one printed.
RUN = """
import contextlib, io, json, sys
names, printed = {"__name__": "__page__"}, []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(code, "the page", "exec"), names)
    printed.append(said.getvalue())
print(json.dumps(printed))
"""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return language and text of every block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```([\w-]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def shown(page: Path) -> list[tuple[str, str | None]]:
    """Return each Python block of a page, with the text block that follows it, if one does."""
    return [
        (code, after if kind == "text" else None)
        for (language, code), (kind, after) in pairwise([*blocks(page), ("", "")])
        if language == "python"
    ]


def printed(project: Project, page: Path, folder: Path) -> list[str]:
    """Run the Python blocks of a page, one after the other, by a project's own interpreter."""
    codes, script = folder / "blocks.json", folder / "run.py"
    codes.write_text(json.dumps([code for code, _ in shown(page)]), encoding="utf-8")
    script.write_text(RUN.replace("sys.stdin", f"open({str(codes)!r})"), encoding="utf-8")
    said: list[str] = json.loads(project.run(".venv/bin/python", script))
    return said


def hold_against(ours: str, page: str) -> None:
    """Hold what was printed against the page: the same words, and numbers that are close.

    Close, since a later version of a package may choose a row or two otherwise.
    """
    assert re.sub(NUMBER, "N", ours).split() == re.sub(NUMBER, "N", page).split()
    for one, other in zip(re.findall(NUMBER, ours), re.findall(NUMBER, page), strict=True):
        value, told = (float(each.replace(",", "")) for each in (one, other))
        assert value == pytest.approx(told, rel=0.03, abs=0.02), (ours, page)
