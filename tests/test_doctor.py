"""`selfinstruct doctor` against the doubles of servers, and of what is on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from doubles import SERVERS, double, loaded
from openai_stub import Handler, Reply, serving

from selfinstruct.teachers.doctor import local_model, on_disk
from selfinstruct.teachers.findings import context_found, key_found

KEY = "sk-double-0123456789abcdef"


async def doctor(*words: str, handler: Handler | None = None, key: str = KEY) -> tuple[int, dict[str, Any], str]:
    """Its exit code, what it found by check, and all that it said."""

    async def run(*more: str) -> tuple[int, dict[str, Any], str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "SELFINSTRUCT"))}
        env |= {"NO_PROXY": "*"} | ({"OPENAI_API_KEY": key} if key else {})
        command = [sys.executable, "-m", "selfinstruct", "doctor", "--json", *words, *more]
        pipe = asyncio.subprocess.PIPE
        done = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
        out, err = (part.decode() for part in await done.communicate())
        checks = json.loads(out)["checks"] if out else []
        return done.returncode or 0, {row["check"]: row for row in checks}, out + err

    if handler is None:
        return await run()
    async with serving(handler) as server:
        return await run("--base-url", server.url)


@pytest.mark.parametrize(
    ("name", "kind"),
    list(
        zip(
            SERVERS,
            ("OpenAI", "vLLM 0.30.0", "SGLang", "llama.cpp", "Ollama 0.40.12", "transformers serve"),
            strict=True,
        )
    ),
)
async def test_it_knows_the_server(name: str, kind: str) -> None:
    code, found, said = await doctor("--model", loaded(name).model, handler=double(name))
    assert found["endpoint"]["says"].startswith(f"{kind} at http://127.0.0.1")
    assert (code, found["request"]["fine"]) == (1 if name == "llamacpp" else 0, True)  # a context of 512
    assert found["batch"]["fine"] == (True if name == "openai" else None)
    assert KEY not in said


@pytest.mark.parametrize("name", ["openai", "vllm", "sglang", "llamacpp", "ollama"])
async def test_a_model_that_thinks(name: str) -> None:
    _, found, _ = await doctor("--model", loaded(name).thinker, handler=double(name, thinks=True))
    assert "it thinks" in found["thoughts"]["says"]
    assert found["structured"]["fine"]


async def test_an_unknown_model_is_told_with_the_nearest() -> None:
    code, found, _ = await doctor("--model", "qwen3:8B", handler=double("ollama"))
    assert (code, found["model"]["fine"]) == (1, False)
    assert "qwen3:8b" in found["model"]["do"]


async def test_a_wrong_key_is_the_end() -> None:
    code, found, said = await doctor("--model", "x", handler=double("vllm"), key="sk-canary-0123456789")
    assert (code, found["endpoint"]["fine"]) == (1, False)
    assert "canary" not in said


async def test_a_server_that_repeats_the_key_shows_nobody() -> None:
    def echo(seen: Any) -> Reply:
        return Reply({"error": {"message": f"no: {seen.headers}", "type": KEY}}, 400)

    code, _, said = await doctor("--model", "x", handler=echo)
    assert code == 1
    assert KEY not in said


async def test_a_server_that_still_loads_its_model() -> None:
    """Failed before: it was taken for one of no kind, and the request for what is wrong with it."""
    said = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
    code, found, _ = await doctor("--model", "x", handler=lambda seen: Reply(said, 503, {"server": "llama.cpp"}))
    assert (code, "request" in found) == (1, False)
    assert found["endpoint"]["says"].endswith("/v1 is not ready (HTTP 503: Loading model)")


async def test_nobody_there() -> None:
    code, found, _ = await doctor("--model", "x", "--base-url", "http://127.0.0.1:9/v1")
    assert (code, found["endpoint"]["fine"]) == (1, False)


async def test_without_key_or_network() -> None:
    assert (await doctor(key=""))[0] == 0
    code, found, _ = await doctor("--model", "gpt-4o-mini", key="")
    assert (code, found["key"]["fine"]) == (1, False)


@pytest.mark.parametrize(
    "key", ["a b", "“sk”", "https://api.openai.com", '"sk-0123456789abcdef"', "YOUR_OPENAI_KEY_HERE", ""]
)
def test_a_key_that_is_none(key: str) -> None:
    found = key_found(key, local=False)
    assert found.fine is False
    assert not key or key not in found.line()


def test_context() -> None:
    needs = {"small, step": (100, 50), "large, step": (100, 4000)}
    assert context_found("vLLM", 8192, None, needs).fine
    assert context_found("vLLM", 2048, None, needs).fine is None
    assert context_found("vLLM", 128, None, needs).fine is False
    assert "4,096" in context_found("Ollama", None, 40960, needs).says


def test_disk_and_models_here(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert on_disk(str(tmp_path / "file")).fine is False
    assert on_disk(str(tmp_path / "a" / "b")).fine is not False
    assert [found.fine for found in local_model(f"local:{tmp_path}", {})] == [False]
    assert all(found.fine for found in local_model("builtin", {}))
