"""Packing: several rows in one sequence of max_length tokens, none of which sees another. The only file on TRL.

TRL's best-fit-decreasing packing is used, and nothing else of TRL. Its SFTTrainer was tried on rows that are tokenised
already and left out: on CPUs it computes the head's logits for every token, masked or not, in a Python function of its
own, and entropy and accuracy at each step; it patches the model's forward for that, refuses LoRA on the head and a
collator of ours while packing, puts QLoRA's weights into bf16, and fails with LLaMA-Adapter and T5. sft.py has what
is left to do; benchmarks/train.py compares them.
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
