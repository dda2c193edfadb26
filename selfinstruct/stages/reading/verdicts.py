"""Verdicts as models write them: equal or different, yes or no, and (in grades.py) a number. None: it cannot be read.

The first word counts, as our prompts ask for it there; else what the text calls its verdict or conclusion; else its
statements, where they all say the same. A sentence that merely mentions both says nothing.
"""

from __future__ import annotations

import re
from typing import Any

from selfinstruct.stages.reading.grades import as_said, number_in_verdict, value_in_json, without_questions
from selfinstruct.text.later import later

__all__ = ["UNREADABLE", "equal_in_verdict", "number_in_verdict", "yes_in_verdict"]

UNREADABLE = "no verdict in the answer"
"""The category of the remark on an answer that gives none."""

_BROKEN_OFF = later(r"(?:[\w ]{0,20}:\s*)?(?:not|是|不|并不?)\W*", re.IGNORECASE)
"""What may become yes or no when more of it comes."""

# Equal or different

_OPTIONS = later(
    r"\b(?:equal|same|identical)\s*(?:or|/|\||,)\s*(?:they\s+are\s+)?(?:not|different|unequal)\b(?:\s+equal\b)?"
    r"|\bdifferent\s*(?:or|/|\|)\s*(?:equal|the\s+same|same)\b|相同\s*(?:或者?|还是|/|、)\s*不(?:相)?同|是否(?:相同|一样|等同)"
    r"|(?:相同|一样)不(?:相同|一样)|whether\s+[^.?!\n]{0,60}",
    re.IGNORECASE,
)
"""The choice itself, repeated."""
_HEADED = later(
    r"\A\W*(?:(?:\d{1,2}[.)]|[A-Za-z答][.):])\s+|答:|(?:verdict|answer|结论|答案)\n|(?:equal|same|相同)\s*[:=](?=\s*(?:yes|no|是|否)))",
    re.IGNORECASE,
)
"""Before a verdict: a number or a letter, a label on a line of its own, "Equal: no"."""
_THINGS = (
    r"(?:things?|tasks?|questions?|requests?|information|outcomes?|results?|outputs?|conditions?|requirements?|answers?|content"
    r"|as|in|and|but|or|because|since|with|for|that|to|by|overall|both|depth|goal|purpose|instructions?|problem)\b"
)
_ALIKE = (
    r"(?:equal(?!\s+(?:number|amount|parts?|to\s+\d))|identical|equivalent|alike"
    rf"|(?:the\s+)?same(?!\s+(?!{_THINGS})\w))\b"
)
_OTHER = r"(?:different|differs?|differing|unequal|inequal|non-?equivalent|inequivalent|distinct|dissimilar)\b"
_ALIKE_ZH = r"(?:相同|一样|等同|一致|相等|等价|同一个|无异)(?!点|之处|的(?!要求|任务|问题|条件|内容|事)[一-鿿])"
_OTHER_ZH = (
    r"(?:并?不(?:完全|尽|太|是(?:完全)?)?(?:相同|一样|同|等同|等价|等|一致|相等)|并?非(?:完全)?(?:相同|一样)"
    r"|(?:有(?:所|些|着)?|存在)[^,。;\n]{0,6}(?:不同|区别|差异|差别)|相异)"
)
_SAYINGS = later(
    rf"(?P<alike0>\b(?:not|no|n't)\s+(?:really\s+|any\s+|significantly\s+)?{_OTHER}|(?:没有?|并?无)(?:任何|什么|明显|本质)?(?:区别|不同|差异|差别))"
    rf"|(?P<other0>(?:\bnot|n't|\bnever|\bneither|\bhardly|\bcannot\s+be)\b[^,.;:\n]{{0,30}}?\b{_ALIKE})"
    rf"|(?P<other1>\b{_OTHER}|{_OTHER_ZH})|(?P<alike1>\b{_ALIKE}|{_ALIKE_ZH})",
    re.IGNORECASE,
)
_PARTLY = later(r"\s*(?:in|on)\s+(?:their\s+)?(?!both|all|every|that|essence|short)\w+", re.IGNORECASE)
"""Equal in depth is not equal."""
_BUT = later(r"\b(?:but|however|except|although|though|yet|while|whereas)\b|但|不过|只是|除了|然而|而是", re.IGNORECASE)
_LEAD = later(
    r"\W*(?:(?:final\s+)?(?:verdict|answer|conclusion|result|judg(?:e)?ment|结论|答案|判断|回答)\W+(?:is\s+|为|是)?)?"
    r"(?:(?:(?:yes|no)\b|是的|是|否|不)\W+)?"
    r"(?:(?:they|these|those|both|it|this|(?:the|these|those|both)(?:\s+two|\s+2)?(?:\s+of\s+(?:them|these))?(?:\s+given)?"
    r"\s*(?:tasks?|questions?|instructions?|prompts?|requests?)?|tasks?)\s+(?:are|is|was|were|ask\s+for|seem|look|would\s+be)\s+"
    r"|(?:这|那)?(?:两|二)?[个项道]?(?:任务|者|题|问题|指令)?(?:的要求|要求)?(?:是|都)?)?"
    r"(?:(?:the|essentially|basically|fundamentally|effectively|exactly|practically|clearly|completely|entirely|quite|very|considered"
    r"|almost|nearly|in\s+fact)\s+|(?:完全|基本上?|本质上|实际上|实质上|几乎|都|是)*)*",
    re.IGNORECASE,
)
_SUBJECT = later(
    r"\b(?:they|these|those|tasks?|both|two|it|questions?|requests?|instructions?|prompts?|ask(?:s|ing)?)\b|任务|两|二者|要求|问题|指令|它们",
    re.IGNORECASE,
)
_CONCLUSION = later(
    r"(?:\b(?:final|verdict|conclusion|overall|therefore|thus|hence|in\s+summary)\b|\b(?:so|answer|result)\s*[:,]|(?:结论|最终|因此|所以|综上|总之|判断))",
    re.IGNORECASE,
)
_SENTENCE = later(r"[^.!?。;\n]+")
ALONE = later(r"\W*(?:\w+\W*:\W*)?(?:not\s+)?[\w一-鿿]+\W*")


