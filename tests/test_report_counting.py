"""What the report counts: figures as values, and the same however the tasks come."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.filters.rouge import rouge_l
from selfinstruct.report.counting.comparing import compared, lacking, sentences
from selfinstruct.report.counting.growing import acceptance, growth
from selfinstruct.report.counting.lengths import EDGES, Lengths, histogram
from selfinstruct.report.counting.meaning import plane
from selfinstruct.report.counting.measuring import Tally, measured
from selfinstruct.report.counting.nearest import alphabet, nearest, to_seeds
from selfinstruct.report.counting.sampling import Sample
from selfinstruct.report.counting.texts import language, score
from selfinstruct.report.counting.verbs import Asked, asked, missing
from selfinstruct.report.sources import funnel
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.text.tokens import tokens

needs_parsing = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}: pip install 'selfinstruct[report]'")

THINGS = ("kite", "harbour", "lantern", "violin", "glacier", "market", "ferry", "orchard")
ASKS = ("Describe a {}.", "Write two short poems about the {}.", "List three uses of a {}.", "What is a {} made of?")


def some_tasks(count: int) -> list[Task]:
    texts = [ask.format(thing) for ask, thing in product(ASKS, THINGS)]
    return [
        Task(
            id=f"t{at}",
            instruction=f"{texts[at % len(texts)]}{' Keep it plain.' * (at // len(texts))}",
            instances=(Instance("" if at % 3 else "wood", f"It is number {at}."),),
            is_classification=at % 4 == 0,
            extra={"score": at % 5},
        )
        for at in range(count)
    ]


@needs_parsing
@pytest.mark.parametrize(
    ("instruction", "verb", "objects"),
    [
        ("Describe in one sentence the water cycle.", "describe", ["cycle"]),
        ("Write a title and two short stories about dogs.", "write", ["title", "story"]),
        ("Can you please write me a short poem?", "write", ["poem"]),
        ("Given a list of numbers, find the largest.", "find", []),
        ("You are given a sentence. Classify its sentiment.", "classify", ["sentiment"]),
        ("Come up with a name for a bakery.", "come up with", ["name"]),
        ("Write a piece of code", "write", ["code"]),
        ("Read the passage and answer the question.", "read", ["passage"]),
        ("Compare and contrast foxes and wolves.", "compare", ["fox", "wolf"]),
        ("Your task is to identify the type of error in the code.", "identify", ["error"]),
        ("Name three rivers.", "name", ["river"]),
        ("Sort these as either a bird, a fish, or an insect.", "sort", []),
        ("Draft a recipe using lentils.", "draft", ["recipe"]),
        ("Paint the fence and two gates.", "paint", ["fence", "gate"]),
        ("List three uses of a rope.", "list", ["use"]),
        ("Cross out the word that does not fit.", "cross", ["word"]),
        ("Water levels rose last year.", "", []),
        ("Re-write the sentence below.", "rewrite", ["sentence"]),
        ('Explain the phrase "to break the ice".', "explain", ["phrase"]),
        ("What is the capital of Peru?", "", []),
        ("Explain how a kettle works.", "explain", []),
        ("", "", []),
        ("将下列句子翻译成英文", "翻译", ["句子"]),
        ("根据以下文章，写一篇关于秋天的作文。", "写", ["作文"]),
        ("写一个不超过150字的故事", "写", ["故事"]),
        ("帮我写一首诗", "写", ["诗"]),
        ("识别并解释给定列表中的两个科学理论", "识别", ["理论"]),
        ("给这首诗起一个标题", "起", ["标题"]),
        ("比较苹果和橘子", "比较", ["苹果", "橘子"]),
        ("谁发明了电话？", "", []),
        ("如何保护眼睛？", "", []),
    ],
)
def test_verbs_and_all_their_objects(instruction: str, verb: str, objects: list[str]) -> None:
    found = asked(instruction)
    assert (found.verb, list(found.objects)) == (verb, objects)


@needs_parsing
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_asked_for_something_or_nothing(text: str) -> None:
    found = asked(text)
    assert len(set(found.objects)) == len(found.objects)
    assert found == asked(text)


def test_lengths_are_counted_in_bins_that_are_the_same_for_all() -> None:
    lengths = Lengths()
    for length in (0, 1, 3, 9, 9, 10, 100_000):
        lengths.add(length)
    found = lengths.figures()
    assert (found["texts"], found["median"], found["longest"]) == (7, 9.0, 100_000)
    assert sum(found["bins"]) == 7
    assert found["bins"][-1] == 1, "the last bin has no end"
    assert found["bins"][EDGES.index(8)] == 3
    assert Lengths().figures()["mean"] is None
    assert histogram([0.7, 0.71], (0.0, 0.7)) == [0, 2]


def test_the_nearest_is_what_rouge_l_says_of_every_pair() -> None:
    texts = [*(task.instruction for task in some_tasks(40)), "", "画一只猫", "画一只黑猫", "?!"]
    letters = alphabet(texts, {})
    found = nearest(range(len(texts)), letters)
    split = [tokens(text) for text in texts]
    for at, one in enumerate(split):
        pairs = [rouge_l(one, other) for place, other in enumerate(split) if place != at]
        assert found.other[at] == pytest.approx(max(pairs), abs=1e-6)
        assert found.earlier[at] == pytest.approx(max([0.0, *(rouge_l(one, other) for other in split[:at])]), abs=1e-6)
    assert to_seeds(letters, letters)[0] == 1
    assert to_seeds(letters, letters)[texts.index("")] == 0, "a text without tokens is similar to nothing"


def test_a_sample_does_not_depend_on_the_order() -> None:
    tasks = some_tasks(300)
    shuffled = tasks[:]
    Random(1).shuffle(shuffled)
    samples = []
    for order in (tasks, shuffled):
        sample = Sample(50)
        for task in order:
            sample.add(task)
        assert not sample.is_all
        assert [task for _, task in sample.placed(10)] == sample.tasks(10)
        assert all(order[place] is task for place, task in sample.placed())
        samples.append({task.id for task in sample.tasks()})
    assert samples[0] == samples[1]


def without_order(figures: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on the order of the tasks; novelty over time does, and which of two alike comes first."""
    kept = {name: value for name, value in figures.items() if name not in ("growth", "duplicates", "map")}
    kept["refusals"] = figures["refusals"] | {"ids": sorted(figures["refusals"]["ids"])}
    return json.loads(json.dumps(kept, sort_keys=True))  # type: ignore[no-any-return]


