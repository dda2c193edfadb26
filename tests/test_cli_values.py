"""Odd values of options: each ends in one line and exit 2, or works; nobody is asked, and nothing takes long."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfinstruct.cli import main
from selfinstruct.errors import shown

ROWS = '{"instruction": "Name a river."}\n{"instruction": "Name a lake."}\n'

NUMBERS = [
    *(
        "0",
        "-1",
        "1",
        "-0",
        "1e999",
        "-1e999",
        "nan",
        "inf",
        "-inf",
        "1e-400",
        "1_000",
        "١٢",
        "0x10",
        "1e3",
        "",
        " ",
        "+5",
    ),
    *(str(10**30), str(-(10**30)), "9" * 5000, f"0.{'0' * 400}1", "1/2", "1//2", "a", "\x00", "2.5"),
]
NAMES = [
    *(
        "",
        " ",
        "a\nb",
        "\x1b[2J",
        "x" * 10_000,
        "teacher=",
        "=x",
        "judge=judge=x",
        "teacher=teacher=x",
        "模型",
        "\ud800",
    ),
    *(
        "builtin:",
        "local:",
        "gguf:",
        "local:\x00",
        "local:~",
        "builtin:messy=",
        "\x00",
        "\udcff",
        "ROLE=x",
        "a=b",
        "/",
        "~",
    ),
]
PATHS = [
    *(
        "-",
        "~",
        "~nobody/x",
        "x" * 300,
        "a/" * 3000,
        "\udcff",
        " ",
        ".",
        "..",
        "/dev/full/x",
    ),
    *("/proc/self/x", "a\nb", "\x1b[2J", "", "*", "🌊", "con", "a.jsonl"),
]
PRICES = [
    "1e999/1",
    "1/2/3",
    "nan/nan",
    "-1/2",
    "1/",
    "/",
    f"{'9' * 400}/1",
    f"{'9' * 5000}/{'9' * 5000}",
    "١/٢",
    ".5/.5",
    " 1/2",
]

OPTIONS: dict[str, list[str]] = {
    **dict.fromkeys(("--num", "--budget", "--max-tokens-total", "--patience", "--timeout"), NUMBERS),
    **dict.fromkeys(("--seed", "--concurrency", "--width"), NUMBERS),
    "--price": PRICES + NUMBERS,
    "--model": NAMES,
    "--language": NAMES,
    "--base-url": [
        *NAMES,
        "http://",
        "http://[",
        "http://x:99999999/v1",
        "ftp://x",
        "http://127.0.0.1:9/\x1b[2J",
        "https://u:p@[::1]:9/v1",
    ],
    "--drop": [*NAMES, *(f"novelty={number}" for number in NUMBERS), "length={shortest: 1e999}", "novelty=[", "a=*b"],
    "--api": NAMES,
}


def ran(tmp: Path, *args: str, **env: str | None) -> Result:
    """In a folder of its own, with a port where nobody listens."""
    with TemporaryDirectory(dir=tmp) as folder, chdir(folder):
        Path("rows.jsonl").write_text(ROWS)
        known = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": None, "SELFINSTRUCT_MODEL": None}
        return CliRunner().invoke(main, args, env=known | env)


def check(done: Result, args: Any, codes: tuple[int, ...]) -> None:
    assert isinstance(done.exception, SystemExit | None), (args, repr(done.exception)[:500])
    assert done.exit_code in codes, (args, done.exit_code, done.output[-500:])
    output = done.output.replace("\r", "\n")  # the bar of the package datasets, which we do not write
    if done.exit_code:
        last = done.stderr.splitlines()[-1:]
        assert [line[:14] for line in last] == ["selfinstruct: "], (args, done.output[-500:])
    assert shown(output, lines=True) == output
    assert len(done.output) < 20_000


ASKED = ["run", "respond", "rows.jsonl", "--model", "x", "--base-url", "http://127.0.0.1:9/v1", "--patience", "0"]
RULES = ["run", "respond", "rows.jsonl", "--model", "builtin"]


@pytest.mark.parametrize("option", OPTIONS)
def test_odd_values(option: str, tmp_path: Path) -> None:
    """A plan takes every value that a run takes; a run is tried with rules, or asks where nobody listens."""
    for number, value in enumerate(OPTIONS[option]):
        for args in ([*RULES, "--dry-run"], RULES, ASKED):
            # Who wants to wait for ever may; and nobody's name is asked anywhere but where nobody listens.
            if args is ASKED and option not in ("--timeout", "--model", "--base-url"):
                continue
            if args is ASKED and option != "--base-url" and number % 2:  # half a second each
                continue
            if args is RULES and option in ("--model", "--base-url"):
                continue
            priced = ["--price", "1/2"] if option == "--budget" else []
            given = [*args, *priced, f"{option}={value}", "--out", "run"]
            check(ran(tmp_path, *given), given, (0, 1, 2, 3))


@pytest.mark.parametrize("path", PATHS)
def test_odd_names_of_folders_and_files(path: str, tmp_path: Path) -> None:
    for args in (
        [*RULES, "--out", path],
        ["run", "respond", path, "--out", "run"],
        ["run", path, "rows.jsonl", "--out", "run"],
        ["export", "rows.jsonl", "--out", path],
        ["export", path],
        ["filter", "rows.jsonl", "--drop", "length", "--out", path],
        ["filter", "rows.jsonl", "--drop", "length", "--out", "out.jsonl", "--rejected", path],
        ["filter", path, "--drop", "length", "--out", "out.jsonl"],
        ["report", path],
        ["show", path],
        ["show", path, "--task", "x"],
        ["exam", "--num", "3", "--out", path],
        ["grade", path, path],
    ):
        done = ran(tmp_path, *args, HOME=str(tmp_path))
        check(done, args, (0, 1, 2))


TOGETHER = sorted(set(OPTIONS) - {"--patience"})


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(TOGETHER), st.text(max_size=20) | st.floats().map(str) | st.integers().map(str)))
@example({"--num": "1e999", "--budget": "1e999", "--price": "1e999/1e999"})
def test_any_values_together(given_ones: dict[str, str]) -> None:
    with TemporaryDirectory() as tmp:
        args = [*ASKED, *(f"{name}={value}" for name, value in given_ones.items()), "--out", "run"]
        check(ran(Path(tmp), *args), args, (0, 1, 2, 3))
