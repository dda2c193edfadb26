"""The command `selfinstruct` itself: every mistake of a user is one line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from selfinstruct import __version__
from selfinstruct.errors import SelfinstructError, UsageError

__all__ = ["main", "print_rich"]


class _Group(click.Group):
    """Turns our errors into one line on stderr and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "selfinstruct"
            click.echo(f"selfinstruct: {error.format_message()} See `{where} --help`.", err=True)
            ctx.exit(2)
        except SelfinstructError as error:
            # Every process of `accelerate launch` finds the same mistake; what stops one alone, it tells itself.
            if not isinstance(error, UsageError) or os.environ.get("RANK", "0") == "0":
                click.echo(f"selfinstruct: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("selfinstruct: interrupted; the same command goes on from here", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="selfinstruct")
def main() -> None:
    """Turn a few seed tasks and a teacher (any language model) into an instruction-tuning dataset.

    Without a key, network or GPU, the built-in teacher shows how it works:

      selfinstruct generate --num 200 --out runs/first
    """


def print_rich(what: Any) -> None:
    """With rich, which knows how wide characters are. A pipe gets the whole width."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(what)
