"""Six servers by twelve behaviours: what selfinstruct makes of each, and the table that docs/servers.md has of it."""

from __future__ import annotations

import re

import pytest
from doubles import BEHAVIOURS, PAGE, SERVERS, heard_from, loaded, page, table

from selfinstruct.errors import SelfinstructError


async def test_the_page_has_the_table_that_the_doubles_give() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, await table()) == text, "python tests/doubles.py brings it up to date"


@pytest.mark.parametrize("name", SERVERS)
def test_every_double_says_everything_and_whence(name: str) -> None:
    server = loaded(name)
    assert list(server.says) == list(BEHAVIOURS)
    assert all(said.get("source") for each in server.says.values() for said in each)


WORDS = {
    ("openai", "max_tokens"): "16384 or less",
    ("sglang", "max_tokens"): "max_tokens: 4000 or less",
    ("vllm", "max_tokens"): "max_tokens: 4000 or less",
    ("vllm", "long"): "longer than the server's context of 4,096",
    ("llamacpp", "long"): "731 tokens is longer than the server's context of 512",
    ("sglang", "long"): "61,709 tokens",
    ("openai", "completions"): "--api chat",
    ("vllm", "model"): "no-such-model",
    ("ollama", "model"): "no-such-model",
    ("openai", "key"): "OPENAI_API_KEY",
    ("vllm", "key"): "OPENAI_API_KEY",
    ("openai", "busy"): "try again in 20s",
    ("sglang", "busy"): "queue is full",
    ("ollama", "busy"): "server busy",
    ("llamacpp", "busy"): "Loading model",
}


@pytest.mark.parametrize(("name", "behaviour"), WORDS)
async def test_a_refusal_says_what_to_do(name: str, behaviour: str) -> None:
    found = (await heard_from(name, behaviour)).outcome
    assert isinstance(found, SelfinstructError)
    assert re.search(re.escape(WORDS[name, behaviour]), str(found)), str(found)
    assert "sk-wrong" not in str(found)
