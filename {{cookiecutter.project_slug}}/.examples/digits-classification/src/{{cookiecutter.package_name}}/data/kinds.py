"""What kind a column of texts is: a number, a category or a date; all its cells are asked."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine import ProjectError

Kind = Literal["number", "category", "date"]
_MARKS = "NA N/A n/a #N/A #NA <NA> NaN nan -NaN -nan NaT NULL Null null None ? - -- ."
MISSING = frozenset(["", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", *_MARKS.split()])
POINT = r"(([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)|([+-]?(?i:inf(inity)?)))"
_COMMA = r"([+-]?([0-9]+|[1-9][0-9]{0,2}(\.[0-9]{3})+)(,[0-9]+)?([eE][+-]?[0-9]+)?)"
_CODE, _LONG = r"(0[0-9]+)", r"([+-]?[0-9]{16,})"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
_ISO = rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ][0-9]{{2}}:[0-9]{{2}}(:[0-9.]+)?{_OFFSET}?)?)"
_WRITTEN = r"([0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?)"
_UNSURE = rf"({_WRITTEN}|[$€£¥+-]* ?[0-9][0-9,.' ]*([%$€£¥]|[^\W\d_]{{1,3}})?)"  # dates, numbers?
_THOUSANDS = r"[+-]?[1-9][0-9]{{0,2}}({}[0-9]{{3}})+"  # or decimals
_AGREE, _FEWEST = 0.95, 20  # from here on the other cells are mistakes
_MOST = 1e100  # of a number: sums of squares stay finite


def is_missing(
    texts: pd.Series, missing: Collection[str] = (), dash: bool | None = None
) -> pd.Series:
    """Return which cells are empty or hold a mark of it.

    "-" is no mark but a value where `dash` says so, or where it does not, beside a "+".
    """
    cells = texts.astype("str").str.strip()
    usual = MISSING - {"-"} if (cells.eq("+").any() if dash is None else dash) else MISSING
    return cells.isna() | cells.isin(usual | set(missing))


def to_numbers(texts: pd.Series, decimal_comma: bool = False) -> tuple[pd.Series, pd.Series]:
    """Read texts as float64, and say which are no number; a missing cell is not one of these."""
    cells = texts.astype("str").str.strip().str.replace("−", "-", regex=False)
    good = cells.str.fullmatch(_COMMA if decimal_comma else POINT)
    plain = cells.where(good).str.removeprefix("+")
    if decimal_comma:
        plain = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    numbers = pc.cast(pa.array(plain, pa.large_string()), "float64")
    values = numbers.to_numpy(zero_copy_only=False)
    return pd.Series(values, texts.index, name=texts.name), cells.notna() & ~good


def to_dates(texts: pd.Series, order: str = "") -> tuple[pd.Series, pd.Series, str]:
    """Read texts as datetime64[us], those with an offset as UTC, and say which are no date.

    ISO dates, or such as 31.12.2024 and 12/31/2024 if `order`, or all cells together, tell day from
    month; the order that was found comes last, "" for ISO.
    """
    cells = texts.astype("str").str.strip()
    iso, written = cells.str.fullmatch(_ISO), cells.str.fullmatch(_WRITTEN)
    orders, mark = ["ISO8601"], ""
    if order:
        known = pd.to_datetime(cells.where(written), format=order, utc=True, errors="coerce")
        cells = cells.where(iso)
        best = pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce").fillna(known)
        best = best.dt.tz_localize(None).astype("datetime64[us]")
        return best, texts.notna() & best.isna(), order
    if not iso.any() and written.any():
        like = str(cells[written].iloc[0])
        mark = re.sub("[0-9]", "", like)[0]
        clock = "".join((" %H:%M", ":%S")[: like.count(":")])
        orders = ["%Y-%m-%d"] if like[:4].isdigit() else ["%d-%m-%Y", "%m-%d-%Y"]
        orders = [order.replace("-", mark) + clock for order in orders]
    cells = cells.where(iso | written if mark else iso)
    read = [(pd.to_datetime(cells, format=o, utc=True, errors="coerce"), o) for o in orders]
    read.sort(key=lambda found: int(found[0].isna().sum()))
    (best, order), (other, _) = read[0], read[-1]
    if best.isna().sum() == other.isna().sum():  # the cells do not tell: those stay that are equal
        best = best.where(best == other)
    best = best.dt.tz_localize(None).astype("datetime64[us]")
    return best, texts.notna() & best.isna(), order if mark else ""


def to_moment(value: object) -> datetime:
    """Read an ISO date, alone or with a time; one with an offset becomes UTC."""
    at = datetime.fromisoformat(str(value))
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def has_decimal_commas(cells: pd.Series) -> bool:
    """Say whether a comma is the decimal sign of a column: in some cells, and for nearly all.

    Commas that may all part thousands are no proof.
    """
    commas = cells.str.contains(",", regex=False) & ~cells.str.fullmatch(_THOUSANDS.format(","))
    none = to_numbers(cells, True)[1].sum()
    return bool(commas.any()) and bool(none <= (1 - _AGREE) * cells.notna().sum())


def typed(
    cells: pd.Series, decimal_commas: bool, place: Callable[[int], str], notes: list[str]
) -> tuple[pd.Series, Kind, str]:
    """Return a column of stripped texts, missing ones as NaN, as what it is; note what is unsure.

    The text that comes last says how it was written: "," with decimal commas, the order of dates,
    "-" where a dash is a value. With `decimal_commas` another column of the file has them. `place`
    names a row in an error, of a cell that is not what nearly all the others are.
    """
    dash = "-" if cells.isin(["+", "-"]).any() else ""
    name, n = cells.name, int(cells.notna().sum())
    readings = [(*to_numbers(cells), "")]
    numbers, bad, _ = readings[0]
    code = cells.str.fullmatch(_CODE) | (cells.str.fullmatch(_LONG) & (numbers.abs() >= 2**53))
    if n == 0 or code.any():
        if 2 * bad.sum() < n:
            notes.append(f"{name!r} has codes such as {cells[code].iloc[0]!r}: they stay texts")
        return cells, "category", dash
    if decimal_commas:
        readings.insert(0, (*to_numbers(cells, True), ","))
        differ = numbers.notna() & readings[0][0].notna() & numbers.ne(readings[0][0])
        if differ.any() and not bad.any():
            what = "may have a decimal point or thousands, since other columns have decimal commas"
            raise _wrong(cells, differ, place, f"{what}: write the column without points")
    if bad.any():
        readings.append(to_dates(cells))
    values, bad, way = min(readings, key=lambda reading: int(reading[1].sum()))
    kind: Kind = "date" if values.dtype.kind == "M" else "number"
    if not bad.any():
        if kind == "number" and (huge := values.abs() > _MOST).any():
            what = f"is beyond {_MOST:g}, too large to compute with: correct it, or empty it"
            raise _wrong(cells, huge, place, what)
        points = cells.str.contains(".", regex=False) & (kind == "number") & (way == "")
        doubtful = cells[points].str.fullmatch(_THOUSANDS.format("[.]")).all()
        if points.any() and doubtful and (values[~points] >= 100).any():
            like = f"{cells[points].iloc[0]!r} is read with a decimal point, not as thousands"
            notes.append(f"{name!r}: {like}")
        if kind == "date" and cells.str.fullmatch(rf".*:[0-9.]+{_OFFSET}").any():
            notes.append(f"{name!r}: times with an offset are read as UTC")
        return values, kind, way
    if n >= _FEWEST and bad.sum() <= (1 - _AGREE) * n:
        ways = (
            f"set `missing = [{cells[bad].iloc[0]!r:.42}]`, `categories = [{name!r}]` or correct it"
        )
        raise _wrong(cells, bad, place, f"is no {kind}, as {n - bad.sum():,} others are: {ways}")
    if cells.str.fullmatch(_UNSURE).sum() >= _AGREE * n:
        sure = "not certain as numbers or dates, so its values are texts; 1234.5 and 2024-12-31 are"
        notes.append(f"{name!r}: cells such as {cells[bad].iloc[0]!r} are {sure}")
    return cells, "category", dash


def _wrong(
    cells: pd.Series, where: pd.Series, place: Callable[[int], str], what: str
) -> ProjectError:
    row, text = int(where.to_numpy().argmax()), str(cells[where].iloc[0])
    short = text if len(text) <= 40 else text[:39] + "…"
    return ProjectError(f"{place(row)}, column {cells.name!r}: {short!r} {what}")
