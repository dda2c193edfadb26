"""The command `selfinstruct` itself: how it prints, and how it ends.

What is printed for people goes through `say` or `print_rich`, and so through errors.shown; data goes through
`hand_over`, which leaves it as it is for a file or a pipe. Every mistake of a user is one line on stderr and an exit
code. A reader that goes away (`| head -1`), a full disk behind a stream and being stopped give no traceback either.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click

from selfinstruct import __version__
from selfinstruct.errors import SelfinstructError, UsageError, shown

__all__ = ["hand_over", "main", "print_rich", "say"]

MOST = 4000  # characters of an error: a name may be as long as somebody likes

SHOW_CURSOR = "\x1b[?25h"


class _Group(click.Group):
    """Our errors and click's become one line on stderr and their exit code."""

    def main(self, *args: Any, **more: Any) -> Any:
        _open_streams()
        try:
            with _stopped_as_by_ctrl_c():
                return super().main(*args, **more)
        finally:
            for name in ("stdout", "stderr"):
                _flushed(name)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _told():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _told():
            result = super().invoke(ctx)
            if error := ctx.meta.get("unsaid"):
                raise SelfinstructError(f"the result could not be written to stdout: {error.strerror or error}")
            return result


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong inside is told, and becomes an exit code."""
    try:
        yield
    except click.UsageError as error:
        if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
            _put(f"{error.format_message()}\n", err=True)
        else:
            where = error.ctx.command_path if error.ctx else "selfinstruct"
            _tell(f"{' '.join(error.format_message().split())} See `{where} --help`.")
        raise click.exceptions.Exit(2) from None
    except SelfinstructError as error:
        # Every process of `accelerate launch` finds the same mistake; what stops one alone, it tells itself.
        if not isinstance(error, UsageError) or os.environ.get("RANK", "0") == "0":
            _tell(str(error))
        raise click.exceptions.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        with _deaf():
            if sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
                _put(SHOW_CURSOR, err=True)  # whatever was drawing may have been stopped in the middle
            _tell("interrupted; the same command goes on from here")
        raise click.exceptions.Exit(1) from None
    except OSError as error:
        if error.errno != errno.EPIPE:
            where = f"{error.filename}: " if error.filename else ""
            _tell(f"{where}{error.strerror or error}")
        raise click.exceptions.Exit(1) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="selfinstruct")
def main() -> None:
    """Turn a few seed tasks and a teacher (any language model) into an instruction-tuning dataset.

    Without a key, network or GPU, the built-in teacher shows how it works:

      selfinstruct generate --num 200 --out runs/first
    """


def say(text: str, *, err: bool = False) -> None:
    """A line or more for a person. Whoever wrote the text, nothing in it acts on the terminal."""
    _put(f"{shown(text, lines=True)}\n", err=err)


def hand_over(parts: Iterable[bytes]) -> None:
    """Data in UTF-8, as it is; on a terminal as it can be read there."""
    is_terminal = sys.stdout.isatty()
    try:
        for part in parts:
            if is_terminal:
                click.echo(shown(part.decode(errors="replace"), lines=True), nl=False)
            else:
                sys.stdout.buffer.write(part)
        sys.stdout.flush()
    except OSError as error:
        _lost("stdout", error)


def print_rich(what: Any) -> None:
    """With rich, which knows how wide characters are. A pipe gets the whole width. Texts in it are `shown` already, and
    no markup."""
    from rich.console import Console

    is_terminal, printed = sys.stdout.isatty(), io.StringIO()
    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
    Console(file=printed, force_terminal=is_terminal or None, width=None if is_terminal else 120, **plain).print(what)
    _put(printed.getvalue())


def _tell(text: str) -> None:
    text = shown(text)
    _put(f"selfinstruct: {text if len(text) <= MOST else f'{text[:MOST]}…'}\n", err=True)


def _put(text: str, *, err: bool = False) -> None:
    try:
        click.echo(text, nl=False, err=err, color=True)  # color: what is no terminal gets no codes in the first place
    except OSError as error:
        _lost("stderr" if err else "stdout", error)


def _lost(name: str, error: OSError) -> None:
    """A stream takes no more: go on without it. A result that a reader did not wait for is no failure; else it is."""
    _to_nowhere(name)
    ctx = click.get_current_context(silent=True)
    if ctx and name == "stdout" and error.errno != errno.EPIPE:
        ctx.meta["unsaid"] = error


def _open_streams() -> None:
    """Streams that can be written to: somebody may have closed them, or set an encoding that lacks most characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # its number would be the next file's, and what is printed would end up there
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  until the process ends
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _flushed(name: str) -> None:
    """Python would fail to flush it once more at its end, and say so with a traceback."""
    try:
        getattr(sys, name).flush()
    except (OSError, ValueError):
        _to_nowhere(name)


def _to_nowhere(name: str) -> None:
    with suppress(OSError, ValueError):  # in tests it has no number
        number = getattr(sys, name).fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


@contextmanager
def _stopped_as_by_ctrl_c() -> Iterator[None]:
    """SIGTERM and SIGHUP (a shutdown, a batch system's time limit, a lost ssh) end a run as cleanly as Ctrl-C does."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # `accelerate launch` stops its processes by SIGTERM, in the middle of what Python cannot interrupt.
    if threading.current_thread() is not threading.main_thread() or "RANK" in os.environ:
        names = []
    before = {}
    for number in (getattr(signal, name) for name in names):
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup has SIGHUP ignored
            before[number] = signal.signal(number, _as_ctrl_c)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    """What Ctrl-C does now: asyncio has a handler of its own while it runs, which cancels the task."""
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)


@contextmanager
def _deaf() -> Iterator[None]:
    """Who presses Ctrl-C twice means it, but not against the line that says so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
