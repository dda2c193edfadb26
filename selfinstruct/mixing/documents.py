"""Documents for pre-training: texts to be read on from, and lines that stand in many of them.

A document is a task without an instruction whose output is the text, so that every filter that looks at answers looks
at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

from selfinstruct.mixing.mixture import Source
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.ids import Ids
from selfinstruct.rows.notes import Bad, Notes, brief
from selfinstruct.task import Instance, Task

__all__ = ["Lines", "documents_in"]


def documents_in(data: tuple[str, ...], source: Source, notes: Notes) -> Iterator[Task]:
    """The documents of a source; what has no text in that column is left out and noted."""
    ids = Ids()
    for where, row in read_rows(list(data), encoding=source.how.encoding, notes=notes):
        notes.files[where.file] += 1
        id = ids.of_place(where.file)
        text = row.get(source.text) if isinstance(row, dict) else None
        if isinstance(row, Bad) or not isinstance(text, str) or not text.strip():
            notes.leave_out(
                row if isinstance(row, Bad) else Bad(where, f"no text in {source.text!r}: {brief(text)}", brief(row))
            )
            continue
        rest = {key: value for key, value in row.items() if key not in (source.text, "id")}
        yield Task(str(row.get("id") or id), "", (Instance("", text),), extra=rest)


class Lines:
    """Lines seen before, whatever document they stood in: a later one is left out (Lee et al., 2107.06499, section 4;
    CCNet, 1911.00359, does it by paragraphs).

    Only lines of 40 characters or more count (20 in other scripts than Latin): a shorter one, such as "}" or "Yes.",
    stands in good texts again and again. 8 bytes of a digest are kept for each.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def once(self, task: Task, notes: Notes) -> Task:
        """The document without such lines, whose number goes into the notes. It is to be kept: what filters drop is
        not to be asked about, or its lines would be gone altogether."""
        text = task.instances[0].output
        lines = text.split("\n")
        kept = [line for line in lines if not self._again(line)]
        if len(kept) == len(lines):
            return task
        notes.done["with lines that were there before, left out"] += 1
        return replace(task, instances=(Instance("", "\n".join(kept).strip()),))

    def _again(self, line: str) -> bool:
        key = " ".join(line.casefold().split())
        if len(key) < (40 if key[:40].isascii() else 20):
            return False
        digest = int.from_bytes(blake2b(key.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False
