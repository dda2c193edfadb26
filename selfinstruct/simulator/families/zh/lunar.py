"""Families about the old calendar: stems and branches, animals of the year, festivals, old hours, solar terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import ASIDE, ITEM
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_item, as_text, normal, same
from selfinstruct.simulator.families.zh.vocabulary import integers
from selfinstruct.simulator.family import Slots

__all__ = ["ANIMALS", "BRANCHES", "FAMILIES", "FESTIVALS", "STEMS", "TERMS", "ganzhi", "hour_of"]

# Stems, branches and animals, of the lunar year that begins in the year given.

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ANIMALS = "鼠牛虎兔龙蛇马羊猴鸡狗猪"


def ganzhi(year: int) -> str:
    return STEMS[(year - 4) % 10] + BRANCHES[(year - 4) % 12]


YEAR_ASKS: dict[str, Callable[[int], str]] = {
    "用干支怎么称呼": lambda y: f"{ganzhi(y)}年",
    "天干是哪一个字": lambda y: ganzhi(y)[0],
    "地支是哪一个字": lambda y: ganzhi(y)[1],
    "往后推十年，干支变成什么": lambda y: f"{ganzhi(y + 10)}年",
    "前一个农历年的干支是什么": lambda y: f"{ganzhi(y - 1)}年",
    "下一次出现同样的干支是公元哪一年": lambda y: f"{y + 60}年",
}
OURS = "爷爷的生辰帖"
RELICS = (
    *("一块老匾的落款", "祖上留下的族谱", "博物馆瓷器的题记", "一本线装书的序言", "村口石碑的背面"),
    *("一枚旧印章的边款", "评书先生的唱词", "县志里的大事记", OURS),
)


def _as_year(key: str, named: str) -> Test:
    """甲子 for 甲子年."""
    return lambda text: as_item(key)(text) or (len(key) == 3 and same(text, key[:2]))


GANZHI = family(
    name="ganzhi",
    phrasings=(
        "考证{relic}时遇到这个年份，{ask}？按农历年算。",
        "从公元纪年推干支：{relic}提到的这一年，{ask}？",
        "{relic}只写了公历年份，想知道{ask}，以当年春节后的农历年为准。",
        "六十甲子轮回，{relic}对应的年份如下，请问{ask}？",
        "研究{relic}，需要弄清这一年（指农历年）{ask}。",
    ),
    slots={"relic": RELICS, "ask": tuple(YEAR_ASKS)},
    draw=lambda rng, slots: f"{rng.randint(1915, 1955) if slots.get('relic') == OURS else rng.randint(1600, 1911)}年",
    solve=lambda slots, given: YEAR_ASKS[slots["ask"]](integers(given)[0]),
    like=_as_year,
    words=lambda given: (given, "天干", "地支", "干支"),
    settings=ASIDE,
    endings=ITEM,
)

ANIMAL_ASKS: dict[str, Callable[[int], str]] = {
    "属什么": lambda y: ANIMALS[(y - 4) % 12],
    "头一个本命年（同生肖的下一年）是公元几年": lambda y: f"{y + 12}年",
    "比此人大三岁的属什么": lambda y: ANIMALS[(y - 7) % 12],
    "跟哪个生肖正好相冲（在十二生肖里隔六位）": lambda y: ANIMALS[(y + 2) % 12],
    "属相的下一位是哪个生肖": lambda y: ANIMALS[(y - 3) % 12],
    "属相在十二生肖里排第几位": lambda y: f"第{(y - 4) % 12 + 1}位",
}
PERSONS = (
    *("相亲对象", "新来的同事", "剪纸班的老师", "公司的司机", "网上认识的笔友", "对门的钢琴老师"),
    *("社区的理发师", "幼儿园园长", "业余球队的门将", "茶楼的老板娘", "给我家装修的师傅"),
)
ZODIAC = family(
    name="zodiac",
    phrasings=(
        "{person}出生在下面这一年的中秋，{ask}？",
        "已知{person}的出生年份（生日在夏天），问{ask}。",
        "{person}神神秘秘，只透露了生年，还说是国庆节生的。{ask}？",
        "奶奶最爱问属相，这回问的是{person}：{ask}？生日在年中，不用考虑春节前后。",
        "聊起{person}，大家想知道{ask}，年份已给出，生日在秋天。",
    ),
    slots={"person": PERSONS, "ask": tuple(ANIMAL_ASKS)},
    draw=lambda rng, slots: f"{rng.randint(1955, 2000)}年",
    solve=lambda slots, given: ANIMAL_ASKS[slots["ask"]](integers(given)[0]),
    like=lambda key, named: lambda text: as_item(key)(text) or (len(key) == 1 and text in (f"属{key}", f"{key}年")),
    words=lambda given: (given, "此人", "出生", "生"),
    endings=ITEM,
)

# Festivals of the lunar year: their day, and what is done on it.

FESTIVALS = {
    "春节": ("正月初一", "贴春联、拜年、给孩子压岁钱"),
    "元宵节": ("正月十五", "赏花灯、猜灯谜、吃汤圆"),
    "龙抬头": ("二月初二", "理发讨彩头，北方一些地方吃春饼"),
    "上巳节": ("三月初三", "到水边洗濯祈福，文人曲水流觞"),
    "端午节": ("五月初五", "包粽子、赛龙舟、门上插艾草"),
    "七夕": ("七月初七", "穿针乞巧，讲牛郎织女的故事"),
    "中元节": ("七月十五", "放河灯、祭祀先人"),
    "中秋节": ("八月十五", "全家团圆，赏月吃月饼"),
    "重阳节": ("九月初九", "登高、赏菊、插茱萸，敬老"),
    "腊八节": ("腊月初八", "煮一锅豆子和干果的粥，泡腊八蒜"),
}
CARDS = (
    "民俗展的展板",
    "给外国同事的一封信",
    "幼儿园的月历",
    "旅行社的宣传单",
    "社区的文化墙",
    "语文课的手抄报",
    "一档方言节目的串词",
)


def _as_lunar_day(key: str, named: str) -> Test:
    """一月 is 正月, 十二月 is 腊月, and 农历 goes without saying."""

    def plain(text: str) -> str:
        text = normal(text).removeprefix("农历").replace("十二月", "腊月").replace("腊月", "腊月").removesuffix("日")
        return re.sub("^一月", "正月", text)

    return lambda text: plain(text) == plain(key)


def _as_festival(key: str, named: str) -> Test:
    """端午 for 端午节, but not 春 for 春节."""
    name = key.removesuffix("节") if len(key) > 2 else key
    return lambda text: normal(text) in (name, f"{name.removesuffix('节')}节")


FESTIVAL_DAY = family(
    name="festival_day",
    phrasings=(
        "{card}要介绍这个传统节日，它在农历哪一天？",
        "请告诉我下面的节日是农历几月初几或十几，写进{card}用。",
        "公历年年变，农历不变：为了{card}，请写出该节日的农历日期。",
        "{card}里的日期栏空着，节日已写好，农历日子填什么？",
    ),
    slots={"card": CARDS},
    draw=lambda rng, slots: rng.choice(tuple(FESTIVALS)),
    solve=lambda slots, given: FESTIVALS[given][0],
    like=_as_lunar_day,
    settings=ASIDE,
    endings=ITEM,
)
FESTIVAL_NAME = family(
    name="festival_name",
    phrasings=(
        "根据习俗猜传统节日，谜面来自{card}。",
        "{card}上描写了一个中国传统节日，说出它的名字。",
        "这一天人们会做下面这些事，是什么节？答案要印在{card}上。",
        "给{card}配标题：看描述，写出对应的节日名称。",
    ),
    slots={"card": CARDS},
    draw=lambda rng, slots: rng.choice(
        tuple(text for day, custom in FESTIVALS.values() for text in (custom, f"农历{day}，{custom.split('，')[0]}"))
    ),
    solve=lambda slots, given: next(name for name, (_, custom) in FESTIVALS.items() if custom.split("，")[0] in given),
    like=_as_festival,
    settings=ASIDE,
    endings=ITEM,
)

# The twelve old hours: 子时 is from 23:00 to 1:00.


def hour_of(hour: int) -> str:
    return BRANCHES[(hour + 1) // 2 % 12] + "时"


def _clock(rng: Random, slots: Slots) -> str:
    if slots["way"] == TO_OLD:
        return f"{rng.randrange(24):02}:{rng.randint(5, 55):02}"
    return rng.choice(BRANCHES) + "时"


def _other_clock(slots: Slots, given: str) -> str:
    if slots["way"] == TO_OLD:
        return hour_of(integers(given)[0])
    start = (2 * BRANCHES.index(given[0]) - 1) % 24
    return f"{start}点到{(start + 2) % 24}点"


TO_OLD, TO_NEW = "把现代钟点换成十二时辰", "把时辰换成二十四小时制的起止钟点（如“7点到9点”）"


def _as_span(key: str, named: str) -> Test:
    """23点到1点, 23:00-1:00 and 23点至次日1点."""
    if "到" not in key:
        return as_text(key)
    right = as_clock(key)
    return lambda text: right(re.sub("[-~—至]+", "到", normal(text)).replace("次日", "").replace("第二天", ""))


PLAYS = (
    *("一部宋朝探案剧", "武侠小说第三章", "剧本杀的人物卡", "评书《夜走长街》", "汉服社的市集海报", "古镇的导览词"),
    *("中医养生讲座", "复原古代城门的开闭时刻"),
)
SHICHEN = family(
    name="old_hours",
    phrasings=(
        "{play}里的时间要改一改：{way}。",
        "为{play}核对时间，请{way}。",
        "请你{way}，我好往{play}里写。",
        "{play}讲究细节，要求{way}，帮忙转换。",
        "{way}——这是{play}的需要，该怎么写？",
    ),
    slots={"play": PLAYS, "way": (TO_OLD, TO_NEW)},
    draw=_clock,
    solve=_other_clock,
    like=_as_span,
    endings=ITEM,
)

# The twenty-four solar terms, from 立春.

TERMS = (
    *("立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋"),
    *("处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒"),
)
TERM_ASKS: dict[str, Callable[[int], str]] = {
    "下一个节气叫什么": lambda n: TERMS[(n + 1) % 24],
    "它前面紧挨着哪个节气": lambda n: TERMS[(n - 1) % 24],
    "再往后数三个是什么节气": lambda n: TERMS[(n + 3) % 24],
    "正好隔了半年的是哪个节气": lambda n: TERMS[(n + 12) % 24],
    "它排在春夏秋冬哪一季": lambda n: "春夏秋冬"[n // 6] + "季",
    "从立春算第一，它是第几个": lambda n: f"第{n + 1}个",
}
FARMS = (
    *("茶园的采摘计划", "节气主题的咖啡杯套", "气象台的科普小栏目", "生态农场的播种表", "博物馆的节气日历"),
    *("食堂的时令菜单", "养蚕合作社的墙报", "一本写给孩子的自然笔记"),
)
SOLAR_TERM = family(
    name="solar_term",
    phrasings=(
        "{farm}正写到下面这个节气，{ask}？",
        "背一背二十四节气歌：{ask}？这是{farm}要用的。",
        "编{farm}时拿不准，节气已给出，{ask}？",
        "就所给节气回答{ask}，内容会放进{farm}。",
        "做{farm}的同事问：{ask}？",
    ),
    slots={"farm": FARMS, "ask": tuple(TERM_ASKS)},
    draw=lambda rng, slots: rng.choice(TERMS),
    solve=lambda slots, given: TERM_ASKS[slots["ask"]](TERMS.index(given)),
    like=lambda key, named: lambda text: as_item(key)(text) or (key[-1] == "季" and text in (key[0], key[0] + "天")),
    words=lambda given: (given, "排", "下一个", "前面"),
    settings=ASIDE,
    endings=ITEM,
)

FAMILIES = (GANZHI, ZODIAC, FESTIVAL_DAY, FESTIVAL_NAME, SHICHEN, SOLAR_TERM)
