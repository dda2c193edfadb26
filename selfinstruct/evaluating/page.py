"""The page of an evaluation: one file with the table, bars of families and subjects, and answers to read.

Everything in it is text that was escaped; there is no script, and its policy lets none run and nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from selfinstruct.errors import UsageError, shown
from selfinstruct.evaluating.evaluate import Evaluation
from selfinstruct.evaluating.figures import groups_of
from selfinstruct.evaluating.items import Mark
from selfinstruct.evaluating.table import apart, cell, heads, remarks
from selfinstruct.workdir import atomic, unwritable

__all__ = ["html", "write_page"]

MARK = b'content="selfinstruct evaluation"'
READ = 12
"""Items of a suite that are shown: those on which models differ first, then wrong ones, then right ones."""
LONGEST = 4_000
"""Characters of a text."""
GROUPS = 200
BAR, GAP, WIDE, NAMES = 14, 6, 560, 220
"""Pixels of the bars: height, gap, width, and of the names beside them."""
COLOURS = 8


def write_page(found: Evaluation, path: Path) -> None:
    """Raises UsageError when something else stands in the place."""
    try:
        if path.exists() and (path.is_dir() or MARK not in path.read_bytes()[:1000]):
            raise UsageError(f"{path} is there and no page of an evaluation: choose another --out")
        with atomic(path) as file:
            file.write(html(found))
    except OSError as error:
        raise unwritable(path, error) from None


def html(found: Evaluation) -> bytes:
    """The whole page."""
    style = (files("selfinstruct.report.page") / "style.css").read_text(encoding="utf-8") + _colours()
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"
    title = _text(f"Evaluation: {', '.join(found.models)}")
    links = "".join(f'<a href="#s{number}">{_text(name)}</a>' for number, name in enumerate(found.suites))
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta name="generator" {MARK.decode()}>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>",
        f'<header class="bar"><div><h1>{title}</h1><nav aria-label="Suites">{links}</nav></div></header>',
        '<main id="main">',
        *_table(found),
        *(part for number, name in enumerate(found.suites) for part in _suite(found, name, number)),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts).encode("utf-8", "backslashreplace")


def _colours() -> str:
    fills = (f"rect.m{number} {{ fill: var(--c{number + 1}); }}" for number in range(COLOURS))
    dots = (f".dot.m{number} {{ background: var(--c{number + 1}); }}" for number in range(COLOURS))
    return "\n" + "\n".join((*fills, *dots)) + "\n"


def _text(text: str) -> str:
    """What anybody wrote, as text: escaped, and with nothing unseen in it."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… (+{len(text) - LONGEST:,})"
    return escape(shown(cut, lines=True))


def _dot(number: int) -> str:
    return f'<i class="dot m{number % COLOURS}"></i>'


def _table(found: Evaluation) -> Iterator[str]:
    yield '<section><h2>What they can do</h2><div class="wide"><table><thead><tr>'
    yield "".join(f'<th scope="col">{_text(head)}</th>' for head in heads(found.models))
    yield "</tr></thead><tbody>"
    for row in found.rows:
        values = [cell(row.cells.get(model), row.unit) for model in found.models]
        values += [apart(row.differences.get(model), row.unit) for model in found.models[1:]]
        name = f"{row.suite}: {row.name}" + ("" if row.higher else " (lower is better)")
        cells = "".join(f'<td class="number">{value}</td>' for value in values)
        yield f'<tr><th scope="row">{_text(name)}</th>{cells}</tr>'
    yield "</tbody></table></div>"
    yield '<p class="soft small">In brackets where the true figure lies with 95 %. Differences are in points, on the '
    yield "same items; one whose brackets hold 0 may be chance.</p>"
    for line in remarks(found):
        yield f'<p class="notice">{_text(line)}</p>'
    yield "</section>"


def _suite(found: Evaluation, name: str, number: int) -> Iterator[str]:
    yield f'<section><h2 id="s{number}">{_text(name)}</h2>'
    marks = {model: found.marks[name].get(model, []) for model in found.models}
    yield from _bars(found.models, marks)
    yield from _examples(found.models, marks)
    yield "</section>"


