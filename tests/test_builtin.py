"""The built-in teacher: every family's solver against its checker, every stage's answer through the real parser."""

from __future__ import annotations

import asyncio
import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from selfinstruct.filters import verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import keywords, novelty
from selfinstruct.simulator import MODELS, builtin, mess
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.families import ENGLISH, code, dates, facts, logic, numerals, verse, wordplay
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import EN
from selfinstruct.simulator.vocabulary import THEMES_WORDS
from selfinstruct.stages import Alpaca, Classify, Instances, Propose
from selfinstruct.task import Instance, Message, Rejected, Task, task_from_row
from selfinstruct.teacher import Prompt, Request, Response

SEEDS = [
    Task(f"seed_{n}", f"Tell a story about subject number {n}.", (Instance("", "Once."),), is_classification=n % 3 == 0)
    for n in range(20)
]
EVERY = pytest.mark.parametrize("family", ENGLISH, ids=lambda family: family.name)
DRAWS = 300
OPEN = {"regex"} | {family.name for family in ENGLISH if not family.graded}
"""Families where an answer may be right although a digit or its end is another one."""


def ask(prompt: Prompt, sample: int = 0, **params: object) -> Response:
    return asyncio.run(builtin(Request(prompt, "builtin", params, sample)))


def proposals(many: int, start: int = 0) -> list[Response]:
    rng = Random(start)
    return [ask(Propose().prompt(rng.sample(SEEDS, 8), rng), sample) for sample in range(many)]


# Families.


def test_names_and_number_of_families() -> None:
    assert len({family.name for family in ENGLISH}) == len(ENGLISH) >= 100
    assert all(4 <= len(family.phrasings) <= 8 for family in ENGLISH)
    assert sum(family.classification for family in ENGLISH) >= 25
    assert sum(family.graded for family in ENGLISH) >= 90


