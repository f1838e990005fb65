"""Measure a generated project against what it replaces; every row is a ratio within one run.

Run as `python benchmarks/bench.py PROJECT [OLDER]`; OLDER is a wage project of an earlier version,
installed, to hold a cold run against. The two sides of a row are run in turn, pair by pair, so a
machine whose speed drifts changes both. Exits with 1 where a ratio is over its limit.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import load

HERE = Path(__file__).parent
# Python writes its bytecode once, as on any user's machine; else every start compiles it anew.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
Pairs = list[tuple[float, float]]
REQUESTS = 4000


@dataclass(frozen=True)
class Row:
    """A line of the table: what both sides took, and the largest ratio that is allowed."""

    what: str
    against: str
    pairs: Pairs
    limit: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Median of the ratios, pair by pair."""
        return statistics.median(ours / theirs for ours, theirs in self.pairs)

    def __str__(self) -> str:
        """Return the line in Markdown."""
        ours, theirs = (statistics.median(side) for side in zip(*self.pairs, strict=True))
        ratios = [a / b for a, b in self.pairs]
        spread = f"{min(ratios):.3g} to {max(ratios):.3g}"
        return (
            f"| {self.what} | {ours:.3g} {self.unit} | {self.against} | {theirs:.3g} {self.unit} "
            f"| {self.ratio:.3g} ({spread}) | {self.limit:.3g} |"
        )


def seconds(*command: str | Path, cwd: Path) -> float:
    """Return how long a command takes, from process start to its end."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=ENVIRONMENT, check=True, capture_output=True)
    return time.perf_counter() - start


def in_turn(ours: list[str], theirs: list[str], cwd: Path, pairs: int) -> Pairs:
    """Time two commands in turn, after one run of each that does not count."""
    both = (ours, theirs)
    for command in both:
        seconds(*command, cwd=cwd)
    return [(seconds(*ours, cwd=cwd), seconds(*theirs, cwd=cwd)) for _ in range(pairs)]


def after_edits(edited: list[Path], ours: list[str], theirs: list[str], cwd: Path) -> Pairs:
    """Time a command, each time after a new line at the end of some files, and another one."""
    before = {path: path.read_bytes() for path in edited}
    times = []
    for _ in range(6):
        for path in edited:
            path.write_bytes(path.read_bytes() + b"\n")
        times.append((seconds(*ours, cwd=cwd), seconds(*theirs, cwd=cwd)))
    for path, content in before.items():
        path.write_bytes(content)
    seconds(*ours, cwd=cwd)
    return times[1:]


def first_run(project: Path) -> Pairs:
    """Time the first run after `make setup` made an environment, and a later one that is cold."""
    times = []
    for _ in range(3):
        shutil.rmtree(project / ".venv")
        seconds("make", "setup", cwd=project)
        command = [str(project / ".venv/bin/us-wage-analysis"), "run", "--force"]
        times.append((seconds(*command, cwd=project), seconds(*command, cwd=project)))
    return times


def generation(pairs: int) -> Pairs:
    """Time the default answers against a template of one file without hooks, in new folders."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        empty = here / "template" / "{{cookiecutter.slug}}"
        empty.mkdir(parents=True)
        (empty / "README.md").write_text("# {{cookiecutter.slug}}\n", encoding="utf-8")
        (empty.parent / "cookiecutter.json").write_text('{"slug": "empty"}', encoding="utf-8")
        own = f"{{cookiecutters_dir: {here}/templates, replay_dir: {here}/replay}}"
        (here / "config.yaml").write_text(own, encoding="utf-8")

        def generate(template: Path, number: int) -> float:
            options = ("--no-input", "--config-file", "config.yaml", "--output-dir", str(number))
            return seconds(sys.executable, "-m", "cookiecutter", template, *options, cwd=here)

        both = (HERE.parent, empty.parent)
        times = [[generate(template, number) for template in both] for number in range(pairs + 1)]
    return [(ours, theirs) for ours, theirs in times[1:]]


