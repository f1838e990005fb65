"""What programs may ask of the model in production, and a page to draw on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from starlette.concurrency import run_in_threadpool

from .engine import ProjectError, Run
from .engine.serving.app import JSON, Latest, json_response
from .engine.serving.problems import FRAMES, Refusal, documented
from .features.images import read_png
from .models.registry import file_of, load_model, production_mark
from .models.training import TrainedModel

router = APIRouter(tags=["the model"])
PNG, MOST_ROWS = "image/png", 1000
ROWS = {"schema": {"$ref": "#/components/schemas/Rows"}}
PICTURE = {"schema": {"type": "string", "format": "binary"}}
BODY: Any = {"requestBody": {"required": True, "content": {JSON: ROWS, PNG: PICTURE}}}
PAGE = Path(__file__).with_name("draw.html")
DRAWING = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
DRAWING += f"; connect-src 'self'{FRAMES}"


class Answered(BaseModel):
    """Which model answered."""

    name: str = Field(description="the candidate that was chosen", examples=["support_vectors"])
    run: str = Field(description="the run that trained it")
    sha256: str = Field(description="of its file")
    since: str = Field(description="when it went into production")


class RowAnswer(BaseModel):
    """What the model says of a row, and what training never saw in it."""

    prediction: str | float
    probability: float | None = None
    probabilities: dict[str, float] | None = None
    warnings: list[str]


class Prediction(BaseModel):
    """What the model says of each row, in their order."""

    model: Answered
    rows: list[RowAnswer]


@dataclass(frozen=True)
class Loaded:
    """A model in production, with the decision that put it there."""

    model: TrainedModel
    line: Mapping[str, Any]

    @cached_property
    def rows(self) -> type[BaseModel]:
        """The model of a request: rows by the names of the training table's columns."""
        row: Any = self.model.contract.row_model()
        several = Annotated[list[row], Field(min_length=1, max_length=MOST_ROWS)]
        return create_model("Rows", __config__=ConfigDict(extra="forbid"), rows=(several, ...))

    @cached_property
    def names(self) -> dict[str, str]:
        """The column of each field of a row."""
        return {f"c{i}": c.name for i, c in enumerate(self.model.contract.columns)}

    @cached_property
    def answered(self) -> dict[str, str]:
        """Which model it is, as answers say it."""
        shown = {"name": "name", "run": "run", "sha256": "model", "since": "time"}
        return {key: self.line[name] for key, name in shown.items()}

    def read(self, body: bytes) -> list[dict[str, Any]]:
        """Return the rows of a JSON body, typed; what they may not be is answered with 422."""
        try:
            rows = self.rows.model_validate_json(body).rows  # type: ignore[attr-defined]
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            places = [{**each, "loc": ("body", *each["loc"])} for each in found]
            raise RequestValidationError(places) from error
        return [{self.names[key]: value for key, value in row} for row in rows]

    def read_picture(self, body: bytes) -> list[dict[str, Any]]:
        """Return the one row that a picture is; the model may read none, or it may be none."""
        if self.model.image is None:
            raise Refusal(422, "body: the model in production reads rows, not pictures")
        try:
            pixels = read_png(body, self.model.image)
        except ProjectError as error:
            raise Refusal(422, f"body: {error}") from error
        return [{name: pixels[name] for name in self.names.values()}]

    def answer(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Ask the model."""
        contract, classes = self.model.contract, self.model.classes
        said = self.model.predict(contract.table(rows))
        answers: list[dict[str, Any]] = [
            {"prediction": label, "warnings": contract.warnings_of(row)}
            for label, row in zip(said.labels.tolist(), rows, strict=True)
        ]
        of_each = () if said.probabilities is None else said.probabilities.tolist()
        for one, of in zip(answers, of_each, strict=bool(of_each)):
            one |= {"probability": max(of), "probabilities": dict(zip(classes, of, strict=True))}
        return {"model": self.answered, "rows": answers}


class Production:
    """The model in production, read anew when a decision was made."""

    def __init__(self, root: Path) -> None:
        self.root, self._lock = root, Lock()
        self._mark: Any = None
        self._loaded: Loaded | None = None

    def get(self) -> Loaded:
        """Return the model; none, or one that is not the recorded one, is answered with 503."""
        mark = production_mark(self.root)
        with self._lock:
            if self._loaded is None or mark != self._mark:
                try:
                    self._loaded, self._mark = Loaded(*load_model(self.root)), mark
                except ProjectError as error:
                    self._loaded = None
                    raise Refusal(503, str(error)) from error
            return self._loaded

    @property
    def schemas(self) -> dict[str, Any]:
        """What OpenAPI says of the rows that can be predicted."""
        try:
            rows = self.get().rows
        except Refusal:
            return {"Rows": {"type": "object", "description": "no model is in production"}}
        place = "#/components/schemas/{model}"
        schema = rows.model_json_schema(by_alias=True, ref_template=place)
        return {**schema.pop("$defs"), "Rows": schema}


def answers_from(run: Run) -> Production:
    """Return what these routes answer from: not the run's model, but the one in production."""
    return Production(run.root)


@router.post(
    "/predict",
    response_model=Prediction,
    responses=documented(413, 422, 503),
    openapi_extra=BODY,
    summary="Rows by column name, or a picture",
)
async def predict(request: Request, latest: Latest) -> Response:
    """Answer with what the model in production says of each row."""
    body, kind = await request.body(), request.headers.get("content-type", "")

    def answer() -> dict[str, Any]:
        made: Production = latest.made
        loaded = made.get()
        read = loaded.read_picture if kind.startswith(PNG) else loaded.read
        return loaded.answer(read(body))

    return json_response(await run_in_threadpool(answer))


@router.get("/model", response_model=dict[str, Any], responses=documented(503))
def model(latest: Latest) -> Response:
    """Say which model is in production, since when and why, and how it scored."""
    loaded = latest.made.get()
    line, asked = loaded.line, loaded.model
    facts = {name: line[name] for name in ("target", "task", "metrics", "reason", "packages")}
    facts |= {"parameters": asked.parameters, "classes": asked.classes, "size_mb": line["size_mb"]}
    columns = {column.name: column.kind for column in asked.contract.columns}
    return json_response({**loaded.answered, **facts, "columns": columns})


@router.get("/model/card", response_class=PlainTextResponse, responses=documented(404, 503))
def card(latest: Latest) -> Response:
    """Answer with the card of the model in production, as Markdown."""
    file = latest.made.root / file_of(latest.made.get().line["model"], "md")
    if not file.is_file():
        raise Refusal(404, "The model in production has no card yet: `run` makes it.")
    return Response(file.read_bytes(), media_type="text/markdown; charset=utf-8")


@router.get("/draw", response_class=HTMLResponse, responses=documented(404, 503))
def draw(latest: Latest) -> Response:
    """Answer with a page on which a figure is drawn and told."""
    if latest.made.get().model.image is None:
        raise Refusal(404, "The model in production reads no pictures.")
    policy = {"content-security-policy": DRAWING}
    return HTMLResponse(PAGE.read_text(encoding="utf-8"), headers=policy)
