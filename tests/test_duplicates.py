"""Duplicates: texts that look the same, texts that are nearly the same, and what is said of them on the way."""

from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cli import selfinstruct

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, compares, pool_of, sift, together
from selfinstruct.filters.alike import Alike
from selfinstruct.filters.buckets import STEPS, Buckets
from selfinstruct.filters.clusters import Clusters
from selfinstruct.filters.near import banding, jaccard
from selfinstruct.filters.order import in_order
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Instance, Judged, Message, Reason, Rejected, Task
from selfinstruct.text.normal import folded, plain
from selfinstruct.text.tokens import pieces, tokens

LONG = (
    "Bees find their way by the sun. They see how the light of the sky is turned even when clouds hide the sun, and "
    "they remember trees and houses that they pass on the way out, so that they come home by the shortest way."
)
LONG_ZH = (
    "蜜蜂靠太阳辨认方向。即使云层遮住了太阳，它们也能看出天空中光线的偏转，"
    "还会记住沿途的树木和房屋，因此总能走最近的路回家。"
)


def row(id: str, instruction: str, given: str = "", answer: str = "") -> Task:
    return Task(id, instruction, (Instance(given, answer),))


def kept(tasks: list[Task], *drop: Any) -> list[str]:
    return [item.id for item in sift(tasks, drop) if isinstance(item, Task)]


def both(name: str, a: Task, b: Task, **options: Any) -> Reason | str | None:
    """What the filter says of b when a was kept."""
    return FILTERS[name](**options)(b, Pool([a]))


# Forms of one text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Écris un poème", unicodedata.normalize("NFD", "Écris un poème")),
        ("Hãy viết về mùa hè", unicodedata.normalize("NFD", "Hãy viết về mùa hè")),
        ("Name a lighthouse", "Name a light\u00adhouse"),
        ("Name a lighthouse", "\ufeffName\u200b a\u2060 lighthouse\u200e"),
        ("Find a fine flag", "Find a \ufb01ne \ufb02ag"),
        ("Write ABC 123", "\uff37rite \uff21\uff22\uff23\u3000１２３"),
        ("ガム", "ｶﾞﾑ"),
        ("❤ it", "❤\ufe0f it"),
        ("one two", " one\u00a0\n\ttwo "),
        ("میخواهم", "می\u200cخواهم"),
        ("Nr. 4", "Nr. 4\u180b"),
    ],
)
def test_one_text_in_two_forms(text: str, same: str) -> None:
    assert plain(same) == plain(text)
    assert tokens(same) == tokens(text)
    assert pieces(same) == pieces(text)
    for name in ("exact", "near"):
        assert both(name, row("a", text, "", LONG), row("b", same, "", LONG)), name
    assert both("novelty", Task("a", text), Task("b", same)) or not tokens(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Work out 10²", "Work out 102"),
        ("Add ½ cup", "Add 1/2 cup"),
        ("東京", "东京"),
        ("résumé", "resume"),
        ("①", "1"),
    ],
)
def test_forms_that_say_something_stay(text: str, other: str) -> None:
    assert folded(text) != folded(other)
    assert both("exact", row("a", text), row("b", other)) is None


@given(st.text())
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert plain(plain(text)) == plain(text)
    assert plain(f" {text}\n") == plain(text)


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_composed_or_not(text: str) -> None:
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


# Exact


def test_exact_says_of_which() -> None:
    found = both("exact", row("a", "Name a bird.", "", "A wren"), row("b", " name  a BIRD.", "", "A  wren"))
    assert found == Reason("exact", "1.00 to a")
    assert isinstance(found, Alike)
    assert (found.to, found.similarity) == ("a", 1.0)


