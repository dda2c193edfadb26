"""The built-in teacher's families in Chinese: solvers against checkers, clean wording, facts computed once more."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest

from selfinstruct.simulator.families.zh import (
    CHINESE,
    asking,
    code,
    dates,
    forms,
    idioms,
    lexicon,
    logic,
    lunar,
    places,
    poetry,
    rewriting,
    vocabulary,
    words,
)
from selfinstruct.simulator.family import Family, fill
from selfinstruct.simulator.index import Index

EVERY = pytest.mark.parametrize("family", CHINESE, ids=lambda family: family.name)
DRAWS = 200
recognise = Index(CHINESE).recognise
OPEN = ("zh_regex",)
"""Families where an answer may be right although it has another digit."""
LIKE_ENGLISH = ("zh_python_function", "zh_python_value", "zh_regex", "zh_sql")
FORBIDDEN = "图片 图像 视频 音频 文件 地图 (?<!笔)画 照片 录音 附件 链接 上传 下载"


# Families.


def test_names_and_number_of_families() -> None:
    assert len({family.name for family in CHINESE}) == len(CHINESE) >= 40
    assert all(4 <= len(family.phrasings) <= 8 for family in CHINESE)
    assert sum(family.classification for family in CHINESE) >= 8


@EVERY
def test_own_answers_are_right_and_others_wrong(family: Family) -> None:
    rng = Random(family.name)
    wrong = 0
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        assert asked.accepts(given, answer), (text, given, answer)
        mutants = ["", "抱歉，我不知道怎么做。", answer[: len(answer) // 2 - 1], f"{answer}或者7"]
        if (digit := re.search(r"\d", answer)) and family.name not in OPEN:
            mutants.append(answer[: digit.start()] + str((int(digit[0]) + 1) % 10) + answer[digit.end() :])
        for mutant in mutants:
            assert not asked.accepts(given, mutant), (text, given, mutant)
        _, other = family.compose(rng)
        wrong += not asked.accepts(given, other.answer(rng, other.draw(rng)))
    assert wrong > DRAWS // 8, "answers to other questions pass too often"


@EVERY
def test_instructions_are_clean_and_read_back(family: Family) -> None:
    rng = Random(f"{family.name} again")
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        assert recognise(text) == asked, text
        assert not re.search(r"[{}\n]|  |^\s|\s$", text), text
        assert not re.search(r"[，。？！；：、][，。？！；：、]|“”|（）|的的|了了|是是|在在|请请|把把|和和", text), text
        assert not re.search(r"[一-鿿] ?[,.;:?!()](?![\w/])|[,;?!] ?[一-鿿]", text), text
        assert text[-1] in "。？！）", text
        assert all(text.count(one) == text.count(other) for one, other in ("（）", "“”", "《》", "【】")), text
        assert re.match("[一-鿿“《]", text), text
        assert not re.search("|".join(FORBIDDEN.split()), text), text
        assert 10 <= len(text) <= 120, text


@EVERY
def test_nobody_else_recognises_it(family: Family) -> None:
    rng = Random(f"{family.name} alone")
    for _ in range(12):
        text = fill(rng.choice(family.phrasings), {name: rng.choice(values) for name, values in family.slots.items()})
        assert [other.name for other in CHINESE if other.recognise(text) is not None] == [family.name], text


@EVERY
def test_inputs_and_outputs_survive_the_formats(family: Family) -> None:
    rng = Random(f"{family.name} once more")
    labels = set()
    for _ in range(DRAWS):
        _, asked = family.compose(rng)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        for part in (given, answer):
            assert not re.search(r"^\W*(?:输入|输出|指令|示例|例子|类别|Input|Output)", part, re.MULTILINE), part
            assert part == part.strip()
            assert not part.endswith((":", "："))
            assert "###" not in part
            assert "\n\n" not in part
            assert (
                not re.search("[{}]", part)
                or "json" in family.name
                or '"' in part
                or "regex" in family.name
                or (family.name == "zh_python_function")
            ), part
            if family.name not in (*LIKE_ENGLISH, "zh_chinese_punctuation", "zh_edit_text"):
                assert (
                    not re.search(r"[一-鿿][,;?!](?=[一-鿿])", part) or "csv" in family.name or "table" in family.name
                )
        assert answer
        assert answer != given
        assert len(given + answer) < 400
        labels.add(answer)
    if family.classification:
        assert 2 <= len(labels) <= 10
        assert not any("\n" in label for label in labels)


@EVERY
def test_every_slot_value_can_be_asked(family: Family) -> None:
    """Nothing in a slot lacks its row in the tables that the solver looks into."""
    rng = Random(0)
    for wording in family.phrasings:
        names = re.findall(r"\{(\w+)\}", wording)
        assert len(set(names)) == len(names), wording
        for name in names:
            assert len(set(family.slots[name])) == len(family.slots[name]) > 1
            for value in family.slots[name]:
                slots = {other: rng.choice(family.slots[other]) for other in names} | {name: value}
                given = family.draw(rng, slots)
                answer = (
                    family.write(rng, slots, given) if family.write else family.solve and family.solve(slots, given)
                )
                assert answer, (wording, slots)


def test_endings_can_be_undone() -> None:
    for wishes in (forms.ITEM, forms.LIST, forms.LABEL):
        for ending in wishes.values():
            for answer in ("梨、桃、杏", "梨") if wishes is forms.LIST else ("42公里",):
                assert ending.take(ending.put(answer)) == answer


def test_the_same_answer_in_other_forms() -> None:
    assert asking.same("１２元。", "12元")
    assert asking.same("北京 ", "北京")
    assert asking.same("用 Python 写", "用Python写")
    assert not asking.same("1 2", "12")
    assert not asking.same("甲、乙", "乙、甲")


# Facts that can be computed or cross-checked.


def test_numerals() -> None:
    known = {0: "零", 10: "十", 12: "十二", 20: "二十", 101: "一百零一", 110: "一百一十", 1005: "一千零五"}
    known |= {10_000: "一万", 10_010: "一万零一十", 20_304: "二万零三百零四", 100_000: "十万", 120_500: "十二万零五百"}
    known |= {1_000_001: "一百万零一", 100_110: "十万零一百一十"}
    assert {n: vocabulary.in_hanzi(n) for n in known} == known
    assert len({vocabulary.in_hanzi(n) for n in range(20_000)}) == 20_000


def test_capital_amounts() -> None:
    known = {320_506: "叁仟贰佰零伍元零陆分", 1_000: "壹拾元整", 320_050: "叁仟贰佰元伍角整", 100: "壹元整"}
    known |= {
        10_000_000: "壹拾万元整",
        10_050_000: "壹拾万零伍佰元整",
        8_030: "捌拾元叁角整",
        12_345: "壹佰贰拾叁元肆角伍分",
    }
    assert {fen: vocabulary.capitals(fen) for fen in known} == known


def test_stems_branches_and_animals() -> None:
    assert [lunar.ganzhi(year) for year in (1984, 1894, 1911, 2024, 2000)] == ["甲子", "甲午", "辛亥", "甲辰", "庚辰"]
    assert [lunar.ANIMALS[(year - 4) % 12] for year in (1984, 1990, 2008, 2024)] == list("鼠马鼠龙")
    assert len({lunar.ganzhi(year) for year in range(60)}) == 60
    assert len(set(lunar.ANIMALS)) == len(set(lunar.BRANCHES)) == 12


def test_old_hours() -> None:
    assert [lunar.hour_of(hour) for hour in (23, 0, 1, 11, 12, 13, 21)] == [f"{b}时" for b in "子子丑午午未亥"]
    assert all(sum(lunar.hour_of(hour)[0] == branch for hour in range(24)) == 2 for branch in lunar.BRANCHES)


def test_solar_terms() -> None:
    assert len(set(lunar.TERMS)) == 24
    song = "春雨惊春清谷夏满芒夏暑暑秋处露秋寒霜冬雪雪冬小大"  # the children's rhyme, a character for each
    assert all(char in term for char, term in zip(song, lunar.TERMS, strict=True))
    assert [lunar.TERMS[n] for n in (0, 6, 12, 18)] == ["立春", "立夏", "立秋", "立冬"]
    assert [lunar.TERMS[n] for n in (3, 9, 15, 21)] == ["春分", "夏至", "秋分", "冬至"]


def test_festivals() -> None:
    doubled = {
        "上巳节": "三月初三",
        "端午节": "五月初五",
        "七夕": "七月初七",
        "重阳节": "九月初九",
        "龙抬头": "二月初二",
    }
    assert {name: lunar.FESTIVALS[name][0] for name in doubled} == doubled
    days = [day for day, _ in lunar.FESTIVALS.values()]
    assert len(set(days)) == len(days)


def test_strokes_and_tones() -> None:
    assert len(set("".join(lexicon.TONES.values()))) == sum(map(len, lexicon.TONES.values()))
    # Characters of our own table that are made of others of the table: the strokes add up.
    parts = {"明": "日月", "林": "木木", "森": "木木木", "花": "艹化", "星": "日生", "秋": "禾火", "鼻": "自畀"}
    strokes = {**lexicon.STROKES, "日": 4, "月": 4, "艹": 3, "化": 4, "禾": 5, "自": 6, "畀": 8}
    for char, its in parts.items():
        assert strokes[char] == sum(strokes[part] for part in its), char
    assert [lexicon.STROKES[char] for char in "一人大木田年花雨春家黄黑鼓鼻"] == list(range(1, 15))


def test_surnames_are_in_alphabetical_order() -> None:
    spelled = list(lexicon.SURNAMES.values())
    assert spelled == sorted(set(spelled))


def test_tables_have_no_word_twice() -> None:
    words_of_themes = [word for theme in vocabulary.THEMES.values() for word in theme]
    assert len(set(words_of_themes)) == len(words_of_themes)
    nouns = [noun for its in lexicon.MEASURES.values() for noun in its]
    assert len(set(nouns)) == len(nouns)
    for table in (lexicon.ANTONYMS, lexicon.SYNONYMS):
        assert len(set(table.values()) | set(table)) == 2 * len(table)
    assert len(set(lexicon.JOINED.values())) == len(lexicon.JOINED)
    assert not set(idioms.TEMPERS["褒义"]) & set(idioms.TEMPERS["贬义"])
    characters = [name for its in places.NOVELS.values() for name in its.split()]
    assert len(set(characters)) == len(characters)


def test_idioms_have_four_characters() -> None:
    chained = [idiom for chain in idioms.CHAINS for idiom in chain.split()]
    for idiom in (*idioms.MEANINGS, *idioms.PEOPLE, *chained, *idioms.TEMPERS["褒义"], *idioms.TEMPERS["贬义"]):
        assert len(idiom) == 4, idiom
    for chain in idioms.CHAINS:
        assert all(one[-1] == other[0] for one, other in pairwise(chain.split())), chain
    assert len(set(idioms.MEANINGS.values())) == len(idioms.MEANINGS)


def test_couplets_have_lines_of_equal_length() -> None:
    for first, second in idioms.COUPLETS.items():
        assert [len(part) for part in first.split("，")] == [len(part) for part in second.split("，")]


def test_poems_have_lines_of_equal_length() -> None:
    lines = [line for poem in poetry.POEMS for pair in poem.pairs for line in pair]
    assert len(set(lines)) == len(lines)
    for poem in poetry.POEMS:
        assert len({len(line) for pair in poem.pairs for line in pair}) == 1, poem
        assert len(poem.pairs[0][0]) in (5, 7), poem
    of = {poem.author: poem.dynasty for poem in poetry.POEMS}
    assert all(of[poem.author] == poem.dynasty for poem in poetry.POEMS)


def test_provinces() -> None:
    assert len(places.PROVINCES) == 27  # 22 provinces without Taiwan, and 5 autonomous regions
    assert len(places.BY_CAPITAL) == len(places.BY_PLATE) == 27
    assert set(places.SIGHTS.values()) <= set(places.PROVINCES) | {"北京"}


def test_linking_words_offer_one_right_pair() -> None:
    for text, options in rewriting.LINKS.items():
        assert text.count("（　）") == 2, text
        assert len(set(options.split())) == 3


def test_joined_characters_are_riddles_with_one_answer() -> None:
    sorted_parts = ["".join(sorted(parts)) for parts in lexicon.JOINED]
    assert len(set(sorted_parts)) == len(sorted_parts)


def test_python_values_are_what_python_gives() -> None:
    rng = Random(1)
    for does in code.EXPRESSIONS:
        for _ in range(20):
            slots = {"does": does}
            given = code.EXPRESSION.draw(rng, slots)
            assert code.EXPRESSION.solve is not None
            assert code.EXPRESSION.solve(slots, given) == str(eval(given))  # noqa: S307 - our own expressions


def test_python_functions_do_what_is_asked() -> None:
    calls = {
        "数出字符串里有多少个汉字": ("ab汉字", 2),
        "返回列表中的最大值与最小值之差": ([3, 9, 4], 6),
        "去掉列表里的重复元素并保持原来的次序": ([2, 1, 2], [2, 1]),
        "判断字符串正着读和倒着读是否一样": ("上海自来水来自海上", True),
        "把摄氏温度换成华氏温度": (100, 212.0),
        "求列表中所有正数的平均值": ([-4, 2, 4], 3.0),
        "统计每个字出现的次数，返回字典": ("好好学", {"好": 2, "学": 1}),
        "判断年份是不是闰年": (1900, False),
        "计算整数各位数字之和": (-105, 6),
        "把市斤换成公斤并保留一位小数": (7, 3.5),
        "根据公历年份返回生肖": (2024, "龙"),
        "把手机号中间四位换成星号": ("13900001234", "139****1234"),
    }
    assert set(calls) == set(code.FUNCTIONS)
    for does, (given, wanted) in calls.items():
        names: dict[str, object] = {}
        exec(f"def asked(x):\n    {code.FUNCTIONS[does]}\ngot = asked({given!r})", names)  # noqa: S102 - our own code
        assert names["got"] == wanted, does


def test_patterns_accept_and_refuse() -> None:
    for pattern, good, bad in code.PATTERNS.values():
        assert all(re.fullmatch(pattern, text) for text in good.split())
        assert not any(re.fullmatch(pattern, text) for text in bad.split())


def test_syllogisms_are_judged_as_set_theory_does() -> None:
    """All assignments of up to three individuals to three non-empty groups."""
    worlds = [(a, b, c) for a in range(1, 8) for b in range(1, 8) for c in range(1, 8)]

    def holds(sentence: str, groups: dict[str, int]) -> bool:
        quantity = re.findall("所有|没有|有些", sentence)[0]
        x, y = (groups[name] for name in re.findall(r"\{(\w)\}", sentence))
        return {"所有": x & ~y == 0, "没有": x & y == 0, "有些": x & y != 0}[quantity]

    for form, valid in logic.SYLLOGISMS.items():
        first, second, third = form.rstrip("。").split("。")
        cases = [dict(zip("abc", world, strict=True)) for world in worlds]
        assert all(holds(third, g) for g in cases if holds(first, g) and holds(second, g)) is valid, form


def test_weekdays_by_counting_from_a_known_day() -> None:
    monday = date(2024, 1, 1)
    for days in range(0, 4000, 37):
        day = monday + timedelta(days=days)
        given = f"{day.year}年{day.month}月{day.day}日"
        assert dates.WEEKDAY.solve is not None
        assert dates.WEEKDAY.solve({}, given) == "星期" + "一二三四五六日"[days % 7]


GOLDEN = (
    ("给你一串数，先求出所有数的和，然后将结果翻一番。", "2、10、30", "84"),
    ("我看中了紫砂壶，店员说可以打七五折。请算出最后付的钱。", "标价260元", "195元"),
    ("笼子里关着鸡和兔，数头也数脚。两种各有多少？", "共35只，脚94只", "鸡23只，兔12只"),
    ("购货发票上的金额要大写，怕被人涂改。该怎么写？", "1409.50元", "壹仟肆佰零玖元伍角整"),
    ("翻翻万年历：老同学聚会的日子落在周几？", "2008年8月8日", "星期五"),
    ("考证祖上留下的族谱时遇到这个年份，用干支怎么称呼？按农历年算。", "1898年", "戊戌年"),
    ("孩子的田字格作业有个小任务，按笔画由少到多排队。", "家、一、春、木、花", "一、木、花、春、家"),
    ("请接古诗：写出它的下一句，用于毕业留言。", "举头望明月", "低头思故乡"),
    ("水费15吨以内每吨3元，超过的每吨4.5元。村里的小诊所该交多少钱？", "用量：20吨", "67.5元"),
    (
        "算时差：新德里，北京时间换成当地时间，用于线上汉语课，别忘了写前一天、当天或次日。",
        "01:00",
        "前一天22:30",
    ),
)


@pytest.mark.parametrize(("instruction", "given", "wanted"), GOLDEN, ids=lambda text: text[:20])
def test_answers_worked_out_by_hand(instruction: str, given: str, wanted: str) -> None:
    asked = recognise(instruction)
    assert asked is not None
    assert asked.answer(Random(0), given) == wanted
    assert asked.accepts(given, wanted)


def test_json_answers_are_json() -> None:
    rng = Random(2)
    for family in CHINESE:
        if "json" in family.name:
            for _ in range(30):
                _, asked = family.compose(rng)
                assert json.loads(asked.answer(rng, asked.draw(rng)))


def test_edits_change_every_text_they_get() -> None:
    for edit, change in words.EDITS.items():
        assert change("天黑了，快回家的好。") != "天黑了，快回家的好。", edit


# The same answer in other hands.

RENT = "我看中了紫砂壶，店员说可以打七五折。请算出最后付的钱。"
MEAN = "关于热线电话的接听量，我只关心一件事——平均数（保留一位小数）。"
FRIDAY = "翻翻万年历：老同学聚会的日子落在周几？"
LI = "把这些数值由公里换算成华里，取整数，用来写进一本乡土教材。"
SUM = "给你一串数，先求出所有数的和，然后将结果翻一番。"
PRIME = "给出的数是质数吗？请用是或否作答。"
TO_HANZI = "这是图书馆的藏书册数，要写进旧式年鉴，请改成汉字数字。"
FROM_HANZI = "旧式年鉴上写着图书馆的藏书册数，是中文写的，请翻成阿拉伯数字。"
PROVINCE = "请由省会或首府说出所在省区，用在停车场保安的培训。"
HEADS = "笼子里关着鸡和兔，数头也数脚。两种各有多少？"
HOURS = "按起止时刻推算熬腊八粥的时长，用“几小时几分钟”表示。"
DELHI = "算时差：新德里，北京时间换成当地时间，用于线上汉语课，别忘了写前一天、当天或次日。"
ZODIAC = "剪纸班的老师神神秘秘，只透露了生年，还说是国庆节生的。属什么？"
NEXT = "请接古诗：写出它的下一句，用于毕业留言。"
LEAP = "以给定日期为准，三十天以后是哪年哪月哪日？那天优惠券作废。"
PATTERN = "下面的模式出自日志分析工具，请逐条比对，写下完全符合的项，都不符合写“无”。"
IDS = "正则：\\d{17}[\\dX]\n文本：11010119900000000X、11010119900000000x、1101011990、110101199000000001"
SIDES = (
    (
        *(MEAN, "31、31、31、31、31、31、31、31、31"),
        ["31.0", "31", "３１", "三十一", "平均数是31.0。", "答案是31。", "**31**", "「31」", "一共31"],
        ["不是31", "31或32", "32", "31.5", "31吗？", "30、31", "31元", "可能是31", "3131", "031"],
    ),
    (
        *(FRIDAY, "2008年8月8日"),
        ["星期五", "周五", "礼拜五", "那天是周五。", "2008年8月8日是星期五。", "“周五”", "答：星期五", "当天是星期五"],
        ["不是星期五", "星期五或星期六", "星期六", "星期四星期五", "五", "可能是星期五", "星期五星期五", "周五吗"],
    ),
    (
        *(LI, "274公里、3公里、10公里"),
        ["548里、6里、20里", "548华里、6华里、20华里", "548里，6里，20里", "548里\n6里\n20里", "548里、6里和20里"],
        ["548、6、20", "548公里、6公里、20公里", "6里、548里、20里", "548里、6里", "不是548里、6里、20里"],
    ),
    (
        *(RENT, "标价260元"),
        ["195", "195块", "195块钱", "一共195元。", "应付195元", "￥195", "195.00元", "一百九十五元", "紫砂壶应付195元"],
        ["不是195元", "195公里", "195元或200元", "260元195元", "并非195元", "195元195元", "没有195元"],
    ),
    (SUM, "2、10、30", ["84.0", "八十四", "得数为84。"], ["不是84", "42、84", "84不对", "085", "没有84"]),
    (PRIME, "31", ["“是”", "答案是是", "是。"], ["否", "不是", "是否", "是或否", "是的不是", "否是", "是也不是"]),
    (TO_HANZI, "2200", ["两千二百", "二千二百册", "答案是二千二百"], ["2200", "二千两百人", "不是二千二百"]),
    (FROM_HANZI, "二千二百", ["2200", "2,200", "２２００", "2200册", "答案是2200。"], ["二千二百", "2201", "不是2200"]),
    (PROVINCE, "西安", ["陕西", "陕西省", "西安在陕西省。"], ["陕西市", "山西", "不在陕西", "陕西或山西", "陕西省市"]),
    (
        *(HEADS, "共35只，脚94只"),
        ["鸡23只，兔12只", "兔12只，鸡23只", "鸡有23只，兔有12只", "鸡23，兔12", "鸡二十三只、兔十二只"],
        ["鸡12只，兔23只", "鸡23只", "不是鸡23只，兔12只", "鸡23只，兔12只，猫1只"],
    ),
    (
        HOURS,
        "10:05开始，当天12:05结束",
        ["2小时0分钟", "2小时", "2个小时", "2小时整"],
        ["120分钟", "2小时5分钟", "不是2小时"],
    ),
    (
        DELHI,
        "01:00",
        ["前一天22:30", "前一天22点30分", "前一日22点半"],
        ["22:30", "当天22:30", "不是前一天22:30"],
    ),
    (ZODIAC, "1980年", ["属猴。", "猴年", "“猴”", "生肖是猴"], ["不属猴", "猪", "猴猴", "鸡猴", "猴或鸡"]),
    (
        NEXT,
        "举头望明月",
        ["低头思故乡。", "举头望明月，低头思故乡。"],
        ["不是低头思故乡", "低头思故乡低头思故乡"],
    ),
    (
        LEAP,
        "2024年2月1日",
        ["2024年3月2日", "2024-03-02", "2024/3/2", "二〇二四年三月二日"],
        ["3月2日", "不是2024年3月2日", "2024-02-03"],
    ),
    (PATTERN, IDS, ["11010119900000000X、110101199000000001"], ["11010119900000000x、110101199000000001"]),
)


@pytest.mark.parametrize(("instruction", "given", "right", "wrong"), SIDES, ids=[row[0][:8] for row in SIDES])
def test_answers_that_say_the_same_and_others(instruction: str, given: str, right: list[str], wrong: list[str]) -> None:
    asked = recognise(instruction)
    assert asked is not None
    assert [answer for answer in right if not asked.accepts(given, answer)] == []
    assert [answer for answer in wrong if asked.accepts(given, answer)] == []


LITERAL = (
    "edit_text",
    "chinese_punctuation",
    "extract_json",
    "csv_to_markdown",
    "csv_to_json",
    "python_value",
    "regex",
)
"""Where the answer is the text itself, to the letter."""


@pytest.mark.parametrize("family", [one for one in CHINESE if one.graded], ids=lambda family: family.name)
def test_a_sentence_may_hold_the_answer_but_no_denial_and_no_other(family: Family) -> None:
    rng = Random(f"{family.name} said")
    for _ in range(60):
        text, asked = family.compose(rng, wishes=0)
        given = asked.draw(rng)
        answer, other = asked.answer(rng, given), asked.answer(rng, asked.draw(rng))
        if family.name.removeprefix("zh_") not in LITERAL:
            for same in (f"答案是{answer}。", f"答案：{answer}", f"“{answer}”", f"「{answer}」"):
                assert asked.accepts(given, same), (text, given, same)
        wrong = [f"{before}{answer}" for before in ("不是", "并非", "答案不是", "没有", "可能是")]
        wrong += [f"{answer}{after}" for after in ("吗？", "不对", answer, f"，{answer}")]
        if not asked.accepts(given, other):
            wrong += [f"{answer}、{other}", f"{other}、{answer}", f"{other}或{answer}", f"答案是{other}，{answer}"]
        for one in wrong:
            assert not asked.accepts(given, one), (text, given, one)


@pytest.mark.parametrize("length", [5_000, 40_000])
def test_long_answers_are_wrong(length: int) -> None:
    for answer in ("9" * length, "是的" * length, "一" * length, "、" * length, "答案是" * length):
        for family in CHINESE:
            _, asked = family.compose(Random(0))
            assert not asked.accepts(asked.draw(Random(0)), answer), family.name


def test_a_mean_has_the_decimal_that_is_asked_for() -> None:
    asked = recognise(MEAN)
    assert asked is not None
    assert asked.answer(Random(0), "31、31、31") == "31.0"


LISTED = "从杂物间的登记表里挑出文具，别的不要，顺序照旧。"


def test_a_list_has_the_signs_that_are_asked_for() -> None:
    given = "铅笔、板凳、橡皮、二胡、圆规、衣柜、屏风"
    for wish, right in (
        ("", "铅笔、橡皮、圆规"),
        ("各项之间用分号隔开。", "铅笔；橡皮；圆规"),
        ("一行写一个。", "铅笔\n橡皮\n圆规"),
        ("以 JSON 数组的形式返回。", '["铅笔", "橡皮", "圆规"]'),
        ("只要结果，用顿号分开。", "铅笔、橡皮、圆规"),
    ):
        asked = recognise(LISTED + wish)
        assert asked is not None
        assert asked.accepts(given, right)
        for other in ("铅笔，橡皮，圆规", "铅笔；橡皮、圆规", '["铅笔，橡皮，圆规"]'):
            assert asked.accepts(given, other) is (wish == "" and "[" not in other), (wish, other)


def test_json_says_one_thing() -> None:
    asked = recognise(f"{RENT}返回 JSON，唯一的键叫“答案”。")
    assert asked is not None
    assert asked.accepts("标价260元", '{"答案": "195元"}')
    assert asked.accepts("标价260元", '{"答案": 195}')
    assert not asked.accepts("标价260元", '{"答案": "200元", "答案": "195元"}')
    assert not asked.accepts("标价260元", '{"答案": true}')


def test_a_table_has_its_rule_and_its_signs() -> None:
    asked = recognise("把观鸟协会的计数从 CSV 变成 Markdown 表格，行的顺序不变。")
    assert asked is not None
    given, right = "鸟种,只数\n白鹭,5\n翠鸟,9", "| 鸟种 | 只数 |\n| --- | --- |\n| 白鹭 | 5 |\n| 翠鸟 | 9 |"
    assert asked.accepts(given, right)
    assert asked.accepts(given, right.replace("| --- | --- |", "|:-:|---:|"))
    assert not asked.accepts(given, right.replace("| --- | --- |", "| | |"))
    assert not asked.accepts(given, right.replace("5", "-5"))


# What a native speaker would say.


def drawn(name: str) -> list[str]:
    family = next(one for one in CHINESE if one.name == f"zh_{name}")
    rng = Random(f"{name} natural")
    return [family.compose(rng)[0] for _ in range(600)]


@pytest.mark.parametrize(
    ("name", "unlikely"),
    [
        ("later_date", "前一天|前推|再过"),
        ("weekday", "续费|截止|为.*请假"),
        (
            "invitation",
            "外公外婆.*(毕业|篮球)|(毕业|篮球).*外公外婆|开业.*(咖啡馆|茶舍|聚贤楼)|(咖啡馆|茶舍|聚贤楼).*开业",
        ),
        ("notice", "(居委会|物业|总务处|工会).*修缮|修缮.*(居委会|物业|总务处|工会)|图书馆.*(灭鼠|聚餐|停水)|写明明天"),
        ("leave_note", "家长会.*[两三]天|[两三]天.*家长会|重感冒.*(二十五|月底|下周)"),
        ("capital_amount", "赶在下班|转换，(?!怕|年|对|银|我|上|下)"),
        ("shop_copy", "给给|怕冷.*(风扇|花盆)|(风扇|花盆).*怕冷"),
        ("going_dutch", "网费.*(免单|报销|打九折|券)|(免单|报销|打九折|券).*网费"),
        ("tiered_tariff", "(诊所|夫妻).*自习室|自习室.*(诊所|夫妻)"),
        ("only_one_kind", "采购条.*(球类|鸟类|树木|家具)|装箱单.*(鸟类|树木|水果|球类)"),
        ("missing_entry", "道具组.*(职业|天气|水果)|(职业|天气|水果).*(道具组|拍卖会)"),
        ("extract", "失物招领.*金额|金额.*(失物招领|日程)|会员表.*钟点"),
        ("meeting", "渔船.*(小道|直道)|(小道|直道).*渔船|(蜗牛|玩具火车).*甲地"),
        ("time_zone", "这场给"),
        ("settle_up", "净水器结束|三家均分"),
        ("idiom_chain", "长廊"),
    ],
)
def test_only_what_goes_together_is_asked(name: str, unlikely: str) -> None:
    assert [text for text in drawn(name) if re.search(unlikely, text)] == []


def test_elders_are_addressed_as_such() -> None:
    family, rng = next(one for one in CHINESE if one.name == "zh_wechat_message"), Random(4)
    said = [asked.answer(rng, "") for _, asked in (family.compose(rng) for _ in range(800))]
    aunt = [text for text in said if text.startswith("杨阿姨")]
    assert len(aunt) > 20
    assert any("您的生日" in text for text in aunt)
    assert not any("你" in text for text in aunt)
    assert not any("研究生" in text or "您们" in text for text in aunt)
    assert not any("您" in text for text in said if text not in aunt)
