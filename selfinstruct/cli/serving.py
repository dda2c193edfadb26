"""The command that serves the built-in teacher: teacher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from selfinstruct.cli.group import main, say

__all__: list[str] = []


def _rate(option: str, meaning: str) -> Callable[..., Any]:
    return click.option(option, metavar="RATE", type=click.FloatRange(0, 1), default=0.0, help=meaning)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--latency", metavar="SECONDS", type=float, default=0.0, help="Every answer takes so long.")
@click.option("--jitter", metavar="SECONDS", type=float, default=0.0, help="And up to so much more.")
@click.option("--rpm", metavar="N", type=int, help="Requests a minute; above: 429 with Retry-After.")
@click.option("--tpm", metavar="N", type=int, help="Tokens a minute; above: 429 with Retry-After.")
@_rate("--errors", "Of the requests: HTTP 500 or 503.")
@_rate("--drops", "The connection is closed without an answer.")
@_rate("--timeouts", "No answer ever comes.")
@_rate("--cuts", "The body breaks off.")
@_rate("--empties", "An answer without choices.")
@_rate("--garbage", "An HTML page instead of JSON.")
@click.option("--batch-delay", metavar="SECONDS", type=float, default=0.0, help="A batch takes so long, line by line.")
@click.option("--batch-expiry", metavar="SECONDS", type=float, default=86_400.0, help="Then it ends, done or not.")
@click.option("--batch-queue", metavar="TOKENS", type=int, help="So many may wait in batches; above: the batch fails.")
@_rate("--batch-failures", "Of the batches: fail as a whole.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the faults; answers never depend on it.")
@click.option("--key-env", metavar="NAME", help="Environment variable with the key that clients must send.")
def teacher(port: int, key_env: str | None, seed: int, **options: Any) -> None:
    """Serve the built-in teacher over the OpenAI API, well-behaved or not.

    Of a batch's lines --errors is the rate that fails, each with its own HTTP 500 or 503.

    \b
      selfinstruct teacher --port 8000 --latency 0.1 --rpm 600 --errors 0.05
      selfinstruct generate --model builtin --base-url http://127.0.0.1:8000/v1 --num 100 --out runs/served
    """
    from selfinstruct.simulator import MODELS
    from selfinstruct.simulator.server import Faults, Rules, serve

    def ready(url: str) -> None:
        say(f"{url}  (Ctrl-C stops it)")

    delay, window, enqueued, failures = (
        options.pop(f"batch_{name}") for name in ("delay", "expiry", "queue", "failures")
    )
    rules = Rules(enqueued=enqueued, window=window, delay=delay, failures=failures, seed=seed)
    serve(port=port, models=MODELS, key_env=key_env, faults=Faults(**options, seed=seed), rules=rules, ready=ready)
