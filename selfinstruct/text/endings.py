"""Answers that break off: in a sentence, in a word, in a list, in a bracket, in a block of code.

What ends without a full stop need not break off: titles, names, numbers, list items, verse and code do. So an open end
counts where form tells: a comma, a word that no sentence ends with ("the", 因为), an empty item, something opened and
never closed; or where all sentences, or all items, before the last one are closed and the answer is long enough that
nobody forgot a full stop.
"""

from __future__ import annotations

import re
import unicodedata

from selfinstruct.text.later import later

__all__ = ["open_end"]

END = ".!?。！？…～~♪;；:："
CLOSING = "\"'”’」』》)）]】}*_`~>$"
HAN = later("[\u3400-\u9fff]")
SENTENCE_END = later(r"[.!?](?=[\s\"'”’)*])|[。！？]")
FENCE = later(r"^[ \t>]*(?:[-*\d.]+[ \t]+)?(`{3,}|~{3,})([^\n`]*)", re.MULTILINE)
ITEM = later(
    r"\s*(?:[-*•‣+](?=[\s\u3400-\u9fff])|\(?\d{1,3}[.)、．）]|\(?[A-Za-z][.)](?=\s)|[①-⑳]|（?[一二三四五六七八九十]{1,3}[、）])(?:\s+|(?<=[-•、）．])|\Z)"
)
EMPTY_ITEM = later(r"\s*(?:[-*•+](?:\s*\[[ xX]?\])?|\(?\d{1,3}(?:[.)、．）]|\Z))\s*(?:\*\*)?\s*\Z")
CODE = later(
    r"^\s*(?:def |class |import |from \w+ import|return\b|public |private |function\b|const |let |var |#include"
    r"|using |package "
    r"|SELECT |INSERT |UPDATE |CREATE |DELETE |<\?|print\(|console\.|if \(|for \(|while \(|for \w+ in |\$ |#!/"
    r"|try:|else:)"
    r"|[{};]\s*$|^\s*[\w.\[\]\"']+ ?(?:[-+*/]?=|:=|<-) ?\S|\w\(.*\)\s*$|^\s*</?\w+[^<>]*>\s*$|^\s*\w+\.\w+\(",
    re.MULTILINE,
)
SQL = later(r"\s*(?:```\w*\s+)?(?:SELECT|INSERT|UPDATE|DELETE|CREATE|WITH)\b")
SQL_GOES_ON = later(r"\b(?:SELECT|FROM|WHERE|AND|OR|ON|JOIN|BY|SET|VALUES|INTO|LIKE|IN)\Z")
SHELL_OPENS, SHELL_CLOSES = (
    later(r"\b(?:for|while|until|if)\b[^\n]*;[ \t]*(?:do|then)[ \t]*$", re.M),
    later(r"^[ \t]*(?:done|fi)\b|;[ \t]*(?:done|fi)\b", re.M),
)
"""What a loop or a condition of the shell begins with, and ends."""
MARKUP = later(r"\s*(?:<!DOCTYPE[^>]*>\s*)?<(html|svg|table|div|ul|ol|body|form|section|article)\b", re.IGNORECASE)
LETTER = later(
    r"(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|to whom|ladies|greetings)\b[^!?]{0,60}[,:]\Z"
    r"|(?:(?:kind|best|warm|looking forward|i look|hope to|talk soon|until|with|many|yours|very truly"
    r"|respectfully|cordially|sincerely|regards|cheers|love|thanks"
    r"|thank you|all the best|take care|see you|warmly|your)\b)[^.!?]{0,40},\Z"
    r"|(?:尊敬|亲爱|敬爱|您好|你好|各位|致)[^。！？]{0,30}[：:，,]\Z|.{0,12}(?:先生|女士|老师|同学|经理|教授)(?:们|您好|你好)?[：:，,]\Z",
    re.IGNORECASE,
)
"""How a letter begins, or ends before the name."""
OPEN_WANTED = later(
    r"\b(?:unfinished|incomplete|cliffhanger|(?:story|sentence) starters?|(?:first|opening) (?:line|sentence"
    r"|words?)|prefix"
    r"|stop ?words?|prepositions?|conjunctions?|articles?|salutation|fragments?|headers?|headlines?)\b"
    r"|未完|开头|上半句|前半句|虚词|介词|连词|停用词|称呼|病句|残句",
    re.IGNORECASE,
)
"""A task whose answer may well end openly."""

