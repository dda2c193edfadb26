"""The page of a review in a real browser: by keyboard alone, on a phone, in the dark, in Chinese, without its server.

python tests/test_review_page.py     takes the pictures in docs/
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from browser import chromium

from selfinstruct.listening import listening
from selfinstruct.reviewing.judges import Judge, parse_judge
from selfinstruct.reviewing.record import Opinion, Record
from selfinstruct.reviewing.reviews import begun, compared
from selfinstruct.reviewing.server import Desk
from selfinstruct.task import Instance, Message, Task

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>\u202eevil\u200b\x1b[2J"
GOOD = {"task": "yes", "input": "yes", "output": "yes"}
ROWS = [
    Task("t0", "Sort these cities from north to south.", (Instance("Rome\nOslo\nCairo", "Oslo\nRome\nCairo"),)),
    Task("t1", "把这句话改成疑问句。", (Instance("他昨天去了图书馆。", "他昨天去了图书馆吗？"),)),
    Task("t2", f"Explain {HOSTILE}", (Instance(HOSTILE, HOSTILE),)),
    Task("t3", "Hi!", turns=(Message(role="user", content="Hi!"), Message(role="assistant", content=HOSTILE))),
    Task("t4", "Write a haiku about rain.", (Instance("", "Rain " * 3000),)),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with chromium() as found, found.new_context(viewport={"width": 1000, "height": 800}, locale="en-GB") as context:
        yield context


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A page that has to stay without complaints: of the policy against foreign code, and of scripts."""
    opened = browser.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.extend([said.text] if said.type == "error" else []))
    yield opened
    opened.close()
    assert not [
        text for text in complaints if "Failed to load resource" not in text
    ]  # a server that is gone, or says no


