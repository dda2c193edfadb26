"""Families about time: weekdays, days before and after, countdowns, time zones, how long something took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from selfinstruct.teachers.builtin.families.zh.asking import family
from selfinstruct.teachers.builtin.families.zh.forms import HOME, ITEM, WORK
from selfinstruct.teachers.builtin.families.zh.vocabulary import integers
from selfinstruct.teachers.builtin.family import Slots

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
    *("村里赶大集", "新书首发", "学校开家长会", "宽带续费截止", "老同学聚会", "候鸟观测活动启动"),
)
WEEKDAY = family(
    name="weekday",
    phrasings=(
        "{event}定在下面这天，那天是星期几？",
        "翻翻万年历：{event}的日子落在周几（请按“星期几”回答）？",
        "请推算所给日期是星期几，好为{event}做准备。",
        "日记里只记了{event}的年月日，忘了写星期，请补上。",
        "要不要为{event}请假，得先知道当天星期几。",
    ),
    slots={"event": EVENTS},
    draw=_some_day,
    solve=lambda slots, given: "星期" + "一二三四五六日"[_day(given).weekday()],
    settings=HOME,
    endings=ITEM,
)

# Days later or earlier.

STEPS: dict[str, Callable[[date], date]] = {
    "三十天以后": lambda d: d + timedelta(days=30),
    "再过两个星期": lambda d: d + timedelta(days=14),
    "一百天之后": lambda d: d + timedelta(days=100),
    "前推十天": lambda d: d - timedelta(days=10),
    "它的前一天": lambda d: d - timedelta(days=1),
    "往后数四十五天": lambda d: d + timedelta(days=45),
    "同年的最后一天": lambda d: d.replace(month=12, day=31),
    "下个月的一号": lambda d: (d.replace(day=1) + timedelta(days=32)).replace(day=1),
    "整整六周后": lambda d: d + timedelta(days=42),
}
DEADLINES = (
    *("腌好的泡菜可以开坛", "图书馆的书必须归还", "宝宝接种下一针疫苗", "优惠券作废", "复查牙齿", "试用期结束"),
    *("稻田第二次施肥", "签证材料要交齐", "押金退还到账", "比赛结果公布"),
)


def _another_day(rng: Random, slots: Slots) -> str:
    """A day that the step changes: not the last one of a year."""
    return _written(date(rng.randint(1995, 2029), 1, 1) + timedelta(days=rng.randrange(364)))


LATER = family(
    name="later_date",
    phrasings=(
        "{event}的时间是{step}，请写出具体的年月日。",
        "以给定日期为准，{step}是哪年哪月哪日？那天{event}。",
        "{step}，{event}，请换成准确日期（带年份）。",
        "日历上要圈出{event}的日子，也就是从下面这天算起{step}，写全年月日。",
        "说好{step}{event}，到底是哪一天？请带上年份。",
    ),
    slots={"event": DEADLINES, "step": tuple(STEPS)},
    draw=_another_day,
    solve=lambda slots, given: _written(STEPS[slots["step"]](_day(given))),
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
    *("跨国董事会", "给留学的儿子打电话", "围棋网络赛", "直播卖茶具", "客户的验货通话", "线上汉语课"),
    *("乒乓球赛转播", "开源项目的例会"),
)


def _abroad(slots: Slots, given: str) -> str:
    hour, minute = integers(given)
    shift = OFFSETS[slots["city"]] - 8
    total = hour * 60 + minute + int(shift * 60) * (1 if slots["way"] == FROM_BEIJING else -1)
    days, rest = divmod(total, 1440)
    return f"{('前一天', '当天', '次日')[days + 1]}{rest // 60:02}:{rest % 60:02}"


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
    draw=lambda rng, slots: f"{rng.randrange(24):02}:{rng.choice((0, 15, 30, 40)):02}",
    solve=_abroad,
    settings=WORK,
)

# How long something took.

TRIPS = (
    *("夜班火车", "一台心脏手术", "熬腊八粥", "暴雨停电", "通宵值守水文站", "露营守流星雨", "古琴修复", "机场候机"),
    *("长途客车翻山", "面包发酵"),
)
HOURS, MINUTES = "用“几小时几分钟”表示", "只用分钟数表示"


def _from_to(rng: Random, slots: Slots) -> str:
    start = 5 * rng.randrange(288)
    end = (start + 5 * rng.randint(7, 140)) % 1440
    day = "次日" if end < start else "当天"
    return f"{start // 60:02}:{start % 60:02}开始，{day}{end // 60:02}:{end % 60:02}结束"


def _took(slots: Slots, given: str) -> str:
    a, b, c, d = integers(given)
    minutes = (c * 60 + d - a * 60 - b) % 1440
    return f"{minutes}分钟" if slots["form"] == MINUTES else f"{minutes // 60}小时{minutes % 60}分钟"


DURATION = family(
    name="duration",
    phrasings=(
        "{trip}前后持续了多久？{form}。",
        "按起止时刻推算{trip}的时长，{form}。",
        "记录表缺一栏“{trip}总时长”，请补，{form}。",
        "{form}，说说{trip}花去多少工夫。",
        "从头到尾，{trip}耗了多长时间？请{form}。",
    ),
    slots={"trip": TRIPS, "form": (HOURS, MINUTES)},
    draw=_from_to,
    solve=_took,
    settings=WORK,
    endings=ITEM,
)

FAMILIES = (WEEKDAY, LATER, COUNTDOWN, TIME_ZONE, DURATION)
