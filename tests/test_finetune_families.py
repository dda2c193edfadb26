"""Rows on templates that do more than turn after turn: before each learned answer stand the tokens that a chat has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from families import FAMILIES, OF_TRL, base
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from transformers import PreTrainedTokenizerBase

from selfinstruct.errors import UsageError
from selfinstruct.finetune.rows import segments as cutting
from selfinstruct.finetune.rows.conversations import MASKED, Conversation
from selfinstruct.finetune.rows.examine import examine
from selfinstruct.finetune.rows.laying import Laid, lay_out
from selfinstruct.finetune.rows.templates import (
    Template,
    controls,
    encoded,
    find_template,
    prompt_segments,
    segments,
    spoken,
    stops,
)
from selfinstruct.finetune.rows.turns import Turn, answers
from selfinstruct.finetune.train import train
from selfinstruct.rows.notes import Notes

TOOL = {
    "type": "function",
    "function": {
        "name": "tide_at",
        "description": "When the tide is highest.",
        "parameters": {
            "type": "object",
            "properties": {"port": {"type": "string", "description": "Where."}},
            "required": ["port"],
        },
    },
}


def user(text: str) -> Turn:
    return {"role": "user", "content": text}


def said(text: str, **more: Any) -> Turn:
    return {"role": "assistant", "content": text} | more


def called(port: str, number: int = 1, **more: Any) -> Turn:
    function = {"name": "tide_at", "arguments": {"port": port}}
    return said("", tool_calls=[{"type": "function", "function": function, "id": f"call0000{number}"}], **more)


def result(text: str, number: int = 1) -> Turn:
    return {"role": "tool", "content": text, "tool_call_id": f"call0000{number}", "name": "tide_at"}


SYSTEM: Turn = {"role": "system", "content": "Be brief."}
ROUNDS = (user("A river?"), said("The Rhine."), user("One more?"), said("The Seine."), user("And?"), said("The Nile."))
CALL = (user("Tide in Brest?"), called("Brest"), result("4:10"), said("At ten past four."))
TALKS = {
    "one": Conversation("one", ROUNDS[:2]),
    "system": Conversation("system", (SYSTEM, *ROUNDS[:2])),
    "rounds": Conversation("rounds", (SYSTEM, *ROUNDS)),
    "many rounds": Conversation("many", ROUNDS * 3),
    "weight 0": Conversation("weight", (ROUNDS[0], said("zqbad", learned=False), *ROUNDS[2:])),
    "thoughts": Conversation("thoughts", (user("A river?"), said("The Rhine.", thoughts="A long one."))),
    "thoughts in rounds": Conversation(
        "t", tuple(t | {"thoughts": "Hm."} if "The" in t["content"] else t for t in ROUNDS)
    ),
    "thoughts at the end": Conversation("e", (*ROUNDS[:4], user("And?"), said("The Nile.", thoughts="The longest."))),
    "thoughts in a text": Conversation("i", (user("A river?"), said("<think>\nA long one.\n</think>\n\nThe Rhine."))),
    "a call": Conversation("call", CALL, (TOOL,)),
    "calls and rounds": Conversation("calls", (*CALL, *ROUNDS, *CALL), (TOOL,)),
    "thoughts and a call": Conversation("tc", (CALL[0], called("Brest", thoughts="I look."), *CALL[2:]), (TOOL,)),
}


def own(family: str, thoughts: str = "auto", source: str | None = None) -> tuple[Template, PreTrainedTokenizerBase]:
    tokenizer = base(family, source)
    return find_template("own", tokenizer, thoughts=thoughts), tokenizer


def checked(talk: Conversation, template: Template, tokenizer: PreTrainedTokenizerBase) -> tuple[Laid, Notes]:
    """As training checks it."""
    notes = Notes()
    laid = lay_out([talk], template, tokenizer, 4096, notes)
    if laid.rows:
        examine(laid.parts, laid.rows, template, tokenizer, 4096, left_out=laid.left_out)
    return laid, notes


def learned(laid: Laid, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The answers that are learned in all rows."""
    found = []
    for row in laid.rows:
        text = ""
        for label, after in zip(row.labels, [*row.labels[1:], MASKED], strict=True):
            text += "" if label == MASKED else str(tokenizer.decode([label]))
            if text and after == MASKED:
                found.append(text)
                text = ""
    return found


