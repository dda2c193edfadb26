"""The page of a data set too large for a browser: served to this machine alone, its rows asked of DuckDB as they are
looked at.

Only requests that name this machine as their host are answered, so that no web site can read the data by a name that
it lets point here, and only under an address with a secret that is made anew each time.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from selfinstruct.errors import UsageError
from selfinstruct.report.page.rows import Facets, said
from selfinstruct.report.page.writing import escaped, givens, html, rows_in
from selfinstruct.report.sources import Source
from selfinstruct.task import json_line

__all__ = ["Rows", "serve", "server"]

MOST = 500
"""Rows of one answer."""
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


class Rows:
    """The rows in a table on disk, filtered and sorted as the page does it. Raises UsageError without DuckDB."""

    def __init__(self, sources: Sequence[Source], folder: Path) -> None:
        try:
            import duckdb
        except ImportError:
            raise UsageError("--serve needs the package duckdb: pip install 'selfinstruct[report]'") from None
        facets, lines = Facets(), folder / "rows.jsonl"
        with lines.open("wb") as file:
            for number, row in enumerate(facets.of(rows_in(sources))):
                file.write(json_line(_line(number, row)))
        self._lock = Lock()
        self._db = duckdb.connect(str(folder / "rows.duckdb"))
        self._db.execute(
            "CREATE TABLE rows AS SELECT * FROM read_json(?, format='newline_delimited', columns=?, "
            "maximum_object_size=200000000)",
            [str(lines), COLUMNS],
        )
        lines.unlink()
        self.facets, self.total = facets.found(), facets.rows

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
            found = self._db.execute(
                f"SELECT row FROM rows WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", [*values, *window]
            ).fetchall()
        return [json.loads(text) for (text,) in found]

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


def server(
    sources: Sequence[Source], data: dict[str, Any], rows: Rows, port: int = 0
) -> tuple[ThreadingHTTPServer, str]:
    """A server that waits to be run, and the address of its page. Raises UsageError when the port is taken."""
    secret = secrets.token_urlsafe(16)
    data |= {
        "served": True,
        "total": rows.total,
        "inside": rows.total,
        "facets": rows.facets,
        "beside": None,
        "givens": givens(sources),
    }
    page = html(data)

    def answer(name: str, wanted: dict[str, str]) -> Any:
        if name == "count":
            return {"count": rows.count(wanted)}
        if name == "rows":
            return rows.rows(wanted)
        source = sources[min(_whole(wanted.get("set")), len(sources) - 1)]
        found = said(list(source.exchanges(wanted.get("ids", "").split()[:MOST])))
        return {id: _exchange(found, one) for id, one in found["said"].items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            _, given, name = f"{asked.path}//".split("/", 2)
            name = name.strip("/")
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
            if host not in ("127.0.0.1", "localhost") or not secrets.compare_digest(given.encode(), secret.encode()):
                self._send(404, b"not here", "text/plain")
            elif not name:
                self._send(200, page, "text/html; charset=utf-8")
            elif name in ("count", "rows", "exchanges"):
                self._send(200, escaped(answer(name, dict(parse_qsl(asked.query)))), "application/json")
            else:
                self._send(404, b"not here", "text/plain")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            for header, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("Referrer-Policy", "no-referrer"),
            ):
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing: what is looked at is nobody's business."""

    try:
        made = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}; leave out --port for a free one") from None
    made.daemon_threads = True
    return made, f"http://127.0.0.1:{made.server_address[1]}/{secret}/"


def _exchange(found: Mapping[str, Any], one: Sequence[str]) -> dict[str, str]:
    step, model, middle, answer, thoughts = one
    before, after = found["frames"][step]
    return {"step": step, "model": model, "prompt": before + middle + after, "answer": answer, "thoughts": thoughts}


def serve(sources: Sequence[Source], data: dict[str, Any], port: int, say: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C. Raises UsageError without DuckDB, and when the port is taken."""
    with tempfile.TemporaryDirectory(prefix="selfinstruct-") as folder:
        rows = Rows(sources, Path(folder))
        made, address = server(sources, data, rows, port)
        say(f"{rows.total:,} rows at {address} · Ctrl-C ends it")
        try:
            made.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            made.server_close()
            rows.close()
