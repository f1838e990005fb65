"""What programs may ask of the last run: `latest.run.results`, other files in `latest.files`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from .engine.serving.app import Latest
from .engine.serving.problems import documented

router = APIRouter(tags=["the study"])
PER_CENTIMETRE = {"cm": 1.0, "in": 1 / 2.54}


class Unit(BaseModel):
    """What may be chosen in the address; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    unit: Literal["cm", "in"] = Field(default="cm", description="unit of length")


class Difference(BaseModel):
    """How much taller plants in the sun are, with the ends of the interval."""

    unit: str
    difference: float
    low: float = Field(description="lower end of the bootstrap interval")
    high: float = Field(description="upper end of the bootstrap interval")


@router.get("/difference", responses=documented(422))
async def difference(latest: Latest, asked: Annotated[Unit, Query()]) -> Difference:
    """Return how much taller plants in the sun are on average, and how sure that is."""
    (result,), factor = latest.run.results["analyses"], PER_CENTIMETRE[asked.unit]
    sizes = {name: factor * result[name] for name in ("difference", "low", "high")}
    return Difference(unit=asked.unit, **sizes)
