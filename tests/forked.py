"""Commands of a script in processes that have PyTorch already: one server imports it, and forks for each of them.

with forking(folder) as path:                 # a folder with an executable `selfinstruct`, to be the first in PATH
    subprocess.run(["bash", script], env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}"})

A dozen commands that train take a dozen times four seconds to import the same, and nothing else of a script is slow.
What a command does, reads and prints is as ever: it has the streams, the folder and the environment of whoever calls.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["forking"]

SHIM = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({place!r})
    asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(asked)
    sys.exit(server.recv(1)[0])
"""


@contextmanager
def forking(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    place = folder / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        shim = folder / "selfinstruct"
        shim.write_text(SHIM.format(python=sys.executable, place=str(place)))
        shim.chmod(0o755)
        number = listening.fileno()
        server = subprocess.Popen([sys.executable, __file__, str(number)], pass_fds=[number])
    try:
        yield folder
    finally:
        server.terminate()
        server.wait()


def serve(listening: socket.socket) -> None:
    from selfinstruct.finetune.models.open import quietly

    with quietly():
        import matplotlib.figure  # noqa: F401
        import peft  # noqa: F401
        import sentencepiece  # type: ignore[import-untyped,unused-ignore]  # noqa: F401
        import torch  # noqa: F401
        from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer  # noqa: F401

    while True:
        client, _ = listening.accept()
        with client:
            head, streams, _, _ = socket.recv_fds(client, 8, 3)
            asked = json.loads(_exactly(client, int.from_bytes(head, "big")))
            child = os.fork()
            if not child:
                listening.close()
                _run(streams, *asked)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            client.sendall(bytes([code & 0xFF]))
            for stream in streams:
                os.close(stream)


def _exactly(client: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        found += client.recv(size - len(found))
    return bytes(found)


def _run(streams: list[int], words: list[str], folder: str, environment: dict[str, str]) -> None:
    from selfinstruct.cli import main

    code = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  as long as the process is
            for number, mode in enumerate("rww")
        )
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        main(words, prog_name="selfinstruct")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
