"""Conditions on the form of an answer that evolving adds ("constraints"), in English.

They are written as orders to build the reply by, so that it is clear what several of them together ask for.
"""

from __future__ import annotations

from selfinstruct.teachers.builtin.layers import Kind, adding, framing
from selfinstruct.teachers.builtin.wrapping import lines_as_json, lines_marked, lines_numbered, same_twice, wrapped_as

__all__ = ["ENGLISH"]

WHY = (
    *(", so that my script finds it at once", ", because a colleague pastes it into a ledger"),
    *(", as the rules of our archive demand", ", which helps the volunteers who sort the letters"),
    *(", for the machine at the other end is picky", ", so that nobody mistakes it for a comment"),
    *(", the way our editor has always wanted it", ", since two hundred replies must look alike"),
    *(", because the old printer upstairs cuts off loose ends", ", so that a screen reader pauses there"),
    *(", as agreed with the committee last spring", ", which saves the night shift a phone call"),
    *(", for it hangs on a notice board afterwards", ", or else the import into our database fails"),
    *(", so that it stands out among the chatter", ", as our late founder used to insist"),
)
PAIRS = {
    "square brackets": ("[", "]"),
    "round brackets": ("(", ")"),
    "curly braces": ("{", "}"),
    "angle brackets": ("<", ">"),
    "vertical bars": ("|", "|"),
    "percent signs": ("%", "%"),
    "tildes": ("~", "~"),
    "equals signs": ("=", "="),
    "double quotation marks": ('"', '"'),
    "plus signs": ("+", "+"),
    "exclamation marks": ("!", "!"),
    "double slashes": ("//", "//"),
}
OPENERS = (
    *("Verdict", "Finding", "Outcome", "Result", "Noted", "Solution", "Attention", "Reply", "Lighthouse", "Harbour"),
    *("Ledger", "Compass", "Granite", "Juniper", "Lantern", "Marigold", "Otter", "Pepper", "Saffron", "Thistle"),
)
COLOURS = ("Amber", "Blue", "Copper", "Dark", "Early", "Final", "Green", "Humble", "Ivory", "Late", "Quiet", "Silver")
SHEETS = ("Notes", "Page", "Report", "Letter", "Chapter", "Bulletin", "Record", "Digest", "Summary", "Sheet", "Memo")
CLOSINGS = (
    *("End of message", "Over and out", "That is all", "Checked twice", "Nothing follows", "So much for today"),
    *("Please recycle", "Kind regards from the desk", "Done and dusted", "Good night, harbour", "Stop here"),
    *("All copies go to the archive", "Thank you for waiting", "Here ends the reply"),
)
MARKS = {
    "a greater-than sign and a space": "> ",
    "two hyphens and a space": "-- ",
    "a vertical bar": "|",
    "a plus sign and a space": "+ ",
    "a tilde": "~",
    "an equals sign and a space": "= ",
    "an at sign": "@",
    "three dots and a space": "... ",
    "a dollar sign and a space": "$ ",
    "a colon": ":",
    "a percent sign": "%",
}
KEYS = (
    *("reply", "finding", "verdict", "payload", "harbour", "ledger", "value", "message", "parcel", "report", "note"),
    *("solution", "body", "content", "letter", "record", "product", "outcome"),
)
TOPS = ("BEGIN", "START", "OPEN", "FROM HERE", "TOP", "HELLO", "ENTER", "UNFOLD")
BOTTOMS = ("END", "STOP", "CLOSE", "TO HERE", "BOTTOM", "GOODBYE", "LEAVE", "FOLD")
SIGNERS = ("Clara", "Dr Haddad", "the night porter", "Amara Jansen", "your bookkeeper", "Sven", "the archivist", "Mei")
RULERS = {
    f"{word} {name}": sign * n
    for word, n in (("five", 5), ("seven", 7), ("eight", 8), ("ten", 10), ("twelve", 12))
    for name, sign in (("hyphens", "-"), ("asterisks", "*"), ("equals signs", "="), ("tildes", "~"), ("dots", "."))
}
REFERENCES = tuple(f"{letter}-{n}" for letter in "ABCDEFGHKLMNPRST" for n in range(117, 1000, 97))

