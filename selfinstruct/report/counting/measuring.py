"""All figures of a data set, from one pass over its tasks and a sample of them.

What is cheap is counted for every task; what is not, on a sample that does not depend on their order. So a hundred
thousand tasks take as long as twenty thousand and a pass, and a figure says of how many tasks it is.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import Refusal
from selfinstruct.report.counting import nearest, verbs
from selfinstruct.report.counting.duplicates import Duplicates
from selfinstruct.report.counting.growing import growth
from selfinstruct.report.counting.lengths import Lengths
from selfinstruct.report.counting.meaning import laid_out
from selfinstruct.report.counting.sampling import Sample
from selfinstruct.report.counting.texts import inputs, language, outputs, score
from selfinstruct.task import Task
from selfinstruct.text.tokens import tokens

__all__ = ["Tally", "measured"]

SAMPLE = 20_000
"""Tasks whose verbs are looked at, and that others are compared with."""
FEW = 4_000
"""Of those, how many are compared with all others."""
LOOKED_AT = 2_000
"""And how many are looked at for refusals, 1 ms each."""
POINTS = 800
"""Of the map: two seconds; by meaning eight more."""
VERBS, OBJECTS = 20, 4
"""Of the papers' figure."""
EVEN = (50, 100, 200, 500, 1_000, 2_000)
"""Numbers of tasks among which kinds are counted, to compare data sets of different sizes: among more there are more
kinds, and each has a nearer neighbour."""
GRADES = 12
"""Different scores, up to which each has a bin of its own."""
SOME = 2_000
"""Verbs, pairs and nouns that are kept, the commonest."""


def measured(tasks: Iterable[Task], seeds: Sequence[Task] = (), *, by: str = "words") -> dict[str, Any]:
    """The figures of the tasks; `seeds` are what they grew from, `by` how the map is laid out, "" for none."""
    tally = Tally()
    for task in tasks:
        tally.add(task)
    return tally.figures(seeds, by=by)


class Tally:
    """The pass: tasks are added one at a time. 20 bytes a task beside the sample, and the index of near duplicates."""

    def __init__(self) -> None:
        self._tasks = self._with_input = self._instances = self._turns = 0
        self._per_task: Counter[int] = Counter()
        self._classes: Counter[bool | None] = Counter()
        self._languages: Counter[str] = Counter()
        self._origins: Counter[str] = Counter()
        self._lengths = {name: Lengths() for name in ("instruction", "input", "output")}
        self._scores = array("d")
        self._compared: Counter[str] = Counter()
        self._duplicates = Duplicates()
        self._sample = Sample(SAMPLE)

    def add(self, task: Task) -> None:
        self._tasks += 1
        self._instances += len(task.instances)
        self._per_task[min(len(task.instances), 10)] += 1
        self._turns += bool(task.turns)
        self._classes[task.is_classification] += 1
        self._languages[language(task.instruction)] += 1
        self._origins[task.origin] += 1
        self._lengths["instruction"].add(len(tokens(task.instruction)))
        given = [len(tokens(text)) for text in inputs(task)]
        self._with_input += bool(given)
        for length in given:
            self._lengths["input"].add(length)
        for text in outputs(task):
            self._lengths["output"].add(len(tokens(text)))
        if (said := score(task)) is not None:
            self._scores.append(said)
        if len(task.judged) > 1:
            self._compare(task)
        self._duplicates.add(task)
        self._sample.add(task)

    def figures(self, seeds: Sequence[Task] = (), *, by: str = "words") -> dict[str, Any]:
        found: dict[str, Any] = {
            "tasks": self._tasks,
            "instances": self._instances,
            "conversations": self._turns,
            "with_input": self._with_input,
            "per_task": {str(number): self._per_task[number] for number in sorted(self._per_task)},
            "classification": {"yes": self._classes[True], "no": self._classes[False], "unknown": self._classes[None]},
            "languages": dict(self._languages.most_common()),
            "origins": dict(self._origins.most_common(SOME)),
            "lengths": {name: lengths.figures() for name, lengths in self._lengths.items()},
            "scores": _scores(self._scores),
            "comparisons": dict(self._compared) or None,
            "duplicates": self._duplicates.figures(),
        }
        sample = self._sample.placed()
        asked = None if verbs.missing() else [verbs.asked(task.instruction) for _, task in sample]
        found["verbs"] = _verbs(asked) if asked is not None else None
        found["missing"] = verbs.missing()
        return found | self._beside(sample, asked, seeds) | self._looked_at(by)

    def _compare(self, task: Task) -> None:
        """{"pairs", "longer", "shorter"}: of each good answer beside each bad one, the words of the good one."""
        good, bad = (
            [sum(len(tokens(turn["content"])) for turn in one.turns) for one in task.judged if one.good is which]
            for which in (True, False)
        )
        for better in good:
            for worse in bad:
                self._compared.update(
                    ["pairs", *(["longer"] if better > worse else ["shorter"] if better < worse else [])]
                )

    def _even(self, asked: Sequence[verbs.Asked] | None, texts: Sequence[str]) -> list[dict[str, Any]]:
        """{"tasks", "verbs", "pairs", "nearest"} of the EVEN tasks with the lowest hashes; no kinds without `asked`."""
        found = []
        row = {place: at for at, (place, _) in enumerate(self._sample.placed())}
        for size in EVEN:
            chosen = [row[place] for place, _ in self._sample.placed(size)]
            if len(chosen) < size:
                break
            some = [asked[at] for at in chosen] if asked is not None else []
            kinds = {(one.verb, thing) for one in some for thing in one.objects}
            near = nearest.nearest(range(size), [texts[at] for at in chosen]).other
            found.append(
                {
                    "tasks": size,
                    "verbs": len({one.verb for one in some if one.verb}) if some else None,
                    "pairs": len(kinds) if some else None,
                    "nearest": round(float(near.mean()), 4),
                }
            )
        return found

    def _beside(
        self, sample: list[tuple[int, Task]], asked: Sequence[verbs.Asked] | None, seeds: Sequence[Task]
    ) -> dict[str, Any]:
        known: dict[str, str] = {}
        texts = nearest.alphabet([task.instruction for _, task in sample], known)
        few = {place for place, _ in self._sample.placed(FEW)}
        rows = [row for row, (place, _) in enumerate(sample) if place in few]
        found = nearest.nearest(rows, texts) if rows else None
        places = [sample[row][0] for row in rows]
        similar: dict[str, Any] = {
            "nearest": {"other": nearest.nearest_figures(found.other) | {"among": len(texts)} if found else None},
            "growth": growth(asked, places, found.earlier, self._tasks) if found else [],
            "even": self._even(asked, texts),
        }
        if seeds and rows:
            theirs = nearest.alphabet([seed.instruction for seed in seeds], known)
            to_seeds = nearest.to_seeds([texts[row] for row in rows], theirs)
            similar["nearest"]["seed"] = nearest.nearest_figures(to_seeds) | {"among": len(seeds)}
        return similar

    def _looked_at(self, by: str) -> dict[str, Any]:
        few = self._sample.tasks(LOOKED_AT)
        refuses, nobody = Refusal(), Pool()
        refused = [task for task in few if refuses(task, nobody)]
        found: dict[str, Any] = {
            "refusals": {"asked": len(few), "found": len(refused), "ids": [task.id for task in refused[:20]]}
        }
        if by and len(few) > 2:
            chosen = self._sample.placed(POINTS)
            points = laid_out([task.instruction for _, task in chosen], by)
            found["map"] = {"by": by, "points": points, "tasks": [_point(place, task) for place, task in chosen]}
        return found


