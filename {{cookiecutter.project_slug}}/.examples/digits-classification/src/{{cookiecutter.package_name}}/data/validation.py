"""What the training rows look like, written down once; every later table is held against it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, create_model

from ..engine import ProjectError
from .ingestion import Kind, is_missing, to_dates, to_numbers
from .kinds import to_moment
from .splitting import NUMBER

LISTED = 100  # categories of a column at most, the most frequent ones
_TYPES: dict[Kind, Any] = {"number": "float64", "category": "str", "date": "datetime64[us]"}
_Date, _Text = date | datetime, str | float | bool  # as JSON may have them
_ALIKE = {"true": ("1", "True", "true", "TRUE"), "false": ("0", "False", "false", "FALSE")}


@dataclass(frozen=True)
class Column:
    """What a column of the training rows held; dates are ISO texts."""

    name: str
    kind: Kind
    missing: bool
    low: Any = None  # a number or a text, as `high`
    high: Any = None
    categories: tuple[str, ...] = ()
    complete: bool = True  # or there were more categories than are listed
    way: str = ""  # how its texts are written, as `typed` says

    def seen(self) -> str:
        """Say the range, or some of the categories."""
        if self.low is not None:
            return f"{canonical(self.low)} to {canonical(self.high)}".replace("T00:00:00", "")
        more = len(self.categories) > 10 or not self.complete
        return ", ".join(self.categories[:10]) + ", …" * more or "nothing"

    def speller(self) -> Callable[[object], str]:
        """Return what turns a value into the text that training had for it, or into a new one."""
        known = {canonical(text): text for text in self.categories}
        plain = all(text == was for text, was in known.items())  # or "1.0", which may be "1" now
        if {text.lower() for text in known} <= _ALIKE.keys():
            known = {word: text for text in known for word in _ALIKE[text.lower()]}
        known |= {text: text for text in self.categories}

        def spell(value: object) -> str:
            if not isinstance(value, str | int | float) or value != value:
                raise ValueError("must be a text, a number, true or false")
            text = canonical(value)
            return known.get(str(value)) or known.get(text, text if plain else str(value))

        return spell


@dataclass(frozen=True)
class Contract:
    """The columns that a model reads, in their order, and the settings' own marks of no value."""

    columns: tuple[Column, ...]
    marks: tuple[str, ...] = ()
    target_way: str = ""  # how the target's texts are written, as `typed` says

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        kinds: Mapping[str, Kind],
        marks: Sequence[str] = (),
        ways: Mapping[str, str] | None = None,
    ) -> Self:
        """Write down the training rows."""
        columns = [_column(str(n), x, kinds[str(n)], ways or {}) for n, x in table.items()]
        return cls(tuple(columns), tuple(marks))

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the contract that `to_dict` gave, also by way of JSON."""
        columns = (Column(**{**c, "categories": tuple(c["categories"])}) for c in facts["columns"])
        return cls(tuple(columns), tuple(facts["marks"]), facts["target_way"])

    def check(self, table: pd.DataFrame) -> list[str]:
        """Return how a typed table leaves the contract: a sentence for each column and rule."""
        import pandera.pandas as pa  # late: workers and servers do without

        columns = {}
        for c in self.columns:
            rules = []
            if c.low is not None:
                ends = (pd.Timestamp(x) if c.kind == "date" else x for x in (c.low, c.high))
                rules = [pa.Check.in_range(*ends, error=f"outside the {c.seen()} of training")]
            elif c.categories and c.complete:
                rules = [pa.Check.isin(c.categories, error="of categories new to the model")]
            columns[c.name] = pa.Column(_TYPES[c.kind], rules, nullable=c.missing)
        try:
            pa.DataFrameSchema(columns).validate(table, lazy=True)
            return []
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
        cases["column"] = cases["column"].fillna(cases["failure_case"])  # of one that is not there
        sentences = []
        for (name, rule), group in cases.groupby(["column", "check"], sort=False):
            example = f"{rule}, for example {group['failure_case'].iloc[0]}"
            what = "missing, in training never" if rule == "not_nullable" else example
            sentences.append(f"{name!r}: {len(group):,} of {len(table):,} values {what}")
        return sentences

    def cast(self, table: pd.DataFrame, *, strict: bool = False) -> pd.DataFrame:
        """Return its columns, typed, from texts or other types; a ProjectError says what is not."""
        names, there = [column.name for column in self.columns], table.columns
        lacking = [name for name in names if name not in there]
        twice = [name for name in names if (there == name).sum() > 1]
        other = [name for name in there if strict and name not in names]
        for what, found in ("missing", lacking), ("there twice", twice), ("unknown", other):
            if found:
                raise ProjectError(f"columns that are {what}: {', '.join(map(repr, found[:9]))}")
        marks, commas = self.marks, table.attrs.get("decimal_commas", True)
        return pd.DataFrame({c.name: _typed(table[c.name], c, marks, commas) for c in self.columns})

    def table(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Return rows that `row_model` has typed as a table, in less time than `cast` takes."""
        table: dict[str, Any] = {}
        for c in self.columns:
            cells, of = [row[c.name] for row in rows], _TYPES[c.kind]
            table[c.name] = pd.array(cells, of) if c.kind == "category" else np.array(cells, of)
        return pd.DataFrame(table)

    def warnings_of(self, row: Mapping[str, Any]) -> list[str]:
        """Say what training never saw in a row that `row_model` has typed; plain Python, quick."""
        said = []
        for c in self.columns:
            value = row[c.name]
            at = value.isoformat() if c.kind == "date" and value else value
            if value is None and not c.missing:
                said.append(f"{c.name!r} is missing, in training never")
            elif value is not None and c.categories and c.complete and value not in c.categories:
                said.append(f"{c.name!r}: {value!r} is a category new to the model")
            elif value is not None and c.low is not None and not c.low <= at <= c.high:
                said.append(f"{c.name!r}: {at} is outside the {c.seen()} of training")
        return said

    def row_model(self) -> type[BaseModel]:
        """Return the model of one row by the names of its columns, which may be any texts."""
        fields: dict[str, Any] = {}
        for i, c in enumerate(self.columns):
            kind: Any = FiniteFloat | None
            if c.kind != "number":
                read, given = (to_moment, _Date) if c.kind == "date" else (c.speller(), _Text)
                kind = Annotated[Any, BeforeValidator(read, json_schema_input_type=given)] | None
            facts: dict[str, Any] = {"alias": c.name, "title": c.name}
            facts["description"] = f"{c.kind}, in training {c.seen()}; null where it is missing"
            facts["examples"] = [*c.categories[:3]] if c.low is None else [c.low, c.high]
            fields[f"c{i}"] = (kind, Field(**facts))
        return create_model("Row", __config__=ConfigDict(extra="forbid"), **fields)


