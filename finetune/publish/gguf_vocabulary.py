"""A tokenizer as GGUF's lists, so that llama.cpp gives the same tokens; one that it would read differently is refused.

gpt2   byte-level BPE: Llama 3's, Qwen's and our own. Which pieces text is cut into first has a name in llama.cpp.
llama  SentencePiece's BPE with bytes for what it does not know: Llama 1 and 2, and vocabularies grown from them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from ..models.gguf_tokenizer import CUTS, SPACE, WHOLE, steps_of

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedTokenizerBase

__all__ = ["Vocabulary", "vocabulary_of", "write_vocabulary"]

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
"""GGUF's types of tokens."""


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


def vocabulary_of(tokenizer: PreTrainedTokenizerBase, folder: Path, rows: int) -> Vocabulary:
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
        if lacking := [token for token in (f"<0x{byte:02X}>" for byte in range(256)) if token not in model["vocab"]]:
            raise UsageError(
                f"the tokenizer of {folder} has no token for {len(lacking)} of the 256 bytes ({lacking[0]}), and "
                "llama.cpp ends where it needs one"
            )
        scores = _scores(folder, tokens, types, [tuple(pair) for pair in model["merges"]])
        return Vocabulary("llama", "default", tokens, types, scores, [], _space_prefix(about, folder))
    merges = [" ".join(pair) for pair in model["merges"]]
    return Vocabulary("gpt2", _pre(about, folder), tokens, types, [], merges, False)


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


def write_vocabulary(
    writer: GGUFWriter, vocabulary: Vocabulary, tokenizer: PreTrainedTokenizerBase, stops: Sequence[int]
) -> None:
    """The lists, the tokens that begin, end and pad, and the chat template."""
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.scores:
        writer.add_token_scores(vocabulary.scores)
    if vocabulary.merges:
        writer.add_token_merges(vocabulary.merges)
    if vocabulary.model == "llama":
        writer.add_add_space_prefix(vocabulary.space_prefix)
    eos = tokenizer.eos_token_id
    for add, number in (
        (writer.add_bos_token_id, tokenizer.bos_token_id),
        (writer.add_eos_token_id, eos),
        (writer.add_pad_token_id, tokenizer.pad_token_id),
        (writer.add_unk_token_id, tokenizer.unk_token_id),
        # A second token that ends an answer: llama.cpp stops at this one too.
        (writer.add_eot_token_id, next((stop for stop in stops if stop != eos), None)),
    ):
        if number is not None:
            add(int(number))
    # What the tokenizer does, not what its configuration says: of those fields some are ignored by some classes.
    around = tokenizer("").input_ids
    writer.add_add_bos_token(tokenizer.bos_token_id in around)
    writer.add_add_eos_token(eos in around and eos != tokenizer.bos_token_id)
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = [{"name": name, "template": text} for name, text in template.items()]
    if template:
        writer.add_chat_template(template)


# Byte-level BPE


def _pre(about: dict[str, Any], folder: Path) -> str:
    """llama.cpp's name for how text is cut before merging. Raises UsageError when it has none."""
    steps, whole = steps_of(about["pre_tokenizer"]), bool(about["model"].get("ignore_merges"))
    names = [name for name, known in CUTS.items() if known == steps]
    if not names:
        raise UsageError(
            f"the tokenizer of {folder} cuts text in a way that is not known here ({_short(about['pre_tokenizer'])}); "
            "try llama.cpp's convert_hf_to_gguf.py"
        )
    name = next((name for name in names if (name in WHOLE) == whole), None)
    if name is None:
        how = "takes whole words before merges" if whole else "merges also what is a word of its vocabulary"
        raise UsageError(f"the tokenizer of {folder} {how}: llama.cpp does not with {names[0]!r}")
    normal = about["normalizer"]
    if normal and normal != {"type": "NFC"}:
        raise UsageError(f"the tokenizer of {folder} changes text first ({_short(normal)}): llama.cpp would not")
    return name


# SentencePiece


def _space_prefix(about: dict[str, Any], folder: Path) -> bool:
    """Whether text is read with a space before it. Raises UsageError for other preparations than Llama's.

    llama.cpp puts it after every special token too, as "always" does; with "first" transformers does so at the
    beginning of a text only, where most templates have BOS: `agreed` finds out what gives the same tokens.
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
