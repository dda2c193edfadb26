"""The report as one file that opens by double click: markup, style, scripts and data, and nothing that is fetched.

Texts of models are data: JSON in a block that no browser runs, put into the page as text. The policy of the page lets
run only the script whose hash it names (and what that script itself loads: the files of further rows beside the page),
and lets nothing be sent anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import UsageError
from selfinstruct.report.counting.comparing import compared
from selfinstruct.report.counting.lengths import EDGES
from selfinstruct.report.counting.nearest import TENTHS
from selfinstruct.report.page.rows import Facets, said, shown_row
from selfinstruct.report.page.words import words_in
from selfinstruct.report.sources import Source
from selfinstruct.task import finite
from selfinstruct.teachers.journal.exchanges import Exchange
from selfinstruct.workdir import atomic, placed, unwritable

__all__ = ["MANY", "check_place", "data_of", "html", "language_of", "write_page"]

HERE = Path(__file__).parent
SCRIPTS = ("base.js", "charts.js", "rows.js", "sections.js", "report.js")
MANY = 5_000
"""Rows inside the page, as a rule: 10 MB with their prompts, and a second to open."""
MOST = 200_000
"""Rows beside it at most: a browser holds about 1 kB for each."""
WITH_PROMPTS = 20_000
"""Rows that come with their prompts and answers, which are three times as much as all the rest."""
CHUNK = 1_000
SEEDS = 2_000
COMMON = 300
"""Of verbs, pairs and nouns: the page shows the first of them."""
BESIDE = re.compile(r"(?:rows|exchanges)-\d+\.js|[\w-]+\.(?:svg|png)")
"""What may stand in the folder beside a page."""


def language_of(sets: Sequence[Mapping[str, Any]]) -> str:
    """That of most tasks, where the page speaks it; English otherwise."""
    tasks = sum(figures["tasks"] for figures in sets)
    return "zh" if 2 * sum(figures["languages"].get("zh", 0) for figures in sets) > tasks else "en"


def data_of(sets: Sequence[dict[str, Any]], language: str, by: str = "words") -> dict[str, Any]:
    """What the scripts know beside the rows: figures, comparison and words."""
    return {
        "version": __version__,
        "language": language,
        "words": words_in(language),
        "edges": EDGES,
        "tenths": TENTHS,
        "sets": [_brief(figures) for figures in sets],
        "comparison": compared(sets) | {"map": joint_map(sets, by)} if len(sets) > 1 else None,
    }


def joint_map(sets: Sequence[dict[str, Any]], by: str) -> dict[str, Any] | None:
    """All data sets on one map: as many points of each as of the others, some 1,000 in all."""
    share = min(1_000 // len(sets), *(len(figures.get("map", {}).get("tasks", ())) for figures in sets))
    if share < 3:
        return None
    from selfinstruct.report.counting.meaning import laid_out

    chosen = [(at, task["instruction"]) for at, one in enumerate(sets) for task in _spread(one["map"]["tasks"], share)]
    texts = [text for _, text in chosen]
    return {"by": by, "points": laid_out(texts, by), "sets": [at for at, _ in chosen], "texts": texts}


def _spread(items: Sequence[Any], share: int) -> list[Any]:
    return [items[at * len(items) // share] for at in range(share)]


def _brief(figures: dict[str, Any]) -> dict[str, Any]:
    said_ = figures["verbs"]
    if said_:
        said_ = said_ | {name: said_[name][:COMMON] for name in ("common", "commonest_verbs", "nouns")}
    return figures | {"verbs": said_}


def html(data: Mapping[str, Any], blocks: Sequence[bytes] = ()) -> bytes:
    """The page; `blocks` are JSON of rows and of exchanges, as `write_page` makes them."""
    words = data["words"]
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = (HERE / "style.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_hash(script)}' 'strict-dynamic'; style-src 'sha256-{_hash(style)}'; "
        f"img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    if not data.get("served"):
        policy = policy.replace("connect-src 'self'", "connect-src 'none'")
    names = " · ".join(Path(figures["name"]).name for figures in data["sets"])
    parts = {
        "language": data["language"].encode(),
        "policy": policy.encode(),
        "title": escape(f"{names}: {words['title']}").encode("utf-8", "backslashreplace"),
        "skip": escape(words["skip"]).encode(),
        "style": style.encode(),
        "script": script.encode(),
        "data": escaped(data),
        "rows": b"\n".join(blocks),
    }
    template = (HERE / "report.html").read_bytes()
    return re.sub(rb"\{(\w+)\}", lambda place: parts[place[1].decode()], template)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def escaped(value: Any) -> bytes:
    """JSON that ends no script block, whatever is in it: without <, and without the line ends that only JSON allows."""
    text = json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"), default=str)
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace")


def givens(sources: Sequence[Source]) -> dict[str, str]:
    """What the seeds ask, by their ids: rows name them as what the teacher was shown."""
    seeds = [seed for source in sources for seed in source.seeds[:SEEDS]]
    return {seed.id: seed.instruction[:300] for seed in seeds}


def rows_in(sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
    """The rows of all data sets: what was kept, then what was rejected."""
    for number, source in enumerate(sources):
        for task in source.tasks():
            yield shown_row(task, number)
        for rejected in source.rejected():
            yield shown_row(rejected, number)


def write_page(
    path: Path,
    sources: Sequence[Source],
    data: dict[str, Any],
    *,
    inside: int = MANY,
    plots: Mapping[str, bytes] | None = None,
) -> list[Path]:
    """Write the page, and beside it what does not go into it: further rows, plots by the names of their files.

    Returns what was written. Raises UsageError when something that is no report of ours stands in the place.
    """
    check_place(path)
    folder = _beside(path)
    facets = Facets()
    rows = facets.of(rows_in(sources))
    first = list(islice(rows, inside))
    blocks = [b'<script type="application/json" class="rows">' + escaped(first) + b"</script>"]
    blocks.append(b'<script type="application/json" class="exchanges">' + _exchanges(first, sources) + b"</script>")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with placed(folder, folder=True) as beside:
            chunks = prompts = 0
            while facets.rows < inside + MOST and (more := list(islice(rows, CHUNK))):
                (beside / f"rows-{chunks}.js").write_bytes(_script(escaped(more)))
                if facets.rows <= WITH_PROMPTS:
                    (beside / f"exchanges-{chunks}.js").write_bytes(_script(_exchanges(more, sources)))
                    prompts += 1
                chunks += 1
            here = facets.rows
            for _ in rows:
                pass  # counted
            for name, image in (plots or {}).items():
                (beside / name).write_bytes(image)
            needed = bool(chunks or plots)
        if not needed:
            folder.rmdir()
        data |= {"total": facets.rows, "inside": here, "facets": facets.found(), "givens": givens(sources)}
        data["beside"] = {"folder": folder.name, "chunks": chunks, "exchanges": prompts} if chunks else None
        with atomic(path) as file:
            file.write(html(data, blocks))
    except OSError as error:
        raise unwritable(path, error) from None
    return [path, *([folder] if needed else [])]


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}_files")


def check_place(path: Path) -> None:
    """Raises UsageError when something that is no report of ours stands where the page, or its folder, is to be."""
    folder = _beside(path)
    if path.exists() and (path.is_dir() or b'content="selfinstruct report"' not in path.read_bytes()[:1000]):
        raise UsageError(f"{path} is there and no report of ours: choose another --out")
    if folder.exists() and not (folder.is_dir() and all(BESIDE.fullmatch(file.name) for file in folder.iterdir())):
        raise UsageError(f"{folder} is there, with files that are not of a report: choose another --out")


def _script(text: bytes) -> bytes:
    """A file that hands JSON over as a text: in a script itself "__proto__" would be no key."""
    return b"selfinstructTake(" + escaped(text.decode()) + b");\n"


def _exchanges(rows: Sequence[Mapping[str, Any]], sources: Sequence[Source]) -> bytes:
    found: list[Exchange] = []
    for number, source in enumerate(sources):
        ids = dict.fromkeys(id for row in rows if row.get("z", 0) == number for id in row.get("h", ()))
        found += source.exchanges(ids)
    return escaped(said(found))
