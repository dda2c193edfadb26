"""Magpie: how users' turns begin by template, who is asked how, what is read of what a model writes there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import recipe_from
from click.testing import CliRunner
from families import OF_TRL
from hypothesis import given
from hypothesis import strategies as st
from openai_stub import Reply, Said, Seen, chat, error, serving
from test_gguf import header

from selfinstruct import gguf_file
from selfinstruct.api import Run, arun
from selfinstruct.cli import main
from selfinstruct.errors import TeacherFailed, UsageError
from selfinstruct.running.drafts import draft_of, drawn, heard, new_tasks
from selfinstruct.running.execute import as_asked
from selfinstruct.running.plan import plan
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import load
from selfinstruct.running.settings import Settings
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.reading import read
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages import Magpie, Propose, Respond
from selfinstruct.stages.proposing.magpie import subjects
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response
from selfinstruct.teachers.gguf import Gguf
from selfinstruct.teachers.own_turns import laying_out
from selfinstruct.text.user_turns import BY_NAME, MARK, USER_TURNS, UserTurn, template_for, turn_of

REPLIES = Path(__file__).parent / "replies" / "magpie"

# Templates


@pytest.mark.skipif(not OF_TRL, reason="TRL is not installed")
@pytest.mark.parametrize(
    ("file", "row"),
    [
        *(("llama3", "llama3"), ("qwen3", "qwen"), ("gemma3", "gemma"), ("gemma4", "gemma4"), ("phi3", "phi3")),
        *(("deepseekv3", "deepseek"), ("glm4moe", "glm4"), ("cohere", "command_r"), ("lfm2", "chatml")),
    ],
)
def test_the_rows_are_what_the_hubs_templates_write(file: str, row: str) -> None:
    found, known = turn_of(laying_out(OF_TRL[file], "</s>", file)), USER_TURNS[row]
    assert found
    assert (found.begins, found.with_system) == (known.begins, known.with_system)
    assert found.ends[0] == known.ends[0]


@pytest.mark.skipif(not OF_TRL, reason="TRL is not installed")
@pytest.mark.parametrize("file", sorted(set(OF_TRL) - {"idefics3", "llava_next", "smolvlm"}))
def test_every_template_says_how_a_user_begins(file: str) -> None:
    """But those of images, whose messages are in parts."""
    if "{% generation" in OF_TRL[file] or "{%- generation" in OF_TRL[file]:
        assert turn_of(laying_out(OF_TRL[file], "</s>", file)), "the marks for training are left out"
    found = turn_of(laying_out(OF_TRL[file], "</s>", file))
    assert found
    assert found.begins
    assert not found.begins.endswith(" ")
    assert "{system}" in found.with_system
    assert 0 < len(found.ends) <= 4
    assert "Whatever" not in f"{found}"


@pytest.mark.parametrize(
    ("source", "begins", "ends"),
    [
        (
            "{% for m in messages %}### Instruction:\n{{ m.content }}\n\n{% endfor %}### Response:\n",
            "### Instruction:",
            1,
        ),
        ("{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}", "[INST]", 2),
        ("{% for m in messages %}USER: {{ m.content }} {% endfor %}ASSISTANT:", "USER:", 1),
    ],
)
def test_a_blank_before_the_users_words_is_the_models_to_write(source: str, begins: str, ends: int) -> None:
    found = turn_of(laying_out(source, "</s>", "x"))
    assert found
    assert found.begins.rstrip("\n") == begins
    assert not found.begins.endswith(" ")
    assert len(found.ends) == ends
    assert found.ends[0] in ("### Response:", "[/INST]", "ASSISTANT:")


def test_a_template_that_drops_the_users_words_is_none() -> None:
    assert turn_of(laying_out("{{ bos_token }}Hello", "</s>", "x")) is None


def test_rows() -> None:
    for name, turn in USER_TURNS.items():
        assert turn.begins
        assert "{system}" in turn.with_system, name
        assert 0 < len(turn.ends) <= 4
        assert not turn.begins.endswith(" ")
        assert not any(bos in turn.begins for bos in ("<s>", "<bos>", "begin_of_text", "begin▁of")), (
            "servers put it there"
        )
    assert {template for _, template in BY_NAME} <= set(USER_TURNS)


@pytest.mark.parametrize(
    ("model", "template"),
    [
        *(("meta-llama/Llama-3.1-8B-Instruct", "llama3"), ("llama3.2:3b", "llama3"), ("Qwen/Qwen3-8B", "qwen")),
        *(("qwen2.5:7b", "qwen"), ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "deepseek"), ("gemma3:4b", "gemma")),
        *(("NousResearch/Hermes-3-Llama-3.1-8B", "chatml"), ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mistral")),
        *(("mistralai/Mistral-Small-3.2-24B-Instruct-2506", "mistral7"), ("mistral:7b", "mistral")),
        *(("allenai/Llama-3.1-Tulu-3-8B", "tulu"), ("microsoft/Phi-3-mini-4k-instruct", "phi3"), ("phi4", "phi4")),
        *(("HuggingFaceH4/zephyr-7b-beta", "zephyr"), ("THUDM/glm-4-9b-chat", "glm4"), ("gpt-oss-20b", "gpt_oss")),
        *(("meta-llama/Llama-2-7b-chat-hf", "llama2"), ("lmsys/vicuna-7b-v1.5", "vicuna"), ("gpt-4o", None)),
        *(("microsoft/Phi-4-mini-instruct", None), ("mine", None), ("builtin:messy", "chatml")),
    ],
)
def test_by_the_models_name(model: str, template: str | None) -> None:
    assert template_for(model) == template


async def test_a_gguf_file_says_it_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token that ends a text is looked up in the file's list; its BOS is llama.cpp's affair."""
    monkeypatch.setattr(gguf_file, "find_spec", lambda name: object())
    source = "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{{ eos_token }}\n{% endfor %}"
    file = tmp_path / "mine.gguf"
    whole = header(source, context_length=512)
    pairs = int.from_bytes(whole[16:24], "little")
    number = gguf_key("tokenizer.ggml.eos_token_id") + (4).to_bytes(4, "little") + (1).to_bytes(4, "little")
    file.write_bytes(whole[:16] + (pairs + 1).to_bytes(8, "little") + whole[24:] + number)
    async with Gguf(f"gguf:{file}", engine=lambda *_: pytest.fail("not loaded")) as teacher:
        turn = teacher.user_turn()
    assert turn == UserTurn("<|user|>\n", "<|system|>\n{system}b\n<|user|>\n", ("<|user|>",))
    file.write_bytes(header())
    async with Gguf(f"gguf:{file}") as teacher:
        with pytest.raises(UsageError, match="has no chat template, so it was hardly taught to answer users"):
            teacher.user_turn()
    file.write_bytes(header("{% for m in %}"))
    async with Gguf(f"gguf:{file}") as teacher:
        with pytest.raises(UsageError, match="lays out no question"):
            teacher.user_turn()


