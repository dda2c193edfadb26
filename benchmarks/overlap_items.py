"""What benchmarks/overlap.py plants and the rows it plants them in, in English and Chinese: patterns of questions, each
in two wordings, situations to tell before them, synonyms, openings. Neither was chosen by what the filter finds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PATTERNS = (
    (
        "{A} bought {n} boxes of {a} for {m} coins each and {k} sacks of {b} for {l} coins each. How many "
        "coins did {A} "
        "spend in total?",
        "In all, what did {A} pay for {n} boxes of {a} at {m} coins apiece together with {k} sacks of {b} "
        "that cost {l} "
        "coins apiece?",
    ),
    (
        "Which {a} is best known for its {b} in the {c} of the {d}?",
        "In the {c} of the {d}, what {a} is most famous because of its {b}?",
    ),
    (
        "Explain how the {a} of a {b} affects the {c} when the {d} is removed.",
        "If someone takes away the {d}, in what way does the {a} of a {b} influence the {c}?",
    ),
    (
        "A {a} travels {n} kilometers in {m} hours, then stops at a {b} for {k} minutes. What is its average "
        "speed until "
        "it reaches the {c}?",
        "Having gone {n} kilometers in {m} hours, a {a} rests {k} minutes at a {b}. How fast is it on "
        "average before it "
        "gets to the {c}?",
    ),
    (
        "Write a short story about a {a} who finds a {b} under the {c} and decides to give it to the {d}.",
        "Tell a brief tale in which somebody, a {a}, discovers a {b} beneath the {c} and chooses to hand it "
        "over to the "
        "{d}.",
    ),
    (
        "Why did the {a} of the {b} lose its {c} after the {d} had been introduced?",
        "What was the reason that, once there was the {d}, the {b} saw its {a} without any {c}?",
    ),
    (
        "Write a function that takes a list of {a} and returns the {b} with the smallest {c}, or none when "
        "the list has "
        "no {d}.",
        "Implement code which, given {a} in a list, gives back the {b} whose {c} is lowest; where there is "
        "no {d} in the "
        "list, return none.",
    ),
    (
        "In the passage above, the word {a} most nearly means: {b}, {c}, {d} or {e}?",
        "Of {b}, {c}, {d} and {e}, which is closest in meaning to {a} as the passage above has it?",
    ),
    (
        "Compare the {a} {b} with the {c} {d}: what do they have in common, and where do they differ in {e}?",
        "What are the similarities of the {a} {b} and the {c} {d}, and the differences between them as to {e}?",
    ),
    (
        "During the {a}, a {b} was kept in the {c} at {n} degrees. After {m} days its {d} had doubled. What can be "
        "concluded about the {e}?",
        "A {b} whose {d} had grown to twice as much after {m} days was held at {n} degrees in the {c} for "
        "the {a}. What "
        "follows from this for the {e}?",
    ),
    (
        "You are a {a}. Draft a letter to the {b} in which you ask for a {c} because of the {d}.",
        "Imagine that you work as a {a}, and compose a letter requesting a {c} from the {b} on account of the {d}.",
    ),
    (
        "Suggest three ways in which a {a} could use a {b} to protect the {c} from {d}.",
        "How might a {b} help a {a} to keep the {c} safe against {d}? Give three possibilities.",
    ),
)
"""What is asked, and the same in other words."""

SITUATIONS = (
    (
        "The {f} near the {g} was closed for {i} weeks because its {h} had been damaged.",
        "Because of damage to its {h}, they shut the {f} close to the {g} for {i} weeks.",
    ),
    (
        "Last winter {B} sent a {f} and two {g} to the {h}, which nobody there had ordered.",
        "{B} let the {h} have two {g} and a {f} last winter, although nobody there wanted them.",
    ),
    (
        "Researchers measured the {f} of {i} different {g} and found that it falls with the {h}.",
        "In a study of {i} kinds of {g}, the {f} was seen to become less the more {h} there is.",
    ),
    (
        "According to the {f}, every {g} has to carry a {h} on board when it leaves the harbour.",
        "No {g} may go out of the harbour without a {h}, as the {f} says.",
    ),
    (
        "My grandmother used to mix {f} with {g} and left it near the {h} overnight.",
        "Overnight, by the {h}, is where my grandmother would leave her mixture of {g} and {f}.",
    ),
    (
        "In a village of {i} people, a {f} sells {g} on market days and repairs each {h} for nothing.",
        "There is a {f} who mends any {h} free of charge and offers {g} at the market, in a village where "
        "{i} people live.",
    ),
)
"""What is told before it, in two items of three, and the same in other words."""

GROUPS = """
    big large|small little|quick fast rapid|buy purchase|make create produce|begin start|end finish|house home|child kid
    car vehicle|answer reply|question query|important significant|help assist|show display|job occupation|happy glad
    ill sick|picture image|sentence phrase|text passage|list enumeration|name title|person human|town city|way method
    idea thought|error mistake|story tale|trip journey|street road|shop store|gift present|film movie|letter note
    average mean|total sum|boxes crates|coins pieces|discovers spots|beneath below|lowest smallest|influence affect
