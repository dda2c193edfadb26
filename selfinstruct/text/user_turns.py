"""How chat templates begin a user's turn: what stands before the user's first word, and what ends it.

Magpie (2406.08464) has an instruct model go on from there: it writes the user's words itself. One row a family, by the
chat template that is published with its models; configs/model_configs.json of Magpie's own scripts has eleven of them,
and the tests lay TRL's copies of the hub's templates beside the rows. A BOS is in none: vLLM, SGLang, llama.cpp and
transformers put it before a bare text themselves.

A model in this process is asked by its own template, which `turn_of` reads off by trying it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from selfinstruct.task import Message
from selfinstruct.text.later import later

__all__ = ["BY_NAME", "USER_TURNS", "UserTurn", "template_for", "turn_of"]

SYSTEM = "{system}"
"""The place of the system prompt."""


@dataclass(frozen=True, slots=True)
class UserTurn:
    begins: str
    """All that stands before the user's words."""
    with_system: str = ""
    """The same with the place {system}; "" where the template has none for it."""
    ends: tuple[str, ...] = ()
    """What ends the turn, or begins another; at most four, as OpenAI's API takes no more."""
    hidden: bool = False
    """Whether what ends it is a special token that ends no answer of the model's: a server that leaves special tokens
    out of its texts (vLLM, SGLang) has to be told not to, or it runs on into the reply and nobody sees where."""


_CHATML = UserTurn(
    "<|im_start|>user\n",
    "<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n",
    ("<|im_end|>", "<|im_start|>", "<|endoftext|>"),
)
_GEMMA = UserTurn(
    "<start_of_turn>user\n",
    "<start_of_turn>user\n{system}\n\n",
    ("<end_of_turn>", "<start_of_turn>", "<eos>"),
)

USER_TURNS: Mapping[str, UserTurn] = {
    "chatml": _CHATML,
    "qwen": _CHATML,
    "llama3": UserTurn(
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|start_header_id|>system<|end_header_id|>\n\n{system}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        ("<|eot_id|>", "<|start_header_id|>", "<|end_of_text|>"),
    ),
    "llama4": UserTurn(
        "<|header_start|>user<|header_end|>\n\n",
        "<|header_start|>system<|header_end|>\n\n{system}<|eot|><|header_start|>user<|header_end|>\n\n",
        ("<|eot|>", "<|header_start|>", "<|end_of_text|>"),
    ),
    "llama2": UserTurn("[INST]", "[INST] <<SYS>>\n{system}\n<</SYS>>\n\n", ("[/INST]", "[INST]", "</s>")),
    "mistral": UserTurn("[INST]", "[INST] {system}\n\n", ("[/INST]", "[INST]", "</s>"), hidden=True),
    "mistral7": UserTurn(
        "[INST]",
        "[SYSTEM_PROMPT]{system}[/SYSTEM_PROMPT][INST]",
        ("[/INST]", "[INST]", "</s>"),
        hidden=True,
    ),
    "gemma": _GEMMA,
    "gemma4": UserTurn(
        "<|turn>user\n", "<|turn>system\n{system}<turn|>\n<|turn>user\n", ("<turn|>", "<|turn>", "<eos>")
    ),
    "phi3": UserTurn("<|user|>\n", "<|system|>\n{system}<|end|>\n<|user|>\n", ("<|end|>", "<|assistant|>", "<|user|>")),
    "phi4": UserTurn(
        "<|im_start|>user<|im_sep|>",
        "<|im_start|>system<|im_sep|>{system}<|im_end|><|im_start|>user<|im_sep|>",
        ("<|im_end|>", "<|im_start|>", "<|endoftext|>"),
    ),
    "deepseek": UserTurn(
        "<｜User｜>", "{system}<｜User｜>", ("<｜Assistant｜>", "<｜User｜>", "<｜end▁of▁sentence｜>"), hidden=True
    ),
    "glm4": UserTurn(
        "[gMASK]<sop><|user|>\n",
        "[gMASK]<sop><|system|>\n{system}<|user|>\n",
        ("<|assistant|>", "<|user|>", "<|observation|>", "<|endoftext|>"),
        hidden=True,
    ),
    "vicuna": UserTurn("USER:", "{system} USER:", ("ASSISTANT:", "USER:", "</s>")),
    "zephyr": UserTurn(
        "<|user|>\n", "<|system|>\n{system}</s>\n<|user|>\n", ("</s>", "<|assistant|>", "<|user|>", "<|system|>")
    ),
    "tulu": UserTurn(
        "<|user|>\n", "<|system|>\n{system}\n<|user|>\n", ("<|assistant|>", "<|user|>", "<|endoftext|>", "</s>")
    ),
    "command_r": UserTurn(
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
        "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>{system}<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
        ("<|END_OF_TURN_TOKEN|>", "<|START_OF_TURN_TOKEN|>"),
    ),
    "granite": UserTurn(
        "<|start_of_role|>user<|end_of_role|>",
        "<|start_of_role|>system<|end_of_role|>{system}<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>",
        ("<|end_of_text|>", "<|start_of_role|>"),
    ),
    "gpt_oss": UserTurn(
        "<|start|>user<|message|>",
        "<|start|>developer<|message|># Instructions\n\n{system}\n\n<|end|><|start|>user<|message|>",
        ("<|end|>", "<|start|>", "<|return|>"),
        hidden=True,
    ),
    "alpaca": UserTurn(
        "### Instruction:\n",
        "{system}\n\n### Instruction:\n",
        ("### Response:", "### Input:", "### Instruction:", "</s>"),
    ),
}
"""By the names that recipes use. Where both are known, with a system prompt as the family's last template has it."""

