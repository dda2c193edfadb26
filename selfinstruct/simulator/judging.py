"""How the built-in teacher judges: how hard a task is, whether two ask for the same, how good an answer is.

By what it understands of them, and by appearance where it understands nothing; an answer then gets no mark.
"""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

from selfinstruct.filters.rouge import rouge_l
from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.frames import Framed, Shown
from selfinstruct.simulator.grasping import apart, grasp, laid
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.standing import without_wish
from selfinstruct.simulator.understanding import Understood
from selfinstruct.text.tokens import tokens

__all__ = ["equal", "judge", "score"]


class Words(NamedTuple):
    difficulty: str
    reading: tuple[str, str, str]
    equal: str
    different: str
    right: str
    plausible: str
    wrong_form: str
    wrong: str
    unknown: str


WORDS = {
    "en": Words(
        difficulty="{}\nIt takes {} and has {} further demands.",
        reading=("a single thought", "some reading", "a good deal of reading"),
        equal="Equal\nBoth ask for the same, under the same conditions.",
        different="Different\nThey do not ask for the same.",
        right="{}\nThe answer is right and in the form that the task asks for.",
        plausible="{}\nThe answer has the form that the task asks for; the rest is largely a matter of taste.",
        wrong_form="{}\nWhat the answer says is right, but its form is not the one asked for.",
        wrong="{}\nThe answer is wrong.",
        unknown="I'm sorry, but I can't judge this answer, since I don't know how to do the task myself.",
    ),
    "zh": Words(
        difficulty="{}\n完成它需要{}，另有{}条要求。",
        reading=("想一步", "读一些材料", "细读较长的材料"),
        equal="相同\n两个任务问的是一回事，条件也一样。",
        different="不同\n两个任务的要求并不一样。",
        right="{}\n答案正确，形式也符合要求。",
        plausible="{}\n答案的形式符合要求，其余大多见仁见智。",
        wrong_form="{}\n内容是对的，但形式不符合要求。",
        wrong="{}\n答案不对。",
        unknown="抱歉，这个任务我自己也不会做，没法给答案打分。",
    ),
}


def judge(prompt: Framed) -> str:
    words, task = WORDS[prompt.language], prompt.tasks[0]
    match prompt.kind:
        case "difficulty":
            reading, layers = _measured(task)
            return words.difficulty.format(difficulty(task), words.reading[reading - 1], layers)
        case "equal":
            return words.equal if equal(*prompt.tasks) else words.different
    mark = score(task, prompt.answer)
    if mark is None:
        return words.unknown
    why = words.wrong if mark <= 3 else words.wrong_form if mark <= 6 else words.plausible if mark == 9 else words.right
    return why.format(mark)


HARDEST = 10
BASIS = 3
"""The most that a task has by itself; each layer on it adds one."""


def difficulty(task: Shown) -> int:
    """From 1 to 10: how much there is to read, and how many layers lie on it."""
    return min(sum(_measured(task)), HARDEST)


def _measured(task: Shown) -> tuple[int, int]:
    known, task = grasp(task), apart(task).task
    base, layers = (known.instruction, known.layers) if known else laid(task.instruction)
    said = without_wish(base, base, known.asked if known else None) or base  # as it will be when more is asked for
    return _basis(said, known.given if known else task.given), len(layers)


def _basis(instruction: str, given: str) -> int:
    """By length: 1 for some twenty words, or half as many more characters in Chinese, 2 for twice as many."""
    unit = 30 if language_of(instruction).code == "zh" else 20
    return min(1 + len(tokens(f"{instruction} {given}")) // unit, BASIS)


ALIKE = 0.95
"""ROUGE-L from which on two texts that nobody understands ask for the same."""


def equal(one: Shown, other: Shown) -> bool:
    """Do they ask for the same: the same of a family, of the same input, with the same layers?"""
    first, second = grasp(one), grasp(other)
    if first and second:
        return _asks(first) == _asks(second)
    if first or second:
        return False
    return all(a == b or rouge_l(tokens(a), tokens(b)) > ALIKE for a, b in zip(one, other, strict=True))


def _asks(task: Understood) -> tuple[Asked, str, list[object]]:
    return task.asked, task.given, [layer.asks for layer in task.layers]


_REFUSAL = re.compile(r"\s*(?:I'm sorry|I am sorry|As an AI|(?:很|非常)?抱歉|对不起)", re.IGNORECASE)


def score(task: Shown, answer: str) -> int | None:
    """From 1 to 10; None when the task is none of ours.

    10 is right; 9 has the right form, where no rule can tell more; 6 and 5 are right but for one demand on the form,
    or for several; 3 has the form only; 2 is wrong; 1 does not try.
    """
    known = grasp(task)
    if not known or known.lacks_input or known.answer(Random(0)) is None:
        return None
    if known.accepts(answer):
        return 10 if known.asked.family.graded else 9
    if not answer.strip() or _REFUSAL.match(answer):
        return 1
    without_ending = Asked(known.asked.family, known.asked.slots)
    one_less = [known.layers[:n] + known.layers[n + 1 :] for n in range(len(known.layers))]
    if any(known.accepts(answer, layers) for layers in one_less) or known.accepts(answer, asked=without_ending):
        return 6
    if any(known.accepts(answer, known.layers[:many], without_ending) for many in range(len(known.layers))):
        return 5
    return 3 if known.layers and known.bare(answer) is not None else 2
