"""One application over the last run: the engine's routes here, the study's in `routes.py`."""

import logging
import socket
import sys
from contextlib import suppress
from copy import deepcopy
from pathlib import Path, PurePath
from typing import Annotated, Any

import fastapi_offline
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool

from ..errors import has_colours
from ..publishing import FIGURES, REPORT
from ..study import Study
from . import KINDS, LatestRun, Served, listen, read_run
from .problems import HANDLERS, Guard, Problem, Refusal, documented

logger = logging.getLogger(__name__)
JSON = "application/json"
PICTURE = {"schema": {"type": "string", "format": "binary"}, "example": "the file"}
PICTURES: Any = {200: {"content": dict.fromkeys(KINDS.values(), PICTURE)}}
SHOWN: Any = {200: {"content": {"text/html": {"example": "<!doctype html>…"}}}}
ABOUT = "Answers from the run that is the last one, whole. Errors are problem details (RFC 9457)."


async def latest(request: Request) -> Served:
    """Return what is made of the run that is the last one when a request comes."""
    reader: LatestRun[Served] = request.app.state.latest
    return await run_in_threadpool(reader.get) if reader.is_outdated else reader.made


Latest = Annotated[Served, Depends(latest)]
OPTIONS: Any = {"responses": documented(500), "generate_unique_id_function": lambda r: r.path}
router = APIRouter(tags=["the run"], **OPTIONS)


class Chosen(BaseModel, extra="forbid"):
    """Which rows an analysis was made of."""

    scope: str | None = Field(default=None, description="which rows; else the last that is listed")


class Analysis(BaseModel, extra="allow"):
    """One analysis, as reports/results.json holds it."""

    name: str
    scope: str | None = Field(default=None, description="which rows, if there are several scopes")
    conclusion: str


def json_response(value: Any) -> Response:
    """Return a value as JSON; NaN, which JSON has not, becomes null."""
    return Response(to_json(value, inf_nan_mode="null"), media_type=JSON)


@router.get("/health", summary="Whether the server answers", response_model=dict[str, str])
@router.get("/version", summary="What the run was made from", response_model=dict[str, Any])
@router.get("/analyses", summary="Every analysis", response_model=list[Analysis])
@router.get("/figures", summary="The figures", response_model=list[dict[str, str]])
async def fixed(request: Request) -> Response:
    """Answer the same as long as the run is the last one."""
    served = await latest(request)  # no dependency, which would slow so short an answer
    return Response(served.answers[request.scope["route"].path], media_type=JSON)


@router.get("/analyses/{name}", response_model=Analysis, responses=documented(404, 422))
async def one_analysis(latest: Latest, name: str, chosen: Annotated[Chosen, Query()]) -> Response:
    """Answer in the scope that is asked for, else in the last one that the study lists."""
    found, reasons = latest.analyses.get(name, {}), latest.reasons.get(name, {})
    if not (found or reasons):
        raise Refusal(404, "There is no analysis of this name.", latest.analyses)
    scope = [*(found or reasons)][-1] if chosen.scope is None else chosen.scope
    if scope not in found:
        why = reasons.get(scope, "This analysis was not made in this scope.")
        raise Refusal(404, why, filter(None, found))
    return json_response(found[scope])


@router.get("/figures/{name}", response_class=Response, responses=PICTURES | documented(404, 422))
async def one_figure(latest: Latest, name: str) -> Response:
    """Answer with a figure as it stands in the report; without its ending a name gives the SVG."""
    known = latest.known["/figures/{name}"]["name"]
    if name not in known:
        reasons = latest.reasons.get("figures", {})
        raise Refusal(
            404, reasons.get(PurePath(name).stem, "There is no figure of this name."), known
        )
    path = f"{FIGURES}/{name}" if f"{FIGURES}/{name}" in latest.files else f"{FIGURES}/{name}.svg"
    return Response(latest.files[path], media_type=KINDS[PurePath(path).suffix])


@router.get("/report", response_class=HTMLResponse, responses=SHOWN | documented(404))
async def the_report(latest: Latest) -> Response:
    """Answer with one HTML page that needs nothing else."""
    if REPORT not in latest.files:
        raise Refusal(404, "This run has no report yet.")
    return HTMLResponse(latest.files[REPORT])


@router.get("/", include_in_schema=False, response_class=RedirectResponse)
async def start() -> str:
    """Send a browser to the docs."""
    return "docs"


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """Answer with a page of all routes, whose scripts come from this server too."""
    return get_swagger_ui_html(
        title=request.app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
    )


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, latest: Latest) -> Response:
    """Complete what OpenAPI says by what only the run knows: its name, examples, known texts."""
    schema = deepcopy(request.app.openapi())
    schema["info"]["version"] = latest.run.manifest["run"]
    schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    schema["components"]["schemas"] |= getattr(latest.made, "schemas", {})
    examples = {path: from_json(answer) for path, answer in latest.answers.items()}
    if examples["/analyses"]:
        examples["/analyses/{name}"] = examples["/analyses"][0]
    examples |= getattr(latest.made, "examples", {})
    for path, example in examples.items():
        (operation,) = schema["paths"][path].values()
        content = operation["responses"]["200"]["content"][JSON]
        content["example"] = example[:1] if isinstance(example, list) else example
    for path, parameters in latest.known.items():
        for operation in schema["paths"][path].values():
            for each in operation["parameters"]:
                if known := parameters.get(each["name"]):
                    each["schema"] |= {"enum": list(known), "example": known[0]}
    return json_response(schema)


def build_app(study: Study[Any], root: Path) -> Guard:
    """Return the application that serves the last run; none, or a damaged one: ProjectError."""
    app = FastAPI(
        title=study.title,
        description=ABOUT,
        servers=[{"url": "."}],  # also where a proxy puts it below a path
        docs_url=None,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
        **OPTIONS,
    )
    app.state.latest = LatestRun(root, lambda run: read_run(study, run))
    app.router.routes.extend(router.routes)  # as they are, which answers faster than included
    if study.router:
        app.include_router(study.router())
    app.mount("/docs", StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))
    return Guard(app, study.largest_body)


def serve(study: Study[Any], root: Path, host: str, port: int, *, access_log: bool) -> None:
    """Serve the last run until told to stop; no run, or no address, is a ProjectError."""
    app = build_app(study, root)
    listener, address = listen(host, port)
    # Connections inherit it; asyncio sets it only on sockets that it has made itself, and without
    # it an answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"Serving at {address} (what there is: {address}/docs). Ctrl-C stops.", flush=True)
    logger.debug("serving at %s", address)
    level = "info" if access_log else "warning"
    colours = has_colours(sys.stdout) and has_colours(sys.stderr)
    config = uvicorn.Config(
        app, access_log=access_log, log_level=level, server_header=False, use_colors=colours
    )
    config.timeout_graceful_shutdown = 5
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