@pytest.mark.parametrize(
    ("other", "of"),
    [
        (row("b", "Spell it.", "ABC", "abc"), {"instruction", "answer", "both"}),
        (row("b", "Spell it.", "abc", "x"), {"instruction"}),
        (row("b", "Spell it.", "abd", "abc"), set()),
        (row("b", "Say it.", "abc", LONG), {"answer"}),
    ],
)
def test_exact_compares_what_it_is_told_to(other: Task, of: set[str]) -> None:
    """A difference in the input is one even when it is in the case alone; a short answer is that of many tasks."""
    a = row("a", "Spell it.", "abc", LONG if "answer" in of else "abc")
    if other.instances[0].input == "ABC":
        a, of = row("a", "Spell it.", "abc", "abc"), set()
    for each in ("instruction", "answer", "both"):
        assert bool(both("exact", a, other, of=each)) == (each in of), each


def test_short_answers_are_no_duplicates() -> None:
    """Every "Yes" and "Positive" would be one."""
    tasks = [row(f"t{n}", f"Is {n} even?", "", "Yes, it is.") for n in range(9)]
    for name in ("exact", "near", "novelty"):
        assert len(kept(tasks, FILTERS[name](of="answer"))) == 9, name


def test_tasks_without_answers_are_no_duplicates_by_answer() -> None:
    for name in ("exact", "near", "novelty"):
        assert len(kept([Task("a", "Name a bird."), Task("b", "Name a fish.")], FILTERS[name](of="answer"))) == 2


def test_of_several_instances_all_must_be_known() -> None:
    pair = Task("ab", "Double it.", (Instance("1", "2"), Instance("2", "4")))
    tasks = [pair, row("a", "Double it.", "1", "2"), Task("bc", "Double it.", (Instance("2", "4"), Instance("3", "6")))]
    assert kept(tasks, FILTERS["exact"]()) == ["ab", "bc"]


def test_conversations_by_all_their_turns() -> None:
    def talk(id: str, *texts: str) -> Task:
        roles = ("user", "assistant")
        turns = tuple(Message(role=roles[n % 2], content=text) for n, text in enumerate(texts))
        return Task(id, texts[0], turns=turns)

    tasks = [talk("a", "Hi", "Hello"), talk("b", "Hi", "Hello", "Why?", "So."), talk("c", "hi", "Hello")]
    assert kept(tasks, FILTERS["exact"]()) == ["a", "b"]
    assert kept(tasks, FILTERS["near"]()) == ["a", "b"]


def test_comparisons_of_other_answers_are_no_duplicates() -> None:
    def compared(id: str, good: str, bad: str) -> Task:
        judged = [Judged((Message(role="assistant", content=text),), text is good) for text in (good, bad)]
        return Task(id, "Why?", turns=(Message(role="user", content="Why?"),), judged=tuple(judged))

    tasks = [compared("a", "So.", "No."), compared("b", "So.", "Never."), compared("c", "So.", "No.")]
    assert kept(tasks, FILTERS["exact"]()) == ["a", "b"]


# Near


def changed(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] = f"other{place}"
    return " ".join(words)


def test_near_texts_and_others() -> None:
    a = row("a", "Explain how bees find home.", "", LONG)
    assert jaccard(LONG, changed(LONG, 0)) > 0.8 > jaccard(LONG, changed(LONG, 10, 20, 30))
    found = both("near", a, row("b", "Explain how bees find home", "", changed(LONG, 0)))
    assert isinstance(found, Alike)
    assert found.similarity == pytest.approx(jaccard(LONG, changed(LONG, 0)))
    assert both("near", a, row("b", "Explain how bees find home", "", changed(LONG, 10, 20, 30))) is None
    assert both("near", a, row("b", "Explain how bees find home", "", changed(LONG, 10, 20, 30)), above=0.5)


