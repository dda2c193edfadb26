"""Judged answers: rows that say which answer to a question is the better one, or whether one is a good one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from selfinstruct.rows.importers.marked import conversation_in_text, turns_in
from selfinstruct.rows.layouts.marks import Beside, absent, plain
from selfinstruct.rows.layouts.quoted import value_in
from selfinstruct.rows.layouts.turns import conversation_in
from selfinstruct.rows.notes import Notes, brief
from selfinstruct.rows.preferences.answers import Answer
from selfinstruct.rows.preferences.verdicts import ANSWERS, CHATS, verdicts_in
from selfinstruct.task import Judged, Message, Task

__all__ = ["preference_of"]

Turns = tuple[Message, ...]
Read = Callable[[dict[str, Any]], Task]
"""The task of a row that has a question and no judged answers (no answer, as a rule): `task_of`'s own reading."""


def preference_of(row: dict[str, Any], notes: Notes | None, read: Read) -> Task | None:
    """The preference task of a row with judged answers (see `verdicts_in`); None for a row that has none. Raises
    ValueError, in one line, for one whose answers cannot be told from its question, and where no answer is the better.

    To be called first by `task_of`, with the columns renamed to what is usual. Chosen and rejected alike are noted.
    `read` gets the row without its judged answers: its question in the usual columns (prompt, instruction and input,
    system, history, tools), or, where the judged ones are whole conversations, what they have in common as "messages";
    all that it makes of them is the question's.
    """
    found = verdicts_in(row)
    if found is None:
        return None
    beside = Beside()
    rest = _usual({key: value for key, value in row.items() if key not in found.used})
    answers, rest = _rounds(_marked(found.answers, rest), rest)
    said = [_turns(answer, beside) for answer in answers]
    if not any(said):
        raise ValueError(f"no answer in {_names(answers)}: leave the row out, or give it one")
    if any(turns and turns[0]["role"] != "assistant" for turns in said):
        rest, kept, said = _parted(answers, said, rest)
    else:
        rest, kept = _asked(rest, said)
    if all(map(absent, rest.values())):
        raise ValueError(f"no question beside {_names(answers)}: put it under prompt, or name it by --columns")
    task = read(rest)
    turns, extra = _question(task, beside)
    judged = tuple(Judged(part, one.good, one.score) for one, part in zip(answers, said, strict=True) if part)
    _look(judged, beside)
    beside.tell(notes)
    tools = task.tools or tuple(beside.tools)
    extra = extra | kept | found.left
    return replace(task, turns=turns, instances=(), judged=judged, tools=tools, extra=extra)


def _names(answers: Iterable[Answer]) -> str:
    return " and ".join(dict.fromkeys(answer.name for answer in answers))


def _turns(answer: Answer, beside: Beside) -> Turns:
    """The judged answer as turns, or the whole conversation that ends with it; () for nothing."""
    value = answer.value
    if isinstance(value, str) and (listed := _listed(value)) is None:
        return (Message(role="assistant", content=value),) if value.strip() else ()
    return conversation_in(_turn(listed if isinstance(value, str) else value), answer.name, beside)


def _turn(value: Any) -> Any:
    """What `conversation_in` takes for turns."""
    if isinstance(value, dict) and not ({"role", "from"} & value.keys()):
        own = {plain(key): key for key in value}
        text = next((own[name] for name in TEXTS if name in own and isinstance(value[own[name]], str)), None)
        if text is not None:
            rest = {key: inner for key, inner in value.items() if key != text}
            return [{**rest, "role": "assistant", "content": value[text]}]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [{"role": "assistant", "content": str(value)}]
    return value


TEXTS = ("text", "content", "response", "answer", "output", "completion", "value")
"""Where an answer that is an object, and no turn, has its text."""


def _listed(value: Any) -> list[Any] | None:
    """A list of turns, perhaps as JSON text; None for anything else."""
    if isinstance(value, str) and value[:1] == "[" and value.rstrip()[-1:] == "]" and "{" in value:
        try:
            value = value_in(value)
        except ValueError:
            return None
    if isinstance(value, list) and value and all(isinstance(turn, dict) and TURN & turn.keys() for turn in value):
        return value
    return None


TURN = {"role", "from", "human", "user", "assistant", "gpt"}


