"""How the built-in teacher plays both sides of a conversation: questions that it can answer, and their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from selfinstruct.simulator.evolving import evolved, told_already
from selfinstruct.simulator.layers import Layer, laid
from selfinstruct.simulator.reading import Question, question
from selfinstruct.simulator.understanding import Shown, Understood, unanswered, understand
from selfinstruct.stages.prompting import prompt_text

__all__ = ["chat", "further_turn"]

MOST = 4
"""Further questions of the user; there is always one."""


def chat(rng: Random, asked: Question) -> str:
    """The conversation as it goes on after "Assistant:", the turns by turns, each named as the prompt does."""
    user, assistant = re.findall(r"^(.+)\{question\}\n(.+)", prompt_text("chat", asked.language.code), re.MULTILINE)[0]
    space = " " if user.endswith(" ") else ""
    first, *turns = _turns(rng, question(asked.places["question"]))
    lines = [_turn((user, f"{assistant}{space}")[n % 2], text) for n, text in enumerate(turns)]
    return "\n".join((f"{space}{first}", *lines))


def _turn(speaker: str, text: str) -> str:
    """Bold type must not look as if it belonged to the speaker's name."""
    return f"{speaker} {text}" if text.startswith(("*", "_")) and not speaker.endswith(" ") else f"{speaker}{text}"


def _turns(rng: Random, task: Shown) -> Iterator[str]:
    """What is said, from the answer to the first question on; where it does not know that, nothing else."""
    known = understand(task)
    answer = known.answer(rng) if known else None
    yield answer or unanswered(task, known)
    if not known or not answer:
        return
    words, before = known.language.words["chat"], {answer, *(layer.what for layer in known.layers)}
    for _ in range(rng.randint(1, MOST)):
        said, answer, known = further_turn(rng, known, before)
        before |= {said, answer}
        yield said
        yield answer
    if rng.random() < 0.5:
        yield rng.choice(words["thanks"])
        yield rng.choice(words["welcome"])


Turn = tuple[str, str, Understood]
"""What the user says next, the answer to it, and the task that is talked about from then on."""


def further_turn(rng: Random, known: Understood, before: set[str]) -> Turn:
    """What the user may say next, when this was said before."""
    ways = rng.sample(_WAYS, len(_WAYS))
    return next(turn for way in (*ways, _other) if (turn := way(rng, known, before)))


def _again(rng: Random, known: Understood, before: set[str]) -> Turn | None:
    """The same about another input."""
    another = known.asked.draw(rng)
    if not another or another == known.given or known.said != known.given:
        return None
    lead = rng.choice(known.language.words["chat"]["again"])
    return _about(rng, known.shown(known.base, known.layers, another), f"{lead}\n\n{another}")


def _further(rng: Random, known: Understood, before: set[str]) -> Turn | None:
    """Something more about the subject."""
    further = known.asked.family.further
    for sentence in rng.sample(list(further), len(further)):
        layer = Layer("further", sentence, sentence)
        reply = replace(known, layers=(*known.layers, layer)).reply(rng) if sentence not in before else None
        if reply and not told_already(reply.more[-1], reply.main):
            return sentence, reply.more[-1], known
    return None


def _differently(rng: Random, known: Understood, before: set[str]) -> Turn | None:
    """The same answer in another form, once."""
    made = evolved(rng, known, "constraints")
    after = understand(made)
    if not after or known.demands or after.asks == known.asks:
        return None
    wish = after.layers[-1].sentence if after.layers else after.asked.ending
    lead = rng.choice(known.language.words["chat"]["differently"])
    turn = _about(rng, made, laid(lead, wish))
    return turn if turn and turn[1] not in before else None


def _other(rng: Random, known: Understood, before: set[str]) -> Turn | None:
    """A question of the same subject."""
    made = evolved(rng, known, "breadth")
    lead = rng.choice(known.language.words["chat"]["other"])
    return _about(rng, made, "\n\n".join(filter(None, (laid(lead, made.instruction), made.given))))


def _about(rng: Random, task: Shown, said: str) -> Turn | None:
    known = understand(task)
    answer = known.answer(rng) if known else None
    return (said, answer, known) if known and answer else None


_WAYS = (_again, _again, _further, _further, _differently, _other)
"""The last of them can always be gone."""
