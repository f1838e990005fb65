"""Are plants in the sun taller than plants in the shade, and how sure is that?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine import ProjectError


@dataclass(frozen=True)
class Comparison:
    """Mean height in the sun less that in the shade, with its bootstrap interval, in cm."""

    name: str
    n: tuple[int, int]
    difference: float
    low: float
    high: float
    confidence_level: float
    title: str
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
    sun, shade = (plants["height_cm"][plants["place"] == p].to_numpy() for p in ("sun", "shade"))
    if min(len(sun), len(shade)) < 2:
        raise ProjectError("compare_places needs two plants in the sun and two in the shade")
    draw = np.random.default_rng(seed)
    means = [draw.choice(x, (resamples, len(x))).mean(axis=1) for x in (sun, shade)]
    tail = (1 - confidence_level) / 2
    low, high = map(float, np.quantile(means[0] - means[1], [tail, 1 - tail]))
    difference = float(sun.mean() - shade.mean())
    word = "taller" if difference >= 0 else "shorter"
    title = f"Plants in the sun are {abs(difference):.1f} cm {word} on average"
    interval = f"{100 * confidence_level:g} % interval of the difference {low:.1f} to {high:.1f} cm"
    numbers = ((len(sun), len(shade)), difference, low, high, confidence_level)
    return Comparison("sun_vs_shade", *numbers, title, f"{title} in this sample ({interval}).")
