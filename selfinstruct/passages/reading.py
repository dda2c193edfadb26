"""Passages as tasks: what a run works on when it is given documents.

    found = passages_in(["docs", "paper.pdf"], most=400)
    len(found), found[0].id, found[0].extra["passage"]
    print(*found.notes.lines(), sep="\n")

A passage is a task without an answer: its id is the file's path and its number there ("guide/intro.md#3"), its
instruction the heading that it stands under, else the document's title, else the file's name; extra has `passage`,
`document` and `title`.
"""

from __future__ import annotations

import json
import tempfile
import weakref
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import overload

from selfinstruct.errors import UsageError, shown
from selfinstruct.passages.blocks import of_text
from selfinstruct.passages.cutting import Passage, is_writing, passages_of, size
from selfinstruct.passages.files import File, blocks_of, files_in, is_rows
from selfinstruct.passages.unreadable import NoText
from selfinstruct.rows.containers.encodings import check_encoding
from selfinstruct.rows.documents import documents_in
from selfinstruct.rows.ids import Ids
from selfinstruct.rows.notes import Notes, printable
from selfinstruct.task import Task, json_line, task_from_row, task_to_row
from selfinstruct.text.normal import plain

__all__ = ["FEWEST", "MOST", "USUAL", "Found", "Passages", "passages_in"]

USUAL = 400
"""Words of a passage at most: about 550 tokens, so that a question, an answer and a prompt fit with it into 2,048."""
FEWEST, MOST = 50, 20_000
"""Words that may be asked for as the most."""
SHORTEST = 25
"""Words: a passage with fewer says too little to be asked about."""
NAMED = 5
"""Files that are named for each reason why they were left out."""
IN_MEMORY = 32_000_000
"""Bytes of passages before they go to a temporary file."""


@dataclass(slots=True)
class Found:
    """What became of the documents."""

    files: int = 0
    passages: int = 0
    words: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    """Passages by the reason why they are not there."""
    unread: dict[str, list[str]] = field(default_factory=dict)
    """Names of files by the reason why there is no text in them."""
    others: Mapping[str, int] = field(default_factory=dict)
    """Files of the folders that are no documents, by their endings."""

    def lines(self) -> list[str]:
        """For people, one line each."""
        about = f" of about {self.words // self.passages:,} words" if self.passages else ""
        said = [f"{self.files:,} documents, {self.passages:,} passages{about}"]
        said += [f"passages left out: {what}: {count:,}" for what, count in self.dropped.most_common()]
        for why, names in self.unread.items():
            more = len(names) - NAMED
            named = ", ".join(map(printable, names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
            said.append(f"no text in {len(names):,} file{'s' * (len(names) > 1)}: {why}: {named}")
        if self.others:
            kinds = ", ".join(f"{count:,} {printable(ending)}" for ending, count in sorted(self.others.items())[:20])
            said.append(f"files that are no documents: {kinds}")
        return [shown(line) for line in said]


class Passages(Sequence[Task]):
    """Tasks that need not be in memory: each is a line of a temporary file, read when it is asked for."""

    def __init__(self) -> None:
        self.notes = Found()
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._ends = array("q", [0])

    def add(self, task: Task) -> None:
        self._file.seek(self._ends[-1])
        self._ends.append(self._ends[-1] + self._file.write(json_line(task_to_row(task))))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> Task: ...
    @overload
    def __getitem__(self, at: slice) -> list[Task]: ...
    def __getitem__(self, at: int | slice) -> Task | list[Task]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        at = at if at >= 0 else at + len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        self._file.seek(self._ends[at])
        return task_from_row(json.loads(self._file.read(self._ends[at + 1] - self._ends[at])))


def passages_in(documents: Sequence[str], *, most: int = USUAL, encoding: str = "", column: str = "") -> Passages:
    """The passages of all documents, in order, each text once.

    documents   folders, files, patterns; rows with a text (JSON lines, Parquet, hf://…) are a document each
    most        words of a passage; two characters of Chinese count as one
    encoding    of texts; "" is what a file says of itself, else UTF-8
    column      of rows, the one that holds the text

    Raises UsageError when there is no passage in any of them, with the reasons.
    """
    if not documents or not all(documents):
        raise UsageError("--documents is empty: name a folder or a file")
    if not FEWEST <= most <= MOST:
        raise UsageError(f"--passage is {most}; it is how many words a passage has at most, {FEWEST} to {MOST:,}")
    encoding = check_encoding(encoding) if encoding else ""
    found, seen, ids = Passages(), set[int](), Ids()
    notes = found.notes
    for name, passages in _documents(list(documents), most, encoding, column, notes):
        number = 0
        try:
            for passage in passages:
                if why := _fault(passage.text, seen):
                    notes.dropped[why] += 1
                    continue
                number += 1
                id = ids.taken(f"{name}#{number}", of_place=False)
                found.add(_task(id, name, passage))
                notes.passages += 1
                notes.words += size(passage.text)
        except NoText as fault:
            notes.unread.setdefault(fault.why, []).append(name)
            continue
        except (RecursionError, MemoryError):
            notes.unread.setdefault("too complicated", []).append(name)
            continue
        notes.files += 1
    if not len(found):
        why = "; ".join(notes.lines()[1:]) or "no text in them"
        raise UsageError(f"no passage in {printable(', '.join(documents))[:200]}: {why[:600]}")
    return found


def _documents(
    documents: list[str], most: int, encoding: str, column: str, notes: Found
) -> Iterator[tuple[str, Iterator[Passage]]]:
    """Each document by its name, and its passages as they are read."""
    remote = [name for name in documents if "://" in name]
    files, notes.others = files_in([name for name in documents if "://" not in name])
    for name in remote:
        yield from _rows(File(name, name), most, encoding, column)
    for file in files:
        if is_rows(file.name):
            yield from _rows(file, most, encoding, column)
        else:
            yield file.name, passages_of(blocks_of(file, encoding), most)


def _rows(file: File, most: int, encoding: str, column: str) -> Iterator[tuple[str, Iterator[Passage]]]:
    """Rows with a text, a document each; where they cannot be read, a document that says so."""
    rows, number = documents_in([file.path], column, encoding=encoding, notes=Notes()), 0
    while True:
        try:
            text = next(rows, None)
        except UsageError as error:
            yield file.name, _unread(f"rows that cannot be read: {str(error)[:160]}")
            return
        if text is None:
            return
        number += 1
        yield f"{file.name}:{number}", passages_of(of_text([text]), most)


def _unread(why: str) -> Iterator[Passage]:
    raise NoText(why)
    yield


def _fault(text: str, seen: set[int]) -> str:
    """Why a passage is none; "" for a good one, which is seen from now on."""
    if size(text) < SHORTEST:
        return "too short"
    if not is_writing(text):
        return "no writing"
    key = int.from_bytes(blake2b(plain(text).casefold().encode("utf-8", "replace"), digest_size=8).digest(), "big")
    if key in seen:
        return "there before"
    seen.add(key)
    return ""


LINE = 80
"""Characters of a heading that names a task."""


def _task(id: str, name: str, passage: Passage) -> Task:
    title = passage.title or PurePosixPath(name).stem
    called = (passage.heading or title).strip() or name
    return Task(
        id,
        called if len(called) <= LINE else f"{called[:LINE].rstrip()}…",
        extra={"passage": passage.text, "document": name, "title": title},
    )
