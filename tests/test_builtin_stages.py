"""The built-in teacher evolves, answers, judges and chats: what it adds is understood again and answered right.

Families made here stand beside those that there are, so that nothing hangs on a particular one of these.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.filters.elimination import Leak
from selfinstruct.filters.pool import Pool
from selfinstruct.simulator import MODELS, builtin, knows, layers, mess, reading
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.evolving import DEPTH, OPERATORS, evolved, subject
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.index import Index
from selfinstruct.simulator.inputs import FORMS, converted, restored
from selfinstruct.simulator.judging import difficulty, equal, score
from selfinstruct.simulator.language import EN, LANGUAGES, ZH, Language, language_of
from selfinstruct.simulator.layers import LIMITS, laid, peel
from selfinstruct.simulator.reading import operator_in, read
from selfinstruct.simulator.understanding import Shown, Understood, understand
from selfinstruct.stages.answering.chat import Chat
from selfinstruct.stages.answering.instances import Instances
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.stages.judging.classify import Classify
from selfinstruct.stages.judging.judge import Judge
from selfinstruct.stages.prompting import filled, prompt_text
from selfinstruct.stages.proposing.alpaca import Alpaca
from selfinstruct.stages.proposing.propose import Propose
from selfinstruct.stages.reading.blocks import block, first_input
from selfinstruct.stages.rewriting.evolve import Evolve, operators
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.tokens import tokens

BOTH = pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
FAMILIES = EN.families + ZH.families

# Families of every sort: with working, with a list, with fields, with a table of names, with code, with free writing.


def _area(slots: dict[str, str]) -> int:
    return int(slots["long"]) * int(slots["wide"])


SIDES = tuple(map(str, range(2, 12)))
FIELD = Family(
    name="field",
    phrasings=("What is the area of a field of {long} m by {wide} m?", "A field is {long} m by {wide} m: how large?"),
    slots={"long": SIDES, "wide": SIDES},
    solve=lambda slots, given: f"{_area(dict(slots))} square metres",
    tell=lambda slots, given, bare: f"{slots['long']} × {slots['wide']} = {bare.split()[0]}, so it has {bare}.",
    further={
        "Also say how long a fence around it is.": lambda slots, given: (
            f"The fence is {2 * int(slots['long']) + 2 * int(slots['wide'])} m long."
        ),
        "Also give the area of half the field.": lambda slots, given: f"Half of it has {_area(dict(slots)) / 2:g} m².",
    },
    endings=ITEM,
)
FIELD_ZH = Family(
    name="zh_field",
    phrasings=("一块地长{long}米，宽{wide}米，面积是多少？",),
    slots=FIELD.slots,
    solve=lambda slots, given: f"{_area(dict(slots))}平方米",
    tell=lambda slots, given, bare: f"{slots['long']}×{slots['wide']}={_area(dict(slots))}，所以面积是{bare}。",
    further={
        "再算算周长。": lambda slots, given: f"周长是{2 * int(slots['long']) + 2 * int(slots['wide'])}米。",
        "再说说面积的一半是多少。": lambda slots, given: f"一半是{_area(dict(slots)) / 2:g}平方米。",
    },
)
TREES = ("oak", "ash", "elm", "beech", "maple")
SORT = Family(
    name="sort",
    phrasings=("Sort the {what}, please.",),
    slots={"what": ("trees", "trees with short names", "young trees")},
    draw=lambda rng, slots: ", ".join(rng.sample(TREES, 4)),
    solve=lambda slots, given: ", ".join(sorted(given.split(", "))),
    endings=LIST,
)
PRICES = Family(
    name="prices",
    phrasings=("Double every price.", "Double every price of {whose}."),
    slots={"whose": ("our nursery", "the market")},
    draw=lambda rng, slots: "\n".join(f"{name}: {rng.randint(2, 40)}" for name in rng.sample(TREES, 3)),
    solve=lambda slots, given: "\n".join(
        f"{line.split(': ')[0]}: {2 * int(line.split(': ')[1])}" for line in given.split("\n")
    ),
)
LABELS = Family(
    name="parity",
    phrasings=("Even or odd?",),
    draw=lambda rng, slots: str(rng.randint(1, 99)),
    solve=lambda slots, given: ("even", "odd")[int(given) % 2],
    classification=True,
)
PYTHON = Family(
    name="doubled",
    phrasings=("Write a Python function {name}(x) that doubles x.",),
    slots={"name": ("double", "twice")},
    solve=lambda slots, given: f"def {slots['name']}(x):\n    return 2 * x",
)
SQL = Family(
    name="names",
    phrasings=("Select the names from the table {table}.",),
    slots={"table": ("trees", "birds")},
    solve=lambda slots, given: f"SELECT name FROM {slots['table']};",
)
POEM = Family(
    name="praise",
    phrasings=("Praise the {tree}.",),
    slots={"tree": TREES},
    write=lambda rng, slots, given: " ".join(
        [f"The {slots['tree']} is a fine tree."] + ["It stands tall."] * rng.randint(3, 9)
    ),
    check=lambda slots, given, answer: answer.startswith(f"The {slots['tree']} is a fine tree."),
    graded=False,
)
MADE = (FIELD, SORT, PRICES, LABELS, PYTHON, SQL, POEM)


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The families above are known, too."""
    for code, more in (("en", MADE), ("zh", (FIELD_ZH,))):
        every = (*more, *LANGUAGES[code].families)
        known = LANGUAGES[code]._replace(families=every, recognise=Index(every).recognise)
        monkeypatch.setitem(LANGUAGES, code, known)
    for cached in (layers.wordings, layers._sentences):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (layers.wordings, layers._sentences):
        cached.cache_clear()


