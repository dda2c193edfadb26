"""How all tests are run: on one thread each, with fewer drawn examples, and the files that take longest first.

pytest --hypothesis-profile thorough      # forty times as many, where a test does not say how many
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Before torch is imported, and for the processes that tests start: -n auto has a process for each core already.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SLOW = (HealthCheck.too_slow,)  # a machine that others use as well is no fault of a test
settings.register_profile("default", max_examples=10, deadline=None, suppress_health_check=SLOW)
settings.register_profile("thorough", max_examples=400, deadline=None, suppress_health_check=SLOW)
settings.load_profile("default")

LONGEST = (
    *("finetune_training", "finetune_resume", "kill_everything", "batch", "finetune_gguf", "writing", "linear"),
    *("builtin_stages", "examples", "docs", "kill", "finetune_export", "finetune_merge", "cli_training", "builtin_zh"),
    *(
        "run",
        "http",
        "finetune_align",
        "evaluating",
        "scaling",
        "finetune_reinforce",
        "finetune_kto",
        "finetune_open",
        "cli_values",
        "axes",
        "tool_use",
        "sandbox",
        "agentic",
        "cli",
        "exam",
        "wire",
        "server",
        "pace",
        "finetune_decoding",
        "finetune_delta",
        "left_by_kills",
    ),
)
"""Files of a minute and more. One of them begun last would leave all other cores idle."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # it would begin with the files of most tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