def test_streamed_and_shuffled_figures_are_those_of_a_list() -> None:
    tasks = some_tasks(90)
    whole = measured(tasks, tasks[:5])
    assert measured(iter(tasks), tasks[:5]) == whole
    shuffled = tasks[:]
    Random(2).shuffle(shuffled)
    assert without_order(measured(shuffled, tasks[:5])) == without_order(whole)
    renamed = [replace(task, id=f"other-{task.id}") for task in tasks]
    assert without_order(measured(renamed, tasks[:5])) == without_order(whole)


def test_figures_of_a_data_set() -> None:
    found = measured(some_tasks(64))
    assert (found["tasks"], found["instances"], found["with_input"]) == (64, 64, 22)
    assert found["classification"] == {"yes": 16, "no": 48, "unknown": 0}
    assert found["languages"] == {"en": 64}
    assert found["scores"]["bins"] == [13, 13, 13, 13, 12]
    assert found["lengths"]["instruction"]["texts"] == 64
    assert found["nearest"]["other"]["asked"] == 64
    assert len(found["map"]["points"]) == len(found["map"]["tasks"]) == 64
    assert [one["tasks"] for one in found["even"]] == [50]
    assert json.loads(json.dumps(found)) == found, "JSON by kind"


@needs_parsing
def test_verbs_of_a_data_set() -> None:
    said = measured(some_tasks(32))["verbs"]
    assert {one["verb"]: one["count"] for one in said["top"]} == {"describe": 8, "write": 8, "list": 8}
    assert said["top"][2] == {"verb": "write", "count": 8, "objects": [["poem", 8]]}
    assert (said["verbs"], said["pairs"], said["with_verb"]) == (3, 10, 24)


def test_an_empty_data_set_has_figures_as_well() -> None:
    found = measured([])
    assert found["tasks"] == 0
    assert found["nearest"]["other"] is None
    assert "map" not in found
    assert compared([found, found])["sentences"][0]["says"] == "same"


def test_growth_and_acceptance() -> None:
    ask = [Asked("name", (f"thing{at % 25}",), ()) for at in range(50)]
    parts = growth(ask, list(range(50)), np.linspace(0, 1, 50, dtype=np.float32), 50)
    assert [part["tasks"] for part in parts] == [10, 20, 30, 40, 50]
    assert [part["pairs"] for part in parts] == [1.0, 1.0, 0.5, 0.0, 0.0]
    assert parts[0]["nearest"] < parts[-1]["nearest"]
    assert growth(None, [], np.empty(0, np.float32), 0) == []
    kept = [Task(f"a{at}-1", "x", requests=(f"a{at}", "later")) for at in range(30)]
    lost = [Rejected("x", "rouge-l", task=f"b{at}-1", request=f"b{at}") for at in range(30)]
    places = {f"a{at}": at for at in range(30)} | {f"b{at}": 30 + at for at in range(30)}
    parts = acceptance([*kept, *lost, Rejected("x", "remark", what="remark")], places)
    assert [part["kept"] for part in parts] == [20, 10, 0]
    assert [part["similar"] for part in parts] == [0, 10, 20]
    assert acceptance(kept, {}) == []


