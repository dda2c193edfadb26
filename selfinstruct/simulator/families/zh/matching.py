"""What counts as the same answer in Chinese: 31 and ３１ and 三十一, 元 and 块, "答案是31。", lists with other signs.

A test tells whether a text is the answer; `said` also looks for one after words that only lead to it. Whatever else
stands beside the answer, a 不 or a second candidate among it, makes it wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.vocabulary import from_hanzi, in_hanzi
from selfinstruct.text.later import later

__all__ = [
    *("Test", "about", "as_clock", "as_date", "as_item", "as_list", "as_text", "as_weekday", "normal"),
    *("as_quantity", "said", "same"),
]

Test = Callable[[str], bool]

# Texts.

_PAIRS = ("“”", "‘’", "「」", "『』", '""', "''", "``")


def _half(text: str) -> str:
    """In half width where there is one; what is small and raised or in a circle stays: 3² is not 32."""
    return "".join(c if unicodedata.category(c) == "No" else unicodedata.normalize("NFKC", c) for c in text)


def normal(text: str) -> str:
    text = " ".join(_half(text).split()).rstrip("。.!").casefold()
    return "".join(
        char
        for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False)
        if char != " " or (before.isascii() and after.isascii())
    )


def same(one: str, other: str) -> bool:
    """The same answer: spaces beside Chinese, case, full-width or not and a full stop at the end don't matter."""
    return normal(one) == normal(other)


def tidy(text: str) -> str:
    """Without quotation marks or bold type around all of it, and without a full stop at the end."""
    text = _half(text).strip()
    while True:
        bare = text.rstrip("。.!").strip()
        if len(bare) > 4 and bare[:2] == bare[-2:] == "**":
            bare = bare[2:-2].strip()
        elif len(bare) > 2 and bare[0] + bare[-1] in _PAIRS and bare[0] not in bare[1:-1]:
            bare = bare[1:-1].strip()
        if bare == text:
            return text
        text = bare


# Words that lead to an answer.

_LEADS, _NUMBER_LEADS, _LABEL_LEADS = (
    table("zh", "answers")["leads"][kind].split() for kind in ("sentence", "number", "label")
)
_BREAKS = ",:;、 \n"
_MOST = 8
"""Words that lead to an answer; each may come once."""
LONGEST = 300
_TOO_LONG = 2_000


def said(output: str, test: Test, words: Iterable[str] = (), *, label: bool = False, number: bool = False) -> bool:
    """Does the answer, or all of it after words that only lead there, pass the test? `words` are of the question."""
    if len(output) > _TOO_LONG:
        return False
    text = tidy(output)
    if test(text):
        return True
    if len(text) > LONGEST or (label and text[:1] in ("是", "为")):  # "是否" is no way to say 否
        return False
    known = _LABEL_LEADS if label else [*_LEADS, *(_NUMBER_LEADS if number else ())]
    asked = {} if label else dict.fromkeys(filter(None, (_half(word).strip() for word in words)), True)
    starts = set(_starts(text, 0, {**asked, **dict.fromkeys(known, False)}, _MOST))
    return any(test(tidy(text[n:])) for n in starts if not re.match(r"[0-9.]{2}", text[n - 1 : n + 1]))


def _starts(text: str, at: int, known: Mapping[str, bool], more: int) -> Iterator[int]:
    """Where the answer may begin; not right behind what the question says, which may be another answer."""
    for word, asked in known.items() if more else ():
        if not text.startswith(word, at):
            continue
        after = end = at + len(word)
        while end < len(text) and text[end] in _BREAKS:
            end += 1
        if end == len(text):
            continue
        link = ":" in text[after:end] if asked else word == "答" or not (len(word) == 1 == len(text) - end and at == 0)
        if link:  # 有无 is not 无
            yield end
        yield from _starts(text, end, {other: its for other, its in known.items() if other != word}, more - 1)


def about(slots: Mapping[str, str], given: str, key: str, words: Iterable[str] = ()) -> list[str]:
    """What a sentence may repeat of the question before the answer. No numbers when the answer is one itself."""
    head, *others = given.split("\n")
    texts = [*slots.values(), *words, *([] if "、" in given else [head.partition("：")[2]] if others else [given])]
    texts += [re.sub("（.*?）", "", text) for text in texts if "（" in text]
    return [text for text in texts if len(text) > 1 and not (re.search(r"\d", key) and re.search(r"\d", text))]


# Numbers and units.