def gguf_key(text: str) -> bytes:
    return len(text).to_bytes(8, "little") + text.encode()


# Options


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"template": "llama33"}, "no template 'llama33': did you mean .llama3."),
        ({"template": "llama3", "prefix": "<u>"}, "template and prefix say the same"),
        ({"ends": ["</u>"]}, "ends are up to 4 texts .* there is no prefix"),
        ({"prefix": "<u>", "ends": list("abcde")}, "there are 5"),
        ({"about": ["math"]}, "no subject 'math': did you mean .maths."),
        ({"prefix": "<u>", "system": "Hello"}, "the prefix '<u>' has no place {system}"),
        ({"language": "de"}, "language is 'de': our system prompts are written in en and zh"),
        ({"show": {"seeds": 3}}, "shows no tasks to the teacher"),
        ({"prompt": "mine.txt"}, "magpie has no prompt of words"),
        ({"system": 3}, "system is 3; it should be a list of texts"),
    ],
)
def test_mistakes(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        recipe_from({"steps": [{"grow": "magpie", **options}]})


def sent(stage: Magpie, number: int = 0) -> tuple[str, dict[str, Any], str]:
    step = drawn(Step(stage, params={"top_p": 1}, api="completions"), Random(number), number, 0)
    request = draft_of(step, (), Random(number)).request
    assert isinstance(request.prompt, str)
    return request.prompt, request.params, request.api


def test_what_is_sent() -> None:
    prompt, params, api = sent(Magpie())
    assert (prompt, api) == ("<|im_start|>user\n", "completions")
    assert params == {"stop": ["<|im_end|>", "<|im_start|>", "<|endoftext|>"], "top_p": 1}
    own = Magpie(prefix="<sys>{system}</sys><u>", ends=("</u>",), system=("One {x}.", "Two."))
    assert {sent(own, n)[0] for n in range(20)} == {"<sys>One {x}.</sys><u>", "<sys>Two.</sys><u>"}
    assert sent(own)[1] == {"stop": ["</u>"], "top_p": 1}
    mistral = Magpie().for_model("mistral:7b", None)
    assert sent(mistral)[:2] == (
        "[INST]",
        {"stop": ["[/INST]", "[INST]", "</s>"], "skip_special_tokens": False, "top_p": 1},
    )
    assert "skip_special_tokens" not in sent(Magpie(template="mistral").for_model("", lambda: USER_TURNS["qwen"]))[1]
    step = Step(Magpie(), params={"stop": ["\n"]}, api="completions")
    assert draft_of(step, (), Random(0)).request.params == {"stop": ["\n"]}, "the recipe wins"


def test_subjects_and_languages() -> None:
    assert all(set(texts) == {"en", "zh"} for texts in subjects().values())
    assert "中文助手" in sent(Magpie(language="zh"))[0], "else the model would write English"
    some = Magpie(about=("code", "maths"), template="llama3")
    found = {sent(some, n)[0] for n in range(20)}
    assert found == {USER_TURNS["llama3"].with_system.format(system=subjects()[name]["en"]) for name in some.about}
    step = drawn(Step(some), Random(1), 1, 0)
    (task,) = step.stage.parse((), Response("What is a prime?"))
    assert isinstance(task, Task)
    assert task.extra["about"] in some.about


def test_who_is_asked_how() -> None:
    own = UserTurn("<u>", "", ("</u>",))
    assert Magpie().for_model("", None) == Magpie(), "the built-in teacher and functions: ChatML"
    assert Magpie().for_model("Qwen3-8B", None).template == "qwen"
    assert Magpie().for_model("", lambda: own) == Magpie(prefix="<u>", ends=("</u>",))
    assert sent(Magpie(template="zephyr").for_model("qwen", None))[0] == "<|user|>\n", "what the recipe says counts"
    with pytest.raises(
        UsageError, match="which chat template 'mine' was taught, its name does not say: give `template`"
    ):
        Magpie().for_model("mine", None)
    with pytest.raises(UsageError, match="no place for a system prompt"):
        Magpie(system=("Hello",)).for_model("", lambda: own)


def test_the_api() -> None:
    recipe = load("magpie")
    asked: dict[str, Any] = {"teacher": "qwen3", "user": "qwen3"}
    for api, ways in (("auto", ["completions", ""]), ("completions", ["completions", "chat"])):
        steps = as_asked(recipe, asked, asked, Settings(api=api, base_url="http://x/v1")).steps
        assert [step.api for step in steps] == ways
    for api in ("chat", "prefill", "responses"):
        with pytest.raises(UsageError, match=f"'magpie' gives the model a bare beginning .* --api {api} cannot send"):
            as_asked(recipe, asked, asked, Settings(api=api, base_url="http://x/v1"))
    other = replace(recipe, steps=(Step(Propose()), Step(Respond())))
    steps = as_asked(other, asked, asked, Settings(api="completions", base_url="http://x/v1")).steps
    assert [step.api for step in steps] == ["", ""], "elsewhere it says what it always said"


def test_a_dry_run_opens_no_model() -> None:
    lines = list(plan(load("magpie"), [], Settings(num=9), {"teacher": "gguf:none.gguf"}))
    assert "(the beginning of a user's turn, as the model's own chat template has it)" in lines
    assert any(line.startswith("--- about 51 requests") for line in lines)


# What is read


BARE = Magpie()


def read_of(text: str, finish: str = "stop", stage: Magpie = BARE) -> list[Task | Rejected]:
    return list(new_tasks(Step(stage), draft_of(Step(stage), (), Random(0)), Response(text, finish)))


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        ("Name three rivers in Asia.", None),
        ("  How do tides work?\n", "How do tides work?"),
        ("What is 3 + 4?<|im_end|>\n<|im_start|>assistant\nIt is 7.", "What is 3 + 4?"),
        ("What is 3 + 4?\nassistant\n\nIt is 7.", "What is 3 + 4?"),
        ("What is 3 + 4?assistant\n\nIt is 7.", "What is 3 + 4?"),
        ("What is 3 + 4?\n\nAssistant: It is 7.", "What is 3 + 4?"),
        ("What is 3 + 4?\n\n**Answer:** 7", "What is 3 + 4?"),
        ("User: What is 3 + 4?", "What is 3 + 4?"),
        ("**Question:** What is 3 + 4?", "What is 3 + 4?"),
        ('"Write a poem about fog."', "Write a poem about fog."),
        ("Fix this:\n\n```python\nprint('a)\n```", None),
        ("Choose the right word.\nThe ___ is high.\nAnswer:", None),
        ("I'm trying to bake bread, and it never rises. My oven is new.", None),
        ("My dog is ill. He doesn't eat. Can you help", None),
        ("best pizza dough recipe", None),
        ("Adjust these amounts for six people.\n\nServes 3\n210 g lentils", None),
        ("Is 'Sure, I can help.' polite?", None),
        ("秦朝是谁建立的？", None),
        ("用户：把这句话译成英语：时间过得真快。", "把这句话译成英语：时间过得真快。"),
        ("猜字谜：有土能种庄稼，有水能养鱼虾。", None),
        ("给新闻分类，栏目有体育和财经。\n\n戏本在档案馆被发现。", None),
        ("写一首关于雾的诗\n助手：雾起江心……", "写一首关于雾的诗"),
        ("我想学做红烧肉，第一次下厨。", None),
    ],
)
def test_what_users_ask(text: str, instruction: str | None) -> None:
    task, *remarks = read_of(text)
    assert isinstance(task, Task), task
    assert task.instruction == (instruction or text)
    assert all(isinstance(one, Rejected) and one.what == "remark" for one in remarks)


