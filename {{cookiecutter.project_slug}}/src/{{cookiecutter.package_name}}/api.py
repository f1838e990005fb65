"""The API of one run: the machine's routes here, the study's in `routes.py`; it only reads."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi_offline import FastAPIOffline
from pydantic_core import from_json, to_json

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


def json_response(value: Any) -> Response:
    """Return a value as JSON; NaN, which JSON has not, becomes null."""
    return Response(to_json(value, inf_nan_mode="null"), media_type="application/json")


def example(value: Any) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI shows as the JSON that a route answers."""
    shown = from_json(to_json(value, inf_nan_mode="null"))
    return {200: {"content": {"application/json": {"example": shown}}}}


def one_of(known: Sequence[str]) -> dict[str, Any] | None:
    """Return what OpenAPI says of a text that must be one of those known."""
    return {"enum": list(known), "example": known[0]} if known else None


def always(value: Any) -> Callable[[], Awaitable[Response]]:
    """Return a route that gives the same JSON as long as its run is the last one."""
    content = json_response(value).body

    async def route() -> Response:
        return Response(content, media_type="application/json")

    return route


def build_api(study: Study[Any], run: Run) -> FastAPI:
    """Return the application that serves one run; what it serves, it holds in memory.

    Raises
    ------
    ProjectError
        If any artifact is not the one that the run wrote.
    """
    artifacts = {path: run.read(path) for path in outputs(run.manifest)}
    app = FastAPIOffline(
        title=study.title,
        description=ABOUT,
        version=run.manifest["run"],
        redoc_url=None,
        redirect_slashes=False,
        responses=documented(500),
        generate_unique_id_function=lambda route: route.name,
    )
    answer_with_problems(app)
    _add_run(app, run)
    _add_analyses(app, run.results["analyses"])
    _add_figures(app, artifacts)
    _add_report(app, artifacts[REPORT])
    if study.routes:
        app.include_router(study.routes(run), tags=["the study"])
    app.openapi()["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    return app


def _add_fixed(app: FastAPI, path: str, value: Any, model: Any, about: tuple[str, str]) -> None:
    app.get(
        path,
        name=path.strip("/"),
        tags=TAGS,
        summary=about[0],
        description=about[1],
        response_model=model,
        responses=example(value[:1] if isinstance(value, list) else value),
    )(always(value))


def _add_run(app: FastAPI, run: Run) -> None:
    manifest = run.manifest
    files = manifest["inputs"].items()
    version = {
        **{name: manifest[name] for name in ("run", "created", "python")},
        **manifest["git"],
        "data": [{"file": PurePath(file).name, "sha256": sha} for file, sha in files],
    }

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("docs")

    about = ("Whether the server answers", "And from which run. For health checks.")
    _add_fixed(app, "/health", {"status": "ok", "run": manifest["run"]}, Health, about)
    about = ("What the run was made from", "The git commit, and the raw data by SHA-256.")
    _add_fixed(app, "/version", version, Version, about)


def _add_analyses(app: FastAPI, analyses: list[dict[str, Any]]) -> None:
    found: dict[str, dict[str, Any]] = {}
    for item in analyses:
        found.setdefault(item["name"], {})[item.get("scope", "")] = item
    names, scopes = list(found), list({scope: 0 for each in found.values() for scope in each})
    about = ("Every analysis", "Numbers as in reports/results.json, and what they say.")
    _add_fixed(app, "/analyses", analyses, list[Analysis], about)

    @app.get(
        "/analyses/{name}",
        tags=TAGS,
        summary="One analysis",
        description="In the scope that is asked for, else in the last one that the study lists.",
        response_model=Analysis,
        responses={**example(analyses[-1]), **documented(404, 422)},
        dependencies=[Depends(only_known_parameters)],
    )
    async def analysis(
        name: Annotated[str, Path(json_schema_extra=one_of(names))],
        scope: Annotated[str | None, Query(json_schema_extra=one_of(scopes))] = None,
    ) -> Response:
        if name not in found:
            raise Refusal(404, "There is no analysis of this name.", names)
        if scope is None:
            scope = list(found[name])[-1]
        if scope not in found[name]:
            known = filter(None, found[name])
            raise Refusal(404, "This analysis was not made in this scope.", known)
        return json_response(found[name][scope])


def _add_figures(app: FastAPI, artifacts: dict[str, bytes]) -> None:
    figures: dict[str, tuple[bytes, str]] = {}
    for path in sorted(artifacts):
        name, kind = path.removeprefix(f"{FIGURES}/"), MEDIA_TYPES.get(PurePath(path).suffix)
        if name != path and kind:
            figures[name] = (artifacts[path], kind)
    listed = [{"name": name, "media_type": kind} for name, (_, kind) in figures.items()]
    figures |= {PurePath(name).stem: found for name, found in figures.items()}
    names = list(figures)
    about = ("The figures", "By file name; without its ending a name gives the SVG.")
    _add_fixed(app, "/figures", listed, list[Figure], about)
    picture = {"schema": {"type": "string", "format": "binary"}, "example": "the file"}
    pictures = {kind: picture for _, kind in figures.values()}

    @app.get(
        "/figures/{name}",
        tags=TAGS,
        summary="One figure",
        description="As it stands in the report.",
        response_class=Response,
        responses={200: {"content": pictures}, **documented(404, 422)},
    )
    async def figure(name: Annotated[str, Path(json_schema_extra=one_of(names))]) -> Response:
        if name not in figures:
            raise Refusal(404, "There is no figure of this name.", names)
        content, media_type = figures[name]
        return Response(content, media_type=media_type)


def _add_report(app: FastAPI, report: bytes) -> None:
    @app.get(
        "/report",
        tags=TAGS,
        summary="The report",
        description="One HTML page that needs nothing else.",
        response_class=HTMLResponse,
        responses={200: {"content": {"text/html": {"example": "<!doctype html>…"}}}},
    )
    async def page() -> Response:
        return HTMLResponse(report)