def equal_in_verdict(text: str, *, cut: bool = False) -> bool | None:
    """Whether the two are found equal. `cut`: the answer broke off; its last sentence may have gone on otherwise."""
    is_json, value = value_in_json(text, ("equal", "same", "verdict", "answer", "result", "结论", "相同"))
    if is_json:
        return value if isinstance(value, bool) else equal_in_verdict(value) if _is_plain(value) else None
    said = _HEADED.sub("", without_questions(_OPTIONS.sub(" ", as_said(text))))
    if cut and _BROKEN_OFF.fullmatch(said):
        return None
    sentences = [sentence for sentence in _SENTENCE.findall(said) if sentence.strip()]
    if not sentences:
        return None
    unsure = cut and not text.rstrip(' \t*_"').endswith((".", "。", "\n", "!", "！"))
    if unsure and not (len(sentences) == 1 and ALONE.fullmatch(sentences[0])):
        sentences.pop()
    first = _first_saying(sentences[0]) if sentences else None
    if first is not None:
        return first
    concluding = [sentence for sentence in sentences if _CONCLUSION.search(sentence)]
    for sentence in reversed(concluding):
        if len(found := _sayings(sentence[_last_end(sentence) :])) == 1:
            return found.pop()
    found = {saying for sentence in sentences if _SUBJECT.search(sentence) for saying in _sayings(sentence)}
    agreed = _yes_no(said)
    if not found and not any(_SAYINGS.search(sentence) for sentence in sentences):
        doubts = not sentences or _BUT.search(sentences[0])
        return None if doubts else agreed
    return found.pop() if len(found) == 1 and agreed in (None, *found) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and not value.lstrip().startswith("{")


def _first_saying(sentence: str) -> bool | None:
    """The verdict that the sentence begins with, after a label, a subject and such words as "essentially"."""
    lead = _LEAD.match(sentence)
    start = lead.end() if lead else 0
    saying = _SAYINGS.match(sentence, start) or _SAYINGS.match(sentence)
    if not saying:
        return None
    alike, rest = _is_alike(saying), sentence[saying.end() :]
    first = not sentence[: saying.start()].strip(" \t:,-") or ":" in sentence[: saying.start()]
    if not alike and first and re.match(r"\s*(?:\Z|[^\w\s]|because|since|as\b|in\s+that|but)", rest):
        return False
    if _PARTLY.match(rest) or len(_sayings(sentence)) != 1 or (alike and _BUT.search(rest)):
        return None
    agreed = _yes_no(sentence)
    return alike if agreed in (None, alike) else None


