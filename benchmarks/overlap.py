"""How much of an evaluation the filter `overlap` finds again in a dataset, how often it errs, and how long a row takes.

    python benchmarks/overlap.py                                        (1,000,000 rows in English: two minutes)
    python benchmarks/overlap.py --num 50000 --language en zh           (in Chinese, too: half a minute)
    python benchmarks/overlap.py --rows alpaca.jsonl --against mmlu.jsonl gsm8k.jsonl

The rows are made up, seeded, of what is in overlap_items.py: instruction, input and output of Alpaca's lengths in the
words of our seed tasks, by how often these occur; one in ten asks what an item of the evaluation asks, of something
else. So are 2,000 items, of which 500 each are planted in a row: word for word; with a fifth of the words replaced,
left out or moved; and said in other words, by a second wording of each pattern and by synonyms. They stand there as an
instruction, as an input, in an output, in the middle of a conversation. 500 are planted nowhere.

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

from overlap_items import TABLES, Tables

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=1_000_000, help="rows made up")
    parser.add_argument("--language", nargs="+", choices=list(TABLES), default=["en"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", nargs="+", help="files of rows instead")
    parser.add_argument("--against", nargs="+", help="files of evaluations instead")
    parser.add_argument("--show", type=int, default=20, help="hits shown of real files")
    given = parser.parse_args()
    for language in given.language:
        print(f"rows in {language}")
        in_language(TABLES[language], *vocabulary(language), given)


def in_language(tables: Tables, words: list[str], odds: list[float], given: argparse.Namespace) -> None:
    rng = Random(given.seed)
    made = [drawn(rng, tables, words) for _ in range(4 * EACH)]
    if given.against:
        overlap = overlap_of(given.against)
    else:
        overlap = Overlap(
            (f"made up of {len(words)} words",),
            items=tuple(item(tables, number, one) for number, one in enumerate(made)),
        )
    began = time.perf_counter()
    overlap.ready()
    print(f"items {len(overlap.items):,}   index {time.perf_counter() - began:.2f} s")
    if given.rows:
        look(overlap, [(task, "") for task in tasks_in(given.rows)], given.show)
    else:
        planted = {} if given.against else plants(rng, tables, made, words, given.num)
        look(overlap, rows(rng, tables, words, odds, given.num, planted), given.show if given.against else 0)


def vocabulary(language: str) -> tuple[list[str], list[float]]:
    """Words of our seed tasks, and for each the sum of the counts so far, as `choices` takes it."""
    if language == "zh":
        text = (shipped("seeds") / "seed_tasks_zh.jsonl").read_text(encoding="utf-8")
        counts = Counter(word for word in cut(text) if re.fullmatch("[\u4e00-\u9fff]{2,4}", word))
    else:
        text = (shipped("seeds") / "seed_tasks.jsonl").read_text(encoding="utf-8")
        said = "\n".join(json.dumps(json.loads(line)["instances"]) + line for line in text.splitlines())
        counts = Counter(re.findall(r"\b[a-z]{2,}\b", said))
    total, sums = 0.0, []
    for word in counts:
        total += counts[word]
        sums.append(total)
    return list(counts), sums


def cut(text: str) -> list[str]:
    """The words of a text without spaces, by the package jieba."""
    import jieba  # type: ignore[import-untyped,unused-ignore]

    jieba.setLogLevel("ERROR")
    words: list[str] = jieba.lcut(text)
    return words


class Drawn(NamedTuple):
    """An item: a pattern, perhaps a situation (-1 for none), and what stands in their places."""

    pattern: int
    situation: int
    places: dict[str, str]


def drawn(rng: Random, tables: Tables, words: list[str]) -> Drawn:
    nouns = [word for word in rng.sample(words, 30) if len(word) > 3 or not tables.space]
    places = dict(zip("abcdefgh", nouns, strict=False)) | {n: str(rng.randint(2, 400)) for n in "nmkli"}
    places |= {"A": rng.choice(tables.names), "B": rng.choice(tables.names)}
    situation = rng.randrange(len(tables.situations)) if rng.random() < 2 / 3 else -1
    return Drawn(rng.randrange(len(tables.patterns)), situation, places)


def item(tables: Tables, number: int, one: Drawn) -> Item:
    return Item(f"made up, item {number}", (Part(said(tables, one), "question"),))


def said(tables: Tables, one: Drawn, wording: int = 0) -> str:
    told = [tables.situations[one.situation][wording]] if one.situation >= 0 else []
    return tables.space.join([*told, tables.patterns[one.pattern][wording]]).format(**one.places)


def parted(tables: Tables, text: str) -> list[str]:
    return text.split() if tables.space else cut(text)


def edited(rng: Random, tables: Tables, text: str, words: list[str]) -> str:
    """A fifth of the words replaced, left out or moved."""
    there = parted(tables, text)
    for _ in range(round(len(there) / 5)):
        at, change = rng.randrange(len(there)), rng.randrange(3)
        if change == 0:
            there[at] = rng.choice(words)
        else:
            word = there.pop(at)
            if change == 2:
                there.insert(rng.randrange(len(there) + 1), word)
    return tables.space.join(there)


def reworded(rng: Random, tables: Tables, one: Drawn) -> str:
    """The second wording, with half of the synonyms that there are."""
    known = tables.synonyms
    there = parted(tables, said(tables, one, 1))
    return tables.space.join(
        rng.choice(known[word]) if word in known and rng.random() < 0.5 else word for word in there
    )


def plants(rng: Random, tables: Tables, made: list[Drawn], words: list[str], num: int) -> dict[int, tuple[str, str]]:
    """By the number of the row, the text planted in it and its kind."""
    texts = [(said(tables, one), KINDS[0]) for one in made[:EACH]]
    texts += [(edited(rng, tables, said(tables, one), words), KINDS[1]) for one in made[EACH : 2 * EACH]]
    texts += [(reworded(rng, tables, one), KINDS[2]) for one in made[2 * EACH : 3 * EACH]]
    return dict(zip(rng.sample(range(num), len(texts)), texts, strict=True))


def rows(
    rng: Random,
    tables: Tables,
    words: list[str],
    odds: list[float],
    num: int,
    planted: dict[int, tuple[str, str]],
) -> Iterator[tuple[Task, str]]:
    """Tasks, and what kind of item is planted in each; "" in nearly all."""
    stop = ". " if tables.space else "。"
    stretches = [tables.space.join(rng.choices(words, cum_weights=odds, k=rng.randint(4, 14))) for _ in range(100_000)]
    for number in range(num):
        about = rng.choices(stretches, k=rng.randint(3, 7))
        instruction = f"{rng.choice(tables.openings)}{tables.space}{about[0]}{stop.strip()}"
        given, output = about[1] if number % 5 < 2 else "", stop.join(about[2:])
        text, kind = planted.get(number, ("", ""))
        if not kind and number % 10 == 9:
            instruction = said(tables, drawn(rng, tables, words))
        place = number % 4
        if place == 3 and kind:
            turns = [{"role": "user", "content": about[0]}, {"role": "assistant", "content": output}]
            turns += [{"role": "user", "content": text}, {"role": "assistant", "content": about[1]}]
            yield Task(str(number), about[0], turns=tuple(turns)), kind  # type: ignore[arg-type]
            continue
        if kind:
            instruction, given, output = (
                (text, "", output),
                ("Answer this." if tables.space else "请回答。", text, about[1]),
                (instruction, given, f"{about[1]}{stop}{text}{tables.space}{about[0]}"),
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
