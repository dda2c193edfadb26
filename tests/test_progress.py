"""Progress: what is counted, what is said and how often; on a terminal a display that leaves nothing behind."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

import pytest

from selfinstruct.running.progress import Progress
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

TASK = Task("a-1", "Name three rivers.")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream() -> StringIO:
    return StringIO()


@pytest.fixture
def progress(clock: Clock, stream: StringIO) -> Iterator[Progress]:
    with Progress(100, None, stream, clock) as progress:
        yield progress


def test_counts(progress: Progress) -> None:
    items: list[Task | Rejected] = [
        TASK,
        Rejected("Draw it.", "keyword", "draw"),
        Rejected("Paint a map.", "keyword", "map"),
        Rejected("Say it.", "rouge-l", "0.83 to seed_task_12"),
        Rejected("9. Na", "truncated", what="answer"),
        Rejected("5: ", "empty output", what="instance"),
        Rejected("Sure!", "not part of the list", what="remark"),
        TASK,
    ]
    for item in items:
        progress.count(item)
    assert (progress.kept, progress.proposed) == (2, 6)
    assert progress.reasons == {"keyword": 2, "rouge-l": 1, "truncated": 1}
    assert progress.line() == "2/100 kept (33% of 6 proposed) · 2 keyword · 1 rouge-l · 1 truncated"


async def test_requests_tokens_dollars_and_rate(progress: Progress, clock: Clock) -> None:
    responses = [Response("a", input_tokens=1000, output_tokens=234, cost=1.5), Response("b", cost=0.25)]
    teacher = progress.watched(scripted(responses))
    assert (await teacher(Request("What?", "m"))).text == "a"
    assert progress.line() == "0/100 kept · 1 requests · 1,234 tokens, $1.50"
    await teacher(Request("What?", "m", sample=1))
    clock.now += 4
    assert progress.line() == "0/100 kept · 2 requests (0.5/s) · 1,234 tokens, $1.75"


async def test_a_free_teacher_has_no_dollars_and_an_error_no_request(progress: Progress) -> None:
    async def failing(request: Request, /) -> Response:
        raise KeyError("lost")

    with pytest.raises(KeyError):
        await progress.watched(failing)(Request("What?", "m"))
    assert progress.line() == "0/100 kept"
    await progress.watched(scripted(lambda request: Response("a", cost=0.0)))(Request("What?", "m"))
    assert progress.line() == "0/100 kept · 1 requests · 0 tokens"


async def test_dollars_of_about_so_many(progress: Progress) -> None:
    """From what a finished task has cost, and not before a twentieth of the run is done."""
    teacher = progress.watched(scripted(lambda request: Response("a", cost=0.01, input_tokens=1, output_tokens=1)))
    for number in range(1, 13):
        await teacher(Request("What?", "m", sample=number))
        if number > 2:
            progress.count(TASK)
        shown = "$0.12 of about $1.20" if number == 12 else ", $0.0400 ·" if number == 4 else ", $"
        assert shown in f"{progress.line()} ·"
        assert ("of about" in progress.line()) == (progress.kept > 5)
    for _ in range(90):
        progress.count(TASK)
    assert "tokens, $0.12 ·" not in progress.line()
    assert "tokens, $0.12" in progress.line()


async def test_what_the_journal_gave_costs_nothing_in_the_projection(progress: Progress) -> None:
    for _ in range(50):
        progress.count(TASK)
    await progress.watched(scripted([Response("a", cost=1.0)]))(Request("What?", "m"))
    for _ in range(10):
        progress.count(TASK)
    assert "$1.00 of about $5.00" in progress.line()


async def test_a_run_that_is_partly_priced_says_so(progress: Progress) -> None:
    teacher = progress.watched(scripted([Response("a"), Response("b", cost=0.5), Response("c")]))
    await teacher(Request("What?", "m"))
    assert progress.line().endswith("0 tokens, $?")
    for sample in (1, 2):
        await teacher(Request("What?", "m", sample=sample))
    assert progress.line().endswith("0 tokens, $0.50 and $? for 2 requests without a price")


@pytest.mark.parametrize(
    ("seconds", "left"), [(5, "about 45 s left"), (20, "about 3 min left"), (1000, "about 2.5 h left")]
)
async def test_the_time_left(seconds: float, left: str, progress: Progress, clock: Clock) -> None:
    await progress.watched(scripted(lambda request: "a"))(Request("What?", "m"))
    clock.now += seconds
    for _ in range(10):
        progress.count(TASK)
    assert progress.line().endswith(left)
    for _ in range(90):
        progress.count(TASK)
    assert "left" not in progress.line()


async def test_what_the_journal_gives_is_no_rate(progress: Progress, clock: Clock) -> None:
    for _ in range(80):
        progress.count(TASK)
    assert "left" not in progress.line(), "nothing to judge by yet"
    clock.now += 2
    await progress.watched(scripted(lambda request: "a"))(Request("What?", "m"))
    clock.now += 31
    assert "left" not in progress.line()
    progress.count(TASK)
    assert progress.line().endswith("about 10 min left")


async def test_where_tasks_are_given_it_ends_when_all_were_tried(clock: Clock, stream: StringIO) -> None:
    with Progress(100, 100, stream, clock) as progress:
        await progress.watched(scripted(lambda request: "a"))(Request("What?", "m"))
        clock.now += 60
        for _ in range(75):
            progress.count(Rejected("", "truncated", what="answer"))
        assert progress.line().endswith("about 20 s left")


def test_without_a_target(clock: Clock, stream: StringIO) -> None:
    with Progress(None, None, stream, clock) as progress:
        assert progress.line() == "0 kept"
        for _ in range(1234):
            progress.count(TASK)
        assert progress.line() == "1,234 kept (100% of 1,234 proposed)"


def test_one_line_every_ten_seconds(progress: Progress, clock: Clock, stream: StringIO) -> None:
    for _ in range(50):
        clock.now += 1
        progress.count(TASK)
    said = stream.getvalue().splitlines()
    assert [line.split(" ")[0] for line in said] == ["10/100", "20/100", "30/100", "40/100", "50/100"]


async def test_requests_alone_are_worth_a_line(progress: Progress, clock: Clock, stream: StringIO) -> None:
    teacher = progress.watched(scripted(lambda request: "a"))
    clock.now += 9
    await teacher(Request("What?", "m"))
    assert stream.getvalue() == ""
    clock.now += 1
    await teacher(Request("What?", "m"))
    assert stream.getvalue() == "0/100 kept · 2 requests (0.2/s) · 0 tokens, $?\n"


def test_a_notice_is_said_at_once(progress: Progress, stream: StringIO) -> None:
    progress.notice("the server asks to wait 20 s · 请稍候")
    assert stream.getvalue() == "the server asks to wait 20 s · 请稍候\n"


def test_text_of_any_script_stays_whole(progress: Progress, clock: Clock, stream: StringIO) -> None:
    clock.now += 10
    progress.count(Rejected("画一张图", "关键词 [red]图片[/red]", "图"))
    assert stream.getvalue() == "0/100 kept (0% of 1 proposed) · 1 关键词 [red]图片[/red]\n"


def test_stderr_is_looked_up_when_it_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3) as progress:
        progress.notice("said")
    assert capsys.readouterr() == ("", "said\n")


def test_it_may_count_without_being_entered(clock: Clock, stream: StringIO) -> None:
    progress = Progress(3, None, stream, clock)
    clock.now += 10
    progress.count(TASK)
    progress.notice("said")
    assert stream.getvalue() == "1/3 kept (100% of 1 proposed)\nsaid\n"


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> TextIO:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


@pytest.mark.parametrize("target", [3, None])
def test_a_terminal_gets_a_display(target: int | None, drawing: StringIO, clock: Clock) -> None:
    threads = threading.active_count()
    with Progress(target, None, drawing, clock) as progress:
        progress.count(TASK)
        progress.count(Rejected("画", "关键词 [red]图片[/red]", "图"))
        clock.now += 20
        progress.notice("请稍候 [b]20 s[/b]")
        assert threading.active_count() == threads, "nobody draws while the counts change"
    shown = drawing.getvalue()
    assert "1 关键词 [red]图片[/red]" in shown
    assert "请稍候 [b]20 s[/b]" in shown
    assert "\x1b[?25h" in shown, "the cursor is back"
    assert threading.active_count() == threads


def test_a_notice_fades(drawing: StringIO, clock: Clock) -> None:
    with Progress(3, None, drawing, clock) as progress:
        progress.notice("please wait")
        assert "please wait" in drawing.getvalue()
        clock.now += 10
        before = len(drawing.getvalue())
        progress.count(TASK)
        assert "1/3 kept" in drawing.getvalue()[before:]
        assert "please wait" not in drawing.getvalue()[before:]


def test_a_display_is_drawn_four_times_a_second(drawing: StringIO, clock: Clock) -> None:
    with Progress(None, None, drawing, clock) as progress:
        for _ in range(64):
            clock.now += 1 / 16
            progress.count(TASK)
        drawn = re.findall(r"(\d+) kept", drawing.getvalue())
    assert drawn == [str(number) for number in range(0, 65, 4)]


def test_a_display_ends_with_the_error(drawing: StringIO, clock: Clock) -> None:
    with pytest.raises(KeyError), Progress(3, None, drawing, clock):
        raise KeyError("the run failed")
    assert "\x1b[?25h" in drawing.getvalue(), "the cursor is back"


# Time alone is worth a line


class Night:
    """A clock whose sleepers sleep no time: each wakes when all before it have."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        await asyncio.sleep(0)


