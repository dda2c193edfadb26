"""Conversations in one text, whose turns begin with marks: <human>: and <bot>:, those of ChatML, Llama and Vicuna."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from selfinstruct.rows.layouts.roles import CALL, role_of

__all__ = ["FAMILIES", "conversation_in_text", "family_of", "turns_in"]


@dataclass(frozen=True, slots=True)
class Family:
    """Marks that go together. Those that are words count at the beginning of a line only, where their format has them
    there: an answer may quote them.
    """

    head: re.Pattern[str]
    """What begins a turn, with its role or name as the one group."""
    ends: tuple[str, ...] = ()
    """What may end one."""
    roles: tuple[tuple[str, str], ...] = ()
    """Where `role_of` does not know a name."""
    before: str = ""
    """What a mark has before it, which the first one of a text may lack."""


def _heads(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


ENDS = ("</s>", "<|endoftext|>", "<|end|>", "<|im_end|>", "<|end_of_turn|>")

FAMILIES: dict[str, Family] = {
    "chatml": Family(_heads(r"<\|im_start\|>([\w-]+)(?:\n|[ \t]|$)"), ("<|im_end|>", "<|endoftext|>")),
    "llama3": Family(
        _heads(r"<\|start_header_id\|>(\w+)<\|end_header_id\|>"), ("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>")
    ),
    "llama4": Family(_heads(r"<\|header_start\|>(\w+)<\|header_end\|>"), ("<|eot|>", "<|end_of_text|>")),
    "gemma": Family(_heads(r"<start_of_turn>(\w+)"), ("<end_of_turn>", "<eos>")),
    "command": Family(
        _heads(r"<\|START_OF_TURN_TOKEN\|><\|(USER|CHATBOT|SYSTEM)_TOKEN\|>"), ("<|END_OF_TURN_TOKEN|>", "<EOS_TOKEN>")
    ),
    "llama2": Family(_heads(r"(\[INST\]|\[/INST\])"), ("</s>",), (("[INST]", "user"), ("[/INST]", "assistant"))),
    "deepseek": Family(_heads(r"<[|｜](User|Assistant)[|｜]>"), ("<｜end▁of▁sentence｜>", *ENDS)),
    "moss": Family(_heads(r"<\|(Human|MOSS)\|>: ?"), ("<eoh>", "<eom>")),
    "tokens": Family(_heads(r"<\|(system|user|assistant|prompter|human|bot|observation)\|>:?"), ENDS),
    "baize": Family(_heads(r"\[\|(Human|AI)\|\]:?"), ENDS),
    "bot": Family(_heads(r"^[ \t]*<(human|user|bot|assistant|gpt|system)> ?:"), ENDS),
    "guanaco": Family(_heads(r"###(?:#{1,3})? ?(Human|User|USER|Assistant|ASSISTANT|System|SYSTEM|GPT|Bot) ?:"), ENDS),
    "alpaca": Family(
        _heads(r"^### ?(Instruction|INSTRUCTION|Input|INPUT|Response|RESPONSE|Output|Question|Answer) ?:"), ENDS
    ),
    "hh": Family(_heads(r"\n\n(Human|Assistant):"), before="\n\n"),
    "openchat": Family(_heads(r"(?:GPT4 Correct|GPT4|Code) (User|Assistant):"), ENDS),
    # Vicuna's turns follow one another in one line, after a space or </s>.
    "vicuna": Family(_heads(r"(?<![^\s>])(SYSTEM|USER|HUMAN|ASSISTANT|FUNCTION RESPONSE):(?!\S)"), ENDS),
    "names": Family(_heads(r"^[ \t]*(System|User|Human|Assistant|AI|Bot|Chatbot|GPT) ?: ?"), ENDS),
    "chinese": Family(_heads(r"^[ \t]*(用户|人类|问|助手|模型|答|系统) ?[:：]"), ENDS),
    "questions": Family(_heads(r"^[ \t]*(Q|A|Question|Answer) ?: ?"), ENDS),
}
"""In the order in which they are looked for; of several, the one whose marks come first in the text."""

SYSTEM = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
ALPACA = re.compile(r"Below is an instruction that describes a task\b[^#]*\Z")
"""The words that Alpaca's template begins with: no system text, but a frame."""
ROUND = re.compile(r"^\[Round \d+\]\s*$", re.MULTILINE)
SHORT = 100_000
"""Characters in which the first marks of both sides stand."""
LONGEST = 60
"""Characters of a mark."""


