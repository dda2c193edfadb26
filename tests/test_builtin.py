"""The built-in teacher: every family's answers against its checker, every stage's answer through the real parser."""

from __future__ import annotations

import ast
import asyncio
import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path
from random import Random

import pytest

from selfinstruct.filters import Filter, verdict
from selfinstruct.filters.novelty import Novelty
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import Keywords
from selfinstruct.simulator import MODELS, builtin, mess
from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.families import ENGLISH, arithmetic, code
from selfinstruct.simulator.families.making import rows_of
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import EN
from selfinstruct.simulator.vocabulary import THEMES, number_in_words
from selfinstruct.stages import Alpaca, Classify, Instances, Propose
from selfinstruct.task import Instance, Message, Rejected, Task, task_from_row
from selfinstruct.teacher import Prompt, Request, Response

SEEDS = tuple(
    Task(f"seed_{n}", f"Tell a story about subject number {n}.", (Instance("", "Once."),), is_classification=n % 3 == 0)
    for n in range(20)
)
EVERY = pytest.mark.parametrize("family", ENGLISH, ids=lambda family: family.name)
DRAWS = 80
OPEN = {"regex", "stories"} | {family.name for family in ENGLISH if not family.graded}
"""Families where an answer may be right although a digit or its end is another one."""


def ask(prompt: Prompt, sample: int = 0, **params: object) -> Response:
    return asyncio.run(builtin(Request(prompt, "builtin", params, sample)))


def proposals(many: int, start: int = 0) -> list[Response]:
    rng = Random(start)
    return [ask(Propose().prompt(tuple(rng.sample(SEEDS, 8)), rng), sample) for sample in range(many)]


def family(name: str) -> Family:
    return next(one for one in ENGLISH if one.name == name)


# Families.


def test_names_and_number_of_families() -> None:
    assert len({family.name for family in ENGLISH}) == len(ENGLISH) >= 130
    assert sum(family.classification for family in ENGLISH) >= 18
    assert sum(family.graded for family in ENGLISH) >= 110
    assert sum(bool(family.further) for family in ENGLISH) >= 70


@EVERY
def test_own_answers_are_right_and_others_wrong(family: Family) -> None:
    rng = Random(family.name)
    wrong = 0
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        assert asked.accepts(given, answer), (text, given, answer)
        for mutant in ("", "I'm sorry, but I can't help with this one."):
            assert not asked.accepts(given, mutant), (text, given, mutant)
        _, other = family.compose(rng)
        wrong += not asked.accepts(given, other.answer(rng, other.draw(rng)))
    assert wrong > DRAWS // 8 or not family.graded, "answers to other questions pass too often"


@pytest.mark.parametrize("family", [one for one in ENGLISH if one.graded], ids=lambda family: family.name)
def test_bare_answers_count_and_are_wrong_when_changed(family: Family) -> None:
    rng = Random(f"{family.name} bare")
    for _ in range(DRAWS):
        text, asked = family.compose(rng, wishes=0)
        given = asked.draw(rng)
        assert family.solve is not None
        right = family.solve(asked.slots, given)
        assert asked.accepts(given, right), (text, given, right)
        if family.name in OPEN:
            continue
        mutants = [f"{right} or 7", broken_off(right)]
        if digit := re.search(r"\d", right):
            mutants.append(right[: digit.start()] + str((int(digit[0]) + 1) % 10) + right[digit.end() :])
        for mutant in mutants:
            assert not asked.accepts(given, mutant), (text, given, mutant)


