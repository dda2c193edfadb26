"""Words for nothing: inputs that say that there is none ("<noinput>", "N/A", 无), and answers that leave their place
open ("<nooutput>", "[your answer]", "TBD", 略).

One row a kind, with an example and where it comes from; the tests try every row. A row is looked for in a whole field,
whatever quotation marks, brackets, stars and stops stand around it; in a text it is a word like any other.

Some words for nothing are answers ("Which of them is prime?" "None"), or what a task works on ("Translate the word."
"nothing"): they count only where the task, if it is known, speaks against that.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.text.later import later
from selfinstruct.text.seams import is_blank
from selfinstruct.text.wanted import looks_for, wants_text

__all__ = ["ANSWERS", "INPUTS", "PLACES", "Nothing", "no_answer", "no_input", "open_place"]


class Nothing(NamedTuple):
    words: str
    """A pattern of the whole field, in any case, once what stands around the words is gone."""
    example: str
    source: str
    """Who writes it so."""
    common: bool = False
    """Whether the words may be meant: as an input where the task works on a word, as an answer unless the task wants a
    text written."""


_TOLD = "(?:needed|required|necessary|provided|given|available|specified|supplied|applicable|expected|included)"
_MORE = "(?:additional|further|specific|extra|external|particular|explicit|other|user)"
_THIS = "(?:(?:the|this) (?:task|instruction|question|prompt|problem|request|one))"
_FOR = rf"(?: for {_THIS})?"
_INPUT = "(?:inputs?(?: ?(?:data|texts?|values?))?|context|(?:input )?data|information|details)"
_INPUT_ZH = "(?:输入|輸入)(?:内容|數據|数据|信息|文本|資料)?"
_NO_ZH = "(?:无|無|没有|沒有|不需要|不需|无需|無需|不用|无须|未提供|没有提供|未给出|暂无|暫無)"
_MORE_ZH = "(?:提供)?(?:任何|额外|額外|其他|其它|特定|具体)?的?"

INPUTS: tuple[Nothing, ...] = (
    Nothing("no ?inputs?", "<noinput>", "Stanford Alpaca's prompt; 60 of 5,000 published rows kept one"),
    Nothing(
        rf"(?:there (?:is|was|are) )?(?:no|without(?: an| any)?)(?: {_MORE})? (?:inputs?(?: (?:data|texts?|values?))?)"
        rf"(?: (?:is|was|are))?(?: {_TOLD})?{_FOR}",
        "No additional input is needed for this task.",
        "chat models asked for an input",
    ),
    Nothing(
        rf"(?:no|without(?: any)?)(?: {_MORE})? (?:context|(?:input )?data|information|details)"
        rf"(?:(?: (?:is|was|are))? {_TOLD}{_FOR})?",
        "No context provided",
        "models that call the input its context",
    ),
    Nothing(
        rf"(?:{_INPUT}(?: (?:is|was))?:? (?:none|n/a|empty|left blank|not {_TOLD})|not {_TOLD}){_FOR}",
        "Input not required",
        "chat models; Qwen writes the label once more",
    ),
    Nothing(
        rf"{_THIS} (?:(?:does not|doesn['’]t) (?:need|require|have)(?: an| any)?|(?:needs|requires|has) no)"
        rf"(?: {_MORE})? {_INPUT}",
        "This instruction does not require any input.",
        "chat models",
    ),
    Nothing(r"n ?/ ?a|n\.a|(?-i:NA)|not applicable", "N/A", "Alpaca's data, chat models"),
    Nothing(rf"(?:none|nothing)(?: is| was)?(?: {_TOLD})?{_FOR}", "None", "Alpaca's data, small instruct models", True),
    Nothing(
        r"null|nil|void|(?:an? |the )?(?:empty|blank)(?: (?:input|string|field|text))?"
        r"|(?:(?:intentionally )?left|leave(?: this)?)(?: intentionally)? (?:blank|empty)",
        "null",
        "models that think in JSON",
        common=True,
    ),
    Nothing("[-–—]{1,5}|[/\\\\]", "-", "tables and forms; / in Chinese ones"),
    Nothing(
        rf"{_NO_ZH}{_MORE_ZH}{_INPUT_ZH}",
        "无需额外输入",
        "BELLE's prompt (<无输入>), Qwen and other Chinese models",
    ),
    Nothing(
        rf"{_INPUT_ZH}(?:为|為|是)?[:：]?(?:无|無|空|不需要|不适用|没有)|(?:本|此|该|這個|这个)(?:任务|指令|题|题目|问题)?"
        rf"{_NO_ZH}{_MORE_ZH}{_INPUT_ZH}",
        "此任务无需输入",
        "Chinese chat models",
    ),
    Nothing(
        "(?:无|無|暂无|暫無|不适用|不適用|不需要|无需|無需|不用|未提供|没有提供)(?:任何|额外|其他)?"
        "(?:内容|信息|数据|材料|提供)?",
        "（无）",
        "Chinese models",
    ),
    Nothing("没有|沒有|空|空白|留空", "空", "Chinese models", common=True),
    Nothing("入力(?:は|が)?(?:なし|無し|不要|ありません)(?:です)?|該当なし|特になし", "入力なし", "Japanese models"),
    Nothing("なし|無し|不要", "なし", "Japanese models", common=True),
    Nothing("입력(?:값|은|이)? ?(?:없음|필요 ?없음|없습니다)|해당 ?없음", "입력 없음", "Korean models"),
    Nothing("없음", "없음", "Korean models", common=True),
    Nothing(
        "(?:keine?|aucune?|pas d['’]|sans|sin|ninguna|sem|nenhuma|nessun|senza|нет|без)"
        " ?(?:eingabe(?: (?:erforderlich|nötig|notwendig))?|entrée(?: requise)?|entrada|input|ввода|входных данных)"
        "|no aplica|não (?:aplicável|se aplica)|non applicabile|non applicable|nicht (?:zutreffend|erforderlich)"
        "|entfällt|не (?:требуется|применимо)",
        "Keine Eingabe",
        "models asked in German, French, Spanish, Portuguese, Italian, Russian",
    ),
    Nothing("keine?|aucune?|ningun[oa]|nenhuma?|nessun[oa]|нет", "keine", "the same", common=True),
)
"""What says that there is no input."""

_A = r"(?:your|the|an?|insert|enter|add|write|type|provide|put|fill in|expected|correct|model|sample)"
_TEXT = r"(?:output|response|answer|label|result|text|reply|solution|completion|content)"
_TEXT_ZH = "(?:答案|回答|输出|輸出|回复|结果|内容|文本|标签)"

ANSWERS: tuple[Nothing, ...] = (
    Nothing("no ?output", "<nooutput>", "Alpaca's data: where a picture or a website was asked for"),
    Nothing(
        rf"no {_TEXT}(?: (?:is|was))? (?:needed|required|necessary|generated|expected)(?: here|{_FOR})?",
        "No output required",
        "chat models",
    ),
    Nothing("n ?/ ?a|n\\.a|not applicable", "N/A", "Alpaca's data, chat models"),
    Nothing(
        "tb[adc]|to ?do|to be (?:determined|added|announced|decided|completed|provided|written|filled(?: in)?|done)"
        "|coming soon|placeholder|work in progress",
        "TBD",
        "drafts by people",
    ),
    Nothing(r"\.{2,}|…+|[-–—]{1,5}|_{2,}|\?{2,}|x{3,}", "...", "models that shorten a list of examples"),
    Nothing(
        rf"(?:{_A} )+{_TEXT}(?: (?:goes|comes|stands))? here|{_TEXT} (?:goes )?here|{_TEXT} (?:omitted|redacted)",
        "Your answer here",
        "models that fill in a form",
    ),
    Nothing(
        r"(?:to ?do|fixme|tb[adc])\W+(?:add|write|fill in|insert|complete|finish|describe|answer)\b.{0,60}",
        "TODO: write this",
        "drafts by people, and code models",
    ),
    Nothing(r"no \w{3,20}s? (?:is |are )?available", "No suggestion available.", "chat models", common=True),
    Nothing(r"object object", "[object Object]", "scripts that print an object of JavaScript"),
    Nothing(r"answers? (?:will|may|can) vary", "Answers will vary.", "answer keys of school books"),
    Nothing(
        "无(?:输出|回答|回复)|無輸出|待(?:定|公布|添加|更新|续|补充|填写|完善|补|填)|(?:答案|此处|内容|以下|下)?(?:从|省)?略|不适用|不適用"
        f"|(?:请)?(?:在)?此处?(?:填写|输入|写下|插入)(?:您的|你的)?{_TEXT_ZH}?|(?:您|你)的{_TEXT_ZH}|[此这]处?[为是]{_TEXT_ZH}|答案见[^，。]{{1,8}}"
        f"|暂无{_TEXT_ZH}|暂缺|敬请期待|稍后(?:补充|更新)|(?:正在)?(?:编写|完善|建设)中",
        "略",
        "Chinese models and exercise books",
    ),
    Nothing(
        rf"no (?:{_TEXT}|results)(?: (?:available|provided|given|found))?", "No answer", "chat models", common=True
    ),
    Nothing(
        rf"(?:none|nothing|not) {_TOLD}|none|nothing|null|nil|undefined|empty|blank|nan|content|placeholder text",
        "None",
        "chat models; Python's",
        common=True,
    ),
    Nothing(
        "无|無|没有|沒有|空|暂无.{0,4}|暫無.{0,4}|无答案|没有答案|没有输出|无内容|空白|留空|なし|없음",
        "无",
        "Chinese, Japanese and Korean models",
        common=True,
    ),
)
"""What stands in an answer's place and is none."""

