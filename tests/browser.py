"""A real browser for tests of pages: Chromium, headless, with a fresh profile, driven by Playwright."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["chromium", "looked_at", "until"]

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is skipped, with the reason, where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium here: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looked_at(browser: Browser, address: str, *, width: int = 1280, height: int = 900, **more: Any) -> Iterator[Page]:
    """A page that is open in a profile of its own. Whatever it says in the console, or asks another machine for, fails
    the test.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    try:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if _is_elsewhere(request.url, address) else None)
        page.goto(address)
        yield page
        assert said == []
    finally:
        context.close()


def until(page: Page, true: str, seconds: float = 20.0) -> None:
    """Wait for an expression of JavaScript. Playwright's own waiting evaluates texts, which our pages do not allow."""
    end = time.monotonic() + seconds
    while not page.evaluate(true):
        assert time.monotonic() < end, f"in {seconds:.0f} s it did not come to {true}"
        page.wait_for_timeout(30)


def _is_elsewhere(url: str, address: str) -> bool:
    own = address.split("/")[:3]
    return not url.startswith("data:") and url.split("/")[:3] != own
