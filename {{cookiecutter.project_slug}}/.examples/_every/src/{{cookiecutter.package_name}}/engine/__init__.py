"""Hashes, skips, publishes, verifies, renders and serves what the study makes: leave it as it is.

It comes from the template, whose later versions replace it. A study needs what is named here, and
late, where it uses them, `report`, `style` and `serving`.
"""

from .errors import ProjectError, needs_extra
from .publishing import FIGURES, REPORT, RESULTS, Run
from .study import Settings, Stage, Study, Workspace

__all__ = [
    "FIGURES",
    "REPORT",
    "RESULTS",
    "ProjectError",
    "Run",
    "Settings",
    "Stage",
    "Study",
    "Workspace",
    "needs_extra",
]
