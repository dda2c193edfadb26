"""A base's tokenizer with the pieces of another one added: the old ones keep their numbers, the new ones come after.

    selfinstruct tokenizer merge models/llama tokenizers/zh --out tokenizers/both --data zh.jsonl

That is Chinese-LLaMA's way from 32,000 tokens to 49,953. Theirs gave every new piece the score 0, the highest there is,
so that English text that one of them fits is cut in another way than before; here a new piece is made only of what the
base's own merges leave, in the order in which the other tokenizer learned it. A text without a new piece in it has the
tokens that it had.

tokenizer.json, of any BPE, gets the pieces and all merges of two known pieces that give one of them: which two are
there to be merged depends on the base's merges. tokenizer.model, of SentencePiece, gets the pieces with falling scores,
which says the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.documents import said_in

from ..models.files import read_json
from ..models.folders import folder_of
from ..models.open import tokenizer_in
from ..models.vocabulary import check_extends
from ..publish.writing import written_folder
from .learned import tokens_a_character

__all__ = ["Grown", "grow_tokenizer"]

MODEL, JSON = "tokenizer.model", "tokenizer.json"
FILES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja")
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""SentencePiece's types of pieces."""


class Grown(NamedTuple):
    folder: Path
    before: int
    added: int
    tokens: int
    unreached: int
    """New pieces that no text becomes, as the base's merges take their parts away; their rows are never read."""
    a_character: tuple[float, float] | None
    """Tokens before and after, on the texts that were given."""


def grow_tokenizer(base: str, added: str, out: str, data: Sequence[str] = (), column: str = "") -> Grown:
    """Write the base's tokenizer with the pieces that `added` has beside it into the folder `out`.

    base    a model's folder or hub id, or a tokenizer's
    added   the same, or a SentencePiece file NAME.model
    data    to count tokens on, before and after
    Raises UsageError.
    """
    folder = folder_of(base, "the base", weights=False)
    with written_folder(Path(out)) as grown:
        old = tokenizer_in(folder)
        old.save_pretrained(grown)  # what has a tokenizer.model only gets a tokenizer.json
        _carried(folder, grown)
        file = read_json(grown / JSON) if (grown / JSON).is_file() else {}
        _check_kind(base, file)
        known, taken = file["model"]["vocab"], _numbers(file)
        pieces = [piece for piece in _pieces(added, byte_level=_is_byte_level(file)) if piece not in taken]
        if not pieces:
            raise UsageError(f"{added} has no piece that {base} has not: there is nothing to add")
        first = max(taken.values()) + 1
        numbers = {piece: number for number, piece in enumerate(pieces, first)}
        file["model"]["merges"] += _merges(pieces, known | numbers, file["model"]["merges"])
        # Tokens that were added beside a vocabulary are numbered behind it when it is read, whatever their numbers
        # say: in it they keep them.
        known |= taken | numbers
        (grown / JSON).write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
        if (grown / MODEL).is_file():
            _grow_model(grown / MODEL, taken, file, pieces, first)
        new = tokenizer_in(grown)
        check_extends(new, old)
        if new.convert_tokens_to_ids(pieces) != list(numbers.values()):
            raise UsageError(f"{base} cannot be grown: its class of tokenizer numbers pieces in a way of its own")
        counts = None
        if data:
            counts = tokens_a_character(old, said_in(data, column)), tokens_a_character(new, said_in(data, column))
        backend: Any = new.backend_tokenizer  # type: ignore[attr-defined,unused-ignore]
        reached = sum(len(backend.model.tokenize(piece)) == 1 for piece in pieces)
        return Grown(Path(out), len(old), len(pieces), len(new), len(pieces) - reached, counts)


def _carried(folder: Path, grown: Path) -> None:
    """The base's own files where it has them: what transformers writes again may say less (`legacy`).

    Where it has no tokenizer.json, one was written that says all, and what is told beside it belongs to that.
    """
    for name in (MODEL, *((JSON, *FILES) if (folder / JSON).is_file() else ())):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, grown / name)


def _check_kind(base: str, file: Mapping[str, Any]) -> None:
    kind = file.get("model", {}).get("type")
    if kind != "BPE":
        said = f"is of the kind {kind}" if kind else "has no tokenizer.json, nor can one be made of it"
        raise UsageError(f"the tokenizer of {base} {said}: only BPE can be grown, as Llama, Qwen, Mistral, GPT-2 have")


