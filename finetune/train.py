"""Training from settings to a folder that one can talk to: the story, from top to bottom.

    train("alpaca_lora", data="runs/first", base="meta-llama/Llama-3.2-1B", out="models/mine")
    train(load_settings("tiny", {"data": ["runs/first", "more.jsonl"], "out": "models/tiny"}))

Read the data, open the base, make rows and look at them, say what there is, train, save. The same command goes on after
a crash, from the last complete checkpoint, and ends with the same weights. Under torchrun or accelerate every process
runs this; the first one talks and writes. Who wants to know all of it reads eight files in this order: settings.py,
this one, rows/conversations.py, rows/templates.py, rows/batches.py, models/methods.py, loop/loss.py, loop/watch.py.
Where text is learned instead of answers, pretraining.py is its middle.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from selfinstruct.errors import UsageError, shown
from selfinstruct.rows.notes import Notes
from selfinstruct.workdir import check_place, locked

from .limits import LIMITS
from .loop.checkpoints import KIND, REPORT, finished, forget_tokens, is_done, lighten, room, run_of, start_of
from .loop.figures import Made, Turns, describe, device_peak, estimates, figures_of
from .loop.progress import Progress, Sample
from .models.converted import remark
from .models.facts import context_of, is_seq2seq, precision_of, size_of
from .models.open import quietly
from .rows.batches import Item, Plan, items_of, packed
from .rows.both_sides import both_sides
from .rows.conversations import MASKED, Conversation, Row, data_hash, has_rounds, read_conversations
from .rows.examine import examine
from .rows.holding_out import split, wanted
from .rows.laying import lay_out, what_of
from .rows.template_files import check_template
from .rows.templates import find_template
from .settings import PAIRS, REWARDED, Settings, load_settings

if TYPE_CHECKING:
    from rich.console import Console
    from transformers import Trainer

    from .align.comparisons import Comparisons
    from .align.prompted import Questions
    from .loop.saving import Saved
    from .text.corpus import Corpus

__all__ = ["Conversations", "Made", "load_settings", "make", "plan_of", "read", "train"]

LONG, LARGE = 5_000, 1e9
"""Rows to tokenize, and bytes of weights to load, that take long enough to say so."""

EXAMPLE = "Name the three primary colours."


class Conversations(NamedTuple):
    trained: list[Conversation]
    held_out: list[Conversation]
    hash: str
    """Of all conversations, whatever their files are called."""
    notes: Notes | None = None
    """What was noticed while they were read."""

    @property
    def total(self) -> int:
        return len(self.trained) + len(self.held_out)


def train(
    settings: Settings | str | None = None,
    *,
    show_mask: bool = False,
    dry_run: bool = False,
    console: Console | None = None,
    **changes: Any,
) -> Path:
    """Train, or go on with training, in the folder settings.out, and return it.

    `settings` are all of them, or a preset's name; `changes` are single ones: train("tiny", data="runs/first", out=…).
    `show_mask` prints a row with what is learned of it; `dry_run` stops before the first step. Progress goes to
    `console`, by default stderr. Raises UsageError before anything is written, RunStopped when training cannot go on.
    """
    from rich.console import Console

    rank, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))  # as torchrun tells
    if not isinstance(settings, Settings):
        settings = load_settings(settings, changes)
    elif changes:
        raise TypeError("settings and changes to a preset do not go together: give load_settings both")
    console = (console or Console(stderr=True)) if rank == 0 else Console(quiet=True)
    out = _folder(settings, dry_run=dry_run)
    if line := remark(settings.base):
        console.print(shown(line), markup=False, emoji=False, highlight=False, soft_wrap=True)
    with ExitStack() as held:
        if rank == 0 and not dry_run and finished(out) is None:  # what is done is only read
            held.enter_context(locked(out))
        data = read(settings)
        precision = precision_of(settings)
        run: dict[str, Any] = {}
        start = None
        if not dry_run:
            run = run_of(settings, data.hash, str(precision).removeprefix("torch."), count)
            if settings.learn in REWARDED:
                from .align.rewarding import reward_hash

                run["reward_hash"] = reward_hash(settings.reward)
            if is_done(out, run, console):
                return out
            start = start_of(out, run, console)
        many = data.total
        if many >= LONG or _bytes(settings.base) >= LARGE:  # up to a minute in which nothing else could be said
            text = shown(f"loading {settings.base} and tokenizing {many:,} rows …")
            console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)
        made = make(settings, data, None if dry_run else out, rank)
        plan = plan_of(made, settings, count)
        if settings.learn in REWARDED:
            from .align.reinforcing import describe_draws

            describe_draws(made, cast("Questions", data), plan, settings, precision, console)
        else:
            describe(made, plan, settings, estimates(made, plan, settings, precision), console, mask=show_mask)
        if dry_run:
            return out
        progress = Progress(
            console,
            made.size,
            steps=plan.steps,
            steps_an_epoch=plan.steps_an_epoch,
            best=device_peak(made, precision),
            devices=count,
            perplexity=settings.learn == "text",
        )
        held.callback(progress.end)
        from .loop.card import companion

        with room(out), quietly():
            template = None if settings.learn == "text" else made.template
            trainer: Trainer
            accompany = companion(made.model, made.tokenizer, template, settings)
            if settings.learn in REWARDED:
                from .align.reinforcing import trained_by_rewards

                asked = cast("Questions", data)
                trainer, saved = trained_by_rewards(made, asked, plan, settings, progress, run, start, accompany)
            elif settings.learn in PAIRS:
                from .align.training import trained_on_pairs

                trainer, saved = trained_on_pairs(made, plan, settings, progress, run, start, accompany)
            else:
                trainer, saved = _trained(made, plan, settings, progress, run, start, accompany)
            _save(trainer, made, plan, settings, progress, run, saved, accompany)
    return out


def _bytes(base: str) -> int:
    """Of the weights in a folder; of what has yet to be downloaded, the hub's own bars speak."""
    try:
        return sum(file.stat().st_size for file in Path(base).expanduser().glob("*.safetensors"))
    except (OSError, ValueError, RuntimeError):  # no such folder: that is told by what loads it
        return 0


