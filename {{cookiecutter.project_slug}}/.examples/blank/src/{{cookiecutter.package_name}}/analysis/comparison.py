"""Do plants grow taller in the sun?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..study import ProjectError


@dataclass(frozen=True)
class Comparison:
    """Heights in two places: difference of means with its bootstrap interval, in centimetres."""

    name: str
    n: tuple[int, int]
    difference: float
    low: float
    high: float
    conclusion: str


def compare_places(
    plants: pd.DataFrame, *, confidence_level: float, resamples: int, seed: int
) -> Comparison:
    """Compare mean heights in the sun and in the shade, by the percentile bootstrap.

    Raises
    ------
    ProjectError
        If a place has fewer than two plants.
    """
    sun, shade = (
        plants.loc[plants["place"] == p, "height_cm"].to_numpy() for p in ("sun", "shade")
    )
    if min(len(sun), len(shade)) < 2:
        raise ProjectError("compare_places needs two plants in the sun and two in the shade")
    draw = np.random.default_rng(seed)
    sums = [draw.choice(x, (resamples, len(x))).mean(axis=1) for x in (sun, shade)]
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(sums[0] - sums[1], [tail, 1 - tail])
    difference = float(sun.mean() - shade.mean())
    conclusion = (
        f"Plants in the sun are {difference:.1f} cm taller than plants in the shade on average "
        f"({confidence_level:.0%} interval {low:.1f} to {high:.1f} cm)."
    )
    sizes = (len(sun), len(shade))
    return Comparison("sun_vs_shade", sizes, difference, float(low), float(high), conclusion)
