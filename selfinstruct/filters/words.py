"""Drops what has a word of the user's own list: what is toxic, or off the subject, is for the user to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from selfinstruct.filters.parts import EVERYWHERE, check_where, texts
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.word_list import WordList, read_words

__all__ = ["Words"]


@dataclass(frozen=True)
class Words:
    """Has a word of your own list: whole words in any case, in Chinese inside others. There is no list of ours."""

    file: str = ""
    """One word or phrase a line; lines that begin with # are left out. Its words are put before those of `words`."""
    words: tuple[str, ...] = ()
    where: str = EVERYWHERE
    """Or `answers`."""

    def __post_init__(self) -> None:
        check_where(self.where, "words")
        # What the file says is the recipe, not what it is called.
        object.__setattr__(self, "words", (*(read_words(self.file) if self.file else ()), *self.words))
        object.__setattr__(self, "file", "")

    @cached_property
    def _list(self) -> WordList:
        return WordList(self.words)

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for text in texts(task, self.where):
            if found := self._list.find(text):
                return Reason("word", found)
        return None
