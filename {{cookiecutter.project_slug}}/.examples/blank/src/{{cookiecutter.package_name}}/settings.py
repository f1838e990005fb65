"""What a reader may change, typed; the paths of the study's files."""

from pydantic import Field

from .engine import FIGURES, Settings

TABLE = "data/processed/plants.csv"
FIGURE = (f"{FIGURES}/heights.svg", f"{FIGURES}/heights.png")


class StudySettings(Settings):
    """What a reader may change, in configs/settings.toml."""

    confidence_level: float = Field(default=0.95, gt=0, lt=1)
    resamples: int = Field(default=2000, ge=100)
