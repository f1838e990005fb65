"""The pages that explain statistics: every number is one of a real run, every block is run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Project
from pages import DOCS, NUMBER, hold_against, printed, shown

PAGES = DOCS / "understand"
# No results: years, sources, levels and names of tests, thought experiments.
PLAIN = r"""
    \b(?:19|20)\d\d\b | 95\ % | HC3 | group\ 29 | a\ cell\ of\ 30\ jobs | a\ million
    | 10,000\ more\ jobs | from\ -1\ to\ 1 | 231\ tests | beside\ \$60,084\ to\ \$85,505
"""
# What the page says under each heading, filled in from results.json.
CLAIMS = {
    "Before any test: what a row is": """
        {data[rows_read]:,} rows, {data[rows_by_level][detailed]:,} of them detailed
        in {data[areas]} areas
    """,
    "Management and production: Welch's t": """
        ${means[estimates][sd_1]:,.0f} and ${means[estimates][sd_2]:,.0f}
        {means[n][0]:,} and {means[n][1]:,} cells
        standard error is ${means[estimates][difference_stderr]:,.0f}
        two-way one ${means[estimates][two_way_stderr]:,.0f}
        occupations (${means[estimates][occupation_stderr]:,.0f})
        areas (${means[estimates][area_stderr]:,.0f})
        average ${means[estimates][mean_1]:,.0f} a year
        production cells ${means[estimates][mean_2]:,.0f}
        ${means[estimates][difference]:,.0f} more
        or {means[estimates][ratio_of_means]:.2f} times
        interval is ${means[interval][low]:,.0f} to ${means[interval][high]:,.0f}
        one ${means[interval_two_way][low]:,.0f} to ${means[interval_two_way][high]:,.0f}
        {means[estimates][probability_of_superiority]:.0%} go that way
        t is {means[statistic]:.1f}
        Hedges' g is {means[effect_size][value]:.2f}
        article finds ${article[means][estimates][difference]:,.0f}
        from ${article[means][below]:,.0f} less to ${article[means][interval_two_way][high]:,.0f}
        more: {article[means][estimates][occupations_1]:.0f} titles
        against {article[means][estimates][occupations_2]:.0f} do
    """,
    "The same, inside each area: the paired t": """
        {paired[n][0]} differences from ${paired[estimates][smallest_difference]:,.0f}
        to ${paired[estimates][largest_difference]:,.0f}
        deviation of ${paired[estimates][difference_sd]:,.0f}
        In {paired[estimates][areas_first_higher]:.0f} of {paired[n][0]} areas
        on average ${paired[estimates][difference]:,.0f}
        interval ${paired[interval][low]:,.0f} to ${paired[interval][high]:,.0f}
        or {paired[estimates][ratio]:.2f} times
        smaller, ${paired[estimates][survey_stderr]:,.0f}
    """,
    "How widely wages spread: Levene's test": """
        mean distances, ${spread[estimates][difference]:,.0f}
        ${spread[interval_two_way][low]:,.0f} to ${spread[interval_two_way][high]:,.0f}
        W is {spread[statistic]:,.0f}
        lie {spread[effect_size][value]:.2f} times
        naive interval {spread[effect_size][low]:.2f} to {spread[effect_size][high]:.2f}
        the ratio is {spread[estimates][log_scale_ratio]:.2f}
        p = {article[spread][pvalue]:.2f}
        p = {article[spread][estimates][mean_centred_pvalue]:.3f}
        ratio {article[spread][estimates][log_scale_ratio]:.2f}
    """,
    "Jobs and wages: Pearson's r": """
        r is {r[statistic]:.3f} over {r[n][0]:,} cells
        interval is {r[interval][low]:.3f} to {r[interval][high]:.3f}
        naive p {r[pvalue]:.0e}
        {r[interval_two_way][low]:.3f} to {r[interval_two_way][high]:.3f}
        explains {r[estimates][r_squared]:.2%} of
    """,
    "A line through them: regression": """
        leverage of {line[estimates][largest_leverage]:.2f}
        with {article[line][estimates][largest_leverage]:.2f}
        mean wage ${line[of_10000]:,.0f} lower
        {line[effect_size][low]:.3f} to {line[effect_size][high]:.3f} dollars
        one {line[interval_two_way][low]:.3f} to {line[interval_two_way][high]:.3f}
        deviation is ${line[estimates][residual_sd]:,.0f}
    """,
    "Technology and the rest: the two-sample Z": """
        {z[n][0]} and {z[n][1]:,} cells
        is ${z[estimates][difference_stderr]:,.0f} naive
        ${z[estimates][two_way_stderr]:,.0f} two-way
        The {z[n][0]} cells are {z[estimates][occupations_1]:.0f} occupations
        ${z[estimates][difference]:,.0f} more
        interval ${z[interval_two_way][low]:,.0f} to ${z[interval_two_way][high]:,.0f}
        in {z[estimates][probability_of_superiority]:.0%} of random
        Z is {z[statistic]:.1f}
        it is ${z_jobs[value]:,.0f} (${z_jobs[low]:,.0f} to ${z_jobs[high]:,.0f})
    """,
    "Wages across the major groups: the F-test": """
        {f[groups]} groups at once
        F {f[estimates][occupation_means_f]:.1f} against {f[statistic]:.0f}
        {f[effect_size][value]:.1%} of the variation
        between {f[estimates][occupations]:.0f} occupations
        {f[estimates][occupation_means_omega_squared]:.1%} (interval
        {f[estimates][occupation_means_omega_squared_low]:.1%} to
        {f[estimates][occupation_means_omega_squared_high]:.1%})
    """,
    "Which area pays most: ranges of ranks": """
        between {areas[rse_low]} and {areas[rse_high]} %
        {areas[1][area]} pays most, ${areas[1][a_mean]:,.0f}
        (${areas[1][low]:,.0f} to ${areas[1][high]:,.0f})
        {areas[54][area]} least, ${areas[54][a_mean]:,.0f}
        {areas[certain]} of {areas[count]} ranks
        {areas[3][area]} is third and {areas[4][area]} fourth
        {areas[26][area]} is {areas[26][rank]}th
        from {areas[26][rank_low]}nd to {areas[26][rank_high]}st
    """,
    "Whether other methods say the same: the robustness table": """
        {methods[rows]} rows in all
        {methods[agree]} do. The {methods[disagree]} that do not
        (${drawn[low]:,.0f} to ${drawn[high]:,.0f},
        (${of_means[low]:,.0f} to ${of_means[high]:,.0f},
        {occupations})
        by jobs, ${jobs[value]:,.0f} (${jobs[low]:,.0f} to ${jobs[high]:,.0f})
    """,
    "What is hidden at the top: bounds": """
        at least ${top[ceiling]:,.0f} a year
        All {top[groups][0][top_coded]} such cells
        is ${top[groups][0][dropped]:,.0f} with
        least ${top[groups][0][lower_bound]:,.0f} with them
        ${top[groups][0][at_mean]:,.0f} and ${top[groups][0][at_maximum]:,.0f}
        Z goes from {top[numbers][2][dropped]:.1f} to {top[numbers][2][lower_bound]:.1f}
        from {top[numbers][1][dropped]:.3f} to {top[numbers][1][lower_bound]:.3f}
    """,
}
NAMES = {
    "means": "management_vs_production",
    "spread": "wage_variance_levene",
    "r": "employment_wage_pearson",
    "line": "employment_wage_regression",
    "z": "tech_vs_nontech_ztest",
    "f": "wage_by_group_anova",
}


@pytest.fixture(scope="module")
def found(live_project: Project) -> dict[str, Any]:
    """What a real run found, under the short names of the claims."""
    results = json.loads((live_project.path / "reports/results.json").read_text("utf-8"))
    tests = {(test["scope"], test["name"]): test for test in results["analyses"]}
    said: dict[str, Any] = {short: tests["detailed", name] for short, name in NAMES.items()}
    said["article"] = {short: tests["article", name] for short, name in NAMES.items()}
    said["article"]["means"]["below"] = -said["article"]["means"]["interval_two_way"]["low"]
    said["line"]["of_10000"] = -10_000 * said["line"]["statistic"]
    said["f"]["groups"] = len(said["f"]["groups"])
    said["paired"] = tests["major", "management_vs_production_paired"]
    areas = results["areas"]["all"]
    said["areas"] = {area["rank"]: area for area in areas} | {
        "certain": sum(area["rank_low"] == area["rank_high"] for area in areas),
        "count": len(areas),
        "rse_low": min(area["rse"] for area in areas),
        "rse_high": max(area["rse"] for area in areas),
    }
    sizes = [said["means"]["estimates"][f"occupations_{i}"] for i in (1, 2)]
    said["occupations"] = "{:.0f} occupations against {:.0f}".format(*sizes)
    methods = results["robustness"]
    by_name = {(row["question"], row["method"]): row for row in methods}
    bootstrap = "bootstrap of areas and occupations"
    weighted = f"means of A_MEAN weighted by jobs, {bootstrap}"
    said["drawn"] = by_name[NAMES["means"], f"means, {bootstrap}"]
    said["of_means"] = by_name[NAMES["means"], "Welch's t of occupation means"]
    said["jobs"] = by_name[NAMES["means"], weighted]
    said["z_jobs"] = by_name[NAMES["z"], weighted]
    agree = [row["agrees"] for row in methods].count(True)
    said["methods"] = {"rows": len(methods), "agree": agree, "disagree": len(methods) - agree}
    return said | {"top": results["top_coding"], "data": results["data"]}


def prose(page: Path) -> dict[str, str]:
    """Return the text of each section of a page on one line, without code and blocks."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"^##? (.+)$", re.sub(r"`[^`]+`", "", text), flags=re.MULTILINE)
    return {
        heading: " ".join(words.split())
        for heading, words in zip(parts[1::2], parts[2::2], strict=True)
    }


def said_of(claims: str, found: dict[str, Any]) -> list[str]:
    """Fill in the claims of a section, one a line; a space that % wants stands before it."""
    filled = [line.strip().format_map(found) for line in claims.strip().splitlines()]
    return [re.sub(r"(?<=\d)%", " %", line) for line in filled]


@pytest.mark.slow
@pytest.mark.parametrize("heading", CLAIMS)
def test_every_number_of_the_statistics_is_that_of_a_run(
    heading: str, found: dict[str, Any]
) -> None:
    text = prose(PAGES / "statistics.md")[heading]
    claims = said_of(CLAIMS[heading], found)
    assert [claim for claim in claims if claim not in text] == []
    for claim in sorted(claims, key=len, reverse=True):
        text = text.replace(claim, " ")
    rest = re.findall(NUMBER, re.sub(PLAIN, " ", text, flags=re.VERBOSE))
    assert rest == [], f"numbers that no claim covers: {rest}"


def test_every_section_of_the_statistics_has_its_numbers_checked() -> None:
    headings = [*prose(PAGES / "statistics.md")][1:]
    assert headings == [*CLAIMS, "Sources"]


def test_each_test_has_its_five_answers() -> None:
    sections = prose(PAGES / "statistics.md")
    for heading in [*CLAIMS][1:]:
        text = sections[heading]
        assert "**What would change the conclusion.**" in text, heading
        if "robustness" not in heading:
            for start in ("**Why", "**What", "hold?**|here?**", "**What the number means.**"):
                assert any(each in text for each in start.split("|")), (heading, start)


@pytest.mark.slow
def test_counting_twice_prints_what_it_shows(live_project: Project, tmp_path: Path) -> None:
    page = PAGES / "counting_twice.md"
    said = printed(live_project, page, tmp_path)
    assert said == [output or "" for _, output in shown(page)]


@pytest.mark.slow
def test_the_prose_of_counting_twice_has_the_numbers_of_its_blocks(found: dict[str, Any]) -> None:
    page = PAGES / "counting_twice.md"
    outputs = " ".join(output or "" for _, output in shown(page))
    known = {*re.findall(NUMBER, outputs), *re.findall(NUMBER, f"{found['data']['areas']}")}
    means, article = found["means"], found["article"]["means"]
    known |= {f"{article['pvalue']:.0e}", f"{round(means['estimates']['difference'], -3):,.0f}"}
    known |= {
        f"{article['interval_two_way']['high'] // 1000 * 1000:,.0f}",
        "13",
        "25",
        "29",
        "2011",
    }
    known |= {f"{article['estimates'][f'occupations_{i}']:.0f}" for i in (1, 2)}
    text = " ".join(" ".join(prose(page).values()).split())
    assert {*re.findall(NUMBER, text)} <= known
    naive, two_way = means["interval"], means["interval_two_way"]
    assert round((two_way["high"] - two_way["low"]) / (naive["high"] - naive["low"])) == 6


@pytest.mark.slow
def test_the_digits_go_wrong_as_far_as_the_page_says(live_digits: Project, tmp_path: Path) -> None:
    page = PAGES / "digits_gone_wrong.md"
    for ours, (_, told) in zip(printed(live_digits, page, tmp_path), shown(page), strict=True):
        hold_against(ours, told or "")


@pytest.mark.slow
def test_what_the_digits_project_guards_with_is_there(live_digits: Project) -> None:
    text = (PAGES / "digits_gone_wrong.md").read_text("utf-8")
    package = live_digits.path / "src/digits_classification"
    modules = set(re.findall(r"`((?:data|features|models|evaluation)/\w+\.py)`", text))
    assert len(modules) >= 6
    assert [module for module in sorted(modules) if not (package / module).is_file()] == []
    for module, name in (
        ("data/splitting.py", "count_copies"),
        ("evaluation/explanation.py", "calibration"),
        ("models/candidates.py", "CalibratedClassifierCV"),
    ):
        assert name in (package / module).read_text("utf-8")
    results = json.loads((live_digits.path / "reports/results.json").read_text("utf-8"))
    assert results["calibration"]
    assert (live_digits.path / "models/registry/history.jsonl").is_file()
