"""Tests of answers to questions about facts, by the name that a data file calls them by: 河北省 is right for 河北 …"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from types import MappingProxyType

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_item, as_text, normal

__all__ = ["LIKES"]


def _one_of(*right: str) -> Test:
    forms = {normal(one) for one in right}
    return lambda text: normal(text) in forms


PROVINCES = tuple(row.split("省")[0] for row in table("zh", "geography")["province"]["rows"])
_LONG = {
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
}


def _as_place(key: str, named: str) -> Test:
    """河北 and 河北省, 巴黎 and 巴黎市, 新疆 and 新疆维吾尔自治区."""
    bare = re.sub("省$", "", key)
    return _one_of(key, bare, f"{bare}{'省' if bare in PROVINCES else '市'}", _LONG.get(key, key))


def _as_cuisine(key: str, named: str) -> Test:
    """川菜, 川菜系 and 川."""
    return _one_of(key, f"{key}系", key.removesuffix("菜"))


def _as_title(key: str, named: str) -> Test:
    """With 《》 or without."""
    return _one_of(key, f"《{key}》")


_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def _numbered(pinyin: str) -> str:
    """háng as hang2; ü as v."""
    parts = unicodedata.normalize("NFD", pinyin.strip().casefold())
    tone = next((_MARKS[char] for char in parts if char in _MARKS), "")
    plain = unicodedata.normalize("NFC", "".join(char for char in parts if char not in _MARKS)).replace("ü", "v")
    return plain + tone


def _as_pinyin(key: str, named: str) -> Test:
    return lambda text: _numbered(text.strip(" “”\"'")) == _numbered(key)


def _as_english(key: str, named: str) -> Test:
    """With an article or without."""
    return lambda text: re.sub("^(?:an?|the) ", "", normal(text)) == normal(key)


def _as_sentence(key: str, named: str) -> Test:
    """Whatever its punctuation."""

    def plain(text: str) -> str:
        return " ".join(re.findall(r"[a-z0-9'\u0080-\uffff]+", text.casefold().replace("’", "'")))

    return lambda text: plain(text) == plain(key)


def _as_link(key: str, named: str) -> Test:
    """虽然……但是, 虽然…但是 and 虽然、但是."""
    first, second = key.split("……")
    return lambda text: bool(re.fullmatch(f"“?{first}”?(?:[.…]+|[-—]+|[、,/和 ]){{1,2}}“?{second}”?", normal(text)))


def _as_lunar_day(key: str, named: str) -> Test:
    """一月 is 正月, 十二月 is 腊月, and 农历 goes without saying."""

    def plain(text: str) -> str:
        text = normal(text).removeprefix("农历").replace("十二月", "腊月").removesuffix("日")
        return re.sub("^一月", "正月", text)

    return lambda text: plain(text) == plain(key)


def _as_festival(key: str, named: str) -> Test:
    """端午 for 端午节, but not 春 for 春节."""
    return _one_of(key, *([key.removesuffix("节")] if len(key) > 2 else []))


def _as_span(key: str, named: str) -> Test:
    """23点到1点, 23:00-1:00 and 23点至次日1点."""
    right = as_clock(key)
    return lambda text: right(re.sub("[-~—至]+", "到", normal(text)).replace("次日", "").replace("第二天", ""))


def _as_verdict(key: str, named: str) -> Test:
    """是的 for 是, 否 for 不是."""
    return _one_of(key, *(("是的", "对", "对的") if key == "是" else ("否", "不对", "不")))


LIKES: MappingProxyType[str, Callable[[str, str], Test]] = MappingProxyType(
    {
        "item": as_item,
        "text": as_text,
        "exact": lambda key, named: lambda text: text.strip() == key,
        "place": _as_place,
        "cuisine": _as_cuisine,
        "title": _as_title,
        "pinyin": _as_pinyin,
        "english": _as_english,
        "english_sentence": _as_sentence,
        "link": _as_link,
        "lunar_day": _as_lunar_day,
        "festival": _as_festival,
        "span": _as_span,
        "verdict": _as_verdict,
    }
)
