"""Magpie: an instruct model is given the beginning of a user's turn and nothing else, and writes what users ask (Xu et
al., 2406.08464).

The beginning is that of the model's own chat template. A model in this process says it itself; for one behind a server
it goes by the model's name, or by `template` or `prefix`. It is sent bare, so the server must have /completions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.stages.prompting import FOLDER, LANGUAGES, filled, places
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.plain import plain
from selfinstruct.stages.reading.prose import is_request
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.loops import find_loop
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.user_turns import MARK, USER_TURNS, UserTurn, template_for

__all__ = ["Magpie", "subjects"]

AUTO = "auto"

# What a model writes that goes on into the reply although nothing stops it: the names of speakers, at a line's start.
_SPEAKER = later(
    r"^[ \t]*+(?:[#*<|\[]{1,3}[ \t]*+)?(?:assistant|ai|bot|chatbot|gpt|model|human|user|response"
    r"|助手|助理|用户|回答|回复)"
    r"[ \t]*+(?:[*|>\]]{1,3}[ \t]*+)?(?:[:：][*]{0,2}|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SOLUTION = later(
    r"^[ \t]*+(?:[#*]{1,4}[ \t]*+)?(?:answers?|(?:model |sample |correct |the )?(?:solution|answer)|explanation"
    r"|(?:参考)?答案|解答|解析)[ \t]*+(?:[*]{1,2}[ \t]*+)?[:：][*]{0,2}[ \t]*+(?=\S|\n\s*+\S)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL = later(
    r"\s*+(?:[#*]{1,4}[ \t]*+)?(?:user|human|question|query|q|prompt|instruction|task|problem|request|message"
    r"|用户|问题|提问|指令|任务|请求)[ \t]*+(?:\d{1,3}[ \t]*+)?(?:[*]{1,2}[ \t]*+)?[:：][*]{0,2}\s*",
    re.IGNORECASE,
)
_QUOTED = later(r"\s*(?:\"([^\"]+)\"|“([^“”]+)”|「([^「」]+)」)\s*")


@cache
def subjects() -> Mapping[str, Mapping[str, str]]:
    """What the system prompts of ours have users ask about: texts by language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "magpie.yaml").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Magpie:
    kind: ClassVar = "grow"
    shows: ClassVar = False
    continues: ClassVar = "bare"
    prompts: ClassVar[dict[str, str]] = {}
    template: str = AUTO
    """How the model's users begin: chatml, llama3, mistral, gemma …; auto: by the model itself where it is in this
    process, else by its name."""
    prefix: str = ""
    """Instead of a template, the text itself before the user's first word; with the place {system} where one is
    wanted. No BOS: servers put it there themselves."""
    ends: tuple[str, ...] = ()
    """With a prefix of one's own: the texts that end the turn, at most four."""
    about: tuple[str, ...] = ()
    """Subjects, one of which is drawn each time: code, maths, writing …; there is a system prompt of ours for each.
    Nothing: the model is told nothing; in Chinese general, or it would write English."""
    system: tuple[str, ...] = ()
    """System prompts of one's own, drawn from likewise."""
    language: str = "en"
    """Of our system prompts."""

    def __post_init__(self) -> None:
        for name in ("ends", "about", "system"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.template != AUTO and self.template not in USER_TURNS:
            raise UsageError(
                f"magpie: no template {quoted(self.template)}: {did_you_mean(self.template, (AUTO, *USER_TURNS))}, or "
                "give the text before the user's first word as prefix"
            )
        if self.prefix and self.template != AUTO:
            raise UsageError("magpie: template and prefix say the same: give one of them")
        if len(self.ends) > MOST_ENDS or (self.ends and not self.prefix):
            why = f"there are {len(self.ends)}" if self.prefix else "there is no prefix"
            raise UsageError(f"magpie: ends are up to {MOST_ENDS} texts that end the turn which prefix begins; {why}")
        for name in self.about:
            if name not in subjects():
                raise UsageError(f"magpie: about: no subject {quoted(name)}: {did_you_mean(name, subjects())}")
        if self.language not in LANGUAGES and (self.about or not self.system):
            raise UsageError(
                f"language is {self.language!r}: our system prompts are written in {' and '.join(LANGUAGES)}; give "
                "one of your own in that language as system, and leave about out"
            )
        if self.prefix and self._systems and "system" not in places(self.prefix):
            raise UsageError(f"magpie: the prefix {self.prefix[:40]!r} has no place {{system}} for a system prompt")

    @property
    def _systems(self) -> tuple[tuple[str, str], ...]:
        """Subject ("" of one's own) and text of those there are to draw from."""
        about = self.about or (() if self.system or self.language == "en" else ("general",))
        return (*((name, subjects()[name][self.language]) for name in about), *(("", text) for text in self.system))

    @property
    def _turn(self) -> UserTurn:
        if self.prefix:
            return UserTurn(self.prefix, self.prefix, self.ends)
        return USER_TURNS["chatml" if self.template == AUTO else self.template]

    @property
    def params(self) -> dict[str, Any]:
        """Of its requests, where the recipe does not say otherwise."""
        turn = self._turn
        stop = {"stop": list(turn.ends)} if turn.ends else {}
        return stop | ({"skip_special_tokens": False} if turn.hidden else {})

    def for_model(self, name: str, own: Callable[[], UserTurn] | None) -> Magpie:
        """The stage as a model is asked. `own` says how the users of one in this process begin; `name` is that of one
        behind a server, "" of the built-in teacher and of functions, which are asked by ChatML.

        Raises UsageError where nobody knows, or where there is a system prompt and no place for it.
        """
        if self.prefix:
            return self
        if self.template == AUTO and own:
            return self._as(own())
        template = self.template
        if template == AUTO and name:
            template = template_for(name) or AUTO
            if template == AUTO:
                raise UsageError(
                    f"magpie: which chat template {quoted(name)} was taught, its name does not say: give `template` in "
                    f"the recipe ({', '.join(USER_TURNS)}), or `prefix`, the text before the user's first word"
                )
        turn = USER_TURNS["chatml" if template == AUTO else template]
        return self._as(turn) if own else replace(self, template=template)  # a model here hides no token that ends it

    def _as(self, turn: UserTurn) -> Magpie:
        if self._systems and not turn.with_system:
            raise UsageError(
                "magpie: the model's template has no place for a system prompt: leave about and system out"
            )
        prefix = turn.with_system if self._systems else turn.begins
        return replace(self, template=AUTO, prefix=prefix, ends=turn.ends[:MOST_ENDS])

    def drawn(self, rng: Random, number: int, seed: int = 0) -> Magpie:
        """With one of the system prompts."""
        if len(self._systems) < 2:
            return self
        name, text = rng.choice(self._systems)
        return replace(self, about=(name,) if name else (), system=() if name else (text,))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The beginning of a user's turn, after the system prompt if there is one."""
        systems = self._systems
        return filled(self._turn.with_system, system=systems[0][1]) if systems else self._turn.begins

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """What the user asks. An answer cut by length is thrown away: it has no end, or ran on into more."""
        text, rest = self._up_to_end(plain(response.text))
        if response.finish_reason == "length" and not rest:
            yield Rejected(response.text, "truncated", what="answer")
            return
        text = _tidy(text)
        if not re.search(r"\w", text):
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        fault = self._fault(text)
        if fault:
            yield Rejected(text, *fault)
        else:
            yield Task("", text, extra={"about": self.about[0]} if len(self.about) == 1 else {})
        if rest.strip():
            yield Rejected(rest.strip(), "after the user's turn", what="remark")

    def _up_to_end(self, text: str) -> tuple[str, str]:
        """The user's words, and what follows their end; "" where nothing ends them."""
        places = [text.find(end) for end in self._turn.ends if end in text]
        start = len(text) - len(text.lstrip())
        for pattern in (_SPEAKER, _SOLUTION):
            found = pattern.search(text, start)
            if found and found.start() == start and pattern is _SPEAKER:  # "User: …" heads the turn itself
                found = pattern.search(text, found.end())
            places += [found.start()] if found and text[: found.start()].strip() else []
        end = min(places, default=len(text))
        return text[:end], text[end:]

    def _fault(self, text: str) -> tuple[str, str] | None:
        """Why the words are none that a user asks with: category and detail."""
        if mark := MARK.search(text):
            return "a token of the template", mark[0]
        if loop := find_loop(text):
            return "repetition", loop
        if self._systems and (copied := echo_of(text, self._systems[0][1])):
            return "copied from the prompt", copied
        if is_refusal(text):
            return "refusal", ""
        return None if is_request(text) else ("neither a question nor a request", "")


MOST_ENDS = 4


def _tidy(text: str) -> str:
    """Without a label before the words, or quotation marks around them."""
    text = text.strip()
    if (label := _LABEL.match(text)) and text[label.end() :].strip():
        text = text[label.end() :]
    if quoted_whole := _QUOTED.fullmatch(text):
        text = next(filter(None, quoted_whole.groups()))
    return text.strip()
