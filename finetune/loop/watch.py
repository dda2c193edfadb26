"""What happens beside the training, after each step: counting, evaluating, and saving checkpoints that are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from selfinstruct.errors import RunStopped

from ..answer.decoding import decode
from ..answer.sampling import Sampling, question
from ..rows.batches import Plan
from ..rows.templates import Template
from ..settings import Settings
from .checkpoints import complete, prune
from .progress import Progress, Sample

__all__ = ["Watch", "sampled"]

LONGEST = 128
"""Tokens of a sampled answer: the beginning is enough to see."""


class Watch(TrainerCallback):
    """Tied to one Trainer by the functions that it is given; every process has one, and does the same."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        progress: Progress,
        run: Mapping[str, Any],
        evaluate: Callable[[], tuple[float | None, Sequence[Sample]]],
        measure: Callable[[], float] | None = None,
        accompany: Callable[[Path], None] = lambda folder: None,
    ) -> None:
        """`run` is what tells this run from others; `evaluate` gives a validation loss and sampled answers, `measure`
        the loss that the training begins with, if somebody wants to know; `accompany` writes what a model needs beside
        its weights into a checkpoint.
        """
        self._plan, self._progress, self._run, self._evaluate = plan, progress, run, evaluate
        self._measure, self._accompany = measure, accompany
        self._keep = settings.keep
        self._save_every = settings.checkpoint or plan.steps_an_epoch
        self._of_text = settings.learn == "text"
        self._evaluate_every = settings.evaluate or plan.steps_an_epoch

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        totals: list[Any] = [entry["totals"] for entry in state.log_history if "totals" in entry]
        self._progress.begin(state.global_step, totals[-1] if totals else None)
        if self._of_text and state.global_step == 0:  # what the base can do already, to be compared with
            self._look(state)
        if self._measure and not state.global_step:
            state.log_history.append({"loss_before": self._measure(), "step": 0})
            self._progress.pause_over()

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._progress.end()

    def on_substep_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._progress.meanwhile("")

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        step, is_last = state.global_step, state.global_step == self._plan.steps
        self._progress.count(self._plan.counts(step - 1))
        if is_last or step % self._evaluate_every == 0:
            self._look(state)
        control.should_save = is_last or step % self._save_every == 0
        if control.should_save:
            state.log_history = [entry for entry in state.log_history if "totals" not in entry]
            state.log_history.append({"totals": self._progress.totals()})  # type: ignore[dict-item]
        return control

    def _look(self, state: TrainerState) -> None:
        loss, samples = self._evaluate()
        if loss is not None:
            state.log_history.append({"eval_loss": loss, "step": state.global_step})
        self._progress.evaluated(loss, samples)
        self._progress.pause_over()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        if "loss" in (logs := logs or {}):
            if not isfinite(logs["loss"]):
                raise RunStopped(
                    f"the loss of step {state.global_step:,} is no number: lower the learning rate (--set lr=…), "
                    "or compute in fp32 (--set precision=fp32), in another --out"
                )
            self._progress.loss(logs["loss"], logs.get("right"))

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        folder = Path(str(args.output_dir))
        if torch.distributed.is_initialized():
            torch.distributed.barrier()  # each process writes the state of its random numbers
        if state.is_world_process_zero:
            written = folder / f"checkpoint-{state.global_step}"
            (written / "training_args.bin").unlink(missing_ok=True)  # a pickle that nothing reads
            self._accompany(written)
            complete(written, self._run)
            prune(folder, self._keep)
        self._progress.pause_over()


def sampled(
    model: Any,
    tokenizer: Any,
    template: Template,
    asked: Sequence[Sequence[Mapping[str, str]]],
    length: int = LONGEST,
    meanwhile: Callable[[str], None] = lambda doing: None,
) -> list[Sample]:
    """The likeliest answers to conversations that end with a question, as a chat would give them. `meanwhile` is told
    after each token."""
    if not asked:
        return []
    rules = Sampling(temperature=0, max_tokens=length)
    answers = [question(model, tokenizer, template, turns, rules) for turns in asked]
    for _ in decode(model, answers):
        meanwhile("sampling answers")
    questions = ["\n".join(filter(None, (turns[-1]["content"], turns[-1].get("input")))) for turns in asked]
    return [
        Sample(question, answer.text.strip(), answer.finish == "stop")
        for question, answer in zip(questions, answers, strict=True)
    ]
