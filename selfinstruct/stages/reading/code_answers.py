"""The Python code of an answer: in a fence, or bare, whole, or the rest of a function that the task begins."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Collection, Iterator

from selfinstruct.text.later import later

__all__ = ["code_in", "names_defined", "parsed"]

_FENCE = later(r"^[ \t]*(```+|~~~+)[ \t]*([\w+.-]*)[^\n]*$", 8)  # re.MULTILINE
_PYTHON = ("", "python", "py", "python3", "python2", "ipython", "text", "plaintext", "code")
_BEGINS = later(
    r"^(?:def |async def |class |import |from \w|@\w|[A-Za-z_]\w*(?:, *\w+)* *=|for |while |print\(|if |try:|with )", 8
)
_PROMPT = later(r"^(?:>>>|\.\.\.) ?", 8)
LONGEST = 200_000
"""Characters: what is longer is no function that somebody wrote."""
TRIES, TRIED = 60, 500_000
"""Ends that code may have among words, and characters that are read again and again for them."""


def code_in(answer: str, wanted: Collection[str] = (), begun: str = "", entry: str = "") -> str:
    """The code, or "" where there is none. Of several fences the first that defines most of the `wanted` names.

    `begun` is a task that is code itself, such as a function's head and its docstring: before an answer that goes on
    with it, and before one that needs what it imports and defines. `entry` is the function's name.
    """
    text = answer.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if len(text) > LONGEST:
        return ""
    blocks = list(_fenced(text))
    code = _best(blocks, wanted) if blocks else _bare(text)
    begun = begun if entry and parsed(begun) else ""
    if begun and entry not in names_defined(code or text):
        body = "\n".join(blocks) if blocks else text
        return _gone_on(begun, body) or code
    return f"{begun}\n\n{code}" if begun and code and "from __future__" not in code else code


def parsed(code: str) -> ast.Module | None:
    """The syntax tree; None where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "\\d" in a text that is not raw
            return ast.parse(code) if code.strip() else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def names_defined(code: str) -> set[str]:
    """Of the functions, classes and variables at the top of the code; of what is no Python those that it seems to
    define."""
    tree = parsed(code)
    if tree is None:
        return set(later(r"^(?:async )?(?:def|class) (\w+)", 8).findall(code))
    names = set[str]()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _fenced(text: str) -> Iterator[str]:
    """What stands in fences of Python, or of no language; a fence that nothing closes goes to the end."""
    opened = None
    for mark in _FENCE.finditer(text):
        if opened is None:
            opened = mark
        elif mark[1].startswith(opened[1]) and not mark[2]:
            if opened[2].lower() in _PYTHON:
                yield _without_prompts(text[opened.end() : mark.start()].strip("\n"))
            opened = None
    if opened and opened[2].lower() in _PYTHON and (rest := text[opened.end() :].strip("\n")):
        yield _without_prompts(rest)


def _without_prompts(code: str) -> str:
    code = textwrap.dedent(code)
    return _PROMPT.sub("", code) if code.startswith(">>>") else code


def _best(blocks: list[str], wanted: Collection[str]) -> str:
    if parts := [block for block in blocks if names_defined(block) & set(wanted)]:
        most = max(len(names_defined(block) & set(wanted)) for block in parts)
        return next(block for block in parts if len(names_defined(block) & set(wanted)) == most)
    code = [block for block in blocks if parsed(block)]
    return next((block for block in code if names_defined(block)), (code or blocks)[0])


def _bare(text: str) -> str:
    """Without words before and after it. One word or a sentence is no code, though Python may be able to read it."""
    tree = parsed(text)
    if tree and any(not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call) for node in tree.body):
        return text
    begin = _BEGINS.search(text)
    if not begin:
        return ""
    lines = text[begin.start() :].split("\n")
    # Words after the code begin a line at its left edge.
    ends = [len(lines), *(at for at in range(len(lines) - 1, 0, -1) if lines[at][:1].strip())][:TRIES]
    for end in ends[: max(3, TRIED // max(1, len(text)))]:
        if parsed(code := "\n".join(lines[:end])):
            return code.rstrip()
    # What looks like code and is none is tried all the same: the reason is then Python's own.
    return text[begin.start() :] if later(r"^(?:def|class|async def) \w+.*[:(]", 8).search(text) else ""


def _gone_on(begun: str, body: str) -> str:
    """The function with its body, however the answer has it indented; "" where the two are no Python together."""
    own = textwrap.dedent(body)
    first, _, rest = body.partition("\n")
    tries = (textwrap.indent(own, "    "), f"    {first.lstrip()}\n{rest}", body)
    return next((whole for one in tries if parsed(whole := f"{begun.rstrip()}\n{one}")), "")
