"""The picture of a terminal in the README: what the commands print, and nothing from outside."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import TEMPLATE, Project
from record import COLUMNS, Line, drawn, shortened

PICTURE = TEMPLATE / ".github/terminal.svg"
README = (TEMPLATE / "README.md").read_text(encoding="utf-8")


def lines_of(picture: str) -> list[str]:
    """Read the terminal's lines out of a picture."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(picture).findall("{*}text")]


def told(picture: str) -> list[str]:
    """Leave out what another day or machine says otherwise: uv's part, seconds, a run's name."""
    text = "\n".join(lines_of(picture))
    text = re.sub(r"(?<=\nuv sync).*?(?=\n\.venv/bin)", " …", text, count=1, flags=re.DOTALL)
    text = re.sub(r"\d+\.\d s$", "0.0 s", text, flags=re.MULTILINE)
    return re.sub(r"(?<=published run )[0-9a-f]{12}", "0" * 12, text).splitlines()


@pytest.mark.slow
def test_the_recording_is_what_the_commands_print(tmp_path: Path) -> None:
    """In a terminal, in a folder and a home of their own; `make record` draws it again."""
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    record = (sys.executable, TEMPLATE / "tools/record.py", tmp_path / "again.svg")
    Project(tmp_path, {}).run(*record, **home)
    again = (tmp_path / "again.svg").read_text(encoding="utf-8")
    assert told(again) == told(PICTURE.read_text(encoding="utf-8"))


def test_the_recording_needs_nothing_from_outside_and_moves_only_where_motion_is_wanted() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|@font-face|url\(|<script|href|src=", text)
    before, wanted = text.split("@media (prefers-reduced-motion: no-preference)")
    assert "animation" not in before
    assert "animation" in wanted
    assert "opacity" not in before
    assert "infinite" not in text
    assert not re.search(r"/(tmp|root|home/(?!you\b))", text)


def test_the_readme_says_in_words_what_the_recording_shows() -> None:
    (words,) = re.findall(r"!\[([^\]]*)\]\(\.github/terminal\.svg\)", README)
    for command in ("make run", "make verify", "cookiecutter"):
        assert command in words


def test_lines_that_are_alike_are_cut_and_it_is_said() -> None:
    texts = [
        "$ make run",
        "",
        "",
        "Resolved 2 packages",
        " + one==1",
        " + two==2",
        "   + 3 cm",
        "end",
    ]
    lines = [Line(text, float(number)) for number, text in enumerate(texts)]
    assert [line.text for line in shortened(lines)] == [
        "$ make run", "", "Resolved 2 packages", "⋮ 3 more", "end"
    ]  # fmt: skip


def test_a_long_line_is_wrapped_a_line_of_the_log_is_cut_and_signs_stay() -> None:
    words = "p < 0.001 & more " * 10
    prose, log = (lines_of(drawn([Line(start + words, 1.0)])) for start in ("", "INFO    "))
    assert len(prose) == 2
    assert " ".join(map(str.strip, prose)) == words.strip()
    (line,) = log
    assert line.endswith(" …")
    assert len(line) <= COLUMNS
