"""Rewritten tasks as real models write them: none keeps its answer, and none loses a label of its own."""

from __future__ import annotations

import json
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages import Evolve
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.stages.reading.rewritten import read_task
from selfinstruct.stages.reading.task_labels import label_of
from selfinstruct.stages.rewriting.evolve import operators
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Response
from selfinstruct.text.nothing import no_input

PARENT = "Describe a bridge."
NEW = "Describe a stone bridge in Wales."
GIVEN = Task("a", PARENT, evolved=Evolved("deepen", 1, PARENT, ""))
SUM = Task("b", "Sum the numbers.", (Instance("3, 4", "7"),), evolved=Evolved("deepen", 1, "Sum the numbers.", "3, 4"))


def read(text: str, stage: Evolve | None = None, task: Task = GIVEN) -> list[Task | Rejected]:
    return list((stage or Evolve()).parse((task,), Response(text)))


def kept(text: str, stage: Evolve | None = None, task: Task = GIVEN) -> tuple[str, str]:
    """The new task and its input; all else is remarks."""
    items = read(text, stage, task)
    (new,) = (item for item in items if isinstance(item, Task))
    assert all(item.what == "remark" for item in items if isinstance(item, Rejected))
    return new.instruction, new.instances[0].input if new.instances else ""


ANSWERED = [
    f"Instruction: {NEW}\nOutput: Grey arches.",
    f"Instruction: {NEW}\nInput: None\nOutput: Grey arches.",
    f"INSTRUCTION: {NEW}\nINPUT: N/A\nOUTPUT: Grey arches.",
    f"## Instruction\n{NEW}\n\n## Input\n(none)\n\n## Output\nGrey arches.",
    f"{NEW}\n\n### Response:\nGrey arches.",
    f"{NEW}\nAnswer: Grey arches.",
    f"{NEW}\n\n**Solution:**\nGrey arches.",
    f"{NEW}\n\nA: Grey arches.",
    f"{NEW} Output: Grey arches.",
    f"{NEW}\n答案：灰色的桥拱。",
    f"指令：{NEW}\n输入：无\n输出：灰色的桥拱。",
    f"Task: {NEW}\n\nExpected Output: Grey arches.",
    f"{NEW}\n\n---\n\nGrey arches.",
    f"{NEW}\n\n<answer>\nGrey arches.\n</answer>",
    f"<instruction>{NEW}</instruction>\n<input>None</input>\n<output>Grey arches.</output>",
    f"Q: {NEW}\nA: Grey arches.",
    f"User: {NEW}\n\nAssistant: Grey arches.",
    f"{NEW}\n\n[Answer]: Grey arches.",
    f"{NEW} (Answer: Grey arches.)",
    f"Instruction: {NEW} Input: None Output: Grey arches.",
    f"{NEW}\n\nAnswer - Grey arches.",
    f"{NEW}\n\nAnswer to the new task:\nGrey arches.",
    f"{NEW}\n\n**Answer (example):**\nGrey arches.",
    f"{NEW}\n\n\u2705 **Answer:** Grey arches.",
    f"{NEW}\n\nResult: Grey arches.",
    f"{NEW}\n\nDesired output: [Grey arches., 2]",
    f"{NEW}\n\n```\nOutput: Grey arches.\n```",
    f"{NEW}\n\nAnswer: Question: Which?\nTask: Grey arches.\nStep 1: Look.",
    f"【指令】{NEW}\n【输入】无\n【输出】灰色的桥拱。",
    f"{NEW}\n\n答案如下：\n灰色的桥拱。",
    f"{NEW}\n\n【参考答案】\n灰色的桥拱。",
    f"用户：{NEW}\n助手：灰色的桥拱。",
]
REMARKED = [
    f"{NEW}\n\n---\n**Changes made:**\n- Added stone",
    f"{NEW}\n\nExplanation: stone is harder.",
    f"{NEW}\n\nNote: I added a country.",
    f"{NEW}\n\n(Note: The new task asks for more.)",
    f"{NEW}\n\nThis version is harder because of the country.",
    f"{NEW}\n\nI hope this helps!",
    f"{NEW}\n\n**Rationale**\nA bridge of stone is rarer.",
    f"Sure! Here is a harder task:\n\n{NEW}\n\nLet me know if you want another one.",
    f"Here's the rewritten task: {NEW}",
    f"修改后的任务：{NEW}\n\n修改说明：增加了地点。",
]
REPEATED = [
    f"[Given task]\nInstruction: {PARENT}\n\n[New task]\nInstruction: {NEW}",
    f"[Given task] {PARENT} [New task] {NEW}",
    f"Original: {PARENT}\nRewritten: {NEW}",
    f"Original: {PARENT} Rewritten: {NEW}",
    f"**Original Task:** {PARENT}\n\n**Rewritten Task:** {NEW}\n\n**Explanation:** more",
    f"Instruction: {PARENT}\nOutput: Grey.\n\nInstruction: {NEW}\nOutput: Grey arches.",
    f"{PARENT}\n-->\n{NEW}",
    f"Step 1: Ways: stone.\nStep 2: Plan: Wales.\nStep 3: Describe a stone bridge.\nStep 4: {NEW}",
    f"Step 3:\n#Rewritten Instruction#: Describe one.\n\nStep 4:\n#Finally Rewritten Instruction#: {NEW}",
    f"1. Ways: stone.\n2. Choose: Wales.\n3. Rewritten task: {NEW}\n4. Check: It makes sense.",
]
WRAPPED = [
    f'"{NEW}"',
    f"“{NEW}”",
    f"```\nInstruction: {NEW}\n```\nThis version adds a country.",
    f"Rewritten task:\n\n> {NEW}",
    json.dumps({"instruction": NEW, "input": ""}),
    f"```json\n{json.dumps({'instruction': NEW, 'input': 'None', 'output': 'Grey arches.'})}\n```",
    json.dumps({"new_task": NEW}),
    json.dumps({"new_task": {"instruction": NEW}}),
]


