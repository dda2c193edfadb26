"""The command that looks before a run does: doctor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import hand_over, main, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from selfinstruct.teachers.findings import Finding

__all__: list[str] = []

HELP = "Who would answer, as for a run: builtin, local:DIR, gguf:FILE, smollm2, or a model's name at the endpoint. "


@main.command()
@click.option("--model", metavar="NAME", help=f"{HELP}[default: $SELFINSTRUCT_MODEL, else builtin]")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, llama.cpp, Ollama …")
@click.option(
    "--api",
    type=click.Choice(("auto", "chat", "completions", "prefill", "responses")),
    default="auto",
    show_default=True,
    help="As for a run.",
)
@click.option("--out", metavar="DIR", default=".", show_default=True, help="Where runs are written.")
@click.option("--language", metavar="CODE", default="en", show_default=True, help="Of the recipes: en or zh.")
@click.option("--json", "as_json", is_flag=True, help="What was found as one JSON object.")
def doctor(as_json: bool, **options: Any) -> None:
    """Look whether a run would work, and say what to do.

    Versions, disk and key; of a server: what it is, the model, one short answer, thoughts, context, max_tokens,
    structured outputs, prefill, completions, responses, batch, price, seeds. Exit code 0: a run would work.

    \b
      selfinstruct doctor
      selfinstruct doctor --model Qwen/Qwen3-8B --base-url http://127.0.0.1:8000/v1
    """
    import asyncio
    import json

    found: list[Finding] = []

    async def work() -> None:
        async for finding in _findings(**options):
            found.append(finding)
            if not as_json:
                say(finding.line())

    asyncio.run(work())
    wrong = [finding for finding in found if finding.fine is False]
    if as_json:
        rows = [{"check": each.check, "fine": each.fine, "says": each.says, "do": each.do} for each in found]
        text = json.dumps({"fine": not wrong, "checks": rows}, ensure_ascii=False, indent=2)
        hand_over([f"{text}\n".encode("utf-8", "backslashreplace")])
    click.get_current_context().exit(1 if wrong else 0)


async def _findings(
    model: str | None, base_url: str | None, api: str, out: str, language: str
) -> AsyncIterator[Finding]:
    from selfinstruct.errors import UsageError
    from selfinstruct.running.needs import needs
    from selfinstruct.stages.prompting import LANGUAGES
    from selfinstruct.teachers.doctor import installed, local_model, on_disk
    from selfinstruct.teachers.opening import check_names

    if language not in LANGUAGES:
        raise UsageError(f"--language is {language!r}: our prompts are written in {' and '.join(LANGUAGES)}")
    for finding in installed():
        yield finding
    yield on_disk(out)
    address = base_url or os.environ.get("OPENAI_BASE_URL") or ""
    named = model or os.environ.get("SELFINSTRUCT_MODEL") or ("" if base_url else "builtin")
    check_names({"teacher": named} if not base_url else {})
    here = named.partition(":")[0] in ("builtin", "smollm2", "gguf")
    if (here and not base_url) or named.startswith("local:"):
        for finding in local_model(named, needs(language)):
            yield finding
        return
    async for finding in _server(named, address or "https://api.openai.com/v1", api, language):
        yield finding


async def _server(model: str, url: str, api: str, language: str) -> AsyncIterator[Finding]:
    from selfinstruct.running.needs import needs
    from selfinstruct.teacher import Request, Response
    from selfinstruct.teachers.doctor import COST, visited
    from selfinstruct.teachers.findings import key_found, price_found
    from selfinstruct.teachers.http.endpoint import Endpoint
    from selfinstruct.teachers.http.looks import Looks
    from selfinstruct.teachers.prices import Prices
    from selfinstruct.teachers.servers import is_own

    found = key_found(os.environ.get("OPENAI_API_KEY", ""), is_own(url))
    yield found
    if found.fine is False:
        return
    where = Endpoint(model, base_url=url).where  # raises UsageError for an address that is none

    async def ask(request: Request, kind: str) -> Response:
        async with Endpoint(request.model, base_url=url, api=kind, timeout=120.0) as teacher:
            return await teacher(request)

    say(f"asking {model or 'its model'} at {where} up to 10 short questions: {COST}", err=True)
    async with Looks(url) as looks:
        things: dict[str, Any] = {"ask": ask, "look": looks.at, "shown": looks.shown, "needs": needs(language)}
        async for finding in visited(model, url, where, api, **things):
            yield finding
    if model:
        price = Prices.known().of(model, url)
        yield price_found(str(price) if price else "", is_own(url))
