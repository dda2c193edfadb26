"""Lists and objects in a text: as JSON, or as Python writes them, which pandas puts into the cells of CSV."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

__all__ = ["value_in"]

PYTHON = re.compile(r"\s*(\[\s*)?\{\s*['\"]")
"""Objects, or a list of them. Of lists of texts NumPy leaves out the commas, and Python would join them."""
BETWEEN = re.compile(r"\}\s*\n\s*\{")
"""Two objects in NumPy's way; inside of a text a line never ends."""


def value_in(text: str) -> Any:
    """The list or object that a text is. Raises ValueError when it is none, and when it is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        if not PYTHON.match(text):
            raise
    try:
        return ast.literal_eval(BETWEEN.sub("}, {", text.strip()))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f"neither JSON nor Python ({type(error).__name__})") from None
