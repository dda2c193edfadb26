"""How the built-in teacher improves a method of evolving: it finds what went wrong, and adds the step that forbids it.

It follows such steps itself when it evolves by the method, so that fewer evolutions fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from selfinstruct.simulator.judging import equal
from selfinstruct.simulator.reading import Question, shown_in
from selfinstruct.text.later import later

__all__ = ["analyse", "followed_by", "improve"]


def analyse(asked: Question) -> str:
    """What went wrong in which groups of tasks, each shown as it was and as it became."""
    words, groups = asked.language.words, dict[str, list[str]]()
    for number, text in enumerate(re.split(r"\n\n(?=\d+\.\n)", asked.places["trajectories"].strip()), 1):
        for name in dict.fromkeys(_faults(asked, text.partition("\n")[2])):
            groups.setdefault(name, []).append(str(number))
    comma = words["optimise"]["comma"]
    said = [words["faults"][name]["said"].format(comma.join(numbers)) for name, numbers in groups.items()]
    return "\n".join(said) or str(words["optimise"]["nothing"])


def _faults(asked: Question, group: str) -> Iterator[str]:
    leak = later(asked.language.words["optimise"]["leak"], re.IGNORECASE)
    tasks = [shown_in(asked._replace(places={"task": text}), "task") for text in group.split("\n-->\n")]
    for before, after in pairwise(tasks):
        if equal(before, after):
            yield "unchanged"
        if leak.search(after.instruction) and not leak.search(before.instruction):
            yield "leak"
        if before.given and not after.given:
            yield "lost"


def followed_by(asked: Question) -> set[str]:
    """The faults against which the method of a prompt to evolve says something."""
    method = asked.places.get("method") or ""
    faults = asked.language.words["faults"]
    return {name for name, fault in faults.items() if re.search(fault["followed"], method, re.IGNORECASE)}


def improve(rng: Random, asked: Question) -> str:
    """The method with a step against one of the faults; the same method when there is none to mend."""
    words, method, analysis = asked.language.words, asked.places["method"].strip(), asked.places["analysis"].strip()
    followed = followed_by(asked)
    open_ones = [
        fault
        for name, fault in words["faults"].items()
        if name not in followed and re.search(fault["words"], analysis, re.IGNORECASE)
    ]
    if not open_ones or analysis == words["optimise"]["nothing"]:
        return method
    steps = len(re.findall(r"^\d+\.", method, re.MULTILINE))
    return f"{method}\n{steps + 1}. {rng.choice(open_ones)['step']}"
