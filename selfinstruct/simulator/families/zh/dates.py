"""Families about time: weekdays, days before and after, countdowns, time zones, how long something took."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import ASIDE, HOME, ITEM
from selfinstruct.simulator.families.zh.matching import (
    Test,
    as_clock,
    as_date,
    as_quantity,
    as_weekday,
    normal,
)
from selfinstruct.simulator.families.zh.vocabulary import integers
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "WEEKDAY"]


def _day(text: str) -> date:
    return date(*integers(text)[:3])


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _some_day(rng: Random, slots: Slots) -> str:
    return _written(date(1995, 1, 1) + timedelta(days=rng.randrange(12_500)))


# Weekdays.

EVENTS = (
    *("外婆过七十大寿", "面馆重新开张", "房租到期", "驾照科目二考试", "装修队进场", "单位组织体检", "表姐领证"),
    *("村里赶大集", "新书首发", "学校开家长会", "社区换电表", "老同学聚会", "候鸟观测活动启动"),
)
WEEKDAY = family(
    name="weekday",
    phrasings=(
        "{event}就在下面这天，那天是星期几？",
        "翻翻万年历：{event}的日子落在周几？",
        "请推算所给日期是星期几，好为{event}做准备。",
        "日记里只记了{event}的年月日，忘了写星期，请补上。",
        "想知道{event}那天我歇不歇班，先查查是星期几。",
    ),
    slots={"event": EVENTS},
    draw=_some_day,
    solve=lambda slots, given: "星期" + "一二三四五六日"[_day(given).weekday()],
    like=as_weekday,
    words=lambda given: (given, "当天", "那一天", "这一天"),
    settings=HOME,
    endings=ITEM,
)

# Days later or earlier.

STEPS: dict[str, Callable[[date], date]] = {
    "三十天以后": lambda d: d + timedelta(days=30),
    "两个星期以后": lambda d: d + timedelta(days=14),
    "一百天以后": lambda d: d + timedelta(days=100),
    "十天以后": lambda d: d + timedelta(days=10),
    "三天以后": lambda d: d + timedelta(days=3),
    "四十五天以后": lambda d: d + timedelta(days=45),
    "当年的最后一天": lambda d: d.replace(month=12, day=31),
    "下个月的一号": lambda d: (d.replace(day=1) + timedelta(days=32)).replace(day=1),
    "整整六周以后": lambda d: d + timedelta(days=42),
}
WEEKS, SOON, FIXED = (
    ("三十天以后", "两个星期以后", "四十五天以后", "整整六周以后"),
    ("十天以后", "三天以后", "两个星期以后"),
    ("当年的最后一天", "下个月的一号"),
)
DEADLINES = {
    "腌好的泡菜可以开坛": WEEKS,
    "图书馆的书必须归还": (*WEEKS, *SOON[:1]),
    "宝宝接种下一针疫苗": WEEKS,
    "优惠券作废": (*WEEKS, *SOON, *FIXED),
    "复查牙齿": (*WEEKS, *SOON[:1], "一百天以后"),
    "试用期结束": ("三十天以后", "四十五天以后", "一百天以后", "当年的最后一天"),
    "稻田第二次施肥": (*WEEKS[1:], *SOON[:1]),
    "签证材料要交齐": (*WEEKS, *SOON, *FIXED),
    "押金退还到账": (*WEEKS, *SOON, *FIXED),
    "比赛结果公布": (*WEEKS, *SOON, *FIXED),
    "展览闭幕": (*WEEKS, "一百天以后", *FIXED),
    "团费涨价": (*SOON, *FIXED),
}
"""Each with the steps that suit it."""


def _another_day(rng: Random, slots: Slots) -> str:
    """A day that the step changes: not the last one of a year."""
    return _written(date(rng.randint(1995, 2029), 1, 1) + timedelta(days=rng.randrange(364)))


LATER = family(
    name="later_date",
    phrasings=(
        "{event}的时间是{step}，以下面的日期为准，请写出具体的年月日。",
        "以给定日期为准，{step}是哪年哪月哪日？那天{event}。",
        "从下面这天算，{step}{event}，请换成准确日期（带年份）。",
        "日历上要圈出{event}的日子，也就是{step}（从下面这天算），写全年月日。",
        "说好{step}{event}，到底是哪一天？请带上年份。",
    ),
    slots={"event": tuple(DEADLINES), "step": tuple(STEPS)},
    fits=lambda slots: slots["step"] in DEADLINES[slots["event"]],
    draw=_another_day,
    solve=lambda slots, given: _written(STEPS[slots["step"]](_day(given))),
    like=as_date,
    settings=HOME,
    endings=ITEM,
)

COUNTDOWNS = (
    *("研究生考试", "马拉松开跑", "新房交付", "退休的日子", "孩子的预产期", "话剧首演", "开学报到", "渔港开渔"),
    *("驻外工作结束", "老屋拆迁", "演唱会开票", "论文答辩"),
)


def _two_days(rng: Random, slots: Slots) -> str:
    first = date(2020, 1, 1) + timedelta(days=rng.randrange(3000))
    return f"今天：{_written(first)}\n目标：{_written(first + timedelta(days=rng.randint(5, 320)))}"


COUNTDOWN = family(
    name="countdown",
    phrasings=(
        "距离{event}还有多少天（今天不算，当天算）？",
        "给{event}做倒计时牌，牌子上该写几天？今天不计在内。",
        "算一算到{event}为止剩下的天数，两个日期直接相减即可。",
        "妈妈每天问一遍离{event}还剩几天，请用后面的日期减去前面的日期告诉她。",
    ),
    slots={"event": COUNTDOWNS},
    draw=_two_days,
    solve=lambda slots, given: f"{(_day(given.split(chr(10))[1]) - _day(given.split(chr(10))[0])).days}天",
    settings=HOME,
    endings=ITEM,
)

# Time zones, only of places without summer time.

OFFSETS = {
    "东京": Fraction(9),
    "首尔": Fraction(9),
    "新德里": Fraction(11, 2),
    "迪拜": Fraction(4),
    "曼谷": Fraction(7),
    "莫斯科": Fraction(3),
    "内罗毕": Fraction(3),
    "加德满都": Fraction(23, 4),
    "卡拉奇": Fraction(5),
    "河内": Fraction(7),
    "达卡": Fraction(6),
    "雅加达": Fraction(7),
    "檀香山": Fraction(-10),
    "新加坡": Fraction(8),
    "仰光": Fraction(13, 2),
}
MEETINGS = (
    *("跨国董事会", "与留学的儿子通话", "围棋网络赛", "连线直播卖茶具", "客户的验货通话", "线上汉语课"),
    *("网上家长会", "开源项目的例会"),
)


def _abroad(slots: Slots, given: str) -> str:
    hour, minute = integers(given)
    shift = OFFSETS[slots["city"]] - 8
    total = hour * 60 + minute + int(shift * 60) * (1 if slots["way"] == FROM_BEIJING else -1)
    days, rest = divmod(total, 1440)
    return f"{('前一天', '当天', '次日')[days + 1]}{rest // 60:02}:{rest % 60:02}"


def _as_local(key: str, named: str) -> Test:
    right = as_clock(key)
    alike = {"第二天": "次日", "当日": "当天", "同一天": "当天", "前一日": "前一天"}
    return lambda text: right(re.sub("|".join(alike), lambda found: alike[found[0]], text))


FROM_BEIJING, TO_BEIJING = "北京时间换成当地时间", "当地时间换成北京时间"
TIME_ZONE = family(
    name="time_zone",
    phrasings=(
        "{meeting}涉及{city}，请把{way}，注明前一天、当天还是次日。",
        "对方人在{city}，我们约了{meeting}。{way}是几点？前一天、当天或次日也要写明。",
        "为{meeting}发通知，需要将{way}（城市：{city}），答案形如“当天09:30”。",
        "算时差：{city}，{way}，用于{meeting}，别忘了写前一天、当天或次日。",
        "{way}，别弄错日期，答案前写前一天、当天或次日。这场{meeting}的对方在{city}。",
    ),
    slots={"meeting": MEETINGS, "city": tuple(OFFSETS), "way": (FROM_BEIJING, TO_BEIJING)},
    draw=lambda rng, slots: f"{rng.randrange(6, 24):02}:{rng.choice((0, 15, 30, 45)):02}",
    solve=_abroad,
    like=_as_local,
    settings=ASIDE,
)

# How long something took.

TRIPS = (
    *("坐夜班火车", "一台心脏手术", "熬腊八粥", "暴雨停电", "通宵值守水文站", "露营守流星雨", "古琴修复", "机场候机"),
    *("长途客车翻山", "面包发酵"),
)
NIGHTLY = ("坐夜班火车", "通宵值守水文站", "露营守流星雨")
HOURS, MINUTES = "用“几小时几分钟”表示", "只用分钟数表示"


def _from_to(rng: Random, slots: Slots) -> str:
    night = slots["trip"] in NIGHTLY
    start = 5 * (rng.randint(228, 270) if night else rng.randint(60, 240))
    end = (start + 5 * (rng.randint(70, 110) if night else rng.randint(7, 110))) % 1440
    day = "次日" if end < start else "当天"
    return f"{start // 60:02}:{start % 60:02}开始，{day}{end // 60:02}:{end % 60:02}结束"


def _took(slots: Slots, given: str) -> str:
    a, b, c, d = integers(given)
    minutes = (c * 60 + d - a * 60 - b) % 1440
    return f"{minutes}分钟" if slots["form"] == MINUTES else f"{minutes // 60}小时{minutes % 60}分钟"


def _as_long(key: str, named: str) -> Test:
    """In minutes or in hours and minutes, as it is in the key; without what is none."""
    if "小时" not in key:
        return as_quantity(key)
    hours, minutes = integers(key)

    def test(text: str) -> bool:
        found = re.fullmatch("(?:([0-9]+)(?:小时|个小时|时|个钟头))?(?:零|又|:|,)?(?:([0-9]+)分钟?|整)?", normal(text))
        return found is not None and (int(found[1] or 0), int(found[2] or 0)) == (hours, minutes)

    return test


DURATION = family(
    name="duration",
    phrasings=(
        "{trip}前后持续了多久？{form}。",
        "按起止时刻推算{trip}的时长，{form}。",
        "记录表缺一栏“{trip}总时长”，请补，{form}。",
        "{form}，说说{trip}一共多长时间。",
        "从头到尾，{trip}耗了多长时间？请{form}。",
    ),
    slots={"trip": TRIPS, "form": (HOURS, MINUTES)},
    draw=_from_to,
    solve=_took,
    like=_as_long,
    settings=ASIDE,
    endings=ITEM,
)

FAMILIES = (WEEKDAY, LATER, COUNTDOWN, TIME_ZONE, DURATION)