def ask(prompt: Prompt, sample: int = 0, model: str = "builtin") -> Response:
    return asyncio.run(builtin(Request(prompt, model, {}, sample)))


def new_task(family: Family, rng: Random, wishes: float | None = None) -> Task:
    instruction, asked = family.compose(rng, wishes=wishes)
    given = asked.draw(rng)
    return Task("t", instruction, (Instance(given, ""),) if given else (), origin="seed")


def shown(task: Task) -> Shown:
    return Shown(task.instruction, first_input(task))


def known(task: Task | Shown) -> Understood:
    found = understand(shown(task) if isinstance(task, Task) else task)
    assert found is not None, task
    return found


def asked_to_evolve(task: Task, operator: str, language: str = "en", seed: int = 0) -> tuple[Task, Prompt]:
    stage = Evolve(operators=(operator,), language=language)
    drawn = stage.prepare(task, Random(seed), 1)
    return drawn, stage.prompt((drawn,), Random(seed))


def evolve(task: Task, operator: str, language: str = "en", sample: int = 0) -> Task | None:
    """One round, through the stage's own prompt and parser; None when the evolution fails and is eliminated."""
    drawn, prompt = asked_to_evolve(task, operator, language, sample)
    for found in Evolve(operators=(operator,), language=language).parse((drawn,), ask(prompt, sample)):
        if isinstance(found, Task) and not Leak()(found, Pool()) and not equal(shown(task), shown(found)):
            return found
    return None


def harder(task: Task, operator: str) -> list[Task]:
    """All that some tries come to, each once."""
    found = [evolve(task, operator, sample=sample) for sample in range(60)]
    return list({shown(one): one for one in found if one}.values())


def right(task: Task) -> str:
    answer = known(task).answer(Random(task.instruction))
    assert answer, task
    assert known(task).accepts(answer), (task, answer)
    return answer


# Any operators, any number of rounds.


@BOTH
def test_rounds_of_any_operators_are_understood_and_answered_right(language: Language) -> None:
    rng, evolutions, deepest = Random(1), 0, 0
    for family in (*LANGUAGES[language.code].families, *([*MADE, FIELD_ZH] * 4)):
        task, depth = new_task(family, rng), 0
        for n in range(5):
            made = evolve(task, rng.choice(list(operators())), language.code, n)
            depth += made is not None
            task = made or task
        right(task)
        assert not known(task).accepts("")
        assert not known(task).accepts(language.unknown)
        evolutions, deepest = evolutions + depth, max(deepest, depth)
    assert evolutions > len(LANGUAGES[language.code].families)
    assert deepest >= 3


@pytest.mark.parametrize("operator", DEPTH)
def test_depth_keeps_the_task_and_adds_one_demand(operator: str) -> None:
    """And what has nothing natural to add is as it was."""
    rng, changed = Random(2), 0
    for family in (*MADE, *[SORT] * 6, FIELD_ZH, *EN.families, *ZH.families):
        task = new_task(family, rng)
        before = known(task)
        made = evolved(rng, before, operator)
        if made == shown(task):
            continue
        after = known(made)
        changed += 1
        assert after.asked.family is before.asked.family
        assert after.given == before.given
        if operator != "concretize":
            assert after.asked.slots == before.asked.slots
            assert after.demands == before.demands + 1
            assert difficulty(made) == (difficulty(shown(task)) or 0) + 1
    assert changed >= (1 if operator == "concretize" else 2)


