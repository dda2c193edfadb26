"""Conditions on the form of an answer that evolving adds ("constraints"), in English.

"The answer" is what the task itself asks for, whose form one of them changes at most; the others add lines above and
below, in the order of their sentences, so that it is clear what several of them together ask for.
"""

from __future__ import annotations

from selfinstruct.simulator.layers import Kind, adding, framing
from selfinstruct.simulator.wrapping import lines_as_json, lines_marked, lines_numbered, same_twice, wrapped_as

__all__ = ["CONSTRAINTS"]

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

FOLDERS = ("Harbour", "Spring fair", "Open questions", "Visitors", "Winter term", "Repairs", "Tea room", "Night shift")
POSTSCRIPTS = (
    *("the ferry leaves at seven", "bring the yellow folder", "the kettle is on", "mind the wet paint"),
    *("the key is under the mat", "rehearsal is on Thursday", "feed the cat", "the lift is out of order"),
)

CONSTRAINTS: tuple[Kind, ...] = (
    framing(
        "enclosed",
        (
            "The answer must stand in {pair}, its own marks included{why}.",
            "Put the answer in {pair}, which it must not lack{why}.",
        ),
        {"pair": tuple(PAIRS), "why": WHY},
        lambda slots: PAIRS[slots["pair"]],
    ),
    framing(
        "opener",
        (
            'The word "{word}" and a colon must stand in front of the answer, on its line{why}.',
            'On its first line the answer must be preceded by "{word}:" and a space{why}.',
        ),
        {"word": OPENERS, "why": WHY},
        lambda slots: (f"{slots['word']}: ", ""),
    ),
    framing(
        "heading",
        (
            'A heading "{colour} {sheet}" must stand on a line of its own above the answer{why}.',
            'Above the answer there must be a line that says "{colour} {sheet}"{why}.',
        ),
        {"colour": COLOURS, "sheet": SHEETS, "why": WHY},
        lambda slots: (f"{slots['colour']} {slots['sheet']}\n", ""),
    ),
    framing(
        "closing",
        (
            'Below, the line "{closing}" must follow as the next one{why}.',
            'The next line below has to be exactly "{closing}"{why}.',
        ),
        {"closing": CLOSINGS, "why": WHY},
        lambda slots: ("", f"\n{slots['closing']}"),
    ),
    framing(
        "between lines",
        (
            'The answer must have a line "{top}" directly above it and a line "{bottom}" directly below{why}.',
            'Directly before the answer a line "{top}" must stand, directly after it a line "{bottom}"{why}.',
        ),
        {"top": TOPS, "bottom": BOTTOMS, "why": WHY},
        lambda slots: (f"{slots['top']}\n", f"\n{slots['bottom']}"),
    ),
    framing(
        "signature below",
        (
            "Next, {name} must sign on a line below, thus: — {name}.",
            'The signature "— {name}" should follow on a further line{why}.',
        ),
        {"name": SIGNERS, "why": WHY},
        lambda slots: ("", f"\n— {slots['name']}"),
    ),
    framing(
        "postscript",
        (
            'A postscript must follow on the next line: "P.S. {remark}"{why}.',
            'Then the line "P.S. {remark}" has to be added below{why}.',
        ),
        {"remark": POSTSCRIPTS, "why": WHY},
        lambda slots: ("", f"\nP.S. {slots['remark']}"),
    ),
    framing(
        "filed",
        (
            'The next line below must say where it belongs: "Filed under: {folder}"{why}.',
            'Then a line "Filed under: {folder}" has to come below{why}.',
        ),
        {"folder": FOLDERS, "why": WHY},
        lambda slots: ("", f"\nFiled under: {slots['folder']}"),
    ),
    framing(
        "reference",
        (
            "The reference number {number} and a semicolon must precede the answer on its line{why}.",
            'Every answer needs a number in front, on the same line; this one must have "{number};"{why}.',
        ),
        {"number": REFERENCES, "why": WHY},
        lambda slots: (f"{slots['number']}; ", ""),
    ),
    framing(
        "fence",
        (
            "Give the answer in a Markdown code block that must be labelled {label}{why}.",
            "The answer must stand in a fenced code block of the type {label}{why}.",
        ),
        {"label": ("text", "plain", "reply", "console", "output", "note"), "why": WHY},
        lambda slots: (f"```{slots['label']}\n", "\n```"),
    ),
    adding(
        "words counted",
        (
            'A line "{label}: …" must follow with the number of words above it (runs between spaces){why}.',
            'Below, count all words so far (runs of characters between spaces) in a line that begins "{label}: …".',
        ),
        {"label": ("Words", "Word count", "Length in words", "Total of words"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}: {len(above.split())}"],
    ),
    adding(
        "lines counted",
        (
            'Next, the line "{label}: …" has to state how many lines stand above it, empty ones included{why}.',
            'A line "{label}: …" must follow, which counts all lines above it, even empty ones{why}.',
        ),
        {"label": ("Lines", "Line count", "Lines so far", "Lines in all"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}: {above.count(chr(10)) + 1}"],
    ),
    lines_marked(
        (
            "Every line of the answer must begin with {sign}{why}.",
            "You must start each line of the answer with {sign}{why}.",
        ),
        {"sign": tuple(MARKS), "why": WHY},
        MARKS,
    ),
    lines_numbered(
        (
            "Number every line of the answer, from {first} on, with a bracket and a space after it, as in {first}).",
            'Each line of the answer must have its number and a space first, beginning with "{first})"{why}.',
        ),
        {"first": tuple(map(str, range(1, 100))), "why": WHY},
        ") ",
    ),
    wrapped_as(
        "JSON",
        (
            'The answer must be given as a JSON object with the one key "{key}" and a string{why}.',
            'Put the answer, as a string, in a JSON object that must have the one key "{key}"{why}.',
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "CSV",
        (
            'The answer must be a CSV row of two quoted fields without space between, the first of them "{key}"{why}.',
            'Give the answer as CSV, where "{key}", a comma and the answer must each be quoted like that{why}.',
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "XML",
        (
            "Wrap the answer in the XML element <{key}>, where &, < and > must be escaped{why}.",
            "The answer must be the text of an XML element named <{key}>, with &, < and > escaped{why}.",
        ),
        {"key": KEYS, "why": WHY},
    ),
    lines_as_json(
        (
            "The answer must be a JSON array on one line, with each of its lines as a string{why}.",
            "Give the answer as a JSON array on one line, in which every line of it must be a string{why}.",
        ),
        {"why": WHY},
    ),
    same_twice(
        (
            "The answer must be written twice, with a line of exactly {ruler} in between{why}.",
            "Give the answer two times, which must be parted by a line of {ruler}{why}.",
        ),
        {"ruler": tuple(RULERS), "why": WHY},
        RULERS,
    ),
)
