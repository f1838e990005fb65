"""From typed columns to a matrix: part of each model, so each fold fits it anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from ..data.validation import Contract

CATEGORIES = 100  # of a column at most; rarer ones are one together
PARTS = ("days", "month", "weekday", "hour")  # of a date


def expand(table: pd.DataFrame, dates: Sequence[str], time: str | None) -> pd.DataFrame:
    """Return a table with numbers in place of its dates, which come last.

    A date becomes days since 1970, month, weekday and hour; of the column that parts training from
    test rows the days are left out, since all test rows lie beyond those of training.
    """
    columns = {str(i): table[name] for i, name in enumerate(table) if name not in dates}
    for i, name in enumerate(dates):
        at, values = table[name], table[name].dt
        if name != time:
            columns[f"{i} days"] = (at - pd.Timestamp(0)) / pd.Timedelta(days=1)
        columns[f"{i} month"] = values.month.astype("float64")
        columns[f"{i} weekday"] = values.day_of_week.astype("float64")
        columns[f"{i} hour"] = values.hour.astype("float64")
    return pd.DataFrame(columns, table.index)


def build_preprocessor(
    contract: Contract, *, scaling: str | None = "standard", time: str | None = None
) -> Pipeline:
    """Return an unfitted pipeline from the contract's columns to a matrix.

    With a `scaling`, "standard" or "range" (to 0 and 1, where new values stay too), missing numbers
    become the median and a mark, categories a column each. Without one, for trees, missing numbers
    stay so and categories become codes. A category that training did not have is a rare one, or
    for trees a missing one.
    """
    dates = [column.name for column in contract.columns if column.kind == "date"]
    kept = [column for column in contract.columns if column.kind != "date"]
    texts = [i for i, column in enumerate(kept) if column.kind == "category"]
    last = len(kept) + sum(len(PARTS) - (name == time) for name in dates)
    numbers = [i for i in range(last) if i not in set(texts)]
    for_numbers: object = "passthrough"
    for_texts: object = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=CATEGORIES,
    )
    if scaling:
        scaler = StandardScaler() if scaling == "standard" else MinMaxScaler(clip=True)
        imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        for_numbers = make_pipeline(imputer, scaler)
        for_texts = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=CATEGORIES)
    columns = ColumnTransformer(
        [("numbers", for_numbers, numbers), ("categories", for_texts, texts)]
    )
    if not dates:
        return Pipeline([("columns", columns)])
    to_numbers = FunctionTransformer(expand, kw_args={"dates": dates, "time": time})
    return Pipeline([("dates", to_numbers), ("columns", columns)])
