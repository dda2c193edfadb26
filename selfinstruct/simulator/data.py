"""What the rules know: facts, words and wordings, in data/LANGUAGE/*.toml; the Python beside them is logic only."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["table"]

HERE = Path(__file__).parent / "data"


@cache
def table(language: str, name: str) -> dict[str, Any]:
    """All that data/LANGUAGE/NAME.toml says; a family's own part is `table("en", "facts")["capitals"]`."""
    with (HERE / language / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