def broken_off(right: str) -> str:
    """Its first half; "" of a short one, and where that says as much already, as "350.5" of "350.50 minutes" does."""
    half, number = right[: len(right) // 2 - 1].strip(), re.match(r"-?\d+(?:\.\d+)?(?![\d:/])", right)
    says_all = number and re.fullmatch(r"-?\d+(?:\.\d+)?", half) and float(half) == float(number[0])
    return "" if says_all or len(right) < 10 else half


@EVERY
def test_instructions_are_clean_and_read_back(family: Family) -> None:
    rng = Random(f"{family.name} again")
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        assert EN.recognise(text) == asked, text
        assert not re.search(r"[{}\n]|  | [,.;?](?!\d)|\.\.|,[.,;?!)]", text), text
        assert not re.search(r"\b[Aa] (?=[aeio])(?!one|ewe)|\b[Aa]n (?![aeiouhAEIOUMSFXHNR\"])", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text
        assert text[0].isupper() or text[0].isdigit()
        assert text[-1] in '.?!")', text
        assert Keywords(("video", "audio", "music"))(Task("", text), Pool()) is None, text
        assert 4 <= len(text.split()) <= 60, text


@EVERY
def test_inputs_and_outputs_survive_the_formats(family: Family) -> None:
    rng = Random(f"{family.name} once more")
    labels = set()
    for _ in range(DRAWS):
        _, asked = family.compose(rng)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        for part in (given, answer):
            assert not re.search(r"^\W*(?:Input|Output|Instruction|Example|Class label)\b", part, re.MULTILINE), part
            assert part == part.strip()
            assert not part.endswith(":")
            assert "###" not in part
            assert "\n\n" not in part
        assert answer
        assert len(f"{given} {answer}".split()) < 130
        labels.add(answer)
    if family.classification:
        assert 2 <= len(labels) <= 14
        assert not any("\n" in label for label in labels)


@EVERY
def test_every_slot_value_can_be_asked(family: Family) -> None:
    """Nothing in a slot lacks its row in the tables that the solver looks into, and all that is asked further has an
    answer in a sentence."""
    rng = Random(0)
    for wording in family.phrasings:
        names = re.findall(r"\{(\w+)\}", wording)
        assert len(set(names)) == len(names), wording
        for name in names:
            for value in family.slots[name]:
                slots = {other: rng.choice(family.slots[other]) for other in names} | {name: value}
                given = family.draw(rng, slots)
                assert family.solve is not None
                assert family.solve(slots, given), (wording, slots)
                for demand, answer in family.further.items():
                    assert demand.startswith("Also "), demand
                    assert re.fullmatch(r'["A-Z0-9].*[.!?"]', answer(slots, given)), (demand, answer(slots, given))


def test_no_two_tasks_differ_only_in_a_phrase_that_changes_nothing() -> None:
    """Whatever stands in a slot is in the answer's making: with another value there, some answer is another one."""
    for one in ENGLISH:
        rng = Random(one.name)
        for name, values in one.slots.items():
            wordings = [wording for wording in one.phrasings if f"{{{name}}}" in wording]
            told = set[tuple[str, str]]()
            for _ in range(60):
                wording, given = rng.choice(wordings), ""
                slots = {other: one.slots[other][0] for other in re.findall(r"\{(\w+)\}", wording)}
                slots[name] = rng.choice(values)
                given = one.draw(Random(7), slots)
                assert one.solve is not None
                bare = one.solve(slots, given)
                told.add((given, one.tell(slots, given, bare) if one.tell else bare))
            assert len(told) > 1 or name in SUBJECTS, (one.name, name)


SUBJECTS = {"what", "data", "gathering"}
"""Slots that say what the numbers or names of the input are; they are in the instruction as a person would say it."""


@pytest.mark.parametrize("wish", [*ITEM, *LIST, *LABEL])
def test_endings_can_be_undone(wish: str) -> None:
    ending = (ITEM | LIST | LABEL)[wish]
    for answer in ("oak, ash, elm", "oak") if wish in LIST else ("42 km",):
        assert ending.take(ending.put(answer)) == answer


# Facts that can be computed or cross-checked.

_SUM = re.compile(
    r"(?<![\w.,/²])((?:\(?-?\d+(?:\.\d+)?²?\)?(?: [+×÷−-] (?=[\d(-]))?)+) = (-?\d+(?:\.\d+)?)(?![\d/²]| [+×÷−])"
)
_ROUNDED = ("rounded", "to one decimal")


def value_of(term: str) -> Fraction:
    """Of a term in figures and signs, worked out by Python's own parser."""
    term = re.sub(r"(\d+(?:\.\d+)?)²", r"\1**2", term.replace("×", "*").replace("÷", "/").replace("−", "-"))

    def read(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int() | float() as value):
                return Fraction(str(value))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -read(operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return read(left) ** int(read(right))
            case ast.BinOp(left=left, op=op, right=right):
                a, b = read(left), read(right)
                return a / b if isinstance(op, ast.Div) else {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[type(op)]
        raise ValueError(ast.dump(node))

    return read(ast.parse(term, mode="eval").body)


def test_every_sum_in_an_answer_is_right() -> None:
    seen = Counter[str]()
    for one in ENGLISH:
        rng = Random(f"{one.name} sums")
        for _ in range(60):
            _, asked = one.compose(rng, wishes=0)
            given = asked.draw(rng)
            texts = [asked.answer(rng, given), *(answer(asked.slots, given) for answer in one.further.values())]
            for text in texts:
                for term, result in _SUM.findall(text):
                    if not re.search(r"[+×÷−]| - ", term) or ("remainder" in text and "÷" in term):
                        continue
                    off = abs(value_of(term) - Fraction(result))
                    assert off == 0 or (off < 1 and any(word in text for word in _ROUNDED)), (text, term)
                    seen[one.name] += 1
    assert len(seen) >= 25


def test_dates_and_times_by_other_means() -> None:
    rng = Random(3)
    days = ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    for _ in range(DRAWS):
        _, asked = family("weekday").compose(rng, wishes=0)
        given = asked.draw(rng)
        day, month, year = given.split()
        number = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        m, y = number.index(month[:3]) + 1, int(year)
        m, y = (m + 12, y - 1) if m < 3 else (m, y)
        zeller = (int(day) + 13 * (m + 1) // 5 + y % 100 + y % 100 // 4 + y // 100 // 4 + 5 * (y // 100)) % 7
        assert asked.accepts(given, days[zeller]), given
        _, asked = family("days_between").compose(rng, wishes=0)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        total, *parts = map(int, re.findall(r"\d+", answer))
        assert total == sum(parts), answer


def test_numbers_by_other_means() -> None:
    rng = Random(4)
    for _ in range(DRAWS):
        checks: dict[str, Callable[[str, str], bool]] = {
            "gcd": lambda text, bare: int(bare) == gcd(*map(int, re.findall(r"\d+", text))),
            "lcm": lambda text, bare: int(bare) == lcm(*map(int, re.findall(r"\d+", text))),
            "prime_factors": lambda text, bare: math.prod(map(int, bare.split(" × "))) == int(text),
            "to_binary": lambda text, bare: int(bare, 2) == int(text),
            "fractions": lambda text, bare: Fraction(bare) == sum(map(Fraction, text.split(" and "))),
            "expression": lambda text, bare: int(bare) == value_of(text),
            "coins": lambda text, bare: (
                sum(int(n) * (100 if unit == "euro" else 1) for n, unit in re.findall(r"(\d+) (euro|cent)", bare))
                == Fraction(text.split()[0]) * 100
            ),
        }
        for name, check in checks.items():
            one = family(name)
            _, asked = one.compose(rng, wishes=0)
            given = asked.draw(rng)
            assert one.solve is not None
            assert check(given, one.solve(asked.slots, given)), (name, given)


def test_numbers_in_words_and_roman() -> None:
    assert [arithmetic.to_roman(n) for n in (4, 9, 14, 90, 1944, 2024)] == [
        "IV",
        "IX",
        "XIV",
        "XC",
        "MCMXLIV",
        "MMXXIV",
    ]
    assert all(arithmetic.from_roman(arithmetic.to_roman(n)) == n for n in range(1, 3000))
    assert number_in_words(1005) == "one thousand and five"
    assert number_in_words(342_110) == "three hundred and forty-two thousand one hundred and ten"
    assert len({number_in_words(n) for n in range(10_000)}) == 10_000


def test_python_functions_give_what_their_table_says() -> None:
    """Our own table is run here; what answers contain never is."""
    script = "".join(
        f"def asked(x):\n    {body}\n"
        + "".join(f"assert asked({call}) == {value!r}\n" for call, value in calls.items())
        for body, calls in code.FUNCTIONS.values()
    )
    subprocess.run([sys.executable, "-I", "-c", script], check=True)


def test_python_values_are_what_python_says() -> None:
    rng, one = Random(5), family("python_value")
    assert one.solve is not None
    given = sorted({one.draw(rng, {}) for _ in range(DRAWS)})
    script = "".join(f"assert repr({text}) == {one.solve({}, text)!r}, {text!r}\n" for text in given)
    subprocess.run([sys.executable, "-I", "-c", script], check=True)


def test_python_answers_are_compared_without_being_run(tmp_path: Path) -> None:
    asked = EN.recognise("Write a Python function solve(x) that returns the even numbers of a list.")
    assert asked is not None
    assert asked.accepts("", "def solve(x):\n    return [n for n in x if n % 2 == 0]")
    assert asked.accepts(
        "",
        "```python\ndef solve(numbers: list[int]) -> list[int]:\n"
        '    """Even ones."""\n    return [k for k in numbers if k % 2 == 0]\n```',
    )
    assert not asked.accepts("", "def solve(x):\n    return [n for n in x if n % 2 == 1]")
    trap = tmp_path / "trap"
    for bad in (f"open({str(trap)!r}, 'w')", "def solve(", "\0", "(" * 5000, "x" * 100_000):
        assert not asked.accepts("", bad)
    assert not trap.exists()


def test_inputs_and_answers_keep_to_the_grammar() -> None:
    rng = Random(2)
    for one in ENGLISH:
        for _ in range(100):
            _, asked = one.compose(rng)
            given = asked.draw(rng)
            for text in (given, asked.answer(rng, given)):
                assert not re.search(
                    r"\b[Aa] (?=[aeio][a-z])(?!one|ewe|and )|\b[Aa]n (?![aeiouhEOX])[a-z]"
                    r"|(?<![.\d-])\b1 (?:week|day|hour|minute|euro|degree|year|litre|metre)s\b",
                    text,
                ), text


def test_tables_are_consistent() -> None:
    words = [word for theme in THEMES.values() for word in theme]
    assert len(set(words)) == len(words)
    for theme in THEMES.values():
        assert len({"".join(sorted(word.lower())) for word in theme}) == len(theme), "two anagrams in a theme"
    for file, name, column in (
        *(("facts", "capitals", "country"), ("facts", "capitals", "capital"), ("facts", "elements", "symbol")),
        *(("facts", "books", "title"), ("facts", "http_status", "code"), ("words", "past_tense", "verb")),
    ):
        rows = rows_of(file, name)
        assert len({row[column] for row in rows}) == len(rows), name
    numbers = [int(row["number"]) for row in rows_of("facts", "elements")]
    assert numbers == sorted(set(numbers))
    assert all(date(int(row["year"]), 1, 1) for row in rows_of("facts", "books"))


def test_arguments_are_judged_as_set_theory_does() -> None:
    """All assignments of up to three individuals to three non-empty groups."""
    worlds = [dict(zip("abc", (a, b, c), strict=True)) for a in range(1, 8) for b in range(1, 8) for c in range(1, 8)]

    def holds(sentence: str, groups: dict[str, int]) -> bool:
        quantity, one, other = re.findall(r"(All|No|Some|all|no|some) \{(\w)\} are \{(\w)\}", sentence)[0]
        x, y = groups[one], groups[other]
        return {"all": x & ~y == 0, "no": x & y == 0, "some": x & y != 0}[quantity.lower()]

    forms = table("en", "logic")["syllogism"]["forms"]
    assert len(forms) > 5
    for form in forms:
        first, second, third = form["form"].split(". ")
        possible = [groups for groups in worlds if holds(first, groups) and holds(second, groups)]
        assert all(holds(third, groups) for groups in possible) is form["valid"], form


GOLDEN = (
    ("Find the mean (rounded to one decimal) of the ages of the members of a chess club.", "1, 2, 2", "1.7"),
    ("Which two numbers come next?", "1, 2, 3, 5, 8, 13", "21, 34"),
    ("How much is this if I convert it from miles to kilometres, to two decimals?", "26.2 mi", "42.16 km"),
    ("On which weekday did this date fall?", "14 July 1789", "Tuesday"),
    ("Add thirty days to this date.", "30 January 2024", "29 February 2024"),
    ("Convert this time from Tokyo to Delhi.", "02:00", "22:30 on the day before"),
    ("Which day of the week was it?", "21 July 1969", "Monday"),
    ("Is this year a leap year? Give the reason.", "1900", "no"),
    (
        "Is a triangle with these sides equilateral, isosceles, scalene or impossible?",
        "3 cm, 4 cm, 9 cm",
        "impossible",
    ),
    (
        "Divide this restaurant bill evenly with a tip of ten percent and give the amount per person.",
        "Bill: 100.00 euros\nPeople: 3",
        "36.67",
    ),
    (
        "Sort these trees by length, longest first, with ties in alphabetical order.",
        "oak, ash, elm, beech",
        "beech, ash, elm, oak",
    ),
    ("Solve the anagram. The category is birds.", "E O H N R", "heron"),
    (
        "How old is a person with this date of birth on the second date?",
        "Born: 29 February 2000\nDate: 28 February 2021",
        "20",
    ),
    ("Write this number in words.", "12,345", "twelve thousand three hundred and forty-five"),
    ("Express the temperature below in degrees Fahrenheit.", "37 degrees Celsius", "98.6 degrees Fahrenheit"),
)


@pytest.mark.parametrize(("instruction", "given", "wanted"), GOLDEN, ids=lambda text: text[:30])
def test_answers_worked_out_by_hand(instruction: str, given: str, wanted: str) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None, instruction
    assert asked.family.solve is not None
    assert asked.family.solve(asked.slots, given) == wanted
    assert all(part.casefold() in asked.answer(Random(0), given).casefold() for part in wanted.split(", "))


FOREIGN = (
    ("Give me three tips for growing herbs on a balcony.", "- Use big pots.\n- Water them daily.\n- Pick often."),
    ("Why do cats purr?", "Cats purr for many reasons. Nobody knows all of them."),
    (
        "Draft a message that politely declines an invitation to a wedding.",
        "Dear both,\nThank you very much, but I can't come that day.\nAll the best,\nClara",
    ),
    ("Write an acrostic on the word SNOW.", "Soft it falls\nNight is near\nOver roofs\nWinter calls"),
    ("Translate this sentence into German.", "Bis morgen!"),
)


@pytest.mark.parametrize(("instruction", "answer"), FOREIGN, ids=lambda text: text[:30])
def test_free_writing_of_others_is_accepted_if_it_does_what_is_asked(instruction: str, answer: str) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None, instruction
    given = asked.draw(Random(0))
    assert asked.accepts(given, answer)
    assert not asked.accepts(given, answer.split("\n")[0][:4])
    assert not asked.accepts(given, "I'm sorry, but I can't help with that.")


MEAN = "Find the mean (rounded to one decimal) of the ages of the members of a chess club."
EQUATION = "What is the value of x?"
LENGTH = "These are the times of a nurse's shift. How long was it, in minutes?"
DUE = "Which date is thirty days after this one?"
TUESDAY = "Which day of the week was it?"
RIVERS = "Sort these rivers alphabetically."
MONEY = "What is the official currency of each of these countries?"
WORTH = "What does this Python expression evaluate to?"
DATE = "Suggest a regular expression that only accepts a date in the form 2024-05-31."
HITS = "Which of these strings does the regular expression match?"
CAPITAL = "What are the capitals of these countries?"
WAYS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        MEAN,
        "15, 25, 20",
        ("20", "20.0", "The mean is 20.", "It's **20**."),
        ("20.5", "about 21", "not 20", "20%", "20 or 21", "Is it 20?", "20 minus 1"),
    ),
    (EQUATION, "3x + 1 = 73", ("24", "x = 24", "x=24", "24.0"), ("x = 23", "x is not 24", "3x = 24", "-24")),
    (LENGTH, "From 23:30 to 01:05", ("95 min", "95", "It took 95 minutes."), ("95 hours", "95 m", "1 h 35", "over 95")),
    (DUE, "30 January 2024", ("February 29, 2024", "29th of Feb 2024"), ("29 February", "1 March 2024")),
    (
        TUESDAY,
        "14 July 1789",
        ("tuesday.", "It was a Tuesday.", "The answer is Tuesday."),
        ("It was not a Tuesday.", "Tuesday or Monday"),
    ),
    (RIVERS, "Nile, Elbe", ("1. Elbe\n2. Nile", "Elbe and Nile", "Elbe; Nile"), ("Nile, Elbe", "Elbe", "Elbe or Nile")),
    (CAPITAL, "Peru, Japan", ("Lima, Tokyo", "1. Lima\n2. Tokyo"), ("Tokyo, Lima", "Lima", "Lima or Tokyo")),
    (MONEY, "Japan", ("yen", "It is the yen."), ("not the yen", "dollar")),
    (
        DATE,
        "",
        (r"\d{4}-\d{2}-\d{2}", r"^[0-9]{4}-\d\d-\d\d$", r'r"\d{4}-(0\d|1[0-2])-[0-3]\d"'),
        (r".*", r"\d+-\d+-\d+"),
    ),
    (WORTH, "'lantern'.upper()[:5] + '3'", ("'LANTE3'", '"LANTE3"'), ("'lante3'", "'LANTE'", "'LANTE3' or 'LANTE'")),
    (HITS, "Regex: ^[A-Z][a-z]*$\nStrings: lantern, Lantern", ("Lantern",), ("lantern", "Lantern, lantern")),
)


@pytest.mark.parametrize(("instruction", "given", "right", "wrong"), WAYS, ids=lambda part: str(part)[:24])
def test_other_ways_to_say_what_is_right_and_what_is_not(
    instruction: str, given: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None, instruction
    assert [answer for answer in right if not asked.accepts(given, answer)] == []
    assert [answer for answer in wrong if asked.accepts(given, answer)] == []


def test_where_a_form_is_wished_for_no_sentence_stands_around_the_answer() -> None:
    asked = EN.recognise(f"{LENGTH} Give the answer alone, without any explanation.")
    assert asked is not None
    assert asked.answer(Random(0), "From 9:00 to 10:35") == "95 minutes"
    assert asked.accepts("From 9:00 to 10:35", "95 min")
    assert not asked.accepts("From 9:00 to 10:35", "It took 95 minutes.")


# Stages.


SEED_FILE = Path(__file__).parent.parent / "seeds" / "seed_tasks.jsonl"
REAL = [task_from_row(json.loads(line)) for line in SEED_FILE.read_text(encoding="utf-8").splitlines()]


def test_most_proposals_are_new() -> None:
    """A run's first 970 proposals or so. In all it has some 1,250 different tasks, and then says so."""
    pool, stage = Pool(REAL), Propose()
    drop: list[Filter] = [Keywords(), Novelty(0.7)]
    proposed, kept = 0, Counter[str]()
    verbs, words = set[str](), 0
    for draft in range(130):
        shown = tuple(pool.sample(Random(draft), 6, 2))
        for task in stage.parse(shown, ask(stage.prompt(shown, Random(draft)), max_tokens=1024)):
            proposed += 1
            if not isinstance(task, Task) or verdict(task, drop, pool):
                continue
            if asked := EN.recognise(task.instruction):
                kept[asked.family.name] += 1
                verbs.add(task.instruction.split()[0])
                words += len(task.instruction.split())
    assert proposed > 850
    assert kept.total() / proposed > 0.6
    assert len(kept) > 120
    assert kept.most_common(1)[0][1] / kept.total() < 0.05
    assert len(verbs) > 100
    assert 11 < words / kept.total() < 19


def _proposed(shown: list[str]) -> list[str]:
    tasks = tuple(Task(str(n), text) for n, text in enumerate(shown))
    answers = (ask(Propose().prompt(tasks, Random(0)), sample) for sample in range(60))
    return [task.instruction for answer in answers for task in Propose().parse(tasks, answer) if isinstance(task, Task)]


def test_proposals_follow_what_is_shown() -> None:
    questions = [
        "Why is the sea salty?",
        "How do geysers work?",
        "Who built the Pantheon?",
        "When was tea brought to Europe?",
    ]
    commands = ["Describe a desert.", "Praise a rival.", "Sing of rain.", "Invent a holiday.", "Praise my soup."]
    labels = [
        "Is the tone glad, sad or neutral?",
        "Classify the fruit.",
        "Label the note as joke or fact.",
        "Yes or no?",
    ]
    long = [
        f"{text[:-1]} for an old friend who has never before left the small island on which she was born."
        for text in commands
    ]

    def share(shown: list[str], test: Callable[[str], bool]) -> float:
        items = _proposed(shown)
        return sum(map(test, items)) / len(items)

    def is_question(text: str) -> bool:
        return "?" in text

    def is_classification(text: str) -> bool:
        return (asked := EN.recognise(text)) is not None and asked.family.classification

    def has_wish(text: str) -> bool:
        return (asked := EN.recognise(text)) is not None and asked.ending != ""

    assert share(questions, is_question) > share(commands, is_question) + 0.15
    assert share(labels, is_classification) > share(commands, is_classification) + 0.2
    assert share(long, has_wish) > share(commands, has_wish) + 0.03
    near = [*commands, "Give the antonyms of hot and cold."]
    assert share(near, lambda text: "ntonym" in text) > 3 * share(commands, lambda text: "ntonym" in text)


def test_proposals_parse_and_are_understood() -> None:
    for response in proposals(40):
        if response.finish_reason == "length":
            continue
        for task in Propose().parse(SEEDS[:8], response):
            if isinstance(task, Rejected):
                assert task.what == "remark"
                continue
            known = EN.recognise(task.instruction)
            copied = task.instruction.startswith("Tell a story") or task.instruction in mess.FORBIDDEN["en"]
            assert known or copied, task.instruction


def test_only_classification_when_asked() -> None:
    stage, rng = Propose(classification=True), Random(1)
    for sample in range(20):
        response = ask(stage.prompt(SEEDS[:8], rng), sample)
        for task in stage.parse(SEEDS[:8], response):
            known = EN.recognise(task.instruction) if isinstance(task, Task) else None
            assert known is None or known.family.classification


@EVERY
def test_classify_and_instances(family: Family) -> None:
    rng = Random(family.name)
    for _ in range(8):
        text, asked = family.compose(rng)
        task = Task("t", text)
        (classified,) = Classify().parse((task,), ask(Classify().prompt((task,), rng), max_tokens=8))
        assert isinstance(classified, Task)
        assert classified.is_classification is family.classification
        response = ask(Instances().prompt((classified,), rng), max_tokens=350)
        if response.finish_reason == "length":
            continue
        (finished,) = Instances().parse((classified,), response)
        assert isinstance(finished, Task), finished
        assert 1 <= len(finished.instances) <= 5
        for instance in finished.instances:
            assert asked.accepts(instance.input, instance.output), (text, instance)
        if family.classification:
            outputs = [instance.output for instance in finished.instances]
            assert len(set(outputs)) == len(outputs)


def test_a_task_with_inputs_has_two_to_five_instances_and_no_more_than_fit() -> None:
    rng, found = Random(20), {False: Counter[int](), True: Counter[int]()}
    for family in ENGLISH:
        text, asked = family.compose(rng)
        if not asked.draw(rng):
            continue
        task = Task("t", text, is_classification=family.classification)
        for narrow in (False, True):
            answer = ask(Instances().prompt((task,), rng), max_tokens=90 if narrow else 2000)
            if answer.finish_reason == "length":
                continue
            (done,) = (made for made in Instances().parse((task,), answer) if isinstance(made, Task))
            assert len({instance.input for instance in done.instances}) == len(done.instances)
            found[narrow][len(done.instances)] += 1
    assert set(found[False]) == {2, 3, 4, 5}
    assert min(found[False].values()) > 10
    assert found[False].total() > 60
    assert found[True].total() > 0.8 * found[False].total(), "few are cut"
    assert found[True][1] > found[False][1]


def test_alpaca_blocks_are_whole_tasks() -> None:
    rng = Random(3)
    for sample in range(30):
        response = ask(Alpaca().prompt(SEEDS[:3], rng), sample, max_tokens=3072)
        tasks = list(Alpaca().parse(SEEDS[:3], response))
        if response.finish_reason == "stop":
            assert len(tasks) == 17
            assert all(isinstance(task, Task) for task in tasks), tasks
        for task in tasks:
            if isinstance(task, Task) and (asked := EN.recognise(task.instruction)):
                (instance,) = task.instances
                assert asked.accepts(instance.input, instance.output), task


def test_a_conversation_is_read_like_a_text() -> None:
    rng = Random(4)
    text = Propose().prompt(SEEDS[:8], rng)
    assert isinstance(text, str)
    turns = (Message(role="system", content="Be brief."), Message(role="user", content=text))
    found = list(Propose().parse(SEEDS[:8], ask(turns)))
    assert len(found) >= 7


@pytest.mark.parametrize(
    "prompt", ["", "Hello!", (), "Task: \nClassification:", (Message(role="system", content="x"),)]
)
def test_what_it_does_not_know_it_refuses(prompt: Prompt) -> None:
    assert ask(prompt, sample=1).text == EN.unknown


def test_an_unknown_instruction_is_refused_by_every_stage() -> None:
    task = Task("t", "Build me a cathedral out of matches before tea time.")
    rng = Random(5)
    assert ask(Instances().prompt((task,), rng)).text == EN.unknown
    for stage in (Classify(), Instances()):
        (found,) = stage.parse((task,), ask(stage.prompt((task,), rng)))
        assert isinstance(found, Rejected)
        assert found.text.strip() == EN.unknown


# Limits, purity, mess.


def test_max_tokens_and_stop() -> None:
    prompt = Propose().prompt(SEEDS[1:9], Random(6))
    short = ask(prompt, max_tokens=30)
    assert short.finish_reason == "length"
    assert short.output_tokens is not None
    assert short.output_tokens <= 30
    assert short.output_tokens == mess.tokens(short.text)
    stopped = ask(prompt, stop=["\n10", "\n11"])
    assert stopped.finish_reason == "stop"
    assert "\n10" not in stopped.text
    assert ask(prompt, stop="\n10").text.count("\n") == 0


def test_an_answer_says_what_it_cost() -> None:
    response = ask("one two three")
    assert (response.model, response.input_tokens) == ("builtin", 4)


def test_pure_in_this_process_and_another() -> None:
    prompt = str(Propose().prompt(SEEDS[:8], Random(7)))
    script = (
        "import asyncio, sys\nfrom selfinstruct.teacher import Request\n"
        "from selfinstruct.simulator import builtin\n"
        "sys.stdout.write(asyncio.run(builtin(Request(sys.argv[1], 'builtin', {}, 2))).text)"
    )
    here = ask(prompt, sample=2).text
    assert here == ask(prompt, sample=2).text
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script, prompt],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        )
        assert done.stdout.decode() == here
    assert here != ask(prompt, sample=3).text


@pytest.mark.parametrize("model", MODELS)
def test_mess_comes_at_the_documented_rates(model: str) -> None:
    rates, rng = mess.RATES[model], Random(8)
    prompts = [Propose().prompt(tuple(rng.sample(SEEDS, 8)), rng) for _ in range(1000)]
    answers = [asyncio.run(builtin(Request(prompt, model, {}, sample))) for sample, prompt in enumerate(prompts)]
    assert {answer.model for answer in answers} == {model}

    def near(count: int, of: int, rate: float) -> bool:
        return abs(count - rate * of) < 4 * math.sqrt(rate * of)

    whole = [answer.text for answer in answers if answer.finish_reason == "stop"]
    assert near(len(answers) - len(whole), len(answers), rates.truncated)
    assert near(
        sum(not re.search(r"\n10\. ", text) or text.startswith("Sure") for text in whole), len(whole), rates.ugly
    )
    items = [item for text in whole for item in text.split("\n")]
    assert near(
        sum(any(item.endswith(bad) for bad in mess.FORBIDDEN["en"]) for item in items), len(items), rates.forbidden
    )
    assert near(sum("subject number" in item for item in items), len(items), rates.near_duplicate)
