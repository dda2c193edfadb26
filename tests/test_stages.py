"""The stages: their prompts, and what their parsers make of teachers' answers, good, ugly and random.

The answers lie in tests/replies/STAGE/NAME.txt; NAME.json beside each says what should come of it: the tasks kept and
what is rejected, with the category and detail of the reason, and its text (left out where it is the whole answer).
tests/replies/classify/ has a folder for each outcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from selfinstruct.filters import FILTERS, Filter, verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.running.drafts import Draft, reworked
from selfinstruct.running.recipe import Step
from selfinstruct.stages import STAGES, Alpaca, Classify, Instances, Propose, Stage
from selfinstruct.stages.reading.lists import list_items
from selfinstruct.stages.reading.prose import states
from selfinstruct.task import Instance, Reason, Rejected, Task
from selfinstruct.teacher import Request, Response

REPLIES = Path(__file__).parent / "replies"
SHOWN = tuple(Task(f"seed_{n}", f"Shown task number {n}.", (Instance("", f"Answer {n}."),)) for n in range(8))
WORK = Task("t1", "Do as the examples do.")
LABELLED = Task("t2", "Say which label fits.", is_classification=True)

ASKED: dict[str, tuple[Stage, tuple[Task, ...]]] = {
    "propose": (Propose(), SHOWN),
    "input_first": (Instances(), (WORK,)),
    "output_first": (Instances(), (LABELLED,)),
    "alpaca": (Alpaca(), SHOWN[:3]),
    "classify": (Classify(), (WORK,)),
}
"""By the folders of replies: the stage, and the tasks that its prompt was made from."""

PROPOSED = [FILTERS[name]() for name in ("length", "keywords", "program", "punctuation")]
MORE = ("video", "audio", "music", "flowchart", "diagram")
DROP: dict[str, list[Filter]] = {"propose": PROPOSED, "alpaca": [FILTERS["keywords"](MORE), FILTERS["output"]()]}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def parsed(kind: str, text: str, finish_reason: str = "stop") -> list[Task | Rejected]:
    stage, tasks = ASKED[kind]
    return list(stage.parse(tasks, Response(text, finish_reason)))


def kept_of(kind: str, task: Task) -> Any:
    instances = [{"input": instance.input, "output": instance.output} for instance in task.instances]
    match kind:
        case "propose":
            return [task.instruction]
        case "alpaca":
            return [{"instruction": task.instruction} | instances[0]]
    return instances


def said(reason: Reason) -> dict[str, str]:
    """The reason as the expectations have it: a detail only where there is one."""
    return {"category": reason.category} | ({"detail": reason.detail} if reason.detail else {})


# Golden replies


@pytest.mark.parametrize("path", sorted(REPLIES.glob("*/*.txt")), ids=name_of)
def test_reply(path: Path) -> None:
    kind, name, text = path.parent.name, path.stem, path.read_bytes().decode()
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    drop = DROP.get(kind, []) + ([FILTERS["ascii"]()] if kind == "propose" and not name.startswith("zh_") else [])
    kept, rejected = [], []
    for found in parsed(kind, text, wanted.get("finish_reason", "stop")):
        if isinstance(found, Rejected):
            whole = found.text == text
            rejected.append(said(found.reason) | ({} if whole else {"text": found.text}))
        elif reason := verdict(found, drop, Pool()):
            rejected.append(said(reason) | {"text": found.instruction})
        else:
            kept += kept_of(kind, found)
    assert kept == wanted["kept"]
    assert rejected == wanted["rejected"]


@pytest.mark.parametrize(
    "path", sorted(REPLIES.glob("classify/*/*.txt")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_reply_to_classify(path: Path) -> None:
    *remarks, task = parsed("classify", path.read_bytes().decode())
    if path.parent.name == "refused":
        assert isinstance(task, Rejected)
        assert (task.category, remarks) == ("refusal", [])
        return
    verdict = {"yes": True, "no": False, "unreadable": None}[path.parent.name]
    assert task == Task("t1", WORK.instruction, is_classification=verdict)
    assert [getattr(remark, "what", "") for remark in remarks] == ["remark"] * (verdict is None)


@pytest.mark.parametrize("text", ["", " \n", "<think>Is it one? The labels are", "<think>\nno labels\n</think>\n"])
def test_no_answer_to_classify_is_no_no(text: str) -> None:
    assert [item.category for item in parsed("classify", text) if isinstance(item, Rejected)] == ["no answer"]


def test_every_reply_has_an_outcome() -> None:
    texts = {path.with_suffix("") for path in REPLIES.glob("*/*.txt")}
    outcomes = {path.with_suffix("") for path in REPLIES.glob("*/*.json")}
    assert texts == outcomes
    assert {path.parent.name for path in texts} == set(ASKED) - {"classify"}


# Prompts


def text_of(kind: str, tasks: Sequence[Task]) -> str:
    prompt = ASKED[kind][0].prompt(tuple(tasks), Random(0))
    assert isinstance(prompt, str)
    return prompt


def test_propose_prompt_is_a_list_to_continue() -> None:
    tasks = [Task("a", "  Sort the\n words\tbelow:  "), Task("b", "Use {braces} and {instruction}."), *SHOWN[:6]]
    lines = text_of("propose", tasks).splitlines()
    assert lines[2:5] == ["1. Sort the words below", "2. Use {braces} and {instruction}.", "3. Shown task number 0."]
    assert [line.split(".")[0] for line in lines[2:]] == [str(n) for n in range(1, 10)]
    assert text_of("propose", tasks).endswith("\n9.")


def test_propose_prompt_counts_what_is_shown() -> None:
    assert text_of("propose", SHOWN[:2]).endswith("\n3.")


def test_propose_prompt_names_classification_only_in_that_variant() -> None:
    plain, variant = (Propose(classification=c).prompt(SHOWN, Random(0)) for c in (False, True))
    assert isinstance(variant, str)
    assert "classification" in variant
    assert "classification" not in plain


def test_alpaca_prompt_shows_whole_tasks() -> None:
    tasks = [
        Task("a", "Add the\n numbers:", (Instance("2 {x}", "4"), Instance("3", "6"))),
        Task("b", "Why is {y} blue?", (Instance("", "Because of the air.\n###"),)),
        Task("c", "A task without an instance."),
    ]
    head, _, list_ = text_of("alpaca", tasks).partition("\n\n1. ")
    assert head.startswith("Write 20")
    assert "1. " + list_ == (
        "1. Instruction: Add the numbers\n1. Input: 2 {x}\n1. Output: 4\n###\n"
        "2. Instruction: Why is {y} blue?\n2. Input: <noinput>\n2. Output: Because of the air.\n###\n###\n"
        "3. Instruction: A task without an instance.\n3. Input: <noinput>\n3. Output: \n###\n"
        "4. Instruction:"
    )


def test_alpaca_reads_its_own_prompt_back() -> None:
    """The examples in the prompt are in the form that the parser expects."""
    text = text_of("alpaca", SHOWN[:3])
    text = text[text.index("1. Instruction:") : -len("\n###\n4. Instruction:")]
    found = list(Alpaca().parse(SHOWN[3:6], Response(text, "stop")))
    assert [(task.instruction, task.instances) for task in found if isinstance(task, Task)] == [
        (task.instruction, task.instances) for task in SHOWN[:3]
    ]


def test_classify_prompt_has_as_many_examples_as_published() -> None:
    text = text_of("classify", [Task("a", "Say {what}\nit is.")])
    assert len(re.findall(r"^Classification: Yes$", text, re.MULTILINE)) == 12
    assert len(re.findall(r"^Classification: No$", text, re.MULTILINE)) == 19
    assert text.endswith("\nTask: Say {what} it is.\nClassification:")


@pytest.mark.parametrize("kind", ["input_first", "output_first"])
def test_instances_prompt_ends_with_the_task(kind: str) -> None:
    label = kind == "output_first"
    text = text_of(kind, [Task("a", "Give {a}\n and {instruction}.", is_classification=label)])
    assert text.endswith("\n\nTask: Give {a} and {instruction}.")
    assert ("Class label:" in text) is label
    assert ("Example 1\n" in text) is not label


def test_instances_prompt_is_input_first_until_somebody_classified_the_task() -> None:
    assert text_of("input_first", [WORK]).count("Output:") > 3
    assert WORK.is_classification is None


@pytest.mark.parametrize(("kind", "tasks"), [("input_first", WORK), ("output_first", LABELLED)])
def test_instances_reads_the_examples_of_its_own_prompt(kind: str, tasks: Task) -> None:
    """Asked with another prompt: with its own they are copies of it."""
    other = Instances(input_first="Task: {instruction}", output_first="Task: {instruction}")
    for block in text_of(kind, [tasks]).split("\n\nTask: ")[1:-1]:
        answer = Response(block.partition("\n")[2])
        (task,) = other.parse((tasks,), answer)
        copies = [item for item in Instances().parse((tasks,), answer) if isinstance(item, Rejected)]
        least = 0 if tasks.is_classification else len(task.instances) if isinstance(task, Task) else 0
        assert sum(item.category == "copied from the prompt" for item in copies) >= least
        assert isinstance(task, Task)
        assert len(task.instances) == max(1, len(re.findall(r"^(?:Example|Class label)", block, re.MULTILINE)))


# Published behaviour


def test_most_instances_is_an_option() -> None:
    text = "Class label: a\n1\nClass label: b\n2\nClass label: c\n3"
    *rejected, task = Instances(most=1).parse((LABELLED,), Response(text))
    assert isinstance(task, Task)
    assert task.instances == (Instance("1", "a"),)
    assert [found.reason for found in rejected if isinstance(found, Rejected)] == [Reason("too many instances")] * 2


def test_a_task_keeps_all_but_its_instances() -> None:
    task = Task("t9", "Say it.", parents=("a", "b"), origin="propose", extra={"mark": 1}, is_classification=False)
    (found,) = Instances().parse((task,), Response("Output: it"))
    assert found == Task("t9", "Say it.", (Instance("", "it"),), (), False, "propose", ("a", "b"), extra={"mark": 1})


@pytest.mark.parametrize("kind", ["input_first", "output_first"])
def test_what_is_rejected_names_its_task(kind: str) -> None:
    """The run says whose it is, so that no stage has to."""
    stage, (task,) = ASKED[kind]
    draft = Draft((task,), Request("What?", "m"))
    for path in sorted((REPLIES / kind).glob("*.txt")):
        for found in reworked(Step(stage), draft, Response(path.read_bytes().decode())):
            assert (found.task if isinstance(found, Rejected) else found.id) == task.id
            assert found.origin == ("instances" if isinstance(found, Rejected) else task.origin)


# Any text

FRAGMENTS = (
    *("\n", "\n\n", "\r\n", "\n9. ", "\n10. ", "\n11 . ", "\n12) ", "\n- ", "\n* ", "\n   1. ", "\n**13.** ", "\n### "),
    *("**", "```", "\n```\n", "```python\n", "\n---\n", "\n###\n", "<think>", "</think>", ": ", " 3.5 ", "Sure! "),
    *("\nExample 1\n", "\nExample\n", "Example 2", "\n**Example 3**\n", "\nInput: ", "\nOutput: ", "**Output:** "),
    *("\nClass label: ", "\n**Class label:** ", "\n4. Instruction: ", "\n4. Input: ", "\n4. Output: "),
    *("\nInstruction: ", "\n**5. Instruction:** ", "<noinput>", "Here are the tasks:\n", "\nLet me know if tasks "),
    *("I'm sorry, but I ", " Yes", " no", "\n\nTask 6: ", "é", "日本", "\x00", "\u2028", "’", "’"),
)
words = st.integers(0, 9999).map("q{:04}".format)
"""Words that are no part of any label, so that each can be looked for in what came out."""
ugly = st.lists(st.sampled_from(FRAGMENTS) | words, max_size=40).map(" ".join)
answers = ugly | st.text() | st.lists(st.sampled_from(FRAGMENTS)).map("".join)
finishes = st.sampled_from(["stop", "length"])


def texts(found: Sequence[Task | Rejected]) -> str:
    parts = []
    for one in found:
        if isinstance(one, Rejected):
            parts.append(one.text)
        else:
            parts += [
                one.instruction,
                *(part for instance in one.instances for part in (instance.input, instance.output)),
            ]
    return "\n".join(parts)


@pytest.mark.parametrize("kind", ASKED)
@given(text=answers, finish=finishes)
def test_any_answer_is_read(kind: str, text: str, finish: str) -> None:
    found = parsed(kind, text, finish)
    assert found, "every answer ends as a task or as something rejected"
    for one in found:
        if isinstance(one, Rejected):
            assert one.category
            assert one.what in ("task", "answer", "instance", "remark")
        else:
            assert one.instruction or kind == "alpaca"
            assert one.instruction == one.instruction.strip()


@given(text=answers)
def test_proposed_instructions_are_one_line_without_an_id(text: str) -> None:
    for task in parsed("propose", text):
        if isinstance(task, Task):
            assert task == Task("", " ".join(task.instruction.split()))
            assert task.instruction


@pytest.mark.parametrize("kind", ["input_first", "output_first"])
@given(text=answers, finish=finishes)
def test_instances_are_sound(kind: str, text: str, finish: str) -> None:
    tasks = [one for one in parsed(kind, text, finish) if isinstance(one, Task)]
    assert len(tasks) <= 1
    for instance in (instance for task in tasks for instance in task.instances):
        assert instance.output
        assert instance.output != instance.input
        assert not instance.output.endswith(":")
        assert instance.input == instance.input.strip()
        assert instance.output == instance.output.strip()


@pytest.mark.parametrize("kind", ["propose", "input_first", "output_first", "alpaca"])
@given(text=ugly.filter(lambda text: "think>" not in text), finish=finishes)
def test_no_word_of_an_answer_is_lost(kind: str, text: str, finish: str) -> None:
    came_out = texts(parsed(kind, text, finish)).casefold()
    for word in re.findall(r"q\d{4}", text):
        assert word in came_out


@given(text=answers)
def test_a_cut_list_is_thrown_away_whole(text: str) -> None:
    assert parsed("propose", text, "length") == [Rejected(text, "truncated", what="answer")]


@pytest.mark.parametrize("kind", ["input_first", "output_first"])
@given(text=answers)
def test_a_cut_answer_has_one_instance_less(kind: str, text: str) -> None:
    cut = [one for one in parsed(kind, text, "length") if isinstance(one, Rejected) and one.category == "truncated"]
    none = any(isinstance(one, Rejected) and one.category == "no instance in the answer" for one in parsed(kind, text))
    assert len(cut) == (0 if none else 1)


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize(
    "piece", [" ", "\n", "-", "*", "#", "`", "1", "---\n", "**a**\n", "9. ", "\n9. \n", "Input:\n"]
)
def test_a_long_monotonous_answer_is_read(kind: str, piece: str) -> None:
    """Models do fall into loops. One pattern that backtracked over line breaks took 12 s, of the processor's; now it is
    0.1 s at most.
    """
    began = process_time()
    for end in ("", "x"):
        assert parsed(kind, "Well\n" + piece * (20_000 // len(piece)) + end)
    assert process_time() - began < 2


# Lists of plain instructions

plain_words = st.text(st.characters(categories=["Ll", "Lu", "Lo"]), min_size=1, max_size=8).filter(
    lambda word: word.casefold() not in ("sure", "okay", "ok", "great", "task", "instruction", "sorry", "here", "below")
)
instructions = (
    st.lists(
        plain_words | st.sampled_from(["3.5", "2", "(a)", "Example 2", "Output:", "10", "x:"]), min_size=2, max_size=9
    )
    .map(" ".join)
    .filter(lambda text: text[0].isalpha() and text[:1].upper() == text[:1])
)
STYLES = {
    "base": lambda number, text: f"{number}. {text}",
    "spaced": lambda number, text: f"{number} . {text}",
    "parenthesis": lambda number, text: f"{number}) {text}",
    "bold number": lambda number, text: f"**{number}.** {text}",
    "bold item": lambda number, text: f"**{number}. {text}**",
    "heading": lambda number, text: f"### {number}. {text}",
    "bullet": lambda number, text: f"- {text}",
}


@pytest.mark.parametrize("style", STYLES)
@given(
    wanted=st.lists(instructions, min_size=2, max_size=8),
    first=st.sampled_from([1, 9]),
    between=st.sampled_from(["\n", "\n\n"]),
)
@example(wanted=["Repeat Example 2 of the list", "Say Output: to 3.5 people"], first=9, between="\n")
def test_a_list_is_read_as_it_was_written(style: str, wanted: list[str], first: int, between: str) -> None:
    assume(not any(map(states, wanted)))  # a list of statements is somebody's answer: test_propose_answers.py
    text = between.join(STYLES[style](number, text) for number, text in enumerate(wanted, first))
    assert [task.instruction for task in parsed("propose", text) if isinstance(task, Task)] == wanted


@given(wanted=st.lists(instructions, min_size=1, max_size=8))
def test_a_continued_list_is_read_as_it_was_written(wanted: list[str]) -> None:
    text = " " + "\n".join([wanted[0], *(f"{number}. {text}" for number, text in enumerate(wanted[1:], 10))])
    found = parsed("propose", text)
    assert [one.instruction if isinstance(one, Task) else one.text.strip() for one in found] == wanted


@given(text=answers)
def test_reading_a_list_again_changes_nothing(text: str) -> None:
    once = [" ".join(item.split()) for item in list_items(text, 9)[0] if item.strip()]
    again, remarks = list_items("\n".join(f"9. {item}" for item in once), 9)
    assert [item.strip() for item in again if item.strip()] == once
    assert not remarks


def test_stages_are_listed_by_the_names_of_recipes() -> None:
    assert {"alpaca", "chat", "classify", "evolve", "instances", "judge", "propose", "respond"} <= set(STAGES)
