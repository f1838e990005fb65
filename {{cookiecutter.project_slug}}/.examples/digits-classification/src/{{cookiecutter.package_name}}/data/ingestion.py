"""The one door by which raw tables come in: CSV, Parquet or Excel, every column typed."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine import ProjectError
from .formats import Source, open_table
from .kinds import MISSING, Kind, has_decimal_commas, is_missing, to_dates, to_numbers, typed

__all__ = ["MISSING", "Ingested", "Kind", "is_missing", "open_rows", "read_table"]
__all__ += ["stream_texts", "to_dates", "to_numbers"]


@dataclass(frozen=True)
class Ingested:
    """A typed table, its index the 0-based number of the raw row, and what was noticed.

    `ways` says of columns how they are written, where that is not the usual way, as `typed` does.
    """

    table: pd.DataFrame
    kinds: dict[str, Kind]
    ways: dict[str, str]
    notes: list[str]


def read_table(
    path: str | Path,
    *,
    missing: Collection[str] = (),
    categories: Collection[str] = (),
    sheet: str | None = None,
) -> Ingested:
    """Read a file whole; `missing` are marks beside the usual ones, `categories` stay texts.

    Of a workbook the first sheet with a table is read, if `sheet` names none.

    Raises
    ------
    ProjectError
        If the file or a cell of it cannot be read for certain; it names line and column.
    """
    (source, batches), marks, repeated = open_rows(Path(path), sheet), Counter[str](), 0
    notes, cells = source.notes, dict[str, pd.Series]()
    if unknown := [name for name in categories if name not in source.names]:
        known = ", ".join(map(repr, source.names))
        raise ProjectError(f"`categories`: {path} has no column {unknown[0]!r}, but {known}")
    columns = pa.Table.from_batches(batches).columns
    del batches
    for name in reversed(source.names):
        texts = _as_texts(name, columns.pop()).to_pandas().astype("str").str.strip().rename(name)
        empty = is_missing(texts, missing)
        marks.update(texts[empty & ~texts.isin(["", "nan"])].value_counts().to_dict())
        cells[name], repeated = texts.mask(empty), repeated + bool(texts.eq(name).any())
    if 2 * repeated >= len(cells):
        what = "reads like the rows below it, or stands there twice"
        raise ProjectError(f"{path}: the first line {what}; let it name the columns, once")
    commas = [n for n in source.names if source.decimal_commas and has_decimal_commas(cells[n])]
    table, kinds, ways = dict[str, pd.Series](), dict[str, Kind](), dict[str, str]()
    for name in source.names:
        table[name], kinds[name], ways[name] = cells.pop(name), "category", ""
        if name not in categories:
            found = typed(table[name], bool(commas), source.place, notes)
            table[name], kinds[name], ways[name] = found
    if commas:
        notes.append(f"numbers have decimal commas in {', '.join(map(repr, commas))}")
    if marks:
        listed = ", ".join(f"{mark!r} ({n:,})" for mark, n in marks.most_common())
        notes.append(f"read as missing: {listed}")
    return Ingested(pd.DataFrame(table), kinds, {n: w for n, w in ways.items() if w}, notes)


def open_rows(path: Path, sheet: str | None = None) -> tuple[Source, list[pa.RecordBatch]]:
    """Return a table and its rows; with one column, or without rows, it is a ProjectError."""
    source = open_table(path, sheet)
    if len(source.names) < 2:
        marks_of = "commas, semicolons, tabs or vertical bars"
        how = f"part more by {marks_of}, or delete lines above the names"
        raise ProjectError(f"{path}: the first line names one column; {how}")
    batches = [batch for batch in source.batches if len(batch)]
    if not batches:
        raise ProjectError(f"{path} has no rows below the names of its columns; add some")
    return source, batches


def stream_texts(
    path: str | Path, rows: int = 10_000, sheet: str | None = None
) -> Iterator[pd.DataFrame]:
    """Yield a file in chunks, rows numbered from 0: texts as they are, of Parquet typed values.

    ``attrs["decimal_commas"]`` says whether the file may have such at all.
    """
    source, first = open_table(Path(path), sheet), 0
    for batch in source.batches:
        for start in range(0, len(batch), rows):
            chunk = batch.slice(start, rows).to_pandas(ignore_metadata=True)
            chunk.index += first
            chunk.attrs["decimal_commas"] = source.decimal_commas
            first += len(chunk)
            yield chunk


def _as_texts(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of Parquet as the texts that a CSV would have; nothing is lost."""
    of = values.type
    if pa.types.is_dictionary(of):
        values = values.cast(of := of.value_type)
    if pa.types.is_boolean(of):
        return pc.if_else(values, "True", "False")
    if pa.types.is_nested(of) or pa.types.is_duration(of) or "binary" in str(of):
        raise ProjectError(f"column {name!r} holds {of}, no number, text or date; drop it")
    return values.cast(pa.large_string())