"""
NAMES = ("Anouk", "Boris", "Carla", "Dmitri", "Esther", "Farid", "Greta", "Hugo", "Ines", "Jamal", "Katya", "Lorenzo")
OPENINGS = """
    Write a|Describe the|Explain the|List five|Give an example of a|Summarize the|What is the|How would you|Create a|
    Find the|Rewrite the|Classify the|Suggest a|Compare the|Name a|Generate a|Why is the|Identify the|Construct a|
    Translate the|Edit the|Design a|Tell me about the|Can you think of a|What do you know about the|Come up with a
"""

PATTERNS_ZH = (
    (
        "{A}买了{n}箱{a}，每箱{m}元，又买了{k}袋{b}，每袋{l}元。{A}一共花了多少钱？",
        "每箱{m}元的{a}有{n}箱，每袋{l}元的{b}有{k}袋，{A}全部买下，总共付多少元？",
    ),
    ("在{d}的{c}中，哪一种{a}因其{b}而最为著名？", "哪种{a}凭借它的{b}，在{d}的{c}里名气最大？"),
    ("请解释去掉{d}以后，{b}的{a}如何影响{c}。", "如果有人拿走{d}，{b}的{a}会怎样作用于{c}？请说明。"),
    (
        "一辆{a}用{m}小时行驶了{n}公里，然后在{b}停了{k}分钟。它到达{c}之前的平均速度是多少？",
        "{a}开了{n}公里，花去{m}小时，接着在{b}休息{k}分钟。求它抵达{c}以前平均有多快。",
    ),
    (
        "写一个短篇故事：一位{a}在{c}下面发现了{b}，决定把它交给{d}。",
        "讲一则小故事，说的是有个{a}从{c}底下找到{b}，最后选择送给{d}。",
    ),
    ("引入{d}之后，{b}的{a}为什么失去了{c}？", "自从有了{d}，{b}中的{a}便没有了{c}，原因何在？"),
    (
        "编写一个函数，接收一个{a}列表，返回其中{c}最小的{b}；若列表中没有{d}，则返回空。",
        "请实现一段代码：给定由{a}组成的列表，找出{c}最低的{b}，当列表不含{d}时结果为空。",
    ),
    (
        "根据上文，“{a}”一词的意思最接近下列哪一项：{b}、{c}、{d}还是{e}？",
        "{b}、{c}、{d}、{e}之中，哪个与文中“{a}”的含义最相近？",
    ),
    (
        "比较{a}{b}和{c}{d}：它们有什么共同点，在{e}方面有何不同？",
        "{a}{b}同{c}{d}相比，相似之处是什么？就{e}而言差别在哪里？",
    ),
    (
        "在{a}期间，{b}被放在{c}里，温度为{n}度。{m}天后其{d}增加了一倍。由此可以对{e}得出什么结论？",
        "{b}于{a}时存放在{n}度的{c}中，过了{m}天，{d}变成原来的两倍。这对{e}意味着什么？",
    ),
    ("你是一名{a}，请给{b}写一封信，因为{d}而申请{c}。", "假设你的职业是{a}，由于{d}，写信向{b}请求得到{c}。"),
    ("提出三种方法，让{a}可以用{b}保护{c}不受{d}的影响。", "{a}怎样借助{b}使{c}免遭{d}？请给出三条建议。"),
)
SITUATIONS_ZH = (
    ("{g}附近的{f}关闭了{i}个星期，因为它的{h}受到了损坏。", "由于{h}坏了，靠近{g}的{f}停用了{i}周。"),
    (
        "去年冬天，{B}给{h}寄去了一个{f}和两个{g}，那里没有人订购过。",
        "{B}在去年冬季把两个{g}和一个{f}送到{h}，可是谁也没有要过。",
    ),
    ("研究人员测量了{i}种不同{g}的{f}，发现它随着{h}而下降。", "对{i}类{g}的研究表明，{h}越多，{f}就越低。"),
    ("按照{f}的规定，每一艘{g}离开港口时都必须带上{h}。", "{f}写明：没有{h}的{g}一律不准出港。"),
    ("我的祖母常常把{f}和{g}混在一起，放在{h}旁边过夜。", "奶奶过去会调好{g}与{f}，让它在{h}边上搁一整晚。"),
    (
        "在一个{i}人的村子里，有位{f}在赶集的日子卖{g}，还免费修理{h}。",
        "村里住着{i}口人，一个{f}逢集便出售{g}，修{h}从不收钱。",
    ),
)
GROUPS_ZH = """
    买购买|开始着手|结束完成|房子住宅|孩子小孩|汽车车辆|回答答复|问题疑问|重要关键|帮助协助|展示显示|工作职业|高兴开心
    图片图像|句子语句|列表清单|名字姓名|城市都市|方法办法|错误失误|故事小说|旅行旅程|商店店铺|礼物礼品|电影影片
    影响作用|原因缘故|发现找到|决定选择|最小最低|共同相同|不同差异|结论推论|申请请求|保护守护
