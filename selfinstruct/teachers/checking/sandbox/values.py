"""Values as two processes tell each other of them: plain data is copied, all else stays where it is under a number.

The tests are in one process and the answer's code in the other: so the code can neither read the tests nor change what
they are run by, and what it says is data.
"""

from __future__ import annotations

import base64
import builtins
import collections
import datetime
import decimal
import fractions
import importlib
import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

__all__ = ["PLAIN", "Far", "Values", "stand_in"]

PLAIN: tuple[type, ...] = (list, tuple, dict, set, frozenset, str, int, float, bytes, bytearray, complex)
_TEXTS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "bytearray": (
        bytearray,
        lambda value: base64.b64encode(value).decode(),
        lambda text: bytearray(base64.b64decode(text)),
    ),
    "complex": (complex, repr, complex),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
    "fraction": (fractions.Fraction, str, fractions.Fraction),
    "datetime": (datetime.datetime, lambda value: value.isoformat(), datetime.datetime.fromisoformat),
    "date": (datetime.date, lambda value: value.isoformat(), datetime.date.fromisoformat),
    "time": (datetime.time, lambda value: value.isoformat(), datetime.time.fromisoformat),
}
"""Those that a text says all of."""
_MANY: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "list": list,
    "deque": collections.deque,
    "range": lambda items: range(*items),
    "timedelta": lambda items: datetime.timedelta(*items),
    "slice": lambda items: slice(*items),
}
_NAMED = {name: thing for name, thing in vars(builtins).items() if isinstance(thing, type)}


class Asking(Protocol):
    def ask(self, what: str, number: int, name: str = "", given: Any = (), named: Any = ()) -> Any: ...


class Values:
    """What one process knows by number of the other, and the other of it. `far` makes what stands for a thing over
    there."""

    def __init__(self, far: Callable[[int, str], Any]) -> None:
        self._far = far
        self._ours: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._theirs: dict[int, Any] = {}

    def ours(self, number: int) -> Any:
        return self._ours[number]

    def number(self, thing: Any) -> int:
        """The number that the other process knows a thing of ours by."""
        number = self._numbers.setdefault(id(thing), len(self._ours) + 1)
        self._ours[number] = thing  # kept, so that no other thing gets its id
        return number

    def told(self, value: Any) -> Any:
        """The value as JSON."""
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return [self.told(item) for item in value]
        if kind is Far or isinstance(value, Far) or number_of(value):
            return {"is": "yours", "it": number_of(value)}
        if kind in (dict, collections.Counter, collections.defaultdict, collections.OrderedDict):
            return {"is": "dict", "it": [[self.told(key), self.told(item)] for key, item in value.items()]}
        if (found := _as_text(value)) or (found := self._as_many(value)):
            return found
        if kind.__module__ == "numpy" and (bare := getattr(value, "tolist", None)):
            shape = {"is": "array", "it": self.told(bare()), "of": str(getattr(value, "dtype", ""))}
            return shape if kind.__name__ == "ndarray" else self.told(bare())
        return self._by_number(value)

    def _as_many(self, value: Any) -> Any:
        kind = type(value)
        if kind in (tuple, set, frozenset, collections.deque):
            return {"is": kind.__name__, "it": [self.told(item) for item in value]}
        if kind in (range, slice):
            return {"is": kind.__name__, "it": [self.told(item) for item in (value.start, value.stop, value.step)]}
        if kind is datetime.timedelta:
            return {"is": "timedelta", "it": [value.days, value.seconds, value.microseconds]}
        return None

    def _by_number(self, value: Any) -> Any:
        if inspect.ismodule(value):
            return {"is": "module", "it": value.__name__}
        if isinstance(value, type) and _NAMED.get(value.__name__) is value:
            return {"is": "type", "it": value.__name__}
        told: dict[str, Any] = {"is": "thing", "it": self.number(value), "a": "thing"}
        if isinstance(value, type):
            told["a"] = "class"
            if issubclass(value, BaseException):
                told |= {"a": "error", "of": kinds_of(value), "called": value.__name__}
        elif inspect.iscoroutine(value):
            told["a"] = "coroutine"
        else:
            base = next((base for base in PLAIN if isinstance(value, base)), None)
            if base is not None:  # of a class of its own, such as a named tuple: as good as what it is made of
                told["plain"] = self.told(_bare(value, base))
        return told

    def heard(self, told: Any) -> Any:
        """The value of such JSON. Raises ValueError, KeyError or TypeError for what `told` never made."""
        if isinstance(told, list):
            return [self.heard(item) for item in told]
        if not isinstance(told, dict):
            return told
        kind, it = told["is"], told["it"]
        if kind == "yours":
            return self._ours[it]
        if kind == "dict":
            return {self.heard(key): self.heard(item) for key, item in it}
        if kind in _TEXTS:
            return _TEXTS[kind][2](it)
        if kind in _MANY:
            return _MANY[kind]([self.heard(item) for item in it])
        if kind == "type":
            return _NAMED[it]
        if kind == "array":
            return importlib.import_module("numpy").array(self.heard(it))
        if kind == "module":
            return _module(str(it)) or self._far(0, "thing")
        return self._thing(told)

    def _thing(self, told: dict[str, Any]) -> Any:
        number = told["it"]
        if number not in self._theirs:
            if told["a"] == "error":
                found: Any = stand_in(str(told.get("called", "")), [str(name) for name in told.get("of", ())])
                found.number_over_there = number
            else:
                found = self._far(number, told["a"])
            if told["a"] == "coroutine":
                return found  # is awaited once
            self._theirs[number] = found
        if "plain" in told:
            return _like(self.heard(told["plain"]), self._theirs[number])
        return self._theirs[number]


