"""The commands that ask a teacher: generate, evolve and run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import main, say
from selfinstruct.cli.reading import how_from, reading_options
from selfinstruct.errors import BudgetReached, RunStopped, UsageError, quoted

if TYPE_CHECKING:
    from selfinstruct.running.recipe import Recipe
    from selfinstruct.task import Task

__all__ = ["prices_from", "teacher_options", "work"]


def _data_argument(command: Callable[..., None]) -> Callable[..., None]:
    """DATA, or --seeds FILE, as it was called before."""
    seeds = click.option("--seeds", metavar="DATA", hidden=True, help="The same as DATA.")
    return click.argument("data", metavar="[DATA]", required=False)(seeds(command))


APIS = ("auto", "chat", "completions", "prefill", "responses")

_HELP = {
    "api": "How prompts are sent: as a question, as a bare beginning to go on with, as the beginning of the model's "
    "own turn, or to /responses. auto: chat to a server; what suits the step to a model on this machine.",
    "batch": "By the provider's Batch API: half the price, within a day; may be left, the same command goes on.",
    "num": "Tasks wanted (`evolve`: how many of DATA, drawn at random). A larger N extends the run. [default: {}]",
    "drop": "One more reason to drop a finished task; `selfinstruct filters` lists them. May be repeated.",
    "against": "An evaluation of which nothing is to be in what is made (MMLU, GSM8K … as published), or exam. May be "
    "repeated.",
    "width": "Of a growing recipe: how many drafts are ahead of the pool. [default: the recipe's]",
    "axes": "What new tasks are to be about: a YAML file of lists or trees, as `selfinstruct axes` writes them.",
    "language": "en or zh: of seeds and prompts. [default: the recipe's]",
    "model": "Who answers: builtin (rules, no model), builtin:messy (the same with more faults of form), builtin:weak "
    "(the same, often wrong), local:DIR (a model on this machine), or a model's name at the endpoint. ROLE=NAME for a "
    "step's own teacher. [default: $SELFINSTRUCT_MODEL, else builtin]",
    "concurrency": "Requests at a time: changes the speed and nothing else. [default: 16; 64 to a local model]",
    "run": "Run the code of answers with their tests, in a sandbox on this machine, where the recipe checks code so.",
    "max": "Size of an answer; a longer one is a rejection.",
    "price": "Dollars per million tokens: IN/OUT, IN/CACHED/OUT or IN/CACHED/WRITTEN/OUT; of one teacher alone with "
    "ROLE= or MODEL= before it. May be repeated. [default: as `selfinstruct prices` has it]",
    "documents": "In the place of DATA, for recipes that work on passages: a folder, a file or a pattern of texts, "
    "Markdown, HTML, PDF, docx, epub, or rows with a text. May be repeated.",
    "passage": "The longest passage of --documents; two Chinese characters count as a word.",
    "shards": "Part the data into so many runs, asked by as many processes as --workers says, and merge them: the same "
    "bytes. For recipes that do not grow.",
    "executor": "Of --shards: processes here, a Slurm array, or a Ray cluster.",
    "workers": "Of --shards: how many are asked at a time. [default: this machine's cores]",
    "slurm": "For --executor slurm, like partition=cpu and time=04:00:00; what datatrove or sbatch knows. May be "
    "repeated.",
    "timeout": "How long one answer may take. [default: 600, or the patience if that is less, but 10]",
}


Option = Callable[[Callable[..., None]], Callable[..., None]]


def _with(options: Sequence[Option]) -> Option:
    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


_TEACHER: tuple[Option, ...] = (
    click.option("--model", "models", metavar="NAME", multiple=True, help=_HELP["model"]),
    click.option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, llama.cpp, Ollama …"),
    click.option("--api", type=click.Choice(APIS), default="auto", show_default=True, help=_HELP["api"]),
    click.option("--batch", is_flag=True, help=_HELP["batch"]),
    click.option("--keep-thoughts", is_flag=True, help="Keep what a reasoning model thought with its answers."),
    click.option("--keep-asking", is_flag=True, help="Go on although the answers are of no use."),
    click.option("--concurrency", metavar="N", type=click.IntRange(1), help=_HELP["concurrency"]),
    click.option("--seed", type=int, default=0, show_default=True, help="Of all random choices."),
    click.option("--budget", metavar="DOLLARS", type=click.FloatRange(0), help="Stop before spending more."),
    click.option("--price", metavar="IN/OUT", multiple=True, help=_HELP["price"]),
    click.option("--max-tokens-total", metavar="N", type=click.IntRange(0), help="Stop before using more."),
    click.option(
        "--patience",
        metavar="SECONDS",
        type=click.FloatRange(0),
        default=600.0,
        show_default=True,
        help="How long a request is tried before the run stops.",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        help=_HELP["timeout"],
    ),
    click.option("--rpm", metavar="N", type=float, help="Requests a minute. [default: what the server allows]"),
    click.option("--tpm", metavar="N", type=float, help="Tokens a minute. [default: what the server allows]"),
    click.option("--max-answer", metavar="MB", type=float, default=10.0, show_default=True, help=_HELP["max"]),
    click.option("--journal", metavar="RUN", help="An earlier run whose answers are not asked for again."),
    click.option("--retry-rejected", is_flag=True, help="Ask again what the server refused to answer."),
    click.option("--quiet", is_flag=True, help="No progress and no notices; the result and errors only."),
    click.option("--dry-run", is_flag=True, help="Print the first prompts and the expected requests; ask nobody."),
)
"""Of every command that asks a teacher: who answers, at what cost, how fast."""


def teacher_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options about who answers."""
    return _with(_TEACHER)(command)