def broken_off(answer: str) -> str:
    """Its first half; "" when that says as much already, as "350" of "350 minutes" does."""
    half = answer[: len(answer) // 2 - 1].strip()
    return "" if re.fullmatch(rf"{re.escape(half)}(?:\.0+)?\D*", answer) and half.isdigit() else half


@EVERY
def test_own_answers_are_right_and_others_wrong(family: Family) -> None:
    rng = Random(family.name)
    wrong = 0
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        assert asked.accepts(given, answer), (text, given, answer)
        mutants = ["", "I'm sorry, but I can't help with this one."]
        mutants += [broken_off(answer)] if family.graded else []
        mutants += [f"{answer} or 7"] if family.name not in OPEN else []
        for mutant in mutants:
            assert not asked.accepts(given, mutant), (text, given, mutant)
        _, other = family.compose(rng)
        others = other.answer(rng, other.draw(rng))
        wrong += not asked.accepts(given, others)
        if digit := re.search(r"\d", answer):
            changed = answer[: digit.start()] + str((int(digit[0]) + 1) % 10) + answer[digit.end() :]
            if family.name not in OPEN:
                assert not asked.accepts(given, changed), (text, given, changed)
    assert wrong > DRAWS // 8 or not family.graded, "answers to other questions pass too often"


@EVERY
def test_instructions_are_clean_and_read_back(family: Family) -> None:
    rng = Random(f"{family.name} again")
    for _ in range(DRAWS):
        text, asked = family.compose(rng)
        assert EN.recognise(text) == asked, text
        assert not re.search(r"[{}\n]|  | [,.;?]|\.\.|,[.,;?!)]", text), text
        assert not re.search(r"\b[Aa] (?=[aeio])(?!one)|\b[Aa]n (?![aeiouhAEIOUMSFXHNR\"])", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text
        assert text[0].isupper()
        assert text[0].isascii()
        assert text[-1] in '.?!")', text
        assert keywords(("video", "audio", "music"))(Task("", text), Pool()) is None, text
        assert 4 <= len(text.split()) <= 60


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
        assert len(f"{given} {answer}".split()) < 110
        labels.add(answer)
    if family.classification:
        assert 2 <= len(labels) <= 14
        assert not any("\n" in label for label in labels)


@EVERY
def test_every_slot_value_can_be_asked(family: Family) -> None:
    """Nothing in a slot lacks its row in the tables that the solver looks into."""
    rng = Random(0)
    for wording in family.phrasings:
        names = re.findall(r"\{(\w+)\}", wording)
        assert len(set(names)) == len(names), wording
        for name in names:
            for value in family.slots[name]:
                slots = {other: rng.choice(family.slots[other]) for other in names} | {name: value}
                given = family.draw(rng, slots)
                answer = (
                    family.write(rng, slots, given) if family.write else family.solve and family.solve(slots, given)
                )
                assert answer, (wording, slots)


@pytest.mark.parametrize("wish", [*ITEM, *LIST, *LABEL])
def test_endings_can_be_undone(wish: str) -> None:
    ending = (ITEM | LIST | LABEL)[wish]
    for answer in ("oak, ash, elm", "oak") if wish in LIST else ("42 km",):
        assert ending.take(ending.put(answer)) == answer


# Facts that can be computed or cross-checked.


def test_numbers_in_words_and_roman() -> None:
    assert [numerals.to_roman(n) for n in (4, 9, 14, 90, 1944, 2024)] == ["IV", "IX", "XIV", "XC", "MCMXLIV", "MMXXIV"]
    assert numerals.in_words(1005) == "one thousand and five"
    assert numerals.in_words(342_110) == "three hundred and forty-two thousand one hundred and ten"
    assert len({numerals.in_words(n) for n in range(10_000)}) == 10_000


def test_python_functions_give_what_their_table_says() -> None:
    """Our own table is run here; what answers contain never is."""
    script = "".join(
        f"def asked(x):\n    {body}\n"
        + "".join(f"assert asked({call}) == {value!r}\n" for call, value in calls.items())
        for body, calls in code.FUNCTIONS.values()
    )
    subprocess.run([sys.executable, "-I", "-c", script], check=True)


def test_python_answers_are_compared_without_being_run(tmp_path: Path) -> None:
    asked = EN.recognise("Write a Python function solve(x) that keeps only the even numbers of a list.")
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


SOME_ARE_PLURAL = r"\{(?:firm|reader|puzzle|writing)\}"
CLUMSY = re.compile(
    rf"{SOME_ARE_PLURAL} (?:asks|is|has|was|does|allows|needs|gives|wants|says|states)\b"
    rf"|\b(?:Does|Is|Has|Was) {SOME_ARE_PLURAL}|\bof \{{firm\}}"
    r"|^(?:Is|Are|Does|Do) [^?]*\? (?:Answer|Say|Reply|Choose)[^?]*\{labels\}"  # "Is it? Say true or false."
)


@EVERY
def test_phrasings_agree_with_what_stands_in_their_slots(family: Family) -> None:
    assert [wording for wording in family.phrasings if CLUMSY.search(wording)] == []
    assert not any(
        re.match(r"(?:two|three|four|six|ten) ", ware) for ware in family.slots.get("ware", ())
    )  # what *is* it?


def test_nothing_that_cannot_be_negative_is() -> None:
    rng = Random(1)
    for name in ("equation", "sequence"):
        family = next(family for family in ENGLISH if family.name == name)
        for _ in range(DRAWS * 3):
            _, asked = family.compose(rng, wishes=0)
            answer = asked.answer(rng, asked.draw(rng))
            assert "-" not in answer or (name == "equation" and "unknown" not in asked.slots), (asked, answer)


def test_inputs_and_answers_keep_to_the_grammar() -> None:
    rng = Random(2)
    for family in ENGLISH:
        for _ in range(100):
            _, asked = family.compose(rng)
            given = asked.draw(rng)
            for text in (given, asked.answer(rng, given)):
                assert not re.search(
                    r"\b[Aa] (?=[aeio])(?!one)|\b[Aa]n (?![aeiouh])[a-z]|\b1 (?:week|day|hour)s\b", text
                ), text


def test_haiku_have_five_seven_five_syllables() -> None:
    for scene in verse.HAIKU.values():
        for lines, wanted in zip(scene, (5, 7, 5), strict=True):
            for line in lines:
                assert sum(verse.SYLLABLES[word] for word in re.findall(r"[a-z]+", line.lower())) == wanted, line


def test_tables_are_consistent() -> None:
    words = [word for theme in THEMES_WORDS.values() for word in theme]
    assert len(set(words)) == len(words)
    for theme in THEMES_WORDS.values():
        assert len({"".join(sorted(word.lower())) for word in theme}) == len(theme), "two anagrams in a theme"
    assert len(facts.CAPITAL_OF) == len(facts.LAND_OF) == len(facts.CONTINENT_OF)
    numbers = [int(number) for _, number in facts.ELEMENTS.values()]
    assert numbers == sorted(set(numbers))
    assert sorted(facts.PLANETS) == sorted(facts.BY_SIZE)
    rhymes = [word for group in wordplay.RHYMES for word in group]
    assert len(set(rhymes)) == len(rhymes)
    assert dates.WEEKDAYS[dates.parse_date("21 July 1969").weekday()] == "Monday"


def test_syllogisms_are_judged_as_set_theory_does() -> None:
    """All assignments of up to three individuals to three non-empty groups."""
    worlds = [(a, b, c) for a in range(1, 8) for b in range(1, 8) for c in range(1, 8)]

    def holds(sentence: str, groups: dict[str, int]) -> bool:
        quantity, one, other = re.findall(r"(All|No|Some|all|no|some) \{(\w)\} are \{(\w)\}", sentence)[0]
        x, y = groups[one], groups[other]
        return {"all": x & ~y == 0, "no": x & y == 0, "some": x & y != 0}[quantity.lower()]

    for form, valid in logic.SYLLOGISMS.items():
        first, second, third = form.split(". ")
        cases = [dict(zip("abc", world, strict=True)) for world in worlds]
        assert all(holds(third, g) for g in cases if holds(first, g) and holds(second, g)) is valid, form


def test_themes_do_not_decide_odd_ones_by_accident() -> None:
    assert EN.recognise("Four of the five words name fruits; which one does not?") is not None


GOLDEN = (
    ("What comes out if you add up all the numbers and then double the result?", "2, 10, 30", "84"),
    ("How much does a garden bench made of oak cost after a discount of 15 percent?", "Price: 80.00", "68.00"),
    (
        "Convert the values from miles to kilometres for a hiking guide and round to two decimals.",
        "26.2 mi",
        "42.16 km",
    ),
    (
        "Find the rule of these numbers for a knitting pattern and give the next two numbers.",
        "1, 2, 3, 5, 8, 13",
        "21, 34",
    ),
    ("Find the mean (rounded to one decimal) of these eggs laid each day.", "1, 2, 2", "1.7"),
    ("On which weekday does the great flood fall?", "14 July 1789", "Tuesday"),
    (
        "When does a library card run out, thirty days from the given date?",
        "30 January 2024",
        "29 February 2024",
    ),
    (
        "Between Tokyo and Delhi, what does this hour become? It concerns an online chess match.",
        "02:00",
        "22:30 the day before",
    ),
    ("How long was a school trip to the mine, in minutes?", "From 23:30 to 01:05", "95 minutes"),
    ("The given number is a leap year in the Gregorian calendar: yes or no?", "1900", "no"),
    (
        "Is a triangle for a sail equilateral, isosceles, scalene or impossible?",
        "3 cm, 4 cm, 9 cm",
        "impossible",
    ),
    (
        "Divide the bill equally in a beer garden, with a tip of ten percent, to the cent.",
        "Bill: 100.00\nPeople: 3",
        "36.67",
    ),
    (
        "Sort the trees by their last letter, equals alphabetically.",
        "oak, ash, elm, beech",
        "ash, beech, oak, elm",
    ),
    ("Solve the anagram; as a hint, think of birds. Put your answer in square brackets.", "E O H N R", "[heron]"),
)


@pytest.mark.parametrize(("instruction", "given", "wanted"), GOLDEN, ids=lambda text: text[:30])
def test_answers_worked_out_by_hand(instruction: str, given: str, wanted: str) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None
    assert asked.answer(Random(0), given) == wanted


FOREIGN = (
    (
        "Give two tips on saving electricity at home to my shy flatmate and her brother.",
        "- Dim the lamps.\n- Unplug chargers.",
    ),
    ("Can you describe in two sentences why cats purr?", "Cats purr for many reasons. Nobody knows all of them."),
    (
        "Write an acrostic on LEMON for two homesick students from Peru.",
        "Long ago\nEvery boat\nMade for home\nOver waves\nNow still",
    ),
    (
        "Write a short letter to Dr Haddad, signed Clara, to decline the offer to chair the committee.",
        "Dear Dr Haddad,\n\nThank you very much, but I must say no.\n\nAll the best,\nClara",
    ),
    ("Think up two questions with which to interview a train driver.", "1. Why trains?\n2. Ever late?"),
    (
        'Invent a sentence with "goose" in it, exactly six words long, for late classes in central Glasgow.',
        "Nobody saw the white goose leave.",
    ),
    (
        "Imagine a piano found on the beach, on a foggy island. Tell the beginning in four sentences.",
        "It stood there. It was wet. I played. Fog hid me.",
    ),
)


@pytest.mark.parametrize(("instruction", "answer"), FOREIGN, ids=lambda text: text[:30])
def test_free_writing_of_others_is_accepted_if_it_does_what_is_asked(instruction: str, answer: str) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None, instruction
    assert asked.accepts("", answer)
    assert not asked.accepts("", answer.split("\n")[0][:12])
    assert not asked.accepts("", "I'm sorry, but I can't help with that.")


CHANGE = (
    "Amara buys three umbrellas with bamboo handles at the harbour market at 15 euros each."
    " What is the change from 200 euros?"
)
MEAN = "Find the mean (rounded to one decimal) of these eggs laid each day."
SQUARES = "Work out the average of the numbers (to one decimal), looking at the table of hives in an apiary."
DATE = "Suggest a pattern (regular expression) for a date in the form 2024-05-31 in a search box."
EXPIRY = "When does a library card run out, thirty days from the given date?"
LENGTH = "How long was a school trip to the mine, in minutes?"
MONEY = "Name the currency of each country, for a family-run ferry company on Skye."
EQUATION = "What is x? It stands for the price of one orchid."
SUM = "What comes out if you add up all the numbers and then multiply that by three?"
RIVERS = "Arrange these rivers in alphabetical order."
TUESDAY = "On which weekday does the great flood fall?"
WORTH = "Evaluate the Python line by hand, for a quiz for trainees."
HITS = "List the candidates that the regex accepts, or none, for auditors arriving from Zurich on Monday."
GOOSE = 'Invent a sentence with "goose" in it, exactly six words long, for late classes in central Glasgow.'
LEMON = "Write an acrostic on LEMON for two homesick students from Peru."
WAYS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        CHANGE,
        "",
        (
            *("155", "155 euros", "€155", "155.00", "You get 155 euros back.", "3 x 15 = 45, 200 - 45 = 155"),
            "The umbrellas cost 45 euros, so Amara gets 155 euros back from 200 euros.",
        ),
        ("It is not 155 euros.", "154", "155 or 154", "154, 155", "-155", "155%", "3 × 15 = 46 and 200 − 45 = 155"),
    ),
    (
        MEAN,
        "15, 25, 20",
        ("20", "20.0", "The mean is 20.", "The mean is 20.0 eggs.", "It's **20**."),
        ("20.5", "about 20", "not 20", "20%", "20 or 21", "Is it 20?", '{"answer": 20}', "20 minus 1"),
    ),
    (SQUARES, "hive,honey_kg\nA1,10\nA2,20", ("15.0", "15", "The average is 15."), ("1.5", "150", "15, 16")),
    (SUM, "300, 400", ("2100", "2,100", "2,100.0", "It comes to 2,100."), ("2.100", "2,10", "half of 2100", "700")),
    (
        EQUATION,
        "3x + 1 = 73",
        ("24", "x = 24", "x=24", "24.0", "24 euros"),
        ("x = 23", "x is not 24", "3x = 24", "-24"),
    ),
    (LENGTH, "From 23:30 to 01:05", ("95 min", "95", "It took 95 minutes."), ("95 hours", "95 m", "1 h 35", "over 95")),
    (EXPIRY, "30 January 2024", ("February 29, 2024", "29th of Feb 2024"), ("29 February", "1 March 2024")),
    (
        TUESDAY,
        "14 July 1789",
        ("tuesday.", "It was a Tuesday.", "The answer is Tuesday."),
        ("It was not a Tuesday.", "Tuesday or Monday"),
    ),
    (RIVERS, "Nile, Elbe", ("1. Elbe\n2. Nile", "Elbe and Nile", "Elbe; Nile"), ("Nile, Elbe", "Elbe", "Elbe or Nile")),
    (
        MONEY,
        "Mexico, Japan",
        ("peso, yen", "Mexican pesos and yen"),
        ("Chilean peso, yen", "not the peso, yen", "yen, peso"),
    ),
    (
        DATE,
        "",
        (r"\d{4}-\d{2}-\d{2}", r"^[0-9]{4}-\d\d-\d\d$", r'r"\d{4}-(0\d|1[0-2])-[0-3]\d"'),
        (r".*", r"\d+-\d+-\d+"),
    ),
    (WORTH, "'lantern'.upper()[:5] + '3'", ("'LANTE3'", '"LANTE3"'), ("'lante3'", "'LANTE'", "'LANTE3' or 'LANTE'")),
    (HITS, "Pattern: [A-Z][a-z]*\nTexts: lantern, Lantern", ("Lantern",), ("lantern", "Lantern, lantern")),
    (
        GOOSE,
        "",
        ("The goose sleeps under the table.",),
        ("Goose goose goose goose goose goose.", "Goose asdf qwer zxcv hjkl the."),
    ),
    (GOOSE, "", (), ("Goose table green quickly lamp happy.", "Goose and goose and goose and.")),
    (
        LEMON,
        "",
        (),
        ("L x\nE x\nM x\nO x\nN x", "Long day\nEach day\nMy day\nOur day\nNo day", "Lx y\nEx y\nMx z\nOx w\nNx v"),
    ),
)


