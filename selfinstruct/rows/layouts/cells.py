"""Question and answer of a row that is no conversation, and the texts that its cells mean: a number, a list."""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any

from selfinstruct.rows.importers.marked import family_of
from selfinstruct.rows.layouts.columns import CONVERSATIONS, Columns, listed
from selfinstruct.rows.layouts.marks import Beside, absent, is_thought, plain
from selfinstruct.rows.layouts.parts import text_of
from selfinstruct.rows.layouts.tools import calls_of
from selfinstruct.rows.layouts.turns import conversation_in, is_conversation
from selfinstruct.rows.notes import brief
from selfinstruct.task import Message

__all__ = ["answer_in", "answer_of", "input_in", "instruction_in", "question_of"]


def question_of(read: Columns, beside: Beside) -> tuple[str, str]:
    """The instruction and the input of a row. Without an instruction, the input is the question. Raises ValueError."""
    found = read.take("instruction")
    inputs = ["input"]
    if found is None and not read.keys["instruction"] and (found := read.take("task", _is_text)):
        inputs.append("question")
    if found is None:
        found = read.take("input") if "input" in read.named else _asked(read)
    if found is None:
        raise ValueError(_nothing_asked(read))
    instruction = instruction_in(*found, beside)
    parts = [input_in(read.left.pop(key), beside) for key in _inputs(read, inputs, plain(found[0]))]
    parts = [part for number, part in enumerate(parts) if part and part not in (instruction, *parts[:number])]
    if len(parts) > 1:
        beside.done.add("several inputs (context, question), joined")
    return instruction, "\n\n".join(parts)


BACKGROUND = ("context", "contexts", "passage", "background", "上下文")
"""What a question is about: it comes before the question, and beside an input."""
ASKED = ("question", "query", "problem", "问题")
"""What is asked, where an instruction only says how to answer."""


def _inputs(read: Columns, names: list[str], instruction: str) -> list[str]:
    """The keys of all that is the input: a background, the input itself, and a question beside an instruction."""

    def found(what: str, known: Container[str] | None = None) -> str | None:
        for key in read.candidates(what):
            if known is None or plain(key) in known:
                value = read.left[key]
                if plain(key) == "input" or key in read.named.values() or _is_text(value):
                    return key
        return None

    keys = [found("input", BACKGROUND), next(filter(None, map(found, names)), None)]
    if instruction in ("instruction", "instructions", "指令") and not read.named:
        keys.append(found("instruction", ASKED))
    return list(dict.fromkeys(filter(None, keys)))


ALONE = ("input", "inputs")
"""Questions even where there is no answer; other columns may hold anything."""


def _asked(read: Columns) -> tuple[str, Any] | None:
    for key in read.candidates("question"):
        value = read.left[key]
        alone = plain(key) in ALONE and (read.is_answered or not _is_marked(value))
        if alone or (read.is_answered and isinstance(value, str)):
            return key, read.left.pop(key)
    return None


def _is_marked(value: Any) -> bool:
    """Whether a text is a whole conversation (Baize's): nobody asks that."""
    return isinstance(value, str) and family_of(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))


def _nothing_asked(read: Columns) -> str:
    if "instruction" in read.row:
        return f"no instruction: it is {brief(read.row['instruction'])}"
    if key := next((key for key in read.row if plain(key) in CONVERSATIONS), None):
        try:
            conversation_in(read.row[key] or [], key, Beside())
        except ValueError as error:
            return str(error)
        return f"nobody asks anything in {key}: it is {brief(read.row[key])}"
    if any(plain(key) == "text" or _is_marked(value) for key, value in read.row.items()):
        return "no instruction, only a text: --layout marked reads what is said in it, when the speakers are marked"
    return f"no instruction: the row has {listed(read.row)}; say which it is: --columns instruction=…,output=…"


