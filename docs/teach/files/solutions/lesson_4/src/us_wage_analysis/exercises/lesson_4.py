"""Lesson 4: what a number can carry."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ..analysis.areas import compare_areas


def rows_that_count(wages: pd.DataFrame, area: str, code: str) -> list[str]:
    """Return the codes of all rows of an area in which the jobs of an occupation are counted."""
    codes = {"00-0000", f"{code[:2]}-0000", code}
    found = wages.loc[(wages["AREA_TITLE"] == area) & wages["OCC_CODE"].isin(codes), "OCC_CODE"]
    return sorted(found)


def clustered_stderr(first: pd.DataFrame, second: pd.DataFrame, by: str) -> float:
    """Return the standard error of the difference of two means of A_MEAN, clustered by a column."""
    parts = [frame.dropna(subset=["A_MEAN"]) for frame in (first, second)]
    rows = sum(map(len, parts))
    scores = [(part["A_MEAN"] - part["A_MEAN"].mean()) / len(part) for part in parts]
    signed = pd.concat([scores[0], -scores[1]])
    names = pd.concat([part[by] for part in parts])
    sums = signed.groupby(names.to_numpy()).sum().to_numpy(np.float64)
    factor = len(sums) / (len(sums) - 1) * (rows - 1) / (rows - 2)
    return math.sqrt(factor * float(sums @ sums))


def certain_ranks(wages: pd.DataFrame, confidence_level: float) -> list[str]:
    """Return the areas whose rank is certain at a level, the highest wage first."""
    ranked = compare_areas(wages, confidence_level=confidence_level)
    return [area.area for area in ranked if area.rank_low == area.rank_high]
