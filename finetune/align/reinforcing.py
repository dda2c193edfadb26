"""A training by rewards: answers are drawn, paid, and what was paid more than others is made likelier.

    selfinstruct train exam.jsonl --method grpo --reward exam --base models/sft --out models/rl

TRL's GRPOTrainer was looked at and left out, as its others were (training.py): it keeps the state of random numbers to
go on from, lays prompts out by itself, and its batches are per device. Here a step's questions come from the plan and
its answers from seeds of their own, so that what is learned depends neither on micro-batches nor on a crash. A test
compares losses with TRL's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn
from transformers import TrainerCallback

from selfinstruct.errors import UsageError
from selfinstruct.workdir import atomic

from ..loop.figures import Made, in_bytes
from ..loop.loss import AnswerTrainer, Batch, losses
from ..models.facts import is_seq2seq, memory, size_of
from ..models.methods import load_base, prepared
from ..rows.batches import Plan
from ..rows.templates import find_template
from ..settings import WHOLE, Settings
from .advantages import distances, group_losses, sequence_losses, sums_of
from .examining import Examined, Looked, examined
from .prompted import Draws, Laid, Questions, findings_of, items_of_questions, lay_questions, table_of
from .rewarding import Reward, reward_of
from .steps import Answers, counted
from .stopping import reason_to_stop

if TYPE_CHECKING:
    from rich.console import Console

    from ..loop.progress import Progress, Sample
    from ..loop.saving import Saved
    from ..rows.examine import Findings

__all__ = ["RewardTrainer", "describe_draws", "draws_of", "made_of_questions", "trained_by_rewards"]

BEST = "best.safetensors"
"""Beside the checkpoints: what was trained, as it was when it knew most."""
BESIDE = ("advantage", "counts", "base", "drawn")
"""What a batch has that the model is not given."""


def made_of_questions(settings: Settings, data: Questions) -> Made:
    """Raises UsageError for all that would go wrong."""
    texts = (turn["content"] for one in data.trained for turn in one.turns)
    model, tokenizer = load_base(settings, texts)
    if is_seq2seq(model):
        raise UsageError("the base reads with an encoder: rewards are for models that only write, like Llama")
    template = find_template(settings.template, tokenizer, thoughts=settings.thoughts)
    laid = lay_questions(data.trained, model, tokenizer, template, settings)
    findings = findings_of(laid, data, template, tokenizer)
    held_out = lay_questions(data.held_out, model, tokenizer, template, settings)
    return Made(
        model=(model := prepared(model, tokenizer, settings)),
        tokenizer=tokenizer,
        template=template,
        size=size_of(model),
        pairs=False,
        findings=findings,
        items=items_of_questions(laid),
        held_out=items_of_questions(held_out),
        missed=held_out.left_out,
        asked=[],
    )


def draws_of(made: Made, settings: Settings, processes: int) -> Draws:
    return Draws(made.items, settings, processes)


def estimates_of_draws(made: Made, plan: Plan, settings: Settings, precision: torch.dtype) -> dict[str, str]:
    """What the run will take. Its time depends on how long answers become, which nobody knows before."""
    bf16 = precision.itemsize == 2
    tokens = settings.micro_batch * settings.max_length
    need = memory(made.size, tokens, tokens, bf16=bf16, checkpointing=settings.checkpointing)
    copy = 4 * made.size.parameters if settings.method in WHOLE and settings.beta else 0
    more = f", {in_bytes(copy)} of it the base as it was, to compare with" if copy else ""
    questions = settings.batch // settings.samples_each
    return {
        "steps": f"{plan.steps:,} of {questions:,} questions, {settings.samples_each} answers each, "
        f"{plan.steps / plan.steps_an_epoch:.1f} epochs",
        "parameters": f"{made.size.parameters:,}, {made.size.trained:,} of them trained",
        "memory": f"about {in_bytes(need + copy)} on each device, in {'bf16' if bf16 else 'fp32'}{more}",
    }


def describe_draws(
    made: Made, data: Questions, plan: Plan, settings: Settings, precision: torch.dtype, console: Console
) -> None:
    """What is about to be trained, for a person to look at."""
    known = estimates_of_draws(made, plan, settings, precision)
    console.print(table_of(cast("Findings", made.findings), data, settings, known))


class RewardTrainer(AnswerTrainer):
    """Fine-tuning's trainer with the loss of answers that it draws itself."""

    settings: Settings
    answers: Answers
    plan: Draws
    progress: Progress
    """Set before the first step."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._far: list[torch.Tensor] = []
        self._said: dict[str, float] = {}

    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: Any) -> tuple[list[Any], Any]:
        for _ in range(num_batches):
            next(epoch_iterator)
        batches, step = self.answers.step(self, self.state.global_step)
        self._said = step.said
        self.plan.counted = counted(step.items, batches)
        return batches, torch.tensor(step.many, device=device)

    def compute_loss(  # type: ignore[override,unused-ignore]
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if num_items_in_batch is None:
            raise ValueError("the Trainer has not counted the answers of the step")
        settings = self.settings
        given = {name: value for name, value in inputs.items() if name not in BESIDE}
        inner = self.accelerator.unwrap_model(model)
        logs = -losses(model, given, inner, settings.temperature)
        drawn, base = inputs.get("drawn", logs.detach()), inputs.get("base")
        if settings.updates == 1:
            drawn = logs.detach()
        counts, advantages = inputs["counts"], inputs["advantage"]
        if base is not None:
            self._far.append(sums_of(distances(logs.detach(), base), counts).sum())
        if settings.learn == "rloo":
            found = sequence_losses(logs, drawn, advantages, counts, clip=settings.clip_ratio)
        else:
            longest = settings.answer_tokens if settings.unbiased else 0
            how: dict[str, Any] = {"clip": settings.clip_ratio, "beta": settings.beta, "longest": longest}
            found = group_losses(logs, drawn, base, advantages, counts, **how)
        share: torch.Tensor = self.accelerator.num_processes / num_items_in_batch
        return found.sum() * share

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """With what the answers of the step were like and how far they are from the base, in nats an answer."""
        if "loss" in logs:
            logs |= self._said
            if self._far:
                far = self.accelerator.reduce(torch.stack(self._far).sum())
                logs["kl"] = float(far) / max(1, self.answers.many)
                self._far.clear()
            near = f" · KL {logs['kl']:.2f}" if "kl" in logs else ""
            ended = f", {logs['unended']:.0%} without an end" if logs["unended"] else ""
            self.progress.beside = (
                f"reward {logs['reward']:.3f}{near} · {logs['length']:.0f} tokens an answer{ended} · "
                f"{logs['flat']:.0%} of the questions paid all alike"
            )
        super().log(logs, start_time)


class Guard(TrainerCallback):
    """Looks at the model before the first step, keeps the best one, and stops a training that goes wrong."""

    def __init__(self, look: Callable[[Any], None], settings: Settings, say: Callable[[str], None]) -> None:
        self._look, self._settings, self._say = look, settings, say

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if not state.global_step:
            self._look(state)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        if "loss" not in (logs or {}):
            return
        if why := reason_to_stop(state.log_history, self._settings):
            state.log_history.append({"stopped": why, "step": state.global_step})
            control.should_training_stop = True


def trained_by_rewards(
    made: Made,
    data: Questions,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    run: Mapping[str, Any],
    start: Path | None,
    accompany: Callable[[Path], None],
) -> tuple[RewardTrainer, Saved]:
    """As train.py does it for conversations; the plan is that of `draws_of`."""
    from ..loop.loss import trainer_of
    from ..loop.saving import Saved

    assert isinstance(plan, Draws)
    from ..loop.watch import Watch

    folder, reward = Path(settings.out) / "checkpoints", reward_of(settings.reward)
    laid = lay_questions(data.trained, made.model, made.tokenizer, made.template, settings)
    looked = _looked(laid, data, made, settings)
    whole = settings.method in WHOLE
    # An adapter is switched off; of a model that is trained whole the base is a copy, 4 bytes a parameter.
    reference = deepcopy(made.model).requires_grad_(False).eval() if whole and settings.beta else None
    answers = Answers(laid, plan, settings, reward, reference, cast(int, made.tokenizer.pad_token_id))
    answers.meanwhile = progress.meanwhile

    def evaluate() -> tuple[float | None, list[Sample]]:
        state: Any = trainer.state
        now, samples = examined(
            state.global_step, trainer.model, looked, reward, settings.unended, settings.samples, progress.meanwhile
        )
        _note(state.log_history, now, reward)
        if state.log_history[-1]["examined"]["best"] and trainer.is_world_process_zero():
            _keep(trainer.model, folder / BEST)
        progress.say(now.line(_first(state.log_history), looked))
        return None, samples

    def look(state: Any) -> None:
        progress.evaluated(*evaluate())
        progress.pause_over()

    # What was drawn is not kept: a training goes on where other answers are drawn.
    saves = settings.checkpoint or -(-plan.steps_an_epoch // settings.updates) * settings.updates
    watch = Watch(plan, replace(settings, checkpoint=saves), progress, run, evaluate, None, accompany)
    callbacks: list[TrainerCallback] = [watch, Guard(look, settings, progress.say)]
    made_here: Any = trainer_of(made.model, plan, lambda items: {}, settings, folder, callbacks, RewardTrainer)
    trainer: RewardTrainer = made_here
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        raise UsageError("answers are drawn by a model that each device has whole: use accelerate/ddp.yaml")
    trainer.settings, trainer.answers, trainer.plan, trainer.progress = settings, answers, plan, progress
    if reference is not None:
        reference.to(trainer.accelerator.device)
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    _back_to_the_best(trainer, plan, folder / BEST, progress)
    return trainer, _rounded(trainer.model, settings) if whole else Saved("fp32")


def _looked(laid: Laid, data: Questions, made: Made, settings: Settings) -> Looked:
    def lay(asked: Sequence[Any], name: str) -> Laid:
        found = lay_questions(asked, made.model, made.tokenizer, made.template, settings)
        return found.some(settings.examined, f"{settings.seed}/{name}")

    with_twins = [n for n, one in enumerate(laid.asked) if one.id in data.twins]
    others = [n for n, one in enumerate(laid.asked) if one.id not in data.twins]
    places = [*with_twins, *others][: settings.examined]
    trained = Laid([laid.asked[n] for n in places], [laid.answers[n] for n in places], 0)
    pairs = [n for n, one in enumerate(trained.asked) if one.id in data.twins]
    found = lay_questions(
        [data.twins[trained.asked[n].id] for n in pairs], made.model, made.tokenizer, made.template, settings
    )
    ids = {one.id for one in found.asked}
    of = [n for n in pairs if data.twins[trained.asked[n].id].id in ids]
    return Looked(trained, found, of, lay(data.held_out, "held"), lay(data.unseen, "unseen"))


def _first(history: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(entry["examined"] for entry in history if "examined" in entry)
    return found


def _note(history: list[Any], now: Examined, reward: Reward) -> None:
    """Into the history, which goes with every checkpoint."""
    before = [entry["examined"] for entry in history if "examined" in entry]
    opened, error = now.opened(before[0]) if before and reward.has_bounds else (0.0, 0.0)
    best = all(now.score > one["score"] for one in before)
    more = {"score": now.score, "opened": opened, "error": error, "best": best}
    kept = now._asdict() if not before else now._replace(gaps=[])._asdict()
    history.append({"examined": {**kept, **more}, "step": now.step})


def _keep(model: Any, file: Path) -> None:
    from safetensors.torch import save

    file.parent.mkdir(parents=True, exist_ok=True)
    learned = {name: one.detach().cpu().contiguous() for name, one in model.named_parameters() if one.requires_grad}
    with atomic(file) as written:
        written.write(save(learned))


def _back_to_the_best(trainer: RewardTrainer, plan: Draws, file: Path, progress: Progress) -> None:
    """Where the training was stopped, to what the model was when it knew most."""
    from safetensors.torch import load_file

    history: Any = trainer.state.log_history
    stopped = next((entry for entry in history if "stopped" in entry), None)
    trainer.accelerator.wait_for_everyone()
    if stopped is not None:
        plan.steps = trainer.state.global_step  # what a report says of steps is what was done
        learned = load_file(file)
        with torch.no_grad():
            for name, one in cast(Any, trainer.model).named_parameters():
                if one.requires_grad:
                    one.copy_(learned[name])
        best = [entry["step"] for entry in history if entry.get("examined", {}).get("best")][-1]
        progress.say(f"stopped after step {plan.steps:,}: {stopped['stopped']}; the model is that of step {best:,}")
    if trainer.is_world_process_zero():
        file.unlink(missing_ok=True)


def _rounded(model: Any, settings: Settings) -> Saved:
    """In fp32, unless somebody wants 16 bits: a rate of 5e-7 moves weights by less than these can tell apart."""
    from ..loop.saving import NAMES, Saved
    from ..models.rounding import rounded as rounded_to

    if settings.save in ("auto", "fp32"):
        return Saved("fp32")
    kind = torch.bfloat16 if settings.save == "bf16" else torch.float16
    by_chance = kind == torch.bfloat16
    for number, one in enumerate(model.parameters()):
        one.data = rounded_to(one.data, kind, (settings.seed << 20) + number if by_chance else None)
    model.to(kind)
    return Saved(NAMES[kind], by_chance)