PLACES: tuple[Nothing, ...] = (
    Nothing(
        rf"[<\[{{(][ _-]{{0,3}}(?:{_A} )*{_TEXT}\b(?: (?:\d{{1,2}}|here|goes here|text|of [\w ]{{1,40}}"
        r"|to [\w ]{1,40}|for [\w ]{1,40}))?[ _-]{0,3}[>\]})]",
        "[output]",
        "models that repeat the form they were asked to fill in",
    ),
    Nothing(
        rf"[<\[{{](?:{_A} )*(?:input|sentence|paragraph|passage)(?: (?:\d{{1,2}}|here|text|goes here))?[>\]}}]",
        "<input>",
        "the same",
    ),
    Nothing(
        r"[<\[{](?:your|insert|fill in|add|write|type|provide|enter) [^<>\[\]{}\n]{2,60}[>\]}]",
        "[insert the poem]",
        "letters by models; Alpaca's data",
    ),
    Nothing(
        r"[<\[（(【](?:请)?(?:在(?:此|这里|此处))?(?:插入|填写|填入|输入|写下|写上|补充)[^<>\[\]【】（）()\n]{1,16}[>\]）)】]",
        "<插入理由>",
        "Chinese models",
    ),
    Nothing(rf"【(?:输入|{_TEXT_ZH})】|[<\[（(【](?:您|你)的[^\n]{{1,20}}[>\]）)】]", "【答案】", "Chinese models"),
    Nothing(r"\.{3,}|…+", "…", "models that shorten a list of examples"),
)
"""Places left open: the brackets tell them from a word."""