@pytest.mark.parametrize(("instruction", "given", "right", "wrong"), WAYS, ids=lambda part: str(part)[:24])
def test_other_ways_to_say_what_is_right_and_what_is_not(
    instruction: str, given: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    asked = EN.recognise(instruction)
    assert asked is not None
    assert [answer for answer in right if not asked.accepts(given, answer)] == []
    assert [answer for answer in wrong if asked.accepts(given, answer)] == []


def test_where_a_form_is_wished_for_no_sentence_stands_around_the_answer() -> None:
    asked = EN.recognise(f"{SUM} Give the answer alone, without any explanation.")
    assert asked is not None
    assert asked.accepts("300, 400", "2,100")
    assert not asked.accepts("300, 400", "It is 2100.")


# Stages.


SEED_FILE = Path(__file__).parent.parent / "seeds" / "seed_tasks.jsonl"
REAL = [task_from_row(json.loads(line)) for line in SEED_FILE.read_text(encoding="utf-8").splitlines()]


def test_most_proposals_are_new() -> None:
    """A run's first 1,000 proposals or so; of the 8,700 that 5,000 tasks take, some 58 % are kept."""
    pool, stage = Pool(REAL), Propose()
    drop = [keywords(), novelty(0.7)]
    proposed, kept = 0, Counter[str]()
    verbs, words = set[str](), 0
    for draft in range(130):
        shown = pool.sample(Random(draft), 6, 2)
        for task in stage.parse(shown, ask(stage.prompt(shown, Random(draft)), max_tokens=1024)):
            proposed += 1
            if not isinstance(task, Task) or verdict(task, drop, pool):
                continue
            if asked := EN.recognise(task.instruction):
                kept[asked.family.name] += 1
                verbs.add(task.instruction.split()[0])
                words += len(task.instruction.split())
    assert proposed > 850
    assert kept.total() / proposed > 0.75
    assert len(kept) > 95
    assert kept.most_common(1)[0][1] / kept.total() < 0.05
    assert len(verbs) > 100
    assert 13 < words / kept.total() < 19


def _proposed(shown: list[str]) -> list[str]:
    tasks = [Task(str(n), text) for n, text in enumerate(shown)]
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

    assert share(questions, is_question) > share(commands, is_question) + 0.2
    assert share(labels, is_classification) > share(commands, is_classification) + 0.2
    assert share(long, has_wish) > share(commands, has_wish) + 0.1
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
        (classified,) = Classify().parse([task], ask(Classify().prompt([task], rng), max_tokens=8))
        assert isinstance(classified, Task)
        assert classified.is_classification is family.classification
        response = ask(Instances().prompt([classified], rng), max_tokens=350)
        if response.finish_reason == "length":
            continue
        (finished,) = Instances().parse([classified], response)
        assert isinstance(finished, Task), finished
        assert 1 <= len(finished.instances) <= 5
        for instance in finished.instances:
            assert asked.accepts(instance.input, instance.output), (text, instance)
        if family.classification:
            outputs = [instance.output for instance in finished.instances]
            assert len(set(outputs)) == len(outputs)


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
    assert ask(prompt, sample=1).text.startswith("I'm sorry, but")


def test_an_unknown_instruction_is_refused_by_every_stage() -> None:
    task = Task("t", "Build me a cathedral out of matches before tea time.")
    rng = Random(5)
    assert ask(Instances().prompt([task], rng)).text.startswith("I'm sorry")
    (classified,) = Classify().parse([task], ask(Classify().prompt([task], rng)))
    assert isinstance(classified, Task)
    assert classified.is_classification is False
    assert all(isinstance(found, Rejected) for found in Instances().parse([task], ask(Instances().prompt([task], rng))))


# Limits, purity, mess.


def test_max_tokens_and_stop() -> None:
    prompt = Propose().prompt(SEEDS[:8], Random(6))
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
    prompts = [Propose().prompt(rng.sample(SEEDS, 8), rng) for _ in range(1000)]
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
