"""Which server this is, and what it says of itself on pages of its own: models, context, version. Pure, from pages.

server = recognised("http://127.0.0.1:8000/v1", pages)        # Server("vLLM", "0.30.0", …)

What is known of each is in a table or a comment here, with the version that it was seen in; whatever a server does not
say is None. docs/servers.md says what to set where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

__all__ = ["HOSTS", "LATER", "NOTHING", "PATHS", "Page", "Server", "is_own", "recognised", "with_context"]

NAME = 200  # characters of what a server calls itself, or a model
MODELS = 10_000  # of its list; OpenRouter has 700


class Page(NamedTuple):
    """What a GET brought, or a POST."""

    status: int = 0
    """0: no answer at all."""
    headers: Mapping[str, str] = {}
    """By lower-case names."""
    row: Any = None
    """Of JSON; else the text."""
    error: str = ""
    """Why there is no answer."""


NOTHING = Page()

PATHS = (
    *("/models", "/batches"),  # below the base URL
    *("!/version", "!/health", "!/props", "!/api/version", "!/get_model_info", "!/api/v0/models"),  # below the host
)
"""Pages to look at first; with "!" only those of servers that somebody runs, not of HOSTS."""
LATER = "!/api/ps"
"""Ollama's page of loaded models: to be looked at once the model was asked."""

HOSTS = {
    "api.openai.com": "OpenAI",
    "openai.azure.com": "Azure OpenAI",
    "openrouter.ai": "OpenRouter",
    "api.deepseek.com": "DeepSeek",
    "api.mistral.ai": "Mistral",
    "api.groq.com": "Groq",
    "api.together.xyz": "Together",
    "api.fireworks.ai": "Fireworks",
    "api.cerebras.ai": "Cerebras",
    "api.x.ai": "xAI",
    "generativelanguage.googleapis.com": "Gemini",
    "dashscope.aliyuncs.com": "DashScope",
    "dashscope-intl.aliyuncs.com": "DashScope",
    "api.anthropic.com": "Anthropic",
    "api.moonshot.cn": "Moonshot",
    "api.moonshot.ai": "Moonshot",
    "api.z.ai": "Zhipu",
    "integrate.api.nvidia.com": "NVIDIA",
    "open.bigmodel.cn": "Zhipu",
    "api.siliconflow.cn": "SiliconFlow",
    "router.huggingface.co": "Hugging Face",
}
"""Providers by their host, or its end."""

# owned_by of /v1/models: vLLM 0.30, SGLang 0.5, llama.cpp b11549, our own; transformers serve and Ollama have the
# namespace of the model there.
OWNERS = {"vllm": "vLLM", "sglang": "SGLang", "llamacpp": "llama.cpp", "selfinstruct": "selfinstruct teacher"}
# A model's context in its row: vLLM and SGLang; OpenRouter, Together, TGI; Mistral, LM Studio; Groq.
CONTEXTS = ("max_model_len", "context_length", "max_context_length", "context_window")


@dataclass(frozen=True, slots=True)
class Server:
    kind: str = ""
    """ "vLLM", "Ollama" …; "" when it is none that is known here."""
    version: str = ""
    models: tuple[str, ...] | None = None
    """By its own names; None when it has no list."""
    contexts: Mapping[str, int] = field(default_factory=dict)
    """Tokens of prompt and answer together, by model, where the list says so."""
    context: int | None = None
    """Of the one model that it runs, of one request."""
    slots: int = 1
    """Among which a llama.cpp has divided its -c."""
    batches: bool = False
    """Whether it has a Batch API."""

    def context_of(self, model: str) -> int | None:
        return self.contexts.get(model, self.context)


