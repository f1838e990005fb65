"""What the analyses rest on, held at the border between preprocessing and analysis."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ..engine import ProjectError
from .preprocessing import COLUMNS, NUMERIC_COLUMNS

KEY = ("AREA", "NAICS", "OCC_CODE")
_NEVER_EMPTY = (*KEY, "AREA_TITLE", "O_GROUP")
_DERIVED = ("TOTAL_PAYROLL", "WAGE_EMP_RATIO")
_SHOWN = 3


def wage_schema() -> pa.DataFrameSchema:
    """Return the contract: columns and types, a unique key, no number negative or infinite.

    Zero is allowed: a relative standard error is printed as 0.0 when it is below 0.05.
    """
    amount = pa.Check.in_range(0, sys.float_info.max, error="must not be negative or infinite")
    texts = [name for name in COLUMNS if name not in NUMERIC_COLUMNS]
    return pa.DataFrameSchema(
        {name: pa.Column(str, nullable=name not in _NEVER_EMPTY) for name in texts}
        | {name: pa.Column(float, amount, nullable=True) for name in (*NUMERIC_COLUMNS, *_DERIVED)}
        | {name: pa.Column(bool) for name in ("WAGE_TOP_CODED", "A_MEAN_TOP_CODED")},
        unique=list(KEY),
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
        If it does not: names the columns that fail, the check, and the first rows by their key.
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


def _problems(df: pd.DataFrame, failures: pd.DataFrame) -> list[str]:
    """Say for each column and check what is wrong, and where first."""
    problems: list[str] = []
    mistyped = set(failures.loc[failures["check"].str.startswith("dtype("), "column"])
    groups = failures.groupby(["column", "check"], sort=False, dropna=False)
    for (column, check), cases in cast("Iterable[tuple[tuple[str, str], pd.DataFrame]]", groups):
        if check == "column_in_dataframe":
            problems += [f"column {name} is missing" for name in cases["failure_case"]]
        elif column in mistyped:
            if check.startswith("dtype("):  # what else fails there follows from the type
                wanted = "text" if "str" in check else check[7:-2]
                problems.append(f"{column} must be {wanted}, is {df[column].dtype}")
        elif check != "multiple_fields_uniqueness":
            rule = "must not be empty" if check == "not_nullable" else check
            values = cases["failure_case"].tolist() if rule == check else None
            problems.append(f"{column} {rule}: {_rows(df, cases['index'].tolist(), values)}")
        elif column == KEY[0]:  # reported once for each column of the key
            rows = _rows(df, df.index[df.duplicated(list(KEY))].tolist())
            problems.append(f"the key {', '.join(KEY)} must be unique, is repeated: {rows}")
    return problems


def _rows(df: pd.DataFrame, labels: list[Any], values: list[Any] | None = None) -> str:
    """Name the first rows by their key, with the value at fault: ``01 000000 11-1011 (-5.0)``."""
    keys = df.reindex(columns=list(KEY)).loc[labels[:_SHOWN]].astype(object).fillna("(empty)")
    named = [" ".join(map(str, key)) for key in keys.to_numpy().tolist()]
    if values is not None:
        named = [f"{name} ({value})" for name, value in zip(named, values, strict=False)]
    more = f" and {len(labels) - _SHOWN:,} more" if len(labels) > _SHOWN else ""
    return ", ".join(named) + more
