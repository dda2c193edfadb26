"""The final answer of a solution, in English and Chinese, and whether two of them are the same.

final("…, so that 3 + 4 = 7.\\n#### 7") == "7"; final("所以小明一共有 7 个苹果。") == "7"; key("7 个苹果") == key("7")
comes_to("The capital of France is Paris.", "Paris"); not comes_to("It is 42 or 43.", "42")
"""

from __future__ import annotations

import re

from selfinstruct.text.expressions import value
from selfinstruct.text.later import later
from selfinstruct.text.normal import plain

__all__ = ["comes_to", "final", "key", "same"]

LONGEST = 2_000
"""Characters at the end of a solution that are looked at, and of its beginning where the answer stands there."""
SHORT = 80
"""Characters of an answer that is nothing but one."""

_BOXED = later(r"\\(?:boxed|fbox)\s*(?=\{)|\\boxed\s+(?P<bare>[\w.]+)")
_HASHES = later(r"^[ \t]*####[ \t]*(\S[^\n]*)$", re.MULTILINE)
_BOLD = r"(?:[*_]{1,3})?[ \t]*"
_LABEL = later(
    r"(?:\b(?:the|my|our)\s+)?(?:\b(?:final|correct|right|best)\s+)*\b(?:answers?|choice|option)\b[ \t]*"
    rf"{_BOLD}(?:to\s+(?:the|this)\s+\w+\s+)?"
    rf"(?:(?:is|are|would be|should be|must be|will be|=)\b[ \t]*[:：]?|[:：=])[ \t]*{_BOLD}\n?[ \t]*(?P<en>\S[^\n]*)"
    rf"|(?:最终|正确|最后|标准|参考)?的?(?:答案|结果|答)[ \t]*{_BOLD}(?:[:：]|就?[是为]|应该?[是为]|等于)[ \t]*[:：]?"
    rf"[ \t]*{_BOLD}\n?[ \t]*(?P<zh>\S[^\n]*)"
    r"|(?:故|应|该|因此|所以|正确)?(?:本题)?(?:应该?)?选择?(?:项)?[ \t]*[:：]?[ \t]*"
    r"(?P<pick>[（(]?[A-J][)）]?)(?![A-Za-z])",
    re.IGNORECASE,
)
_SO = later(
    r"^[^\w\n]*(?:so|thus|therefore|hence|in total|altogether|in conclusion|finally|consequently"
    r"|所以|因此|因而|故|综上|总之|一共|总共|共)",
    re.IGNORECASE,
)
_IT_IS = later(
    r"^(?:it|this|that|there|the\s+(?:result|total|sum|value))\s+(?:is|are|equals?)\s+(?=\S)|^(?:这|它|结果)(?:是|为|等于)",
    re.IGNORECASE,
)
_SENTENCE = later(r"(?<=[.!?])\s+(?=[^\d\s])|(?<=[。！？；])\s*|\n+")
_FIRST_SENTENCE = later(r"(?<![\d.])\.(?=\s|\Z)|(?<=\d)\.(?=\s+[A-Z]|\s*\Z)|[。！？；]|[!?;](?=\s|\Z)|,\s+(?=[a-z])|，")
_NUMBER = later(
    r"[-−]?(?:\\?\$\s*)?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?(?:\s*\\?%)?"
    r"|\\d?frac\s*\{[^{}]*\}\s*\{[^{}]*\}"
)
_MATHS = later(r"\$\$?([^$\n]+)\$\$?|\\\(([^\n]+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_AROUND = "*_`\"'“”‘’「」 \t\n.。,，;；:：!！"
_CHOICE = later(
    r"(?:option|choice|选项)?\s*[（(\[]?\s*([A-J])\s*[)）\]]?(?:\s*[.):：、．].*|\s*)|[（(\[]([a-j])[)）\]](?:\s.*)?",
    re.DOTALL,
)
_WORD = later(
    r"(?:(?P<yes>yes|true|是的?|对的?|正确)|(?P<no>no|false|否|不是|不对|错误?的?|不正确))(?=\s*(?:[,.;:!，。；：！]|\Z))"
    r"|(?P<right>correct|right)\Z|(?:incorrect|wrong)\Z",
    re.IGNORECASE,
)
_HAN_NUMBER = later(r"负?[零〇一二两三四五六七八九十百千万]+")
_BEFORE_HAN = later(r"^(?:一?共|总共|大?约|还?有|是|为|得|剩下?)+")
_HAN = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_EQUALS = later(r"\s*(?:\b(?:is\s+)?(?:equals?(?:\s+to)?|makes)\b|等于|得)\s*(?=[-−\\$(]?\s*\d)", re.IGNORECASE)
_ARTICLES = later(r"^(?:the|an?)\s+|(?<![。.!！?？,，;；:：])[。.!！?？,，;；:：]++$|[*_`\"“”]", re.IGNORECASE)
_NOT = later(r"\b(?:not|never|neither|cannot)\b|n['’]t\b|不是|并非|不等于", re.IGNORECASE)
_IS = later(r"(?:\b(?:is|are|was|were|be|equals?|called|named)\s|[:=]\s?|[是为叫选])(?:the |an? |[\"'“‘「(]){0,2}\Z")
"""What a sentence ends in before its answer: "The capital is Paris."."""
_OR = later(r"\b(?:or|maybe|perhaps|might|could)\b|或|也许|可能")


