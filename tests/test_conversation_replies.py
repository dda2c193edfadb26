"""What SmolLM2-135M-Instruct wrote as the user, as the assistant and of personas, as the steps read it."""

from __future__ import annotations

import json
from pathlib import Path

from selfinstruct.running.drafts import heard
from selfinstruct.stages import STAGES
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response

FILE = Path(__file__).parent / "replies" / "conversations" / "smollm2.jsonl"


def read() -> dict[str, list[str]]:
    """By the step, what became of each of its answers: the text that is kept, or the reason."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        stage = STAGES[row["stage"]](**({} if row["stage"] == "reply" else {"language": row["language"]}))
        turns = tuple(row["turns"])
        tasks = (Task("t", turns[0]["content"], turns=turns),) if turns else ()
        items = list(stage.parse(tasks, heard(Response(row["answer"], row["finish"]))))
        assert items
        assert all(isinstance(item, Task | Rejected) for item in items)
        new = [item.turns[-1]["content"] for item in items if isinstance(item, Task) and len(item.turns) > len(turns)]
        found.setdefault(row["stage"], []).extend(
            new or [item.category for item in items if isinstance(item, Rejected)] or ["the user is content"]
        )
    return found


def test_no_answer_of_so_small_a_model_is_taken_for_a_users() -> None:
    """It goes on with the prompt, tells of the user, speaks as the assistant, or writes without end."""
    reasons = {
        "copied from the prompt",
        "tells of the user",
        "truncated",
        "speaks as the assistant",
        "writes both sides",
    }
    assert set(read()["user_turn"]) <= reasons
