"""The English seed tasks: their format, their variety, and the answers that can be recomputed.

The first half checks every task alike: keys, counts, lengths, forbidden words, and that no instruction is too
close to another one or to a published seed (ROUGE-L). The second half looks tasks up by name and rechecks
what can be computed: sums, dates, JSON, tables, word limits, verse forms, and code, which is run.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain, combinations, pairwise, permutations, product
from math import ceil, gcd, prod
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import LCSseq
from rouge_score import tokenize  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds" / "seed_tasks.jsonl"
PUBLISHED = Path(
    os.environ.get("SELFINSTRUCT_PUBLISHED_SEEDS") or ROOT.parent / "shared" / "data" / "upstream_seed_tasks.jsonl"
)

FORBIDDEN = re.compile(
    r"\b(images?|graphs?|pictures?|files?|maps?|draw|plot|go to|video|audio|music|flowchart|diagram)\b",
    re.IGNORECASE,
)

# First words of instructions that are not imperative verbs.
NOT_VERBS = frozenset(
    {"a", "applying", "does", "from", "given", "how", "i", "if", "in", "is", "it", "my", "on", "please"}
    | {"sincere", "the", "three", "two", "under", "using", "was", "what", "where", "which", "why", "without"}
    | {"would", "you"}
)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


TASKS = read_jsonl(SEEDS)
BY_NAME = {str(task["name"]): task for task in TASKS}


def instruction(name: str) -> str:
    return str(BY_NAME[name]["instruction"])


def given(name: str) -> str:
    """The input of the task called `name`."""
    return str(BY_NAME[name]["instances"][0]["input"])


def answer(name: str) -> str:
    """The output of the task called `name`."""
    return str(BY_NAME[name]["instances"][0]["output"])


def first_word(text: str) -> str:
    return re.sub(r"[^\w]", "", text.split()[0]).lower()


# Every task


def test_there_are_175_tasks_with_ids_in_order() -> None:
    assert [task["id"] for task in TASKS] == [f"seed_task_{number}" for number in range(175)]


def test_every_task_has_the_same_keys_in_the_same_order() -> None:
    for task in TASKS:
        assert list(task) == ["id", "name", "instruction", "instances", "is_classification"]
        assert len(task["instances"]) == 1
        assert list(task["instances"][0]) == ["input", "output"]
        assert isinstance(task["is_classification"], bool)


def test_lines_are_written_as_plain_utf8_json() -> None:
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    assert lines == [json.dumps(task, ensure_ascii=False) for task in TASKS]


def test_names_and_instructions_are_unique() -> None:
    assert len(BY_NAME) == len(TASKS)
    assert len({task["instruction"] for task in TASKS}) == len(TASKS)
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) for name in BY_NAME)


def test_texts_are_filled_in_and_trimmed() -> None:
    for task in TASKS:
        instance = task["instances"][0]
        assert instance["output"]
        for text in (task["instruction"], instance["input"], instance["output"]):
            assert text == text.strip()


def test_26_classification_tasks_are_spread_through_the_list() -> None:
    places = [number for number, task in enumerate(TASKS) if task["is_classification"]]
    assert len(places) == 26
    assert max(later - earlier for earlier, later in pairwise([0, *places, len(TASKS)])) <= 15
    assert min(later - earlier for earlier, later in pairwise(places)) >= 3


def test_classification_answers_are_short_labels() -> None:
    for task in TASKS:
        if task["is_classification"]:
            assert len(task["instances"][0]["output"].split()) <= 2, task["name"]


def test_between_46_and_54_tasks_need_no_input() -> None:
    assert 46 <= sum(task["instances"][0]["input"] == "" for task in TASKS) <= 54


def test_at_least_60_different_leading_verbs() -> None:
    assert len({first_word(task["instruction"]) for task in TASKS} - NOT_VERBS) >= 60


def test_no_opening_word_is_overused() -> None:
    assert max(Counter(first_word(task["instruction"]) for task in TASKS).values()) <= 6


def test_instruction_lengths() -> None:
    lengths = [len(task["instruction"].split()) for task in TASKS]
    assert min(lengths) >= 4
    assert max(lengths) <= 60
    assert 13 <= sum(lengths) / len(lengths) <= 16
    assert sum(length <= 5 for length in lengths) >= 4
    assert sum(length >= 40 for length in lengths) >= 4


def test_answers_are_no_longer_than_180_words() -> None:
    assert max(len(task["instances"][0]["output"].split()) for task in TASKS) <= 180


def test_no_instruction_would_be_dropped_by_the_usual_filters() -> None:
    for task in TASKS:
        text = task["instruction"]
        assert not FORBIDDEN.search(text), text
        assert not text.startswith("Write a program")
        assert text[0].isascii()
        assert text[0].isalnum()


# Distance


def rouge_tokens(tasks: list[dict[str, Any]]) -> list[list[str]]:
    return [tokenize.tokenize(task["instruction"], None) for task in tasks]


def rouge_l(first: list[str], second: list[str]) -> float:
    return 2 * float(LCSseq.similarity(first, second)) / (len(first) + len(second))


def test_no_two_instructions_are_alike() -> None:
    assert max(rouge_l(first, second) for first, second in combinations(rouge_tokens(TASKS), 2)) <= 0.5


def test_no_instruction_is_close_to_a_published_seed() -> None:
    if not PUBLISHED.is_file():
        pytest.skip("the published seed tasks are not here (set SELFINSTRUCT_PUBLISHED_SEEDS to their path)")
    published = rouge_tokens(read_jsonl(PUBLISHED))
    assert max(rouge_l(ours, theirs) for ours, theirs in product(rouge_tokens(TASKS), published)) <= 0.6


# Limits that an instruction sets and its answer keeps


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("overdue_invoice_reminder", 1, 89),
        ("colleague_dilemma", 1, 150),
        ("shorten_kettle_text", 1, 25),
        ("flooded_cellar_adventure", 1, 119),
        ("hare_retells_race", 1, 129),
        ("condense_lecture", 1, 30),
        ("ball_narrates_penalty", 90, 110),
        ("science_fair_invitation", 60, 90),
        ("fifty_word_story", 50, 50),
        ("raise_negotiation", 1, 80),
        ("breach_email_rewrite", 1, 130),
        ("office_move_announcement", 1, 100),
        ("two_readings_of_a_poem", 1, 100),
    ],
)
def test_word_limits(name: str, least: int, most: int) -> None:
    assert least <= len(answer(name).split()) <= most


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("notice_for_children", 2),
        ("winter_without_e", 2),
        ("tool_library_pitch", 3),
        ("rosetta_stone", 3),
        ("join_without_and", 1),
        ("condense_lecture", 1),
    ],
)
def test_sentence_counts(name: str, sentences: int) -> None:
    assert len(re.findall(r"[.!?](?=\s|$)", answer(name))) == sentences


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("lighthouse_limerick", 5),
        ("last_train_tanka", 5),
        ("river_acrostic", 5),
        ("tenant_repair_call", 4),
        ("finish_quatrain", 4),
        ("italian_menu", 4),
        ("latin_in_english", 4),
        ("kitchen_rules_flatmates", 5),
        ("discussion_after_reading", 3),
        ("dense_bread_questions", 5),
    ],
)
def test_line_counts(name: str, lines: int) -> None:
    assert len(answer(name).splitlines()) == lines


def test_letters_and_words_to_avoid() -> None:
    assert "e" not in answer("winter_without_e").lower()
    assert "and" not in answer("join_without_and").lower().split()
    assert not re.search(r"\b(stones?|moss)\b", answer("proverb_without_nouns").lower())


def test_one_syllable_words_hold_one_group_of_vowels() -> None:
    for word in re.findall(r"[a-z]+", answer("tea_in_short_words").lower()):
        spoken = re.sub(r"(?<=[^aeiou])es?$|ue$", "", word) if len(word) > 3 else word
        assert len(re.findall(r"[aeiouy]+", spoken)) == 1, word


def test_acrostic() -> None:
    assert "".join(line[0] for line in answer("river_acrostic").splitlines()) == "RIVER"


def test_taglines_have_five_words() -> None:
    taglines = [line.split(" - ")[1].split() for line in answer("night_bakery_names").splitlines()]
    assert [len(tagline) for tagline in taglines] == [5] * 6


def test_headlines_have_at_most_eight_words() -> None:
    assert all(len(line.split()[1:]) <= 8 for line in answer("sharper_headlines").splitlines())


def test_word_ladder_changes_one_letter_at_a_time() -> None:
    ladder = answer("cold_to_warm").split()
    assert (ladder[0], ladder[-1]) == ("COLD", "WARM")
    for word, following in pairwise(ladder):
        assert sum(a != b for a, b in zip(word, following, strict=True)) == 1


def test_anagrams() -> None:
    for line in answer("unscramble_planets").splitlines():
        scrambled, planet = line.split(" = ")
        assert sorted(scrambled) == sorted(planet.upper())
        assert scrambled in given("unscramble_planets")
    assert sorted("silent") == sorted("listen")


def test_copied_text_is_copied_exactly() -> None:
    assert answer("quote_the_evidence") in given("quote_the_evidence")
    poem = re.sub(r" \([A-C]\)$", "", answer("rhyme_scheme_letters"), flags=re.MULTILINE)
    assert poem == given("rhyme_scheme_letters")
    assert answer("finish_quatrain").startswith(given("finish_quatrain"))
    quoted = re.findall(r'"([^"]+)"', answer("two_readings_of_a_poem"))[:2]
    assert all(line in given("two_readings_of_a_poem") for line in quoted)


def test_proofreading_finds_words_of_the_paragraph() -> None:
    wrong = [line.split(" -> ")[0] for line in answer("proofread_arrow_list").splitlines()]
    places = [given("proofread_arrow_list").index(word) for word in wrong]
    assert places == sorted(places)


def test_groups_use_each_word_once() -> None:
    lines = answer("twelve_words_three_groups").splitlines()[:3]
    groups = [line.split(": ")[1].split(", ") for line in lines]
    assert [len(group) for group in groups] == [4, 4, 4]
    assert sorted(chain(*groups)) == sorted(given("twelve_words_three_groups").split(", "))


def test_times_of_the_plans_add_up() -> None:
    minutes = [float(number) for number in re.findall(r"\(([\d.]+) min\)", answer("bee_talk_outline"))]
    assert sum(minutes) == 10
    slots = re.findall(r"^(\d+)-(\d+) min", answer("fraction_strip_lesson"), flags=re.MULTILINE)
    assert [start for start, _ in slots] == ["0"] + [end for _, end in slots[:-1]]
    assert slots[-1][1] == "20"


# Arithmetic


def test_paint() -> None:
    area = Fraction(2 * (5 + 4)) * Fraction("2.5") - 2 * Fraction("0.9") - Fraction("1.5") * Fraction("1.2")
    assert (float(area), float(2 * area), ceil(2 * area / 20)) == (41.4, 82.8, 5)
    assert answer("paint_tins").endswith("You must buy 5 tins.")


def test_library_fine() -> None:
    late = [date(2024, 6, 3) + timedelta(days=day) for day in range(1, 17)]  # 3 June 2024 was a Monday
    assert (late[-1].month, late[-1].day) == (6, 19)
    days = sum(day.isoweekday() != 7 for day in late)
    cents = days * 20 + days * 10 + 1850 + 300
    assert answer("library_fine").endswith(f"= {cents / 100:.2f}.")


def test_dates() -> None:
    assert (date(2024, 12, 2).isoweekday(), date(2024, 12, 6).isoweekday()) == (1, 5)
    assert f"= {(date(2024, 3, 15) - date(2024, 1, 27)).days} days." in answer("days_until_deadline")
    wednesday = date(2024, 1, 3)
    assert f"{wednesday + timedelta(days=100):%A}" in answer("hundred_days_on")
    assert answer("leap_year_check") == ("yes" if 1900 % 400 == 0 else "no")
    lines = answer("dates_to_iso").splitlines()
    assert [str(date.fromisoformat(line)) for line in lines] == lines


def test_savings() -> None:
    balance = 2000 * Fraction("1.03") ** 4
    assert str(round(float(balance), 5)) == "2251.01762"
    assert "2,251.02 euros" in answer("savings_four_years")
    spare = 2400 - 1350 - 420 - 450
    assert (3000 // 12, spare, 3000 // 12 - spare, 12 * spare, ceil(3000 / spare)) == (250, 180, 70, 2160, 17)
    for number in ("= 250.", "= 180.", "70 a month short", "2,160", "17 months"):
        assert number in answer("course_savings_goal")


def test_discounts_and_plans() -> None:
    assert (150 * 80 * 90 // 10000, 150 * 70 // 100) == (108, 105)
    assert "120 x 0.90 = 108." in answer("stacked_discounts")
    assert "= 105." in answer("stacked_discounts")
    costs = {"A": 800 + (9 - 5) * 150, "B": 1500, "C": 400 + 120 * 8}
    assert costs == {"A": 1400, "B": 1500, "C": 1360}
    assert min(costs, key=lambda plan: costs[plan]) == "C"
    assert "Plan C is the cheapest at 13.60." in answer("phone_plan_choice")
    assert 400 + 125 * 8 == costs["A"] < 400 + 126 * 8


def test_restaurant_bill() -> None:
    own = {"Aiko": 600 + 1300, "Bruno": 2400, "Chidi": 1100 + 600}
    for name, cents in own.items():
        before = cents + 1800 // 3
        line = f"{name} {before / 100:.2f} x 1.10 = {before * 1.1 / 100:.2f}"
        assert line in answer("split_restaurant_bill").splitlines()


def evaluate(sum_: str) -> Fraction:
    """The value of a sum such as `8.00 + 4 x 1.50`."""
    if " + " in sum_:
        return sum((evaluate(part) for part in sum_.split(" + ")), Fraction(0))
    if " - " in sum_:
        first, *rest = sum_.split(" - ")
        return evaluate(first) - sum(evaluate(part) for part in rest)
    if " x " in sum_:
        return prod((evaluate(part) for part in sum_.split(" x ")), start=Fraction(1))
    if " / " in sum_:
        dividend, divisor = sum_.split(" / ")
        return evaluate(dividend) / evaluate(divisor)
    return Fraction(sum_.replace(",", ""))


def test_every_sum_written_with_plain_numbers_is_right() -> None:
    number = r"\d+(?:,\d{3})*(?:\.\d+)?"
    equation = re.compile(rf"(?<![\d.,/])({number}(?: [-+x/] {number})+) = ({number})")
    found = [(name, *parts) for name in BY_NAME for parts in equation.findall(answer(name))]
    assert len(found) >= 50
    for name, left, right in found:
        assert evaluate(left) == evaluate(right), (name, left, right)


def test_probability() -> None:
    chance = 1 - Fraction(5, 6) ** 4
    written = f"{chance.numerator}/{chance.denominator}, which is about {float(chance):.3f}"
    assert written in answer("at_least_one_six")
    ill, healthy = 10_000 // 100, 10_000 - 10_000 // 100
    right, wrong = ill * 90 // 100, healthy * 5 // 100
    ratio = f"{right} / {right + wrong} is about {right / (right + wrong):.3f}"
    assert ratio in answer("screening_test_numbers")


def test_euclid() -> None:
    steps = re.findall(r"^(\d+) = (\d+) x (\d+) \+ (\d+)$", answer("euclid_by_hand"), flags=re.MULTILINE)
    assert all(int(a) == int(q) * int(b) + int(r) and int(r) < int(b) for a, q, b, r in steps)
    assert f"is {gcd(252, 198)}." in answer("euclid_by_hand")


def test_roman_numerals() -> None:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    for line in answer("to_roman_numerals").splitlines():
        digits = [values[letter] for letter in line.split(" = ")[-1]] + [0]
        assert sum(-a if a < b else a for a, b in pairwise(digits)) == int(line.split(" = ")[0])


def test_packing_weights() -> None:
    kilos = re.findall(r": ([\d.]+) kg$", answer("seven_kilo_packing"), re.MULTILINE)
    weights = [Fraction(weight) for weight in kilos]
    assert len(weights) == 12
    assert f"Total: {float(sum(weights))} kg" in answer("seven_kilo_packing")


def test_triangle_and_distance() -> None:
    assert 7**2 + 9**2 < 12**2
    assert answer("triangle_kind") == "obtuse"
    assert f"{3.5 * 1852:,.0f} m" in answer("nautical_miles")


# Puzzles


def test_four_neighbours_has_one_solution() -> None:
    solutions = [
        [f"House {i}: {owner}, {pet}" for i, (owner, pet) in enumerate(zip(owners, pets, strict=True), 1)]
        for owners in permutations(("Ada", "Ben", "Caro", "Dev"))
        for pets in permutations(("cat", "dog", "fish", "parrot"))
        if pets[2] == "dog"
        and abs(owners.index("Ada") - 2) == 1
        and owners[0] == "Ben"
        and pets[0] != "cat"
        and pets[owners.index("Caro")] == "parrot"
        and "cat" in (pets[0], pets[3])
    ]
    assert solutions == [answer("four_neighbours").splitlines()[-4:]]


def sudoku_grid(text: str) -> list[str]:
    """The rows of a 4x4 grid, without the lines between the blocks."""
    return [re.sub(r"[^1-4.]", "", line) for line in text.splitlines() if "--" not in line]


def test_sudoku_has_one_solution() -> None:
    clues = "".join(sudoku_grid(given("four_by_four_sudoku")))
    rows = ["".join(order) for order in permutations("1234")]
    solutions = [
        list(grid)
        for grid in product(rows, repeat=4)
        if all(clue in (".", cell) for clue, cell in zip(clues, "".join(grid), strict=True))
        and all(len(set(column)) == 4 for column in zip(*grid, strict=True))
        and all(len({*grid[r][c : c + 2], *grid[r + 1][c : c + 2]}) == 4 for r in (0, 2) for c in (0, 2))
    ]
    assert solutions == [sudoku_grid(answer("four_by_four_sudoku"))]


def test_caesar_cipher() -> None:
    shifted = "".join(chr((ord(c) - 65 + 3) % 26 + 65) if c.isalpha() else c for c in answer("caesar_decode"))
    assert shifted == given("caesar_decode")


def test_balanced_equation() -> None:
    def atoms(side: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for term in side.split(" + "):
            count, formula = re.fullmatch(r"(?:(\d+) )?(\w+)", term.strip()).groups()  # type: ignore[union-attr]
            for element, number in re.findall(r"([A-Z])(\d*)", formula):
                total[element] += int(count or 1) * int(number or 1)
        return total

    left, right = answer("balance_propane").splitlines()[0].split(" -> ")
    assert atoms(left) == atoms(right) == Counter(C=3, H=8, O=10)


def test_schedule_meets_the_deadlines() -> None:
    job = re.compile(r"^([\w ]+): (\d) hours?, due (\d+):00$", re.MULTILINE)
    jobs = {name: (int(hours), int(due)) for name, hours, due in job.findall(given("deadline_schedule"))}
    slot = re.compile(r"^(\d+):00-(\d+):00 ([\w ]+) \(", re.MULTILINE)
    clock = 9
    for start, end, name in slot.findall(answer("deadline_schedule")):
        hours, due = jobs.pop(name)
        assert int(start) == clock
        assert int(end) == clock + hours <= due
        clock = int(end)
    assert not jobs


def test_winning_square() -> None:
    board = [line.split() for line in given("noughts_and_crosses").splitlines()]
    assert (board[0][2], board[1][1], board[2][0]) == ("X", "X", ".")
    assert (board[0][0], board[1][0]) == ("O", "O")
    assert "bottom-left" in answer("noughts_and_crosses")


# Data formats


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("contact_to_json", ["name", "phone", "city", "languages"]),
        ("parse_server_log", ["time", "level", "service", "message", "duration_ms"]),
        ("repair_json", ["title", "beds", "crops", "fenced"]),
    ],
)
def test_json_answers_parse(name: str, keys: list[str]) -> None:
    assert list(json.loads(answer(name))) == keys


def test_broken_json_is_broken() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(given("repair_json"))


def table(text: str) -> list[list[str]]:
    """The cells of a Markdown table: the head, then the rows."""
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert len({len(row) for row in rows}) == 1
    assert all(re.fullmatch(r":?-{3,}:?", cell) for cell in rows[1])
    return [rows[0], *rows[2:]]


def test_csv_table_totals() -> None:
    head, *rows = table(answer("csv_to_markdown_total"))
    assert [",".join(row[:3]) for row in [head, *rows]] == given("csv_to_markdown_total").splitlines()
    for _, quantity, price, total in rows:
        assert Fraction(quantity) * Fraction(price) == Fraction(total)


def test_truth_table() -> None:
    _, *rows = table(answer("truth_table"))
    assert {(row[0], row[1]) for row in rows} == set(product("TF", repeat=2))
    for p, q, not_q, both in rows:
        assert (not_q == "T") == (q == "F")
        assert (both == "T") == (p == "T" and q == "F")


def test_password_cases() -> None:
    _, *rows = table(answer("password_test_cases"))
    assert len(rows) == 7
    for password, expected, _ in rows:
        valid = (
            8 <= len(password) <= 20
            and bool(re.search(r"\d", password))
            and bool(re.search(r"[a-z]", password))
            and " " not in password
        )
        assert expected == ("valid" if valid else "invalid")


def test_other_tables() -> None:
    assert len(table(answer("commute_comparison_table"))) == 1 + 3
    assert table(answer("tabulate_prose"))[0] == ["Island", "Area (km²)", "Residents", "Ferry"]


def test_merged_guest_list() -> None:
    first, second = (line.split(": ")[1] for line in given("merge_guest_lists").splitlines())
    names = {"{1}, {0}".format(*name.split()) for name in first.split(", ")} | set(second.split("; "))
    assert answer("merge_guest_lists").splitlines() == sorted(names)


def test_redaction_leaves_the_rest_alone() -> None:
    pattern = re.escape(answer("redact_message"))
    for label in ("NAME", "PHONE", "ADDRESS", "EMAIL"):
        pattern = pattern.replace(re.escape(f"[{label}]"), "(.+?)")
    match = re.fullmatch(pattern, given("redact_message"))
    assert match
    assert set(match.groups()) == {
        "Priya Sample",
        "18 Quarry Road, Flat 3",
        "Luis",
        "555-0147",
        "p.sample@mail.example",
    }


# Code


def code(name: str) -> str:
    """The code of an answer: its fenced block, or all of it."""
    fenced = re.search(r"```\w*\n(.*?)```", answer(name), flags=re.DOTALL)
    return fenced[1] if fenced else answer(name)


def run_python(program: str) -> str:
    """What `program` prints, run in an interpreter of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_mean_positive() -> None:
    calls = "\nprint(mean_positive([4, -2, 6]), mean_positive([]))"
    assert run_python(code("debug_average_positive") + calls) == "5.0 None"
    broken = "\nprint(3 * mean_positive([4, -2, 6]))"
    assert run_python(given("debug_average_positive") + broken) == "10.0"


