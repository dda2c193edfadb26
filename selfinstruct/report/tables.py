"""The figures of a run as tables for rich to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import shown
from selfinstruct.report.evolution import Attempt, attempts, rounds, survivors
from selfinstruct.task import Rejected, Task

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = ["counted", "coverage", "figures", "likeness", "tables"]


def counted(where: str, kept: int, proposed: int, reasons: Counter[str]) -> str:
    """What was kept in which file or folder, and why not the rest: a line each."""
    share = f" ({kept / proposed:.0%})" if proposed else ""
    lines = [f"{shown(where)}: kept {kept:,} of {proposed:,} tasks{share}"]
    return "\n".join(lines + [f"{count:7,}  {shown(reason)}" for reason, count in reasons.most_common()])


def figures(items: Sequence[Task | Rejected]) -> dict[str, Any]:
    """The figures of the tables, under the same names."""
    kept, lost = _counts(items)
    found: dict[str, Any] = {
        "kept": kept,
        "proposed": kept + lost.total(),
        "rejected": [{"step": step, "category": why, "tasks": count} for (step, why), count in lost.most_common()],
    }
    if any(item.evolved for item in items):
        found["survivors"] = [row._asdict() for row in survivors(items)]
        found["rounds"] = [row._asdict() for row in rounds(items)]
    if tried := attempts(items):
        found["attempts"] = [row._asdict() for row in tried]
    return found


def tables(items: Sequence[Task | Rejected]) -> Iterator[Table]:
    yield _outcome(items)
    if any(item.evolved for item in items):
        yield _survivors(items)
        yield _rounds(items)
    if tried := attempts(items):
        yield _attempts(tried)


def likeness(sets: Sequence[dict[str, Any]], language: str) -> tuple[Table, list[str]]:
    """What the tasks of each data set are like, a column each; and where there are several, what that comes to."""
    from selfinstruct.report.counting.comparing import compared
    from selfinstruct.report.page.words import said, words_in

    words, found = words_in(language), compared(sets)
    names = [short_name(figures["name"]) for figures in sets]
    table = _table("What it is like" if language == "en" else words["overview"], "", *names, text=1)
    for key, values in found["table"].items():
        if key in ("even", "language_share") or all(value is None for value in values):
            continue
        shown_values = [_figure(key, value) for value in values]
        even = found["table"]["even"][0]
        note = (
            f" ({words['even_of'].replace('{a}', f'{even:,}')})"
            if even and key in ("verbs", "pairs", "nearest")
            else ""
        )
        table.add_row(_words(words[f"f_{key}"] + note), *map(_words, shown_values))
    lines = [
        said(fact, words, {figures["name"]: name for figures, name in zip(sets, names, strict=True)})
        for fact in found["sentences"]
    ]
    return table, lines if len(sets) > 1 else []


FEWEST = 8
"""Values of an axis in the table, those of which least was kept."""


def coverage(found: Sequence[dict[str, Any]]) -> Table:
    """How many tasks there are of each value of the axes, as Coverage.figures has it."""
    table = _table("Coverage of the axes, the least covered first", "axis", "value", "kept", "proposed", text=2)
    for one in found:
        for value, kept, proposed in one["by_value"][:FEWEST]:
            table.add_row(_words(one["axis"]), _words(value), f"{kept:,}", f"{proposed:,}")
        if (more := one["values"] - FEWEST) > 0:
            saved, came = (one[key] - sum(row[at] for row in one["by_value"][:FEWEST]) for key, at in PLACES)
            table.add_row(_words(one["axis"]), _words(f"… {more:,} more"), f"{saved:,}", f"{came:,}")
        if one["never_proposed"] or one["never_kept"]:
            says = f"never proposed {one['never_proposed']:,}, never kept {one['never_kept']:,}"
            table.add_row(_words(one["axis"]), _words(f"of {one['values']:,} values {says}"), "", "")
    return table


PLACES = (("kept", 1), ("proposed", 2))
"""Of the sums of an axis in the rows of its values."""

SHARES = ("with_input", "classification", "similar", "duplicates", "refusals", "longer", "kept")


def _figure(key: str, value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or "-"
    return f"{value:.1%}" if key in SHARES else f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def short_name(name: str) -> str:
    """The end of a path."""
    return Path(name).name or name


def _outcome(items: Sequence[Task | Rejected]) -> Table:
    """What was kept, and how much was rejected at which step for which reason."""
    table = _table("What came of it", "step", "reason", "tasks", "share", text=2)
    kept, lost = _counts(items)
    total = kept + lost.total()
    table.add_row("", "kept", f"{kept:,}", _share(kept, total))
    for (step, reason), count in sorted(lost.items(), key=lambda entry: (-entry[1], entry[0])):
        table.add_row(_words(step), _words(reason), f"{count:,}", _share(count, total))
    return table


def _counts(items: Sequence[Task | Rejected]) -> tuple[int, Counter[tuple[str, str]]]:
    """How many tasks were kept, and how many rejected, by step and category."""
    lost = Counter((item.origin, item.category) for item in items if isinstance(item, Rejected) and item.is_proposal)
    return sum(isinstance(item, Task) for item in items), lost


def _survivors(items: Sequence[Task | Rejected]) -> Table:
    table = _table("Survivors", "operator", "round", "made", "alive", "share", "eliminated because", text=1, last=True)
    for row in survivors(items):
        why = ", ".join(f"{reason} {count:,}" for reason, count in row.reasons.most_common())
        numbers = (str(row.round), f"{row.made:,}", f"{row.kept:,}", _share(row.kept, row.made))
        table.add_row(_words(row.operator), *numbers, _words(why))
    return table


def _rounds(items: Sequence[Task | Rejected]) -> Table:
    names = ("tasks", "words", "conditions", "reasoning", "new words", "rouge-l", "difficulty")
    table = _table("Rounds (means; round 0 is what was given)", "round", *names, text=0)
    for row in rounds(items):
        means = (f"{row.length:.1f}", f"{row.conditions:.2f}", f"{row.reasoning:.2f}")
        against = ("" if value is None else f"{value:.2f}" for value in (row.new, row.rouge, row.difficulty))
        table.add_row(str(row.round), f"{row.tasks:,}", *means, *against)
    return table


def _attempts(tried: Sequence[Attempt]) -> Table:
    names = ("marked", "taken", "share", "weak right", "strong right", "gap", "gap of those taken")
    table = _table("Attempts (shares of answers, means)", "attempt", *names, text=0)
    for row in tried:
        means = (f"{value:.0%}" for value in (row.weak, row.strong, row.gap))
        gap = "" if row.taken_gap is None else f"{row.taken_gap:.0%}"
        table.add_row(str(row.attempt), f"{row.marked:,}", f"{row.taken:,}", _share(row.taken, row.marked), *means, gap)
    return table


def _table(title: str, *columns: str, text: int, last: bool = False) -> Table:
    """The first `text` columns, and perhaps the last one, hold words; the others numbers."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        words = number < text or (last and number == len(columns) - 1)
        table.add_column(_words(name), justify="left" if words else "right", no_wrap=not words)
    return table


def _words(text: str) -> Text:
    """A category or an operator may be anybody's word: never markup."""
    from rich.text import Text

    return Text(shown(text))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""
