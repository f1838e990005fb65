"""What the report says of other methods, and of top-coded wages: sentences and tables."""

from __future__ import annotations

from typing import Any

from ..analysis.statistics.number_formats import dollars, interval_text, number_text, p_text
from ..analysis.statistics.results import Item, by_name

CONCLUSIONS = {
    "management_vs_production": "management and production",
    "wage_variance_levene": "the spread of their wages",
    "employment_wage_pearson": "jobs and wages",
    "tech_vs_nontech_ztest": "technology and the rest",
    "wage_by_group_anova": "the major groups",
}
ASSUMED = {
    "dropped": "# left out",
    "lower_bound": "at the ceiling, the least it can be",
    "at_mean": "at the occupation's mean (a scenario)",
    "at_maximum": "at its maximum (a scenario)",
}
STANDS = {True: "stands", False: "does not stand", None: "not computed"}


def method_values(results: Item) -> dict[str, Any]:
    """Return what `report.md.j2` is filled in with: ``robustness`` and ``top_coding`` in words."""
    bounds = results["top_coding"]
    ceiling = f"{dollars(bounds['ceiling'])} a year in this file" if bounds["ceiling"] else ""
    return {
        "stands": stands(results["robustness"]),
        "checks": [check_row(check) for check in results["robustness"]],
        "ceiling": ceiling or bounds["reasons"]["lower_bound"],
        "bounds": [*map(_group_row, bounds["groups"]), *map(_number_row, bounds["numbers"])],
        "untouched": untouched(results),
    }


def stands(checks: list[Item]) -> str:
    """Say in one sentence which conclusions stand under all methods, and which do not."""
    firm, broken = list[str](), list[str]()
    for question, name in CONCLUSIONS.items():
        held = [c for c in checks if c["question"] == question and c["agrees"] is not None]
        against = [c["method"] for c in held if not c["agrees"]]
        if against:
            broken.append(f"but that on {name} does not under {'; '.join(against)}")
        elif held:
            firm.append(name)
    if not (firm or broken):
        return "No conclusion could be held against another method."
    all_firm = f"these conclusions stand: {'; '.join(firm)}" if firm else "no conclusion stands"
    said = "; ".join([f"Under every method that could be computed {all_firm}", *broken])
    return f"{said}."


def check_row(check: Item) -> dict[str, str]:
    """Return one method: its value with the unit, its interval or p, and whether they stand."""
    value, interval = "none", check["reason"]
    if check["value"] is not None:
        value = with_unit(number_text(check["value"]), check["unit"])
        interval = interval_text(check) if check["low"] is not None else p_text(0, check["log10_p"])
    return {
        "Conclusion on": CONCLUSIONS[check["question"]],
        "Method": check["method"],
        "Value": value,
        "Its interval, or p": interval,
        "The conclusion": STANDS[check["agrees"]],
    }


def interval_with_unit(interval: Item | None, unit: str) -> str:
    """Return both ends and their unit, ``none`` for None."""
    return with_unit(interval_text(interval), unit) if interval else "none"


def lean_on(item: Item, unit: str) -> str:
    """Return the interval of a test to lean on, or what there is in its place."""
    estimates, name = item["estimates"], "occupation_means_omega_squared"
    if f"{name}_low" in estimates:
        value, low, high = (number_text(estimates[f"{name}{end}"]) for end in ("", "_low", "_high"))
        return f"omega squared of occupation means, {value}: {low} to {high}"
    if item["interval_two_way"] is None:
        what = "as published" if item["interval"] else "none"
        return f"{what}: {item['reasons'].get('interval_two_way', 'not computed')}"
    return interval_with_unit(item["interval_two_way"], unit)


def untouched(results: Item) -> str:
    """Say which groups have no top-coded wage, and which conclusion that keeps as it is."""
    groups, unknown = (results["top_coding"][key] for key in ("untouched", "reasons"))
    compared = by_name(results).get("management_vs_production", {}).get("detailed", {})
    if "groups" in unknown:
        return f"Whether that touches a compared group cannot be told: {unknown['groups']}."
    if not groups:
        return "Each of the compared groups has top-coded wages."
    said = f"No detailed cell of {', '.join(groups)} is top-coded, so # cannot change their means"
    if {*compared.get("groups", "?")} <= {*groups}:
        said += f", nor anything that compares {' with '.join(compared['groups'])}"
    return f"{said}."


def with_unit(number: str, unit: str) -> str:
    """Return a number and its unit, which may be empty."""
    return f"{number} {unit}".strip()


def _group_row(group: Item) -> dict[str, str]:
    counts = f"{group['top_coded']:,} #, {group['published']:,} published"
    row = {"Number": f"mean of major group {group['group']}, US$ ({counts})"}
    return row | _assumed(group)


def _number_row(number: Item) -> dict[str, str]:
    return {"Number": f"{CONCLUSIONS[number['analysis']]}: {number['quantity']}"} | _assumed(number)


def _assumed(values: Item) -> dict[str, str]:
    said = {how: values[how] for how in ASSUMED}
    return {ASSUMED[h]: "unknown" if v is None else number_text(v) for h, v in said.items()}
