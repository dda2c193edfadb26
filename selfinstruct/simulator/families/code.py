"""Families about code: Python functions with tests, what an expression gives, regular expressions, SQL queries."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES, READERS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.families.regexes import separates
from selfinstruct.simulator.family import Family, Slots, same
from selfinstruct.simulator.matching import exactly, says
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES", "FUNCTIONS"]

# What a function shall do: its body (with the argument x), and calls with the values they must give.
FUNCTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "returns the number of vowels in a text": (
        "return sum(c in 'aeiou' for c in x.lower())",
        {"'Ferry'": 1, "'AUDIO'": 4, "''": 0},
    ),
    "keeps only the even numbers of a list": (
        "return [n for n in x if n % 2 == 0]",
        {"[1, 2, 4]": [2, 4], "[]": [], "[-2, 3]": [-2]},
    ),
    "tells whether a text reads the same in both directions": (
        "return x == x[::-1]",
        {"'level'": True, "'lever'": False, "''": True},
    ),
    "removes duplicates from a list without changing the order": (
        "return list(dict.fromkeys(x))",
        {"[3, 1, 3, 2, 1]": [3, 1, 2], "[]": []},
    ),
    "turns minutes into a text such as 1h05": (
        "return f'{x // 60}h{x % 60:02}'",
        {"65": "1h05", "0": "0h00", "600": "10h00"},
    ),
    "finds the longest word of a sentence": (
        "return max((word.strip('.,;:!?') for word in x.split()), key=len)",
        {"'a longer day'": "longer", "'One!'": "One", "'We row, he walks.'": "walks"},
    ),
    "adds up the digits of a whole number": ("return sum(int(d) for d in str(abs(x)))", {"1234": 10, "0": 0, "-21": 3}),
    "counts how often each item of a list occurs": (
        "counts = {}\n    for item in x:\n        counts[item] = counts.get(item, 0) + 1\n    return counts",
        {"['a', 'b', 'a']": {"a": 2, "b": 1}, "[]": {}},
    ),
    "flattens a list of lists by one level": (
        "return [item for part in x for item in part]",
        {"[[1], [2, 3], []]": [1, 2, 3], "[]": []},
    ),
    "computes the factorial of a whole number": (
        "result = 1\n    for factor in range(2, x + 1):\n        result *= factor\n    return result",
        {"5": 120, "0": 1, "10": 3628800},
    ),
    "tells whether a year is a leap year": (
        "return x % 4 == 0 and (x % 100 != 0 or x % 400 == 0)",
        {"1900": False, "2000": True, "2024": True},
    ),
    "returns the initials of a full name": (
        "return ''.join(part[0].upper() for part in x.split())",
        {"'ada lovelace'": "AL", "'Bo'": "B"},
    ),
    "swaps the keys and values of a dictionary": (
        "return {value: key for key, value in x.items()}",
        {"{'a': 1}": {1: "a"}, "{}": {}},
    ),
    "gives the second largest of several different numbers": ("return sorted(x)[-2]", {"[4, 9, 7]": 7, "[1, 2]": 1}),
    "returns all pairs of neighbours in a list": (
        "return list(zip(x, x[1:]))",
        {"[1, 2, 3]": [(1, 2), (2, 3)], "[1]": []},
    ),
    "converts degrees Celsius to Fahrenheit": ("return x * 9 / 5 + 32", {"0": 32.0, "100": 212.0, "-40": -40.0}),
    "returns all divisors of a positive whole number": (
        "return [d for d in range(1, x + 1) if x % d == 0]",
        {"6": [1, 2, 3, 6], "1": [1], "7": [1, 7]},
    ),
    "checks that the brackets ( and ) in a text are balanced": (
        "depth = 0\n    for char in x:\n        depth += {'(': 1, ')': -1}.get(char, 0)\n"
        "        if depth < 0:\n            return False\n    return depth == 0",
        {"'(a(b))'": True, "')('": False, "'(('": False, "''": True},
    ),
    "replaces several spaces in a row by one": (
        "import re\n    return re.sub(' +', ' ', x)",
        {"'a   b'": "a b", "'c'": "c", "'  d '": " d ", "'e\\n\\tf  g'": "e\n\tf g"},
    ),
    "returns the running totals of a list of numbers": (
        "totals, total = [], 0\n    for number in x:\n"
        "        total += number\n        totals.append(total)\n    return totals",
        {"[1, 2, 3]": [1, 3, 6], "[]": []},
    ),
    "tells whether two words are anagrams, given as a pair": (
        "first, second = x\n    return sorted(first) == sorted(second)",
        {"('tea', 'eat')": True, "('tea', 'tee')": False},
    ),
    "rotates a list by one place to the right": ("return x[-1:] + x[:-1]", {"[1, 2, 3]": [3, 1, 2], "[]": []}),
    "finds the greatest common divisor of a pair of numbers": (
        "a, b = x\n    while b:\n        a, b = b, a % b\n    return a",
        {"(12, 18)": 6, "(7, 5)": 1},
    ),
    "groups words by their first letter": (
        "groups = {}\n    for word in x:\n        groups.setdefault(word[0], []).append(word)\n    return groups",
        {"['ash', 'elm', 'alder']": {"a": ["ash", "alder"], "e": ["elm"]}, "[]": {}},
    ),
}
CALLED = ("solve", "answer", "compute", "transform", "run_it", "derive", "process", "main_step")
CODERS = (
    *("a coding dojo", "a small web shop", "my first job interview", "a Raspberry Pi in the greenhouse", "a chat bot"),
    *("a beginners' tutorial", "an archive of old letters", "a hobby project about trains", "a teacher's grade book"),
)


def _function(slots: Slots, given: str) -> str:
    return f"def {slots['called']}(x):\n    {FUNCTIONS[slots['does']][0]}"


def _works(slots: Slots, given: str, output: str) -> bool:
    """Is it our solution, whatever its names, comments and annotations? Code of an answer is never run."""
    return (shape := _shape(output)) is not None and shape == _shape(_function(slots, given))


@cache
def _shape(code: str) -> str | None:
    """The syntax tree with arguments and variables numbered in order of appearance; None if it can't be parsed."""
    try:
        tree = ast.parse(re.sub(r"^```\w*$", "", code[:2000], flags=re.MULTILINE).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = list(ast.walk(tree))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    number = {name: f"_{n}" for n, name in enumerate(dict.fromkeys(name for name in _names(nodes) if name in own))}
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node) is not None:
                del node.body[0]
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = number[node.arg], None
        elif isinstance(node, ast.Name):
            node.id = number.get(node.id, node.id)
    return ast.dump(tree)


