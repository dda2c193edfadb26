"""How a command ends, and what it leaves on a terminal: Ctrl-C, signals, closed and full streams, odd terminals."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from openai_stub import HANG, Reply, Said, Seen, chat, serving

COMMAND = [sys.executable, "-m", "selfinstruct"]
ENV = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")}
ENV |= {"OPENAI_API_KEY": "none", "TERM": "xterm-256color", "PYTHONWARNINGS": "error"}
INTERRUPTED = "selfinstruct: interrupted; the same command goes on from here"
RIVERS = ["Ob", "Lena", "Indus", "Tigris"]


class Screen:
    """As much of a terminal as rich and we use: lines, the cursor, erasing. Fails for every other sequence."""

    def __init__(self) -> None:
        self.lines, self.row, self.column, self.cursor = [""], 0, 0, True

    def feed(self, text: str) -> None:
        for found in re.finditer(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b.|[^\x1b]", text, re.DOTALL):
            match found[0], found[1], found[2]:
                case "\r", _, _:
                    self.column = 0
                case "\n", _, _:
                    self.row += 1
                    self.lines += [""] * (self.row == len(self.lines))
                case _, up, "A":
                    self.row = max(0, self.row - int(up or 1))
                case _, "2", "K":
                    self.lines[self.row] = ""
                case _, "?25", ("h" | "l") as how:
                    self.cursor = how == "h"
                case _, _, "m":
                    pass
                case (char, None, None) if char.isprintable():
                    line = self.lines[self.row].ljust(self.column)
                    self.lines[self.row] = line[: self.column] + char + line[self.column + 1 :]
                    self.column += 1
                case other, _, _:
                    raise AssertionError(f"{other!r} reached the terminal")

    def left(self) -> list[str]:
        return [line.rstrip() for line in self.lines if line.strip()]


class Terminal:
    """A real one, as the kernel has it, with a command in it."""

    def __init__(self, width: int = 100) -> None:
        self.printed = ""
        self.here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 30, width, 0, 0))
        self.there = there

    async def start(self, *args: object, **env: str) -> None:
        def take() -> None:
            for name in (
                signal.SIGINT,
                signal.SIGHUP,
            ):  # ignored in background jobs and under nohup: these tests may be
                signal.signal(name, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *map(str, args),
            stdin=self.there,
            stdout=self.there,
            stderr=self.there,
            env=ENV | env,
            start_new_session=True,
            preexec_fn=take,
        )
        os.close(self.there)
        asyncio.get_running_loop().add_reader(self.here, self._read)

    def _read(self) -> None:
        try:
            part = os.read(self.here, 65536)
        except OSError:  # nobody has the other end any more
            part = b""
        if not part:
            asyncio.get_running_loop().remove_reader(self.here)
        self.printed += part.decode()

    async def until(self, seen: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not seen():
                assert self.process.returncode is None, self.printed
                await asyncio.sleep(0.02)

    async def ended(self) -> tuple[int, Screen]:
        """The exit code, and what is on the screen."""
        async with asyncio.timeout(30):
            code = await self.process.wait()
            await asyncio.sleep(0.1)
        asyncio.get_running_loop().remove_reader(self.here)
        os.close(self.here)
        screen = Screen()
        screen.feed(self.printed)
        return code, screen


def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f'{{"instruction": "Say where the river {name} ends."}}\n' for name in RIVERS))
    return file


def some_hang(seen: Seen) -> Said:
    return HANG if "Tigris" in str(seen.body) else Reply(chat("It ends in the sea, after a long way."))


def written(out: Path) -> int:
    file = out / "tasks.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def press(terminal: Terminal) -> None:
    os.write(terminal.here, b"\x03")


def send(name: signal.Signals, terminal: Terminal) -> None:
    terminal.process.send_signal(name)


WAYS: dict[str, list[Callable[[Terminal], None]]] = {
    "Ctrl-C": [press],
    "Ctrl-C twice": [press, press],
    "Ctrl-C four times": [press, press, press, press],
    "SIGTERM": [partial(send, signal.SIGTERM)],
    "SIGHUP": [partial(send, signal.SIGHUP)],
    "SIGTERM, then Ctrl-C": [partial(send, signal.SIGTERM), press],
}


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_stopped_and_leaves_a_clean_terminal(way: str, tmp_path: Path) -> None:
    """Failed before: SIGTERM and SIGHUP killed it, the cursor hidden and no export written."""
    async with serving(some_hang) as server:
        terminal, out = Terminal(), tmp_path / "run"
        # A second Ctrl-C may strike between a file's opening and its `with`. The interpreter closes it, and says so
        # only where warnings are asked for.
        more = {"PYTHONWARNINGS": "error,ignore::ResourceWarning"} if len(WAYS[way]) > 1 else {}
        words = ("run", "respond", rows(tmp_path), "--out", out, "--model", "x", "--base-url", server.url)
        await terminal.start(*words, **more)
        await terminal.until(lambda: len(server.seen) == 4 and written(out) == 3)
        for act in WAYS[way]:
            act(terminal)
        code, screen = await terminal.ended()
    assert code == 1
    assert screen.cursor
    assert screen.left()[-1] == INTERRUPTED
    assert terminal.printed.endswith("\r\n")
    assert not any("requests" in line or "━" in line for line in screen.left()), "nothing of the display is left"
    assert "Traceback" not in terminal.printed
    if len(WAYS[way]) == 1:
        assert len((out / "alpaca.jsonl").read_bytes().splitlines()) == 3
        assert screen.left()[-2] == "run: kept 3 of 3 tasks (100%)".replace("run", str(out))


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {}, {"TERM": ""}])
async def test_odd_terminals(env: dict[str, str], tmp_path: Path) -> None:
    """Failed before: nothing was said on a dumb terminal. Narrow: the line is longer than the screen."""
    async with serving(lambda seen: Reply(chat("It ends in the sea, after a long way."))) as server:
        terminal = Terminal(width=24)
        command = ["run", "respond", rows(tmp_path), "--out", tmp_path / "run", "--model", "x"]
        await terminal.start(*command, "--base-url", server.url, **env)
        code, screen = await terminal.ended()
    assert code == 0, terminal.printed
    assert screen.cursor
    assert "".join(screen.left()) == f"{tmp_path / 'run'}: kept 4 of 4 tasks (100%)"
    if env.get("TERM") == "dumb":
        assert "\x1b" not in terminal.printed
    if "NO_COLOR" in env:
        assert not re.search(r"\x1b\[[\d;]*3\dm", terminal.printed)


async def test_sigterm_where_ctrl_c_is_ignored(tmp_path: Path) -> None:
    """As in a background job of a script: that Ctrl-C is none of its business does not make it deaf."""
    async with serving(some_hang) as server:
        out = tmp_path / "run"
        process = await asyncio.create_subprocess_exec(
            *(*COMMAND, "run", "respond", str(rows(tmp_path)), "--out", str(out), "--model", "x"),
            *("--base-url", server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENV,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_IGN),
        )
        async with asyncio.timeout(30):
            while written(out) < 3:
                await asyncio.sleep(0.02)
        process.terminate()
        printed, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode().splitlines() == [INTERRUPTED]
    assert printed.decode().startswith(f"{out}: kept 3 of 3")


# Streams that somebody closed, or that are full


def shell(line: str, folder: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a line of bash; $S is the command."""
    command = ["bash", "-c", f"set -o pipefail; S='{' '.join(COMMAND)}'; {line}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENV)
    return done.returncode, done.stdout, done.stderr


FULL = "selfinstruct: the result could not be written to stdout: No space left on device\n"
GENERATE = "$S generate --num 20 --quiet"
STREAMS: dict[str, tuple[str, int, str]] = {
    "full": (f"{GENERATE} --out run >/dev/full", 1, FULL),
    "full, json": ("$S report done --json >/dev/full", 1, FULL),
    "full, rich": ("$S report done >/dev/full", 1, FULL),
    "full, data": ("$S export done >/dev/full", 1, FULL),
    "full, plan": (f"{GENERATE} --out run --dry-run >/dev/full", 1, FULL),
    "full, help": ("$S --help >/dev/full", 1, "selfinstruct: No space left on device\n"),
    "stderr full": ("$S generate --num 20 --out run 2>/dev/full", 0, ""),
    "stderr full, a mistake": ("$S generate --num 0 --out run 2>/dev/full", 2, ""),
    "both full": (f"{GENERATE} --out run >/dev/full 2>/dev/full", 1, ""),
    "closed": (f"{GENERATE} --out run >&-", 0, ""),
    "all closed": ("$S generate --num 20 --out run <&- >&- 2>&-", 0, ""),
    "stdin and stderr closed": ("$S generate --num 0 --out run <&- 2>&-", 2, ""),
    "the reader goes away": ("$S export done --to messages | head -1 >/dev/null", 0, ""),
    "the reader has gone": (f"{GENERATE} --out run | true", 0, ""),
    "the reader of a budget's end has gone": (
        "$S generate --num 200 --quiet --max-tokens-total 60000 --out run | true",
        3,
        "",
    ),
    "the reader of help has gone": ("$S --help | head -1 >/dev/null", 0, ""),
    "ascii": ("PYTHONIOENCODING=ascii $S prompts alpaca --language zh >/dev/null", 0, ""),
    "ascii, rich": ("PYTHONIOENCODING=ascii $S show done --task seed_task_3 >/dev/null", 0, ""),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("streams")
    assert shell(f"{GENERATE} --out done", made)[0] == 0
    return made


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str, folder: Path) -> None:
    line, code, said = STREAMS[name]
    got, _, stderr = shell(f"rm -rf run; {line}", folder)
    if name == "the reader of a budget's end has gone":
        assert stderr.startswith("selfinstruct: budget of 60,000 tokens reached")
        stderr = ""
    assert (got, stderr) == (code, said)
    if "--out run" in line and "dry" not in line and code != 2:
        assert (folder / "run" / "journal.db").is_file(), "what was printed went into no file"
        assert (folder / "run" / "tasks.jsonl").read_bytes()[:1] == b"{"
