"""Evaluations as they are published, read for questions and answers, and the filter `overlap` that has read them.

GSM8K, MMLU, ARC, HellaSwag, HumanEval, MBPP, TruthfulQA, C-Eval, AlpacaEval, MT-Bench, SQuAD and their like, seed
tasks, anything else that rows/ reads, text with a question a line, and our own exam: overlap=exam.
"""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.filters.overlap import Overlap
from selfinstruct.filters.overlap_words import Item, Part
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.containers.sources import ending_of, sources_of
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.layouts.marks import plain
from selfinstruct.rows.notes import Bad, Where
from selfinstruct.running.options import beside
from selfinstruct.task import Task, json_line

__all__ = ["items_of", "overlap_of", "read_items"]

EXAM = "exam"
EXAM_TASKS = 500
"""As many as `selfinstruct exam` writes when nobody says otherwise, in each language."""

QUESTION = (
    *("question", "questions", "questiontext", "questionstem", "stem", "problem", "query", "prompt", "goal", "ctx"),
    *("sentence", "claim", "hypothesis", "statement", "task", "题目", "问题", "instruction", "instructions", "指令"),
    *("input", "inputs", "text", "user", "q"),
)
"""What is asked, by the names of columns: of several the first is it."""
SETTING = ("instruction", "instructions", "指令", "prompt", "task")
"""How it is asked, where something else is what."""
BESIDE = (
    *("input", "inputs", "context", "contexts", "passage", "article", "document", "paragraph", "story", "background"),
    *("premise", "输入", "上下文", "材料", "question", "query", "text"),
)
"""What it is asked about."""
CHOICES = re.compile(r"[a-j]|choices?\d?|options?[a-j\d]?|endings?\d?|candidates|sol\d|op[a-e]|选项[a-j]?")
ANSWER = re.compile(
    r"(?:best|correct|final|long|gold|reference|exact|good)?answers?|outputs?|(?:canonical)?solutions?|completions?"
    r"|responses?|targets?|references?|code|explanations?|rationales?|groundtruth|ideal|答案|回答|输出|解析"
)
TURNS = ("turns", "messages", "conversations", "conversation", "dialog", "dialogue")
ASKING, ANSWERING = ("user", "human", "question"), ("assistant", "gpt", "model", "bot", "answer")


def overlap_of(against: Sequence[str] = (), sha256: Sequence[str] = (), folder: Path | None = None) -> Overlap:
    """The filter `overlap`, which has read these evaluations.

    sha256      of what was read, by file, where a run has written it down
    folder      of the recipe, beside which files are looked for first
    Raises UsageError, also when a file is another than the recipe says.
    """
    if not against:
        raise UsageError("overlap is against nothing: name the file of an evaluation, like overlap=mmlu.jsonl")
    read = [tuple(read_items(name if name == EXAM else beside(folder, name))) for name in against]
    digests = tuple(map(_digest, read))
    for name, digest, before in zip(against, digests, sha256, strict=False):
        if digest != before:
            raise UsageError(
                f"overlap: {name} is not what it was (its items have the sha256 {digest[:12]}…, not "
                f"{quoted(before[:12])}…): get the other one, or leave out sha256 to go by this one"
            )
    return Overlap(tuple(against), digests, tuple(item for items in read for item in items))


def _digest(items: Iterable[Item]) -> str:
    digest = hashlib.sha256()
    for item in items:
        digest.update(json_line({"parts": [list(part) for part in item.parts]}))
    return digest.hexdigest()


def read_items(name: str) -> Iterator[Item]:
    """The items of an evaluation: a file or several, as all data is named. Raises UsageError, also for none."""
    found = False
    for item in _exam() if name == EXAM else _read(name):
        found = True
        yield item
    if not found:
        raise UsageError(f"overlap: {name} has no question that is known as one: call its column question or prompt")


def _exam() -> Iterator[Item]:
    from selfinstruct.simulator.exam import write_exam

    for language in ("en", "zh"):
        for task in write_exam(language, EXAM_TASKS):
            yield from _items_of_task(task, task.id)


def _read(name: str) -> Iterator[Item]:
    is_pattern = glob.has_magic(name) and "://" not in name and not Path(name).exists()
    if is_pattern and (found := sorted(glob.glob(name, recursive=True))):
        for one in found:  # with texts, which `sources_of` takes for no data
            yield from _read(one)
        return
    for source in sources_of(name):
        if source.kind == "file" and ending_of(source.name) in (".txt", ".text"):
            yield from _lines(Path(source.place))
            continue
        for number, (where, row) in enumerate(read_rows(source.place if source.kind == "file" else name)):
            if isinstance(row, Bad):
                raise UsageError(f"{row.where}: {row.why}")
            if not number and (first := _heading(row)):
                yield from items_of(first, f"{where.file}, line 1")
            yield from items_of(_named(row), _place(where))
        if source.kind != "file":
            return


def _place(where: Where) -> str:
    return str(where._replace(file=where.file.rpartition("/")[2]))


