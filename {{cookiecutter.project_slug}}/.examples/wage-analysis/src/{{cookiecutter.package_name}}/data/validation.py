"""The contract of a wage table, held at the border between preprocessing and analysis."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from textwrap import shorten
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ..engine import ProjectError
from .preprocessing import COLUMNS, NUMERIC_COLUMNS
from .rules import RULES

NEVER_EMPTY = ("AREA", "AREA_TITLE", "AREA_TYPE", "NAICS", "OCC_CODE", "O_GROUP")
_DERIVED = ("TOTAL_PAYROLL", "WAGE_EMP_RATIO")
_SHOWN = 3


def wage_schema() -> pa.DataFrameSchema:
    """Return the contract: columns and types, no number negative or infinite, and the rules.

    Zero is allowed, but of wages and employment: a standard error below 0.05 is printed as 0.0.
    """
    amount = pa.Check.in_range(0, sys.float_info.max, error="must not be negative or infinite")
    texts = [name for name in COLUMNS if name not in NUMERIC_COLUMNS]
    return pa.DataFrameSchema(
        {name: pa.Column(str, nullable=name not in NEVER_EMPTY) for name in texts}
        | {name: pa.Column(float, amount, nullable=True) for name in (*NUMERIC_COLUMNS, *_DERIVED)}
        | {name: pa.Column(bool) for name in ("WAGE_TOP_CODED", "A_MEAN_TOP_CODED")},
        checks=[
            pa.Check(lambda df, rule=rule: bool(rule.holds(df).all()), error=rule.name)
            for rule in RULES
            if rule.of == "every file"
        ],
    )


def validate_wages(df: pd.DataFrame) -> pd.DataFrame:
    """Return the frame itself if it keeps the contract.

    Parameters
    ----------
    df : pandas.DataFrame
        What `preprocess_wage_data` returns.

    Raises
    ------
    ProjectError
        If it does not: names what does not hold, the cells, and what has probably happened.
    """
    try:
        wage_schema().validate(df, lazy=True)
    except SchemaErrors as error:
        problems = _problems(df, error.failure_cases)
        more = f"; {len(problems) - _SHOWN} more problems" if len(problems) > _SHOWN else ""
        raise ProjectError(
            f"the wage data cannot be analysed: {'; '.join(problems[:_SHOWN])}{more}; "
            "correct these rows in a copy of the raw file, or see references/data_dictionary.md"
        ) from None
    return df


def judge_rules(df: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each rule by name, words and reach, rows that it judges and that break it."""
    told = []
    for rule in RULES:
        holds = rule.holds(df)
        counts = {"rows": len(holds), "broken": int((~holds).sum())}
        told.append({"rule": rule.name, "says": rule.says, "true_of": rule.of, **counts})
    return told


def _problems(df: pd.DataFrame, failures: pd.DataFrame) -> list[str]:
    """Say for each column and check what is wrong, where first, and what may have happened."""
    of_column, broken = failures[failures["schema_context"] == "Column"], failures["check"]
    lacking = failures.loc[broken == "column_in_dataframe", "failure_case"]
    problems = [f"column {name} is missing" for name in lacking]
    mistyped = set(of_column.loc[of_column["check"].str.startswith("dtype("), "column"])
    groups = of_column.groupby(["column", "check"], sort=False)
    for (column, check), cases in cast("Iterable[tuple[tuple[str, str], pd.DataFrame]]", groups):
        if column in mistyped:
            if check.startswith("dtype("):  # what else fails there follows from the type
                wanted = "text" if "str" in check else check[7:-2]
                problems.append(f"{column} must be {wanted}, is {df[column].dtype}")
            continue
        what = "must not be empty" if check == "not_nullable" else check
        problems.append(f"{column} {what}: {_cells(df, cases['index'].tolist(), [column])}")
    if problems and (mistyped or len(lacking)):
        return problems
    for rule in RULES:
        if (broken == rule.name).any():
            rows = rule.holds(df)
            where = _cells(df, rows.index[~rows].tolist(), rule.shown)
            problems.append(f"{rule.says}, but not in {where} ({rule.likely})")
    return problems


def _cells(df: pd.DataFrame, rows: list[Any], columns: list[str]) -> str:
    """Name the cells of the first rows, of several those that are 0: ``row 12: A_MEAN (S12) 0``."""
    letters, said = df.attrs.get("cells", {}), []
    for row in rows[:_SHOWN]:
        values = df.loc[row, columns].astype(object)
        zeros = values[values == 0]
        shown = (zeros if len(zeros) else values).fillna("empty").items()
        cells = [f"{c} ({letters.get(c, '?')}{row}) {_shown(value)}" for c, value in shown]
        said.append(f"row {row}: {', '.join(cells[:5])}")
    more = f" and {len(rows) - _SHOWN:,} more rows" if len(rows) > _SHOWN else ""
    return "; ".join(said) + more


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else shorten(str(value), 60)
