"""The page on which people review, served on loopback; whatever they say is in the file before they are told so.

serve(record, ("anna", "ben"), ready=print)          # a link for each; until Ctrl-C
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from selfinstruct.listening import listening, until_stopped
from selfinstruct.reviewing.figures import figures, rounded
from selfinstruct.reviewing.items import Field, Item, fields_of
from selfinstruct.reviewing.judges import Judge, Judges
from selfinstruct.reviewing.loopback import (
    MOST_BYTES,
    Doors,
    Refused,
    body_of,
    guarded,
    shipped,
)
from selfinstruct.reviewing.pairs import is_swapped, question_of, shown_answer
from selfinstruct.reviewing.record import Opinion, Record

__all__ = ["Desk", "serve"]

PAGE = Path(__file__).parent / "page"
LOOK = PAGE.parent.parent / "report" / "page"
"""Where the style sheet is that all our pages share."""
STATES = ("draft", "done", "skipped")
ANSWERS = ("yes", "no", "unsure")
SIDES = {"left": "first", "right": "second", "tie": "tie", "neither": "neither"}
LONGEST_NOTE = 20_000


def serve(
    record: Record,
    names: tuple[str, ...],
    *,
    port: int = 0,
    judge: Judge | Judges | None = None,
    language: str = "",
    ready: Callable[[str, str], None],
) -> None:
    """Serve until SIGINT or SIGTERM. `ready` gets each name with its link. Raises UsageError for no such port.

    language    of the page, en or zh; "" is the browser's
    """
    asyncio.run(_serve(Desk(record, names, judge, language), port, ready))


async def _serve(desk: Desk, port: int, ready: Callable[[str, str], None]) -> None:
    async with listening(desk.app(), port) as url:
        for token, name in desk.doors.links.items():
            ready(name, f"{url}#{token}")
        await until_stopped()


class Desk:
    """What the paths do."""

    def __init__(
        self, record: Record, names: tuple[str, ...], judge: Judge | Judges | None = None, language: str = ""
    ) -> None:
        self.doors = Doors(names)
        self._record, self._judge, self._language = record, judge, language
        self._alone = asyncio.Lock()

    def app(self) -> web.Application:
        app = web.Application(middlewares=[guarded], client_max_size=MOST_BYTES)
        app.add_routes(
            [
                web.get("/", shipped(PAGE, "review.html")),
                *(web.get(f"/{name}", shipped(PAGE, name)) for name in ("review.css", "review.js", "words.js")),
                web.get("/style.css", shipped(LOOK, "style.css")),
                web.post("/open", self._open),
                web.get("/state", self._state),
                web.get("/items/{number}", self._item),
                web.post("/say", self._say),
                web.post("/undo", self._undo),
                web.get("/table", self._table),
            ]
        )
        return app

    async def _open(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"session": self.doors.open((await body_of(request)).get("token"))})

    async def _state(self, request: web.Request) -> web.StreamResponse:
        """All items with what this person has done: a word and the answers each."""
        me = self.doors.who(request)
        async with self._alone:
            self._record.catch_up()
            return web.json_response(self._state_for(me))

    def _state_for(self, me: str) -> dict[str, Any]:
        mine = {number: said.get(me) for number, said in self._record.opinions().items()}
        states = [_state_of(mine[item.number]) for item in self._record.items]
        about = {"kind": self._record.about["kind"], "me": me, "language": self._language, "states": states}
        return about | {"rows": self._record.about["rows"], "whole": bool(self._record.about.get("unpaired"))}

    async def _item(self, request: web.Request) -> web.StreamResponse:
        me, item = self.doors.who(request), self._numbered(request.match_info["number"])
        async with self._alone:
            opinion = self._as_shown(item, me, self._record.opinion(item.number, me))
        return web.json_response(self._shown(item, me) | {"opinion": opinion})

    def _shown(self, item: Item, me: str) -> dict[str, Any]:
        """The texts of an item; of a pair nothing that says whose they are."""
        found: dict[str, Any] = {"number": item.number, "questions": item.questions}
        if item.other is None:
            return found | {"fields": _rows(item.fields)}
        both = (item.task, item.other)
        if self._record.about.get("unpaired"):
            asked = []
            sides = [_rows(replace(one, editable=False) for one in fields_of(task)) for task in both]
        else:
            asked = [
                Field(f"turns/{n}", turn["content"], turn["role"], False)
                for n, turn in enumerate(question_of(item.task))
            ]
            sides = [_rows(shown_answer(task)) for task in both]
        if self._is_swapped(item, me):
            sides.reverse()
        return found | {"questions": ["better"], "fields": _rows(asked), "left": sides[0], "right": sides[1]}

    def _is_swapped(self, item: Item, me: str) -> bool:
        return is_swapped(item, int(self._record.about["seed"]), me)

    def _as_shown(self, item: Item, me: str, opinion: Opinion) -> dict[str, Any]:
        """An opinion of a pair by the sides on which this person sees the answers."""
        row = asdict(opinion)
        if (better := row["answers"].get("better")) is not None:
            side = next(side for side, name in SIDES.items() if name == self._turned(better, item, me))
            row["answers"] = {"better": side}
        return row

    def _turned(self, better: str, item: Item, me: str) -> str:
        other = {"first": "second", "second": "first"}
        return other.get(better, better) if self._is_swapped(item, me) else better

    async def _say(self, request: web.Request) -> web.StreamResponse:
        me, body = self.doors.who(request), await body_of(request)
        item, event = self._numbered(body.get("item")), _event(body)
        opinion = self._checked(item, me, body)
        await self._written(lambda: self._record.say(event, me, item.number, opinion, _now()))
        return web.json_response({"saved": True})

    async def _undo(self, request: web.Request) -> web.StreamResponse:
        me, event = self.doors.who(request), _event(await body_of(request))
        return web.json_response({"item": await self._written(lambda: self._record.take_back(event, me, _now()))})

    async def _written(self, write: Callable[[], Any]) -> Any:
        """In a thread of its own, as a disk may be slow; nobody reads meanwhile."""
        async with self._alone:
            try:
                return await asyncio.to_thread(write)
            except OSError as error:
                raise Refused(507, error.strerror or "cannot write") from None

    async def _table(self, request: web.Request) -> web.StreamResponse:
        """The figures; of a comparison only when this person is through, as they would tell whose answer was whose."""
        me = self.doors.who(request)
        async with self._alone:
            self._record.catch_up()
            return web.json_response(rounded(self._figures(me)))

    def _figures(self, me: str) -> dict[str, Any]:
        if self._record.about["kind"] == "pairs":
            mine = (said.get(me) for said in self._record.opinions().values())
            if any(one is None or one.state == "draft" for one in mine):
                raise Refused(409, "not yet")
        return figures(self._record, self._judge)

    def _numbered(self, number: object) -> Item:
        if isinstance(number, str) and number.isascii() and number.isdecimal() and len(number) < 10:
            number = int(number)
        if type(number) is not int or not 0 <= number < len(self._record.items):
            raise Refused(404, "no such item")
        return self._record.items[number]

    def _checked(self, item: Item, me: str, body: Mapping[str, Any]) -> Opinion:
        """What was sent, if it can be an opinion of this item. Raises Refused."""
        match body:
            case {"state": str(state), "answers": dict(answers), "note": str(note), "texts": dict(texts)}:
                pass
            case _:
                raise Refused(400, "state, answers, note and texts are wanted")
        if state not in STATES or len(note) > LONGEST_NOTE:
            raise Refused(400, "no such state, or too long a note")
        opinion = Opinion(state, answers, note, texts)
        return self._pair(item, me, opinion) if item.other else _question(item, opinion)

    def _pair(self, item: Item, me: str, opinion: Opinion) -> Opinion:
        side = opinion.answers.get("better")
        if opinion.texts or opinion.answers.keys() - {"better"} or side not in (None, *SIDES):
            raise Refused(400, "no such answer")
        if side is None and opinion.state == "done":
            raise Refused(400, "not answered")
        answers = {} if side is None else {"better": self._turned(SIDES[str(side)], item, me)}
        return replace(opinion, answers=answers)


def _question(item: Item, opinion: Opinion) -> Opinion:
    answers, texts = opinion.answers, opinion.texts
    if answers.keys() - set(item.questions) or not all(answer in ANSWERS for answer in answers.values()):
        raise Refused(400, "no such answer")
    if opinion.state == "done" and answers.keys() != set(item.questions):
        raise Refused(400, "not answered")
    own = {one.name: one.text for one in item.fields if one.editable}
    if texts.keys() - own.keys() or not all(isinstance(text, str) for text in texts.values()):
        raise Refused(400, "no such text")
    return replace(opinion, texts={name: text for name, text in texts.items() if text != own[name]})


def _rows(fields: Iterable[Field]) -> list[dict[str, Any]]:
    return [asdict(one) for one in fields]


def _state_of(opinion: Opinion | None) -> str:
    if opinion is None or (opinion.state == "draft" and not (opinion.answers or opinion.note or opinion.texts)):
        return ""
    return opinion.state


def _event(body: Mapping[str, Any]) -> str:
    event = body.get("event")
    if not isinstance(event, str) or not 8 <= len(event) <= 64:
        raise Refused(400, "no event")
    return event


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
