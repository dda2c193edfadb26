"""The built-in teacher evolves, answers, judges and chats: what it adds is understood again and answered right."""

from __future__ import annotations

import asyncio
import math
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.elimination import leak
from selfinstruct.novelty import tokens
from selfinstruct.pool import Pool
from selfinstruct.stages.blocks import block, filled, first_input
from selfinstruct.stages.chat import Chat
from selfinstruct.stages.evolve import Evolve, operators
from selfinstruct.stages.judge import Judge
from selfinstruct.stages.reading import prompt_text
from selfinstruct.stages.respond import Respond
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.teachers.builtin import MODELS, builtin, chatting, code_layers, disguises, evolving, mess
from selfinstruct.teachers.builtin.coding import code_of
from selfinstruct.teachers.builtin.families import code, zh
from selfinstruct.teachers.builtin.family import Family
from selfinstruct.teachers.builtin.frames import Shown, framed
from selfinstruct.teachers.builtin.judging import equal, score
from selfinstruct.teachers.builtin.language import EN, LANGUAGES, ZH, Language, language_of
from selfinstruct.teachers.builtin.layers import AFTER, BEFORE, Kind, put_on
from selfinstruct.teachers.builtin.understanding import KINDS, Understood, peel, understand

FAMILIES = EN.families + ZH.families
EVERY = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
BOTH = pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
DEPTH = ("constraints", "deepen", "concretize", "reasoning", "complicate_input")
CODE = ("code_constraint", "code_rare", "code_reasoning", "code_erroneous", "code_complexity")


def ask(prompt: Prompt, sample: int = 0, model: str = "builtin") -> Response:
    return asyncio.run(builtin(Request(prompt, model, {}, sample)))


def new_task(family: Family, rng: Random) -> Task:
    instruction, asked = family.compose(rng)
    given = asked.draw(rng)
    return Task("t", instruction, (Instance(given, ""),) if given else (), origin="seed")


def is_open(family: Family) -> bool:
    """Several answers may be right, or none can be judged to the last letter."""
    return not family.graded or family.name.endswith(("regex", "acrostic"))


def shown(task: Task) -> Shown:
    return Shown(task.instruction, first_input(task))


def known(task: Task) -> Understood:
    found = understand(*shown(task))
    assert found is not None, task
    return found


def evolve(task: Task, operator: str, rng: Random, language: str = "en", sample: int = 0) -> Task | None:
    """One round, through the stage's own prompt and parser; None when the evolution fails and is eliminated."""
    stage = Evolve(operators=(operator,), language=language)
    drawn = stage.draw(task, rng)
    for found in stage.parse([drawn], ask(stage.prompt([drawn], rng), sample)):
        if isinstance(found, Task) and not leak()(found, Pool()) and not equal(shown(task), shown(found)):
            return found
    return None


def evolved(task: Task, operator: str, rng: Random, language: str = "en") -> Task:
    """The first that is not eliminated."""
    found = (evolve(task, operator, rng, language, sample) for sample in range(20))
    return next(one for one in found if one)


def answered(task: Task, rng: Random) -> str:
    """Through the stage, as often as it takes to get one that is whole and no excuse."""
    for sample in range(20):
        for done in Respond().parse([task], ask(Respond().prompt([task], rng), sample)):
            if isinstance(done, Task) and done.instances[0].output not in EN.refusals + ZH.refusals:
                return done.instances[0].output
    raise AssertionError(task)


# Four rounds.


