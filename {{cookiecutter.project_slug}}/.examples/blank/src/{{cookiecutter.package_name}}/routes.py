"""The study's routes: what the API answers beside the machine's."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from .api import example, json_response
from .artifacts import Run
from .problems import documented, only_known_parameters

PER_CENTIMETRE = {"cm": 1.0, "in": 1 / 2.54}


class Difference(BaseModel):
    """How much taller plants in the sun are, with the ends of the interval."""

    unit: str
    difference: float
    low: float = Field(description="lower end of the bootstrap interval")
    high: float = Field(description="upper end of the bootstrap interval")


def plant_routes(run: Run) -> APIRouter:
    """Return the routes of a run; what they need of it is read here, once."""
    router = APIRouter()
    (result,) = run.results["analyses"]

    def in_unit(unit: str) -> Difference:
        ends = ("difference", "low", "high")
        return Difference(unit=unit, **{name: result[name] * PER_CENTIMETRE[unit] for name in ends})

    @router.get(
        "/difference",
        summary="How much taller plants in the sun are",
        description="The difference of mean heights and its interval.",
        response_model=Difference,
        responses={**example(in_unit("cm").model_dump()), **documented(422)},
        dependencies=[Depends(only_known_parameters)],
    )
    async def difference(
        unit: Annotated[Literal["cm", "in"], Query(description="unit of length")] = "cm",
    ) -> Response:
        return json_response(in_unit(unit).model_dump())

    return router