def recognised(url: str, pages: Mapping[str, Page]) -> Server:
    """The server at this base URL, by its pages of PATHS."""
    rows = _rows(pages.get("/models", NOTHING).row)
    kind = _kind(url, pages, rows)
    props = _dict(pages.get("!/props", NOTHING).row)
    contexts = {name: found for name, row in rows.items() if (found := _context(row)) is not None}
    for name, row in _rows(pages.get("!/api/v0/models", NOTHING).row).items():  # LM Studio 0.3.6
        contexts |= {name: found} if (found := _whole(row.get("loaded_context_length"))) else {}
    return Server(
        kind,
        _version(kind, pages),
        tuple(rows) if pages.get("/models", NOTHING).status == 200 else None,
        contexts,
        _whole(_dict(props.get("default_generation_settings")).get("n_ctx")),  # of one slot
        _whole(props.get("total_slots")) or 1,
        pages.get("/batches", NOTHING).status == 200 and isinstance(_dict(pages["/batches"].row).get("data"), list),
    )


def with_context(model: str, page: Page, shown: Page) -> tuple[int | None, int | None]:
    """What an Ollama gives to a model, by its page LATER or by `num_ctx` in POST /api/show, and what the model could
    have; None where neither says."""
    loaded = [row for row in _list(_dict(page.row).get("models")) if str(_dict(row).get("name")) in _tags(model)]
    given = _whole(_dict(loaded[0]).get("context_length")) if loaded else None
    row = _dict(shown.row)
    if given is None and (found := re.search(r"^num_ctx\s+(\d+)$", str(row.get("parameters")), re.MULTILINE)):
        given = int(found[1])
    could = [value for name, value in _dict(row.get("model_info")).items() if str(name).endswith(".context_length")]
    return given, _whole(could[0]) if could else None


def is_own(url: str) -> bool:
    """Whether it is somebody's own server and not a provider's."""
    return not _provider(url)


def _kind(url: str, pages: Mapping[str, Page], rows: Mapping[str, Mapping[str, Any]]) -> str:
    if provider := _provider(url):
        return provider
    owners = {str(row.get("owned_by")) for row in rows.values()}
    for owner, kind in OWNERS.items():
        if owner in owners:
            return kind
    page = pages.get("!/api/version", NOTHING)
    if page.status == 200 and "version" in _dict(page.row):
        return "Ollama"
    if pages.get("!/api/v0/models", NOTHING).status == 200:
        return "LM Studio"
    headers = pages.get("/models", NOTHING).headers
    if "default_generation_settings" in _dict(pages.get("!/props", NOTHING).row) or _served_by(headers) == "llama.cpp":
        return "llama.cpp"
    if "is_generation" in _dict(pages.get("!/get_model_info", NOTHING).row):
        return "SGLang"
    health = pages.get("!/health", NOTHING)
    if _served_by(health.headers) == "uvicorn" and health.row == {"status": "ok"} and "x-request-id" in health.headers:
        return "transformers serve"  # 5.23; it has no page that names it
    return "OpenAI" if "openai-version" in headers else ""


def _version(kind: str, pages: Mapping[str, Page]) -> str:
    path, name = {
        "vLLM": ("!/version", "version"),
        "Ollama": ("!/api/version", "version"),
        "llama.cpp": ("!/props", "build_info"),
    }.get(kind, ("", ""))
    version = _dict(pages.get(path, NOTHING).row).get(name)
    return version[:40] if isinstance(version, str) and version != "b0-unknown" else ""


def _provider(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return next((name for end, name in HOSTS.items() if host == end or host.endswith(f".{end}")), "")


def _rows(row: Any) -> dict[str, dict[str, Any]]:
    """Of a list of models, by their names; Together's is a bare list."""
    listed = _list(row if isinstance(row, list) else _dict(row).get("data"))[:MODELS]
    named = [each for each in listed if isinstance(each, dict) and isinstance(each.get("id"), str)]
    return {each["id"].removeprefix("models/"): each for each in named if len(each["id"]) <= NAME}  # Gemini's prefix


def _context(row: Mapping[str, Any]) -> int | None:
    found = [row.get(name) for name in CONTEXTS]
    return next(filter(None, map(_whole, [*found, _dict(row.get("meta")).get("n_ctx")])), None)


def _tags(model: str) -> tuple[str, str]:
    """What Ollama calls a model: a name without a tag is its latest."""
    return (model, f"{model}:latest")


def _served_by(headers: Mapping[str, str]) -> str:
    return headers.get("server", "").lower()


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