def _job_options(num: str, *, grows: bool = True) -> Option:
    """The options of every command that asks a teacher. `num` is what --num is by default; `grows`: whether a recipe of
    this command can make tasks without end.
    """
    options: list[Option] = [
        click.option("--num", metavar="N", type=int, help=_HELP["num"].format(num)),
        click.option("--out", metavar="DIR", required=True, help="Folder of the run; the same command resumes it."),
        click.option("--drop", metavar="FILTER", multiple=True, help=_HELP["drop"]),
        click.option("--against", metavar="FILE", multiple=True, help=_HELP["against"]),
        reading_options,
        click.option("--width", metavar="N", type=click.IntRange(1), hidden=not grows, help=_HELP["width"]),
        click.option("--axes", metavar="FILE", hidden=not grows, help=_HELP["axes"]),
        click.option("--run-code", is_flag=True, help=_HELP["run"]),
        click.option("--language", metavar="CODE", help=_HELP["language"]),
    ]
    return _with([*options, *_TEACHER])


_SHARDS: tuple[Option, ...] = (
    click.option("--shards", metavar="N", type=int, help=_HELP["shards"]),
    click.option("--executor", type=click.Choice(["local", "slurm", "ray"]), default="local", help=_HELP["executor"]),
    click.option("--workers", metavar="N", type=click.IntRange(1), help=_HELP["workers"]),
    click.option("--slurm", metavar="NAME=VALUE", multiple=True, help=_HELP["slurm"]),
)
"""Of commands whose recipes can be parted."""


@main.command()
@_data_argument
@_job_options("100")
def generate(**options: Any) -> None:
    """Self-Instruct: grow a dataset from seed tasks (the recipe self_instruct).

    DATA are seed tasks, by default ours: a file in any layout, or the folder of a run.

    \b
      selfinstruct generate seed_tasks.jsonl --num 1000 --out runs/first
      selfinstruct generate --model gpt-4o-mini --price 0.15/0.60 --budget 5 --out runs/gpt
    """
    num = options.pop("num")
    work("self_instruct", num=100 if num is None else num, **options)


@main.command()
@click.argument("data", metavar="DATA")
@click.option("--rounds", type=click.IntRange(1, 100), help="How often each task is rewritten. [default: the recipe's]")
@click.option(
    "--operators",
    metavar="A,B,…",
    help="How it is rewritten: constraints, deepen, concretize, reasoning, complicate_input, breadth, and "
    "for code code_constraint, code_rare, code_reasoning, code_erroneous, code_complexity. A name given twice is drawn "
    "twice as often. [default: the recipe's]",
)
@click.option("--answers-only-last", is_flag=True, help="Answer what lives after the last round, and only that.")
@click.option("--recipe", default="evol_instruct", show_default=True, help="Or evol_code, or a YAML file of your own.")
@_job_options("as many as DATA has", grows=False)
@_with(_SHARDS)
def evolve(
    rounds: int | None,
    operators: str | None,
    answers_only_last: bool,
    recipe: str,
    language: str | None,
    **options: Any,
) -> None:
    """Evol-Instruct: rewrite tasks to be harder or wider, answer them, eliminate failures.

    DATA is the folder of a run or a file: seed tasks, Alpaca, prompt/completion, messages or ShareGPT as JSON lines,
    JSON, CSV or Parquet. With --num, so many of its tasks.

    \b
      selfinstruct evolve runs/first --rounds 4 --out runs/evolved
      selfinstruct evolve alpaca_data.json --num 1000 --operators deepen,breadth --out runs/evolved
    """
    from selfinstruct.running.recipe_file import evolving, load

    chosen = None if operators is None else tuple(operators.split(","))
    made = evolving(load(recipe, language), rounds, chosen, answers_only_last)
    work(made, language=None, **options)


