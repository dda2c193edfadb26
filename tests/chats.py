"""Small tokenizers of every usual kind, and chat templates in the manner of those on the hub."""

from __future__ import annotations

from functools import cache
from typing import Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = ["HUB", "TOKENIZERS", "tokenizer_of"]

TEXTS = (
    "### Instruction: ### Input: ### Response: User: Assistant: system user assistant [INST] [/INST]",
    "Name three primary colours.\n\nThey are red, yellow and blue.\nWhat is the capital of France? Paris.",
    "Sort the list: 3, 1, 2. 1, 2, 3.  def add(a, b):\n    return a + b\n",
    "把下面的句子翻译成英文。今天天气很好。中国的首都是北京。你好！",
    "Today Date: 26 Jul 2024 Cutting Knowledge Date. Hello! Hi there, how are you?",
)

SPECIALS = (
    *("<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    *("<start_of_turn>", "<end_of_turn>"),
)

# As GPT-4, Llama 3 and Qwen 2 cut text: a sign takes the new lines after it, and digits go by threes.
SIGNS_AND_LINES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _bytes(pattern: str | None = None) -> Tokenizer:
    made = Tokenizer(models.BPE())
    cut: Any = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if pattern:
        split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
        cut = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made.pre_tokenizer = cut
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=list(SPECIALS), initial_alphabet=alphabet, show_progress=False
    )
    # Lines of all kinds, so that "\n\n", ":\n" and the like are tokens where the pattern lets them be.
    made.train_from_iterator([*TEXTS * 3, *(f"a{sign}\n\nb{sign}\nc" for sign in ".:;?!" * 9)], trainer)
    return made


def _sentencepiece(*, legacy: bool) -> Tokenizer:
    """As Llama 2: no cuts but at blanks, a blank before the first word (legacy: after each special token), bytes."""
    letters = sorted({letter for text in TEXTS for letter in text if letter.strip()})
    tokens = [*SPECIALS, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *letters]
    words = sorted({word for text in TEXTS for word in text.split() if word.isascii()})
    merges: list[tuple[str, str]] = []
    for word in [f"▁{word}" for word in words] + ["▁▁", "▁▁▁▁"]:
        for end in range(2, len(word) + 1):
            if word[:end] not in tokens:
                tokens.append(word[:end])
                merges.append((word[: end - 1], word[end - 1]))
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    merges = [pair for pair in merges if pair[0] in vocabulary and pair[1] in vocabulary]
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    if legacy:
        made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    blank = decoders.Strip(content=" ", left=1)
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), blank])
    return made


def _unigram() -> Tokenizer:
    """As T5: every word after a blank, new lines are blanks, an end token put after each text."""
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Replace(Regex(r"\s+"), " ")
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=list(SPECIALS), unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(TEXTS * 3, trainer)
    return made


def _adding(made: Tokenizer, single: str) -> Tokenizer:
    specials = [(name, made.token_to_id(name)) for name in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(single=single, special_tokens=specials)
    return made


MADE = {
    "gpt2": lambda: _bytes(),
    "bytes+bos": lambda: _adding(_bytes(), "<s> $A"),
    "llama3": lambda: _adding(_bytes(SIGNS_AND_LINES), "<s> $A"),
    "qwen": lambda: _bytes(SIGNS_AND_LINES),
    "llama2": lambda: _adding(_sentencepiece(legacy=False), "<s> $A"),
    "llama2-legacy": lambda: _adding(_sentencepiece(legacy=True), "<s> $A"),
    "t5": lambda: _adding(_unigram(), "$A </s>"),
}
TOKENIZERS = tuple(MADE)


@cache
def _made(kind: str) -> str:
    return MADE[kind]().to_str()


def tokenizer_of(kind: str, template: str | None = None, end: str = "</s>") -> PreTrainedTokenizerBase:
    """A fresh one, perhaps with a chat template of its own and another end token."""
    made = Tokenizer.from_str(_made(kind))
    made.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIALS])
    bos = {"gpt2": end, "qwen": None, "t5": None}.get(kind, "<s>")
    found: PreTrainedTokenizerBase = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call,unused-ignore]
        tokenizer_object=made, bos_token=bos, eos_token=end, unk_token="<unk>"
    )
    if template is not None:
        found.chat_template = template
    return found


CHATML = """{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"""

DEFAULT_SYSTEM = (
    """{%- if messages[0].role != 'system' %}{{- '<|im_start|>system\nBe brief.<|im_end|>\n' }}{%- endif %}
"""
    + CHATML
)

HEADERS = """{{- bos_token }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"""

DATED = """{{- bos_token }}
{%- if not date_string is defined %}
{%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}
{%- else %}{%- set date_string = "1 Jan 1970" %}{%- endif %}
{%- endif %}
{%- set said = messages[0].content if messages[0].role == 'system' else '' %}
{{- '<|start_header_id|>system<|end_header_id|>\n\nToday Date: ' + date_string + '\n\n' + said + '<|eot_id|>' }}
{%- for message in messages if message.role != 'system' %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"""

INST = """{%- if messages[0]['role'] == 'system' %}
{%- set said = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}{%- set rest = messages[1:] %}
{%- else %}{%- set said = '' %}{%- set rest = messages %}{%- endif %}
{%- for message in rest %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{- raise_exception('Roles must alternate') }}{%- endif %}
{%- if message['role'] == 'user' %}
{{- bos_token + '[INST] ' + (said if loop.first else '') + message['content'] | trim + ' [/INST]' }}
{%- else %}{{- ' ' + message['content'] | trim + ' ' + eos_token }}{%- endif %}
{%- endfor %}"""

MISTRAL = """{{- bos_token }}
{%- for message in messages %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{- raise_exception('Roles must alternate') }}{%- endif %}
{%- if message['role'] == 'user' %}{{- '[INST] ' + message['content'] + ' [/INST]' }}
{%- else %}{{- ' ' + message['content'] + eos_token }}{%- endif %}
{%- endfor %}"""

GEMMA = """{{- bos_token }}
{%- if messages[0].role == 'system' %}{{- raise_exception('System role not supported') }}{%- endif %}
{%- for message in messages %}
{%- set role = 'model' if message.role == 'assistant' else message.role %}
{{- '<start_of_turn>' + role + '\n' + message.content | trim + '<end_of_turn>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\n' }}{%- endif %}"""

GENERATION = """{%- for message in messages %}
{%- if message.role == 'assistant' %}
{{- '<|im_start|>assistant\n' }}{%- generation %}{{- message.content + '<|im_end|>' }}{%- endgeneration %}{{- '\n' }}
{%- else %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"""

DROPS_SYSTEM = """{%- for message in messages if message.role != 'system' %}
{{- message.content + (eos_token if message.role == 'assistant' else '\n') }}
{%- endfor %}"""

HUB = {
    "chatml": CHATML,
    "default system": DEFAULT_SYSTEM,
    "headers": HEADERS,
    "dated": DATED,
    "inst": INST,
    "mistral": MISTRAL,
    "gemma": GEMMA,
    "generation": GENERATION,
    "drops system": DROPS_SYSTEM,
}
