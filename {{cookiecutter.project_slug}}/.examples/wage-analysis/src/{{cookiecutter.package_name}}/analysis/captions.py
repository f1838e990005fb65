"""What each figure says: its title, which is the answer, and its finding for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from statistics import median
from typing import Any

import pandas as pd

from ..data.preprocessing import NUMERIC_COLUMNS, TOP_CODE
from .statistics.number_formats import money, ranks_text, ratio_text, sentence_start
from .statistics.results import Item, Reasons, by_name
from .wage_by_group import GroupSpread

ByScope = Mapping[str, Item]
Marks = Mapping[str, Mapping[str, int]]  # column -> mark in place of a number -> rows
Caption = dict[str, str]  # the figure's title and alt, its alternative text

SHOWS = {  # what a figure shows, in all its scopes: without one of them it is not drawn
    "areas": "areas",
    "wage_by_group": "wage_by_group",
    "management_vs_production": "management_vs_production",
    "employment_vs_wage": "employment_wage_pearson",
    "tech_vs_nontech": "tech_vs_nontech_ztest",
}
HEADS = {
    "article": "The article: all rows, by title",
    "detailed": "Sound: detailed rows, by SOC code",
}


def captions(results: Item, spreads: Sequence[GroupSpread], marks: Marks) -> dict[str, Caption]:
    """Return the caption of every figure that is drawn, by the name of the figure's file.

    Of the content of results.json ``data``, ``analyses``, ``areas`` and ``reasons`` are read;
    `spreads` and `marks` are what `wage_spread_by_group` and `marks_by_column` return.
    """
    shown: dict[str, Any] = {**by_name(results), "wage_by_group": spreads}
    shown["areas"] = results["areas"]["all"]
    said: dict[str, Callable[[Any], Caption]] = {
        "areas": areas,
        "wage_by_group": wage_by_group,
        "management_vs_production": management_vs_production,
        "employment_vs_wage": employment_vs_wage,
        "tech_vs_nontech": tech_vs_nontech,
    }
    undrawn = results["reasons"].get("figures", {})
    found = {name: say(shown[SHOWS[name]]) for name, say in said.items() if name not in undrawn}
    return found | ({"missing": missing(marks, results["data"]["rows_kept"])} if marks else {})


def undrawn(reasons: Reasons, marks: Marks) -> Reasons:
    """Return why figures are not drawn, under ``figures`` by their names, where there are any."""
    why = {name: [*reasons[of].values()][-1] for name, of in SHOWS.items() if of in reasons}
    if not marks:
        why["missing"] = "No column of numbers holds anything."
    return {"figures": why} if why else {}


def marks_by_column(df: pd.DataFrame, coerced: Marks) -> dict[str, Mapping[str, int]]:
    """Return the marks of each numeric column that is not empty, the most marked column first.

    `coerced` counts the cells that became missing, as `preprocess_wage_data` does.
    """
    marks = {c: coerced.get(c, {}) for c in NUMERIC_COLUMNS if c in coerced or df[c].notna().any()}
    return dict(sorted(marks.items(), key=lambda item: -sum(item[1].values())))


def marks_text(marks: Mapping[str, int], rows: int) -> str:
    """Return a column's marks as shares of all rows, such as ``* 1.7 %, # 0.2 %``."""
    return ", ".join(f"{mark} {100 * n / rows:.1f} %" for mark, n in marks.items()) or "none"


def wage_name(column: str) -> str:
    """Return what the wages of a column are: ``annual wage, 10th percentile``."""
    basis, _, which = column.partition("_")
    wage = f"{which[3:]}th percentile" if which.startswith("PCT") else which.lower()
    return f"{'hourly' if basis == 'H' else 'annual'} wage, {wage}"


def short_title(spread: GroupSpread) -> str:
    """Return the title of a major group without the word that all of them share."""
    return spread.title.removesuffix(" Occupations")


def areas(ranked: Sequence[Item]) -> Caption:
    """Say which areas pay most and least, and how many ranks are certain; the highest is first."""
    sure = sum(area["rank_low"] == area["rank_high"] for area in ranked)
    first, last = ranked[0], ranked[-1]
    title = (
        f"{first['area']} pays most, {money(first['a_mean'])} a year on average, {last['area']} "
        f"least, {money(last['a_mean'])}; {sure or 'none'} of {len(ranked)} ranks "
        f"{'are' if sure > 1 else 'is'} certain"
    )
    high, low = (
        ", ".join(f"{a['area']} {money(a['a_mean'])} (rank {ranks_text(a)})" for a in end)
        for end in (ranked[:3], ranked[::-1][:3])
    )
    middle = money(median(area["a_mean"] for area in ranked))
    return {"title": title, "alt": f"{title}. Highest: {high}. Lowest: {low}. Median {middle}."}


