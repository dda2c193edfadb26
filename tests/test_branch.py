"""A tree of topics: what teachers write is read, nothing is there twice, and the file is to be edited."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from cases import Case, finished, items_of
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.running.topics import axes_text, topics_of, topics_recipe, tree_of
from selfinstruct.stages import Branch
from selfinstruct.stages.proposing.axes import axes_in
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

COOKING = Task("topic_1", "cooking for beginners")


def read(text: str, task: Task = COOKING, width: int = 8, finish: str = "stop") -> list[str]:
    """The names in the answer, and in brackets why something is none."""
    items = Branch(width).parse((task,), Response(text, finish))
    said = [item for item in items if isinstance(item, Task) or item.what != "remark"]
    return [item.instruction if isinstance(item, Task) else f"[{item.category}]" for item in said]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("1. Knife skills\n2. Soups\n3. Bread", ["Knife skills", "Soups", "Bread"]),
        ("Sure! Here are some topics:\n\n1. **Knife skills**\n2. **Soups**", ["Knife skills", "Soups"]),
        ("1. **Knife skills**: how to hold and sharpen\n2. Soups – warm and cold", ["Knife skills", "Soups"]),
        ("1) Knife skills (holding, chopping)\n2) Soups.\n\nLet me know if you want more!", ["Knife skills", "Soups"]),
        ("- Knife skills\n- Soups\n* Bread", ["Knife skills", "Soups", "Bread"]),
        ("1. Baking\n   - Bread\n   - Cakes\n2. Soups\n   - Stock", ["Baking", "Soups"]),
        ("Knife skills\nSoups\nBread", ["Knife skills", "Soups", "Bread"]),
        ("Knife skills, soups, bread, storing food", ["Knife skills", "soups", "bread", "storing food"]),
        ('```json\n["Knife skills", "Soups"]\n```', ["Knife skills", "Soups"]),
        ('{"topics": [{"name": "Knife skills", "why": "basic"}, {"name": "Soups"}]}', ["Knife skills", "Soups"]),
        ('Here you go:\n{"Knife skills": "holding", "Soups": "stock"}', ["Knife skills", "Soups"]),
        ("1. 刀工\n2. 煲汤：火候与时间\n3. 面点（馒头、包子）", ["刀工", "煲汤", "面点"]),
        ("好的，以下是小主题：\n一、刀工\n二、煲汤\n三、面点", ["刀工", "煲汤", "面点"]),
        ("刀工、煲汤、面点、凉菜", ["刀工", "煲汤", "面点", "凉菜"]),
        ("1. “刀工”\n2. 《煲汤》", ["刀工", "煲汤"]),
        ("1. E-mail and 9:30 meetings\n2. TCP/IP", ["E-mail and 9:30 meetings", "TCP/IP"]),
        ("1. Soups\n2. the soups\n3. SOUPS!", ["Soups", "[there already]", "[there already]"]),
        ("1. Cooking for Beginners\n2. Soups", ["[there already]", "Soups"]),
        ("I'm sorry, but I can't help with that.", ["[no topic in the answer]"]),
        ("抱歉，我无法提供这方面的内容。", ["[no topic in the answer]"]),
        ("", ["[no topic in the answer]"]),
        ("Cooking is a skill that everybody should learn. It takes time.", ["[no topic in the answer]"]),
        ("1. " + "word " * 30 + "\n2. Soups", ["[no name of a topic]", "Soups"]),
        ("Topic 1: Knife skills\nTopic 2: Soups", ["Knife skills", "Soups"]),
        ("### 1. Knife skills\nHolding them.\n\n### 2. Soups\nStock.", ["Knife skills", "Soups"]),
        ("1. ???\n2. Soups", ["[no name of a topic]", "Soups"]),
    ],
)
def test_what_teachers_write_is_read(answer: str, names: list[str]) -> None:
    assert read(answer) == names


def test_no_more_than_asked_for_and_no_name_that_was_cut() -> None:
    text = "\n".join(f"{n}. Topic {n}" for n in range(1, 9))
    assert read(text, width=3) == ["Topic 1", "Topic 2", "Topic 3"]
    assert len([item for item in Branch(3).parse((COOKING,), Response(text)) if isinstance(item, Rejected)]) == 5
    assert read(text, finish="length")[-1] == "Topic 7"


def test_a_topic_is_shown_with_what_it_is_part_of() -> None:
    (soups,) = [item for item in Branch().parse((COOKING,), Response("1. Soups")) if isinstance(item, Task)]
    assert soups.extra == {"path": ["cooking for beginners", "Soups"]}
    assert "[Topic]\nSoups (part of cooking for beginners)\n\n" in str(Branch().prompt((soups,), Random(0)))
    assert "【主题】\nSoups（属于：cooking for beginners）\n\n" in str(
        Branch(language="zh").prompt((soups,), Random(0))
    )


PIECES = ("1. ", "\n", "- ", "Soups", "{", "[", '"', ":", "，", "**")


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=60)
def test_whatever_is_answered_is_read(text: str) -> None:
    for item in Branch().parse((COOKING,), Response(text)):
        if isinstance(item, Task):
            assert item.instruction == item.extra["path"][-1] == " ".join(item.instruction.split())


def test_long_answers_take_no_long_time() -> None:
    for piece in ("[", "{", "1. ", "a, ", "- a\n", "a: ", "( ", '["a", ', "\n", "——", "（"):
        read(piece * 5_000)


@pytest.mark.parametrize("at_once", [1, 16])
def test_a_tree_has_nothing_twice(at_once: int) -> None:
    def answer(request: Request) -> str:
        topic = str(request.prompt).split("\n\n")[1].split("\n")[1].split(" (")[0]
        return {"food": "1. Soups\n2. Bread\n3. Food", "Soups": "1. Stock\n2. bread", "Bread": "1. Rye\n2. stock"}[
            topic
        ]

    case = Case(topics_recipe(2, 3), topics_of(["food"]), 1)
    items = asyncio.run(items_of(case, scripted(answer), None, at_once=at_once))
    assert tree_of(case.data, finished(items)) == {"food": {"Soups": {"Stock": {}}, "Bread": {"Rye": {}}}}
    lost = sorted((item.category, item.text) for item in items if isinstance(item, Rejected))
    assert lost == [("exact", "bread"), ("exact", "stock"), ("there already", "Food")]


def test_a_topic_without_parts_stays_and_is_asked_about_once_more() -> None:
    asked: list[str] = []

    def answer(request: Request) -> str:
        topic = str(request.prompt).split("\n\n")[1].split("\n")[1].split(" (")[0]
        asked.append(topic)
        return {"food": "1. Soups\n2. Bread", "Soups": "1. Stock"}.get(topic, "I'm sorry, I can't help with that.")

    case = Case(topics_recipe(3, 2), topics_of(["food"]), 1)
    items = asyncio.run(items_of(case, scripted(answer), None))
    assert tree_of(case.data, finished(items)) == {"food": {"Soups": {"Stock": {}}, "Bread": {}}}
    assert asked.count("Bread") == 2


def test_the_file_is_read_again(tmp_path: Path) -> None:
    tree: dict[str, Any] = {"food": {"Soups": {}, "Bread": {"Rye": {}, "yes": {}}, "TCP/IP": {}}}
    text = axes_text("topic", tree, "food: 5 topics")
    (tmp_path / "axes.yaml").write_text(text)
    assert text.startswith("# food: 5 topics\n")
    values = axes_in(tmp_path / "axes.yaml")["topic"]
    assert dict(values) == dict.fromkeys(["food/Soups", "food/Bread/Rye", "food/Bread/yes", "food/TCP/IP"], 1)


def selfinstruct(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.mark.parametrize(("topic", "language"), [("cooking for beginners", "en"), ("新手做饭", "zh")])
def test_a_tree_is_drawn_up_offline_and_edited(topic: str, language: str, tmp_path: Path) -> None:
    out = tmp_path / "axes.yaml"
    command = ("axes", topic, "--width", "4", "--language", language, "--model", "builtin", "--quiet", "--out", out)
    done = selfinstruct(*command)
    assert done.exit_code == 0, done.stderr
    written = out.read_text(encoding="utf-8")
    tree = yaml.safe_load(written)["axes"]["topic"]
    assert list(tree) == [topic]
    assert len(tree[topic]) == 4
    assert f"generate --axes {out}" in done.stdout
    assert selfinstruct(*command).exit_code == 0, "the same command again"
    assert out.read_text(encoding="utf-8") == written
    again = tmp_path / "again.yaml"
    assert selfinstruct(*command[:-1], again).exit_code == 0
    assert again.read_text(encoding="utf-8") == written, "the same everywhere"
    out.write_text(written.replace("- ", "- my ", 1), encoding="utf-8")
    refused = selfinstruct(*command)
    assert refused.exit_code == 2
    assert "was edited: it stays as it is" in refused.stderr
    assert "- my " in out.read_text(encoding="utf-8")
    assert selfinstruct(*command, "--force").exit_code == 0
    assert out.read_text(encoding="utf-8") == written
    dry = selfinstruct("axes", topic, "--dry-run", "--out", tmp_path / "none.yaml")
    assert "in 2 rounds" in dry.stdout
    assert not (tmp_path / "none.yaml").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "A"], "one topic is named twice"),
        ([" "], "the topic ' ' is empty"),
        (["a", "--depth", "7"], "depth is 7; a tree has 1 to 6 levels"),
        (["a", "--out", "x.run"], "--out is 'x.run': name a file, like axes.yaml"),
        (["a", "--language", "fr"], "our prompts are written in en and zh"),
    ],
)
def test_mistakes_are_named(words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = selfinstruct("axes", *words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_of_somebody_else_s_stays(tmp_path: Path) -> None:
    (tmp_path / "axes.yaml").write_text("mine")
    done = selfinstruct("axes", "a", "--out", tmp_path / "axes.yaml")
    assert done.exit_code == 2
    assert "is there already: name another file (--out), or give --force" in done.stderr


def test_a_width_that_is_none_is_named() -> None:
    with pytest.raises(UsageError, match="branch: width is 1; a topic is divided into 2 to 100"):
        Branch(1)