@contextmanager
def server(*command: str, cwd: Path) -> Iterator[int]:
    """Start a server on the port that the command ends with; yield it when it answers."""
    port = int(command[-1])
    with subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                time.sleep(0.2)
                try:
                    load(port, "/", clients=1, requests=1)
                    break
                except OSError:
                    continue
            yield port
        finally:
            process.terminate()


def throughput(python: str, command: str, project: Path, pairs: int) -> Pairs:
    """Time requests from many clients at once, to the API and to an app of one route."""
    bare = (python, "-m", "uvicorn", "--app-dir", str(HERE), "--log-level", "warning", "bare:app")
    with (
        server(command, "serve", "--port", "8765", cwd=project) as ours,
        server(*bare, "--port", "8766", cwd=project) as theirs,
    ):
        sides = ((ours, "/analyses"), (theirs, "/"))
        times = [
            [load(port, path, clients=32, requests=REQUESTS).seconds for port, path in sides]
            for _ in range(pairs + 1)
        ]
    return [(ours, theirs) for ours, theirs in times[1:]]


def measure(project: Path, older: Path | None) -> list[Row]:
    """Return the table of a generated wage project whose `.venv` is installed."""
    first = first_run(project)
    python = str(project / ".venv/bin/python")
    command = str(project / ".venv/bin/us-wage-analysis")
    workbook = str(project / "data/raw/state_M2025_dl.xlsx")
    reading = [python, str(HERE / "reading.py"), workbook, "3"]
    said = subprocess.run(reading, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    memory, read, five, many = map(json.loads, said.stdout.splitlines())
    script = [python, str(HERE / "article.py"), workbook]
    start = [python, "-c", "pass"]
    forced, package = [command, "run", "--force"], project / "src/us_wage_analysis"
    cold = in_turn(forced, script, project, 3)
    again = in_turn([command, "run"], start, project, 15)
    told = after_edits([package / "report.md.j2"], [command, "run"], forced, project)
    unread = [package / "routes.py", package / "dashboard/page.py"]
    beside = after_edits(unread, [command, "run"], [command, "run"], project)
    usage = in_turn([command, "--help"], start, project, 15)
    article = "the article's script, without figures and report"
    template = "a template of one file without hooks"
    return [
        Row("generation with the default answers", template, generation(15), 2.0),
        Row("`preprocess_wage_data`", "the article's way of reading", read, 1 / 8),
        Row("its peak memory", "the article's", memory, 1.15, "MB"),
        Row("a row of 5 times as many", "of the shipped workbook's", five, 1.3, "µs"),
        Row("a row of 25 times as many", "of the shipped workbook's", many, 1.3, "µs"),
        Row("`run`, from process start to the report", article, cold, 1.0),
        Row("the first `run` after `make setup`", "a later one with `--force`", first, 1.3),
        Row("`run` after a change of the report's text", "`run --force`", told, 0.25),
        Row("`run` after a change of a route and the dashboard", "`run` again", beside, 1.3),
        Row("`run` again, nothing changed", "`python -c pass`", again, 18),
        Row("`--help`", "`python -c pass`", usage, 18),
        Row(
            f"{REQUESTS:,} requests of `/analyses`",
            "a FastAPI app of one route",
            throughput(python, command, project, 9),
            1 / 0.85,
        ),
        *against(older, forced, project),
    ]


def against(older: Path | None, forced: list[str], project: Path) -> list[Row]:
    """Return the row of a cold run against an earlier version's, where there is one."""
    if older is None:
        return []
    theirs = [str(older / ".venv/bin/us-wage-analysis"), "run", "--force"]
    pairs = []
    for _ in range(6):
        pairs.append((seconds(*forced, cwd=project), seconds(*theirs, cwd=older)))
    return [
        Row("`run`, from process start to the report", "the earlier version's", pairs[1:], 0.92)
    ]


if __name__ == "__main__":
    places = [Path(argument).resolve() for argument in sys.argv[1:3]]
    rows = measure(places[0], places[1] if len(places) > 1 else None)
    print("| what | takes | against | takes | ratio (range) | at most |")
    print("|---|---|---|---|---|---|")
    print("\n".join(map(str, rows)))
    sys.exit(any(row.ratio > row.limit for row in rows))