def test_every_part_must_be_near() -> None:
    """Two things to do with one long text are two tasks."""
    a = row("a", "Sum up the text.", LONG, "Bees see the sun.")
    assert both("near", a, row("b", "Translate the text.", LONG, "Bees see the sun.")) is None
    assert both("near", a, row("b", "Sum up the text.", LONG, "They fly."), of="both") is None
    assert both("near", a, row("b", "sum up the text", LONG, "They fly."), of="instruction")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Name three rivers in Asia.", "Name three rivers in Africa."),
        ("What is 2+2?", "What is 2-2?"),
        ("What is -3 times 4?", "What is 3 times 4?"),
        ("Write hello world in C.", "Write hello world in C++."),
        ("Why?", "Who?"),
        ("写一首诗", "写一首歌"),
        ("列举三条亚洲的河流。", "列举三条非洲的河流。"),
        ("???", "!!!"),
        ("🙂", "🙁"),
        ("half \ud800", "half \ud801"),
    ],
)
def test_short_texts_that_differ_in_a_word_are_not_near(text: str, other: str) -> None:
    assert both("near", Task("a", text), Task("b", other)) is None
    assert both("near", Task("a", text), Task("b", text)) == Reason("near", "1.00 to a")


def test_short_rows_are_not_all_one() -> None:
    """A sketch of no shingles is the same for all of them."""
    words = ("Yes", "No", "It", "Go on", "是", "不是", "", "?", "42", "4 2", "好", "a b", "b a", "3.5", "35")
    tasks = [row(f"t{n}", "Answer.", "", word) for n, word in enumerate(words)]
    assert len(kept(tasks, FILTERS["near"]())) == len(words)


def test_near_in_chinese() -> None:
    other = LONG_ZH.replace("房屋", "小屋")
    assert both("near", row("a", "蜜蜂怎样回家？", "", LONG_ZH), row("b", "蜜蜂怎样回家", "", other))
    assert both("near", row("a", "蜜蜂怎样回家？", "", LONG_ZH), row("b", "蜜蜂怎样回家", "", LONG_ZH[::-1])) is None


def test_no_chain_of_small_steps_makes_a_duplicate() -> None:
    """Each step is near to the one before; others merged 859,092 rows into 2 so."""
    steps, text = [LONG], LONG
    for place in range(30):
        text = changed(text, place)
        steps.append(text)
    clusters = Clusters(named=True)
    tasks = [row(f"t{n}", "Tell me of bees.", "", text) for n, text in enumerate(steps)]
    by_id = {task.id: task.instances[0].output for task in tasks}
    found = list(sift(tasks, [FILTERS["near"]()], clusters))
    assert sum(isinstance(item, Task) for item in found) > 5
    for cluster in clusters.rows("first"):
        for dropped in cluster["dropped"]:
            assert jaccard(by_id[cluster["kept"]], by_id[dropped["id"]]) == pytest.approx(
                dropped["similarity"], abs=1e-4
            )
            assert dropped["similarity"] > 0.8


def made_up(seed: int, count: int) -> list[Task]:
    """Answers of 5 to 90 words, every third an edit of an earlier one."""
    rng = random.Random(seed)
    texts: list[list[str]] = []
    for n in range(count):
        words = [f"w{int(400 * rng.random() ** 2)}" for _ in range(rng.randint(5, 90))]
        if n % 3 == 2:
            words = list(rng.choice(texts))
            for _ in range(rng.randint(0, 4)):
                words[rng.randrange(len(words))] = "edited"
        texts.append(words)
    return [row(f"t{n}", "Say it.", "", " ".join(words)) for n, words in enumerate(texts)]


@pytest.mark.parametrize("above", [0.5, 0.8, 0.95])
def test_near_finds_what_comparing_all_pairs_does(above: float) -> None:
    tasks, left = made_up(3, 300), list[Task]()
    for task in tasks:
        if not any(jaccard(task.instances[0].output, one.instances[0].output) > above for one in left):
            left.append(task)
    ours = kept(tasks, FILTERS["near"](above))
    assert set(ours) >= {task.id for task in left}, "nothing is dropped that is not near"
    assert len(ours) - len(left) <= 2


def test_bands_find_what_is_at_the_threshold() -> None:
    for above in (0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 0.99, 1.0):
        bands, rows = banding(above)
        assert bands * rows <= 128
        assert 1 - (1 - above**rows) ** bands >= 0.99 or rows == 1
    assert banding(0.8) == (21, 6)