def canonical(value: object) -> str:
    """Return the text of a category: 1, 1.0, "1" and "1.0" are one."""
    text = str(value)
    return repr(float(text)).removesuffix(".0") if NUMBER.fullmatch(text) else text


def _column(name: str, values: pd.Series, kind: Kind, ways: Mapping[str, str]) -> Column:
    """Describe a column of the training rows."""
    there, missing, way = values.dropna(), bool(values.isna().any()), ways.get(name, "")
    if kind == "category":
        counts = there.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        listed, whole = tuple(sorted(counts.index[:LISTED])), len(counts) <= LISTED
        return Column(name, kind, missing, categories=listed, complete=whole, way=way)
    ends: list[Any] = [there.min(), there.max()] if len(there) else []
    low, high = [e.isoformat() if kind == "date" else float(e) for e in ends] or (None, None)
    return Column(name, kind, missing, low, high, way=way)


def _typed(values: pd.Series, column: Column, marks: Sequence[str], commas: bool) -> pd.Series:
    """Return a column's values as of its kind, from texts, as training had them, or other types."""
    there = read = values
    if column.kind != "number" or values.dtype.kind not in "iuf":
        texts = values.astype(object).map(str, na_action="ignore").astype("str")
        there = texts[~(texts.isna() | is_missing(texts, marks, column.way == "-"))]
        if column.kind == "category":
            return there.map(cache(column.speller())).reindex(values.index).astype("str")
        dates, comma = column.kind == "date", commas and column.way == ","
        read = to_dates(there, column.way)[0] if dates else to_numbers(there, comma)[0]
    bad = read.isin([np.inf, -np.inf]) | read.isna() & there.notna()
    for row, value in there[bad].items():
        such = {"": "", ",": " with a decimal comma"}
        kind = column.kind + such.get(column.way, f" such as {column.way}, nor 2024-12-31")
        what = f"row {row} (the first is 0): {str(value)!r} is no {kind}: mend it, or empty it"
        raise ProjectError(f"{column.name!r}, {what}")
    return read.reindex(values.index).astype(_TYPES[column.kind])
