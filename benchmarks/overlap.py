"""How much of an evaluation the filter `overlap` finds again in a dataset, how often it errs, and how long a row takes.

    python benchmarks/overlap.py                                        (1,000,000 rows: two minutes)
    python benchmarks/overlap.py --num 50000                            (ten seconds)
    python benchmarks/overlap.py --rows alpaca.jsonl --against mmlu.jsonl gsm8k.jsonl

The rows are made up here, seeded: instruction, input and output of Alpaca's lengths in the words of our seed tasks, by
how often these occur; one in ten asks what an item of the evaluation asks, of something else. So are 2,000 items, of
which 500 each are planted in a row: word for word; with a fifth of the words replaced, left out or moved; and said in
other words, by a second wording of each pattern and by synonyms. They stand there as an instruction, as an input, in an
output, in the middle of a conversation. 500 are planted nowhere. Neither wording nor synonyms were chosen by what the
filter finds.

Look at "found" (99, 95 and 60 % are the aims), "false" (at most 0.1 %) and "us a row" (60, on one core; of the filter
alone, its index made before). Real files have nothing planted: there the first hits are shown, to be read.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from selfinstruct.filters.overlap import Overlap
from selfinstruct.filters.overlap_words import Item, Part
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import tasks_in
from selfinstruct.running.evaluations import overlap_of
from selfinstruct.running.recipe_file import shipped
from selfinstruct.task import Instance, Task

KINDS = ("verbatim", "a fifth edited", "in other words")
EACH = 500
"""Items planted of each kind, and of none."""

PATTERNS = (
    (
        "{A} bought {n} boxes of {a} for {m} coins each and {k} sacks of {b} for {l} coins each. How many "
        "coins did {A} "
        "spend in total?",
        "In all, what did {A} pay for {n} boxes of {a} at {m} coins apiece together with {k} sacks of {b} "
        "that cost {l} "
        "coins apiece?",
    ),
    (
        "Which {a} is best known for its {b} in the {c} of the {d}?",
        "In the {c} of the {d}, what {a} is most famous because of its {b}?",
    ),
    (
        "Explain how the {a} of a {b} affects the {c} when the {d} is removed.",
        "If someone takes away the {d}, in what way does the {a} of a {b} influence the {c}?",
    ),
    (
        "A {a} travels {n} kilometers in {m} hours, then stops at a {b} for {k} minutes. What is its average "
        "speed until "
        "it reaches the {c}?",
        "Having gone {n} kilometers in {m} hours, a {a} rests {k} minutes at a {b}. How fast is it on "
        "average before it "
        "gets to the {c}?",
    ),
    (
        "Write a short story about a {a} who finds a {b} under the {c} and decides to give it to the {d}.",
        "Tell a brief tale in which somebody, a {a}, discovers a {b} beneath the {c} and chooses to hand it "
        "over to the "
        "{d}.",
    ),
    (
        "Why did the {a} of the {b} lose its {c} after the {d} had been introduced?",
        "What was the reason that, once there was the {d}, the {b} saw its {a} without any {c}?",
    ),
    (
        "Write a function that takes a list of {a} and returns the {b} with the smallest {c}, or none when "
        "the list has "
        "no {d}.",
        "Implement code which, given {a} in a list, gives back the {b} whose {c} is lowest; where there is "
        "no {d} in the "
        "list, return none.",
    ),
    (
        "In the passage above, the word {a} most nearly means: {b}, {c}, {d} or {e}?",
        "Of {b}, {c}, {d} and {e}, which is closest in meaning to {a} as the passage above has it?",
    ),
    (
        "Compare the {a} {b} with the {c} {d}: what do they have in common, and where do they differ in {e}?",
        "What are the similarities of the {a} {b} and the {c} {d}, and the differences between them as to {e}?",
    ),
    (
        "During the {a}, a {b} was kept in the {c} at {n} degrees. After {m} days its {d} had doubled. What can be "
        "concluded about the {e}?",
        "A {b} whose {d} had grown to twice as much after {m} days was held at {n} degrees in the {c} for "
        "the {a}. What "
        "follows from this for the {e}?",
    ),
    (
        "You are a {a}. Draft a letter to the {b} in which you ask for a {c} because of the {d}.",
        "Imagine that you work as a {a}, and compose a letter requesting a {c} from the {b} on account of the {d}.",
    ),
    (
        "Suggest three ways in which a {a} could use a {b} to protect the {c} from {d}.",
        "How might a {b} help a {a} to keep the {c} safe against {d}? Give three possibilities.",
    ),
)
"""What is asked, and the same in other words."""

SITUATIONS = (
    (
        "The {f} near the {g} was closed for {i} weeks because its {h} had been damaged.",
        "Because of damage to its {h}, they shut the {f} close to the {g} for {i} weeks.",
    ),
    (
        "Last winter {B} sent a {f} and two {g} to the {h}, which nobody there had ordered.",
        "{B} let the {h} have two {g} and a {f} last winter, although nobody there wanted them.",
    ),
    (
        "Researchers measured the {f} of {i} different {g} and found that it falls with the {h}.",
        "In a study of {i} kinds of {g}, the {f} was seen to become less the more {h} there is.",
    ),
    (
        "According to the {f}, every {g} has to carry a {h} on board when it leaves the harbour.",
        "No {g} may go out of the harbour without a {h}, as the {f} says.",
    ),
    (
        "My grandmother used to mix {f} with {g} and left it near the {h} overnight.",
        "Overnight, by the {h}, is where my grandmother would leave her mixture of {g} and {f}.",
    ),
    (
        "In a village of {i} people, a {f} sells {g} on market days and repairs each {h} for nothing.",
        "There is a {f} who mends any {h} free of charge and offers {g} at the market, in a village where "
        "{i} people live.",
    ),
)
"""What is told before it, in two items of three, and the same in other words."""

GROUPS = """
    big large|small little|quick fast rapid|buy purchase|make create produce|begin start|end finish|house home|child kid
    car vehicle|answer reply|question query|important significant|help assist|show display|job occupation|happy glad
    ill sick|picture image|sentence phrase|text passage|list enumeration|name title|person human|town city|way method
    idea thought|error mistake|story tale|trip journey|street road|shop store|gift present|film movie|letter note
    average mean|total sum|boxes crates|coins pieces|discovers spots|beneath below|lowest smallest|influence affect
