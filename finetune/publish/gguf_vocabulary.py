"""A tokenizer as GGUF's lists, so that llama.cpp gives the same tokens; one that it would read differently is refused.

gpt2   byte-level BPE: Llama 3's and our own. Which pieces text is cut into first has a name in llama.cpp, see PRE.
llama  SentencePiece's BPE with bytes for what it does not know: Llama 1 and 2, and vocabularies grown from them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Vocabulary", "vocabulary_of"]

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
"""GGUF's types of tokens."""

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
PRE = {
    (("bytes", True),): "gpt-2",
    (("digits",), ("bytes", True)): "smollm",
    (("split", _LLAMA3), ("bytes", False)): "smaug-bpe",  # "llama-bpe" when whole words go before merges
    (("split", _LLAMA3.replace("{1,3}", "")), ("bytes", False)): "qwen2",
}
"""What is done before merging, as tokenizer.json has it, and llama.cpp's name of the same."""

SPACE = "▁"
"""SentencePiece's sign for a space."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What GGUF says about a tokenizer."""

    model: str
    """gpt2 or llama."""
    pre: str
    tokens: list[str]
    types: list[int]
    scores: list[float]
    """llama only: of two pairs the one whose token has the higher score is merged first."""
    merges: list[str]
    """gpt2 only, in order."""
    space_prefix: bool
    """llama only: whether a text is read as if it began with a space."""


def vocabulary_of(
    tokenizer: PreTrainedTokenizerBase, folder: Path, rows: int, notice: Callable[[str], None]
) -> Vocabulary:
    """The tokenizer's lists, filled up to the `rows` of the model's embedding. Raises UsageError."""
    backend: Any = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise UsageError(
            f"the tokenizer of {folder} is written in Python ({type(tokenizer).__name__}): GGUF has no place"
        )
    about = json.loads(backend.to_str())
    model = about["model"]
    if model["type"] != "BPE":
        raise UsageError(
            f"the tokenizer of {folder} is a {model['type']} one; GGUF is written for byte-level BPE (Llama 3) and "
            "SentencePiece's BPE (Llama 1 and 2)"
        )
    if rows < len(tokenizer):
        raise UsageError(
            f"{folder} has {len(tokenizer):,} tokens and only {rows:,} rows for them: is the tokenizer its?"
        )
    for option in ("continuing_subword_prefix", "end_of_word_suffix", "dropout"):
        if model.get(option):
            raise UsageError(f"the tokenizer of {folder} has a {option}, which llama.cpp does not know")
    tokens, types = _tokens(about, rows, tokenizer.unk_token_id)
    if model["byte_fallback"]:
        scores = _scores(folder, tokens, types, [tuple(pair) for pair in model["merges"]])
        return Vocabulary("llama", "default", tokens, types, scores, [], _space_prefix(about, folder))
    merges = [" ".join(pair) for pair in model["merges"]]
    return Vocabulary("gpt2", _pre(about, folder, notice), tokens, types, [], merges, False)


