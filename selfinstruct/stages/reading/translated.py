"""Translations: which parts of an answer are the translated texts, and whether they are translations at all.

Asked to translate "Name three rivers.", small models name three rivers, in whatever language; others repeat the text,
or say what they translated and how. A translation has the length of its source and its lines, asks where that asks, and
is in the language that was wanted; what has to stay stands in it (text/kept.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from selfinstruct.stages.reading.plain import plain, unbold, unwrapped
from selfinstruct.stages.reading.prose import asks
from selfinstruct.stages.reading.task_labels import PLACEHOLDER
from selfinstruct.task import Reason
from selfinstruct.text.answering import ANY, NAMED, asked_in
from selfinstruct.text.kept import lost
from selfinstruct.text.language_names import Named
from selfinstruct.text.languages import CODE, QUOTED, other_language
from selfinstruct.text.later import later
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.tokens import tokens

__all__ = ["fault_of", "is_in", "tagged", "translated"]

_SAYS = later(
    r"\s*+(?:(?:sure|certainly|of course|okay|ok|absolutely)\b[^\n]{0,160}"
    r"|[^\n]{0,60}\btranslat(?:ion|ed)\b[^\n]{0,80}:|(?:好的?|当然|没问题)[，,！!。][^\n]{0,80}"
    r"|[^\n]{0,30}(?:译文|翻译)[^\n]{0,30}[:：])[ \t]*\n",
    re.IGNORECASE,
)
_HEAD = later(
    r"\s*+[*_#\[【]{0,3}(?:(?:the )?translation|translated (?:task|text)|instruction|task|译文|翻译|指令|任务)"
    r"[*_\]】]{0,3}[ \t]*(?:[:：][*_]{0,2}|\n)[ \t]*\n?",
    re.IGNORECASE,
)
_NOTE = later(
    r"\n[ \t]*[(（*_]{0,3}(?:note|translator['’]s note|explanation|please note|i (?:have )?(?:kept|translated|left)"
    r"|let me know|注|说明|译注|备注|注意|翻译说明|如需)[*_]{0,2}(?:\b|[:：，])[\s\S]*\Z",
    re.IGNORECASE,
)
_INPUT = later(
    r"^[*_#\[【]{0,3}(?:input|输入)[*_\]】]{0,3}[ \t]*(?:[:：][*_]{0,2}[ \t]*\n?|\n)", re.IGNORECASE | re.MULTILINE
)
_ANY_TAG = later(r"<([^<>/\s]{1,20})>\s*((?:(?!<\1>).)*?)\s*</\1>", re.DOTALL)
_ASKS = later(r"[?？؟;]\s*[\"”’')」]*\s*\Z")
_UNASKED = ("ja", "th", "lo", "km", "my", "dz", "zh")
"""Languages in which a question may do without its mark; in Chinese it then has one of these words."""
_BIDS_ZH = later(
    "[^，。]{0,12}?(?:[求把将用按从对据试选举讲谈告计解找算]|判断|证明|化简|比较|指出|描述|介绍|分析|翻译)"
)
_ASKS_ZH = later(
    r"[吗呢么嘛]|什么|哪|谁|几|多少|多[大高长久远]|如何|怎|为何|何|是否|[是有能会可]不[是会能可]|有没有|请|说|写|列|给"
)
_STATED_ZH = later(r"[^，。！？\n]{2,15}(?:是|叫|有|位于|等于)[^的，\n]{1,20}[。！]?")
_LISTED_ZH = later(r"[^，。！？\n、]{1,12}(?:[、，,]\s?[^，。！？\n、]{1,12}){2,40}[。.]?")
_FEW = 8
"""Letters without which a text has no words to translate: 6 m, x, A."""
_SHORTEST, _LONGEST, _SLACK = 0.4, 2.3, 8.0
"""How much less and more a translation says, by `_weight`, and by how many words a short one may be longer still."""


def tagged(parts: Mapping[str, str]) -> str:
    """The texts as a prompt shows them: each between tags of its name, on lines of its own."""
    return "\n".join(f"<{name}>\n{text.strip()}\n</{name}>" for name, text in parts.items())


def translated(answer: str, parts: Mapping[str, str], *, strict: bool = False) -> tuple[dict[str, str], list[str]]:
    """The texts of the answer by the names of the parts, as many as it has, and what it says around them.

    strict      whether it was asked for as JSON
    """
    if (found := _of_json(answer, parts)) is not None:
        return found, []
    text, remarks = _bare(answer)
    if strict and text.startswith("{"):
        return {}, remarks
    found, rest = _of_tags(text, parts)
    if not found:
        found, rest = _of_labels(text, parts), ""
    return found, [remark for remark in (*remarks, rest) if re.search(r"\w", remark)]


def _bare(answer: str) -> tuple[str, list[str]]:
    """The answer without a greeting and the notes below it."""
    remarks = list[str]()
    text = plain(answer)
    while len(remarks) < 3 and (says := _SAYS.match(text)):
        remarks.append(says[0].strip())
        text = text[says.end() :]
    text, more = unwrapped(text)
    if note := _NOTE.search(text):
        remarks.append(note[0].strip())
        text = text[: note.start()]
    return text.strip(), [*remarks, *more]


def _of_json(answer: str, parts: Mapping[str, str]) -> dict[str, str] | None:
    """Of an object with these keys, and no others; None of anything else."""
    text = unwrapped(answer)[0].strip()
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start or len(text) - (end - start) > 300:
        return None
    try:
        value = json.loads(text[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or ("instruction" in parts and "instruction" not in value):
        return None
    return {name: value[name].strip() for name in parts if isinstance(value.get(name), str)}


def _of_tags(text: str, parts: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """What stands between the tags, which a model may have translated, too; and what stands outside of them."""
    found, at, outside = dict[str, str](), 0, list[str]()
    low, names = text.lower(), list(parts)
    for number, name in enumerate(names):
        # A model that begins with the task once more ends with the translation.
        opening = low.find(f"<{name}>", at) if number else low.rfind(f"<{name}>", 0, low.rfind(f"<{names[-1]}>") + 1)
        if opening < 0:
            break
        begins = opening + len(name) + 2
        following = [low.find(f"<{later_}>", begins) for later_ in names[number + 1 : number + 2]]
        limit = next((place for place in following if place >= 0), len(text))
        closing = low.rfind(f"</{name}>", begins, limit)
        ends = closing if closing >= 0 else limit
        outside.append(text[at:opening])
        found[name] = text[begins:ends].strip()
        at = closing + len(name) + 3 if closing >= 0 else limit
    if found:
        return found, "\n".join(filter(None, (part.strip() for part in (*outside, text[at:]))))
    few = _ANY_TAG.findall(text) if text.count("<") <= 4 * len(parts) + 40 else []
    others = [(tag, inside) for tag, inside in few if tag not in "".join(parts.values())]
    if len(others) == len(parts):
        return dict(zip(parts, (inside for _, inside in others), strict=True)), ""
    return {}, ""


def _of_labels(text: str, parts: Mapping[str, str]) -> dict[str, str]:
    """Of an answer without tags: one text is all of it; of two the second begins at its label, or in its paragraph."""
    head = _HEAD.match(text)
    text = unbold(text[head.end() :] if head else text).strip() if len(parts) < 3 else text
    text = re.sub(r"</?(?:translation|task|译文|翻译|任务)>", "", text).strip()
    names = list(parts)
    if len(names) == 1:
        return {names[0]: _unquoted(text, parts[names[0]])} if text else {}
    if len(names) == 2 and names[0] == "instruction":
        if label := _INPUT.search(text):
            return {"instruction": text[: label.start()].strip(), "input": text[label.end() :].strip()}
        paragraphs, wanted = _paragraphs(text), [len(_paragraphs(part)) for part in parts.values()]
        if len(paragraphs) == sum(wanted):
            cut = wanted[0]
            return {"instruction": "\n\n".join(paragraphs[:cut]), "input": "\n\n".join(paragraphs[cut:])}
    return {}


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def _unquoted(text: str, source: str) -> str:
    """Without quotation marks around all of it that the source has not."""
    pairs = {'"': '"', "“": "”", "「": "」", "«": "»"}
    closing = pairs.get(text[:1])
    inside = text[1:-1]
    alone = closing and text.endswith(closing) and not {text[0], closing} & set(inside) and source[:1] not in pairs
    return inside.strip() if alone and inside.strip() else text


def is_in(text: str, language: Named) -> bool:
    """Whether a task is surely in the language already."""
    if language.code in ("en", "zh"):
        return asked_in(text) == language.code and _variant(text, language)
    return bool(language.code) and other_language(text, "en") == language.code


def _variant(text: str, language: Named) -> bool:
    """Chinese in the other kind of characters is to be translated."""
    if "Traditional" not in language.en:
        return True
    return not re.search("[们这个说话时对会国学发过还为问请]", text)


def fault_of(parts: Mapping[str, str], said: Mapping[str, str], language: Named) -> Reason | None:
    """Why these texts are no translation of the parts into the language; None where they are.

    The first part is the request itself, or the beginning of a conversation; the others are what it works on.
    """
    about = next(iter(parts.values()))
    for name, source in parts.items():
        if not said.get(name, "").strip() and source.strip():
            return Reason("no translation in the answer", f"the {name} is missing")
    for number, (name, source) in enumerate(parts.items()):
        if fault := _part_fault(source, said[name], language, about, is_request=not number):
            return fault if not number else fault._replace(detail=f"{name}: {fault.detail}".rstrip(": "))
    whole = "\n".join(said.values())
    for source in parts.values():
        if missing := lost(source, whole, language.code):
            return missing
    return None


def _part_fault(source: str, said: str, language: Named, about: str, *, is_request: bool) -> Reason | None:
    if PLACEHOLDER.fullmatch(said.strip()) and not PLACEHOLDER.fullmatch(source.strip()):
        return Reason("no translation in the answer", said.strip()[:60])
    if is_refusal(said, "") and not is_refusal(source, ""):
        return Reason("refusal")
    if found := _untranslated(source, said, language):
        works_on_words = not is_request and (ANY.search(about) or NAMED.search(about) or _WORDS.search(about))
        if not works_on_words:
            return Reason("not translated", found)
        return None
    return _obeyed(source, said, language, is_request=is_request)


_WORDS = later(
    r"\b(?:gramma\w*|spelling|spell\w*|punctuat\w*|typos?|tense|plural|singular|synonyms?|antonyms?|rhym\w*|anagrams?|letters?"
    r"|syllables?|verbs?|nouns?|adjectives?|parts? of speech|capitali[sz]\w*|sentence|words?|rewrite|rephrase"
    r"|paraphrase|proofread|idioms?)\b"
    r"|语法|错别字|拼写|标点|近义|反义|押韵|词性|改写|病句|成语|造句",
    re.IGNORECASE,
)
"""What is done to words of a language: there the input may stay as it is."""


def _untranslated(source: str, said: str, language: Named) -> str:
    """The language that it is in, or that it is the source itself; "" of a translation, and of what has no words."""
    prose = _prose(source)
    if sum(map(str.isalpha, prose)) < _FEW:
        return ""
    if _folded(source) == _folded(said):
        return "the text itself"
    if not language.code:
        return ""
    for part in (said, *_paragraphs(said)):  # a model may begin in the language, and go on in another one
        if found := other_language(_prose(part) or part, language.code):
            return found
    if language.code == "zh":
        letters = [char for char in _prose(said) if char.isalpha()]
        han = sum("\u3400" <= char <= "\u9fff" for char in letters)
        return "no Chinese" if letters and 5 * han < len(letters) else ""
    source_words, words = tokens(prose), tokens(_prose(said))
    same = len(set(source_words) & set(words))
    alike = len(words) > 3 and same > 0.7 * len(set(words)) and not source_words[0][:1] >= "\u3400"
    return "most words are the source's" if alike and language.code != "en" else ""


def _prose(text: str) -> str:
    """Without code, links, tags and what is quoted."""
    bare = CODE.sub(" ", text)
    quoted = QUOTED.sub(" ", bare)
    return quoted if any(map(str.isalpha, quoted)) else bare


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _weight(text: str) -> float:
    """How much a text says, about in English words: of Han 1.6 characters, of kana 2.2, else 5 letters make one."""
    found = 0.0
    for char in text:
        if "\u3040" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3":
            found += 1 / 2.2
        elif "\u3400" <= char <= "\u9fff":
            found += 1 / 1.6
        elif char.isalnum():
            found += 1 / 5
    return found


def _obeyed(source: str, said: str, language: Named, *, is_request: bool) -> Reason | None:
    """Whether it does what the source asks for, by its length, its lines, or that it asks nothing any more."""
    given, made = _weight(source), _weight(said)
    if made > _LONGEST * given + _SLACK:
        return Reason("no translation, but an answer", f"{made / max(given, 1):.1f} times as long")
    if made < _SHORTEST * given - 3:
        return Reason("no translation of all of it", f"{made / given:.1f} times as long")
    lines, before = (len([line for line in text.split("\n") if line.strip()]) for text in (said, source))
    if lines > 2 * before + 2:
        return Reason("no translation, but an answer", f"{lines} lines of {before}")
    if is_request and _ASKS.search(source.strip()) and source.strip()[-1:] != ";" and not _still_asks(said, language):
        return Reason("no translation, but an answer", "a question that asks nothing any more")
    if is_request and language.code == "zh" and asks(source) and _answers(said) and not _answers(source):
        return Reason("no translation, but an answer", "it states, or lists, what the task asks for")
    return None


def _answers(said: str) -> bool:
    """Whether a short text in Chinese is a list or a statement that asks for nothing."""
    return (
        not _ASKS_ZH.search(said) and not asks(said) and bool(_STATED_ZH.fullmatch(said) or _LISTED_ZH.fullmatch(said))
    )


def _still_asks(said: str, language: Named) -> bool:
    if re.search(r"[?？؟;՞]", said):
        return True
    if language.code == "zh":
        return bool(_ASKS_ZH.search(said) or (_BIDS_ZH.match(said) and not _answers(said)))
    return language.code in _UNASKED or not language.code
