"""Turns out of anybody's conversation: a list of turns, rounds, pairs or texts, or JSON text of any of these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from selfinstruct.rows.layouts.marks import THOUGHTS, Beside, absent, is_learned, is_thought, plain
from selfinstruct.rows.layouts.order import arranged
from selfinstruct.rows.layouts.parts import joined, said_in
from selfinstruct.rows.layouts.quoted import value_in
from selfinstruct.rows.layouts.roles import CALL, KNOWN, THOUGHT, role_of
from selfinstruct.rows.layouts.tools import calls_in, calls_of, results_in, tools_of
from selfinstruct.rows.notes import Notes, brief
from selfinstruct.task import Message

__all__ = ["conversation_in", "is_conversation", "turns_of"]


def turns_of(value: Any, name: str, notes: Notes | None = None) -> tuple[Message, ...]:
    """The turns of a conversation: a list of turns (one turn also stands alone), of rounds, pairs or texts; or JSON
    text of it. Turns of one side in a row are one turn; empty ones are left out. There may be none.

    name    what the row calls the list, for messages
    Raises ValueError, in one line, for what is no turn.
    """
    beside = Beside()
    turns = conversation_in(value, name, beside)
    if beside.tools:
        beside.unused.add("tools in a turn")
    beside.tell(notes)
    return turns


def conversation_in(value: Any, name: str, beside: Beside) -> tuple[Message, ...]:
    """As `turns_of`, for who goes on to look at the rest of the row."""
    turns: list[Message] = []
    wordless: set[int] = set()
    for item in _items(value, name):
        if type(item) is dict and len(item) == 2:  # nearly all there are
            role, text = item.get("role"), item.get("content")
            if role is None:
                role, text = item.get("from"), item.get("value")
            if type(text) is str and text and type(role) is str and (ours := USUAL.get(role)):
                turns.append({"role": ours, "content": text})
                continue
        for turn, is_wordless in _turns(item, name, beside):
            if is_wordless:
                wordless.add(len(turns))
            turns.append(turn)
    if any("<tool_call>" in turn["content"] for turn in turns):
        many, turns = len(turns), _with_calls(turns, beside)
        wordless = wordless if len(turns) == many else set()
    return tuple(arranged(turns, wordless, beside))


def _with_calls(turns: list[Message], beside: Beside) -> list[Message]:
    """Hermes' calls and results, which stand in texts between tags, as calls and results, where there are tools."""
    if not beside.tools and not any(turn["role"] == "tool" or "<tools>" in turn["content"] for turn in turns):
        return turns
    found: list[Message] = []
    for turn in turns:
        if turn["role"] == "tool":
            found += [{**turn, "content": said} for said in results_in(turn["content"])]
        elif turn["role"] == "assistant" and "<tool_call>" in turn["content"] and "tool_calls" not in turn:
            with suppress(ValueError):
                around, calls = calls_in(turn["content"])
                turn = {**turn, "content": around, "tool_calls": calls}
            found.append(turn)
        else:
            found.append(turn)
    return found


USUAL = {"user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant", "system": "system"}
"""Those that need no second look."""


def is_conversation(value: Any, *, sure: bool = False, texts: bool = False) -> bool:
    """Whether a value looks like a conversation: a list of turns, of rounds or of pairs, or JSON text of one.

    sure     the column's name says so already: anything that can be a turn will do
    texts    whether a list of nothing but texts is one
    """
    if isinstance(value, str):
        if value[:1] not in ("[", "{"):
            return False
        try:
            value = value_in(value)
        except ValueError:
            return False
    if isinstance(value, dict):
        return bool(key := _role_key(value)) and isinstance(value[key], list)
    first = next((item for item in value if item is not None), None) if isinstance(value, list | tuple) else None
    match first:
        case dict():
            return sure or _is_round(first) or (_role_key(first) not in (None, "type") and _has_text(first))
        case list() | tuple():
            return (
                sure
                or is_conversation(first)
                or (len(first) == 2 and isinstance(first[0], str) and role_of(first[0]) is not None)
            )
        case str():
            return texts and len(value) > 1 and all(isinstance(item, str | None) for item in value)
    return False


