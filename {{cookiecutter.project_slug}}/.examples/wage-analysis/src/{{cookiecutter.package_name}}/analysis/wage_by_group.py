"""How much do mean wages differ between the major occupation groups, and inside them?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..data.row_selection import Question, Scope, Wages, rows_of_level, select
from ..engine import ProjectError
from .statistics.effect_sizes import omega_squared
from .statistics.number_formats import share_text
from .statistics.results import AnalysisResult, EffectSize

NAME = "wage_by_group_anova"
SPREAD = "wage_by_group: a comparison of percentiles by major group"
PERCENTILES = ("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90")


def run_anova(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Compare A_MEAN (US$) across the major groups, OCC_CODE[:2], without the ``total`` rows.

    One-way F; effect size: omega squared. An occupation recurs in many areas, so `estimates`
    also hold F and omega squared of the occupations' means, one for each OCC_CODE.
    """
    chosen = select(df, Question(scope), NAME)
    rows, level = chosen.rows, chosen.question.confidence_level
    rows = rows[(rows["O_GROUP"] != "total") & rows["A_MEAN"].notna()]
    wages = rows.set_index("OCC_CODE")["A_MEAN"]
    groups = wages.groupby(wages.index.str[:2])
    sizes, k = groups.size(), groups.ngroups
    f = _one_way_f(wages)
    if f is None:
        raise chosen.error(
            f"two major groups with A_MEAN are needed, and wages that vary inside one; this file "
            f"has {k}"
        )
    df_within = len(wages) - k
    effect = omega_squared(f, k, len(wages), level)
    estimates = {f"mean_{code}": float(mean) for code, mean in groups.mean().items()}
    estimates["eta_squared"] = (k - 1) * f / ((k - 1) * f + df_within)
    occupations = wages.groupby(level=0).mean()
    of_means = None
    if (f_means := _one_way_f(occupations)) is not None:
        of_means = omega_squared(f_means, k, len(occupations), level)
        estimates |= {
            "occupations": float(len(occupations)),
            "occupation_means_f": f_means,
            "occupation_means_omega_squared": of_means.value,
            "occupation_means_omega_squared_low": of_means.low,
            "occupation_means_omega_squared_high": of_means.high,
        }
    many = "the F-test compares more than two groups, so no single difference has an interval"
    return AnalysisResult(
        name=NAME,
        scope=chosen.question.scope,
        method="one-way F-test",
        groups=tuple(str(code) for code in sizes.index),
        statistic=f,
        pvalue=float(stats.f.sf(f, k - 1, df_within)),
        df=(float(k - 1), float(df_within)),
        n=tuple(int(size) for size in sizes),
        estimates=estimates,
        effect_size=effect,
        conclusion=_conclusion(effect, of_means, level),
        reasons={"interval": many, "interval_two_way": many},
    )


@dataclass(frozen=True)
class GroupSpread:
    """A major group's annual wage percentiles (US$) and jobs, over the areas that publish them."""

    code: str
    title: str
    p10: float
    p25: float
    median: float
    p75: float
    p90: float
    employment: float
    areas: int


def wage_spread_by_group(df: pd.DataFrame) -> tuple[GroupSpread, ...]:
    """Return the wage percentiles of each major group, the highest median first.

    Means over the areas weighted by employment: what the typical job of the group meets where it
    is. Each job counts once, so the Virgin Islands do not weigh as much as California, and five
    percentiles from the same rows stay in order. Areas without all five are left out.

    Raises
    ------
    ProjectError
        If fewer than two major groups have rows with all five percentiles and TOT_EMP.
    """
    major = rows_of_level(df, "major", SPREAD).dropna(subset=[*PERCENTILES, "TOT_EMP"])
    if (n := major["OCC_CODE"].nunique()) < 2:
        raise ProjectError(
            f"{SPREAD} needs two groups with TOT_EMP and all five of the annual wage; this file "
            f"has {n}"
        )
    spreads = []
    for code, rows in major.groupby("OCC_CODE"):
        weights = rows["TOT_EMP"].to_numpy(np.float64)
        wages = rows[list(PERCENTILES)].to_numpy(np.float64)
        p10, p25, median, p75, p90 = np.average(wages, axis=0, weights=weights).tolist()
        title, jobs = str(rows["OCC_TITLE"].iloc[0]), float(weights.sum())
        spreads.append(GroupSpread(str(code), title, p10, p25, median, p75, p90, jobs, len(rows)))
    return tuple(sorted(spreads, key=lambda spread: (-spread.median, spread.code)))


def _one_way_f(wages: pd.Series[float]) -> float | None:
    """Return F of `wages` by the first two digits of their index, None where it has none."""
    groups = wages.groupby(wages.index.str[:2])
    if groups.ngroups < 2 or not (groups.max() > groups.min()).any():
        return None
    return float(stats.f_oneway(*(values.to_numpy() for _, values in groups)).statistic)


def _conclusion(effect: EffectSize, of_means: EffectSize | None, level: float) -> str:
    share = max(effect.value, 0.0)
    inside = "the larger part lies" if share < 0.5 else "the smaller part lies"
    occupations = "each group has too few occupations to allow for their sharing"
    if of_means is not None:
        low, high = share_text(of_means.low), share_text(of_means.high)
        occupations = (
            f"between occupations, each counted once, {share_text(max(of_means.value, 0.0))}, "
            f"{100 * level:g} % interval {low} to {high}"
        )
        if of_means.low == 0:
            occupations += ", so it may be none at all"
    return (
        f"The major group accounts for about {share_text(share)} of the variation of mean wages "
        f"between cells ({occupations}); {inside} inside the groups."
    )
