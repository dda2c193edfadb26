"""As much of pytest as the tests of published data use, where it is not installed: raises, approx, mark.parametrize."""

from __future__ import annotations

import contextlib
import inspect
import math
import re
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

__all__ = ["cases", "module"]


def cases(test: Callable[..., Any]) -> Iterator[Callable[[], Any]]:
    """The test once for each of the arguments that it is marked with. Raises TypeError where it wants others."""
    sets: list[dict[str, Any]] = [{}]
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names, values = mark.args[0], mark.args[1]
            called = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
            given = [getattr(value, "values", value) if len(called) > 1 else _one(value) for value in values]
            sets = [one | dict(zip(called, value, strict=True)) for one in sets for value in given]
    for one in sets:
        inspect.signature(test).bind(**one)
        yield partial(test, **one)


def _one(value: Any) -> tuple[Any]:
    found = getattr(value, "values", None)
    return (found[0],) if isinstance(found, tuple) else (value,)


def module() -> types.ModuleType:
    made = types.ModuleType("pytest")
    made.__dict__.update(raises=raises, approx=Approx, mark=_Marks(), fail=_fail, fixture=lambda test=None, **_: test)
    made.__dict__["param"] = lambda *values, **_: types.SimpleNamespace(values=values)
    return made


@contextlib.contextmanager
def raises(kind: Any, match: str = "") -> Iterator[Any]:
    info = types.SimpleNamespace(value=None, type=None)
    try:
        yield info
    except kind as error:
        info.value, info.type = error, type(error)
        if match and not re.search(match, str(error)):
            raise AssertionError(f"{match!r} is not in {str(error)!r}") from None
    else:
        raise AssertionError(f"did not raise {getattr(kind, '__name__', kind)}")


class Approx:
    def __init__(self, wanted: Any, rel: float | None = None, abs: float | None = None) -> None:
        self._wanted, self._rel, self._abs = wanted, 1e-6 if rel is None else rel, 1e-12 if abs is None else abs

    def __eq__(self, other: Any) -> bool:
        if isinstance(self._wanted, list | tuple) and isinstance(other, list | tuple):
            pairs = zip(self._wanted, other, strict=False)
            return len(self._wanted) == len(other) and all(Approx(a, self._rel, self._abs) == b for a, b in pairs)
        if isinstance(self._wanted, dict) and isinstance(other, dict):
            keys = self._wanted.keys() == other.keys()
            return keys and all(
                Approx(value, self._rel, self._abs) == other[key] for key, value in self._wanted.items()
            )
        if isinstance(other, int | float) and isinstance(self._wanted, int | float):
            return math.isclose(other, self._wanted, rel_tol=self._rel, abs_tol=self._abs)
        return bool(other == self._wanted)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"about {self._wanted!r}"


class _Marks:
    def __getattr__(self, name: str) -> Any:
        def mark(*given: Any, **named: Any) -> Any:
            if len(given) == 1 and inspect.isfunction(given[0]) and name != "parametrize":
                return given[0]

            def marked(test: Any) -> Any:
                test.pytestmark = [*getattr(test, "pytestmark", ()), types.SimpleNamespace(name=name, args=given)]
                return test

            return marked

        return mark


def _fail(reason: str = "") -> None:
    raise AssertionError(reason)
