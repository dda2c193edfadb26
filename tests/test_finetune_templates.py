"""Templates: what is trained on, what a chat asks and what is exported are the same tokens, for any template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chats import HUB, TOKENIZERS, tokenizer_of
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.tiny import tiny_tokenizer
from selfinstruct.finetune.rows.conversations import MASKED, Conversation
from selfinstruct.finetune.rows.laying import lay_out
from selfinstruct.finetune.rows.template_files import LAYOUTS, TEMPLATES, check_template
from selfinstruct.finetune.rows.templates import (
    Segment,
    Template,
    adds_bos,
    controls,
    encoded,
    find_template,
    prompt_segments,
    rendered_prompt,
    segments,
    spoken,
    stops,
)
from selfinstruct.finetune.rows.turns import answers
from selfinstruct.rows.notes import Notes

Turn = dict[str, str]
Turns = tuple[Turn, ...]


def user(text: str, given: str = "") -> Turn:
    return {"role": "user", "content": text} | ({"input": given} if given else {})


def assistant(text: str) -> Turn:
    return {"role": "assistant", "content": text}


def system(text: str) -> Turn:
    return {"role": "system", "content": text}


TALKS: dict[str, Turns] = {
    "one": (user("Name three primary colours."), assistant("Red, yellow and blue.")),
    "input": (user("Sort the list:", "3, 1, 2"), assistant("1, 2, 3")),
    "system": (system("Be brief."), user("Hi?"), assistant("Yes.")),
    "several": (
        user("Hi:"),
        assistant("**No** way!\n\nOK"),
        user("And?\n"),
        assistant("[1]"),
        user("So"),
        assistant(""),
    ),
    "zh": (user("把句子翻译成英文。", "今天天气很好。"), assistant("你好！"), user("再来。"), assistant("：好的。")),
    "greeting": (assistant("Hello!"), user("Hi."), assistant("How are you?"), user("Well.")),
    "twice": (user("A"), user("B", "C"), assistant("D"), assistant("E"), system("F"), user("G"), assistant("H")),
    "white": (
        user(" Hi:\n"),
        assistant("\n\n  Yes"),
        user("more "),
        assistant("  def x\n"),
        user("\n"),
        assistant("\t"),
    ),
}

CASES = [
    (kind, name)
    for kind in TOKENIZERS
    for name in (*TEMPLATES, *HUB)
    # Llama 2's writes bos_token without looking whether there is one.
    if not (name == "inst" and kind in ("qwen", "t5"))
]
EVERY = pytest.mark.parametrize(("kind", "name"), CASES)


def case(kind: str, name: str) -> tuple[Template, PreTrainedTokenizerBase]:
    """The tokenizer as it is saved with a model: with the template that was trained on."""
    tokenizer = tokenizer_of(kind, HUB.get(name))
    template = find_template(name if name in TEMPLATES else "own", tokenizer)
    tokenizer.chat_template = template.source
    return template, tokenizer


def asked(turns: Turns) -> Iterator[Turns]:
    """The turns before each answer that has a question."""
    for place in range(1, len(turns)):
        if turns[place]["role"] == "assistant" and turns[place - 1]["role"] != "assistant":
            yield turns[:place]


def row(template: Template, turns: Turns, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[bool]]:
    ids, trained = encoded(segments(template, turns, tokenizer), tokenizer)
    return ids, trained


def prompt(template: Template, turns: Turns, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    ids: list[int] = encoded(prompt_segments(template, turns, tokenizer), tokenizer)[0]
    return ids


def runs(trained: list[bool]) -> list[tuple[int, int]]:
    starts = [n for n, learned in enumerate(trained) if learned and (n == 0 or not trained[n - 1])]
    ends = [n for n, learned in enumerate(trained, 1) if learned and (n == len(trained) or not trained[n])]
    return list(zip(starts, ends, strict=True))


# One source, token for token


def check_rows(template: Template, talk: Turns, tokenizer: PreTrainedTokenizerBase) -> None:
    """Every answer is in a row, and before it stand the tokens that a chat has there."""
    laid = lay_out([Conversation("talk", talk)], template, tokenizer, 4096, Notes())
    taught = []
    for part, row in zip(laid.parts, laid.rows, strict=True):
        found = [answer for answer in answers(part.turns) if answer.learned]
        prompts = [prompt(template, part.turns[: answer.start], tokenizer) for answer in found]
        assert [row.ids[: len(before)] for before in prompts] == prompts
        assert all(row.labels[len(before) - 1] == MASKED for before in prompts)
        assert all(row.labels[len(before)] == row.ids[len(before)] for before in prompts)
        taught += prompts
    assert taught == [prompt(template, before, tokenizer) for before in asked(talk)]


@EVERY
def test_a_prompt_is_the_beginning_of_what_is_trained_on(kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    for talk in TALKS.values():
        check_rows(template, talk, tokenizer)


@EVERY
def test_apply_chat_template_with_the_saved_template_gives_the_prompt(kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    for said, talk in TALKS.items():
        for before in asked(talk):
            messages = spoken(template, before)
            theirs: Any = tokenizer.apply_chat_template(messages, add_generation_prompt=True)
            assert theirs["input_ids"] == prompt(template, before, tokenizer), said


@EVERY
def test_an_exported_prompt_gives_the_prompt(kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    for said, talk in TALKS.items():
        for before in asked(talk):
            if kind in ("llama2", "t5"):
                continue  # a blank before the first word; an end token after it
            text = rendered_prompt(template, before, tokenizer)
            assert tokenizer(text)["input_ids"] == prompt(template, before, tokenizer), said


@EVERY
def test_one_bos(kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    bos = tokenizer.bos_token_id
    for talk in TALKS.values():
        ids, _ = row(template, talk, tokenizer)
        if bos is None:
            assert "<s>" not in tokenizer.decode(ids)
        elif adds_bos(tokenizer) or name in TEMPLATES or "bos_token" in HUB[name]:
            assert ids[0] == bos
            rounds = sum(turn["role"] == "user" for turn in spoken(template, talk))
            if kind != "gpt2":  # where it is the end token, too
                assert ids.count(bos) == (rounds if name == "inst" else 1)
            assert ids[1] != bos


@EVERY
def test_every_answer_is_learned_with_its_end(kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    end = tokenizer.convert_tokens_to_ids(template.end)
    for talk in TALKS.values():
        ids, trained = row(template, talk, tokenizer)
        answers = [turn["content"] for turn in spoken(template, talk) if turn["role"] == "assistant"]
        found = runs(trained)
        assert len(found) == len(answers)
        for (start, stop), answer in zip(found, answers, strict=True):
            assert ids[stop - 1] == end
            assert end not in ids[start : stop - 1]
            if kind != "t5":
                assert str(tokenizer.decode(ids[start : stop - 1])).strip() == answer.strip()
        assert end in stops(template, tokenizer)
        assert tokenizer.eos_token_id in stops(template, tokenizer)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_the_generation_keyword_marks_the_same_tokens(kind: str) -> None:
    """transformers' own mask is the oracle: it has the end token, and not the new line after it."""
    template, tokenizer = case(kind, "generation")
    for said in ("one", "system", "several"):
        ids, trained = row(template, TALKS[said], tokenizer)
        theirs: Any = tokenizer.apply_chat_template(
            list(TALKS[said]), return_assistant_tokens_mask=True, return_dict=True
        )
        if kind not in ("llama2", "llama2-legacy", "t5"):  # an offset of theirs may begin at the blank before a word
            assert theirs["input_ids"][: len(ids)] == ids
            assert [bool(mark) for mark in theirs["assistant_masks"]][: len(ids)] == trained


