"""YAML as people write it in recipes and settings, read so that no text can surprise: small, flat, of plain values."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["yaml_of"]

MORE = 1_000_000  # characters that aliases may add to a text; ten lines of them can stand for gigabytes
HEIGHT = 100  # levels of nesting: what goes through the values afterwards is recursive, too
BITS = 1024  # of a whole number: Python writes none of more than 4,300 digits


def yaml_of(text: str) -> Any:
    """What a YAML text says. Raises ValueError, with the line, for every text that is none.

    Dates and 1:30 are texts, as they stand there. An alias may be used often, but what it stands for is counted each
    time; nothing may hold itself.
    """
    try:
        return yaml.load(text, _Plain)  # noqa: S506  a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{where}{' '.join(str(error.problem or error.context).split())}") from None
    except RecursionError:
        raise ValueError(f"it is nested deeper than {HEIGHT} levels") from None
    except Exception as error:  # PyYAML lets through what int("0x_") and its like raise: KeyError, AttributeError …
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from None


class _Plain(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._most = 2 * len(text) + MORE

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _measure(node, self._most, {})
        return node

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        tag = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        # By YAML 1.1, 1:30 is 90, and a date no JSON can hold.
        if tag == f"{_TAG}timestamp" or (tag in (f"{_TAG}int", f"{_TAG}float") and ":" in value):
            return f"{_TAG}str"
        return tag

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        number: int = super().construct_yaml_int(node)
        if number.bit_length() > BITS:
            raise yaml.constructor.ConstructorError(None, None, "the number is too large", node.start_mark)
        return number


_TAG = "tag:yaml.org,2002:"
_Plain.add_constructor(f"{_TAG}int", _Plain.construct_yaml_int)


def _measure(node: yaml.Node, most: int, known: dict[int, tuple[int, int] | None]) -> tuple[int, int]:
    """Characters and levels of the node with its aliases written out; each node is looked at once."""
    if id(node) in known:
        found = known[id(node)]
        if found is None:
            raise yaml.constructor.ConstructorError(None, None, "it holds itself", node.start_mark)
        return found
    known[id(node)] = None
    size, height = 1, 0
    if isinstance(node, yaml.ScalarNode):
        size += len(node.value)
    elif isinstance(node, yaml.CollectionNode):
        pairs = isinstance(node, yaml.MappingNode)
        for part in (one for pair in node.value for one in pair) if pairs else node.value:
            inner, below = _measure(part, most, known)
            size, height = size + inner, max(height, below)
    if size > most:
        raise yaml.constructor.ConstructorError(None, None, f"aliases make it longer than {most:,}", node.start_mark)
    if height >= HEIGHT:
        problem = f"it is nested deeper than {HEIGHT} levels"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    known[id(node)] = size, height + 1
    return size, height + 1
