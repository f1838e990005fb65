"""Measure a generated digits project; every row is a ratio within one run.

Run as `python benchmarks/digits.py PROJECT`, installed with the extra `api`. Exits with 1 where a
ratio is over its limit.
"""

import json
import os
import sys
from pathlib import Path

from bench import ENVIRONMENT, HERE, Pairs, Row, in_turn, server
from load import load

REQUESTS = 600


def measure(project: Path) -> list[Row]:
    """Return the table of a generated digits project whose `.venv` is installed."""
    python = str(project / ".venv/bin/python")
    command = str(project / ".venv/bin/digits-classification")
    cold = [command, "run", "--force"]
    script = [python, str(HERE / "bare_search.py"), str(project)]
    config = (project / "configs/digits.toml").read_text("utf-8")
    alone = project / "configs/alone.toml"
    alone.write_text(config.replace("workers = 2", "workers = 1"), encoding="utf-8")
    tune = [command, "run", "tune", "--force"]
    one = [*tune, "--config", str(alone)]
    rows = [
        Row(
            "a whole cold run, to the report",
            "a bare script with the same search",
            in_turn(cold, script, project, 3),
            1.2,
        ),
        Row("the search with two workers", "with one", in_turn(tune, one, project, 2), 1 / 1.6),
        Row(
            f"{REQUESTS} requests of `/predict`",
            "a bare FastAPI route that calls the model",
            answers(python, command, project, 5),
            1 / 0.7,
        ),
    ]
    alone.unlink()
    return rows


def answers(python: str, command: str, project: Path, pairs: int) -> Pairs:
    """Time predictions of one row for a few clients at once."""
    lines = (project / "data/raw/digits.csv").read_text("utf-8").splitlines()[:2]
    row = dict(zip(*(line.split(",") for line in lines), strict=True))
    contract = json.loads((project / "data/interim/contract.json").read_text("utf-8"))
    asked = {column["name"]: float(row[column["name"]]) for column in contract["columns"]}
    body = json.dumps({"rows": [asked]}).encode()
    ENVIRONMENT["PROJECT"] = os.fspath(project)
    bare = (python, "-m", "uvicorn", "--app-dir", str(HERE), "--log-level", "warning")
    with (
        server(command, "serve", "--port", "8765", cwd=project) as ours,
        server(*bare, "bare_model:app", "--port", "8766", cwd=project) as theirs,
    ):
        sides = ((ours, "/predict"), (theirs, "/"))
        times = [
            [load(port, path, clients=4, requests=REQUESTS, body=body) for port, path in sides]
            for _ in range(pairs + 1)
        ]
    assert all({*met.answers} == {200} and not met.errors for pair in times for met in pair), times
    return [(one.seconds, other.seconds) for one, other in times[1:]]


if __name__ == "__main__":
    table = measure(Path(sys.argv[1]).resolve())
    print("| what | takes | against | takes | ratio (range) | at most |")
    print("|---|---|---|---|---|---|")
    print("\n".join(map(str, table)))
    sys.exit(any(row.ratio > row.limit for row in table))
