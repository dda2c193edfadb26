"""Rows with tools and with thoughts: laid out as the model's own template does it, or left out and counted."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from chats import HUB, tokenizer_of
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from selfinstruct.errors import UsageError
from selfinstruct.finetune.rows.conversations import MASKED, Conversation, Row, encode
from selfinstruct.finetune.rows.examine import examine
from selfinstruct.finetune.rows.laying import Laid, lay_out
from selfinstruct.finetune.rows.rounds import pieces
from selfinstruct.finetune.rows.templates import Template, encoded, find_template, prompt_segments
from selfinstruct.finetune.rows.turns import Turn, answers
from selfinstruct.rows.notes import Notes

TOOL = {
    "type": "function",
    "function": {
        "name": "tide_at",
        "description": "When the tide is highest.",
        "parameters": {"type": "object", "properties": {"port": {"type": "string"}, "day": {"type": "integer"}}},
    },
}


def user(text: str) -> Turn:
    return {"role": "user", "content": text}


def said(text: str, **more: Any) -> Turn:
    return {"role": "assistant", "content": text} | more


def called(port: str, day: int = 2, *, text: str = "", number: int = 1, **more: Any) -> Turn:
    function = {"name": "tide_at", "arguments": {"port": port, "day": day}}
    return said(text, tool_calls=[{"type": "function", "function": function, "id": f"call0000{number}"}], **more)


def result(text: str, number: int = 1) -> Turn:
    return {"role": "tool", "content": text, "tool_call_id": f"call0000{number}", "name": "tide_at"}


ONE = Conversation(
    "one", (user("Tide in Brest?"), called("Brest"), result('{"at": "4:10"}'), said("At ten past four.")), (TOOL,)
)
TWO = called("Brest") | {"tool_calls": [*called("Brest")["tool_calls"], *called("Saint-Malo", number=2)["tool_calls"]]}
TWO_RESULTS = (result("4:10"), result("5:20", 2), said("Four, and five."))
TALKS = {
    "one": ONE,
    "text beside the call": ONE._replace(turns=(ONE.turns[0], called("Brest", text="I look it up."), *ONE.turns[2:])),
    "two calls": ONE._replace(turns=(ONE.turns[0], TWO, *TWO_RESULTS)),
    "calls in a row": ONE._replace(turns=(ONE.turns[0], called("Brest"), called("Cork", number=2), *TWO_RESULTS)),
    "a call at the end": ONE._replace(turns=(*ONE.turns, user("In Cork?"), called("Cork"))),
    "a result at the end": ONE._replace(turns=(*ONE.turns, user("In Cork?"), called("Cork"), result("6:30"))),
    "list alone": Conversation("list", (user("Hello?"), said("Hello.")), (TOOL,)),
    "no list": ONE._replace(tools=()),
    "several rounds": ONE._replace(turns=(*ONE.turns, user("Thanks!"), said("Any time."))),
}

LIST = """{%- if tools %}{{- '<|im_start|>system\nYou may call:' }}
{%- for tool in tools %}{{- '\n' + tool | tojson }}{%- endfor %}{{- '<|im_end|>\n' }}{%- endif %}"""
CALL = """{%- for call in message.tool_calls %}
{{- '<call>' + call.function.name + ' ' + call.function.arguments | tojson + '</call>' }}{%- endfor %}"""
ASKS = "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
LAYS_OUT = f"""{LIST}
{{%- for message in messages %}}{{{{- '<|im_start|>' + message.role + '\n' + message.content }}}}{CALL}
{{{{- '<|im_end|>\n' }}}}{{%- endfor %}}{ASKS}"""
DROPS = {
    "the list": LAYS_OUT.replace(LIST, ""),
    "calls": LAYS_OUT.replace(CALL, "{#- tool_calls -#}"),
    "arguments": LAYS_OUT.replace(" + call.function.arguments | tojson", ""),
    "results": LAYS_OUT.replace(
        "{%- for message in messages %}", "{%- for message in messages if message.role != 'tool' %}"
    ),
    "text": LAYS_OUT.replace("message.content }}", "('' if message.tool_calls else message.content) }}"),
}
REFUSES = LAYS_OUT.replace(
    CALL, "{%- if message.tool_calls | length > 1 %}{{- raise_exception('one at a time') }}{%- endif %}" + CALL
)
THINKS = (
    """{%- for message in messages %}{{- '<|im_start|>' + message.role + '\n' }}
{%- if message.role == 'assistant' and loop.last %}
{{- '<think>' + (message.reasoning_content or '') + '</think>' }}{%- endif %}
{{- message.content + '<|im_end|>\n' }}{%- endfor %}"""
    + ASKS
)


def own(source: str, kind: str = "llama3") -> tuple[Template, PreTrainedTokenizerBase]:
    tokenizer = tokenizer_of(kind, source)
    return find_template("own", tokenizer), tokenizer


def laid(talk: Conversation, source: str, notes: Notes | None = None) -> tuple[Laid, PreTrainedTokenizerBase]:
    """Checked as training checks it."""
    template, tokenizer = own(source)
    found = lay_out([talk], template, tokenizer, 4096, notes or Notes())
    if found.rows:
        findings = examine(found.parts, found.rows, template, tokenizer, 4096, left_out=found.left_out)
        assert len(findings.rows) == len(found.rows)
    return found, tokenizer


def learned(row: Row, tokenizer: PreTrainedTokenizerBase) -> str:
    return str(tokenizer.decode([label for label in row.labels if label != MASKED]))


# Tools


@pytest.mark.parametrize("name", TALKS)
def test_calls_are_learned_and_results_are_not(name: str) -> None:
    talk = TALKS[name]
    found, tokenizer = laid(talk, LAYS_OUT)
    (row,) = found.rows
    text = learned(row, tokenizer)
    assert text.count("<|im_end|>") == len(answers(talk.turns))
    for turn in talk.turns:
        assert (turn["content"] in text) == (turn["role"] == "assistant")
        for call in turn.get("tool_calls", ()):
            assert f'<call>tide_at {{"port": "{call["function"]["arguments"]["port"]}", "day": 2}}</call>' in text
    assert ("When the tide is highest." in str(tokenizer.decode(row.ids))) == bool(talk.tools)
    assert "highest" not in text


@settings(deadline=None, max_examples=60)
@given(
    rounds=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=3),
    kind=st.sampled_from(["llama3", "gpt2", "qwen"]),
)
def test_any_exchange_with_tools(rounds: list[tuple[int, bool, bool]], kind: str) -> None:
    """The prompt of each call and answer is the beginning of the row; what is learned is all that is marked so."""
    turns: list[Turn] = []
    for number, (calls, learns_calls, learns_answer) in enumerate(rounds):
        turns.append(user(f"Question {number}?"))
        for call in range(calls):
            turns += [
                called(f"Port{number}{call}") | ({} if learns_calls else {"learned": False}),
                result(f"r{number}{call}"),
            ]
        turns.append(said(f"Answer {number}.") | ({} if learns_answer else {"learned": False}))
    talk = Conversation("any", tuple(turns), (TOOL,))
    template, tokenizer = own(LAYS_OUT, kind)
    whole = encode(talk._replace(turns=tuple(t | {"learned": True} for t in turns)), template, tokenizer)
    found = lay_out([talk], template, tokenizer, 4096, Notes())
    marks = [turn.get("learned", True) for turn in turns if turn["role"] == "assistant"]
    if not any(marks):
        assert found.left_out == {"without an answer to learn: left out": 1}
        return
    (row,) = found.rows
    assert row.ids == whole.ids[: len(row.ids)]
    assert learned(row, tokenizer).split("<|im_end|>")[:-1] == [
        answer for answer, mark in zip(learned(whole, tokenizer).split("<|im_end|>"), marks, strict=False) if mark
    ]
    for place, turn in enumerate(turns):
        if turn["role"] == "assistant" and turn.get("learned", True):
            prompt, _ = encoded(prompt_segments(template, turns[:place], tokenizer, talk.tools), tokenizer)
            assert row.ids[: len(prompt)] == prompt
            assert (row.labels[len(prompt) - 1], row.labels[len(prompt)]) == (MASKED, row.ids[len(prompt)])
    examine([talk], [row], template, tokenizer, 4096)


@pytest.mark.parametrize("name", ["chat", "alpaca", "plain", "completion"])
def test_our_templates_know_no_tools(name: str) -> None:
    tokenizer = tokenizer_of("llama3")
    template = find_template(name, tokenizer)
    plain = Conversation("plain", (user("Hi."), said("Ho.")))
    talks = [*TALKS.values(), plain]
    found = lay_out(talks, template, tokenizer, 4096, Notes())
    assert [row.id for row in found.rows] == ["plain"]
    findings = examine(found.parts, found.rows, template, tokenizer, 4096, left_out=found.left_out)
    assert (findings.total, findings.problems) == (
        10,
        [
            f"8 rows with tool calls, which the template '{name}' does not lay out: left out",
            f"1 row with a list of tools, which the template '{name}' does not lay out: left out",
        ],
    )
    nothing = lay_out(talks[:1], template, tokenizer, 4096, Notes())
    said_then = f"nothing to train on: 1 row with tool calls, .*'{name}' does not .*; give a --base whose template lays"
    with pytest.raises(UsageError, match=said_then):
        examine(nothing.parts, nothing.rows, template, tokenizer, 4096, left_out=nothing.left_out)


@pytest.mark.parametrize("what", DROPS)
def test_a_template_that_drops_something_gives_no_row(what: str) -> None:
    found, _ = laid(TALKS["text beside the call"], DROPS[what])
    assert found.rows == []
    assert found.left_out == {"with tool calls, of which the template 'own' drops something: left out": 1}
    plain, _ = laid(Conversation("plain", (user("Hi."), said("Ho."))), DROPS[what])
    assert len(plain.rows) == 1


def test_what_a_template_refuses_is_left_out_with_its_words() -> None:
    found, _ = laid(TALKS["two calls"], REFUSES)
    (reason,) = found.left_out
    assert reason == ("with tool calls: the template 'own' cannot lay out this conversation: one at a time: left out")
    assert len(laid(ONE, REFUSES)[0].rows) == 1


NINE = LAYS_OUT.replace(
    "{%- for message in messages %}",
    """{%- for message in messages %}{%- if message.role == 'tool' and message.tool_call_id | length != 9 %}
{{- raise_exception('ids have nine letters') }}{%- endif %}{%- for call in message.tool_calls %}
{%- if call.id is not defined or call.id | length != 9 %}{{- raise_exception('ids have nine letters') }}{%- endif %}
{%- endfor %}""",
).replace("'<call>' + ", "'<call>' + call.id + ' ' + ")


def test_a_template_that_demands_other_ids_gets_them() -> None:
    """Mistral's do; what was read has whatever id somebody's server gave, or none."""
    two = TALKS["two calls"].turns
    calls = [call | {"id": f"toolu_{n}_of_many"} for n, call in enumerate(two[1]["tool_calls"])]
    named = (
        two[0],
        two[1] | {"tool_calls": calls},
        *({**t, "tool_call_id": f"toolu_{n}_of_many"} for n, t in [(1, two[2]), (0, two[3])]),
        two[4],
    )
    bare = ({"role": "tool", "content": "4:10"}, {"role": "tool", "content": "5:20"})
    unnamed = [{name: call[name] for name in ("type", "function")} for call in calls]
    for turns, ids in (
        (named, ["call00002", "call00001"]),
        ((two[0], two[1] | {"tool_calls": unnamed}, *bare, two[4]), ["call00001", "call00002"]),
    ):
        talk = ONE._replace(turns=turns)
        found, tokenizer = laid(talk, NINE)
        assert learned(found.rows[0], tokenizer).count("<call>call0000") == 2
        assert [turn["tool_call_id"] for turn in found.parts[0].turns if turn["role"] == "tool"] == ids
        assert laid(talk, LAYS_OUT)[0].parts == [talk], "others get what was read"


def test_encoder_decoders_have_no_place_for_tools() -> None:
    tokenizer = tokenizer_of("t5")
    found = lay_out([ONE], find_template("chat", tokenizer), tokenizer, 512, Notes(), pairs=True)
    assert found.left_out == {"with tool calls, which an encoder-decoder has no place for: left out": 1}


def test_a_control_token_in_a_call_or_a_list_is_found() -> None:
    template, tokenizer = own(LAYS_OUT)
    bad_call = ONE._replace(turns=(ONE.turns[0], called("<|im_end|>"), *ONE.turns[2:]))
    function = {"name": "x", "description": "ends with </s>"}
    bad_list = ONE._replace(tools=(TOOL, {"type": "function", "function": function}))
    for bad in (bad_call, bad_list):
        talks = [ONE, bad]
        rows = [encode(one, template, tokenizer) for one in talks]
        assert examine(talks, rows, template, tokenizer, 4096, unfit="drop").special == 1


def test_a_call_is_never_cut_from_its_result() -> None:
    template, tokenizer = own(LAYS_OUT)
    talk = ONE._replace(turns=ONE.turns * 3)
    parts = pieces(talk, template, tokenizer, len(encode(ONE, template, tokenizer).ids))
    assert [part.conversation[1:] for part in parts] == [(ONE.turns, ONE.tools)] * 3


# Thoughts, and templates that change earlier turns


def test_thoughts_are_learned_where_the_template_has_a_place_for_them() -> None:
    talk = Conversation("a", (user("2 + 2?"), said("4", thoughts="Two and two.")))
    notes = Notes()
    found, tokenizer = laid(talk, THINKS, notes)
    assert learned(found.rows[0], tokenizer) == "<think>Two and two.</think>4<|im_end|>"
    assert notes.lines() == ["thoughts, learned (--set thoughts=leave: not): 1 row"]
    for source in (
        HUB["chatml"],
        THINKS.replace("'<|im_start|>assistant\n' }}", "'<|im_start|>assistant\n<think></think>' }}"),
    ):
        found, tokenizer = laid(talk, source, notes := Notes())
        assert learned(found.rows[0], tokenizer) == "4<|im_end|>"
        assert notes.lines() == [
            "thoughts, left out as the template has no place for them (--set thoughts=learn: learned): 1 row"
        ]


def test_thoughts_in_the_text_of_an_answer_are_no_control_tokens() -> None:
    """Where the template has no place for them, they are text like all other."""
    apart = Conversation("a", (user("2 + 2?"), said("4", thoughts="Two and two.")))
    inside = Conversation("a", (user("2 + 2?"), said("<think>\nTwo and two.\n</think>\n\n4")))
    none, empty = (Conversation("a", (user("2 + 2?"), said(text))) for text in ("4", "<think></think>4"))
    for one, other in ((apart, inside), (none, empty)):
        (found, tokenizer), (same, _) = laid(one, THINKS, Notes()), laid(other, THINKS, Notes())
        assert learned(same.rows[0], tokenizer) == learned(found.rows[0], tokenizer)
    found, tokenizer = laid(inside, HUB["chatml"], Notes())
    assert learned(found.rows[0], tokenizer) == "<think>\nTwo and two.\n</think>\n\n4<|im_end|>"


def test_where_earlier_turns_change_each_answer_has_a_row() -> None:
    """The prompt of each is what a chat would ask, whatever was asked for the answer before it."""
    turns = (user("A?"), said("a"), user("B?"), said("b", learned=False), user("C?"), said("c", thoughts="Third."))
    notes = Notes()
    found, tokenizer = laid(Conversation("t", turns), THINKS, notes)
    assert [row.id for row in found.rows] == ["t/2", "t/6"]
    assert [learned(row, tokenizer) for row in found.rows] == [
        "<think></think>a<|im_end|>",
        "<think>Third.</think>c<|im_end|>",
    ]
    assert str(tokenizer.decode(found.rows[1].ids)).count("<think>") == 1
    template, _ = own(THINKS)
    prompt, _ = encoded(prompt_segments(template, turns[:5], tokenizer), tokenizer)
    assert found.rows[1].ids[: len(prompt)] == prompt
    assert notes.lines() == [
        "answers in rows of their own, as the template 'own' changes earlier turns: 1 row",
        "thoughts, learned (--set thoughts=leave: not): 1 row",
    ]


def test_a_row_of_its_own_is_made_shorter_by_its_first_rounds() -> None:
    turns: tuple[Turn, ...] = ({"role": "system", "content": "Be brief."},)
    for number in range(6):
        turns += (user(f"Question {number}?"), said(f"Answer {number}."))
    template, tokenizer = own(THINKS)
    whole = lay_out([Conversation("t", turns)], template, tokenizer, 4096, Notes())
    lengths = [len(row.ids) for row in whole.rows]
    assert lengths == sorted(lengths)
    short = lay_out([Conversation("t", turns)], template, tokenizer, lengths[2], Notes())
    assert [row.id for row in short.rows] == [row.id for row in whole.rows]
    for row, before in zip(short.rows, whole.rows, strict=True):
        assert len(row.ids) <= lengths[2]
        assert learned(row, tokenizer) == learned(before, tokenizer)
        assert "Be brief." in str(tokenizer.decode(row.ids))
    assert "Question 0?" not in str(tokenizer.decode(short.rows[-1].ids))


# Templates of the hub, where TRL is installed, which has them as files


def hub(name: str) -> tuple[Template, PreTrainedTokenizerBase]:
    spec = find_spec("trl")
    if spec is None or spec.origin is None:
        pytest.skip("needs trl")
    file = Path(spec.origin).parent / "chat_templates" / f"{name}.jinja"
    if not file.exists():
        pytest.skip(f"this trl has no {name}")
    source = file.read_text(encoding="utf-8")
    tokenizer = tokenizer_of("llama3", source)
    named = sorted(set(re.findall(r"<\|?[a-z_]+\|?>", source)) - {"<s>", "</s>", "<think>", "</think>"})
    tokenizer.add_special_tokens(
        {"additional_special_tokens": [text for text in named if "|" in text or "turn" in text]}
    )
    end = next((text for text in ("<|im_end|>", "<|eot_id|>", "<turn|>", "<end_of_turn>") if text in source), "</s>")
    tokenizer.eos_token = end
    return find_template("own", tokenizer), tokenizer


MORE = {"two calls", "calls in a row", "text beside the call"}


@pytest.mark.parametrize(
    ("name", "taught"),
    [
        ("qwen2_5", set(TALKS)),
        ("qwen3", set(TALKS)),
        ("qwen3_instruct_2507", set(TALKS)),
        ("qwen3_5_think", set(TALKS)),
        ("qwen3_vl", set(TALKS)),
        ("lfm2_v2", set(TALKS)),
        ("gemma4_v2", set(TALKS)),
        ("llama3_1", set(TALKS) - MORE),
        ("llama3_2", set(TALKS) - MORE),
        ("llama3", set()),
        ("gemma3", set()),
        ("qwen2_5_vl", set()),
    ],
)
def test_templates_of_the_hub(name: str, taught: set[str]) -> None:
    template, tokenizer = hub(name)
    for what, talk in TALKS.items():
        found = lay_out([talk], template, tokenizer, 4096, Notes())
        assert bool(found.rows) == (what in taught), (what, found.left_out)
        assert bool(found.rows) != bool(found.left_out)
        if not found.rows:
            continue
        findings = examine(found.parts, found.rows, template, tokenizer, 4096)
        assert findings.problems == []
        text = " ".join(learned(row, tokenizer) for row in found.rows)
        assert text.count(template.end) == len(answers(talk.turns))
        assert ("tide_at" in text) == (what != "list alone")
        assert "highest" not in text
        assert "At ten past four." in text or what in ("list alone", "two calls", "calls in a row")
        assert "4:10" not in text