def test_deepening_asks_about_the_subject() -> None:
    task = Task("t", "What is the area of a field of 3 m by 4 m?")
    found = {right(one) for one in harder(task, "deepen")}
    told = "3 × 4 = 12, so it has 12 square metres."
    assert found == {f"{told} The fence is 14 m long.", f"{told} Half of it has 6 m²."}
    twice = [two for one in harder(task, "deepen") for two in harder(one, "deepen")]
    assert {right(one).count("long") + right(one).count("Half") for one in twice} == {2}
    assert not any(harder(one, "deepen") for one in twice), "there is nothing more to ask"
    wrong = known(twice[0])
    assert not wrong.accepts(told)
    assert not wrong.accepts(right(twice[0]).replace("14", "15").replace("6 m²", "7 m²"))
    assert not any(harder(new_task(family, Random(1)), "deepen") for family in (SORT, LABELS, POEM))


def test_reasoning_wants_the_working_where_there_is_some() -> None:
    task = Task("t", "What is the area of a field of 3 m by 4 m? Give the answer alone, without any explanation.")
    assert known(task).answer(Random(0)) == "12 square metres"
    wished = [one for one in harder(task, "reasoning") if known(one).of("working")]
    assert {right(one) for one in wished} == {"3 × 4 = 12, so it has 12 square metres."}
    assert not any("alone" in one.instruction for one in wished), "a wish for less is left out when more is asked for"
    assert not known(wished[0]).accepts("12 square metres")
    assert not harder(new_task(SORT, Random(0)), "reasoning")


def test_a_wish_for_a_form_is_not_contradicted() -> None:
    task = Task("t", 'What is the area of a field of 3 m by 4 m? Return JSON with the single key "answer".')
    for operator in ("deepen", "reasoning", "concretize"):
        assert not harder(task, operator)
    assert not any(known(one).of("form") for one in harder(task, "constraints"))


FORMED = {
    "last_line": "3 × 4 = 12, so it has 12 square metres.\nAnswer: 12 square metres",
    "first_line": "12 square metres\n3 × 4 = 12, so it has 12 square metres.",
    "bold": "3 × 4 = 12, so it has **12 square metres**.",
    "json_explained": json.dumps(
        {"answer": "12 square metres", "explanation": "3 × 4 = 12, so it has 12 square metres."}, ensure_ascii=False
    ),
    "json_quantity": '{"value": 12, "unit": "square metres"}',
}


def test_forms_of_an_answer_that_is_told() -> None:
    task = Task("t", "What is the area of a field of 3 m by 4 m?")
    found = {known(one).of("form"): one for one in harder(task, "constraints") if known(one).of("form")}
    assert {form: right(one) for form, one in found.items()} == FORMED
    for form, one in found.items():
        assert not known(one).accepts("3 × 4 = 12, so it has 12 square metres.")
        assert not known(one).accepts(FORMED[form].replace("12", "13"))
        assert not any(known(again).of("form") != form for again in harder(one, "constraints")), "there is one form"
    loose = '{\n  "value": 12,\n  "unit": "square metres"\n}'
    assert not known(found["bold"]).accepts(loose)
    assert known(found["json_quantity"]).accepts(loose)


def test_forms_of_several_answers() -> None:
    task = harder(Task("t", "What is the area of a field of 3 m by 4 m?"), "deepen")[0]
    found = {known(one).of("form"): right(one) for one in harder(task, "constraints") if known(one).of("form")}
    parts = list(json.loads(found["json_array"]))
    assert parts[0] == "3 × 4 = 12, so it has 12 square metres."
    assert found == {"json_array": json.dumps(parts, ensure_ascii=False), "numbered": f"1. {parts[0]}\n2. {parts[1]}"}


def test_forms_of_labels_and_lists() -> None:
    parity = Task("t", "Even or odd?", (Instance("7", ""),))
    assert {right(one) for one in harder(parity, "constraints")} == {'{"answer": "odd"}'}
    trees = Task("t", "Sort the trees, please.", (Instance("oak, ash, elm", ""),))
    assert "1. ash\n2. elm\n3. oak" in {right(one) for one in harder(trees, "constraints")}


def test_long_answers_may_be_limited() -> None:
    limited = [one for one in harder(new_task(POEM, Random(0)), "constraints") if known(one).of("limit")]
    assert limited
    for one in limited:
        most = int(known(one).of("limit"))
        assert most in LIMITS
        assert all(len(tokens(known(one).answer(Random(n)) or "")) <= most for n in range(20))
        assert not known(one).accepts(right(one) + " It stands." * most)
    assert not any(known(one).of("limit") for one in harder(new_task(LABELS, Random(0)), "constraints"))


