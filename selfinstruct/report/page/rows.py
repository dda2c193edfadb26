"""The rows of the table, under short names: a hundred thousand of them are read by a browser."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from selfinstruct.report.counting.texts import language, outputs, score
from selfinstruct.task import Rejected, Task
from selfinstruct.teachers.journal.exchanges import Exchange
from selfinstruct.text.tokens import tokens

__all__ = ["Facets", "said", "shown_row"]

LONGEST = 8_000
"""Characters of a text that a row shows; how many more there are is said."""


def cut(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]}\n… (+{len(text) - most:,})"


def shown_row(item: Task | Rejected, number: int = 0) -> dict[str, Any]:
    """The row of a task or a rejection; `number` is that of its data set. What is empty is left out.

    i id · q instruction, or the text · x [[input, output, thoughts]] · t [[role, text, thoughts]] · j [[good, text,
    score]] · s step · o operator, r its round · e what it was rewritten from · l language · n [words asked, words
    answered] · v score · c whether it is classification · p parents · h requests · m further keys · z data set; of a
    rejection k category, d detail, w what was lost, a the answer that was rejected
    """
    row = _of_task(item) if isinstance(item, Task) else _of_rejected(item)
    if item.evolved:
        row |= {"o": item.evolved.operator, "r": item.evolved.round, "e": cut(item.evolved.instruction)}
    row |= {"l": language(row["q"]), "p": list(item.parents), "z": number}
    return {name: value for name, value in row.items() if value not in ("", [], None, 0) or name in ("q", "v")}


def _of_task(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {"i": task.id, "q": cut(task.instruction), "s": task.origin, "x": _instances(task)}
    row["t"] = [[turn["role"], cut(_content(turn)), cut(turn.get("thoughts", ""))] for turn in task.turns]
    row["j"] = [[one.good, cut("\n".join(turn["content"] for turn in one.turns)), one.score] for one in task.judged]
    row["n"] = [len(tokens(task.instruction)), sum(len(tokens(text)) for text in outputs(task))]
    row["c"], row["h"] = task.is_classification, list(task.requests)
    if (value := score(task)) is not None:
        row["v"] = value
    row["m"] = cut(json.dumps(task.extra, ensure_ascii=False, default=str)) if task.extra else ""
    return row


def _of_rejected(item: Rejected) -> dict[str, Any]:
    row: dict[str, Any] = {"i": item.task, "q": cut(item.instruction or item.text), "x": _instances(item)}
    row |= {"a": cut(item.text) if item.instruction else "", "k": item.category, "d": cut(item.detail, 400)}
    row |= {"s": item.origin, "w": "" if item.what == "task" else item.what, "h": [item.request] * bool(item.request)}
    row["n"] = [len(tokens(item.instruction or item.text)), sum(len(tokens(each.output)) for each in item.instances)]
    return row


def _instances(item: Task | Rejected) -> list[list[str]]:
    return [
        [cut(each.input), cut(each.output), *([cut(each.thoughts)] if each.thoughts else [])]
        for each in item.instances[:20]
    ]


def _content(turn: Any) -> str:
    calls = turn.get("tool_calls")
    return str(turn["content"]) + (f"\n{json.dumps(calls, ensure_ascii=False)}" if calls else "")


class Facets:
    """What rows can be filtered by, counted as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in ("reason", "step", "operator", "language")}
        self._scored = False

    def of(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            self.rows += 1
            for name, key in (("reason", "k"), ("step", "s"), ("operator", "o"), ("language", "l")):
                if key in row:
                    self._counts[name][row[key]] += 1
            self._scored = self._scored or "v" in row
            yield row

    def found(self) -> dict[str, Any]:
        """{"reason": {category: rows}, "step", "operator", "language", "scored": whether any row has a score}."""
        return {name: dict(counts.most_common(60)) for name, counts in self._counts.items()} | {"scored": self._scored}


def said(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Prompts and answers for the page: what the prompts of a step begin and end with alike is there once.

    {"frames": {step: [before, after]}, "said": {id: [step, model, middle of the prompt, answer, thoughts]}}
    """
    prompts: dict[str, list[str]] = {}
    for one in exchanges:
        prompts.setdefault(one.step, []).append(cut(one.prompt, 4 * LONGEST))
    frames = {step: _frame(texts) for step, texts in prompts.items()}
    found = {}
    for one in exchanges:
        before, after = frames[one.step]
        prompt = cut(one.prompt, 4 * LONGEST)
        middle = prompt[len(before) : len(prompt) - len(after)]
        found[one.id] = [one.step, one.model, middle, cut(one.answer, 2 * LONGEST), cut(one.thoughts)]
    return {"frames": {step: list(frame) for step, frame in frames.items()}, "said": found}


def _frame(texts: Sequence[str]) -> tuple[str, str]:
    if len(texts) < 2:
        return "", ""
    before = _begin(texts)
    return before, _begin([text[len(before) :][::-1] for text in texts])[::-1]


def _begin(texts: Sequence[str]) -> str:
    """What all begin with: what the first and the last of them by the alphabet do."""
    first, last = min(texts), max(texts)
    same = (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(same, min(len(first), len(last)))]