def test_tiny(tmp_path: Path) -> None:
    """What is trained from scratch, saved and loaded by others asks as it was trained, inputs and all."""
    texts = [turn["content"] for talk in TALKS.values() for turn in talk]
    for name in TEMPLATES:
        tokenizer = tiny_tokenizer(texts, 400)
        template = find_template(name, tokenizer)
        tokenizer.chat_template = template.source
        tokenizer.save_pretrained(tmp_path / name)
        again: Any = AutoTokenizer.from_pretrained(tmp_path / name)
        found = find_template("auto", again)
        assert (found.source, found.end, found.system) == (template.source, "</s>", True)
        for talk in TALKS.values():
            assert row(found, talk, again) == row(template, talk, tokenizer)
            assert runs(row(found, talk, again)[1])


# Our templates, as text


def shown(name: str, turns: Turns) -> str:
    tokenizer = tokenizer_of("bytes+bos")
    parts = segments(find_template(name, tokenizer), turns, tokenizer)
    return "".join(f"[{part.text}]" if part.trained else part.text for part in parts)


ROUNDS = (system("Be brief."), user("Add.", "1 2"), assistant("3"), user("And?"), assistant(""), user("Bye."))
LAYOUT = {
    "alpaca": "<s>Be brief.\n\n### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:[ 3</s>]"
    "\n\n### Instruction:\nAnd?\n\n### Response:[</s>]\n\n### Instruction:\nBye.",
    "chat": "<s>Be brief.\n\nUser: Add.\n\n1 2\nAssistant:[ 3</s>]\nUser: And?\nAssistant:[</s>]\nUser: Bye.",
    "plain": "<s>Be brief.\nAdd.\n\n1 2\n[3</s>]\nAnd?\n[</s>]\nBye.",
    "vicuna": "<s>Be brief. USER: Add.\n\n1 2 ASSISTANT:[ 3</s>]USER: And? ASSISTANT:[</s>]USER: Bye. ",
    "wizardlm": "<s>Be brief.\n\nAdd.\n\n1 2\n\n### Response:[ 3</s>]\n\nAnd?\n\n### Response:[</s>]\n\nBye.",
    "completion": "<s>Be brief.Add.\n\n1 2[3</s>]And?[</s>]Bye.",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_layouts(name: str) -> None:
    assert shown(name, ROUNDS) == LAYOUT[name]


def test_every_layout_is_a_template() -> None:
    assert {file.stem for file in LAYOUTS.glob("*.jinja")} == set(TEMPLATES)


def test_prompts_without_a_tokenizer() -> None:
    """`selfinstruct export` needs no model for single questions."""
    alpaca, plain = find_template("alpaca", None), find_template("plain", None)
    assert rendered_prompt(alpaca, [user("Add.", "1 2")], None) == (
        "### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:"
    )
    assert rendered_prompt(plain, [user("Add.", "1 2")], None) == "Add.\n\n1 2\n"
    with pytest.raises(UsageError, match="name the model"):
        rendered_prompt(alpaca, [user("A"), assistant("B"), user("C")], None)
    with pytest.raises(UsageError, match="no template 'own': there are: auto, alpaca, chat"):
        find_template("own", None)


# What is found


def test_auto() -> None:
    assert find_template("auto", tokenizer_of("gpt2")).name == "alpaca"
    assert find_template("auto", tokenizer_of("gpt2"), several=True).name == "chat"
    assert find_template("auto", tokenizer_of("gpt2", HUB["chatml"]), several=True).name == "own"
    assert find_template("auto", None).name == "alpaca"


@pytest.mark.parametrize(
    ("name", "end", "knows_system"),
    [
        ("chatml", "<|im_end|>", True),
        ("headers", "<|eot_id|>", True),
        ("inst", "</s>", True),
        ("mistral", "</s>", False),
        ("gemma", "<end_of_turn>", False),
        ("drops system", "</s>", False),
    ],
)
def test_what_a_template_is_like(name: str, end: str, knows_system: bool) -> None:
    template, tokenizer = case("llama3", name)
    assert (template.end, template.system) == (end, knows_system)
    text = "".join(part.text for part in segments(template, TALKS["system"], tokenizer))
    assert "Be brief." in text
    assert ("Be brief.\n\nHi?" in text) != knows_system


def test_the_day_is_fixed() -> None:
    """A run that goes on tomorrow sees the same tokens."""
    template, tokenizer = case("llama3", "dated")
    assert "Today Date: 26 Jul 2024" in rendered_prompt(template, TALKS["one"][:1], tokenizer)
    theirs = tokenizer.apply_chat_template([user("Hi")], tokenize=False)
    assert "26 Jul 2024" in str(theirs)
    odd = HUB["dated"].replace('"%d %b %Y"', "form")
    with pytest.raises(UsageError, match="writes the date of the day in a way that cannot be fixed"):
        find_template("own", tokenizer_of("llama3", odd))


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.jinja"
    file.write_text(HUB["mistral"])
    tokenizer = tokenizer_of("llama2")
    template = find_template(str(file), tokenizer)
    assert row(template, TALKS["several"], tokenizer) == row(*_swapped(case("llama2", "mistral"), TALKS["several"]))
    with pytest.raises(UsageError, match="cannot read the template"):
        find_template(str(tmp_path / "none.jinja"), tokenizer)


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        (
            "koala",
            None,
            "no template 'koala': there are: auto, own, alpaca, chat, completion, plain, vicuna, wizardlm, or a file",
        ),
        ("alpacca", None, "no template 'alpacca': did you mean 'alpaca'? There are: auto"),
        ("none.jinja", None, "cannot read the template none.jinja: No such file or directory"),
        ("bytes.jinja", b"\xff", "cannot read the template bytes.jinja: it is no UTF-8 text"),
        ("torn.jinja", b"a\n{% for x in %}", "the template torn.jinja, line 2, cannot be read: Expected an expression"),
    ],
)
def test_what_is_wrong_with_a_template_on_any_base(
    name: str, source: bytes | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if source is not None:
        Path(name).write_bytes(source)
    with pytest.raises(UsageError) as caught:
        check_template(name)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_templates_that_are_right_on_some_base(tmp_path: Path) -> None:
    for name in ("auto", "own", *TEMPLATES):
        check_template(name)
    file = tmp_path / "mine.jinja"
    marked = "{% generation %}{{ bos_token + 1 }}{% endgeneration %}"
    for source in (*HUB.values(), "{{ raise_exception('no') }}", marked):
        file.write_text(source)
        check_template(str(file))


def _swapped(
    pair: tuple[Template, PreTrainedTokenizerBase], turns: Turns
) -> tuple[Template, Turns, PreTrainedTokenizerBase]:
    return pair[0], turns, pair[1]


def test_several_templates_of_a_tokenizer() -> None:
    tokenizer = tokenizer_of("llama3")
    tokenizer.chat_template = {"default": HUB["headers"], "tool_use": "{{ 1 / 0 }}"}
    assert find_template("auto", tokenizer).source == HUB["headers"]
    tokenizer.chat_template = {"rag": HUB["headers"], "tool_use": "{{ 1 / 0 }}"}
    with pytest.raises(UsageError, match="has no chat template: choose template=alpaca or chat"):
        find_template("own", tokenizer)


THINKS = """{%- for message in messages %}
{%- if message.role == 'assistant' %}
{{- '<|im_start|>assistant\n' + ('<think>\n\n</think>\n\n' if loop.last else '') + message.content + '<|im_end|>\n' }}
{%- else %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"""

NO_END = "{%- for message in messages %}{{- message.role + ': ' + message.content + '\\n' }}{%- endfor %}"
HEADER_ONLY_ASKED = NO_END + "{%- if add_generation_prompt %}{{- '### ' }}{%- endif %}"
SOMETIMES = """{%- for message in messages %}
{{- message.role + ': ' + message.content + (eos_token if message.content == 'Answer' else '') }}
{%- endfor %}"""


def test_a_template_that_rewrites_what_was_said() -> None:
    """One answer can be trained; with several, no chat would ever ask what was trained on."""
    tokenizer = tokenizer_of("qwen", THINKS)
    template = find_template("own", tokenizer)
    assert segments(template, TALKS["one"], tokenizer)[1] == Segment(
        "<think>\n\n</think>\n\nRed, yellow and blue.<|im_end|>", trained=True
    )
    with pytest.raises(UsageError, match="the template 'own' changes earlier turns when a conversation goes on"):
        segments(template, TALKS["several"], tokenizer)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (NO_END, "the template 'own' ends answers with no token of its own: choose another"),
        (HEADER_ONLY_ASKED.replace("'\\n'", "eos_token"), "does not begin an answer after its prompt"),
        ("{{ 1 / 0 }}", "cannot lay out this conversation: division by zero"),
        ("{% for %}", "cannot lay out this conversation: "),
    ],
)
def test_templates_that_cannot_be_trained_on(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_template("own", tokenizer_of("llama3", source))


def test_an_end_that_is_not_always_there() -> None:
    tokenizer = tokenizer_of("llama3", SOMETIMES)
    with pytest.raises(UsageError, match="does not end every answer with '</s>'"):
        segments(find_template("own", tokenizer), TALKS["one"], tokenizer)


def test_usage_errors() -> None:
    with pytest.raises(UsageError, match=r"no template 'koala': there are: auto, own, alpaca, chat, completion, plain"):
        find_template("koala", tokenizer_of("gpt2"))
    endless = tokenizer_of("bytes+bos")
    endless.eos_token = None
    with pytest.raises(UsageError, match="has no end token"):
        find_template("chat", endless)
    template, tokenizer = case("gpt2", "chat")
    with pytest.raises(ValueError, match="a prompt ends with a question"):
        prompt_segments(template, TALKS["one"], tokenizer)


# Turns


def test_spoken() -> None:
    template, _ = case("gpt2", "alpaca")
    assert spoken(template, TALKS["greeting"]) == list(TALKS["greeting"][1:])
    assert spoken(template, TALKS["twice"]) == [
        user("A\n\nB\n\nC"),
        assistant("D\n\nE"),
        user("F\n\nG"),
        assistant("H"),
    ]
    assert spoken(template, TALKS["input"]) == list(TALKS["input"])
    joined, _ = case("gpt2", "chat")
    assert spoken(joined, TALKS["input"])[0] == user("Sort the list:\n\n3, 1, 2")
    assert spoken(joined, [assistant("Nobody asked.")]) == []
    assert spoken(joined, [system("S"), assistant("Hi"), user("A")]) == [system("S"), user("A")]
    deaf, _ = case("gpt2", "gemma")
    assert spoken(deaf, [system("S"), assistant("Hi"), user("A")]) == [user("S\n\nA")]


def test_nobody_asks() -> None:
    template, tokenizer = case("llama3", "chat")
    assert segments(template, [assistant("Hi")], tokenizer) == []
    assert encoded([], tokenizer) == ([tokenizer.bos_token_id], [False])
    assert not any(row(template, (user("Hi"),), tokenizer)[1])


# Tokens


def test_a_text_without_bos_gets_the_tokenizers() -> None:
    for kind in TOKENIZERS:
        tokenizer = tokenizer_of(kind)
        ids, _ = encoded([Segment("Hello there", trained=False)], tokenizer)
        if kind not in ("llama2", "t5"):
            assert ids == tokenizer("Hello there")["input_ids"]
        assert (ids[0] == tokenizer.bos_token_id) == adds_bos(tokenizer) == (kind not in ("gpt2", "qwen", "t5"))


def test_the_answer_never_changes_the_tokens_before_it() -> None:
    """ ":" and a new line are one token of Llama 3's kind, and two where the prompt ends between them."""
    tokenizer = tokenizer_of("llama3")
    together = tokenizer("b:\nc", add_special_tokens=False)["input_ids"]
    before, after = Segment("<s>b:", trained=False), Segment("\nc</s>", trained=True)
    ids, trained = encoded([before, after], tokenizer)
    assert encoded([before], tokenizer)[0] == ids[: trained.index(True)]
    assert ids[1:-1] != together
    assert tokenizer.decode(ids) == "<s>b:\nc</s>"


def test_blanks_are_not_doubled() -> None:
    """An answer's first word, tokenised alone, would get a second blank from tokenizers of Llama 2's kind."""
    for kind in ("llama2", "llama2-legacy"):
        template, tokenizer = case(kind, "chat")
        ids, trained = row(template, (user("Hi"), assistant("Red")), tokenizer)
        assert str(tokenizer.convert_ids_to_tokens(ids[trained.index(True)])).startswith("▁R")


def test_controls() -> None:
    template, tokenizer = case("llama3", "chatml")
    found = controls(template, tokenizer)
    for text in ("a</s>b", "<|im_start|>", "x <|eot_id|> y"):
        assert found.search(text)
    assert not found.search("a < s > \n <|im_")
    assert not controls(template, tokenizer_of("llama3", None)).search("\n")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(" \n\t:.#*aA1你。", max_size=12)
talks = st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=4)


