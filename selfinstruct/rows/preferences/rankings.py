"""Lists of answers that have a score or a rank each: UltraFeedback's, Nectar's, StackExchange's, Distilabel's."""

from __future__ import annotations

from typing import Any

from selfinstruct.rows.layouts.marks import plain
from selfinstruct.rows.preferences.answers import Answer, Names, Verdicts, number_in, tie

__all__ = ["LISTS", "is_texts", "ranked_in"]

LISTS = ("completions", "answers", "responses", "responsesandscores", "generations", "candidates", "outputs")
"""Where several answers stand."""
TEXTS = ("response", "text", "answer", "content", "output", "completion", "value", "generation", "generatedtext")
SCORES = ("overallscore", "finegrainedscore", "score", "rating", "reward", "pmscore", "rank")
"""Of one answer; of several of these the first. The best rank is the lowest, the best of the others the highest."""
APART = ("scores", "ratings", "rewards", "score", "rating", "reward", "ranks", "rank")
"""Lists beside a list of answers."""


def ranked_in(row: dict[str, Any], names: Names) -> Verdicts | None:
    for name in LISTS:
        if name not in names:
            continue
        key = names[name]
        found = _scored(row[key])
        used = [key]
        if not found and is_texts(row[key]):
            found, beside = _apart(row, names, row[key])
            used += beside
        if found:
            return _ranked(found, key, frozenset(used))
        if "labels" in names and is_texts(row[key]):
            _look_at_steps(key, row[key], names["labels"], row[names["labels"]])
    return None


def _look_at_steps(key: str, texts: list[str], labels_key: str, labels: Any) -> None:
    """Raises ValueError for steps that are right or wrong each (TRL's stepwise supervision): no answers to compare, and
    none to learn."""
    if isinstance(labels, list) and len(labels) == len(texts) and all(isinstance(label, bool) for label in labels):
        raise ValueError(
            f"{labels_key} judge every step of {key}, as a reward model of steps learns it, and no format holds that"
        )


def _scored(value: Any) -> list[tuple[dict[str, Any], float | None]]:
    """The answers of a list with what each is worth; [] for a list of anything else."""
    if isinstance(value, dict) and len(value) > 1 and all(isinstance(column, list) for column in value.values()):
        if len(set(map(len, value.values()))) > 1:
            return []
        value = [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return []
    found = []
    for item in value:
        own = {plain(key): key for key in item}
        text = next((own[name] for name in TEXTS if name in own and isinstance(item[own[name]], str)), None)
        if text is None:
            return []
        score = next((own[name] for name in SCORES if name in own and number_in(item[own[name]]) is not None), None)
        worth = None if score is None else number_in(item[score])
        rest = {key: inner for key, inner in item.items() if key not in (text, score, "role")}
        if worth is not None and plain(score or "") == "rank":
            worth = -worth
        found.append(({**rest, "role": "assistant", "content": item[text]}, worth))
    return found if any(worth is not None for _, worth in found) else []


def _apart(
    row: dict[str, Any], names: Names, texts: list[str]
) -> tuple[list[tuple[dict[str, Any], float | None]], list[str]]:
    for name in APART:
        worth = row[names[name]] if name in names else None
        if not isinstance(worth, list) or len(worth) != len(texts):
            continue
        numbers = [number_in(one) for one in worth]
        if any(one is not None for one in numbers):
            sign = -1 if name.startswith("rank") else 1
            turns = [{"role": "assistant", "content": text} for text in texts]
            return [(turn, None if n is None else sign * n) for turn, n in zip(turns, numbers, strict=True)], [
                names[name]
            ]
    return [], []


def _ranked(found: list[tuple[dict[str, Any], float | None]], name: str, used: frozenset[str]) -> Verdicts:
    judged = [(turn, worth) for turn, worth in found if worth is not None and turn["content"].strip()]
    scores = {worth for _, worth in judged}
    if len(scores) < 2:
        what = "each score" if len(judged) > 1 else "the one score"
        raise tie(f"{what} in {name}", next(iter(scores), None))
    best = max(scores)
    others = [turn for turn, worth in found if (turn, worth) not in judged]
    answers = tuple(Answer(name, turn, worth == best, worth) for turn, worth in judged)
    return Verdicts(answers, used, {name: others} if others else {})


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
