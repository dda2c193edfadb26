"""Drops answers with links, which models are good at making up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selfinstruct.filters.parts import ANSWERS, check_where, conversations, texts
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.later import later
from selfinstruct.text.links import find_links, is_stock

__all__ = ["Urls"]

CODE = later(r"```|<[a-zA-Z][^<>\n]*>|\w\([^()\n]*\)|^[ \t]*(?:import|from|const|let|var|curl|def)\b", re.MULTILINE)
"""An answer that has code or tags."""
ASKS_CODE = later(
    r"\b(?:html|web ?(?:page|site)s?|pages?|code|scripts?|programs?|functions?|apis?|css|curl|readme|markdown"
    r"|json|footer|navbar)\b"
    r"|网页|网站|页面|代码|脚本|程序|接口|函数",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Urls:
    """An answer with a link that its question did not have.

    Links that lead nowhere (example.com, localhost, namespaces, places to fill in) and names of companies
    (Booking.com) are none; nor, in code or in a page, are home pages that everybody knows and where libraries are.
    """

    where: str = ANSWERS
    """Or `everywhere`: then a link that was given counts as well."""

    def __post_init__(self) -> None:
        check_where(self.where, "urls")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        found = (
            _made_up(task)
            if self.where == ANSWERS
            else next((link for text in texts(task) for link in find_links(text)), None)
        )
        return Reason("link", found[:120]) if found else None


def _made_up(task: Task) -> str | None:
    for said in conversations(task):
        given, asked = set[str](), ""
        for role, text, learned, _ in said:
            links = list(find_links(text))
            if role == "assistant" and learned:
                coded = CODE.search(text) or ASKS_CODE.search(asked)
                for link in links:
                    if not (coded and is_stock(link)) and not any(known.startswith(_plain(link)) for known in given):
                        return link
            given.update(map(_plain, links))
            asked = text if role == "user" else asked
    return None


def _plain(link: str) -> str:
    return re.sub(r"\A(?:https?://)?(?:www\.)?|/\Z", "", link.lower())
