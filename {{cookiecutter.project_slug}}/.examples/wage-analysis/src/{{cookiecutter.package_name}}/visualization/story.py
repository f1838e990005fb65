"""From results to the report: the same facts, told as a short article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.wording import p_text
from ..study import Section
from .tables import Row, area_rows, assumptions, side_by_side, test_rows

Results = Mapping[str, Any]


def tell(results: Results) -> list[Section]:
    """Return the report of a run.

    Parameters
    ----------
    results
        The content of results.json.

    Returns
    -------
    list of Section
        Question, answer, figures with a paragraph each, all tests, limits, next steps, citation.
    """
    found = {(item["name"], item["scope"]): item for item in results["analyses"]}
    paired = found["management_vs_production_paired", "major"]["conclusion"]
    said = {
        name: found[name, "detailed"]["conclusion"] for name, scope in found if scope != "major"
    }
    pearson, regression = said["employment_wage_pearson"], said["employment_wage_regression"]
    return [
        Section("The question", _question(results)),
        Section(
            "The answer in five sentences",
            "\n\n".join(
                [
                    f"{results['figures']['areas']['title']}.",
                    paired,
                    said["wage_by_group_anova"],
                    said["tech_vs_nontech_ztest"],
                    pearson,
                ]
            ),
        ),
        _figure(results, "areas", "Where wages are high and low", _areas(), area_rows(results)),
        _figure(
            results,
            "wage_by_group",
            "What the major groups pay",
            f"{said['wage_by_group_anova']} Each line of the figure runs from the 10th to the "
            "90th percentile of one major group, so it shows how far wages reach inside a group "
            "and how much the groups overlap.",
        ),
        _figure(
            results,
            "management_vs_production",
            "Management and production: the published number and the sound one",
            _two_numbers(results, found, paired),
            [side_by_side(found["management_vs_production", scope]) for scope in SCOPES],
        ),
        Section(
            "Do management wages spread more widely?",
            f"By SOC code, detailed occupations: {said['wage_variance_levene']}\n\nBy title, all "
            f"rows: {found['wage_variance_levene', 'article']['conclusion']}",
        ),
        _figure(
            results,
            "employment_vs_wage",
            "Do cells with many jobs pay more?",
            f"{pearson}\n\n{regression}\n\nWith tens of thousands of rows a test finds relations "
            "that are far too small to matter: a small p-value says that a relation is unlikely "
            "to be exactly nothing, not that it is large. That is how 'significant' and 'next to "
            "nothing' can both be said of the same rows.",
        ),
        _figure(
            results,
            "tech_vs_nontech",
            "Technology against the rest",
            said["tech_vs_nontech_ztest"],
        ),
        _figure(results, "missing", "What the analyses cannot see", _missing(results)),
        Section("All tests, both scopes", TESTS, table=test_rows(found)),
        Section("What each test assumes", ASSUMES, table=assumptions(found)),
        Section("Limits", LIMITS),
        Section("Next steps", NEXT_STEPS),
        Section("How to cite the data", CITATION),
    ]


SCOPES = ("article", "detailed")

TESTS = (
    "The scope 'article' takes all rows and picks groups by title, as the published walk-through "
    "does; 'detailed' takes the detailed occupations and picks groups by SOC code; 'major' takes "
    "the major groups. The first interval is the published method's, which takes the rows as "
    "independent; the second allows for rows that share an area or an occupation, and is the one "
    "to lean on."
)
ASSUMES = (
    "A row is a published estimate for one occupation in one area, not a person, and it is not "
    "weighted by employment: a cell of 30 jobs counts as much as one of a million."
)
LIMITS = (
    "The survey covers wage and salary workers, not the self-employed. Its estimates carry a "
    "sampling error of their own, published as relative standard errors; it is shown for the "
    "areas and left out of the tests. The file holds nearly all published cells and not a sample "
    "of them, so a p-value answers a thought experiment: what if these cells were drawn from "
    "many more like them?\n\n"
    "A difference between groups of occupations is no effect of belonging to one: people, places "
    "and tasks differ in much that this file does not know. Wages are not adjusted for what "
    "things cost in an area."
)
NEXT_STEPS = (
    "Change the groups or the confidence level in configs/wage_analysis.toml and run again; "
    "compare another year or other areas with run --raw FILE; weight cells by employment; "
    "replace the two-way standard error by a bootstrap of areas and occupations."
)
CITATION = (
    "U.S. Bureau of Labor Statistics, Occupational Employment and Wage Statistics, May 2025, "
    "state estimates (published 2026-05-15), https://www.bls.gov/oes/. Public domain. The "
    "workbook of this project was rebuilt from the agency's flat files in the layout of the "
    "official workbook; data/raw/README.md tells how.\n\n"
    "BLS.gov cannot vouch for the data or analyses derived from these data after the data have "
    "been retrieved from BLS.gov."
)


def _question(results: Results) -> str:
    data = results["data"]
    levels = ", ".join(f"{count:,} {level}" for level, count in data["rows_by_level"].items())
    return (
        "Who earns what in the United States, and where: how do areas and occupations differ in "
        "pay, do managers earn more than production workers, do technology occupations, and do "
        "cells with many jobs pay more? And how sure can these numbers make us?\n\n"
        f"The data are the Occupational Employment and Wage Statistics of the U.S. Bureau of "
        f"Labor Statistics: {data['rows_kept']:,} published cells, one for each occupation in "
        f"each of {len(results['areas']['all'])} areas, at several levels of detail ({levels})."
    )


def _figure(
    results: Results, name: str, title: str, text: str, table: Sequence[Row] = ()
) -> Section:
    figure = results["figures"][name]
    return Section(title, text, f"reports/figures/{name}.svg", figure["alt"], table)


def _areas() -> str:
    return (
        "Each dot is the mean annual wage over all occupations, with its 95 % interval from the "
        "published relative standard error. Ranks are less certain than they look: the range of "
        "ranks is what each area can claim when all areas are compared at once (Klein, Wright "
        "and Wieczorek 2020). Most areas share their place with several others."
    )


def _two_numbers(results: Results, found: Mapping[tuple[str, str], Any], paired: str) -> str:
    name = "management_vs_production"
    article, detailed = found[name, "article"], found[name, "detailed"]
    titles = results["data"]["article_titles"]
    first, second = article["groups"]
    count = len(titles[first]) + len(titles[second])
    levels = len(results["data"]["rows_by_level"])
    return (
        f"Done as in the published walk-through, titles that contain the word '{first}' are "
        f"compared with titles that contain '{second}': t = {article['statistic']:.1f} "
        f"({p_text(article['pvalue'], article['log10_pvalue'])}). "
        f"{'At face value that settles it. ' if article['pvalue'] < 0.001 else ''}It should not be "
        f"taken at face value, for three reasons. The words catch only "
        f"{len(titles[first])} titles ({'; '.join(titles[first])}) against {len(titles[second])} "
        f"({'; '.join(titles[second])}), and miss the rest of both groups. All rows are taken, so "
        f"one job can be counted {levels} times: in the total of its area, in its major group and "
        f"in its detailed occupation. And the test treats {sum(article['n']):,} rows as so many "
        f"independent facts, although they are {count} titles that come back in area after area: "
        "rows of one title are alike, and so are rows of one area.\n\n"
        f"Once that is allowed for: {article['conclusion']}\n\n"
        f"The sound comparison takes every detailed occupation once and picks the groups by SOC "
        f"code. {detailed['conclusion']}\n\n"
        f"A third look needs no such allowance, since each area is compared with itself. {paired}"
    )


def _missing(results: Results) -> str:
    data = results["data"]
    marks = data["coerced"].get("A_MEAN", {})
    counts = ", ".join(f"{count:,} are marked {mark}" for mark, count in marks.items())
    top = data["top_coded"]
    groups = ", ".join(f"{code} ({count:,})" for code, count in top["major_groups"].items())
    where = f" They lie in the major groups {groups}." if groups else ""
    return (
        f"Of {data['rows_kept']:,} mean annual wages {sum(marks.values()):,} are missing: "
        f"{counts or 'none'}. The marks do not mean the same. * is a wage that was not released, "
        "or not on that pay basis; ** is an employment that was not released; # is a wage at or "
        "above the survey's ceiling ($239,200 a year in May 2025). So # is not unknown but 'at "
        "least that much', and leaving it out lowers the mean of the best-paid occupations.\n\n"
        f"Here {top['rows']:,} mean wages are top-coded.{where} The analyses leave them out."
    )
