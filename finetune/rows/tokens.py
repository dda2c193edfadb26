"""Tokens of what a template laid out, and which tokens of a vocabulary mean something to it.

ids, trained = encoded(segments(template, turns, tokenizer), tokenizer)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

    from .rendering import Segment, Template

__all__ = [
    "adds_bos",
    "any_of",
    "controls",
    "encoded",
    "encoded_parts",
    "end_of",
    "ends_of",
    "flat",
    "known_tokens",
    "stops",
    "visible",
]


def encoded(given: Sequence[Segment], tokenizer: Tokenizer) -> tuple[list[int], list[bool]]:
    """The tokens, and which are trained. What a segment becomes depends on those before it, never on those after it.

    A segment goes on in the tokens of the text before it, so that all is as if tokenised at once, unless its beginning
    would change those (":" and a new line are one token of Llama 3): then it is tokenised apart. Tokenizers cut at
    special tokens: nothing before the last one matters, so that the work grows with the text and not with its square.
    """
    return flat(given, encoded_parts(given, tokenizer), tokenizer)


def flat(
    given: Sequence[Segment], parts: Sequence[Sequence[int]], tokenizer: Tokenizer
) -> tuple[list[int], list[bool]]:
    """Segments with their tokens as `encoded` gives them: in one, after the BOS that the tokenizer would put."""
    trained = [segment.trained for segment, part in zip(given, parts, strict=True) for _ in part]
    ids = [id for part in parts for id in part]
    if ids[:1] != [tokenizer.bos_token_id] and adds_bos(tokenizer):
        return [tokenizer.bos_token_id, *ids], [False, *trained]
    return ids, trained


def encoded_parts(given: Sequence[Segment], tokenizer: Tokenizer) -> list[list[int]]:
    """The tokens of each segment, without a BOS that the text has not."""
    pattern, special = _special(tokenizer)
    texts, before = [], ""
    for segment in given:
        texts.append(before + segment.text)
        before = texts[-1][_last(pattern, texts[-1]) :]
    parts: list[list[int]] = []
    tail: list[int] = []
    """The tokens since the last special one."""
    for segment, both in zip(given, _ids_of(texts, tokenizer), strict=True):
        parts.append(both[len(tail) :] if both[: len(tail)] == tail else _apart(segment.text, tokenizer))
        tail += parts[-1]
        tail = tail[next((place for place in range(len(tail) - 1, 0, -1) if tail[place] in special), 0) :]
    return parts


def _apart(text: str, tokenizer: Tokenizer) -> list[int]:
    """After a special token, as some tokenizers put a blank before the first word of a text."""
    apart, alone = _ids_of([f"{tokenizer.eos_token}{text}", text], tokenizer)
    return apart[1:] if apart[:1] == [tokenizer.eos_token_id] else alone


def _ids_of(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[int]]:
    if not texts:
        return []
    # Half of a surrogate pair, which JSON may hold, has no bytes that a tokenizer could take: it becomes "?".
    sound = [text if text.isascii() else text.encode("utf-8", "replace").decode() for text in texts]
    found: Any = tokenizer(sound, add_special_tokens=False, verbose=False)["input_ids"]
    return [list(ids) for ids in found]


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last special token of a text begins; 0 where there is none."""
    place = 0
    for found in pattern.finditer(text):
        place = found.start()
    return place


def _special(tokenizer: Tokenizer) -> tuple[re.Pattern[str], frozenset[int]]:
    return _special_of(tokenizer, len(tokenizer), tuple(tokenizer.all_special_tokens))


@lru_cache(8)
def _special_of(tokenizer: Tokenizer, size: int, named: tuple[str, ...]) -> tuple[re.Pattern[str], frozenset[int]]:
    """A pattern of the special tokens, and their ids. `size` and `named` are there because tokenizers change."""
    del size
    texts = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    texts = {*texts, *named} - {tokenizer.unk_token}
    found: Any = tokenizer.convert_tokens_to_ids(sorted(texts))
    return any_of(texts), frozenset(found)