def test_a_special_term_is_one_that_the_family_knows() -> None:
    task = Task("t", "Sort the trees, please.", (Instance("oak, ash, elm", ""),))
    wanted = {"Sort the trees with short names, please.", "Sort the young trees, please."}
    assert {one.instruction for one in harder(task, "concretize")} == wanted
    prices = Task("t", "Double every price.", (Instance("oak: 2\nelm: 5", ""),))
    wanted = {"Double every price of our nursery.", "Double every price of the market."}
    assert {one.instruction for one in harder(prices, "concretize")} == wanted
    assert not harder(new_task(FIELD, Random(0)), "concretize")


# Inputs as data.


@BOTH
@pytest.mark.parametrize("form", FORMS)
def test_an_input_in_another_form_is_read_back(language: Language, form: str) -> None:
    words = language.words
    head = (words["words"]["name"], words["words"]["value"])
    comma, colon = words["separators"]["list"], words["separators"]["fields"]
    inputs = {
        "list": comma.join(("a < b", "Ä", "12", 'a "b"')),
        "fields": f"Name{colon}oak & ash\nOrt{colon}a{comma}b{comma}c",
        "table": "tree,height\noak,20\nelm,15",
    }
    for shape, text in inputs.items():
        made = converted(text, form, words["separators"], head)
        assert made is not None, text
        assert made[0] == shape
        assert restored(made[1], shape, form, words["separators"]) == text
        assert restored("nothing of the kind", shape, form, words["separators"]) is None
    for prose in ("", "We left at dawn, and it rained.", "12", "One line\nand another", "天亮了，我们走吧。"):
        assert converted(prose, form, words["separators"], head) is None


def test_a_complicated_input_is_another_one_or_the_task_stays_as_it_is() -> None:
    task = Task("t", "Sort the trees, please.", (Instance("oak, ash, elm", ""),))
    found = harder(task, "complicate_input")
    assert {known(one).of("input") for one in found} == {f"list {form}" for form in FORMS}
    assert {right(one) for one in found} == {"ash, elm, oak"}
    assert {known(one).given for one in found} == {"oak, ash, elm"}
    assert not any(harder(one, "complicate_input") for one in found)
    assert understand(Shown(found[0].instruction, "oak, ash, elm")) is None, "which is not the form that it speaks of"
    assert not harder(new_task(FIELD, Random(0)), "complicate_input")
    assert not harder(new_task(LABELS, Random(0)), "complicate_input")


@given(st.text(), st.sampled_from(FORMS))
@settings(max_examples=200, deadline=None)
def test_what_is_converted_can_be_restored(text: str, form: str) -> None:
    between = EN.words["separators"]
    for given_one in (text, f"{text}, {text}x, y", f"a: {text}\nb: {text}"):
        if made := converted(given_one, form, between, ("Name", "Value")):
            assert restored(made[1], made[0], form, between) == given_one


# Code.


def test_evolved_python_runs() -> None:
    task = Task("t", "Write a Python function double(x) that doubles x.")
    found = {known(one).of("edit") or known(one).of("form"): one for one in harder(task, "code_constraint")}
    assert set(found) == {"no_none", "code_block"}
    script = right(found["no_none"]) + "\nassert double(3) == 6\ntry: double(None)\nexcept TypeError: print('raised')"
    assert subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True).stdout == b"raised\n"
    assert right(found["code_block"]) == "```python\ndef double(x):\n    return 2 * x\n```"
    assert not known(found["no_none"]).accepts("def double(x):\n    return 2 * x")
    assert {right(one) for one in harder(task, "code_erroneous")} == {"def double(x):\n    return 2 * x"}
    for operator in ("code_rare", "code_complexity", "code_reasoning"):
        assert not harder(task, operator), "no rule can do and check it"
    assert not any(harder(new_task(FIELD, Random(0)), name) for name in operators() if name.startswith("code"))


def test_evolved_queries_run() -> None:
    task = Task("t", "Select the names from the table trees.")
    limited = next(one for one in harder(task, "constraints") if known(one).of("edit"))
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE trees (name)")
        database.executemany("INSERT INTO trees VALUES (?)", [(f"tree {n}",) for n in range(20)])
        assert len(database.execute(right(limited)).fetchall()) == 10


# In breadth.


@BOTH
def test_breadth_makes_a_sibling_of_the_same_subject_about_as_hard(language: Language) -> None:
    rng = Random(5)
    for family in rng.sample(language.families, 30):
        task = new_task(family, rng)
        if not knows(*shown(task)):
            continue
        child = evolved(rng, known(task), "breadth")
        assert child != shown(task)
        assert known(child).asked.family in subject(family)
        assert not known(child).layers
    field = Task("t", "What is the area of a field of 3 m by 4 m?")
    layered = [known(one) for one in harder(field, "deepen")]
    assert all(len(known(evolved(rng, one, "breadth")).layers) <= 1 for one in layered)