class Served:
    """A desk in a thread of its own, so that it can go away and come back."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.port, self.url = desk, 0, ""
        self.tokens = {name: token for token, name in desk.doors.links.items()}
        self.start()

    def start(self) -> None:
        ready, self._stop = Event(), asyncio.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            async with listening(self.desk.app(), self.port) as url:
                self.url, self.port = url, int(url.rsplit(":", 1)[1].strip("/"))
                ready.set()
                await self._stop.wait()

        self._thread = Thread(target=asyncio.run, args=(serve(),))
        self._thread.start()
        assert ready.wait(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def link(self, name: str = "anna") -> str:
        return f"{self.url}#{self.tokens[name]}"


@contextmanager
def served(record: Record, *names: str, judge: Judge | None = None, language: str = "") -> Iterator[Served]:
    server = Served(Desk(record, names or ("anna",), judge, language))
    try:
        yield server
    finally:
        server.stop()


def review(path: Path, tasks: list[Task] | None = None, **more: Any) -> Record:
    options: dict[str, Any] = {"wanted": 99, "seed": 0, "by": "", "judge": None}
    return begun(tasks or ROWS, ("rows.jsonl",), path / "review.jsonl", **options | more)


def opened(page: Page, link: str) -> Page:
    page.goto(link)
    page.wait_for_selector("#panel:not([hidden]), #table:not([hidden]), #alarm:not([hidden])")
    return page


def at(page: Page, record: Record, id: str) -> int:
    """Goes to a row by keyboard; its number."""
    number = next(item.number for item in record.items if item.task.id == id)
    for _ in range(len(record.items)):
        page.keyboard.press("k")
    for _ in range(number):
        page.keyboard.press("j")
    settled(page)
    return number


def settled(page: Page) -> None:
    page.wait_for_function("() => !page.moving && !page.waiting && !page.typing")


def test_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record) as server:
        opened(page, server.link())
        assert page.url == server.url, "the link's secret is in no history"
        page.keyboard.type("yun")
        page.keyboard.press("Enter")
        page.keyboard.type("yy")
        page.keyboard.press("Enter")
        settled(page)
        assert "Not answered yet" in page.inner_text("#said")
        page.keyboard.type("y1n")  # back to the first question
        page.keyboard.press("c")
        page.keyboard.type("not a task: n y u")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.keyboard.press("s")
        settled(page)
        record.catch_up()
        states = [record.opinion(number, "anna") for number in range(3)]
        assert states[0] == Opinion("done", {"task": "yes", "input": "unsure", "output": "no"})
        assert states[1] == Opinion("done", GOOD | {"task": "no"}, "not a task: n y u")
        assert states[2].state == "skipped"
        page.keyboard.press("z")
        settled(page)
        record.catch_up()
        assert record.opinion(2, "anna").state == "draft"
        page.reload()
        page.wait_for_selector("#panel:not([hidden])")
        assert page.inner_text("#progress") == "anna: 2 of 5 done"
        assert page.evaluate("page.at") == 2, "it goes on with the first that is not done"


def test_keys_that_are_faster_than_the_disk(page: Page, tmp_path: Path) -> None:
    tasks = [Task(f"t{n}", f"Name river {n}.", (Instance("", f"The {n}th."),)) for n in range(15)]
    record = review(tmp_path, tasks)
    with served(record) as server:
        opened(page, server.link())
        for number in range(15):
            page.keyboard.type("ynu" if number % 2 else "yyy")
            page.keyboard.press("Enter")
        page.wait_for_selector("#table:not([hidden])")
        assert "All done" in page.inner_text("#table")
        assert "54 %" in page.inner_text("#table")
    record.catch_up()
    told = [record.opinion(number, "anna").answers for number in range(15)]
    assert told == [{"task": "yes", "input": "no", "output": "unsure"} if n % 2 else GOOD for n in range(15)]


def test_an_edit_replaces_nothing_until_it_is_submitted(page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record) as server:
        opened(page, server.link())
        number = at(page, record, "t0")
        page.keyboard.press("e")
        page.locator("#fields textarea").last.fill("Oslo, Rome, Cairo")
        page.keyboard.press("Escape")
        page.keyboard.type("yyn")
        page.keyboard.press("Enter")
        settled(page)
        record.catch_up()
        assert record.opinion(number, "anna").texts == {"output": "Oslo, Rome, Cairo"}
        at(page, record, "t0")
        page.click("text=Back to the original")
        settled(page)
        record.catch_up()
        assert record.opinion(number, "anna") == Opinion("done", GOOD | {"output": "no"})
        page.keyboard.press("e")
        page.locator("#fields textarea").first.fill("typed, and closed at once")
        page.reload()
        page.wait_for_selector("#panel:not([hidden])")
    record.catch_up()
    assert record.opinion(number, "anna").texts == {"instruction": "typed, and closed at once"}


def test_hostile_text_is_text(page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record) as server:
        opened(page, server.link())
        for id in ("t2", "t3"):
            at(page, record, id)
            for key in ("e", "Escape"):
                assert page.locator("#item img, #item script, #item iframe").count() == 0
                page.keyboard.press(key)
            shown = page.locator("#item .said").last.inner_text()
            assert "<script>document.title='taken'</script>" in shown
            assert all(mark in shown for mark in ("U+202E", "U+200B", "U+001B")), "what cannot be seen is written out"
        at(page, record, "t4")
        assert page.inner_text("#fields").count("Rain") == 3000
        assert page.title() == "selfinstruct review"


def test_two_answers_blind(page: Page, tmp_path: Path) -> None:
    mine = [Task(f"t{n}", f"Name river {n}.", (Instance("", f"long answer {n}"),)) for n in range(8)]
    theirs = [Task(f"t{n}", f"Name river {n}.", (Instance("", f"brief {n}"),)) for n in range(8)]
    names = ("runs/secret-one", "runs/secret-two")
    record = compared(lambda: mine, lambda: theirs, names, tmp_path / "pairs.jsonl", wanted=8, seed=0)
    with served(record) as server:
        opened(page, server.link())
        for number in range(8):
            page.wait_for_function(f"() => page.at === {number} && !page.moving")
            assert "secret" not in page.content()
            first = "long" in page.inner_text("#sideA")
            page.keyboard.press("tx"[number] if number < 2 else "a" if first else "b")
            page.keyboard.press("Enter")
        page.wait_for_selector("#table:not([hidden])")
        assert "runs/secret-one: 87.5 %" in page.inner_text("#table")
    record.catch_up()
    said = [record.opinion(number, "anna").answers["better"] for number in range(8)]
    assert said == ["tie", "neither", *["first"] * 6]


def test_a_server_that_goes_away_and_comes_back(page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record) as server:
        opened(page, server.link())
        server.stop()
        page.keyboard.type("y")
        page.wait_for_selector("#alarm:not([hidden])")
        assert "Not saved" in page.inner_text("#alarm")
        server.start()
        page.wait_for_selector("#alarm", state="hidden")
        settled(page)
    record.catch_up()
    assert record.opinion(0, "anna").answers == {"task": "yes"}


def test_a_link_that_was_used(page: Page, browser: BrowserContext, tmp_path: Path) -> None:
    with served(review(tmp_path), "anna", "ben") as server:
        opened(page, server.link())
        ben = opened(browser.new_page(), server.link("ben"))
        page.reload()
        page.wait_for_selector("#panel:not([hidden])")
        assert page.inner_text("#progress").startswith("anna"), "each tab is its person's"
        assert ben.inner_text("#progress").startswith("ben")
        ben.close()
        page.evaluate("sessionStorage.clear(); localStorage.clear()")
        page.goto(server.link())
        page.wait_for_selector("#alarm:not([hidden])")
        assert "This link was opened before" in page.inner_text("#alarm")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "dark"), (1280, "light")])
def test_on_a_phone_in_the_dark_in_chinese(width: int, scheme: Any, page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record, language="zh") as server:
        page.set_viewport_size({"width": width, "height": 780})
        page.emulate_media(color_scheme=scheme)
        opened(page, server.link())
        assert page.evaluate("document.documentElement.lang") == "zh"
        for id in ("t0", "t2", "t3"):
            at(page, record, id)
            page.keyboard.type("yn")
            for view in ("item", "r", "r", "?"):
                if view != "item":
                    page.keyboard.press(view)
                    settled(page)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (id, view)
                assert not page.evaluate(LOW_CONTRAST), (id, view)
            page.keyboard.press("?")
            settled(page)
        assert page.evaluate("document.querySelector('#panel').offsetHeight < innerHeight * .55")


LOW_CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const ground = (node) => {
    for (let up = node; up; up = up.parentElement) {
      const found = rgb(getComputedStyle(up).backgroundColor);
      if (found.length === 3 || found[3] > .5) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
    if (!own || !node.offsetParent || node.disabled || node.closest('[disabled]')) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) found.push(`${node.tagName} ${node.textContent.slice(0, 30)}`);
  }
  return found.length ? found : null;
}"""
"""Texts whose contrast with what is behind them is below 4.5."""


