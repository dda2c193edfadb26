"""Drops answers in another language than was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.filters.parts import conversations
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.answering import wrong_language
from selfinstruct.text.languages import load

__all__ = ["AnswerLanguage"]


@dataclass(frozen=True, slots=True)
class AnswerLanguage:
    """An answer surely in another language than the question, in English or Chinese, which asked for no other.

    A translation, a foreign text in the question or before it, a language named there, code and names let it pass.
    """

    def ready(self) -> None:
        """Loads the language model, as `language` does."""
        load()

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for said in conversations(task):
            before = question = ""
            for role, text, learned, _ in said:
                if role != "assistant":
                    before, question = f"{before}\n{question}"[-4_000:], text
                elif learned and question and (found := wrong_language(text, question, before)):
                    return Reason("language of the answer", found)
        return None
