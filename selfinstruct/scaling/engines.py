"""Who runs the shards: datatrove's executors, on this machine, with Slurm or with Ray.

    python -m selfinstruct.scaling.engines OUT EXECUTOR WORKERS [NAME=VALUE …]

A process of its own, whose words go to a file: what a person sees comes from the shards' folders. An executor hands a
number to `Shard`, which asks that shard in a further process: one that is killed, by the system for its memory, say,
takes nothing else with it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.scaling.one import STOPPED
from selfinstruct.scaling.shards import Shards

__all__ = ["EXECUTORS", "SLURM", "Shard", "check_executor", "main"]

EXECUTORS = ("local", "slurm", "ray")

SLURM: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("partition", "time", "qos", "env_command", "venv_path", "job_name"), str),
    **dict.fromkeys(("cpus_per_task", "mem_per_cpu_gb", "gpus_per_task", "max_array_size", "tasks_per_job"), int),
}
"""What datatrove's SlurmPipelineExecutor is told by --slurm NAME=VALUE; any other name is one of sbatch's own."""


class Shard:
    """What an executor calls: the shard of this number, in a process of its own."""

    def __init__(self, out: str, *, fails: bool) -> None:
        """`fails`: raise when it is not finished, so that a queue sees it."""
        self.out, self.fails = out, fails

    def __call__(self, data: object, rank: int, world_size: int) -> None:
        command = [sys.executable, "-m", "selfinstruct.scaling.one", self.out, str(rank)]
        code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
        shards = Shards(Path(self.out))
        if code not in (0, STOPPED):
            shards.stopped(rank, f"its process ended with {code}" if code > 0 else f"killed by signal {-code}")
        if code and self.fails:
            raise RuntimeError(f"shard {rank} is not finished")


def check_executor(executor: str, options: Mapping[str, str]) -> None:
    """Raises UsageError for what is no executor here, and for what one lacks."""
    if executor not in EXECUTORS:
        raise UsageError(f"no executor {executor!r}: {did_you_mean(executor, EXECUTORS)}")
    try:
        import datatrove.executor  # noqa: F401
    except ImportError:
        raise UsageError("--shards needs datatrove: pip install 'selfinstruct[scale]'") from None
    if executor == "slurm":
        for name in ("partition", "time"):
            if name not in options:
                raise UsageError(f"Slurm wants to know the {name}: give --slurm {name}=VALUE")
        for name, value in options.items():
            try:
                SLURM.get(name, str)(value)
            except ValueError:
                raise UsageError(f"--slurm {name} is {value!r}: give a whole number") from None
    elif options:
        raise UsageError(f"--slurm is for --executor slurm, and the executor is {executor}: leave it out")
    if executor == "ray":
        try:
            import ray  # noqa: F401
        except ImportError:
            raise UsageError("--executor ray needs Ray: pip install 'selfinstruct[ray, scale]'") from None


def main(out: str, executor: str, workers: str, *given: str) -> None:
    from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor

    shards = Shards(Path(out))
    logs = shards.folder / "logs"
    for number in shards.state().left:  # one that stopped counts as done there
        (logs / "completions" / f"{number:05}").unlink(missing_ok=True)
    tasks, at_once = shards.job["shards"], int(workers)
    fixed: dict[str, Any] = {"tasks": tasks, "workers": at_once, "logging_dir": str(logs.absolute())}
    if executor == "local":
        LocalPipelineExecutor([Shard(out, fails=False)], **fixed).run()
    elif executor == "ray":
        import ray

        ray.init(ignore_reinit_error=True)
        RayPipelineExecutor([Shard(out, fails=False)], **fixed).run()
    else:
        told = dict(text.split("=", 1) for text in given)
        ours = {name: SLURM[name](value) for name, value in told.items() if name in SLURM}
        own = {name.replace("_", "-"): value for name, value in told.items() if name not in SLURM}
        ours.setdefault("job_name", Path(out).name)
        shard = Shard(str(Path(out).absolute()), fails=True)
        SlurmPipelineExecutor([shard], **fixed, **ours, sbatch_args=own).run()


if __name__ == "__main__":
    from selfinstruct.scaling import engines  # by its name: what is pickled has to be found by others

    engines.main(*sys.argv[1:])
