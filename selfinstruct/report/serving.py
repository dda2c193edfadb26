"""The page of a data set too large for a browser: served to this machine alone, its rows asked of DuckDB as they are
looked at.

Only requests that name this machine as their host are answered, so that no web site can read the data by a name that
it lets point here, and only under an address with a secret that is made anew each time.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from selfinstruct.errors import UsageError
from selfinstruct.listening import listening, until_stopped
from selfinstruct.report.page.rows import Facets, said
from selfinstruct.report.page.writing import escaped, givens, html, rows_in
from selfinstruct.report.sources import Source
from selfinstruct.task import json_line

__all__ = ["Rows", "serve", "served"]

MOST = 500
"""Rows of one answer."""
CHUNK = 20_000
"""Rows that are handed to DuckDB at a time, as a file."""
MEMORY = "400MB"
"""Of DuckDB, which would take four fifths of the machine's."""
LEAST_OBJECT = 2**24
"""Bytes: DuckDB keeps room for two objects of the largest size that it is told of."""
COLUMNS = {
    "place": "BIGINT",
    "z": "INTEGER",
    "k": "VARCHAR",
    "s": "VARCHAR",
    "o": "VARCHAR",
    "l": "VARCHAR",
    "asked": "BIGINT",
    "answered": "BIGINT",
    "v": "DOUBLE",
    "q": "VARCHAR",
    "low": "VARCHAR",
    "row": "VARCHAR",
}
"""Of the table; `low` is what is searched, `row` the row as the page has it."""
SORTS = {
    "instruction": "q",
    "outcome": "k",
    "step": "s",
    "language": "l",
    "words_in": "asked",
    "words_out": "answered",
    "score": "v",
}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class Rows:
    """The rows in a table on disk, filtered and sorted as the page does it. Raises UsageError without DuckDB."""

    def __init__(self, file: Path, rows: Iterable[dict[str, Any]] | None = None) -> None:
        """The table in the file, where these rows are put first; None: it has them already."""
        try:
            import duckdb
        except ImportError:
            raise UsageError("--serve needs the package duckdb: pip install 'selfinstruct[report]'") from None
        self._lock = Lock()
        self._db = duckdb.connect(str(file), config={"memory_limit": MEMORY, "threads": 2})
        if rows is not None:
            self._fill(rows, file)
        found = self._db.execute("SELECT facets, total FROM about").fetchone()
        assert found
        self.facets, self.total = json.loads(found[0]), int(found[1])

    def _fill(self, rows: Iterable[dict[str, Any]], file: Path) -> None:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        self._db.execute(f"CREATE TABLE rows ({columns})")
        facets, lines, number = Facets(), file.with_suffix(".jsonl"), 0
        passing = facets.of(rows)
        while some := list(islice(passing, CHUNK)):
            longest = LEAST_OBJECT
            with lines.open("wb") as written:
                for row in some:
                    line = json_line(_line(number, row))
                    longest, number = max(longest, 2 * len(line)), number + 1
                    written.write(line)
            self._db.execute(
                "INSERT INTO rows SELECT * FROM read_json(?, format='newline_delimited', columns=?, "
                "maximum_object_size=?)",
                [str(lines), COLUMNS, longest],
            )
            lines.unlink()
        self._db.execute("CREATE TABLE about (facets VARCHAR, total BIGINT)")
        self._db.execute("INSERT INTO about VALUES (?, ?)", [json.dumps(facets.found()), facets.rows])
        self._db.execute("CHECKPOINT")

    def count(self, wanted: Mapping[str, str]) -> int:
        where, values = _where(wanted)
        with self._lock:
            found = self._db.execute(f"SELECT count(*) FROM rows WHERE {where}", values).fetchone()
        return int(found[0]) if found else 0

    def rows(self, wanted: Mapping[str, str]) -> list[Any]:
        """From `offset` on, at most `limit`, sorted by `sort`, the other way round with `down`."""
        where, values = _where(wanted)
        down = " DESC" if wanted.get("down") == "true" else ""
        key = SORTS.get(wanted.get("sort", ""))
        order = f"{key}{down} NULLS LAST, place" if key else f"place{down}"
        window = [min(_whole(wanted.get("limit")), MOST), _whole(wanted.get("offset"))]
        with self._lock:
            # Only places are sorted: with the rows themselves a page in the middle of a million takes seconds.
            chosen = self._db.execute(
                f"SELECT place FROM rows WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", [*values, *window]
            ).fetchall()
            places = [int(place) for (place,) in chosen]
            found = dict(
                self._db.execute(
                    f"SELECT place, row FROM rows WHERE place IN ({', '.join(map(str, places))})"
                ).fetchall()
                if places
                else []
            )
        return [json.loads(found[place]) for place in places]

    def close(self) -> None:
        self._db.close()