# The table


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), max_size=40), st.integers(0, 2**60))
def test_buckets_find_all_that_share_a_key(entries: list[list[int]], more: int) -> None:
    buckets = Buckets(3)
    for keys in entries:
        buckets.add([key * (more | 1) % 2**64 for key in keys])
    for keys in entries:
        found = buckets.sharing([key * (more | 1) % 2**64 for key in keys])
        assert set(found) == {n for n, other in enumerate(entries) if set(keys) & set(other)}


def test_buckets_grow_and_are_bounded() -> None:
    keys = np.random.default_rng(0).integers(0, 2**63, (5_000, 4), np.uint64).tolist()
    buckets = Buckets(4)
    for each in keys:
        buckets.add([7, *each[1:]])
    assert len(buckets) == 5_000
    assert all(buckets.sharing([0, *each[1:]]) == [n] for n, each in enumerate(keys))
    assert len(buckets.sharing([7])) == STEPS


# The pool, and who asks it


def test_an_index_has_all_that_was_kept_whenever_it_is_asked_for() -> None:
    pool, near = Pool([row("seed", "Name a bird.")]), FILTERS["near"]()
    pool.add(row("early", "Name a fish."))
    assert near(row("b", "name a fish"), pool) == Reason("near", "1.00 to early")
    pool.add(row("late", "Name a frog."))
    assert near(row("b", "name a frog"), pool) == Reason("near", "1.00 to late")
    assert near(row("b", "name a bird!"), pool) == Reason("near", "1.00 to seed")
    assert FILTERS["near"](of="instruction")(row("b", "name a frog"), pool)


