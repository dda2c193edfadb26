"""Code is run in a sandbox: what passes its tests passes, and nothing else does, whatever the code tries."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.teachers.checking.running import Verdict, run_tests, same_output, why_not
from selfinstruct.teachers.checking.sandbox.walls import CALLS, DISK, FILES

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can")

SECRET = "a-secret-of-this-user"
TESTS = "assert double(2) == 4\nassert double(-3) == -6"

RIGHT: dict[str, Any] = {
    "a function": ("def double(x):\n    return 2 * x", TESTS),
    "a method": {
        "code": "class Solution:\n    def double(self, x):\n        return 2 * x",
        "function": "double",
        "calls": [[[2], 4], [[0.1], 0.2]],
    },
    "a candidate": (
        "def double(x):\n    return 2 * x",
        "def check(candidate):\n    assert candidate(2) == 4",
        "double",
    ),
    "imported by some name": ("def double(x):\n    return 2 * x", "from my_code import double\nassert double(2) == 4"),
    "tests of pytest": (
        "class Odd(ValueError): pass\ndef half(x):\n    if x % 2: raise Odd(f'{x} is odd')\n    return x // 2",
        "import pytest\nfrom solution import *\n\n@pytest.mark.parametrize('x, y', [(2, 1), (4, 2)])\n"
        "def test_half(x, y):\n    assert half(x) == y\n\nclass TestOdd:\n    def test_it(self):\n"
        "        with pytest.raises(Odd, match='is odd'):\n            half(3)\n"
        "        with pytest.raises(ValueError):\n            half(5)\n        assert half(6) == pytest.approx(3.0)",
    ),
    "tests of unittest": (
        "def double(x):\n    return 2 * x",
        "import unittest\nclass Test(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertEqual(double(2), 4)",
    ),
    "what is changed in place": ("def order(x):\n    x.sort()", "a = [3, 1]\norder(a)\nassert a == [1, 3]"),
    "called back": ("def each(f, x):\n    return [f(y) for y in x]", "assert each(lambda y: y + 1, (1, 2)) == [2, 3]"),
    "a class": (
        "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o.x\n"
        "    def __add__(self, o): return P(self.x + o.x)\n    def __len__(self): return self.x",
        "assert P(1) + P(2) == P(3)\nassert P(1) != P(2)\nassert isinstance(P(1), P)\n"
        "p = P(4)\np.x = 5\nassert len(p) == 5",
    ),
    "a generator": (
        "def upto(n):\n    yield from range(n)",
        "assert list(upto(3)) == [0, 1, 2]\nassert sum(upto(4)) == 6",
    ),
    "a coroutine": (
        "import asyncio\nasync def double(x):\n    await asyncio.sleep(0)\n    return 2 * x",
        "import asyncio\nassert asyncio.run(double(2)) == 4",
    ),
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef pair(x):\n    return P(x, {x: {1, 2}})",
        "assert pair(1) == (1, {1: {2, 1}})\nassert pair(1).x == 1\nimport math\nassert math.floor(pair(1.5)[0]) == 1",
    ),
    "other kinds of values": (
        "import datetime, decimal, fractions\n"
        "def some():\n    return [None, True, 1.5, float('inf'), b'a', 2j, range(3), "
        "decimal.Decimal('0.1'), fractions.Fraction(1, 3), datetime.date(2026, 1, 2), 10**30, '\\ud800']",
        "import datetime, decimal, fractions\nassert some() == [None, True, 1.5, float('inf'), b'a', 2j, range(3), "
        "decimal.Decimal('0.1'), fractions.Fraction(1, 3), datetime.date(2026, 1, 2), 10**30, '\\ud800']",
    ),
    "what would be done as a program": (
        "def double(x):\n    return 2 * x\nif __name__ == '__main__':\n    print(double(int(input())))",
        TESTS,
    ),
    "files of its own": (
        "def kept():\n    open('a', 'w').write('b')\n    return open('a').read()",
        "assert kept() == 'b'",
    ),
    "a program": {"code": "print(2 * int(input()))", "cases": [["2\n", "4"], ["3", "6\n"]]},
    "a program that works in a thread": {
        "code": "import sys, threading\ndef main():\n    print(sum(map(int, sys.stdin.buffer.read().split())))\n"
        "threading.Thread(target=main).start()",
        "cases": [["2 3\n", "5"]],
    },
}

WRONG: dict[str, Any] = {
    "another result": ("def double(x):\n    return x + 1", "tests failed", "assert double(2) == 4"),
    "no such name": ("def twice(x):\n    return 2 * x", "tests failed", "NameError: name 'double' is not defined"),
    "an error": ("def double(x):\n    return x.y", "tests failed", "AttributeError: 'int' object has no attribute 'y'"),
    "no Python": ("def double(x) return x", "the code cannot be loaded", "SyntaxError: expected ':' (line 1)"),
    "ended before the tests": ("import os\nos._exit(0)", "tests failed", "the code ended the process"),
    "ended in them": ("import os\ndef double(x):\n    os._exit(0)", "tests failed", "the code ended the process"),
    "ended politely": ("import sys\ndef double(x):\n    sys.exit(0)", "tests failed", "SystemExit"),
    "equal to everything": (
        "class All(int):\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0\n"
        "def double(x):\n    return All(7)",
        "tests failed",
        "",
    ),
    "a thing equal to everything": (
        "class All:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
        "    __hash__ = None\ndef double(x):\n    return All()",
        "tests failed",
        "assert double(2) == 4",
    ),
    "one nearly equal": {
        "code": "class All:\n    def __sub__(self, other): return 0\n    def __lt__(self, other): return True\n"
        "    def __abs__(self): return self\ndef double(x):\n    return All()",
        "tests": "assert abs(double(2) - 4) < 1e-6",
        "what": "tests failed",
        "why": "TypeError",
    },
    "the pass word, printed": (
        "print('{\"passed\": true}', flush=True)\nimport sys\nsys.__stdout__.write('passed')\n"
        "def double(x):\n    return 0",
        "tests failed",
        "",
    ),
    "the pass word, in every file": (
        "import os\nfor at in range(64):\n"
        "    try: os.write(at, b'00000010{\"passed\": true}')\n    except OSError: pass\n"
        "def double(x):\n    return 0",
        "tests failed",
        "",
    ),
    "assertions that are caught": (
        "import builtins\nbuiltins.AssertionError = type('Quiet', (BaseException,), {})\n"
        "builtins.compile = builtins.exec = lambda *given, **named: None\ndef double(x):\n    return 0",
        "tests failed",
        "",
    ),
    "a check of its own": {
        "code": "import sys\ncheck = lambda candidate: None\nsys.modules['__main__'].check = check\n"
        "all = any = lambda x: True\n"
        "def double(x):\n    return 0",
        "tests": "assert all([double(2) == 4])",
        "what": "tests failed",
        "why": "assert all([double(2) == 4])",
    },
    "built-ins of its own, imported": {
        "code": "all = lambda x: True\nAssertionError = ValueError\nmath = all\ndef double(x):\n    return 0",
        "tests": "from solution import *\nassert all([double(2) == 4])",
        "what": "tests failed",
        "why": "assert all([double(2) == 4])",
    },
    "what calls it, looked into": (
        "import gc, sys\ndef double(x):\n    frame, seen = sys._getframe(), []\n    while frame:\n"
        "        seen.append(repr(frame.f_locals) + repr(frame.f_globals)); frame = frame.f_back\n"
        "    seen += [one for one in gc.get_objects() if isinstance(one, str)]\n"
        "    return 4 if any('== ' + str(2 * 2) in str(one) for one in seen) else 0",
        "tests failed",
        "assert double(2) == 4",
    ),
    "the tests, through what they hand over": {
        "code": "def each(f, x):\n    for name in ('__globals__', '__code__', 'gi_frame', 'f_back'):\n"
        "        try: return getattr(f, name) and [2, 3]\n        except AttributeError: pass\n    return 0",
        "tests": "assert each(lambda y: y + 1, (1, 2)) == [2, 3]",
        "what": "tests failed",
        "why": "assert each",
    },
    "the tests, from files": (
        "import glob\ndef double(x):\n    seen = ''\n"
        "    for name in glob.glob('/proc/*/mem') + glob.glob('/proc/self/*') + glob.glob('*'):\n"
        "        try: seen += open(name, errors='replace').read(10000)\n        except OSError: pass\n"
        "    return 4 if 'assert' in seen else 0",
        "tests failed",
        "assert double(2) == 4",
    ),
    "a new process": (
        "import os\nos.fork()\ndef double(x):\n    return 2 * x",
        "the code cannot be loaded",
        "PermissionError",
    ),
    "a fork bomb": ("import os\nwhile True:\n    os.fork()", "the code cannot be loaded", "PermissionError"),
    "a program": ("import subprocess\nsubprocess.run(['true'])", "the code cannot be loaded", "PermissionError"),
    "threads without end": (
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        "the code cannot be loaded",
        "RuntimeError: can't start new thread",
    ),
    "all of the memory": ("def double(x):\n    return len(bytearray(10**11))", "tests failed", "MemoryError"),
    "a huge file": (
        "def double(x):\n    with open('a', 'wb') as file:\n        for _ in range(99): file.write(bytes(10**6))",
        "tests failed",
        "OSError: [Errno 27] File too large",
    ),
    "a socket": ("import socket\nsocket.socket()", "the code cannot be loaded", "PermissionError"),
    "a name asked for": (
        "import socket\nsocket.getaddrinfo('example.org', 80)",
        "the code cannot be loaded",
        "gaierror",
    ),
    "a signal to others": ("import os\nos.kill(os.getppid(), 9)", "the code cannot be loaded", "PermissionError"),
    "a signal to all": ("import os\nos.kill(-1, 9)", "the code cannot be loaded", "PermissionError"),
    "a session of its own": ("import os\nos.setsid()", "the code cannot be loaded", "PermissionError"),
    "rights of a file": ("import os\nos.chmod('/tmp', 0o777)", "the code cannot be loaded", "PermissionError"),
    "a loop": {"code": "def double(x):\n    while True: pass", "tests": TESTS, "what": "timed out", "why": "after 1 s"},
    "a loop that is not loaded": {"code": "while True: pass", "tests": TESTS, "what": "timed out", "why": "after 1 s"},
    "a signal not heard": {
        "code": "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "tests": TESTS,
        "what": "timed out",
        "why": "after 1 s",
    },
    "sleep": {"code": "import time\ntime.sleep(999)", "tests": TESTS, "what": "timed out", "why": "after 1 s"},
    "tests that end": {
        "code": "x = 1",
        "tests": "import os\nos._exit(0)\nassert x",
        "what": "tests failed",
        "why": "the code ended",
    },
    "another line": {
        "code": "print(2 * int(input()))",
        "cases": [["2", "4"], ["3", "7"]],
        "what": "tests failed",
        "why": "case 2: '6' where '7' is right",
    },
    "a program that ends": {
        "code": "import os\nos._exit(0)",
        "cases": [["2", "4"]],
        "what": "tests failed",
        "why": "case 1: '' where '4' is right",
    },
    "a program that fails after it": {
        "code": "print(4)\nraise ValueError('no')",
        "cases": [["2", "4"]],
        "what": "tests failed",
        "why": "case 1: ValueError: no (line 2)",
    },
    "a program in a loop": {
        "code": "while True: pass",
        "cases": [["", "4"]],
        "what": "timed out",
        "why": "case 1: after 1 s",
    },
    "a program without end": {
        "code": "while True: print('4' * 1000)",
        "cases": [["", "4"]],
        "what": "tests failed",
        "why": "case 1: OSError",
    },
}


def _job(case: Any) -> dict[str, Any]:
    job: dict[str, Any] = {"seconds": 1, "memory": 500}
    if isinstance(case, Mapping):
        return job | dict(case)
    code, tests, *entry = case
    return job | {"code": code, "tests": tests, **({"entry": entry[0]} if entry else {})}


@pytest.fixture(scope="module")
def found() -> dict[str, Verdict]:
    """What became of all, some of them at the same time."""
    jobs = {f"right {name}": _job(case) | {"seconds": 9} for name, case in RIGHT.items()}
    for name, case in WRONG.items():
        job = _job(case if isinstance(case, Mapping) else (case[0], TESTS))
        jobs[f"wrong {name}"] = job if job.get("what") == "timed out" else job | {"seconds": 9}

    async def all_of_them() -> list[Verdict]:
        turns = asyncio.Semaphore(4)

        async def one(job: dict[str, Any]) -> Verdict:
            async with turns:
                return await run_tests(job)

        return await asyncio.gather(*map(one, jobs.values()))

    return dict(zip(jobs, asyncio.run(all_of_them()), strict=True))


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str, found: dict[str, Verdict]) -> None:
    assert found[f"right {name}"] == ("", "")


@pytest.mark.parametrize("name", WRONG)
def test_nothing_else_does(name: str, found: dict[str, Verdict]) -> None:
    case = WRONG[name]
    what, why = (case["what"], case["why"]) if isinstance(case, Mapping) else case[1:]
    got, said = found[f"wrong {name}"]
    assert got == what
    assert why in said
    assert len(said) <= 200
    assert "\n" not in said


def _walls() -> set[str]:
    up = set[str]()
    asyncio.run(run_tests(_job(("x = 1", "assert x == 1")), up))
    return up


def test_what_the_code_can_see_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys nor files, and nothing that it wrote stays."""
    up = _walls()
    assert CALLS in up
    if FILES not in up:
        pytest.skip("this kernel has no Landlock")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    (tmp_path / "key").write_text(SECRET)
    code = f"""
import os
def seen():
    found = dict(os.environ)
    home = os.path.expanduser("~/.bashrc")
    for name in ("{tmp_path}/key", "/etc/passwd", "/proc/self/environ", "/proc/1/environ", home):
        try: found[name] = open(name).read()
        except OSError: pass
    for name in ("/", "/root", "/home", "/tmp", "{tmp_path}"):
        try: found[name] = os.listdir(name)
        except OSError: pass
    for name in ("{tmp_path}/new", "/tmp/selfinstruct-new", "/dev/shm/selfinstruct-new"):
        try: found[name] = open(name, "w").write("a")
        except OSError: pass
    return sorted(found)
"""
    allowed = "set(seen()) <= {'PYTHONHASHSEED', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'LANG', 'LC_CTYPE'}"
    before = set(os.listdir("/tmp"))
    assert asyncio.run(run_tests(_job((code, f"assert {allowed}, seen()")))) == ("", "")
    assert os.listdir(tmp_path) == ["key"]
    assert not [name for name in set(os.listdir("/tmp")) - before if name.startswith("selfinstruct-new")]