"""
SYNONYMS = {
    word: [other for other in group.split() if other != word]
    for group in re.split(r"[|\n]", GROUPS.strip())
    for word in group.split()
}
NAMES = ("Anouk", "Boris", "Carla", "Dmitri", "Esther", "Farid", "Greta", "Hugo", "Ines", "Jamal", "Katya", "Lorenzo")
OPENINGS = """
    Write a|Describe the|Explain the|List five|Give an example of a|Summarize the|What is the|How would you|Create a|
    Find the|Rewrite the|Classify the|Suggest a|Compare the|Name a|Generate a|Why is the|Identify the|Construct a|
    Translate the|Edit the|Design a|Tell me about the|Can you think of a|What do you know about the|Come up with a
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=1_000_000, help="rows made up")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", nargs="+", help="files of rows instead")
    parser.add_argument("--against", nargs="+", help="files of evaluations instead")
    parser.add_argument("--show", type=int, default=20, help="hits shown of real files")
    given = parser.parse_args()
    rng = Random(given.seed)
    words, odds = vocabulary()
    made = [drawn(rng, words) for _ in range(4 * EACH)]
    if given.against:
        overlap = overlap_of(given.against)
    else:
        overlap = Overlap(("made up",), items=tuple(item(number, one) for number, one in enumerate(made)))
    began = time.perf_counter()
    overlap.ready()
    print(f"items {len(overlap.items):,}   index {time.perf_counter() - began:.2f} s")
    if given.rows:
        look(overlap, [(task, "") for task in tasks_in(given.rows)], given.show)
    else:
        planted = {} if given.against else plants(rng, made, words, given.num)
        look(overlap, rows(rng, words, odds, given.num, planted), given.show if given.against else 0)


def vocabulary() -> tuple[list[str], list[float]]:
    """Words of our seed tasks, and for each the sum of the counts so far, as `choices` takes it."""
    text = (shipped("seeds") / "seed_tasks.jsonl").read_text(encoding="utf-8")
    said = "\n".join(json.dumps(json.loads(line)["instances"]) + line for line in text.splitlines())
    counts = Counter(re.findall(r"\b[a-z]{2,}\b", said))
    total, sums = 0.0, []
    for word in counts:
        total += counts[word]
        sums.append(total)
    return list(counts), sums


class Drawn(NamedTuple):
    """An item: a pattern, perhaps a situation (-1 for none), and what stands in their places."""

    pattern: int
    situation: int
    places: dict[str, str]