def test_no_more_is_kept_than_the_filters_need() -> None:
    def own(task: Task, pool: Pool) -> None: ...

    for names, whole in ((["exact", "near", "novelty"], False), (["length"], False), (["own", "exact"], True)):
        drop = [own if name == "own" else FILTERS[name]() for name in names]
        pool = pool_of(drop)
        pool.add(Task("a", "Name a bird."))
        assert bool(pool.machine) == whole, names
    assert not together([FILTERS["exact"](), FILTERS["near"](), FILTERS["length"]()])
    assert together([FILTERS["exact"](), FILTERS["novelty"]()])
    assert together([own])
    assert compares([FILTERS["near"]()])
    assert not compares([FILTERS["length"]()])


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("near", {"above": 80}, "0.8"),
        ("near", {"of": "output"}, "answer"),
        ("exact", {"of": "all"}, "both"),
        ("semantic", {"above": -1}, "cosine"),
        ("novelty", {"of": "input"}, "instruction"),
    ],
)
def test_options_out_of_range(name: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        FILTERS[name](**options)


def test_novelty_of_answers_and_both() -> None:
    a, b = row("a", "Tell me of bees.", "", LONG), row("b", "What do bees do?", "", changed(LONG, 3))
    assert both("novelty", a, b) is None
    assert both("novelty", a, b, of="answer")
    assert both("novelty", a, b, of="both")


# The order, and the command


@given(st.lists(st.text("ab ", max_size=9), max_size=12), st.sampled_from(["first", "longest", "shortest"]))
def test_what_is_kept_comes_out_in_the_order_of_the_data(answers: list[str], keep: Any) -> None:
    tasks = [row(f"t{n}", "Say it.", "", answer) for n, answer in enumerate(answers)]
    asked: list[str] = []

    def sifted(some: Any) -> Any:
        for n, task in enumerate(some):
            asked.append(task.instances[0].output)
            yield task if n % 2 else Rejected(task.instruction, "no", task=task.id)

    out = list(in_order(tasks, keep, sifted))
    assert [item.task if isinstance(item, Rejected) else item.id for item in out] == [task.id for task in tasks]
    assert all(isinstance(item, Rejected) or item == tasks[n] for n, item in enumerate(out))
    if keep != "first":
        assert asked == sorted(answers, key=len, reverse=keep == "longest")


def written(file: Path, tasks: list[Task]) -> Path:
    rows = [
        {"instruction": t.instruction, "input": t.instances[0].input, "output": t.instances[0].output} for t in tasks
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return file


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize(("keep", "left"), [("first", "d_0"), ("longest", "d_2"), ("shortest", "d_1")])
def test_filter_says_which_are_duplicates_of_which(tmp_path: Path, keep: str, left: str) -> None:
    texts = [LONG, LONG.removesuffix(" way."), f"{LONG} And that is that.", "Bees make wax."]
    data = written(tmp_path / "d.jsonl", [row("", "Tell me of bees.", "", text) for text in texts])
    out, clusters, lost = (tmp_path / name for name in ("out.jsonl", "clusters.jsonl", "lost.jsonl"))
    words = ("--drop", "exact", "--drop", "near=0.7", "--keep", keep, "--out", out, "--clusters", clusters)
    done = selfinstruct("filter", data, *words, "--rejected", lost, "--quiet")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"1 cluster of duplicates, the largest: 3 like {left}"
    (found,) = lines(clusters)
    assert (found["kept"], found["because"], found["size"]) == (left, keep, 3)
    assert {each["by"] for each in found["dropped"]} == {"near"}
    assert {each["id"] for each in found["dropped"]} | {left} == {"d_0", "d_1", "d_2"}
    assert [one["id"] for one in lines(out)] == [left, "d_3"]
    assert [one["task"] for one in lines(lost)] == sorted({"d_0", "d_1", "d_2"} - {left})


def test_filter_streams_rows_that_differ_in_input(tmp_path: Path) -> None:
    """Rows of one instruction are rows of their own, and a row that is there twice is found wherever it is."""
    tasks = [row("", "Double it.", str(n), str(2 * n)) for n in (1, 2, 3, 1, 4, 2)]
    data = written(tmp_path / "d.jsonl", tasks)
    assert selfinstruct("filter", data, "--drop", "exact", "--out", tmp_path / "k.jsonl", "--quiet").exit_code == 0
    assert [one["instances"][0]["input"] for one in lines(tmp_path / "k.jsonl")] == ["1", "2", "3", "4"]


def test_each_file_is_one_of_its_own(tmp_path: Path) -> None:
    data = written(tmp_path / "d.jsonl", [row("", "Double it.")])
    done = selfinstruct(
        "filter", data, "--drop", "exact", "--out", tmp_path / "k.jsonl", "--clusters", tmp_path / "k.jsonl"
    )
    assert done.exit_code == 2
    assert "--out and --clusters are both" in done.output


RECIPE = """
seeds: seed_tasks.jsonl
width: 8
steps:
  - grow: propose
    show: {seeds: 6, machine: 2}
    drop: [exact, {near: {above: 0.02, of: instruction}}, {novelty: 0.7}]
  - each: classify
  - each: instances
    drop: [{near: {above: 0.8, of: both}}]
"""


def test_in_a_recipe_the_same_whatever_the_concurrency(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(RECIPE)
    made = []
    for name, at_once, numbers in (("a", 1, (12, 30)), ("b", 16, (30,))):
        for number in numbers:  # raised on the way: the rest comes on top of what was there
            words = ("--num", number, "--out", tmp_path / name, "--concurrency", at_once, "--quiet")
            done = selfinstruct("run", recipe, *words)
            assert done.exit_code == 0, done.output
        made.append([(tmp_path / name / file).read_bytes() for file in ("tasks.jsonl", "rejected.jsonl")])
    assert made[0] == made[1]
    assert b'"near"' in made[0][1]
    written_down = (tmp_path / "a" / "recipe.yaml").read_text()
    assert "near" in written_down
    assert "novelty" in written_down
    assert "of: instruction" in written_down.partition("novelty")[0]
    assert "of:" not in written_down.partition("novelty")[2].partition("each")[0], "a folder of old goes on"
