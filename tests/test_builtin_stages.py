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

from selfinstruct.filters.elimination import leak
from selfinstruct.filters.pool import Pool
from selfinstruct.simulator import MODELS, builtin, chatting, code_layers, disguises, evolving, mess, particulars
from selfinstruct.simulator.coding import code_of
from selfinstruct.simulator.families import code, zh
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.frames import Shown, framed
from selfinstruct.simulator.grasping import TERMS, apart, grasp, laid
from selfinstruct.simulator.judging import equal, score
from selfinstruct.simulator.language import EN, LANGUAGES, ZH, Language, language_of
from selfinstruct.simulator.layers import AFTER, BEFORE, WITHIN, Kind, put_on, unenclosed
from selfinstruct.simulator.understanding import KINDS, Understood, peel, understand
from selfinstruct.stages.blocks import block, filled, first_input
from selfinstruct.stages.chat import Chat
from selfinstruct.stages.evolve import Evolve, operators
from selfinstruct.stages.judge import Judge
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.stages.respond import Respond
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.text.tokens import tokens

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
    found = grasp(shown(task))
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
        for n in range(4):
            harder = evolve(task, rng.choice(list(operators())), rng, rng.choice(("en", "zh")), sample=n)
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
        many = 6 if operator == "complicate_input" else 8
        for _ in range(many):
            task = evolved(task, operator, rng, language.code)
        found = known(task)
        assert len({layer.kind.name for layer in found.layers}) == len(found.layers) == many
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
        assert (other.asked.family, other.asked.slots, other.given) == (one.asked.family, one.asked.slots, one.given)
        assert other.asked.ending in (one.asked.ending, "")
        assert len(other.layers) == len(one.layers) + 1
        base = parent.instruction.removesuffix(one.asked.ending if one.asked.ending not in child.instruction else "")
        lengths.append(size(child.instruction, language) - size(base, language))
        hard, harder = (difficulty(task, rng.choice(("en", "zh"))) for task in (parent, child))
        difficulties[harder - hard] += 1
    assert set(difficulties) == {1}
    least, most = (6, 34) if language is EN else (10, 55)
    assert all(least <= length <= most for length in lengths), sorted(lengths)
    assert 9 <= sum(lengths) / len(lengths) <= (28 if language is EN else 38), sorted(lengths)


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
def test_particulars_within_a_sentence_break_no_phrase(language: Language) -> None:
    rng, many = Random(23), 0
    for family in language.families * 10:
        if made := particulars.insert(family.compose(rng)[0], language.code, "@"):
            before, after = made.split("@")
            assert unenclosed(before), made
            assert not re.match(" (?:and|or) ", after), made
            many += 1
    assert many > len(language.families)


@BOTH
@pytest.mark.parametrize("form", disguises.FORMS)
def test_an_input_in_another_form_is_read_back(language: Language, form: str) -> None:
    rng = Random(form)
    for _ in range(20):
        parent = new_task(rng.choice(language.families), rng)
        made = evolving.evolved(rng, shown(parent), "complicate_input", f"as data in the form of {form}")
        child = grasp(made)
        assert child is not None
        assert child.layers[-1].kind.name in (f"input in {form}", f"value of {form}")
        assert child.given == first_input(parent)
        answer = child.answer(rng)
        assert answer is not None
        if not child.given:
            value = disguises.FORMS[form].read(child.layers[-1].slots["key"], made.given)
            assert value
            assert value in answer.split("\n")[-1]
        broken = understand(made.instruction, "nothing of the kind")
        assert broken is None


@given(st.text(min_size=1), st.sampled_from(tuple(disguises.FORMS)), st.integers())
@settings(max_examples=200, deadline=None)
def test_any_text_survives_every_form(text: str, form: str, seed: int) -> None:
    rng = Random(seed)
    for kind in (disguises.INPUTS["en"][form], disguises.HELD["zh"][form]):
        _, layer = kind.draw(rng)
        data = disguises.disguised(rng, form, "en", layer.slots["key"], text)
        assert kind.decode
        assert kind.decode(layer.slots, data) == text


