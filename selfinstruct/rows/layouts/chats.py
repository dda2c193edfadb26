"""The conversation that a row holds: in one column, or its question in one and its answer in another."""

from __future__ import annotations

from typing import Any

from selfinstruct.rows.importers.marked import conversation_in_text
from selfinstruct.rows.layouts.cells import answer_of
from selfinstruct.rows.layouts.columns import CONVERSATIONS, INSTRUCTION, OUTPUT, QUESTION, Columns
from selfinstruct.rows.layouts.marks import Beside, is_thought, plain
from selfinstruct.rows.layouts.order import arranged
from selfinstruct.rows.layouts.parts import joined, said_in
from selfinstruct.rows.layouts.turns import conversation_in, is_conversation
from selfinstruct.task import Message

__all__ = ["before", "conversation", "in_order"]

TEXTS = (*CONVERSATIONS, "data", "dialog", "dialogue", "dialogs", "dialogues", "chat", "chats", "utterances", "对话")
"""Columns whose lists of nothing but texts are the two sides in turn (UltraChat, DailyDialog). Not `turns`: those of
MT-Bench are all questions."""


def conversation(read: Columns, beside: Beside) -> tuple[str, list[Message]] | None:
    """The column of the conversation, and its turns; None when the row has none. Raises ValueError."""
    key = _talk(read)
    if key is None:
        return _talk_in_text(read, beside)
    turns = list(conversation_in(read.left.pop(key), key, beside))
    if turns and turns[-1]["role"] != "assistant":
        turns += answer_of(read, beside)
    answers = [turn for turn in turns if turn["role"] == "assistant"]
    alone = len(answers) == 1 and "thoughts" not in answers[0]
    if alone and (thoughts := read.take("thoughts", is_thought)):
        answers[0]["thoughts"] = thoughts[1]
    _drop_repeated(read.left, turns)
    return key, turns


MARKED = ("text", *CONVERSATIONS, "dialog", "dialogue")
"""Columns whose texts may be whole conversations."""


def _talk_in_text(read: Columns, beside: Beside) -> tuple[str, list[Message]] | None:
    """As `conversation`, for a row that has nothing else than a text whose marks are sure: <human>: and <bot>:."""
    if any(map(read.first, ("instruction", "task", "input", "output", "system", "history"))):
        return None
    for key, value in read.left.items():
        if plain(key) in MARKED and isinstance(value, str) and (turns := conversation_in_text(value)):
            beside.done.add("conversations in one text, read by the marks of their speakers")
            del read.left[key]
            return key, list(conversation_in(turns, key, beside))
    return None


def _talk(read: Columns) -> str | None:
    """The column that holds a conversation, or the turns of a question (TRL's "prompt")."""
    answer = read.named.get("output", "")
    if answer in read.left and _has_question(read.left[answer], answer):
        return answer  # --columns output=chosen, where that is the whole conversation
    for key in read.candidates("turns"):
        named = key in read.named.values()
        name = plain(key)
        if is_conversation(read.left[key], sure=named or name in CONVERSATIONS, texts=named or name in TEXTS):
            return key
    prompt = read.first("instruction", is_conversation)
    if prompt or read.first("instruction"):
        return prompt
    if asked := read.first("input", is_conversation) or read.first("question", is_conversation):
        return asked
    alone = not any(map(read.first, ("task", "input", "question")))
    return read.first("history", is_conversation) if alone else None


def _has_question(value: Any, name: str) -> bool:
    return is_conversation(value) and any(turn["role"] == "user" for turn in conversation_in(value, name, Beside()))


def _drop_repeated(left: dict[str, Any], turns: list[Message]) -> None:
    """Columns that say once more what is asked first, or answered last (UltraChat 200k's "prompt"), go."""
    first = next((turn["content"].strip() for turn in turns if turn["role"] == "user"), None)
    last = next((turn["content"].strip() for turn in reversed(turns) if turn["role"] == "assistant"), None)
    for key in [key for key, value in left.items() if isinstance(value, str)]:
        name, text = plain(key), left[key].strip()
        if (text == first and name in (*INSTRUCTION, *QUESTION)) or (text == last and name in OUTPUT):
            del left[key]


def before(read: Columns, beside: Beside, *, talk: bool) -> list[Message]:
    """What stands before the question: a system text, and a history unless the row is a conversation anyway."""
    turns: list[Message] = []
    if found := read.take("system", lambda value: isinstance(value, str | list | dict)):
        said = said_in(found[1], "system", beside)
        turns += [Message(role="system", content=text)] if (text := joined(said.texts)).strip() else []
    if not talk:
        found = read.take("history", _is_history) or read.take("input", is_conversation)
        turns += conversation_in(found[1], found[0], beside) if found else ()
    return turns


def _is_history(value: Any) -> bool:
    return isinstance(value, list) or is_conversation(value, sure=True)


def in_order(turns: list[Message], beside: Beside, name: str) -> list[Message]:
    """A conversation that begins with what is asked, after the system text. Raises ValueError when nobody asks.

    A greeting before it is left out: no template of a model can begin with an answer.
    """
    asked = next((number for number, turn in enumerate(turns) if turn["role"] == "user"), None)
    if asked is None:
        raise ValueError(f"nobody asks anything in {name}: a conversation needs a turn of the user, with words")
    if any(turn["role"] == "system" for turn in turns[asked:]):
        beside.done.add("system texts in the middle of a conversation, kept where they are")
    if asked == 0:
        return turns
    if any(turn["role"] != "system" for turn in turns[:asked]):
        beside.done.add("answers before anything is asked, left out")
    systems = [turn for turn in turns[:asked] if turn["role"] == "system"]
    if len(systems) == 2 and systems[0]["content"].strip() == systems[1]["content"].strip():
        systems = systems[1:]
    return arranged([*systems, *turns[asked:]], set(), beside)
