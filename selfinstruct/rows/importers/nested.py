"""Rows that hold their texts two levels deep: OpenAI's summaries with feedback, and SQuAD's passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes, brief
from selfinstruct.rows.preferences.preferences import preference_of
from selfinstruct.task import Task

__all__ = ["squad_of", "summary_of"]

KINDS = {"post": "Summarize this post.", "article": "Summarize this article."}
"""What of `info` is summarised, and how it is asked for: the rows themselves do not say."""


def summary_of(row: dict[str, Any], notes: Notes) -> Task:
    """OpenAI's summaries with feedback: {"info": {"title", "post"}, "summaries": [{"text"}, {"text"}], "choice": 0}.

    Comparisons, two summaries with the better one's number; or axis, one under summary with its marks. "Summarize this
    post." is the instruction, title and post are the input. The summary with marks is the answer; they are carried
    along, `overall` as score, too.
    """
    info = row.get("info")
    kind = next((kind for kind in KINDS if isinstance(info, Mapping) and _said(info.get(kind))), "")
    if not isinstance(info, Mapping) or not kind:
        raise ValueError(f"info has the post or the article; it is {brief(info)}")
    title = info["title"].strip() if _said(info.get("title")) else ""
    asked = {"instruction": KINDS[kind], "input": "\n\n".join(filter(None, (title, info[kind].strip())))}
    about = {key: value for key, value in info.items() if key not in (kind, "title", "id") and _is_known(value)}
    rest = {key: value for key, value in row.items() if key not in ("info", "summary", "summaries", "choice", "extra")}
    if isinstance(extra := row.get("extra"), Mapping):
        about |= {key: value for key, value in extra.items() if _is_known(value)}
    if isinstance(one := row.get("summary"), Mapping) and _said(one.get("text")):
        axes = one.get("axes")
        marks = {key: value for key, value in axes.items() if _is_known(value)} if isinstance(axes, Mapping) else {}
        score = {"score": marks["overall"]} if "overall" in marks else {}
        more = ({"axes": marks} if marks else {}) | score
        return task_of({**asked, "output": one["text"].strip(), **about, **rest, **more}, "", notes)
    chosen, rejected = _compared(row)
    task = preference_of(
        {**asked, "chosen": chosen, "rejected": rejected, **about, **rest},
        notes,
        lambda given: task_of(given, "", notes),
    )
    if task is None:  # unreachable: chosen and rejected are there
        raise ValueError("no summaries")
    return task


def _compared(row: Mapping[str, Any]) -> tuple[str, str]:
    """The better summary and the other one."""
    two, choice = row.get("summaries"), row.get("choice")
    if isinstance(two, Mapping):  # as columns
        two = [{"text": text} for text in two.get("text") or ()]
    texts = [one.get("text") if isinstance(one, Mapping) else None for one in two] if isinstance(two, list) else []
    if len(texts) != 2 or not all(map(_said, texts)):
        raise ValueError(f"summaries has two texts, or summary one; it is {brief(row.get('summaries'))}")
    if choice not in (0, 1) or isinstance(choice, bool):
        raise ValueError(f"choice is the number of the better summary, 0 or 1; it is {brief(choice)}")
    return texts[choice].strip(), texts[1 - choice].strip()


def squad_of(row: dict[str, Any], notes: Notes) -> Iterator[Task]:
    """SQuAD's own file: {"title", "paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"text"}, …]}]}]}.

    A task for each question, with the passage as its input and the first answer. Questions that the passage does not
    answer (SQuAD 2) are left out, which notes tell.
    """
    paragraphs = row.get("paragraphs")
    if not isinstance(paragraphs, list) or not all(_is_passage(one) for one in paragraphs):
        raise ValueError(f"paragraphs has passages, each a context and its qas; it is {brief(paragraphs)}")
    rest = {key: value for key, value in row.items() if key != "paragraphs"}
    for passage in paragraphs:
        for one in passage["qas"]:
            texts = [answer.get("text") for answer in one.get("answers") or () if isinstance(answer, Mapping)]
            answer = next((text for text in texts if _said(text)), None)
            if answer is None or not _said(one.get("question")):
                notes.done["questions without an answer, left out"] += 1
                continue
            given = {"instruction": one["question"].strip(), "input": passage["context"].strip(), "output": answer}
            id = {"id": one["id"]} if isinstance(one.get("id"), str) else {}
            yield task_of({**given, **id, **rest}, "", notes)


def _is_passage(value: Any) -> bool:
    match value:
        case {"context": str(), "qas": list(asked)}:
            return all(isinstance(one, dict) for one in asked)
    return False


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_known(value: Any) -> bool:
    return value is not None and value != ""