def _usual(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its question where others have it, too."""
    names = {plain(key): key for key in row if not absent(row[key])}
    if (key := names.get("userinput")) and "prompt" not in names:  # GPT-4-LLM
        row = {"prompt": row[key], **_without(row, key)}
    if (key := names.get("history")) and isinstance(row[key], str) and not ASKS & names.keys():  # SHP
        row = {"prompt": row[key], **_without(row, key)}
    for name in ("context", "trajectory"):  # HelpSteer3, UltraInteract
        if (key := names.get(name)) and not (ASKS | set(CHATS)) & names.keys() and (turns := _listed(row[key])):
            row = {"messages": turns, **_without(row, key)}
    if (key := names.get("question")) and isinstance(asked := row[key], dict) and "full_text" in asked:  # WebGPT
        row = {"prompt": asked["full_text"], **_without(row, key), **_without(asked, "full_text", "id")}
    if (key := names.get("input")) and isinstance(asked := row[key], dict) and "messages" in asked:  # OpenAI
        row = asked | _without(row, key)
    if (key := names.get("prompt")) and isinstance(asked := row[key], str) and (turns := _hh(asked)):
        row = {"messages": turns, **_without(row, key)}
    if (key := names.get("prompt")) and (turns := _listed(row.get(key))) and not set(CHATS) & names.keys():  # TRL
        row = {"messages": turns, **_without(row, key)}
    return row


ASKS = {"prompt", "instruction", "question", "query"}
"""What a row calls its question, as a text."""


def _hh(text: str) -> list[dict[str, Any]] | None:
    """The turns of a prompt that Anthropic's marks end, as Nectar's do: "\\n\\nHuman: Hello\\n\\nAssistant:"."""
    if not text.rstrip().endswith("Assistant:"):
        return None
    turns = turns_in(text, "hh")
    return turns if turns and turns[-1]["role"] == "user" else None


def _without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def _marked(answers: Sequence[Answer], rest: dict[str, Any]) -> Sequence[Answer]:
    """Texts that are whole conversations with marks, where there is no other question (HH-RLHF)."""
    if not (ASKS | {"input", *CHATS}).isdisjoint(map(plain, rest)):
        return answers
    turns = [conversation_in_text(answer.value) if isinstance(answer.value, str) else None for answer in answers]
    if not all(turns):
        return answers
    return [replace(answer, value=said) for answer, said in zip(answers, turns, strict=True)]


def _rounds(answers: Sequence[Answer], rest: dict[str, Any]) -> tuple[Sequence[Answer], dict[str, Any]]:
    """Lists of texts, an answer for each of a list of questions, as conversations (Chatbot Arena)."""
    key = next((key for key in rest if plain(key) in ASKS), None)
    asked = _texts(rest.get(key)) if key else None
    given = [_texts(answer.value) for answer in answers]
    if key is None or asked is None or any(texts is None or len(texts) != len(asked) for texts in given):
        return answers, rest
    spoken = [
        replace(answer, value=[{"user": ask, "assistant": text} for ask, text in zip(asked, texts or (), strict=True)])
        for answer, texts in zip(answers, given, strict=True)
    ]
    return spoken, _without(rest, key)


def _texts(value: Any) -> list[str] | None:
    if isinstance(value, str) and value[:1] == "[" and value[-1:] == "]":
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, list) and value and all(isinstance(text, str) for text in value) else None


Parted = tuple[dict[str, Any], dict[str, Any], list[Turns]]
"""The row that `read` gets, what of the row is carried along, and the judged turns."""


def _parted(answers: Sequence[Answer], said: list[Turns], rest: dict[str, Any]) -> Parted:
    """Whole conversations, cut where they begin to differ, and there before an answer."""
    whole = [turns for turns in said if turns and turns[0]["role"] != "assistant"]
    whole = [_answered(turns, _names(answers)) for turns in whole]
    common = _common(whole, _names(answers))
    begun = whole[0][:common]
    parts = [turns if not turns or turns[0]["role"] == "assistant" else _answered(turns, "")[common:] for turns in said]
    kept: dict[str, Any] = {}
    for key in list(rest):
        name = plain(key)
        if name not in ASKS | {"input", "system", "systemprompt", *CHATS, *ANSWERS}:
            continue
        turns = conversation_in(given, key, Beside()) if (given := _listed(rest[key])) else None
        if turns and _ends_with(turns, begun) and not any(_is_begun_by(one, turns) for one in whole):
            begun = turns  # the prompt has more than the conversations, which begin later
        elif name in ("system", "systemprompt") and not _said(rest[key], begun):
            continue  # it comes before them
        elif not (turns and any(_is_begun_by(one, turns) for one in whole)) and not _said(rest[key], whole[0], *parts):
            kept[key] = rest[key]
        del rest[key]
    return {"messages": [dict(turn) for turn in begun], **rest}, kept, parts


def _answered(turns: Turns, names: str) -> Turns:
    """Without what nobody answered at the end."""
    end = max((n for n, turn in enumerate(turns, 1) if turn["role"] == "assistant"), default=0)
    if end == 0 and names:
        raise ValueError(f"no answer in {names}: {brief(turns[-1]['content'])} is the last turn")
    return turns[:end]


def _common(whole: list[Turns], names: str) -> int:
    """How many turns are the question: the judged ones begin with an answer. Raises ValueError where there is none."""
    if len(whole) == 1:
        common = max((n for n, turn in enumerate(whole[0], 1) if turn["role"] == "user"), default=0)
    else:
        most = min(map(len, whole)) - 1
        common = next((n for n in range(most) if any(not _same(one[n], whole[0][n]) for one in whole)), most)
        while common and any(one[common]["role"] != "assistant" for one in whole):
            common -= 1
    if not any(turn["role"] == "user" for turn in whole[0][:common]):
        raise ValueError(f"{names} have no question in common: they are answers to one, or begin with the same turns")
    return common


def _same(one: Message, other: Message) -> bool:
    return all(one.get(key) == other.get(key) for key in ("role", "content", "tool_calls"))


def _is_begun_by(turns: Turns, first: Turns) -> bool:
    return len(first) <= len(turns) and all(_same(a, b) for a, b in zip(turns, first, strict=False))


def _ends_with(turns: Turns, last: Turns) -> bool:
    return len(last) <= len(turns) and all(_same(a, b) for a, b in zip(turns[::-1], last[::-1], strict=False))


def _said(text: Any, *conversations: Turns) -> bool:
    """Whether the conversations hold the text."""
    wanted = text.strip() if isinstance(text, str) else None
    return wanted is not None and any(wanted in turn["content"] for turns in conversations for turn in turns)


def _asked(rest: dict[str, Any], said: list[Turns]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row for `read`, and what of it is carried along: an answer that is none of the judged ones."""
    texts = {turns[0]["content"].strip() for turns in said if turns}
    kept: dict[str, Any] = {}
    for key in [key for key in rest if plain(key) in ANSWERS]:
        if isinstance(text := rest.pop(key), str) and text.strip() in texts:
            continue
        kept[key] = text
    chat = next((key for key in rest if plain(key) in CHATS and _listed(rest[key])), "")
    turns = conversation_in(_listed(rest[chat]), chat, Beside()) if chat else ()
    if len(turns) > 1 and any(_same(turns[-1], one[0]) for one in said if len(one) == 1):
        rest = rest | {chat: [dict(turn) for turn in turns[:-1]]}  # the chosen answer ends it, too
    return rest, kept


def _question(task: Task, beside: Beside) -> tuple[Turns, dict[str, Any]]:
    """The question as turns, where the input of an instruction follows it, two lines on; and what is carried along."""
    extra, turns = task.extra, task.turns
    if not turns:
        given = next((instance.input for instance in task.instances), extra.get("input"))
        extra = _without(extra, "input") if isinstance(given, str) else extra
        text = f"{task.instruction}\n\n{given}" if isinstance(given, str) and given else task.instruction
        turns = (Message(role="user", content=text),)
    if turns[-1]["role"] == "assistant":
        beside.done.add("judged answers that go on from another answer")
    return turns, extra


def _look(judged: tuple[Judged, ...], beside: Beside) -> None:
    good = [one for one in judged if one.good]
    bad = [one for one in judged if not one.good]
    if good and bad and any(one.turns == other.turns for one in good for other in bad):
        beside.done.add("the chosen and the rejected answer are the same")
    elif any(
        one.score is not None and other.score is not None and one.score < other.score for one in good for other in bad
    ):
        beside.done.add("the rejected answer has the higher score")
