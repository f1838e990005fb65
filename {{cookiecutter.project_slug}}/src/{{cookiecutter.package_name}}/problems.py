"""What the API answers when it refuses or fails: problem details (RFC 9457), without the input.

Nothing that was sent is repeated in an answer: it may be no JSON (NaN), no text (half a surrogate)
or not the sender's to show.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from inspect import signature
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
MEANINGS = {
    400: "The body cannot be read.",
    404: "There is nothing of this name; `known` lists what there is.",
    413: "The body is too large.",
    422: "A value cannot be used; `detail` says where and why.",
    500: "A fault of the program; the server's log has it.",
}


class Problem(BaseModel):
    """Problem details, as RFC 9457 defines them."""

    type: str = Field(default="about:blank", description="there is no page about it")
    title: str = Field(description="the status in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what is wrong, and where")
    known: list[str] | None = Field(default=None, description="what would have been accepted")


class Refusal(Exception):
    """A request that is understood and refused; `known` lists what would have been accepted."""

    def __init__(self, status: int, detail: str, known: Iterable[str] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.known = status, detail, list(known)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of a route's errors, with an example of each."""
    return {
        status: {
            "description": MEANINGS[status],
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": _problem(status, MEANINGS[status]),
                }
            },
        }
        for status in statuses
    }


def answer_with_problems(app: FastAPI) -> None:
    """Let every error of an application, foreseen or not, be answered with problem details."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> JSONResponse:
        return _answer(_problem(error.status, error.detail, error.known))

    @app.exception_handler(HTTPException)
    async def by_the_framework(_: Request, error: HTTPException) -> JSONResponse:
        detail = MEANINGS.get(error.status_code, str(error.detail))
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = "There is no such path; /docs lists what there is."
        return _answer(_problem(error.status_code, detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(_problem(422, "; ".join(map(_invalid, error.errors()))))

    @app.exception_handler(Exception)
    async def fault(_: Request, error: Exception) -> JSONResponse:
        logger.error("a request failed", exc_info=error)
        return _answer(_problem(500, MEANINGS[500]))


async def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not have, so that no typing error passes.

    Raises
    ------
    Refusal
        With the names of those that it has.
    """
    found = signature(request.scope["endpoint"]).parameters.values()
    known = [parameter.name for parameter in found if parameter.annotation is not Request]
    known = [name for name in known if name not in request.path_params]
    if not set(request.query_params) <= set(known):
        raise Refusal(422, "query: a parameter is none of those known.", known)


def _invalid(error: dict[str, Any]) -> str:
    """Say where a value is wrong; the name of an unknown field is the sender's, so it is not."""
    is_senders = error["type"] in {"extra_forbidden", "json_invalid"}
    place = error["loc"][:1] if is_senders else error["loc"]
    return f"{'.'.join(map(str, place))}: {error['msg']}"


def _problem(status: int, detail: str, known: Iterable[str] = ()) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=detail, known=list(known) or None)
    return problem.model_dump(exclude_none=True)


def _answer(problem: dict[str, Any], headers: Any = None) -> JSONResponse:
    return JSONResponse(problem, problem["status"], headers, MEDIA_TYPE)
