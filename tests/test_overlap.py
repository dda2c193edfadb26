"""Decontamination: what is found of an evaluation, what is not, how evaluations are read, what a run does with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct import run
from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS
from selfinstruct.filters.overlap import Overlap
from selfinstruct.filters.overlap_index import Index
from selfinstruct.filters.overlap_reading import MARKS, Known, looked_up, pairs_of, words_of
from selfinstruct.filters.overlap_words import Item, Part
from selfinstruct.filters.pool import Pool
from selfinstruct.running.dropping import drop_from
from selfinstruct.running.evaluations import items_of, overlap_of, read_items
from selfinstruct.running.recipe_file import load
from selfinstruct.task import Instance, Message, Task
from selfinstruct.text.common import stem_of
from selfinstruct.text.tokens import tokens

BARREL = (
    "A merchant from Lisbon bought 48 barrels of olive oil for 1200 coins and sold each barrel for 31 "
    "coins after paying "
    "96 coins for the harbour tax. How many coins did he earn?"
)
REEF = (
    "Why do corals in shallow lagoons lose their colour when the water stays warm for several weeks, although nothing "
    "has eaten them?"
)
HYOID = "From which pharyngeal arch does the greater horn of the hyoid bone develop?"
CAPITAL = "What is the capital of France?"
TRUE = "Which of the following statements is true?"
ZH = "小王在果园里摘了三百二十个橘子，每筐装十六个，运到县城每筐卖二十四元，他一共能卖多少钱？"


def item(question: str, rest: str = "", answer: str = "", place: str = "exam.jsonl, line 1") -> Item:
    parts = [Part(question, "question"), Part(rest, "rest"), Part(answer, "answer")]
    return Item(place, tuple(part for part in parts if part.text))


def found(items: Sequence[Item | str], *parts: str) -> str:
    """The place of what is found; "" for nothing."""
    made = [one if isinstance(one, Item) else item(one, place=one) for one in items]
    hit = Index(made).find(parts)
    return hit.item.place if hit else ""


OTHERS = (BARREL, REEF, HYOID, CAPITAL, ZH)


@pytest.mark.parametrize("question", OTHERS)
def test_an_item_is_found_wherever_it_stands(question: str) -> None:
    assert found(OTHERS, question, "Yes.") == question
    assert found(OTHERS, "Answer this.", question, "Yes.") == question
    assert found(OTHERS, "Write a question for a quiz.", question) == question
    assert found(OTHERS, f"{question.upper()}  ", "Yes.") == question


@pytest.mark.parametrize("question", [BARREL, REEF, HYOID, ZH])
def test_and_inside_something_longer(question: str) -> None:
    around = "You are a kind tutor who helps pupils before a test. Be patient with them, and take your time."
    assert found(OTHERS, f"{around} {question} {around}", "I would rather not.") == question
    assert found(OTHERS, *["Hello!", "Good morning, what can I do?", f"{around}\n{question}"] * 40) == question
    assert found(OTHERS, f"{around} " * 200 + question + f" {around}" * 200) == question  # thousands of words


def edited(text: str, rng: Random) -> str:
    """A fifth of the words, or characters, replaced, left out or moved."""
    is_spaced = " " in text
    there = text.split() if is_spaced else list(text)
    for _ in range(round(len(there) / 5)):
        at, change = rng.randrange(len(there)), rng.randrange(3)
        if change == 0:
            there[at] = rng.choice(["garden", "seven", "quickly", "is"] if is_spaced else "花也三走")
        else:
            word = there.pop(at)
            if change == 2:
                there.insert(rng.randrange(len(there) + 1), word)
    return (" " if is_spaced else "").join(there)


@pytest.mark.parametrize("question", [BARREL, REEF, HYOID, ZH])
def test_an_edited_item_is_found(question: str) -> None:
    texts = [edited(question, Random(seed)) for seed in range(60)]
    assert sum(found(OTHERS, text, "Yes.") == question for text in texts) >= 56


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            BARREL,
            "A trader out of Lisbon purchased olive oil, 48 barrels of it, for 1200 coins; having paid 96 coins of "
            "harbour tax he got 31 coins for every barrel. What are his earnings in coins?",
        ),
        (REEF, "Corals turn white in shallow lagoons once water has been warm for weeks. Nothing ate them, so why?"),
        (HYOID, "The greater horn of the hyoid bone comes from which of the pharyngeal arches?"),
        (CAPITAL, "What's the capital of France?"),
        (CAPITAL, "Question: What is the capital city of France?"),
        (ZH, "果园里，小王摘下橘子三百二十个，十六个装一筐，拉到县城去卖，一筐二十四元，总共可以卖到多少钱？"),
    ],
)
def test_an_item_in_other_words_is_found(question: str, text: str) -> None:
    assert found(OTHERS, text, "I do not know.") == question


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of Germany?",
        "Write a travel guide for the capital of France and its museums, parks and markets.",
        "What is the population of France?",
        BARREL.replace("48", "17").replace("1200", "600").replace("31", "44").replace("96", "50"),
        "Why do leaves lose their green in autumn, although nothing has eaten them?",
        "Describe how merchants from Lisbon came to trade with olive oil, and which tax they paid in the harbour.",
        "Which bones does the human hand have, and from what do they develop?",
        "小王在学校里写了三篇作文，老师一共给了他多少分？",
        "",
        "?!",
    ],
)
def test_what_only_resembles_an_item_is_kept(text: str) -> None:
    assert not found(OTHERS, text, "The capital of France is Paris. It lies on a river.")


def test_boilerplate_is_nothing_without_its_choices() -> None:
    choices = "Basalt cools slowly below ground.\nMarble was limestone once.\nSlate floats.\nGranite is a fossil."
    items = [item(TRUE, choices), item(BARREL)]
    assert not found(items, TRUE, "All of them.")
    assert not found(items, TRUE, "Whales are fish.\nBats are mammals.", "The second.")
    assert found(items, f"{TRUE}\n{choices}", "The second.")
    assert found(items, TRUE, choices, "The second.")


def test_what_many_items_share_counts_nothing() -> None:
    """Three words that a hundredth of the items have, and ten of them: a template, which a row may have, too."""
    said = "Given the recipe below, decide whether a guest with an allergy to {} may eat it with a spoon of {}."
    things = [
        "lentil",
        "walnut",
        "celery",
        "sesame",
        "mussel",
        "barley",
        "lupin",
        "peanut",
        "mustard",
        "oyster",
        "cashew",
        "wheat",
        "saffron",
    ]
    items = [said.format(one, other) for one, other in zip(things, reversed(things), strict=True) if one != other]
    assert found(items, items[3]) == items[3]
    assert not found(items, said.format("strawberry", "juniper"))


def test_a_long_passage_is_found_by_half_of_it() -> None:
    rng = Random(1)
    words = [f"{a}{b}{c}" for a in ("bar", "mol", "tir", "ven") for b in "aeiou" for c in ("den", "lus", "rik", "sto")]
    passage = " ".join(rng.choice(words) for _ in range(400))
    asked = (Part("What does the author of the text regret?", "about"), Part(passage, "rest"))
    items = [Item("a novel", asked), item(BARREL)]
    assert found(items, f"Summarise: {' '.join(passage.split()[150:300])}")
    assert not found(items, "What does the author of the text regret?", "A lie.")


def test_an_answer_is_found_where_it_is_long_and_copied() -> None:
    answer = (
        "He sold 48 barrels for 31 coins each, so he took 48*31=1488 coins at the market. From these the "
        "merchant first "
        "takes off the purchase, 1488-1200=288, and then the tax of the harbour, 288-96=192. He earned 192 coins."
    )
    hit = Index([item(BARREL, answer=answer)]).find(["Check my homework.", answer, "Well done."])
    assert hit
    assert hit.role == "answer"
    assert not found([item(CAPITAL, answer="Paris")], "Where is the Louvre?", "Paris")


def test_the_reason_names_the_item_and_the_span(tmp_path: Path) -> None:
    (tmp_path / "quiz.jsonl").write_text(json.dumps({"question": REEF}) + "\n" + json.dumps({"question": BARREL}))
    overlap = overlap_of([str(tmp_path / "quiz.jsonl")])
    reason = overlap(Task("t", f"Dear tutor: {BARREL} Thank you."), Pool())
    assert reason
    assert reason.category == "overlap"
    assert reason.detail.startswith("1.00 to quiz.jsonl, line 2: ")
    assert "bought 48 barrels of olive oil" in reason.detail
    assert "tutor" not in reason.detail


def test_every_part_of_a_task_is_looked_at() -> None:
    overlap = Overlap(("quiz",), items=(item(REEF),))
    turns: list[Message] = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": REEF}]
    tasks = [
        Task("a", REEF),
        Task("b", "Add.", (Instance("1", "2"), Instance(REEF, "3"))),
        Task("c", "Add.", (Instance("1", REEF),)),
        Task("d", "Hello", turns=tuple(turns)),
    ]
    assert all(overlap(task, Pool()) for task in tasks)
    assert not overlap(Task("e", "Add.", (Instance("1", "2"),)), Pool())


# How evaluations are read.

LAYOUTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "GSM8K": ({"question": "Q", "answer": "A"}, [("question", "Q"), ("answer", "A")]),
    "MMLU": (
        {"question": "Q", "subject": "law", "choices": ["1", "2"], "answer": 1},
        [("question", "Q"), ("rest", "1\n2"), ("answer", "1")],
    ),
    "ARC": (
        {"id": "x", "question": "Q", "choices": {"text": ["1", "2"], "label": ["A", "B"]}, "answerKey": "A"},
        [("question", "Q"), ("rest", "1\n2")],
    ),
    "C-Eval": (
        {"id": 0, "question": "Q", "A": "1", "B": "2", "C": "3", "D": "4", "answer": "B", "explanation": "E"},
        [("question", "Q"), ("rest", "1\n2\n3\n4"), ("answer", "B"), ("answer", "E")],
    ),
    "CMMLU": (
        {"Question": "Q", "A": "1", "B": "2", "C": "3", "D": "4", "Answer": "B"},
        [("question", "Q"), ("rest", "1\n2\n3\n4"), ("answer", "B")],
    ),
    "HumanEval": (
        {"task_id": "H/0", "prompt": "P", "canonical_solution": "S", "test": "T", "entry_point": "f"},
        [("question", "P"), ("answer", "S")],
    ),
    "MBPP": ({"text": "P", "code": "S", "test_list": ["T"]}, [("question", "P"), ("answer", "S")]),
    "TruthfulQA": (
        {"type": "x", "question": "Q", "best_answer": "A", "correct_answers": ["A", "B"], "incorrect_answers": ["C"]},
        [("question", "Q"), ("answer", "A"), ("answer", "A"), ("answer", "B")],
    ),
    "AlpacaEval": (
        {"dataset": "x", "instruction": "Q", "output": "A", "generator": "g"},
        [("question", "Q"), ("answer", "A")],
    ),
    "Alpaca": (
        {"instruction": "Q", "input": "I", "output": "A"},
        [("setting", "Q"), ("rest", "I"), ("answer", "A")],
    ),
    "HellaSwag": ({"ctx": "Q", "endings": ["1", "2"], "label": "0"}, [("question", "Q"), ("rest", "1\n2")]),
    "PIQA": ({"goal": "Q", "sol1": "1", "sol2": "2", "label": 0}, [("question", "Q"), ("rest", "1\n2")]),
    "Winogrande": (
        {"sentence": "Q", "option1": "1", "option2": "2", "answer": "1"},
        [("question", "Q"), ("rest", "1\n2"), ("answer", "1")],
    ),
    "BoolQ": ({"question": "Q", "passage": "P", "answer": True}, [("about", "Q"), ("rest", "P")]),
    "MATH": ({"problem": "Q", "level": "5", "solution": "A"}, [("question", "Q"), ("answer", "A")]),
    "GPQA": (
        {"Question": "Q", "Correct Answer": "A", "Explanation": "E"},
        [("question", "Q"), ("answer", "A"), ("answer", "E")],
    ),
    "IFEval": ({"key": 1, "prompt": "Q", "kwargs": [{}]}, [("question", "Q")]),
    "seed": (
        {"instruction": "Q", "instances": [{"input": "I", "output": "A"}]},
        [("setting", "Q"), ("rest", "I"), ("answer", "A")],
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_published_layouts_are_read(name: str) -> None:
    row, parts = LAYOUTS[name]
    (read,) = items_of(row, "x, line 1")
    assert [(part.role, part.text) for part in read.parts] == parts


def test_layouts_of_several_items() -> None:
    bench = {"question_id": 81, "category": "w", "turns": ["One?", "Two?"], "reference": ["R"]}
    assert [one.place for one in items_of(bench, "x, line 1")] == ["x, line 1, turn 1", "x, line 1, turn 2"]
    chat = {"messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Yes."}]}
    assert [one.parts[0] for one in items_of(chat, "x")] == [("One?", "question"), ("Yes.", "answer")]
    squad = {"paragraphs": [{"context": "P", "qas": [{"question": "Q", "answers": [{"text": "A"}]}]}]}
    (read,) = items_of(squad, "x")
    assert read.parts == (("Q", "about"), ("P", "rest"), ("A", "answer"))
    code = 'def add(a: int, b: int) -> int:\n    """ Add both numbers of the ledger.\n    >>> add(1, 2)\n    """\n'
    assert [one.parts[0].text for one in items_of({"prompt": code}, "x")][1:] == ["Add both numbers of the ledger."]


def write(place: Path, text: str) -> str:
    place.write_text(text, encoding="utf-8")
    return str(place)


def test_files_of_any_kind(tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt", f"{REEF}\n\n{HYOID}\n")
    assert [one.place for one in read_items(text)] == ["a.txt, line 1", "a.txt, line 3"]
    named = write(tmp_path / "b.csv", f'question,A,B,C,D,answer\n"{REEF}",1,2,3,4,B\n')
    assert [one.parts[0].text for one in read_items(named)] == [REEF]
    bare = write(tmp_path / "c_test.csv", f'"{REEF}",heat,cold,salt,sand,A\n"{HYOID}",one,two,three,four,B\n')
    assert [one.parts[0].text for one in read_items(bare)] == [REEF, HYOID]  # MMLU's own files name no columns
    assert next(one.place for one in read_items(str(tmp_path / "*.csv"))).startswith("b.csv")
    with pytest.raises(UsageError, match="has no question that is known as one: call its column question or prompt"):
        list(read_items(write(tmp_path / "d.jsonl", '{"colour": "red"}\n')))
    with pytest.raises(UsageError, match="no such file"):
        list(read_items(str(tmp_path / "nowhere.jsonl")))


cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["question", "prompt", "turns", "messages", "choices", "A", "answer", "instances", "input", "x"])


@given(st.dictionaries(keys, cells, max_size=5), st.lists(st.text(max_size=40), max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_row_of_an_evaluation_is_too_strange(row: dict[str, Any], parts: list[str]) -> None:
    items = list(items_of(row, "x, line 1"))
    assert all(part.text for one in items for part in one.parts)
    Index(items).find(parts)


# In recipes, on the command line, in runs.


def test_recipes_name_files_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "quiz.jsonl", json.dumps({"question": REEF}))
    recipe = write(
        tmp_path / "mine.yaml",
        "steps: [{grow: propose, drop: [length, {overlap: {against: [quiz.jsonl]}}]}, {each: instances}]",
    )
    overlap = load(recipe).steps[0].drop[1]
    assert isinstance(overlap, Overlap)
    assert overlap.against == ("quiz.jsonl",)
    assert [one.parts[0].text for one in overlap.items] == [REEF]
    assert drop_from([{"overlap": str(tmp_path / "quiz.jsonl")}])[0] == Overlap(
        (str(tmp_path / "quiz.jsonl"),), overlap.sha256
    )
    pinned = {"overlap": {"against": [str(tmp_path / "quiz.jsonl")], "sha256": ["0" * 64]}}
    with pytest.raises(UsageError, match=r"quiz\.jsonl is not what it was .* or leave out sha256 to go by this one"):
        drop_from([pinned])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("overlap", "overlap is against nothing: name the file of an evaluation, like overlap=mmlu.jsonl"),
        ({"overlap": 7}, "overlap: against is 7; it should be a list of texts"),
        ({"overlap": [7]}, "overlap: against is [7]; it should be a list of texts"),
        ({"overlap": {"aginst": "x"}}, "overlap has no option 'aginst'; it has: against, sha256"),
        ({"overlap": {"against": "x", "sha256": 7}}, "overlap: sha256 is 7; it should be a list of texts"),
    ],
)
def test_mistakes_are_named(value: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        drop_from([value])
    assert words in str(caught.value)


def test_two_evaluations_of_one_name_are_two() -> None:
    """The second one was looked for in the first one's index."""
    for text, other in ((REEF, BARREL), (BARREL, REEF)):
        overlap = Overlap(("mine",), items=(item(text),))
        assert overlap(Task("t", text), Pool())
        assert not overlap(Task("t", other), Pool())