def check_prompts(talk: Conversation, template: Template, tokenizer: PreTrainedTokenizerBase) -> Laid:
    """What stands before each answer that a row teaches is what transformers makes of the turns before it."""
    laid, _ = checked(talk, template, tokenizer)
    tokenizer.chat_template = template.saved
    taught = 0
    for part, row in zip(laid.parts, laid.rows, strict=True):
        for answer in (one for one in answers(part.turns) if one.learned):
            messages: Any = [_as_given(turn, template) for turn in spoken(template, part.turns[: answer.start])]
            tools: Any = list(part.tools) or None
            theirs: Any = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True)
            prompt = theirs["input_ids"]
            assert row.ids[: len(prompt)] == prompt
            assert row.labels[len(prompt) - 1] == MASKED
            assert row.labels[len(prompt)] == row.ids[len(prompt)]
            taught += 1
    wanted = sum(answer.learned for answer in answers(talk.turns))
    assert taught == (0 if laid.left_out else wanted)
    return laid


def _as_given(message: Turn, template: Template) -> Turn:
    """Calls as who calls the template would write them."""
    if not message.get("tool_calls") or "text" not in template.form:
        return message
    calls = [
        call | {"function": call["function"] | {"arguments": '{"port": "Brest"}'}} for call in message["tool_calls"]
    ]
    return {name: value for name, value in (message | {"tool_calls": calls}).items() if name != "content" or value}


# Families, in their manner


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", TALKS)
def test_before_an_answer_stands_what_a_chat_has(family: str, name: str) -> None:
    template, tokenizer = own(family)
    laid = check_prompts(TALKS[name], template, tokenizer)
    if family not in ("opening", "closing") or not TALKS[name].tools:  # these know no tools
        assert laid.rows, laid.left_out
        assert "zqbad" not in " ".join(learned(laid, tokenizer))


@pytest.mark.parametrize(
    ("family", "name", "texts"),
    [
        ("thinking", "one", ["<think>\n\n</think>\n\nThe Rhine.<|im_end|>"]),
        ("thinking", "thoughts", ["<think>\nA long one.\n</think>\n\nThe Rhine.<|im_end|>"]),
        ("thinking", "thoughts in a text", ["<think>\nA long one.\n</think>\n\nThe Rhine.<|im_end|>"]),
        ("at once", "thoughts", ["The Rhine.<|im_end|>"]),
        ("opening", "one", ["\n</think>\n\nThe Rhine.<|eos|>"]),
        ("opening", "thoughts", ["A long one.\n</think>\n\nThe Rhine.<|eos|>"]),
        ("opening", "thoughts in a text", ["A long one.\n</think>\n\nThe Rhine.<|eos|>"]),
        ("closing", "one", ["The Rhine.<|eos|>"]),
        ("handing", "one", ["\nThe Rhine.<|user|>"]),
        (
            "handing",
            "a call",
            ["\n<tool_call>tide_at port=Brest</tool_call><|observation|>", "\nAt ten past four.<|user|>"],
        ),
        ("channels", "one", ["<|channel|>final<|message|>The Rhine.<|return|>"]),
        (
            "channels",
            "thoughts and a call",
            [
                "<|channel|>analysis<|message|>I look.<|end|><|start|>assistant to=tide_at<|message|>"
                '{"port": "Brest"}<|call|>',
                "<|channel|>final<|message|>At ten past four.<|return|>",
            ],
        ),
        ("moving", "system", [" The Rhine.</s>"]),
        ("textual", "a call", ['<tool_call>tide_at {"port": "Brest"}</tool_call><|eos|>', "At ten past four.<|eos|>"]),
    ],
)
def test_what_is_learned(family: str, name: str, texts: list[str]) -> None:
    template, tokenizer = own(family)
    laid, _ = checked(TALKS[name], template, tokenizer)
    assert learned(laid, tokenizer) == texts


def test_rounds_are_in_one_row_as_far_as_they_go_on() -> None:
    """A row for each answer only where its prompt is not what the answer before it ended with."""
    counts = {
        ("thinking", "rounds"): 3,
        ("thinking", "a call"): 1,
        ("thinking", "calls and rounds"): 5,
        ("handing", "many rounds"): 1,
        ("handing", "calls and rounds"): 1,
        ("channels", "rounds"): 3,
        ("channels", "a call"): 1,
        ("textual", "rounds"): 1,
    }
    for (family, name), count in counts.items():
        template, tokenizer = own(family)
        laid, notes = checked(TALKS[name], template, tokenizer)
        assert len(laid.rows) == count, (family, name)
        assert any("rows of their own" in line for line in notes.lines()) == (count > 1)


