"""Importers: what is read by name (`--layout hh`), because its rows do not show what they are, or are no rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from selfinstruct.rows.importers.marked import family_of, turns_in
from selfinstruct.rows.importers.nested import squad_of, summary_of
from selfinstruct.rows.importers.questions import has_questions, questions
from selfinstruct.rows.importers.trees import oasst, oasst_all, oasst_ranked
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.layouts.marks import absent, plain
from selfinstruct.rows.notes import Bad, Notes, Where, brief, printable
from selfinstruct.rows.preferences.preferences import preference_of
from selfinstruct.task import Task

__all__ = ["IMPORTERS", "Importer", "guess", "marked_of", "shown_row"]

Importer = Callable[[Iterable[tuple[Where, Any | Bad]], Notes], Iterator[tuple[Where, Task | Bad]]]
"""The tasks of rows, each at its place; Bad for a row that is none of the importer's, and what was Bad stays it. A task
whose row has no id has none either ("")."""


def _each(read: Callable[[dict[str, Any], Notes], Task]) -> Importer:
    """An importer of rows that are a task each. `read` raises ValueError for one that is none."""

    def one(row: dict[str, Any], notes: Notes) -> Iterator[Task]:
        yield read(row, notes)

    one.__doc__ = read.__doc__
    return _several(one)


def _several(read: Callable[[dict[str, Any], Notes], Iterator[Task]]) -> Importer:
    """An importer of rows that hold several tasks: all of them, or none where `read` raises ValueError."""

    def tasks(rows: Iterable[tuple[Where, Any | Bad]], notes: Notes) -> Iterator[tuple[Where, Task | Bad]]:
        for where, row in rows:
            if isinstance(row, Bad):
                yield where, row
                continue
            found: list[Task | Bad]
            try:
                if not isinstance(row, dict):
                    raise ValueError(f"a row is an object; this one is {brief(row)}")
                found = [*read(row, notes)]
            except (ValueError, RecursionError) as error:
                name = guess(row)
                hint = f"; it looks like --layout {name}" if name and IMPORTERS[name] is not tasks else ""
                found = [Bad(where, printable(error) + hint, shown_row(row))]
            for task in found:
                yield where, task

    tasks.__doc__ = read.__doc__
    return tasks


def shown_row(row: Any) -> str:
    """The row as JSON, for the side file, as far as it goes."""
    try:
        return json.dumps(row, ensure_ascii=False, default=str)[:1000]
    except (ValueError, RecursionError):
        return brief(row)


def _hh(row: dict[str, Any], notes: Notes) -> Task:
    """HH-RLHF: chosen and rejected, each a whole conversation in one text of "\\n\\nHuman: …\\n\\nAssistant: …".

    A preference task: what both begin with is the question, and where they begin to differ, at an answer, the judged
    ones begin. A row with one such text, under whatever name, is a conversation.
    """
    sides = {key: row[key] for key in row if plain(key) in ("chosen", "rejected")}
    if not sides:
        return marked_of(row, notes, "hh")
    turns = {key: turns_in(text, "hh") if isinstance(text, str) else None for key, text in sides.items()}
    if wrong := next((key for key, found in turns.items() if not found), None):
        raise ValueError(f"{wrong} has no Human: and Assistant: at the beginning of paragraphs: {brief(row[wrong])}")
    task = preference_of(row | turns, notes, lambda rest: task_of(rest, "", notes))
    if task is None:
        raise ValueError(f"{' and '.join(sides)} hold no answer: leave the row out")
    return task


def _marked(row: dict[str, Any], notes: Notes) -> Task:
    """Conversations in one text with marks: <human>: and <bot>:, ChatML, [INST], ### Human:, USER:, and others.

    Which marks they are is found, text by text: those of both sides that come first. The text is that under `text`, or
    under the one name that has such a text; all other columns are carried along, system and tools used. What stands
    before the first mark is a system text.
    """
    return marked_of(row, notes)


def marked_of(row: dict[str, Any], notes: Notes | None, family: str = "") -> Task:
    """The task of a row whose conversation is one text with marks, by the name of the marks or whichever they are.
    Raises ValueError for a row without such a text.
    """
    texts = {key: value for key, value in row.items() if isinstance(value, str)}
    texts = {key: value for key, value in texts.items() if plain(key) == "text"} or texts
    found = {key: name for key, text in texts.items() if (name := family_of(text, family))}
    if len(found) != 1:
        said = f"{' and '.join(found)} have" if found else "no text here has"
        raise ValueError(f"{said} marks of both sides, as <human>: and <bot>: are: call the one that is meant `text`")
    key, name = next(iter(found.items()))
    turns = turns_in(row[key], name) or []
    rest = {other: value for other, value in row.items() if other != key}
    first = {plain(other): other for other in reversed(rest)}  # of those called alike: what was named comes first
    asked = {other: rest[other] for name, other in first.items() if name in USED_BESIDE}
    task = task_of({"messages": turns, **asked}, "", notes)
    carried = {other: value for other, value in rest.items() if other not in asked and not absent(value)}
    return replace(task, extra=task.extra | carried)


USED_BESIDE = ("id", "system", "systemprompt", "tools", "functions")


def _moss(row: dict[str, Any], notes: Notes) -> Task:
    """MOSS: {"chat": {"turn_1": {"Human", "Inner Thoughts", "Commands", "Tool Responses", "MOSS"}, …}} with its marks.

    The inner thoughts are those of the answer, or of the call; a command other than None is the call of a tool, with
    what stands in its brackets as the argument `text`, and what it gave back is the tool's turn. meta_instruction is
    the system text.
    """
    chat = row.get("chat")
    if not isinstance(chat, dict) or not chat or not all(isinstance(said, dict) for said in chat.values()):
        raise ValueError(f"chat has a turn_1 with what Human and MOSS say; it is {brief(chat)}")
    turns: list[dict[str, Any]] = []
    for said in chat.values():
        texts = {plain(key): _unmarked(value) for key, value in said.items() if isinstance(value, str)}
        if "human" not in texts or "moss" not in texts:
            raise ValueError(f"a turn of chat has what Human and MOSS say; this one is {brief(said)}")
        thoughts = {key: texts[key] for key in ("innerthoughts",) if texts.get(key, "None") != "None"}
        turns.append({"role": "user", "content": texts["human"]})
        if (command := texts.get("commands", "None")) != "None":
            name, _, argument = command.partition("(")
            call = {"name": name.strip(), "arguments": {"text": argument.strip().removesuffix(")").strip("\"' ")}}
            turns.append({"role": "assistant", "content": "", "tool_calls": [call], **thoughts})
            turns.append({"role": "tool", "content": texts.get("toolresponses", "")})
            thoughts = {}
        turns.append({"role": "assistant", "content": texts["moss"], **thoughts})
    rest = {key: value for key, value in row.items() if key not in ("chat", "meta_instruction")}
    system = {"system": row["meta_instruction"]} if isinstance(row.get("meta_instruction"), str) else {}
    return task_of({"messages": turns, **system, **rest}, "", notes)


MOSS = re.compile(r"<\|[\w ]+\|>: ?|<eo[a-z]>")


def _unmarked(text: str) -> str:
    return MOSS.sub("", text).strip()


def _glaive(row: dict[str, Any], notes: Notes) -> Task:
    """Glaive's function calls: {"system": "SYSTEM: … {functions}", "chat": "USER: … ASSISTANT: <functioncall> …"}.

    The functions in the system text are the task's tools, a <functioncall> is the call of one, and FUNCTION RESPONSE
    what it gave back.
    """
    chat = turns_in(row["chat"], "vicuna") if isinstance(row.get("chat"), str) else None
    if not chat:
        raise ValueError(f"chat is a text of USER: and ASSISTANT: turns; it is {brief(row.get('chat'))}")
    turns: list[dict[str, Any]] = []
    for turn in chat:
        text = turn["content"]
        before, mark, call = text.partition("<functioncall>")
        if turn["role"] != "assistant" or not mark:
            turns.append(turn)
            continue
        turns += [{"role": "assistant", "content": before.strip()}] if before.strip() else []
        turns.append({"role": "function_call", "content": call.strip()})
    system, tools = _functions(row["system"]) if isinstance(row.get("system"), str) else ("", [])
    given = {"system": system} if system else {}
    given |= {"tools": tools} if tools else {}  # type: ignore[dict-item]
    rest = {key: value for key, value in row.items() if key not in ("chat", "system")}
    return task_of({"messages": turns, **given, **rest}, "", notes)


def _functions(text: str) -> tuple[str, list[Any]]:
    """The system text without the functions that end it, and these."""
    text = text.strip().removeprefix("SYSTEM:").strip()
    tools: list[Any] = []
    rest = text[text.find("{") :] if "{" in text else ""
    at = 0
    while at < len(rest):
        try:
            tool, end = json.JSONDecoder().raw_decode(rest, at)
        except (ValueError, RecursionError):
            return text, []
        tools.append(tool)
        at = next((n for n in range(end, len(rest)) if not rest[n].isspace()), len(rest))
    return (text[: text.find("{")].strip(" \n-") if tools else text), tools


def _chatgpt(row: dict[str, Any], notes: Notes) -> Task:
    """ChatGPT's own export (conversations.json): a mapping of messages; the conversation that was on the screen last.

    From current_node up to the root. What the model sent to one of its tools is a call of it, with its text as the
    argument `text`; hidden messages are left out, and so are answers that were asked for again, which notes tell.
    """
    mapping = row.get("mapping")
    if not isinstance(mapping, dict) or not all(isinstance(node, dict) for node in mapping.values()):
        raise ValueError(f"mapping has the messages of a chat, by their ids; it is {brief(mapping)}")
    at = row.get("current_node") or next(reversed(mapping), None)
    path: dict[str, dict[str, Any]] = {}
    while isinstance(at, str) and at in mapping and at not in path:
        path[at] = mapping[at]
        at = mapping[at].get("parent")
    if sum(isinstance(node.get("message"), dict) for node in mapping.values()) > sum(
        isinstance(node.get("message"), dict) for node in path.values()
    ):
        notes.done["chats with other branches, left out"] += 1
    turns = [turn for node in reversed(path.values()) if (turn := _chatgpt_turn(node.get("message")))]
    about = {"id": row.get("id") or row.get("conversation_id"), "messages": turns}
    task = task_of(about, "", notes)
    used = ("mapping", "current_node", "id")
    return replace(task, extra={key: value for key, value in row.items() if key not in used and not absent(value)})


def _chatgpt_turn(message: Any) -> dict[str, Any] | None:
    """A message as a turn; None for one that nobody sees."""
    match message:
        case {"metadata": {"is_visually_hidden_from_conversation": True}}:
            return None
        case {"author": {"role": "assistant"}, "content": dict(content), "recipient": str(tool)} if tool != "all":
            call = {"name": tool, "arguments": {"text": _text_in(content)}}
            return {"role": "assistant", "content": "", "tool_calls": [call]}
        case {"author": {"role": str(role), **who}, "content": dict(content)} if text := _text_in(content):
            name = who.get("name")
            return {"role": role, "content": text} | ({"name": name} if isinstance(name, str) else {})
    return None


def _text_in(content: dict[str, Any]) -> Any:
    """The text of a message's content; its parts, where some are none (images)."""
    parts = content.get("parts", content.get("text", content.get("result")))
    if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
        return "\n\n".join(filter(None, parts))
    return parts if isinstance(parts, str) else [part for part in parts if part] if isinstance(parts, list) else ""


