"""What the report and the model card say that depends on the numbers: sentences and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..analysis.statistics.number_formats import (
    dollars,
    interval_text,
    number_text,
    p_text,
    ranks_text,
    share_text,
)
from ..analysis.statistics.results import Item, by_name
from ..engine.report import Markdown
from ..settings import EMPTY, SHIPPED
from .answers import answers
from .method_tables import interval_with_unit, lean_on, method_values

if TYPE_CHECKING:
    from ..models.regression import EmploymentWageRegression

Row = dict[str, str]

TESTS = {  # what each is called in the report, its statistic, and the unit of its intervals
    "management_vs_production": ("Management, production: means", "Welch's t", "US$"),
    "management_vs_production_paired": ("Management, production: by area", "paired t", "US$"),
    "wage_variance_levene": ("Management, production: spread", "Levene's W", "US$"),
    "employment_wage_pearson": ("Employment, wage: correlation", "Pearson's r", "(r)"),
    "employment_wage_regression": ("Employment, wage: regression", "slope", "US$ per job"),
    "tech_vs_nontech_ztest": ("Technology, rest: medians", "Z", "US$"),
    "wage_by_group_anova": ("Wages across major groups", "F", ""),
}


def report_values(results: Item, quality: Iterable[Item]) -> dict[str, Any]:
    """Return what `report.md.j2` is filled in with: results.json, and its numbers in words.

    `quality` is what data_quality.json holds.
    """
    found, data, areas = by_name(results), results["data"], results["areas"]
    means = found.get("management_vs_production", {})
    article, detailed = means.get("article"), means.get("detailed")
    high, low = area_rows(areas["highest"]), area_rows(reversed(areas["lowest"]))
    gap = [dict.fromkeys(high[0], "…")] if len(areas["all"]) > len(high + low) else []
    return {
        **results,
        **answers(results),
        **method_values(results),
        "found": found,
        "rows": f"{data['rows_kept']:,}",
        "levels": ", ".join(f"{n:,} {level}" for level, n in data["rows_by_level"].items()),
        "published_test": article and published_test(article),
        "missing_wages": missing_wages(data),
        "top_coded_wages": top_coded_wages(data),
        "widened": widened(found),
        "spread": detailed and [dollars(detailed["estimates"][name]) for name in ("sd_1", "sd_2")],
        "area_rows": [*high, *gap, *low],
        "both_scopes": [side_by_side(item) for item in means.values()],
        "rules": [rule_row(rule) for rule in quality],
        "shipped": data["sha256"] == SHIPPED,
        "rows_read": f"{data['rows_read']:,}",
        "left_out": left_out(data),
        "all_tests": [test_row(item) for name in TESTS for item in found.get(name, {}).values()],
    }


def published_test(item: Item) -> str:
    """Say what the published test gives, and whether that would settle it at face value."""
    test = f"t = {item['statistic']:.1f} ({p_text(item['pvalue'], item['log10_pvalue'])})."
    return f"{test} At face value that settles it." if item["pvalue"] < 0.001 else test


def missing_wages(data: Item) -> str:
    """Say how many mean annual wages are missing, by the mark that stands in their place."""
    marks = data["coerced"].get("A_MEAN", {})
    counts = ", ".join(
        f"{n:,} are {mark if mark == EMPTY else f'marked {mark}'}" for mark, n in marks.items()
    )
    total = sum(marks.values())
    return f"Of {data['rows_kept']:,} mean annual wages {total:,} are missing: {counts or 'none'}."


def left_out(data: Item) -> str:
    """Say how many rows were left out, by the reason."""
    counts = "; ".join(f"{n:,} ({reason})" for reason, n in data["left_out"].items())
    return f"Rows that were left out: {counts}." if counts else "None was left out."


def rule_row(rule: Item) -> Row:
    """Return one rule of the table, and how many rows it judged and found to break it."""
    return {
        "Rule": rule["says"],
        "True of": rule["true_of"],
        "Rows judged": f"{rule['rows']:,}",
        "Rows that break it": f"{rule['broken']:,}",
    }


def top_coded_wages(data: Item) -> str:
    """Say how many mean wages are top-coded, and in which major groups they lie."""
    top = data["top_coded"]
    if not top["rows"]:
        return "No mean wage is top-coded here."
    groups = ", ".join(f"{code} ({count:,})" for code, count in top["major_groups"].items())
    return f"Here {top['rows']:,} mean wages are top-coded, by major group: {groups}."


def widened(found: Mapping[str, Mapping[str, Item]]) -> str:
    """Say how much wider the intervals become that allow for shared areas and occupations."""
    detailed, said = {name: scopes.get("detailed", {}) for name, scopes in found.items()}, []
    means = detailed.get("management_vs_production", {})
    for name, what in (
        ("management_vs_production", " and ".join(means.get("groups", ["the two groups"]))),
        ("tech_vs_nontech_ztest", "technology"),
        ("employment_wage_regression", "employment"),
    ):
        wide, narrow = (detailed.get(name, {}).get(key) for key in ("interval_two_way", "interval"))
        wider = "not known"
        if wide and narrow:
            ratio = (wide["high"] - wide["low"]) / (narrow["high"] - narrow["low"])
            wider = f"{ratio:.1f} times as wide"
        said.append(f"{wider} for {what}")
    return ", ".join(said)


def area_rows(areas: Iterable[Item]) -> list[Row]:
    """Return areas of results.json in words, with the ranks that they can claim."""
    return [
        {
            "Area": row["area"],
            "Mean annual wage": dollars(row["a_mean"]),
            "Interval": interval_text(row, dollars),
            "Ranks it can claim": ranks_text(row, " to "),
        }
        for row in areas
    ]


def side_by_side(item: Item) -> Row:
    """Return one scope of a comparison of two groups: who is counted, how far apart, how sure."""
    (first, second), n, estimates = item["groups"], item["n"], item["estimates"]
    return {
        "Scope": item["scope"],
        "Rows": f"{n[0]:,} {first}, {n[1]:,} {second}",
        "Mean wages": f"{dollars(estimates['mean_1'])}, {dollars(estimates['mean_2'])}",
        "Difference": dollars(estimates["difference"]),
        "Interval as published": interval_text(item["interval"], dollars),
        "Interval to lean on": interval_text(item["interval_two_way"], dollars),
    }


def test_row(item: Item) -> Row:
    """Return one test in one scope: what it says, how sure, and how large the effect is."""
    effect, size = item["effect_size"], "none"
    if effect:
        size = f"{effect['name']} {number_text(effect['value'])} (naive {interval_text(effect)})"
    title, statistic, unit = TESTS[item["name"]]
    p = p_text(item["pvalue"], item["log10_pvalue"])
    test = f"{statistic} = {number_text(item['statistic'])}, {p}"
    return {
        "Analysis": title,
        "Scope": item["scope"],
        "Test": re.sub(" (?=[=<])|(?<=[=<]) ", "\N{NO-BREAK SPACE}", test),
        "Interval as published": interval_with_unit(item["interval"], unit),
        "Interval to lean on": lean_on(item, unit),
        "Effect size": size,
    }


def card_values(fit: EmploymentWageRegression, item: Item, data: Item) -> dict[str, Any]:
    """Return what `card.md.j2` is filled in with: the fit, what its test found, the data."""
    from ..models.regression import FEEBLE  # which the report does not need, and pandas is slow

    file = " ".join(data["file"].replace("`", "'").split())  # what stands in code is not escaped
    counts = ("n", "employment_low", "employment_high", "employment_mean")
    intervals = {
        "as published": item["interval"],
        "HC3": item["effect_size"],
        "allowing for shared areas and occupations": item["interval_two_way"],
    }
    return {
        "conclusion": item["conclusion"],
        "scope": item["scope"],
        "fit": {k: f"{v:,.0f}" if k in counts else f"{v:.8g}" for k, v in vars(fit).items()},
        "file": Markdown(f"`{file}`"),
        "data": {key: f"{data[key]:,}" for key in ("rows_read", "rows_kept")},
        "sha256": data["sha256"],
        "intervals": {
            how: interval_text(ends, "{:.8g}".format) for how, ends in intervals.items() if ends
        },
        "use": "Not fit for prediction" if fit.r_squared < FEEBLE else "To be read with its errors",
        "share": share_text(fit.r_squared),
        "r_squared": f"{fit.r_squared:.2g}",
        "package": Markdown(__name__.partition(".")[0]),
    }
