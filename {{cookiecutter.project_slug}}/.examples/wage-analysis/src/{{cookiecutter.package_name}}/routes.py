"""The study's routes: areas, occupations, wages, and the regression's answer."""

import io
from typing import Annotated, Any

import joblib
import pandas as pd
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from .api import always, example, json_response, one_of
from .artifacts import Run
from .models.regression import EmploymentWageRegression
from .pipeline import MODEL, WAGES
from .problems import Refusal, documented, only_known_parameters

MOST_JOBS = 1e10  # more than there are people
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


def wage_routes(run: Run) -> APIRouter:
    """Return the routes of a run; its table and its model are read once, here.

    Raises
    ------
    ProjectError
        If an artifact is not the one that the run wrote.
    """
    router = APIRouter()
    wages = pd.read_parquet(io.BytesIO(run.read(WAGES)))
    wages.attrs.clear()  # pandas copies them at each step
    model = joblib.load(io.BytesIO(run.read(MODEL)))
    _add_lists(router, wages, run.results["areas"]["all"])
    _add_wages(router, wages.rename(columns=str.lower))
    _add_predict(router, model)
    return router


def _add_lists(router: APIRouter, wages: pd.DataFrame, estimates: list[dict[str, Any]]) -> None:
    by_title = {row["area"]: row for row in estimates}
    columns = {"AREA": "fips", "AREA_TITLE": "area", "PRIM_STATE": "state"}
    rows = wages[list(columns)].rename(columns=columns).drop_duplicates("fips")
    unknown = dict.fromkeys(Area.model_fields)
    areas = [{**unknown, **row, **by_title.get(row["area"], {})} for row in _records(rows)]

    router.get(
        "/areas",
        name="areas",
        summary="The areas",
        description="With the mean wage over all occupations, its interval from the survey's own "
        "error, and the ranks that the area can claim; null where nothing is published.",
        response_model=list[Area],
        responses=example(areas[:1]),
    )(always(areas))

    columns = {"OCC_CODE": "soc", "OCC_TITLE": "title", "O_GROUP": "level"}
    rows = wages[list(columns)].rename(columns=columns)
    occupations = _records(rows.drop_duplicates(["soc", "level"]).sort_values("soc"))

    router.get(
        "/occupations",
        name="occupations",
        summary="The occupations",
        description="By SOC code, at every level of the workbook.",
        response_model=list[Occupation],
        responses=example(occupations[:1]),
    )(always(occupations))


def _add_wages(router: APIRouter, wages: pd.DataFrame) -> None:
    keys = wages[["prim_state", "occ_code", "o_group"]].set_axis(["state", "soc", "level"], axis=1)
    keys["major"] = keys["soc"].str[:2]
    known = {name: sorted(keys[name].dropna().unique()) for name in keys}
    known["sort"] = [sign + column for column in wages.columns for sign in ("", "-")]
    row_type: Any = create_model("Wage", **{str(name): _type(wages[name]) for name in wages})
    page_type = create_model("Wages", total=int, limit=int, offset=int, rows=list[row_type])
    shown = {"total": len(wages), "limit": 1, "offset": 0, "rows": _records(wages.head(1))}

    def choice(name: str, description: str) -> Any:
        return Query(description=description, json_schema_extra=one_of(known[name]))

    @router.get(
        "/wages",
        name="wages",
        summary="Published cells",
        description="One row for each occupation in each area, with the columns of the workbook in "
        "lower case: wages in US$, relative standard errors in percent, null where nothing is "
        "published. Filters hold together; `total` counts the rows that they leave. Missing values "
        "are sorted last.",
        response_model=page_type,
        responses={**example(shown), **documented(422)},
        dependencies=[Depends(only_known_parameters)],
    )
    def list_wages(
        state: Annotated[str | None, choice("state", "postal code of a state")] = None,
        soc: Annotated[str | None, choice("soc", "SOC code of an occupation")] = None,
        major: Annotated[str | None, choice("major", "first two digits of the SOC code")] = None,
        level: Annotated[str | None, choice("level", "level of detail")] = None,
        sort: Annotated[str | None, choice("sort", "a column; downwards after a minus")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="rows at most")] = 50,
        offset: Annotated[int, Query(ge=0, le=LAST_ROW, description="rows to leave out")] = 0,
    ) -> Response:
        chosen = {"state": state, "soc": soc, "major": major, "level": level, "sort": sort}
        chosen = {name: value for name, value in chosen.items() if value is not None}
        for name, value in chosen.items():
            if value not in known[name]:
                raise Refusal(422, f"query.{name}: none of those known.", known[name])
        order = chosen.pop("sort", "")
        keep = (keys[list(chosen)] == pd.Series(chosen, dtype="str")).all(axis=1)
        rows = wages[keep]
        if order:
            by, up = order.removeprefix("-"), not order.startswith("-")
            rows = rows.sort_values(by, ascending=up, kind="stable")
        page = _records(rows.iloc[offset : offset + limit])
        return json_response({"total": len(rows), "limit": limit, "offset": offset, "rows": page})


def _add_predict(router: APIRouter, model: EmploymentWageRegression) -> None:
    def on_the_line(employment: float) -> Prediction:
        return Prediction(
            employment=employment,
            a_mean=model.predict(employment),
            in_range=model.employment_low <= employment <= model.employment_high,
            r_squared=model.r_squared,
        )

    @router.post(
        "/predict",
        summary="The regression's mean wage for a number of jobs",
        description="The line explains next to nothing of the variance: it is there to be read.",
        response_model=Prediction,
        responses={**example(on_the_line(1000).model_dump()), **documented(400, 413, 422)},
    )
    async def predict(jobs: Jobs) -> Response:
        return json_response(on_the_line(jobs.employment))


def _type(column: "pd.Series[Any]") -> Any:
    if column.dtype == bool:
        return bool
    return float | None if pd.api.types.is_numeric_dtype(column) else str | None


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [str(name) for name in rows]
    cells = zip(*(rows[name].tolist() for name in columns), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in cells]
