"""Hashes, skips, publishes, verifies, renders and serves what the study makes: leave it as it is.

Later versions of the template replace it. A study imports what is named here; `report`, `style` and
`serving` late, where it uses them.
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
