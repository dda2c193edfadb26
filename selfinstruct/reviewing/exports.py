"""What becomes of verdicts: rows with the edits in them, preference tasks, and what the filter `review` drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from selfinstruct.errors import UsageError, quoted
from selfinstruct.filters.review import Review, key_of, keys_of
from selfinstruct.reviewing.figures import verdicts
from selfinstruct.reviewing.items import QUESTIONS, Item, edited
from selfinstruct.reviewing.pairs import answer_of, preference, question_of
from selfinstruct.reviewing.record import Record
from selfinstruct.reviewing.rejections import check_rejections
from selfinstruct.task import Judged, Task

__all__ = ["preferences", "review_of", "with_edits"]

WHY = {"task": "no valid task", "input": "its input does not fit", "output": "its output is wrong"}


def review_of(file: str = "", rows: tuple[str, ...] = (), folder: Path | None = None) -> Review:
    """The filter as a recipe or a command line names it: of the file of a review, or of what a run put in its place.

    folder      of the recipe, beside which the file is looked for first
    Raises UsageError.
    """
    if rows and not file:
        if unlike := [row for row in rows if " " not in row.strip()]:
            raise UsageError(
                f"review: rows has {quoted(unlike[0])}; each is a key, a space, and what was said of the row"
            )
        return Review(rows=rows)
    if not file:
        raise UsageError("review has no file: name the one that `selfinstruct review` wrote, like review=review.jsonl")
    path = Path(file)
    if folder and (folder / path).exists():
        path = folder / path
    path = path / "review.jsonl" if path.is_dir() else path
    return Review(rows=tuple(dropped(Record(path))))


def dropped(record: Record) -> list[str]:
    """A key and a reason for each row that people called invalid or wrong. Raises UsageError when nobody is done."""
    if record.about["kind"] == "pairs":
        raise UsageError(f"{record.path} compares answers, and says of no row that it is wrong: review the rows first")
    check_rejections(record, False)
    said = verdicts(record)
    if not said:
        raise UsageError(f"{record.path}: nobody is done with a row yet; Enter submits one on the page")
    found: list[str] = []
    for number, answers in said.items():
        item = record.items[number]
        wrong = [WHY[name] for name in QUESTIONS if answers.get(name) == "no"]
        if answers.get("task") == "no":
            found.append(f"{key_of('instruction', item.task.instruction)} {WHY['task']}")
        if wrong:
            found.append(f"{item.key} {', '.join(wrong)}")
    return list(dict.fromkeys(found))


def with_edits(tasks: Iterable[Task], record: Record) -> Iterator[tuple[Task, bool]]:
    """All rows, those that somebody edited as they were left; and whether it is one of them."""
    edits = {item.key: texts for item, texts in _edits(record)}
    for task in tasks:
        now = task
        for instance, key in enumerate(keys_of(task)):
            if texts := edits.get(key):
                now = edited(now, instance, texts)
        yield now, now != task


def _edits(record: Record) -> Iterator[tuple[Item, Mapping[str, str]]]:
    """Of several people's the last one that was submitted."""
    for number, opinions in record.opinions().items():
        order = record.last.get(number, {})
        done = [(order.get(by, 0), one.texts) for by, one in opinions.items() if one.state == "done" and one.texts]
        if done:
            yield record.items[number], max(done, key=lambda each: each[0])[1]


def preferences(record: Record) -> Iterator[Task]:
    """Preference tasks: of a comparison the better answer over the other one; of a review, answers that are right or
    wrong by themselves, and an edited answer over the one that it replaces.
    """
    check_rejections(record, False)
    if record.about.get("unpaired"):
        raise UsageError(f"{record.path} compares rows that ask other things: no answer is preferred to another one")
    edits = {item.number: texts for item, texts in _edits(record)}
    for number, answers in verdicts(record).items():
        item = record.items[number]
        found = (
            preference(item, answers.get("better", ""))
            if record.about["kind"] == "pairs"
            else _judged(item, answers, edits.get(number, {}))
        )
        if found:
            yield found


def _judged(item: Item, answers: Mapping[str, str], texts: Mapping[str, str]) -> Task | None:
    if "output" not in item.questions or item.task.judged:
        return None
    old = _single(item.task, item.instance)
    new = _single(edited(item.task, item.instance, texts), item.instance)
    judged = []
    if answer_of(new) != answer_of(old) or question_of(new) != question_of(old):
        judged.append(Judged(answer_of(new), good=True))
        if question_of(new) == question_of(old):
            judged.append(Judged(answer_of(old), good=False))
    elif answers.get("task") == "no" or answers.get("output") not in ("yes", "no"):
        return None
    else:
        judged.append(Judged(answer_of(old), good=answers["output"] == "yes"))
    return replace(new, turns=question_of(new), instances=(), judged=tuple(judged), is_classification=None)


def _single(task: Task, instance: int) -> Task:
    return task if task.turns else replace(task, instances=(task.instances[instance],))