def test_where_a_chat_stops() -> None:
    for family, ends in (
        ("handing", ["<|user|>", "<|observation|>", "<|endoftext|>"]),
        ("channels", ["<|return|>", "<|call|>"]),
        ("thinking", ["<|im_end|>"]),
        ("moving", ["</s>"]),
    ):
        template, tokenizer = own(family)
        assert tokenizer.convert_ids_to_tokens(stops(template, tokenizer)) == ends


def test_a_chat_that_has_thought_goes_on_as_it_was_trained() -> None:
    """What the model wrote holds its thoughts; its prompt began them."""
    template, tokenizer = own("opening")
    apart = (user("A river?"), said("The Rhine.", thoughts="A long one."), user("More?"))
    written = (user("A river?"), said("A long one.\n</think>\n\nThe Rhine."), user("More?"))
    assert prompt_segments(template, apart, tokenizer) == prompt_segments(template, written, tokenizer)


def test_an_empty_answer_that_a_template_cannot_say_is_left_out() -> None:
    says = "'<|assistant|>\n' + m.content"
    source = FAMILIES["handing"][0].replace(says, f"({says} if m.content else '')")
    template, tokenizer = own("handing", source=source)
    talks = [Conversation("a", (user("A?"), said(""))), TALKS["rounds"]]
    laid = lay_out(talks, template, tokenizer, 4096, Notes())
    assert [row.id for row in laid.rows] == ["rounds"]
    assert laid.left_out == {"with an empty answer, which the template 'own' does not lay out: left out": 1}


@pytest.mark.slow
def test_a_glm_is_trained_by_its_preset(tmp_path: Path) -> None:
    """Its answers end with the token that begins the next turn, and so do those that it writes afterwards."""
    from transformers import GenerationConfig, GlmConfig, GlmForCausalLM

    tokenizer = base("handing")
    size: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "head_dim": 8,
    }
    config = GlmConfig(vocab_size=len(tokenizer), num_key_value_heads=2, pad_token_id=0, eos_token_id=0, **size)
    made: Any = GlmForCausalLM(config)
    made.save_pretrained(tmp_path / "glm")
    tokenizer.save_pretrained(tmp_path / "glm")
    rows = [{"messages": [{"role": t["role"], "content": t["content"]} for t in ROUNDS[:4]]}] * 4
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    few: dict[str, Any] = {"steps": 1, "batch": 2, "samples": 0, "virtual_tokens": 2, "precision": "fp32"}
    paths: dict[str, Any] = {"base": tmp_path / "glm", "data": tmp_path / "rows.jsonl", "out": tmp_path / "out"}
    out = train("chatglm_ptuning", console=Console(quiet=True), **paths, **few)
    saved: Any = GenerationConfig.from_pretrained(out)
    assert tokenizer.convert_ids_to_tokens(saved.eos_token_id) == ["<|user|>", "<|observation|>", "<|endoftext|>"]


# Thoughts, as somebody wants them


@pytest.mark.parametrize(
    ("family", "setting", "text", "line"),
    [
        ("thinking", "learn", "<think>\nHm.\n</think>\n\nThe Rhine.<|im_end|>", "thoughts, learned"),
        ("thinking", "leave", "The Rhine.<|im_end|>", "thoughts, left out (thoughts=leave)"),
        ("at once", "learn", "<think>\nHm.\n</think>\n\nThe Rhine.<|im_end|>", "thoughts, learned"),
        ("at once", "auto", "The Rhine.<|im_end|>", "thoughts, left out as the template has no place for them"),
        ("opening", "leave", "\n</think>\n\nThe Rhine.<|eos|>", "thoughts, left out (thoughts=leave)"),
        ("closing", "learn", "Hm.</think>The Rhine.<|eos|>", "thoughts, learned"),
        ("closing", "auto", "The Rhine.<|eos|>", "thoughts, left out as the template has no place for them"),
        ("moving", "auto", " The Rhine.</s>", "thoughts, left out as the template has no place for them"),
        ("moving", "learn", " <think>\nHm.\n</think>\n\nThe Rhine.</s>", "thoughts, learned"),
    ],
)
def test_thoughts_are_learned_or_left_out(family: str, setting: str, text: str, line: str) -> None:
    template, tokenizer = own(family, setting)
    beside = Conversation("a", (user("A river?"), said("The Rhine.", thoughts="Hm.")))
    inside = Conversation("a", (user("A river?"), said("<think>Hm.</think>The Rhine.")))
    laid, notes = checked(beside, template, tokenizer)
    assert learned(laid, tokenizer) == [text]
    assert any(found.startswith(line) for found in notes.lines())
    if (family, setting) != ("moving", "auto") and setting != "learn":
        assert learned(checked(inside, template, tokenizer)[0], tokenizer) == [text]
    check_prompts(beside, template, tokenizer)


