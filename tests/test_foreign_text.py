"""What others wrote (a model, a server, a file, its name) never acts on the terminal: in no command, no error, no
progress. A new command fails here until it is tried, too.
"""

from __future__ import annotations

import asyncio
import io
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from openai_stub import Handler, Reply, chat, error, serving

from selfinstruct import Run, named, run
from selfinstruct.cli import main
from selfinstruct.errors import TeacherFailed, UsageError, quoted, shown
from selfinstruct.reviewing.record import Opinion
from selfinstruct.reviewing.reviews import begun
from selfinstruct.rows.reading import tasks_in
from selfinstruct.running.progress import Progress
from selfinstruct.task import Rejected

# An OSC 8 link, a title, a cleared screen, a colour of one byte, a line drawn over, marks of direction, width and
# order, half a surrogate pair, private use, a tag, what rich takes for markup or emoji. Most can be in a file name.
NAME = (
    "\x1b[2J\x1b]0;title\x07\x9b31m\r\u202eevil"
    "\u2066\u200b\u200f\u061c\ufeff\u2028\x85\x7f\ue000\U000e0041[red]x[b]:smile:"
)
TEXT = (
    f"\x1b]8;;http://evil.example\x07click\x1b]8;;\x07{NAME}\n\x1b[1A\x1b[2Kselfinstruct: all is well\ud800[/nothing]"
)


def acting(text: str) -> set[str]:
    """The characters of a text that act on a terminal, or are not to be seen there."""
    return {char for char in text if char not in "\n\t\u200c\u200d" and shown(char) != char} | {
        char
        for char in text
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char not in "\n\t"
    }


def test_by_unicodes_own_categories() -> None:
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            assert (shown(char) == char) == (char in "\u200c\u200d"), hex(code)
        elif char.isprintable() and unicodedata.category(char)[0] in "LNPSZ":
            assert shown(char) == char or code in (0x115F, 0x1160, 0x3164, 0xFFA0), hex(code)


@pytest.mark.parametrize(
    ("text", "one_line", "lines"),
    [
        ("a\nb\tc\r\nd\re", r"a\nb\tc\r\nd\re", "a\nb\tc\nd\\re"),
        ("\x1b[2J\x9b\x7f", r"\x1b[2J\x9b\x7f", r"\x1b[2J\x9b\x7f"),
        ("\u202e\ud800\U000e0041", r"\u202e\ud800\U000e0041", r"\u202e\ud800\U000e0041"),
        ("你好，　é e\u0301 👩\u200d🚀 ☀\ufe0f می\u200cخواهم क\u094d\u200dष", None, None),
    ],
)
def test_shown(text: str, one_line: str | None, lines: str | None) -> None:
    assert shown(text) == (text if one_line is None else one_line)
    assert shown(text, lines=True) == (text if lines is None else lines)


@given(st.text())
def test_twice_is_as_once_and_one_line_is_one(text: str) -> None:
    for lines in (False, True):
        assert shown(shown(text, lines=lines), lines=lines) == shown(text, lines=lines)
        assert not acting(shown(text, lines=lines))
    assert len(shown(text).splitlines()) <= 1
    assert not acting(quoted(text))


class Odd:
    def __repr__(self) -> str:
        raise KeyError("nobody knows")


def test_quoted_bears_everything() -> None:
    """Failed before: a number of more than 4,300 digits cannot be printed."""
    assert [quoted(value) for value in (10**5000, Odd(), "a\u3164b", "x" * 99)] == [
        *("<int>", "<Odd>", r"'a\u3164b'", f"'{'x' * 59}…"),
    ]


def test_an_error_is_one_line_whoever_it_quotes() -> None:
    error = TeacherFailed(f"HTTP 400: {TEXT}")
    assert not acting(str(error))
    assert "\n" not in str(error)
    assert str(UsageError(f"step 1: {error}")) == f"step 1: {error}"


