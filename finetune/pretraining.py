"""Where text is learned: what train.py needs of documents, as it has it of conversations, for the same loop.

    selfinstruct train pretrain.jsonl books/*.txt --method pretrain --base tiny --out models/small
    selfinstruct train notes/*.txt --method lora --base meta-llama/Llama-3.2-1B --out models/mine

Read the documents, open the base (or begin with random weights), make tokens and sequences of them, and look at those.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .loop.checkpoints import TOKENS
from .loop.figures import Made, Turns
from .models.facts import context_of, is_seq2seq, size_of
from .models.methods import load_base, prepared
from .rows.templates import find_template
from .settings import Settings
from .text.corpus import Corpus
from .text.look import look
from .text.sequences import Sequences, drawn, tokens_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["made_of_texts"]

ASKED = 16
"""Tokens of a document's beginning that the model is to go on from, to be looked at."""


def made_of_texts(settings: Settings, corpus: Corpus, folder: Path | None, rank: int = 0) -> Made:
    """`folder`: of the training, where the tokens are kept for the next start; None for a look. Raises UsageError."""
    model, tokenizer = load_base(settings, corpus.all_texts())
    if is_seq2seq(model):
        raise UsageError("the base reads with an encoder: text is learned by models that only write, like Llama")
    context = context_of(model)
    if context is not None and context < settings.max_length:
        raise UsageError(f"max_length is {settings.max_length:,} and the base reads {context:,} tokens: lower it")
    model = prepared(model, tokenizer, settings)
    eos: Any = tokenizer.eos_token_id
    where = None if folder is None else folder / "checkpoints" / TOKENS
    tokens = tokens_of(corpus, tokenizer, where, shares=bool(settings.shares), rank=rank)
    sequences = Sequences(tokens.streams, settings.max_length, eos, apart=settings.packing)
    wanted, places = None, None
    if settings.shares and all(sequences.counts):
        wanted, places = drawn(sequences.counts, settings.shares, settings.seed)
    findings = look(corpus, tokens, sequences, tokenizer, settings, wanted)
    return Made(
        model=model,
        tokenizer=tokenizer,
        template=find_template("completion", tokenizer),
        size=size_of(model),
        pairs=False,
        findings=findings,
        items=sequences,
        held_out=Sequences([tokens.held_out], settings.max_length, eos, apart=settings.packing),
        missed=0,
        asked=_asked(corpus, tokenizer, settings),
        drawn=None if wanted is None or places is None else (sum(wanted), places),
    )


def _asked(corpus: Corpus, tokenizer: Tokenizer, settings: Settings) -> list[Turns]:
    """Beginnings of documents that are held out, or else of those that are trained on."""
    found: list[Turns] = []
    for source in range(len(corpus.data)):
        for text in corpus.texts(source, held_out=bool(corpus.held_out)):
            if len(found) == settings.samples:
                return found
            given: Any = tokenizer(text[:200], add_special_tokens=False)["input_ids"]
            begun = str(tokenizer.decode(given[: min(ASKED, settings.max_length // 4, len(given) // 2)]))
            found.append(({"role": "user", "content": begun.rstrip("\ufffd")},))  # half a character
    return found
