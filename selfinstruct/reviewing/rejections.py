"""Rejected rows, for people to say whether the rejection was right: how often each reason drops what was good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.reviewing.estimates import rate
from selfinstruct.reviewing.record import Record
from selfinstruct.task import SUPERSEDED, Instance, Rejected, Task

__all__ = ["BY", "CATEGORY", "as_tasks", "check_rejections", "rejection_figures"]

CATEGORY, REASON = "rejected because", "reason"
"""Keys of such a row: what is counted, and all that is known of why."""
BY = CATEGORY
"""Each reason has its share of the sample, and one row at least."""


def as_tasks(rejected: Iterable[Rejected]) -> Iterator[Task]:
    """What was rejected, as rows: the task, and of one that came to an answer that answer as its output.

    Words around a list were never meant as rows, and what evolved further is no loss.
    """
    for item in rejected:
        if item.what == "remark" or item.reason == SUPERSEDED:
            continue
        instances = item.instances
        if item.instruction and item.text.strip() not in ("", item.instruction) and item.what != "instance":
            instances = (Instance(instances[0].input if instances else "", item.text),)
        step = f"{item.origin}: " if item.origin else ""
        extra = {CATEGORY: item.category, REASON: f"{step}{item.reason}"}
        yield Task(item.task, item.instruction or item.text, instances, origin=item.origin, extra=extra)


def check_rejections(record: Record, wanted: bool) -> None:
    """Raises UsageError where the verdicts are about rejections and those on rows are wanted, or the other way."""
    if bool(record.about.get("rejected")) != wanted:
        held = "rejections: leave out what is for kept rows" if not wanted else "kept rows: choose another --out"
        raise UsageError(f"{record.path} is a review of {held}")


def rejection_figures(record: Record, together: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    """{"wrong": the share of wrong rejections among all, "reasons": the same of each, the most frequent first}."""
    strata: Mapping[str, int] = record.about.get("strata") or {}
    said = {number: answers["rejection"] for number, answers in together.items() if "rejection" in answers}
    decided = {number: answer for number, answer in said.items() if answer != "unsure"}
    many = Counter(record.items[number].stratum for number in decided)
    weights = [strata.get(record.items[number].stratum, 1) / many[record.items[number].stratum] for number in decided]
    wrong = [float(answer == "no") for answer in decided.values()]
    reasons = []
    for name, rows in sorted(strata.items(), key=lambda entry: (-entry[1], entry[0])):
        own = Counter(answer for number, answer in said.items() if record.items[number].stratum == name)
        of_it = [1.0] * own["no"] + [0.0] * own["yes"]
        found = rate(of_it, [1.0] * len(of_it), rows)._asdict()
        reasons.append({"reason": name, "rows": rows, "right": own["yes"], "wrong": own["no"], "unsure": own["unsure"]})
        reasons[-1]["rate"] = found
    return {"wrong": rate(wrong, weights, int(record.about["rows"]))._asdict(), "reasons": reasons}