def _is_byte_level(file: Mapping[str, Any]) -> bool:
    """Whether its pieces are written in GPT-2's letters for bytes rather than SentencePiece's for spaces."""
    return "ByteLevel" in json.dumps([file.get("pre_tokenizer"), file.get("decoder")])


def _numbers(file: Mapping[str, Any]) -> dict[str, int]:
    """Of all tokens, those that were added beside the vocabulary included."""
    known: dict[str, int] = file["model"]["vocab"]
    beside: dict[str, int] = {token["content"]: token["id"] for token in file.get("added_tokens") or ()}
    return known | beside


def _pieces(added: str, *, byte_level: bool) -> list[str]:
    """The other tokenizer's pieces in the order in which it learned them. Raises UsageError."""
    need = "pieces of bytes" if byte_level else "SentencePiece's pieces"
    kind = "bpe" if byte_level else "sentencepiece"
    way = f"the base has {need}: selfinstruct tokenizer train … --kind {kind}"
    if added.endswith(".model"):
        if byte_level:
            raise UsageError(f"{added} cannot be added: {way}")
        return [piece.piece for piece in _proto(Path(added)).pieces if piece.type == NORMAL]
    folder = folder_of(added, "the tokenizer to add", weights=False)
    if not (folder / JSON).is_file() and (folder / MODEL).is_file() and not byte_level:
        return _pieces(str(folder / MODEL), byte_level=False)
    file = json.loads(tokenizer_in(folder).backend_tokenizer.to_str())  # type: ignore[attr-defined,unused-ignore]
    if file["model"]["type"] != "BPE" or _is_byte_level(file) != byte_level:
        raise UsageError(f"{added} cannot be added: {way}")
    beside = {token["content"] for token in file["added_tokens"]}
    ordered = sorted(file["model"]["vocab"].items(), key=lambda item: item[1])
    return [piece for piece, _ in ordered if piece not in beside and not _is_byte(piece)]


def _is_byte(piece: str) -> bool:
    """SentencePiece's <0x0A>."""
    return len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">")


def _merges(pieces: Sequence[str], known: Mapping[str, int], merges: Sequence[Any]) -> list[Any]:
    """What may be merged into each new piece, in the order of the pieces, written as the base's are."""
    as_text = bool(merges) and isinstance(merges[0], str)
    found: list[Any] = []
    for piece in pieces:
        pairs = sorted(_pairs(piece, known), key=lambda pair: (known[pair[0]], known[pair[1]]))
        found += [" ".join(pair) if as_text else list(pair) for pair in pairs]
    return found


def _pairs(piece: str, known: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for place in range(1, len(piece)):
        if piece[:place] in known and piece[place:] in known:
            yield piece[:place], piece[place:]


def _proto(path: Path) -> Any:
    """A SentencePiece model, to be looked into. Raises UsageError."""
    try:
        from sentencepiece import sentencepiece_model_pb2  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise UsageError(f"{path.name} needs the package protobuf: pip install 'selfinstruct[train]'") from None
    kinds: Any = sentencepiece_model_pb2
    proto = kinds.ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception:  # protobuf's own kinds
        raise UsageError(f"{path} is no SentencePiece model: copy or fetch it again") from None
    return proto


def _grow_model(
    path: Path, taken: Mapping[str, int], file: Mapping[str, Any], pieces: Sequence[str], first: int
) -> None:
    """The same pieces in tokenizer.model. Tokens that the base has beside it (one to pad with) get their place in it,
    as a piece's number there is its place."""
    proto = _proto(path)
    lowest = min((piece.score for piece in proto.pieces if piece.type == NORMAL), default=0.0)
    special = {token["content"]: token["special"] for token in file.get("added_tokens") or ()}
    names = {number: token for token, number in taken.items()}
    for number in range(len(proto.pieces), first):
        name = names.get(number, f"<unused_{number}>")
        kind = UNUSED if number not in names else CONTROL if special.get(name, False) else USER_DEFINED
        proto.pieces.add(piece=name, score=0.0, type=kind)
    for place, piece in enumerate(pieces, 1):
        proto.pieces.add(piece=piece, score=lowest - place, type=NORMAL)
    path.write_bytes(proto.SerializeToString())