async def beating(progress: Progress, night: Night, until: float) -> None:
    """Let it speak until then."""
    beats = asyncio.create_task(progress.beats(night.sleep))
    while night.now < until:
        await asyncio.sleep(0)
    beats.cancel()
    await asyncio.gather(beats, return_exceptions=True)


async def test_nothing_is_silent_for_more_than_ten_seconds(stream: StringIO) -> None:
    """Failed before: a line came with an answer, or not at all."""
    night = Night()
    with Progress(200, None, stream, night) as progress:
        progress.doing = lambda: f"12 requests on the wire, the longest for {night.now:.0f} s"
        await beating(progress, night, 83)
        progress.phase("waiting for 14 answers that are paid for (Ctrl-C leaves them)")
        progress.doing = lambda: ""
        await beating(progress, night, 95)
    said = stream.getvalue().splitlines()
    assert said[:2] == [f"0/200 kept · 12 requests on the wire, the longest for {each} s" for each in (10, 20)]
    assert said[-1] == "0/200 kept · waiting for 14 answers that are paid for (Ctrl-C leaves them)"
    assert len(said) == 9


async def test_what_was_said_by_an_answer_is_not_said_again(stream: StringIO) -> None:
    night = Night()
    with Progress(200, None, stream, night) as progress:
        beats = asyncio.create_task(progress.beats(night.sleep))
        for _ in range(3):
            night.now += 10
            progress.count(TASK)
        beats.cancel()
    assert [line.split(" ")[0] for line in stream.getvalue().splitlines()] == ["1/200", "2/200", "3/200"]