def test_the_funnel_adds_up() -> None:
    items: list[Task | Rejected] = [
        *(Task(str(at), "x") for at in range(5)),
        *(Rejected("x", "rouge-l", origin="propose") for _ in range(3)),
        Rejected("x", "truncated", origin="instances"),
        Rejected("x", "remark", origin="instances", what="remark"),
        Rejected("x", "odd", origin="a step of an older recipe"),
    ]
    found = funnel(items, ["propose", "classify", "instances"])
    assert [(step["step"], step["came"], step["left"]) for step in found[:3]] == [
        ("propose", 10, 7),
        ("classify", 7, 7),
        ("instances", 7, 6),
    ]
    assert found[0]["reasons"] == {"rouge-l": 3}
    assert found[-1]["left"] == 5


@needs_parsing
def test_side_by_side_says_what_differs() -> None:
    plain = [replace(task, instances=(Instance("", "Yes."),)) for task in some_tasks(120)]
    wordy = [
        Task(f"w{at}", f"Paint the {thing} number {at} in {colour}.", (Instance("", "word " * 40),))
        for at, (thing, colour) in enumerate(product(THINGS, [f"colour{n}" for n in range(15)]))
    ]
    ours, theirs = measured(plain, by="") | {"name": "ours"}, measured(wordy, by="") | {"name": "theirs"}
    for figures in (ours, theirs):
        figures |= {"kept": figures["tasks"], "proposed": figures["tasks"], "rejected": []}
    found = compared([ours, theirs])
    assert found["table"]["tasks"] == [120, 120]
    assert found["table"]["even"] == [100, 100]
    says = {fact["says"]: fact["first"] for fact in found["sentences"]}
    assert says["longer_outputs"] == "theirs"
    assert lacking(theirs, [ours])["verbs"] == [["paint", 120]]
    assert ["write", "poem", 32] in found["lacking"][0]["pairs"]


def test_no_sentence_without_a_clear_difference() -> None:
    rows = [{"output": 10.0, "even": 100}, {"output": 10.5, "even": 100}]
    full = [
        dict.fromkeys(("instruction", "pairs", "nearest", "similar", "duplicates", "refusals", "with_input")) | row
        for row in rows
    ]
    assert sentences(["a", "b"], full)[0]["says"] == "same"
    full[1]["output"] = 20.0
    (fact,) = sentences(["a", "b"], full)
    assert (fact["says"], fact["first"], fact["second"], fact["ratio"]) == ("longer_outputs", "b", "a", 2.0)


def test_neighbours_stay_neighbours_on_the_map() -> None:
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(4) * 5, 30, axis=0)
    found = plane(centres + rng.normal(0, 0.1, centres.shape))
    assert found.shape == (120, 2)
    assert (found.min(), found.max()) == (0, 1)
    distances = ((found[:, None] - found) ** 2).sum(-1)
    np.fill_diagonal(distances, 9)
    assert all(at // 30 == near // 30 for at, near in enumerate(distances.argmin(1)))
    assert np.array_equal(found, plane(centres + np.random.default_rng(0).normal(0, 0.1, centres.shape)))
    assert plane(np.ones((2, 3))).tolist() == [[0.5, 0.5]] * 2
    assert np.isfinite(plane(np.ones((20, 3)))).all()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Name three rivers.", "en"),
        ("写一首关于秋天的诗", "zh"),
        ("秋についての短い詩を書いてください", "ja"),
        ("가을에 대한 짧은 시를 써 주세요", "ko"),
        ("Schreibe bitte ein kurzes Gedicht über den Herbst und die fallenden Blätter.", "de"),
        ("", "en"),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert language(text) == code


def test_scores_are_numbers() -> None:
    assert score(Task("t", "x", extra={"score": True, "difficulty": 7})) == 7.0
    assert score(Task("t", "x", extra={"score": float("nan")})) is None


def test_a_tally_can_be_asked_again() -> None:
    tally = Tally()
    for task in some_tasks(20):
        tally.add(task)
    assert tally.figures(by="") == tally.figures(by="")