def visible(text: str, tokenizer: Tokenizer) -> str:
    """A text without its special tokens, as it is decoded for people."""
    return _special(tokenizer)[0].sub("", text)


def any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the texts, the longest first; blank ones (some tokenizers add "\\n") are ordinary text."""
    return re.compile("|".join(map(re.escape, sorted(filter(str.strip, texts), key=len, reverse=True))) or "(?!)")


def known_tokens(tokenizer: Tokenizer) -> re.Pattern[str]:
    """Whatever could end an answer: tokens that no text of a language becomes."""
    return any_of({token.content for token in tokenizer.added_tokens_decoder.values()} | {str(tokenizer.eos_token)})


TAG = re.compile(r"<(/?)([a-z_]{2,})>|\[(/?)(THINK|think)\]")
"""<think>, </tool_call> and the like: what stands in answers, where both sides of the pair are tokens."""
CONTROL = re.compile(
    r"[<\[({|｜]+[/_]*(?:fim|prefix|suffix|middle|repo_?name|file_?sep|filename|pad|mask|unk|cls|sep|bos|eos|sop|eop|"
    r"(?:begin|start|end)(?:_of_|of|▁of▁)(?:text|turn|sentence|utterance)|eo[mts](?:_id)?|im_(?:start|end|sep))"
    r"(?:[_▁|｜].*)?[>\])}|｜]+",
    re.IGNORECASE,
)
"""How families call the tokens that begin and end texts and turns, fill the middle of code or pad."""
NAMED = tuple(f"{name}_token" for name in ("bos", "eos", "pad", "unk", "sep", "cls", "mask"))


def controls(template: Template, tokenizer: Tokenizer) -> re.Pattern[str]:
    """Texts that would become control tokens, and so have no place in data: what begins and ends texts and turns, pads,
    fills the middle; and all special tokens that the template does not name.

    What it names beside those (<think>, <tool_call>, Llama 3's <|python_tag|>) belongs in answers: it is how the family
    writes them.
    """
    added = list(tokenizer.added_tokens_decoder.values())
    known = {token.content for token in added}
    always = {*ends_of(template), *(str(name) for each in NAMED if (name := getattr(tokenizer, each, None)))}

    def is_control(text: str, *, special: bool) -> bool:
        if _is_tag(text, known):
            return False
        named = text in template.source or text in template.for_tools
        return bool(CONTROL.fullmatch(text)) or text in template.scaffold or (special and not named)

    return any_of({token.content for token in added if is_control(token.content, special=token.special)} | always)


def _is_tag(text: str, known: set[str]) -> bool:
    bare = text.replace("/", "")
    return bool(TAG.fullmatch(text)) and {bare, f"{bare[0]}/{bare[1:]}"} <= known


def adds_bos(tokenizer: Tokenizer) -> bool:
    """Whether the tokenizer puts its BOS before a text by itself."""
    bos = tokenizer.bos_token_id
    return bos is not None and tokenizer("a")["input_ids"][:1] == [bos] != _ids_of(["a"], tokenizer)[0][:1]


def ends_of(template: Template) -> list[str]:
    """The tokens that end an answer: of words, and where it is another one of calls."""
    return list(dict.fromkeys(filter(None, (template.end, template.call_end))))


def stops(template: Template, tokenizer: Tokenizer) -> list[int]:
    """Where to stop: the tokens that are trained at the end of answers, and the tokenizer's end token."""
    found: Any = tokenizer.convert_tokens_to_ids(ends_of(template))
    return list(dict.fromkeys([*found, tokenizer.eos_token_id]))


def end_of(template: Template, tokenizer: Tokenizer) -> int:
    """The token that is trained at the end of every answer in words."""
    found: Any = tokenizer.convert_tokens_to_ids(template.end)
    return int(found)
