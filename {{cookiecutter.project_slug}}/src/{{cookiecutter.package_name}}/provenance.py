"""Who makes a run, when, from which commit, with which packages."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from uuid import uuid4


def describe_run(root: Path) -> dict[str, Any]:
    """Return the first entries of a manifest.

    Returns
    -------
    dict
        ``run``, a name for this run; ``created``, its time in UTC; ``git``, the commit and whether
        the work tree is as committed, both None where git knows nothing of it; ``python`` and
        ``packages``, the version of Python and of all that is installed.
    """
    now = datetime.now(UTC)
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--", ":!reports", ":!models")
    installed = sorted(distributions(), key=lambda item: item.name.lower())
    return {
        "schema_version": 1,
        "run": f"{now:%Y%m%dT%H%M%SZ}-{uuid4().hex[:6]}",
        "created": now.isoformat(timespec="seconds"),
        "git": {"commit": commit, "clean": None if commit is None else changes == ""},
        "python": platform.python_version(),
        "packages": {item.name: item.version for item in installed},
    }


def _git(root: Path, *words: str) -> str | None:
    """Return what git says of the project; None without git, repository or commit."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace").strip()
