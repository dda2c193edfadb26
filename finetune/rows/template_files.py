"""Where a template's Jinja is: a layout of ours, the tokenizer's own, or a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError, did_you_mean, quoted

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["ONE_DAY", "TEMPLATES", "check_template", "source_of", "tool_source_of"]

TEMPLATES = ("alpaca", "chat", "completion", "plain", "vicuna", "wizardlm")
LAYOUTS = Path(__file__).parent / "jinja"

DATE = re.compile(r"""strftime_now\(\s*(["'])(.*?)\1\s*\)""")
ONE_DAY = date(2024, 7, 26)
"""What a template that writes the date writes on every day: otherwise a run resumed after midnight would see other
tokens, and a chat a prompt that was never trained on. Llama 3 falls back on this day when nobody knows the date."""


def check_template(name: str) -> None:
    """Raises UsageError for what is wrong with a template whatever the tokenizer, before a model is loaded for it."""
    if name in ("auto", "own", *TEMPLATES):
        return
    if not name.endswith(".jinja"):
        raise UsageError(_unknown(name, ("auto", "own", *TEMPLATES)) + ", or a file NAME.jinja")
    from jinja2 import TemplateSyntaxError
    from transformers.utils.chat_template_utils import render_jinja_template

    chats: Any = [[{"role": "user", "content": "Question"}]]
    try:
        render_jinja_template(chats, chat_template=_file(name))
    except TemplateSyntaxError as error:
        raise UsageError(f"the template {name}, line {error.lineno}, cannot be read: {_line(error)}") from None
    except UsageError:
        raise
    except Exception:  # it may need what only a tokenizer has
        return


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise UsageError(f"cannot read the template {name}: {reason}") from None


def source_of(name: str, tokenizer: Tokenizer | None) -> str:
    """The Jinja of a template, with one date for ever. Raises UsageError."""
    if name in TEMPLATES:
        return (LAYOUTS / f"{name}.jinja").read_text(encoding="utf-8")
    if tokenizer is not None and name == "own":
        try:
            source = tokenizer.get_chat_template()
        except ValueError:  # none, or several and no "default" among them
            known = tokenizer.name_or_path or "this base"
            raise UsageError(f"{known} has no chat template: choose template={' or '.join(TEMPLATES)}") from None
    elif tokenizer is not None and name.endswith(".jinja"):
        source = _file(name)
    elif tokenizer is not None:
        raise UsageError(_unknown(name, ("auto", "own", *TEMPLATES)) + ", or a file NAME.jinja")
    else:
        raise UsageError(_unknown(name, ("auto", *TEMPLATES)))
    return _dated(source, name)


def tool_source_of(name: str, tokenizer: Tokenizer) -> str:
    """The Jinja of the tokenizer's own template for rows with a list of tools; "" where it has only one for all."""
    own: Any = tokenizer.chat_template
    if name != "own" or not isinstance(own, dict) or "tool_use" not in own:
        return ""
    return _dated(own["tool_use"], name)


def _dated(source: str, name: str) -> str:
    source = DATE.sub(lambda call: f'"{ONE_DAY.strftime(call[2])}"', source)
    if re.search(r"strftime_now\s*\(", source):
        raise UsageError(f"the template {name!r} writes the date of the day in a way that cannot be fixed: change it")
    return source


def _unknown(name: str, known: Sequence[str]) -> str:
    return f"no template {quoted(name)}: {did_you_mean(name, known)}"


def _line(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())[:200]