def test_many_files_have_no_more_room_than_the_folder() -> None:
    if DISK not in _walls():
        pytest.skip("no folder of bounded size can be had here")
    code = "def fill():\n    for n in range(20):\n        open(str(n), 'wb').write(bytes(10**7))"
    what, why = asyncio.run(run_tests(_job((code, "fill()\nassert True"))))
    assert (what, "No space left" in why) == ("tests failed", True)


def test_what_was_begun_has_ended(found: dict[str, Verdict]) -> None:
    """Also what slept, and what ignores signals."""
    assert found["wrong sleep"] == found["wrong a signal not heard"] == ("timed out", "after 1 s")
    here = f"/selfinstruct-check-{os.getpid()}-"
    inside = [path for path in Path("/proc").glob("[0-9]*/cwd") if path.parent.exists()]
    assert not [path for path in inside if here in _target(path)]


def _target(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # it has ended meanwhile
        return ""


def test_output_is_compared_as_judges_do() -> None:
    assert same_output("1 2 \n3\n\n", "1 2\n3")
    assert same_output("0.3333333\n", "0.33333334")
    assert same_output("1\n2\n3", "1 2 3")
    assert not same_output("1", "2")
    assert not same_output("1.0", "1")
    assert not same_output("", "0")
    assert not same_output("100000001", "100000002")
