"""A GGUF file as a teacher: `--model gguf:FILE`, or `--model smollm2`; llama.cpp in this process (package xllamacpp).

Up to SLOTS requests are answered at the same time. The others wait, and those that may be shortest go first: the
classification of a task does not queue behind thirty lists of proposals, so that the first tasks are finished early.
What a prompt begins with is read once: the examples of a step's prompt stay in the slots' memory.

The random numbers of an answer come from its request's key. Flash attention is off: its sums depend on how many tokens
of a prompt are read together, and so on what the memory held. Without it a model asked one request at a time gives the
same bytes again, from memory or not; of 12 answers of 300 tokens, 4 at a time, 2 differed late in the text.

In requests, journal and run.json the model is called `gguf:NAME@HASH`, by its contents (`gguf_file.identity`).
"""

from __future__ import annotations

import asyncio
import heapq
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any, Self

from selfinstruct.errors import SelfinstructError, TeacherFailed, UsageError
from selfinstruct.gguf_file import PREFIX, Header, file_of, identity, read_header
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.local import checked
from selfinstruct.teachers.own_turns import turn_of_gguf
from selfinstruct.text.user_turns import UserTurn

__all__ = ["Engine", "Gguf", "closing", "llama", "room"]

SLOTS = 4
"""Answers at a time: with more, two cores wrote no more tokens a second (90 with 4, 69 with one)."""
ROOM = 4 << 30
"""Bytes that all slots' keys and values may take."""
CONTEXT, LONGEST = 8192, 32768
"""Tokens that each slot reads and writes: the first where the model can, up to the second where memory allows."""
BATCH = 512
"""Tokens of prompts read between two looks at whether somebody still waits for the answer."""
SAMPLERS = ["penalties", "temperature", "top_p"]
"""As OpenAI has them, in this order; llama.cpp's own top_k, min_p and repeat_penalty are off."""

Engine = Callable[[str, dict[str, Any], Callable[[dict[str, Any]], bool]], None]
"""Answers the body of a request to "chat" or "completions" chunk by chunk, as llama.cpp streams them, until the
function that takes them returns True."""


@dataclass
class _Written:
    """An answer as it comes in."""

    gone: threading.Event
    """Set when nobody waits for it any more."""
    text: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    finish: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)

    def take(self, chunk: dict[str, Any]) -> bool:
        """Note what a chunk says; whether to stop here."""
        self.error = chunk.get("error") or self.error
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            self.text.append(delta.get("content") or choice.get("text") or "")
            self.thoughts.append(delta.get("reasoning_content") or "")
            self.finish = choice.get("finish_reason") or self.finish
        return self.gone.is_set()


