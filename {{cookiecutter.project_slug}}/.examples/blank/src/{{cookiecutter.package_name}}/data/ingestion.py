"""The door by which raw data comes in."""

from pathlib import Path

import pandas as pd

from ..engine import ProjectError


def read_raw(path: Path) -> pd.DataFrame:
    """Read the table of plants: `place` (sun, shade) and `height_cm` (centimetres), a row a plant.

    Raises
    ------
    ProjectError
        If it is no such table, or a row says something else.
    """
    try:
        plants = pd.read_csv(path)[["place", "height_cm"]]
    except (KeyError, ValueError) as error:  # no such columns; ragged rows, no UTF-8
        raise ProjectError(f"{path} is no table of plants: {str(error).strip()}") from error
    plants["height_cm"] = pd.to_numeric(plants["height_cm"], errors="coerce")
    for line, (place, height) in enumerate(plants.to_numpy().tolist(), start=2):
        if place not in ("sun", "shade") or not 0 < height < float("inf"):
            what = "place is not sun or shade, or height_cm no positive number"
            raise ProjectError(f"{path}, line {line}: {what}: mend it")
    return plants
