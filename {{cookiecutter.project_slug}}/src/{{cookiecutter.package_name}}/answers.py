"""How routes answer, and what OpenAPI shows of it: for the machine's routes and the study's."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic_core import from_json, to_json

JSON = "application/json"


def json_response(value: Any) -> Response:
    """Return a value as JSON; NaN, which JSON has not, becomes null."""
    return Response(to_json(value, inf_nan_mode="null"), media_type=JSON)


def example(value: Any) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI shows as the JSON that a route answers."""
    shown = from_json(to_json(value, inf_nan_mode="null"))
    return {200: {"content": {JSON: {"example": shown}}}}


def add_fixed(app: FastAPI, path: str, value: Any, model: Any, **about: Any) -> None:
    """Add a route that gives the same JSON as long as its run is the last one."""
    app.state.fixed[path] = json_response(value).body
    shown = example(value[:1] if isinstance(value, list) else value)
    name = path.strip("/")
    app.get(path, name=name, response_model=model, responses=shown, **about)(_fixed)


def offer(app: FastAPI, path: str, **known: Sequence[str]) -> None:
    """Tell which texts the parameters of a route take: those that are known to this run."""
    app.state.known[path] = known


async def _fixed(request: Request) -> Response:
    return Response(request.app.state.fixed[request.scope["route"].path], media_type=JSON)
