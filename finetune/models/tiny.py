"""The base "tiny": a small Llama from scratch and a tokenizer trained on the data, so that nothing is downloaded.

As the settings are it has 4 million parameters (RMSNorm, SwiGLU, RoPE; the head shares the embedding) and learns in
minutes on a laptop what a family of tasks looks like. It knows nothing that is not in the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError

from ..settings import Settings

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerBase

__all__ = ["tiny_model", "tiny_tokenizer"]

BOS, EOS, PAD = "<s>", "</s>", "<pad>"

HAN = r"\p{Han}"


def tiny_tokenizer(texts: Iterable[str], vocabulary: int, *, words: bool = False) -> PreTrainedTokenizerBase:
    """Byte-level BPE of at most so many tokens: any text has tokens and comes back from them as it was.

    A digit is a token, so that numbers are read digit by digit, and so is a Han character that the data has twice:
    words are learned only where spaces divide them, or of at most some eight Han characters if `words`. The same
    texts, in any order, give the same tokenizer.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    digits = pre_tokenizers.Digits(individual_digits=True)
    bytes_of = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    # Without spaces a whole Chinese clause is one word, and frequent clauses would become tokens. So characters are
    # apart while merges are learned. Afterwards they need not be: no merge has a character's first byte on its right.
    # What is left, `digits` and `bytes_of`, llama.cpp knows: as the pre-tokenizer "smollm".
    apart = pre_tokenizers.Split(Regex(HAN), behavior="isolated")
    backend.pre_tokenizer = pre_tokenizers.Sequence([digits, *([] if words else [apart]), bytes_of])  # type: ignore[assignment,unused-ignore]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[BOS, EOS, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=24 if words else None,
    )
    backend.train_from_iterator(_without_surrogates(texts), trainer)
    backend.pre_tokenizer = pre_tokenizers.Sequence([digits, bytes_of])  # type: ignore[assignment,unused-ignore]
    backend.decoder = decoders.ByteLevel()  # type: ignore[assignment,unused-ignore]
    bos = (BOS, backend.token_to_id(BOS))
    backend.post_processor = processors.TemplateProcessing(  # type: ignore[assignment,unused-ignore]
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[bos]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call,unused-ignore]
        tokenizer_object=backend, bos_token=BOS, eos_token=EOS, pad_token=PAD, clean_up_tokenization_spaces=False
    )


def tiny_model(tokenizer: PreTrainedTokenizerBase, settings: Settings) -> LlamaForCausalLM:
    """A Llama with random weights, those that `settings.seed` gives; PyTorch's own random state is left as it was."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if settings.width % (2 * settings.heads):
        raise UsageError(
            f"width is {settings.width}, heads is {settings.heads}: a head's share of the width must be even and whole"
        )
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.width,
        # SwiGLU has three matrices where an MLP has two: 8/3 of the width instead of 4 times; 32 is q8_0's block.
        intermediate_size=-(-settings.width * 8 // 3 // 32) * 32,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        max_position_embeddings=settings.max_length,
        rms_norm_eps=1e-5,
        # Llama's .02 is for widths of 4,096. At a width of 256, after 450 steps of 16 rows on 2,800 tasks, the loss on
        # tasks held out was 3.76 with this, and 4.46 with that.
        initializer_range=settings.width**-0.5,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return LlamaForCausalLM(config)


def _without_surrogates(texts: Iterable[str]) -> Iterator[str]:
    """A lone half of a surrogate pair, which JSON can hold, has no bytes: it becomes "?"."""
    return (text if text.isascii() else text.encode("utf-8", "replace").decode() for text in texts)
