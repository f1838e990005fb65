"""The dashboard's tables: of results, of two groups, of marks, of how a run was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..analysis.wording import dollars, p_text, sentence_start
from .tables import Row, test_rows

MARKS = {
    "*": "wage not released, or not published on this pay basis",
    "**": "employment not released",
    "#": "wage at or above the survey's ceiling: not unknown, but at least that much",
}
OTHER_MARK = "a text that is none of the survey's marks"
ESTIMATES = ("mean_1", "mean_2", "spread_1", "spread_2", "difference")
MEASURED = {"mean": "Mean annual wage", "spread": "Spread: mean distance from the median"}
Item = Mapping[str, Any]


def result_rows(analyses: Sequence[Item]) -> pd.DataFrame:
    """Return one row of plain numbers for each result, in the form of results.json."""
    rows = []
    for item in analyses:
        row = {name: item[name] for name in ("name", "scope", "method", "statistic", "pvalue")}
        row["p"] = "no p" if row["pvalue"] is None else p_text(row["pvalue"], item["log10_pvalue"])
        row |= {name: "; ".join(map(str, item[name])) for name in ("groups", "n")}
        row |= {name: item["estimates"].get(name) for name in ESTIMATES}
        for name in ("interval", "interval_two_way"):
            row |= {f"{name}_{end}": (item[name] or {}).get(end) for end in ("low", "high")}
        effect = item["effect_size"] or {}
        row |= {
            f"effect_size_{part}": effect.get(part) for part in ("name", "value", "low", "high")
        }
        rows.append(row | {"conclusion": item["conclusion"]})
    return pd.DataFrame(rows)


def comparison_table(found: Sequence[Item], confidence_level: float) -> list[Row]:
    """Return the numbers of two groups, one column for each test.

    Parameters
    ----------
    found
        What the t-test, Levene's test or both found of the same two groups, as plain dicts.
    confidence_level
        The level of their intervals.
    """
    tested = test_rows({(item["name"], item["scope"]): item for item in found})
    columns = {}
    for item, test in zip(found, tested, strict=True):
        (first, second), estimates = item["groups"], item["estimates"]
        name = "mean" if "mean_1" in estimates else "spread"
        columns[MEASURED[name]] = {
            f"Rows of {first}": f"{item['n'][0]:,}",
            f"Rows of {second}": f"{item['n'][1]:,}",
            sentence_start(first): dollars(estimates[f"{name}_1"]),
            sentence_start(second): dollars(estimates[f"{name}_2"]),
            "Difference": dollars(estimates["difference"]),
            f"{100 * confidence_level:g} % interval, allowing for shared areas and occupations": (
                _reach(item["interval_two_way"])
            ),
            "The same, taking rows as independent": _reach(item["interval"]),
            "Effect size": test["Effect size"],
            "Test": test["Test"],
        }
    lines = next(iter(columns.values()))
    return [
        {"What": line, **{name: cells[line] for name, cells in columns.items()}} for line in lines
    ]


def _reach(interval: Mapping[str, float] | None) -> str:
    return f"{dollars(interval['low'])} to {dollars(interval['high'])}" if interval else "none"


def marks_table(coerced: Mapping[str, Mapping[str, int]]) -> list[Row]:
    """Return what each mark means, and how many cells of which columns hold it."""
    marks = list(dict.fromkeys([*MARKS, *(mark for found in coerced.values() for mark in found)]))
    rows = []
    for mark in marks:
        counts = {column: found[mark] for column, found in coerced.items() if mark in found}
        alike = {n: [c for c in counts if counts[c] == n] for n in counts.values()}
        where = "; ".join(f"{n:,} in {', '.join(columns)}" for n, columns in alike.items())
        meaning = MARKS.get(mark, OTHER_MARK)
        rows.append({"Mark": mark, "Meaning": meaning, "Cells of the workbook": where or "none"})
    return rows


def run_facts(manifest: Item, results: Item) -> str:
    """Return lines on how a run was made: when, from which file, with what."""
    data, git = results["data"], manifest["git"]
    levels = ", ".join(f"{count:,} {level}" for level, count in data["rows_by_level"].items())
    clean = "" if git["clean"] else ", with changes that are not committed"
    facts = {
        "Run": manifest["run"],
        "Made": manifest["created"],
        "Workbook": data["file"],
        "Its SHA-256": data["sha256"],
        "Rows": f"{data['rows_read']:,} read, {data['rows_kept']:,} kept ({levels})",
        "Level of the intervals": f"{100 * results['confidence_level']:g} %",
        "Code": f"{git['commit']}{clean}" if git["commit"] else "no git history",
        "Python": manifest["python"],
    }
    return "\n".join(f"{what}: {value}" for what, value in facts.items())
