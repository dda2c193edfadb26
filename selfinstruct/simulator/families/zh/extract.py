"""Families that find something in a message that was composed for them: numbers, addresses, dates, sums."""

from __future__ import annotations

import json
import re
from random import Random

from selfinstruct.simulator.families.zh.forms import once
from selfinstruct.simulator.families.zh.making import Facts, family, part
from selfinstruct.simulator.families.zh.matching import Test, as_quantity, as_text, same
from selfinstruct.simulator.family import Slots, fill

__all__ = ["FAMILIES"]

BOOK = "texts"
WORDS = part(BOOK, "extract")
WANTED: dict[str, str] = WORDS["what"]
HALVES = ("上午", "中午", "下午", "晚上")


def _facts(rng: Random) -> dict[str, str]:
    """Of a message. Phone numbers are made up: 0000 in their middle."""
    hour = rng.randint(8, 20)
    return {
        "name": rng.choice(WORDS["name"]),
        "phone": f"1{rng.choice('3578')}{rng.randrange(10)}0000{rng.randrange(10_000):04}",
        "mail": f"{rng.choice(WORDS['mailbox'])}@example.{rng.choice(('com', 'cn', 'org'))}",
        "day": f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
        "time": f"{HALVES[(hour > 11) + (hour > 12) + (hour > 18)]}{hour - 12 * (hour > 12)}点",
        "sum": str(rng.randint(15, 980)),
        "place": rng.choice(WORDS["place"]),
        "thing": rng.choice(WORDS["thing"]),
    }


def _message(rng: Random, slots: Slots) -> str:
    return fill(rng.choice(WORDS["messages"]), _facts(rng))


def _found(given: str) -> dict[str, str]:
    """What the message was made of. Raises ValueError when it is none of ours."""
    for message in WORDS["messages"]:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(message))
        if match := re.fullmatch(pattern.replace("(?P<day>.+?)", r"(?P<day>\d+月\d+日)"), given):
            facts = match.groupdict()
            return {**facts, "sum": facts["sum"] + "元"}
    raise ValueError(f"not one of our messages: {given}")


def _as_found(key: str, named: str) -> Test:
    """缝纫机 for 一台缝纫机 as well."""
    bare = re.sub("^[一两三][台箱把幅盆套本辆]", "", key)
    found = (as_quantity if key.endswith("元") else as_text)(key)
    return lambda text: found(text) or same(text, bare)


def _asked_for(slots: Slots, given: str) -> Facts:
    found, kind = _found(given), WANTED[slots["what"]]
    return {**found, "answer": found[kind], "kind": kind}


EXTRACT = family(BOOK, "extract", slots={"what": tuple(WANTED)}, draw=_message, facts=_asked_for, like=_as_found)

KEYS: dict[str, str] = part(BOOK, "extract_json")["names"]


def _object(slots: Slots, given: str) -> Facts:
    found = _found(given)
    its = {key: found[KEYS[key]] for key in slots["keys"].split("、")}
    return {**found, "answer": json.dumps(its, ensure_ascii=False)}


def _is_object(slots: Slots, given: str, output: str) -> bool:
    right = json.loads(str(_object(slots, given)["answer"]))
    try:
        found = json.loads(output, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return False
    if isinstance(found, dict) and isinstance(found.get("金额"), str):
        found["金额"] = found["金额"].removesuffix("元") + "元"
    return bool(found == right)


EXTRACT_JSON = family(BOOK, "extract_json", draw=_message, facts=_object, check=_is_object)

FAMILIES = (EXTRACT, EXTRACT_JSON)
