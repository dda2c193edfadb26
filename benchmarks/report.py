"""What a report of many rows takes: seconds, memory, and bytes on disk; and how long the page stands still.

    python benchmarks/report.py                      (100,000 rows, under a minute and a gigabyte)
    python benchmarks/report.py --rows 20000 --browser

The rows are made up, seeded: an instruction with a verb, an object and a subject, in one of three an input, an answer
of some 80 words. `selfinstruct report` goes over them as over anybody's, reading, counting, plots and page included.
--browser opens the page in Chromium, searches and sorts, and prints the longest time in which nothing was drawn.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

VERBS = [
    "Write",
    "Describe",
    "List",
    "Explain",
    "Create",
    "Summarize",
    "Classify",
    "Translate",
    "Compare",
    "Design",
    "Name",
    "Suggest",
    "Rewrite",
]
ADJECTIVES = ["short", "long", "clear", "funny", "formal", "strange", "simple", "detailed", "modern", "quiet"]
THINGS = [
    "story",
    "poem",
    "letter",
    "recipe",
    "plan",
    "report",
    "sentence",
    "summary",
    "speech",
    "review",
    "title",
    "joke",
    "dialogue",
    "essay",
    "rule",
]
TOPICS = [
    "river",
    "kettle",
    "garden",
    "harbour",
    "violin",
    "market",
    "glacier",
    "orchard",
    "winter",
    "engine",
    "island",
    "museum",
    "planet",
    "desert",
]
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "they",
    "which",
]


def write_rows(path: Path, count: int, seed: int) -> None:
    rng = Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            asked = f"{rng.choice(VERBS)} a {rng.choice(ADJECTIVES)} {rng.choice(THINGS)} about the "
            asked += f"{rng.choice(ADJECTIVES)} {rng.choice(TOPICS)} in {rng.randint(2, 9_999)} words."
            given = " ".join(rng.choices(WORDS, k=rng.randint(3, 40))) if rng.random() < 1 / 3 else ""
            row = {"instruction": asked, "input": given, "output": " ".join(rng.choices(WORDS, k=rng.randint(5, 150)))}
            file.write(json.dumps(row) + "\n")


def stands_still(page: Path, rows: int) -> dict[str, float]:
    """The longest time, in milliseconds, in which the page drew nothing, by what was done."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from browser import chromium, looked_at, until

    watch = (
        "() => { window.longest = 0; let last = performance.now(); const tick = () => { const now = performance.now(); "
        "window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(tick); }; tick(); }"
    )
    found: dict[str, float] = {}
    with chromium() as browser, looked_at(browser, page.as_uri()) as shown:
        shown.evaluate(watch)

        def note(what: str) -> None:
            shown.wait_for_timeout(1_000)
            found[what] = round(shown.evaluate("window.longest"), 1)
            shown.evaluate("window.longest = 0")

        until(shown, f"document.querySelector('div.rows').getAttribute('aria-rowcount') === '{rows + 1}'", 120)
        note("loading")
        shown.get_by_label("Search").fill("violin 77")
        note("searching")
        shown.locator("[data-sort=words_out]").click()
        note("sorting")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        rows, page = Path(folder) / "rows.jsonl", Path(folder) / "report.html"
        write_rows(rows, options.rows, options.seed)
        began = time.perf_counter()
        subprocess.run(["selfinstruct", "report", rows, "--out", page], check=True, stdout=subprocess.DEVNULL)
        seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        size = page.stat().st_size + sum(file.stat().st_size for file in page.with_name("report_files").iterdir())
        print(f"{options.rows:,} rows: {seconds:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of a core)", end=", ")
        print(f"{used.ru_maxrss / 1e6:.2f} GB, {size / 1e6:.0f} MB of page and files")
        if options.browser:
            print(stands_still(page, options.rows))


if __name__ == "__main__":
    main()
