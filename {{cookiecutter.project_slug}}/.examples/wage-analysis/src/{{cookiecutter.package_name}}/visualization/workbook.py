"""The results as a workbook: one formatted sheet for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ..analysis.questions import Answers
from ..analysis.wording import p_text

AREA_HEADERS = {
    "area": "area",
    "a_mean": "mean wage (US$)",
    "rse": "relative standard error (%)",
    "low": "interval from (US$)",
    "high": "interval to (US$)",
    "rank": "rank",
    "rank_low": "rank at best",
    "rank_high": "rank at worst",
}
GROUP_HEADERS = {
    "code": "code",
    "title": "major group",
    "p10": "10th percentile (US$)",
    "p25": "25th percentile (US$)",
    "median": "median (US$)",
    "p75": "75th percentile (US$)",
    "p90": "90th percentile (US$)",
    "employment": "jobs",
    "areas": "areas",
}
Rows = Sequence[Mapping[str, Any]]
WIDEST = 90


def number_format(header: str, value: object) -> str:
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


def fill_sheet(sheet: Worksheet, rows: Rows) -> None:
    """Write rows below a frozen, bold header, with formats, widths and a filter."""
    headers = list(rows[0])
    sheet.append(headers)
    for row in rows:
        sheet.append([row[name] for name in headers])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="DDE6F0")
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    for number, name in enumerate(headers, 1):
        letter = get_column_letter(number)
        shown = [
            len(f"{row[name]:,.4g}" if isinstance(row[name], float) else str(row[name]))
            for row in rows
        ]
        wide = max(shown) > WIDEST
        sheet.column_dimensions[letter].width = min(max(*shown, len(name), 9), WIDEST) + 3
        for (cell,) in sheet.iter_rows(min_row=2, min_col=number, max_col=number):
            cell.number_format = number_format(name, cell.value)
            cell.alignment = Alignment(vertical="top", wrap_text=wide)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


def analysis_rows(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one analysis as a table: a row for each number, a column for each scope."""
    columns = {result["scope"]: dict(_numbers(result)) for result in results}
    names = dict.fromkeys(name for column in columns.values() for name in column)
    return [
        {"quantity": name} | {scope: column.get(name) for scope, column in columns.items()}
        for name in names
    ]


def _numbers(result: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Flatten a result into names and values, such as `interval low`."""
    found: list[tuple[str, Any]] = []
    for key, value in result.items():
        name = f"{prefix} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            found += _numbers(value, "" if key == "estimates" else name)
        elif isinstance(value, list):
            found += [(f"{name} {place}", item) for place, item in enumerate(value, 1)]
        elif key not in ("name", "scope"):
            found.append((name, value))
    return found


def result_tables(results: Mapping[str, Any], answers: Answers) -> dict[str, Rows]:
    """Return the sheets of a run by name: every test, areas, spread, correlations, marks."""
    tests = results["analyses"]
    summary = [
        {
            "analysis": test["name"],
            "scope": test["scope"],
            "method": test["method"],
            "statistic": test["statistic"],
            "p": p_text(test["pvalue"], test["log10_pvalue"]),
            "conclusion": test["conclusion"],
        }
        for test in tests
    ]
    sheets: dict[str, Rows] = {"summary": summary}
    for name in dict.fromkeys(test["name"] for test in tests):
        sheets[name] = analysis_rows([test for test in tests if test["name"] == name])
    sheets["areas"] = [_renamed(asdict(area), AREA_HEADERS) for area in answers.areas.areas]
    sheets["wage_by_group"] = [_renamed(asdict(group), GROUP_HEADERS) for group in answers.spread]
    matrix = answers.correlations.round(6)
    sheets["correlation_matrix"] = [
        {"column": name, **{str(key): None if isnan(r) else r for key, r in row.items()}}
        for name, row in matrix.to_dict("index").items()
    ]
    sheets["missing"] = [
        {"column": column, "mark": mark, "cells": count}
        for column, marks in results["data"]["coerced"].items()
        for mark, count in marks.items()
    ] or [{"column": "none", "mark": "", "cells": 0}]
    return sheets


def _renamed(row: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    return {header: row[name] for name, header in headers.items()}


def write_workbook(path: Path, tables: Mapping[str, Rows]) -> None:
    """Write one sheet for each table.

    Parameters
    ----------
    path
        Where; an older file is replaced.
    tables
        Rows by the name of the sheet, at most 31 characters; headers that name ``(US$)`` or
        ``(%)`` are formatted so.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        fill_sheet(book.create_sheet(name), rows)
    book.save(path)
