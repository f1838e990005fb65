"""The types in which every analysis answers, and their form in results.json."""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ...engine import ProjectError

logger = logging.getLogger(__name__)

SMALLEST_P = 1e-300
UNDERFLOW = "p < 1e-300"
Item = Mapping[str, Any]  # what results.json holds: an analysis in one scope, an area, the data
Reasons = dict[str, dict[str, str]]  # name -> scope -> why these rows do not allow it


@dataclass(frozen=True)
class Interval:
    """The published method's interval, which takes the rows as independent; `of` names it."""

    of: str
    low: float
    high: float


@dataclass(frozen=True)
class TwoWayInterval:
    """The same, clustered by area and by occupation; `df` is the fewer clusters less one."""

    low: float
    high: float
    df: float


@dataclass(frozen=True)
class TwoWay:
    """A two-way interval, or None with the reason; `estimates` are the numbers behind it."""

    interval: TwoWayInterval | None = None
    estimates: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EffectSize:
    """How large an effect is, with the ends of its interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """What one analysis found; it never holds NaN or infinity.

    Parameters
    ----------
    name, scope, method : str
        Key in results.json; ``article``, ``detailed`` or ``major`` rows; the test that was run.
    groups, n : tuple of str, tuple of int
        Labels of the compared groups, if any (differences are first minus second); rows used.
    statistic : float
        The test statistic (the slope, for the regression).
    pvalue, log10_pvalue : float or None
        Two-sided p-value, 0.0 where it underflows, and its logarithm, by default of `pvalue`.
    df : float, pair of float or None
        Degrees of freedom; a pair for F statistics.
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
    groups: tuple[str, ...] = ()
    statistic: float
    pvalue: float | None
    log10_pvalue: float | None = None
    df: float | tuple[float, float] | None = None
    n: tuple[int, ...]
    estimates: Mapping[str, float]
    interval: Interval | None = None
    interval_two_way: TwoWayInterval | None = None
    effect_size: EffectSize | None = None
    conclusion: str
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add the logarithm of the p-value; refuse what results.json could not say."""
        if self.log10_pvalue is None and self.pvalue is not None:
            if self.pvalue < SMALLEST_P:
                object.__setattr__(self, "reasons", {"log10_pvalue": UNDERFLOW, **self.reasons})
            else:
                object.__setattr__(self, "log10_pvalue", math.log10(self.pvalue))
        fields = self.to_dict().items()
        silent = [key for key, value in fields if value is None and key not in self.reasons]
        if silent:
            raise ValueError(f"{self.name} ({self.scope}): no reason for {', '.join(silent)}")

    def to_dict(self) -> dict[str, Any]:
        """Return the result as results.json holds it: plain dicts, lists, text and numbers."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return plain


def by_name(results: Item) -> dict[str, dict[str, Item]]:
    """Return the analyses of results.json by their name and scope."""
    found: dict[str, dict[str, Item]] = {}
    for item in results["analyses"]:
        found.setdefault(item["name"], {})[item["scope"]] = item
    return found


def told(results: Item) -> Reasons:
    """Return a sentence for each name and scope: a conclusion, or the reason why there is none.

    Under ``figures`` it is a figure's title, or the reason, by the figure's name.
    """
    said: Reasons = {"figures": {k: f"{each['title']}." for k, each in results["figures"].items()}}
    for item in results["analyses"]:
        said.setdefault(item["name"], {})[item["scope"]] = item["conclusion"]
    for name, reasons in results.get("reasons", {}).items():
        said.setdefault(name, {}).update(reasons)
    return said


@contextmanager
def left_out(reasons: Reasons, name: str, scope: str) -> Iterator[None]:
    """Go on where a ProjectError says that the rows do not allow this; it becomes the reason."""
    try:
        yield
    except ProjectError as error:
        why = str(error).split(": ", 1)[-1]  # without the analysis, which the reason stands under
        reasons.setdefault(name, {})[scope] = f"{why[:1].upper()}{why[1:]}."
        logger.warning("%s (%s) is left out: %s", name, scope, why)
