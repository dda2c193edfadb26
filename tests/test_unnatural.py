"""Unnatural Instructions: its seeds, the fourth task of an answer, and tasks in other words."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import recipe_from
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.api import Run
from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import Keywords, Language
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import draft_of, new_tasks, reworked
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import shipped
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages import Paraphrase, Unnatural
from selfinstruct.stages.proposing.unnatural import constrained, constraints_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Response

SEEDS = {
    code: read_tasks(shipped("seeds") / f"unnatural_seeds{end}.jsonl") for code, end in (("en", ""), ("zh", "_zh"))
}

# Seeds


@pytest.mark.parametrize("language", SEEDS)
def test_seeds(language: str) -> None:
    """Fifteen, as published: five prompts of three."""
    seeds, language_filter = SEEDS[language], Language(language)
    language_filter.ready()
    assert len(seeds) == 15
    assert len({seed.instruction for seed in seeds}) == 15
    for seed in seeds:
        (instance,) = seed.instances
        assert instance.input
        assert instance.output
        assert seed.extra["constraints"]
        assert language_filter(seed, Pool()) is None
        assert Keywords()(seed, Pool()) is None
        named = [part for part in ("'", "“") if part in constraints_of(seed)]
        if seed.is_classification and named:
            assert instance.output in constraints_of(seed), "the answer is one of those listed"
    assert sum(seed.is_classification is True for seed in seeds) == 5
    assert sum(not constraints_of(seed) for seed in seeds) in (1, 2), "most hold the output to something"


def test_the_layout() -> None:
    prompt = Unnatural().prompt(tuple(SEEDS["en"][:3]), Random(0))
    assert isinstance(prompt, str)
    assert prompt.endswith("\n\nExample 4\nInstruction:")
    assert "\nExample 2\nInstruction: In this task you are given a short" in prompt
    assert "\nInput:\nParagraph: The ferry" in prompt, "an input of several lines stands below its label"
    chinese = Unnatural(language="zh").prompt((Task("t", "说出一条河。"),), Random(0))
    assert isinstance(chinese, str)
    assert "示例1\n指令：说出一条河。\n输入：无。\n输出要求：无。\n\n示例2\n指令：" in chinese


# The fourth task


def proposed(text: str, finish: str = "stop", language: str = "en", **options: Any) -> list[Task | Rejected]:
    step = Step(Unnatural(language=language, **options))
    return list(new_tasks(step, draft_of(step, SEEDS[language][:3], Random(0)), Response(text, finish)))


SUM = ("Add the two numbers.", "3 and 4", "Answer with digits.")


@pytest.mark.parametrize(
    "text",
    [
        " {0}\nInput: {1}\nConstraints: {2}",
        "Instruction: {0}\nInput: {1}\nConstraints: {2}",
        "**Instruction:** {0}\n**Input:** {1}\n**Constraints:** {2}",
        "Sure! Here is another example:\n\nExample 4\nInstruction: {0}\nInput: {1}\nConstraints: {2}",
        "### Example 4\n- Instruction: {0}\n- Input: {1}\n- Output constraints: {2}\n\nI hope these examples help!",
        " {0}\nInput:\n{1}\nConstraints: {2}\nOutput: 7",
        "```\nInstruction: {0}\nInput: {1}\nConstraints: {2}\n```",
        '{{"instruction": "{0}", "input": "{1}", "constraints": "{2}"}}',
        '```json\n{{"tasks": [{{"instruction": "{0}", "input": "{1}", "constraints": ["{2}"]}}]}}\n```',
        "<think>\nSomething with numbers.\n</think>\n\nInstruction: {0}\nInput: {1}\nConstraints: {2}",
        "指令：{0}\n输入：{1}\n输出要求：{2}",
        "【指令】：{0}\n输入：{1}\n约束：{2}",
    ],
)
def test_as_teachers_write_it(text: str) -> None:
    tasks = [item for item in proposed(text.format(*SUM)) if isinstance(item, Task)]
    assert [(task.instruction, first_input(task)) for task in tasks] == [(f"{SUM[0]} {SUM[2]}", SUM[1])]
    assert tasks[0].extra == {"constraints": SUM[2]}


@pytest.mark.parametrize(
    "nothing", ["None.", "none", "N/A", "No constraints.", "There are no constraints.", "无。", "没有特殊要求", "不限"]
)
def test_no_constraints(nothing: str) -> None:
    (task,) = proposed(f" Add them.\nInput: 3 and 4\nConstraints: {nothing}")
    assert isinstance(task, Task)
    assert (task.instruction, task.extra) == ("Add them.", {})


def test_more_than_one() -> None:
    """A base model goes on with the next."""
    text = " Add them.\nInput: 3\nConstraints: None.\n\nExample 5\nInstruction: Name it.\nInput: 4\nConstraints: None."
    assert [task.instruction for task in proposed(text) if isinstance(task, Task)] == ["Add them.", "Name it."]
    first, last = proposed(text[:-9], "length")
    assert isinstance(first, Task)
    assert isinstance(last, Rejected)
    assert last.category == "truncated"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        (" Add them.\nInput: 3 and 4", "not the three fields of a task"),
        (" Add them.", "not the three fields of a task"),
        ("", "no task in the answer"),
        ("\n\n", "no task in the answer"),
        (" Add them.\nInput: [your numbers]\nConstraints: None.", "a placeholder"),
        ('[{"instruction": "Add them.", "input": "3"}]', "not the three fields of a task"),
        (" Write one sentence.\nInput: a\nConstraints: {SEED}", "copied from the prompt"),
    ],
)
def test_what_is_no_task(text: str, category: str) -> None:
    if "{SEED}" in text:  # instruction and input of one that was shown, whatever its constraints
        seed = SEEDS["en"][0]
        text = f" {seed.instruction}\nInput: {first_input(seed)}\nConstraints: None."
    found = proposed(text)
    assert not [item for item in found if isinstance(item, Task)]
    assert category in {item.category for item in found if isinstance(item, Rejected)}


@given(
    st.text()
    | st.lists(st.sampled_from([*"ab\n :{", "Input:", "Instruction:", "Constraints: None", "输入：", "示例5\n"])).map(
        "".join
    )
)
def test_whatever_is_written_is_a_task_or_says_why_not(text: str) -> None:
    for language in SEEDS:
        found = proposed(text, language=language)
        assert found
        assert all(item.instruction.strip() for item in found if isinstance(item, Task))


def test_constraints_stand_behind_the_instruction() -> None:
    assert constrained("Add them.", "One word.") == "Add them. One word."
    assert constrained("把它们相加。", "只写数字。") == "把它们相加。只写数字。"
    assert constrained("Add", "One word.") == "Add\nOne word."
    assert constrained("Add.", "") == "Add."


# In other words

TASK = Task("t", "Add the numbers. One word.", (Instance("3 and 4", "seven"),), extra={"constraints": "One word."})


def reworded(*answers: str, task: Task = TASK, finish: str = "stop", **options: Any) -> list[Task | Rejected]:
    step = Step(Paraphrase(samples=len(answers), **options))
    draft = draft_of(step, (task,), Random(0))
    return list(reworked(step, draft, *(Response(answer, finish) for answer in answers)))


def test_the_task_and_two_wordings_of_it() -> None:
    step = Step(Paraphrase())
    assert draft_of(step, (TASK,), Random(0)).samples == 2
    prompt = str(draft_of(step, (TASK,), Random(0)).request.prompt)
    assert prompt.endswith("\n\nTask: Add the numbers. {INPUT}\nIn other words:")
    first, *others = reworded(" What is the sum of {INPUT}?", "{input}\n\nTake these numbers together.")
    assert isinstance(first, Task)
    assert (first.id, first.parents, first.instruction, first.instances) == (
        "t.1-1",
        ("t",),
        TASK.instruction,
        TASK.instances,
    )
    assert [(task.id, task.instruction) for task in others if isinstance(task, Task)] == [
        ("t.1-2", "What is the sum of 3 and 4? One word."),
        ("t.1-3", "3 and 4\n\nTake these numbers together. One word."),
    ]
    assert {task.instances for task in others if isinstance(task, Task)} == {(Instance("", "seven"),)}


@pytest.mark.parametrize(
    ("answer", "instruction"),
    [
        ("In other words: Sum up {INPUT}.", "Sum up 3 and 4. One word."),
        ('**New wording:** "Sum up {INPUT}."', "Sum up 3 and 4. One word."),
        ("Sum up {INPUT}.\n\nTask: Name a river.", "Sum up 3 and 4. One word."),
        ("Sum up [INPUT].\nAnswer: 7", "Sum up 3 and 4. One word."),
        ("Sum these up: {{INPUT}}", "Sum these up: 3 and 4\nOne word."),
        ("<think>Sum.</think>Sum up <INPUT>.", "Sum up 3 and 4. One word."),
        ("换种说法：把{输入}加起来。", "把3 and 4加起来。One word."),
    ],
)
def test_as_teachers_put_it(answer: str, instruction: str) -> None:
    _, made = reworded(answer)
    assert isinstance(made, Task)
    assert made.instruction == instruction


@pytest.mark.parametrize(
    ("answer", "category", "detail"),
    [
        ("Sum them up.", "the place of the input", "missing"),
        ("Sum up {INPUT} and {INPUT}.", "the place of the input", "2 times"),
        ("Add the numbers: {INPUT}", "not another wording", None),
        ("{INPUT}", "no wording in the answer", None),
        ("I'm sorry, but I can't help with that.", "refusal", None),
        ("Here is a recipe: {INPUT} Which of its ingredients could one do without?", "copied from the prompt", None),
    ],
)
def test_what_is_no_other_wording(answer: str, category: str, detail: str | None) -> None:
    task, lost = reworded(answer)
    assert task == Task(**{**_fields(TASK), "requests": task.requests}) if isinstance(task, Task) else False
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.what) == (category, "instance"), "the task lives on"
    assert detail is None or lost.detail == detail


def _fields(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in Task.__slots__}


def test_without_the_original_and_without_an_input() -> None:
    task = Task("t", "Name a river.", (Instance("", "Ob"),))
    assert str(draft_of(Step(Paraphrase()), (task,), Random(0)).request.prompt).endswith(
        "Task: Name a river.\nIn other words:"
    )
    (made,) = reworded("Which river do you know?", task=task, original=False)
    assert isinstance(made, Task)
    assert (made.instruction, made.id) == ("Which river do you know?", "t.1")
    lost = reworded("Which river is {INPUT}?", task=task, original=False)
    assert all(isinstance(one, Rejected) for one in lost)
    assert "task" in {one.what for one in lost if isinstance(one, Rejected)}, "nothing is left of it"


def test_the_same_twice_is_one() -> None:
    kept = [item for item in reworded("Sum up {INPUT}.", "Sum up {INPUT}!") if isinstance(item, Task)]
    assert len(kept) == 2


def test_an_input_of_lines_stands_on_lines_of_its_own() -> None:
    task = Task("t", "Add.", (Instance("3\n4", "7"),))
    found = reworded("Sum {INPUT} up.", "Now: {INPUT}", "{INPUT}\n\nSum?", task=task)
    made = [item.instruction for item in found[1:]]
    assert made == ["Sum \n3\n4\n up.", "Now: \n3\n4", "3\n4\n\nSum?"]


def test_options() -> None:
    with pytest.raises(UsageError, match="samples is 0; it is how many wordings to ask for, at least 1"):
        recipe_from({"steps": [{"each": "paraphrase", "samples": 0}]})
    with pytest.raises(UsageError, match="unnatural has no option 'many'"):
        recipe_from({"steps": [{"grow": "unnatural", "many": 2}]})


@given(st.text() | st.lists(st.sampled_from([*"ab\n :{}", "{INPUT}", "[INPUT]", "Task:", "换种说法："])).map("".join))
def test_the_input_is_never_lost(text: str) -> None:
    for item in reworded(text):
        if isinstance(item, Task):
            assert "3 and 4" in f"{item.instruction}\n{first_input(item)}"
            assert item.instruction.endswith("One word.")
            assert item.instances[0].output == "seven"


# The built-in teacher


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("recipe", ["unnatural", "self_instruct_classification"])
def test_a_run(recipe: str, language: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(
        main, ["run", recipe, "--num", "40", "--out", str(tmp_path / "a"), "--language", language, "--quiet"]
    )
    assert told.exit_code == 0, told.output
    tasks = Run(tmp_path / "a").tasks
    assert len(tasks) == 40
    for task in tasks:
        if recipe == "self_instruct_classification":
            known = LANGUAGES[language].recognise(task.instruction)
            assert known
            assert known.family.classification
            assert task.is_classification is True
            assert all(known.accepts(one.input, one.output) for one in task.instances)
        elif task.instances[0].input:
            whole = understand(Shown(task.instruction, task.instances[0].input))
            assert whole
            assert whole.accepts(task.instances[0].output)
    if recipe == "unnatural":
        assert sum(bool(task.extra.get("constraints")) for task in tasks) > 8
        assert sum(not task.instances[0].input for task in tasks) > 12, "other wordings have it inside"


def test_structured_is_the_same(tmp_path: Path) -> None:
    """A server that holds answers to a schema gives the same tasks."""
    step = {"grow": "unnatural", "show": {"seeds": 3}, "structured": True}
    (tmp_path / "mine.yaml").write_text(json.dumps({"seeds": "unnatural_seeds.jsonl", "steps": [step]}))
    told = CliRunner().invoke(main, ["run", str(tmp_path / "mine.yaml"), "--num", "12", "--out", str(tmp_path / "a")])
    assert told.exit_code == 0, told.output
    assert len(Run(tmp_path / "a").tasks) == 12


# What SmolLM2-135M-Instruct wrote (recorded by llama.cpp): too small for this, and nothing of it becomes data


def test_what_a_model_of_135_million_weights_writes() -> None:
    lines = (Path(__file__).parent / "replies" / "unnatural" / "smollm2.jsonl").read_text(encoding="utf-8").splitlines()
    made, lost = dict[str, int](), dict[str, int]()
    for row in map(json.loads, lines):
        seeds = {seed.id: seed for seed in SEEDS[row["language"]]}
        shown = tuple(seeds[id] for id in row["shown"])
        response = Response(row["answer"], row["finish"])
        if row["stage"] == "unnatural":
            found = list(Unnatural(language=row["language"]).parse(shown, response))
        else:
            found = list(Paraphrase(language=row["language"], original=False).parse(shown, response))
        for one in found:
            into, key = (made, row["stage"]) if isinstance(one, Task) else (lost, one.category)
            into[key] = into.get(key, 0) + 1
    assert made == {"unnatural": 2}, "those with all three fields"
    assert sum(made.values()) + sum(lost.values()) >= len(lines), "each is a task or says why not"
    assert set(lost) <= {
        "not the three fields of a task",
        "the place of the input",
        "truncated",
        "an answer that nobody asked for",
    }
