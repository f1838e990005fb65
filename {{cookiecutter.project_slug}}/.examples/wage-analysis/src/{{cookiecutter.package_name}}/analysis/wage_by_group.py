"""How much of the variation of mean wages lies between the major occupation groups?"""

import pandas as pd
from scipy import stats

from ..study import ProjectError
from .effect_sizes import omega_squared
from .results import AnalysisResult, EffectSize, Scope, log10_of
from .selection import scope_rows
from .wording import share_text

NAME = "wage_by_group_anova"


def run_anova(
    df: pd.DataFrame, *, scope: Scope = "detailed", confidence_level: float = 0.95
) -> AnalysisResult:
    """Compare A_MEAN (US$) across the major groups, OCC_CODE[:2], without the ``total`` rows.

    One-way F; effect size: omega squared. An occupation recurs in many areas, so `estimates`
    also hold F and omega squared of the occupations' means, one for each OCC_CODE.

    Raises
    ------
    ProjectError
        If there are fewer than two groups, or no group whose wages vary.
    """
    rows = scope_rows(df, scope, NAME)
    rows = rows[(rows["O_GROUP"] != "total") & rows["A_MEAN"].notna()]
    wages = rows.set_index("OCC_CODE")["A_MEAN"]
    groups = wages.groupby(wages.index.str[:2])
    sizes, k = groups.size(), groups.ngroups
    f = _one_way_f(wages)
    if f is None:
        raise ProjectError(
            f"{NAME} ({scope}): {len(wages)} rows with A_MEAN in {k} major groups; two groups "
            "are needed, and one whose wages vary: check OCC_CODE and O_GROUP in the workbook"
        )
    df_within = len(wages) - k
    pvalue = float(stats.f.sf(f, k - 1, df_within))
    log10_pvalue, reasons = log10_of(pvalue)
    effect = omega_squared(f, k, len(wages), confidence_level)
    estimates = {f"mean_{code}": float(mean) for code, mean in groups.mean().items()}
    estimates["eta_squared"] = (k - 1) * f / ((k - 1) * f + df_within)
    occupations = wages.groupby(level=0).mean()
    of_means = None
    f_means = _one_way_f(occupations)
    if f_means is not None:
        of_means = omega_squared(f_means, k, len(occupations), confidence_level)
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
        scope=scope,
        method="one-way F-test",
        groups=tuple(str(code) for code in sizes.index),
        statistic=f,
        pvalue=pvalue,
        log10_pvalue=log10_pvalue,
        df=(float(k - 1), float(df_within)),
        n=tuple(int(size) for size in sizes),
        estimates=estimates,
        interval=None,
        interval_two_way=None,
        effect_size=effect,
        conclusion=_conclusion(effect, of_means, confidence_level),
        reasons=reasons | {"interval": many, "interval_two_way": many},
    )


def _one_way_f(wages: "pd.Series[float]") -> float | None:
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
