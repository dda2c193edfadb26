"""The content of a turn, in anybody's shape: a text, parts of several kinds, or what a tool gave back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.rows.layouts.marks import THOUGHTS, Beside, absent, plain
from selfinstruct.rows.layouts.tools import calls_of, tools_of
from selfinstruct.rows.notes import brief
from selfinstruct.task import Message

__all__ = ["Said", "joined", "said_in", "text_of"]


@dataclass(slots=True)
class Said:
    """What the content of one turn holds."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    results: list[Message] = field(default_factory=list)
    """Turns of tools, which Anthropic writes into the user's."""
    unread: bool = False
    """Whether there were parts that are no words: an image."""


TEXT = ("text", "value", "content", "input_text", "output_text", "refusal")
"""Where a part has its text."""
KINDS = dict.fromkeys(("", "inputtext", "outputtext", "refusal", "markdown", "str"), "text")
KINDS |= dict.fromkeys(("imageurl", "inputimage", "img", "imagefile", "picture"), "image")
KINDS |= dict.fromkeys(("audiourl", "inputaudio", "sound"), "audio") | {"videourl": "video"}
KINDS |= dict.fromkeys(("inputfile", "document", "filedata", "inlinedata"), "file")
KINDS |= dict.fromkeys(("tooluse", "toolcall", "toolcalls", "functioncall", "servertooluse"), "call")
KINDS |= dict.fromkeys(("toolresult", "toolresponse", "functionresponse", "functioncalloutput"), "result")
"""What others call the kind of a part, as `plain` writes it."""


def said_in(content: Any, role: str, beside: Beside) -> Said:
    """What a content says. Raises ValueError when it is none that a turn can have."""
    said = Said()
    match content:
        case None:
            pass
        case str():
            said.texts.append(content)
        case bool() | int() | float():
            said.texts.append(text_of(content, beside))
        case {"parts": list(parts)}:  # ChatGPT's own files
            _read(parts, said, role, beside)
            _name(content, beside, "parts", "content_type", "type", "role")
        case dict() if role == "tool" and not ("type" in content and any(key in content for key in TEXT)):
            said.texts.append(json.dumps(content, ensure_ascii=False))
        case list() if role == "tool" and not all(_is_part(part) for part in content):
            said.texts.append(json.dumps(content, ensure_ascii=False))
        case dict() if _is_part(content):
            _read([content], said, role, beside)
        case list():
            _read(content, said, role, beside)
        case _:
            raise ValueError(f"what is said is a text, or a list of parts with a type; this is {brief(content)}")
    return said


def text_of(value: Any, beside: Beside) -> str:
    """A number, or a truth, as the text that it is in JSON."""
    if isinstance(value, str):
        return value
    beside.done.add("numbers or truth values in the place of a text, written as one")
    return json.dumps(value)


def _is_part(value: Any) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, str | None)
    kinds = (KINDS.get(plain(key)) for key in value)
    return isinstance(value.get("type"), str) or any(key in value for key in TEXT) or "result" in kinds


def _read(parts: list[Any], said: Said, role: str, beside: Beside) -> None:
    for part in parts:
        match part:
            case None | "":
                pass
            case str():
                said.texts.append(part)
            case dict():
                _read_part(part, said, role, beside)
            case _:
                raise ValueError(f"a part of what is said is a text or an object; this one is {brief(part)}")


def _read_part(part: dict[str, Any], said: Said, role: str, beside: Beside) -> None:
    kind = str(part.get("type") or part.get("content_type") or "")
    key = next((key for key in part if isinstance(part[key], dict)), "")
    if not kind and KINDS.get(plain(key)) in ("call", "result"):  # Gemini's and Bedrock's: the kind is a key
        kind, part = key, part[key]
    kind = KINDS.get(plain(kind), kind)
    if kind == "text" or plain(kind) in THOUGHTS:
        names = (*TEXT, "thinking", "reasoning", "thought", "reasoning_content") if kind != "text" else TEXT
        key = next((key for key in names if isinstance(part.get(key), str)), "")
        if key:
            thought = kind != "text" or part.get("thought") is True
            (said.thoughts if thought else said.texts).extend([part[key]] if part[key] else [])
            _name(part, beside, key, "type", "content_type", "thought")
            return
        kind = kind if "type" in part else next(iter(part), "empty")
    if kind == "call" and role == "assistant":
        said.calls += calls_of(part["value"] if part.get("value") is not None else part)
    elif kind == "tools":
        beside.tools += tools_of(next((part[key] for key in ("value", "tools", "text") if part.get(key)), []))
    elif kind == "result":
        said.results.append(_result(part, beside))
    else:
        said.unread = True
        beside.unused.add(f"{KINDS.get(plain(kind), kind)} parts")


RESULT = ("content", "output", "value", "text", "response", "result")
CALL_ID = ("tool_use_id", "tool_call_id", "call_id", "toolUseId", "id")


def _result(part: dict[str, Any], beside: Beside) -> Message:
    """The turn of a tool, of a part {"type": "tool_result", "tool_use_id", "content"}."""
    body = next((part[key] for key in RESULT if not absent(part.get(key))), None)
    turn = Message(role="tool", content=joined(said_in(body, "tool", beside).texts))
    number = next((part[key] for key in CALL_ID if part.get(key)), None)
    if number is not None:
        turn["tool_call_id"] = str(number)
    if isinstance(name := part.get("name"), str):
        turn["name"] = name
    _name(part, beside, "type", "name", *RESULT, *CALL_ID)
    return turn


def _name(part: dict[str, Any], beside: Beside, *used: str) -> None:
    """What else a part says is named."""
    beside.unused.update(key for key, value in part.items() if key not in used and not absent(value))


def joined(texts: list[str]) -> str:
    """Parts of one text; each begins a line, unless there is a space already."""
    text = ""
    for part in texts:
        between = "" if not text or text[-1].isspace() or part[:1].isspace() else "\n"
        text += between + part
    return text
