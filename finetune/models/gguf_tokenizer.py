"""The tokenizer of a GGUF file, as transformers has tokenizers, with llama.cpp's own token ids.

    tokenizer = tokenizer_of_gguf(Path("mine.gguf"))

transformers' own reading of the file (`gguf_file=`) leaves out how text is cut before it is merged where that is not
Llama's or Qwen's way, and so gives other tokens (SmolLM2: of 12 it makes two). GGUF says it by a name, which is what
llama.cpp does: CUTS has what each name means.
"""

from __future__ import annotations

import struct
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

__all__ = ["CUTS", "SPACE", "steps_of", "tokenizer_of_gguf"]

SPACE = "▁"
"""SentencePiece's sign for a space."""

CONTROL, USER_DEFINED = 3, 4
"""GGUF's types of tokens that a text is cut at; the first are names of what is no text."""

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_QWEN35 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_WORDS = rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{{0}}|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{{0}}"
_OTHERS = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_TEKKEN = _WORDS.replace("{0}", "") + r"|\p{N}" + _OTHERS
_GPT4O = _WORDS.replace("{0}", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?") + r"|\p{N}{1,3}" + _OTHERS
_DEEPSEEK = (
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+"
    "[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
)

Steps = tuple[tuple[Any, ...], ...]

CUTS: dict[str, Steps] = {
    "gpt-2": (("bytes", True),),
    "smollm": (("digits",), ("bytes", True)),
    "llama-bpe": (("split", _LLAMA3), ("bytes", False)),
    "smaug-bpe": (("split", _LLAMA3), ("bytes", False)),
    "qwen2": (("split", _LLAMA3.replace("{1,3}", "")), ("bytes", False)),
    "qwen35": (("split", _QWEN35), ("bytes", False)),
    "tekken": (("split", _TEKKEN), ("bytes", False)),
    "gpt-4o": (("split", _GPT4O), ("bytes", False)),
    "deepseek-v3": (*(("split", pattern) for pattern in _DEEPSEEK), ("bytes", False)),
}
"""What is done before merging by llama.cpp's name of it: pieces cut out by a pattern, digits, GPT-2's bytes with its
own pattern or without."""
WHOLE = ("llama-bpe", "tekken")
"""Where a word that is a token is one, whatever merges would make of it."""
BEGUN = ("llama-bpe", "tekken")
"""Where a text is begun with BOS unless the file says that it is not."""
COMPOSED = ("qwen2", "qwen35")
"""Where accents are composed with their letters first (NFC), as those models were trained. GGUF does not say so and
llama.cpp does not do it; transformers does, whatever a tokenizer's file says, for every model of the kind qwen2."""
SAME = {
    "gpt-2": ("phi-2", "olmo", "mpt", "gigachat", "exaone4", "mellum", "modern-bert", "jais", "trillion"),
    "smollm": ("starcoder", "refact", "command-r", "codeshell", "minerva-7b", "exaone"),
    "llama-bpe": ("llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
    "smaug-bpe": ("dbrx", "glm4", "chatglm-bpe"),
    "qwen2": ("deepseek-r1-qwen", "stablelm2", "megrez", "hunyuan", "solar-open", "grok-2"),
    "gpt-4o": ("llama4", "kanana2", "minimax-m2"),
    "deepseek-v3": ("hunyuan-dense", "joyai-llm"),
}
"""Other names that llama.cpp has for the same."""


def tokenizer_of_gguf(file: Path) -> PreTrainedTokenizerFast:
    """Raises UsageError for a file without a tokenizer, or with one of a kind that is not known here."""
    from transformers import PreTrainedTokenizerFast

    about = _about(file)
    kind, tokens = about.get("model"), about.get("tokens")
    if kind not in ("gpt2", "llama") or not tokens:
        raise UsageError(f"{file} has a tokenizer of the kind {kind!r}: those of gpt2 and llama can be taken from GGUF")
    backend = _byte_level(about, file) if kind == "gpt2" else _sentencepiece(about)
    names = {name: _named(about, f"{key}_token_id") for name, key in _SPECIAL.items()}
    if kind == "llama":
        names = {name: text or tokens[number] for (name, text), number in zip(names.items(), (1, 2, 0), strict=False)}
    specials = {name: text for name, text in names.items() if text is not None}
    _add(backend, about)
    if (about.get("add_bos_token", kind == "llama" or about.get("pre") in _all(BEGUN))) and "bos_token" in specials:
        _begin(backend, specials["bos_token"])
    made: Any = PreTrainedTokenizerFast
    tokenizer: PreTrainedTokenizerFast = made(
        tokenizer_object=backend, clean_up_tokenization_spaces=False, name_or_path=str(file), **specials
    )
    if template := about.get("chat_template"):
        tokenizer.chat_template = template
    return tokenizer


_SPECIAL = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "pad_token": "padding"}


def _about(file: Path) -> dict[str, Any]:
    """The fields of a file's tokenizer, without what their keys begin with. Raises UsageError."""
    try:
        with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as data:
            pairs = _pairs(data)
    except (struct.error, ValueError, KeyError) as error:
        raise UsageError(f"{file} is no whole GGUF file ({error}): copy or fetch it again") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    found = {key.rpartition(".")[2]: value for key, value in pairs.items() if key.startswith("tokenizer.")}
    return found | {"architecture": pairs.get("general.architecture")}


def _pairs(data: mmap) -> dict[str, Any]:
    """The pairs of a GGUF header (ggml's docs/gguf.md). Of a vocabulary of 49,000 in 0.1 s; gguf's reader takes 5."""
    if data[:4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    (count,), place = struct.unpack_from("<Q", data, 16), 24
    found = {}
    for _ in range(count):
        key, place = _value(data, place, _TEXT)
        (kind,) = struct.unpack_from("<I", data, place)
        found[key], place = _value(data, place + 4, kind)
    return found


_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9


def _value(data: mmap, place: int, kind: int) -> tuple[Any, int]:
    """A value, and where the next one is."""
    if kind == _TEXT:
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + 8 + length
        if end > len(data):
            raise ValueError("its header breaks off")
        return data[place + 8 : end].decode("utf-8", "replace"), end
    if kind != _LIST:
        form = f"<{_NUMBERS[kind]}"
        return struct.unpack_from(form, data, place)[0], place + struct.calcsize(form)
    (inner, count), place = struct.unpack_from("<IQ", data, place), place + 12
    if inner in _NUMBERS:
        form = f"<{count}{_NUMBERS[inner]}"
        return list(struct.unpack_from(form, data, place)), place + struct.calcsize(form)
    values = []
    for _ in range(count):
        value, place = _value(data, place, inner)
        values.append(value)
    return values, place


def _named(about: dict[str, Any], key: str) -> str | None:
    number, tokens = about.get(key), about["tokens"]
    return tokens[number] if isinstance(number, int) and 0 <= number < len(tokens) else None


def _all(names: tuple[str, ...]) -> set[str]:
    return {other for name in names for other in (name, *SAME.get(name, ()))}


def _byte_level(about: dict[str, Any], file: Path) -> Tokenizer:
    from tokenizers import Tokenizer, decoders, models, normalizers

    name = about.get("pre", "default")
    name = next((first for first, others in SAME.items() if name in others), name)
    if name not in CUTS:
        raise UsageError(f"{file} cuts text in llama.cpp's way {name!r}: known here are {', '.join(CUTS)}")
    vocabulary = {token: number for number, token in enumerate(about["tokens"])}
    merges = [tuple(pair.split(" ", 1)) for pair in about.get("merges", ())]
    backend: Any = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=name in WHOLE))
    backend.pre_tokenizer = _cutting(CUTS[name])
    if about.get("pre") in COMPOSED or about["architecture"] in COMPOSED:
        backend.normalizer = normalizers.NFC()
    backend.decoder = decoders.ByteLevel()
    found: Tokenizer = backend
    return found