def conversation(rounds: list[tuple[str, str, str]]) -> Turns:
    return tuple(turn for asks, extra, says in rounds for turn in (user(asks, extra), assistant(says)))


def fuzz(names: tuple[str, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    several = given(rounds=talks, kind=st.sampled_from(TOKENIZERS), name=st.sampled_from(names))
    return lambda test: settings(deadline=None, max_examples=150)(several(test))


@fuzz(("alpaca", "chat"))
def test_any_text_token_for_token(rounds: list[tuple[str, str, str]], kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    talk = conversation(rounds)
    if any(controls(template, tokenizer).search(text) for turn in talk for text in turn.values()):
        return
    ids, trained = row(template, talk, tokenizer)
    text = "".join(part.text for part in segments(template, talk, tokenizer))
    assert tokenizer(text, add_special_tokens=False)["input_ids"] == ids
    assert len(runs(trained)) == len(rounds)
    for before in asked(talk):
        found = prompt(template, before, tokenizer)
        theirs: Any = tokenizer.apply_chat_template(spoken(template, before), add_generation_prompt=True)
        assert ids[: len(found)] == found == theirs["input_ids"]
        assert not trained[len(found) - 1]
        assert trained[len(found)]


@fuzz((*TEMPLATES, *(name for name in HUB if name != "inst")))
def test_any_text_with_any_template(rounds: list[tuple[str, str, str]], kind: str, name: str) -> None:
    template, tokenizer = case(kind, name)
    # Nothing at all is written there for an empty question.
    talk = conversation(
        [("?", "", says) if name == "completion" else (asks, extra, says) for asks, extra, says in rounds]
    )
    check_rows(template, talk, tokenizer)


def test_halves_of_surrogate_pairs_are_question_marks() -> None:
    template, tokenizer = case("gpt2", "chat")
    broken, asking = row(template, (user("a\ud800b"), assistant("\udc00")), tokenizer)
    assert (broken, asking) == row(template, (user("a?b"), assistant("?")), tokenizer)
