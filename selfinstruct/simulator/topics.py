"""Topics divided by the built-in teacher: it knows parts that any topic has, and nothing of the topic itself."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.data import table
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question

__all__ = ["branches"]


def branches(asked: Question, rng: Random, rates: Rates) -> str:
    """As many parts as are asked for, or all there are; now and then written as no parser likes it."""
    code, known = asked.language.code, table(asked.language.code, "topics")["branches"]
    name, inside, _ = re.sub(r" \(part of |（属于：", "\n", asked.places["topic"].strip()).partition("\n")
    parts = [part for part in known["parts"] if part not in name]
    chosen = rng.sample(parts, min(int(asked.places["width"]), len(parts)))
    items = [known["words"].format(part=part, topic=name) if inside else part for part in chosen]
    return mess.numbered(rng, items, 1, rates.ugly, code).strip()
