"""The API of one run: the machine's routes here, the study's in `routes.py`; it only reads.

FastAPI remembers every function that it has called. So routes are functions of their module, and
what they answer from is kept in `app.state`: it goes with the application of its run.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from .answers import add_fixed, example, json_response, offer
from .artifacts import FIGURES, REPORT, Run
from .problems import Problem, Refusal, answer_with_problems, documented, only_known_parameters
from .publishing import outputs
from .schemas import Analysis, Figure, Health, Version
from .study import Study

MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
TAGS: list[Any] = ["the run"]
ABOUT = (
    "Answers from the last run, whole: when another run is published, the next answer is from "
    "that one. Errors are problem details (RFC 9457)."
)


def build_api(study: Study[Any], run: Run) -> FastAPI:
    """Return the application that serves one run; what it serves, it holds in memory.

    Raises
    ------
    ProjectError
        If any artifact is not the one that the run wrote.
    """
    artifacts = {path: run.read(path) for path in outputs(run.manifest)}
    app = FastAPI(
        title=study.title,
        description=ABOUT,
        version=run.manifest["run"],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=documented(500),
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.fixed, app.state.known = {}, {}
    answer_with_problems(app)
    app.get("/", include_in_schema=False)(_root)
    app.get("/docs", include_in_schema=False)(_docs)
    app.mount("/docs", StaticFiles(packages=[("fastapi_offline", "static")]))
    _add_run(app, run.manifest)
    _add_analyses(app, run.results["analyses"])
    _add_pictures(app, artifacts)
    if study.routes:
        study.routes(app, run)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Complete what OpenAPI says by what FastAPI cannot know."""
    schema = app.openapi()
    schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for path, offered in app.state.known.items():
        (operation,) = schema["paths"][path].values()
        for parameter in operation["parameters"]:
            if known := offered.get(parameter["name"]):
                parameter["schema"] |= {"enum": list(known), "example": known[0]}


def _add_run(app: FastAPI, manifest: Mapping[str, Any]) -> None:
    files = manifest["inputs"].items()
    version = {
        **{name: manifest[name] for name in ("run", "created", "python")},
        **manifest["git"],
        "data": [{"file": PurePath(file).name, "sha256": sha} for file, sha in files],
    }
    health = {"status": "ok", "run": manifest["run"]}
    about = "And from which run. For health checks."
    summary = "Whether the server answers"
    add_fixed(app, "/health", health, Health, summary=summary, description=about, tags=TAGS)
    about = "The git commit, and the raw data by SHA-256."
    summary = "What the run was made from"
    add_fixed(app, "/version", version, Version, summary=summary, description=about, tags=TAGS)


def _add_analyses(app: FastAPI, analyses: list[dict[str, Any]]) -> None:
    found: dict[str, dict[str, Any]] = {}
    for item in analyses:
        found.setdefault(item["name"], {})[item.get("scope", "")] = item
    app.state.analyses = found
    add_fixed(
        app,
        "/analyses",
        analyses,
        list[Analysis],
        tags=TAGS,
        summary="Every analysis",
        description="Numbers as in reports/results.json, and what they say.",
    )
    app.get(
        "/analyses/{name}",
        name="analysis",
        tags=TAGS,
        summary="One analysis",
        description="In the scope that is asked for, else in the last one that the study lists.",
        response_model=Analysis,
        responses={**example(analyses[-1]), **documented(404, 422)},
        dependencies=[Depends(only_known_parameters)],
    )(_analysis)
    scopes = {scope: None for each in found.values() for scope in each if scope}
    offer(app, "/analyses/{name}", name=list(found), scope=list(scopes))


def _add_pictures(app: FastAPI, artifacts: Mapping[str, bytes]) -> None:
    figures: dict[str, tuple[bytes, str]] = {}
    for path in sorted(artifacts):
        name, kind = path.removeprefix(f"{FIGURES}/"), MEDIA_TYPES.get(PurePath(path).suffix)
        if name != path and kind:
            figures[name] = (artifacts[path], kind)
    listed = [{"name": name, "media_type": kind} for name, (_, kind) in figures.items()]
    about = "By file name; without its ending a name gives the SVG."
    summary = "The figures"
    add_fixed(app, "/figures", listed, list[Figure], summary=summary, description=about, tags=TAGS)
    app.state.figures = figures | {PurePath(name).stem: figures[name] for name in figures}
    picture = {"schema": {"type": "string", "format": "binary"}, "example": "the file"}
    pictures = {kind: picture for _, kind in figures.values()}
    app.get(
        "/figures/{name}",
        name="figure",
        tags=TAGS,
        summary="One figure",
        description="As it stands in the report.",
        response_class=Response,
        responses={200: {"content": pictures}, **documented(404, 422)},
    )(_figure)
    offer(app, "/figures/{name}", name=list(app.state.figures))
    app.state.report = artifacts[REPORT]
    app.get(
        "/report",
        name="report",
        tags=TAGS,
        summary="The report",
        description="One HTML page that needs nothing else.",
        response_class=HTMLResponse,
        responses={200: {"content": {"text/html": {"example": "<!doctype html>…"}}}},
    )(_report)


async def _root() -> Response:
    return RedirectResponse("docs")


async def _docs(request: Request) -> Response:
    return get_swagger_ui_html(
        title=request.app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
    )


async def _analysis(request: Request, name: str, scope: str | None = None) -> Response:
    found = request.app.state.analyses
    if name not in found:
        raise Refusal(404, "There is no analysis of this name.", found)
    if scope is None:
        scope = list(found[name])[-1]
    if scope not in found[name]:
        known = filter(None, found[name])
        raise Refusal(404, "This analysis was not made in this scope.", known)
    return json_response(found[name][scope])


async def _figure(request: Request, name: str) -> Response:
    figures = request.app.state.figures
    if name not in figures:
        raise Refusal(404, "There is no figure of this name.", figures)
    content, media_type = figures[name]
    return Response(content, media_type=media_type)


async def _report(request: Request) -> Response:
    return HTMLResponse(request.app.state.report)