def test_what_has_read_nothing_says_so() -> None:
    with pytest.raises(UsageError, match=r"has not read quiz\.jsonl: write drop=\[{'overlap': 'quiz\.jsonl'}\]"):
        Overlap(("quiz.jsonl",)).ready()
    assert FILTERS["overlap"]()(Task("t", REEF), Pool()) is None


def test_filter_on_the_command_line(tmp_path: Path) -> None:
    write(tmp_path / "one.jsonl", json.dumps({"question": REEF}))
    write(tmp_path / "two.txt", f"{HYOID}\n")
    rows = [{"instruction": text, "input": "", "output": "Yes."} for text in (REEF, "Name a bird.", HYOID)]
    write(tmp_path / "rows.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    ways = (
        [f"overlap={tmp_path}/one.jsonl", f"overlap={tmp_path}/two.txt"],
        [f"overlap=[{tmp_path}/one.jsonl, {tmp_path}/two.txt]"],
        [f"overlap={tmp_path}/[ot][nw][eo].*"],
    )
    for number, way in enumerate(ways):
        options = [option for one in way for option in ("--drop", one)]
        out, lost = tmp_path / f"kept{number}.jsonl", tmp_path / f"lost{number}.jsonl"
        command = ["filter", str(tmp_path / "rows.jsonl"), *options, "--out", str(out), "--rejected", str(lost)]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        assert [json.loads(line)["instruction"] for line in out.read_text().splitlines()] == ["Name a bird."]
        details = [json.loads(line)["detail"] for line in lost.read_text().splitlines()]
        assert [detail.split(": ")[0] for detail in details] == ["1.00 to one.jsonl, line 1", "1.00 to two.txt, line 1"]