# Sentences.


@BOTH
def test_sentences_are_found_again_and_clean(language: Language) -> None:
    first = {"en": "Do as I say (please).", "zh": "请照办。"}[language.code]
    for sentence, (kind, what) in layers.wordings(language.code).items():
        text = laid(first, sentence)
        base, found = peel(text, language)
        assert (base, [(layer.kind, layer.what) for layer in found]) == (first, [(kind, what)])
        assert peel(laid(text, sentence), language)[0] == first
        assert Leak()(Task("t", text), Pool()) is None
        assert sentence.endswith((".", "?") if language is EN else ("。", "？"))
        assert language_of(text).code == language.code


def test_every_wording_has_a_rule_and_every_rule_a_wording() -> None:
    for words in (EN.words, ZH.words):
        assert set(words["form"]) == set(layers._FORMS)
        assert set(words["input"]) == {f"{shape} {form}" for shape in ("list", "fields", "table") for form in FORMS}
    assert set(OPERATORS) <= set(operators())


# Instruction and input in one text, as people write to an assistant.


@pytest.mark.parametrize("joint", ["\n\n", "\n"])
def test_instruction_and_input_in_one_text_stay_one(joint: str) -> None:
    task = Task("t", f"Sort the trees, please.{joint}oak, ash, elm")
    assert right(task) == "ash, elm, oak"
    for made in harder(task, "constraints"):
        assert not made.instances
        assert made.instruction.startswith("Sort the trees, please. ")
        assert made.instruction.endswith(f"{joint}oak, ash, elm")
        right(made)
    assert harder(task, "constraints")


# Prompts.


@pytest.mark.parametrize("name", operators())
@BOTH
def test_operators_are_known_by_their_words(language: Language, name: str) -> None:
    _, prompt = asked_to_evolve(Task("t", "Sort the data in steps: input, programming."), name, language.code)
    assert operator_in(read(prompt))[0] == name


STAGES: Mapping[str, Callable[..., Any]] = {
    "propose": Propose,
    "propose_classification": lambda language, text="": Propose(language=language, text=text, classification=True),
    "alpaca": Alpaca,
    "classify": Classify,
    "judge_difficulty": lambda language: Judge("difficulty", language),
    "judge_equal": lambda language: Judge("equal", language),
    "judge_score": lambda language: Judge("score", language),
    "chat": Chat,
}
TASK = Task("t", "What is the area of a field of 3 m by 4 m?", (Instance("", "12 square metres"),))


@BOTH
@pytest.mark.parametrize("kind", STAGES)
def test_prompts_of_the_stages_are_read(language: Language, kind: str) -> None:
    assert read(STAGES[kind](language=language.code).prompt((TASK, TASK), Random(0))).kind == kind


@BOTH
def test_instances_are_asked_for_in_two_ways(language: Language) -> None:
    for labelled, kind in ((True, "output_first"), (False, "input_first")):
        prompt = Instances(language=language.code).prompt((replace(TASK, is_classification=labelled),), Random(0))
        assert read(prompt).kind == kind


OWN = {
    "evolve_depth": ("I like it hard. Do this: {method}\n\n[Given task]\n{task}\n\n[New task]", {"task"}),
    "judge_score": ("Marks, please!\n\n[Task]\n{task}\n\n[Answer]\n{answer}\n\n[Score]", {"task", "answer"}),
    "judge_equal": ("Same?\n[First task]\n{parent}\n\n[Second task]\n{task}\n[Verdict]\n", {"parent", "task"}),
    "classify": (
        "Labels?\nTask: Is it a cat?\nClassification: Yes\nTask: {instruction}\nClassification:",
        {"instruction"},
    ),
    "output_first": (
        "Labels first.\n\nTask: Is it a cat?\nClass label: yes\nTom\n\nTask: {instruction}",
        {"instruction"},
    ),
    "input_first": (
        "Do it.\n\nTask: Sort.\nExample 1\nInput: b, a\nOutput: a, b\n\nTask: {instruction}",
        {"instruction"},
    ),
    "propose": ("Go on, in the style of a bored clerk:\n{tasks}\n{next}.", {"next"}),
    "alpaca": ("{many} tasks of a bored clerk:\n\n{tasks}\n###\n{next}. Instruction:", {"next"}),
    "chat": ("Chat about birds only.\n\nUser: {question}\nAssistant:", {"question"}),
}


