"""What the machine's routes answer, as OpenAPI describes it."""

from pydantic import BaseModel, ConfigDict, Field


class Health(BaseModel):
    """Whether the server answers, and from which run."""

    status: str = Field(examples=["ok"])
    run: str


class DataFile(BaseModel):
    """A raw file that the run was made from."""

    file: str
    sha256: str


class Version(BaseModel):
    """What the run was made from."""

    run: str = Field(description="the name of the run")
    created: str = Field(description="its time, UTC")
    commit: str | None = Field(description="the git commit; none outside a repository")
    clean: bool | None = Field(description="whether the work tree was as committed")
    python: str
    data: list[DataFile]


class Analysis(BaseModel):
    """One analysis, as reports/results.json holds it."""

    model_config = ConfigDict(extra="allow")

    name: str
    scope: str | None = Field(
        default=None, description="which rows, where the study has several scopes"
    )
    conclusion: str


class Figure(BaseModel):
    """A figure: its name for `/figures/{name}`, and its kind."""

    name: str
    media_type: str
