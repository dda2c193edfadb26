"""Sequences of one length, cut from documents one after the other: every token is in one, and all but a sequence's
first are learned.

    a document's tokens, as the tokenizer makes them (BOS if it puts one), then its end-of-sequence token, the next …

A sequence may begin in the middle of a document, and what it holds of several is read as one text, as LLaMA and GPT-3
were trained; or, `apart`, none of its documents sees another (Llama 3). The tokens are made once, and lie in a file
that is mapped into memory: a corpus may be larger than that.
"""

from __future__ import annotations

import json
import os
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, overload

from selfinstruct.workdir import atomic

from ..rows.batches import Item, Measured, attention
from ..rows.conversations import MASKED
from .corpus import Corpus

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Sequences", "Tokens", "drawn", "encoded_text", "tokens_of"]

AT_ONCE = 500_000
"""Characters that are given to the tokenizer together, which has threads for texts beside each other."""

MARK = "tokens.json"
"""Written last, with what the files were made of."""


class Tokens(NamedTuple):
    streams: list[np.ndarray]
    """[tokens] of each part that is packed by itself: of all DATA together, or of each where they have shares."""
    held_out: np.ndarray


class Sequences(Sequence[Item]):
    """The sequences of some streams, one stream after the other."""

    def __init__(self, streams: Sequence[np.ndarray], length: int, eos: int, *, apart: bool = False) -> None:
        """`eos`: the token after each document. The last token of a stream is left out where it would be alone."""
        self._streams, self._length, self._eos, self._apart = streams, length, eos, apart
        self.counts = [-(-(len(stream) - 1) // length) if len(stream) > 1 else 0 for stream in streams]
        self._ends = list(accumulate(self.counts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        number = bisect_right(self._ends, place)
        start = (place - (self._ends[number] - self.counts[number])) * self._length
        ids: list[int] = self._streams[number][start : start + self._length].tolist()
        if not self._apart:
            return Item(ids, [MASKED, *ids[1:]], (len(ids),))
        lengths = _lengths(ids, self._eos)
        firsts = {0, *accumulate(lengths[:-1])}
        return Item(ids, [MASKED if place in firsts else id for place, id in enumerate(ids)], lengths)

    @property
    def tokens(self) -> int:
        """In all sequences."""
        return sum(len(stream) - (len(stream) % self._length == 1) for stream in self._streams)

    def measured(self) -> Measured:
        """What `batches.measured` asks, without looking at each."""
        length = min(self._length, max(map(len, self._streams)))
        whole, rest = divmod(self.tokens, length)
        return Measured(length, length - 1, whole * attention([length]) + attention([rest]))


def _lengths(ids: Sequence[int], eos: int) -> tuple[int, ...]:
    """Of the documents in a sequence, each with its end token."""
    ends = [place + 1 for place, id in enumerate(ids) if id == eos]
    ends += [len(ids)] * (not ends or ends[-1] != len(ids))
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def drawn(counts: Sequence[int], shares: Sequence[float], seed: int) -> tuple[list[int], Callable[[int], list[int]]]:
    """Sequences of each stream in an epoch, which has as many as there are in all; and the places of those of an epoch.

    Each stream is gone through again and again, every time in another order: an epoch goes on where the one before
    ended, so that none of its sequences is seen a third time before another is seen twice.
    """
    total, whole = sum(counts), sum(shares)
    wanted = [max(1, round(total * share / whole)) for share in shares]
    starts = [0, *accumulate(counts)]

    def places(epoch: int) -> list[int]:
        found: list[int] = []
        for number, (count, want) in enumerate(zip(counts, wanted, strict=True)):
            first, last = epoch * want, (epoch + 1) * want
            for turn in range(first // count, -(-last // count)):
                order = list(range(starts[number], starts[number] + count))
                Random(f"{seed}/stream/{number}/{turn}").shuffle(order)
                found += order[max(0, first - turn * count) : last - turn * count]
        return found

    return wanted, places


def encoded_text(texts: Iterable[str], tokenizer: Tokenizer) -> Iterator[list[int]]:
    """The tokens of each document, the end-of-sequence token last, whatever the tokenizer puts there by itself.

    What looks like a control token in a text ("</s>" in a page of HTML) is text, and becomes no control token.
    """
    eos: Any = tokenizer.eos_token_id
    for part in _parts(texts):
        how: dict[str, Any] = {"verbose": False, "split_special_tokens": True, "return_attention_mask": False}
        for ids in tokenizer(part, **how)["input_ids"]:
            yield ids if ids[-1:] == [eos] else [*ids, eos]


def _parts(texts: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for text in texts:
        part.append(text)
        size += len(text)
        if size >= AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def tokens_of(
    corpus: Corpus, tokenizer: Tokenizer, folder: Path | None, *, shares: bool, rank: int = 0, wait: float = 0.2
) -> Tokens:
    """The tokens of the corpus, from the files in the folder if they are of the same, or made and written there.

    None: in files without a name, for a look at them. Of several processes that of rank 0 makes them, and the others
    wait. Raises OSError when there is no room.
    """
    import numpy as np

    kind = np.dtype(np.uint16 if max(tokenizer.get_vocab().values()) < 1 << 16 else np.uint32)
    streams = [[source] for source in range(len(corpus.data))] if shares else [list(range(len(corpus.data)))]
    names = [*(f"{number}.bin" for number in range(len(streams))), "held_out.bin"]
    texts = [_texts(corpus, sources, held_out=False) for sources in streams]
    texts.append(_texts(corpus, range(len(corpus.data)), held_out=True))
    if folder is None:
        found = [_aside(encoded_text(part, tokenizer), kind) for part in texts]
        return Tokens(found[:-1], found[-1])
    key = _key(corpus, tokenizer, names)
    while rank and _made_of(folder) != key:
        time.sleep(wait)
    if _made_of(folder) != key:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).unlink(missing_ok=True)
        for name, part in zip(names, texts, strict=True):
            with (folder / name).open("wb") as file:
                _write(file, encoded_text(part, tokenizer), kind)
                os.fsync(file.fileno())
        with atomic(folder / MARK) as mark:
            mark.write(json.dumps(key).encode())
    found = []
    for name in names:
        with (folder / name).open("rb") as file:
            found.append(_mapped(file, kind))
    return Tokens(found[:-1], found[-1])


def _texts(corpus: Corpus, sources: Iterable[int], *, held_out: bool) -> Iterator[str]:
    return (text for source in sources for text in corpus.texts(source, held_out=held_out))


def _write(file: IO[bytes], documents: Iterable[list[int]], kind: np.dtype) -> None:
    import numpy as np

    for ids in documents:
        file.write(np.array(ids, kind).tobytes())
    file.flush()


def _mapped(file: IO[bytes], kind: np.dtype) -> np.ndarray:
    """The file as an array, which needs it no longer to be open."""
    import numpy as np

    where: Any = file
    return np.memmap(where, kind, mode="r") if os.fstat(file.fileno()).st_size else np.zeros(0, kind)


def _aside(documents: Iterable[list[int]], kind: np.dtype) -> np.ndarray:
    """In a file without a name, gone with the array."""
    with TemporaryFile() as file:
        _write(file, documents, kind)
        return _mapped(file, kind)


def _key(corpus: Corpus, tokenizer: Any, names: Sequence[str]) -> dict[str, Any]:
    """What the tokens follow from."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    words = backend.to_str() if backend is not None else json.dumps(sorted(tokenizer.get_vocab().items()))
    held_out = sha256(json.dumps(sorted(corpus.held_out)).encode()).hexdigest()
    about = f"{words}{tokenizer.eos_token}"
    return {
        "data": corpus.hash,
        "held_out": held_out,
        "files": list(names),
        "tokenizer": sha256(about.encode("utf-8", "replace")).hexdigest(),
    }


def _made_of(folder: Path) -> Any:
    with suppress(OSError, ValueError):
        return json.loads((folder / MARK).read_bytes())
    return None
