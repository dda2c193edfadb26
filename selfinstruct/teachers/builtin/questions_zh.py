"""Questions that evolving adds, in Chinese: more about answer and input ("deepen"), and sums to go on with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import add, mul

from selfinstruct.teachers.builtin.layers import Kind
from selfinstruct.teachers.builtin.questions import Steps, doubled, is_prime, later, question, remainder, steps

__all__ = ["CHINESE_DEEPER", "CHINESE_STEPS"]


def _visible(text: str) -> str:
    return "".join(text.split())


def _han(text: str) -> list[str]:
    return re.findall("[一-鿿]", text)


# What is asked further.


def _compared(given: str, above: str) -> str:
    more = len(above) - len(given)
    return f"{'多' if more > 0 else '少'}{abs(more)}个" if more else "一样多"


def _shared(given: str, above: str) -> str:
    return "、".join([char for char in dict.fromkeys(_visible(given)) if char.isalnum() and char in above][:5]) or "无"


def _most_frequent(given: str, above: str) -> str:
    counted = Counter(char for char in above if char.isalnum())
    char, times = next(iter(counted.most_common(1)), ("", 0))  # of equals the first that was met
    return f"“{char}”，{times}次" if char else "无"


def _ends(given: str, above: str) -> str:
    chars = [char for char in above if char.isalnum()]
    return f"“{chars[0]}”和“{chars[-1]}”" if chars else "无"


def _signs(given: str, above: str) -> str:
    return str(sum(char in "，。、；：？！“”‘’（）《》【】「」…—" for char in above))


DEEPER = (
    "下面要加一行“{mark}{label}：……”，说明{what}。",
    "请接着查清{what}，写在下面，格式是“{mark}{label}：……”。",
    "还要另起一行，以“{mark}{label}：”开头，写出{what}。",
)


def _question(
    name: str,
    labels: tuple[str, ...],
    whats: tuple[str, ...],
    find: Callable[[str, str], str],
    needs_input: bool = False,
) -> Kind:
    return question(name, DEEPER, labels, whats, find, "：", needs_input)


CHINESE_DEEPER: tuple[Kind, ...] = (
    _question(
        "compared",
        ("与输入相比", "长短之差", "比输入"),
        ("以上字符比输入多几个或者少几个", "上面的字符数比输入多多少或少多少"),
        _compared,
        needs_input=True,
    ),
    _question(
        "shared characters",
        ("共有的字", "两边都有", "重合"),
        ("输入里哪些字（标点除外，取前五个）上面也有",),
        _shared,
        needs_input=True,
    ),
    _question(
        "new characters",
        ("新出现", "输入里没有", "新增"),
        ("上面有几个不同的汉字是输入里没有的",),
        lambda given, above: str(len(set(_han(above)) - set(given))),
        needs_input=True,
    ),
    _question(
        "different characters",
        ("不同汉字", "汉字种数", "不重复的字"),
        ("上面用到多少个不同的汉字", "以上出现了几个不同的汉字"),
        lambda given, above: str(len(set(_han(above)))),
    ),
    _question(
        "most frequent character",
        ("最常见", "出现最多", "榜首"),
        ("上面哪个字最常见（一样多取先出现的），共几次",),
        _most_frequent,
    ),
    _question("first and last", ("首尾", "一头一尾", "头尾两字"), ("上面首尾各是什么字（标点不算）",), _ends),
    _question(
        "digits",
        ("数字个数", "阿拉伯数字", "数码"),
        ("上面有多少个数码0到9",),
        lambda given, above: str(len(re.findall("[0-9]", above))),
    ),
    _question("signs", ("标点", "标点数", "标点合计"), ("上面用了几个中文标点",), _signs),
    _question(
        "repeated",
        ("重复字数", "用过不止一次的字", "一再出现的字数"),
        ("上面有几个汉字出现了不止一次",),
        lambda given, above: str(sum(times > 1 for times in Counter(_han(above)).values())),
    ),
)

# What is worked out from it.

COUNTS: dict[str, Callable[[str], int]] = {
    "数上文汉字": lambda text: len(_han(text)),
    "数上文非空字符": lambda text: len(_visible(text)),
    "把上文数码相加": lambda text: sum(int(digit) for digit in re.findall("[0-9]", text)),
    "数上文不同汉字": lambda text: len(set(_han(text))),
    "数上文不同字符": lambda text: len(set(_visible(text))),
}
CHANGES: dict[str, Callable[[int], int]] = {
    **{f"加上{n}": partial(add, n) for n in range(3, 60)},
    **{f"乘以{n}": partial(mul, n) for n in range(2, 20)},
    **{f"翻倍再加{n}": partial(doubled, n) for n in range(1, 20)},
}
STEMS, BRANCHES, ANIMALS = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥", "鼠牛虎兔龙蛇马羊猴鸡狗猪"
DAYS = "一二三四五六日"
SAYS = Steps(
    (
        "再推三步，一步一行：{mark}①{count}，{mark}②{change}，{mark}③{outcome}。",
        "接着分三行算：{mark}①{count}；{mark}②{change}；{mark}③{outcome}。",
    ),
    COUNTS,
    CHANGES,
    ("①", "②", "③"),
)


def _weekday(start: int, n: int) -> str:
    return f"星期{DAYS[(start + n) % 7]}"


def _clock(hour: int, n: int) -> str:
    return f"{(hour + n // 60) % 24}点{n % 60}分"


def _date(day: int, n: int) -> str:
    found = later(day, n)
    return f"{found.year}年{found.month}月{found.day}日"


def _year(n: int) -> str:
    return STEMS[(n - 1) % 10] + BRANCHES[(n - 1) % 12]


CHINESE_STEPS: tuple[Kind, ...] = (
    steps("weekday", SAYS, {f"星期{d}过这么多天是星期几": partial(_weekday, n) for n, d in enumerate(DAYS)}),
    steps("clock", SAYS, {f"{hour}点过这么多分钟是几点几分": partial(_clock, hour) for hour in range(24)}),
    steps("date", SAYS, {f"2023年1月{day}日过这么多天是哪天": partial(_date, day) for day in range(1, 29)}),
    steps("remainder", SAYS, {f"求它除以{d}的余数": partial(remainder, d) for d in range(3, 30)}),
    steps("animal", SAYS, {"从鼠数起的那个生肖": lambda n: ANIMALS[(n - 1) % 12]}),
    steps("stem and branch", SAYS, {"从甲子数起的那个干支": _year}),
    steps("base", SAYS, {"改写成二进制": lambda n: f"{n:b}", "改写成十六进制": lambda n: f"{n:X}"}),
    steps("digit sum", SAYS, {"把它的各位数字相加": lambda n: str(sum(map(int, str(n))))}),
    steps("backwards", SAYS, {"把它的数字倒着写": lambda n: str(n)[::-1]}),
    steps("prime", SAYS, {"判断是不是质数": lambda n: "质数" if is_prime(n) else "不是质数"}),
    steps("hours", SAYS, {"算作分钟，化成几小时几分": lambda n: f"{n // 60}小时{n % 60}分"}),
    steps("dozens", SAYS, {"一打十二个，得几打余几": lambda n: f"{n // 12}打余{n % 12}"}),
)