@pytest.mark.parametrize("kind", OWN)
def test_prompts_of_ones_own_are_read_by_the_lines_around_their_places(kind: str) -> None:
    text, needed = OWN[kind]
    places = {name: f"the {name}" for name in ("task", "answer", "parent", "instruction", "question", "method")}
    prompt = filled(text, **places, tasks="1. Sing.\n2. Dance.", next="3", many="12")
    found = read(prompt)
    assert found.kind == kind
    assert {name: found.places[name] for name in needed} == {
        name: "3" if name == "next" else places[name] for name in needed
    }


def test_a_shipped_prompt_that_changes_is_read_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(name: str, language: str = "en") -> str:
        return prompt_text(name, language).replace("[Given task]", "[A task of yesterday]").replace("Task:", "Duty:")

    old = asked_to_evolve(TASK, "deepen")[1]
    monkeypatch.setattr(reading, "prompt_text", changed)
    reading._templates.cache_clear()
    try:
        new = filled(changed("evolve_depth"), method=str(operators()["deepen"]["en"]), task=block(TASK, "en"))
        assert (read(old).kind, read(new).kind) == ("", "evolve_depth")
        assert known(Shown(ask(new).text.removeprefix("Instruction: "))).of("further")
        assert read(filled(changed("classify"), instruction="Even or odd?")).places["instruction"] == "Even or odd?"
        assert read("Task: Even or odd?\nClassification:").kind == ""
    finally:
        monkeypatch.undo()
        reading._templates.cache_clear()


def test_an_evolution_by_a_prompt_of_ones_own() -> None:
    own = "I like it hard. Do this: {method}\nHere is {{no place}}.\n\n[Given task]\n{task}\n\n[New task]"
    stage = Evolve(operators=("deepen",), depth=own)
    drawn = stage.prepare(TASK, Random(0), 1)
    (child,) = stage.parse((drawn,), ask(stage.prompt((drawn,), Random(0))))
    assert isinstance(child, Task)
    assert known(child).of("further")


@pytest.mark.parametrize(
    "prompt",
    [
        *(OWN["judge_score"][0].replace("[Score]", "[Mark]"), OWN["classify"][0].replace("Classification:", "Kind:")),
        *(
            "1. Sing.\n2. Dance.\n3)",
            "[Given task]\n[New task]",
            "Which of these is a task?",
            "这是什么？",
            "3."[:0] or "?",
        ),
    ],
)
def test_what_is_no_prompt_of_ours_is_a_question_and_not_answered_at_random(prompt: str) -> None:
    assert read(prompt).kind == ""
    assert ask(prompt, sample=1).text == language_of(prompt).unknown


# What it does not know.

DOG = Task("t", "Write my neighbour a polite refusal: his dog Rex can't stay.", (Instance("He is nine.", "No."),))


@BOTH
def test_what_it_does_not_know_it_says_in_every_stage(language: Language) -> None:
    code = language.code
    assert not knows(*shown(DOG))
    child = replace(DOG, evolved=Evolved("deepen", 1, "Write to my neighbour.", ""))
    stages: list[Any] = [
        *(Classify(language=code), Instances(language=code), Respond(), Chat(language=code)),
        *(Judge("difficulty", code), Judge("score", code), Judge("equal", code)),
    ]
    prompts = [stage.prompt((child,), Random(0)) for stage in stages]
    prompts += [asked_to_evolve(DOG, name, code)[1] for name in operators()]
    for prompt in prompts:
        text = ask(prompt).text.strip()
        assert text
        assert any(words.startswith(text) for words in (EN.unknown, ZH.unknown)), "whole, or broken off as by length"
        assert is_refusal(text, DOG.instruction)
    short = asyncio.run(
        builtin(Request(Classify(language=code).prompt((DOG,), Random(0)), "builtin", {"max_tokens": 8}))
    )
    assert short.text in language.unknown
    assert is_refusal(short.text, "Count the windows."), "to a task that wants no words of refusal"
    assert not re.search(r"\d", EN.unknown + ZH.unknown), "no mark may be read from it"
    assert "rules" in EN.unknown
    assert "规则" in ZH.unknown


def test_a_task_without_its_input_is_none_that_it_knows() -> None:
    task = Task("t", "Even or odd?")
    assert not knows("Even or odd?")
    assert knows("Even or odd?", "7")
    assert not knows("Even or odd?", "seven"), "no such input is known"
    assert ask(Respond().prompt((task,), Random(0))).text == EN.words["no_input"]
    assert score(shown(task), "odd") is None
    assert ask(asked_to_evolve(task, "constraints")[1]).text == EN.unknown


