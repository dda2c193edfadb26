"""The steps of tool_use: messages, calls, results and answers, and whole runs of them on the built-in teacher."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from test_calls import BELLS, SHAPES, TIDE, TOOLS

from selfinstruct import Run, run
from selfinstruct.api import planned
from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import ToolAnswer, ToolCall, ToolRequest, ToolResult
from selfinstruct.stages.calling.checking import call_fault
from selfinstruct.stages.calling.tools import as_text
from selfinstruct.stages.prompting import places
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Response

OURS = as_text(TOOLS)


def of(items: Any) -> tuple[list[Task], list[Rejected]]:
    found = list(items)
    return [one for one in found if isinstance(one, Task)], [one for one in found if isinstance(one, Rejected)]


# Messages


def test_what_is_drawn_is_some_of_the_tools_and_one_way_that_they_allow() -> None:
    stage = ToolRequest(tools=as_text([*TOOLS, *ToolRequest().offered]), most=3)
    drawn = [stage.drawn(Random(n), n) for n in range(200)]
    assert {len(one.offered) for one in drawn} == {1, 2, 3}
    assert {one.ways for one in drawn} == {("one",), ("several",), ("missing",), ("none",)}
    assert all(set(map(str, one.offered)) <= set(map(str, stage.offered)) for one in drawn)
    bells = ToolRequest(tools=as_text([BELLS]), ways=("missing",)).drawn(Random(0), 0)
    assert bells.ways == ("one",), "nothing can be missing where nothing is required"
    for one in drawn[:20]:
        text = one.prompt((), Random(0))
        assert all(tool["function"]["name"] in text for tool in one.offered)
        assert not {"tools", "many", "wanted", "target", "parameter"} & set(places(str(text)))


@pytest.mark.parametrize(
    "text",
    [
        "1. When is high water in Brest?\n2. I sail on Friday, is the tide late in Cork?",
        "Sure! Here:\n\n1. **When is high water in Brest?**\n2. **I sail on Friday, is the tide late in Cork?**",
        '1. "When is high water in Brest?"\n2. "I sail on Friday, is the tide late in Cork?"',
        "- When is high water in Brest?\n- I sail on Friday, is the tide late in Cork?",
        "When is high water in Brest?\nI sail on Friday, is the tide late in Cork?",
        '```json\n["When is high water in Brest?", "I sail on Friday, is the tide late in Cork?"]\n```',
        '[{"message": "When is high water in Brest?"}, {"user": "I sail on Friday, is the tide late in Cork?"}]',
        "1. User: When is high water in Brest?\n2. Message 2: I sail on Friday, is the tide late in Cork?",
        "1) When is high water in Brest?\n\n2) I sail on Friday, is the tide late in Cork?",
    ],
)
def test_messages_are_read_as_models_write_lists(text: str) -> None:
    tasks, _ = of(ToolRequest(tools=OURS, ways=("one",)).parse((), Response(text)))
    assert [task.instruction for task in tasks] == [
        "When is high water in Brest?",
        "I sail on Friday, is the tide late in Cork?",
    ]
    assert all(task.tools == TOOLS and task.extra == {"calls": "one"} for task in tasks)


def test_chinese_messages() -> None:
    text = "好的，以下是两条消息：\n\n1、布雷斯特什么时候涨潮？\n2、用户：我周五出海，科克的潮水晚不晚？"
    tasks, _ = of(ToolRequest(tools=OURS, language="zh").parse((), Response(text)))
    assert [task.instruction for task in tasks] == ["布雷斯特什么时候涨潮？", "我周五出海，科克的潮水晚不晚？"]


@pytest.mark.parametrize(
    ("text", "finish", "category"),
    [
        ("1. Call tide_at for Brest.", "stop", "names the function"),
        ("I'm sorry, but I can't help with that.", "stop", "no message in the answer"),
        ("", "stop", "no message in the answer"),
        ("1. When is high wat", "length", "truncated"),
    ],
)
def test_what_is_no_message_is_rejected(text: str, finish: str, category: str) -> None:
    tasks, rejected = of(ToolRequest(tools=OURS).parse((), Response(text, finish)))
    assert not tasks
    assert [one.category for one in rejected] == [category]


def test_a_cut_answer_loses_its_last_message_only() -> None:
    tasks, rejected = of(ToolRequest(tools=OURS).parse((), Response("1. When is it high?\n2. And in Co", "length")))
    assert [task.instruction for task in tasks] == ["When is it high?"]
    assert [(one.category, one.text) for one in rejected] == [("truncated", "And in Co")]


# Calls


def asked(calls: str = "", text: str = "When is high water in Brest, for 3 days?") -> Task:
    return Task("t", text, tools=TOOLS, extra={"calls": calls} if calls else {})


RIGHT = '[{"name": "tide_at", "arguments": {"port": "Brest", "days": 3}}]'
TWO = '[{"name": "tide_at", "arguments": {"port": "Brest"}}, {"name": "ring_bells", "arguments": {}}]'


def test_a_call_becomes_a_turn_in_openais_shape() -> None:
    ((task,), rejected) = of(ToolCall().parse((asked("one"),), Response(RIGHT)))
    assert not rejected
    function = {"name": "tide_at", "arguments": {"port": "Brest", "days": 3}}
    assert task.turns == (
        {"role": "user", "content": asked().instruction},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"type": "function", "function": function, "id": "call00001"}],
        },
    )


@pytest.mark.parametrize(
    ("calls", "text", "category"),
    [
        ("one", "Which port?", "no call"),
        ("several", RIGHT, "fewer calls than asked for"),
        ("several", RIGHT[:-1] + ", " + RIGHT[1:], "fewer calls than asked for"),
        ("missing", RIGHT, "a call where a value is missing"),
        ("none", RIGHT, "a call where no tool fits"),
        ("missing", "It is at four.", "asks for nothing"),
        ("", "", "no answer"),
        ("", "[]", "no answer"),
        ("", '{"name": "tide_at", "arguments": {"port": Brest}}', "the call cannot be read"),
        ("", RIGHT.replace("tide_at", "tides"), "no such tool"),
        ("", RIGHT.replace("3", '"3"'), "argument against its schema"),
        ("", '{"name": "tide_at", "arguments": {"days": 3}}', "argument missing"),
        ("", RIGHT.replace("days", "hours"), "unknown argument"),
        ("", RIGHT.replace('"Brest"', '"port-88123"'), "argument made up"),
        ("", '{"name": "tide_at", "arguments": "Brest"}', "arguments are no object"),
    ],
)
def test_a_wrong_call_is_rejected_with_its_reason(calls: str, text: str, category: str) -> None:
    tasks, rejected = of(ToolCall().parse((asked(calls),), Response(text)))
    assert not tasks
    assert [one.category for one in rejected if one.what == "answer"] == [category]


@pytest.mark.parametrize(
    ("calls", "text", "many"),
    [
        ("one", RIGHT, 1),
        ("one", TWO, 2),
        ("several", TWO, 2),
        ("", TWO, 2),
        ("missing", "Which port do you mean?", 0),
        ("missing", "I need the name of the port.", 0),
        ("missing", "还差港口的名字。", 0),
        ("none", "None of my tools does that.", 0),
        ("", "Any port in a storm.", 0),
        ("one", "<think>Brest, then.</think>" + RIGHT, 1),
        (
            "one",
            "<|channel|>analysis<|message|>Brest.<|end|><|start|>assistant<|channel|>commentary to=functions.tide_at "
            '<|constrain|>json<|message|>{"port": "Brest"}<|call|>',
            1,
        ),
    ],
)
def test_a_right_answer_is_kept(calls: str, text: str, many: int) -> None:
    ((task,), _) = of(ToolCall().parse((asked(calls),), Response(text)))
    assert len(task.turns[-1].get("tool_calls", ())) == many
    assert bool(task.turns[-1]["content"]) == (not many)


def test_words_and_repeated_calls_are_remarks() -> None:
    ((task,), rejected) = of(ToolCall().parse((asked(),), Response(f"Sure.\n{RIGHT}\n{RIGHT}")))
    assert len(task.turns[-1]["tool_calls"]) == 1
    assert [(one.category, one.what) for one in rejected] == [
        ("the same call twice", "remark"),
        ("words beside the calls", "remark"),
    ]


def test_a_task_of_ones_own_data_has_its_tools_or_the_steps() -> None:
    bare = Task("t", "When is high water in Brest?")
    assert [one.category for one in of(ToolCall().settled(bare))[1]] == ["no tools"]
    stage = ToolCall(tools=OURS)
    assert stage.settled(bare) is None
    ((task,), _) = of(stage.parse((bare,), Response('{"name": "tide_at", "arguments": {"port": "Brest"}}')))
    assert task.tools == TOOLS
    talk = (
        *(
            Message(role=role, content=text)
            for role, text in (("user", "Hi"), ("assistant", "Yes?"), ("user", "Brest?"))
        ),
    )
    ((task,), _) = of(stage.parse((replace(bare, turns=talk),), Response("Which day?")))
    assert task.turns == (*talk, {"role": "assistant", "content": "Which day?"})


# Results and answers


def called(*calls: tuple[str, dict[str, Any]]) -> Task:
    shaped = [
        {"type": "function", "function": {"name": name, "arguments": arguments}, "id": f"call{number:05}"}
        for number, (name, arguments) in enumerate(calls, 1)
    ]
    turns = (Message(role="user", content="When?"), Message(role="assistant", content="", tool_calls=shaped))
    return replace(asked(), turns=turns)


ONE: Any = (("tide_at", {"port": "Brest"}),)
BOTH: Any = (*ONE, ("ring_bells", {}))


@pytest.mark.parametrize(
    ("calls", "text", "results"),
    [
        (ONE, '{"at": "4:10"}', [{"at": "4:10"}]),
        (ONE, '```json\n{"at": "4:10"}\n```', [{"at": "4:10"}]),
        (ONE, '[{"at": "4:10"}]', [{"at": "4:10"}]),
        (ONE, '["4:10", "16:40"]', [["4:10", "16:40"]]),
        (ONE, '{"name": "tide_at", "result": {"at": "4:10"}}', [{"at": "4:10"}]),
        (ONE, '{"tide_at": {"at": "4:10"}}', [{"at": "4:10"}]),
        (ONE, '{"results": [{"at": "4:10"}]}', [{"at": "4:10"}]),
        (BOTH, '{"at": "4:10"}\n{"rung": true}', [{"at": "4:10"}, {"rung": True}]),
        (BOTH, '[{"at": "4:10"}, {"rung": true}]', [{"at": "4:10"}, {"rung": True}]),
        (BOTH, '1. {"at": "4:10"}\n2. {"rung": true}', [{"at": "4:10"}, {"rung": True}]),
        (BOTH, '{"tide_at": {"at": "4:10"}, "ring_bells": {"rung": true}}', [{"at": "4:10"}, {"rung": True}]),
    ],
)
def test_results_are_turns_of_the_tools(calls: Any, text: str, results: list[Any]) -> None:
    ((task,), _) = of(ToolResult().parse((called(*calls),), Response(text)))
    told = task.turns[2:]
    assert [json.loads(turn["content"]) for turn in told] == results
    assert [(turn["role"], turn["name"], turn["tool_call_id"]) for turn in told] == [
        ("tool", name, f"call{number:05}") for number, (name, _) in enumerate(calls, 1)
    ]


@pytest.mark.parametrize(
    ("calls", "text", "finish", "category"),
    [
        (ONE, "High water is at four.", "stop", "no JSON in the answer"),
        (ONE, "{}", "stop", "empty result"),
        (ONE, '{"port": "Brest"}', "stop", "the call in the place of its result"),
        (ONE, '{"name": "tide_at", "arguments": {"port": "Brest"}}', "stop", "the call in the place of its result"),
        (BOTH, '{"at": "4:10"}', "stop", "not as many results as calls"),
        (ONE, '{"at": "4:', "length", "truncated"),
        (ONE, "", "stop", "no JSON in the answer"),
    ],
)
def test_what_is_no_result_is_rejected(calls: Any, text: str, finish: str, category: str) -> None:
    tasks, rejected = of(ToolResult().parse((called(*calls),), Response(text, finish)))
    assert not tasks
    assert [one.category for one in rejected] == [category]


def answered(result: Any) -> Task:
    task = called(*ONE)
    told = Message(role="tool", content=json.dumps(result), tool_call_id="call00001", name="tide_at")
    return replace(task, turns=(*task.turns, told))


@pytest.mark.parametrize(
    ("text", "finish", "category"),
    [
        ("High water is at 4:10, and 6.2 metres.", "stop", ""),
        ("涨潮是4点10分，6.2米。", "stop", ""),
        ("High water is at 4:10, and 17.5 metres.", "stop", "not in the result"),
        ('{"at": "4:10"}', "stop", "JSON in the place of an answer"),
        (RIGHT, "stop", "a call in the place of an answer"),
        (" ", "stop", "no answer"),
        ("High water is", "length", "truncated"),
    ],
)
def test_answers_say_what_came_back(text: str, finish: str, category: str) -> None:
    tasks, rejected = of(ToolAnswer().parse((answered({"at": "4:10", "metres": 6.2}),), Response(text, finish)))
    assert [one.category for one in rejected] == [category] * bool(category)
    assert [task.turns[-1] for task in tasks] == [{"role": "assistant", "content": text}] * (not category)


def test_what_was_said_in_words_is_asked_about_no_more() -> None:
    ((task,), _) = of(ToolCall().parse((asked(),), Response("Which port?")))
    assert ToolResult().settled(task) == [task]
    assert ToolAnswer().settled(task) == [task]
    assert ToolAnswer().settled(called(*ONE)) is not None
    assert ToolAnswer().settled(answered({"at": "4:10"})) is None


@given(
    st.text()
    | st.lists(st.sampled_from([RIGHT, TWO, "{", "}", "[", '"', "1. ", "tide_at(", "\n", "a", "7"])).map("".join)
)
def test_any_answer_is_a_task_or_a_reason(text: str) -> None:
    for stage, task in ((ToolRequest(tools=OURS), ()), (ToolCall(), (asked(),)), (ToolResult(), (called(*BOTH),))):
        assert list(stage.parse(task, Response(text)))
    assert list(ToolAnswer().parse((answered([1, {"a": None}]),), Response(text)))


# Runs


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_on_the_built_in_teacher(language: str, tmp_path: Path) -> None:
    done = run("tool_use", num=80, language=language, out=tmp_path / "run", model="builtin:messy")
    assert {task.extra["calls"] for task in done.tasks} == {"one", "several", "missing", "none"}
    assert done.counts.kept == 80
    for task in done.tasks:
        calls = [call for turn in task.turns for call in turn.get("tool_calls", ())]
        assert bool(calls) == (task.extra["calls"] in ("one", "several"))
        assert not any(call_fault(call, task.tools) for call in calls)
        assert [turn["role"] for turn in task.turns] == (
            ["user", "assistant", *["tool"] * len(calls), "assistant"] if calls else ["user", "assistant"]
        )
    rows = [json.loads(line) for line in (tmp_path / "run" / "openai.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 80
    for row in rows:
        assert row["tools"]
        for turn in row["messages"]:
            assert all(isinstance(call["function"]["arguments"], str) for call in turn.get("tool_calls", ()))
    assert "not in the result" in done.counts.reasons or "unknown argument" in done.counts.reasons


@pytest.mark.parametrize("shape", ["openai", "openapi"])
def test_tools_of_ones_own(shape: str, tmp_path: Path) -> None:
    (tmp_path / "tools").write_text(SHAPES[shape], encoding="utf-8")
    command = ["run", "tool_use", "--tools", str(tmp_path / "tools"), "--num", "4", "--out", str(tmp_path / "run")]
    assert CliRunner().invoke(main, [*command, "--quiet"]).exit_code == 0
    tasks = Run(tmp_path / "run").tasks
    assert {tool["function"]["name"] for task in tasks for tool in task.tools} == {"tide_at"}
    again = run(str(tmp_path / "run" / "recipe.yaml"), num=4, out=tmp_path / "again")
    assert again.tasks == tasks, "recipe.yaml holds the tools"
    given_ = run("tool_use", tools=[dict(tasks[0].tools[0])], num=4, out=tmp_path / "given")
    assert given_.tasks == tasks


def test_a_recipe_names_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "tools.json").write_text(SHAPES["bare"])
    (tmp_path / "mine.yaml").write_text("steps:\n- grow: tool_request\n  tools: tools.json\n- each: tool_call\n")
    stage = load(str(tmp_path / "mine.yaml")).steps[0].stage
    assert isinstance(stage, ToolRequest)
    assert [tool["function"]["name"] for tool in stage.offered] == ["tide_at"]


def test_a_dry_run_knows_the_tools_of_later_steps() -> None:
    lines = planned("tool_use", num=10)
    at = next(n for n, line in enumerate(lines) if line.startswith("--- step 2"))
    assert '"parameters"' in lines[at + 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ways": ("on",)}, "tool_request: no way 'on': did you mean 'one'?"),
        ({"ways": ()}, "tool_request needs ways; there are one, several, missing, none"),
        ({"most": 0}, "tool_request: most is 0; it should be at least 1"),
        ({"tools": "[]"}, "there is no tool in it"),
        ({"text": "{tools}"}, "lacks {many}, {wanted}"),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        ToolRequest(**options)
    assert said in str(caught.value)


def test_tools_are_for_recipes_that_take_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the recipe 'respond' has no step that takes tools: see `tool_use`"):
        run("respond", data=[{"instruction": "Hi"}], tools=[TIDE], out=tmp_path)
