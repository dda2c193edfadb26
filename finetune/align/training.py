"""A training on pairs: what train.py needs of them, as it has it of conversations, for the same loop.

    selfinstruct train pairs.jsonl --method dpo --base models/mine --out models/better
    selfinstruct train pairs.jsonl --method reward --base models/mine --out models/marks
    selfinstruct train thumbs.jsonl --method kto --base models/mine --out models/better

TRL's trainers were looked at and left out, as for fine-tuning (loop/loss.py): they tokenise and cut rows by themselves,
so neither the tokens nor the checks nor the order and resuming would be those of everything else here. A test compares
losses with theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from selfinstruct.errors import UsageError

from ..loop.figures import Made
from ..models.facts import context_of, is_seq2seq, size_of
from ..models.methods import load_base, prepared
from ..rows.batches import Item, Plan
from ..rows.conversations import Conversation, Row, has_rounds
from ..rows.templates import find_template
from ..settings import Settings
from .comparisons import Answered, Comparison, Comparisons
from .labelled import items_of_labelled, look_at_labelled
from .pairs import items_of_pairs, look_at

if TYPE_CHECKING:
    from transformers import Trainer

    from ..loop.progress import Progress, Sample
    from ..loop.saving import Saved
    from .judging import PairTrainer

__all__ = ["made_of_comparisons", "trained_on_pairs"]


def made_of_comparisons(settings: Settings, data: Comparisons[Any]) -> Made:
    """Raises UsageError for all that would go wrong."""
    model, tokenizer = load_base(settings, _texts(data.trained))
    if is_seq2seq(model):
        raise UsageError("the base reads with an encoder: pairs are learned by models that only write, like Llama")
    several = has_rounds(side for one in data.trained for side in _conversations(one))
    template = find_template(settings.template, tokenizer, several=several, thoughts=settings.thoughts)
    given: tuple[Any, Any]
    if settings.learn == "kto":
        findings, answers, others, missed = look_at_labelled(data, template, tokenizer, settings)
        rows = [one.row for one in (*answers, *others)]
        given = (answers, others)
        items = [items_of_labelled(some, settings) for some in given]
    else:
        findings, pairs, held_out, missed = look_at(data, template, tokenizer, settings)
        rows = [row for pair in (*pairs, *held_out) for row in pair[1:]]
        given = (pairs, held_out)
        items = [items_of_pairs(some) for some in given]
    _check_context(model, rows, settings)
    model = prepared(model, tokenizer, settings)
    asked = {str(one.asked): one.asked for one, *_ in given[1] or given[0] if not one.tools}
    return Made(
        model=model,
        tokenizer=tokenizer,
        template=template,
        size=size_of(model),
        pairs=False,
        findings=findings,
        items=items[0],
        held_out=items[1],
        missed=missed,
        asked=list(asked.values())[: settings.samples] if settings.learn != "reward" else [],
    )


def _conversations(one: Comparison | Answered) -> tuple[Conversation, ...]:
    return one.sides() if isinstance(one, Comparison) else (one.conversation(),)


def _texts(comparisons: Sequence[Comparison | Answered]) -> Any:
    return (turn["content"] for one in comparisons for side in _conversations(one) for turn in side.turns)


def _check_context(model: Any, rows: Sequence[Row], settings: Settings) -> None:
    context, longest = context_of(model), max(len(row.ids) for row in rows)
    if context is not None and context < longest:
        fits = f"--set max_length={context}" if settings.max_length > context else "a base that reads more"
        raise UsageError(f"the longest row has {longest:,} tokens and the base reads {context:,}: {fits}")


class Measure(NamedTuple):
    """The loss of some pairs, as the weights are: what loop/saving.py measures rounding by."""

    model: Any
    ask: Callable[[], float]

    def loss(self) -> float:
        return self.ask()


MEASURED = 32
"""Pairs that rounding is measured on."""


def trained_on_pairs(
    made: Made,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    run: Mapping[str, Any],
    start: Path | None,
    accompany: Callable[[Path], None],
) -> tuple[Trainer, Saved]:
    """As train.py does it for conversations."""
    from ..loop.loss import trainer_of
    from ..loop.saving import Saved, rounding_to, settled
    from ..loop.watch import Watch, sampled
    from .judging import PairTrainer, Reference, collator, told

    pad: Any = made.tokenizer.pad_token_id
    collate = collator(made.model, pad, settings)
    folder, held_out = Path(settings.out) / "checkpoints", _list(made.held_out)
    what = "answers" if settings.learn == "kto" else "pairs"

    def validated() -> float | None:
        if not held_out:
            return None
        found = told(trainer, held_out, collate, settings, progress.meanwhile)
        trainer.state.log_history.append({"told": found._asdict(), "step": trainer.state.global_step})  # type: ignore[dict-item]
        progress.say(f"step {progress.step:,}: {found.line(len(held_out), what)}")
        return found.loss

    def evaluate() -> tuple[float | None, list[Sample]]:
        loss = validated()
        return loss, sampled(trainer.model, made.tokenizer, made.template, made.asked, meanwhile=progress.meanwhile)

    def measured() -> float:
        some = held_out[:MEASURED] or list(plan.items[:MEASURED])
        return told(trainer, some, collate, settings, progress.meanwhile).loss

    measure = Measure(made.model, measured)
    watch = Watch(plan, settings, progress, run, evaluate, measured if rounding_to(settings) else None, accompany)
    callbacks: list[Any] = [watch]
    if settings.learn in ("dpo", "kto"):
        rows = 2 * settings.micro_batch
        callbacks.insert(0, Reference(plan, held_out, collate, rows, folder, lambda: trainer, progress.meanwhile))
    trainer = cast("PairTrainer", trainer_of(made.model, plan, collate, settings, folder, callbacks, PairTrainer))
    trainer.settings = settings
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        return trainer, Saved("fp32")
    return trainer, settled(trainer.state.log_history, measure, settings, validated, progress.say)


def _list(items: Sequence[Item]) -> list[Item]:
    return items if isinstance(items, list) else list(items)