def _has_text(turn: dict[str, Any]) -> bool:
    return any(MEANT.get(plain(key)) in (*TEXT_KEYS, "tool_calls", "parts") for key in turn)


def _is_round(turn: dict[str, Any]) -> bool:
    """Whether both sides are keys of an object."""
    return {role_of(key) for key, value in turn.items() if isinstance(value, str)} >= {"user", "assistant"}


def _items(value: Any, name: str) -> list[Any]:
    """The list of turns, however it is wrapped."""
    if isinstance(value, str):
        try:
            value = value_in(value)
        except ValueError:
            raise ValueError(
                f"{name} is a text, and no JSON of a conversation: {brief(value)}; --layout marked reads texts"
            ) from None
    if isinstance(value, dict):
        columns = [list(inner) for inner in value.values() if isinstance(inner, list | tuple)]
        if columns and len(columns) == len(value) and _role_key(value) and len(set(map(len, columns))) == 1:
            return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]  # a table's structs
        return [value]
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} is no list of turns but {brief(value)}")
    items = [item for item in value if item is not None]
    if len(items) == 1 and isinstance(items[0], list) and not all(isinstance(inner, str | None) for inner in items[0]):
        return _items(items[0], name)
    if items and all(isinstance(item, list | tuple) for item in items):
        return _pairs(items, name)
    if items and all(isinstance(item, str) for item in items):
        return _texts(items, name)
    return items


def _pairs(items: list[Any], name: str) -> list[dict[str, Any]]:
    """Of pairs, the question and its answer each (a history), or the role and the text, if both sides speak: a question
    may be "Q"."""
    if wrong := next((item for item in items if len(item) != 2), None):
        raise ValueError(f"{name} holds lists, and not each is a question and its answer: {brief(wrong)}")
    roles = {role_of(role) if isinstance(role, str) else None for role, _ in items}
    if {"user", "assistant"} <= roles and None not in roles:
        return [{"role": role, "content": text} for role, text in items]
    sides = ("user", "assistant")
    said = [(side, text) for pair in items for side, text in zip(sides, pair, strict=True)]
    return [{"role": side, "content": text} for side, text in said if text is not None]


SPOKEN = re.compile(r"\s*([^\W\d]\w{0,20}) ?[:：]\s*(.*)", re.DOTALL)


def _texts(items: list[str], name: str) -> list[dict[str, Any]]:
    """Texts alone are the user's and the assistant's in turn, unless each begins with its speaker: "Human: Hello"."""
    spoken = [SPOKEN.fullmatch(item) for item in items]
    if all(found and role_of(found[1]) for found in spoken):
        return [{"role": found[1], "content": found[2]} for found in spoken if found]
    if len(items) == 1 and items[0].lstrip()[:1] in ("[", "{"):
        return _items(items[0], name)
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(items)]


ROLE_KEYS = ("role", "from", "speaker", "author", "sender", "type")
TEXT_KEYS = ("content", "value", "text", "message", "utterance", "msg", "body")
MEANT = {key: key for key in (*ROLE_KEYS, *TEXT_KEYS, "parts", "name", "tools", "learned", "extra", "thoughts")}
MEANT |= {"toolcalls": "tool_calls", "functioncall": "tool_calls", "toolcall": "tool_calls", "functions": "tools"}
MEANT |= {"toolcallid": "tool_call_id", "callid": "tool_call_id", "toolname": "name", "functionname": "name"}
"""By a key as `plain` writes it."""


def _role_key(turn: dict[str, Any]) -> str | None:
    return next((key for key in ROLE_KEYS if turn.get(key) is not None), None)


