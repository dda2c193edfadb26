"""Reads a page from stdin, runs its ```pycon blocks in order, and prints the page with what they print now.

`await` works at the prompt, as it does in a notebook.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import re
import sys
from contextlib import redirect_stdout
from typing import Any

BLOCK = re.compile(r"(?<=^```pycon\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
STATEMENT = re.compile(r"^>>> .*\n(?:^\.\.\.(?: .*)?\n)*", re.MULTILINE)


def printed(source: str, names: dict[str, Any]) -> str:
    said = io.StringIO()
    code = compile(source, "<page>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with redirect_stdout(said):
        waiting = eval(code, names)  # noqa: S307  our own page
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)
    return said.getvalue()


def main() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}

    def session(block: re.Match[str]) -> str:
        lines = []
        for statement in STATEMENT.findall(block[0]):
            source = "".join(f"{line[4:]}\n" for line in statement.splitlines())
            lines.append(statement + printed(source, names))
        return "".join(lines)

    sys.stdout.write(BLOCK.sub(session, sys.stdin.read()))


main()