def test_our_own_exam(tmp_path: Path) -> None:
    exam = list(read_items("exam"))
    assert [one.place for one in exam[::500]] == ["exam-en-0001", "exam-zh-0001"]
    overlap = overlap_of(["exam"])
    questions = ["\n".join(part.text for part in one.parts if part.role != "answer") for one in exam[:100]]
    assert all(overlap(Task("t", question), Pool()) for question in questions)


def test_a_run_is_decontaminated_and_knows_against_what(tmp_path: Path) -> None:
    seeds = run("self_instruct", num=12, out=tmp_path / "seeds").tasks
    again = run("self_instruct", num=12, out=tmp_path / "again", seed=1)
    quiz = tmp_path / "quiz.jsonl"
    write(quiz, "".join(json.dumps({"question": task.instruction}) + "\n" for task in again.tasks[:6]))
    clean = run("self_instruct", num=12, out=tmp_path / "clean", seed=1, against=quiz)
    assert {task.instruction for task in again.tasks[:6]} & {task.instruction for task in clean.tasks} == set()
    assert next(one.origin for one in clean.rejected if one.category == "overlap") == "propose"  # before it is answered
    first = (tmp_path / "clean" / "tasks.jsonl").read_bytes()
    run("self_instruct", num=12, out=tmp_path / "clean", seed=1, against=[quiz])
    assert (tmp_path / "clean" / "tasks.jsonl").read_bytes() == first
    quiz.write_text(quiz.read_text() + json.dumps({"question": seeds[0].instruction}) + "\n")
    with pytest.raises(UsageError, match=r"overlap\.sha256"):
        run("self_instruct", num=12, out=tmp_path / "clean", seed=1, against=quiz)


