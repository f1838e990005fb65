"""What the API refuses, and how: problem details (RFC 9457), limits, headers for browsers.

Nothing that was sent is repeated in an answer: it may be no JSON (NaN), no text (half a surrogate)
or not the sender's to show.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
UNKNOWN = "extra_forbidden"
MEANINGS = {
    400: "The body cannot be read.",
    404: "There is nothing of this name; `known` lists what there is.",
    413: "The body is too large.",
    422: "A value cannot be used; `detail` says where and why.",
    500: "A fault of the program; the server's log has it.",
    503: "What the answer needs is not there yet; `detail` says what to do.",
}
# The report and figures bring their styles and pictures with them; the docs need scripts of ours.
PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
DOCS = "default-src 'self' 'unsafe-inline'; img-src 'self' data:"
FRAMES = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = [
    (b"cache-control", b"no-cache"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"accept-encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]


class Problem(BaseModel):
    """Problem details, as RFC 9457 defines them."""

    type: str = Field(default="about:blank", description="there is no page about it")
    title: str = Field(description="the status in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what is wrong, and where")
    known: list[str] | None = Field(default=None, description="what would have been accepted")


class Refusal(HTTPException):
    """A request that is understood and refused; `known` lists what would have been accepted."""

    def __init__(self, status: int, detail: str, known: Iterable[str] = ()) -> None:
        super().__init__(status, detail)
        self.known = list(known)


def problem(status: int, detail: str, known: Iterable[str] = ()) -> dict[str, Any]:
    """Return problem details as a dict."""
    title, named = HTTPStatus(status).phrase, list(known) or None
    found = Problem(title=title, status=status, detail=detail, known=named)
    return found.model_dump(exclude_none=True)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of a route's errors, with an example of each."""
    schema, found = {"$ref": "#/components/schemas/Problem"}, dict[int | str, dict[str, Any]]()
    for status in statuses:
        shown = {"schema": schema, "example": problem(status, MEANINGS[status])}
        found[status] = {"description": MEANINGS[status], "content": {MEDIA_TYPE: shown}}
    return found


async def answer(request: Request, error: Exception) -> JSONResponse:
    """Answer any error, foreseen or not, with problem details."""
    status, detail, known = 500, MEANINGS[500], list[str]()
    if isinstance(error, Refusal):
        status, detail, known = error.status_code, error.detail, error.known
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, MEANINGS.get(error.status_code, error.detail)
        if status == HTTPStatus.NOT_FOUND:
            detail = "There is no such path; /docs lists what there is."
    elif isinstance(error, RequestValidationError):
        status, detail = 422, "; ".join(dict.fromkeys(map(_invalid, error.errors())))
        if any(each["type"] == UNKNOWN and each["loc"][0] == "query" for each in error.errors()):
            described = request.app.openapi()["paths"][request.scope["route"].path]
            parameters = described[request.method.lower()]["parameters"]
            known = [each["name"] for each in parameters if each["in"] == "query"]
            detail = "query: a parameter is none of those known."
    else:
        logger.error("a request failed", exc_info=error)
    headers = getattr(error, "headers", None)
    return JSONResponse(problem(status, detail, known), status, headers, MEDIA_TYPE)


HANDLERS: Any = dict.fromkeys((HTTPException, RequestValidationError, Exception), answer)


def _invalid(error: dict[str, Any]) -> str:
    """Say where a value is wrong; the name of an unknown field is the sender's, so it is not."""
    unknown, place = error["type"] == UNKNOWN, error["loc"]
    place = place[:-1] if unknown else place[:1] if error["type"] == "json_invalid" else place
    said = "a name is none of those known; /docs lists them" if unknown else error["msg"]
    return f"{'.'.join(map(str, place))}: {said}"


class Guard:
    """Sends headers that keep a browser safe, and large texts compressed."""

    def __init__(self, app: FastAPI, largest_body: int) -> None:
        self.app, self._largest_body = app, largest_body
        self._zipped = GZipMiddleware(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request of limited size; HEAD and a slash at the end change nothing."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        below = scope.get("root_path", "")
        path = scope["path"].removeprefix(below)
        if not path.startswith("/docs"):
            path = path.rstrip("/") or "/"
        policy = (DOCS if path == "/docs" else PAGE) + FRAMES
        changed = {"path": below + path}
        if scope["method"] == "HEAD":
            changed["method"] = "GET"  # the server drops the body
        left = self._largest_body

        async def receive_limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                own, name = message["headers"], b"content-security-policy"
                more = [] if name in dict(own) else [(name, policy.encode())]
                message = {**message, "headers": [*own, *HEADERS, *more]}
            await send(message)

        takes = any(k == b"accept-encoding" and b"gzip" in v for k, v in scope["headers"])
        app = self._zipped if takes and not path.endswith(".png") else self.app
        await app({**scope, **changed}, receive_limited, send_safe)
