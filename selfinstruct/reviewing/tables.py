"""The figures of a review as tables for rich to print: the paper's own, agreement, and a judge beside people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import shown

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["lines", "tables"]

QUESTION = {
    "task": "a valid task",
    "input": "a fitting input",
    "output": "a correct output",
    "all": "all three",
    "better": "the better answer",
    "rejection": "a right rejection",
}


def tables(found: Mapping[str, Any]) -> Iterator[Table]:
    """What `figures` gives."""
    if found["kind"] == "pairs":
        yield _won(found)
    elif "reasons" in found:
        yield _rejections(found)
    else:
        yield _rates(found)
        if "strata" in found:
            yield _strata(found)
        if any("judge_agrees" in one for one in found["questions"]):
            yield _judge(found)
    if found.get("agreement"):
        yield _agreement(found["agreement"])


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What there is to say beside the tables."""
    people = shown(", ".join(found["people"])) or "nobody yet"
    more = [f"{found[name]:,} {word}" for name, word in (("drafts", "drafts"), ("skipped", "skipped")) if found[name]]
    what = "pairs" if found["kind"] == "pairs" else "rows"
    done = f"{found['done']:,} of a sample of {found['sample']:,}, of {found['rows']:,} {what} (seed {found['seed']})"
    yield f"done: {done}, by {people}" + "".join(f"; {each}" for each in more)
    if found["kind"] == "pairs" and found["same"]:
        yield f"beside these, {found['same']:,} questions were answered in the same words"


def _rates(found: Mapping[str, Any]) -> Table:
    judged = any("with_judge" in one for one in found["questions"])
    head = ["yes", "no", "unsure", "rate", "95 % interval"]
    head += ["with the judge", "95 % interval", "narrower"] if judged else []
    table = _table("How many are valid", "", *head, "Self-Instruct")
    for one in found["questions"]:
        cells = [f"{one[name]:,}" for name in ("yes", "no", "unsure")] + [
            _percent(one["rate"]["value"]),
            _range(one["rate"]),
        ]
        if judged:
            better = one.get("with_judge")
            cells += (
                [_percent(better["value"]), _range(better), f"{max(0.0, better['narrower']):.0%}"]
                if better
                else [""] * 3
            )
        _row(table, QUESTION[one["question"]], *cells, f"{one['paper']:.0%}")
    return table


def _rejections(found: Mapping[str, Any]) -> Table:
    table = _table("How many rejections are wrong", "", "rejected", "right", "wrong", "unsure", "rate", "95 % interval")
    for one in found["reasons"]:
        counts = [f"{one[name]:,}" for name in ("rows", "right", "wrong", "unsure")]
        _row(table, one["reason"] or "(none)", *counts, _percent(one["rate"]["value"]), _range(one["rate"]))
    total = [f"{sum(one[name] for one in found['reasons']):,}" for name in ("rows", "right", "wrong", "unsure")]
    _row(table, "all", *total, _percent(found["wrong"]["value"]), _range(found["wrong"]))
    return table


def _strata(found: Mapping[str, Any]) -> Table:
    table = _table(f"All three, by {found['by']}", found["by"], "rows", "sample", "rate", "95 % interval")
    for one in found["strata"]:
        counts = [f"{one[name]:,}" for name in ("rows", "sample")]
        _row(table, one["stratum"] or "(none)", *counts, _percent(one["rate"]["value"]), _range(one["rate"]))
    return table


def _judge(found: Mapping[str, Any]) -> Table:
    table = _table(
        f"How far {found['judge']['by']} says what people say", "", "rows", "agrees", "kappa", "95 % interval", "AUC"
    )
    for one in found["questions"]:
        if agrees := one.get("judge_agrees"):
            kappa = [_percent(agrees["agree"]), *_kappa(agrees)] if "kappa" in agrees else ["", "", ""]
            _row(table, QUESTION[one["question"]], f"{agrees['rows']:,}", *kappa, _number(agrees["auc"]))
    return table


def _agreement(rows: list[Mapping[str, Any]]) -> Table:
    table = _table("Agreement (Cohen's kappa)", "", "", "rows", "agree", "kappa", "95 % interval", text=2)
    for one in rows:
        who = " and ".join(one["people"])
        _row(table, who, QUESTION[one["question"]], f"{one['rows']:,}", _percent(one["agree"]), *_kappa(one))
    return table


def _won(found: Mapping[str, Any]) -> Table:
    table = _table("Which answer is the better one", "", "pairs", "share", "95 % interval")
    won = found["first_wins"]
    for name, share in (("first", _percent(won["value"])), ("second", _percent(1 - won["value"]))):
        side = won if name == "first" else {"value": 1 - won["value"], "low": 1 - won["high"], "high": 1 - won["low"]}
        _row(table, found["names"][name == "second"], f"{found[name]:,}", share, _range(side))
    for name, word in (("tie", "equally good"), ("neither", "both bad"), ("unsure", "people differ")):
        _row(table, word, f"{found[name]:,}", "", "")
    return table


def _table(title: str, *columns: str, text: int = 1) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(shown(title)), title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(Text(shown(name)), justify="left" if number < text else "right", no_wrap=number >= text)
    return table


def _row(table: Table, *cells: str) -> None:
    """Names are anybody's words: never markup."""
    from rich.text import Text

    table.add_row(*(Text(shown(cell)) for cell in cells))


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f} %"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _range(rate: Mapping[str, Any]) -> str:
    return "" if math.isnan(rate["value"]) else f"{100 * rate['low']:.1f} to {100 * rate['high']:.1f} %"


def _kappa(found: Mapping[str, Any]) -> list[str]:
    if math.isnan(found["kappa"]):
        return ["", ""]
    return [_number(found["kappa"]), f"{found['low']:.2f} to {found['high']:.2f}"]
