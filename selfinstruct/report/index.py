"""A file that keeps what a served report is made of: the figures and the rows, so that it opens at once the next time.

It is DuckDB's. It says which files it was made from, with their sizes and times: where one has changed it is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import UsageError
from selfinstruct.report.page.writing import rows_in
from selfinstruct.report.serving import Rows
from selfinstruct.report.sources import Source
from selfinstruct.task import finite
from selfinstruct.workdir import unwritable

__all__ = ["indexed"]


def indexed(
    sources: Sequence[Source], file: Path, by: str, how: str, figures: Callable[[], list[dict[str, Any]]]
) -> tuple[list[dict[str, Any]], bool]:
    """The figures of the data sets, out of the file if it was made from them as they are; and whether it was.

    how         whatever else the figures depend on, as a text
    Raises UsageError where the data are no files of this machine, or something else stands in the place.
    """
    made_from = json.dumps([__version__, by, how, *(_stamp(path) for one in sources for path in one.files)])
    if file.exists():
        there = _read(file)
        if there is None:
            raise UsageError(f"{file} is there and no index of a report: choose another --index")
        if there[0] == made_from:
            return list(json.loads(there[1])), True
    found = figures()
    _write(file, made_from, found, sources)
    return found, False


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        about = path.stat()
    except OSError:
        raise UsageError(f"--index is for runs and files of this machine; {path} is none: leave it out") from None
    return str(path.absolute()), about.st_size, about.st_mtime_ns


def _read(file: Path) -> tuple[str, str] | None:
    """What it was made from, and the figures; None of another file."""
    import duckdb

    try:
        with duckdb.connect(str(file), read_only=True) as db:
            found = db.execute("SELECT made_from, figures FROM report").fetchone()
    except duckdb.Error:
        return None
    return (found[0], found[1]) if found else None


def _write(file: Path, made_from: str, figures: list[dict[str, Any]], sources: Sequence[Source]) -> None:
    import duckdb

    unfinished = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        Rows(unfinished, rows_in(sources)).close()
        with duckdb.connect(str(unfinished)) as db:
            db.execute("CREATE TABLE report (made_from VARCHAR, figures VARCHAR)")
            said = json.dumps(finite(figures), ensure_ascii=False, default=str)
            db.execute("INSERT INTO report VALUES (?, ?)", [made_from, said.encode("utf-8", "replace").decode()])
        unfinished.replace(file)
    except OSError as error:
        raise unwritable(file, error) from None
