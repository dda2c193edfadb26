"""A run by the Batch API that the tests kill: python batched.py URL CASE NUM OUT, without long pauses."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from cases import CASES

from selfinstruct.running.execute import carry_out
from selfinstruct.running.progress import Progress
from selfinstruct.running.settings import Settings
from selfinstruct.teachers.batching import batch, recovery, results

__all__ = ["hurry"]


def hurry() -> None:
    """Everything as it is, but for the seconds between two looks."""
    batch.TURN, results.FIRST, results.LONGEST, recovery.ON_THE_WAY = 0.003, 0.005, 0.05, 0.1


def main(url: str, name: str, num: str, out: str) -> None:
    case = CASES[name]
    hurry()
    settings = Settings(num=int(num), base_url=url, batch=True)
    with Progress(None) as progress:
        asyncio.run(carry_out(case.recipe, case.data, Path(out), settings, {"teacher": "simple"}, progress))


if __name__ == "__main__":
    main(*sys.argv[1:])
