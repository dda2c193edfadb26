"""A tokenizer learned from any text.

    selfinstruct tokenizer train zh.jsonl --vocabulary 20000 --out tokenizers/zh

sentencepiece   SentencePiece's BPE as LLaMA has it: pieces of characters, a digit each, bytes for what it does not know
bpe             byte-level BPE as GPT-2, Llama 3 and Qwen have it

Either gives a text back as it was, and the same texts, in the same order, give the same tokenizer.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.documents import said_in
from selfinstruct.rows.notes import Notes

from ..models.open import tokenizer_in
from ..models.tiny import tiny_tokenizer
from ..publish.writing import written_folder

__all__ = ["KINDS", "Learned", "learn_tokenizer", "tokens_a_character"]

KINDS = ("sentencepiece", "bpe")

CONFIG = {
    "tokenizer_class": "LlamaTokenizer",
    "add_bos_token": True,
    "add_prefix_space": False,
    "legacy": False,
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
}
"""No space is put before a text, so that it comes back from its tokens as it was."""

LINE = 2_000
"""Characters that SentencePiece is given at once: it leaves out lines of more than 4,192 bytes, without a word."""

MEASURED = 1_000_000
"""Characters on which tokens a character are counted: more change nothing in the first three digits."""


class Learned(NamedTuple):
    folder: Path
    tokens: int
    a_character: float
    """Tokens, on the text that it was learned from."""


def learn_tokenizer(
    data: Sequence[str], out: str, kind: str = "sentencepiece", vocabulary: int = 20_000, column: str = ""
) -> Learned:
    """Write a tokenizer of at most `vocabulary` tokens into the folder `out`.

    data     documents, or tasks, of which all that is said counts
    column   of documents, the one with the text
    Raises UsageError.
    """
    if "-" in data:
        raise UsageError("the texts are read several times, and stdin can be read once: give a file")
    with written_folder(Path(out)) as folder:
        if kind == "bpe":
            tiny_tokenizer(_texts(data, column), vocabulary, words=True).save_pretrained(folder)
        else:
            (folder / "tokenizer.model").write_bytes(_sentencepiece(data, column, vocabulary))
            (folder / "tokenizer_config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
            tokenizer_in(folder).save_pretrained(folder)
        tokenizer = tokenizer_in(folder)
        found = tokens_a_character(tokenizer, _texts(data, column))
        return Learned(Path(out), len(tokenizer), found)


def _texts(data: Sequence[str], column: str) -> Iterator[str]:
    notes = Notes()
    some = False
    for text in said_in(data, column, notes):
        some = True
        yield text.encode("utf-8", "replace").decode()  # half a surrogate pair has no bytes
    if not some:
        raise UsageError(f"{', '.join(data)}: there is no text to learn words from")


def _sentencepiece(data: Sequence[str], column: str, vocabulary: int) -> bytes:
    """The file tokenizer.model. Raises UsageError when the characters alone are more than the vocabulary."""
    import sentencepiece  # type: ignore[import-untyped,unused-ignore]

    made = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_lines(_texts(data, column)),
            model_writer=made,
            model_type="bpe",
            vocab_size=vocabulary,
            hard_vocab_limit=False,  # fewer where the text has no more to learn
            byte_fallback=True,
            split_digits=True,
            character_coverage=0.9995,  # the rarest are bytes
            required_chars="▁",  # a blank, also where the text has none: its bytes would come back as its sign
            allow_whitespace_only_pieces=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            max_sentence_length=4 * LINE + 4,
            num_threads=4,  # whatever the machine has: the same sums everywhere
            minloglevel=2,
        )
    except RuntimeError as error:
        found = re.search(r"required_chars\. \d+ vs (\d+)", str(error))
        if not found:
            raise UsageError(f"SentencePiece cannot learn from this text: {str(error)[-200:]}") from None
        raise UsageError(
            f"vocabulary is {vocabulary:,}, and the characters of the text, with 256 bytes, are {int(found[1]):,} "
            f"already: --vocabulary {int(found[1]) * 2}"
        ) from None
    return made.getvalue()


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for line in text.replace("\0", " ").splitlines():
            yield from (line[start : start + LINE] for start in range(0, len(line), LINE))


def tokens_a_character(tokenizer: Any, texts: Iterable[str]) -> float:
    """On the first million characters of the texts, without BOS; 0 where there is none."""
    tokens = characters = 0
    for text in texts:
        part = text[: MEASURED - characters]
        tokens += len(tokenizer(part, add_special_tokens=False, verbose=False)["input_ids"])
        characters += len(part)
        if characters >= MEASURED:
            break
    return tokens / characters if characters else 0.0