def _folder(settings: Settings, *, dry_run: bool) -> Path:
    """The folder to train in. Raises UsageError when it cannot be, or holds something else."""
    if not settings.out and not dry_run:
        raise UsageError("where should the model go? Give --out FOLDER, like --out models/mine")
    out = Path(settings.out)
    if not dry_run:
        check_place(out, KIND, ("checkpoints", REPORT))
    return out


def read(settings: Settings) -> Conversations | Corpus | Comparisons[Any] | Questions:
    """The data, and a look at what else is quick to see and would be found only beside the base. Raises UsageError."""
    if settings.learn == "text":
        from .text.corpus import read_corpus

        return read_corpus(settings)
    if settings.learn in REWARDED:
        from .align.prompted import read_questions

        check_template(settings.template)
        return read_questions(settings)
    if settings.learn in PAIRS:
        from .align.comparisons import read_answered, read_comparisons

        check_template(settings.template)
        return read_answered(settings) if settings.learn == "kto" else read_comparisons(settings)
    check_template(settings.template)
    notes = Notes()
    found = read_conversations(settings.data, notes)
    trained, validated = split(found, settings.validation, settings.seed)
    if len(validated) != (asked := wanted(settings.validation, len(found))):
        notes.done[f"held out instead of {asked:,}, as the rows of a task stay together"] = len(validated)
    return Conversations(trained, validated, data_hash(found), notes)


