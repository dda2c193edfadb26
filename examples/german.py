"""A language beyond English and Chinese is a prompt file and seeds: german/prompt.txt and german/seeds.jsonl.

The teacher here answers as a language model might, from german/reply.txt; put model="…" in its place to ask one.
"""

from pathlib import Path

from selfinstruct import run

HERE = Path(__file__).parent / "german"


def said_once(prompt: str) -> str:
    return (HERE / "reply.txt").read_text(encoding="utf-8")


print(run(HERE / "alpaca.yaml", data=HERE / "seeds.jsonl", num=7, teacher=said_once, out="runs/german"))
