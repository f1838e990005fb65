"""Records finished runs in MLflow, from manifest and results; no stage knows of it."""

import io
import json
import logging
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from .errors import ProjectError, needs_extra
from .publishing import FIGURES, MANIFEST, REPORT, RESULTS, Run, outputs
from .study import Settings, Study

logger = logging.getLogger(__name__)
FILE, LONGEST = "sqlite:///", 6000  # characters of a parameter
FORBIDDEN = re.compile(r"[^\w .:/-]")  # in a metric's name
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "GIT_PYTHON_REFRESH": "quiet",
}


def track(study: Study[Any], run: Run, settings: Settings) -> None:
    """Record a run where `[tracking] mlflow` says, once, and let the aliases follow promotion.

    Raises
    ------
    ProjectError
        If MLflow is not installed, or its store cannot be used; the run stays published.
    """
    address = settings.tracking.mlflow
    if address is None:
        return
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        from sqlalchemy.exc import SQLAlchemyError
    except ModuleNotFoundError as error:
        raise needs_extra(error, "mlflow", "make mlflow") from error
    if address.startswith(FILE) and not address.startswith(f"{FILE}/"):
        address = f"{FILE}{run.root.absolute() / address.removeprefix(FILE)}"
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):  # it prints as it goes
        try:
            mlflow.set_tracking_uri(address)
            _record(mlflow, study, run)
        except (mlflow.exceptions.MlflowException, SQLAlchemyError, ImportError, OSError) as error:
            why, how = str(error).partition("\n")[0], "mend that, or name another in [tracking]"
            raise ProjectError(f"MLflow at {address} took no run ({why}): {how}") from error


def _record(mlflow: Any, study: Study[Any], run: Run) -> None:
    client, name = mlflow.MlflowClient(), run.manifest["run"]
    known = client.get_experiment_by_name(study.title)
    place = (run.root.absolute() / "mlruns").as_uri()
    number = known.experiment_id if known else client.create_experiment(study.title, place)
    model, champion, tags = None, None, {"run": name}
    try:
        model, champion = study.model(run) if study.model else (None, None)
    except ProjectError as error:
        tags["model"] = str(error)
    if not client.search_runs([number], f"tags.run = '{name}'"):
        with mlflow.start_run(experiment_id=number, run_name=name, tags=tags):
            shown = {key: json.dumps(x)[:LONGEST] for key, x in run.manifest["settings"].items()}
            mlflow.log_params(shown)
            metrics = study.metrics(run) if study.metrics else {}
            mlflow.log_metrics({FORBIDDEN.sub("", name): x for name, x in metrics.items()})
            for path in [*outputs(run.manifest), MANIFEST.as_posix()]:
                if path in {REPORT, RESULTS, MANIFEST.as_posix()} or path.startswith(FIGURES):
                    mlflow.log_artifact(run.root / path, Path(path).parent.as_posix())
            if model:
                needs = [f"{each}=={x}" for each, x in run.manifest["packages"].items()]
                mlflow.pyfunc.log_model(
                    name="model",
                    python_model=lambda model_input: model(model_input),
                    registered_model_name=study.title,
                    pip_requirements=needs,
                )
        logger.info("run %s is recorded in MLflow", name)
    if model:
        _follow(client, study.title, name, champion)


def _follow(client: Any, model: str, last: str, champion: str | None) -> None:
    """Give the model in production the alias champion, and that of another last run challenger."""
    by_run: dict[str, str] = {}
    for version in client.search_model_versions(f"name = '{model}'"):
        by_run.setdefault(client.get_run(version.run_id).data.tags["run"], version.version)
    aliases = {"champion": champion, "challenger": None if last == champion else last}
    for alias, run in aliases.items():
        if run in by_run:
            client.set_registered_model_alias(model, alias, by_run[run])
        else:
            client.delete_registered_model_alias(model, alias)
