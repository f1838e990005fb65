"""Which rows a question is about: its scope, its groups, and the cells that hold a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine import ProjectError
from ..settings import Groups

Scope = Literal["article", "detailed"]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """What is asked: of which rows, of which groups, at which confidence level.

    The scope ``article`` takes all rows as published and finds groups by title; ``detailed`` takes
    the detailed occupations alone and finds groups by SOC code.
    """

    scope: Scope = "detailed"
    groups: Groups = field(default_factory=Groups)
    confidence_level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse an unknown scope."""
        if self.scope not in ("article", "detailed"):
            raise ProjectError(f"no scope {self.scope!r}; choose 'article' or 'detailed'")


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


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a question's scope, with label and rows of each group, by its name.

    Errors name the `analysis`.
    """

    question: Question
    rows: pd.DataFrame
    members: Mapping[str, tuple[str, pd.Series[bool]]]
    analysis: str

    def pair(self, column: str) -> tuple[Cells, Cells]:
        """Return the cells of management and of production that hold a value in `column`.

        Raises
        ------
        ProjectError
            If the groups share rows, one has fewer than two values, or both are constant.
        """
        first, second = self.members["management"], self.members["production"]
        if shared := int((first[1] & second[1]).sum()):
            both = f"'{first[0]}' and '{second[0]}' share {shared} rows"
            raise self.error(f"{both}; choose groups that do not overlap")
        return self._compared(column, first, second)

    def technology(self, column: str) -> tuple[Cells, Cells]:
        """Return the cells of technology and of all other rows; raises as `pair` does."""
        label, inside = self.members["technology"]
        return self._compared(column, (label, inside), ("all others", ~inside))

    def refuse_constant(self, first: Cells, second: Cells, what: str) -> None:
        """Raise a ProjectError where the values vary in neither group: no test has an error."""
        if not (varies(first.values) or varies(second.values)):
            raise self.error(
                f"{what} varies neither in '{first.label}' nor in '{second.label}', so nothing "
                "can be tested; choose other groups"
            )

    def error(self, why: str) -> ProjectError:
        """Return an error that names the analysis and the scope."""
        return ProjectError(f"{self.analysis} ({self.question.scope}): {why}")

    def _compared(self, column: str, *groups: tuple[str, pd.Series[bool]]) -> tuple[Cells, Cells]:
        by_title = self.question.scope == "article"
        occupation, noun = ("OCC_TITLE", "rows") if by_title else ("OCC_CODE", "detailed rows")
        found: list[Cells] = []
        for label, mask in groups:
            held = self.rows[mask & self.rows[column].notna()]
            if len(held) < 2:
                needed = f"each group needs two {noun} with {column}"
                hidden = int(mask.sum()) - len(held)
                more = f", and {hidden:,} without it" if hidden else ""
                raise self.error(f"{needed}; '{label}' has {len(held)}{more}")
            areas, codes = (held[name].to_numpy() for name in ("AREA", "OCC_CODE"))
            values, occupations = held[column].to_numpy(np.float64), held[occupation].nunique()
            found.append(Cells(label, values, areas, codes, int(occupations)))
        self.refuse_constant(found[0], found[1], column)
        return found[0], found[1]


DETAILED = Question()
Wages: TypeAlias = pd.DataFrame | Selection


def select(df: Wages, question: Question = DETAILED, analysis: str = "wages") -> Selection:
    """Select the rows and groups of a question, once: a selection keeps its own question.

    Raises
    ------
    ProjectError
        If the scope has no rows.
    """
    if isinstance(df, Selection):
        return replace(df, analysis=analysis)
    by_title = question.scope == "article"
    who = f"{analysis} (detailed): the scope 'detailed'"
    rows = df if by_title else rows_of_level(df, "detailed", who)
    members = {
        name: (
            group.label,
            title_has(rows, group.title_contains)
            if by_title and name != "technology"  # which the article finds by code too
            else code_starts(rows, group.soc_prefix),
        )
        for name, group in question.groups
    }
    return Selection(question, rows, members, analysis)


def rows_of_level(df: pd.DataFrame, level: str, who: str) -> pd.DataFrame:
    """Return the rows of a level, such as ``major``; where there are none: ProjectError.

    It says `who` needs them: the analysis, and what it does.
    """
    rows = df[df["O_GROUP"] == level]
    if rows.empty:
        raise ProjectError(f"{who} needs {level} rows (O_GROUP), and this file has none")
    return rows


def title_has(rows: pd.DataFrame, text: str) -> pd.Series[bool]:
    """Return which titles hold `text`, literally and in any case; a missing title does not."""
    return rows["OCC_TITLE"].str.contains(text, case=False, na=False, regex=False).astype(bool)


def code_starts(rows: pd.DataFrame, prefix: str) -> pd.Series[bool]:
    """Return which SOC codes start with `prefix`; a missing code does not."""
    return rows["OCC_CODE"].str.startswith(prefix, na=False).astype(bool)


def varies(values: FloatArray) -> bool:
    """Return whether the values differ by more than rounding errors."""
    return bool(np.ptp(values) > 1e-12 * np.abs(values).max())


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
            f"{analysis}: {repeated.iloc[0]} has several rows of one level; keep those of one "
            "industry (NAICS), or the cross-industry ones (000000)"
        )
    return rows.set_index("AREA")
