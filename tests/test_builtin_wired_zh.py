"""The built-in teacher in Chinese through the real stages: what it is asked, how it answers, and what a run keeps."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections import Counter
from random import Random

import pytest

from selfinstruct.running.recipe_file import load, shipped
from selfinstruct.running.run import results
from selfinstruct.simulator import MODELS, builtin, mess
from selfinstruct.simulator.families.zh import CHINESE
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import EN, ZH
from selfinstruct.stages import Alpaca, Classify, Instances, Propose
from selfinstruct.task import Instance, Message, Rejected, Task, task_from_row
from selfinstruct.teacher import Prompt, Request, Response

SEEDS = tuple(
    task_from_row(json.loads(line))
    for line in (shipped("seeds") / "seed_tasks_zh.jsonl").read_text(encoding="utf-8").splitlines()
)
EVERY = pytest.mark.parametrize("family", CHINESE, ids=lambda family: family.name)


def ask(prompt: Prompt, sample: int = 0, model: str = "builtin", **params: object) -> Response:
    return asyncio.run(builtin(Request(prompt, model, params, sample)))


# Whole runs.


async def finished(name: str, num: int) -> tuple[list[Task], int]:
    """The tasks of a run, and how many it rejected."""
    recipe = load(name, "zh")
    teachers = [builtin] * len(recipe.steps)
    items = results(recipe.steps, SEEDS, teachers, seed=0, num=num, width=recipe.width, at_once=16)
    found = [item async for item in items]
    return [item for item in found if isinstance(item, Task)], sum(isinstance(item, Rejected) for item in found)


@pytest.mark.parametrize("name", ["self_instruct", "alpaca", "belle"])
async def test_a_run_keeps_most_and_all_of_it_is_right(name: str) -> None:
    """Of the first 300 some 75 % are kept; the more there are, the less is new."""
    tasks, rejected = await finished(name, 300)
    assert len(tasks) == 300
    assert len(tasks) / (len(tasks) + rejected) > 0.6
    families = Counter[str]()
    for task in tasks:
        asked = ZH.recognise(task.instruction)
        assert asked is not None, task.instruction
        families[asked.family.name] += 1
        for instance in task.instances:
            assert asked.accepts(instance.input, instance.output), (task.instruction, instance)
    assert families.most_common(1)[0][1] <= 0.05 * len(tasks)
    assert len(families) > 75
    assert 0.04 < sum(ZH_FAMILIES[name].classification * many for name, many in families.items()) / len(tasks) < 0.4


ZH_FAMILIES = {family.name: family for family in CHINESE}


# Stages.


@EVERY
def test_classify_and_instances(family: Family) -> None:
    rng = Random(family.name)
    for _ in range(5):
        text, asked = family.compose(rng)
        classify, instances = Classify(language="zh"), Instances(language="zh")
        (classified,) = classify.parse((Task("t", text),), ask(classify.prompt((Task("t", text),), rng), max_tokens=8))
        assert isinstance(classified, Task)
        assert classified.is_classification is family.classification
        response = ask(instances.prompt((classified,), rng), max_tokens=700)
        if response.finish_reason == "length":
            continue
        (done,) = instances.parse((classified,), response)
        assert isinstance(done, Task), done
        assert 1 <= len(done.instances) <= 5
        for instance in done.instances:
            assert asked.accepts(instance.input, instance.output), (text, instance)
        if family.classification:
            outputs = [instance.output for instance in done.instances]
            assert len(set(outputs)) == len(outputs)


def test_only_classification_when_asked() -> None:
    stage, rng = Propose(classification=True, language="zh"), Random(1)
    found = [task for n in range(20) for task in stage.parse(SEEDS[:8], ask(stage.prompt(SEEDS[:8], rng), n))]
    known = [ZH.recognise(task.instruction) for task in found if isinstance(task, Task)]
    assert len(known) > 100
    assert all(asked is None or asked.family.classification for asked in known)


@pytest.mark.parametrize("many", [6, 10, 20])
def test_so_many_blocks_as_are_asked_for(many: int) -> None:
    for language in ("en", "zh"):
        stage = Alpaca(many=many, language=language)
        response = ask(stage.prompt(SEEDS[:3], Random(3)), sample=9)
        assert response.finish_reason == "stop"
        assert len(list(stage.parse(SEEDS[:3], response))) == many - 3


@pytest.mark.parametrize("stage", [Propose(language="zh"), Alpaca(language="zh"), Alpaca(many=10, language="zh")])
def test_a_conversation_is_read_like_a_text(stage: Propose | Alpaca) -> None:
    text = stage.prompt(SEEDS[:3], Random(4))
    assert isinstance(text, str)
    turns = (Message(role="system", content="说话简短些。"), Message(role="user", content=text))
    assert len(list(stage.parse(SEEDS[:3], ask(turns)))) >= 7


def test_the_answer_is_in_the_prompts_language_and_the_task_in_its_own() -> None:
    rng = Random(5)
    text, asked = next(f for f in CHINESE if f.name == "zh_change").compose(rng)
    answer = ask(Instances().prompt((Task("t", text),), rng)).text
    assert re.fullmatch(r"Output: .+", answer)
    assert asked.accepts("", answer.removeprefix("Output: "))
    assert ask(Classify().prompt((Task("t", text),), rng)).text == "No"
    english = "Name the capital of France."
    assert EN.recognise(english) is None or ask(Classify(language="zh").prompt((Task("t", english),), rng)).text == "否"


def test_an_unknown_instruction_is_refused_by_every_stage() -> None:
    task, rng = Task("t", "趁着下午茶之前，用火柴给我搭一座大教堂。"), Random(5)
    for stage in (Classify(language="zh"), Instances(language="zh")):
        assert ask(stage.prompt((task,), rng)).text in ZH.refusals
    (found,) = Instances(language="zh").parse((task,), ask(Instances(language="zh").prompt((task,), rng)))
    assert isinstance(found, Rejected)


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        ("输出：**星期三**", "**星期三**"),
        ("**输出：**星期三", "星期三"),
        ("**输出**：星期三", "星期三"),
        ("示例1\n输入：1\n输出：**2**", "**2**"),
    ],
)
def test_stars_belong_to_the_answer_unless_the_label_began_with_some(answer: str, output: str) -> None:
    (task,) = Instances().parse((Task("t", "算一算。", is_classification=False),), Response(answer))
    assert isinstance(task, Task)
    assert task.instances[0].output == output
    alpaca = f" 算一算。\n4. 输入：1\n4. {answer.removeprefix('示例1').strip().removeprefix('输入：1').strip()}"
    (block,) = Alpaca(language="zh").parse(SEEDS[:3], Response(alpaca))
    assert isinstance(block, Task), block
    assert block.instances == (Instance("1", output),)


# Mess and limits.


@pytest.mark.parametrize("model", MODELS)
def test_mess_comes_at_the_documented_rates(model: str) -> None:
    rates, rng, stage = mess.RATES[model], Random(8), Propose(language="zh")
    answers = [ask(stage.prompt(tuple(rng.sample(SEEDS, 8)), rng), sample, model) for sample in range(800)]

    def near(count: int, of: int, rate: float) -> bool:
        return abs(count - rate * of) < 4 * math.sqrt(rate * of)

    whole = [answer.text for answer in answers if answer.finish_reason == "stop"]
    assert near(len(answers) - len(whole), len(answers), rates.truncated)
    ugly = [text for text in whole if not re.search(r"\n10\. ", text) or text.startswith("好的")]
    assert near(len(ugly), len(whole), rates.ugly)
    items = [item for text in whole for item in text.split("\n")]
    assert near(sum(item.endswith(mess.FORBIDDEN["zh"]) for item in items), len(items), rates.forbidden)
    copies = tuple(changed for seed in SEEDS for changed in (f"{seed.instruction[:-1]}吧", f"那么，{seed.instruction}"))
    near_duplicates = sum(any(copy in item for copy in copies) for item in items)
    assert near(near_duplicates, len(items), rates.near_duplicate)


def test_tokens_are_counted_by_character() -> None:
    assert mess.tokens("一二三") == 3
    assert mess.tokens("用Python写") == 2 + 2
    assert mess.tokens("one two three") == 4
    prompt = Propose(language="zh").prompt(SEEDS[:8], Random(6))
    short = ask(prompt, max_tokens=30)
    assert short.finish_reason == "length"
    assert short.output_tokens is not None
    assert 25 < short.output_tokens <= 30
    assert short.output_tokens == mess.tokens(short.text)


def test_what_is_cut_short_ends_inside() -> None:
    for n in range(50):
        cut = mess.cut_short(Random(n), "把下面的句子改成反问句，语气要平和。")
        assert 8 <= len(cut) < 19
    assert not any(mess.truncated(Random(n), text, 1.0) for n in range(20) for text in ("是", "否", "相同", "Yes"))
    assert mess.truncated(Random(0), "恰当的说法", 1.0)