NEVER = frozenset(
    """
    the a an and or nor because although whereas unless my your our their its every whose between among than if
    during without within toward towards upon via per whether however therefore
    """.split()  # noqa: SIM905
)
"""What no sentence ends with …"""
SELDOM = frozenset(
    """
    to for with in on at by from of is are was were be been has have had can could will would should must may
    might that which who when where while as into about through so not this these those some any each no more most
    very also his her
    """.split()  # noqa: SIM905
)
"""… and what one seldom does, so that it counts only behind a whole sentence, or 15 words."""
NEVER_ZH = later(
    r"(?:以及|或者|因为|由于|但是|可是|不过|然而|而且|并且|如果|虽然|尽管|例如|比如|诸如|为了|对于|关于|根据|随着|通过|使得|然后|不仅|除了|以便"
    r"|从而|其中|包括|属于|位于|即使|只要|只有|无论|他们的|我们的|它们的"
    r"|(?<![温饱总缓柔平谐随祥共讲人])和|(?<![参给授])与|(?<![一两])把|(?<![棉纱覆])被|(?<![大麻即名武主虎])将|(?<![相面绝反针应核一])对"
    r"|(?<![存现内潜实外自所何旨])在|(?<![自理缘])由|(?<!服)从|(?<![方志走导])向|(?<![还就可不只])是|已经有|(?<![一二三])个|十[多几]"
    r")\Z"
)
DE = later(r"[^是，。！？、；：\s]{4,}的\Z")
"""…的, where no 是 before it makes a sentence of it (它是红色的)."""
BOLD_LINE = later(r"\*\*[^*\n]{1,60}\*\*[:：]?")
"""A heading as chat models write it."""
SPEAKER = later(r"(?:\*\*)?[^\W\d_][^:：.。\n]{0,24}[:：](?:\*\*)?\s*\S")
"""How a line of a dialogue begins, or a step."""
GOES_ON = later(
    r"\b(?:such as|as well as|due to|in order to|according to|rather than|instead of|because of|known as|including"
    r"|for example|for instance|along with)\Z",
    re.IGNORECASE,
)
"""What more must follow, in a text of any length."""

LONG, LONG_ZH = 20, 32
"""Words, and Chinese characters, from which on a last full stop is not just forgotten."""


def open_end(answer: str, asked: str = "") -> str | None:
    """How the answer breaks off; None when it does not, as far as form tells."""
    text = answer.rstrip()
    if not text or OPEN_WANTED.search(asked):
        return None
    if _open_fence(text):
        return "a block of code is open"
    lines = [line for line in text[-4_000:].split("\n") if line.strip()]
    last = lines[-1].strip()
    if FENCE.match(last) or (len(last) > 3 and asked.rstrip().endswith(last[-20:])) or last[0] in "—―–~":
        return None  # as in the question; who said it
    if found := _open_structure(text, lines, last):
        return found
    if SQL.match(text) and SQL_GOES_ON.search(last):
        return f"ends with {last.split()[-1]}"
    if _is_code(lines):
        if last.startswith(("#", "//")):
            return None
        if "{" in text and _open_bracket(_unquoted(text), "{", "}"):
            return "a bracket is open"
        if len(SHELL_OPENS.findall(text)) > len(SHELL_CLOSES.findall(text)):
            return "a loop is open"
        goes_on = last[-1] in ",([{=+-*&|" and _open_bracket(_unquoted(text), "([{", ")]}")
        return "a bracket is open" if goes_on or _open_bracket(_unquoted(last), "([{", ")]}") else None
    return _open_line(lines, last) or _open_words(last, _size(text)) or _no_mark(lines, last, text)


