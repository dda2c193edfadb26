"""Documents of the web: what is prose stays, what is a page's machinery goes."""

from __future__ import annotations

import pytest

from selfinstruct.filters.pool import Pool
from selfinstruct.filters.quality import Quality
from selfinstruct.task import Instance, Task

PROSE = (
    "The mill stood where the brook came out of the wood, and it had stood there for as long as anybody could tell. In "
    "spring the wheel turned day and night. The miller slept beside it and woke only when it stopped, which happened "
    "about twice a year, when a branch had come down with the water and lay across the race."
)
CHINESE = (
    "磨坊立在小溪流出树林的地方，谁也说不清它在那里立了多久。春天水大，轮子日夜不停地转，磨坊主就睡在旁边，"
    "只有轮子停下来他才会醒。这样的事一年不过两回，多半是上游冲下来的树枝卡在了水槽里。"
)


def fault(text: str, **options: object) -> str:
    found = Quality(**options)(Task("d", "", (Instance("", text),)), Pool())  # type: ignore[arg-type]
    return found.detail if found else ""


def test_prose_stays_in_either_language() -> None:
    assert fault(PROSE) == ""
    assert fault(CHINESE) == ""
    assert fault(CHINESE, language="zh") == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Home About Contact", "3 words"),
        ("word " * 120_000, "120,000 words"),
        ("a b c d e f " * 20, "letters a word"),
        ("# there which # other being # that the mill # and " * 10, "symbols"),
        ("\n".join(f"- the {n}th item of a long list of things and more" for n in range(12)), "bullets only"),
        ("\n".join("And then the king said that it would be so ..." for _ in range(12)), "lines that break off"),
        ("the and 1234 5678 9012 3456 1111 " * 12, "too few letters"),
        ("Lorsque minuit sonnera nous irons chercher ensemble les pommes tombées " * 8, "no English prose"),
        (f"{PROSE} Please note that JavaScript must be enabled to view it.", "words of a page"),
    ],
)
def test_what_is_no_prose_goes(text: str, why: str) -> None:
    assert why in fault(text)


def test_an_instruction_is_no_document() -> None:
    assert Quality()(Task("t", "Say it."), Pool()) is None
