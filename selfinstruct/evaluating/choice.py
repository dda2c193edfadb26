"""Questions with choices: C-Eval, CMMLU, MMLU as they are published, and their like as rows.

A folder has dev/, val/ and test/ with a file for each subject (MMLU, C-Eval, CMMLU), or files alone; questions are
those of test/ if their answers are there, else those of val/, and examples those of dev/. A file is a subject, or has
a column that says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError, quoted
from selfinstruct.evaluating.items import Item, Mark, Options, Said, Suite, asking
from selfinstruct.evaluating.letters import LETTERS, letter_in
from selfinstruct.evaluating.reading import sheet_in, there
from selfinstruct.filters.overlap_words import Part
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.containers.sources import ending_of, is_data
from selfinstruct.rows.layouts.marks import plain
from selfinstruct.rows.notes import Bad

__all__ = ["Question", "choice_suite", "prompt_of", "questions_in"]

MOST_TOKENS = 64
"""Of an answer that is a letter: enough for "The correct answer is B, because …"; a reasoning model wants more."""
HAN = re.compile("[\u4e00-\u9fff]")
SUBJECT = ("subject", "category", "subjects", "学科", "科目")
QUESTION = ("question", "questionstem", "stem", "题目", "问题", "ctx", "goal", "query", "prompt", "input")
CHOICES = ("choices", "options", "endings", "candidates", "选项")
ANSWER = ("answer", "answerkey", "label", "target", "gold", "correct", "答案", "answerindex", "answeridx")


class Question(NamedTuple):
    asked: str
    choices: tuple[str, ...]
    answer: int
    """Which of them is right, from 0."""
    subject: str


def choice_suite(file: str, options: Options) -> Suite:
    """Each question with the examples of its subject before it, if --shots asks for some."""
    if not 0 <= options.shots <= 25:
        raise UsageError(f"--shots is {options.shots}: give 0 to 25 examples; 0 and 5 are usual")
    path = there("choice", file)
    asked, shown = questions_in(path)
    if not asked:
        raise UsageError(f"{path} has no question with its answer: C-Eval's test files have none, its val files have")
    if options.shots and not any(shown.values()):
        raise UsageError(f"--shots {options.shots}: {path} has no dev/ folder with examples to show")
    items = [
        _item(number, one, shown.get(one.subject, [])[: options.shots])
        for number, one in enumerate(asked[: options.limit])
    ]
    params = {"temperature": 0, "max_tokens": options.max_tokens or MOST_TOKENS}
    averaged = "subjects" if len({item.group for item in items}) > 1 else ""
    name = f"choice:{path.stem if path.is_file() else path.resolve().name}"
    return Suite(name, "right", tuple(items), params, _marks, "choices", averaged)


def _item(number: int, one: Question, shots: Sequence[Question]) -> Item:
    letter = LETTERS[one.answer]
    task = asking(f"{one.subject}-{number}", prompt_of(one, shots, letter_only=True), "", letter)
    question = Part(one.asked, "question")
    parts = (question, Part("\n".join(one.choices), "rest"), Part(one.choices[one.answer], "answer"))
    bare = [prompt_of(one, shots[:many]) for many in range(len(shots), -1, -1)]
    return Item(task, (letter,), one.subject, "", parts, {"choices": one.choices, "prompts": bare})


def prompt_of(one: Question, shots: Sequence[Question], *, letter_only: bool = False) -> str:
    """As MMLU (English) and C-Eval (Chinese) are asked: a heading, examples with their answers, the question, and the
    word after which the letter comes. `letter_only`: for who is asked as in a chat, with the wish for the letter alone.
    """
    subject = one.subject.replace("_", " ").strip()
    chinese = bool(HAN.search(one.asked))
    if chinese:
        about = f"关于{subject}的" if subject else ""
        wish = "请直接给出正确答案的选项。" if letter_only else "请选出其中的正确答案。"
        head = f"以下是{about}单项选择题，{wish}"
        word = "答案："
    else:
        about = f" about {subject}" if subject else ""
        head = f"The following are multiple choice questions (with answers){about}."
        head += " Answer with the letter of the right choice." if letter_only else ""
        word = "Answer:"
    blank = "" if chinese else " "
    told = [f"{_laid(shot)}\n{word}{blank}{LETTERS[shot.answer]}" for shot in shots]
    return "\n\n".join([head, *told, f"{_laid(one)}\n{word}"])


def _laid(one: Question) -> str:
    return "\n".join(
        [one.asked.strip(), *(f"{letter}. {text}" for letter, text in zip(LETTERS, one.choices, strict=False))]
    )


def _marks(items: Sequence[Item], said: Mapping[str, Said]) -> list[Mark]:
    """By the letter that an answer commits to; one in which none can be read is wrong, and counted."""
    return [_mark(item, said.get(item.task.id, Said("", "empty"))) for item in items]


def _mark(item: Item, said: Said) -> Mark:
    letter = letter_in(said.text, item.more["choices"])
    fate = "unread" if not letter and said.fate == "answered" else said.fate if not letter else "answered"
    value = float(letter == item.wanted[0])
    return Mark(item.task.id, value, item.group, item.cluster, fate, item.task.instruction, item.wanted[0], said.text)


# Reading.


def questions_in(path: Path) -> tuple[list[Question], dict[str, list[Question]]]:
    """The questions with a known answer, and the examples by subject. Raises UsageError."""
    if path.is_file():
        return list(_in_file(path)), {}
    parts = {name: path / name for name in ("dev", "val", "test") if (path / name).is_dir()}
    if not parts and (path / "data").is_dir():
        return questions_in(path / "data")
    shown: dict[str, list[Question]] = {}
    for one in _in_folder(parts["dev"]) if "dev" in parts else ():
        shown.setdefault(one.subject, []).append(one)
    if not set(parts) - {"dev"}:
        return list(_in_folder(path)), shown
    asked = list(_in_folder(parts["test"])) if "test" in parts else []
    return asked or (list(_in_folder(parts["val"])) if "val" in parts else []), shown


def _in_folder(folder: Path) -> Iterator[Question]:
    for file in sorted(folder.iterdir()):
        if file.is_file() and is_data(file.name):
            yield from _in_file(file)


def _in_file(file: Path) -> Iterator[Question]:
    """Those that have an answer."""
    subject = re.sub(r"_(?:dev|val|test)$", "", file.name.partition(".")[0])
    for number, row in enumerate(_rows(file), 1):
        where = f"{file}, row {number}"
        if isinstance(row, Bad):
            raise UsageError(f"{row.where}: {row.why}")
        if (found := _question(row, subject, where)) is not None:
            yield found


def _rows(file: Path) -> Iterator[Any]:
    """Of a sheet, by the names in its first row; MMLU's have none."""
    if ending_of(file.name) not in (".csv", ".tsv", ".tab") or file.suffix in (".gz", ".zst", ".xz", ".bz2", ".zip"):
        yield from (row for _, row in read_rows(file))
        return
    names = list[str]()
    for row in sheet_in(file):
        if not names:
            cells = {plain(cell) for cell in row}
            is_named = {"a", "b"} <= cells and not cells.isdisjoint(QUESTION)
            names = row if is_named else ["question", *LETTERS[: len(row) - 2], "answer"]
            if is_named:
                continue
        if len(row) < len(names):
            raise UsageError(f"{file}: a row has {len(row)} cells, the first has {len(names)}: {quoted(row[0])}")
        yield dict(zip(names, row, strict=False))


