"""The marks that models write around their answers, one row each: what begins and ends it, an example, who writes it.

In an example the thoughts are "I add." and the answer is "It is 4."; the tests try every row. What a mark looks like is
public in the models' chat templates and in the reasoning parsers of vLLM, SGLang and llama.cpp.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.text.later import later

__all__ = [
    "ANSWER_TAGS",
    "BEGINS",
    "ENDS",
    "NEUTRAL",
    "SPOKEN",
    "SPOKEN_PATTERNS",
    "THOUGHTS",
    "End",
    "Thoughts",
    "mark_at",
]


class Thoughts(NamedTuple):
    """A pair of marks with thoughts between them."""

    opens: str
    """A pattern, as is the next."""
    closes: str
    example: str
    models: str
    common: bool = False
    """Whether the name is an ordinary word, which documents have as an element too: then only where the thoughts stand
    first, or alone before the answer, and no other element is open."""


class End(NamedTuple):
    """What ends a turn, or begins one."""

    mark: str
    """A pattern."""
    example: str
    models: str


def _tag(names: str) -> tuple[str, str]:
    """Patterns of an XML tag in any case, with attributes and spaces: <think time="3">, </ Think >."""
    return rf"<\s?(?:{names})(?:\s+[\w-]+\s*=[^<>\n]{{0,99}})?\s?>", rf"<\s?/\s?(?:{names})\s?>"


def _same(names: str, example: str, models: str, *, common: bool = False) -> Thoughts:
    """A row of one tag; a common word with attributes is an element of some document."""
    opens, closes = _tag(names)
    return Thoughts(rf"<\s?(?:{names})\s?>" if common else opens, closes, example, models, common)


THOUGHTS: tuple[Thoughts, ...] = (
    _same(
        "think",
        "<think>\nI add.\n</think>\n\nIt is 4.",
        "DeepSeek R1 and its distills, Qwen3, QwQ, GLM 4.5, Phi-4 reasoning, Nemotron, SmolLM3, Hunyuan, MiniMax M2",
    ),
    _same("thinking", "<thinking>I add.</thinking>It is 4.", "Claude, Reflection, models asked to think in a tag"),
    _same("(?:seed|mm|ant|antml):?think(?:ing)?", "<seed:think>I add.</seed:think>It is 4.", "Seed-OSS, MiniMax M3"),
    _same("longcat_think", "<longcat_think>I add.</longcat_think>It is 4.", "LongCat"),
    _same("thought", "<thought>\nI add.\n</thought>\n\nIt is 4.", "EXAONE Deep, Marco-o1", common=True),
    _same("thoughts", "<thoughts>I add.</thoughts>\nIt is 4.", "models asked to think in a tag", common=True),
    _same("reasoning", "<reasoning>I add.</reasoning>It is 4.", "models tuned with GRPO on GSM8K", common=True),
    _same("reflection", "<reflection>I add.</reflection>\nIt is 4.", "Reflection, Llama tuned on it", common=True),
    _same("scratchpad", "<scratchpad>I add.</scratchpad>\nIt is 4.", "Claude, models asked for one", common=True),
    _same(
        "(?:thought|thinking|reasoning)[_-]process|chain[_-]of[_-]thought|(?:inner|internal)[_-](?:thoughts?|monologue)|cot",
        "<reasoning_process>I add.</reasoning_process>It is 4.",
        "models asked to think in a tag",
        common=True,
    ),
    Thoughts(
        r"(?-i:\[(?:THINK(?:ING)?|REASONING)\])",
        r"(?-i:\[/(?:THINK(?:ING)?|REASONING)\])",
        "[THINK]I add.[/THINK]It is 4.",
        "Magistral, Mistral Small",
    ),
    Thoughts(
        r"<\|(?:start_of_|begin_of_)?(?:thinking|thoughts?|reasoning)\|>|<\|think(?:ing)?_(?:start|begin)\|>",
        r"<\|(?:/|end_of_)(?:think(?:ing)?|thoughts?|reasoning)\|>|<\|think(?:ing)?_end\|>",
        "<|begin_of_thought|>\nI add.\n<|end_of_thought|>\n\n<|begin_of_solution|>\nIt is 4.\n<|end_of_solution|>",
        "Sky-T1, OpenThinker, Bespoke-Stratos, and tunes with marks of their own like these",
    ),
    Thoughts("◁think▷", "◁/think▷", "◁think▷I add.◁/think▷It is 4.", "Kimi VL thinking, Kimi K2 thinking"),
    Thoughts(
        r"<\|START_THINKING\|>",
        r"<\|END_THINKING\|>",
        "<|START_THINKING|>I add.<|END_THINKING|><|START_RESPONSE|>It is 4.<|END_RESPONSE|>",
        "Cohere's Command A and R7B",
    ),
    Thoughts(r"<\|inner_prefix\|>", r"<\|inner_suffix\|>", "<|inner_prefix|>I add.<|inner_suffix|>It is 4.", "Apertus"),
    Thoughts(
        r"<\|channel>\s?(?:thought\b)?", r"<channel\|>", "<|channel>thought\nI add.\n<channel|>It is 4.", "Gemma 4"
    ),
    Thoughts(
        r"<unused94>(?:thought\b)?", "<unused95>", "<unused94>thought\nI add.<unused95>It is 4.", "MedGemma, Gemma 3"
    ),
    Thoughts(
        r"<\|think\|>",
        r"<\|end\|>(?=\s*<\|begin\|>)",
        "<|think|>I add.<|end|><|begin|>assistant<|content|>It is 4.<|end|>",
        "Solar Open",
    ),
    Thoughts(
        r"<\|im_start\|>think\b",
        r"<\|im_start\|>answer\b",
        "<|im_start|>think\nI add.\n<|im_start|>answer\nIt is 4.",
        "s1",
    ),
    Thoughts(
        r'<details type="reasoning"[^<>\n]{0,99}>',
        "</details>",
        '<details type="reasoning" done="true">\n<summary>Thought</summary>\nI add.\n</details>\nIt is 4.',
        "anything behind Open WebUI",
    ),
    Thoughts(
        r"(?-i:\[BEGIN THOUGHTS\])",
        r"(?-i:\[BEGIN FINAL RESPONSE\])",
        "I add.\n[BEGIN FINAL RESPONSE]\nIt is 4.\n[END FINAL RESPONSE]",
        "Apriel",
    ),
)

SPOKEN: tuple[End, ...] = (
    End(
        r"\s*here(?:['’]s| is) my thought process:(.*?)here(?:['’]s| is) my response:(.*)",
        "Here is my thought process: I add. Here is my response: It is 4.",
        "Granite 3.2",
    ),
    End(
        r"\s*## thinking[ \t\r]*\n(.*?)\n## final response[ \t\r]*\n(.*)",
        "## Thinking\n\nI add.\n\n## Final Response\n\nIt is 4.",
        "HuatuoGPT-o1",
    ),
    End(
        r"\s*thinking\.\.\.\s*\n(.*?)\n\.{3}done thinking\.(.*)",
        "Thinking...\nI add.\n...done thinking.\n\nIt is 4.",
        "what `ollama run` prints",
    ),
    End(
        r"\s*(?-i:(?:assistant)?(?:analysis|commentary)(.*?)assistantfinal(.*?)(?:assistant(?:analysis|commentary|final).*)?\Z)",
        "analysisI add.assistantfinalIt is 4.",
        "gpt-oss, its special tokens left out by the server",
    ),
    End(r"\s*()(?-i:assistantfinal)(?=\S)(.*)", "assistantfinalIt is 4.", "the same"),
    End(r"\s*(?-i:(?:assistant)?analysis(?=[A-Z\u4e00-\u9fff])(.*)())", "analysisI add. The user", "the same, cut off"),
)
"""Whole answers, known by how they begin; the two groups are the thoughts and the answer."""

SPOKEN_PATTERNS = tuple(later(row.mark, re.IGNORECASE | re.DOTALL) for row in SPOKEN)

ENDS: tuple[End, ...] = (
    End(r"<\|im_end\|>", "It is 4.<|im_end|>", "ChatML: Qwen, Yi, Hermes, SmolLM"),
    End(r"<\|e(?:ot|om)_id\|>", "It is 4.<|eot_id|>", "Llama 3"),
    End(r"<\|eot\|>", "It is 4.<|eot|>", "Llama 4, DeepSeek Coder"),
    End(r"<\|end\|>", "It is 4.<|end|>", "Phi-3, Phi-4 mini, gpt-oss, Solar"),
    End(r"<\|(?:return|call|flush|done)\|>", "It is 4.<|return|>", "gpt-oss, Solar"),
    End(r"<\|endof(?:text|turn|assistant|user)\|>", "It is 4.<|endoftext|>", "GPT-2, Qwen's base models, Phi, EXAONE"),
    End(r"\[\|endofturn\|\]", "It is 4.[|endofturn|]", "EXAONE"),
    End(r"<\|end_of_(?:text|turn|role|sentence)\|>", "It is 4.<|end_of_text|>", "Granite, OpenChat, Llama 3's base"),
    End(r"<end_of_(?:turn|utterance|text)>", "It is 4.<end_of_turn>", "Gemma 2 and 3, SmolVLM"),
    End(r"<turn\|>", "It is 4.<turn|>", "Gemma 4"),
    End(r"<[|｜]end[▁_ ]of[▁_ ]sentence[|｜]>", "It is 4.<｜end▁of▁sentence｜>", "DeepSeek"),
    End(r"<\|END_(?:RESPONSE|OF_TURN_TOKEN|TEXT)\|>", "It is 4.<|END_OF_TURN_TOKEN|>", "Cohere"),
    End(r"<\|end_of_solution\|>", "It is 4.\n<|end_of_solution|>", "Sky-T1, OpenThinker"),
    End(r"(?-i:\[END FINAL RESPONSE\])", "It is 4.\n[END FINAL RESPONSE]", "Apriel"),
    End(r"(?-i:\[EOS\])(?=\s*(?:\Z|\[EOS))", "It is 4.[EOS]", "Kimi"),
    End(r"<eos>(?=\s*(?:\Z|<))", "It is 4.<eos>", "Gemma"),
    End(r"<eo[ah]>", "It is 4.<eoa>", "InternLM"),
    End(r"\[e~\[", "It is 4.[e~[", "MiniMax"),
    End(r"</s>", "It is 4.</s>", "Llama 2, Mistral, Vicuna, Alpaca"),
    # The next turn, which is made up.
    End(r"(?-i:\[/?INST\])", "It is 4. [INST] And 3 + 3?", "Llama 2, Mistral"),
    End(r"<\|im_start\|>", "It is 4.\n<|im_start|>user\nAnd 3 + 3?", "ChatML"),
    End(r"<\|(?:start_header_id|header_start)\|>", "It is 4.<|start_header_id|>user<|end_header_id|>", "Llama 3, 4"),
    End(r"<\|(?:start|begin)\|>", "It is 4.<|start|>user<|message|>And 3 + 3?", "gpt-oss, Solar"),
    End(r"<\|start_of_role\|>", "It is 4.<|start_of_role|>user<|end_of_role|>", "Granite"),
    End(r"<\|START_OF_TURN_TOKEN\|>", "It is 4.<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "Cohere"),
    End(r"<start_of_turn>", "It is 4.\n<start_of_turn>user\nAnd 3 + 3?", "Gemma 2 and 3"),
    End(r"<\|turn>", "It is 4.\n<|turn>user\nAnd 3 + 3?", "Gemma 4"),
    End(
        r"<\|(?:im_)?(?:user|system|assistant|observation)\|>", "It is 4.\n<|user|>\nAnd 3?", "Zephyr, Phi-3, GLM, Kimi"
    ),
    End(r"\[\|(?:user|system|assistant)\|\]", "It is 4.\n[|user|]And 3?", "EXAONE"),
    End(r"<[|｜](?:User|Assistant)[|｜]>", "It is 4.<｜User｜>And 3 + 3?", "DeepSeek"),
    End(
        r"<(?:\|(?:im_(?:end|start)|eo[tm]_id|end(?:oftext)?|user|assistant)\|?|(?:end|start)_of_turn)\s*\Z",
        "It is 4.<|im_end",
        "any of these, cut off",
    ),
    # Llama 3 with its end token and the marks of the header left out: "assistant" glued to the last word.
    End(r"(?-i:assistant)(?=\r?\n\r?\n)", "It is 4.assistant\n\nIt is 4.", "Llama 3, its special tokens left out"),
)
"""An answer ends at the first of these."""

BEGINS: tuple[End, ...] = (
    End(r"<\|im_start\|>\s?assistant(?:<\|im_sep\|>)?", "<|im_start|>assistant\nIt is 4.", "ChatML, Phi-4"),
    End(
        r"<\|(?:start_header_id|header_start)\|>\s?assistant\s?<\|(?:end_header_id|header_end)\|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\nIt is 4.",
        "Llama 3, 4",
    ),
    End(
        r"<\|(?:start|begin)\|>\s?assistant\s?(?:<\|(?:message|content)\|>)?",
        "<|start|>assistant<|message|>It is 4.",
        "gpt-oss",
    ),
    End(
        r"<\|start_of_role\|>\s?assistant\s?<\|end_of_role\|>",
        "<|start_of_role|>assistant<|end_of_role|>It is 4.",
        "Granite",
    ),
    End(
        r"<\|START_OF_TURN_TOKEN\|>\s?<\|CHATBOT_TOKEN\|>", "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>It is 4.", "Cohere"
    ),
    End(r"<start_of_turn>\s?model\b", "<start_of_turn>model\nIt is 4.", "Gemma 2 and 3"),
    End(r"<\|turn>\s?model\b", "<|turn>model\nIt is 4.", "Gemma 4"),
    End(
        r"<\|im_assistant\|>(?:assistant)?(?:<\|im_middle\|>)?",
        "<|im_assistant|>assistant<|im_middle|>It is 4.",
        "Kimi",
    ),
    End(r"<\|assistant\|>", "<|assistant|>\nIt is 4.", "Zephyr, Phi-3, GLM"),
    End(r"\[\|assistant\|\]", "[|assistant|]It is 4.", "EXAONE"),
    End(r"<[|｜]Assistant[|｜]>", "<｜Assistant｜>It is 4.", "DeepSeek"),
    End(r"(?-i:\[/INST\])", "[/INST] It is 4.", "Llama 2, Mistral"),
    End(r"<\|(?:message|content|im_sep|im_middle|CHATBOT_TOKEN)\|>", "<|message|>It is 4.", "gpt-oss, Phi-4, cut off"),
    End(
        r"<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<[|｜]begin[▁_ ]of[▁_ ]sentence[|｜]>",
        "<bos>It is 4.",
        "Gemma, Llama 3",
    ),
    End(r"<s>(?=\s|<|\[)", "<s> It is 4.</s>", "Llama 2, Mistral"),
    End(r"(?-i:assistant)(?=\r?\n\r?\n)", "assistant\n\nIt is 4.", "Llama 3, its special tokens left out"),
)
"""What may stand before an answer, of its header; further on the assistant's next turn begins there."""

