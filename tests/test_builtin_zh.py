"""The built-in teacher's families in Chinese: solvers against checkers, clean wording, facts computed once more."""

from __future__ import annotations

import json
import re
import sqlite3
import statistics
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh import (
    CHINESE,
    code,
    dates,
    facts,
    forms,
    formulas,
    likes,
    logic,
    lookup,
    lunar,
    matching,
    poems,
    problems,
    tables,
    vocabulary,
    words,
)
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.index import Index
from selfinstruct.task import Task

EVERY = pytest.mark.parametrize("family", CHINESE, ids=lambda family: family.name)
NAMED = {family.name.removeprefix("zh_"): family for family in CHINESE}
DRAWS = 40
recognise = Index(CHINESE).recognise
LITERAL = (
    *("punctuation", "extract_json", "csv_to_markdown", "csv_to_json", "python_value", "regex", "recite"),
    *("yes_or_no",),
)
"""Where the answer is the text itself, to the letter, or a verdict."""
TWICE = ("zh_duration",)
"""Where it is told in two units."""


def drawn(family: Family, many: int, salt: str, **wishes: float) -> list[tuple[str, Asked, str, str]]:
    """Instructions with what they ask, their inputs and answers."""
    rng, found = Random(f"{family.name} {salt}"), []
    for _ in range(many):
        text, asked = family.compose(rng, **wishes)  # type: ignore[arg-type]
        given = asked.draw(rng)
        found.append((text, asked, given, asked.answer(rng, given)))
    return found


def solved(asked: Asked, given: str) -> str:
    """The bare answer."""
    assert asked.family.solve is not None
    return asked.family.solve(asked.slots, given)


# Families.


def test_names_and_number_of_families() -> None:
    assert len({family.name for family in CHINESE}) == len(CHINESE) >= 55
    assert sum(family.graded for family in CHINESE) >= 40
    assert all(3 <= len(set(family.phrasings)) == len(family.phrasings) for family in CHINESE)
    assert sum(family.classification for family in CHINESE) >= 8


