"""A stage of one's own, a prompt and a parse side by side: simpler tasks made of each one, with ids and parents."""

from dataclasses import dataclass

from selfinstruct import Recipe, Response, Step, Task, run


@dataclass(frozen=True)
class Simplify:
    kind = "each"

    def prompt(self, tasks: tuple[Task, ...], rng: object) -> str:
        return f"Make two simpler tasks of this one, a line each.\n{tasks[0].instruction}"

    def parse(self, tasks: tuple[Task, ...], response: Response) -> list[Task]:
        return [Task("", line) for line in response.text.splitlines()]


def halves(prompt: str) -> str:  # put model="…" in its place to ask a language model
    return "\n".join(f"{half} {prompt.splitlines()[1]}" for half in ("For beginners:", "In one word:"))


print(run(Recipe("simplify", [Step(Simplify())]), data="seed_tasks.jsonl", teacher=halves, out="runs/simpler"))
