"""One of two processes that do things for each other, in turns: the tests call the code, and it calls back."""

from __future__ import annotations

import asyncio
import contextlib
import operator
from collections.abc import Callable
from typing import Any

from selfinstruct.teachers.checking.sandbox.frames import hear, say
from selfinstruct.teachers.checking.sandbox.values import Far, Values, coroutine, kinds_of, stand_in

__all__ = ["Gone", "Peer"]


def _of(names: str) -> dict[str, Callable[..., Any]]:
    return {f"__{name}__": getattr(operator, name) for name in names.split()}


def _turned(name: str) -> Callable[..., Any]:
    does = getattr(operator, name)
    return lambda one, other: does(other, one)


_DOES: dict[str, Callable[..., Any]] = (
    _of(
        "contains getitem setitem delitem lt le gt ge eq add sub mul mod truediv floordiv pow matmul xor neg pos invert"
    )
    | _of("index iadd isub imul")
    | {f"__r{name}__": _turned(name) for name in ("add", "sub", "mul", "truediv")}
    | {"__and__": operator.and_, "__or__": operator.or_, "__abs__": abs, "__len__": len, "__iter__": iter}
    | {"__next__": next, "__str__": str, "__repr__": repr, "__bool__": bool, "__hash__": hash, "__int__": int}
    | {"__float__": float, "__reversed__": reversed, "__round__": round}
    | {"__instancecheck__": lambda one, other: isinstance(other, one)}
    | {"__enter__": lambda one: type(one).__enter__(one), "__exit__": lambda one, *e: type(one).__exit__(one, *e)}
)
_HIDDEN = ("_", "gi_", "cr_", "ag_", "tb_", "f_", "co_", "func_")
"""How names begin of what is not for the other side to see: by them the tests could be read."""


class Gone(BaseException):
    """The other process has ended."""


class Peer:
    def __init__(self, at: int, *, all: bool) -> None:
        """`at` is the socket; `all`: whether the other may reach whatever we have, or what is public only."""
        self._at, self._all = at, all
        self.values = Values(self._far)
        self.root: Any = None
        """Thing number 0."""

    def _far(self, number: int, kind: str) -> Any:
        far = Far(self, number)
        return coroutine(far) if kind == "coroutine" else far

    def ask(self, what: str, number: int, name: str = "", given: Any = (), named: Any = ()) -> Any:
        """Have something done over there; raises what it raises. What it changes in lists that it is given, it changes
        here."""
        told = [self.values.told(value) for value in given]
        also = {key: self.values.told(value) for key, value in dict(named).items()}
        self._tell({"ask": what, "of": number, "name": name, "given": told, "named": also})
        answer = self._until_answered()
        for place, now in answer.get("changed", ()):
            values = list(given) + list(dict(named).values())
            _changed(values[place], self.values.heard(now))
        if "error" in answer:
            raise self._error(answer["error"])
        return self.values.heard(answer["value"])

    def serve(self) -> None:
        """Do what the other asks for, until it is gone."""
        with contextlib.suppress(Gone):
            while True:
                self._serve(self._next())

    def _until_answered(self) -> dict[str, Any]:
        while True:
            said = self._next()
            if "ask" not in said:
                return said
            self._serve(said)

    def _next(self) -> dict[str, Any]:
        try:
            said = hear(self._at)
        except (EOFError, OSError, ValueError):
            raise Gone from None
        if not isinstance(said, dict):
            raise Gone
        return said

    def _tell(self, said: dict[str, Any]) -> None:
        try:
            say(self._at, said)
        except OSError:
            raise Gone from None

    def _serve(self, said: dict[str, Any]) -> None:
        changed: list[Any] = []
        try:
            given = [self.values.heard(value) for value in said["given"]]
            named = {str(key): self.values.heard(value) for key, value in dict(said["named"]).items()}
            try:
                value = self._done(said["ask"], said["of"], str(said["name"]), given, named)
                answer = {"value": self.values.told(value)}
            finally:
                before = [*said["given"], *dict(said["named"]).values()]
                for place, one in enumerate([*given, *named.values()]):
                    if type(one) in (list, dict, set, bytearray) and (now := self.values.told(one)) != before[place]:
                        changed.append([place, now])
        except Gone:
            raise
        except BaseException as error:
            answer = {"error": self._told(error)}
        self._tell(answer | ({"changed": changed} if changed else {}))

    def _done(self, what: str, number: int, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        thing = self.values.ours(number) if number else self.root
        if not self._all and (not number or (what != "do" and name.startswith(_HIDDEN))):
            raise AttributeError(f"{name} is not for the code")
        match what:
            case "call":
                return thing(*given, **named)
            case "get":
                return getattr(thing, name)
            case "set":
                return setattr(thing, name, *given)
            case "delete":
                return delattr(thing, name)
            case "run":
                return asyncio.run(thing)
        return _DOES[name](thing, *given)

    def _told(self, error: BaseException) -> dict[str, Any]:
        kind = type(error)
        builtin = kinds_of(kind)[:1] == [kind.__name__]
        try:
            given = [self.values.told(value) for value in error.args]
        except Exception:
            given = []
        told = {"of": kinds_of(kind), "called": kind.__name__, "given": given, "text": _text(error)}
        return told if builtin else told | {"class": self.values.told(kind)}

    def _error(self, told: dict[str, Any]) -> BaseException:
        kinds = [str(name) for name in told["of"]]
        kind = self.values.heard(told["class"]) if "class" in told else stand_in("", kinds).__mro__[1]
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            kind = RuntimeError
        try:
            error = kind(*[self.values.heard(value) for value in told["given"]])
        except Exception:
            error = RuntimeError(str(told["text"]))
        assert isinstance(error, BaseException)
        error.__dict__["said_over_there"] = str(told["text"])[:500]
        return error


def _text(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except Exception:
        return ""


def _changed(value: Any, now: Any) -> None:
    """The list, dictionary or set is as it is over there."""
    if type(value) in (list, bytearray) and isinstance(now, type(value)):
        value[:] = now
    elif type(value) in (dict, set) and isinstance(now, type(value)):
        value.clear()
        value.update(now)