@EVERY
def test_own_answers_are_right_and_others_wrong(family: Family) -> None:
    others = wrong = 0
    answers = drawn(family, DRAWS, "own")
    for n, (text, asked, given, answer) in enumerate(answers):
        assert asked.accepts(given, answer), (text, given, answer)
        bare = solved(asked, given)
        said = re.match(r"-?[0-9.]+|.+", bare)
        before = answer[: max(answer.find(said[0] if said else bare), 0)]
        mutants = ["", "抱歉，我不知道怎么做。", f"{answer}或者7", f"不是{bare}", before]
        if not family.tell:
            mutants.append(answer[: len(answer) // 2 - 1])
        if (digit := re.search(r"\d", bare)) and family.name != "zh_regex":
            changed = bare[: digit.start()] + str((int(digit[0]) + 1) % 10) + bare[digit.end() :]
            mutants += [changed, answer.replace(bare, changed) if bare in answer and family.name not in TWICE else ""]
        for mutant in mutants:
            assert not asked.accepts(given, mutant), (text, given, mutant)
        _, other_asked, other_given, other = answers[n - 1]
        differs = solved(other_asked, other_given) != bare
        others += differs
        wrong += differs and not asked.accepts(given, other)
    assert wrong > others * 0.8 > 0, "answers to other questions pass too often"


@EVERY
def test_instructions_are_clean_and_read_back(family: Family) -> None:
    for text, asked, *_ in drawn(family, DRAWS, "again"):
        assert recognise(text) == asked, text
        assert not re.search(r"[{}<>\n\u3000]|  |^\s|\s$", text) or "python" in text.lower() or "print" in text, text
        assert not re.search(r"[，。？！；：、][，。？；：、]|“”|（）|的的|了了|是是|请请|把把|和和", text), text
        assert text[-1] in "。？！）", text
        assert all(text.count(one) == text.count(other) for one, other in ("（）", "“”", "《》", "【】")), text
        assert 5 <= len(text) <= 150, text


@EVERY
def test_no_filter_drops_it(family: Family) -> None:
    pool, dropping = Pool(), [FILTERS[name]() for name in ("length", "keywords", "program", "punctuation")]
    dropping.append(FILTERS["language"]("zh"))
    for text, *_ in drawn(family, DRAWS, "filtered"):
        assert [reason for drop in dropping if (reason := drop(Task("t", text), pool))] == [], text


@EVERY
def test_nobody_else_recognises_it(family: Family) -> None:
    for text, *_ in drawn(family, 12, "alone", wishes=0):
        assert [other.name for other in CHINESE if other.recognise(text) is not None] == [family.name], text


@EVERY
def test_inputs_and_outputs_survive_the_formats(family: Family) -> None:
    labels = set()
    for _, _, given, answer in drawn(family, DRAWS, "formats"):
        for part in (given, answer):
            assert not re.search(r"^\W*(?:输入|输出|指令|示例|例子|类别|Input|Output)", part, re.MULTILINE), part
            assert part == part.strip()
            assert not part.endswith((":", "："))
            assert "###" not in part
            assert "\n\n" not in part
        assert answer
        assert answer != given
        assert len(given + answer) < 400
        labels.add(answer)
    if family.classification:
        assert 2 <= len(labels) <= 10
        assert not any("\n" in label for label in labels)


@EVERY
def test_what_is_told_holds_the_answer_and_is_a_sentence(family: Family) -> None:
    if not family.tell:
        return
    for _, asked, given, told in drawn(family, DRAWS, "told", wishes=0):
        bare = solved(asked, given)
        assert bare in told or family.name in ("zh_tones",), (bare, told)
        assert len(told) > len(bare)
        assert told[-1] in "。？！）", told
        assert not re.search("[{}<>]|。。|，。|，，|。，", told) or "regex" in family.name, told


@EVERY
def test_what_is_asked_further_is_a_sentence_and_answered_in_one(family: Family) -> None:
    for text, asked, given, _ in drawn(family, 60, "further"):
        for demand, answer in family.further.items():
            assert re.fullmatch("再.*。", demand), demand
            assert not re.search("回答|几行|字数", demand), demand
            said = answer(asked.slots, given)
            assert said[-1] in "。？！）”.?!", (text, demand, said)
            assert not re.search("[{}<>]|None|Fraction", said) or "regex" in family.name, (demand, said)


def test_most_families_can_be_asked_further() -> None:
    solvable = [family for family in CHINESE if family.graded and not family.classification]
    assert sum(len(family.further) >= 2 for family in solvable) > 0.7 * len(solvable)


def test_outputs_are_long_enough() -> None:
    """Half have 30 characters; what only labels is short."""
    lengths = [len(answer) for family in CHINESE for *_, answer in drawn(family, 20, "long", wishes=0)]
    assert statistics.median(lengths) >= 30


def test_every_row_can_be_asked_about() -> None:
    for book, names in facts.BOOKS.items():
        for name in names.split():
            family, rows = NAMED[name], lookup.rows_of(book, name)
            key = next(iter(family.slots))
            for one in rows:
                assert family.solve is not None
                answer = family.solve({key: one}, "")
                assert answer, one
                assert answer == family.solve({}, one)


def test_every_family_of_the_data_files_is_built() -> None:
    books = (*facts.BOOKS, "problems", "poems", "numbers", "everyday", "texts", "code")
    named = {name for book in books for name, its in table("zh", book).items() if "phrasings" in its}
    assert named == set(NAMED)


def test_endings_can_be_undone() -> None:
    for kind, wishes in forms.ENDINGS.items():
        for ending in wishes.values():
            for answer in ("梨、桃、杏", "梨") if kind == "list" else ("42公里",):
                assert ending.take(ending.put(answer)) == answer


def test_the_same_answer_in_other_forms() -> None:
    assert matching.same("１２元。", "12元")
    assert matching.same("北京 ", "北京")
    assert matching.same("用 Python 写", "用Python写")
    assert not matching.same("1 2", "12")
    assert not matching.same("甲、乙", "乙、甲")


# Sums, worked out by other means.

RATES = {"打八折": 0.8, "打九折": 0.9, "打七五折": 0.75, "打六折": 0.6, "打九五折": 0.95, "打八五折": 0.85}
PROBLEMS: dict[str, Callable[..., object]] = {
    "discount": lambda price, deal, **_: (
        price * RATES[deal[: deal.index("折") + 1].removeprefix("先")] - int(re.findall("([0-9]+)元", deal)[0])
    ),
    "change": lambda money, n, price, **_: money - sum([price] * int(n)),
    "share_bill": lambda total, n, **_: total / n,
    "meeting": lambda gap, fast, slow, **_: next(h for h in range(1, 99) if h * fast + h * slow == gap),
    "chasing": lambda slow, fast, lead, **_: next(m for m in range(1, 999) if m * fast == (m + lead) * slow),
    "planting": lambda length, step, **_: len(range(0, int(length) + 1, int(step))),
    "interest": lambda sum, rate, years, **_: round(__import__("builtins").sum([sum * rate / 100] * int(years)), 6),
    "ages": lambda old, young, times, **_: next(y for y in range(99) if old + y == times * (young + y)),
    "work_together": lambda a, b, **_: next(d for d in range(1, 99) if Fraction(d, int(a)) + Fraction(d, int(b)) == 1),
    "rectangle": lambda long, wide, **_: sum(long for _ in range(int(wide))),
    "percent": lambda part, all, **_: part / all * 100,
    "salt_water": lambda salt, water, **_: 100 - water / (salt + water) * 100,
    "profit": lambda price, cost, n, **_: price * n - cost * n,
    "fuel": lambda far, use, price, **_: round(far / 100 * use * price, 6),
    "reading_plan": lambda pages, day, days, **_: pages - sum([day] * int(days)),
    "divisor": lambda a, b, **_: max(d for d in range(1, 99) if a % d == b % d == 0),
    "multiple": lambda a, b, **_: next(m for m in range(1, 9999) if m % a == m % b == 0),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_word_problems_worked_out_another_way(name: str) -> None:
    for text, asked, given, _ in drawn(NAMED[name], DRAWS, "sums"):
        slots = {slot: float(its) if re.fullmatch(r"[0-9.]+", its) else its for slot, its in asked.slots.items()}
        right = float(str(PROBLEMS[name](**slots)))
        bare = solved(asked, given)
        assert float(re.findall(r"[0-9.]+", bare)[0]) == pytest.approx(right), (text, bare)


def test_tariffs_by_adding_up_each_unit() -> None:
    for text, asked, given, _ in drawn(NAMED["tariff"], DRAWS, "sums"):
        rule = asked.slots["rule"]
        limit, low, high = (Fraction(its) for its in re.findall(r"[0-9.]+", rule))
        fee = sum(low if used < limit else high for used in range(int(asked.slots["used"])))
        assert solved(asked, given) == f"{vocabulary.figure(Fraction(fee))}元", text
        assert asked.slots["measure"] in rule


SUM = re.compile(
    r"(?<![0-9.）%])([0-9（][0-9.＋－×÷（）]*[＋－×÷][0-9.＋－×÷（）]*)"
    r"＝([0-9.]+)(?!，余|[0-9.]|×|＋)"
)


def test_told_sums_are_right() -> None:
    """Each "a＋b＝c" in what is told or asked further."""
    signs = {"＋": "+", "－": "-", "×": "*", "÷": "/", "（": "(", "）": ")"}
    seen = 0
    for family in CHINESE:
        for _, asked, given, told in drawn(family, 40, "told sums", wishes=0):
            for text in (told, *(further(asked.slots, given) for further in family.further.values())):
                for left, right in SUM.findall(text):
                    value = eval("".join(signs.get(char, char) for char in left))  # noqa: S307 - our sums
                    assert float(right.rstrip(".")) == pytest.approx(value), (family.name, text)
                    seen += 1
    assert seen > 500


def test_formulas_refuse_what_is_no_sum() -> None:
    assert formulas.value("min(a, 3) * 2 + (a < 5)", {"a": Fraction(4)}) == 7
    for wrong in ("__import__('os')", "a.real", "[1]", "'x'"):
        with pytest.raises((ValueError, KeyError)):
            formulas.value(wrong, {"a": Fraction(1)})
    with pytest.raises(ValueError, match="more than four decimals"):
        formulas.worked("<1/3>", {}, {})
    assert formulas.worked("<1/3:2>和<1/8>", {}, {}) == "0.33和0.125"


# Facts that can be computed or cross-checked.


def test_numerals() -> None:
    known = {0: "零", 10: "十", 12: "十二", 20: "二十", 101: "一百零一", 110: "一百一十", 1005: "一千零五"}
    known |= {10_000: "一万", 10_010: "一万零一十", 20_304: "二万零三百零四", 100_000: "十万", 120_500: "十二万零五百"}
    known |= {1_000_001: "一百万零一", 100_110: "十万零一百一十"}
    assert {n: vocabulary.in_hanzi(n) for n in known} == known
    assert all(vocabulary.from_hanzi(vocabulary.in_hanzi(n)) == n for n in range(20_000))


def test_capital_amounts() -> None:
    known = {320_506: "叁仟贰佰零伍元零陆分", 1_000: "壹拾元整", 320_050: "叁仟贰佰元伍角整", 100: "壹元整"}
    known |= {10_000_000: "壹拾万元整", 10_050_000: "壹拾万零伍佰元整", 8_030: "捌拾元叁角整"}
    known |= {12_345: "壹佰贰拾叁元肆角伍分"}
    assert {fen: vocabulary.capitals(fen) for fen in known} == known


def test_stems_branches_and_animals() -> None:
    assert [lunar.ganzhi(year) for year in (1984, 1894, 1911, 2024, 2000)] == ["甲子", "甲午", "辛亥", "甲辰", "庚辰"]
    assert [lunar.ANIMALS[(year - 4) % 12] for year in (1984, 1990, 2008, 2024)] == list("鼠马鼠龙")
    assert len({lunar.ganzhi(year) for year in range(60)}) == 60
    assert len(set(lunar.ANIMALS)) == len(set(lunar.BRANCHES)) == 12


def test_old_hours() -> None:
    for n, branch in enumerate(lunar.BRANCHES):
        row = lookup.rows_of("calendar", "old_hour")[f"{branch}时"]
        assert row["span"] == f"{(2 * n - 1) % 24}点到{2 * n + 1}点"
        assert row["following"] == f"{lunar.BRANCHES[(n + 1) % 12]}时"


def test_solar_terms() -> None:
    assert len(set(lunar.TERMS)) == 24
    song = "春雨惊春清谷夏满芒夏暑暑秋处露秋寒霜冬雪雪冬小大"  # the children's rhyme, a character for each
    assert all(char in term for char, term in zip(song, lunar.TERMS, strict=True))
    days = [
        date(2024 + (n > 21), *map(int, re.findall(r"\d+", row.split("|")[1])))
        for n, row in enumerate(table("zh", "calendar")["solar_term"]["terms"])
    ]
    assert all(13 <= (after - before).days <= 17 for before, after in pairwise(days))


def test_festivals() -> None:
    doubled = {
        "上巳节": "三月初三",
        "端午节": "五月初五",
        "七夕节": "七月初七",
        "重阳节": "九月初九",
        "龙抬头": "二月初二",
    }
    rows = lookup.rows_of("calendar", "festival_day")
    assert {name: rows[name]["day"] for name in doubled} == doubled
    for row in lookup.rows_of("calendar", "festival_name").values():
        name = row["festival"].split("/")[0]
        assert name == "清明节" or row["day"] == f"农历{rows[name]['day'].split('/')[0]}"


def test_strokes_and_tones() -> None:
    parts = {"明": "日月", "林": "木木", "森": "木木木", "花": "艹化", "星": "日生", "秋": "禾火", "鼻": "自畀"}
    strokes = {**words.STROKES, "日": 4, "月": 4, "艹": 3, "化": 4, "禾": 5, "自": 6, "畀": 8}
    for char, its in parts.items():
        assert strokes[char] == sum(strokes[part] for part in its), char
    assert [words.STROKES[char] for char in "一人大木田年花雨春家黄黑鼓鼻"] == list(range(1, 15))
    marks = {"第一声": "āēīōūǖ", "第二声": "áéíóúǘ", "第三声": "ǎěǐǒǔǚ", "第四声": "àèìòùǜ"}
    for tone, readings in words.TONES.items():
        assert all(any(mark in reading for mark in marks[tone]) for reading in readings.values())


def test_tables_have_no_word_twice() -> None:
    listed = [word for theme in words.THEMES.values() for word in theme]
    assert len(set(listed)) == len(listed)
    spelled = list(words.SURNAMES.values())
    assert spelled == sorted(set(spelled))
    for name in ("antonym", "synonym"):
        rows = lookup.rows_of("language", name)
        assert len({*rows, *(row["other"] for row in rows.values())}) == 2 * len(rows)
        assert all(word in row["example"] and row["other"] in row["example"] for word, row in rows.items())


def test_idioms_have_four_characters() -> None:
    for name in ("idiom_person", "idiom_meaning", "idiom_temper"):
        assert all(len(idiom) == 4 for idiom in lookup.rows_of("idioms", name)), name
    for wrong, row in lookup.rows_of("idioms", "idiom_typo").items():
        assert sum(one != other for one, other in zip(wrong, row["idiom"], strict=True)) == 1, wrong


def test_couplets_have_lines_of_equal_length() -> None:
    for first, row in lookup.rows_of("idioms", "couplet").items():
        assert [len(part) for part in first.split("，")] == [len(part) for part in row["second"].split("，")]


def test_simplified_texts_have_as_many_characters() -> None:
    for old, row in lookup.rows_of("language", "traditional").items():
        changed = [(one, other) for one, other in zip(old, row["new"], strict=True) if one != other]
        assert changed
        quoted = "".join(re.findall("“([^”]+)”", row["changed"]))
        assert all(one in quoted for one, _ in changed) or "四个字都" in row["changed"], old


def test_poems_have_lines_of_equal_length() -> None:
    lines = [line for poem in poems.POEMS for pair in poem.pairs for line in pair]
    assert len(set(lines)) == len(lines)
    for poem in poems.POEMS:
        assert len({len(line) for pair in poem.pairs for line in pair}) == 1, poem
        assert len(poem.pairs[0][0]) in (5, 7), poem
    of = {poem.author: poem.dynasty for poem in poems.POEMS}
    assert all(of[poem.author] == poem.dynasty for poem in poems.POEMS)


def test_provinces() -> None:
    rows = lookup.rows_of("geography", "province")
    assert len(rows) == 22  # without Taiwan and the autonomous regions
    assert len({row["capital"] for row in rows.values()}) == len({row["short"] for row in rows.values()}) == 22


def test_sentences_match_their_sources() -> None:
    for ba, row in lookup.rows_of("sentences", "ba_to_bei").items():
        assert sorted(ba.replace("把", "", 1)) == sorted(row["bei"].replace("被", "", 1))
    for gap, row in lookup.rows_of("sentences", "particle").items():
        assert re.fullmatch(gap.replace("__", "([的地得])"), row["full"])
        assert f"用“{row['full'][gap.index('_')]}”" in row["why"]
    for gap, row in lookup.rows_of("sentences", "linking_words").items():
        sentence, options = gap.removesuffix("）").rsplit("（", 1)
        assert row["pair"] in options.split("、")
        assert len(options.split("、")) == 3
        first, second = row["pair"].split("……")
        assert sentence.replace("（ ）", first, 1).replace("（ ）", second, 1) == row["full"]
    half = str.maketrans("，。！？：“”、", ',.!?:"",')
    for plain, row in lookup.rows_of("sentences", "punctuation").items():
        assert row["full"].translate(half) == plain


def test_python_values_are_what_python_gives() -> None:
    for expression in NAMED["python_value"].slots["expression"]:
        assert NAMED["python_value"].solve is not None
        assert NAMED["python_value"].solve({"expression": expression}, "") == str(eval(expression))  # noqa: S307 - ours


FUNCTION_CALLS: dict[str, tuple[object, object]] = {
    "数出字符串里有多少个汉字": ("ab汉字", 2),
    "返回列表中最大值与最小值之差，空列表返回 0": ([3, 9, 4], 6),
    "去掉列表里的重复元素并保持原来的次序": ([2, 1, 2], [2, 1]),
    "判断字符串正着读和倒着读是否一样": ("上海自来水来自海上", True),
    "把摄氏温度换成华氏温度": (100, 212.0),
    "求列表中所有正数的平均值，没有正数时返回 None": ([-4, 2, 4], 3.0),
    "统计每个字出现的次数，返回字典": ("好好学", {"好": 2, "学": 1}),
    "判断年份是不是闰年": (1900, False),
    "计算整数各位数字之和": (-105, 6),
    "把市斤换成公斤并保留一位小数": (7, 3.5),
    "根据公历年份返回生肖": (2024, "龙"),
    "把手机号中间四位换成星号": ("13900001234", "139****1234"),
    "返回列表里第二大的数，没有就返回 None": ([5, 9, 9, 7], 7),
    "把列表按元素长度从短到长排序": (["abc", "d", "ef"], ["d", "ef", "abc"]),
    "判断一个数是不是质数": (91, False),
    "删除字符串里的所有空格": ("a b c", "abc"),
}


def test_python_functions_do_what_is_asked() -> None:
    assert set(FUNCTION_CALLS) == set(code.FUNCTIONS)
    for does, (given, wanted) in FUNCTION_CALLS.items():
        names: dict[str, object] = {}
        exec(f"def asked(x):\n    {code.FUNCTIONS[does]}\ngot = asked({given!r})", names)  # noqa: S102 - our own code
        assert names["got"] == wanted, does
        if isinstance(given, list) and re.search("没有|空列表", does):
            exec(f"got = asked({given[:0]})", names)  # noqa: S102 - our own code
            assert names["got"] == (0 if "返回 0" in does else None), does


def test_patterns_accept_and_refuse() -> None:
    for pattern, _, good, bad in code.PATTERNS.values():
        assert all(re.fullmatch(pattern, text) for text in good)
        assert not any(re.fullmatch(pattern, text) for text in bad)


def test_queries_run_and_find_what_is_asked_for() -> None:
    with sqlite3.connect(":memory:") as database:
        for name, first, second in code.TABLES.values():
            database.execute(f"CREATE TABLE {name} ({first}, {second})")
            database.executemany(f"INSERT INTO {name} VALUES (?, ?)", [("a", 10), ("b", 40), ("a", None), ("c", 35)])
        found = {task: database.execute(query).fetchall() for task, query in code.QUERIES.items()}
    for task, rows in found.items():
        if "超过30的" in task:
            assert rows == [("b", 40), ("c", 35)]
        elif "有多少条" in task:
            assert rows == [(1,)]
        elif "为空" in task:
            assert rows == [("a", None)]
        elif "总和" in task:
            assert rows == [(85,)]
        elif "不止一次" in task:
            assert rows == [("a",)]
        elif "去重" in task:
            assert rows == [("a",), ("b",), ("c",)]


def test_sequences_go_on_by_their_rule() -> None:
    rules: dict[str, Callable[[list[int]], bool]] = {
        "多": lambda ns: len({b - a for a, b in pairwise(ns)}) == 1,
        "少": lambda ns: len({b - a for a, b in pairwise(ns)}) == 1,
        "倍": lambda ns: len({Fraction(b, a) for a, b in pairwise(ns)}) == 1,
        "平方": lambda ns: all(round(n**0.5) ** 2 == n for n in ns),
        "前两个数的和": lambda ns: all(a + b == c for a, b, c in zip(ns, ns[1:], ns[2:], strict=False)),
        "相邻两数的差": lambda ns: len({c - 2 * b + a for a, b, c in zip(ns, ns[1:], ns[2:], strict=False)}) == 1,
    }
    for _, asked, given, told in drawn(NAMED["sequence"], 200, "rules"):
        whole = [*map(int, asked.slots["shown"].split("、")), int(solved(asked, given))]
        assert any(word in told and holds(whole) for word, holds in rules.items()), told


def test_statistics_as_the_library_has_them() -> None:
    figures: dict[str, Callable[[list[int]], float]] = {
        "平均数": statistics.mean,
        "中位数": statistics.median,
        "众数": statistics.mode,
    }
    for _, asked, given, _ in drawn(NAMED["statistics"], 200, "figures"):
        data = [int(n) for n in asked.slots["data"].split("、")]
        figure = figures.get(asked.slots["figure"])
        right = figure(data) if figure else max(data) - min(data)
        assert float(solved(asked, given)) == right


def test_weekdays_and_later_days_by_counting_from_a_known_day() -> None:
    monday = date(2024, 1, 1)
    for day in dates.WEEKDAY.slots["day"][::7]:
        there = date(*map(int, re.findall(r"\d+", day)))
        assert dates.WEEKDAY.solve is not None
        assert dates.WEEKDAY.solve({"day": day}, "") == "星期" + "一二三四五六日"[(there - monday).days % 7]
    for _, asked, given, _ in drawn(NAMED["later_date"], 60, "days"):
        there = date(*map(int, re.findall(r"\d+", asked.slots["day"])))
        for _ in range(int(asked.slots["n"])):
            there += timedelta(days=1)
        assert solved(asked, given) == f"{there.year}年{there.month}月{there.day}日"


def test_units_by_their_known_relations() -> None:
    solve = NAMED["units"].solve
    assert solve is not None
    known = {"斤": "1500克", "公顷": "45亩", "个时辰": "6小时", "英寸": "7.62厘米", "个小时": "10800秒"}
    for one, right in known.items():
        assert solve({"pair": f"{one}等于多少{re.sub('[0-9.]', '', right)}", "n": "3"}, "") == right


def test_orderings_hold_by_trying_all() -> None:
    for text, asked, given, _ in drawn(NAMED["ordering"], 100, "orders"):
        clue, place = logic.ASKS[asked.slots["ask"]]
        pairs = re.findall(clue.replace("{}", "(小.)"), asked.slots["clues"])
        firsts, seconds = {a for a, _ in pairs}, {b for _, b in pairs}
        (right,) = firsts - seconds if place == 0 else seconds - firsts
        assert solved(asked, given) == right, text


def test_syllogisms_are_judged_as_set_theory_does() -> None:
    """All assignments of up to three individuals to three non-empty groups."""
    worlds = [(a, b, c) for a in range(1, 8) for b in range(1, 8) for c in range(1, 8)]

    def holds(sentence: str, groups: dict[str, int]) -> bool:
        quantity, x, y = re.fullmatch("(所有|没有|有些)(.+?)(?:都是|是)(.+)", sentence.removeprefix("所以，")).groups()  # type: ignore[union-attr]
        return {
            "所有": groups[x] & ~groups[y] == 0,
            "没有": groups[x] & groups[y] == 0,
            "有些": groups[x] & groups[y] != 0,
        }[quantity]

    for text, row in lookup.rows_of("labels", "syllogism").items():
        first, second, third = text.rstrip("。").split("。")
        named = re.findall("(?:所有|没有|有些)(.+?)(?:都是|是)", text) + re.findall("(?:都是|是)(.+?)。", text)
        kinds = list(dict.fromkeys(named))
        assert len(kinds) == 3, text
        cases = [dict(zip(kinds, world, strict=True)) for world in worlds]
        valid = all(holds(third, case) for case in cases if holds(first, case) and holds(second, case))
        assert row["label"] == ("有效" if valid else "无效"), text


GOLDEN = (
    ("一件羽绒服原价320元，现在打八折再减10元，要付多少钱？", "", "246元"),
    ("笼子里有鸡和兔，一共20只，脚56只，两种各有多少？", "", "鸡12只，兔8只"),
    ("借条上要写大写金额，1409.50元应写成什么？", "", "壹仟肆佰零玖元伍角整"),
    ("数衬衫该用哪个量词？请从下面几个里挑。", "面、顶、件、封", "件"),
    ("古诗“床前明月光”后面一句怎么背？", "", "疑是地上霜"),
    ("“守门员”，打一个字，是什么字？", "", "闪"),
    ("北京时间07:15，新德里是几点？请说明是前一天、当天还是次日。", "", "当天04:45"),
    ("二十四节气中，“惊蛰”的下一个节气是什么？", "", "春分"),
)


@pytest.mark.parametrize(("instruction", "given", "wanted"), GOLDEN, ids=lambda text: text[:20])
def test_answers_worked_out_by_hand(instruction: str, given: str, wanted: str) -> None:
    for family in CHINESE:  # whatever its numbers are: the rules are the same
        slots = next((its for n in range(len(family.phrasings)) if (its := _slots(family, n, instruction))), None)
        if slots is not None:
            break
    else:
        raise AssertionError(f"nobody knows {instruction}")
    assert family.solve is not None
    assert family.solve(slots, given) == wanted
    assert Asked(family, slots).accepts(given, wanted)
    assert wanted in Asked(family, slots).answer(Random(0), given)


def _slots(family: Family, phrasing: int, text: str) -> dict[str, str] | None:
    """The slots of a wording, with any numbers in them."""
    pattern, names = family._patterns[phrasing]
    found = pattern.fullmatch(text)
    if not found:
        return None
    slots = dict(zip(names, found.groups(), strict=True))
    number = re.compile(r"[0-9.:]+|[0-9]+只，脚[0-9]+只")
    known = all(its in family.slots[name] or number.fullmatch(its) for name, its in slots.items())
    return slots if known else None


def test_json_answers_are_json() -> None:
    for name in ("extract_json", "csv_to_json"):
        for *_, answer in drawn(NAMED[name], 30, "json"):
            assert json.loads(answer)


# The same answer in other hands.

SIDES: tuple[tuple[str, dict[str, str], str, list[str], list[str]], ...] = (
    (
        "capital",
        {"country": "法国"},
        "",
        ["巴黎", "首都是巴黎", "法国的首都是巴黎。", "答案：巴黎", "巴黎市"],
        ["里昂", "不是巴黎", "巴黎或里昂", "巴黎吗？"],
    ),
    (
        "province",
        {"province": "湖北省"},
        "",
        ["武汉", "武汉市", "湖北省的省会是武汉"],
        ["宜昌", "不在武汉", "武汉、宜昌"],
    ),
    (
        "sight",
        {"sight": "都江堰"},
        "",
        ["四川", "四川省", "都江堰在四川省。", "位于四川"],
        ["四川市", "重庆", "不在四川"],
    ),
    ("novel", {"figure": "林黛玉"}, "", ["红楼梦", "《红楼梦》", "林黛玉出自《红楼梦》"], ["西游记", "不是《红楼梦》"]),
    (
        "polyphone",
        {"asked": "“银行”里的“行”"},
        "",
        ["háng", "hang2", "读háng", "拼音是háng"],
        ["xíng", "hàng", "hang", "不读háng"],
    ),
    (
        "english_word",
        {"word": "雨伞"},
        "",
        ["umbrella", "an umbrella", "Umbrella", "英文是umbrella"],
        ["umbrela", "not umbrella"],
    ),
    ("english_word", {"word": "邻居"}, "", ["neighbor", "neighbour"], ["neighborhood"]),
    (
        "festival_day",
        {"festival": "腊八节"},
        "",
        ["腊月初八", "农历腊月初八", "十二月初八", "农历十二月初八日"],
        ["腊月初九", "正月初八"],
    ),
    ("old_hour", {"hour": "子时"}, "", ["23点到1点", "23:00-1:00", "23点至次日1点"], ["22点到1点", "1点到3点"]),
    (
        "linking_words",
        {"gap": "（ ）下着大雨，（ ）他还是准时到了。（虽然……但是、因为……所以、只有……才）"},
        "",
        ["虽然……但是", "虽然…但是", "虽然、但是"],
        ["因为……所以", "但是……虽然"],
    ),
    (
        "weekday",
        {"day": "2008年8月8日"},
        "",
        ["星期五", "周五", "礼拜五", "那天是周五。", "2008年8月8日是星期五。"],
        ["星期六", "不是星期五", "五"],
    ),
    (
        "later_date",
        {"day": "2024年2月1日", "n": "30"},
        "",
        ["2024年3月2日", "2024-03-02", "二〇二四年三月二日"],
        ["3月2日", "2024-02-03"],
    ),
    ("ganzhi", {"year": "1984"}, "", ["甲子年", "甲子", "干支是甲子年"], ["乙丑年", "子"]),
    ("zodiac", {"year": "1980"}, "", ["猴", "属猴。", "猴年", "生肖是猴"], ["不属猴", "猪", "鸡猴"]),
    ("to_hanzi", {"number": "2200"}, "", ["二千二百", "两千二百"], ["2200", "二千二"]),
    (
        "chickens",
        {"scene": "笼子里有鸡和兔", "facts": "35只，脚94只"},
        "",
        ["鸡23只，兔12只", "兔12只，鸡23只", "鸡有23只，兔有12只", "鸡二十三只、兔十二只"],
        ["鸡12只，兔23只", "鸡23只"],
    ),
    (
        "change",
        {"n": "3", "price": "5", "money": "80", "food": "橘子"},
        "",
        ["65", "65元", "65块钱", "应找回65元。", "找回65元"],
        ["15元", "65公里", "不是65元", "65元或70元"],
    ),
    (
        "percent",
        {"part": "30", "all": "80", "group": "合唱团", "did": "戴眼镜"},
        "",
        ["37.5%", "37.5％", "占37.5%。", "答案是37.5%"],
        ["37.5元", "38%", "62.5%"],
    ),
    ("yes_or_no", {"question": "97是质数吗"}, "", ["是", "是的", "是。"], ["不是", "是或不是", "否"]),
    (
        "sets",
        {"a": "小明、小红、小刚", "b": "小刚、小明、小丽", "ask": "哪些人两边都有"},
        "",
        ["小明、小刚", "小刚和小明", "小明，小刚"],
        ["小明", "小明、小丽"],
    ),
    (
        "spam",
        {},
        "妈，我到站了，不用来接，自己打车回。",
        ["正常短信", "答案：正常短信", "这是正常短信"][:2],
        ["垃圾短信", "不是正常短信"],
    ),
)


@pytest.mark.parametrize(("name", "slots", "given", "right", "wrong"), SIDES, ids=[row[0] for row in SIDES])
def test_answers_that_say_the_same_and_others(
    name: str, slots: dict[str, str], given: str, right: list[str], wrong: list[str]
) -> None:
    asked = Asked(NAMED[name], slots)
    assert [answer for answer in right if not asked.family.check or not asked.family.check(slots, given, answer)] == []
    assert [answer for answer in wrong if asked.family.check and asked.family.check(slots, given, answer)] == []


@pytest.mark.parametrize("family", [one for one in CHINESE if one.graded], ids=lambda family: family.name)
def test_a_sentence_may_hold_the_answer_but_no_denial_and_no_other(family: Family) -> None:
    answers = drawn(family, 16, "said", wishes=0)
    for n, (text, asked, given, told) in enumerate(answers):
        assert family.solve is not None
        answer, (_, other_asked, other_given, _) = family.solve(asked.slots, given), answers[n - 1]
        if family.name.removeprefix("zh_") not in LITERAL:
            for same in (f"答案是{answer}。", f"答案：{answer}", f"“{answer}”"):
                assert asked.accepts(given, same), (text, given, same)
        wrong = [f"{before}{answer}" for before in ("不是", "并非", "答案不是", "可能是")]
        wrong += [told.replace(answer, f"{before}{answer}") for before in ("不是", "可能是") if answer in told]
        wrong += [f"{one}{after}" for one in (answer, told) for after in ("吗？", "不对")]
        wrong += [f"{answer}{answer}", f"{answer}，{answer}"]
        other = family.solve(other_asked.slots, other_given)
        if not asked.accepts(given, other) and other != "有":  # 答案有：…
            wrong += [f"{answer}、{other}", f"{other}、{answer}", f"{other}或{answer}", f"答案是{other}，{answer}"]
        for one in wrong:
            assert not asked.accepts(given, one), (text, given, one)


@pytest.mark.parametrize("length", [5_000, 40_000])
def test_long_answers_are_wrong(length: int) -> None:
    for answer in ("9" * length, "是的" * length, "一" * length, "、" * length, "答案是" * length):
        for family in CHINESE:
            _, asked = family.compose(Random(0))
            assert not asked.accepts(asked.draw(Random(0)), answer), family.name


def test_a_list_has_the_signs_that_are_asked_for() -> None:
    family = NAMED["only_one_kind"]
    given = {"words": "铅笔、板凳、橡皮、二胡、圆规、衣柜、屏风", "kind": "文具"}
    for wish, right in (
        ("", "铅笔、橡皮、圆规"),
        ("一行写一个。", "铅笔\n橡皮\n圆规"),
        ("以 JSON 数组的形式返回。", '["铅笔", "橡皮", "圆规"]'),
    ):
        asked = Asked(family, given, wish)
        assert asked.accepts("", right)
        for other in ("铅笔，橡皮，圆规", "铅笔；橡皮、圆规", '["铅笔，橡皮，圆规"]'):
            assert asked.accepts("", other) is (wish == "" and "[" not in other), (wish, other)


def test_who_wants_the_answer_alone_gets_no_explanation() -> None:
    asked = Asked(NAMED["capital"], {"country": "法国"}, "只写答案，不用解释。")
    assert asked.answer(Random(0), "") == "巴黎"
    assert asked.accepts("", "巴黎")
    assert asked.accepts("", "法国的首都是巴黎。")
    assert not asked.accepts("", "巴黎。塞纳河从市中心穿过。")
    told = Asked(NAMED["discount"], {"price": "320", "deal": "打八折再减10元", "ware2": "登山鞋"})
    assert not Asked(told.family, told.slots, "只写答案，不用解释。").accepts("", told.answer(Random(0), ""))


def test_columns_are_asked_about_by_their_names() -> None:
    for text, asked, given, _ in drawn(NAMED["csv_to_markdown"], 60, "names"):
        assert "行的顺序不变" in text or f"按{given.split(chr(10))[0].split(',')[1]}从" in text, (text, given)
        assert asked.family.fits(asked.slots)
    for _, asked, given, told in drawn(NAMED["table_question"], 60, "names"):
        numbers = {name: int(n) for name, n in (row.split(",") for row in given.split("\n")[1:])}
        order = sorted(numbers, key=lambda name: -numbers[name])
        unit = table("zh", "texts")["sheets"][asked.slots["sheet"]]["unit"]
        gap = max(numbers.values()) - min(numbers.values())
        kind = tables.LOOKS[asked.slots["sheet"]][asked.slots["look"]]
        right = {"most": order[0], "least": order[-1], "second": order[1], "total": f"{sum(numbers.values())}{unit}"}
        assert solved(asked, given) == {**right, "gap": f"{gap}{unit}"}[kind], told


def test_nobody_is_called_at_night() -> None:
    for text, asked, given, _ in drawn(NAMED["time_zone"], 60, "awake"):
        assert 8 <= int(re.findall(r"(\d+):", solved(asked, given))[0]) <= 20, text
        assert 8 <= int(asked.slots["clock"][:2]) <= 18, text


def test_a_table_has_its_rule_and_its_signs() -> None:
    asked = Asked(NAMED["csv_to_markdown"], {"sheet": "观鸟记录", "order": "，行的顺序不变"})
    given, right = "鸟种,只数\n白鹭,5\n翠鸟,9", "| 鸟种 | 只数 |\n| --- | --- |\n| 白鹭 | 5 |\n| 翠鸟 | 9 |"
    assert asked.accepts(given, right)
    assert asked.accepts(given, right.replace("| --- | --- |", "|:-:|---:|"))
    assert not asked.accepts(given, right.replace("| --- | --- |", "| | |"))
    assert not asked.accepts(given, right.replace("5", "-5"))


def test_likes_and_problems_are_all_used() -> None:
    used = {its.get("like", "item") for book in facts.BOOKS for its in table("zh", book).values() if "phrasings" in its}
    assert used == set(likes.LIKES)
    assert {family.name.removeprefix("zh_") for family in problems.FAMILIES} == {*PROBLEMS, "tariff", "units"}