@BOTH
def test_a_general_term_gives_way_to_a_specific_one(language: Language) -> None:
    """And never the other way round; ages are those of people at work."""
    replaced, made, ages = 0, 0, list[int]()
    for parent, child in pairs(language, "concretize", 120):
        name = known(child).layers[0].kind.name
        if name.startswith("for "):
            general = name.removeprefix("for ")
            assert child.instruction.count(general) < parent.instruction.count(general) or general in child.instruction
            assert not child.instruction.startswith(parent.instruction)
            assert TERMS[language.code].general(child.instruction)[0] == parent.instruction
            replaced += 1
        ages += map(int, re.findall(r"\d+(?=-year-old| years old|岁)|(?<=aged )\d+", child.instruction))
        made += 1
    assert replaced >= made * 0.4
    assert len(ages) > made * 0.4
    assert all(19 <= age <= 64 for age in ages)


@BOTH
def test_terms_stay_apart(language: Language) -> None:
    terms = TERMS[language.code].terms
    assert len({term.general for term in terms}) == len(terms) > 300
    rng = Random(17)
    for term in terms:
        text, layer = term.kind.draw(rng)
        assert TERMS[language.code].general(f" {text}") == (f" {term.general}", (layer,))


@BOTH
@pytest.mark.parametrize("with_input", [True, False])
def test_a_complicated_input_is_another_one_or_the_task_stays_as_it_is(language: Language, with_input: bool) -> None:
    rng, form = Random(18), "in the form of XML"
    families = [family for family in language.families if bool(first_input(new_task(family, rng))) == with_input]
    for family in rng.sample(families, min(12, len(families))):
        task, changed = shown(new_task(family, rng)), 0
        for _ in range(9):
            made = evolving.evolved(rng, task, "complicate_input", form)
            if made == task:
                break
            assert made.given != task.given
            found = grasp(made)
            assert found is not None
            assert found.accepts(found.answer(rng) or "")
            task, changed = made, changed + 1
        assert changed == len(disguises.FORMS) + (not with_input)
        assert equal(task, made)


WISHES = re.compile(
    r"\balone\b|\benough\b|[Nn]othing but|Just the|only need|one sentence|single key|只写|就行|只要|只回答"
)


@BOTH
@pytest.mark.parametrize("operator", ["constraints", "deepen", "reasoning", "complicate_input"])
def test_more_is_asked_for_only_without_a_wish_for_less(language: Language, operator: str) -> None:
    rng, freed = Random(19), 0
    for family in language.families:
        for ending in family.endings:
            instruction, asked = family.compose(rng, wishes=0)
            joint = "" if instruction.endswith("。") or language is ZH else " "
            task = Shown(f"{instruction}{joint}{ending}", asked.draw(rng))
            made = evolving.evolved(rng, task, operator)
            before, after = grasp(task), grasp(made)
            assert before is not None
            assert after is not None
            assert after.accepts(after.answer(rng) or "")
            more = after.answer(rng) != before.answer(rng)
            if WISHES.search(ending) and (more or "value of" in after.layers[-1].kind.name):
                assert ending not in made.instruction, made
                freed += 1
    assert freed or operator == "complicate_input"  # what has an input keeps its wish


@pytest.mark.parametrize(
    ("instruction", "gone", "kept"),
    [
        ("Is Rex a good dog or a cat? Answer with the label only.", "Answer with the label only.", "Is Rex a good"),
        ("Tell me about my dog. Do not add anything else, no other text.", "no other text", "Tell me about my dog."),
        ("我家的狗乖不乖？只写标签。", "只写标签。", "我家的狗乖不乖？"),
        ("夸夸我家的狗。不要解释，也别写其他内容。", "不要解释", "夸夸我家的狗。"),
    ],
)
def test_a_wish_for_less_is_left_out_of_tasks_of_others(instruction: str, gone: str, kept: str) -> None:
    for seed in range(12):
        made = evolving.evolved(Random(seed), Shown(instruction, ""), "deepen")
        assert gone not in made.instruction
        assert kept in made.instruction
        assert len(laid(made.instruction)[1]) == 1