def _question(row: Any, subject: str, where: str) -> Question | None:
    """Of a row; None where its answer is not given, as in C-Eval's test files. Raises UsageError."""
    if not isinstance(row, dict):
        raise UsageError(f"{where} is no row with columns: {quoted(row)}")
    row = {plain(str(key)): value for key, value in reversed(row.items())}
    if isinstance(inner := row.get("question"), dict):  # ARC's own files
        row |= {plain(str(key)): value for key, value in inner.items()} | {"question": inner.get("stem")}
    asked = next((row[name] for name in QUESTION if isinstance(row.get(name), str) and row[name].strip()), None)
    choices, labels = _choices(row)
    if asked is None or len(choices) < 2:
        raise UsageError(f"{where} has no question with choices: columns question, A, B, C, D, answer are known")
    if len(choices) > len(LETTERS):
        raise UsageError(f"{where} has {len(choices)} choices; there are letters for {len(LETTERS)}")
    answer = next((row[name] for name in ANSWER if row.get(name) not in (None, "", -1, "-1")), None)
    if answer is None:
        return None
    own = next((row[name] for name in SUBJECT if isinstance(row.get(name), str) and row[name].strip()), subject)
    return Question(asked, tuple(choices), _right(answer, choices, labels, where), own)


def _choices(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The texts, and what they are called."""
    value = next((row[name] for name in CHOICES if row.get(name)), None)
    match value:
        case {"text": list(texts), "label": list(labels)}:
            return list(map(str, texts)), list(map(str, labels))
        case list() if all(isinstance(one, dict) and "text" in one for one in value):
            return [str(one["text"]) for one in value], [str(one.get("label", "")) for one in value]
        case list():
            return list(map(str, value)), []
        case dict():
            return list(map(str, value.values())), list(map(str, value))
    for pattern in ("{}", "option{}", "choice{}", "op{}", "sol{}", "选项{}"):
        for names in (LETTERS.lower(), "0123456789", "123456789"):
            found = [row[pattern.format(name)] for name in _run(row, pattern, names)]
            if len(found) > 1:
                return list(map(str, found)), []
    return [], []


def _run(row: Mapping[str, Any], pattern: str, names: str) -> Iterator[str]:
    for name in names:
        if row.get(pattern.format(name)) in (None, ""):
            return
        yield name


def _right(answer: Any, choices: Sequence[str], labels: Sequence[str], where: str) -> int:
    """Which choice an answer is: its label, its letter, its number from 0, or its text. Raises UsageError."""
    text = str(answer).strip().strip("()")
    found = -1
    if text in labels:
        found = labels.index(text)
    elif len(text) == 1 and text.upper() in LETTERS[: len(choices)]:
        found = LETTERS.index(text.upper())
    elif text in choices:
        found = choices.index(text)
    elif text.isascii() and text.isdecimal():
        found = int(text[:9])
    if not 0 <= found < len(choices):
        raise UsageError(f"{where}: the answer {quoted(answer)} is none of its {len(choices)} choices")
    return found
