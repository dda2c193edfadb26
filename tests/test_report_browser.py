"""The page of a report in a real browser: it opens, filters, reads, by keyboard and on a phone, whatever is in it.

SCREENSHOTS=docs pytest tests/test_report_browser.py     takes the pictures of the documentation
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import chromium, looked_at, until

from selfinstruct import run
from selfinstruct.report.page.writing import data_of, language_of, write_page
from selfinstruct.report.sources import Source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SHOWN = ".rows .row"
HOSTILE = ("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "__proto__", "\u2028", "{data}")
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => part(r) * 0.2126 + part(g) * 0.7152 + part(b) * 0.0722;
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll("main *, header *")) {
    const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (node.closest("svg") || !node.offsetParent || !says) continue;
    const a = light(rgb(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${node.tagName} ${node.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


WATCH = """() => {
  window.longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  tick();
}"""
"""Notes the longest time, in milliseconds, in which nothing was drawn."""


@pytest.fixture(scope="module")
def browser(made: Path) -> Iterator[Browser]:
    """After the runs: Playwright keeps an event loop, in which `run` runs none."""
    with chromium() as found:
        yield found


def page_of(path: Path, *names: Path, inside: int = 5_000) -> str:
    sources = [Source(str(name)) for name in names]
    sets = [source.figures() for source in sources]
    return write_page(path, sources, data_of(sets, language_of(sets)), inside=inside)[0].as_uri()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    much = 5 if "SCREENSHOTS" in os.environ else 1
    run("self_instruct", num=80 * much, out=folder / "first")
    run("evol_instruct", data=folder / "first", num=10 * much, out=folder / "evolved")
    return folder


@pytest.fixture(scope="module")
def address(made: Path) -> str:
    return page_of(made / "page.html", made / "first")


def shot(page: Page, name: str, at: str = "") -> None:
    """A picture for the documentation, when they are asked for."""
    if folder := os.environ.get("SCREENSHOTS"):
        if at:
            page.locator(at).scroll_into_view_if_needed()
            page.evaluate("at => document.querySelector(at).scrollIntoView()", at)
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_filtering_and_reading(browser: Browser, address: str) -> None:
    with looked_at(browser, address) as page:
        page.wait_for_selector(SHOWN)
        total = page.locator("#read p[role=status]").inner_text()
        assert total.split()[0] == total.split()[2], "all rows, first"
        shot(page, "report")
        shot(page, "report-verbs", "#verbs")
        page.get_by_label("outcome").select_option("rejected")
        until(page, "document.querySelector('.rows .tag.good') === null")
        assert set(page.locator(".rows .tag").all_inner_texts()) <= {
            "rouge-l",
            "keyword",
            "no instance left",
            "truncated",
        }
        page.get_by_role("button", name="Clear").click()
        page.get_by_label("Search").fill("sentence THE")
        until(page, f"document.querySelector('#read p[role=status]').textContent !== {json.dumps(total)}")
        page.locator(SHOWN).first.click()
        dialog = page.get_by_role("dialog")
        text = dialog.inner_text().lower()
        assert "sentence" in text
        assert "output" in text
        dialog.get_by_text("The very prompts and answers").click()
        assert "propose" in dialog.inner_text()
        assert dialog.get_by_text("Come up with").count() or len(dialog.inner_text()) > 1_000, "the prompt is there"
        shot(page, "report-row")
        page.keyboard.press("Escape")
        assert not dialog.is_visible()


def test_by_keyboard_alone(browser: Browser, address: str) -> None:
    with looked_at(browser, address) as page:
        page.wait_for_selector(SHOWN)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.type") == "search"
        page.keyboard.type("name")
        page.wait_for_timeout(400)
        page.locator("div.rows").focus()
        first = page.locator(".rows .row[aria-selected=true]").inner_text()
        page.keyboard.press("ArrowDown")
        until(page, "document.querySelector('.rows .row[aria-selected=true]').id === 'row-1'")
        page.keyboard.press("End")
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert first.split("\n")[0][:20] in dialog.inner_text()
        page.keyboard.press("j")
        until(page, "document.querySelector('.rows .row[aria-selected=true]').id === 'row-1'")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.className") == "rows", "the focus goes back"


def test_charts_lead_to_their_tasks(browser: Browser, address: str) -> None:
    with looked_at(browser, address) as page:
        page.wait_for_selector(SHOWN)
        page.locator("#funnel button").first.click()
        until(page, "document.querySelector('[data-filter=reason]').value !== ''")
        until(page, "document.querySelectorAll('.rows .tag.good').length === 0")
        part = page.locator("#verbs path.hot").first
        part.hover()
        assert "%" in page.locator("#tip").inner_text()
        part.click()
        assert page.locator("[data-filter=search]").input_value() != ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with looked_at(browser, address, color_scheme=scheme) as page:
        page.wait_for_selector(SHOWN)
        assert page.evaluate(CONTRAST) == []
        if scheme == "dark":
            shot(page, "report-dark")
    with looked_at(browser, address, width=390, height=844, color_scheme=scheme, has_touch=True) as page:
        page.wait_for_selector(SHOWN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(CONTRAST) == []
        if scheme == "light":
            shot(page, "report-phone")


def test_nothing_moves_once_it_is_there(browser: Browser, address: str) -> None:
    with looked_at(browser, address) as page:
        moved = page.evaluate(
            "() => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const entry of "
            "list.getEntries()) sum += entry.value; }).observe({ type: 'layout-shift', buffered: true }); "
            "setTimeout(() => done(sum), 600); })"
        )
        assert moved < 0.02


def test_hostile_text_shows_as_text(browser: Browser, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        "".join(
            json.dumps({"instruction": f"{text} {at}", "output": text, "id": f"{text}-{at}"}) + "\n"
            for at, text in enumerate(HOSTILE)
        )
    )
    address = page_of(tmp_path / "page.html", rows, inside=2)  # some in the page, the others in a file beside it
    with looked_at(browser, address) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"it ran: {dialog.message}"))
        until(page, f"document.querySelectorAll('.rows .row').length === {len(HOSTILE)}")
        shown = page.locator(SHOWN).all_inner_texts()
        assert all(text.strip() in row for text, row in zip(HOSTILE, shown, strict=True))
        for at in range(len(HOSTILE)):
            page.locator(SHOWN).nth(at).click()
            assert HOSTILE[at].strip() in page.get_by_role("dialog").inner_text()
            page.keyboard.press("Escape")
        assert page.locator("main img").count() == 0


def test_many_rows_do_not_freeze_it(browser: Browser, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    with rows.open("w") as file:
        for at in range(20_000):
            file.write(
                json.dumps({"instruction": f"Count the number {at} in words.", "output": "word " * (at % 50)}) + "\n"
            )
    source = Source(str(rows))
    few = tmp_path / "few.jsonl"
    few.write_text("".join(rows.read_text().splitlines(keepends=True)[:200]))
    figures = Source(str(few)).figures("") | {"name": "many"}
    address = write_page(tmp_path / "page.html", [source], data_of([figures], "en"), inside=500)[0].as_uri()
    with looked_at(browser, address) as page:
        page.evaluate(WATCH)
        until(page, "document.querySelector('.rows').getAttribute('aria-rowcount') === '20001'")
        assert page.locator(SHOWN).count() < 60, "only rows in sight are in the page"
        page.get_by_label("Search").fill("number 1999")
        until(page, "document.querySelector('.rows').getAttribute('aria-rowcount') === '13'")
        page.get_by_label("Search").fill("")
        until(page, "document.querySelector('.rows').getAttribute('aria-rowcount') === '20001'")
        page.locator("div.rows").focus()
        page.keyboard.press("End")
        page.wait_for_selector("#row-19999")
        assert page.evaluate("window.longest") < 1_500, "milliseconds, on a machine that is busy"


def test_a_row_leads_to_its_family(browser: Browser, made: Path, tmp_path: Path) -> None:
    with looked_at(browser, page_of(tmp_path / "evolved.html", made / "evolved")) as page:
        page.wait_for_selector(SHOWN)
        page.locator("[data-filter=operator]").select_option(index=1)
        page.wait_for_timeout(200)
        page.locator(SHOWN).first.click()
        dialog = page.get_by_role("dialog")
        assert "Rewritten from" in dialog.inner_text()
        dialog.locator("li").first.wait_for()
        page.keyboard.press("Escape")
    with looked_at(browser, page_of(tmp_path / "first.html", made / "first")) as page:
        page.locator(SHOWN).first.click()
        shown_to = page.get_by_role("dialog").locator("li")
        shown_to.first.wait_for()
        assert shown_to.count() == 8
        assert len(shown_to.first.inner_text()) > 25, "what a seed asks is told beside its id"
        page.keyboard.press("Escape")


def test_several_side_by_side_and_in_chinese(browser: Browser, made: Path, tmp_path: Path) -> None:
    chinese = tmp_path / "zh.jsonl"
    things = ("春天", "大海", "老师", "城市", "火车")
    chinese.write_text(
        "".join(
            json.dumps({"instruction": f"写{at}首关于{things[at % 5]}的诗", "output": "好的，" * (at % 9 + 1)}) + "\n"
            for at in range(60)
        )
    )
    with looked_at(browser, page_of(tmp_path / "both.html", made / "first", made / "evolved")) as page:
        page.wait_for_selector(SHOWN)
        assert page.locator("#side li").count() >= 1
        assert page.locator("#side table tbody tr").count() > 8
        page.locator("[data-filter=dataset]").select_option("1")
        page.wait_for_timeout(200)
        shot(page, "report-side")
    with looked_at(browser, page_of(tmp_path / "zh.html", chinese)) as page:
        page.wait_for_selector(SHOWN)
        assert page.locator("html").get_attribute("lang") == "zh"
        assert "动词" in page.inner_text("#verbs")
        assert "诗" in page.inner_text("#verbs")
