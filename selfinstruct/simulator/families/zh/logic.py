"""Families that need a little reasoning: properties of numbers, orderings, sets, syllogisms, analogies, gaps."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import ASIDE, CLASS, ITEM, LABEL, LIST
from selfinstruct.simulator.families.zh.matching import as_list
from selfinstruct.simulator.families.zh.vocabulary import NAMES, THEMES
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "SYLLOGISMS"]

# Yes or no about a number.

PROPERTIES: dict[str, Callable[[int], bool]] = {
    "质数": lambda n: n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)),
    "公历闰年的年份": lambda n: n % 4 == 0 and (n % 100 != 0 or n % 400 == 0),
    "完全平方数": lambda n: round(n**0.5) ** 2 == n,
    "七的倍数": lambda n: n % 7 == 0,
    "各位数字之和为偶数的数": lambda n: sum(map(int, str(n))) % 2 == 0,
    "回文数，从右往左念也一样": lambda n: str(n) == str(n)[::-1],
    "能同时被三和四整除的数": lambda n: n % 12 == 0,
    "二的整数次幂": lambda n: n & (n - 1) == 0,
    "个位和十位相同的数": lambda n: n % 10 == n // 10 % 10,
}
ANSWERS = {"是或否": ("是", "否"), "对或错": ("对", "错"), "成立或不成立": ("成立", "不成立"), "真或假": ("真", "假")}


def _number(rng: Random, slots: Slots) -> str:
    """As often with the property as without."""
    test, wanted = PROPERTIES[slots["property"]], rng.random() < 0.5
    low, high = (1896, 2105) if "闰年" in slots["property"] else (11, 999)
    return str(rng.choice([n for n in range(low, high) if test(n) is wanted]))


NUMBER_TEST = family(
    name="number_test",
    phrasings=(
        "给出的数是{property}吗？请用{labels}作答。",
        "小王断言：“它是{property}。”这个说法，请以{labels}评判。",
        "命题：下面的数为{property}。写{labels}。",
        "检验一下，是不是{property}，答案限于{labels}。",
        "黑板上写了个数，有人说它属于{property}，请裁定，只能答{labels}。",
    ),
    slots={"property": tuple(PROPERTIES), "labels": tuple(ANSWERS)},
    draw=_number,
    solve=lambda slots, given: ANSWERS[slots["labels"]][not PROPERTIES[slots["property"]](int(given))],
    classification=True,
    settings=CLASS,
    endings=LABEL,
)

# Who comes first?

SCALES = {
    "{}长得比{}高。": ("谁最高", "谁最矮"),
    "{}的年纪比{}大。": ("谁年龄最大", "谁岁数最小"),
    "{}跑得比{}快。": ("哪位跑得最快", "哪位跑得最慢"),
    "{}的嗓门比{}大。": ("谁声音最响", "谁说话最轻"),
    "{}的行李比{}的沉。": ("哪个人的行李最重", "哪个人的行李最轻"),
    "{}的饭量比{}大。": ("数谁最能吃", "数谁吃得最少"),
    "{}下棋比{}厉害。": ("哪一位棋下得最好", "哪一位棋力最弱"),
}
WHICH = {ask: (clue, place) for clue, asks in SCALES.items() for place, ask in zip((0, -1), asks, strict=True)}
CREWS = (
    "杂技团的四名演员",
    "四个放羊的少年",
    "值夜班的四位保安",
    "四名茶馆伙计",
    "攀岩队的四个队员",
    "合租一院的四个邻居",
    "四位评弹演员",
    "童话里的四名海盗",
)


def _chain(rng: Random, slots: Slots) -> str:
    names, (clue, _) = rng.sample(NAMES, 4), WHICH[slots["which"]]
    clues = [clue.format(a, b) for a, b in pairwise(names)]
    rng.shuffle(clues)
    return "".join(clues)


def _end_of_chain(slots: Slots, given: str) -> str:
    clue, place = WHICH[slots["which"]]
    pairs = re.findall(clue.replace("{}", "([^。]+)"), given)
    more, less = {a for a, _ in pairs}, {b for _, b in pairs}
    (found,) = more - less if place == 0 else less - more
    return str(found)


ORDERING = family(
    name="ordering",
    phrasings=(
        "关于{crew}，有三条线索，请推断{which}。",
        "{crew}互相比较了一番，{which}？",
        "只凭下面的话，能断定{crew}当中{which}吗？写出名字。",
        "逻辑小题，主人公是{crew}。{which}？",
        "把线索串成一条线，看看{crew}里{which}。",
    ),
    slots={"crew": CREWS, "which": tuple(WHICH)},
    draw=_chain,
    solve=_end_of_chain,
    settings=CLASS,
    endings=ITEM,
)

# Sets.

GROUPS: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "两边都有的人": lambda a, b: [x for x in a if x in b],
    "只在甲名单出现的人": lambda a, b: [x for x in a if x not in b],
    "只在乙名单出现的人": lambda a, b: [x for x in b if x not in a],
    "恰好只在一份名单里的人": lambda a, b: [x for x in a if x not in b] + [x for x in b if x not in a],
    "合并去重后的全体": lambda a, b: a + [x for x in b if x not in a],
}
GATHERINGS = (
    *("周六和周日的志愿者", "羽毛球队与乒乓球队的队员", "两场婚宴的宾客", "前后两届的读书会成员"),
    *("早班和晚班的护士", "去年与今年的献血者", "登山与骑行的报名者", "两个合唱团的歌手", "上下学期的助教"),
)


def _two_lists(rng: Random, slots: Slots) -> str:
    names = rng.sample(NAMES, 7)
    first, second = names[:5], names[3:]
    rng.shuffle(second)
    return f"甲：{'、'.join(first)}\n乙：{'、'.join(second)}"


def _group(slots: Slots, given: str) -> str:
    first, second = (listed(line[2:]) for line in given.split("\n"))
    return "、".join(GROUPS[slots["group"]](first, second))


SETS = family(
    name="sets",
    phrasings=(
        "甲乙两份名单分别是{gathering}，列出{group}，先甲后乙，依原顺序。",
        "对比{gathering}（甲、乙），请写{group}，次序按名单从甲到乙。",
        "{gathering}各有一张表，我要{group}，甲在前、乙在后，别打乱。",
        "用集合的眼光看{gathering}：求{group}，照甲、乙中的先后写。",
    ),
    slots={"gathering": GATHERINGS, "group": tuple(GROUPS)},
    draw=_two_lists,
    solve=_group,
    like=as_list(),
    settings=ASIDE,
    endings=LIST,
)

# Syllogisms: three forms that are valid, three that are not.

SYLLOGISMS = {
    "所有{a}都是{b}。所有{b}都是{c}。所以，所有{a}都是{c}。": True,
    "没有{b}是{c}。所有{a}都是{b}。所以，没有{a}是{c}。": True,
    "所有{a}都是{b}。有些{a}是{c}。所以，有些{b}是{c}。": True,
    "所有{a}都是{c}。所有{b}都是{c}。所以，所有{a}都是{b}。": False,
    "有些{a}是{b}。有些{b}是{c}。所以，有些{a}是{c}。": False,
    "所有{a}都是{b}。没有{c}是{a}。所以，没有{c}是{b}。": False,
}
KINDS = ("木匠", "诗人", "水手", "舞者", "园丁", "法官", "登山者", "鼓手", "教师", "渔民", "棋手", "养蜂人")
DEBATES = (
    "大专辩论赛的陈词",
    "哲学选修课的讲义",
    "童话剧里的动物议会",
    "脱口秀演员的歪理",
    "读者来信",
    "饭桌上的争吵",
    "公务员考试的题库",
    "法庭剧的台词",
)
VERDICTS = {
    "有效或无效": ("有效", "无效"),
    "推得出或推不出": ("推得出", "推不出"),
    "合乎逻辑或不合逻辑": ("合乎逻辑", "不合逻辑"),
}


def _syllogism(rng: Random, slots: Slots) -> str:
    a, b, c = rng.sample(KINDS, 3)
    return rng.choice(tuple(SYLLOGISMS)).format(a=a, b=b, c=c)


def _shape(text: str) -> tuple[str, ...]:
    """The words that were filled in as a, b, c in order of their coming, the rest as it is."""
    parts = re.split(f"({'|'.join(KINDS)}|" + r"\{\w\})", text)
    order = list(dict.fromkeys(parts[1::2]))
    return tuple(str(order.index(part)) if n % 2 else part for n, part in enumerate(parts))


def _is_valid(slots: Slots, given: str) -> str:
    valid = next(valid for form, valid in SYLLOGISMS.items() if _shape(form) == _shape(given))
    return VERDICTS[slots["labels"]][not valid]


SYLLOGISM = family(
    name="syllogism",
    phrasings=(
        "{debate}里有这么一段推理，结论站得住吗？答{labels}。",
        "不管前提真不真，只看推理形式，把{debate}的这番话判为{labels}。",
        "请给三段论打分，选项是{labels}，例子来自{debate}。",
        "从两个前提到结论，{debate}里的说法究竟如何？回答{labels}即可。",
        "遇到{debate}，请用{labels}评价其中的论证。",
    ),
    slots={"debate": DEBATES, "labels": tuple(VERDICTS)},
    draw=_syllogism,
    solve=_is_valid,
    classification=True,
    settings=ASIDE,
    endings=LABEL,
)

# Analogies.

ANALOGIES = {
    "职业与工具": "木匠-刨子 裁缝-剪刀 医生-听诊器 农民-锄头 渔夫-渔网 画家-画笔",
    "职业与场所": "教师-学校 法官-法院 厨师-厨房 演员-舞台 飞行员-驾驶舱 药剂师-药房",
    "动物与住处": "蜜蜂-蜂巢 鸟-鸟巢 蜘蛛-网 马-马厩 鸡-鸡窝 蚂蚁-蚁穴",
    "部分与整体": "花瓣-花 书页-书 车轮-汽车 枝条-树 琴键-钢琴 屋檐-房子",
    "物品与材料": "窗户-玻璃 轮胎-橡胶 毛衣-羊毛 硬币-金属 蜡烛-石蜡 宣纸-青檀皮",
    "省份与省会": "湖北-武汉 四川-成都 云南-昆明 山东-济南 广东-广州 福建-福州",
    "书与作者": "史记-司马迁 本草纲目-李时珍 骆驼祥子-老舍 呐喊-鲁迅 水经注-郦道元",
    "节日与食物": "端午节-粽子 中秋节-月饼 元宵节-汤圆 腊八节-腊八粥",
}
STAGES = (
    "事业单位行测卷",
    "睡前的亲子问答",
    "思维训练营",
    "语言康复的练习",
    "老年大脑体操",
    "中文八级的模拟题",
    "综艺的快问快答",
    "侦探社的入会考验",
)


def _analogy(rng: Random, slots: Slots) -> str:
    (a, b), (c, _) = (pair.split("-") for pair in rng.sample(ANALOGIES[slots["kind"]].split(), 2))
    return f"{a}之于{b}，正如{c}之于____"


ANALOGY = family(
    name="analogy",
    phrasings=(
        "类比推理，关系为{kind}，空格填什么？出自{stage}。",
        "{stage}有一道填空，前后两组都是{kind}的关系，请补全。",
        "由前一对推后一对（{kind}），写出缺的词，{stage}要用。",
        "参照例子里{kind}的联系，空着的词应该是？题目给{stage}用。",
    ),
    slots={"kind": tuple(ANALOGIES), "stage": STAGES},
    draw=_analogy,
    solve=lambda slots, given: dict(pair.split("-") for pair in ANALOGIES[slots["kind"]].split())[
        given.split("正如")[1].split("之于")[0]
    ],
    settings=ASIDE,
    endings=ITEM,
    graded=False,  # some have two names: 鸡窝, 鸡舍
)

# Something is missing.

CHECKLISTS = {
    "儿童记忆力的托盘游戏": ("水果", "蔬菜", "文具", "调味品"),
    "仓管员的两次清点": ("文具", "家具", "调味品", "乐器", "水果", "蔬菜"),
    "被擦掉一角的黑板": tuple(THEMES),
    "背单词的两遍默写": tuple(THEMES),
    "图鉴再版的目录": ("鸟类", "树木", "水果", "蔬菜", "乐器", "交通工具"),
    "道具组的交接": ("家具", "乐器", "文具"),
    "拍卖会的预展": ("家具", "乐器"),
    "老年大脑体操": tuple(THEMES),
}
"""Each with what it may be about."""


def _before_and_after(rng: Random, slots: Slots) -> str:
    full = rng.sample(THEMES[slots["kind"]], 6)
    return f"原来：{'、'.join(full)}\n现在：{'、'.join(rng.sample(full, 5))}"


def _gone(slots: Slots, given: str) -> str:
    before, after = (listed(line[3:]) for line in given.split("\n"))
    (gone,) = set(before) - set(after)
    return gone


MISSING = family(
    name="missing_entry",
    phrasings=(
        "{checklist}：原来六样{kind}，现在五样，少了哪样？",
        "两行{kind}对不上，缺的是什么？情景为{checklist}。",
        "前后比一比，{kind}里谁不见了？这是{checklist}。",
        "{checklist}：请报出消失的那一个，它属于{kind}。",
    ),
    slots={"kind": tuple(THEMES), "checklist": tuple(CHECKLISTS)},
    fits=lambda slots: slots["kind"] in CHECKLISTS[slots["checklist"]],
    draw=_before_and_after,
    solve=_gone,
    settings=ASIDE,
    endings=ITEM,
)

FAMILIES = (NUMBER_TEST, ORDERING, SETS, SYLLOGISM, ANALOGY, MISSING)
