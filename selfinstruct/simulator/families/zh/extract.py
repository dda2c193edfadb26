"""Families that find something in a message that was composed for them: numbers, addresses, dates, sums."""

from __future__ import annotations

import json
import re
from random import Random

from selfinstruct.simulator.families.zh.forms import once
from selfinstruct.simulator.families.zh.making import family, part
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


def _tell(slots: Slots, given: str, bare: str) -> str:
    return fill(WORDS["tell"][WANTED[slots["what"]]], {**_found(given), "answer": bare})


def _as_found(key: str, named: str) -> Test:
    """缝纫机 for 一台缝纫机 as well."""
    bare = re.sub("^[一两三][台箱把幅盆套本辆]", "", key)
    found = (as_quantity if key.endswith("元") else as_text)(key)
    return lambda text: found(text) or same(text, bare)


EXTRACT = family(
    BOOK,
    "extract",
    slots={"what": tuple(WANTED)},
    draw=_message,
    solve=lambda slots, given: _found(given)[WANTED[slots["what"]]],
    tell=_tell,
    further={
        "再说说消息里提到的地点和时间。": lambda slots, given: fill(
            "地点是{place}，时间是{day}{time}。", _found(given)
        ),
        "再说说消息里提到的物品和金额。": lambda slots, given: fill("物品是{thing}，金额是{sum}。", _found(given)),
    },
    like=_as_found,
)

KEYS: dict[str, str] = part(BOOK, "extract_json")["names"]


def _as_object(slots: Slots, given: str) -> str:
    facts = _found(given)
    return json.dumps({key: facts[KEYS[key]] for key in slots["keys"].split("、")}, ensure_ascii=False)


def _is_object(slots: Slots, given: str, output: str) -> bool:
    try:
        found, right = json.loads(output, object_pairs_hook=once), json.loads(_as_object(slots, given))
    except (ValueError, RecursionError):
        return False
    if isinstance(found, dict) and isinstance(found.get("金额"), str):
        found["金额"] = found["金额"].removesuffix("元") + "元"
    return bool(found == right)


EXTRACT_JSON = family(
    BOOK,
    "extract_json",
    slots={"keys": part(BOOK, "extract_json")["keys"]},
    draw=_message,
    solve=_as_object,
    check=_is_object,
)

FAMILIES = (EXTRACT, EXTRACT_JSON)
