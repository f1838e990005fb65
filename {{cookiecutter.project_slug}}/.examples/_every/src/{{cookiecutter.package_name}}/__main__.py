"""`python -m PACKAGE` is the same as the console script."""

from .engine.cli import main
from .pipeline import STUDY


def run() -> None:
    """Hand the study to the engine's command line."""
    main(STUDY)


if __name__ == "__main__":
    run()
