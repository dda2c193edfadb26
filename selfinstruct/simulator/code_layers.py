"""What evolving asks of code, in both languages: conditions that leave it able to run, and wrong code that misleads."""

from __future__ import annotations

from selfinstruct.simulator.coding import (
    MARKS,
    below,
    counted,
    documented,
    in_small_letters,
    indented,
    signed,
    stored,
)
from selfinstruct.simulator.layers import Kind, framing

__all__ = ["BOUNDS", "CONDITIONS", "DRAFTS", "RARE", "STEPS", "WRONG"]

REMARKS = {
    "en": (
        *("reviewed by Clara", "part of the harbour project", "second edition", "do not edit by hand"),
        *("written on the night train", "approved by the archive", "see the yellow folder", "first draft of May"),
        *("for the autumn release", "keep in step with the manual"),
    ),
    "zh": (
        *("林悦已复核", "属于码头项目", "第二版", "请勿手工修改", "写于夜班火车上", "档案室已批准", "详见黄色文件夹"),
        *("五月初稿", "供秋季版本使用", "与手册保持一致"),
    ),
}
ABOVE = {
    "en": (
        'The comment "{mark}{remark}" must stand above the code so far, on a line of its own.',
        'Put exactly this comment on a line above the code so far: "{mark}{remark}".',
    ),
    "zh": ("以上代码的上方必须有一行注释“{mark}{remark}”。", "需要在现有代码上面单独一行，写注释“{mark}{remark}”。"),
}
BELOW = {
    "en": (
        'Under the code so far, on a line of its own, the comment "{mark}{remark}" must stand.',
        'Put exactly this comment on a line below the code so far: "{mark}{remark}".',
    ),
    "zh": ("以上代码的下方必须有一行注释“{mark}{remark}”。", "需要在现有代码下面单独一行，写注释“{mark}{remark}”。"),
}


def _comments(language: str) -> tuple[Kind, Kind]:
    slots = {"mark": tuple(MARKS.values()), "remark": REMARKS[language]}
    return (
        framing("above", ABOVE[language], slots, lambda slots: (f"{slots['mark']}{slots['remark']}\n", "")),
        framing("below", BELOW[language], slots, lambda slots: ("", f"\n{slots['mark']}{slots['remark']}")),
    )


COMMENTS = {"en": _comments("en"), "zh": _comments("zh")}


def _constant(*wordings: str) -> Kind:
    numbers = tuple(map(str, range(12, 99)))
    slots = {"constant": ("LIMIT", "VERSION", "TIMEOUT", "MAX_SIZE", "PORT", "SEED"), "number": numbers}
    return framing("constant", wordings, slots, lambda slots: (f"{slots['constant']} = {slots['number']}\n", ""))


LABELS = ("total", "all_rows", "entries", "row_count", "in_all")
CONDITIONS: dict[tuple[str, str], tuple[Kind, ...]] = {
    ("en", "python"): (
        *COMMENTS["en"],
        documented(
            (
                'The function must have exactly the docstring "{doc}".',
                'Give the function this docstring only: "{doc}".',
            ),
            ("Do what the name says.", "Answer for one x.", "Return the result; change nothing.", "See the manual."),
        ),
        _constant("Above all so far the constant {constant} must be set to {number}, for later use elsewhere."),
    ),
    ("zh", "python"): (
        *COMMENTS["zh"],
        documented(
            ("函数必须带文档字符串，内容是“{doc}”。", "请给函数加上文档字符串，仅写“{doc}”。"),
            ("返回结果，不改动参数。", "处理一个 x。", "功能见函数名。", "说明见手册。"),
        ),
        _constant("现有代码上方必须定义常量 {constant}，值是 {number}，以后要用。"),
    ),
    ("en", "sql"): (
        *COMMENTS["en"],
        counted(("Below there must be a further query that counts all rows of the same table as {label}.",), LABELS),
    ),
    ("zh", "sql"): (
        *COMMENTS["zh"],
        counted(("下面必须再加一条查询，统计同一张表的总行数，列名是 {label}。",), LABELS),
    ),
}
"""By language and kind of code."""

RARE: dict[tuple[str, str], tuple[Kind, ...]] = {
    ("en", "python"): (
        indented(
            ("Indent with {unit} for each level instead of the usual four spaces.",),
            {"one tab": "\t", "two spaces": "  ", "three spaces": "   ", "eight spaces": " " * 8},
        ),
        signed(
            ("The signature must {way}, which is seldom seen.", "Unusually, the signature has to {way}."),
            {
                "take x by position only, with a slash": "def {}(x, /):",
                "annotate both x and the result as object": "def {}(x: object) -> object:",
                "let x be None when it is left out": "def {}(x=None):",
            },
        ),
    ),
    ("zh", "python"): (
        indented(
            ("每一级缩进必须用{unit}，而不是常见的四个空格。",),
            {"一个制表符": "\t", "两个空格": "  ", "三个空格": "   ", "八个空格": " " * 8},
        ),
        signed(
            ("函数签名必须{way}，这不常见。", "签名比较特别：要{way}。"),
            {
                "用斜杠表明 x 只能按位置传入": "def {}(x, /):",
                "把 x 和返回值都注解成 object": "def {}(x: object) -> object:",
                "让 x 在省略时取 None": "def {}(x=None):",
            },
        ),
    ),
    ("en", "sql"): (in_small_letters(("All keywords of SQL must be in small letters, which few people do.",)),),
    ("zh", "sql"): (in_small_letters(("SQL 关键字必须全部小写，而不是常见的大写。",)),),
}