def make(
    settings: Settings,
    data: Conversations | Corpus | Comparisons[Any] | Questions,
    out: Path | None = None,
    rank: int = 0,
) -> Made:
    """Load the base, and make rows of the data, or the tokens of texts, in files below `out`, by the process of rank 0.
    Raises UsageError for all that would go wrong.
    """
    import torch

    from .models.methods import load_base, prepared
    from .models.quantising import check_optimizer

    check_optimizer(settings.optimizer)
    torch.manual_seed(settings.seed)  # LoRA's first weights are random
    if settings.learn in REWARDED:
        from .align.reinforcing import made_of_questions

        return made_of_questions(settings, cast("Questions", data))
    if settings.learn in PAIRS:
        from .align.training import made_of_comparisons

        return made_of_comparisons(settings, cast("Comparisons[Any]", data))
    if not isinstance(data, Conversations):
        from .pretraining import made_of_texts

        with room(out or Path()):
            return made_of_texts(settings, cast("Corpus", data), out, rank)
    model, tokenizer = load_base(settings, _texts(data.trained))
    several = has_rounds(data.trained)
    template = find_template(settings.template, tokenizer, several=several, thoughts=settings.thoughts)
    pairs = is_seq2seq(model)

    notes = Notes() if data.notes is None else data.notes
    laid = lay_out(data.trained, template, tokenizer, settings.max_length, notes, pairs=pairs)
    others = lay_out(data.held_out, template, tokenizer, settings.max_length, notes, pairs=pairs)
    findings = examine(
        laid.parts,
        laid.rows,
        template,
        tokenizer,
        settings.max_length,
        pairs=pairs,
        left_out=laid.left_out,
        notes=notes.lines(),
        too_long=settings.too_long,
        unfit=settings.unfit,
    )
    if settings.learn == "all":
        if pairs:
            raise UsageError("learn is 'all', but an encoder reads the questions: for such a base, --set learn=answers")
        rows = both_sides(findings.rows, laid.parts)
        findings = replace(findings, rows=rows, trained=sum(label != MASKED for row in rows for label in row.labels))
    kept = [(one, row) for one, row in zip(others.parts, others.rows, strict=True) if _fits(row, settings.max_length)]
    _check_context(model, [*findings.rows, *(row for _, row in kept)], settings)
    model = prepared(model, tokenizer, settings)
    items = items_of(findings.rows, pairs=pairs)
    return Made(
        model=model,
        tokenizer=tokenizer,
        template=template,
        size=size_of(model),
        pairs=pairs,
        findings=findings,
        items=_packed(items, settings, pairs=pairs) if settings.packing else items,
        held_out=items_of((row for _, row in kept), pairs=pairs),
        missed=len(others.rows) - len(kept) + sum(others.left_out.values()),
        asked=_asked([one for one, _ in kept] or _of(laid.parts, findings.rows), settings.samples),
    )


def _texts(conversations: Sequence[Conversation]) -> Iterator[str]:
    return (turn[name] for one in conversations for turn in one.turns for name in ("content", "input") if name in turn)


def _fits(row: Row, length: int) -> bool:
    return max(len(row.ids), len(row.labels)) <= length and any(label >= 0 for label in row.labels)


def _check_context(model: Any, rows: Sequence[Row], settings: Settings) -> None:
    """Raises UsageError when the base cannot read the longest row, after learned tokens if there are any."""
    context, longest = context_of(model), max((len(row.ids) for row in rows), default=0)
    before = settings.virtual_tokens if settings.method == "ptuning" else 0
    if context is None or longest + before <= context:
        return
    fits = [f"max_length={context - before}"] if context - before >= LIMITS["max_length"][0] else []
    if not before:
        raise UsageError(f"the longest row has {longest:,} tokens and the base reads {context:,}: --set {fits[0]}")
    fits = [f"virtual_tokens={context - longest}"] * (longest < context) + fits
    raise UsageError(
        f"virtual_tokens is {before:,} and the longest row has {longest:,} tokens, and the base reads {context:,} "
        f"together: --set {' or '.join(fits or ['virtual_tokens=16'])}"
    )


def _packed(items: list[Item], settings: Settings, *, pairs: bool) -> list[Item]:
    if pairs or settings.method in ("adapter", "ptuning"):
        what = "an encoder-decoder" if pairs else f"method '{settings.method}'"
        raise UsageError(f"packing is not for {what}, where rows would see each other: --set packing=false")
    return packed(items, settings.max_length)