def _tokens(about: dict[str, Any], rows: int, unknown: int | None) -> tuple[list[str], list[int]]:
    """Every number's token and type; numbers without a token (rows to round a size up) are unused."""
    tokens, types = [f"[PAD{number}]" for number in range(rows)], [UNUSED] * rows
    spelt = about["model"]["byte_fallback"]
    for token, number in about["model"]["vocab"].items():
        tokens[number] = token
        is_byte = spelt and len(token) == 6 and token.startswith("<0x") and token.endswith(">")
        types[number] = BYTE if is_byte else NORMAL
    for added in about["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = CONTROL if added["special"] else USER_DEFINED
    if unknown is not None:
        types[unknown] = UNKNOWN if spelt else types[unknown]
    return tokens, types


# Byte-level BPE


def _pre(about: dict[str, Any], folder: Path, notice: Callable[[str], None]) -> str:
    """llama.cpp's name for how text is cut before merging. Raises UsageError when it has none."""
    steps = tuple(_steps(about["pre_tokenizer"]))
    if steps not in PRE:
        raise UsageError(
            f"the tokenizer of {folder} cuts text in a way that is not known here ({_short(about['pre_tokenizer'])}); "
            "try llama.cpp's convert_hf_to_gguf.py"
        )
    name, whole = PRE[steps], about["model"].get("ignore_merges")
    if whole and name != "smaug-bpe":
        raise UsageError(f"the tokenizer of {folder} takes whole words before merges: llama.cpp does not with {name!r}")
    normal = about["normalizer"]
    if normal and normal != {"type": "NFC"}:
        raise UsageError(f"the tokenizer of {folder} changes text first ({_short(normal)}): llama.cpp would not")
    if normal:
        notice("llama.cpp does not normalise text (NFC): accents written as characters of their own get other tokens.")
    return "llama-bpe" if whole else name


def _steps(step: dict[str, Any] | None) -> list[tuple[Any, ...]]:
    match step:
        case {"type": "Sequence", "pretokenizers": inner}:
            return [each for one in inner for each in _steps(one)]
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": cuts}:
            return [("bytes", cuts)]
        case {"type": "Digits", "individual_digits": True}:
            return [("digits",)]
        case {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}:
            return [("split", pattern)]
    return [("unknown",)]


# SentencePiece


def _space_prefix(about: dict[str, Any], folder: Path) -> bool:
    """Whether text is read with a space before it. Raises UsageError for other preparations than Llama's.

    llama.cpp puts it after every special token too, as "always" does; with "first" transformers does so at the
    beginning of a text only.
    """
    match about["normalizer"], about["pre_tokenizer"]:
        case None, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": False}:
            return bool(scheme != "never")
        case {"type": "Sequence", "normalizers": [*steps]}, None:
            names = [step["type"] for step in steps]
            if names in (["Replace"], ["Prepend", "Replace"]) and steps[-1].get("content") == SPACE:
                return len(names) == 2
        case {"type": "Replace", "content": "▁"}, None:
            return False
    shown = _short([about["normalizer"], about["pre_tokenizer"]])
    raise UsageError(f"the tokenizer of {folder} changes text first as Llama's does not ({shown}): llama.cpp would not")


def _scores(folder: Path, tokens: Sequence[str], types: Sequence[int], merges: Sequence[Any]) -> list[float]:
    """SentencePiece's own from tokenizer.model where that is at hand, else those that give the same order of merges."""
    if original := _sentencepiece(folder / "tokenizer.model"):
        return [
            original[number][1] if number < len(original) and original[number][0] == token else 0.0
            for number, token in enumerate(tokens)
        ]
    known = {token for token, kind in zip(tokens, types, strict=True) if kind == NORMAL}
    pairs = {(token[:cut], token[cut:]) for token in known for cut in range(1, len(token))}
    lost = {pair for pair in pairs if pair[0] in known and pair[1] in known} - set(merges)
    if lost:
        raise UsageError(
            f"the tokenizer of {folder} was not learned by SentencePiece: it never merges {' and '.join(min(lost))} "
            f"(and {len(lost) - 1} other pairs), which llama.cpp would; put the tokenizer.model it came from beside it"
        )
    order: dict[str, int] = {}
    for pair in merges:
        order.setdefault("".join(pair), len(order))
    return [-float(order.get(token, len(order))) for token in tokens]


def _sentencepiece(file: Path) -> list[tuple[str, float]]:
    """The pieces of a tokenizer.model with their scores; [] without the file, or the package that reads it."""
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError:
        return []
    if not file.is_file():
        return []
    try:
        pieces = SentencePieceProcessor(model_file=str(file))
    except (OSError, RuntimeError):
        raise UsageError(f"{file} is no SentencePiece model: restore it, or move it away") from None
    return [(pieces.id_to_piece(number), pieces.get_score(number)) for number in range(pieces.get_piece_size())]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]}…"