_AROUND = "… \t\r\n\u3000\u200b\ufeff\"'`´*_“”‘’「」『』<>《》〈〉＜＞()（）[]【】{}｛｝\\.。!！,，;；:："
_BRACKETS = re.sub(r"[…./_\\]", "", _AROUND)
"""The same for what consists of signs: "-", "...", "___"."""
_LONGEST = 120
"""Characters of the longest field that is looked at."""
_SPACES = later(r"[\s_]+")
_EMPTY = later(r"\"\"|''|``|“”|‘’|「」|<>|（）")

_WORD = later(
    r"\b(?:words?|translat\w+|spell\w*|synonyms?|antonyms?|opposites?|terms?|pronoun\w*|letters?|syllables?|rhym\w+"
    r"|values?|keywords?|sign|symbols?|operators?|characters?|punctuation|morse|string|key|emoticons?|smileys?)\b"
    r"|词|翻译|单词|汉字|拼音|字母|符号|标点|运算符|颜文字|摩[尔斯]斯|电码|的字",
    re.IGNORECASE,
)
"""A task that works on a word or a sign."""
_EXTRACTS = later(
    r"\b(?:extract|find|detect|fill(?: in| out)?|complete the (?:table|form))\b|填写|提取|抽取|找出", re.IGNORECASE
)
"""A task that looks in a text for what may not be there, so that "N/A" says so."""