def _as_text(value: Any) -> Any:
    for name, (kind, said, _) in _TEXTS.items():
        if type(value) is kind:
            return {"is": name, "it": said(value)}
    return None


def _bare(value: Any, base: type) -> Any:
    """The value as one of the plain class that its own is made of."""
    if base in (int, float, str, complex):
        return getattr(base, {int: "__int__", float: "__float__", str: "__str__", complex: "__complex__"}[base])(value)
    return base(value)


def _like(plain: Any, far: Any) -> Any:
    """A plain value that also has what the thing over there has: the fields of a named tuple."""
    kind = type(plain)
    if kind is bool:
        return plain
    made = type(kind.__name__, (kind,), {"__getattr__": lambda self, name: getattr(far, name)})
    return made(plain)


def _module(name: str) -> Any:
    """A module of the standard library, or a package that is installed: never one of the answer's own."""
    top = name.partition(".")[0]
    if top not in sys.stdlib_module_names and top not in ("numpy", "pandas", "sympy", "scipy"):
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def kinds_of(error: type[BaseException]) -> list[str]:
    """The built-in classes that a class of errors comes from, nearest first."""
    return [base.__name__ for base in error.__mro__ if _NAMED.get(base.__name__) is base and base is not object]


def stand_in(name: str, kinds: list[str]) -> type[BaseException]:
    """A class of errors for one that is over there: a built-in one, or one made of it under the same name."""
    kind = next((found for one in kinds if issubclass(found := _NAMED.get(one, object), BaseException)), Exception)
    return type(name or "Error", (kind,), {})


def number_of(value: Any) -> int:
    """The number of what stands for a thing over there; 0 of anything else."""
    if isinstance(value, Far):
        return int(object.__getattribute__(value, "_number"))
    return int(getattr(value, "number_over_there", 0)) if isinstance(value, type) else 0


class Far:
    """Stands for a thing in the other process: whatever is done to it is done over there."""

    def __init__(self, peer: Asking, number: int) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)

    def __getattr__(self, name: str) -> Any:
        return _ask(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "set", name, (value,))

    def __delattr__(self, name: str) -> None:
        _ask(self, "delete", name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return _ask(self, "call", "", given, named)

    def __eq__(self, other: Any) -> Any:
        # Only a thing of the same process may say that it is equal to this one: one that says so of all is no answer.
        if not number_of(other):
            return False
        return number_of(self) == number_of(other) or _ask(self, "do", "__eq__", (other,)) is True

    def __ne__(self, other: Any) -> Any:
        return not self == other

    def __hash__(self) -> int:
        return hash(_ask(self, "do", "__hash__"))

    def __bool__(self) -> bool:
        return _ask(self, "do", "__bool__") is True

    def __instancecheck__(self, one: Any) -> bool:
        return bool(number_of(one)) and _ask(self, "do", "__instancecheck__", (one,)) is True

    def __str__(self) -> str:
        return str(_ask(self, "do", "__str__"))

    def __repr__(self) -> str:
        return str(_ask(self, "do", "__repr__"))


def _ask(far: Far, what: str, name: str = "", given: Any = (), named: Any = ()) -> Any:
    peer: Asking = object.__getattribute__(far, "_peer")
    return peer.ask(what, number_of(far), name, given, named)


def _doing(name: str) -> Callable[..., Any]:
    return lambda self, *given: _ask(self, "do", name, given)


def _compared(name: str) -> Callable[..., Any]:
    """With a thing of the same process; to a number, one that says that it is less than all of them is no answer."""
    return lambda self, other: _ask(self, "do", name, (other,)) if number_of(other) else NotImplemented


def _reckoned(name: str) -> Callable[..., Any]:
    """Two numbers make a number, a vector and a number a vector: else one that gives 0 for all would be right."""

    def does(self: Far, other: Any) -> Any:
        found = _ask(self, "do", name, (other,))
        return found if number_of(other) or number_of(found) else NotImplemented

    return does


for _names, _made in (
    (("len", "iter", "next", "contains", "getitem", "setitem", "delitem", "enter", "exit", "reversed"), _doing),
    (("neg", "pos", "abs", "invert", "int", "float", "index", "round"), _doing),
    (("lt", "le", "gt", "ge"), _compared),
    (("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"), _reckoned),
    (("radd", "rsub", "rmul", "rtruediv", "iadd", "isub", "imul"), _reckoned),
):
    for _name in _names:
        setattr(Far, f"__{_name}__", _made(f"__{_name}__"))


async def _awaited(far: Far) -> Any:
    return _ask(far, "run")


def coroutine(far: Far) -> Coroutine[Any, Any, Any]:
    """To be awaited here, and run over there."""
    return _awaited(far)