def test_progress_shows_reasons_and_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    for is_terminal in (False, True):
        stream = io.StringIO()
        stream.isatty = lambda: is_terminal  # type: ignore[method-assign]  # noqa: B023
        with Progress(3, None, stream) as progress:
            progress.count(Rejected("x", TEXT, TEXT))
            progress.doing = lambda: TEXT
            progress.phase(TEXT, long=True)
            progress.notice(TEXT)
            assert not acting(progress.line())
        assert "\x1b]" not in stream.getvalue()
        assert not acting(stream.getvalue().replace("\x1b", "").replace("\r", ""))
        assert "[red]x[b]:smile:" in stream.getvalue()


# Every command


@contextmanager
def served(handler: Handler) -> Iterator[str]:
    """A server in a thread of its own, for commands that bring their own event loop. Gives its URL."""
    ready, loops = Event(), list[asyncio.AbstractEventLoop]()
    stop, url = asyncio.Event(), list[str]()

    async def serve() -> None:
        async with serving(handler) as server:
            loops.append(asyncio.get_running_loop())
            url.append(server.url)
            ready.set()
            await stop.wait()

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield url[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


ROW = {
    "id": f"t-{TEXT}",
    "instruction": f"Say hello to {TEXT}",
    "instances": [{"input": TEXT, "output": TEXT}],
    "family": TEXT,
}
RECIPE = """# About \u202ethis\u200b one\x85
steps:
  - each: evolve
  - each: respond
rounds: 2
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run whose every text is hostile, its name included, and files like that."""
    folder = tmp_path_factory.mktemp("foreign")
    rows = [ROW, ROW | {"id": "t-2", "instruction": f"Count {TEXT} {TEXT}"}]
    (folder / f"rows{NAME}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / f"texts{NAME}.jsonl").write_text(json.dumps({"text": TEXT}) + "\n")
    (folder / f"recipe{NAME}.yaml").write_text(RECIPE)
    mixture = {
        "sources": {NAME: {"data": f"rows{NAME}.jsonl", "tags": {"by": TEXT}, "where": {}, "drop": ["stop_words"]}}
    }
    (folder / f"mixture{NAME}.yaml").write_text(json.dumps(mixture))
    (folder / f"broken{NAME}.yaml").write_text(f"steps: [{{each: respond, {json.dumps(NAME)}: 1}}]")
    (folder / f"broken{NAME}.jsonl").write_text(json.dumps({"messages": [{"role": NAME, "content": TEXT}]}) + "\n")
    (folder / f"preset{NAME}.yaml").write_text(f"{json.dumps(NAME)}: 1 # \u202e\n")
    (folder / f"seen{NAME}").mkdir()
    (folder / f"seen{NAME}" / "config.json").write_text(json.dumps({"model_type": NAME, "architectures": [NAME]}))
    teacher = named(NAME, lambda prompt: TEXT)
    assert run("respond", data=rows, teacher=teacher, out=folder / f"run{NAME}").counts.kept == 2
    line = json.dumps(
        {"what": "task", "category": TEXT, "detail": TEXT, "text": TEXT, "origin": TEXT, "task": "t-3"}
        | {"parents": [ROW["id"]], "evolved": {"operator": TEXT, "round": 1, "instruction": TEXT, "input": TEXT}}
    )
    with (folder / f"run{NAME}" / "rejected.jsonl").open("a") as rejected:
        rejected.write(f"{line}\n")
    drawn = begun(
        tasks_in(folder / f"rows{NAME}.jsonl"),
        (str(folder / f"rows{NAME}.jsonl"),),
        folder / f"review{NAME}.jsonl",
        wanted=2,
        seed=0,
        by="family",
        judge=None,
    )
    for by in (TEXT, NAME):
        drawn.say(f"event-{len(by):06}", by, 0, Opinion("done", {"task": "no"}, TEXT, {"output": TEXT}))
    return folder


def commands(made: Path, tmp: Path, url: str) -> dict[str, list[list[object]]]:
    """Ways to call every command, each with as much of what others wrote as it takes."""
    rows, runs, recipe = made / f"rows{NAME}.jsonl", made / f"run{NAME}", made / f"recipe{NAME}.yaml"
    broken, none, seen = made / f"broken{NAME}.jsonl", made / f"none{NAME}", made / f"seen{NAME}"
    asking: list[object] = ["--model", NAME, "--base-url", url, "--patience", 0]
    out = ["--out", tmp / f"out{NAME}"]
    return {
        "generate": [
            ["--dry-run", rows, *out, "--model", NAME],
            [rows, "--num", 2, *asking, *out],
            [broken, *out],
            [none, *out],
            ["--drop", NAME, *out],
            ["--drop", f"length={NAME}", *out],
            ["--price", NAME, *out],
            ["--language", NAME, *out],
            ["--axes", NAME, *out],
            ["--axes", rows, *out],
            ["--base-url", NAME, "--model", "x", *out],
            ["--model", f"builtin:{NAME}", *out],
            ["--model", f"local:{NAME}", *out],
            ["--model", f"judge={NAME}", *out],
            ["--num", NAME, *out],
            ["--api", NAME, *out],
            [f"--{NAME}", *out],
            ["--out", rows],
        ],
        "evaluate": [
            [NAME, "--num", 3, "--base-url", url, "--patience", 0, *out],
            [f"{NAME.replace(':', '')[:40]}=builtin", "builtin:weak", "--num", 3, "--out", tmp / f"evaluated{NAME}"],
            ["builtin", "--suite", f"choice={rows}", *out],
            ["builtin", "--suite", f"choice={seen}", *out],
            ["builtin", "--suite", NAME, *out],
            ["builtin", "--trained-on", broken, *out],
            [NAME, "--dry-run", "--num", 3, *out],
        ],
        "evolve": [[rows, "--dry-run", *out], [rows, "--operators", NAME, *out], [rows, *asking, *out]],
        "run": [
            [recipe, rows, *out, "--model", "builtin"],
            [recipe, rows, "--dry-run", "--model", NAME, *out],
            ["respond", rows, *asking, *out],
            ["respond", rows, "--out", runs],
            ["respond", runs, "--seeds", rows, *out],
            [made / f"broken{NAME}.yaml", rows, *out],
            [NAME, rows, *out],
        ],
        "axes": [
            [TEXT, NAME, "--axis", NAME, "--depth", 1, "--out", tmp / f"axes{NAME}.yaml"],
            [NAME, "--dry-run", *asking],
            [NAME, *asking, "--out", tmp / f"none{NAME}.yaml"],
            [NAME, "--out", rows],
            [NAME, "--language", NAME],
        ],
        "recipes": [[]],
        "show": [
            [recipe],
            [NAME],
            [runs],
            *([runs, "--task", id] for id in (ROW["id"], "t-2", "t-3", NAME)),
        ],
        "stages": [[]],
        "filters": [[]],
        "prompts": [[], ["alpaca"], [NAME], ["alpaca", "--language", NAME]],
        "doctor": [["--base-url", NAME], ["--model", NAME, "--out", NAME]],
        "prices": [[], ["gpt-4o"], [NAME], ["gpt-4o", NAME, "--base-url", NAME]],
        "report": [
            [runs, "--out", tmp / f"page{NAME}.html"],
            [runs, rows, "--out", tmp / f"pages{NAME}.html"],
            [runs, "--json"],
            [runs, "--seeds", none, *out],
            [none],
        ],
        "open": [[none], [rows]],
        "review": [
            [made / f"review{NAME}.jsonl", "--table"],
            [made / f"review{NAME}.jsonl", "--json"],
            [made / f"review{NAME}.jsonl", "--edited", tmp / f"mended{NAME}.jsonl"],
            [made / f"review{NAME}.jsonl", "--preferences", tmp / f"preferred{NAME}.jsonl"],
            [made / f"review{NAME}.jsonl", "--by", NAME],
            [rows, "--out", tmp / f"none{NAME}.jsonl", "--table"],
            [rows, "--out", rows],
            [rows, "--as", NAME],
            [rows, "--by", NAME],
            [rows, "--judge", NAME],
            [rows, "--judge", f"{NAME}>={NAME}"],
            [rows, "--against", rows],
            [rows, "--against", none],
            [none],
            [broken],
        ],
        "export": [
            [rows],
            [runs, "--to", NAME],
            [runs, "--out", tmp / f"out{NAME}.json"],
            [none],
            [broken],
            [seen, "--gguf", "f16"],
            [rows, broken, "--on-error", "skip", "--out", tmp / f"some{NAME}.jsonl"],
            [rows, "--push", NAME],
            [rows, "--out", rows],
        ],
        "formats": [[]],
        "layouts": [[]],
        "import": [
            [rows, *out],
            [broken, *out],
            [broken, "--on-error", "skip", *out],
            [rows, broken, "--on-error", "skip", *out],
            [rows, "--columns", f"instruction={NAME}", *out],
            [rows, "--columns", NAME, *out],
            [rows, "--layout", NAME, *out],
            [rows, "--encoding", NAME, *out],
            [f"hf://{NAME}", *out],
        ],
        "filter": [
            [rows, "--drop", "novelty=0.1", "--out", tmp / f"kept{NAME}.jsonl"],
            [rows, "--drop", NAME, "--out", tmp / f"kept{NAME}.jsonl"],
            [rows, "--drop", f"review={NAME}", "--out", tmp / f"kept{NAME}.jsonl"],
            [rows, "--drop", "length", "--out", rows],
        ],
        "mixtures": [[]],
        "mix": [
            [
                made / f"mixture{NAME}.yaml",
                "--out",
                tmp / f"mixed{NAME}.jsonl",
                "--rejected",
                tmp / f"lost{NAME}.jsonl",
            ],
            [NAME, "--out", tmp / f"mixed{NAME}.jsonl"],
            [made / f"broken{NAME}.yaml", "--out", tmp / f"mixed{NAME}.jsonl"],
            ["dolly", "--data", NAME, "--out", tmp / f"mixed{NAME}.jsonl"],
            ["dolly", "--data", f"dolly={none}", "--out", tmp / f"mixed{NAME}.jsonl"],
            ["dolly", "--samples", "--to", NAME, "--out", tmp / f"mixed{NAME}.jsonl"],
        ],
        "select": [
            [rows, "--by", "length", "--num", 1, "--out", tmp / f"some{NAME}.jsonl"],
            [rows, "--by", NAME, "--num", 1, "--out", tmp / f"some{NAME}.jsonl"],
            [rows, "--by", "ifd", "--model", none, "--num", 1, "--out", tmp / f"some{NAME}.jsonl"],
            [broken, "--by", "random", "--num", 1, "--out", tmp / f"some{NAME}.jsonl"],
        ],
        "score": [
            [rows, "--model", seen, "--out", tmp / f"scored{NAME}.jsonl"],
            [broken, "--model", NAME, "--out", tmp / f"scored{NAME}.jsonl"],
        ],
        "exam": [
            ["--num", 5, "--without", rows, "--out", tmp / f"exam{NAME}.jsonl"],
            ["--without", broken, "--out", NAME],
        ],
        "grade": [[rows, runs], [broken, runs], [rows, none]],
        "teacher": [["--key-env", NAME], ["--port", NAME]],
        "train": [
            [broken, *out],
            [rows, "--preset", NAME, *out],
            [rows, "--preset", made / f"preset{NAME}.yaml", *out],
            [rows, "--set", NAME, *out],
            [rows, "--base", NAME, "--dry-run", *out],
            [rows, "--base", seen, "--dry-run", *out],
            [made / f"texts{NAME}.jsonl", "--method", "pretrain", "--dry-run", "--set", "max_length=32", *out],
            [rows, "--method", "pretrain", "--set", f"column={NAME}", *out],
            [rows, "--base", "tiny", "--dry-run", "--show-mask", "--set", "max_length=2000", *out],
        ],
        "tokenizer train": [
            [rows, "--vocabulary", 400, *out],
            [broken, *out],
            [none, "--column", NAME, *out],
            [rows, "--kind", NAME, *out],
            [rows, "--vocabulary", NAME, *out],
        ],
        "tokenizer merge": [[seen, none, *out], [none, seen, *out], [NAME, NAME, "--data", rows, *out]],
        "settings": [[]],
        "presets": [[], [NAME], [made / f"preset{NAME}.yaml"]],
        "merge": [[seen, *out], [f"{seen}={NAME}", *out]],
        "delta make": [["--base", seen, "--tuned", none, *out]],
        "delta apply": [["--base", seen, "--delta", none, *out]],
        "chat": [[none, "--prompt", "x"], [seen, "--prompt", "x"], [seen, "--template", NAME, "--prompt", "x"]],
    }


NAMES = [
    *("generate", "evolve", "run", "recipes", "show", "stages", "filters", "prompts", "prices", "report", "export"),
    *("doctor", "filter", "formats", "import", "layouts", "mix", "mixtures", "score", "select"),
    *("open", "review", "axes"),
    *(
        "evaluate",
        "exam",
        "grade",
        "teacher",
        "train",
        "settings",
        "presets",
        "merge",
        "delta make",
        "delta apply",
        "chat",
    ),
    *("tokenizer train", "tokenizer merge"),
]


def leaves(group: click.Group, before: str = "") -> list[str]:
    found = list[str]()
    for name, command in group.commands.items():
        found += leaves(command, f"{name} ") if isinstance(command, click.Group) else [f"{before}{name}"]
    return found


def test_every_command_is_tried() -> None:
    assert sorted(leaves(main)) == sorted(NAMES)


def selfinstruct(*args: object) -> Result:
    env = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": None, "SELFINSTRUCT_MODEL": None, "HF_HUB_OFFLINE": "1"}
    return CliRunner().invoke(main, [str(arg) for arg in args], env=env | {"TERM": "dumb", "NO_COLOR": "1"})


def failing(seen: object) -> Reply:
    return error(400, TEXT, code=NAME)


@pytest.mark.parametrize("name", NAMES)
def test_no_command_lets_it_through(name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, where data is shown, too."""
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)
    with served(failing) as url:
        for args in commands(made, tmp_path, url)[name]:
            done = selfinstruct(*name.split(), *args)
            assert isinstance(done.exception, SystemExit | None), (args, done.exception)
            assert not acting(done.output), (args, acting(done.output))
            assert done.exit_code in (0, 1, 2), done.output
            if done.exit_code == 2:
                assert len(done.stderr.splitlines()) == 1, (args, done.stderr)


def test_data_in_a_pipe_is_as_it_was(made: Path) -> None:
    recipe, rows = made / f"recipe{NAME}.yaml", made / f"rows{NAME}.jsonl"
    assert selfinstruct("show", recipe).stdout == RECIPE
    exported = [json.loads(line) for line in selfinstruct("export", rows).stdout.removesuffix("\n").split("\n")]
    assert [row["instruction"] for row in exported] == [ROW["instruction"], f"Count {TEXT} {TEXT}"]
    report = json.loads(selfinstruct("report", made / f"run{NAME}", "--json").stdout)
    assert report["rejected"] == [{"step": TEXT, "category": TEXT, "tasks": 1}]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 200])
def test_a_servers_words(status: int, made: Path, tmp_path: Path) -> None:
    reply = Reply(chat(TEXT, NAME, refusal=TEXT)) if status == 200 else error(status, TEXT, code=NAME)
    with served(lambda seen: reply) as url:
        command = ["run", "respond", made / f"rows{NAME}.jsonl", "--out", tmp_path / "run", "--model", NAME]
        done = selfinstruct(*command, "--base-url", url, "--patience", 0)
    assert not acting(done.output)
    assert done.exit_code in (0, 1, 2)


def test_a_run_as_python_prints_it(made: Path) -> None:
    done = Run(made / f"run{NAME}")
    assert not acting(repr(done))
    assert len(repr(done).splitlines()) == 2
    assert not acting(done._repr_html_())
    assert "<pre>" in done._repr_html_()
