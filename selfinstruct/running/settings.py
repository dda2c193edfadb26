"""What a run is told besides its recipe, data and teachers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selfinstruct.teachers.prices import Price

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Only `seed` and `api` can change what a run writes."""

    seed: int = 0
    num: int | None = None
    """Finished tasks wanted; None: as many as the data gives."""
    base_url: str | None = None
    api: str = "auto"
    """auto, chat, completions, prefill or responses. auto: chat to a server; to a model on this machine whatever suits
    the step."""
    concurrency: int = 16
    """Requests at a time."""
    patience: float = 600.0
    """Seconds that a request is tried for."""
    timeout: float | None = None
    """Seconds that one answer may take; None: as long as patience lasts, from 10 to 600."""
    dollars: float | None = None
    max_tokens_total: int | None = None
    price: Mapping[str, Price] | None = None
    """By role or by model; "": of everybody else who costs something. None: as published, where it is."""
    rpm: float | None = None
    """Requests a minute that each model may be sent; None: what the server allows."""
    tpm: float | None = None
    """Tokens a minute, read and written."""
    max_answer: float = 10.0
    """Megabytes of an answer; a longer one is a rejection."""
    journal: str | None = None
    """An earlier run, or its journal.db, whose answers need not be asked for again."""
    shards: tuple[str, ...] = ()
    """Journals of the parts of this run: all that they hold, and what it cost, is taken into its own."""
    retry_rejected: bool = False
    """Ask again what a server refused to answer."""
    batch: bool = False
    """By the provider's Batch API: half the price, within a day."""
    run_code: bool = False
    """Run the code of answers with their tests, in the sandbox, where a step checks them so."""
    keep_asking: bool = False
    """Not to stop where the answers are of no use."""