_ALIKE: dict[str, str] = {other: unit for unit, others in table("zh", "answers")["units"].items() for other in others}
_COUNTERS: list[str] = table("zh", "answers")["counters"]["any"]
_FIGURES = later(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(.*)", re.DOTALL)
_HANZI = later("负?[零〇一二两三四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?")
_LONGEST_NUMBER = 40
_COINS = later(r"([0-9]+)[元块]([0-9])(?:角|毛)?(?:([0-9])分)?")


def _quantities(text: str) -> Iterator[tuple[Fraction, str, str]]:
    """The number, its unit, and the number as it is written, in each way to read the text."""
    text = normal(text).removeprefix("人民币").strip().replace("−", "-")
    if len(text) > _LONGEST_NUMBER:
        return
    if text.startswith(("¥", "￥")):
        text = text[1:].strip() + "元" * (not text.endswith("元"))
    if coins := _COINS.fullmatch(text):
        yield int(coins[1]) + Fraction(10 * int(coins[2]) + int(coins[3] or 0), 100), "元", ""
    if (found := _FIGURES.fullmatch(text)) and not re.search(r"[0-9]", found[2]):
        written = found[1].replace(",", "")
        yield Fraction(written), found[2].strip(), written
    elif whole := _HANZI.match(text):
        for end in range(1, whole.end() + 1):
            if (number := _spelled(text[:end])) is not None:
                yield number, text[end:], ""


def _spelled(text: str) -> Fraction | None:
    """A number written in full (一百二十), or digit by digit (二〇二四)."""
    text, sign = text.removeprefix("负").replace("两", "二").replace("〇", "零"), -1 if text[0] == "负" else 1
    whole, _, decimals = text.partition("点")
    digits = {digit: str(n) for n, digit in enumerate("零一二三四五六七八九")}
    if len(whole) > 12 or len(decimals) > 6 or not whole or text.endswith("点"):
        return None
    if len(whole) > 1 and all(char in digits for char in whole):
        number = int("".join(digits[char] for char in whole))
    elif in_hanzi(number := from_hanzi(whole)) != (whole[1:] if whole.startswith("一十") else whole):
        return None
    return sign * (number + Fraction(int("".join(digits[char] for char in decimals) or 0), 10 ** len(decimals)))


def _unit(text: str) -> str:
    return _ALIKE.get(text, text)


def as_quantity(key: str, named: str = "", *, unit: bool = False, digits: bool = False) -> Test:
    """The number of the key with its unit or, unless that is wanted, without; one that the question names will do."""
    found = _FIGURES.fullmatch(normal(key).removeprefix("第"))
    if not found:
        raise ValueError(f"no number: {key}")
    wanted, its = Fraction(found[1]), _unit(found[2])

    def fits(other: str, written: str) -> bool:
        if re.match("-?0[0-9]", written) or (digits and _decimals(written) != _decimals(found[1])):
            return False
        if not its:
            return not other or other in _COUNTERS or (len(other) < 4 and other in named)
        # 81 alone is too little where 81.00元 is asked for
        return _unit(other) == its or (not other and not unit and _decimals(written) >= _decimals(found[1]))

    def test(text: str) -> bool:
        text = text.removeprefix("第") if key[0] == "第" else text
        return any(number == wanted and fits(other, written) for number, other, written in _quantities(text))

    return test


def _decimals(written: str) -> int:
    return len(written.partition(".")[2])


# Times.


def as_weekday(key: str, named: str = "") -> Test:
    day = key[-1].replace("日", "天")

    def test(text: str) -> bool:
        found = re.fullmatch("(?:星期|周|礼拜)([一二三四五六日天])", text)
        return found is not None and found[1].replace("日", "天") == day

    return test


def as_date(key: str, named: str = "") -> Test:
    return lambda text: _date(text) is not None and _date(text) == _date(key)


def _date(text: str) -> date | None:
    found = re.fullmatch(r"(.+?)[年/.-](.+?)[月/.-](.+?)[日号]?", "".join(text.split()))
    numbers = [int(n) for part in found.groups() for n, unit, _ in _quantities(part) if not unit] if found else []
    try:
        return date(*numbers) if len(numbers) == 3 else None
    except (ValueError, OverflowError):
        return None


def as_clock(key: str, named: str = "") -> Test:
    """09:30, with anything before it; 9:30 and 9点30分 are the same."""

    def test(text: str) -> bool:
        return _clock(text) == _clock(key)

    return test


def _clock(text: str) -> str:
    text = normal(text).replace("点半", "点30分").replace("点整", "点")
    text = re.sub("([0-9]+)(?:点|时)(?:([0-9]+)分?)?", lambda found: f"{found[1]}:{found[2] or '00'}", text)
    return re.sub("(?<![0-9])([0-9]):", r"0\1:", text).replace(" ", "")


# Anything, and lists.


def as_text(key: str, named: str = "") -> Test:
    return lambda text: same(text, key)


def as_item(key: str, named: str = "") -> Test:
    """A number if the key is one; else the words, or 明字 for 明."""
    text = normal(key)
    if re.fullmatch(r"第?-?[0-9][0-9.]*[^0-9]{0,3}", text):
        return as_quantity(key, named)
    return lambda answer: normal(answer) == text or (len(text) == 1 and re.sub("[“”「」\"']|字$", "", answer) == text)


def as_list(item: Callable[[str, str], Test] = as_text, *, ordered: bool = True) -> Callable[[str, str], Test]:
    """Entries in the order of the key or, if that is not asked for, any, whatever sign parts them."""

    def build(key: str, named: str) -> Test:
        tests = [item(one, named) for one in key.split("、")]

        def test(text: str) -> bool:
            entries = _entries(text, len(tests))
            if len(entries) != len(tests):
                return False
            if ordered:
                return all(right(tidy(one)) for right, one in zip(tests, entries, strict=True))
            hits = [[n for n, right in enumerate(tests) if right(tidy(one))] for one in entries]
            return all(hits) and len({its[0] for its in hits}) == len(tests)

        return test

    return build


def _entries(text: str, wanted: int) -> list[str]:
    if "\n" in text:
        text = "\n".join(re.sub(r"^\s*(?:[0-9]+[.)]|[-*•])\s+", "", line) for line in text.strip().split("\n"))
    entries = [one.strip() for one in re.split(r"[、,;\n]", text)]
    if len(entries) == wanted - 1:
        entries[-1:] = [one.strip() for one in re.split("以及|[和与及]", entries[-1], maxsplit=1)]
    return entries