@pytest.mark.parametrize("instruction", ["Answer with one word: is Rex a good dog?", "只回答一个字：我家的狗乖不乖？"])
def test_where_the_wish_is_all_of_the_task_the_answer_stays_as_it_is(instruction: str) -> None:
    for operator in ("constraints", "deepen", "reasoning"):
        made = evolving.evolved(Random(operator), Shown(instruction, ""), operator)
        assert instruction.rstrip("?？") in made.instruction
        assert laid(made.instruction)[1][-1].kind in (*evolving.PARTICULARS["en"], *evolving.PARTICULARS["zh"]) or (
            laid(made.instruction)[1][0].kind.name.startswith("for ")
        )


@BOTH
def test_nothing_above_changes_after_it_was_counted(language: Language) -> None:
    """And the form of the answer is one, and comes first."""
    rng, forms = Random(20), ("enclosed", "opener", "fence", "twice", "marked lines", "numbered lines", "between lines")
    for family in rng.sample(language.families, 40):
        task = shown(new_task(family, rng))
        for _ in range(6):
            task = evolving.evolved(rng, task, rng.choice(("constraints", "deepen", "reasoning")))
        found = grasp(task)
        assert found is not None
        names = [layer.kind.name for layer in found.layers]
        own = [name for name in names if name in forms or name.startswith(("in ", "lines in", "reference"))]
        assert len(own) <= 1
        counted = [n for n, name in enumerate(names) if name.startswith("three steps") or name.endswith("counted")]
        above = [n for n, name in enumerate(names) if name in (*own, "heading")]
        assert not counted or not above or max(above) < min(counted), names


@BOTH
def test_what_is_counted_is_said_to_the_letter(language: Language) -> None:
    """A word is a run between spaces, and somebody wins a tie."""
    kinds = (*evolving.CONDITIONS[language.code], *evolving.DEEPER[language.code], *evolving.STEPS[language.code])
    rng = Random(21)
    for sentence in {kind.draw(rng, mark="")[0] for kind in kinds for _ in range(40)}:
        if re.search(r"\bcounts? (?:all |the )?words|longest word|number of words|different words", sentence):
            assert re.search(r"runs? (?:of characters )?between spaces", sentence), sentence
        if re.search(r"most frequent|longest|最常见", sentence):
            assert re.search(r"\btie\b|一样多", sentence), sentence
        if (
            re.search(r"letters? above|letters? occur|different letters", sentence)
            and "capital letters" not in sentence
        ):
            assert re.search(r"case|capital or small|small letters|count the letters", sentence), sentence
        if "标点" in sentence and "几个标点" in sentence:
            assert "七种" in sentence


def test_findings_to_the_letter() -> None:
    def last_line(kinds: tuple[Kind, ...], name: str, given: str, answer: str) -> str:
        kind = next(kind for kind in kinds if kind.name == name)
        return kind.draw(Random(0), mark="")[1].put(given, answer).rsplit("\n", 1)[-1]

    english, chinese = KINDS["en"], KINDS["zh"]
    assert last_line(english, "top letter", "", "bBaA zz").endswith(": a, 2")
    assert last_line(english, "longest run", "", "abc, cde efgh").endswith(": abc,")
    assert last_line(english, "words in both", 'Ash, oak; "well-known" $3.50!', "(oak) 3.50, ash well-known.").endswith(
        ": oak well-known 3.50"
    )
    assert last_line(english, "words counted", "", "well-known, yes\n- a").endswith(": 4")
    assert last_line(english, "length compared", "abc", "a").endswith(": shorter by 2")
    assert last_line(chinese, "top character", "", "天地地天").endswith("：天，2次")
    assert last_line(chinese, "length compared", "甲 乙", "甲乙丙").endswith("：多1")


# Instruction and input in one text, as in chat data.