@pytest.mark.parametrize(
    ("text", "finish", "category"),
    [
        ("Name three rivers in", "length", "truncated"),
        ("", "stop", "no task in the answer"),
        ("<|im_end|>", "stop", "no task in the answer"),
        ("...", "stop", "no task in the answer"),
        ("I'm sorry, but I can't help with that.", "stop", "refusal"),
        ("Sure! Here are three rivers: the Nile, the Ob and the Po.", "stop", "neither a question nor a request"),
        ("The capital of France is Paris. It is on the Seine.", "stop", "neither a question nor a request"),
        ("好的，以下是三条河。", "stop", "neither a question nor a request"),
        ("Explain [TOOLS] to me", "stop", "a token of the template"),
        ("Tell me. " + "The moon pulls. " * 9, "stop", "repetition"),
    ],
)
def test_what_users_do_not_ask(text: str, finish: str, category: str) -> None:
    found = read_of(text, finish)
    assert all(isinstance(one, Rejected) for one in found)
    assert category in {one.category for one in found if isinstance(one, Rejected)}


def test_what_is_whole_before_it_runs_on_is_kept() -> None:
    """A server that does not stop at the turn's end goes on until max_tokens."""
    for text in ("What is fog?<|im_end|>\n<|im_start|>assistant\nFog is", "What is fog?\n\nAssistant: Fog is"):
        assert [one.instruction for one in read_of(text, "length") if isinstance(one, Task)] == ["What is fog?"]