def _of(parts: Sequence[Conversation], rows: Sequence[Row]) -> list[Conversation]:
    wanted = {row.id for row in rows}
    return [part for part in parts if part.id in wanted]


def _asked(conversations: Sequence[Conversation], count: int) -> list[Turns]:
    """The first conversations without tools, each up to the question before its last answer."""
    found: list[Turns] = []
    for one in (one for one in conversations if not what_of(one.turns, one.tools)):
        turns = one.turns
        while turns and turns[-1]["role"] != "user":
            turns = turns[:-1]
        if turns and len(turns) < len(one.turns) and len(found) < count:
            found.append(turns)
    return found


def plan_of(made: Made, settings: Settings, processes: int) -> Plan:
    """Packed, a step has as many sequences as about `batch` rows fill: packing changes how fast a step is, and not how
    much it sees. Of paid answers, a step has a batch.
    """
    if settings.learn in REWARDED:
        from .align.reinforcing import draws_of

        return draws_of(made, settings, processes)
    rows, sequences = len(made.findings.rows), len(made.items)
    return Plan(
        made.items,
        batch=max(1, round(settings.batch * sequences / rows)),
        micro=settings.micro_batch,
        processes=processes,
        seed=settings.seed,
        epochs=settings.epochs,
        steps=settings.steps,
        drawn=made.drawn,
    )


def _trained(
    made: Made,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    run: Mapping[str, Any],
    start: Path | None,
    accompany: Callable[[Path], None],
) -> tuple[Trainer, Saved]:
    from .loop.loss import collator, mean_loss, trainer_of
    from .loop.saving import Measure, Saved, rounding_to, settled
    from .loop.watch import Watch, sampled

    pad: Any = made.tokenizer.pad_token_id  # load_base gives every tokenizer one
    collate = collator(made.model, pad, settings, pairs=made.pairs)

    def validated() -> float | None:
        rows = 2 * settings.micro_batch  # nothing is kept for a backward pass
        return mean_loss(trainer, made.held_out, collate, rows, progress.meanwhile) if made.held_out else None

    def evaluate() -> tuple[float | None, list[Sample]]:
        loss = validated()
        return loss, sampled(trainer.model, made.tokenizer, made.template, made.asked, meanwhile=progress.meanwhile)

    measure = Measure(made.model, made.held_out or made.items, collate, 2 * settings.micro_batch, progress.meanwhile)
    watch = Watch(plan, settings, progress, run, evaluate, measure.loss if rounding_to(settings) else None, accompany)
    trainer = trainer_of(made.model, plan, collate, settings, Path(settings.out) / "checkpoints", [watch])
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:  # no process has the weights whole
        return trainer, Saved("fp32")
    return trainer, settled(trainer.state.log_history, measure, settings, validated, progress.say)


def _save(
    trainer: Trainer,
    made: Made,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    run: Mapping[str, Any],
    saved: Saved,
    accompany: Callable[[Path], None],
) -> None:
    from .loop.card import save_results
    from .rows.templates import rendered_prompt

    out = Path(settings.out)
    trainer.save_model(str(out))  # by all processes: a sharded model is gathered
    if trainer.is_world_process_zero():
        (out / "training_args.bin").unlink(missing_ok=True)  # a pickle, of what train.json says
        accompany(out)
        example = made.asked[0] if settings.learn == "text" and made.asked else [{"role": "user", "content": EXAMPLE}]
        prompt = rendered_prompt(made.template, example, made.tokenizer)
        history: Any = trainer.state.log_history
        save_results(out, settings, run, figures_of(made, plan, progress, run, history, saved), history, prompt)
        lighten(out / "checkpoints")
        forget_tokens(out / "checkpoints")
        progress.say(progress.line())
    trainer.accelerator.wait_for_everyone()
    trainer.accelerator.end_training()