def wage_by_group(spreads: Sequence[GroupSpread]) -> Caption:
    """Say which major groups pay most and least, and where wages spread widest."""
    first, last = spreads[0], spreads[-1]
    widest = max(spreads, key=lambda spread: spread.p90 / spread.p10)
    title = (
        f"{short_title(first)} pays most, a median of {money(first.median)}, and "
        f"{short_title(last)} least, {money(last.median)}; wages spread widest in "
        f"{short_title(widest)}, {ratio_text(widest.p90 / widest.p10)} to 1"
    )
    groups = "; ".join(
        f"{short_title(s)} {money(s.median)} ({money(s.p10)} to {money(s.p90)})" for s in spreads
    )
    alt = f"{title}. Medians, with the 10th to the 90th percentile: {groups}."
    return {"title": title, "alt": alt}


def management_vs_production(found: ByScope) -> Caption:
    """Say who is paid more by SOC code, and whether the article's rows could settle that."""
    article, detailed = found["article"], found["detailed"]
    first, second = detailed["groups"]
    gap = detailed["estimates"]["difference"]
    title = f"{sentence_start(first)} is paid {money(abs(gap))} a year "
    title += f"{'more' if gap > 0 else 'less'} than {second}; the article's "
    if _unsettled(detailed):
        title = f"Whether {first} or {second} is paid more is not settled"
    elif _unsettled(article):
        one, two = (round(article["estimates"][f"occupations_{i}"]) for i in (1, 2))
        title += f"{one} titles against {two} could not settle that"
    else:
        agree = gap * article["estimates"]["difference"] > 0
        title += "rows agree" if agree else "rows say the reverse"
    alt = " ".join(f"{head}. {found[scope]['conclusion']}" for scope, head in HEADS.items())
    return {"title": title, "alt": alt}


def employment_vs_wage(found: ByScope) -> Caption:
    """Say how the jobs of a detailed cell go with its wage, by their correlation."""
    r = found["detailed"]["statistic"]
    title = f"Cells with more jobs tend to have {'higher' if r > 0 else 'lower'} wages"
    if abs(r) < 0.1:
        title = "How many jobs a cell has says next to nothing about its wage"
    kept = f"r\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{r:.2f}"
    if _unsettled(found["detailed"]):
        known = _leading(found["detailed"])["high"] < inf
        kept += "; its interval includes 0" if known else "; it has no interval"
    return {"title": f"{title} ({kept})", "alt": _both_conclusions(found)}


def tech_vs_nontech(found: ByScope) -> Caption:
    """Say between which amounts the group's wages lie above or below all others."""
    group, interval = found["detailed"]["groups"][0], _leading(found["detailed"])
    near, far = sorted((abs(interval["low"]), abs(interval["high"])))
    title = f"{sentence_start(group)} cells are paid {money(near)} to {money(far)} a year "
    title += f"{'more' if interval['low'] > 0 else 'less'} than all others"
    if _unsettled(found["detailed"]):
        title = f"Whether {group} cells are paid more than all others is not settled"
    return {"title": title, "alt": _both_conclusions(found)}


def missing(marks: Marks, rows: int) -> Caption:
    """Say how much of wages and employment is hidden, and which columns hide the same."""
    wages, jobs = (100 * sum(marks.get(c, {}).values()) / rows for c in ("A_MEAN", "TOT_EMP"))
    title = f"{wages:.1f} % of the rows hide their mean annual wage, {jobs:.1f} % their employment"
    if highest := marks.get("A_MEAN", {}).get(TOP_CODE):
        title += f"; {highest:,} of the hidden wages are among the highest"
    alike: dict[str, list[str]] = {}
    for column, found in marks.items():
        alike.setdefault(marks_text(found, rows), []).append(column)
    said = " ".join(f"{', '.join(columns)}: {text}." for text, columns in alike.items())
    return {"title": title, "alt": f"{title}. {said}"}


def _leading(item: Item) -> Any:
    return item["interval_two_way"] or item["interval"] or {"low": -inf, "high": inf}


def _unsettled(item: Item) -> bool:
    return bool(_leading(item)["low"] <= 0 <= _leading(item)["high"])


def _both_conclusions(found: ByScope) -> str:
    return f"{found['detailed']['conclusion']} In all rows: {found['article']['conclusion']}"