def final(text: str) -> str:
    """What a solution comes to, without the words around it; "" where it does not say.

    In this order: the last \\boxed{…}, the last line that begins with ####, what is called the answer (答案是 …, 故选B)
    last; the last number, or formula, of a last sentence, first of one that begins with so, therefore, 所以, 因此;
    the whole of a short text.
    """
    said = text.strip()
    if not said:
        return ""
    if (boxed := _boxed(said)) is not None:
        return boxed
    if hashes := _HASHES.findall(said):
        return _clean(hashes[-1][:LONGEST])
    tail = said[-LONGEST:]
    labels = list(_LABEL.finditer(tail))
    for found in reversed(labels):
        rest = found["en"] or found["zh"] or found["pick"]
        if phrase := _phrase(rest):
            return phrase
    if len(said) <= SHORT and not _SENTENCE.search(said[:-1]) and not _SO.match(said):
        return _after_equals(_clean(_IT_IS.sub("", said)))
    return _concluded(tail)


def _boxed(text: str) -> str | None:
    """What the last box holds."""
    text = text[-LONGEST:]
    for found in reversed(list(_BOXED.finditer(text))):
        rest = text[found.end() :]
        if found["bare"]:
            return found["bare"]
        depth = 0
        for at, char in enumerate(rest):
            depth += (char == "{") - (char == "}")
            if not depth:
                return _clean(rest[1:at]) or None
    return None


def _phrase(rest: str) -> str:
    """The answer that a line begins with, once it has been said that it is one."""
    rest = rest.strip()
    if (boxed := _boxed(rest)) is not None:
        return boxed
    if (maths := _MATHS.match(rest.lstrip("*_ "))) and (inner := _clean(next(filter(None, maths.groups()), ""))):
        return _after_equals(inner)
    end = _FIRST_SENTENCE.search(rest)
    phrase = _clean(rest[: end.start()] if end and end.start() else rest)
    return _after_equals(phrase)


def _concluded(tail: str) -> str:
    sentences = [one for one in _SENTENCE.split(tail) if one and re.search(r"\w", one)]
    concluding = [one for one in sentences[-3:] if _SO.match(one.strip())]
    for sentence in (*reversed(concluding), *sentences[-1:]):
        if maths := _MATHS.findall(sentence):
            return _after_equals(_clean(next(filter(None, maths[-1]))))
        if numbers := list(_NUMBER.finditer(sentence)):
            return _clean(numbers[-1][0])
    return ""


