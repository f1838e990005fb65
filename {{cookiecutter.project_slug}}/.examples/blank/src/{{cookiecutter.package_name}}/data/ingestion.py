"""The door by which raw data comes in."""

from pathlib import Path

import pandas as pd

from ..study import ProjectError


def read_plants(path: Path) -> pd.DataFrame:
    """Read the table of plants: `place` (text) and `height_cm` (centimetres), one row a plant.

    Raises
    ------
    ProjectError
        If it is no table, a column is missing, or a height is no positive number.
    """
    try:
        plants = pd.read_csv(path)
    except ValueError as error:  # also no columns, ragged rows, no UTF-8
        raise ProjectError(f"{path} is no table: {error}") from error
    missing = [name for name in ("place", "height_cm") if name not in plants.columns]
    if missing:
        raise ProjectError(
            f"{path} has no column {', '.join(missing)}: add it, or change {__name__}"
        )
    plants["height_cm"] = pd.to_numeric(plants["height_cm"], errors="coerce")
    if not (plants["height_cm"] > 0).all():
        row = int((~(plants["height_cm"] > 0)).argmax()) + 2
        raise ProjectError(f"{path}, line {row}: height_cm is no positive number: mend the file")
    return plants[["place", "height_cm"]]