def test_evolve_drops_what_is_in_an_evaluation(tmp_path: Path) -> None:
    run("self_instruct", num=10, out=tmp_path / "seeds")
    options = [str(tmp_path / "seeds"), "--rounds", "1", "--quiet"]
    done = CliRunner().invoke(main, ["evolve", *options, "--out", str(tmp_path / "plain")])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (tmp_path / "plain" / "tasks.jsonl").read_text().splitlines()]
    write(tmp_path / "quiz.txt", rows[0]["instruction"].replace("\n", " "))
    quiz = ["--against", str(tmp_path / "quiz.txt")]
    done = CliRunner().invoke(main, ["evolve", *options, *quiz, "--out", str(tmp_path / "clean")])
    assert done.exit_code == 0, done.output
    kept = [json.loads(line) for line in (tmp_path / "clean" / "tasks.jsonl").read_text().splitlines()]
    assert rows[0]["instruction"] not in [row["instruction"] for row in kept]
    lost = [json.loads(line) for line in (tmp_path / "clean" / "rejected.jsonl").read_text().splitlines()]
    assert "overlap" in [row["category"] for row in lost]


def test_every_process_decides_alike() -> None:
    """Python's hashes of texts differ from process to process; what is found and its share must not."""
    code = (
        "from tests.test_overlap import OTHERS, edited, item\n"
        "from selfinstruct.filters.overlap_index import Index\nfrom random import Random\n"
        "index = Index([item(one, place=one) for one in OTHERS])\n"
        "for seed in range(40):\n    hit = index.find([edited(OTHERS[seed % 5], Random(seed))])\n"
        "    print(repr(hit and (hit.share, hit.span)))\n"
    )
    root = Path(__file__).parent.parent
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1


