"""Prompts with their completions, in the published kind of layouts."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.rows.formats.completions import WITH_INPUT, WITHOUT_INPUT
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.task import Instance, Message, Task

AWKWARD = 'a "quoted", {brace} {0} {} \r\n \u2028 \x85 %s\t\\n'

texts = st.text(st.characters(exclude_categories=[]), max_size=20)
instances = st.lists(st.builds(Instance, texts, texts), max_size=3)
tasks = st.builds(Task, id=texts, instruction=texts.filter(str.strip), instances=instances.map(tuple))


def rows(form: str, *given: Task) -> list[dict[str, Any]]:
    return list(rows_of(given, form))


def completions(given: str, count: int = 2000) -> list[tuple[str, str]]:
    many = [Task(f"a-{n}", "Do it.", (Instance(given, "done"),)) for n in range(count)]
    return [(row["prompt"], row["completion"]) for row in rows("completion", *many)]


@pytest.mark.parametrize(("given", "layouts"), [("x", WITH_INPUT), ("", WITHOUT_INPUT)])
def test_completion_uses_every_layout_about_as_often(given: str, layouts: tuple[tuple[str, str], ...]) -> None:
    assert len(layouts) == (7 if given else 6)
    seen = Counter(completions(given))
    parts = {"instruction": "Do it.", "input": given, "output": "done"}
    assert set(seen) == {(prompt.format(**parts), answer.format(**parts)) for prompt, answer in layouts}
    assert min(seen.values()) > 200
    assert completions(given) == completions(given), "drawn by the id"


@pytest.mark.parametrize("given", ["Sentence: It rains.", "Number of guests:\nIt rains.", "句子：It rains."])
def test_the_name_of_a_single_field_goes_half_of_the_time(given: str) -> None:
    prompts = [prompt for prompt, _ in completions(given)]
    named = sum(given in prompt for prompt in prompts)
    assert 900 < named < 1100
    bare = [prompt for prompt in prompts if given not in prompt]
    assert all(re.match(r"(Task: )?Do it\.\n+(Input: )?It rains\.\n", prompt) for prompt in bare)


@pytest.mark.parametrize(
    "given",
    [
        "Meet me at 12:30.",
        "https://example.org",
        "A: one\nB: two",
        "Sentence:",
        "Sentence: ",
        ": x",
        "3: 4",
        "x" * 60 + ": y",
    ],
)
def test_other_colons_stay(given: str) -> None:
    assert all(given in prompt for prompt, _ in completions(given, 50))


@settings(deadline=None)
@given(tasks)
def test_completion_keeps_every_character(task: Task) -> None:
    answered = [instance for instance in task.instances if instance.output.strip()]
    for row, instance in zip(rows("completion", task), answered, strict=True):
        assert (
            row["completion"].removeprefix(" ") == instance.output.removeprefix(" ")
            or row["completion"] == " " + instance.output
        )
        assert task.instruction.strip() in row["prompt"]
        assert instance.input in row["prompt"] or instance.input.count(":") + instance.input.count("：") == 1


def test_braces_in_the_data_stay() -> None:
    task = Task("a", f"Say {AWKWARD}.", (Instance(AWKWARD, AWKWARD),))
    row = rows("completion", task)[0]
    assert row["prompt"].count(AWKWARD) == 2
    assert row["completion"].endswith(AWKWARD)


def test_a_conversation_of_one_round_is_a_prompt_too() -> None:
    turns = (Message(role="user", content="Do it."), Message(role="assistant", content="done"))
    assert rows("completion", Task("a", "Do it.", turns=turns)) == rows(
        "completion", Task("a", "Do it.", (Instance("", "done"),))
    )


def test_a_layout_in_place_of_ours() -> None:
    task = Task("a", "Do it.", (Instance("", "done"),))
    found = rows_of([task], "completion", layout=lambda task: iter([{"prompt": task.instruction, "completion": "!"}]))
    assert list(found) == [{"prompt": "Do it.", "completion": "!"}]
