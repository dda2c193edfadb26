"""The commands for tokenizers: one learned from any text, and a base's grown by another one's pieces."""

from __future__ import annotations

import click

from selfinstruct.cli.group import main, say
from selfinstruct.cli.reading import data_argument
from selfinstruct.cli.training import needs_training_packages

__all__: list[str] = []


@main.group()
def tokenizer() -> None:
    """Learn a tokenizer from text, or add the pieces of one to a base's."""


@tokenizer.command("train")
@data_argument
@click.option(
    "--kind",
    type=click.Choice(("sentencepiece", "bpe")),
    default="sentencepiece",
    show_default=True,
    help="As LLaMA's, or byte-level as that of GPT-2, Llama 3 and Qwen.",
)
@click.option(
    "--vocabulary",
    metavar="TOKENS",
    type=click.IntRange(300, 1_000_000),
    default=20_000,
    show_default=True,
    help="At most; fewer where the text has no more to learn.",
)
@click.option("--column", metavar="NAME", default="", help="Of documents, the one with the text. [default: text …]")
@click.option("--out", metavar="DIR", required=True, help="Folder of the tokenizer.")
def learn(data: tuple[str, ...], kind: str, vocabulary: int, column: str, out: str) -> None:
    """Learn a tokenizer from DATA: documents, or tasks, of which all that is said counts.

    \b
      selfinstruct tokenizer train zh.jsonl books/*.txt --vocabulary 20000 --out tokenizers/zh
    """
    needs_training_packages()
    from selfinstruct.finetune.vocabulary.learned import learn_tokenizer

    found = learn_tokenizer(data, out, kind, vocabulary, column)
    say(f"{found.folder}: {found.tokens:,} tokens, {found.a_character:.3f} a character of this text")


@tokenizer.command("merge")
@click.argument("base")
@click.argument("added")
@click.option(
    "--data", metavar="DATA", multiple=True, help="Text to count tokens on, before and after. May be repeated."
)
@click.option("--column", metavar="NAME", default="", help="Of documents, the one with the text. [default: text …]")
@click.option("--out", metavar="DIR", required=True, help="Folder of the tokenizer.")
def merge_tokenizers(base: str, added: str, data: tuple[str, ...], column: str, out: str) -> None:
    """Add the pieces of ADDED (a folder, or a SentencePiece file NAME.model) to the tokenizer of BASE.

    The tokens of BASE keep their numbers. `selfinstruct train … --set tokenizer=DIR` grows the model to it.

    \b
      selfinstruct tokenizer merge models/llama tokenizers/zh --data zh.jsonl --out tokenizers/both
    """
    needs_training_packages()
    from selfinstruct.finetune.vocabulary.grown import grow_tokenizer

    found = grow_tokenizer(base, added, out, data, column)
    say(f"{found.folder}: {found.before:,} tokens, {found.added:,} added, {found.tokens:,} in all")
    if found.unreached:
        say(f"{found.unreached:,} of the new ones are never used: the base's own merges take their parts away")
    if found.a_character:
        before, after = found.a_character
        say(f"tokens a character of {', '.join(data)}: {before:.3f} before, {after:.3f} after")