HELPERS = {
    "each": (("map_all", "for_each", "all_results"), "def {helper}(xs):\n    return [{f}(x) for x in xs]"),
    "pairs": (("with_results", "as_pairs", "tabulate"), "def {helper}(xs):\n    return [(x, {f}(x)) for x in xs]"),
    "safe": (
        ("or_none", "safely", "guarded"),
        "def {helper}(x):\n    try:\n        return {f}(x)\n    except Exception:\n        return None",
    ),
    "text": (("as_text", "shown", "printable"), "def {helper}(x):\n    return repr({f}(x))"),
}
HELPING = {
    "en": {
        "each": "Then, below, define {helper}(xs), which must return the list of its results for every x in xs.",
        "pairs": "Next define {helper}(xs) below it: it must return a list of pairs, each x with its result.",
        "safe": "Next define {helper}(x) below it, which must return None if the first function raises an exception.",
        "text": "Then, below, define {helper}(x), which must return the result as the text that repr gives.",
    },
    "zh": {
        "each": "接着在下面定义 {helper}(xs)，返回 xs 里每个 x 的结果组成的列表。",
        "pairs": "然后在下面定义 {helper}(xs)，返回每个 x 与其结果的二元组列表。",
        "safe": "接着在下面定义 {helper}(x)，如果前一个函数抛出异常就返回 None。",
        "text": "然后在下面定义 {helper}(x)，把结果用 repr 变成文本再返回。",
    },
}
STORED = {
    "en": {"view": "VIEW", "new table": "TABLE", "temporary table": "TEMPORARY TABLE"},
    "zh": {"视图": "VIEW", "新表": "TABLE", "临时表": "TEMPORARY TABLE"},
}
STORING = {
    "en": "Then save what the first query finds as a {what} with the name {name}, in one statement.",
    "zh": "然后用同一条语句把首个查询的结果存成{what}，名叫 {name}。",
}


QUERIES = ("found", "answers", "monthly", "overview", "extract_7")
STEPS: dict[tuple[str, str], tuple[Kind, ...]] = {
    (language, "python"): tuple(below(f"helper {name}", (HELPING[language][name],), *HELPERS[name]) for name in HELPERS)
    for language in HELPING
} | {(language, "sql"): (stored((STORING[language],), STORED[language], QUERIES),) for language in STORING}

# Wrong for every function, pattern, query and expression of the families.
WRONG = {
    "python": (
        *("lambda x: None", "lambda x: x", "lambda x: [x, x]", "lambda x: {}", "lambda x: x is x.real"),
        *("lambda x: len(x) - len(x) - 1", "lambda x: str(x).title() + '!'", "lambda x: range(x)"),
    ),
    "sql": ("SELECT 1;", "SELECT NULL;", "SELECT COUNT(1);", "SELECT 'none';", "SELECT MAX(2);", "SELECT RANDOM();"),
    "regex": (".", "^$", "[aeiou]", "[A-Z]+!", r"\d", r"\s+", "(x|y)", "[^0-9]{20}"),
    "value": ("None", "NotImplemented", "Ellipsis", "nan", "a SyntaxError", "an IndexError"),
}
DRAFTING = {
    "en": (
        "For reference, this is what a trainee suggested: `{draft}` (nobody has checked it so far).",
        "The first result of a search on the net was `{draft}`, should that be of use.",
        "An older version had `{draft}` in this place, which somebody called good enough.",
    ),
    "zh": (
        "供参考，实习生写的是 `{draft}`，还没有人检查过。",
        "网上搜到的第一个结果是 `{draft}`，可以看看有没有用。",
        "旧版本在这里写的是 `{draft}`，据说够用了。",
    ),
}
DRAFTS: dict[tuple[str, str], tuple[Kind, ...]] = {
    (language, code): (Kind(name="draft", wordings=wordings, slots={"draft": drafts}),)
    for language, wordings in DRAFTING.items()
    for code, drafts in WRONG.items()
}
"""A wrong piece of code beside the task: the answer stays what it was."""


def _bound(name: str, wordings: tuple[str, ...], slots: dict[str, tuple[str, ...]], comment: str) -> Kind:
    return framing(name, wordings, slots, lambda slots: ("", "\n" + comment.format(slots.get("bound", ""))))


# True of all functions of the families, none of which takes more than n squared steps.
TIMES = ("O(n^2)", "O(n^2 log n)", "O(n^3)")
BOUNDS: dict[tuple[str, str], tuple[Kind, ...]] = {
    ("en", "python"): (
        _bound(
            "time",
            ('The function must take at most {bound} steps for an x of size n; say so below: "# Time: {bound}".',),
            {"bound": TIMES},
            "# Time: {}",
        ),
        _bound(
            "space",
            ('The function must keep at most {bound} values for an x of size n; say so below: "# Space: {bound}".',),
            {"bound": TIMES},
            "# Space: {}",
        ),
    ),
    ("zh", "python"): (
        _bound(
            "time",
            ("x 的规模为 n 时，步数不得超过 {bound} ，并在下方用注释“# 时间：{bound}”注明。",),
            {"bound": TIMES},
            "# 时间：{}",
        ),
        _bound(
            "space",
            ("x 的规模为 n 时，保存的值至多 {bound} 个，并在下方用注释“# 空间：{bound}”注明。",),
            {"bound": TIMES},
            "# 空间：{}",
        ),
    ),
    ("en", "sql"): (
        _bound(
            "one pass",
            ('Each query must read its table only once; a line below must say so: "-- reads the table once".',),
            {},
            "-- reads the table once",
        ),
    ),
    ("zh", "sql"): (
        _bound("one pass", ("每条查询只能读一遍表，并在下方用注释“-- 只读一遍表”注明。",), {}, "-- 只读一遍表"),
    ),
}
