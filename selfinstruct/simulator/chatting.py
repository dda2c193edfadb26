"""How the built-in teacher plays both sides of a conversation: questions that it can answer, and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.evolving import evolved, sibling
from selfinstruct.simulator.frames import Framed, Shown
from selfinstruct.simulator.grasping import apart, grasp
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.layers import put_on
from selfinstruct.simulator.responding import answered
from selfinstruct.simulator.understanding import Understood

__all__ = ["chat"]


class Words(NamedTuple):
    again: tuple[str, ...]
    """Before another input for the same instruction."""
    harder: tuple[str, ...]
    """Before the same question with one demand more."""
    other: tuple[str, ...]
    """Before another question."""
    thanks: tuple[str, ...]
    welcome: tuple[str, ...]
    never_mind: tuple[str, ...]


WORDS = {
    "en": Words(
        again=("And for this one?", "Could you do the same with this?", "What about this one?", "One more, please:"),
        harder=("The same once more, please, but slightly differently.", "Good. Now take the same question once more."),
        other=("Thank you. Something related:", "I see. Then I also wonder about this.", "Next question, if I may."),
        thanks=("Thank you, that was all I wanted to know.", "Great, thanks a lot!", "That helps, thank you."),
        welcome=("You're welcome! Come back any time.", "My pleasure. Good luck with it!", "Glad to help."),
        never_mind=("Never mind, thank you all the same.", "All right, then I'll ask somebody else. Thanks anyway."),
    ),
    "zh": Words(
        again=("那这个呢？", "同样的问题，换成下面这个呢？", "再来一个：", "照同样的办法看看这个吧。"),
        harder=("同样的问题，再请你换个写法。", "好的，同一道题，这次稍微变一下。"),
        other=("谢谢，还有一件相关的事。", "明白了，我还想问一个问题。", "那接着问下一个。"),
        thanks=("谢谢，我想知道的就是这些。", "太好了，多谢！", "这下清楚了，谢谢你。"),
        welcome=("不客气，有需要随时来问。", "很高兴能帮上忙，祝您顺利！", "不用谢，再见！"),
        never_mind=("没关系，还是谢谢你。", "那好吧，我去问问别人，谢谢。"),
    ),
}
SPEAKERS = {"en": ("User: ", "Assistant: "), "zh": ("用户：", "助手：")}
MOST = 4
"""Further questions of the user; there is always one."""


def chat(rng: Random, prompt: Framed) -> str:
    """The conversation as it goes on after "Assistant:", the turns by turns."""
    user, assistant = SPEAKERS[prompt.language]
    first, *turns = _turns(rng, apart(prompt.tasks[0]).task)
    lines = [_turn((user, assistant)[n % 2], text) for n, text in enumerate(turns)]
    return "\n".join((first if prompt.language == "zh" else f" {first}", *lines))


def _turn(speaker: str, text: str) -> str:
    """Bold type must not look as if it belonged to the speaker's name."""
    return f"{speaker} {text}" if text.startswith(("*", "_")) and not speaker.endswith(" ") else f"{speaker}{text}"


def _turns(rng: Random, task: Shown) -> Iterator[str]:
    """What is said, from the answer to the first question on."""
    words = WORDS[language_of(task.instruction).code]
    yield answered(rng, task)
    known = grasp(task)
    if not known or known.lacks_input or known.answer(rng) is None:
        yield rng.choice(words.never_mind)
        yield rng.choice(words.welcome)
        return
    for _ in range(rng.randint(1, MOST)):
        said, task = _follow_up(rng, task, known, words)
        yield said
        yield answered(rng, task)
        known = grasp(task) or known
    if rng.random() < 0.5:
        yield rng.choice(words.thanks)
        yield rng.choice(words.welcome)


def _follow_up(rng: Random, task: Shown, known: Understood, words: Words) -> tuple[str, Shown]:
    """What the user says next, and the task that it means."""
    luck = rng.random()
    another = known.asked.draw(rng)
    if luck < 0.5 and another and another != known.given and known.said == task.given:
        task = Shown(task.instruction, another)
        return f"{rng.choice(words.again)}\n\n{another}", task
    if luck < 0.75 and len(known.layers) < 3:
        more = evolved(rng, task, "constraints")
        return put_on(rng.choice(words.harder), more.instruction), more
    task = sibling(rng, task)
    return "\n\n".join(filter(None, (put_on(rng.choice(words.other), task.instruction), task.given))), task