def _line(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    texts = [row["q"], row.get("a", ""), row.get("i", ""), *(text for each in row.get("x", ()) for text in each)]
    texts += [turn[1] for turn in row.get("t", ())]
    found = {name: row.get(name) for name in ("k", "s", "o", "l", "v", "q")}
    found |= {"place": number, "z": row.get("z", 0), "asked": row["n"][0], "answered": row["n"][1]}
    return found | {"low": "\n".join(texts).lower(), "row": escaped(row).decode()}


def _where(wanted: Mapping[str, str]) -> tuple[str, list[Any]]:
    """The condition and its values; whatever is asked becomes a value, never a part of the question."""
    parts = ["true"]
    values: list[Any] = []
    if outcome := wanted.get("outcome"):
        parts.append("k IS NULL" if outcome == "kept" else "k IS NOT NULL")
    for name, column in (("reason", "k"), ("step", "s"), ("operator", "o"), ("language", "l"), ("dataset", "z")):
        if value := wanted.get(name):
            parts.append(f"{column} = ?")
            values.append(_whole(value) if name == "dataset" else value)
    for name, condition in (("min_words", "asked >= ?"), ("max_words", "asked <= ?"), ("min_score", "v >= ?")):
        if value := wanted.get(name):
            parts.append(condition)
            values.append(_number(value))
    for term in wanted.get("search", "").lower().split():
        parts.append("contains(low, ?)")
        values.append(term)
    return " AND ".join(parts), values


def _whole(text: str | None) -> int:
    return max(0, int(text)) if text and text.isdecimal() else 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def app_of(sources: Sequence[Source], page: bytes, rows: Rows, secret: str) -> web.Application:
    """What is answered: the page, and below its address counts, rows, and what was asked and answered."""

    def answer(name: str, wanted: Mapping[str, str]) -> Any:
        if name == "count":
            return {"count": rows.count(wanted)}
        if name == "rows":
            return rows.rows(wanted)
        source = sources[min(_whole(wanted.get("set")), len(sources) - 1)]
        found = said(list(source.exchanges(wanted.get("ids", "").split()[:MOST])))
        return {id: _exchange(found, one) for id, one in found["said"].items()}

    async def get(request: web.Request) -> web.Response:
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
        given, _, name = request.match_info["path"].partition("/")
        name = name.strip("/")
        known = secrets.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())
        if host not in ("127.0.0.1", "localhost") or not known or name not in ("", "count", "rows", "exchanges"):
            return web.Response(status=404, text="not here", headers=HEADERS)
        if not name:
            return web.Response(body=page, content_type="text/html", charset="utf-8", headers=HEADERS)
        body = escaped(await asyncio.to_thread(answer, name, dict(request.query)))
        return web.Response(body=body, content_type="application/json", headers=HEADERS)

    app = web.Application()
    app.router.add_get("/{path:.*}", get)
    return app


@asynccontextmanager
async def served(sources: Sequence[Source], data: Mapping[str, Any], rows: Rows, port: int = 0) -> AsyncIterator[str]:
    """The page, for as long as the block runs; its address. Raises UsageError when the port is taken."""
    about = {"served": True, "total": rows.total, "inside": rows.total, "facets": rows.facets, "beside": None}
    page, secret = html({**data, **about, "givens": givens(sources)}), secrets.token_urlsafe(16)
    async with listening(app_of(sources, page, rows, secret), port) as url:
        yield f"{url}{secret}/"


def _exchange(found: Mapping[str, Any], one: Sequence[str]) -> dict[str, str]:
    step, model, middle, answer, thoughts = one
    before, after = found["frames"][step]
    return {"step": step, "model": model, "prompt": before + middle + after, "answer": answer, "thoughts": thoughts}


def serve(
    sources: Sequence[Source], data: Mapping[str, Any], port: int, say: Callable[[str], None], index: Path | None = None
) -> None:
    """Serve the page until Ctrl-C. Raises UsageError without DuckDB, and when the port is taken.

    index       a file that index.py wrote, with the rows; None: they are put into one that goes with the server
    """
    with tempfile.TemporaryDirectory(prefix="selfinstruct-") as folder:
        rows = Rows(index) if index else Rows(Path(folder) / "rows.duckdb", rows_in(sources))
        try:
            asyncio.run(_serve(sources, data, rows, port, say))
        except KeyboardInterrupt:  # where no signal can be waited for
            pass
        finally:
            rows.close()


async def _serve(
    sources: Sequence[Source], data: Mapping[str, Any], rows: Rows, port: int, say: Callable[[str], None]
) -> None:
    async with served(sources, data, rows, port) as address:
        say(f"{rows.total:,} rows at {address} · Ctrl-C ends it")
        await until_stopped()
