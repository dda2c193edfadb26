"""Why a file is no document: it is named and counted, and the others are read."""

from __future__ import annotations

from selfinstruct.errors import UsageError

__all__ = ["NoText", "needs"]


class NoText(Exception):
    """There is no text to be had from a file; the words say why, in a few that many files have in common."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def needs(what: str, package: str) -> UsageError:
    return UsageError(f"{what} needs the package {package}: pip install 'selfinstruct[documents]'")
