"""The tests of a task, in whatever way published data has them: assertions (MBPP), check(candidate) (HumanEval), those
of pytest or unittest, or input and output of a program (APPS, TACO, CodeContests, LiveCodeBench).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from selfinstruct.stages.reading.code_answers import parsed
from selfinstruct.text.later import later

__all__ = ["COLUMNS", "given_tests", "names_in"]

COLUMNS = (
    *("tests", "test", "test_list", "test_code", "test_cases", "testcases", "testcase", "unit_tests", "unit_test"),
    *("assertions", "asserts", "input_output", "verification_info", "public_tests", "private_tests", "generated_tests"),
    *("private_test_cases", "public_test_cases", "测试", "测试用例"),
)
"""Keys of a row that may hold tests, the first of them first."""
TOGETHER = ("public_tests", "private_tests", "generated_tests", "public_test_cases", "private_test_cases")
BEFORE = ("test_setup_code", "test_setup", "setup_code", "test_imports")
ENTRIES = ("entry_point", "fn_name", "function_name", "func_name")
_ASSERTS = later(r"\bassert|\braises\b|\bself\.fail|\bpytest\.fail|\braise\s+AssertionError")
_GIVEN = ("input", "inputs", "stdin", "given", "输入")
_WANTED = ("output", "outputs", "stdout", "expected_output", "expected", "answer", "输出")

Spec = dict[str, Any]
"""{"tests": source, "entry": name}, {"function": name, "calls": [[arguments, result]]} or {"cases": [[in, out]]}."""


def given_tests(extra: Mapping[str, Any], against: str = "", most: int = 100) -> Spec | str:
    """The tests that a row has in the column `against`, or where such data has them; not more than `most` cases of
    input and output. A text says why there are none."""
    columns = [against] if against else [name for name in COLUMNS if extra.get(name) not in (None, "", [], {})]
    if not columns:
        return "no tests in the row"
    if extra.get(columns[0]) in (None, "", [], {}):
        return f"no {columns[0]!r} in the row"
    entry = next((str(extra[name]) for name in ENTRIES if extra.get(name)), "") or _entry_of(extra)
    if columns[0] in TOGETHER and not against:
        columns = [name for name in columns if name in TOGETHER]
        found = [_cases(_decoded(extra[name]), entry) for name in columns]
        specs = [one for one in found if one]
        if specs and all("cases" in one for one in specs):
            return _bounded({"cases": [case for one in specs for case in one["cases"]]}, most)
        return _bounded(specs[0], most) if specs else f"{columns[0]} holds no tests that can be read"
    value = _decoded(extra[columns[0]])
    if spec := _cases(value, entry):
        return _bounded(spec, most)
    source = _source(value)
    before = [_source(_decoded(extra[name])) for name in BEFORE if extra.get(name)]
    if not source.strip():
        return f"{columns[0]} holds no tests that can be read"
    if parsed(source) is None:
        return f"the tests in {columns[0]!r} are no Python"
    if not _ASSERTS.search(source):
        return "the tests assert nothing"
    return {"tests": "\n".join([*before, source]), **({"entry": entry} if entry else {})}


def names_in(spec: Spec) -> set[str]:
    """Names that the tests use: those of the code among them."""
    if "function" in spec:
        return {str(spec["function"]), "Solution"}
    tree = parsed(str(spec.get("tests", "")))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()
    imported = (
        {one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}
        if tree
        else set()
    )
    entry = str(spec.get("entry", "")).partition("(")[0]
    return names | imported | ({entry} if entry else set())


def _bounded(spec: Spec, most: int) -> Spec:
    return {name: value[:most] if isinstance(value, list) else value for name, value in spec.items()}


def _decoded(value: Any) -> Any:
    """What a text holds as JSON; else itself."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _entry_of(extra: Mapping[str, Any]) -> str:
    about = _decoded(extra.get("metadata"))
    return str(about.get("func_name") or "") if isinstance(about, Mapping) else ""


def _source(value: Any) -> str:
    """Python source: a text, or several, or what an object calls tests."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "\n".join(filter(None, map(_source, value)))
    if isinstance(value, Mapping):
        return next(
            (_source(value[name]) for name in ("code", "test", "tests", "unittest", "assert") if value.get(name)), ""
        )
    return ""


def _cases(value: Any, entry: str) -> Spec | None:
    """Cases of input and output, or calls; None where it holds none."""
    if isinstance(value, Mapping):
        if inner := next((value[name] for name in ("test_cases", "testcases", "cases") if value.get(name)), None):
            return _cases(_decoded(inner), str(value.get("fn_name") or entry))
        given, wanted = _one_of(value, _GIVEN), _one_of(value, _WANTED)
        if given is None or wanted is None:
            return None
        if isinstance(given, str) and isinstance(wanted, str):
            given, wanted = [given], [wanted]
        if not (isinstance(given, list) and isinstance(wanted, list)) or not given or len(given) != len(wanted):
            return None
        return _paired(given, wanted, str(value.get("fn_name") or ""))
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        pairs = [(_one_of(one, _GIVEN), _one_of(one, _WANTED)) for one in value]
        if any(given is None or wanted is None for given, wanted in pairs):
            return None
        kinds = {str(one.get("testtype") or one.get("type") or "") for one in value}
        called = kinds & {"functional", "function_call", "call"}
        named = next((str(one["fn_name"]) for one in value if one.get("fn_name")), entry)
        if called and named:
            return {"function": named, "calls": [[_arguments(given), _result(wanted)] for given, wanted in pairs]}
        return _paired([given for given, _ in pairs], [wanted for _, wanted in pairs], "")
    return None


def _one_of(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _paired(given: list[Any], wanted: list[Any], function: str) -> Spec | None:
    if function:
        calls = [[one if isinstance(one, list) else [one], other] for one, other in zip(given, wanted, strict=True)]
        return {"function": function, "calls": calls}
    return {"cases": [[_lines(one), _lines(other)] for one, other in zip(given, wanted, strict=True)]}


def _lines(value: Any) -> str:
    """A text, or a list of lines."""
    return "\n".join(map(_lines, value)) if isinstance(value, list) else str(value)


def _arguments(given: Any) -> list[Any]:
    """Each in a line of JSON."""
    if isinstance(given, list):
        return given
    return [_result(line) for line in str(given).split("\n") if line.strip()]


def _result(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