def _turns(item: Any, name: str, beside: Beside) -> Iterator[tuple[Message, bool]]:
    """The turns that one item of the list is, nearly always one; and whether it has parts, but none that are words."""
    if not isinstance(item, dict):
        raise ValueError(f"a turn in {name} has role and content, or from and value; this one is {brief(item)}")
    turn = {ours if (ours := MEANT.get(plain(key))) in (*ROLE_KEYS, *TEXT_KEYS) else key: item[key] for key in item}
    key = _role_key(turn)
    if key == "type" and not (isinstance(turn["type"], str) and role_of(turn["type"])):
        key = None
    if key is None:
        for side in _sides(item, name):
            yield from _turns(side, name, beside)
        return
    role = _role(turn.pop(key), name)
    text_key = next((known for known in TEXT_KEYS if not absent(turn.get(known))), None)
    content = turn.pop(text_key) if text_key else turn.pop("parts", None)
    if role == CALL:
        content = _called(turn, content)
        role = "assistant"
    said = said_in(content, "assistant" if role == THOUGHT else role, beside)
    if role == THOUGHT:
        role, said.thoughts, said.texts = "assistant", [*said.thoughts, *said.texts], []
    for result in said.results:
        yield result, False
    message = Message(role=role, content=joined(said.texts))
    if said.thoughts and role == "assistant":
        message["thoughts"] = "\n\n".join(said.thoughts)
    elif said.thoughts:
        beside.unused.add("thoughts of a turn that is no answer")
    if said.calls:
        message["tool_calls"] = said.calls
    _add(turn, message, beside)
    if len(message) > 2 or message["content"] or not said.results:
        yield message, said.unread and not message["content"].strip() and not message.get("tool_calls")


def _role(value: Any, name: str) -> str:
    given = value.get("role") if isinstance(value, dict) else value  # ChatGPT's own files: {"author": {"role": …}}
    role = role_of(given) if isinstance(given, str) else None
    if role is None:
        raise ValueError(f"nobody is called {brief(given)} in {name}; there are {KNOWN}")
    return role


def _sides(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The turns of a round that has its sides as keys: {"human": …, "assistant": …}, {"question": …, "answer": …}."""
    sides = {key: role for key in item if (role := role_of(key)) in ("user", "assistant", "system") and item[key]}
    if not sides:
        raise ValueError(f"a turn in {name} has role and content, or from and value; this one is {brief(item)}")
    turns: list[dict[str, Any]] = [{"role": role, "content": item[key]} for key, role in sides.items()]
    turns[-1] |= {key: value for key, value in item.items() if key not in sides and key not in ("role", "content")}
    return turns


def _called(turn: dict[str, Any], content: Any) -> Any:
    """Moves the calls of a function_call turn to where OpenAI has them; returns what is said around them."""
    if content is None and "name" in turn:  # the turn is the call itself
        keys = [key for key in ("name", "arguments", "call_id", "id", "parameters") if key in turn]
        turn["tool_calls"] = calls_of({key: turn.pop(key) for key in keys})
        return None
    around, calls = calls_in(content) if isinstance(content, str) else (None, calls_of(content))
    turn["tool_calls"] = calls + calls_of(turn.get("tool_calls") or [])
    return around


def _add(turn: dict[str, Any], message: Message, beside: Beside) -> None:
    """What else a turn says: used, or carried along."""
    answer = message["role"] == "assistant"
    extra: dict[str, Any] = {}
    for key, value in turn.items():
        if absent(value):
            continue
        meant = MEANT.get(plain(key), key)
        if meant == "tool_calls" and answer:
            message["tool_calls"] = message.get("tool_calls", []) + calls_of(value)
        elif answer and plain(key) in THOUGHTS and is_thought(value, key):
            if value != message.setdefault("thoughts", value):
                extra[key] = value
        elif meant in ("name", "tool_call_id") and isinstance(value, str | int) and meant not in message:
            message[meant] = str(value)  # type: ignore[literal-required]
        elif meant == "tools":
            beside.tools += tools_of(value)
        elif meant == "extra" and isinstance(value, dict):
            extra = value | {f"{key}_" if key in value else key: more for key, more in extra.items()}
        elif (learned := is_learned(key, value, beside)) is None:
            extra[f"{key}_" if key in extra else key] = value
        elif answer and not learned:
            message["learned"] = False
        elif not answer and learned and plain(key) not in ("weight", "loss"):
            beside.unused.add(f"{key} of a turn that is no answer")
    if extra:
        message["extra"] = extra
