"""What people said, as figures and as the paper's table: rates with intervals, agreement, the judge beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from selfinstruct.reviewing.estimates import Agreement, Rate, auc, kappa, rate, rate_with_judge
from selfinstruct.reviewing.items import QUESTIONS, REJECTION, Item
from selfinstruct.reviewing.judges import Judge, Judges
from selfinstruct.reviewing.record import Opinion, Record
from selfinstruct.reviewing.rejections import rejection_figures

__all__ = ["ALL", "PAPER", "figures", "majority", "rounded", "verdicts"]

ALL = "all"
PAPER = {"task": 0.92, "input": 0.79, "output": 0.58, ALL: 0.54}
"""Of 200 tasks of the published Self-Instruct run (2212.10560, table 2)."""

Said = Mapping[int, Mapping[str, str]]
"""By item and person, what was said to one question."""


def majority(said: Iterable[str]) -> str:
    """What most people say; unsure where as many say something else, or nobody is sure."""
    counts = Counter(each for each in said if each != "unsure").most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return "unsure"
    return counts[0][0]


def verdicts(record: Record) -> dict[int, dict[str, str]]:
    """By item, what the people who are done with it say together to each question, and to all of them."""
    found: dict[int, dict[str, str]] = {}
    for number, opinions in _done(record).items():
        asked = ("better",) if record.about["kind"] == "pairs" else record.items[number].questions
        each = {name: [one.answers[name] for one in opinions.values() if name in one.answers] for name in asked}
        together = {name: majority(said) for name, said in each.items() if said}
        if "better" not in asked and set(together) == set(QUESTIONS):
            together[ALL] = _all(together.values())
        found[number] = together
    return found


def _all(said: Iterable[str]) -> str:
    said = list(said)
    return "no" if "no" in said else "unsure" if "unsure" in said else "yes"


def _done(record: Record) -> dict[int, dict[str, Opinion]]:
    found = {
        number: {by: one for by, one in opinions.items() if one.state == "done"}
        for number, opinions in record.opinions().items()
    }
    return {number: opinions for number, opinions in found.items() if opinions}


def figures(record: Record, judge: Judge | Judges | None = None) -> dict[str, Any]:
    """All there is to say so far, for JSON; what is not known is left out."""
    about, opinions = record.about, record.opinions()
    states = [one.state for said in opinions.values() for one in said.values()]
    found: dict[str, Any] = {
        "kind": about["kind"],
        "data": about["data"],
        "rows": about["rows"],
        "sample": len(record.items),
        "seed": about["seed"],
        "done": len(_done(record)),
        "drafts": sum(
            one.state == "draft" and bool(one.answers) for said in opinions.values() for one in said.values()
        ),
        "skipped": states.count("skipped"),
        "people": record.people(),
    }
    if about["kind"] == "pairs":
        return found | _compared(record)
    together = verdicts(record)
    if about.get("rejected"):
        agreed = {"agreement": [*_agreements(record, (REJECTION,))]} if len(record.people()) > 1 else {}
        return found | rejection_figures(record, together) | agreed
    found["questions"] = [
        _question(name, record, together, judge.of(name) if judge else None) for name in (*QUESTIONS, ALL)
    ]
    if len(record.people()) > 1:
        found["agreement"] = [*_agreements(record, QUESTIONS)]
    if judge:
        mean = {"mean": judge.mean} if isinstance(judge, Judge) else {}
        found["judge"] = {"by": judge.name, "rows": judge.known, **mean}
    if about.get("by"):
        found["by"] = about["by"]
        found["strata"] = [*_strata(record, together)]
    return found


def _question(
    name: str, record: Record, together: Mapping[int, Mapping[str, str]], judge: Judge | None
) -> dict[str, Any]:
    """The counts, the rate, and beside it the one with the judge."""
    said = {number: answers[name] for number, answers in together.items() if name in answers}
    counts = Counter(said.values())
    decided = [record.items[number] for number, answer in said.items() if answer != "unsure"]
    y = [float(said[item.number] == "yes") for item in decided]
    weights, rows = _weights(decided, record), int(record.about["rows"])
    found: dict[str, Any] = {"question": name, **{each: counts[each] for each in ("yes", "no", "unsure")}}
    alone = rate(y, weights, rows)
    found |= {"rate": _as_row(alone), "paper": PAPER[name]}
    if judge and decided:
        f = [judge.by_key.get(item.key, judge.mean) for item in decided]
        better = rate_with_judge(y, f, weights, judge.mean, rows)
        found["with_judge"] = {**_as_row(better), "narrower": 1 - better.width / alone.width if alone.width else 0.0}
        found["judge_agrees"] = _judge_agrees(y, f, judge)
    return found


def _judge_agrees(y: Sequence[float], f: Sequence[float], judge: Judge) -> dict[str, Any]:
    """How far the judge says what people say: of yes and no the share and kappa, of a number how it orders them."""
    found: dict[str, Any] = {"rows": len(y), "auc": auc(y, f)}
    if judge.two:
        words = ["yes" if each > 0.5 else "no" for each in f]
        found |= _agreement_row(kappa(["yes" if each else "no" for each in y], words))
    return found


def _weights(items: Sequence[Item], record: Record) -> list[float]:
    """How many rows each answer stands for: those of its stratum, shared among the answers there."""
    strata: Mapping[str, int] = record.about.get("strata") or {}
    many = Counter(item.stratum for item in items)
    return [strata.get(item.stratum, 1) / many[item.stratum] for item in items]


def _strata(record: Record, together: Mapping[int, Mapping[str, str]]) -> Iterable[dict[str, Any]]:
    """All three of a stratum by itself."""
    for name, rows in (record.about.get("strata") or {}).items():
        own = [item.number for item in record.items if item.stratum == name]
        said = [together[number][ALL] for number in own if ALL in together.get(number, {})]
        y = [float(each == "yes") for each in said if each != "unsure"]
        yield {"stratum": name, "rows": rows, "sample": len(own), "rate": _as_row(rate(y, [1.0] * len(y), rows))}


def _agreements(record: Record, questions: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Of every two people, over what both are done with."""
    done = _done(record)
    for one, other in combinations(record.people(), 2):
        both = [opinions for opinions in done.values() if one in opinions and other in opinions]
        for name in questions:
            said = [
                (opinions[one].answers[name], opinions[other].answers[name])
                for opinions in both
                if name in opinions[one].answers and name in opinions[other].answers
            ]
            if said:
                found = kappa([pair[0] for pair in said], [pair[1] for pair in said])
                yield {"people": [one, other], "question": name, **_agreement_row(found)}


