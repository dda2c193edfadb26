"""stub"""

from __future__ import annotations

__all__ = ["parse_columns"]


def parse_columns(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(",") if part)  # type: ignore[misc]
