"""The command that says what models can do: evaluate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import hand_over, main, print_rich, say
from selfinstruct.errors import BudgetReached, RunStopped, UsageError

if TYPE_CHECKING:
    from selfinstruct.evaluating.evaluate import Evaluation

__all__: list[str] = []

_HELP = {
    "suite": "exam, twins, superni=FOLDER, user252=FILE, choice=FILE_OR_FOLDER, ifeval=FILE, "
    "pairwise=FILE (with --judge; or pairwise=exam), perplexity=FILE, or "
    "lm_eval:NAME where lm-eval is installed. May be repeated. [default: exam and twins]",
    "trained": "What was trained on: its families are told apart, and items that it has counted. May be repeated.",
    "choose": "How a `choice` suite is answered: by a letter that is written, or by what the model finds likeliest. "
    "auto: the latter on models of this machine.",
}


@main.command()
@click.argument("models", metavar="MODEL…", nargs=-1, required=True)
@click.option("--suite", "suites", metavar="NAME[=FILE]", multiple=True, help=_HELP["suite"])
@click.option("--out", metavar="DIR", required=True, help="Folder of the evaluation; the same command resumes it.")
@click.option("--trained-on", metavar="DATA", multiple=True, help=_HELP["trained"])
@click.option("--num", metavar="N", type=click.IntRange(1), default=200, show_default=True, help="Tasks of the exam.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the exam.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the exam.")
@click.option("--shots", metavar="N", type=int, default=0, show_default=True, help="Examples before a choice.")
@click.option("--choose", type=click.Choice(["auto", "letter", "likelihood"]), default="auto", help=_HELP["choose"])
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Items of a file at most; of superni's each task.")
@click.option("--max-tokens", metavar="N", type=click.IntRange(1), help="Of an answer. [default: the suite's]")
@click.option("--judge", metavar="MODEL", help="Who judges the suite pairwise.")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, llama.cpp, Ollama …")
@click.option("--api", type=click.Choice(["auto", "chat", "completions", "prefill", "responses"]), default="auto")
@click.option("--concurrency", metavar="N", type=click.IntRange(1), help="Requests at a time.")
@click.option("--budget", metavar="DOLLARS", type=click.FloatRange(0), help="Of all models and suites together.")
@click.option("--price", metavar="IN/OUT", multiple=True, help="Dollars per million tokens; MODEL=IN/OUT of one.")
@click.option("--max-tokens-total", metavar="N", type=click.IntRange(0), help="Stop before using more.")
@click.option("--patience", metavar="SECONDS", type=click.FloatRange(0), default=600.0, show_default=True)
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True), help="Of one answer.")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object.")
@click.option("--quiet", is_flag=True, help="No progress; the result and errors only.")
@click.option("--dry-run", is_flag=True, help="Print the first prompts and the expected requests; ask nobody.")
def evaluate(models: tuple[str, ...], out: str, as_json: bool, quiet: bool, dry_run: bool, **options: Any) -> None:
    """Say what models can do, side by side, with intervals; eval.html in --out has it as a page.

    MODEL is a folder or an adapter, *.gguf, smollm2, builtin, or a model's name at an endpoint; LABEL=MODEL names its
    column. A further model or suite joins what is in --out already.

    \b
      selfinstruct evaluate smollm2 models/mine --trained-on runs/first --out evals/mine
      selfinstruct evaluate gpt-4o-mini --suite choice=cmmlu/ --shots 5 --budget 5 --out evals/cmmlu
      selfinstruct evaluate before=smollm2 after=models/mine --suite perplexity=news.txt --out evals/mine
    """
    from selfinstruct.evaluating.evaluate import evaluate, evaluation_in, planned_evaluation

    given = _given(options)
    if dry_run:
        for line in planned_evaluation(list(models), **given):
            say(line)
        return

    def told(line: str) -> None:
        if not quiet:
            say(line, err=True)

    try:
        found = evaluate(list(models), out=out, progress=not quiet, told=told, **given)
    except (RunStopped, BudgetReached, KeyboardInterrupt):
        if (Path(out) / "evaluation.json").is_file() and (found := evaluation_in(out)).models:
            _show(found, Path(out) / "eval.html", as_json=as_json)  # as far as it came
        raise
    _show(found, Path(out) / "eval.html", as_json=as_json)


def _show(found: Evaluation, page: Path, *, as_json: bool) -> None:
    from selfinstruct.evaluating.page import write_page
    from selfinstruct.evaluating.table import remarks, table_of

    write_page(found, page)
    if as_json:
        text = json.dumps(found.to_json(), ensure_ascii=False, indent=2) + "\n"
        hand_over([text.encode("utf-8", "backslashreplace")])
        return
    print_rich(table_of(found))
    for line in remarks(found):
        say(line)
    say(f"{page}: the same, with answers to read")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The options as `evaluate` takes them. Raises UsageError."""
    from selfinstruct.cli.asking import prices_from
    from selfinstruct.evaluating.items import Options

    if (url := options["base_url"]) and not url.isprintable():
        raise UsageError(f"--base-url is {url!r}: it should be like http://127.0.0.1:8000/v1")
    names = ("num", "language", "seed", "shots", "limit", "max_tokens")
    suited = Options(**{name: options[name] for name in names}, way=options["choose"])
    names = ("api", "concurrency", "budget", "max_tokens_total", "patience", "timeout")
    asking = {name: options[name] for name in names} | {"price": prices_from(options["price"])}
    own = {name: options[name] for name in ("suites", "trained_on", "base_url", "judge")}
    return own | {"options": suited, "asking": asking}