def test_the_system_prompt_is_no_question() -> None:
    stage = Magpie(about=("code",))
    (found,) = [one for one in read_of(subjects()["code"]["en"], stage=stage) if one.category != "x"]  # type: ignore[union-attr]
    assert isinstance(found, Rejected)


@given(
    st.text()
    | st.lists(st.sampled_from([*"ab\n :?？<|>", "User:", "assistant\n", "<|im_end|>", "答案："])).map("".join)
)
def test_whatever_is_written_is_a_task_or_says_why_not(text: str) -> None:
    for stage in (Magpie(), Magpie(language="zh")):
        found = read_of(text, stage=stage)
        assert found
        for one in found:
            if isinstance(one, Task):
                assert re.search(r"\w", one.instruction)
                assert one.instruction == one.instruction.strip()
                assert not MARK.search(one.instruction)


# Servers


def bare(text: str) -> Reply:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return Reply({"object": "text_completion", "choices": [{"text": text, "finish_reason": "stop"}], "usage": usage})


async def test_a_server_is_asked_at_completions_and_answers_at_chat(tmp_path: Path) -> None:
    def answer(seen: Seen) -> Said:
        if seen.path.endswith("/chat/completions"):
            return Reply(chat(f"An answer to {seen.body['messages'][0]['content']}"))
        return bare(f"What is question {seen.body.get('seed', 0)} about, and why?")

    async with serving(answer) as server:
        how: dict[str, Any] = {"model": "qwen3:8b", "base_url": server.url, "num": 3, "concurrency": 2}
        await arun(recipe_from({"steps": [{"grow": "magpie"}, {"each": "respond"}]}), out=tmp_path / "a", **how)
        await arun(
            recipe_from({"steps": [{"grow": "magpie"}, {"each": "respond"}]}),
            out=tmp_path / "b",
            api="completions",
            **how,
        )
    seen = [one for one in server.seen if one.path.endswith("/completions") and "prompt" in one.body]
    assert {one.body["prompt"] for one in seen} == {"<|im_start|>user\n"}
    assert {tuple(one.body["stop"]) for one in seen} == {USER_TURNS["qwen"].ends}
    assert {one.body.get("seed", 0) for one in seen} >= {0, 1, 2}, "samples are told apart"
    for name in ("a", "b"):
        assert [task.instances[0].output for task in Run(tmp_path / name).tasks] == [
            f"An answer to What is question {n} about, and why?" for n in range(3)
        ]


