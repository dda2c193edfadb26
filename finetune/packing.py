"""Packing: several rows in one sequence of max_length tokens, none of which sees another. The only file on TRL.

TRL's best-fit-decreasing packing is used, and nothing else of TRL. Its SFTTrainer was tried on rows that are tokenised
already, and left out for sft.py, which is 1.9 times as fast in the same precision and 2.8 times as fast as its defaults
(benchmarks/train.py, a Llama of 4 million parameters on a CPU). It patches the model's forward; on CPUs it computes
logits for every token, masked or not, and entropy and accuracy at each step; packed, a micro-batch is a single row,
whose attention mask grows with the square of its length (7 times as slow). It refuses LoRA on the head and collators
of ours, puts QLoRA's weights into bf16, and fails with LLaMA-Adapter and T5.
"""

from __future__ import annotations

from collections.abc import Sequence

from .batches import Item

__all__ = ["packed"]


def packed(items: Sequence[Item], length: int) -> list[Item]:
    """The items together in sequences of at most so many tokens. None of them may be longer, as none is cut."""
    import datasets
    from trl.data_utils import pack_dataset

    rows = datasets.Dataset.from_dict(
        {"input_ids": [item.ids for item in items], "labels": [item.labels for item in items]}
    )
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        # All at once, for bins of a thousand rows each are filled worse.
        packs = pack_dataset(rows, length, "bfd", {"batch_size": None})
    finally:
        if not shown:
            datasets.enable_progress_bars()
    return [Item(pack["input_ids"], pack["labels"], tuple(pack["seq_lengths"])) for pack in packs]
