"""A real HTTP server on loopback that answers as a test's handler says: what the endpoint is tried against.

def handler(seen):
    return Reply({"choices": [...]})            # or DROP, CUT, HANG, or bytes to send as they are
async with serving(handler) as server:          # server.url, server.seen
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

DROP = "drop"  # close the connection without a word
RESET = "reset"  # close it as a machine does that knows nothing of it any more
CUT = "cut"  # promise a body and close after a part of it
HANG = "hang"  # never answer


@dataclass
class Seen:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    nth: int = 1
    """How many requests came over this connection, with this one."""


@dataclass
class Reply:
    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body))} | self.headers
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


Said = Reply | bytes | str
Handler = Callable[[Seen], Said | Awaitable[Said]]


@dataclass
class Server:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)


def chat(text: str | None = "Fine.", finish: str | None = "stop", **message: object) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {"id": "1", "object": "chat.completion", "model": "teacher-0613", "choices": [choice], "usage": usage}


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply({"error": {"message": message, "type": "some_error", "param": None, "code": code}}, status, names)


def told(error: BaseException) -> str:
    """All that a logger could write about an error, the variables of every frame of ours included."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in found.stack if "selfinstruct/teachers/" in frame.filename.replace("\\", "/")]
    assert ours
    found.stack = traceback.StackSummary.from_list(ours)  # a test's own hold what the server was told to say
    return "".join(found.format()) + repr(vars(error))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Server]:
    server, tasks = Server(), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        nth = 0
        try:
            while (seen := await _read(reader)) and await _say(replace(seen, nth=(nth := nth + 1)), writer):
                pass
        except (asyncio.CancelledError, ConnectionError):  # the test is over, or the client went away
            pass
        finally:
            tasks.discard(task)
            writer.close()

    async def _say(seen: Seen, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        server.seen.append(seen)
        said = handler(seen)
        said = said if isinstance(said, Reply | bytes | str) else await said
        match said:
            case Reply():
                writer.write(said.to_bytes())
            case bytes():
                writer.write(said)
            case "cut":
                writer.write(Reply(chat("All of it.")).to_bytes()[:-20])
            case "reset":
                abrupt = struct.pack("ii", 1, 0)  # no lingering: RST instead of FIN
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abrupt)
            case "hang":
                await asyncio.Event().wait()
        await writer.drain()
        return isinstance(said, Reply)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await listener.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Seen | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:  # the client closed
        return None
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(head[0].split(" ")[1], headers, json.loads(content or b"{}"))
