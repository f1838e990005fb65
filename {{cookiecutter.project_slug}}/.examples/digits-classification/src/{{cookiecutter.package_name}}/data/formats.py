"""The files that hold a table: names, rows in batches, and where in the file a row stands."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from ..engine import ProjectError

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_READABLE = "CSV (.csv, .tsv, .txt), Parquet (.parquet, .pq) and Excel (.xlsx, .xls, .xlsb, .ods)"
_BLOCK = 1 << 24  # bytes: bounds the memory, and no row may be longer


@dataclass(frozen=True)
class Source:
    """A table in a file: texts, of Parquet typed values; `place` names a row for people."""

    names: list[str]
    batches: Iterable[pa.RecordBatch]
    place: Callable[[int], str]
    notes: list[str]
    decimal_commas: bool = False  # may be; or a comma parts the cells


def open_table(path: Path, sheet: str | None = None) -> Source:
    """Open a CSV, Parquet or Excel file; a ProjectError says what is wrong with it."""
    if not path.is_file():
        raise ProjectError(f"{path}: there is no such file; check the path")
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv", ".txt"}:
        return _open_csv(path)
    if ending in {".parquet", ".pq"}:
        return _open_parquet(path)
    if ending in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}:
        return _open_excel(path, sheet)
    raise ProjectError(f"{path}: {_READABLE} can be read; unpack it, or save it as one of these")


def _open_csv(path: Path) -> Source:
    encoding, notes = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = "".join(islice(file, 500))
    tried = {mark: _evenness(sample, mark) for mark in _DELIMITERS}
    delimiter = max(tried, key=lambda mark: (tried[mark][0], mark != ",", tried[mark][1]))
    if not tried[delimiter][0]:
        found = f"no table with {', '.join(_DELIMITERS.values())}" if sample.strip() else "empty"
        raise ProjectError(f"{path} is {found}; its first line must name the columns, check it")
    if delimiter != "," and tried[delimiter][1] > 1:
        notes.append(f"its cells are parted by {_DELIMITERS[delimiter]}")

    def records() -> Iterator[tuple[int, int, list[str]]]:
        """Yield the first line, the last line and the cells of each record."""
        with path.open(encoding=encoding, newline="") as file:
            reader, line = csv.reader(file, delimiter=delimiter, strict=True), 1
            try:
                for cells in reader:
                    if cells:
                        yield line, reader.line_num, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                what = f"a quoted cell that never ends, or goes on behind its end ({error})"
                raise ProjectError(f"{path}, line {line}: {what}; mend the quotes") from error

    read = records()
    _, header, raw = next(read)
    for line, _, cells in read:
        if len(cells) != len(raw):
            what = f"{len(cells)} cells, but the first line names {len(raw)} columns"
            raise ProjectError(f"{path}, line {line}: {what}; mend, quote or delete it")
    names = _names(raw, path, notes)
    reading = pa_csv.ReadOptions(
        encoding=encoding, column_names=names, skip_rows=header, block_size=_BLOCK
    )
    parsing = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    texts = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return Source(
        names,
        _guarded(path, lambda: pa_csv.open_csv(path, reading, parsing, texts)),
        lambda row: f"{path}, line {next(islice(records(), row + 1, None))[0]}",
        notes,
        decimal_commas=delimiter != ",",
    )


def _encoding(path: Path) -> tuple[str, list[str]]:
    """Return the first encoding in which the whole file can be read, and what is to be said."""
    with path.open("rb") as file:
        start = file.read(_BLOCK)
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while text := file.read(1 << 20):
                    if "\0" in text:
                        raise ProjectError(f"{path}: this is no text; {_READABLE} can be read")
        except UnicodeDecodeError:
            continue
        if encoding.startswith("utf"):
            return encoding, []
        runs = re.findall(rb"[\x80-\xff]+", start)  # western letters with accents stand alone
        if sum(len(run) > 2 for run in runs) <= len(runs) / 5:
            return encoding, ["it is no UTF-8 and was read as Windows-1252: check its accents"]
    raise ProjectError(f"{path}: neither UTF-8 nor a western encoding; save it as UTF-8")


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records of the commonest length, 0 if it is no table, and the length."""
    try:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = [len(cells) for cells in rows if cells]
    except csv.Error:
        return 0.0, 0
    width, n = Counter(widths or [0]).most_common(1)[0]
    if set(widths) == {1}:  # one column, unless another delimiter gives more
        return 1e-9, 1
    parted = width > 1 and widths[0] > 1 and 2 * n > len(widths)
    return (n / len(widths) if parted else 2e-9 * (widths[:1] > [1])), width  # or uneven


