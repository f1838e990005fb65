"""The study, run once for all tests."""

import shutil
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }}.engine.runs import run_stages
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.pipeline import STUDY

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def settings():
    """What `configs/digits.toml` says."""
    return load_settings(STUDY, ROOT, STUDY.config)


@pytest.fixture(scope="session")
def digits(settings):
    """Skip what is true of the shipped table alone where the settings name another."""
    if Path("data/raw/digits.csv") not in settings.raw:
        pytest.skip("speaks of digits.csv, which `raw` does not name: write one of your table")


@pytest.fixture(scope="session")
def run(tmp_path_factory, settings):
    """The run of a folder that holds the raw data, published and promoted as `run` does it."""
    if not all((ROOT / file).is_file() for file in settings.raw):
        pytest.skip("the raw data is not here")
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "data/raw", folder / "data/raw")
    made = run_stages(STUDY.stages, settings, folder, force=True, metrics=STUDY.metrics)
    STUDY.published(made, settings)
    return made


@pytest.fixture(scope="session")
def promoted(run):
    """Skip what needs a model in production where the rule of the settings keeps the run's."""
    if run.results["promotion"]["decision"] != "promoted":
        pytest.skip("the model of this table is not promoted: see `models`")