class Gguf:
    """`async with Gguf("gguf:models/mine.gguf") as teacher: await teacher(request)`."""

    def __init__(
        self,
        name: str,
        *,
        api: str = "chat",
        slots: int = SLOTS,
        engine: Callable[[Path, int, int], Engine] | None = None,
    ) -> None:
        """Find the file; it is loaded when it is first asked. With the api completions, a prompt is a bare beginning.

        Raises UsageError when there is no such file, or a package is missing.
        """
        if api not in ("chat", "completions"):
            raise UsageError(f"--api is chat or completions, not {api!r}")
        self._file, self.api = file_of(name), api
        header = read_header(self._file)
        self.slots, self.context = room(header, slots)
        self._closing = closing(str(header.get("tokenizer.chat_template", "")))
        self.model = f"{PREFIX}{self._file.stem}@{identity(self._file)}"
        """What the model is called in requests."""
        self._open = engine or llama
        self._engine: Engine | None = None
        self._failed: SelfinstructError | None = None
        self._loading = threading.Lock()
        self._threads = ThreadPoolExecutor(self.slots, thread_name_prefix=self.model)
        self._free, self._asked = self.slots, 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._left: set[threading.Event] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop writing, after the token that is being written or the part of a prompt that is being read."""
        for gone in self._left:
            gone.set()
        self._threads.shutdown(cancel_futures=True)
        self._engine = None

    async def __call__(self, request: Request, /) -> Response:
        way, body = self._body(request)
        gone = threading.Event()
        await self._turn(body["max_tokens"])
        self._left.add(gone)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._answer, way, body, _Written(gone))
        finally:
            gone.set()
            self._left.discard(gone)
            self._release()

    def user_turn(self) -> UserTurn:
        """How its own template begins a user's turn. Raises UsageError where it has none."""
        return turn_of_gguf(self._file, self.model)

    async def _turn(self, size: int) -> None:
        """Wait for a slot; who may need it for the shortest time is first."""
        if self._free:
            self._free -= 1
            return
        self._asked += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (size, self._asked, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        """What llama.cpp is asked. Raises UsageError."""
        wanted = dict(request.params)
        shape = wanted.pop("response_format", None)
        params = checked(Request(request.prompt, request.model, wanted, request.sample, request.api))
        prompt, way = request.prompt, request.api or self.api
        body: dict[str, Any] = {
            "temperature": 1.0,
            "top_p": 1.0,
            "samplers": SAMPLERS,
            "repeat_penalty": 1.0,
            **params,
            # Of all numbers that llama.cpp takes, the largest means one drawn by lot.
            "seed": int(request.key[:16], 16) % 0xFFFFFFFF,
            "stop": [text for text in params["stop"] if text],
            "cache_prompt": True,
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
        }
        if shape:
            body |= _grammar(shape)
        if way == "completions" and isinstance(prompt, str):
            # What ends a turn is mostly a special token, which llama.cpp leaves out of texts unless it is named here.
            kept = {"preserved_tokens": body["stop"]} if body["stop"] else {}
            return "completions", body | kept | {"prompt": _bytes(prompt)}
        if way == "completions":
            raise UsageError("this step asks with a conversation, which --api completions cannot: use chat")
        turns = ({"role": "user", "content": prompt},) if isinstance(prompt, str) else prompt
        messages = [{**turn, "content": _bytes(str(turn["content"]))} for turn in turns]
        if messages[-1]["role"] == "assistant":  # it goes on with its answer, so it has thought
            messages[-1]["content"] = f"{self._closing}{messages[-1]['content']}"
            body |= {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_format": "none"}
        return "chat", body | {"messages": messages}

    # What follows runs in a thread.

    def _answer(self, way: str, body: dict[str, Any], written: _Written) -> Response:
        if not written.gone.is_set():
            try:
                self._loaded()(way, body, written.take)
            except SelfinstructError:
                raise
            except Exception as error:
                words = " ".join(str(error).split())[:300]
                if "json_schema" in body and "schema" in words:
                    raise UsageError(f"{self.model} cannot be held to this schema: {words}") from error
                raise TeacherFailed(f"{self.model} failed: {words}") from error
        return self._response(written)

    def _loaded(self) -> Engine:
        with self._loading:
            if self._failed:
                raise self._failed
            if self._engine is None:
                try:
                    self._engine = self._open(self._file, self.slots, self.context)
                except Exception as error:
                    self._failed = UsageError(
                        f"llama.cpp cannot load {self._file} ({' '.join(str(error).split())[:200]}): the file is torn, "
                        "memory is too small, or the model is newer than the package: pip install --upgrade xllamacpp"
                    )
                    raise self._failed from error
            return self._engine

    def _response(self, written: _Written) -> Response:
        if written.error:
            words = " ".join(str(written.error.get("message") or written.error).split())[:300]
            if written.error.get("type") == "exceed_context_size_error":
                return Response("", "context_length", self.model, error=words)
            if written.error.get("type") == "invalid_request_error":
                raise UsageError(f"{self.model} cannot be asked so: {words}")
            raise TeacherFailed(f"{self.model} failed: {words}; the same command goes on")
        usage, details = written.usage, written.usage.get("prompt_tokens_details") or {}
        return Response(
            "".join(written.text),
            "length" if written.finish == "length" else "stop",
            self.model,
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
            thoughts="".join(written.thoughts),
            cached_tokens=details.get("cached_tokens"),
        )


def _grammar(shape: Any) -> dict[str, Any]:
    """What OpenAI's response_format is in llama.cpp's words, which both its ways to be asked know."""
    match shape:
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return {"json_schema": schema}
        case {"type": "json_object"}:
            return {"json_schema": {"type": "object"}}
        case {"type": "text"}:
            return {}
    raise UsageError(f"response_format {shape!r:.60} is none of text, json_object and json_schema")


_OPENS = re.compile(r"<(?P<tag>[\w:]*(?:think|thinking|thought|reasoning))>(?:\\n|\s)*['\"][^<]*\Z", re.IGNORECASE)


def closing(template: str) -> str:
    """What ends the thoughts that a chat template opens before every answer (DeepSeek-R1, QwQ, Qwen3-Thinking), so that
    an answer which is begun is not begun inside of them; "" for any other. One that has a switch for it (Qwen3) is told
    by that, and llama.cpp lays out empty thoughts by itself.
    """
    opens = None if "enable_thinking" in template else _OPENS.search(template.rstrip())
    return f"\n</{opens['tag']}>\n\n" if opens else ""


def _bytes(text: str) -> str:
    """The text with "?" for half of a surrogate pair, which has no bytes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def room(header: Header, slots: int) -> tuple[int, int]:
    """How many slots there are, and the tokens of each: what ROOM allows, in 16 bits a number."""

    def number(key: str, otherwise: int) -> int:
        found = header.get(key)
        return found if type(found) is int and found > 0 else otherwise

    heads = number("attention.head_count", 32)
    width = number("attention.key_length", number("embedding_length", 4096) // heads)
    each = 4 * number("block_count", 32) * number("attention.head_count_kv", heads) * width
    most = number("context_length", CONTEXT)
    context = min(most, CONTEXT)
    slots = max(1, min(slots, ROOM // (context * each)))
    return slots, min(most, LONGEST, max(context, ROOM // (slots * each)))


def llama(file: Path, slots: int, context: int) -> Engine:
    """The model in llama.cpp's own server, in this process. Nobody else can ask it: its socket is a file in a folder
    of ours, gone before the first request; where there are no such sockets (Windows), it is on 127.0.0.1 behind a
    random key.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_parallel, params.n_ctx, params.n_batch = slots, slots * context, BATCH
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.verbosity, params.offline, params.warmup, params.ui = -1, True, False, False
    params.n_threads_http, params.cache_ram_mib = 1, 1024
    if (threads := os.environ.get("OMP_NUM_THREADS", "")).isdecimal():
        # llama.cpp's threads wait for one another turning: where others work on the same cores, two of them wrote one
        # token a second, and one of them five.
        params.cpuparams.n_threads = max(1, int(threads))
    params.api_keys = [token_hex(16)]
    with TemporaryDirectory(prefix="gguf-", dir="/tmp" if os.path.isdir("/tmp") else None) as folder:
        if os.name == "posix":
            params.hostnames = [f"{folder}/llama.sock"]
        server = xllamacpp.Server(params)

    def ask(way: str, body: dict[str, Any], take: Callable[[dict[str, Any]], bool]) -> None:
        handle = server.handle_chat_completions if way == "chat" else server.handle_completions
        handle(body, take)

    return ask