def _open_fence(text: str) -> bool:
    if "```" not in text and "~~~" not in text:
        return False
    opened = ""
    for fence in FENCE.finditer(text):
        if not opened:
            opened = fence[1]
        elif fence[1].startswith(opened) and not fence[2].strip():
            opened = ""
    return bool(opened)


def _open_structure(text: str, lines: list[str], last: str) -> str | None:
    """JSON, HTML, LaTeX and tables."""
    if text[0] in "{[" and _open_bracket(_unquoted(text[:200_000]), "{[", "}]"):
        return "JSON is open"
    if (tag := MARKUP.match(text)) and f"</{tag[1].lower()}" not in text.lower():
        return f"<{tag[1].lower()}> is open"
    if text.count("$$") % 2 or text.count("\\[") > text.count("\\]"):
        return "a formula is open"
    if text.count("\\begin{") > text.count("\\end{"):
        return "\\begin without \\end"
    rows = [line.strip() for line in lines[:-1] if line.lstrip().startswith("|")]
    if last.startswith("|") and rows and all(row.endswith("|") for row in rows) and not last.endswith("|"):
        return "a row of a table is open"
    if last.startswith("|") and len(rows) > 1 and last.count("|") < min(row.count("|") for row in rows):
        return "a row of a table is open"
    return None


def _is_code(lines: list[str]) -> bool:
    """Whether a third of the last lines, and the last one or the first, look like code."""
    tail = lines[-12:]
    found = [bool(CODE.search(line)) for line in tail]
    ends = found[-1] or found[0] or tail[-1].lstrip().startswith(("# ", "//"))
    return sum(found) * 3 >= len(tail) and ends and not HAN.search(tail[-1])


def _unquoted(text: str) -> str:
    return re.sub(r'"(?:[^"\\\n]|\\.)*"?', "", text)


def _open_bracket(text: str, opening: str, closing: str) -> bool:
    return sum(map(text.count, opening)) > sum(map(text.count, closing))


def _open_line(lines: list[str], last: str) -> str | None:
    """An empty item, a heading with nothing below, bold type, a bracket or a quotation that nothing closes."""
    if len(lines) > 1 and EMPTY_ITEM.match(last) and (ITEM.match(lines[-2]) or not last[-1].isdigit()):
        before = ITEM.match(lines[-2])
        if before and (not last.isdigit() or re.match(rf"\s*\(?{int(last) - 1}\D", lines[-2])):
            return "an item is empty"
    if len(lines) > 1 and re.match(r"#{1,6}\s+\S", last):
        return "nothing stands below a heading"
    if BOLD_LINE.fullmatch(last) and any(BOLD_LINE.fullmatch(line.strip()) for line in lines[:-1]):
        return "nothing stands below a heading"
    if len(re.findall(r"\*\*", last)) % 2 and re.search(r"(?:^|[\s.)、(:：])\*\*[^\s*][^*]*\Z", last):
        return "bold type is open"
    if last.rstrip(CLOSING)[-1:] in (*"。！？.!?…", "") or _is_symbol(last[-1]):
        return None
    for opening, closing in ("()", "（）", "“”", "「」", "『』", "《》"):
        inside = last.rpartition(opening)[2] if last.count(opening) > last.count(closing) else ""
        if (
            len(inside) > (2 if opening == "（" else 0)
            and closing not in inside
            and re.search(r"\w{2}|[\u3400-\u9fff]", last[: -len(inside)])
        ):
            return f"{opening} is open"
    inches = last.count('"') - len(re.findall(r'\\"|(?<=\d)"(?!\w)', last))
    odd = last.count('"') % 2 and inches % 2
    return "a quotation is open" if odd and not re.search(r'(?<!\s)"\W*\Z', last) else None


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk", "Mn", "Cf", "Cs")