def _sayings(sentence: str) -> set[bool]:
    found = set()
    for saying in _SAYINGS.finditer(sentence):
        found.add(_is_alike(saying))
        if _PARTLY.match(sentence, saying.end()):
            found |= {True, False}
    return found


def _is_alike(saying: re.Match[str]) -> bool:
    return (saying.lastgroup or "").startswith("alike")


def _last_end(sentence: str) -> int:
    return max((found.end() for found in _CONCLUSION.finditer(sentence)), default=0)


# Yes or no

_HEDGE = later(
    r"yes[\s-]*(?:or|/|and|&|\|)[\s-]*no\b|no[\s-]*(?:or|/|and)[\s-]*yes\b"
    r"|not\s+(?:sure|certain|necessarily|enough|clear|always|applicable|possible|really\s+sure)\b"
    r"|no\s+(?:idea|answer|way|problem|worries|one|information|context|clear\s+answer)\b|n/a\b|none\b"
    r"|是或否|是/否|是否(?!(?:为|是|属于)?分类(?:任务)?\s*:)|是不是|不(?:确定|一定|好说|清楚|知道|能|用谢|客气|太确定)|也许|可能|或许|未必|看情况"
    r"|maybe\b|perhaps\b|possibly\b|it\s+depends\b|depends\b|both\b",
    re.IGNORECASE,
)
_KIND_ZH = r"(?:一?[个项种道])?[^\W非不否]{0,4}分类"
_YES = later(
    r"(?:yes|yeah|yep|yup|correct|true|affirmative|indeed)\b(?!-)"
    rf"|嗯?[,，]?(?:(?:这|它|这个任务|该任务|此任务)?(?:是|属于|算){_KIND_ZH}|是的(?!确)|(?:是|属于)[啊呀]?(?!\w)"
    r"|(?:对|正确|没错|肯定)[的啊呀]?(?!\w))"
    r"|(?:a\s+|binary\s+|text\s+)*classification(?:\s+task)?[.!]?\s*(?:\n|\Z)|分类任务?[.。!]?\s*(?:\n|\Z)",
    re.IGNORECASE,
)
_NO = later(
    r"(?:no|nope|nah|false|incorrect|negative)\b(?!-)|not\s+(?:(?:a|an|really|exactly|yes)\b\s*)*(?:[\w-]+\s+)?(?:classification|yes)\b"
    r"|not\s*(?:really|at\s+all)?\s*(?:[.,!;\n]|\Z)|(?:a\s+)?non-?classification\b"
    r"|(?:这|它|这个任务|该任务|此任务)?(?:不是|不属于|不算|并非|并不是)|不(?:对|正确)?(?!\w)|否(?!\w)|非分类|(?:错误?|否定)[的]?(?!\w)|非(?!\w)"
    r"|(?:是|属于)非[^\W是]{0,4}分类|(?:是|属于)(?:一[个项种道])?(?![^,。\n]{0,12}分类)[^,。\n]{1,8}(?:任务|问题|题)"
    r"|没有(?:固定|有限|明确)的?[^,。\n]{0,4}(?:标签|类别|选项|答案)",
    re.IGNORECASE,
)
_NAMED = later(
    r"\W*(?:(?:option\s+)?(?:\d{1,3}|[A-Za-z])[.):]\s+|(?:A|Q):\s*"
    r"|(?:(?:the|my|final|correct|is)\s+)*(?:answer|verdict|classification|result|output|response|label|conclusion)"
    r"(?:\s*(?:task|question))?\s*(?:\?|:|=|-|\bis\b)+\s*(?:that\s+)?"
    r"|(?:是否|是不是)?(?:为|是|属于)?分类(?:任务)?\s*:\s*|(?:最终)?(?:答案?|回答|结论|判断|输出)\s*(?::|是|为)\s*"
    r"|i\s*(?:would|'d|’d)?\s*(?:say|think|believe|answer|guess)\s*(?:that\b)?\W*|in\s+my\s+opinion\W*|我(?:认为|觉得)\W*"
    r"|(?:so|therefore|thus|hence|因此|所以|综上)\W+)",
    re.IGNORECASE,
)
_KINDS = (
    r"(?:text[- ]|language[- ])?(?:generation|writing|creative|open-?ended|rewriting|translation|summari[sz]ation"
    r"|generative|extraction|regression|editing|brainstorming|question[- ]answering)"
)
_STATED = later(
    r"\b(?:it|this(?:\s+\w+)?|that|(?:the|this)\s+(?:\w+\s+)?(?:task|instruction|question|one|answer))\s*"
    r"(?:['’]s|\b(?:is|was|does|(?:can|could|would|should)(?:\s+not)?\s+be|qualifies\s+as|counts\s+as|falls\s+under"
    r"|involves|requires|calls\s+for))(?:\s+not|n['’]t|\s+hardly)?"
    r"\s+(?:(?!not\b|no\b|if\b|whether\b|about\b|like\b|than\b)[\w-]+\s+){0,5}?"
    rf"(?:(?P<non>non-?\s?)?classif(?:ication|y)|(?P<other>{_KINDS}))\b(?!\s+or\b)",
    re.IGNORECASE,
)
_STATED_ZH = later(rf"(?:这|它|任务|题)[^,。\n是不属]{{0,6}}?(?P<not>不|并非|并不)?(?:是|属于|算){_KIND_ZH}")
_FINALLY = later(
    r"(?:\b(?:(?:final\s+)?answer|verdict|conclusion|therefore|thus|hence|so)\b\W*(?:the\s+answer\s+)?(?:is\b|it\s+is\b)?"
    r"|(?:答案|结论|因此|所以|综上|最终)\W*(?:答案)?(?:是|为)?)\W*",
    re.IGNORECASE,
)
_LAST = later(r"[.,;:!。\n][ \t]*(?=(?:yes|no|是的?|否|不是)[.!。]?\s*\Z)", re.IGNORECASE)
_DENIED = later(r"\bnot\b|n['’]t\b|\bhardly\b", re.IGNORECASE)
_NEXT_TASK = later(r"^[ \t]*(?:task|任务)[ \t]*\d*[:]", re.IGNORECASE | re.MULTILINE)


