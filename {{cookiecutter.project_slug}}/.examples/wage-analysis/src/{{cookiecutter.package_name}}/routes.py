"""What programs may ask of the study: areas, occupations, wages, and the regression's answer."""

import io
from types import SimpleNamespace
from typing import Annotated, Any, get_type_hints

import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from .analysis.areas import AreaEstimate
from .data.preprocessing import COLUMNS, NUMERIC_COLUMNS
from .engine import Run
from .engine.serving.app import Latest, json_response
from .engine.serving.problems import Refusal, documented
from .models.regression import EmploymentWageRegression, saved_line, why_no_line
from .settings import WAGES

router = APIRouter(tags=["the study"])
TEXTS: Any = dict.fromkeys(map(str.lower, COLUMNS), str | None)
NUMBERS: Any = (*map(str.lower, NUMERIC_COLUMNS), "total_payroll", "wage_emp_ratio")
ESTIMATE: Any = {name: kind | None for name, kind in get_type_hints(AreaEstimate).items()}
PLACE = {"fips": str, "area": str, "state": str | None} | ESTIMATE
CELLS = TEXTS | dict.fromkeys(NUMBERS, float | None)
Area: Any = create_model("Area", __doc__="Wage in US$, rse its error in percent.", **PLACE)
Occupation: Any = create_model("Occupation", soc=str, title=str | None, level=str)
Wage: Any = create_model("Wage", **CELLS, wage_top_coded=bool, a_mean_top_coded=bool)
Wages: Any = create_model("Wages", total=int, limit=int, offset=int, rows=list[Wage])


class Filters(BaseModel):
    """Which cells are wanted, and how many of them."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = Field(None, description="postal code of a state")
    soc: str | None = Field(None, description="SOC code of an occupation")
    major: str | None = Field(None, description="first two digits of the SOC code")
    level: str | None = Field(None, description="level of detail")
    sort: str | None = Field(None, description="a column; downwards after a minus")
    limit: int = Field(50, ge=1, le=1000, description="rows at most")
    offset: int = Field(0, ge=0, le=10_000_000, description="rows to leave out")


class Jobs(BaseModel):
    """A number of jobs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    employment: Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)] = Field(
        description="jobs in the cell", examples=[1000]
    )


class Prediction(BaseModel):
    """The mean annual wage on the fitted line."""

    employment: float = Field(description="jobs in the cell")
    a_mean: float = Field(description="mean annual wage on the line, US$")
    in_range: bool = Field(description="whether cells of so many jobs were seen in the fit")
    r_squared: float = Field(description="share of the variance that the line explains")


def tables(run: Run) -> SimpleNamespace:
    """Return what the routes answer from; a file that is not as recorded is a ProjectError.

    `known` are the texts that parameters take, `examples` are what OpenAPI shows of each route.
    """
    wages = pd.read_parquet(io.BytesIO(run.read(WAGES))).rename(columns=str.lower)
    wages.attrs.clear()  # pandas copies them at each step
    places = _distinct(wages, area="fips", area_title="area", prim_state="state")
    found = {row["area"]: row for row in run.results["areas"]["all"]}
    lists = {
        "/areas": [dict.fromkeys(PLACE) | row | found.get(row["area"], {}) for row in places],
        "/occupations": _distinct(wages, occ_code="soc", occ_title="title", o_group="level"),
    }
    keys = wages[["prim_state", "occ_code", "o_group"]].set_axis(["state", "soc", "level"], axis=1)
    keys["major"] = keys["soc"].str[:2]
    known = {str(name): sorted(keys[name].dropna().unique()) for name in keys}
    known["sort"] = [f"{sign}{column}" for column in wages for sign in ("", "-")]
    model = None if why_no_line(run) else saved_line(run)
    examples: dict[str, Any] = lists | {"/wages": _page(wages, limit=1)}
    if model:
        examples["/predict"] = _on_line(model, 1000)
    answers = {"known": {"/wages": known}, "examples": examples, "lists": lists}
    return SimpleNamespace(**answers, wages=wages, keys=keys, model=model)


@router.get("/areas", summary="The areas", response_model=list[Area])
async def areas(latest: Latest) -> Response:
    """Answer with mean wages over all occupations, and the ranks that each area can claim.

    The interval comes from the survey's own error; null where nothing is published.
    """
    return json_response(latest.made.lists["/areas"])


@router.get("/occupations", summary="The occupations", response_model=list[Occupation])
async def occupations(latest: Latest) -> Response:
    """Answer by SOC code, at every level of the workbook."""
    return json_response(latest.made.lists["/occupations"])


@router.get("/wages", summary="Published cells", response_model=Wages, responses=documented(422))
def wages(latest: Latest, asked: Annotated[Filters, Query()]) -> Response:
    """Answer with one row for each occupation in each area.

    The columns are those of the workbook in lower case: wages in US$, relative standard errors in
    percent, null where nothing is published. Filters hold together; `total` counts the rows that
    they leave. Missing values are sorted last.
    """
    known = latest.made.known["/wages"]
    chosen = asked.model_dump(include=set(known), exclude_none=True)
    for name, value in chosen.items():
        if value not in known[name]:
            raise Refusal(422, f"query.{name}: none of those known.", known[name])
    order = chosen.pop("sort", "")
    keep = (latest.made.keys[[*chosen]] == pd.Series(chosen, dtype="str")).all(axis=1)
    rows = latest.made.wages[keep]
    if order:
        by, up = order.removeprefix("-"), not order.startswith("-")
        rows = rows.sort_values(by, ascending=up, kind="stable")
    return json_response(_page(rows, asked.limit, asked.offset))


@router.post(
    "/predict", summary="The regression's mean wage", responses=documented(400, 404, 413, 422)
)
async def predict(latest: Latest, jobs: Jobs) -> Prediction:
    """Answer with the line, which explains next to nothing of the variance: it is to be read."""
    if latest.made.model is None:
        raise Refusal(404, str(why_no_line(latest.run)))
    return _on_line(latest.made.model, jobs.employment)


def _page(rows: pd.DataFrame, limit: int, offset: int = 0) -> dict[str, Any]:
    page = rows.iloc[offset : offset + limit].to_dict("records")
    return {"total": len(rows), "limit": limit, "offset": offset, "rows": page}


def _on_line(model: EmploymentWageRegression, jobs: float) -> Prediction:
    return Prediction(
        employment=jobs,
        a_mean=model.predict(jobs),
        in_range=model.employment_low <= jobs <= model.employment_high,
        r_squared=model.r_squared,
    )


def _distinct(rows: pd.DataFrame, **names: str) -> list[dict[Any, Any]]:
    first = next(iter(names))
    found = rows[[*names]].drop_duplicates(first).sort_values(first)
    return found.rename(columns=names).to_dict("records")