# Reading in any script.

SCRIPTS = "ab9Z é½²①ﬁ’—π你好世界，。「」、ａＢ１ｶﾞあア각ㄅไทยกำอб\u0301\u200b\ufe0f\u3099\u1100\u1161𠀀😀𝐱\n\ud83d"


@given(st.text(alphabet=SCRIPTS) | st.text(), st.lists(st.text(alphabet=SCRIPTS, max_size=9), max_size=9))
@settings(max_examples=300, deadline=None)
def test_many_characters_at_once_are_the_same_words(text: str, evaluation: list[str]) -> None:
    """They were looked at one by one, in 300 µs for a row of Chinese."""
    assert words_of(text) == tokens(MARKS.sub(" ", text))
    met = dict.fromkeys(stem_of(word) for one in evaluation for word in pairs_of(words_of(one)) if word)
    known = Known({word: number for number, word in enumerate(met)})
    assert known.of(text) == [known[word] if word else -1 for word in pairs_of(words_of(text))]


@pytest.mark.parametrize("text", ["今天的天气很好，我们去公园吧。", "用 Python 写一个函数", "“你好”😀", "カフェで會う"])
def test_usual_text_is_read_at_once(text: str) -> None:
    codes = looked_up(text)
    assert codes is not None
    assert len(codes) == len(text)
