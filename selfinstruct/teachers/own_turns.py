"""How a model in this process is given the beginning of a user's turn: by its own chat template, whose text is in the
model's folder or in its GGUF file. The weights are not loaded for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.gguf_file import read_header, token_texts
from selfinstruct.task import Message
from selfinstruct.text.later import later
from selfinstruct.text.user_turns import UserTurn, turn_of

__all__ = ["laying_out", "turn_of_folder", "turn_of_gguf"]

_TRAINING = later(r"\{%-?\s*(?:end)?generation\s*-?%\}")
"""What marks answers for training, in transformers' templates: nothing to anybody else."""


def turn_of_folder(name: str, base: str | None) -> UserTurn:
    """Of a model as `local:` names it. Raises UsageError where it has no template of its own."""
    from selfinstruct.finetune.models.folders import located
    from selfinstruct.finetune.models.open import has_tokenizer, tokenizer_in
    from selfinstruct.finetune.rows.rendering import text_of
    from selfinstruct.finetune.rows.templates import find_template
    from selfinstruct.finetune.rows.tokens import adds_bos

    source = located(name, base)
    tokenizer = tokenizer_in(source.folder if has_tokenizer(source.folder) else source.whole)
    if not tokenizer.chat_template:
        raise _none(f"local:{name}")
    template = find_template("own", tokenizer)
    bos = str(tokenizer.bos_token) if adds_bos(tokenizer) else ""

    def laid_out(messages: Sequence[Message]) -> str:
        try:
            text = text_of(template, [dict(message) for message in messages], tokenizer, asks=True)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return str(text).removeprefix(bos)  # the tokenizer puts one before every text

    return _read(laid_out, f"local:{name}")


def turn_of_gguf(file: Path, name: str) -> UserTurn:
    """Of a GGUF file. Its BOS is left out: llama.cpp puts it before a text where the model was taught one. Raises
    UsageError where the file has no template, or one that cannot be read.
    """
    header = read_header(file)
    source = str(header.get("tokenizer.chat_template") or "")
    if not source:
        raise _none(name)
    number = header.get("tokenizer.ggml.eos_token_id")
    end = token_texts(file, (number,)).get(number, "") if type(number) is int else ""
    return _read(laying_out(source, end, name), name)


def laying_out(source: str, end: str, name: str) -> Callable[[Sequence[Message]], str]:
    """What makes a prompt of messages by a template's source, without a BOS; `end` is the token that ends texts. It
    raises ValueError for what the template does not take. Raises UsageError, by the model's name, without jinja2.
    """
    try:
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise UsageError(f"to read the chat template of {name} needs the package jinja2: pip install jinja2") from None
    surroundings = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    surroundings.globals |= {"raise_exception": _refused, "strftime_now": lambda form: ""}

    def laid_out(messages: Sequence[Message]) -> str:
        try:
            template = surroundings.from_string(_TRAINING.sub("", source))
            known = {"messages": list(messages), "add_generation_prompt": True, "bos_token": "", "eos_token": end}
            return str(template.render(**known))
        except Exception as error:  # a program of somebody else's: whatever it raises
            raise ValueError(" ".join(str(error).split())) from None

    return laid_out


def _read(laid_out: Callable[[Sequence[Message]], str], name: str) -> UserTurn:
    try:
        turn = turn_of(laid_out)
    except ValueError as error:
        raise UsageError(f"the chat template of {name} lays out no question ({error}): {_INSTEAD}") from None
    if turn is None:
        raise UsageError(f"the chat template of {name} drops what the user says: {_INSTEAD}")
    return turn


_INSTEAD = "say in the recipe how a user's turn begins, with `template` or `prefix`"


def _none(name: str) -> UsageError:
    return UsageError(
        f"{name} has no chat template, so it was hardly taught to answer users: name an instruct model, or {_INSTEAD}"
    )


def _refused(words: Any) -> None:
    raise ValueError(str(words))