@BOTH
def test_it_knows_what_it_proposes(language: Language) -> None:
    rng = Random(12)
    for family in language.families:
        task = new_task(family, rng)
        assert knows(*shown(task)), task


def test_inputs_of_others_are_refused_or_answered_but_never_break_it() -> None:
    for family in FAMILIES:
        rng = Random(family.name)
        for given_one in ("", "a", "?\n\n1,2", "某个输入", "0", "[]", "x" * 500):
            task = new_task(family, rng)
            assert ask(f"{task.instruction}\n\n{given_one}").text
            score(Shown(task.instruction, given_one), "an answer")


# Judging.


def judged(ask_for: str, task: Task, language: str = "en") -> Task | Rejected:
    judge = Judge(ask=ask_for, language=language)
    return next(iter(judge.parse((task,), ask(judge.prompt((task,), Random(0))))))


@BOTH
def test_equal_and_different(language: Language) -> None:
    one, other, unknown = Shown("Even or odd?", "7"), Shown("Even or odd?", "9"), Shown("Praise Rex.", "")
    assert equal(one, one)
    assert not equal(one, other)
    assert equal(*(Shown(text, "") for text in FIELD_TEXTS))
    assert equal(unknown, unknown)
    assert equal(unknown, Shown("Praise Tom.", "")) is None
    assert equal(one, unknown) is False
    task = Task("t", "Even or odd?", (Instance("7", ""),))
    same = replace(task, evolved=Evolved("deepen", 1, "Even or odd?", "7"))
    changed = replace(task, evolved=Evolved("deepen", 1, "Even or odd?", "9"))
    assert isinstance(judged("equal", same, language.code), Rejected)
    assert isinstance(judged("equal", changed, language.code), Task)


FIELD_TEXTS = ("What is the area of a field of 3 m by 4 m?", "A field is 3 m by 4 m: how large?")


@BOTH
def test_marks_tell_right_from_wrong(language: Language) -> None:
    task = harder(TASK, "deepen")[0]
    answer = right(task)
    assert score(shown(task), answer) == 10
    assert score(shown(task), "3 × 4 = 12, so it has 12 square metres.") == 6, "but for one demand"
    assert score(shown(task), "13 square metres") == 2
    assert score(shown(task), language.unknown) == 1
    assert score(Shown("Praise the oak."), "The oak is a fine tree.") == 9
    assert score(Shown("Praise my dog Rex."), "Good dog.") is None
    marked = judged("score", replace(task, instances=(Instance("", answer),)), language.code)
    assert isinstance(marked, Task)
    assert marked.extra["score"] == 10
    found = judged("score", Task("t", "Praise my dog Rex.", (Instance("", "Good dog."),)), language.code)
    assert isinstance(found, Rejected)


@BOTH
def test_difficulty_is_a_number_for_what_it_knows(language: Language) -> None:
    task, numbers = TASK, []
    for operator in ("deepen", "deepen", "constraints"):
        found = judged("difficulty", task, language.code)
        assert isinstance(found, Task)
        numbers.append(found.extra["difficulty"])
        task = harder(task, operator)[0]
    assert all(after == before + 1 for before, after in pairwise(numbers))


# Chat.


@BOTH
def test_conversations_go_on_about_the_subject_and_are_right(language: Language) -> None:
    rng, ways = Random(3), Counter[str]()
    words = language.words["chat"]
    for family in (*(FIELD, SORT, LABELS, PRICES) * 8, *rng.sample(language.families, 30)):
        task = new_task(family, rng, wishes=0)
        if language is ZH and family in MADE:
            task = new_task(FIELD_ZH, rng)
        stage = Chat(language=language.code)
        response = ask(stage.prompt((task,), rng), rng.randint(0, 99))
        *_, talk = stage.parse((task,), response)
        if response.finish_reason == "length" or not isinstance(talk, Task):
            continue
        turns = [turn["content"] for turn in talk.turns]
        assert 4 <= len(turns) <= 12
        assert known(task).accepts(turns[1])
        assert not any(is_refusal(text) for text in turns[1::2])
        about = known(task)
        for said, answer in zip(turns[2::2], turns[3::2], strict=True):
            if said in about.asked.family.further:
                ways["further"] += 1
                assert answer == about.asked.family.further[said](about.asked.slots, about.given)
            elif start := next((one for one in words["again"] if said.startswith(f"{one}\n\n")), ""):
                about = known(about.shown(about.base, about.layers, said.removeprefix(f"{start}\n\n")))
                ways["again"] += 1
                assert about.accepts(answer)
            elif start := next((one for one in words["differently"] if said.startswith(one)), ""):
                wish = said.removeprefix(start).strip()
                freed = about.base.removesuffix(about.asked.ending).rstrip()
                texts = [laid(freed, wish), laid(about.base, wish)]  # a wish for the answer alone may be left out
                about = next(found for text in texts if (found := understand(Shown(text, about.said))))
                ways["differently"] += 1
                assert about.accepts(answer)
            elif start := next((one for one in words["other"] if said.startswith(one)), ""):
                instruction, _, new = said.removeprefix(start).strip().partition("\n\n")
                about = known(Shown(instruction, new))
                ways["other"] += 1
                assert about.accepts(answer)
            else:
                assert said in words["thanks"]
                assert answer in words["welcome"]
    assert set(ways) == {"further", "again", "differently", "other"}


