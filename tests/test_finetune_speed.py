"""Figures: arithmetic, peaks, MFU, and estimates."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from selfinstruct.finetune.loop.figures import in_bytes
from selfinstruct.finetune.loop.progress import in_time
from selfinstruct.finetune.models.facts import Size, flops, memory, mfu, peak, size_of
from selfinstruct.finetune.rows.batches import attention


def llama(*, tied: bool = False) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=100,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        tie_word_embeddings=tied,
    )
    return LlamaForCausalLM(config)


@pytest.mark.parametrize("tied", [True, False])
def test_size_of_a_model(tied: bool) -> None:
    size = size_of(llama(tied=tied))
    blocks = 3 * (4 * 32 * 32 + 3 * 32 * 64 + 2 * 32) + 32
    assert size.parameters == size.trained == blocks + 3200 * (1 if tied else 2)
    assert size.matrices == size.trained_matrices == blocks + 3200, "the head counts, what is looked up does not"
    assert (size.layers, size.width, size.vocabulary, size.weights) == (3, 32, 100, 4 * size.parameters)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")  # by PEFT 0.21
def test_full_training_takes_6_operations_a_parameter_and_lora_4() -> None:
    model = llama()
    full = size_of(model)
    assert flops(full, 10, 0) == 10 * 6 * full.matrices
    adapted = size_of(get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"])))
    own = 3 * 2 * (32 + 32)
    assert adapted.trained == own
    assert flops(adapted, 10, 0) == 10 * (4 * full.matrices + 6 * own)


def test_arithmetic_agrees_with_what_pytorch_counts() -> None:
    """Forward and backward of one row, counted by torch itself, whose attention here is not causal."""
    from torch.utils.flop_counter import FlopCounterMode

    model = llama()
    model.config._attn_implementation = "eager"
    ids = torch.randint(0, 100, (2, 16))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=ids).logits.sum().backward()
    size = size_of(model)
    norms = 7 * 32  # no products of matrices: torch does not count them
    ours = flops(size._replace(matrices=size.matrices - norms, trained_matrices=size.matrices - norms), 32, 2 * 16 * 16)
    assert counter.get_total_flops() == pytest.approx(ours, rel=0.01)


def test_attention_counts_pairs() -> None:
    assert attention([1, 3]) == 1 + 6
    assert attention([]) == 0


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("NVIDIA H200", 989e12),
        ("NVIDIA GH200 480GB", 989e12),
        ("NVIDIA A100-SXM4-80GB", 312e12),
        ("NVIDIA GeForce RTX 4090", 165.2e12),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", None),
        ("NVIDIA GeForce RTX 4090 D", None),
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", None),
        ("NVIDIA L40S", 362e12),
        ("AMD Instinct MI300X", 1307e12),
        ("Tesla K80", None),
        ("CPU", None),
    ],
)
def test_peak_of_known_devices_only(name: str, found: float | None) -> None:
    assert peak(name, "bf16") == found
    assert peak(name, "fp32") is None


def test_mfu_is_refused_without_a_peak() -> None:
    assert mfu(50e12, 1, 100e12) == 0.5
    assert mfu(50e12, 1, 100e12, devices=2) == 0.25
    assert mfu(50e12, 1, None) is None
    assert mfu(50e12, 0, 100e12) is None


def test_memory_of_a_7b_model() -> None:
    """Full training in fp32 states: 16 bytes a parameter and a bf16 copy; LoRA: hardly more than the weights."""
    seven = int(6.7e9)
    full = Size(seven, seven, 4 * seven, seven, seven, layers=32, width=4096, vocabulary=32_000)
    lora = full._replace(trained=20_000_000, trained_matrices=20_000_000, weights=2 * seven)
    assert 18 * seven < memory(full, 2048, 1000, bf16=True, checkpointing=True) < 20 * seven
    assert 2 * seven < memory(lora, 2048, 1000, bf16=True, checkpointing=False) < 4 * seven
    assert memory(lora, 2048, 1000, bf16=True, checkpointing=True) < memory(
        lora, 2048, 1000, bf16=True, checkpointing=False
    )


@pytest.mark.parametrize(
    ("count", "text"), [(5, "5 B"), (1500, "1.5 kB"), (123e6, "123 MB"), (1.25e9, "1.2 GB"), (5e15, "5000 TB")]
)
def test_bytes_in_words(count: float, text: str) -> None:
    assert in_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(4, "4 s"), (99.4, "99 s"), (600, "10 min"), (7200, "2.0 h"), (400_000, "4.6 days")]
)
def test_time_in_words(seconds: float, text: str) -> None:
    assert in_time(seconds) == text