@pytest.mark.parametrize("text", [*ANSWERED, *REMARKED, *REPEATED, *WRAPPED])
def test_the_new_task_alone_is_kept(text: str) -> None:
    assert kept(text) == (NEW, "")


@pytest.mark.parametrize("text", ANSWERED)
def test_its_answer_is_a_remark(text: str) -> None:
    remarks = [item.text for item in read(text) if isinstance(item, Rejected)]
    assert any("Grey arches." in remark or "灰色的桥拱" in remark for remark in remarks)


@pytest.mark.parametrize(
    "text",
    [
        "Write a talk in this form:\nQuestion: who?\nAnswer: me",
        "Reply in this format:\nAnswer: <city>\nExplanation: <why>",
        "Write a function that squares.\n\nExample:\nInput: 3\nOutput: 9",
        "Use this template:\n\nQuestion: [yours]\n\nAnswer: [yours]",
        "Write a poem.\n\nNote: Use no more than ten lines.",
        "Mend the code:\n```python\nprint(1)\nOutput: 3\n```",
        "Describe a bridge.\n\nGive reasons in two sentences.",
        "Follow the recipe.\nStep 1: mix.\nStep 2: bake.",
        "Shorten the text below.\n\n---\nThe bridge is old.\n---",
        "Rewrite the notes.\n\n---\nRules:\n- Be brief.",
        "Write a caption for the given prompt.\n\nPrompt: An old bridge.",
        "Judge whether the answer is right.\n\nQuestion: How old?\nAnswer: Ten.",
        "Go on with the talk.\n\nA: Is it old?\nB: It is.\nA: How old?",
        "Say what the guest wants.\n\nGuest: Hello.\nAI: Welcome.\nGuest: A room, please.",
        'Find the longest word in each text.\n\n["the old stone bridge", "a very old bridge"]',
        "Solve it.\n\nExample 1:\nIn: 3\nOut: 9\nExplanation: It is squared.\n\nBe brief.",
    ],
)
def test_labels_of_the_tasks_own_stay(text: str) -> None:
    assert kept(text) == (text, "")


def test_a_label_that_the_given_task_has_is_the_tasks_own() -> None:
    text = "Judge the reply.\nQuestion: How old?\nAnswer: Ten."
    task = Task("a", text, evolved=Evolved("deepen", 1, text, ""))
    assert kept(f"{text}\nBe strict.", task=task) == (f"{text}\nBe strict.", "")
    assert kept(f"{text}\nOutput: It is good.", task=task) == (text, "")


@pytest.mark.parametrize(
    "none", ["None", "N/A", "n/a", "No input", "(none)", "无", "No input needed.", "<noinput>", "-"]
)
def test_a_task_may_say_that_it_has_no_input(none: str) -> None:
    assert no_input(none)
    assert kept(f"Instruction: Sum 3 and 4.\nInput: {none}", task=SUM) == ("Sum 3 and 4.", "")


