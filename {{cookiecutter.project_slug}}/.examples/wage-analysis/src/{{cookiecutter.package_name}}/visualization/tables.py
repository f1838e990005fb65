"""The tables of the report: cells that say what the numbers are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..analysis.wording import dollars, p_text

Row = dict[str, str]

TITLES = {
    "management_vs_production": "Management, production: means",
    "management_vs_production_paired": "Management, production: by area",
    "wage_variance_levene": "Management, production: spread",
    "employment_wage_pearson": "Employment, wage: correlation",
    "employment_wage_regression": "Employment, wage: regression",
    "tech_vs_nontech_ztest": "Technology, rest: medians",
    "wage_by_group_anova": "Wages across major groups",
}


def area_rows(results: Mapping[str, Any]) -> list[Row]:
    """Return the highest and lowest areas, with the ranks that they can claim."""
    rows = [*results["areas"]["highest"], *reversed(results["areas"]["lowest"])]
    return [
        {
            "Area": row["area"],
            "Mean annual wage": dollars(row["a_mean"]),
            "Interval": f"{dollars(row['low'])} to {dollars(row['high'])}",
            "Ranks it can claim": f"{row['rank_low']} to {row['rank_high']}"
            if row["rank_low"] < row["rank_high"]
            else f"{row['rank_low']}",
        }
        for row in rows
    ]


def side_by_side(item: Mapping[str, Any]) -> Row:
    """Return one scope of a comparison of two groups: who is counted, how far apart, how sure."""
    first, second = item["groups"]
    n, estimates = item["n"], item["estimates"]
    return {
        "Scope": item["scope"],
        "Rows": f"{n[0]:,} {first}, {n[1]:,} {second}",
        "Mean wages": f"{dollars(estimates['mean_1'])}, {dollars(estimates['mean_2'])}",
        "Difference": dollars(estimates["difference"]),
        "Interval as published": _interval(item["interval"], dollars),
        "Interval to lean on": _interval(item["interval_two_way"], dollars),
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _unbroken(test: str) -> str:
    """Keep both sides of an equation, and 1e-300, on one line of a narrow column."""
    kept = test.replace("e-", "e\N{NON-BREAKING HYPHEN}")
    return re.sub(" ([=<]) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", kept)


def _interval(interval: Mapping[str, Any] | None, form: Any = _number) -> str:
    return f"{form(interval['low'])} to {form(interval['high'])}" if interval else "none"


STATISTICS = {
    "levene": "Levene's W",
    "pearson": "Pearson's r",
    "regression": "slope",
    "ztest": "Z",
    "anova": "F",
    "paired": "paired t",
}


def test_rows(found: Mapping[tuple[str, str], Any]) -> list[Row]:
    """Return all tests, the scopes of an analysis below each other."""
    items = sorted(found.values(), key=lambda item: list(TITLES).index(item["name"]))
    return [_test_row(item) for item in items]


def _test_row(item: Mapping[str, Any]) -> Row:
    statistic = STATISTICS.get(item["name"].rpartition("_")[2], "Welch's t")
    effect = item["effect_size"]
    size = (
        f"{effect['name']} {_number(effect['value'])} ({_interval(effect)})" if effect else "none"
    )
    p = "no p" if item["pvalue"] is None else p_text(item["pvalue"], item["log10_pvalue"])
    test = f"{statistic} = {_number(item['statistic'])}, {p}"
    return {
        "Analysis": TITLES[item["name"]],
        "Scope": item["scope"],
        "Test": _unbroken(test),
        "Interval as published": _interval(item["interval"]),
        "Interval to lean on": _interval(item["interval_two_way"]),
        "Effect size": size,
    }


def assumptions(found: Mapping[tuple[str, str], Any]) -> list[Row]:
    """Return what the tests assume, whether it holds here, and what is done about it."""

    def widened(name: str, what: str) -> str:
        item = found[name, "detailed"]
        wide, narrow = item["interval_two_way"], item["interval"]
        if wide is None or narrow is None:
            return f"not known for {what}"
        ratio = (wide["high"] - wide["low"]) / (narrow["high"] - narrow["low"])
        return f"{ratio:.1f} times as wide for {what}"

    means = found["management_vs_production", "detailed"]
    first, second = means["groups"]
    widths = (
        widened("management_vs_production", f"{first} and {second}"),
        widened("tech_vs_nontech_ztest", "technology"),
        widened("employment_wage_regression", "employment"),
    )
    spread = [dollars(means["estimates"][name]) for name in ("sd_1", "sd_2")]
    rows = (
        (
            "Rows are independent",
            "every test",
            f"No. Intervals that allow for shared areas and occupations are {', '.join(widths)}.",
            "Standard errors are clustered both ways; the F-test is repeated on occupation means.",
        ),
        (
            "Groups have equal variances",
            "the F-test",
            f"The standard deviation is {spread[0]} in {first} and {spread[1]} in {second}.",
            "Welch's t and the unpooled Z do not need it.",
        ),
        (
            "Values are normal",
            "all but Levene's test",
            "No, wages and employment are skewed to the right.",
            "Means of this many rows tolerate it; Levene's test is centred on medians.",
        ),
        (
            "The relation is a straight line",
            "correlation, regression",
            "Hardly: employment spans orders of magnitude, as the figure shows.",
            "The slope's effect size has an interval (HC3) that does not need equal variances.",
        ),
        (
            "The groups are separate samples",
            "Welch's t, Z",
            "No, both come from the same areas.",
            f"{first} and {second} are also compared inside each area.".capitalize(),
        ),
    )
    names = ("Assumption", "Needed by", "Does it hold here?", "What is done")
    return [dict(zip(names, row, strict=True)) for row in rows]