def family_of(text: str, only: str = "") -> str | None:
    """Whose marks a text has: those of both sides, the user's first. `only` looks for one family's."""
    found, first = None, SHORT
    for name, family in FAMILIES.items() if not only else [(only, FAMILIES[only])]:
        whole = family.before + text if family.before else text
        # Nearly always next to nothing, after the right one was found.
        start = family.head.search(whole, 0, first + LONGEST)
        if start is None or start.start() >= first:
            continue
        sides = [_role(start[1], name)]
        for head in family.head.finditer(whole, start.end(), SHORT):
            if {"user", "assistant"} <= set(sides):
                break
            if (side := _role(head[1], name)) not in sides:
                sides.append(side)
        if [side for side in sides if side in ("user", "assistant")] == ["user", "assistant"]:
            found, first = name, start.start()
    return found


def conversation_in_text(text: str) -> list[dict[str, Any]] | None:
    """The turns of a text whose marks nobody would write for anything else; None for all other texts.

    For rows that have nothing but the text. Lines that begin with "User:" or "Q:" are a play or an exam as well: these
    are read when somebody says so (`--layout marked`).
    """
    name = family_of(text)
    is_sure = name not in UNSURE or (name == "alpaca" and "### Instruction:" in text and "### Response:" in text)
    return turns_in(text, name) if name and is_sure else None


UNSURE = ("alpaca", "names", "chinese", "questions")


def turns_in(text: str, name: str = "") -> list[dict[str, Any]] | None:
    """The turns of a text with marks, what stands before the first as a system text; None for a text without.

    name    of the marks, where it is known
    """
    name = name or family_of(text) or ""
    if not name:
        return None
    text = FAMILIES[name].before + text
    heads = list(FAMILIES[name].head.finditer(text))
    if not heads:
        return None
    ends = [head.start() for head in heads[1:]] + [len(text)]
    turns = [{"role": "system", "content": _frame(text[: heads[0].start()], name)}]
    for head, end in zip(heads, ends, strict=True):
        role, said = _role(head[1], name), _cut(text[head.end() : end], name)
        if name == "alpaca" and head[1].lower() == "input":
            turns[-1]["content"] = "\n\n".join(filter(None, (turns[-1]["content"], said)))
            continue
        if name == "llama2" and role == "user" and (system := SYSTEM.match(said)):
            turns.append({"role": "system", "content": system[1].strip()})
            said = said[system.end() :].strip()
        turns.append({"role": role or head[1], "content": said})
    return [turn for turn in turns if turn["content"]]


def _role(head: str, name: str) -> str | None:
    return dict(FAMILIES[name].roles).get(head) or (None if (role := role_of(head)) == CALL else role)


def _frame(text: str, name: str) -> str:
    """What stands before the first mark, if it says anything to the model."""
    text = _cut(text.replace("<|begin_of_text|>", "").replace("<bos>", ""), name)
    for begin in ("<s>", "<|im_start|>", "<BOS_TOKEN>", "<｜begin▁of▁sentence｜>", "[gMASK]<sop>"):
        text = text.removeprefix(begin).strip()
    return "" if name == "alpaca" and ALPACA.match(text) else text


def _cut(text: str, name: str) -> str:
    """The text of a turn without what ends it, and blanks around."""
    text = text.strip()
    for _ in range(3):
        for end in (*FAMILIES[name].ends, "<s>"):
            text = text.removesuffix(end).rstrip()
    return ROUND.sub("", text).strip() if name == "chinese" else text
