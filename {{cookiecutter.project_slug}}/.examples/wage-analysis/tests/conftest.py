"""Workbooks for the tests: the real one, read once, and small ones made on the spot."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from {{ cookiecutter.package_name }}.data.preprocessing import COLUMNS, preprocess_wage_data

RAW = Path(__file__).parents[1] / "data" / "raw" / "state_M2025_dl.xlsx"
ROW: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, 10.0),
    **{"AREA": "01", "AREA_TITLE": "Alabama", "AREA_TYPE": 2, "PRIM_STATE": "AL"},
    **{"NAICS": "000000", "NAICS_TITLE": "Cross-industry", "I_GROUP": "cross-industry"},
    **{"OWN_CODE": 1235, "OCC_CODE": "11-1011", "OCC_TITLE": "Chief Executives"},
    **{"O_GROUP": "detailed", "PCT_TOTAL": None, "PCT_RPT": None, "ANNUAL": None, "HOURLY": None},
}
OCCUPATIONS = {
    "00-0000": ("total", "All Occupations", 60_000),
    "11-0000": ("major", "Management Occupations", 120_000),
    "11-1000": ("minor", "Top Executives", 150_000),
    "11-1020": ("broad", "General and Operations Managers", 110_000),
    "11-1021": ("detailed", "General and Operations Managers", 112_000),
    "11-3051": ("detailed", "Industrial Production Managers", 118_000),
    "11-9111": ("detailed", "Medical and Health Services Management Specialists", 125_000),
    "15-0000": ("major", "Computer and Mathematical Occupations", 105_000),
    "15-1252": ("detailed", "Software Developers", 130_000),
    "15-1299": ("detailed", "Computer Occupations, All Other", 90_000),
    "51-0000": ("major", "Production Occupations", 45_000),
    "51-4041": ("detailed", "Machinists", 52_000),
    "51-9199": ("detailed", "Production Workers, All Other", 38_000),
}


@pytest.fixture(scope="session")
def wages() -> pd.DataFrame:
    """Return the real workbook, preprocessed; tests must not change it."""
    return preprocess_wage_data(RAW)


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


@pytest.fixture(scope="session")
def metropolitan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a made-up workbook of 300 areas with five-digit codes and all five levels."""
    random = np.random.default_rng(1)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(COLUMNS)
    for i in range(300):
        level = random.normal(1, 0.15)
        for code, (group, title, wage) in OCCUPATIONS.items():
            mean = round(wage * level * random.uniform(0.9, 1.1), -1)
            shares = {"PCT10": 0.5, "PCT25": 0.7, "MEDIAN": 0.9, "PCT75": 1.2, "PCT90": 1.6}
            row = ROW | {"AREA": str(10_180 + 20 * i), "OCC_CODE": code, "OCC_TITLE": title}
            row |= {"AREA_TITLE": f"Saint Anywhere-on-the-River-North Port No. {i}, AL-GA-FL"}
            row |= {"O_GROUP": group, "A_MEAN": mean, "MEAN_PRSE": 2.5, "AREA_TYPE": 4}
            row |= {"TOT_EMP": int(random.integers(3, 30_000)) * 10}
            row |= {f"A_{name}": mean * share for name, share in shares.items()}
            sheet.append([row[name] for name in COLUMNS])
    path = tmp_path_factory.mktemp("raw") / "MSA_M2025_dl.xlsx"
    book.save(path)
    return path