def test_nothing_moves_while_one_answers(page: Page, tmp_path: Path) -> None:
    record = review(tmp_path)
    with served(record) as server:
        opened(page, server.link())
        at(page, record, "t0")
        page.evaluate(
            "window.moved = 0;"
            "new PerformanceObserver((list) => list.getEntries().forEach((one) => moved += one.value))"
            ".observe({ type: 'layout-shift', buffered: false })"
        )
        page.keyboard.type("yyn1u")
        settled(page)
        assert page.evaluate("moved") < 0.01


def pictures(folder: Path) -> None:
    """docs/pictures/review.png and review-zh.png."""
    from selfinstruct.rows.reading import read_tasks

    root = Path(__file__).parent.parent
    for name, language, scheme, seeds in (
        ("review", "en", "light", "seed_tasks.jsonl"),
        ("review-zh", "zh", "dark", "seed_tasks_zh.jsonl"),
    ):
        with tempfile.TemporaryDirectory() as place, chromium() as browser:
            judge = parse_judge("score")
            record = review(Path(place), read_tasks(root / "seeds" / seeds), wanted=60)
            for number in range(17):
                record.say(f"event-{number:04}", "anna", number, Opinion("done", GOOD))
            page = browser.new_page(device_scale_factor=2)
            phone = language == "zh"
            page.set_viewport_size({"width": 390, "height": 780} if phone else {"width": 1000, "height": 720})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            with served(record, language=language, judge=judge if judge.known else None) as server:
                opened(page, server.link())
                page.keyboard.type("yy")
                settled(page)
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}.png")


if __name__ == "__main__":
    pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "pictures")
