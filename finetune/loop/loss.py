"""Supervised fine-tuning on transformers' Trainer, for every method and kind of model.

What is ours is the loss, of learned tokens alone: the head, which is a third of a small model's arithmetic, computes
logits only where a token is learned, and their mean is taken over the whole optimiser step, however many micro-batches
and processes it comes in. Models' own losses are not up to that: T5's ignores how many tokens a step has, so that the
Trainer, which hands that number over, trains it with as many times the gradient as there are micro-batches.

On a CPU this has 1.5 times the tokens/s of a bare loop in the same precision, packed 1.6 (benchmarks/train.py). TRL's
SFTTrainer was tried on rows that are tokenised already, and left out: this is 1.9 times as fast in the same precision
and 2.8 times as fast as its defaults (a Llama of 4 million parameters). It computes logits for every token, masked or
not, and entropy and accuracy at each step; packed, a micro-batch is a single row, whose attention mask grows with the
square of its length (7 times as slow). It refuses LoRA on the head and collators of ours, puts QLoRA's weights into
bf16, and fails with LLaMA-Adapter and T5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy, pad
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from ..models.facts import context_of, device_here, precision_of
from ..rows.batches import Item, Plan, pair_tensors, tensors
from ..settings import Settings

__all__ = ["AnswerTrainer", "Batch", "Collate", "collator", "losses", "mean_loss", "trainer_of"]

WHOLE = 128
"""Logits are computed of whole multiples of so many tokens, so that the head meets few sizes: see batches.rounded."""

Batch = dict[str, torch.Tensor]
Collate = Callable[[Sequence[Item]], Batch]


def collator(model: Any, pad: int, settings: Settings, *, pairs: bool) -> Collate:
    """How a micro-batch of items becomes tensors for this model."""
    if pairs:
        return partial(pair_tensors, pad=pad, start=model.config.decoder_start_token_id)
    return partial(tensors, pad=pad, masked=settings.method in ("adapter", "ptuning"), most=context_of(model))


def losses(model: Any, batch: Batch, inner: Any = None, temperature: float = 1.0) -> torch.Tensor:
    """The loss of each learned token, [learned], as it is drawn at this temperature; `inner` is the model itself if
    `model` wraps it (DDP)."""
    batch = dict(batch)
    labels, learned = batch.pop("labels"), batch.pop("learned")
    shift, count = "decoder_input_ids" not in batch, len(learned)
    computed = pad(learned, (0, -count % WHOLE))  # the first token, where there is no other

    def chosen(_: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        hidden = given[0][:, -labels.shape[1] :]  # virtual tokens may stand before
        return (hidden.flatten(0, 1)[computed][None], *given[1:])

    head = (inner or model).get_output_embeddings()
    handle = head.register_forward_pre_hook(chosen)
    try:
        logits: torch.Tensor = model(**batch).logits[0, :count]
    finally:
        handle.remove()
    targets = (labels.roll(-1, 1) if shift else labels).flatten()[learned]
    found: torch.Tensor = cross_entropy(logits.float() / temperature, targets, reduction="none")
    return found


def warmed(rate: Callable[[int], float], steps: int) -> Callable[[int], float]:
    """A schedule whose warm-up of so many steps begins above 0 already: a step at rate 0 would learn nothing."""
    return lambda step: (step + 1) / (steps + 1) if step < steps else rate(step)


OPTIMIZERS = {
    "adamw": "adamw_torch_fused",
    "adamw_8bit": "adamw_bnb_8bit",
    "paged_adamw": "paged_adamw_32bit",
    "paged_adamw_8bit": "paged_adamw_8bit",
}
"""Ours by transformers' names."""


class OneDevice(TrainingArguments):
    """Several GPUs in one process is DataParallel, slower than one GPU; train.py says how to use them all."""

    @property
    def n_gpu(self) -> int:
        found: int = super().n_gpu
        return min(1, found)


