"""Lesson 1: raw data is sacred."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def differences(folder: Path) -> list[str]:
    """Return the recorded files of a folder that are missing or have changed, sorted by name."""
    found = []
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        recorded, _, name = line.partition("  ")
        file = folder / name
        if not file.is_file() or sha256_of(file) != recorded:
            found.append(name)
    return sorted(found)


def rests_on(manifest: dict[str, Any], file: str) -> set[str]:
    """Return every output that rests on a file, directly or through other outputs."""
    touched = {file}
    for stage in manifest["stages"].values():  # in the order in which they ran
        if touched & set(stage["inputs"]):
            touched |= set(stage["outputs"])
    return touched - {file}
