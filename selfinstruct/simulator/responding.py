"""How the built-in teacher answers a task, and what it says when it cannot."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.frames import Shown, question
from selfinstruct.simulator.grasping import grasp
from selfinstruct.simulator.language import Language, language_of

__all__ = ["answered", "respond"]

NO_INPUT = {
    "en": (
        "I'm sorry, but the input is missing. What should I work on?",
        "I'm sorry, but there is nothing to work on yet. Could you send me the input as well?",
    ),
    "zh": ("抱歉，您还没有给出输入内容，请把要处理的材料发给我。", "对不起，题目里缺少输入，能补充一下吗？"),
}


def respond(rng: Random, text: str, sorry: float) -> str:
    """The answer to a prompt that is an instruction, and after a blank line its input. Now and then (by the rate
    `sorry`) an evolved one is too much for it."""
    return answered(rng, question(text), sorry)


def answered(rng: Random, task: Shown, sorry: float = 0.0) -> str:
    language = language_of(task.instruction)
    known = grasp(task)
    if known and known.lacks_input:
        return rng.choice(NO_INPUT[language.code])
    answer = known.answer(rng) if known else None
    if answer is None or (known and known.layers and rng.random() < sorry):
        return _refusal(rng, language)
    return answer


def _refusal(rng: Random, language: Language) -> str:
    return rng.choice(language.refusals)