@pytest.mark.parametrize(
    "said",
    [
        error(404, "Invalid URL (POST /v1/completions)"),
        error(404, "This is a chat model and not supported in the v1/completions endpoint. Use v1/chat/completions."),
        error(400, "The completion operation does not work with the specified model, gpt-4o.", "OperationNotSupported"),
        error(400, "completions api is only available when using beta api"),
        Reply({"detail": "Method Not Allowed"}, 405),
        Reply(b"not here", 404),
    ],
)
async def test_a_server_without_completions_is_told_in_one_line(said: Reply, tmp_path: Path) -> None:
    async with serving(lambda seen: said) as server:
        with pytest.raises(TeacherFailed) as failed:
            await arun("magpie", out=tmp_path, model="qwen3", base_url=server.url, num=2, patience=2)
    assert "goes on with no bare text (HTTP 40" in str(failed.value)
    assert "or a model in this process (gguf:FILE, local:FOLDER)" in str(failed.value)
    assert "\n" not in str(failed.value)


async def test_a_model_that_is_not_there_is_called_so(tmp_path: Path) -> None:
    async with serving(lambda seen: error(404, "The model `qwen3` does not exist.")) as server:
        with pytest.raises(TeacherFailed, match="has no model 'qwen3'"):
            await arun("magpie", out=tmp_path, model="qwen3", base_url=server.url, num=2, patience=2)


# The built-in teacher


@pytest.mark.parametrize("template", USER_TURNS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_knows_every_beginning(template: str, language: str) -> None:
    prompt = sent(Magpie(template=template, language=language, about=("general",)))[0]
    asked = read(prompt)
    assert (asked.kind, asked.language.code) == ("magpie", language)
    assert asked.places["system"] == subjects()["general"][language]
    assert read(USER_TURNS[template].begins).kind == "magpie"
    assert read("What does a user write after USER: and [INST]?").kind == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_on_the_command_line(language: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    told = CliRunner().invoke(
        main, ["run", "magpie", "--num", "30", "--out", str(out), "--language", language, "--quiet"]
    )
    assert told.exit_code == 0, told.output
    tasks = Run(out).tasks
    assert len(tasks) == 30
    for task in tasks:
        known = understand(Shown(task.instruction))
        assert known, task.instruction
        assert known.language is LANGUAGES[language]
        assert known.accepts(task.instances[0].output)
    counts = Run(out).counts
    assert counts.kept == 30
    assert "seeds" not in (out / "recipe.yaml").read_text(encoding="utf-8")


# What SmolLM2-135M-Instruct wrote (recorded by llama.cpp)


def recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (REPLIES / "smollm2.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_a_model_of_135_million_weights_asks() -> None:
    """Odd questions, most of them, but whole ones; what only states is none, and what was cut is not kept."""
    kept, lost = list[str](), dict[str, str]()
    for row in recorded():
        found = list(Magpie().parse((), heard(Response(row["answer"], row["finish"]))))
        assert found
        kept += [one.instruction for one in found if isinstance(one, Task)]
        lost |= {one.text[:9]: one.category for one in found if isinstance(one, Rejected)}
    assert len(recorded()) == 34
    assert lost == {
        "Hey Alex,": "truncated",
        "The words": "truncated",
        "Devi,\n\nSr": "neither a question nor a request",
        "I'm actua": "neither a question nor a request",
        "Hi there,": "neither a question nor a request",
    }
    assert len(kept) == 29
    assert "Build a solution to the Titanic's moat to protect against ice." in kept