# Methods of evolving in several steps (Auto Evol-Instruct).


@BOTH
def test_a_method_is_mended_where_it_failed_and_then_followed(language: Language) -> None:
    rng, code = Random(16), language.code
    task = new_task(FIELD if language is EN else FIELD_ZH, rng, wishes=0)
    method = prompt_text("method", code)

    def evolutions(method: str) -> list[Task]:
        stage = Evolve(language=code, method=method)
        drawn = stage.prepare(task, rng, 1)
        answers = [ask(stage.prompt((drawn,), rng), sample, "builtin:messy") for sample in range(150)]
        return [made for answer in answers for made in stage.parse((drawn,), answer) if isinstance(made, Task)]

    made = evolutions(method)
    assert sum(Leak()(one, Pool()) is not None for one in made) >= 2
    bad = [one for one in made if Leak()(one, Pool()) or equal(shown(task), shown(one))]
    assert len(bad) >= 7
    groups = "\n\n".join(f"{n}.\n{block(task, code)}\n-->\n{block(one, code)}" for n, one in enumerate(bad, 1))
    for sample in range(6):
        analysis = ask(filled(prompt_text("optimise_analyse", code), method=method, trajectories=groups), sample).text
        better = ask(filled(prompt_text("optimise_improve", code), method=method, analysis=analysis), sample).text
        method = better if better.startswith(method) else method
    assert [line.split(".")[0] for line in method.split("\n")] == ["1", "2", "3", "4", "5", "6"]
    assert not any(Leak()(one, Pool()) or equal(shown(task), shown(one)) for one in evolutions(method))
    child = known(evolved(rng, known(task), "deepen"))
    harder_block = block(Task("c", child.shown(child.base, child.layers, "").instruction), code)
    fine = f"1.\n{block(task, code)}\n-->\n{harder_block}"
    text = ask(filled(prompt_text("optimise_analyse", code), method=method, trajectories=fine)).text
    assert text == language.words["optimise"]["nothing"]


# Mess, purity.


@pytest.mark.parametrize("model", MODELS)
def test_evolutions_fail_at_the_documented_rates(model: str) -> None:
    rates, rng, found, many = mess.RATES[model], Random(13), Counter[str](), 500
    stage = Evolve(operators=("constraints",))
    for sample in range(many):
        task = new_task(FIELD, rng, wishes=0)
        drawn = stage.prepare(task, rng, 1)
        response = ask(stage.prompt((drawn,), rng), sample, model)
        for made in stage.parse((drawn,), response):
            if isinstance(made, Rejected):
                found["truncated"] += 1
            elif Leak()(made, Pool()):
                found["leak"] += 1
            elif equal(shown(task), shown(made)):
                found["unchanged"] += 1
            elif known(made).layers:
                found["answered"] += 1
                found["sorry"] += is_refusal(ask(Respond().prompt((made,), rng), sample, model).text)
    for name in ("truncated", "leak", "unchanged", "sorry"):
        rate, of = getattr(rates, name), found["answered"] if name == "sorry" else many
        assert abs(found[name] - rate * of) < 4 * math.sqrt(rate * of), (name, found)


def test_pure_in_this_process_and_another() -> None:
    rng = Random(14)
    task = new_task(ZH.families[0], rng)
    prompts = [str(Chat().prompt((task,), rng)), str(asked_to_evolve(task, "breadth")[1])]
    script = (
        "import asyncio, sys\nfrom selfinstruct.teacher import Request\n"
        "from selfinstruct.simulator import builtin\n"
        "for prompt in sys.argv[1:]:\n"
        "    print(asyncio.run(builtin(Request(prompt, 'builtin', {}, 2))).text)"
    )
    here = "".join(f"{ask(prompt, sample=2).text}\n" for prompt in prompts)
    environment = {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", script, *prompts], capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == here
    assert here != "".join(f"{ask(prompt, sample=3).text}\n" for prompt in prompts)