def _after_equals(text: str) -> str:
    """Of 3 + 4 = 7 and of "3 plus 4 equals 7" the 7; of y = 2x + 1 all."""
    left, equal, right = _EQUALS.sub("=", text).rpartition("=")
    return (
        _clean(right)
        if equal and right.strip() and re.search(r"\d", left) and not re.search(r"[<>!≤≥]$", left)
        else text
    )


def _clean(text: str) -> str:
    text = text.strip()
    if _MATHS.fullmatch(text):
        text = next(filter(None, _MATHS.fullmatch(text).groups()), "")  # type: ignore[union-attr]
    stripped = text.strip(_AROUND).strip()
    if stripped[:1].isdigit() and text.partition(stripped)[0].endswith("."):
        stripped = f".{stripped}"  # .5 is no 5
    return stripped if stripped or not text else text


def key(answer: str, *, percent: bool = False) -> str:
    """The same for answers that are the same: of a number or a formula its value, of a choice its letter, of yes and no
    and what means that in Chinese one of these; else the words, their case and the marks around them aside.
    "" of none.
    """
    text = plain(answer.strip())
    bare = _clean(text)
    if not bare:
        return ""
    if choice := _CHOICE.fullmatch(bare):
        return f"choice {(choice[1] or choice[2]).upper()}"
    if word := _WORD.match(bare):
        return "yes" if word["yes"] or word["right"] else "no"
    if (found := value(text, percent=percent)) is not None:
        return f"= {found}"
    if (found := _only_number(bare, percent)) is not None:
        return f"= {found}"
    return " ".join(_ARTICLES.sub("", bare.casefold()).split())


def _only_number(text: str, percent: bool) -> str | None:
    """Of "7 apples", "约 3.5 公里" or "三个" the number; None where there is none, or more than one."""
    numbers = _NUMBER.findall(text)
    if len(text) <= SHORT and len(numbers) == 1 and not re.search(r"[=<>^]|[A-Za-z]\d", text):
        return value(numbers[0], percent=percent)
    text = _BEFORE_HAN.sub("", text)
    han = _HAN_NUMBER.match(text)
    if han and not numbers and len(text) <= SHORT and len(text) - han.end() <= 3:
        return _of_han(han[0])
    return None


def _of_han(text: str) -> str | None:
    """三十五 is 35."""
    total, digit, sign = 0, 0, -1 if text[0] == "负" else 1
    for char in text.lstrip("负"):
        if char == "万":
            total, digit = (total + digit) * 10_000, 0
        elif char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        else:
            digit = digit * 10 + _HAN[char]
    return str(sign * (total + digit))


def same(one: str, other: str) -> bool:
    """Whether two final answers are the same: 50% is 0.5 as well as 50."""
    first, second = key(one), key(other)
    if not first or not second:
        return False
    return first == second or ("%" in one + other and key(one, percent=True) == key(other, percent=True))


def comes_to(answer: str, reference: str) -> bool:
    """Whether a solution comes to what the reference does: a number, a choice or a short text, whatever stands around
    it. Any doubt is a no, and an essay comes to nothing but itself.
    """
    ours, theirs = _bare(answer), _bare(reference)
    if not theirs or ours == theirs:
        return bool(theirs)
    wanted = final(reference) or reference.strip()
    said = final(answer) or answer.strip().rpartition("\n")[2]
    if len(wanted) > SHORT:
        return False
    if _NOT.search(said) and key(wanted) not in ("yes", "no"):
        return False
    if same(said, wanted):
        return True
    sentence, bare = _bare(said), _bare(wanted)
    before = sentence.removesuffix(bare)
    return before != sentence and bool(_IS.search(before)) and not _OR.search(before)


def _bare(text: str) -> str:
    """In one case, without articles and marks around it, a blank where there were several."""
    return " ".join(_ARTICLES.sub("", plain(text).strip(_AROUND).casefold()).split()).strip(_AROUND)
