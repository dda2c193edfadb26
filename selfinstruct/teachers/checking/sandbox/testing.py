"""The process in which the tests run: what they name is in another process, and what comes from there is data.

Tests are assertions, `check(candidate)`, functions called test_…, classes of unittest, or calls with their results.
"""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import itertools
import sys
import traceback
import types
import unittest
from collections.abc import Iterator, Sequence
from typing import Any

from selfinstruct.teachers.checking.sandbox import pytests
from selfinstruct.teachers.checking.sandbox.answering import DEEP, NAME
from selfinstruct.teachers.checking.sandbox.frames import hear
from selfinstruct.teachers.checking.sandbox.peers import Gone, Peer

__all__ = ["tested"]

FILE = "<tests>"
LONGEST = 200
"""Characters of a reason."""


def tested(at: int, spec: dict[str, Any]) -> dict[str, Any]:
    """{"passed": true}, or {"passed": false, "what": a category, "why": one line}. `at` is the socket to the code.

    `spec` has `tests`, Python source, and perhaps `entry`, what check() is given; or `function` and `calls`, a list of
    [arguments, result].
    """
    sys.setrecursionlimit(DEEP)
    peer = Peer(at, all=False)
    try:
        said = hear(at)
        if "error" in said:
            return _failed("the code cannot be loaded", str(said["error"]))
        names = {str(name): peer.values.heard(told) for name, told in said["names"].items()}
    except Exception:  # the code is gone, or wrote into the socket itself
        raise Gone from None
    try:
        if "calls" in spec:
            _called(names, str(spec["function"]), spec["calls"])
        else:
            _run(names, str(spec["tests"]), str(spec.get("entry") or ""))
    except Gone:
        raise
    except BaseException as error:
        return _failed("tests failed", _why(error, str(spec.get("tests") or "")))
    return {"passed": True}


def _failed(what: str, why: str) -> dict[str, Any]:
    return {"passed": False, "what": what, "why": " ".join(why.split())[:LONGEST]}


def _run(names: dict[str, Any], tests: str, entry: str) -> None:
    code = compile(tests, FILE, "exec", dont_inherit=True)
    scope: dict[str, Any] = {"__name__": "tests", **_shown(names)}
    used = {node.id for node in ast.walk(ast.parse(tests)) if isinstance(node, ast.Name)}
    scope |= {name: __import__(name) for name in used & sys.stdlib_module_names if name not in scope}
    _importable(names)
    before = dict(scope)
    exec(code, scope)  # noqa: S102  that is what this process is for
    own = {name: value for name, value in scope.items() if name not in before or before[name] is not value}
    if callable(check := own.get("check")) and (entry or "candidate" in names):
        check(names[entry] if entry in names else eval(entry or "candidate", scope))  # noqa: S307  it is tests that say it
    for test in _functions(own):
        test()
    _classes(own)


def _shown(names: dict[str, Any]) -> dict[str, Any]:
    """The names of the code that tests see unasked: none of them is one that Python itself has."""
    modules = {*sys.stdlib_module_names, "np", "pd", "pytest"}
    ours = {name for name in names if name in vars(builtins) or (name in modules and not inspect.ismodule(names[name]))}
    return {name: value for name, value in names.items() if name not in ours}


def _functions(own: dict[str, Any]) -> Iterator[Any]:
    """Those called test_…, also in classes called Test…, with the arguments that they are marked with."""
    for name, value in own.items():
        if name.startswith("test") and inspect.isfunction(value):
            yield from pytests.cases(value)
        elif name.startswith("Test") and isinstance(value, type) and not issubclass(value, unittest.TestCase):
            for called in [called for called in vars(value) if called.startswith("test")]:
                one = value()
                if set_up := getattr(one, "setup_method", None):
                    set_up()
                yield from pytests.cases(getattr(one, called))


def _classes(own: dict[str, Any]) -> None:
    kinds = [one for one in own.values() if isinstance(one, type) and issubclass(one, unittest.TestCase)]
    for kind in kinds:
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(result)
        for test, _ in result.failures + result.errors:
            called = test.id().rpartition(".")[2]
            lines = next(text for one, text in result.failures + result.errors if one is test).strip().split("\n")
            if "Gone" in lines[-1]:
                raise Gone
            raise AssertionError(f"{called}: {lines[-1]}")
        if not result.testsRun:
            raise AssertionError(f"{kind.__name__} has no tests")


def _called(names: dict[str, Any], function: str, calls: Sequence[Any]) -> None:
    found = names.get(function)
    if found is None and "Solution" in names:
        found = getattr(names["Solution"](), function)
    if found is None:
        raise NameError(f"name '{function}' is not defined")
    for given, wanted in calls:
        result = found(*given)
        # APPS has a result in a list, and the one result of some in no list.
        if not _same(result, wanted) and not (isinstance(wanted, list) and wanted and _same(result, wanted[0])):
            said = ", ".join(map(repr, given))
            raise AssertionError(f"{function}({said})"[:80] + f" is {result!r}"[:50] + f", not {wanted!r}"[:50])


def _same(result: Any, wanted: Any) -> bool:
    """Equal, with tuples as good as lists, as JSON knows no tuples; of floats all but the last digits count."""
    if isinstance(result, list | tuple) and isinstance(wanted, list | tuple):
        return len(result) == len(wanted) and all(itertools.starmap(_same, zip(result, wanted, strict=True)))
    if isinstance(result, dict) and isinstance(wanted, dict):
        as_json = {str(key): value for key, value in result.items()}
        return set(as_json) == set(wanted) and all(_same(as_json[key], value) for key, value in wanted.items())
    if isinstance(result, float) and isinstance(wanted, int | float):
        return result == wanted or abs(result - wanted) <= 1e-6 * max(1.0, abs(wanted))
    return bool(result == wanted)


def _why(error: BaseException, tests: str) -> str:
    """The line of the tests that failed, and how."""
    lines, what = tests.split("\n"), type(error).__name__
    at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    text = getattr(error, "said_over_there", "") or _text(error)
    said = text if what == "AssertionError" else f"{what}: {text}" if text else what
    line = lines[at[-1] - 1].strip() if at and at[-1] and at[-1] <= len(lines) else ""
    if len(line) > LONGEST - 40:
        line = f"{line[: LONGEST - 60]}…"
    return f"{line}: {said}" if line and said else line or said


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _importable(names: dict[str, Any]) -> None:
    """The code can be imported by whatever name the tests know it by: `from solution import f`."""
    module = types.ModuleType(NAME)
    module.__dict__.update(names | {"__all__": list(_shown(names))})
    sys.modules[NAME] = module
    if importlib.util.find_spec("pytest") is None:
        sys.modules["pytest"] = pytests.module()
    sys.meta_path.append(_Finder(module))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the code under every name that is nobody else's."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        mine = path is None and name not in sys.stdlib_module_names
        return importlib.machinery.ModuleSpec(name, self) if mine else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        pass