BY_NAME: tuple[tuple[str, str], ...] = (
    (r"\Abuiltin", "chatml"),
    (r"deepseek(?!.*(?:coder-(?:1|6|33)|llm|moe))", "deepseek"),
    (
        r"hermes-?2|hermes-?3|openhermes|dolphin|smollm|(?:\b|_)yi-|internlm|\blfm2|orca-?[23]|minicpm|nemotron-3",
        "chatml",
    ),
    (r"tulu|olmo", "tulu"),
    (r"zephyr|tinyllama", "zephyr"),
    (r"vicuna|lmsys/", "vicuna"),
    (r"alpaca", "alpaca"),
    (r"qwen|qwq", "qwen"),
    (r"llama-?4", "llama4"),
    (r"llama-?3|llama3|nemotron", "llama3"),
    (r"llama-?2|llama2|codellama", "llama2"),
    (r"ministral|magistral|devstral|mistral-(?:small|large|medium).*(?:-24(?:11|12)|-2[5-9]\d\d|3\.)", "mistral7"),
    (r"mi[sx]tral|codestral", "mistral"),
    (r"gemma-?4", "gemma4"),
    (r"gemma", "gemma"),
    (r"phi-?4(?!-?mini)", "phi4"),
    (r"phi-?3", "phi3"),
    (r"glm-?4", "glm4"),
    (r"command-?[ra]|aya", "command_r"),
    (r"granite", "granite"),
    (r"gpt-?oss", "gpt_oss"),
)
"""Patterns of what servers call models, in any case, and the template that such a one was taught; the first counts."""


def template_for(model: str) -> str | None:
    """The name of the template that a model of this name was taught, as far as its name tells."""
    return next((template for pattern, template in BY_NAME if re.search(pattern, model, re.IGNORECASE)), None)


MARK = later(r"<[|｜]?/?[\w▁+-]{2,40}[|｜]?>|\[/?[A-Z_]{2,40}\]")
"""A special token, as nearly all families write theirs."""
WORDS = "Whatever-the-user-says"
MANNER = "Whatever-the-system-says"
LONGEST = 4


def turn_of(laid_out: Callable[[Sequence[Message]], str]) -> UserTurn | None:
    """How a template begins a user's turn, given what makes a prompt of messages by it, up to the answer's beginning;
    None where it drops the user's words.

    The trick is to have it lay out words that stand nowhere else, and to cut before them. A blank at the end goes: the
    model's own first token has one. `laid_out` raises ValueError for messages that the template does not take.
    """
    user, system = Message(role="user", content=WORDS), Message(role="system", content=MANNER)
    begins, found, after = laid_out([user]).rpartition(WORDS)
    if not found:
        return None
    try:
        with_system, placed, _ = laid_out([system, user]).rpartition(WORDS)
    except ValueError:
        with_system, placed = "", ""
    if not placed or MANNER not in with_system:  # where there is no place for it, it opens the user's words
        joint = Message(role="user", content=f"{MANNER}\n\n{WORDS}")
        with_system, _, _ = laid_out([joint]).rpartition(WORDS)
    with_system = with_system.replace(MANNER, SYSTEM) if MANNER in with_system else ""
    marks = [*MARK.findall(after), *MARK.findall(begins.rstrip().rpartition("\n")[2])]
    ends = tuple(dict.fromkeys(marks)) or tuple(line.strip() for line in after.split("\n") if line.strip())[:1]
    return UserTurn(begins.rstrip(" "), with_system.rstrip(" "), ends[:LONGEST])