def _bars(models: Sequence[str], marks: dict[str, list[Mark]]) -> Iterator[str]:
    """Of the groups: the widest differences first would hide the order, so by the first model's figure."""
    by = {model: groups_of(some) for model, some in marks.items()}
    first = next(iter(by.values()), {})
    names = list(dict.fromkeys(group for found in by.values() for group in found))
    if not names:
        return
    names.sort(key=lambda group: (-first.get(group, (0.0, 0))[0], group))
    many = max((one[1] for found in by.values() for one in found.values()), default=0)
    yield f"<details><summary>By group: {len(names):,} of them, up to {many:,} items in each</summary>"
    yield (
        '<ul class="legend">' + "".join(f"<li>{_dot(n)}{_text(model)}</li>" for n, model in enumerate(models)) + "</ul>"
    )
    step = len(models) * BAR + GAP
    height = min(len(names), GROUPS) * step
    yield f'<svg class="chart" viewBox="0 0 {NAMES + WIDE + 60} {height}" role="img" aria-label="by group">'
    top = max(1.0, *(one[0] for found in by.values() for one in found.values()))
    for at, group in enumerate(names[:GROUPS]):
        y = at * step
        yield f'<text x="{NAMES - 8}" y="{y + BAR}" text-anchor="end">{_text(group[:34])}</text>'
        for place, model in enumerate(models):
            if group in by[model]:
                value, count = by[model][group]
                width = WIDE * value / top
                yield (
                    f'<rect class="m{place % COLOURS}" x="{NAMES}" y="{y + place * BAR}" width="{width:.1f}" '
                    f'height="{BAR - 2}"><title>{_text(f"{model}: {value:.3f} of {count:,}")}</title></rect>'
                    f'<text class="soft" x="{NAMES + width + 6:.1f}" y="{y + place * BAR + BAR - 4}">{value:.2f}</text>'
                )
    yield "</svg></details>"


def _examples(models: Sequence[str], marks: dict[str, list[Mark]]) -> Iterator[str]:
    by = {model: {one.id: one for one in some} for model, some in marks.items()}
    chosen = _chosen([list(found.values()) for found in by.values() if found])
    if not chosen:
        return
    yield "<details open><summary>Some of the items, with what was said</summary>"
    for id in chosen:
        there = {model: by[model][id] for model in models if id in by[model]}
        one = next(iter(there.values()))
        yield f'<article class="card"><h3>{_text(id)} <span class="soft small">{_text(one.group)}</span></h3>'
        yield f'<div class="said">{_text(one.asked)}</div>'
        if one.wanted:
            yield '<p class="soft small">Wanted, or what it stands beside</p>'
            yield f'<div class="said">{_text(one.wanted)}</div>'
        for number, model in enumerate(models):
            if model in there:
                yield from _answer(model, number, there[model])
        yield "</article>"
    yield "</details>"


def _answer(model: str, number: int, one: Mark) -> Iterator[str]:
    kind = "good" if one.value == 1 and one.weight == 1 else "bad" if one.value == 0 else "warn"
    said = {"good": "right", "bad": "wrong"}.get(kind, f"{one.value:.2f}")
    fate = "" if one.fate == "answered" else f' <span class="tag warn">{_text(one.fate)}</span>'
    yield f'<p>{_dot(number)}{_text(model)} <span class="tag {kind}">{said}</span>{fate}</p>'
    yield f'<div class="said">{_text(one.answer)}</div>'
    for why in one.more.get("why", ()):
        yield f'<p class="soft small">The judge said</p><div class="said">{_text(str(why))}</div>'


def _chosen(marks: Sequence[Sequence[Mark]]) -> list[str]:
    """Ids of items to read; of each kind from all over the suite."""
    values: dict[str, list[float]] = {}
    for some in marks:
        for one in some:
            values.setdefault(one.id, []).append(one.value)
    differ = [id for id, found in values.items() if len(set(found)) > 1]
    wrong = [id for id, found in values.items() if len(set(found)) == 1 and found[0] < 1]
    right = [id for id, found in values.items() if len(set(found)) == 1 and found[0] >= 1]
    chosen = _spread(differ, READ // 2) + _spread(wrong, READ // 4)
    return chosen + _spread(right, READ - len(chosen))


def _spread(ids: Sequence[str], many: int) -> list[str]:
    many = min(many, len(ids))
    return [ids[at * len(ids) // many] for at in range(many)]