def _names(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id


FUNCTION = Family(
    name="python_function",
    phrasings=(
        "Write a Python function {called}(x) that {does}.",
        "For {coder} I need {called}(x), a Python function that {does}.",
        "How would you write {called}(x) in Python, which {does}?",
        "Implement {called}(x) in plain Python: it {does}.",
        "Show {reader} a Python function {called}(x) that {does}.",
        "Code {called}(x) in Python for {coder}; it {does}.",
    ),
    slots={"called": CALLED, "does": tuple(FUNCTIONS), "coder": CODERS, "reader": READERS},
    solve=_function,
    check=_works,
    graded=False,  # there are other ways to write each function
)

# What does this give?

SNIPPETS: dict[str, tuple[str, Callable[[str, int, int], str]]] = {
    "slicing": ("'{word}'[{a}:{b}]", lambda word, a, b: repr(word[a:b])),
    "string methods": ("'{word}'.upper()[:{b}] + '{a}'", lambda word, a, b: repr(word.upper()[:b] + str(a))),
    "integer division and remainder": (
        "({b}7 // {a}, {b}7 % {a})",
        lambda word, a, b: str((int(f"{b}7") // a, int(f"{b}7") % a)),
    ),
    "list comprehensions": ("[n * {a} for n in range({b})]", lambda word, a, b: str([n * a for n in range(b)])),
    "sorting": (
        "sorted([{b}, {a}, {b} + {a}, 1], reverse=True)",
        lambda word, a, b: str(sorted([b, a, b + a, 1], reverse=True)),
    ),
    "dictionaries": ("len(dict.fromkeys('{word}'))", lambda word, a, b: str(len(set(word)))),
    "operator precedence": ("{a} + {b} * 2 ** {a}", lambda word, a, b: str(a + b * 2**a)),
    "boolean logic": ("{a} > {b} or not len('{word}') > {b}", lambda word, a, b: str(a > b or not len(word) > b)),
}
PYTHONISTS = (
    *("a quiz for trainees", "an exam at the evening school", "a bug hunt before lunch", "my notes for an interview"),
    *("a language course for biologists", "a coffee-break riddle", "a comparison with another language"),
    "a workshop for librarians",
)


def _snippet(rng: Random, slots: Slots) -> str:
    word = rng.choice(("lantern", "harbour", "biscuit", "orchard", "thimble", "meadow"))
    return SNIPPETS[slots.get("topic") or rng.choice(tuple(SNIPPETS))][0].format(
        word=word, a=rng.randint(2, 4), b=rng.randint(5, 7)
    )


def _value_of(slots: Slots, given: str) -> str:
    for form, compute in SNIPPETS.values():
        if found := _as_pattern(form).fullmatch(given):
            parts = {"word": "", "a": "0", "b": "0"} | found.groupdict()
            return compute(parts["word"], int(parts["a"]), int(parts["b"]))
    raise ValueError(f"not one of our expressions: {given}")


@cache
def _as_pattern(form: str) -> re.Pattern[str]:
    pattern = re.escape(form)
    for name, shape in (("word", "[a-z]+"), ("a", "[2-4]"), ("b", "[5-7]")):
        slot = re.escape(f"{{{name}}}")
        pattern = pattern.replace(slot, f"(?P<{name}>{shape})", 1).replace(slot, f"(?P={name})")
    return re.compile(pattern)


def _same_value(answer: str, right: str, free: bool) -> bool:
    """Spaces do not matter, nor which quotation marks a text has; capitals do, and True is not 1."""
    answer, right = (re.sub(r"[\"']|(?<=,) | (?=,)", "", text) for text in (answer, right))
    return exactly(answer, right, free)


EXPRESSION = Family(
    name="python_value",
    phrasings=(
        "What does the Python expression evaluate to? It's about {topic}, for {use}.",
        "Evaluate the Python line by hand, for {use}.",
        "Predict Python's reply to this test of {topic}, for {use}.",
        "Without running it, give the value of the Python expression to {reader}.",
        "For {use}: what value has this Python code on {topic}?",
        "Tell {reader} which value Python prints for the line.",
    ),
    slots={"topic": tuple(SNIPPETS), "use": (*PYTHONISTS, *PUZZLES), "reader": READERS},
    draw=_snippet,
    solve=_value_of,
    compare=_same_value,
    endings=ITEM,
)

# Regular expressions: a pattern, texts that it must match in full, texts that it must not.

# The last texts may match or not, as the words leave it open. They are for the family that shows the pattern itself.
PATTERNS = {
    "a time between 00:00 and 23:59": (r"([01]\d|2[0-3]):[0-5]\d", "00:00 09:30 23:59", "24:00 12:60 1230", "9:30"),
    "a German postcode of five digits": (r"\d{5}", "01067 80331", "1234 123456 1234a", ""),
    "a date in the form 2024-05-31": (
        r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
        "2024-05-31 1999-12-01",
        "24-05-31 2024-5-31 2024/05/31 20240531 31-05-2024",
        "2024-13-01 2024-05-32",
    ),
    "a colour such as #1a2b3c": (r"#[0-9a-fA-F]{6}", "#1a2b3c #00ff99", "1a2b3c #12345 #gggggg", "#FFFFFF"),
    "a whole number that may be negative": (r"-?\d+", "10 -12 345", "1.5 -- 12a", "-07"),
    "a word that begins with a capital letter": (r"[A-Z][a-z]*", "Lantern Ash", "lantern lANTERN -A", "LANTERN A1"),
    "a price with exactly two decimals": (r"\d+\.\d{2}", "12.50 0.99", "12.5 12 1.999", ".99"),
    "two capital letters, a hyphen and three digits": (
        r"[A-Z]{2}-\d{3}",
        "AB-123 ZZ-000",
        "ab-123 A-123 AB-12 AB123",
        "",
    ),
    "a text made of nothing but lower-case vowels": (r"[aeiou]+", "aei oo", "aex bcd xo AEI", ""),
    "a whole percentage from 0% to 100%": (r"(100|[1-9]?\d)%", "0% 7% 42% 100%", "101% 50 5.5%", "07%"),
    "a user name of three to eight lower-case letters": (r"[a-z]{3,8}", "ada lovelace", "ab Ada abcdefghi a1b", ""),
    "a binary number": (r"[01]+", "0 1011", "102 b01 12", "-1"),
    "a hashtag of letters and digits": (r"#[A-Za-z0-9]+", "#sea #Tour2024", "sea # #sea-side", ""),
    "a version of three numbers such as 1.12.0": (r"\d+\.\d+\.\d+", "1.12.0 0.0.1", "1.12 1.12.0.3 1-12-0", "v1.2.3"),
}
FORMS = (
    *("a sign-up page", "the import of old records", "a log reader", "a search box", "a label printer"),
    *("a spreadsheet add-on", "a chat moderator's tool", "a parking meter", "an address book", "a scanner at the door"),
)


def _matches(slots: Slots, given: str, output: str) -> bool:
    """Judged by what it matches; as people write patterns, it may stand between slashes or in r"…"."""
    _, good, bad, _ = PATTERNS[slots["shape"]]
    pattern = re.sub(r"""\A(?:Pattern|Regex): |\Ar(?=(["']).*\1\Z)""", "", output.strip().strip("`"))
    pattern = re.sub(r"""\A(["'/])(.*)\1\Z""", r"\2", pattern)
    return separates(pattern, good.split(), bad.split())


REGEX = Family(
    name="regex",
    phrasings=(
        "Write a regular expression that matches exactly {shape}.",
        "Which regex fits {shape}? It's for {form}.",
        "Suggest a pattern (regular expression) for {shape} in {form}.",
        "Give {reader} a regex that recognises {shape}.",
        "What regular expression accepts only {shape}, for {firm}?",
        "Validate {shape} with one regular expression for {firm}.",
    ),
    slots={"shape": tuple(PATTERNS), "form": FORMS, "reader": READERS, "firm": FIRMS},
    solve=lambda slots, given: PATTERNS[slots["shape"]][0],
    check=_matches,
)
REGEX_HITS = Family(
    name="regex_hits",
    phrasings=(
        "Which texts match the regular expression in full? Say none if none do, for {firm}.",
        "List the candidates that the regex accepts, or none, for {firm}.",
        "Play regex engine for {puzzle}: print the full matches, or none.",
        "For {puzzle}: which entries fit the pattern from start to end (or none)?",
        "Keep what the pattern of {form} matches entirely, or say none.",
        "Test the entries against the regex and name those matching fully, or none, for {reader}.",
    ),
    slots={"form": FORMS, "firm": FIRMS, "puzzle": PUZZLES, "reader": READERS},
    draw=lambda rng, slots: _candidates(rng),
    solve=lambda slots, given: ", ".join(_accepted(given)) or "none",
    compare=lambda answer, right, free: exactly(answer, right, free) or (right == "none" and says(answer, right, free)),
    endings=LIST,
)


def _candidates(rng: Random) -> str:
    pattern, *texts = rng.choice(tuple(PATTERNS.values()))
    texts = rng.sample(" ".join(texts).split(), 4)
    return f"Pattern: {pattern}\nTexts: {', '.join(texts)}"


def _accepted(given: str) -> list[str]:
    pattern, texts = (line.split(": ", 1)[1] for line in given.split("\n"))
    return [text for text in items(texts) if separates(pattern, [text], [])]


# SQL.

TABLES = {
    "boats": ("name", "length"),
    "members": ("surname", "age"),
    "recipes": ("title", "minutes"),
    "invoices": ("customer", "amount"),
    "trees": ("species", "height"),
    "flights": ("airport", "delay"),
    "books": ("author", "pages"),
    "sensors": ("room", "humidity"),
    "songs": ("singer", "seconds"),
    "wells": ("village", "depth"),
    "looms": ("weaver", "width"),
    "islands": ("country", "residents"),
    "bridges": ("river", "span"),
    "patients": ("ward", "pulse"),
    "exams": ("pupil", "points"),
}
QUERIES = {
    "all entries above {n}, largest first": "SELECT {a}, {b} FROM {t} WHERE {b} > {n} ORDER BY {b} DESC;",
    "the number of entries up to {n}": "SELECT COUNT(*) FROM {t} WHERE {b} <= {n};",
    "the average per group, in alphabetical order": "SELECT {a}, AVG({b}) FROM {t} GROUP BY {a} ORDER BY {a};",
    "the three highest values with their names": "SELECT {a}, {b} FROM {t} ORDER BY {b} DESC LIMIT 3;",
    "groups that occur more than once": "SELECT {a} FROM {t} GROUP BY {a} HAVING COUNT(*) > 1;",
    "the total of the numbers": "SELECT SUM({b}) FROM {t};",
    "names without a number": "SELECT {a} FROM {t} WHERE {b} IS NULL;",
    "every name once, sorted from A to Z": "SELECT DISTINCT {a} FROM {t} ORDER BY {a};",
}
NEEDS = tuple(need.replace("{n}", str(n)) for need in QUERIES for n in ((10, 25, 60) if "{n}" in need else (0,)))
COLUMNS = {f"{table} ({name}, {number})": (table, name, number) for table, (name, number) in TABLES.items()}


def _query(slots: Slots, given: str) -> str:
    table, name, number = COLUMNS[slots["table"]]
    limit = "".join(re.findall(r"\d+", slots["need"]))
    query = QUERIES[re.sub(r"\d+", "{n}", slots["need"])]
    return query.format(t=table, a=name, b=number, n=limit)


SQL = Family(
    name="sql",
    phrasings=(
        "Write an SQL query on {table} for {need}.",
        "Which SELECT on the table {table} gives {need}?",
        "Using SQL, ask {table} for {need}.",
        "How do I get {need} from {table} in SQL?",
        "Fetch {need} from {table} with one SQL statement for {firm}.",
        "For {firm}: query {table}, in SQL, for {need}.",
    ),
    slots={"table": tuple(COLUMNS), "need": NEEDS, "firm": FIRMS},
    solve=_query,
    check=lambda slots, given, output: same(output.rstrip("; "), _query(slots, given).rstrip(";")),
    graded=False,  # other queries may give the same rows
)

FAMILIES = (FUNCTION, EXPRESSION, REGEX, REGEX_HITS, SQL)