@EVERY
def test_four_rounds_with_any_operators_are_understood_and_answered_right(family: Family) -> None:
    rng, made = Random(family.name), 0
    for _ in range(3):
        task = new_task(family, rng)
        for _ in range(4):
            harder = evolve(task, rng.choice(list(operators())), rng, rng.choice(("en", "zh")))
            made += harder is not None
            task = harder or task
        found = known(task)
        answer = answered(task, rng)
        assert found.accepts(answer), (task, answer)
        wrong = (
            "",
            "I'm sorry, but I can't do that.",
            "抱歉，我不会。",
            answer[: len(answer) // 2 - 1],
            f"{answer} or 7",
        )
        assert not any(map(found.accepts, wrong)) or is_open(found.asked.family), (task, answer)
    assert made >= 7, "more than the documented share of evolutions failed"


@BOTH
def test_eight_rounds_of_one_operator(language: Language) -> None:
    """An operator that has nothing left to add gives way to another one."""
    rng = Random(1)
    for operator in (*DEPTH, *CODE):
        task = new_task(rng.choice(language.families), rng)
        for _ in range(8):
            task = evolved(task, operator, rng, language.code)
        found = known(task)
        assert len({layer.kind.name for layer in found.layers}) == len(found.layers) == 8
        assert found.accepts(answered(task, rng))


# Each operator does what it says.


def pairs(language: Language, operator: str, many: int = 40) -> list[tuple[Task, Task]]:
    """Tasks with what one round made of them."""
    rng = Random(operator)
    parents = [new_task(rng.choice(language.families), rng) for _ in range(many)]
    return [(parent, evolved(parent, operator, rng, language.code)) for parent in parents]


def size(text: str, language: Language) -> int:
    return len(tokens(text)) if language is ZH else len(text.split())


@BOTH
@pytest.mark.parametrize("operator", DEPTH)
def test_depth_keeps_the_task_and_adds_one_layer_of_the_right_length(language: Language, operator: str) -> None:
    rng, lengths, difficulties = Random(2), list[int](), Counter[int]()
    for parent, child in pairs(language, operator):
        one, other = known(parent), known(child)
        assert (other.asked, other.given) == (one.asked, one.given)
        assert len(other.layers) == len(one.layers) + 1
        lengths.append(size(child.instruction, language) - size(parent.instruction, language))
        hard, harder = (difficulty(task, rng.choice(("en", "zh"))) for task in (parent, child))
        difficulties[harder - hard] += 1
    assert set(difficulties) == {1}
    least, most = (8, 30) if language is EN else (10, 45)
    assert all(least <= length <= most for length in lengths), sorted(lengths)
    assert 10 <= sum(lengths) / len(lengths) <= (24 if language is EN else 33)


def difficulty(task: Task, language: str) -> int:
    judge = Judge(language=language)
    (judged,) = judge.parse([task], ask(judge.prompt([task], Random(0))))
    assert isinstance(judged, Task)
    return int(judged.extra["difficulty"])


@BOTH
@pytest.mark.parametrize(("operator", "lines"), [("constraints", 0), ("deepen", 1), ("reasoning", 3)])
def test_what_was_right_before_is_not_any_more(language: Language, operator: str, lines: int) -> None:
    rng = Random(3)
    for parent, child in pairs(language, operator):
        before, after = answered(parent, rng), answered(child, rng)
        assert known(parent).accepts(before)
        assert known(child).accepts(after)
        assert not known(child).accepts(before), (child, before)
        if lines and not code_of(known(child).asked):
            assert after.count("\n") >= before.count("\n") + lines


@BOTH
def test_particulars_change_nothing_about_the_answer(language: Language) -> None:
    texts = set()
    for parent, child in pairs(language, "concretize"):
        assert known(child).accepts(answered(parent, Random(4)))
        texts.add(child.instruction.replace(parent.instruction, ""))
    assert len(texts) > 35


@BOTH
@pytest.mark.parametrize("form", disguises.FORMS)
def test_an_input_in_another_form_is_read_back(language: Language, form: str) -> None:
    rng = Random(form)
    for _ in range(20):
        parent = new_task(rng.choice(language.families), rng)
        made = evolving.evolved(rng, shown(parent), "complicate_input", f"as data in the form of {form}")
        child = understand(*made)
        assert child is not None
        assert child.layers[-1].kind.name in (f"input in {form}", f"value in {form}")
        assert child.given == first_input(parent)
        answer = child.answer(rng)
        assert answer is not None
        if not child.given:
            value = disguises.FORMS[form].read(child.layers[-1].slots["key"], made.given)
            assert value
            assert value in answer.split("\n")[0]
        broken = understand(made.instruction, "nothing of the kind")
        assert broken is None


@given(st.text(min_size=1), st.sampled_from(tuple(disguises.FORMS)), st.integers())
@settings(max_examples=200, deadline=None)
def test_any_text_survives_every_form(text: str, form: str, seed: int) -> None:
    rng = Random(seed)
    for kind in (disguises.INPUTS["en"][form], disguises.VALUES["zh"][form]):
        _, layer = kind.draw(rng)
        data = disguises.disguised(rng, form, "en", layer.slots["key"], text)
        assert kind.decode
        assert kind.decode(layer.slots, data) == text


@BOTH
def test_breadth_makes_a_sibling_of_the_same_subject_about_as_hard(language: Language) -> None:
    rng = Random(5)
    for parent, child in pairs(language, "breadth"):
        family, other = known(parent).asked.family, known(child).asked.family
        assert family is not other
        assert other in evolving.subject(family) or len(evolving.subject(family)) == 1
        assert abs(difficulty(parent, "en") - difficulty(child, "zh")) <= 2
    parent = evolved(evolved(parent, "constraints", rng), "deepen", rng)
    assert len(known(evolved(parent, "breadth", rng)).layers) == 2


@pytest.mark.parametrize("name", operators())
def test_operators_are_known_by_their_words(name: str) -> None:
    for language in LANGUAGES:
        stage = Evolve(operators=(name,), language=language)
        task = stage.draw(Task("t", "Sort the data in steps: input, output and programming."), Random(0))
        prompt = framed(str(stage.prompt([task], Random(0))))
        assert prompt is not None
        assert evolving.operator_of(Random(0), prompt) == name


# Code.

PYTHON = [family for family in FAMILIES if family.name in ("python_function", "zh_python_function")]
SQL = [family for family in FAMILIES if family.name in ("sql", "zh_sql")]


def evolved_code(family: Family, rng: Random) -> tuple[Task, str]:
    task = new_task(family, rng)
    for operator in rng.sample((*CODE, *DEPTH), 4):
        task = evolved(task, operator, rng)
    return task, answered(task, rng)


def test_evolved_python_still_runs_and_does_what_it_should() -> None:
    rng, script = Random(6), ""
    for family in PYTHON * 12:
        task, answer = evolved_code(family, rng)
        slots = known(task).asked.slots
        script += f"{answer}\n"
        for call, value in code.FUNCTIONS.get(slots["does"], ("", {}))[1].items():
            script += f"assert {slots.get('called') or slots['name']}({call}) == {value!r}\n"
    subprocess.run([sys.executable, "-I", "-c", script], check=True)


def test_evolved_queries_still_run() -> None:
    rng, columns = Random(7), dict[str, set[str]]()
    for name, pair in (*code.TABLES.items(), *((name, pair) for name, *pair in zh.code.TABLES.values())):
        columns.setdefault(name, set()).update(pair)
    for family in SQL * 12:
        _, answer = evolved_code(family, rng)
        with sqlite3.connect(":memory:") as database:
            for name, names in columns.items():
                database.execute(f"CREATE TABLE {name} ({', '.join(names)})")
            database.executescript(answer)


def test_wrong_code_is_wrong() -> None:
    lines = ["def fails(wrong, right, x):", "    try: return wrong(x) != right(x)", "    except Exception: return True"]
    for body, calls in code.FUNCTIONS.values():
        lines.append(f"def right(x):\n    {body}")
        for draft in code_layers.WRONG["python"]:
            lines.append(
                f"assert any(fails({draft}, right, x) for x in ({''.join(f'{call}, ' for call in calls)})), {draft!r}"
            )
    subprocess.run([sys.executable, "-I", "-c", "\n".join(lines)], check=True)
    rng = Random(8)
    for family in FAMILIES:
        for kind in ("sql", "regex", "value"):
            for _ in range(12):
                task = new_task(family, rng)
                if code_of(known(task).asked) == kind:
                    assert not any(map(known(task).accepts, code_layers.WRONG[kind])), task


# Layers by themselves.

ALL = [(language, kind) for language, kinds in KINDS.items() for kind in kinds]
FIRST = {"en": "Do as I say (please).", "zh": "请照办。"}
EDITING = ("signature", "docstring", "indentation", "small keywords", "stored")


@pytest.mark.parametrize(("language", "kind"), ALL, ids=lambda one: one if isinstance(one, str) else one.name)
def test_sentences_are_found_again_and_clean(language: str, kind: Kind) -> None:
    rng, first = Random(kind.name), FIRST[language]
    for mark in tuple(kind.slots.get("mark", ("",))) * 6:
        sentence, layer = kind.draw(rng, mark=mark)
        text = put_on(first, sentence) if kind.place == AFTER else sentence + first
        text = f"{sentence} {first}" if kind.place == BEFORE and language == "en" else text
        assert peel(text, language) == (first, (layer,)), text
        assert language_of(text).code == language
        assert leak()(Task("t", text), Pool()) is None
        assert "{" not in sentence.replace("lambda x: {}", "").replace("{20}", "")
        assert not re.search(r"\*\*|  |\n| [,.;?]|，，|。。", sentence)
        if kind.place != "within":
            assert sentence.endswith("." if language == "en" else "。")
        if kind.place == AFTER:
            assert peel(put_on(text, sentence), language)[1] == (layer, layer)


@BOTH
def test_there_is_much_to_choose_from(language: Language) -> None:
    rng, code = Random(9), language.code
    for kinds, least in (
        (evolving.CONDITIONS[code], 15),
        (evolving.DEEPER[code], 8),
        (evolving.STEPS[code], 10),
        (evolving.PARTICULARS[code], 5),
    ):
        assert len({kind.name for kind in kinds}) == len(kinds) >= least
        sentences = {rng.choice(kinds).draw(rng)[0] for _ in range(400)}
        assert len(sentences) > 80


@given(st.text(min_size=1), st.text(), st.integers())
@settings(max_examples=100, deadline=None)
def test_what_is_put_can_be_taken(answer: str, said: str, seed: int) -> None:
    rng = Random(seed)
    for _, kind in rng.sample(ALL, 25):
        if kind.name not in EDITING:
            _, layer = kind.draw(rng, mark=rng.choice(("", "# ")))
            if kind.holds_value:
                continue
            done = layer.put(said, answer)
            assert layer.take(said, done) == answer


# Judging.


def judged(ask_for: str, task: Task, language: str = "en") -> Task | Rejected:
    judge = Judge(ask=ask_for, language=language)
    return next(iter(judge.parse([task], ask(judge.prompt([task], Random(0))))))


def child_of(parent: Task, instruction: str) -> Task:
    return Task(
        "c", instruction, parent.instances, evolved=Evolved("deepen", 1, parent.instruction, first_input(parent))
    )


@BOTH
def test_equal_and_different(language: Language) -> None:
    rng = Random(10)
    for family in rng.sample(language.families, 25):
        parent = new_task(family, rng)
        assert isinstance(judged("equal", child_of(parent, parent.instruction), language.code), Rejected)
        other = evolved(parent, rng.choice((*DEPTH, "breadth")), rng)
        child = Task("c", other.instruction, other.instances, evolved=child_of(parent, "x").evolved)
        assert isinstance(judged("equal", child, language.code), Task)
    unknown = Task("t", "Tell me something about my dog Rex, his food and his habits, in your own words.")
    assert isinstance(judged("equal", child_of(unknown, unknown.instruction)), Rejected)
    assert isinstance(judged("equal", child_of(unknown, "Tell me about Rex.")), Task)


def test_another_wording_is_equal() -> None:
    one = Shown("On which weekday does the great flood fall?", "14 July 1789")
    assert equal(one, Shown("What weekday is it? The date is that of the great flood.", "14 July 1789"))
    assert not equal(one, Shown("On which weekday does the great flood fall?", "15 July 1789"))


@BOTH
def test_marks_tell_right_from_wrong(language: Language) -> None:
    rng = Random(11)
    for family in language.families:
        task = evolved(new_task(family, rng), "constraints", rng)
        answer = answered(task, rng)
        right = score(shown(task), answer)
        assert right == (10 if family.graded else 9)
        bare = known(task).bare(answer)
        assert bare is not None
        assert score(shown(task), bare) == 6, (task, bare)
        assert score(shown(task), rng.choice(language.refusals)) == 1
        wrong = score(shown(task), f"{answer} or 7")
        assert wrong is not None
        assert wrong <= 3 or is_open(family)
        judged_task = judged(
            "score", Task("t", task.instruction, (Instance(first_input(task), answer),)), language.code
        )
        assert isinstance(judged_task, Task)
        assert judged_task.extra["score"] == right


def test_it_gives_no_mark_where_it_knows_nothing() -> None:
    for language in LANGUAGES:
        found = judged("score", Task("t", "Praise my dog Rex.", (Instance("", "Good dog."),)), language)
        assert isinstance(found, Rejected)
        assert found.reason == "no score from 1 to 10 in the answer"


# Chat.


def what_is_meant(said: str, before: Shown) -> Shown:
    """The task that a user's turn refers to, read as somebody would who knows how the turns begin."""
    for words in chatting.WORDS.values():
        for start in words.again:
            if said.startswith(f"{start}\n\n"):
                return Shown(before.instruction, said.removeprefix(f"{start}\n\n"))
        for start in (*words.harder, *words.other):
            if said.startswith(start):
                instruction, _, new = said.removeprefix(start).strip().partition("\n\n")
                return Shown(instruction, before.given if start in words.harder and not new else new)
    return Shown(*said.partition("\n\n")[::2])


@EVERY
def test_conversations_are_right_in_every_turn(family: Family) -> None:
    rng = Random(f"{family.name} chat")
    for sample in range(3):
        task = new_task(family, rng)
        stage = Chat(language=rng.choice(("en", "zh")))
        response = ask(stage.prompt([task], rng), sample)
        talk = [found for found in stage.parse([task], response) if isinstance(found, Task)]
        if response.finish_reason == "length":
            continue
        turns = talk[0].turns
        assert [turn["role"] for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
        assert 4 <= len(turns) <= 12
        about, thanked = shown(task), 0
        for question, answer in zip(turns[::2], turns[1::2], strict=True):
            if any(question["content"] in words.thanks for words in chatting.WORDS.values()):
                thanked += 1
                continue
            about = what_is_meant(question["content"], about)
            found = understand(*about)
            assert found is not None, question
            assert found.accepts(answer["content"]), (about, answer)
        assert thanked <= 1


@pytest.mark.parametrize("question", ["Praise my dog Rex.", "夸夸我家的小狗。"])
def test_an_unknown_question_ends_the_conversation_politely(question: str) -> None:
    stage, task = Chat(), Task("t", question)
    (talk,) = stage.parse([task], ask(stage.prompt([task], Random(0)), sample=1))
    assert isinstance(talk, Task)
    assert talk.turns[1]["content"] in language_of(question).refusals
    assert len(talk.turns) == 4


# What it does not know.


@pytest.mark.parametrize(
    ("prompt", "start"),
    [
        ("Praise my dog Rex.", "I'm sorry, but"),
        ("夸夸我家的小狗。", ("抱歉", "对不起", "很抱歉")),
        ("On which weekday does the great flood fall?", "I'm sorry, but"),
        ("On which weekday does the great flood fall?\n\nnobody knows", "I'm sorry, but"),
        ("On which weekday does the great flood fall?\n\n31 February 2024", "I'm sorry, but"),
        ("请推算所给日期是星期几，好为房租到期做准备。", ("抱歉", "对不起", "很抱歉")),
    ],
)
def test_refusals(prompt: str, start: str | tuple[str, ...]) -> None:
    assert ask(prompt).text.startswith(start)


def test_an_instruction_with_its_input_is_answered() -> None:
    assert ask("On which weekday does the great flood fall?\n\n14 July 1789").text == "Tuesday"
    assert ask("请推算所给日期是星期几，好为房租到期做准备。\n\n2010年12月9日").text == "星期四"


@EVERY
def test_inputs_of_others_are_refused_or_answered_but_never_break_it(family: Family) -> None:
    rng = Random(family.name)
    for given_one in ("", "a", "?\n\n1,2", "某个输入", "0", "[]", "x" * 2000):
        task = new_task(family, rng)
        assert ask(f"{task.instruction}\n\n{given_one}").text
        score(Shown(task.instruction, given_one), "an answer")


@pytest.mark.parametrize(
    "instruction", ["Praise my dog Rex\n- he is old\n- he is kind", "夸夸我家的小狗", "Praise me {so}!"]
)
def test_tasks_of_others_are_evolved_as_texts(instruction: str) -> None:
    rng = Random(12)
    for name in operators():
        task = Task("t", instruction, (Instance("He is {nine} \\ years old.", ""),))
        first = evolved(task, name, rng)
        second = evolved(first, name, rng)
        assert second.instruction != first.instruction != instruction
        if operators()[name]["frame"] == "depth":
            assert language_of(second.instruction) is language_of(instruction)
            assert difficulty(task, "en") < difficulty(first, "en") < difficulty(second, "en")
        else:
            assert known(first)


# Methods of evolving in several steps (Auto Evol-Instruct).


@BOTH
def test_a_method_is_mended_where_it_failed_and_then_followed(language: Language) -> None:
    rng, code = Random(16), language.code
    task = new_task(language.families[0], rng)
    method = prompt_text("method", code)

    def evolutions(method: str) -> list[Task]:
        stage = Evolve(language=code, method=method)
        drawn = stage.draw(task, rng)
        answers = [ask(stage.prompt([drawn], rng), sample, "builtin:messy") for sample in range(150)]
        return [made for answer in answers for made in stage.parse([drawn], answer) if isinstance(made, Task)]

    made = evolutions(method)
    assert sum(leak()(one, Pool()) is not None for one in made) >= 2
    assert sum(equal(shown(task), shown(one)) for one in made) >= 5
    assert len({one.instruction for one in made}) > 80
    bad = [one for one in made if leak()(one, Pool()) or equal(shown(task), shown(one))]
    groups = "\n\n".join(f"{n}.\n{block(task, code)}\n-->\n{block(one, code)}" for n, one in enumerate(bad, 1))
    for sample in range(6):
        analysis = ask(filled(prompt_text("optimise_analyse", code), method=method, trajectories=groups), sample).text
        better = ask(filled(prompt_text("optimise_improve", code), method=method, analysis=analysis), sample).text
        method = better if better.startswith(method) else method
    assert [line.split(".")[0] for line in method.split("\n")] == ["1", "2", "3", "4", "5", "6"]
    assert not any(leak()(one, Pool()) or equal(shown(task), shown(one)) for one in evolutions(method))
    fine = f"1.\n{block(task, code)}\n-->\n{block(evolved(task, 'deepen', rng), code)}"
    assert len(ask(filled(prompt_text("optimise_analyse", code), method=method, trajectories=fine)).text) < 30


# Purity, mess, speed.


@pytest.mark.parametrize("model", MODELS)
def test_evolutions_fail_at_the_documented_rates(model: str) -> None:
    rates, rng, found, many = mess.RATES[model], Random(13), Counter[str](), 1200
    for sample in range(many):
        task = new_task(rng.choice(FAMILIES), rng)
        stage = Evolve(operators=("constraints",))
        drawn = stage.draw(task, rng)
        response = ask(stage.prompt([drawn], rng), sample, model)
        for made in stage.parse([drawn], response):
            if isinstance(made, Rejected):
                found["truncated"] += 1
            elif leak()(made, Pool()):
                found["leak"] += 1
            elif equal(shown(task), shown(made)):
                found["unchanged"] += 1
            else:
                text = ask(Respond().prompt([made], rng), sample, model).text
                found["sorry"] += text in language_of(made.instruction).refusals
    for name in ("truncated", "leak", "unchanged", "sorry"):
        rate = getattr(rates, name)
        assert abs(found[name] - rate * many) < 4 * math.sqrt(rate * many), (name, found)


def test_pure_in_this_process_and_another() -> None:
    rng = Random(14)
    task = evolved(new_task(ZH.families[0], rng), "deepen", rng)
    prompts = [str(Chat().prompt([task], rng)), str(Evolve().prompt([Evolve().draw(task, rng)], rng))]
    script = (
        "import asyncio, sys\nfrom selfinstruct.teacher import Request\n"
        "from selfinstruct.teachers.builtin import builtin\n"
        "for prompt in sys.argv[1:]:\n"
        "    print(asyncio.run(builtin(Request(prompt, 'builtin', {}, 2))).text)"
    )
    here = "".join(f"{ask(prompt, sample=2).text}\n" for prompt in prompts)
    environment = {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", script, *prompts], capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == here
    assert here != "".join(f"{ask(prompt, sample=3).text}\n" for prompt in prompts)
