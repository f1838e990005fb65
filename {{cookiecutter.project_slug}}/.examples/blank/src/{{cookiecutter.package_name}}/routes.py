"""The study's routes: what the API answers beside the machine's."""

from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from .answers import example, json_response
from .artifacts import Run
from .problems import documented, only_known_parameters

PER_CENTIMETRE = {"cm": 1.0, "in": 1 / 2.54}


class Difference(BaseModel):
    """How much taller plants in the sun are, with the ends of the interval."""

    unit: str
    difference: float
    low: float = Field(description="lower end of the bootstrap interval")
    high: float = Field(description="upper end of the bootstrap interval")


def add_plant_routes(app: FastAPI, run: Run) -> None:
    """Add the study's routes to the API of a run; what they need of it is read here, once."""
    (app.state.comparison,) = run.results["analyses"]
    app.get(
        "/difference",
        name="difference",
        tags=["the study"],
        summary="How much taller plants in the sun are",
        description="The difference of mean heights and its interval.",
        response_model=Difference,
        responses={**example(_in_unit(app, "cm").model_dump()), **documented(422)},
        dependencies=[Depends(only_known_parameters)],
    )(_difference)


def _in_unit(app: FastAPI, unit: str) -> Difference:
    result, ends = app.state.comparison, ("difference", "low", "high")
    return Difference(unit=unit, **{name: result[name] * PER_CENTIMETRE[unit] for name in ends})


async def _difference(
    request: Request,
    unit: Annotated[Literal["cm", "in"], Query(description="unit of length")] = "cm",
) -> Response:
    return json_response(_in_unit(request.app, unit).model_dump())