def _guarded(path: Path, read: Callable[[], Iterable[Any]]) -> Iterator[pa.RecordBatch]:
    try:
        yield from read()
    except (pa.ArrowException, OSError) as error:
        raise ProjectError(f"{path} cannot be read ({error}); write it again") from error


def _open_parquet(path: Path) -> Source:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ProjectError(f"{path} cannot be read as Parquet ({error}); save it again") from error
    notes: list[str] = []
    names = _names(file.schema_arrow.names, path, notes, header=False)
    batches = _guarded(path, lambda: (b.rename_columns(names) for b in file.iter_batches()))
    return Source(names, batches, lambda row: f"{path}, row {row + 1}", notes)


def _open_excel(path: Path, sheet: str | None) -> Source:
    try:
        with CalamineWorkbook.from_path(path) as book:
            pages = [x.name for x in book.sheets_metadata if x.typ == SheetTypeEnum.WorkSheet]
            if sheet is not None and sheet not in pages:
                raise ProjectError(f"{path} has no sheet {sheet!r}, but {', '.join(pages)}")
            for page in pages if sheet is None else [sheet]:
                cells = book.get_sheet_by_name(page).to_python(skip_empty_area=False)
                rows = {i: row for i, row in enumerate(cells, 1) if any(x != "" for x in row)}
                columns = [column for column in zip(*rows.values(), strict=True) if any(column)]
                if len(rows) > 1 and len(columns) > 1:
                    break
            else:
                raise ProjectError(f"{path}: no sheet holds a table; name its columns in one row")
    except PasswordError as error:
        raise ProjectError(f"{path} has a password; save a copy without one") from error
    except (CalamineError, OSError) as error:
        raise ProjectError(f"{path} cannot be read as Excel ({error}); save it again") from error
    notes = [f"sheet {page!r} is read, of {', '.join(map(repr, pages))}"] * (len(pages) > 1)
    texts = [[_text(cell) for cell in column] for column in columns]
    names = _names([column[0] for column in texts], path, notes)
    table = pa.table({name: column[1:] for name, column in zip(names, texts, strict=True)})
    lines = list(rows)[1:]
    where = f"{path}, sheet {page!r}, row"
    return Source(names, table.to_batches(), lambda row: f"{where} {lines[row]}", notes)


def _text(cell: Any) -> str:
    if isinstance(cell, date | time):
        return cell.isoformat().removesuffix("T00:00:00")
    return repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell)


def _names(raw: Sequence[str], path: Path, notes: list[str], *, header: bool = True) -> list[str]:
    """Return the columns' names; a `header` is a row of the file, and may be one of values."""
    names = [name.strip() or f"column {i}" for i, name in enumerate(raw, 1)]
    nameless = [name for name, was in zip(names, raw, strict=True) if not was.strip()]
    for i, name in enumerate(names):
        if name in names[:i]:
            where = f"columns {names.index(name) + 1} and {i + 1}"
            raise ProjectError(f"{path}: {where} have the same name {name!r}; rename one")
    numbers = [float(name) for name in names if re.fullmatch(r"-?\d+\.?\d*(e[+-]?\d+)?", name)]
    n, turns = len(names), {a < b for a, b in pairwise(numbers)}
    values = len(numbers) == n and numbers not in ([*range(n)], [*range(1, n + 1)])
    values |= 2 * len(numbers) >= n and (len(turns) > 1 or any(x % 1 for x in numbers))
    if header and (values or 2 * len(nameless) >= n + (not raw[0].strip())):  # of row numbers
        like = ", ".join(map(repr, raw[:5]))
        raise ProjectError(f"{path}: the first line, {like}…, has no names; name the columns in it")
    if nameless:
        notes.append(f"columns without a name are called {', '.join(map(repr, nameless))}")
    return names
