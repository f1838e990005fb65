"""The types in which every analysis answers, and their form in results.json."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Scope = Literal["article", "detailed"]

SMALLEST_P = 1e-300
UNDERFLOW = "p < 1e-300"


@dataclass(frozen=True)
class Interval:
    """The published method's interval, which takes the rows as independent; `of` names it."""

    of: str
    low: float
    high: float


@dataclass(frozen=True)
class TwoWayInterval:
    """The same interval with its standard error clustered by area and occupation.

    `df` belongs to its t quantile: the smaller number of clusters, less one.
    """

    low: float
    high: float
    df: float


@dataclass(frozen=True)
class EffectSize:
    """How large an effect is, with the ends of its interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AnalysisResult:
    """What one analysis found; it never holds NaN or infinity.

    Parameters
    ----------
    name, scope, method : str
        Key in results.json; ``article``, ``detailed`` or ``major`` rows; the test that was run.
    groups : tuple of str
        Labels of the compared groups, if any; differences are first minus second.
    statistic : float
        The test statistic (the slope, for the regression).
    pvalue, log10_pvalue : float or None
        Two-sided p-value, 0.0 where it underflows (`wording.p_text` knows), and its logarithm.
    df : float, pair of float or None
        Degrees of freedom; a pair for F statistics.
    n : tuple of int
        Rows used, by group.
    estimates : mapping of str to float
        Further numbers: wages in US$, ratios, counts.
    interval, interval_two_way, effect_size
        The published interval, the one for shared areas and occupations, the effect size.
    conclusion : str
        What was compared, by how much, and how sure, in plain words.
    reasons : mapping of str to str
        Why a field is None, by its name.

    Raises
    ------
    ValueError
        If a number is not finite, or a field is None without a reason.
    """

    name: str
    scope: Literal["article", "detailed", "major"]
    method: str
    groups: tuple[str, ...]
    statistic: float
    pvalue: float | None
    log10_pvalue: float | None
    df: float | tuple[float, float] | None
    n: tuple[int, ...]
    estimates: Mapping[str, float]
    interval: Interval | None
    interval_two_way: TwoWayInterval | None
    effect_size: EffectSize | None
    conclusion: str
    reasons: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse what results.json could not say."""
        silent = [key for key, value in self.to_dict().items() if value is None]
        silent = [key for key in silent if key not in self.reasons]
        if silent:
            raise ValueError(f"{self.name} ({self.scope}): no reason for {', '.join(silent)}")

    def to_dict(self) -> dict[str, Any]:
        """Return the result as results.json holds it: plain dicts, lists, text and numbers."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return plain


def log10_of(p: float) -> tuple[float | None, dict[str, str]]:
    """Return log10 of a p-value, or None with its entry for ``reasons`` where `p` underflows."""
    return (None, {"log10_pvalue": UNDERFLOW}) if p < SMALLEST_P else (math.log10(p), {})
