"""What a reader may change, typed; the study's title and the paths of its files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from .engine import Settings

TITLE = "U.S. wages by area and occupation"
REJECTED = "data/interim/rejected.parquet"
SHIPPED = "4039ef1767daa8cb15861334e7d10052d5f22e5b39ac1f61ef8145c54841734b"  # the workbook here
WAGES = "data/processed/wages.parquet"
MODEL = "models/employment_wage_regression.joblib"
CARD = "models/employment_wage_regression.md"
WORKBOOK = "reports/wage_analysis.xlsx"
QUALITY = "reports/data_quality.json"
EMPTY = "empty"  # the mark under which cells without anything are counted
CORRELATIONS = "reports/correlation_matrix.csv"


class Group(BaseModel):
    """A group of occupations: found by a word in the title, in any case, or by SOC code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1)
    title_contains: str = Field(min_length=1)
    soc_prefix: str = Field(pattern=r"^\d{2}(-\d{0,4})?$")


class Groups(BaseModel):
    """The groups that are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    management: Group = Group(label="management", title_contains="management", soc_prefix="11")
    production: Group = Group(label="production", title_contains="production", soc_prefix="51")
    technology: Group = Group(
        label="computer and mathematical", title_contains="computer", soc_prefix="15"
    )


class WageSettings(Settings):
    """What configs/wage_analysis.toml may say."""

    of_this_machine: ClassVar[frozenset[str]] = Settings.of_this_machine | {"contact"}

    raw: tuple[Path] = Field(description="the one workbook that is analysed")
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    groups: Groups = Groups()
    contact: str = Field(default="", pattern=r"^([!-?A-~]+@[!-?A-~]+)?$", description="an e-mail")
