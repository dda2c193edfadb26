"""The Chinese seed tasks: their format, their variety, and the answers that can be recomputed.

As for the English ones, but in characters: no instruction is too close to another one or to one that was published with
BELLE, all would pass our own filters, and those that can be counted or computed are.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from calendar import monthcalendar
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise, permutations, product
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.filters import Filter, verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rouge import rouge_l
from selfinstruct.filters.rules import Keywords, Language, Length, Program, Punctuation, Refusal
from selfinstruct.task import task_from_row
from selfinstruct.text.tokens import tokens

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds" / "seed_tasks_zh.jsonl"
PUBLISHED = Path(
    os.environ.get("SELFINSTRUCT_PUBLISHED_SEEDS_ZH") or ROOT.parent / "shared" / "data" / "upstream_zh_seed_tasks.json"
)
TASKS: list[dict[str, Any]] = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()]
BY_NAME = {str(task["name"]): task for task in TASKS}
HAN = re.compile(r"[\u4e00-\u9fff]")


def instruction(name: str) -> str:
    return str(BY_NAME[name]["instruction"])


def given(name: str) -> str:
    return str(BY_NAME[name]["instances"][0]["input"])


def answer(name: str) -> str:
    return str(BY_NAME[name]["instances"][0]["output"])


def code_of(name: str) -> str:
    """The first fenced block of the answer."""
    found = re.search(r"```\w*\n(.*?)```", answer(name), re.DOTALL)
    assert found
    return found[1]


def printed(code: str) -> str:
    """What a Python program prints, or how it ends."""
    done = subprocess.run([sys.executable, "-X", "utf8", "-I", "-c", code], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


# Every task


def test_there_are_175_tasks_with_ids_in_order() -> None:
    assert [task["id"] for task in TASKS] == [f"seed_task_{number}" for number in range(175)]


def test_every_task_has_the_same_keys_in_the_same_order() -> None:
    for task in TASKS:
        assert list(task) == ["id", "name", "instruction", "instances", "is_classification"]
        assert [list(instance) for instance in task["instances"]] == [["input", "output"]]
        assert isinstance(task["is_classification"], bool)


def test_lines_are_written_as_plain_utf8_json() -> None:
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    assert lines == [json.dumps(task, ensure_ascii=False) for task in TASKS]


def test_names_and_instructions_are_unique() -> None:
    assert len(BY_NAME) == len(TASKS) == len({task["instruction"] for task in TASKS})
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) for name in BY_NAME)


def test_texts_are_filled_in_trimmed_and_chinese() -> None:
    for task in TASKS:
        instance = task["instances"][0]
        assert instance["output"]
        assert HAN.search(task["instruction"]), task["instruction"]
        for text in (task["instruction"], instance["input"], instance["output"]):
            assert text == text.strip()
        assert not re.search(r"[\u4e00-\u9fff][,;?!]|[０-９Ａ-Ｚａ-ｚ]", task["instruction"]), task["instruction"]
        assert not instance["output"].startswith(("好的", "当然", "抱歉"))


def test_26_classification_tasks_are_spread_through_the_list() -> None:
    places = [number for number, task in enumerate(TASKS) if task["is_classification"]]
    assert 24 <= len(places) <= 28
    assert max(later - earlier for earlier, later in pairwise([0, *places, len(TASKS)])) <= 15
    assert min(later - earlier for earlier, later in pairwise(places)) >= 3
    assert all(len(task["instances"][0]["output"]) <= 10 for task in TASKS if task["is_classification"])


def test_between_46_and_54_tasks_need_no_input() -> None:
    assert 46 <= sum(task["instances"][0]["input"] == "" for task in TASKS) <= 54


def test_openings_vary() -> None:
    assert max(Counter(task["instruction"][:2] for task in TASKS).values()) <= 5
    assert sum(task["instruction"].startswith("请") for task in TASKS) <= 10
    assert 0.15 < sum("？" in task["instruction"] for task in TASKS) / len(TASKS) < 0.5


def test_lengths() -> None:
    lengths = [len(task["instruction"]) for task in TASKS]
    assert min(lengths) >= 6
    assert max(lengths) <= 130
    assert 22 <= sum(lengths) / len(lengths) <= 45
    assert max(len(task["instances"][0]["output"]) for task in TASKS) <= 900


def test_none_would_be_dropped_by_our_own_filters() -> None:
    drop: list[Filter] = [
        Length(),
        Keywords(("视频", "音乐", "文件")),
        Program(),
        Punctuation(),
        Language("zh"),
        Refusal(),
    ]
    for task in TASKS:
        assert verdict(task_from_row(task), drop, Pool()) is None, task["instruction"]


def test_no_two_instructions_are_alike() -> None:
    texts = [tokens(task["instruction"]) for task in TASKS]
    for (one, first), (other, second) in combinations(enumerate(texts), 2):
        assert rouge_l(first, second) <= 0.5, (TASKS[one]["instruction"], TASKS[other]["instruction"])


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"BELLE's seeds are not at {PUBLISHED}")
def test_no_instruction_is_like_one_published_with_belle() -> None:
    rows = [json.loads(line) for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if line.strip()]
    published = [tokens(row["instruction"]) for row in rows]
    assert len(published) == 175
    for task in TASKS:
        own = tokens(task["instruction"])
        assert max(rouge_l(own, other) for other in published) <= 0.6, task["instruction"]


# Answers that can be computed or counted


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("qingming_explain_foreigner", 150),
        ("sha_monk_diary", 100),
        ("bad_review_public_reply", 100),
        ("upstairs_ball_message", 60),
        ("grandfather_birthday_speech", 120),
        ("bamboo_basket_copy", 80),
        ("water_cut_group_notice", 50),
        ("decline_loan_old_classmate", 50),
        ("resume_gap_interview_answer", 80),
        ("roommate_gaming_message", 100),
        ("sports_day_cheer_script", 100),
        ("pupil_term_comment", 90),
    ],
)
def test_answers_keep_to_the_length_that_is_asked_for(name: str, most: int) -> None:
    assert re.search("[十百]", instruction(name)), "a limit is named"
    assert len(answer(name)) <= most


def test_sums() -> None:
    assert "合6亩，要备150斤" in answer("wheat_field_mu")
    assert 80 * 50 * 3 / 2000 * 25 == 150
    assert 3 * 6 + 4 * 5 == 38
    assert "圆鼎6只，方鼎5只" in answer("tripods_and_square_dings")
    assert answer("raise_then_thirty_off").count("182元") == 1
    assert round(200 * 1.3 * 0.7) == 182
    assert round(1 - 12 * 11 * 10 * 9 * 8 * 7 / 12**6, 3) == 0.777
    assert "77.7%" in answer("same_zodiac_probability")
    days = [int(many) for many in re.findall(r"(\d+)天", given("split_electricity_by_days"))]
    assert all(f"{218.4 * many / sum(days):.10g}元" in answer("split_electricity_by_days") for many in days)
    assert f"{230 * 0.5 + (385 - 230) * 0.55:.10g}元" in answer("tiered_electricity_bill")
    assert f"最多坐{int(3.14 * 240 // 60)}位" in answer("round_banquet_table")
    for amount, unit in ((800, "克"), (30, "克"), (40, "毫升"), (10, "毫升"), (60, "毫升"), (4, "片"), (2, "颗")):
        assert f"{amount * 10 // 4}{unit}" in answer("braised_pork_for_ten")
    assert f"{min(60000 * 0.003 * 35, 60000 * 0.1):.0f}元" in answer("late_delivery_penalty")
    for expression in re.findall(r"\d\. ([^＝]+)＝", answer("game_of_24")):
        assert sorted(re.findall(r"\d", expression)) == ["2", "6", "7", "9"]
        assert printed(f"print({expression.translate({ord('×'): '*', ord('－'): '-'})})") == "24\n"


def test_dates() -> None:
    assert answer("return_deadline").startswith("2024年3月3日，星期日")
    assert date(2024, 2, 25) + timedelta(7) == date(2024, 3, 3)
    assert date(2024, 3, 3).isoweekday() == 7
    done = date(2025, 9, 8)
    for _ in range(44):
        done += timedelta(3 if done.isoweekday() == 5 else 1)
    assert f"{done.year}年{done.month}月{done.day}日" in answer("forty_five_workdays")
    weeks = [re.findall(r"\d+", line) for line in answer("february_2026_calendar").split("\n")[2:]]
    assert [[int(day) for day in week] for week in weeks] == [
        [day for day in week if day] for week in monthcalendar(2026, 2)
    ]
    arrived, left = datetime(2025, 1, 5, 1, 15), datetime(2025, 1, 5, 20, 50)
    hours, minutes = divmod(int((left - arrived).total_seconds()) // 60, 60)
    assert f"{hours}小时{minutes}分钟" in answer("parcel_longest_stop")


def test_code_does_what_its_answer_says() -> None:
    read = {0: "零", 8: "八", 10: "十", 15: "十五", 20: "二十", 35: "三十五", 99: "九十九"}
    shown = f"{code_of('int_to_chinese_numeral')}\nprint(*map(to_chinese, {list(read)}))\n"
    assert printed(shown).split() == list(read.values())
    assert "ValueError" in printed(f"{shown}to_chinese(100)")
    assert printed(f"{given('parcel_fee_asserts')}\n{code_of('parcel_fee_asserts')}") == ""
    assert code_of("parcel_fee_asserts").count("assert") == 6
    assert answer("exception_kind_label") in printed(given("exception_kind_label"))
    assert "48, 75, 90, 59, 88" in printed(given("remove_while_iterating"))
    assert printed(code_of("remove_while_iterating")) == "[75, 90, 88]\n"
    assert printed(code_of("regex_book_titles")) == "['边城', '呼兰河传']\n"
    assert printed(code_of("slow_recursive_fib")) == "102334155\n"


def test_data_formats() -> None:
    assert json.loads(answer("order_address_to_json")).keys() == {"name", "phone", "address", "note"}
    assert {len(row) for row in csv.reader(code_of("unquoted_comma_csv").strip().split("\n"))} == {3}
    tomllib.loads(given("config_format_label"))
    with sqlite3.connect(":memory:") as base:
        base.executescript(
            "CREATE TABLE reader(id INTEGER, name TEXT, joined_on DATE);"
            "CREATE TABLE loan(id INTEGER, reader_id INTEGER, book TEXT, borrowed_on DATE);"
            "INSERT INTO reader VALUES (1, '甲', '2024-03-01'), (2, '乙', '2023-01-01'), (3, '丙', '2022-05-01');"
            "INSERT INTO loan VALUES (1, 3, '书', '2024-01-01');"
        )
        assert base.execute(code_of("sql_never_borrowed")).fetchall() == [("乙",), ("甲",)]
    base.close()


def test_puzzles_have_the_one_solution_that_is_given() -> None:
    says: dict[str, Callable[[str], bool]] = {
        "大宝": lambda thief: thief in ("三毛", "四喜"),
        "二丫": lambda thief: thief != "四喜",
        "三毛": lambda thief: thief == "大宝",
        "四喜": lambda thief: says["大宝"](thief) or says["三毛"](thief),
    }
    guilty = [thief for thief in says if sum(said(thief) for said in says.values()) == 1]
    assert guilty == ["二丫"]
    assert answer("last_qingtuan").startswith("是二丫")
    plans = [
        plan
        for plan in permutations(("小北", "小满", "阿杰", "思思", "大林"))
        if plan.index("思思") in (0, 3)
        and plan.index("小满") == plan.index("小北") + 1
        and plan.index("大林") in (0, 3)
        and plan.index("阿杰") != 0
        and abs(plan.index("阿杰") - plan.index("大林")) > 1
    ]
    assert [re.findall("：(.+)", answer("cleaning_duty_puzzle"))] == [list(plan) for plan in plans]
    assert {abs(a + 3 * b + 9 * c) for a, b, c in product((-1, 0, 1), repeat=3)} == set(range(14))
    assert answer("table_tennis_server_label") == ("甲", "乙")[(8 + 7) // 2 % 2]
