"""A key, a login and a secret in the address are in no artefact: every file, all that is said, tracebacks included."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from killing import SELFINSTRUCT, environment, listening
from openai_stub import CUT, DROP, Reply, Seen, chat, error, serving

KEY = "sk-MARKERkey0123456789abcdef"
PASSWORD = "MARKERpass9876"
QUERY = "MARKERquery4321"
HOW = ("fine", "400", "401", "403", "429", "500", "mixed")


def stubbed(how: str) -> None:
    """A server that repeats in words and headers whatever it was sent; until it is killed."""
    count = 0

    def answer(seen: Seen) -> Reply | str:
        nonlocal count
        count += 1
        echo = f"bad {seen.headers} {seen.path} Bearer {KEY} {PASSWORD} {QUERY}"
        if how == "fine" or (how == "mixed" and count % 3 == 0):
            said = chat("Ten of them, as far as I know.")
            said["id"] = said["system_fingerprint"] = echo
            return Reply(said, 200, {"x-request-id": echo.replace("\n", " ")})
        if how == "mixed":
            return (error(400, echo), error(503, echo), DROP, CUT, error(429, echo, retry_after="0.1"))[count % 5]
        return error(int(how), echo, code=echo, x_request_id=echo, www_authenticate=echo)

    async def work() -> None:
        async with serving(answer) as server:
            print(server.url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(work())


def stub(how: str) -> AbstractContextManager[str]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_no_key; test_no_key.stubbed(sys.argv[2])"
    return listening([sys.executable, "-c", code, str(Path(__file__).parent), how])


def told(*words: str, debug: bool = True) -> str:
    """All that a command says, as talkative as Python can be made."""
    loud = {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1"} if debug else {}
    done = subprocess.run(
        [*SELFINSTRUCT, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment() | {"OPENAI_API_KEY": KEY} | loud,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def assert_clean(said: str, folder: Path) -> None:
    for secret in (KEY, PASSWORD, QUERY, KEY[3:]):
        assert secret not in said
        for file in folder.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes(), file


CASES = [(how, login) for how in HOW for login in (False, True)]


@pytest.mark.parametrize(
    ("how", "login"), [pytest.param(*case, marks=() if case == ("401", True) else pytest.mark.slow) for case in CASES]
)
def test_no_artefact_has_a_secret(how: str, login: bool, tmp_path: Path) -> None:
    out = tmp_path / "run"
    data = tmp_path / "data.jsonl"
    data.write_text("".join(f'{{"instruction": "Name {n} rivers.", "output": "x"}}\n' for n in range(12)))
    with stub(how) as url:
        address = url.replace("//", f"//somebody:{PASSWORD}@") + f"?api-key={QUERY}" if login else url
        asking = ("--base-url", address, "--model", "m", "--patience", "2", "--timeout", "2", "--out")
        said = told("run", "respond", str(data), *asking, str(out))
        if how not in ("fine", "mixed"):  # it would ask a long time for what this server never says
            said += told("generate", *asking, str(tmp_path / "grown"), "--num", "3")
        said += told("evolve", str(data), *asking, str(tmp_path / "evolved"), "--num", "2")
        said += told("run", "respond", str(data), *asking, str(out), "--dry-run")
        assert_clean(said, tmp_path)
        killed = subprocess.Popen(
            [*SELFINSTRUCT, "run", "respond", str(data), *asking, str(tmp_path / "killed")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment() | {"OPENAI_API_KEY": KEY},
        )
        time.sleep(1.2)
        killed.kill()  # leaves the log of the journal
        killed.wait()
    said = "".join(told(*words, str(out)) for words in (("report",), ("report", "--json"), ("export",)))
    assert_clean(said, tmp_path)