def test_what_is_saved_thinks_as_it_was_trained() -> None:
    """The folder's own template, found again, asks for thoughts or not as the training did."""
    for family in ("thinking", "at once"):
        for setting in ("learn", "leave"):
            template, tokenizer = own(family, setting)
            tokenizer.chat_template = template.saved
            again = find_template("auto", tokenizer)
            asked = [user("A river?")]
            assert prompt_segments(again, asked, tokenizer) == prompt_segments(template, asked, tokenizer)


# Another template for rows with tools


def test_rows_with_tools_have_the_template_for_tools() -> None:
    tokenizer = base("thinking")
    plain = """{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"""
    tokenizer.chat_template = {"default": plain, "tool_use": FAMILIES["thinking"][0]}
    template = find_template("own", tokenizer)
    assert template.saved == {"default": plain, "tool_use": FAMILIES["thinking"][0]}
    for name in ("one", "rounds", "a call"):
        check_prompts(TALKS[name], template, tokenizer)
    laid, _ = checked(TALKS["a call"], template, tokenizer)
    assert '<tool_call>\n{"name": "tide_at"' in learned(laid, tokenizer)[0]


# Tokens that belong in answers, and tokens that do not


def test_what_a_template_names_may_be_said() -> None:
    for family, fine, wrong in (
        ("thinking", ["<think>", "</tool_call>", "<tool_response>"], ["<|im_end|>", "<|im_start|>", "<|endoftext|>"]),
        ("opening", ["<think>", "<tool_call>"], ["<|User|>", "<|Assistant|>", "<|eos|>", "<|begin|>"]),
        ("handing", ["<tool_call>"], ["<|user|>", "<|observation|>", "[gMASK]"]),
        ("channels", [], ["<|call|>", "<|channel|>", "<|return|>", "<|end|>"]),
        ("moving", ["[CALLS]", "[RESULT]"], ["[INST]", "[/INST]", "<s>", "</s>"]),
    ):
        template, tokenizer = own(family)
        found = controls(template, tokenizer)
        assert [text for text in fine if found.search(f"a {text} b")] == []
        assert [text for text in wrong if not found.search(f"a {text} b")] == []


def test_tokens_that_fill_the_middle_are_controls() -> None:
    tokenizer = base("thinking")
    tokenizer.add_tokens(["<|fim_prefix|>", "<|repo_name|>", "<|file_sep|>", "<fim_middle>", "<word>", "padding"])
    found = controls(find_template("own", tokenizer), tokenizer)
    for text in ("<|fim_prefix|>", "<|repo_name|>", "<|file_sep|>", "<fim_middle>"):
        assert found.search(text)
    assert not found.search("<word> padding")


def test_rows_with_reasoning_and_calls_in_their_texts_are_trained() -> None:
    template, tokenizer = own("thinking")
    texts = ["Four.", "<think>\nTwo and two.\n</think>\n\nFour.", 'Ask: <tool_call>\n{"name": "add"}\n</tool_call>']
    talks = [Conversation(str(n), (user("2 + 2?"), said(text))) for n, text in enumerate(texts * 4)]
    laid = lay_out(talks, template, tokenizer, 512, Notes())
    assert len(examine(laid.parts, laid.rows, template, tokenizer, 512).rows) == 12
    bad = Conversation("bad", (user("2 + 2?"), said("Four.<|im_end|>")))
    laid = lay_out([*talks, bad], template, tokenizer, 512, Notes())
    with pytest.raises(UsageError, match=r"1 of 13 rows \(7\.7%\) hold .*'<\|im_end\|>' in 1.*--set unfit=drop"):
        examine(laid.parts, laid.rows, template, tokenizer, 512)


# Many rounds


texts = st.sampled_from(["A", "b c", " Hi:\n", "\n\n x", "", "1. ", "{}", "The Rhine"])