async def test_a_display_beats_once_a_second(drawing: StringIO) -> None:
    night = Night()
    with Progress(None, None, drawing, night) as progress:
        progress.doing = lambda: f"{night.now:.0f} s"
        await beating(progress, night, 5)
    assert re.findall(r"kept · (\d) s", drawing.getvalue())[:5] == list("12345")


def test_a_phase_that_nobody_can_speak_in_is_announced(progress: Progress, stream: StringIO) -> None:
    progress.phase("reading seeds.jsonl", long=True)
    progress.phase("writing exports")
    assert stream.getvalue() == "reading seeds.jsonl …\n"
    assert progress.line() == "0/100 kept · writing exports"
    progress.phase("")
    assert progress.line() == "0/100 kept"


def test_a_phase_is_drawn_at_once(drawing: StringIO, clock: Clock) -> None:
    with Progress(3, None, drawing, clock) as progress:
        progress.phase("loading the language model", long=True)
        assert "0/3 kept · loading the language model" in drawing.getvalue()


async def test_attempts_that_were_lost_are_counted(progress: Progress) -> None:
    responses = [Response("a", attempts=1), Response("b", attempts=3), Response("c", attempts=2)]
    teacher = progress.watched(scripted(responses))
    for sample in range(3):
        await teacher(Request("What?", "m", sample=sample))
    assert progress.line() == "0/100 kept · 3 requests · 0 tokens, $? · 3 tried again"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_terminal_that_goes_away_stops_nothing(is_terminal: bool, drawing: StringIO, clock: Clock) -> None:
    stream = Broken(is_terminal)
    with Progress(3, None, stream, clock) as progress:
        clock.now += 20
        progress.count(TASK)
        progress.notice("said")
        progress.phase("reading", long=True)
    assert progress.kept == 1


class Broken(StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: is_terminal  # type: ignore[method-assign]

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_counting_costs_next_to_nothing() -> None:
    """It is on the way of every request: 3 µs here, at most 20 on a busy machine."""
    with Progress(None, None, StringIO()) as progress:
        began = time.perf_counter()
        for _ in range(10_000):
            progress.count(TASK)
        assert (time.perf_counter() - began) / 10_000 < 20e-6
