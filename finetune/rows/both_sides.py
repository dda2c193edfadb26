"""The loss on both sides of a conversation, as Baize's code has it: questions are learned, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .conversations import MASKED, Conversation, Row
from .turns import is_learned

__all__ = ["both_sides"]


def both_sides(rows: Sequence[Row], conversations: Iterable[Conversation]) -> list[Row]:
    """The rows with every token learned but the first, which nothing stands before.

    A row that marks a turn as not to be learned stays as it is.
    """
    marked = {one.id for one in conversations if not all(map(is_learned, one.turns))}
    return [row if row.id in marked else row._replace(labels=[MASKED, *row.ids[1:]]) for row in rows]
