"""A tiny Llama that has learned a few answers by heart: made in seconds, and its answers are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.rows.conversations import MASKED, Conversation, encode
from selfinstruct.finetune.rows.templates import find_template
from selfinstruct.finetune.settings import Settings

__all__ = ["ANSWERS", "CONTEXT", "WITH_INPUT", "memorised", "saved", "untaught"]

CONTEXT = 128
ANSWERS = {
    "Name the largest planet.": "Jupiter",
    "Name a river in France.": "The Loire, or the Seine.",
    "Say hello in Chinese.": "你好，世界！",
    "把“早上好”翻译成英文。": "Good morning.",
    "Which fruit is yellow?": "Bananas are: 🍌🍌",
    "Show me a list.": "- one\n- two\n- three",
    "Clear my screen.": "\x1b[2J\x9b31mdone\x07\r!",
}
WITH_INPUT = {("Write the word in capitals.", "owl"): "OWL", ("Write the word in capitals.", "bee"): "BEE"}


def memorised(folder: Path, steps: int = 120) -> tuple[Any, Any]:
    """A model with its tokenizer, that gives these answers; saved in the folder as `selfinstruct train` would."""
    torch.set_num_threads(1)  # the machine may have others at work, and the model is tiny
    texts = [text for pair in ANSWERS.items() for text in pair] * 3
    tokenizer = tiny_tokenizer(texts, 320)
    settings = Settings(base="tiny", method="full", layers=2, width=64, heads=4, max_length=CONTEXT)
    model: Any = tiny_model(tokenizer, settings)
    tokenizer.chat_template = find_template("alpaca", tokenizer).source
    template = find_template("auto", tokenizer)
    asked = [{"role": "user", "content": question} for question in ANSWERS]
    asked += [{"role": "user", "content": question, "input": given} for question, given in WITH_INPUT]
    answers = [*ANSWERS.values(), *WITH_INPUT.values()]
    rows = [
        encode(Conversation("", (turn, {"role": "assistant", "content": answer})), template, tokenizer)
        for turn, answer in zip(asked, answers, strict=True)
    ]
    longest = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [tokenizer.pad_token_id] * (longest - len(row.ids)) for row in rows])
    labels = torch.tensor([row.labels + [MASKED] * (longest - len(row.labels)) for row in rows])
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0)
    for _ in range(steps):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss < 0.05, f"learned by heart, but for a loss of {loss:.3f}"
    model.eval()
    saved(model, tokenizer, folder)
    return model, tokenizer


def untaught(folder: Path, texts: Sequence[str] = (), context: int = 64) -> Path:
    """A tiny Llama that has learned nothing, whose context has so many tokens."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer([*texts, *ANSWERS, *ANSWERS.values()] * 3, 300)
    model: Any = tiny_model(tokenizer, Settings(base="tiny", layers=1, width=32, heads=2, max_length=context))
    tokenizer.chat_template = find_template("alpaca", tokenizer).source
    return saved(model, tokenizer, folder)


def saved(model: Any, tokenizer: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
