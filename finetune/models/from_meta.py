"""Meta's own files as a base. (To come.)"""

from __future__ import annotations

from pathlib import Path

__all__ = ["files_in", "taken_apart"]


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("consolidated.*.pth"))


def taken_apart(folder: Path, out: Path) -> None:
    raise NotImplementedError
