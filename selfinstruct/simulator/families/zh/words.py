"""Families about characters and words: counting, strokes, tones, sorting by pinyin, opposites, measure words."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import ASIDE, ITEM, LIST, WORK
from selfinstruct.simulator.families.zh.lexicon import (
    ANTONYMS,
    JOINED,
    MEASURES,
    STROKES,
    SURNAMES,
    SYNONYMS,
    TONES,
)
from selfinstruct.simulator.families.zh.matching import as_item, as_list
from selfinstruct.simulator.families.zh.vocabulary import SENTENCES, THEMES
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

MARKS = "，。！？；：、"


def _clause(rng: Random, slots: Slots) -> str:
    return rng.choice(SENTENCES)


# Counting in a sentence.

COUNTS: dict[str, Callable[[str], int]] = {
    "汉字的个数（标点不算）": lambda text: len(re.findall("[一-鿿]", text)),
    "标点符号一共用了几个": lambda text: sum(char in MARKS for char in text),
    "“的”字出现的次数": lambda text: text.count("的"),
    "逗号有几处": lambda text: text.count("，"),
    "连标点在内的总字符数": len,
    "“了”字用了多少回": lambda text: text.count("了"),
    "不同的汉字有多少种": lambda text: len(set(re.findall("[一-鿿]", text))),
}
DRAFTS = (
    *("朋友圈文案", "作文的开头", "公众号推送的导语", "电台主播的口播稿", "征文比赛的投稿", "明信片背面的话"),
    *("报纸副刊的小段子", "语文试卷的阅读材料", "书签上印的句子"),
)
COUNT = family(
    name="count_characters",
    phrasings=(
        "替我数数这段{draft}：{what}。",
        "{draft}有字数限制，请核对{what}，只报数字。",
        "下面是{draft}，我想知道{what}。",
        "排版前检查{draft}，{what}，请给一个数。",
        "{what}——请对照这则{draft}逐字统计。",
    ),
    slots={"draft": DRAFTS, "what": tuple(COUNTS)},
    draw=_clause,
    solve=lambda slots, given: str(COUNTS[slots["what"]](given)),
    settings=ASIDE,
    endings=ITEM,
)

# Edits of a short text.

SHORT = [text for sentence in SENTENCES for text in re.findall(r"[^。！？]+[。！？]", sentence) if 10 < len(text) < 40]
EDITS: dict[str, Callable[[str], str]] = {
    "从后往前逐字倒着写，标点也跟着走": lambda text: text[::-1],
    "删掉所有标点，其余一字不动": lambda text: re.sub(f"[{MARKS}]", "", text),
    "每两个汉字之间插入一个短横线，标点去掉": lambda text: "-".join(re.sub(f"[{MARKS}]", "", text)),
    "凡是标点都换成竖线": lambda text: re.sub(f"[{MARKS}]", "|", text),
    "缩到只剩每个标点前面的那个字，连成一串": lambda text: "".join(re.findall(f".(?=[{MARKS}])", text)),
    "从头上取一个字挪到最末尾": lambda text: text[1:] + text[0],
    "隔一个字符删一个，从第二个删起": lambda text: text[::2],
    "凡是“的”字都改成星号": lambda text: text.replace("的", "*"),
}
GAMES = (
    *("编一条暗号", "设计密室谜题", "测试输入法", "给学生练打字", "做文字游戏", "演示字符串处理", "整理弹幕"),
    *("制作口令红包", "排演相声包袱"),
)
EDIT = family(
    name="edit_text",
    phrasings=(
        "为了{game}，请把这句话{edit}。",
        "文字小魔术：{edit}。目的是{game}。",
        "我想{game}，规则很简单，{edit}，请照做。",
        "按要求加工下面的文字——{edit}，拿去{game}。",
        "{game}时需要你动动手：{edit}。",
    ),
    slots={"game": GAMES, "edit": tuple(EDITS)},
    draw=lambda rng, slots: rng.choice([text for text in SHORT if EDITS[slots["edit"]](text) != text]),
    solve=lambda slots, given: EDITS[slots["edit"]](given),
    check=lambda slots, given, output: output == EDITS[slots["edit"]](given),
)

# Strokes.

STROKE_ASKS: dict[str, Callable[[list[str]], str]] = {
    "按笔画由少到多排队": lambda chars: "、".join(sorted(chars, key=lambda char: STROKES[char])),
    "依笔画从多到少重新排列": lambda chars: "、".join(sorted(chars, key=lambda char: -STROKES[char])),
    "挑出笔画最多的那个": lambda chars: max(chars, key=lambda char: STROKES[char]),
    "找到笔画最少的字": lambda chars: min(chars, key=lambda char: STROKES[char]),
    "把它们的笔画数全部相加": lambda chars: str(sum(STROKES[char] for char in chars)),
    "写出每个字的笔画数，次序不变": lambda chars: "、".join(str(STROKES[char]) for char in chars),
}
BRUSHES = (
    *("书法班的第一课", "候选人名单的排序练习", "识字卡片", "硬笔考级辅导", "给外国学员的汉字课", "刻印章的订单"),
    *("起名大会", "孩子的田字格作业"),
)


def _chars(rng: Random, slots: Slots) -> str:
    counts = rng.sample(sorted(set(STROKES.values())), 5)
    while counts in (sorted(counts), sorted(counts, reverse=True)):
        rng.shuffle(counts)
    return "、".join(rng.choice([char for char, n in STROKES.items() if n == count]) for count in counts)


STROKE = family(
    name="strokes",
    phrasings=(
        "{brush}里用到这些字，请{ask}。",
        "看简体规范字形，{ask}，这是{brush}的内容。",
        "请数笔画：{ask}，供{brush}参考。",
        "{brush}有个小任务，{ask}。",
        "五个字笔画各不相同，{ask}，好用在{brush}里。",
    ),
    slots={"brush": BRUSHES, "ask": tuple(STROKE_ASKS)},
    draw=_chars,
    solve=lambda slots, given: STROKE_ASKS[slots["ask"]](listed(given)),
    like=as_list(as_item),
    settings=ASIDE,
)

# Tones.

READERS = (
    *("普通话测试前的练口", "播音社的晨读", "方言区孩子的拼音课", "配音爱好者的词表", "外国朋友的识字课"),
    *("语音识别的抽查", "童谣填词", "朗诵比赛的选字"),
)


def _toned(rng: Random, slots: Slots) -> str:
    hits = rng.sample(TONES[slots["tone"]], rng.randint(1, 3))
    others = [char for tone, chars in TONES.items() if tone != slots["tone"] for char in chars]
    chars = hits + rng.sample(others, 6 - len(hits))
    rng.shuffle(chars)
    return "、".join(chars)


TONE = family(
    name="tones",
    phrasings=(
        "{reader}要分声调：读{tone}的有哪些字？按原来的先后写出。",
        "把念{tone}的字从下面拣出来，顺序别乱，用于{reader}。",
        "在普通话里，哪几个字是{tone}？照出现次序回答。场合是{reader}。",
        "{reader}：请圈出声调为{tone}的字，依原顺序列出。",
        "为了{reader}，只留{tone}的字，其余去掉，不改变排列。",
    ),
    slots={"reader": READERS, "tone": tuple(TONES)},
    draw=_toned,
    solve=lambda slots, given: "、".join(char for char in listed(given) if char in TONES[slots["tone"]]),
    like=as_list(),
    settings=ASIDE,
    endings=LIST,
)

# Sorting by pinyin.

GIVEN_NAMES = ("文博", "雨欣", "志远", "晓燕", "建国", "思源", "一鸣", "海棠", "春生", "静怡")
ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "按姓氏的拼音从A到Z": lambda names: sorted(names, key=lambda name: SURNAMES[name[0]]),
    "依姓的拼音由Z到A倒着": lambda names: sorted(names, key=lambda name: SURNAMES[name[0]], reverse=True),
}
ROLLS = (
    *("签到表", "获奖名单", "值班通讯录", "大会的座位卡", "毕业纪念册", "志愿者花名册", "合唱团分谱名单"),
    *("体检预约单", "诗歌集的作者索引"),
)


def _people(rng: Random, slots: Slots) -> str:
    surnames = rng.sample(tuple(SURNAMES), 5)
    while surnames in (
        sorted(surnames, key=lambda one: SURNAMES[one]),
        sorted(surnames, key=lambda one: SURNAMES[one], reverse=True),
    ):
        rng.shuffle(surnames)
    return "、".join(map("".join, zip(surnames, rng.sample(GIVEN_NAMES, 5), strict=True)))


BY_PINYIN = family(
    name="sort_by_pinyin",
    phrasings=(
        "{roll}里的人名乱了，请{order}排好。",
        "请将下列姓名{order}排列，放进{roll}。",
        "打印{roll}之前要排序：{order}，名字本身不改。",
        "{order}重排{roll}上的五位，怎么写？",
        "主办方规定{roll}一律{order}，请照此调整先后。",
    ),
    slots={"roll": ROLLS, "order": tuple(ORDERS)},
    draw=_people,
    solve=lambda slots, given: "、".join(ORDERS[slots["order"]](listed(given))),
    like=as_list(),
    settings=WORK,
    endings=LIST,
)

# Opposites and words that mean the same, to be chosen.

BOOKS = (
    *("三年级词语手册", "成语接龙的热身卡", "对外汉语的闪卡", "报社校对的小测", "亲子桌游的题卡"),
    *("作文换词练习", "语文园地的墙报", "识字软件的闯关题"),
)
KINDS = {"反义词": ANTONYMS, "意思相反的一个": ANTONYMS, "近义词": SYNONYMS, "意思最接近的一个": SYNONYMS}


def _choice(rng: Random, slots: Slots) -> str:
    pairs = KINDS[slots["kind"]]
    word = rng.choice(tuple(pairs))
    options = [pairs[word], *rng.sample([other for key, other in pairs.items() if key != word], 3)]
    rng.shuffle(options)
    return f"词语：{word}\n备选：{'、'.join(options)}"


OPPOSITE = family(
    name="word_pairs",
    phrasings=(
        "{book}里有这么一题：从备选中选出{kind}。",
        "替给出的词找{kind}，四选一，写进{book}。",
        "正在编{book}，请在备选词里定下{kind}。",
        "备选的四个词，哪个是{kind}？答案将印在{book}上。",
        "{kind}是什么？只能用备选里的词，别自己造，{book}要求如此。",
    ),
    slots={"book": BOOKS, "kind": tuple(KINDS)},
    draw=_choice,
    solve=lambda slots, given: KINDS[slots["kind"]][given.split("\n")[0].removeprefix("词语：")],
    settings=ASIDE,
    endings=ITEM,
)

# Measure words.

LEARNERS = (
    *("泰国来的交换生", "刚学中文的女婿", "幼小衔接班的孩子", "写中文菜单的外国厨师", "海外华裔小朋友"),
    *("聋校低年级的学生", "汉语角的新成员", "来华工作的工程师"),
)


def _noun(rng: Random, slots: Slots) -> str:
    measure = rng.choice(tuple(MEASURES))
    options = [measure, *rng.sample([one for one in MEASURES if one != measure], 3)]
    rng.shuffle(options)
    return f"一（　）{rng.choice(MEASURES[measure])}\n备选：{'、'.join(options)}"


MEASURE = family(
    name="measure_words",
    phrasings=(
        "括号里该填哪个量词？这道题是给{learner}准备的。",
        "{learner}总把量词用错，请从备选中选出合适的一个。",
        "量词填空，{learner}能看懂就行，从所给的四个里挑。",
        "教{learner}说地道的中文：选最恰当的量词补全短语。",
        "数东西各有各的说法，请帮{learner}把空格里的量词选出来。",
    ),
    slots={"learner": LEARNERS},
    draw=_noun,
    solve=lambda slots, given: next(
        measure for measure, nouns in MEASURES.items() if given.split("\n")[0].removeprefix("一（　）") in nouns
    ),
    settings=ASIDE,
    endings=ITEM,
)

# Parts that make a character.

RIDDLES = (
    *("元宵灯谜", "识字积木的说明书", "班级板报的趣味角", "汉字文创的冰箱贴", "爷孙俩的拼字游戏"),
    *("公益广告的创意", "小程序闯关第一关"),
)
JOIN = family(
    name="join_parts",
    phrasings=(
        "{riddle}：把几个部件合成一个常用汉字，写出这个字。",
        "拼拼看，下面的零件凑在一起是什么字？答案给{riddle}用。",
        "合字游戏，谜底是一个字。题目用在{riddle}。",
        "左右拼也好，上下拼也好，请组成一个汉字，{riddle}等着要。",
        "仓颉造字有讲究：给你这些偏旁或独体字，能造出哪个字？这是{riddle}的一题。",
    ),
    slots={"riddle": RIDDLES},
    draw=lambda rng, slots: rng.choice(tuple(JOINED)),
    solve=lambda slots, given: JOINED[given],
    settings=ASIDE,
    endings=ITEM,
)

# Odd one out.

CABINETS = (
    *("幼儿园的分类游戏", "识字课的词卡", "猜谜晚会", "认知训练的题卡", "词库的清洗", "桌游的词语牌"),
    *("听写本上的一行词", "语文小达人比赛"),
)


def _with_stranger(rng: Random, slots: Slots) -> str:
    theme, other = rng.sample(tuple(THEMES), 2)
    words = [*rng.sample(THEMES[theme], 4), rng.choice(THEMES[other])]
    rng.shuffle(words)
    return "、".join(words)


def _stranger(slots: Slots, given: str) -> str:
    themes = [next(theme for theme, words in THEMES.items() if word in words) for word in listed(given)]
    return next(word for word, theme in zip(listed(given), themes, strict=True) if themes.count(theme) == 1)


ODD = family(
    name="odd_one_out",
    phrasings=(
        "{cabinet}里混进了一个不同类的词，请揪出来。",
        "五个词里有四个同属一类，剩下的是谁？题目来自{cabinet}。",
        "找不同：哪一项与其余的格格不入？用于{cabinet}。",
        "{cabinet}里有一个词放错了类，是哪个？",
        "除了其中一个，别的都是一家子。请为{cabinet}指出那个“外人”。",
    ),
    slots={"cabinet": CABINETS},
    draw=_with_stranger,
    solve=_stranger,
    settings=ASIDE,
    endings=ITEM,
)

FAMILIES = (COUNT, EDIT, STROKE, TONE, BY_PINYIN, OPPOSITE, MEASURE, JOIN, ODD)