def drawn(rng: Random, words: list[str]) -> Drawn:
    nouns = [word for word in rng.sample(words, 30) if len(word) > 3]
    places = dict(zip("abcdefgh", nouns, strict=False)) | {n: str(rng.randint(2, 400)) for n in "nmkli"}
    places |= {"A": rng.choice(NAMES), "B": rng.choice(NAMES)}
    situation = rng.randrange(len(SITUATIONS)) if rng.random() < 2 / 3 else -1
    return Drawn(rng.randrange(len(PATTERNS)), situation, places)


def item(number: int, one: Drawn) -> Item:
    return Item(f"made up, item {number}", (Part(said(one), "question"),))


def said(one: Drawn, wording: int = 0) -> str:
    told = [SITUATIONS[one.situation][wording]] if one.situation >= 0 else []
    return " ".join([*told, PATTERNS[one.pattern][wording]]).format(**one.places)


def edited(rng: Random, text: str, words: list[str]) -> str:
    """A fifth of the words replaced, left out or moved."""
    there = text.split()
    for _ in range(round(len(there) / 5)):
        at, change = rng.randrange(len(there)), rng.randrange(3)
        if change == 0:
            there[at] = rng.choice(words)
        else:
            word = there.pop(at)
            if change == 2:
                there.insert(rng.randrange(len(there) + 1), word)
    return " ".join(there)


def reworded(rng: Random, one: Drawn) -> str:
    """The second wording, with half of the synonyms that there are."""
    there = said(one, 1).split()
    return " ".join(rng.choice(SYNONYMS[word]) if word in SYNONYMS and rng.random() < 0.5 else word for word in there)


def plants(rng: Random, made: list[Drawn], words: list[str], num: int) -> dict[int, tuple[str, str]]:
    """By the number of the row, the text planted in it and its kind."""
    texts = [(said(one), KINDS[0]) for one in made[:EACH]]
    texts += [(edited(rng, said(one), words), KINDS[1]) for one in made[EACH : 2 * EACH]]
    texts += [(reworded(rng, one), KINDS[2]) for one in made[2 * EACH : 3 * EACH]]
    return dict(zip(rng.sample(range(num), len(texts)), texts, strict=True))


def rows(
    rng: Random, words: list[str], odds: list[float], num: int, planted: dict[int, tuple[str, str]]
) -> Iterator[tuple[Task, str]]:
    """Tasks, and what kind of item is planted in each; "" in nearly all."""
    openings = [opening.strip() for opening in OPENINGS.split("|")]
    stretches = [" ".join(rng.choices(words, cum_weights=odds, k=rng.randint(4, 14))) for _ in range(100_000)]
    for number in range(num):
        about = rng.choices(stretches, k=rng.randint(3, 7))
        instruction = f"{rng.choice(openings)} {about[0]}."
        given, output = about[1] if number % 5 < 2 else "", ". ".join(about[2:])
        text, kind = planted.get(number, ("", ""))
        if not kind and number % 10 == 9:
            instruction = said(drawn(rng, words))
        place = number % 4
        if place == 3 and kind:
            turns = [{"role": "user", "content": about[0]}, {"role": "assistant", "content": output}]
            turns += [{"role": "user", "content": text}, {"role": "assistant", "content": about[1]}]
            yield Task(str(number), about[0], turns=tuple(turns)), kind  # type: ignore[arg-type]
            continue
        if kind:
            instruction, given, output = (
                (text, "", output),
                ("Answer this.", text, about[1]),
                (instruction, given, f"{about[1]}. {text} {about[0]}"),
            )[place]
        yield Task(str(number), instruction, (Instance(given, output),)), kind


def look(overlap: Overlap, tasks: Iterator[tuple[Task, str]] | list[tuple[Task, str]], show: int) -> None:
    pool, found, there = Pool(), Counter[str](), Counter[str]()
    spent = 0.0
    for task, kind in tasks:
        began = time.process_time()
        reason = overlap(task, pool)
        spent += time.process_time() - began
        there[kind] += 1
        found[kind] += bool(reason)
        if reason and not kind and found[kind] <= show:
            print(f"  {task.id}: {task.instruction[:80]!r}: {reason}")
    for kind in filter(there.__contains__, KINDS):
        print(f"{kind:15} found {found[kind]:7,} of {there[kind]:,}   {found[kind] / there[kind]:7.2%}")
    print(f"{'other rows':15} false {found['']:7,} of {there['']:,}   {found[''] / max(1, there['']):7.3%}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"us a row {spent / there.total() * 1e6:.1f}   peak {peak:,.0f} MB")


if __name__ == "__main__":
    main()