def _point(place: int, task: Task) -> dict[str, Any]:
    found: dict[str, Any] = {"row": place, "instruction": task.instruction[:160], "step": task.origin}
    if not verbs.missing():
        found["verb"] = verbs.asked(task.instruction).verb
    if task.evolved:
        found |= {"operator": task.evolved.operator, "family": (task.parents or (task.id,))[0]}
    if (said := score(task)) is not None:
        found["score"] = said
    return found | {"language": language(task.instruction)}


def _verbs(asked: Sequence[verbs.Asked]) -> dict[str, Any]:
    """{"asked", "with_verb", "with_object", "verbs", "pairs": how many different ones, "top": [{"verb", "count",
    "objects": [[noun, count]]}], "common": [[verb, noun, count]], "commonest_verbs": [[verb, count]], "nouns": [[noun,
    tasks]]}."""
    counts = Counter(one.verb for one in asked if one.verb)
    pairs = Counter((one.verb, thing) for one in asked for thing in one.objects)
    nouns = Counter(noun for one in asked for noun in one.nouns)
    by_verb: dict[str, list[tuple[str, int]]] = {}
    for (verb, thing), count in _ranked(pairs):
        by_verb.setdefault(verb, []).append((thing, count))
    top = [
        {"verb": verb, "count": count, "objects": [list(pair) for pair in by_verb.get(verb, [])[:OBJECTS]]}
        for verb, count in _ranked(counts)[:VERBS]
    ]
    return {
        "asked": len(asked),
        "with_verb": counts.total(),
        "with_object": sum(bool(one.objects) for one in asked),
        "verbs": len(counts),
        "pairs": len(pairs),
        "top": top,
        "common": [[*pair, count] for pair, count in _ranked(pairs)[:SOME]],
        "commonest_verbs": [list(pair) for pair in _ranked(counts)[:SOME]],
        "nouns": [list(pair) for pair in _ranked(nouns)[:SOME]],
    }


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """The commonest first, of equally common ones by the alphabet: the order of the tasks plays no part."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _scores(found: array[float]) -> dict[str, Any] | None:
    """{"tasks", "mean", "lowest", "highest", "edges", "bins"}: grades are bins themselves. None without any score."""
    if not found:
        return None
    import numpy as np

    numbers = np.frombuffer(found, np.float64)
    values, counts = np.unique(numbers, return_counts=True)
    bins, edges = (counts, values) if len(values) <= GRADES else np.histogram(numbers, bins=20)
    low, high = float(numbers.min()), float(numbers.max())
    return {
        "tasks": len(numbers),
        "mean": round(float(numbers.mean()), 4),
        "lowest": low,
        "highest": high,
        "edges": [round(float(edge), 4) for edge in edges],
        "bins": bins.tolist(),
    }