IMPORTERS: dict[str, Importer] = {
    "chatgpt": _each(_chatgpt),
    "glaive": _each(_glaive),
    "hh": _each(_hh),
    "marked": _each(_marked),
    "moss": _each(_moss),
    "oasst": oasst,
    "oasst_all": oasst_all,
    "oasst_ranked": oasst_ranked,
    "questions": questions,
    "squad": _several(squad_of),
    "summaries": _each(summary_of),
}


def guess(row: Any) -> str | None:
    """The importer that a row's shape suggests, for the message about a row that cannot be read."""
    if isinstance(row, str):
        return "questions" if row.strip() else None
    if not isinstance(row, dict):
        return None
    names = {plain(key): value for key, value in row.items()}
    match names:
        case {"prompt": {"text": _, "role": _}} | {"messageid": _, "parentid": _, "text": _, "role": _}:
            return "oasst"
        case {"mapping": dict()}:
            return "chatgpt"
        case {"paragraphs": [{"qas": _}, *_]}:
            return "squad"
        case {"info": {}, "summaries": _, "choice": _} | {"info": {}, "summary": {}}:
            return "summaries"
        case {"chat": dict(chat)} if any(plain(key).startswith("turn") for key in chat):
            return "moss"
        case {"chat": str(chat)} if family_of(chat, "vicuna"):
            return "glaive"
        case {"chosen": str(chosen), "rejected": str()} if family_of(chosen, "hh"):
            return "hh"
    marked = [name for name, value in names.items() if isinstance(value, str) and family_of(value)]
    if "text" in marked or len(marked) == 1:
        return "marked"
    return "questions" if has_questions(row) else None