@settings(deadline=None, max_examples=80)
@given(
    rounds=st.lists(st.tuples(texts, texts, st.booleans(), st.booleans()), min_size=4, max_size=9),
    family=st.sampled_from([*FAMILIES]),
)
def test_cut_in_one_go_as_answer_by_answer(rounds: list[tuple[str, str, bool, bool]], family: str) -> None:
    template, tokenizer = own(family)
    turns: list[Turn] = []
    for asked, answered, marked, calls in rounds:
        turns.append(user(asked))
        if calls and template.tools:
            turns += [called("Brest"), result(asked)]
        turns.append(said(answered) | ({"learned": False} if marked else {}))
    found = list[object]()
    for many in (4, 10**9):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(cutting, "MANY", many)
            try:
                found.append(segments(template, turns, tokenizer, (TOOL,)))
            except UsageError as error:
                found.append(str(error))
    assert found[0] == found[1]


@pytest.mark.parametrize("family", ["handing", "textual"])
def test_eight_hundred_rounds_take_no_more_renderings_than_eighty(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.utils import chat_template_utils

    template, tokenizer = own(family)
    render, count = chat_template_utils.render_jinja_template, 0

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return render(*given, **named)

    monkeypatch.setattr(chat_template_utils, "render_jinja_template", counted)
    counts = []
    for rounds in (80, 800):
        turns = tuple(turn for n in range(rounds) for turn in (user(f"Question {n}?"), said(f"Answer {n}.")))
        count = 0
        laid, _ = checked(Conversation("long", turns), template, tokenizer) if rounds == 80 else (None, None)
        if rounds == 800:
            laid = lay_out([Conversation("long", turns)], template, tokenizer, 10**6, Notes())
            examine(laid.parts, laid.rows, template, tokenizer, 10**6)
        counts.append(count)
        assert laid is not None
        assert encoded(segments(template, turns, tokenizer), tokenizer)[0] == laid.rows[0].ids
    assert counts[0] == counts[1] < 60


def test_long_conversations_that_change_are_cut_from_the_front() -> None:
    """As many rounds as fit stand before each answer."""
    template, tokenizer = own("thinking")
    turns = tuple(turn for n in range(40) for turn in (user(f"Question {n}?"), said(f"Answer {n}.")))
    laid = lay_out([Conversation("long", (SYSTEM, *turns))], template, tokenizer, 200, Notes())
    lengths = [len(row.ids) for row in laid.rows]
    assert len(laid.rows) == 40
    assert max(lengths) <= 200
    assert min(lengths[20:]) > 140
    assert all("Be brief." in str(tokenizer.decode(row.ids)) for row in laid.rows)


# Templates of the hub, where TRL is installed, which has them as files

BASES = {
    "qwen": "thinking",
    "lfm2": "thinking",
    "nemotron": "thinking",
    "deepseek": "opening",
    "glm4moe": "handing",
    "gptoss": "channels",
}
SPECIAL = r"<\|[a-zA-Z_0-9]+\|>|<[a-z_]*_of_[a-z]+>|<\|?turn\|?>|<｜[^｜]+｜>|<\|tool_[a-z]+>|<tool_[a-z]+\|>"
HUB = ["qwen2_5", "qwen3", "qwen3_5_think", "qwen3_5_nothink", "qwen3_8", "qwen3_instruct_2507", "deepseek_r1_distill"]
HUB += ["glm4moe", "gptoss", "nemotron_3_nano", "lfm2_2_5", "gemma", "gemma4", "llama3_2", "phi3"]


@pytest.mark.parametrize("name", HUB)
def test_templates_of_the_hub(name: str) -> None:
    import re

    if name not in OF_TRL:
        pytest.skip("needs trl")
    source = OF_TRL[name]
    tokenizer = base(
        BASES.get(name.split("_")[0].rstrip("0123456789") if name.startswith("qwen") else name.split("_")[0], "moving"),
        source,
    )
    named = sorted(set(re.findall(SPECIAL, source)))
    tokenizer.add_special_tokens({"additional_special_tokens": named})
    ends = ("<|im_end|>", "<|eot_id|>", "<turn|>", "<end_of_turn>", "<|end|>", "<｜end▁of▁sentence｜>")
    if name != "gptoss":
        tokenizer.eos_token = next((text for text in ends if text in source), tokenizer.eos_token)
    template = find_template("own", tokenizer)
    for what, talk in TALKS.items():
        laid = check_prompts(talk, template, tokenizer)
        assert laid.rows or talk.tools, what