class AnswerTrainer(Trainer):
    """The Trainer with the loss and the warm-up above: what it offers no arguments for."""

    loss_is_scaled_for_ga = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.model_accepts_loss_kwargs = True  # so that labels are counted for every model

    def compute_loss(  # type: ignore[override,unused-ignore]
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if num_items_in_batch is None:
            raise ValueError("the Trainer has not counted the labels of the step")
        # Gradients are averaged over processes, and the labels are counted over all of them.
        share: torch.Tensor = self.accelerator.num_processes / num_items_in_batch
        return losses(model, inputs, self.accelerator.unwrap_model(model)).sum() * share

    def create_scheduler(self, num_training_steps: int, optimizer: Optimizer | None = None) -> LRScheduler:
        if self.lr_scheduler is None:
            made: Any = super().create_scheduler(num_training_steps, optimizer)
            warmup = self.args.get_warmup_steps(num_training_steps)
            # It has set the rate to that of its own first step, and left what it was before as "initial_lr".
            self.lr_scheduler = LambdaLR(made.optimizer, [warmed(rate, warmup) for rate in made.lr_lambdas])
        return self.lr_scheduler

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Not asked for: it would walk over all parameters at every micro-batch. facts.flops counts better."""
        return 0

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """An adapter alone. PEFT's own default asks the hub for the base's size, and writes all embeddings where a row
        to pad with was added.
        """
        from peft import PeftModel

        if not isinstance(self.model, PeftModel):
            super()._save(output_dir, state_dict)
            return
        self.model.save_pretrained(
            str(output_dir or self.args.output_dir),
            state_dict=state_dict,
            is_main_process=self.args.should_save,
            save_embedding_layers=False,
        )


def trainer_of(
    model: Any,
    plan: Plan,
    collate: Collate,
    settings: Settings,
    folder: Path,
    callbacks: list[TrainerCallback],
    kind: type[AnswerTrainer] = AnswerTrainer,
) -> AnswerTrainer:
    """A Trainer whose one epoch is the plan, an item of whose data is a micro-batch; it saves when a callback says."""
    args = _arguments(settings, plan, folder, bf16=precision_of(settings, model) == torch.bfloat16)
    trainer = kind(
        model=model,
        args=args,
        data_collator=lambda one: collate(one[0]),
        train_dataset=plan,  # type: ignore[arg-type,unused-ignore]
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(settings: Settings, plan: Plan, folder: Path, *, bf16: bool) -> TrainingArguments:
    schedule = {"cosine": "cosine_with_min_lr", "linear": "linear", "constant": "constant_with_warmup"}
    return OneDevice(
        output_dir=str(folder),
        max_steps=plan.steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=plan.accumulation,
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        learning_rate=settings.lr,
        lr_scheduler_type=schedule[settings.schedule],
        lr_scheduler_kwargs={"min_lr_rate": settings.lr_end} if settings.schedule == "cosine" else None,
        warmup_steps=settings.warmup,
        weight_decay=settings.decay,
        adam_beta1=settings.betas[0],
        adam_beta2=settings.betas[1],
        max_grad_norm=settings.clip,
        optim=OPTIMIZERS[settings.optimizer],
        bf16=bf16,
        use_cpu=device_here().type == "cpu",
        activation_checkpointing=settings.checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False} if settings.checkpointing else None,
        ddp_find_unused_parameters=False,
        seed=settings.seed,
        logging_steps=1,
        logging_nan_inf_filter=False,  # it would hide that the loss is no number
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
    )


@torch.no_grad()
def mean_loss(
    trainer: Trainer,
    items: Sequence[Item],
    collate: Collate,
    rows: int,
    meanwhile: Callable[[str], None] = lambda doing: None,
) -> float:
    """The mean loss of all learned tokens, `rows` rows at once, each process taking its share. `meanwhile` is told
    before each part."""
    model, accelerator = trainer.model_wrapped, trainer.accelerator
    ordered = sorted(items, key=lambda item: sum(item.lengths))
    parts = [ordered[start : start + rows] for start in range(0, len(ordered), rows)]
    found = torch.zeros(2, dtype=torch.float64)
    model.eval()
    # Sharded models need every process at every forward pass: those without a part of their own do one again.
    for start in range(0, len(parts), accelerator.num_processes):
        meanwhile(f"evaluating, {start:,} of {len(parts):,} parts done")
        place = start + accelerator.process_index
        batch = {name: tensor.to(accelerator.device) for name, tensor in collate(parts[place % len(parts)]).items()}
        loss = losses(model, batch, accelerator.unwrap_model(model))
        if place < len(parts):
            found += torch.tensor([float(loss.double().sum()), len(loss)])
    model.train()
    total, count = accelerator.reduce(found.float().to(accelerator.device)).tolist()
    return float(total / count)