def yes_in_verdict(text: str, *, cut: bool = False) -> bool | None:
    """Whether the answer is yes: the task is one of classification. `cut`: the answer broke off."""
    is_json, value = value_in_json(
        text, ("classification", "is_classification", "answer", "verdict", "label", "是否分类任务")
    )
    if is_json:
        return value if isinstance(value, bool) else yes_in_verdict(value) if _is_plain(value) else None
    said = without_questions(as_said(text))
    if next_task := _NEXT_TASK.search(said):
        said = said[: next_task.start()].strip()  # what a base model goes on with
    if cut and _BROKEN_OFF.fullmatch(said):
        return None
    return _yes_no(said)


def _yes_no(said: str) -> bool | None:
    at, word = 0, _word(said, 0)
    for _ in range(4):
        if word is not None or not (named := _NAMED.match(said, at)):
            break
        at = named.end()
        word = _word(said, at)
    if word is not None:
        return word if isinstance(word, bool) else None
    stated = {
        not (denied or found["non"] or found["other"])
        for found in _STATED.finditer(said)
        if not ((denied := _DENIED.search(found[0])) and found["other"])
    }
    stated |= {not found["not"] for found in _STATED_ZH.finditer(said)}
    if last := _LAST.search(said):
        word = _word(said, last.end())
        return word if isinstance(word, bool) else None
    finals = [word for found in _FINALLY.finditer(said) if isinstance(word := _word(said, found.end()), bool)]
    if finals:
        return finals[-1]
    return stated.pop() if len(stated) == 1 else None


def _word(said: str, at: int) -> bool | str | None:
    """Yes or no at this place; "" for a word that leaves it open; None for anything else."""
    start = later(r"[\W_]*").match(said, at)
    place = start.end() if start else at
    if _HEDGE.match(said, place):
        return ""
    if _YES.match(said, place):
        return True
    return False if _NO.match(said, place) else None