ENGLISH: tuple[Kind, ...] = (
    framing(
        "enclosed",
        ("Enclose the whole reply in {pair}{why}.", "The reply must stand in {pair}{why}."),
        {"pair": tuple(PAIRS), "why": WHY},
        lambda slots: PAIRS[slots["pair"]],
    ),
    framing(
        "opener",
        (
            'The word "{word}" and a colon must stand in front of the reply{why}.',
            'Write "{word}:" and a space before the reply, no more and no less{why}.',
        ),
        {"word": OPENERS, "why": WHY},
        lambda slots: (f"{slots['word']}: ", ""),
    ),
    framing(
        "heading",
        (
            'Set the heading "{colour} {sheet}" on a line above the reply{why}.',
            'Above the reply there must be a line that says only "{colour} {sheet}"{why}.',
        ),
        {"colour": COLOURS, "sheet": SHEETS, "why": WHY},
        lambda slots: (f"{slots['colour']} {slots['sheet']}\n", ""),
    ),
    framing(
        "closing",
        (
            'Under the reply there must be the line "{closing}"{why}.',
            'A line with exactly "{closing}" has to follow the reply{why}.',
        ),
        {"closing": CLOSINGS, "why": WHY},
        lambda slots: ("", f"\n{slots['closing']}"),
    ),
    framing(
        "between lines",
        (
            'Frame the reply with a line "{top}" above and a line "{bottom}" below{why}.',
            'The reply must be preceded by the line "{top}" and followed by the line "{bottom}"{why}.',
        ),
        {"top": TOPS, "bottom": BOTTOMS, "why": WHY},
        lambda slots: (f"{slots['top']}\n", f"\n{slots['bottom']}"),
    ),
    framing(
        "signature",
        (
            "The reply must be signed by {name} on a line below it, thus: — {name}.",
            'The signature "— {name}" should stand on a line under the reply{why}.',
        ),
        {"name": SIGNERS, "why": WHY},
        lambda slots: ("", f"\n— {slots['name']}"),
    ),
    framing(
        "reference",
        (
            "The reference number {number} and a semicolon must precede the reply{why}.",
            'Every reply needs a number before it; this one should have "{number};"{why}.',
        ),
        {"number": REFERENCES, "why": WHY},
        lambda slots: (f"{slots['number']}; ", ""),
    ),
    framing(
        "fence",
        (
            "Give the reply as a Markdown code block labelled {label}{why}.",
            "The reply must be a fenced code block of the type {label}{why}.",
        ),
        {"label": ("text", "plain", "reply", "console", "output", "note"), "why": WHY},
        lambda slots: (f"```{slots['label']}\n", "\n```"),
    ),
    adding(
        "words counted",
        (
            'Add a line "{label}: …" with exactly the number of words above it{why}.',
            'The reply must be followed by a line "{label}: …" in which its words are counted.',
        ),
        {"label": ("Words", "Word count", "Length in words", "Total of words"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}: {len(above.split())}"],
    ),
    adding(
        "lines counted",
        (
            'Below the reply, the line "{label}: …" has to state how many lines stand above it{why}.',
            'A line "{label}: …" must follow, which counts the lines above it{why}.',
        ),
        {"label": ("Lines", "Line count", "Lines so far", "Lines in all"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}: {above.count(chr(10)) + 1}"],
    ),
    lines_marked(
        ("Every line of the reply must begin with {sign}{why}.", "Start each line of the reply with {sign}{why}."),
        {"sign": tuple(MARKS), "why": WHY},
        MARKS,
    ),
    lines_numbered(
        (
            "Number every line of the reply, from {first} on, with a bracket after the number, as in {first}).",
            'Each line of the reply must have its number, the first one "{first})"{why}.',
        ),
        {"first": tuple(map(str, range(1, 100))), "why": WHY},
        ") ",
    ),
    wrapped_as(
        "JSON",
        (
            'Return the reply as a JSON object whose only key is "{key}"{why}.',
            'The reply must be valid JSON: one object with the key "{key}"{why}.',
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "CSV",
        (
            'Give the reply as one CSV row of two quoted fields, the first of them "{key}"{why}.',
            'The reply must be a row of CSV, "{key}" and then the reply, both in double quotes{why}.',
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "XML",
        (
            "Wrap the reply in the XML element <{key}>, with special characters escaped{why}.",
            "The reply must be the text of an XML element named <{key}>{why}.",
        ),
        {"key": KEYS, "why": WHY},
    ),
    lines_as_json(
        (
            "Return the lines of the reply as a JSON array of strings, one for each line{why}.",
            "The reply must be a JSON array with every line as a string{why}.",
        ),
        {"why": WHY},
    ),
    same_twice(
        (
            "Write the reply twice, with a line of exactly {ruler} in between{why}.",
            "The reply must be given two times, parted by a line of {ruler}{why}.",
        ),
        {"ruler": tuple(RULERS), "why": WHY},
        RULERS,
    ),
)
