"""What the tests share: one run on the real workbook, one on a made-up one, and small workbooks."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from {{ cookiecutter.package_name }}.analysis.statistics.results import by_name
from {{ cookiecutter.package_name }}.data.preprocessing import COLUMNS
from {{ cookiecutter.package_name }}.engine import Run
from {{ cookiecutter.package_name }}.engine.log import configure_logging
from {{ cookiecutter.package_name }}.engine.publishing import load_run, lock
from {{ cookiecutter.package_name }}.engine.runs import run_stages
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.settings import WAGES

ROOT = Path(__file__).parents[1]
ROW: dict[str, Any] = {
    **{name: 20_800.0 if name.startswith("A_") else 10.0 for name in COLUMNS},
    **{"AREA": "01", "AREA_TITLE": "Alabama", "AREA_TYPE": 2, "PRIM_STATE": "AL"},
    **{"NAICS": "000000", "NAICS_TITLE": "Cross-industry", "I_GROUP": "cross-industry"},
    **{"OWN_CODE": 1235, "OCC_CODE": "11-1011", "OCC_TITLE": "Chief Executives"},
    **{"O_GROUP": "detailed", "PCT_TOTAL": None, "PCT_RPT": None, "ANNUAL": None, "HOURLY": None},
}
OCCUPATIONS = """
00-0000 total 60_000 All Occupations
11-0000 major 120_000 Management Occupations
11-1000 minor 150_000 Top Executives
11-1020 broad 110_000 General and Operations Managers
11-1021 detailed 112_000 General and Operations Managers
11-3051 detailed 118_000 Industrial Production Managers
11-9111 detailed 125_000 Medical and Health Services Management Specialists
15-0000 major 105_000 Computer and Mathematical Occupations
15-1252 detailed 130_000 Software Developers
15-1299 detailed 90_000 Computer Occupations, All Other
51-0000 major 45_000 Production Occupations
51-4041 detailed 52_000 Machinists
51-9199 detailed 38_000 Production Workers, All Other
"""


def run_once(factory: pytest.TempPathFactory, name: str, make_raw: Callable[[Path], Any]) -> Run:
    """Run the study in a folder that the workers of pytest-xdist share; the lock says who does."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    root, waiting = base / name, base / f"{name}-lock"
    waiting.mkdir(exist_ok=True)
    with lock(waiting, wait=600):
        if not root.is_dir():
            shutil.copytree(ROOT / "configs", root / "configs")
            make_raw(root)
            handlers = configure_logging(root).handlers
            settings = load_settings(STUDY, root, STUDY.config, [*root.glob("*.xlsx")])
            run_stages(STUDY.stages, settings, root)
            for handler in list(handlers):
                handler.close()
                handlers.remove(handler)
    return load_run(root)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the one run on the real workbook, in a folder that tests must not change."""
    raw = "data/raw"
    if not all((ROOT / file).is_file() for file in load_settings(STUDY, ROOT, STUDY.config).raw):
        pytest.skip("the raw data is not here")
    return run_once(
        tmp_path_factory, "shipped", lambda root: shutil.copytree(ROOT / raw, root / raw)
    )


@pytest.fixture(scope="session")
def wages(run: Run) -> pd.DataFrame:
    """Return the real workbook, preprocessed; tests must not change it."""
    return pd.read_parquet(run.root / WAGES)


@pytest.fixture
def found(run: Run) -> dict[str, dict[str, Any]]:
    """Return what every analysis finds in the real workbook, by name and scope."""
    return by_name(run.results)


@pytest.fixture(scope="session")
def other_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the one run on made-up areas, of which the same holds."""
    return run_once(tmp_path_factory, "made-up", write_metropolitan)


@pytest.fixture(scope="session")
def made_up(other_run: Run) -> pd.DataFrame:
    """Return the made-up workbook, preprocessed; tests must not change it."""
    return pd.read_parquet(other_run.root / WAGES)


@pytest.fixture
def project(run: Run, tmp_path: Path) -> Path:
    """Return a copy of the run's folder, which a test may change."""
    return Path(shutil.copytree(run.root, tmp_path / "project"))


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes rows (dicts that change `ROW`) below a header."""

    def write(*rows: dict[str, Any], header: Iterable[str] = COLUMNS, blank: int = 0) -> Path:
        book = Workbook()
        book.active.append([*header])
        for row in rows:
            book.active.append([(ROW | row).get(name) for name in COLUMNS])
        for _ in range(blank):
            book.active.append([" "])
        book.save(tmp_path / "small.xlsx")
        return tmp_path / "small.xlsx"

    return write


def write_metropolitan(folder: Path) -> None:
    """Write a workbook of 80 areas with five-digit codes and all five levels."""
    random = np.random.default_rng(1)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(COLUMNS)
    for i in range(80):
        level, rows = random.normal(1, 0.15), list[dict[str, Any]]()
        for line in OCCUPATIONS.strip().splitlines():
            code, group, wage, title = line.split(maxsplit=3)
            mean = round(int(wage) * level * random.uniform(0.9, 1.1), -1)
            shares = {"PCT10": 0.5, "PCT25": 0.7, "MEDIAN": 0.9, "PCT75": 1.2, "PCT90": 1.6}
            row = ROW | {"AREA": str(10_180 + 20 * i), "OCC_CODE": code, "OCC_TITLE": title}
            row |= {"AREA_TITLE": f"Saint Anywhere-on-the-River-North Port No. {i}, AL-GA-FL"}
            row |= {"O_GROUP": group, "A_MEAN": mean, "MEAN_PRSE": 2.5, "AREA_TYPE": 4}
            least = {"total": 2_000_000, "major": 100_000}.get(group, 3)  # more than its members
            row |= {"TOT_EMP": int(random.integers(least, least + 30_000)) * 10}
            row |= {f"A_{name}": mean * share for name, share in shares.items()}
            row |= {f"H_{name}": round(row[f"A_{name}"] / 2080, 2) for name in ("MEAN", *shares)}
            rows.append(row)
        for row in rows:
            sheet.append([row[name] for name in COLUMNS])
    book.save(folder / "MSA_M2025_dl.xlsx")
