"""Which rows an analysis uses: the scope, the groups, and the cells that hold a value."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..study import ProjectError
from .results import Scope

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Occupations found by their title, in any case (article), or SOC code (detailed)."""

    label: str
    title_contains: str
    soc_prefix: str


MANAGEMENT = Group("management", "management", "11")
PRODUCTION = Group("production", "production", "51")
TECHNOLOGY = Group("computer and mathematical", "computer", "15")


@dataclass(frozen=True)
class Cells:
    """The published cells of one group: equally long arrays, one entry for each row.

    `areas` and `codes` are AREA and OCC_CODE, by which standard errors are clustered;
    `occupations` counts the distinct titles (article) or codes (detailed) behind the rows.
    """

    label: str
    values: FloatArray
    areas: NDArray[Any]
    codes: NDArray[Any]
    occupations: int


def scope_rows(df: pd.DataFrame, scope: Scope, analysis: str) -> pd.DataFrame:
    """Return the rows of a scope: all as published, or the detailed occupations alone.

    Raises
    ------
    ProjectError
        If the scope is unknown or has no rows.
    """
    if scope not in ("article", "detailed"):
        raise ProjectError(f"{analysis}: no scope {scope!r}; choose 'article' or 'detailed'")
    rows = df if scope == "article" else df[df["O_GROUP"] == "detailed"]
    if rows.empty:
        raise ProjectError(f"{analysis} ({scope}): no such rows; check O_GROUP in the workbook")
    return rows


def title_has(rows: pd.DataFrame, text: str) -> "pd.Series[bool]":
    """Return which titles hold `text`, literally and in any case; a missing title does not."""
    return rows["OCC_TITLE"].str.contains(text, case=False, na=False, regex=False).astype(bool)


def code_starts(rows: pd.DataFrame, prefix: str) -> "pd.Series[bool]":
    """Return which SOC codes start with `prefix`; a missing code does not."""
    return rows["OCC_CODE"].str.startswith(prefix, na=False).astype(bool)


def cells(rows: pd.DataFrame, column: str, label: str, scope: Scope, analysis: str) -> Cells:
    """Return the rows of one group that hold a value in `column`.

    Raises
    ------
    ProjectError
        If there are fewer than two.
    """
    held = rows[rows[column].notna()]
    if len(held) < 2:
        raise ProjectError(
            f"{analysis} ({scope}): group '{label}' has {len(held)} rows with {column}, at least "
            "2 are needed; choose another group"
        )
    return Cells(
        label,
        held[column].to_numpy(dtype=np.float64),
        held["AREA"].to_numpy(),
        held["OCC_CODE"].to_numpy(),
        int(held["OCC_TITLE" if scope == "article" else "OCC_CODE"].nunique()),
    )


def two_groups(
    df: pd.DataFrame, column: str, first: Group, second: Group, scope: Scope, analysis: str
) -> tuple[Cells, Cells]:
    """Return the cells of two groups: by title in the article's scope, by code in the other.

    Raises
    ------
    ProjectError
        If a group has fewer than two rows with a value, or the groups share rows.
    """
    rows = scope_rows(df, scope, analysis)
    one, two = (
        title_has(rows, group.title_contains)
        if scope == "article"
        else code_starts(rows, group.soc_prefix)
        for group in (first, second)
    )
    if (one & two).any():
        raise ProjectError(
            f"{analysis} ({scope}): '{first.label}' and '{second.label}' share {(one & two).sum()} "
            "rows; choose groups that do not overlap"
        )
    return (
        cells(rows[one], column, first.label, scope, analysis),
        cells(rows[two], column, second.label, scope, analysis),
    )


def varies(values: FloatArray) -> bool:
    """Return whether the values differ by more than rounding errors."""
    return bool(np.ptp(values) > 1e-12 * np.abs(values).max())


def refuse_constant(first: Cells, second: Cells, column: str, scope: Scope, analysis: str) -> None:
    """Raise a ProjectError where the values vary in neither group, so that no test has an error."""
    if not (varies(first.values) or varies(second.values)):
        raise ProjectError(
            f"{analysis} ({scope}): {column} varies neither in '{first.label}' nor in "
            f"'{second.label}', so nothing can be tested; choose other groups"
        )


def one_row_per_area(rows: pd.DataFrame, analysis: str) -> pd.DataFrame:
    """Return `rows` by AREA.

    Raises
    ------
    ProjectError
        If an area occurs twice, as in a workbook split by industry.
    """
    repeated = rows.loc[rows["AREA"].duplicated(), "AREA_TITLE"]
    if len(repeated):
        raise ProjectError(
            f"{analysis}: {repeated.iloc[0]} has several rows of one level; keep only the "
            "cross-industry rows (NAICS 000000) of the workbook"
        )
    return rows.set_index("AREA")