@main.command("run")
@click.argument("recipe")
@_data_argument
@click.option("--documents", metavar="PATH", multiple=True, help=_HELP["documents"])
@click.option("--passage", metavar="WORDS", type=int, default=400, show_default=True, help=_HELP["passage"])
@click.option("--tools", metavar="FILE", help="Of tool_use: what the assistant can call, as OpenAI's list or OpenAPI.")
@_job_options("as many as DATA gives")
@_with(_SHARDS)
def run_recipe(recipe: str, **options: Any) -> None:
    """Run a recipe on DATA: a name that `selfinstruct recipes` lists, or a YAML file of your own.

    \b
      selfinstruct run respond alpaca_data.json --model gpt-4o --out runs/answers
      selfinstruct run document_qa --documents handbook/ --out runs/handbook
      selfinstruct run mine.yaml runs/first --out runs/mine
    """
    work(recipe, **options)


def work(
    recipe: str | Recipe,
    *,
    data: str | Sequence[Task] | None,
    out: str,
    models: tuple[str, ...],
    price: tuple[str, ...],
    dry_run: bool,
    quiet: bool,
    drop: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    layout: str | None = None,
    encoding: str | None = None,
    on_error: str = "stop",
    seeds: str | None = None,
    shards: int | None = None,
    executor: str = "local",
    workers: int | None = None,
    slurm: tuple[str, ...] = (),
    **rest: Any,
) -> None:
    from selfinstruct.api import Run, planned, run
    from selfinstruct.cli.data import named_value

    if data is not None and seeds is not None:
        raise UsageError(f"DATA is {data!r} and --seeds is {seeds!r}: give one of them")
    if (url := rest.get("base_url")) and not url.isprintable():
        raise UsageError(f"--base-url is {quoted(url)}: it should be like http://127.0.0.1:8000/v1")
    options: dict[str, Any] = {
        "data": seeds if data is None else data,
        "model": _models(models),
        "price": prices_from(price),
        "drop": [named_value(text) for text in drop],
        "how": how_from(columns, layout, encoding, on_error),
        **rest,
    }
    if dry_run:
        for line in planned(recipe, **options):
            say(line)
        return
    began = False
    try:
        if shards is None:
            began = bool(run(recipe, out=out, progress=not quiet, **options))
        else:
            began = _in_shards(recipe, out, shards, executor, workers, slurm, quiet=quiet, **options)
    except (RunStopped, BudgetReached, KeyboardInterrupt):
        began = True
        raise
    finally:
        # Also when it stopped early: what there is, and why there is no more.
        if began and (Path(out) / "run.json").is_file() and (done := Run(out)).counts.proposed:
            say(repr(done))


def _in_shards(
    recipe: str | Recipe,
    out: str,
    shards: int,
    executor: str,
    workers: int | None,
    slurm: Sequence[str],
    *,
    quiet: bool,
    **options: Any,
) -> bool:
    """Whether it is done, and not in a queue."""
    from selfinstruct.scaling.sharded import sharded

    told = {name: value for name, _, value in (text.partition("=") for text in slurm)}
    notice = (lambda line: None) if quiet else (lambda line: say(line, err=True))
    asked: dict[str, Any] = {"shards": shards, "executor": executor, "workers": workers, "slurm": told}
    done = sharded(recipe, out=out, notice=notice, progress=not quiet, **asked, **options)
    return done is not None


def _models(given: tuple[str, ...]) -> dict[str, str]:
    """{"teacher": …, role: …} from NAME and ROLE=NAME."""
    models: dict[str, str] = {}
    for text in given:
        if not text:
            raise UsageError("--model is empty: name a model, or leave it out for the built-in teacher")
        if re.search("[\ud800-\udfff]", text):
            raise UsageError(f"--model is {quoted(text)}: it is not UTF-8, which is how servers are asked")
        role = re.match(r"([a-z_]+)=(.+)", text)
        models[role[1] if role else "teacher"] = role[2] if role else text
    return models


def prices_from(given: tuple[str, ...]) -> dict[str, str] | None:
    """{"": price, role or model: price} from PRICE and WHO=PRICE. The last of several for one counts."""
    from selfinstruct.teachers.prices import price_from

    prices = {}
    for text in given:
        who, _, price = text.rpartition("=")  # a model's name may have one, too
        if not price or "=" in text[:1]:
            raise UsageError(f"--price is {quoted(text)}; it should be like 0.15/0.60, or judge=2/8 for one of several")
        try:
            price_from(price)
        except UsageError as error:
            raise UsageError(f"--price is {quoted(text)}: {error}") from None
        prices[who] = price
    return prices or None
