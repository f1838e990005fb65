"""The results as a workbook: one formatted sheet for each; equal results give equal bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ..analysis.statistics.number_formats import p_text
from ..analysis.statistics.results import Item, by_name
from ..analysis.wage_by_group import GroupSpread

Rows = Sequence[Item]
HEADERS = {f"p{n}": f"{n}th percentile (US$)" for n in (10, 25, 75, 90)} | {
    "title": "major group",
    "a_mean": "mean wage (US$)",
    "rse": "relative standard error (%)",
    "low": "interval from (US$)",
    "high": "interval to (US$)",
    "rank_low": "rank at best",
    "rank_high": "rank at worst",
    "median": "median (US$)",
    "employment": "jobs",
}
WIDEST = 90
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def result_tables(
    results: Item, spreads: Sequence[GroupSpread], correlations: pd.DataFrame
) -> dict[str, Rows]:
    """Return the sheets of a run by name: every test, areas, spread, correlations, marks.

    What a run has not has no sheet; its row in the summary says why.
    """
    summary = [
        {"analysis": test["name"]}
        | {key: test[key] for key in ("scope", "method", "statistic")}
        | {"p": p_text(test["pvalue"], test["log10_pvalue"]), "conclusion": test["conclusion"]}
        for test in results["analyses"]
    ] + [
        {"analysis": name, "scope": scope, "method": "left out", "statistic": None, "p": None}
        | {"conclusion": why}
        for name, reasons in results["reasons"].items()
        for scope, why in reasons.items()
        if name != "figures"
    ]
    sheets: dict[str, Rows] = {"summary": summary}
    for name, scopes in by_name(results).items():
        columns = {scope: _numbers(test) for scope, test in scopes.items()}
        quantities = dict.fromkeys(key for column in columns.values() for key in column)
        sheets[name] = [
            {"quantity": key} | {scope: column.get(key) for scope, column in columns.items()}
            for key in quantities
        ]
    for name, rows in (("areas", results["areas"]["all"]), ("wage_by_group", map(asdict, spreads))):
        sheets[name] = [{HEADERS.get(key, key): row[key] for key in row} for row in rows]
    sheets["correlation_matrix"] = [
        {"column": name} | {str(key): None if isnan(r) else r for key, r in row.items()}
        for name, row in correlations.round(6).to_dict("index").items()
    ]
    sheets["missing"] = [
        {"column": column, "mark": mark, "cells": count}
        for column, marks in results["data"]["coerced"].items()
        for mark, count in marks.items()
    ] or [{"column": "none", "mark": "", "cells": 0}]
    return {name: rows for name, rows in sheets.items() if rows}


def _numbers(result: Item, prefix: str = "") -> dict[str, Any]:
    """Flatten a result into names and values, such as `interval low`."""
    found: dict[str, Any] = {}
    for key, value in result.items():
        name = f"{prefix} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            found |= _numbers(value, "" if key == "estimates" else name)
        elif isinstance(value, list):
            found |= {f"{name} {place}": item for place, item in enumerate(value, 1)}
        elif key not in ("name", "scope"):
            found[name] = value
    return found


def write_workbook(path: Path, tables: Mapping[str, Rows]) -> None:
    """Write one sheet for each table: rows by the sheet's name, of at most 31 characters.

    Headers that name ``(US$)`` or ``(%)`` are formatted so; no time of writing is kept.
    """
    book, stamped = Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        _fill(book.create_sheet(name), rows)
    book.save(stamped)
    with ZipFile(stamped) as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = TIME.sub(b"1980-01-01T00:00:00Z", content)
            new.writestr(ZipInfo(name), content, ZIP_DEFLATED)


def _fill(sheet: Worksheet, rows: Rows) -> None:
    """Write rows below a frozen, bold header, with formats, widths and a filter."""
    for column, name in enumerate(rows[0], 1):
        values = [row[name] for row in rows]
        longest = max(len(f"{v:,.4g}" if isinstance(v, float) else str(v)) for v in values)
        width = min(max(longest, len(name), 9), WIDEST) + 3
        sheet.column_dimensions[get_column_letter(column)].width = width
        for place, value in enumerate((name, *values), 1):
            cell = sheet.cell(place, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a title that begins with = is no formula
            cell.number_format = _number_format(name, value)
            cell.alignment = Alignment(vertical="top", wrap_text=place == 1 or longest > WIDEST)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="DDE6F0")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


def _number_format(header: str, value: object) -> str:
    """Return the format of a cell: money for a column in US$, else by size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "General"
    if "(US$)" in header:
        return '"$"#,##0;-"$"#,##0'
    if "(%)" in header:
        return "0.0"
    if float(value).is_integer() and abs(value) < 1e15:
        return "#,##0"
    return "#,##0.00" if abs(value) >= 1000 else "0.0000" if abs(value) >= 0.001 else "0.00E+00"
