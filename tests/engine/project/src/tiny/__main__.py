"""The command of the tiny study."""

from .engine.cli import main
from .pipeline import STUDY

if __name__ == "__main__":
    main(STUDY)
