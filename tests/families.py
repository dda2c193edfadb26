"""Tokenizers and chat templates in the manner of families whose templates do more than turn after turn: thoughts that
are dropped or begun by the prompt, ends that belong to the next turn or differ for calls, texts that move."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = ["FAMILIES", "OF_TRL", "base"]

TEXT = "Which tide is highest in the port? It is at ten past four. Name a river, and another one.\n\n a:\n {}"
TAGS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")

THINKING = """{%- set ns = namespace(asked=-1) %}
{%- for m in messages %}{%- if m.role == 'user' %}{%- set ns.asked = loop.index0 %}{%- endif %}{%- endfor %}
{%- if tools %}{{- '<|im_start|>system\n<tools>' }}{%- for tool in tools %}{{- '\n' + tool | tojson }}{%- endfor %}
{{- '</tools><|im_end|>\n' }}{%- endif %}
{%- for m in messages %}
{%- if m.role == 'assistant' %}
{%- set content, thoughts = m.content, m.reasoning_content or '' %}
{%- if '</think>' in content and not thoughts %}
{%- set thoughts = content.split('</think>')[0].split('<think>')[-1].strip() %}
{%- set content = content.split('</think>')[-1].lstrip('\n') %}
{%- endif %}
{{- '<|im_start|>assistant\n' }}
{%- if loop.index0 > ns.asked %}{{- '<think>\n' + thoughts + '\n</think>\n\n' }}{%- endif %}
{{- content }}
{%- for call in m.tool_calls %}
{{- '\n<tool_call>\n' + call.function | tojson + '\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\n' }}
{%- elif m.role == 'tool' %}
{{- '<|im_start|>user\n<tool_response>\n' + m.content + '\n</tool_response><|im_end|>\n' }}
{%- else %}{{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}
{%- if enable_thinking is defined and not enable_thinking %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}
{%- endif %}"""

AT_ONCE = THINKING.replace("enable_thinking is defined and not enable_thinking", "not enable_thinking")
"""Of two prompts, the default is the one for answers at once."""

OPENING = """{{- bos_token }}
{%- for m in messages %}
{%- if m.role == 'system' %}{{- m.content }}{%- endif %}
{%- if m.role == 'user' %}{{- '<|User|>' + m.content }}{%- endif %}
{%- if m.role == 'assistant' %}{{- '<|Assistant|>' + m.content.split('</think>')[-1] + eos_token }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|Assistant|><think>\n' }}{%- endif %}"""

CLOSING = OPENING.replace(
    "'<|Assistant|>' + m.content.split('</think>')[-1]", "'<|Assistant|></think>' + m.content.split('</think>')[-1]"
).replace(
    "'<|Assistant|><think>\n'", "'<|Assistant|>' + ('<think>' if thinking is defined and thinking else '</think>')"
)
"""DeepSeek's later ones: an answer without thoughts begins with the end of them."""

HANDING = """[gMASK]
{%- if tools %}{{- '<|system|>\nTools:' }}{%- for tool in tools %}{{- '\n' + tool | tojson }}{%- endfor %}{%- endif %}
{%- for m in messages %}
{%- if m.role == 'assistant' %}{{- '<|assistant|>\n' + m.content }}
{%- for call in m.tool_calls %}
{{- '<tool_call>' + call.function.name }}
{%- for name, value in call.function.arguments.items() %}
{{- ' ' + name + '=' + (value if value is string else value | tojson) }}
{%- endfor %}{{- '</tool_call>' }}
{%- endfor %}
{%- elif m.role == 'tool' %}{{- '<|observation|>\n' + m.content }}
{%- else %}{{- '<|' + m.role + '|>\n' + m.content }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"""

CHANNELS = """{%- if tools %}{{- '<|start|>developer<|message|>' + tools | tojson + '<|end|>' }}{%- endif %}
{%- for m in messages %}
{%- if m.role == 'assistant' %}
{%- if m.thinking and loop.last %}
{{- '<|start|>assistant<|channel|>analysis<|message|>' + m.thinking + '<|end|>' }}
{%- endif %}
{%- if m.tool_calls %}
{%- set call = m.tool_calls[0].function %}
{{- '<|start|>assistant to=' + call.name + '<|message|>' + call.arguments | tojson + '<|call|>' }}
{%- else %}
{{- '<|start|>assistant<|channel|>final<|message|>' + m.content + ('<|return|>' if loop.last else '<|end|>') }}
{%- endif %}
{%- else %}{{- '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start|>assistant' }}{%- endif %}"""

MOVING = """{{- bos_token }}
{%- set ns = namespace(asked=-1, system='') %}
{%- for m in messages %}
{%- if m.role == 'user' %}{%- set ns.asked = loop.index0 %}{%- endif %}
{%- if m.role == 'system' %}{%- set ns.system = m.content + '\n\n' %}{%- endif %}
{%- endfor %}
{%- for m in messages %}
{%- if m.role == 'user' %}
{%- if tools and loop.index0 == ns.asked %}{{- '[TOOLS]' + tools | tojson + '[/TOOLS]' }}{%- endif %}
{{- '[INST]' + (ns.system if loop.last else '') + m.content + '[/INST]' }}
{%- elif m.tool_calls %}
{%- for call in m.tool_calls %}
{%- if call.id | length != 9 %}{{- raise_exception('ids have nine letters') }}{%- endif %}
{%- endfor %}
{{- '[CALLS]' + m.tool_calls | tojson + eos_token }}
{%- elif m.role == 'assistant' %}{{- ' ' + m.content | trim + eos_token }}
{%- elif m.role == 'tool' %}{{- '[RESULT]' + m.content + '[/RESULT]' }}{%- endif %}
{%- endfor %}"""

TEXTUAL = """{{- bos_token }}{%- if tools %}{{- 'Tools: ' + tools | tojson }}{%- endif %}
{%- for m in messages %}
{%- if m.role == 'assistant' %}{{- '<|Assistant|>' }}
{%- if m.content is not defined %}
{%- for call in m.tool_calls %}
{{- '<tool_call>' + call.function.name + ' ' + call.function.arguments + '</tool_call>' }}
{%- endfor %}
{%- else %}{{- m.content }}{%- endif %}{{- eos_token }}
{%- else %}{{- '<|User|>' + m.content }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|Assistant|>' }}{%- endif %}"""

CHATML = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
DEEP = ("<|begin|>", "<|eos|>")
GLM = ("<|endoftext|>", "[gMASK]", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>")
CHANNEL = ("<|endoftext|>", "<|return|>", "<|call|>", "<|end|>", "<|start|>", "<|channel|>", "<|message|>")
INST = ("<s>", "</s>", "[INST]", "[/INST]", "[TOOLS]", "[/TOOLS]", "[CALLS]", "[RESULT]", "[/RESULT]")
TURNS = ("<|User|>", "<|Assistant|>")

FAMILIES: dict[str, tuple[str, str, str | None, tuple[str, ...], tuple[str, ...]]] = {
    "thinking": (THINKING, "<|im_end|>", None, CHATML, TAGS),
    "at once": (AT_ONCE, "<|im_end|>", None, CHATML, TAGS),
    "opening": (OPENING, "<|eos|>", "<|begin|>", DEEP, (*TURNS, *TAGS)),
    "closing": (CLOSING, "<|eos|>", "<|begin|>", DEEP, (*TURNS, *TAGS)),
    "handing": (HANDING, "<|endoftext|>", None, GLM, TAGS),
    "channels": (CHANNELS, "<|return|>", None, CHANNEL, ()),
    "moving": (MOVING, "</s>", "<s>", INST, ()),
    "textual": (TEXTUAL, "<|eos|>", "<|begin|>", DEEP, (*TURNS, *TAGS)),
}
"""Source, end token, BOS, special tokens, others that are tokens too."""


def base(family: str, source: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a family, with another source if one is given."""
    own, end, bos, special, plain = FAMILIES[family]
    made = Tokenizer.from_str(_made(bos, special, plain))
    names: dict[str, Any] = {"bos_token": bos} if bos else {}
    found: PreTrainedTokenizerBase = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call,unused-ignore]
        tokenizer_object=made, eos_token=end, pad_token=special[0], **names
    )
    found.chat_template = own if source is None else source
    return found


@cache
def _made(bos: str | None, special: tuple[str, ...], plain: tuple[str, ...]) -> str:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        [TEXT] * 9, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    made.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    made.add_tokens([AddedToken(text, special=False, normalized=False) for text in plain])
    if bos:
        number = made.token_to_id(bos)
        made.post_processor = processors.TemplateProcessing(single=f"{bos} $A", special_tokens=[(bos, number)])
    return str(made.to_str())


def _of_trl() -> dict[str, str]:
    """Templates of the hub's families, by the names of TRL's files; none where it is not installed."""
    spec = find_spec("trl")
    folder = Path(spec.origin).parent / "chat_templates" if spec and spec.origin else Path("none")
    files = sorted(folder.glob("*.jinja")) if folder.is_dir() else []
    return {file.stem: file.read_text(encoding="utf-8") for file in files if "_training" not in file.stem}


OF_TRL = _of_trl()
