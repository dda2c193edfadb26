"""The prompt's own text is recognised word for word, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages.prompting import prompt_text
from selfinstruct.stages.reading.echoes import echo_of

SHOWN = ["Tell how a lighthouse works.", "Weigh 3.5 pounds of plums."]


@pytest.mark.parametrize(
    "copy", [SHOWN[0], "1. tell how a lighthouse works", "**Task:** “Tell how a lighthouse works”"]
)
def test_a_task_shown(copy: str) -> None:
    assert echo_of(copy, "", SHOWN) == "a task of the prompt"


@pytest.mark.parametrize("text", ["Weigh 35 pounds of plums.", "Tell how a lighthouse works at night.", "", "Works."])
def test_what_only_resembles_one(text: str) -> None:
    assert echo_of(text, "", SHOWN) == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_of_the_prompt(language: str) -> None:
    prompt = prompt_text("alpaca", language)
    rules = [line for line in prompt.split("\n") if line[:1].isdigit()]
    assert len(rules) == 9
    for rule in rules:
        if len(rule) > 22:
            assert echo_of(rule[2:], prompt) == "a rule of the prompt"


@given(st.text(), st.text())
def test_any_text_is_compared(text: str, prompt: str) -> None:
    echo_of(text, prompt, [prompt])
