"""Data sets side by side: a table of figures, what each has that the others lack, and sentences that say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["compared", "lacking", "sentences", "summary"]

CLEARLY = 1.1
"""Above this ratio a figure is said to be larger."""
LEAST = {"similar": 0.01, "duplicates": 0.004, "refusals": 0.02}
"""Shares that are worth a word."""
ENOUGH = {"pairs": 100, "nearest": 500}
"""Tasks of each that kinds are counted among, and neighbours looked for, or nothing is said of them."""
SOME = 25
AT_LEAST = 3
"""Tasks that a word must be in for its absence elsewhere to mean something."""


def summary(figures: dict[str, Any], even: int | None = None) -> dict[str, float | str | None]:
    """The figures of a data set that can be set beside another's: shares from 0 to 1, and means.

    even    kinds are counted, and neighbours looked for, among so many of its tasks; None: among all of them
    """
    tasks, lengths = figures["tasks"], figures["lengths"]
    near, refusals = figures["nearest"], figures["refusals"]
    kinds = {"nearest": near["other"]["mean"] if near["other"] else None}
    if even is not None:
        kinds = next((one for one in figures["even"] if one["tasks"] == even), {})
    elif figures["verbs"]:
        kinds |= {name: figures["verbs"][name] for name in ("verbs", "pairs")}
    labelled = figures["classification"]["yes"] + figures["classification"]["no"]
    languages = figures["languages"]
    return {
        "tasks": tasks,
        "instances": _over(figures["instances"], tasks),
        "instruction": lengths["instruction"]["mean"],
        "input": lengths["input"]["mean"],
        "output": lengths["output"]["mean"],
        "with_input": _over(figures["with_input"], tasks),
        "classification": _over(figures["classification"]["yes"], labelled),
        "language": next(iter(languages), None),
        "language_share": _over(next(iter(languages.values()), 0), tasks),
        "even": kinds.get("tasks"),
        "verbs": kinds.get("verbs"),
        "pairs": kinds.get("pairs"),
        "nearest": kinds.get("nearest"),
        "similar": near["other"]["above"] if near["other"] else None,
        "nearest_seed": near["seed"]["mean"] if near.get("seed") else None,
        "duplicates": _over(figures["duplicates"]["tasks"], figures["duplicates"]["compared"]),
        "refusals": _over(refusals["found"], refusals["asked"]),
        "longer": _longer(figures.get("comparisons")),
        "kept": _over(figures["kept"], figures["proposed"]) if figures.get("rejected") else None,
    }


def _longer(comparisons: dict[str, int] | None) -> float | None:
    """The share of the pairs whose chosen answer is the longer one; of answers of one length neither is."""
    longer, shorter = ((comparisons or {}).get(name, 0) for name in ("longer", "shorter"))
    return _over(longer, longer + shorter)


def _over(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def compared(sets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """{"table": {name of a figure: [of each data set]}, "lacking": [of each data set], "sentences": [(key, who, whom,
    ratio)]}."""
    common = set.intersection(*({one["tasks"] for one in figures["even"]} for figures in sets))
    even = max(common, default=0) if len(sets) > 1 else None
    rows = [summary(figures, even) for figures in sets]
    return {
        "table": {name: [row[name] for row in rows] for name in rows[0]},
        "lacking": [lacking(figures, [other for other in sets if other is not figures]) for figures in sets],
        "sentences": sentences([figures.get("name", "") for figures in sets], rows),
    }


def lacking(ours: dict[str, Any], others: Sequence[dict[str, Any]]) -> dict[str, list[list[Any]]]:
    """Verbs, pairs and nouns that this data set has among its commonest, and no other among its own.

    {"verbs": [[verb, tasks]], "pairs": [[verb, noun, tasks]], "nouns": [[noun, tasks]]}, the commonest first; at least
    three of its tasks have each.
    """
    if not ours["verbs"] or not all(other["verbs"] for other in others):
        return {"verbs": [], "pairs": [], "nouns": []}
    found = {}
    for name, key in (("verbs", "commonest_verbs"), ("pairs", "common"), ("nouns", "nouns")):
        theirs = {tuple(row[:-1]) for other in others for row in other["verbs"][key]}
        alone = [row for row in ours["verbs"][key] if tuple(row[:-1]) not in theirs and row[-1] >= AT_LEAST]
        found[name] = alone[:SOME]
    return found


def sentences(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a reader would conclude: {"says": key, "first": name, "second": name, "ratio"} for each figure in which the
    highest is clearly above the lowest; "same" where none is. The keys are words of the page.
    """
    found = []
    for key, says in (
        ("instruction", "longer_instructions"),
        ("output", "longer_outputs"),
        ("pairs", "more_diverse"),
        ("nearest", "more_repetitive"),
        ("similar", "more_similar"),
        ("duplicates", "more_duplicates"),
        ("refusals", "more_refusals"),
        ("with_input", "more_inputs"),
    ):
        known = [(row[key], name) for row, name in zip(rows, names, strict=True) if row[key] is not None]
        if len(known) < 2 or min(row["even"] or 0 for row in rows) < ENOUGH.get(key, 0):
            continue
        (low, lowest), (high, highest) = min(known), max(known)
        ratio = high / low if low else None
        if high > 0 and (ratio is None or ratio >= CLEARLY) and high >= LEAST.get(key, 0):
            fact = {"says": says, "first": highest, "second": lowest, "high": high, "low": low}
            found.append(fact | {"ratio": round(ratio, 2) if ratio else None})
    return found or [{"says": "same", "first": "", "second": "", "high": None, "low": None, "ratio": None}]
