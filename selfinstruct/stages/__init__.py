"""The steps of the published methods: each stage is a `prompt` and a `parse` next to each other, both pure."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any, Protocol

from selfinstruct.stages.answering.chat import Chat
from selfinstruct.stages.answering.instances import Instances
from selfinstruct.stages.answering.reply import Reply
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.stages.answering.rewrite import Rewrite
from selfinstruct.stages.answering.sample import Sample
from selfinstruct.stages.answering.solve import Solve
from selfinstruct.stages.answering.summarize import Summarize
from selfinstruct.stages.answering.tool_answer import ToolAnswer
from selfinstruct.stages.answering.tool_call import ToolCall
from selfinstruct.stages.answering.tool_result import ToolResult
from selfinstruct.stages.answering.user_turn import UserTurn
from selfinstruct.stages.judging.check import Check
from selfinstruct.stages.judging.classify import Classify
from selfinstruct.stages.judging.compare import Compare
from selfinstruct.stages.judging.critique import Critique
from selfinstruct.stages.judging.curate import Curate
from selfinstruct.stages.judging.ground import Ground
from selfinstruct.stages.judging.judge import Judge
from selfinstruct.stages.judging.mark import Mark
from selfinstruct.stages.judging.vote import Vote
from selfinstruct.stages.proposing.alpaca import Alpaca
from selfinstruct.stages.proposing.branch import Branch
from selfinstruct.stages.proposing.magpie import Magpie
from selfinstruct.stages.proposing.personas import Personas
from selfinstruct.stages.proposing.propose import Propose
from selfinstruct.stages.proposing.question import Question
from selfinstruct.stages.proposing.tool_request import ToolRequest
from selfinstruct.stages.proposing.unnatural import Unnatural
from selfinstruct.stages.rewriting.backtranslate import Backtranslate
from selfinstruct.stages.rewriting.challenge import Challenge
from selfinstruct.stages.rewriting.evolve import Evolve
from selfinstruct.stages.rewriting.paraphrase import Paraphrase
from selfinstruct.stages.rewriting.revise import Revise
from selfinstruct.stages.rewriting.translate import Translate
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = [
    "STAGES",
    "Alpaca",
    "Backtranslate",
    "Branch",
    "Challenge",
    "Chat",
    "Check",
    "Classify",
    "Compare",
    "Critique",
    "Curate",
    "Evolve",
    "Ground",
    "Instances",
    "Judge",
    "Magpie",
    "Mark",
    "Paraphrase",
    "Personas",
    "Propose",
    "Question",
    "Reply",
    "Respond",
    "Revise",
    "Rewrite",
    "Sample",
    "Solve",
    "Stage",
    "Summarize",
    "ToolAnswer",
    "ToolCall",
    "ToolRequest",
    "ToolResult",
    "Translate",
    "Unnatural",
    "UserTurn",
    "Vote",
]


class Stage(Protocol):
    """A step of a method: a frozen dataclass, whose fields are its options and go into recipe.yaml.

    `kind`, `prompt` and `parse` are all that a stage needs (examples/own_stage.py). What follows it may say besides,
    each alone, where the run does not guess right. A run calls them in this order: `settled`, `drawn` or `prepare`,
    `schema`, `prompt`, and with the answers `parse`.

    What it works on
      single = True           an instruction with one input: tasks of several instances come one instance at a time
      reads = "passage"       passages of documents: tasks with the text in extra["passage"]
      shows = False           (grow) no tasks are shown: prompt is given none
      settled(task)           (each) what comes of a task that nobody need be asked about; None where it is asked
    What is drawn by lot, so that prompt and parse see the same
      prepare(task, rng, round)     (each) the task with what is drawn for it; `round` counts from 1
      drawn(rng, number, seed)      (grow) the stage as the draft of that number, from 0 on, is asked and read with
    How it is asked
      params                  of its requests, where the recipe does not say otherwise
      schema(tasks)           the JSON schema of the answer, when it is to be asked for as JSON, or None
      samples, and parse_all(tasks, responses) in the place of parse: as many answers to one prompt
      continues = "prefill"   the prompt is a text that breaks off, whose last line the answer goes on with. "prefill"
                              or "completions" is how a model in this process does that best; "bare": any teacher is
                              given the bare beginning, as --api completions sends it
      begins(tasks)           what such an answer begins with beyond the prompt; parse is given it, too
      for_model(name, own)    the stage as the model of that name is asked; `own`: how the template of one in this
                              process begins a user's turn (running/execute.py)
      asks = "checker"        the role that it always asks, by default also who is asked; "nobody": settled does it all
      apart                   steps that say so in different words compare who answers, which must be different models
    How it is read
      hears_thoughts = True   parse is given the answer with the thoughts in it
      unheard(task, reason)   what comes of a task of whose answer there is nothing to read, such as a refused request;
                              None where it is lost
      again(task, rejected)   as the first step in rounds: the task as it is tried once more after nothing but this came
                              of it; None where it is left alone from then on
    Its options
      prompts = {field: name}       which fields are prompts of one's own, and the name of ours that each replaces
      files = {field: read}         options that recipes give as a file's path; read makes the value of the path, and of
                                    whatever else is given to an option that is no text, in one language or in several
      later = (field, …)            options that came later: recipe.yaml leaves them out where they say nothing
    For estimates alone
      per_answer, expected    tasks that an answer holds, where these are several; tokens of each
      growth, lasts(rounds)   as the first step in rounds: tokens that a task grows by in one; how many it goes on for
    """

    @property
    def kind(self) -> str:
        """ "grow": it makes new tasks of those shown. "each": it works on one task at a time."""
        ...

    def prompt(self, tasks: tuple[Task, ...], rng: Random, /) -> Prompt:
        """What to ask the teacher, given the tasks to show (in a `grow` step) or the one to work on (in `each`)."""
        ...

    def parse(self, tasks: tuple[Task, ...], response: Response, /) -> Iterable[Task | Rejected]:
        """What the answer holds: tasks, and whatever else is in it with the reason why it is no task.

        In `each` the task worked on, one step further; or new ones made from it. New tasks get their ids, parents and
        origin from the run, here as in `grow`.
        """
        ...


STAGES: dict[str, Any] = {
    "propose": Propose,
    "classify": Classify,
    "instances": Instances,
    "alpaca": Alpaca,
    "evolve": Evolve,
    "respond": Respond,
    "chat": Chat,
    "judge": Judge,
    "translate": Translate,
    "question": Question,
    "ground": Ground,
    "summarize": Summarize,
    "backtranslate": Backtranslate,
    "curate": Curate,
    "rewrite": Rewrite,
    "branch": Branch,
    "user_turn": UserTurn,
    "reply": Reply,
    "personas": Personas,
    "check": Check,
    "vote": Vote,
    "challenge": Challenge,
    "solve": Solve,
    "mark": Mark,
    "tool_request": ToolRequest,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "tool_answer": ToolAnswer,
    "critique": Critique,
    "revise": Revise,
    "magpie": Magpie,
    "unnatural": Unnatural,
    "paraphrase": Paraphrase,
    "sample": Sample,
    "compare": Compare,
}
"""By the names that recipes use. The fields of a stage's dataclass are its options."""