def _open_words(last: str, size: float) -> str | None:
    """A sign or a word with which nothing ends."""
    if re.search(r"[:;]['-]?[(\[]\Z", last):
        return None  # a face
    if last[-1] in ",，、(（[“「《:：;；" and not LETTER.match(last):
        statement = last[-1] == ";" and (size < 4 or re.search(r"[(){}=<>\[\]]", last))
        return None if statement else f"ends with {last[-1]}"
    if re.search(r"[A-Za-z]-\Z", last) and size >= 5:
        return "ends with -"
    if HAN.match(last[-1]):
        found = NEVER_ZH.search(last)
        if found and len(last) >= 8:
            return f"ends with {found[0]}"
        return "ends with 的" if len(last) >= 15 and DE.search(last) and SENTENCE_END.search(last) else None
    words = last.split()
    word, before = words[-1], words[-2] if len(words) > 1 else ""
    listed = before.endswith(('"', ":", "/")) or (
        word not in ("and", "or") and all(each.endswith(",") for each in words[-3:-1])
    )
    if size < 5 or not word.isalpha() or not word.islower() or listed:
        return None
    if GOES_ON.search(last):
        return f"ends with “{word}”"
    item = ITEM.match(last)
    whole = SENTENCE_END.search(last, item.end() if item else 0) or (len(words) >= 15 and not item)
    return f"ends with “{word}”" if word in NEVER or (word in SELDOM and whole) else None


def _size(text: str) -> float:
    """Words; about two characters of Chinese make one."""
    return len(text.split()) + len(HAN.findall(text[:2_000])) / 2


def _closed(line: str) -> bool:
    line = line.rstrip().rstrip(CLOSING + " ")
    return not line or line[-1] in END


def _no_mark(lines: list[str], last: str, text: str) -> str | None:
    """No full stop, where each sentence, or item, before has one."""
    if last[-1] in END + CLOSING or not last[-1].isalpha() or re.search(r"https?://|www\.|[#@]\S+\Z", last):
        return None
    item = ITEM.match(last)
    others = [
        line for line in lines[:-1] if not line.lstrip().startswith(("#", "|")) and not LETTER.match(line.strip())
    ]
    if item:
        items = [line for line in others if ITEM.match(line)]
        said = _size(last[item.end() :])
        closed = len(items) >= 2 and all(line.rstrip()[-1:] in ".!?。！？；;" for line in items)
        sentences = [line for line in items if _size(line) >= 4]
        # A paragraph under each number may have whole sentences that end in a list, or so.
        mostly = bool(SENTENCE_END.search(last, item.end())) and sum(map(_closed, sentences)) >= 0.8 * len(sentences)
        return (
            "the last item has no end"
            if said >= (1 if len(items) > 2 else 1.5) and (closed or (mostly and len(sentences) > 1))
            else None
        )
    spoken = SPEAKER.match(last) and len(others) >= (1 if SENTENCE_END.search(last) else 2)
    if spoken and all(SPEAKER.match(line) and line.rstrip(CLOSING + " ")[-1:] in (*".!?。！？",) for line in others):
        return "the last line has no end" if _size(last) >= 3 else None
    short = len(others) == 3 and _size(last) < 0.75 * min(map(_size, others))
    verse = (len(others) > 3 or short) and all(
        _size(line) < 12 and line.rstrip()[-1] in ",，.。!！?？;；—" for line in others
    )
    if verse and _size(last) < 12:
        return "the last line has no end"
    chinese = len(HAN.findall(text[:500]))
    ends = list(SENTENCE_END.finditer(last))
    rest = last[ends[-1].end() :].strip(CLOSING + " ") if ends else last
    if ":" in rest or "：" in rest or not rest or rest[0] in "-—–":  # who said it
        return None
    long = chinese >= LONG_ZH if HAN.match(last[-1]) else _size(text) >= LONG
    whole = len(SENTENCE_END.findall(text[-4_000:]))
    if (
        not long
        or whole < (1 if chinese else 2 if _size(text) >= 30 else 1)
        or sum(map(_closed, others)) < 0.8 * len(others)
    ):
        return None
    enough = _size(rest) >= (1.5 if ends else 8 if chinese else 12)
    return "no full stop, where all before have one" if enough else None