def _lines(path: Path) -> Iterator[Item]:
    """A question a line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8: save it as that") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Item(f"{path.name}, line {number}", (Part(line.strip(), "question"),))


# MMLU's own CSV has no line that names the columns, so that its first item is taken for one.

UNNAMED = ("question", "A", "B", "C", "D", "answer")


def _has_no_names(row: Any) -> bool:
    return isinstance(row, dict) and len(row) == len(UNNAMED) and list(row)[-1].strip() in ("A", "B", "C", "D")


def _heading(row: Any) -> dict[str, Any] | None:
    return dict(zip(UNNAMED, row, strict=True)) if _has_no_names(row) else None


def _named(row: Any) -> Any:
    return dict(zip(UNNAMED, row.values(), strict=True)) if _has_no_names(row) else row


def items_of(row: Any, place: str) -> Iterator[Item]:
    """The items of a row of an evaluation; several where it has turns or instances. None where nothing is asked."""
    if isinstance(row, str):
        row = {"question": row}
    if not isinstance(row, dict):
        return
    keys = {plain(key): key for key in reversed(row)}
    found = (row[keys[name]] for name in TURNS if name in keys)
    turns = next((value for value in found if isinstance(value, list)), None)
    if isinstance(row.get("prompt"), list) and all(isinstance(turn, dict) for turn in row["prompt"]):
        turns = row["prompt"]
    if turns is not None:
        yield from _items_of_turns(turns, _answers(row), place)
    elif "instances" in keys:
        try:
            yield from _items_of_task(task_of(row, "0"), place)
        except ValueError:
            return
    elif asked := next((keys[name] for name in QUESTION if name in keys and _texts(row[keys[name]])), None):
        yield from _asked(row, asked, place)
    else:
        for inner in (each for value in row.values() if isinstance(value, list) for each in value):
            around = {key: value for key, value in row.items() if isinstance(value, str)}  # SQuAD's passages
            yield from items_of({**around, **inner}, place) if isinstance(inner, dict) else ()


def _asked(row: dict[str, Any], asked: str, place: str) -> Iterator[Item]:
    """The item of a row whose column `asked` is the question."""
    settings = [key for key in row if key != asked and plain(key) in SETTING]
    beside = [key for key in row if key != asked and key not in settings and plain(key) in BESIDE]
    beside += [key for key in row if key != asked and CHOICES.fullmatch(plain(key))]
    rest = [text for key in beside for text in _texts(row[key])]
    how = [Part(text, "setting") for key in settings for text in _texts(row[key])]
    question = "\n".join(_texts(row[asked]))
    is_setting = rest and plain(asked) in ("instruction", "instructions", "指令")
    role = "setting" if is_setting else "about" if beside and plain(beside[0]) in BESIDE else "question"
    parts = [*how, Part(question, role)] + ([Part("\n".join(rest), "rest")] if rest else [])
    yield Item(place, (*parts, *_answers(row)))
    if told := re.search(
        r'(?s)\bdef \w.*?(?:"""|\'\'\')(.+?)(?:>>>|"""|\'\'\'|\n\s*(?:Examples?|For example)\b|$)', question
    ):
        yield Item(place, (Part(told[1].strip(), "question"),))  # what a function is for, without the function


def _answers(row: Mapping[str, Any]) -> list[Part]:
    return [Part(text, "answer") for key in row if ANSWER.fullmatch(plain(key)) for text in _texts(row[key])]


def _items_of_turns(turns: list[Any], answers: list[Part], place: str) -> Iterator[Item]:
    """An item for each question of a conversation; of texts alone, as MT-Bench has them, each is one."""
    for number, turn in enumerate(turns, 1):
        where = f"{place}, turn {number}" if len(turns) > 1 else place
        if isinstance(turn, str) and turn.strip():
            yield Item(where, (Part(turn, "question"), *answers))
        elif isinstance(turn, dict):
            role = str(turn.get("role", turn.get("from", "user"))).lower()
            text = "\n".join(_texts(turn.get("content", turn.get("value"))))
            if text and role in ASKING:
                yield Item(where, (Part(text, "question"), *answers))
            elif text and role in ANSWERING:
                yield Item(where, (Part(text, "answer"),))


def _items_of_task(task: Task, place: str) -> Iterator[Item]:
    if not task.instruction.strip():
        return
    if not task.instances:
        yield Item(place, (Part(task.instruction, "question"),))
    for instance in task.instances:
        parts = [Part(task.instruction, "setting" if instance.input else "question")]
        parts += [Part(text, role) for text, role in ((instance.input, "rest"), (instance.output, "answer")) if text]
        yield Item(place, tuple(parts))


def _texts(value: Any) -> list[str]:
    """The texts of a cell, however deep: {"text": […], "label": […]} are ARC's choices."""
    match value:
        case str():
            return [value] if value.strip() else []
        case bool() | None:
            return []
        case int() | float():
            return [str(value)]
        case list() | tuple():
            return [text for each in value for text in _texts(each)]
        case {"text": inner} | {"content": inner} | {"choices": inner}:
            return _texts(inner)
        case dict():
            return [text for each in value.values() for text in _texts(each)]
    return []