def test_chunk() -> None:
    calls = "\nprint(chunk([1, 2, 3, 4, 5], 2), chunk([], 3))"
    assert run_python(code("python_chunk") + calls) == "[[1, 2], [3, 4], [5]] []"
    for size in (0, -1):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            run_python(code("python_chunk") + f"\nchunk([1], {size})")
        assert "ValueError" in refused.value.stderr


def test_refactored_shipping_behaves_as_before() -> None:
    calls = "\nprint([shipping(t, m) for t in (-1, 0, 1, 49.99, 50, 51) for m in (True, False)])"
    assert run_python(given("refactor_shipping") + calls) == run_python(code("refactor_shipping") + calls)


def test_predicted_output() -> None:
    assert run_python(given("predict_python_lists")) == answer("predict_python_lists").splitlines()[0]


def test_clock_regex() -> None:
    pattern = re.compile(answer("regex_24_hour"))
    accepted = [f"{a:02}:{b:02}" for a in range(100) for b in range(100) if pattern.search(f"{a:02}:{b:02}")]
    assert accepted == [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    assert not any(pattern.search(text) for text in ("24:00", "7:30", "07:3", "107:30", "07:300", "0730"))


def test_sql() -> None:
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(
            """
            CREATE TABLE customers(id INTEGER, name TEXT);
            CREATE TABLE orders(id INTEGER, customer_id INTEGER, ordered_on DATE, amount DECIMAL);
            INSERT INTO customers VALUES (1, 'Ada'), (2, 'Ben'), (3, 'Ben');
            INSERT INTO orders VALUES
                (1, 1, '2023-01-01', 10), (2, 1, '2023-12-31', 5), (3, 2, '2023-06-01', 40),
                (4, 2, '2022-12-31', 99), (5, 3, '2024-01-01', 99), (6, 3, '2023-03-03', 1);
            """
        )
        assert base.execute(answer("sql_customer_spend")).fetchall() == [("Ben", 40), ("Ada", 15), ("Ben", 1)]


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
def test_backup_script(tmp_path: Path) -> None:
    folder = tmp_path / "my notes"
    (folder / "backup").mkdir(parents=True)
    for name in ("a b.txt", "-n.txt", "other.md"):
        (folder / name).write_text(name, encoding="utf-8")
    command = ["sh", "-c", code("backup_script_faults"), "backup", str(folder)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    assert sorted(path.name for path in (folder / "backup").iterdir()) == ["-n.txt", "a b.txt"]

    broken = tmp_path / "no backup folder"
    broken.mkdir()
    (broken / "a.txt").touch()
    command[-1] = str(broken)
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
def test_largest_subfolders(tmp_path: Path) -> None:
    for size in range(1, 8):
        (tmp_path / f"folder {size}").mkdir()
        (tmp_path / f"folder {size}" / "data").write_bytes(os.urandom(size * 100_000))
    command = ["sh", "-c", answer("largest_subfolders")]
    try:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"du or sort lacks an option here: {error.stderr}")
    found = [line.split("\t")[1] for line in done.stdout.splitlines()]
    assert found == [f"folder {size}/" for size in (7, 6, 5, 4, 3)]
