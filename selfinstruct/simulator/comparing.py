"""How the built-in teacher compares answers: each by the score that it would give it alone (judging.py)."""

from __future__ import annotations

from itertools import pairwise

from selfinstruct.simulator.challenging import answers_in
from selfinstruct.simulator.judging import score
from selfinstruct.simulator.reading import Question, shown_in

__all__ = ["compare"]


def compare(asked: Question) -> str:
    """A line with the score for each answer, and why; or the numbers from the best to the worst."""
    task, words = shown_in(asked, "task"), asked.language.words
    found = [score(task, text) for text in answers_in(asked.places["answers"])]
    scores = [one for one in found if one is not None]
    if not scores or len(scores) < len(found):
        return asked.language.unknown
    if asked.kind == "compare_score":
        colon = words["labels"]["colon"]
        why = (str(words["judge"][str(one)]).format(number=one).partition("\n")[2] for one in scores)
        return "\n".join(
            f"{n}{colon}{one} {said}".rstrip() for n, (one, said) in enumerate(zip(scores, why, strict=True), 1)
        )
    places = sorted(range(len(scores)), key=lambda place: -scores[place])
    marks = ["=" if scores[a] == scores[b] else ">" for a, b in pairwise(places)]
    return str(places[0] + 1) + "".join(f" {mark} {place + 1}" for mark, place in zip(marks, places[1:], strict=True))
