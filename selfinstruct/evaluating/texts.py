"""The suite `perplexity`: how well a model predicts a text that it was not trained on, a token and a byte at a time.

Bits a byte compare models whose tokenizers differ; perplexity a token does not. The text is read in pieces, each by
itself, so that models are compared piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.items import Item, Options, Suite, asking
from selfinstruct.evaluating.reading import there
from selfinstruct.filters.overlap_words import Part
from selfinstruct.rows.documents import documents_in

__all__ = ["PIECES", "perplexity_suite", "pieces_of"]

PIECE = 2_000
"""Characters of a piece, as a rule: some 500 tokens of English, which most contexts hold."""
PIECES = 500
"""Pieces that are read, without --limit: a million characters."""


def perplexity_suite(file: str, options: Options) -> Suite:
    """Of the documents of a file, in order."""
    path = there("perplexity", file)
    items = list(islice(_items(str(path)), options.limit or PIECES))
    if not items:
        raise UsageError(f"{path} has no text")
    name = f"perplexity:{path.name.partition('.')[0]}"
    return Suite(name, "bits a byte", tuple(items), way="text", higher=False)


def _items(file: str) -> Iterator[Item]:
    for number, text in enumerate(documents_in([file])):
        for part, piece in enumerate(pieces_of(text)):
            task = asking(f"text-{number}-{part}", piece)
            yield Item(task, (), "", f"text-{number}", (Part(piece, "question"),))


def pieces_of(text: str, size: int = PIECE) -> Iterator[str]:
    """The text in pieces, cut after a line or a blank where there is one; together they are the text."""
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            half = start + size // 2
            cut = max(text.rfind("\n", half, end), text.rfind(" ", half, end), text.rfind("。", half, end))
            end = cut + 1 if cut > 0 else end
        if (piece := text[start:end]).strip():
            yield piece
        start = end
