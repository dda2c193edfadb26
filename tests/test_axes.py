"""Axes: what new tasks are to be about is drawn in balance, said to the teacher, kept with the task and counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from cases import Case, called, carried_out, finished, items_of, recipe_from
from click.testing import CliRunner, Result
from fakes import SEEDS, SEEDS_ZH, simple
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.api import run
from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.report.counting.coverage import Coverage
from selfinstruct.report.sources import Source
from selfinstruct.running.identity import described
from selfinstruct.running.recipe_file import load, with_axes
from selfinstruct.stages import Alpaca, Branch, Propose
from selfinstruct.stages.proposing.axes import NO_AXES, Axes, axes_in, axes_of
from selfinstruct.stages.proposing.wishes import unlabelled
from selfinstruct.task import Instance, Rejected, Task, rejected_from_row, rejected_to_row
from selfinstruct.teacher import Response
from selfinstruct.teachers.scripted import scripted

TREE = {
    "topic": {"cooking": {"baking": ["bread", "cakes"], "preserving": 2}, "law": 2, "travel": None},
    "difficulty": {"easy": 1, "hard": "an expert has to think"},
}
AXES = axes_of(TREE)


def selfinstruct(*words: object) -> Result:
    done = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done


def test_leaves_are_paths_with_weights_or_meanings() -> None:
    assert {name: dict(values) for name, values in AXES.items()} == {
        "difficulty": {"easy": 1, "hard": "an expert has to think"},
        "topic": {"cooking/baking/bread": 1, "cooking/baking/cakes": 1, "cooking/preserving": 2, "law": 2, "travel": 1},
    }
    assert axes_of({"axes": TREE}) == AXES == axes_of(AXES)
    assert axes_of({"grade": [1, 2]}) == axes_of({"grade": ["2", "1"]})
    assert axes_of({"a": ["x", {"y": ["z"]}]}) == axes_of({"a": {"y": {"z": 1}, "x": 1}})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "axes is 3; it should be like {topic: "),
        ({}, "axes is {}; it should be like"),
        ({"topic": "bread"}, "axes: topic is 'bread'; it should be a list or a tree of values"),
        ({"topic": []}, "axes: topic has no values that may be drawn: give at least one"),
        ({"topic": {"a": 0, "b": 0}}, "axes: topic has no values that may be drawn"),
        ({"topic": ["a", "a "]}, "axes: topic: 'a' is there twice; a number is how often it is drawn"),
        ({"topic": ["a"], " topic": ["b"]}, "axes: 'topic' is there twice"),
        ({"topic": {"a": -1}}, "axes: topic: a is -1; a value has a weight, a number from 0 on, or a text"),
        ({"topic": {"a": float("inf")}}, "axes: topic: a is inf; a value has a weight"),
        ({"topic": {"a": {"b": True}}}, "axes: topic: a/b is True; a value has a weight"),
        ({"topic": [True]}, "axes: topic: True is no name: write it in quotes"),
        ({"topic": {"a": [None]}}, "axes: topic: a: None is no name"),
        ({"topic": [" "]}, "axes: topic: ' ' is no name: it should have 1 to 300 characters"),
        ({"topic": {"a": "x" * 301}}, "axes: topic: a: 'xxx"),
        ({1.5: ["a"]}, "axes: 1.5 is no name: write it in quotes"),
    ],
)
def test_mistakes_are_named(source: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        axes_of(source)
    assert message in str(caught.value)
    with pytest.raises(UsageError) as caught:
        Propose(axes=source)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "axes.yaml"
    for text, message in (
        ("a: [", "is not YAML: line"),
        ("[a, b]", "axes is ['a', 'b']; it should be like"),
        ("topic: {a: {b: {c: -1}}}", "axes: topic: a/b/c is -1"),
        ("topic:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 40)), "nested deeper than 20 levels"),
    ):
        path.write_text(text)
        with pytest.raises(UsageError) as caught:
            axes_in(path)
        assert str(caught.value).startswith(f"{path}")
        assert message in str(caught.value)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        axes_in(path)
    with pytest.raises(UsageError, match=r"cannot read the axes in .*nowhere"):
        axes_in(tmp_path / "nowhere")
    path.write_text("axes:\n  topic: {yes: 1, 2024: 2}\n")
    with pytest.raises(UsageError, match="True is no name: write it in quotes"):
        axes_in(path)


@given(
    st.recursive(
        st.none() | st.integers(-1, 3) | st.text(max_size=5),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3),
    )
)
@settings(max_examples=150)
def test_anything_is_axes_or_a_mistake_of_the_user_s(source: Any) -> None:
    try:
        axes = axes_of({"topic": source})
    except UsageError:
        return
    assert len(axes.drawn(5)) == 5
    assert axes_of(yaml.safe_load(yaml.safe_dump({name: dict(values) for name, values in axes.items()}))) == axes


def drawn(axes: Axes, drafts: int, many: int = 7) -> list[dict[str, str]]:
    return [row for number in range(drafts) for row in axes.at(number).drawn(many)]


@pytest.mark.parametrize("many", [1, 7, 17, 250])
def test_a_hundred_values_come_once_in_a_hundred_tasks(many: int) -> None:
    axes = axes_of({"topic": [f"value {n}" for n in range(100)], "level": ["a", "b", "c"]})
    rows = drawn(axes, -(-400 // many), many)
    for start in (0, 100, 200, 300):
        assert set(Counter(row["topic"] for row in rows[start : start + 100]).values()) == {1}
    assert max(Counter(row["level"] for row in rows[:100]).values()) <= 34
    assert len({(row["topic"], row["level"]) for row in rows[:300]}) > 180, "the axes are not in step"


@given(st.lists(st.integers(0, 9) | st.floats(0.1, 9), min_size=1, max_size=12).filter(any), st.integers(0, 5))
@settings(max_examples=25)
def test_every_value_comes_by_its_weight(weights: list[float], seed: int) -> None:
    axes = replace(axes_of({"topic": {f"v{n}": weight for n, weight in enumerate(weights)}}), seed=seed)
    rows = Counter(row["topic"] for row in drawn(axes, 100))
    for number, weight in enumerate(weights):
        share = weight / sum(weights) * 700
        assert abs(rows[f"v{number}"] - share) <= 3 + share / 20
        assert weight or not rows[f"v{number}"]


def test_what_is_drawn_depends_on_the_axes_and_the_seed_alone() -> None:
    again = axes_of(dict(reversed(list(TREE.items()))))
    assert drawn(AXES, 20) == drawn(again, 20)
    assert drawn(AXES, 30)[:70] == drawn(AXES, 10), "a longer run begins as a shorter one"
    assert drawn(replace(AXES, seed=1), 20) != drawn(AXES, 20)
    assert NO_AXES.drawn(3) == []


def test_a_hundred_thousand_values_are_drawn_fast() -> None:
    axes = axes_of({"topic": {str(n): {str(m): 1 for m in range(100)} for n in range(1000)}})
    assert len({row["topic"] for row in drawn(axes, 20)}) == 140


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("stage", [Propose, Alpaca])
@pytest.mark.parametrize("structured", [False, True])
def test_the_prompt_says_what_each_task_is_to_be_about(stage: Any, language: str, structured: bool) -> None:
    shown = tuple(SEEDS[:3])
    plain = stage(language=language, structured=structured)
    asking = replace(plain, axes=AXES).drawn(Random(0), 2)
    assert plain.drawn(Random(0), 2).prompt(shown, Random(0)) == plain.prompt(shown, Random(0))
    prompt, without = asking.prompt(shown, Random(0)), plain.prompt(shown, Random(0))
    sentence = without.partition("\n\n")[0] + "\n\n" if structured else ""
    assert prompt.startswith(sentence)
    assert prompt.endswith(without.removeprefix(sentence))
    paragraph = prompt.removeprefix(sentence).removesuffix(without.removeprefix(sentence))
    head, *lines = paragraph.strip().split("\n")
    rows = AXES.at(2).drawn(7 if stage is Propose else 17)
    assert len(lines) == len(rows)
    assert lines[0].startswith("4. ")
    assert head.endswith((":", "："))
    for line, row in zip(lines, rows, strict=True):
        assert all(value in line for value in row.values())
        assert ("an expert has to think" in line) == (row["difficulty"] == "hard")


ROWS = [
    {"difficulty": "easy", "topic": "cooking/baking/bread"},
    {"difficulty": "hard", "topic": "law"},
    {"difficulty": "easy", "topic": "travel"},
]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("9. (topic: cooking/baking/bread; difficulty: easy) Name a flour.", "9. Name a flour."),
        ("9. [difficulty: easy; topic: bread] Name a flour.", "9. Name a flour."),
        ("9. **Topic: Law; Difficulty: Hard** – Explain a lien.", "9. Explain a lien."),
        ("9. difficulty: hard (an expert has to think); topic: law", "9."),
        ("topic: travel\nPack a bag.", "Pack a bag."),
        ("**Topic:** law | **Difficulty:** hard\nExplain a lien.", "Explain a lien."),
        ("10. Law: explain a lien.", "10. explain a lien."),
        ("10. **Law (hard):** Explain a lien.", "10. Explain a lien."),
        ("11. [Travel, easy] Pack a bag.", "11. Pack a bag."),
        ("11. cooking/baking/bread - Knead it.", "11. Knead it."),
        ("【law】解释留置权。", "解释留置权。"),
        ("9. topic：law；difficulty：hard：解释留置权。", "9. 解释留置权。"),
        ("Law is what? Say so.", "Law is what? Say so."),
        ("Hard cheese: which wine goes with it?", "Hard cheese: which wine goes with it?"),
        ("9. Easy-going people travel. Why?", "9. Easy-going people travel. Why?"),
        ("Travel-sized bottles: list five.", "Travel-sized bottles: list five."),
        ("What does “topic: law” mean in this file?", "What does “topic: law” mean in this file?"),
    ],
)
def test_wishes_that_an_answer_repeats_are_no_part_of_its_tasks(said: str, left: str) -> None:
    assert unlabelled(said, AXES, ROWS) == left


def about(stage: Any, text: str, many: int, finish: str = "stop") -> list[tuple[str, dict[str, str]]]:
    asking = replace(stage, axes=axes_of({"topic": [f"t{n}" for n in range(many)]})).drawn(Random(0), 0)
    found = []
    for item in asking.parse(tuple(SEEDS[:2]), Response(text, finish)):
        if isinstance(item, Task):
            found.append((item.instruction, item.extra.get("axes", {})))
        elif item.what == "task":
            found.append((item.category, item.axes))
    return found


def wanted(many: int, tasks: int) -> list[dict[str, str]]:
    return axes_of({"topic": [f"t{n}" for n in range(many)]}).drawn(tasks)


def test_tasks_are_about_what_stands_at_their_place() -> None:
    rows = wanted(7, 7)
    text = " Name a flour.\n4. Name a law.\n5. This is the beginning of a long and varied list.\n6. Name a train."
    found = about(Propose(), text, 7)
    assert [row for _, row in found] == rows[:4]
    assert [said for said, _ in found] == ["Name a flour.", "Name a law.", "copied from the prompt", "Name a train."]
    more = about(Propose(), "\n".join(f"{n}. Name thing number {n}." for n in range(3, 13)), 7)
    assert [row for _, row in more] == [*rows, {}, {}, {}], "nothing was drawn for what nobody asked for"
    assert about(Propose(structured=True), json.dumps({"tasks": ["Name a flour.", "Name a law."]}), 7) == [
        ("Name a flour.", rows[0]),
        ("Name a law.", rows[1]),
    ]
    said = "\n".join(f"{n}. topic: {row['topic']}" for n, row in enumerate(rows, 3))
    assert about(Propose(), said, 7) == [], "the prompt's own lines are no tasks"


def test_whole_tasks_are_about_what_stands_at_their_place() -> None:
    rows = wanted(5, 4)
    blocks = [
        f"{n}. Topic: {row['topic']}\n{n}. Instruction: Name thing {n}.\n{n}. Input: <noinput>\n"
        f"{n}. Output: topic: t1\nA {n}."
        for n, row in enumerate(rows, 3)
    ]
    found = about(Alpaca(many=6), "\n###\n".join(blocks), 5)
    assert found == [(f"Name thing {n}.", row) for n, row in enumerate(rows, 3)]
    asking = replace(Alpaca(many=6), axes=axes_of({"topic": [f"t{n}" for n in range(5)]})).drawn(Random(0), 0)
    first = next(iter(asking.parse(tuple(SEEDS[:2]), Response("\n".join(blocks)))))
    assert isinstance(first, Task)
    assert first.instances[0].output == "topic: t1\nA 3.", "an output is left as it is"
    as_json = [{"instruction": f"(t{n}) Name thing {n}.", "input": "", "output": "x"} for n in range(2)]
    assert [said for said, _ in about(Alpaca(many=6), json.dumps(as_json), 5)] == ["Name thing 0.", "Name thing 1."]


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["9. ", "topic", ": ", "law", "(", "\n", "**", "; ", "hard"]), max_size=30).map("".join)
)
@settings(max_examples=80)
def test_whatever_is_answered_is_read(text: str) -> None:
    unlabelled(text, AXES, ROWS)
    for stage in (Propose(axes=AXES), Alpaca(axes=AXES)):
        for item in stage.parse(tuple(SEEDS[:2]), Response(text)):
            assert isinstance(item, Rejected) or item.instruction.strip()


def test_long_answers_take_no_long_time() -> None:
    for piece in ("topic: law; ", "(", "9. ", "law ", "**", "topic: law (", " ", "–"):
        unlabelled(piece * 20_000, AXES, ROWS)
        unlabelled(f"{piece}\n" * 5_000, AXES, ROWS)
        list(Alpaca(axes=AXES).parse(tuple(SEEDS[:2]), Response(f"{piece}\n" * 2_000)))


async def all_of(recipe: Any, num: int, width: int = 4) -> Sequence[Task | Rejected]:
    return await items_of(Case(recipe, SEEDS, num), scripted(simple), num, width=width)


@pytest.mark.parametrize("name", ["self_instruct", "alpaca"])
async def test_rejected_tasks_say_what_they_were_to_be_about(name: str) -> None:
    items = await all_of(with_axes(load(name), TREE), 40)
    assert all(task.extra["axes"].keys() == TREE.keys() for task in finished(list(items)))
    lost = [
        item for item in items if isinstance(item, Rejected) and item.what == "task" and item.category != "truncated"
    ]
    assert lost
    assert all(item.axes.keys() == TREE.keys() for item in lost)
    assert all(rejected_from_row(rejected_to_row(item)) == item for item in lost)


def test_no_axes_are_no_axes(tmp_path: Path) -> None:
    """What ran before has the same recipe and the same prompts."""
    assert "axes" not in described(load("self_instruct"))["steps"][0]
    assert "lot" not in str(described(with_axes(load("self_instruct"), TREE)))


@pytest.mark.parametrize("given", ["file", "inline", "list", "by language", "API"])
def test_axes_are_given_as_one_likes(given: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"axes": TREE}))
    values: dict[str, Any] = {
        "file": str(tmp_path / "a.yaml"),
        "inline": TREE,
        "list": {"topic": list(AXES["topic"]), "difficulty": TREE["difficulty"]},
        "by language": {"en": TREE, "zh": {"主题": ["饮食"]}},
    }
    if given == "API":
        recipe = with_axes(recipe_from({"seeds": "s", "steps": [{"grow": "propose"}]}), TREE)
    else:
        recipe = recipe_from({"seeds": "s", "steps": [{"grow": "propose", "axes": values[given]}]})
    assert isinstance(recipe.steps[0].stage, Propose)
    expected = AXES if given != "list" else axes_of(values["list"])
    assert recipe.steps[0].stage.axes == expected
    assert recipe_from(described(recipe)) == recipe, "recipe.yaml is a recipe again"


def test_what_takes_no_axes_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--axes: the recipe 'respond' does not begin with 'grow: propose'"):
        run("respond", data=SEEDS, axes=TREE, out=tmp_path / "r", teacher=called("simple", simple))
    with pytest.raises(UsageError, match="step 1: axes is 5; it should be like"):
        recipe_from({"steps": [{"grow": "propose", "axes": 5}]})


@pytest.mark.parametrize(("name", "seeds"), [("self_instruct", SEEDS), ("alpaca", SEEDS_ZH)])
def test_a_run_with_axes_is_the_same_at_any_concurrency_and_extends(name: str, seeds: Any, tmp_path: Path) -> None:
    recipe = replace(with_axes(load(name, "zh" if seeds is SEEDS_ZH else "en"), TREE), width=5)
    for folder, concurrency, nums in (("one", 1, (30,)), ("many", 64, (10, 30))):
        for num in nums:
            carried_out(recipe, seeds, tmp_path / folder, num=num, concurrency=concurrency)
    for file in ("tasks.jsonl", "rejected.jsonl", "recipe.yaml"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "many" / file).read_bytes()
    with pytest.raises(UsageError, match="axes"):
        carried_out(with_axes(recipe, {"topic": ["law"]}), seeds, tmp_path / "one", num=30)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_built_in_teacher_follows_what_it_knows(language: str, tmp_path: Path) -> None:
    topics = {"en": ["capitals of countries", "Python code"], "zh": ["地理/省会", "编程"]}[language]
    words = {"en": ("capital", "Python"), "zh": ("省|国|山|首都|简称|玩|哪", "Python|SQL|正则|表达式|函数")}[language]
    done = run("alpaca", language=language, axes={"topic": topics}, num=30, out=tmp_path / "r", model="builtin")
    right = Counter[bool]()
    for task in done.tasks:
        word = dict(zip(topics, words, strict=True))[task.extra["axes"]["topic"]]
        right[bool(re.search(word, task.instruction)) or word in ("capital", "Python")] += 1
    assert right[True] > 24


def test_the_command_line_draws_from_a_file_and_the_report_counts(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"axes": TREE | {"never": {"x": 1, "y": 0}}}))
    out = tmp_path / "run"
    shown = selfinstruct("generate", "--num", "25", "--axes", tmp_path / "a.yaml", "--out", out, "--quiet").stdout
    assert "kept 25 of" in shown
    page = ("--out", tmp_path / "page.html", "--map", "none")
    found = json.loads(selfinstruct("report", out, "--json", *page).stdout)["coverage"]
    assert [one["axis"] for one in found] == ["difficulty", "never", "topic"]
    for one in found:
        assert one["kept"] == 25
        assert one["proposed"] >= 25
        assert sum(row[1] for row in one["by_value"]) == 25
        assert [row[1] for row in one["by_value"]] == sorted(row[1] for row in one["by_value"])
    assert found[1]["values"] == 1, "what may not be drawn is not missed"
    printed = selfinstruct("report", out, "--no-page").stdout
    assert "Coverage of the axes" in printed
    assert "cooking/baking/bread" in printed
    assert "cooking/preserving" in (tmp_path / "page.html").read_text()
    kept = Source(str(out / "tasks.jsonl")).figures("")["coverage"]
    assert {one["axis"]: one["kept"] for one in kept} == {"difficulty": 25, "never": 25, "topic": 25}
    assert all(one["kept"] == one["proposed"] for one in kept)


def test_values_of_which_nothing_is_there_are_counted(tmp_path: Path) -> None:
    coverage = Coverage()
    for number in range(3):
        coverage.add(Task(f"{number}", "Name it.", extra={"axes": {"topic": "law"}}))
    coverage.add(Rejected("Name it.", "rouge-l", axes={"topic": "travel"}))
    coverage.add(Rejected("Sure!", "not part of the list", what="remark", axes={"topic": "travel"}))
    coverage.add(Task("x", "Somebody's row.", extra={"axes": [1, 2]}))
    (found,) = coverage.figures({"topic": {"law": 1, "travel": 1, "soups": 1, "never": 0}})
    assert (found["values"], found["never_proposed"], found["never_kept"]) == (3, 1, 1)
    assert found["by_value"] == [["soups", 0, 0], ["travel", 0, 1], ["law", 3, 3]]
    assert Coverage().figures({"topic": {"law": 1}}) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dolly_has_its_seven_kinds_in_balance(language: str, tmp_path: Path) -> None:
    done = run("dolly", language=language, num=70, out=tmp_path / "r", model="builtin")
    kept = Counter(task.extra["axes"]["category"] for task in done.tasks)
    asked = kept + Counter(item.axes["category"] for item in done.rejected if item.axes)
    assert len(kept) == 7
    assert max(asked.values()) - min(asked.values()) <= 3
    assert min(kept.values()) >= 4
    for task in done.tasks:
        (instance,) = task.instances
        assert instance.output
        if task.extra["axes"]["category"] in ("closed_qa", "information_extraction", "summarization"):
            assert len(instance.input) > 20


def test_what_was_to_be_about_a_passage_has_one() -> None:
    drop = FILTERS["passage"](values=["closed_qa"])
    asked = {"axes": {"category": "closed_qa"}}
    short, long = (
        Instance("Ann: 3 pm.", "3 pm"),
        Instance("The mill stood still for twenty years until some joiners came along.", "x"),
    )
    assert str(drop(Task("t", "When?", (short,), extra=asked), Pool())) == "no passage: closed_qa: 3 words of input"
    assert not drop(Task("t", "When?", (long,), extra=asked), Pool())
    assert not drop(Task("t", "When?", (short,), extra={"axes": {"category": "open_qa"}}), Pool())
    assert not drop(Task("t", "When?", (short,)), Pool())
    assert not drop(Task("t", "哪年？", (Instance("老磨坊停了二十多年，去年修好了。", "去年"),), extra=asked), Pool())
    with pytest.raises(UsageError, match="passage: least is 0"):
        FILTERS["passage"](least=0)


def test_a_recipe_and_a_mixture_of_one_name_are_told_apart() -> None:
    recipe, mixture = selfinstruct("show", "dolly"), selfinstruct("show", "dolly", "--mixture")
    assert "grow: alpaca" in recipe.stdout
    assert "--mixture" in recipe.stderr
    assert "sources:" in mixture.stdout
    assert not mixture.stderr
    assert "sources:" in selfinstruct("show", "tulu").stdout


REPLIES = Path(__file__).parent / "replies"


@pytest.mark.parametrize(("folder", "stage"), [("propose", Propose()), ("alpaca", Alpaca())])
def test_answers_that_name_no_values_are_read_as_without_axes(folder: str, stage: Any) -> None:
    for file in sorted((REPLIES / folder).glob("*.txt")):
        response = Response(file.read_text(encoding="utf-8"))
        plain = list(stage.parse(tuple(SEEDS[:3]), response))
        about = list(replace(stage, axes=AXES).parse(tuple(SEEDS[:3]), response))
        bare = [replace(item, extra={}) if isinstance(item, Task) else replace(item, axes={}) for item in about]
        assert bare == plain, file.name


def test_what_a_small_model_wrote_is_read() -> None:
    """SmolLM2-135M goes on with the list and pays no heed to what its tasks were to be about: they are labelled all
    the same. Asked as a question it begins with the tasks shown: these stand in the place of none."""
    text = (REPLIES / "axes" / "smollm2.jsonl").read_text(encoding="utf-8")
    listed, topics, anew = map(json.loads, text.splitlines())
    asking = with_axes(load("self_instruct"), {"topic": ["bread", "soups"]}).steps[0].stage
    assert isinstance(asking, Propose)
    shown = tuple(SEEDS[:4])
    (cut,) = asking.parse(shown, Response(listed["answer"], listed["finish"]))
    assert isinstance(cut, Rejected)
    assert cut.category == "truncated"
    found = list(asking.parse(shown, Response(listed["answer"], "stop")))
    assert [item.extra.get("axes", {}).keys() for item in found if isinstance(item, Task)][:7] == [{"topic"}] * 7
    assert found[1].instruction == "What do you think about this new product?"
    lines = [line.partition(". ")[2] for line in anew["answer"].strip().split("\n")]
    repeated = tuple(Task(str(n), line) for n, line in enumerate(lines[:4]))
    *copies, new = asking.parse(repeated, Response(anew["answer"]))
    assert [item.category for item in copies if isinstance(item, Rejected)] == ["copied from the prompt"] * 4
    assert isinstance(new, Task)
    assert new.extra["axes"] == asking.axes.drawn(1)[0]
    named = Branch(6).parse((Task("t", topics["path"][0]),), Response(topics["answer"], topics["finish"]))
    assert [item.instruction for item in named if isinstance(item, Task)][0::5] == [
        "Cleaning vehicles",
        "Writing and language arts",
    ]