@BOTH
def test_additions_stand_before_the_input_in_one_text(language: Language) -> None:
    rng, changed = Random(22), 0
    for family in language.families:
        task = new_task(family, rng)
        given_one = first_input(task)
        if not given_one:
            continue
        one = Task("t", f"{task.instruction}\n\n{given_one}")
        for name in (*DEPTH, *DEPTH):
            made = evolved(one, name, rng, language.code)
            assert not made.instances
            parts = apart(shown(made))
            assert parts.joined
            assert len(known(made).layers) == len(known(one).layers) + 1 or name == "complicate_input"
            assert known(made).given == given_one
            if len([n for n in known(made).layers if n.kind.decode]) == len(
                [n for n in known(one).layers if n.kind.decode]
            ):
                assert made.instruction.endswith(apart(shown(one)).task.given)
                assert difficulty(made, "en") == min(difficulty(one, "zh") + 1, 10)
            changed += 1
            one = made
        assert known(one).accepts(answered(one, rng))
    assert changed > 200


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Praise the dog described below.\n\nRex is nine.\n\nHe is kind.", "Rex is nine.\n\nHe is kind."),
        ("Praise this dog:\nRex is nine.\nHe is kind.", "Rex is nine.\nHe is kind."),
        ("夸夸下面这只狗。\n\n来福九岁了。\n它很乖。", "来福九岁了。\n它很乖。"),
        ("夸夸这只狗：\n来福九岁了。", "来福九岁了。"),
    ],
)
def test_texts_of_others_end_with_their_data(text: str, data: str) -> None:
    rng, task = Random(23), Task("t", text)
    for n, name in enumerate(("constraints", "deepen", "reasoning"), 1):
        task = evolved(task, name, rng)
        assert task.instruction.endswith(f"\n\n{data}")
        assert len(laid(apart(shown(task)).task.instruction)[1]) == n
        assert difficulty(task, "en") > n


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Rex is a dog of nine who likes every single visitor of ours.\n\nPraise the dog above.", ""),
        ("Rex is a dog of nine who likes all visitors\nof our house and barks at none of them.", "As to the reply"),
        ("来福九岁了，见了谁都摇尾巴。\n\n请根据以上内容夸夸它。", ""),
    ],
)
def test_texts_that_end_with_the_instruction_go_on_after_it(text: str, lead: str) -> None:
    rng, task = Random(24), Task("t", text)
    for n in (1, 2):
        task = evolved(task, "constraints", rng)
        assert task.instruction.startswith(text)
        assert task.instruction.count(lead) == 1 or not lead
        assert len(laid(task.instruction)[1]) == n


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
        if kind.place != WITHIN:
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
            found = grasp(about)
            assert found is not None, question
            assert found.accepts(answer["content"]), (about, answer)
        assert thanked <= 1


@BOTH
def test_conversations_about_specific_terms(language: Language) -> None:
    rng, many = Random(24), 0
    for _, child in pairs(language, "concretize", 60):
        stage = Chat(language=language.code)
        *_, talk = stage.parse([child], ask(stage.prompt([child], rng)))
        if known(child).layers[0].kind.name.startswith("for ") and isinstance(talk, Task) and len(talk.turns) > 3:
            assert not any(talk.turns[2]["content"] in words.never_mind for words in chatting.WORDS.values())
            found = grasp(what_is_meant(talk.turns[2]["content"], shown(child)))
            assert found is not None
            assert found.accepts(talk.turns[3]["content"])
            many += 1
    assert many > 20


def test_a_conversation_about_one_text_goes_on() -> None:
    """Instruction and input stand in it without a blank line; what is asked next leaves the input apart."""
    task, about = Task("t", "On which weekday does the great flood fall?\n14 July 1789"), set[str]()
    for sample in range(20):
        stage = Chat()
        *_, talk = stage.parse([task], ask(stage.prompt([task], Random(0)), sample))
        assert isinstance(talk, Task)
        assert talk.turns[1]["content"] == "Tuesday"
        if len(talk.turns) > 3:
            found = grasp(what_is_meant(talk.turns[2]["content"], apart(shown(task)).task))
            assert found is not None
            assert found.accepts(talk.turns[3]["content"])
            about.add(found.asked.family.name)
    assert len(about) > 2


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
        "from selfinstruct.simulator import builtin\n"
        "for prompt in sys.argv[1:]:\n"
        "    print(asyncio.run(builtin(Request(prompt, 'builtin', {}, 2))).text)"
    )
    here = "".join(f"{ask(prompt, sample=2).text}\n" for prompt in prompts)
    environment = {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", script, *prompts], capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == here
    assert here != "".join(f"{ask(prompt, sample=3).text}\n" for prompt in prompts)