@pytest.mark.parametrize("announced", ["For example:", "Here is a sample list of them:", "Find an example in this:"])
def test_an_example_that_is_announced_is_no_cover_for_the_forms_own_answer(announced: str) -> None:
    said = f"Write a function that doubles. {announced}"
    assert kept(f"Instruction: {said}\nInput: 3\nOutput: 6") == (said, "3")
    given = f"{said}\nInput: 3\nOutput: 6"
    assert kept(f"Instruction: {given}\nInput: 4\nOutput: 8")[0].startswith(given)
    assert kept(given) == (given, ""), "without our form's labels it is an example"


def test_an_input_of_its_own_is_kept_without_the_answer() -> None:
    assert kept("Instruction: Sum them.\nInput: 5, 6\nOutput: 11", task=SUM) == ("Sum them.", "5, 6")
    assert kept("Sum the squares.\nOutput: 25", task=SUM) == ("Sum the squares.", "3, 4")


@pytest.mark.parametrize(
    "given",
    ["[1, 2]", "Question: How old is it?", "Question: How old?\nAnswer: Ten.", "Problem: Sum 3, 4.", "```\na = 1\n```"],
)
def test_the_forms_own_label_ends_the_task(given: str) -> None:
    for wanted in ("<!DOCTYPE html>", "[1, 2, 3]", "print(7)", "..."):
        said = f"Instruction: {NEW}\nInput: {given}\nOutput: {wanted}"
        assert kept(said) == (NEW, given)
        assert kept(f"Instruction: {NEW}\nOutput: {wanted}") == (NEW, "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_prompts_own_text_is_no_task(language: str) -> None:
    stage = Evolve(language=language)
    rules = [line for line in prompt_text("evolve_depth", language).split("\n") if line.startswith("- ")]
    for text in [*rules, operators()["deepen"][language]]:
        (item,) = read(text, stage)
        assert isinstance(item, Rejected)
        assert (item.category, item.what) == ("copied from the prompt", "answer")
    assert kept(PARENT, stage) == (PARENT, ""), "whether it is equal the judge says"


def test_nothing_but_an_answer_or_a_refusal_is_no_task() -> None:
    for text in (
        "[]",
        "Output: Grey arches.",
        "Instruction: [your new task]",
        "I'm sorry, but I cannot assist with that.",
    ):
        (item,) = read(text)
        assert isinstance(item, Rejected)
        assert item.what == "answer"


def test_structured() -> None:
    stage = Evolve(structured=True)
    schema = stage.schema((GIVEN,))
    assert schema
    assert schema["required"] == ["instruction", "input"]
    assert Evolve().schema((GIVEN,)) is None
    prompt = str(stage.prompt((GIVEN,), Random(0)))
    assert prompt.endswith(str(Evolve().prompt((GIVEN,), Random(0))))
    assert '{"instruction"' in prompt
    assert kept(json.dumps({"instruction": NEW, "input": "a map"}), stage) == (NEW, "a map")
    assert kept(f"Instruction: {NEW}\nOutput: Grey.", stage) == (NEW, ""), "a server that knows no schemas"
    for wrong in ({"instruction": NEW}, {"instruction": NEW, "input": "", "output": "Grey."}):
        (item,) = read(json.dumps(wrong), stage)
        assert isinstance(item, Rejected)
        assert item.category == "not in the form asked for"


LINES = st.sampled_from(
    [
        "Instruction: a",
        "Input: b",
        "Output: c",
        "[New task]",
        "Original: d",
        "---",
        "```",
        "",
        "Step 1: e",
        "words",
        "无",
    ]
)


@given(st.lists(LINES, max_size=12).map("\n".join), st.sampled_from(["", PARENT, "Output: f"]))
def test_what_is_read_stands_in_the_answer(text: str, parent: str) -> None:
    new = read_task(text, parent)
    assert all(line.strip() in text for line in new.instruction.split("\n"))
    assert "Output" not in new.instruction or "Output" in parent or "```" in text


@given(st.text(max_size=60))
def test_any_line_has_a_label_or_none(line: str) -> None:
    label = label_of(line)
    assert label is None or label.rest in line or label.rest.strip("*_#`") in line


@pytest.mark.parametrize(
    "unit",
    [
        "Question: a\n",
        "Result: a\n\n",
        "---\nx\n",
        "Example:\nInput: 1\n",
        "<answer>\n",
        "_",
        "*",
        " ",
        "Output: a\n",
        "[New task]",
        "Note: added\n",
        "```\n",
        '"',
        "Step 1: ",
    ],
)
def test_long_answers_are_read_at_once(unit: str) -> None:
    start = process_time()
    read(f"Instruction:{unit * (20_000 // len(unit))}x")
    assert process_time() - start < 3