NEUTRAL: tuple[End, ...] = (
    End(r"<\|(?:begin|end)_of_box\|>", "It is <|begin_of_box|>4<|end_of_box|>.", "GLM 4.1V and 4.5V"),
    End(r"<\|START_(?:RESPONSE|TEXT)\|>", "<|START_RESPONSE|>It is 4.<|END_RESPONSE|>", "Cohere"),
    End(r"<\|begin_of_solution\|>", "<|begin_of_solution|>\nIt is 4.", "Sky-T1, OpenThinker"),
    End(r"<\s?think\s?/>", "<think/>It is 4.", "Qwen3 without thoughts"),
)
"""Marks without which the answer is the same."""

ANSWER_TAGS = "answer|output|response|final|final_answer|final_response|solution|result|conclusion"
"""Tags around an answer that follows thoughts: Hunyuan, GLM 4.1V, K2-Think (answer), Reflection, Ernie (response)."""


def _groups(prefix: str, patterns: list[str]) -> str:
    return "|".join(f"(?P<{prefix}{number}>{pattern})" for number, pattern in enumerate(patterns))


_MARK = later(
    "|".join(
        (
            _groups("open", [row.opens for row in THOUGHTS]),
            _groups("shut", [row.closes for row in THOUGHTS]),
            _groups("begin", ["|".join(row.mark for row in BEGINS)]),
            _groups("plain", ["|".join(row.mark for row in NEUTRAL)]),
            _groups("ended", ["|".join(row.mark for row in ENDS)]),
        )
    ),
    re.IGNORECASE,
)

_KINDS = {name: (re.sub(r"\d", "", name), int(re.sub(r"\D", "", name))) for name in _MARK.groupindex}


def mark_at(text: str, place: int) -> tuple[int, str, int] | None:
    """Of the mark that begins here: its end; "open", "shut", "begin", "plain" or "ended"; and of the first two the
    row of THOUGHTS. None where there is none."""
    found = _MARK.match(text, place)
    return (found.end(), *_KINDS[found.lastgroup]) if found and found.lastgroup else None
