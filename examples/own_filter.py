"""A filter of one's own: a frozen dataclass whose fields go into recipe.yaml, called with each finished task."""

from dataclasses import dataclass

from selfinstruct import Reason, Task, run


@dataclass(frozen=True)
class Wordy:
    most: int = 40

    def __call__(self, task: Task, pool: object) -> Reason | None:
        words = max(len(instance.output.split()) for instance in task.instances)
        return Reason("wordy", f"{words} words") if words > self.most else None


print(run("self_instruct", num=50, out="runs/short", drop=[Wordy(most=30)]))
