"""The tiny study's routes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from .engine import Run
from .engine.serving.app import Latest, json_response
from .engine.serving.problems import Refusal, documented

router = APIRouter(tags=["the study"])


class Number(BaseModel, extra="forbid"):
    """A number."""

    number: float


class Chosen(BaseModel):
    """Which number is asked for."""

    model_config = ConfigDict(extra="forbid")

    name: str = "total"


class Numbers:
    """What routes answer from."""

    def __init__(self, run: Run) -> None:
        self.total = run.results["total"]
        self.known = {"/numbers": {"name": ["total"]}}


@router.post("/double", responses=documented(400, 413, 422))
async def double(value: Number) -> Number:
    """Return twice the number."""
    return Number(number=2 * value.number)


@router.get("/numbers", responses=documented(422))
async def numbers(latest: Latest, chosen: Annotated[Chosen, Query()]) -> Any:
    """Return the total."""
    if chosen.name != "total":
        raise Refusal(422, "query.name: none of those known.", ["total"])
    return json_response({"total": latest.made.total, "nan": float("nan")})


@router.get("/fault")
async def fault() -> None:
    """Fail."""
    raise RuntimeError("s3cr3t")