def _cutting(steps: Steps) -> Any:
    """The pre-tokenizer that takes these steps."""
    from tokenizers import Regex, pre_tokenizers

    made: list[Any] = []
    for kind, *how in steps:
        if kind == "digits":
            made.append(pre_tokenizers.Digits(individual_digits=True))
        elif kind == "split":
            made.append(pre_tokenizers.Split(Regex(how[0]), "isolated"))
        else:
            made.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=how[0]))
    return pre_tokenizers.Sequence(made)


def steps_of(step: dict[str, Any] | None) -> Steps:
    """The steps of a pre-tokenizer as tokenizer.json has it; ("unknown",) is one that llama.cpp has no name for."""
    match step:
        case {"type": "Sequence", "pretokenizers": inner}:
            return tuple(each for one in inner for each in steps_of(one))
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": cuts}:
            return (("bytes", cuts),)
        case {"type": "Digits", "individual_digits": True}:
            return (("digits",),)
        case {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}:
            return (("split", pattern),)
    return (("unknown",),)


def _sentencepiece(about: dict[str, Any]) -> Tokenizer:
    """llama.cpp merges whatever makes a token, the one with the highest score first. Before every text and after every
    token that it is cut at, it puts a space, unless the file says that it does not.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers

    tokens, scores = about["tokens"], about["scores"]
    known = {token: number for number, token in enumerate(tokens)}
    pairs = [
        (-scores[number], number, cut)
        for token, number in known.items()
        for cut in range(1, len(token))
        if token[:cut] in known and token[cut:] in known
    ]
    merges = [(tokens[number][:cut], tokens[number][cut:]) for _, number, cut in sorted(pairs)]
    unknown = _named(about, "unknown_token_id") or tokens[0]
    backend: Any = Tokenizer(models.BPE(known, merges, unk_token=unknown, fuse_unk=True, byte_fallback=True))
    spaces = normalizers.Replace(" ", SPACE)
    begun = about.get("add_space_prefix", True)
    backend.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), spaces]) if begun else spaces
    parts: list[Any] = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    backend.decoder = decoders.Sequence([*parts, *([decoders.Strip(" ", 1, 0)] if begun else [])])
    found: Tokenizer = backend
    return found


def _add(backend: Tokenizer, about: dict[str, Any]) -> None:
    """The tokens that a text is cut at, whatever is around them."""
    from tokenizers import AddedToken

    types = about.get("token_type", ())
    for kind, add in ((CONTROL, backend.add_special_tokens), (USER_DEFINED, backend.add_tokens)):
        names = [token for token, each in zip(about["tokens"], types, strict=False) if each == kind]
        add([AddedToken(name, special=kind == CONTROL, normalized=False) for name in names])


def _begin(backend: Any, bos: str) -> None:
    from tokenizers import processors

    backend.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, backend.token_to_id(bos))]
    )
