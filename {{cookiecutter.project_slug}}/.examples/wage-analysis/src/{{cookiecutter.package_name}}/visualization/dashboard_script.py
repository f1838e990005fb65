"""The file that Streamlit runs; it finds the page by its place, not by the package's name."""

from importlib import import_module
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1].name
import_module(f"{PACKAGE}.visualization.dashboard").show(Path.cwd())
