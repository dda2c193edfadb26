"""The 25 kinds of instructions of IFEval (2311.07911), each with a checker of our own: does a text follow it?

A checker gets the text and the instruction's arguments, by their published names. In what the published code decides
plainly these decide alike, its oddities included where a prompt of the published 541 depends on them. They differ on
purpose where that code needs a download or knows English only:
- sentences are told by their marks, not by a model (nltk's punkt), which also counts "1." as one;
- languages are told by the script and py3langid, not by langdetect; Chinese is zh, of whatever kind;
- of Chinese each character is a word, 。！？ end a sentence, ， is a comma, “…” and 「…」 are double quotation marks;
- a keyword is a text, not a pattern: "C++" is found.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from selfinstruct.text.languages import CODES, likeliest_language
from selfinstruct.text.later import later

__all__ = ["CHECKS", "follows", "sentences", "words"]

Arguments = Mapping[str, Any]

HAN = r"\u3400-\u9fff"
_WORD = later(rf"[{HAN}]|[^\W{HAN}]+")
_SIMILAR = later(r"\w+")
_TOKEN = later(r"[^\W_]+(?:[-'’.&/][^\W_]+)*")
_BULLET = later(r"^[^\S\n]*(?:\*[^*\n]|-).*$", re.MULTILINE)
_PLACE = later(r"\[[^\[\]\n]*\]")
_LIGHT, _BOLD = later(r"\*[^\n*]*\*"), later(r"\*\*[^\n*]*\*\*")
_TITLE_ZH = later(r"《([^《》\n]+)》")
_FENCED = later(r"```(?:json|JSON|Json)?(.*?)(?:```)?\Z", re.DOTALL)
_END = later(
    r"(?P<mark>(?<![.!?])[.!?]++|(?<![。！？…])[。！？…]++)[\"'”’)\]*_」』]*+(?=\s|\Z|[^\x00-\x7f]|(?<=[。！？…])|(?<=[”’」』]))"
)
_BEFORE = later(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|e\.g|i\.e|cf|fig|vol|approx|dept|est|gen|col|sgt|rev|hon|inc|ltd|co|corp"
    r"|a\.m|p\.m|u\.s|u\.k|ph\.d|no)|(?<!\w)[A-HJ-Za-hj-z]|(?:\n[ \t]*|[.!?:]\s{1,3})\d{1,3})\Z",
    re.IGNORECASE,
)
"""What a full stop abbreviates, numbers or lists, and does not end. (After "etc." a capital begins a sentence.)"""
_CLOSED = later(r"\b(?:etc|a\.m|p\.m|u\.s|u\.k|ph\.d|inc|ltd|co|corp)\Z", re.IGNORECASE)
_OPTION_ZH = later(
    r"(?:我的)?(?:答案|回答)(?:是|为)?[:：]?\s*[“「\"']?(?:是的?|不是?|否|肯定|也许|可能|不确定|对|不对)"
)
OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "less than": lambda found, wanted: found < wanted,
    "at least": lambda found, wanted: found >= wanted,
    "at most": lambda found, wanted: found <= wanted,
    "more than": lambda found, wanted: found > wanted,
    "exactly": lambda found, wanted: found == wanted,
}
"""The first two are the published ones."""


def words(text: str) -> int:
    """As published, runs of letters, digits and _; and each Chinese character."""
    return len(_WORD.findall(text))


def sentences(text: str) -> int:
    """Ends of sentences, and what is left after the last one; no full stops of abbreviations and lists."""
    many = last = 0
    for end in _END.finditer(text):
        start = end.start()
        before = text[start - 12 : start] if start >= 12 else f"\n{text[:start]}"
        after = text[end.end() : end.end() + 40].lstrip()
        if end["mark"] == "." and _BEFORE.search(before):
            closes = _CLOSED.search(before) and (not after or (after[0].isupper() and after[0].isascii()))
            if not closes and not (not after and not before.strip().isdigit()):
                continue
        if end["mark"] != "." and after[:1].islower():
            continue  # "Really?" she asked.
        many += any(map(str.isalnum, text[last:start]))
        last = end.end()
    return many + any(map(str.isalnum, text[last:]))


def _keywords(text: str, given: Arguments) -> bool:
    return all(_text(word).lower() in text.lower() for word in _list(given["keywords"]))


def _frequency(text: str, given: Arguments) -> bool:
    return _related(text.lower().count(_text(given["keyword"]).lower()), given, "relation", "frequency")


def _forbidden(text: str, given: Arguments) -> bool:
    """As words by themselves; of Chinese, which has no spaces, wherever they are."""
    return not any(_has_word(text, _text(word)) for word in _list(given["forbidden_words"]))


def _has_word(text: str, word: str) -> bool:
    apart = "" if re.search(f"[{HAN}]", word) else r"\w"
    around = (rf"(?<!{apart})", rf"(?!{apart})") if apart else ("", "")
    return bool(re.search(f"{around[0]}{re.escape(word)}{around[1]}", text, re.IGNORECASE))


def _letter(text: str, given: Arguments) -> bool:
    return _related(text.lower().count(_text(given["letter"]).lower()), given, "let_relation", "let_frequency")


def _language(text: str, given: Arguments) -> bool:
    """Where there is nothing to tell it by, it is followed, as published."""
    wanted = _text(given["language"]).lower().partition("-")[0]
    if wanted not in CODES:
        raise ValueError(f"the language {wanted!r} cannot be told")
    return likeliest_language(text) in ("", wanted)


def _paragraphs(text: str, given: Arguments) -> bool:
    """Between *** each; nothing before the first *** or after the last is none, but nothing between two is a fault."""
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", text)]
    return all(parts[1:-1]) and sum(map(bool, parts)) == _number(given["num_paragraphs"])


def _first_word(text: str, given: Arguments) -> bool:
    """So many paragraphs, with an empty line between two, and the word at the beginning of one of them."""
    parts = text.split("\n\n")
    many, place = sum(bool(part.strip()) for part in parts), _number(given["nth_paragraph"])
    if many != _number(given["num_paragraphs"]) or not 1 <= place <= many or not (part := parts[place - 1].strip()):
        return False
    wanted = _text(given["first_word"]).lower()
    if re.search(f"[{HAN}]", wanted):
        return part.lstrip("'\"“「").startswith(wanted)
    return re.split(r"[.,?!'\"]", part.split()[0].lstrip("'\"“").lower(), maxsplit=1)[0] == wanted


def _postscript(text: str, given: Arguments) -> bool:
    marker = _text(given["postscript_marker"]).strip()
    usual = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    return bool(re.search(usual.get(marker, re.escape(marker.lower())), text.lower()))


def _options(text: str, given: Arguments) -> bool:
    return any(option in text for option in OPTIONS) or bool(_OPTION_ZH.match(text.strip()))


def _highlights(text: str, given: Arguments) -> bool:
    """*So* and **so**, that say something. The published code counts both ways, and ***so*** twice."""
    light = sum(bool(one.strip("*").strip()) for one in _LIGHT.findall(text))
    return light + sum(bool(one[2:-2].strip()) for one in _BOLD.findall(text)) >= _number(given["num_highlights"])


def _sections(text: str, given: Arguments) -> bool:
    mark = re.escape(_text(given["section_spliter"]).strip())
    return len(re.findall(rf"{mark}\s?\d+", text)) >= _number(given["num_sections"])


def _json(text: str, given: Arguments) -> bool:
    fenced = _FENCED.fullmatch(text.strip())
    try:
        json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return False
    return True


def _title(text: str, given: Arguments) -> bool:
    for line in text.split("\n"):
        start, end = line.find("<<"), line.rfind(">>")
        if 0 <= start < end and line[start:end].strip("<>").strip():
            return True
    return any(any(map(str.isalnum, one)) for one in _TITLE_ZH.findall(text))


def _two(text: str, given: Arguments) -> bool:
    parts = [part.strip() for part in text.split("******")]
    said = [part for part in parts if part]
    return all(parts[1:-1]) and len(said) == 2 and said[0] != said[1]


def _ending(text: str, given: Arguments) -> bool:
    return text.strip().strip('"”').lower().endswith(_text(given["end_phrase"]).strip().lower())


def _quoted(text: str, given: Arguments) -> bool:
    text = text.strip()
    return len(text) > 1 and text[0] + text[-1] in ('""', "“”", "「」", "『』")


def _capital_words(text: str, given: Arguments) -> bool:
    found = sum(word.isupper() for word in _TOKEN.findall(text))
    return _related(found, given, "capital_relation", "capital_frequency")


def _english(text: str) -> bool:
    return likeliest_language(text.lower()) in ("", "en")


# What arguments are. A file may have anything: ValueError says what is wrong.


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} is no number")
    return int(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{value!r} is no list of words")
    return value


def _related(found: int, given: Arguments, relation: str, wanted: str) -> bool:
    if (name := given[relation]) not in RELATIONS:
        raise ValueError(f"the relation {name!r} is none of {', '.join(RELATIONS)}")
    return RELATIONS[name](found, _number(given[wanted]))


Check = Callable[[str, Arguments], bool]
CHECKS: dict[str, Check] = {
    "keywords:existence": _keywords,
    "keywords:frequency": _frequency,
    "keywords:forbidden_words": _forbidden,
    "keywords:letter_frequency": _letter,
    "language:response_language": _language,
    "length_constraints:number_sentences": lambda text, given: _related(
        sentences(text), given, "relation", "num_sentences"
    ),
    "length_constraints:number_paragraphs": _paragraphs,
    "length_constraints:number_words": lambda text, given: _related(words(text), given, "relation", "num_words"),
    "length_constraints:nth_paragraph_first_word": _first_word,
    "detectable_content:number_placeholders": lambda text, given: (
        len(_PLACE.findall(text)) >= _number(given["num_placeholders"])
    ),
    "detectable_content:postscript": _postscript,
    "detectable_format:number_bullet_lists": lambda text, given: (
        len(_BULLET.findall(text)) == _number(given["num_bullets"])
    ),
    "detectable_format:constrained_response": _options,
    "detectable_format:number_highlighted_sections": _highlights,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:json_format": _json,
    "detectable_format:title": _title,
    "combination:two_responses": _two,
    "combination:repeat_prompt": lambda text, given: (
        text.strip().lower().startswith(_text(given["prompt_to_repeat"]).strip().lower())
    ),
    "startend:end_checker": _ending,
    "startend:quotation": _quoted,
    "change_case:capital_word_frequency": _capital_words,
    "change_case:english_capital": lambda text, given: text.isupper() and _english(text),
    "change_case:english_lowercase": lambda text, given: text.islower() and _english(text),
    "punctuation:no_comma": lambda text, given: not Counter(text).keys() & {",", "，"},
}
"""By the published names."""


def follows(name: str, given: Arguments, text: str) -> bool:
    """Whether the text follows the instruction; an empty one follows none. Raises ValueError for arguments that are not
    what the instruction needs, and KeyError for an instruction that is none of the 25.
    """
    check = CHECKS[name]
    try:
        return bool(text.strip()) and check(text, given)
    except KeyError as missing:
        raise ValueError(f"{name} lacks {missing.args[0]}") from None