def answer_of(read: Columns, beside: Beside) -> list[Message]:
    """The answer that stands beside a question, with its thoughts; none when there is none. Raises ValueError."""
    found = read.take("output")
    if found is None and read.first("thoughts", is_thought):  # after what was thought even `content` is the answer
        found = next(((key, read.left.pop(key)) for key in list(read.left) if plain(key) == "content"), None)
    if found is None:
        return []
    key, value = found
    if is_conversation(value):
        return list(conversation_in(value, key, beside))
    answer = Message(role="assistant", content="")
    if beside.tools and (calls := _calls(value)):
        answer["tool_calls"] = calls
    else:
        choices = next((read.left[name] for name in CHOICES if name in read.left), None)
        answer["content"], more = answer_in(key, value, beside, choices)
        read.left |= {f"{name}_" if name in read.left else name: others for name, others in more.items()}
        if not answer["content"].strip():
            return []
    if thoughts := read.take("thoughts", is_thought):
        answer["thoughts"] = thoughts[1]
    return [answer]


CHOICES = ("choices", "options", "endings")


def _calls(value: Any) -> list[dict[str, Any]]:
    """An answer that is nothing but calls (xLAM's)."""
    if isinstance(value, list | dict) or (isinstance(value, str) and value.lstrip()[:1] in ("[", "{")):
        try:
            return calls_of(value)
        except ValueError:
            return []
    return []


TEXT = ("text", "value", "content", "answer", "output", "generated_text", "response")
"""Where an object has the text that it is about: SQuAD's {"text": […]}, TriviaQA's {"value": …}."""


def instruction_in(key: str, value: Any, beside: Beside) -> str:
    """Raises ValueError when it is no text, and nothing that means one."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            return text_of(value, beside)
        case [str(one)] | {"text": str(one)} | {"content": str(one)} if not isinstance(value, dict) or len(value) == 1:
            return one
        case [str(), *_] if all(isinstance(part, str) for part in value):
            beside.done.add("lists of texts, as one text")
            return "\n\n".join(value)
    raise ValueError(f"{key} is {brief(value)}, not a text: make it one, or leave it out")


def input_in(value: Any, beside: Beside) -> str:
    """An object, or a list of more than texts, is its JSON text."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            return text_of(value, beside)
        case [str(one)]:
            return one
        case list() if all(isinstance(part, str) for part in value):
            beside.done.add("lists of texts, as one text")
            return "\n\n".join(value)
    return _as_json(value, beside)


def answer_in(key: str, value: Any, beside: Beside, choices: Any = None) -> tuple[str, dict[str, Any]]:
    """The text of an answer, and what else its cell says, to be carried along.

    Of several right answers it is the first. The number of a choice is the choice, where the row has a list of them.
    """
    match value:
        case str():
            return value, {}
        case int() if not isinstance(value, bool) and _is_choice(value, choices):
            beside.done.add("answers that are the number of a choice, written as the choice")
            return choices[value], {key: value}
        case bool() | int() | float():
            return text_of(value, beside), {}
        case list():
            return _first(key, value, beside)
        case dict() if name := next((name for name in TEXT if not absent(value.get(name))), None):
            if isinstance(value[name], str | list):
                text, _ = answer_in(name, value[name], Beside())
                return text, ({} if len(value) == 1 and isinstance(value[name], str) else {key: value})
    return _as_json(value, beside), {}


def _first(key: str, value: list[Any], beside: Beside) -> tuple[str, dict[str, Any]]:
    texts = [part for part in value if not absent(part)]
    if not texts:
        return "", {}
    if all(isinstance(part, dict) and any(name in part for name in TEXT) for part in texts):
        text, _ = answer_in(key, texts[0], Beside())
        beside.done.add("several answers, the first taken and the others carried along")
        return text, {key: value}
    if not all(isinstance(part, str) for part in texts):
        return _as_json(value, beside), {}
    first = next((text for text in texts if text.strip()), "")
    if len(texts) == 1:
        return first, {}
    beside.done.add("several answers, the first taken and the others carried along")
    others = list(texts)
    others.remove(first)
    return first, {f"other_{key}" if key.endswith("s") else f"other_{key}s": others}


def _is_choice(value: int, choices: Any) -> bool:
    return isinstance(choices, list) and all(isinstance(one, str) for one in choices) and 0 <= value < len(choices)


def _as_json(value: Any, beside: Beside) -> str:
    beside.done.add("lists or objects in the place of a text, written as JSON")
    return json.dumps(value, ensure_ascii=False, default=str)  # a date, in Python