"""
NAMES_ZH = ("王芳", "李强", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周涛", "吴倩", "徐明", "孙悦")
OPENINGS_ZH = """
    写一篇关于|描述|解释|列出五个|举例说明|总结|什么是|如何|创建一个|找出|改写|将以下内容分类|建议一个|比较|说出一种|
    生成一个
"""


class Tables(NamedTuple):
    """What is planted in rows of a language, and what these are made of."""

    patterns: tuple[tuple[str, str], ...]
    situations: tuple[tuple[str, str], ...]
    synonyms: dict[str, list[str]]
    names: tuple[str, ...]
    openings: list[str]
    space: str
    """Between two words."""


def _synonyms(groups: list[list[str]]) -> dict[str, list[str]]:
    return {word: [other for other in group if other != word] for group in groups for word in group}


_HALVES = re.findall(r"[^\W|]+", GROUPS_ZH)
TABLES = {
    "en": Tables(
        PATTERNS,
        SITUATIONS,
        _synonyms([group.split() for group in re.split(r"[|\n]", GROUPS.strip())]),
        NAMES,
        [opening.strip() for opening in OPENINGS.split("|")],
        " ",
    ),
    "zh": Tables(
        PATTERNS_ZH,
        SITUATIONS_ZH,
        _synonyms([[pair[:2], pair[2:]] for pair in _HALVES if len(pair) == 4]),
        NAMES_ZH,
        [opening.strip() for opening in OPENINGS_ZH.split("|")],
        "",
    ),
}
