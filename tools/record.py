"""Run the commands of the README in a terminal, and draw what they print: `make record`."""

from __future__ import annotations

import os
import pty
import re
import sys
import tempfile
import textwrap
import time
from html import escape
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

TEMPLATE = Path(__file__).parents[1]
# Each with the folder that it runs in; `template` is this checkout.
COMMANDS = [
    ("cookiecutter template --no-input", "."),
    ("cd us-wage-analysis", "."),
    *(("make run", "us-wage-analysis"), ("make run", "us-wage-analysis")),
    ("make verify", "us-wage-analysis"),
]
HOME = "/home/you"
# Of lines that are alike a picture needs the first.
UV = r"(?P<uv>(Using|Creating|Resolved|Downloading|Prepared|Installed| +(Buil\w+|Downloaded|\+)) )"
ALIKE = re.compile(rf"{UV}|(?P<analyses>INFO    \w+ \((article|detailed|major)\):)|(?P<empty>$)")
COLUMNS, LINE, CHARACTER, MARGIN = 100, 18, 7.83, 20
PACE = 14.0  # seconds of the animation, whatever the commands took
STYLE = """
text { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
       fill: #d7dce2; white-space: pre; }
.typed { fill: #7ee787; }
.cut { fill: #8b949e; }
@media (prefers-reduced-motion: no-preference) {
  text { animation: show 0.1s both; animation-delay: var(--at); }
  @keyframes show { from { opacity: 0; } to { opacity: 1; } }
}
"""


class Line(NamedTuple):
    """What stands in one line of the terminal, and after how many seconds."""

    text: str
    seconds: float


def run(command: str, folder: Path) -> list[Line]:
    """Run a command in a terminal of its own and return its lines, plain."""
    start, lines, rest = time.monotonic(), [], ""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp("sh", ["sh", "-c", command])
    while True:
        try:
            rest += os.read(terminal, 65536).decode("utf-8", "replace")
        except OSError:  # how Linux says that the other end is closed
            break
        *whole, rest = re.sub(r"\x1b\[[\d;]*m", "", rest).split("\r\n")
        lines += [Line(text, time.monotonic() - start) for text in whole]
    os.close(terminal)
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit("\n".join([*(line.text for line in lines), f"{command} ended with {code}"]))
    return lines


def record(folder: Path) -> list[Line]:
    """Run all commands in an empty folder, and write down what a reader at home would see."""
    (folder / "template").symlink_to(TEMPLATE)
    os.environ |= {"UV_NO_PROGRESS": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    written: list[Line] = []
    for command, place in COMMANDS:
        start = written[-1].seconds + 1 if written else 0.0
        printed = [] if command.startswith("cd ") else run(command, folder / place)
        written.append(Line(f"$ {command}", start))
        for text, seconds in printed:
            homely = re.sub(r"/\S+/(uv sync|python)", r"\1", text.replace(str(folder), HOME))
            written.append(Line(homely.rstrip(), start + seconds))
    return written


def kind_of(text: str) -> str:
    """Name what a line is alike with others in, nothing for a line of its own."""
    found = ALIKE.match(text)
    return (found and found.lastgroup) or ""


def shortened(lines: list[Line]) -> list[Line]:
    """Keep the first of lines that are alike, one row of the log's lines; cuts are marked."""
    kept: list[Line] = []
    for kind, group in groupby(lines, lambda line: kind_of(line.text)):
        first, *others = group
        kept += [first] if kind else [first, *others]
        if others and kind not in {"", "empty"}:
            kept.append(Line(f"⋮ {len(others)} more", others[-1].seconds))
    return kept


def drawn(lines: list[Line]) -> str:
    """Draw the terminal: all of it where motion is not wanted, else line after line, once."""
    pace = PACE / max(lines[-1].seconds, 1)
    rows = []
    for text, seconds in lines:
        parts = textwrap.wrap(text, COLUMNS, subsequent_indent="  ") or [""]
        if text.startswith("INFO") and parts[1:]:
            parts = [f"{textwrap.wrap(text, COLUMNS - 2)[0]} …"]
        rows += [(part, seconds * pace) for part in parts]
    texts = []
    for number, (text, at) in enumerate(rows, start=1):
        name = {"$": ' class="typed"', "⋮": ' class="cut"'}.get(text[:1], "")
        place = f'x="{MARGIN}" y="{MARGIN + number * LINE}" style="--at: {at:.1f}s"'
        texts += [f"<text{name} {place}>{escape(text, quote=False)}</text>"] if text else []
    width, height = round(COLUMNS * CHARACTER) + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>A terminal: a project is generated, run, run again and verified</title>
<style>{STYLE}</style>
<rect width="{width}" height="{height}" rx="8" fill="#161b22"/>
{chr(10).join(texts)}
</svg>
"""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        picture = drawn(shortened(record(Path(scratch).resolve())))
    Path(sys.argv[1]).write_text(picture, encoding="utf-8")