def no_input(text: str, task: str = "") -> bool:
    """Whether a whole field says that there is no input, or is empty: "<noinput>", "N/A", "None", "-", 无.

    `task` is its instruction, where that is known: what "Translate the word." is given may be "nothing", and so
    may what it names itself ("Say nil.").
    """
    if is_blank(text) or _EMPTY.fullmatch(text.strip()):
        return True
    found = _found(text, _INPUTS)
    return found is not None and not (found.common and (_WORD.search(task) or _names(task, text)))


def no_answer(text: str, task: str = "") -> bool:
    """Whether a whole answer is none: it is empty, says so ("<nooutput>", "N/A") or leaves its place open ("[output]",
    "TBD", "…").

    `task` is the instruction, with the input if there is one. What it names ("Reply N/A if it is missing.") is an
    answer; and "None", "Nothing", "No answer" and 无 are, unless the task is known and wants a text written.
    """
    if is_blank(text):
        return True
    found = _found(text, _ANSWERS) or (open_place(text) and PLACES[0])
    if not found or _names(task, text):
        return False
    if found.example == "N/A" and _EXTRACTS.search(task):
        return False
    if found.common:
        return wants_text(task) and not looks_for(task)
    return bool(re.search(r"\w", text)) or not _WORD.search(task)


def open_place(text: str) -> bool:
    """Whether a whole field leaves its place open: "[input]", "<your text here>", "[insert the poem]", 【答案】."""
    text = text.strip(" \t\n\"'`*.。")
    return len(text) <= _LONGEST and any(row.fullmatch(text) for row in _PLACES)


class _Rows(NamedTuple):
    any: re.Pattern[str]
    """All of them at once: nearly every field is none, and is done with after one look (2 µs instead of 27)."""
    each: tuple[tuple[re.Pattern[str], Nothing], ...]


def _found(text: str, rows: _Rows) -> Nothing | None:
    """The row that the text is, without what stands around it."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    words = _SPACES.sub(" ", text.strip(_AROUND))
    signs = text.strip(_BRACKETS)
    forms = {words, words.replace("-", " ")} if any(map(_is_word, words)) else {signs, signs.rstrip(".")}
    if not any(map(rows.any.fullmatch, forms)):
        return None
    return next((row for pattern, row in rows.each for form in forms if pattern.fullmatch(form)), None)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _names(task: str, text: str) -> bool:
    """Whether the task has the words of the text in it, which it may want as an answer; where it speaks of an output
    "No output" is one. An input that says that there is none names nothing.
    """
    task = "\n".join(line for line in task.split("\n") if not no_input(line))
    words = re.sub(r"[\s_-]+", " ", text.strip(_AROUND)).casefold()
    words = "output" if words == "no output" else words
    edges = (r"(?<!\w)", r"(?!\w)") if words.isascii() else ("", "")
    return bool(re.search(r"\w", words) and re.search(re.escape(words).join(edges), task, re.IGNORECASE))


def _compiled(rows: tuple[Nothing, ...]) -> _Rows:
    together = later("|".join(f"(?:{row.words})" for row in rows), re.IGNORECASE)
    return _Rows(together, tuple((later(row.words, re.IGNORECASE), row) for row in rows))


_INPUTS, _ANSWERS = _compiled(INPUTS), _compiled(ANSWERS)
_PLACES = tuple(later(row.words, re.IGNORECASE) for row in PLACES)