def _compared(record: Record) -> dict[str, Any]:
    """How often which answer was the better one; half of the ties to each side."""
    said = [answers["better"] for answers in verdicts(record).values() if "better" in answers]
    counts = Counter(said)
    shares = {"first": 1.0, "second": 0.0, "tie": 0.5, "neither": 0.5}
    y = [shares[each] for each in said if each in shares]
    won = rate(y, [1.0] * len(y), int(record.about["rows"]))
    found: dict[str, Any] = {
        "names": record.about["names"],
        "same": record.about.get("same", 0),
        **{name: counts[name] for name in (*shares, "unsure")},
        "first_wins": _as_row(won),
    }
    return found | ({"agreement": [*_agreements(record, ["better"])]} if len(record.people()) > 1 else {})


def _as_row(found: Rate) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "worth": found.worth}


def _agreement_row(found: Agreement) -> dict[str, Any]:
    return {"rows": found.rows, "agree": found.share, "kappa": found.kappa, "low": found.low, "high": found.high}


def rounded(value: Any) -> Any:
    """For JSON: four digits, and None for what is no number, or infinite."""
    match value:
        case float():
            return round(value, 4) if math.isfinite(value) else None
        case dict():
            return {name: rounded(inner) for name, inner in value.items()}
        case list():
            return [rounded(inner) for inner in value]
    return value
