"""The tests' simple teacher as user, assistant, tools and critic: a message carries the arguments of its calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from selfinstruct.simulator.tooling import value_for, way_in

__all__ = ["critical", "with_tools"]

HEADS = {
    "request": ("[Messages]", "【消息】"),
    "call": ("If the functions can do", "如果这些函数能办到"),
    "result": ("[Results]", "【结果】"),
    "answer": ("[The assistant]", "【助手】"),
}


def with_tools(rng: Random, prompt: str, say: Callable[[], str], chinese: bool) -> str | None:
    """What it writes as any of them; None to other prompts. `say`: some instruction."""
    end = prompt.rstrip().rpartition("\n")[2]
    role = next((role for role, heads in HEADS.items() if end.startswith(heads)), "")
    found = (line for line in prompt.split("\n") if line.startswith("{"))
    lines = [json.loads(line) for line in found] if role in ("request", "call", "result") else []
    if role == "request":
        return _messages(rng, prompt, lines, say, chinese)
    if role == "call":
        return _calls(rng, prompt, lines[0], chinese)
    if role == "result":
        many = sum("arguments" in line for line in lines)
        results = [json.dumps({"found": rng.randrange(99), "in": say()[:9]}) for _ in range(many)]
        return "\n".join(results if rng.random() > 0.1 else ["Nothing."])
    if role == "answer":
        number = re.findall(r'"found": (\d+)', prompt)[0]
        return f"找到了{number}个。" if chinese else f"There are {number if rng.random() > 0.1 else 77123} of them."
    return None


def _messages(rng: Random, prompt: str, functions: list[dict[str, Any]], say: Callable[[], str], chinese: bool) -> str:
    wanted = re.split(r"\[Wanted\]\n|【要求】\n", prompt)[-1].split("\n\n")[0]
    way = way_in(wanted, "zh" if chinese else "en")
    lines = []
    for number in range(1, 6):
        said = say()
        values = [value_for(functions[0]["parameters"], rng, [said[:6]]) for _ in range(2 if way == "several" else 1)]
        carried = json.dumps(values, ensure_ascii=False) if way in ("one", "several") else ""
        lines.append(f"{number}. {said} {carried}")
    return "\n".join(lines)


def _calls(rng: Random, prompt: str, function: dict[str, Any], chinese: bool) -> str:
    carried = re.search(r"\[\{.*\}\]$", prompt, re.MULTILINE)
    if not carried:
        return "请问是哪一个？" if chinese else "Which one, please?"
    calls = [{"name": function["name"], "arguments": one} for one in json.loads(carried[0])]
    if rng.random() < 0.1:
        calls[0]["name"] = "no_such_tool"
    return json.dumps(calls, ensure_ascii=False)


def critical(rng: Random, heading: str, chinese: bool) -> str | None:
    """A critique or a revised answer; None under other headings."""
    if heading in ("Critique", "批评"):
        nothing, something = ("无", "说得太满。") if chinese else ("None", "It claims too much.")
        return nothing if rng.random() < 0.3 else something
    if heading in ("Revised answer", "修改后的回答"):
        return f"{'更稳妥的答案' if chinese else 'a milder answer'} {rng.randrange(99)}"
    return None
