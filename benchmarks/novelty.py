"""How long one candidate takes to check for novelty, by pool size: ours, the published loop, a plain scan.

    python benchmarks/novelty.py                                                  (a minute, 0.7 GB)
    python benchmarks/novelty.py --sizes 10000 52000 --published-candidates 1     (ten seconds)
    python benchmarks/novelty.py --sizes 50000 --chinese                          (ten seconds)

Needs rouge_score. The texts are made up here, seeded: openings that many share, then words drawn by Zipf's law, 13 to
a text, some texts a light edit of an earlier one; with --chinese in words of one or two Chinese characters, 20 to a
text, where the published loop is not run, as it sees no token. Timed side by side, in one run, on the same pool and
candidates:

- ours: `Novelty.nearest_above(text, 0.7)`, tokenising included;
- scan: rapidfuzz's LCS of the interned tokens against every entry, one process;
- published: as the Self-Instruct family does, a process pool for every candidate, which scores all entries with
  rouge_score on tokens made beforehand. "not run" above --published-up-to entries.

Look at "published/ours" (10,000 at 52,000 entries is the aim), at "ours" for 1,000,000 entries (6 ms is the aim) and at
"bytes/entry" (what the index holds beyond the token numbers and the vocabulary; 64 is the aim). Where two of the three
decide differently on a candidate, the run ends with an error instead of a table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from multiprocessing import Pool

import numpy as np
from rapidfuzz.distance import LCSseq
from rouge_score import rouge_scorer  # type: ignore[import-untyped]

from selfinstruct.filters.rouge import Novelty
from selfinstruct.text.tokens import tokens

THRESHOLD = 0.7
COLUMNS = (
    "entries", "ours ms", "(mean)", "add us", "scan ms", "published ms", "scan/ours", "published/ours",
    "survivors", "rejected", "bytes/entry", "vocabulary MB", "build s",
)  # fmt: skip


def made_up_texts(seed: int) -> Iterator[str]:
    """Instruction-like texts without end; one in twenty is an edit of an earlier one."""
    rng = np.random.default_rng(seed)
    # Words and openings do not depend on the seed: pool and candidates share them.
    fixed = np.random.default_rng(0)
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "in")]
    spelling = fixed.integers(0, len(syllables), (40_000, 4))
    words = ["".join(syllables[i] for i in row[: 1 + n % 4]) + str(n // 500) for n, row in enumerate(spelling)]
    openings = fixed.integers(0, 400, (500, 5))
    odds = np.cumsum(1 / (np.arange(len(words)) + 3.0))
    odds /= odds[-1]
    earlier: list[str] = []
    while True:
        drawn = np.searchsorted(odds, rng.random((10_000, 55)))
        lengths = np.clip(rng.gamma(3.2, 3.1, 10_000), 1, 55).astype(int)
        # Squared: a few openings are in many texts ("Write a short …"), most in few.
        starts = (rng.random(10_000) ** 2 * len(openings)).astype(int)
        for n, (row, length, start) in enumerate(zip(drawn, lengths, starts, strict=True)):
            text = " ".join(words[i] for i in (*openings[start, : 2 + start % 4], *row[:length])).capitalize() + "."
            if n % 20 == 19:
                text = edited(earlier[rng.integers(len(earlier))], rng)
            elif len(earlier) < 1_000:
                earlier.append(text)
            yield text


def chinese(text: str, known: dict[str, str], rng: np.random.Generator) -> str:
    """The text in Chinese words of one or two characters: those of `known`, which grows, in place of its own."""
    words = text.lower().rstrip(".").split()
    for word in words:
        if word not in known:
            # Squared: some characters are in many words.
            codes = 0x4E00 + (rng.random(rng.integers(1, 3)) ** 2 * 3_500).astype(int)
            known[word] = "".join(map(chr, codes.tolist()))
    return "".join(known[word] for word in words)


def edited(text: str, rng: np.random.Generator) -> str:
    """One to three times a word left out, said twice, moved or replaced: around the threshold, on both sides of it."""
    words = text.split()
    for change in rng.integers(0, 4, rng.integers(1, 4)):
        i, j = rng.integers(0, len(words), 2)
        if change == 0 and len(words) > 1:
            del words[i]
        elif change == 1:
            words.insert(i, words[i])
        elif change == 2:
            words.insert(i, words.pop(j))
        else:
            words[i] = f"new{j}"
    return " ".join(words)


def published(candidate: Sequence[str], pool: Sequence[Sequence[str]]) -> float:
    """The highest F, scored as the published scripts do it."""
    with Pool(os.cpu_count()) as workers:
        scores = workers.map(partial(rouge_scorer._score_lcs, candidate), pool)
    return max(float(score.fmeasure) for score in scores)


def scan(candidate: Sequence[int], pool: Sequence[Sequence[int]]) -> float:
    best = 0.0
    for entry in pool:
        if lcs := LCSseq.similarity(candidate, entry):
            precision, recall = lcs / len(candidate), lcs / len(entry)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def survivors(index: Novelty, text: str) -> int:
    """How many entries the signatures leave to be scored (some of them are not, when a better one was found)."""
    words = tokens(text)
    return len(index._possible([index._vocabulary[w] for w in words if w in index._vocabulary], len(words), THRESHOLD))


def memory(index: Novelty) -> tuple[float, float]:
    """Bytes an entry beyond its token numbers (idle capacity counts; the ids' own texts do not), vocabulary in MB."""
    held = sum(group.rows.nbytes for group in index._groups)
    held += sum(sys.getsizeof(column) for column in (index._ids, index._starts, index._tokens))
    vocabulary = sys.getsizeof(index._vocabulary)
    vocabulary += sum(sys.getsizeof(word) + sys.getsizeof(n) for word, n in index._vocabulary.items())
    return (held - 4 * len(index._tokens)) / len(index), vocabulary / 1e6


def same(what: str, text: str, found: tuple[str, float] | None, highest: float) -> None:
    if (found[1] if found else None) != (highest if highest > THRESHOLD else None):
        sys.exit(f"ours and {what} differ on {text!r}: {found} and {highest!r}")


def measure(texts: Sequence[str], candidates: Sequence[str], args: argparse.Namespace) -> list[str]:
    """One row of the table, as text."""
    ids = [f"task_{i}" for i in range(len(texts))]
    index, clock = Novelty(), time.perf_counter
    began = clock()
    for id, text in zip(ids, texts, strict=True):
        index.add(id, text)
    build = clock() - began

    ours, found = [], []
    for text in candidates:
        began = clock()
        found.append(index.nearest_above(text, THRESHOLD))
        ours.append(clock() - began)
    median, mean = statistics.median(ours), statistics.mean(ours)
    left = statistics.mean(survivors(index, text) for text in candidates)
    rejected = sum(one is not None for one in found) / len(found)
    held, vocabulary = memory(index)

    numbers: dict[str, int] = {}
    interned = [[numbers.setdefault(word, len(numbers)) for word in tokens(text)] for text in texts]
    scans = []
    for text, one in islice(zip(candidates, found, strict=True), args.scan_candidates):
        began = clock()
        highest = scan([numbers.setdefault(word, len(numbers)) for word in tokens(text)], interned)
        scans.append(clock() - began)
        same("the scan", text, one, highest)
    del interned

    loops = []
    if len(texts) <= args.published_up_to:
        split = [tokens(text) for text in texts]
        for text, one in islice(zip(candidates, found, strict=True), args.published_candidates):
            began = clock()
            highest = published(tokens(text), split)
            loops.append(clock() - began)
            same("rouge_score", text, one, highest)

    # Adds as a run makes them, between queries; last, so that all of the above looked at the same entries.
    adds = []
    for text in candidates:
        began = clock()
        index.add("new", text)
        adds.append(clock() - began)
        index.nearest_above(text, THRESHOLD)

    by_scan = statistics.median(scans) if scans else None
    by_loop = statistics.median(loops) if loops else None
    return [
        f"{len(texts):,}", f"{median * 1e3:.3f}", f"{mean * 1e3:.3f}", f"{statistics.mean(adds) * 1e6:.1f}",
        f"{by_scan * 1e3:,.0f}" if by_scan else "not run", f"{by_loop * 1e3:,.0f}" if by_loop else "not run",
        f"{by_scan / median:,.0f}" if by_scan else "-", f"{by_loop / median:,.0f}" if by_loop else "-",
        f"{left:.1f}", f"{rejected:.0%}", f"{held:.1f}", f"{vocabulary:.1f}", f"{build:.1f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 52_000, 200_000, 1_000_000])
    parser.add_argument("--candidates", type=int, default=500, help="checked by ours at each size")
    parser.add_argument("--scan-candidates", type=int, default=10, help="of these, checked by the plain scan, too")
    parser.add_argument("--published-candidates", type=int, default=2, help="and by the published loop")
    parser.add_argument("--published-up-to", type=int, default=60_000, help="entries; it takes seconds a candidate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chinese", action="store_true", help="the same texts in Chinese characters")
    args = parser.parse_args()
    write = partial(chinese, known={}, rng=np.random.default_rng(0)) if args.chinese else str
    args.published_up_to = 0 if args.chinese else args.published_up_to

    stream, texts, rng = made_up_texts(args.seed), list[str](), np.random.default_rng(args.seed)
    texts += islice(stream, min(args.sizes))
    # Every fourth is an edit of a text that is in the pools of all sizes, to be rejected more often than not.
    candidates = [
        edited(texts[rng.integers(len(texts))], rng) if n % 4 == 1 else text
        for n, text in enumerate(islice(made_up_texts(args.seed + 1), args.candidates))
    ]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, NumPy {np.__version__}, threshold {THRESHOLD}")
    print("  ".join(COLUMNS))
    for size in sorted(args.sizes):
        texts += islice(stream, size - len(texts))
        row = measure(list(map(write, texts)), list(map(write, candidates)), args)
        print("  ".join(cell.rjust(len(name)) for cell, name in zip(row, COLUMNS, strict=True)), flush=True)
    print(f"tokens a text: {statistics.mean(len(tokens(write(text))) for text in texts[:10_000]):.1f}")


if __name__ == "__main__":
    main()
