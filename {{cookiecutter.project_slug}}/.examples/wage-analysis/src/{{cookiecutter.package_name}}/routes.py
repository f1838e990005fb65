"""The study's routes: areas, occupations, wages, and the regression's answer."""

import io
from typing import Annotated, Any

import joblib
import pandas as pd
from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from .answers import add_fixed, example, json_response, offer
from .artifacts import Run
from .data.preprocessing import COLUMNS, NUMERIC_COLUMNS
from .models.regression import EmploymentWageRegression
from .pipeline import MODEL, WAGES
from .problems import Refusal, documented, only_known_parameters

MOST_JOBS = 1e10  # more than there are people
TAGS: list[Any] = ["the study"]
LAST_ROW = 10_000_000  # far beyond any workbook


class Area(BaseModel):
    """An area and its mean annual wage (US$); ranks are those that it can claim."""

    fips: str
    area: str
    state: str | None
    a_mean: float | None
    rse: float | None = Field(description="relative standard error of a_mean, percent")
    low: float | None
    high: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None


class Occupation(BaseModel):
    """An occupation: its SOC code, its title, and its level of detail."""

    soc: str
    title: str | None
    level: str


NUMBERS = (*NUMERIC_COLUMNS, "TOTAL_PAYROLL", "WAGE_EMP_RATIO")
FIELDS: Any = {name.lower(): str | None for name in COLUMNS}
FIELDS |= {name.lower(): float | None for name in NUMBERS}
Wage: Any = create_model("Wage", **FIELDS, wage_top_coded=bool, a_mean_top_coded=bool)


class Wages(BaseModel):
    """A page of published cells; `total` counts those that the filters leave."""

    total: int
    limit: int
    offset: int
    rows: list[Wage]


class Jobs(BaseModel):
    """A number of jobs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    employment: float = Field(
        ge=0, le=MOST_JOBS, allow_inf_nan=False, description="jobs in the cell", examples=[1000]
    )


class Prediction(BaseModel):
    """The mean annual wage on the fitted line."""

    employment: float = Field(description="jobs in the cell")
    a_mean: float = Field(description="mean annual wage on the line, US$")
    in_range: bool = Field(description="whether cells of so many jobs were seen in the fit")
    r_squared: float = Field(description="share of the variance that the line explains")


def add_wage_routes(app: FastAPI, run: Run) -> None:
    """Add the study's routes to the application of a run; its table and model are read here, once.

    Raises
    ------
    ProjectError
        If an artifact is not the one that the run wrote.
    """
    wages = pd.read_parquet(io.BytesIO(run.read(WAGES)))
    wages.attrs.clear()  # pandas copies them at each step
    _add_lists(app, wages, run.results["areas"]["all"])
    _add_wages(app, wages.rename(columns=str.lower))
    app.state.model = joblib.load(io.BytesIO(run.read(MODEL)))
    shown = _on_the_line(app.state.model, 1000)
    app.post(
        "/predict",
        name="predict",
        tags=TAGS,
        summary="The regression's mean wage for a number of jobs",
        description="The line explains next to nothing of the variance: it is there to be read.",
        response_model=Prediction,
        responses={**example(shown.model_dump()), **documented(400, 413, 422)},
    )(_predict)


def _add_lists(app: FastAPI, wages: pd.DataFrame, estimates: list[dict[str, Any]]) -> None:
    by_title = {row["area"]: row for row in estimates}
    columns = {"AREA": "fips", "AREA_TITLE": "area", "PRIM_STATE": "state"}
    rows = wages[list(columns)].rename(columns=columns).drop_duplicates("fips")
    unknown = dict.fromkeys(Area.model_fields)
    areas = [{**unknown, **row, **by_title.get(row["area"], {})} for row in _records(rows)]
    add_fixed(
        app,
        "/areas",
        areas,
        list[Area],
        tags=TAGS,
        summary="The areas",
        description="With the mean wage over all occupations, its interval from the survey's own "
        "error, and the ranks that the area can claim; null where nothing is published.",
    )
    columns = {"OCC_CODE": "soc", "OCC_TITLE": "title", "O_GROUP": "level"}
    rows = wages[list(columns)].rename(columns=columns).drop_duplicates("soc")
    add_fixed(
        app,
        "/occupations",
        _records(rows.sort_values("soc")),
        list[Occupation],
        tags=TAGS,
        summary="The occupations",
        description="By SOC code, at every level of the workbook.",
    )


def _add_wages(app: FastAPI, wages: pd.DataFrame) -> None:
    keys = wages[["prim_state", "occ_code", "o_group"]].set_axis(["state", "soc", "level"], axis=1)
    keys["major"] = keys["soc"].str[:2]
    app.state.wages, app.state.keys = wages, keys
    known = {str(name): sorted(keys[name].dropna().unique()) for name in keys}
    known["sort"] = [sign + column for column in wages.columns for sign in ("", "-")]
    offer(app, "/wages", **known)
    shown = {"total": len(wages), "limit": 1, "offset": 0, "rows": _records(wages.head(1))}
    app.get(
        "/wages",
        name="wages",
        tags=TAGS,
        summary="Published cells",
        description="One row for each occupation in each area, with the columns of the workbook in "
        "lower case: wages in US$, relative standard errors in percent, null where nothing is "
        "published. Filters hold together; `total` counts the rows that they leave. Missing values "
        "are sorted last.",
        response_model=Wages,
        responses={**example(shown), **documented(422)},
        dependencies=[Depends(only_known_parameters)],
    )(_wages)


def _wages(
    request: Request,
    state: Annotated[str | None, Query(description="postal code of a state")] = None,
    soc: Annotated[str | None, Query(description="SOC code of an occupation")] = None,
    major: Annotated[str | None, Query(description="first two digits of the SOC code")] = None,
    level: Annotated[str | None, Query(description="level of detail")] = None,
    sort: Annotated[str | None, Query(description="a column; downwards after a minus")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="rows at most")] = 50,
    offset: Annotated[int, Query(ge=0, le=LAST_ROW, description="rows to leave out")] = 0,
) -> Response:
    table = request.app.state
    chosen = {"state": state, "soc": soc, "major": major, "level": level, "sort": sort}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    for name, value in chosen.items():
        if value not in table.known["/wages"][name]:
            raise Refusal(422, f"query.{name}: none of those known.", table.known["/wages"][name])
    order = chosen.pop("sort", "")
    keep = (table.keys[list(chosen)] == pd.Series(chosen, dtype="str")).all(axis=1)
    rows = table.wages[keep]
    if order:
        by, up = order.removeprefix("-"), not order.startswith("-")
        rows = rows.sort_values(by, ascending=up, kind="stable")
    page = _records(rows.iloc[offset : offset + limit])
    return json_response({"total": len(rows), "limit": limit, "offset": offset, "rows": page})


async def _predict(request: Request, jobs: Jobs) -> Response:
    return json_response(_on_the_line(request.app.state.model, jobs.employment))


def _on_the_line(model: EmploymentWageRegression, employment: float) -> Prediction:
    return Prediction(
        employment=employment,
        a_mean=model.predict(employment),
        in_range=model.employment_low <= employment <= model.employment_high,
        r_squared=model.r_squared,
    )


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [str(name) for name in rows]
    cells = zip(*(rows[name].tolist() for name in columns), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in cells]
