"""Instances in other forms than the one published: labels in any case, as headings or by other names, and JSON.

What the published form has, "Example 1", "Input:", "Output:", is left as it is: other labels count only where it lacks
its own, and an input may then speak of a response or an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from selfinstruct.stages.reading.json_answers import fields_of
from selfinstruct.stages.reading.plain import EMPHASIS, NUMERAL
from selfinstruct.task import Instance, Rejected
from selfinstruct.text.later import later

__all__ = ["canonical", "canonical_labels", "each_on_its_line", "inputs_first", "of_json", "without_headings"]


def _named(names: str) -> re.Pattern[str]:
    """Such a label before a colon, or alone in its line as a heading, in bold type or in brackets."""
    number = r"[ \t]*#?\d{0,2}"
    return later(
        rf"^{EMPHASIS}\[?(?:{names}){number}\]?[*_]{{0,3}}[ \t]*[:：](?:[*_]{{1,3}}(?=[ \t\n]|\Z))?"
        rf"|^[ \t]*(?:#{{1,6}}[ \t]*[*_]{{0,3}}|[*_]{{2,3}}|[\[【])(?:{names}){number}[\]】*_#:：]{{0,4}}[ \t]*$"
        rf"|^(?i:{names}){number}[ \t]*$",
        re.IGNORECASE | re.MULTILINE,
    )


_INPUT = _named("inputs?|input (?:text|data)|given input|context|passage|输入|输入内容|材料")
_AN_INPUT = later(r"^(?=[ \t>#*_-]{0,8}Input[ \t]*\d{0,2}[*_]{0,3}[ \t]*:)", re.MULTILINE)
_OUTPUTS = (
    _named("(?:the )?(?:expected |sample |correct |example )?outputs?|(?:预期|期望)?输出|输出内容"),
    _named("(?:expected |sample |correct )?(?:response|answer|result|solution|completion)|答案|回答|回复|结果|答"),
)
_LABELS = (
    _named("class[ _-]?labels?|类别标签|分类标签"),
    _named("labels?|class|classification|category|标签|类别|分类"),
    _named("output|answer|输出|答案|回答"),
)
_EXAMPLE = later(
    rf"^{EMPHASIS}[\[【(（]?(?:(?:example|instance|sample|test case|case|entry)[ \t]*(?:#|no\.?[ \t]*)?"
    rf"(?:\d{{1,3}}|[a-h]|one|two|three|four|five)|(?:示例|例子|样例|实例|例|样本)[ \t]*(?:\d{{1,3}}|{NUMERAL}|[a-h]))"
    r"[\]】)）]?[*_]{0,3}[.):：]?[*_]{0,3}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


_NUMBER = r"(?:[（(\[]?\d{1,3}[.)）\]:：、][ \t]*)?"
_COLON = r"[*_]{0,3}[ \t]*[:：][*_]{0,3}"
_PAIR = later(
    rf"^{EMPHASIS}{_NUMBER}(?P<input>[*_]{{0,3}}(?:Input|输入){_COLON})(?P<given>[^\n]*?)"
    rf"[ \t]*(?:[,;，；|/]|->|=>|→)?[ \t]*[*_]{{0,3}}(?P<output>Output|输出){_COLON}(?P<wanted>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ASKED = later(
    rf"^[ \t]*{_NUMBER}[*_]{{0,3}}(?:Q|问)[ \t]*\d{{0,2}}{_COLON}(?P<given>(?:(?!\n[ \t*_]{{0,5}}(?:Q|问)\d*[:：]).)*?)"
    rf"(?:\n|[ \t]*[/|;]|(?<=[?？]))[ \t]*[*_]{{0,3}}(?:A|答)[ \t]*\d{{0,2}}{_COLON}[ \t]*",
    re.MULTILINE | re.DOTALL,
)


def each_on_its_line(text: str) -> str:
    """The text with an example for each "1. Input: Rome, Output: Italy" of a line, and for each "Q: … A: …" where it
    begins with one.
    """
    if _PAIR.search(text):
        return _PAIR.sub(r"Example\n\g<input>\g<given>\n\g<output>:\g<wanted>", text)
    return _ASKED.sub(r"Example\nInput:\g<given>\nOutput: ", text) if _ASKED.match(text.lstrip()) else text


def canonical(text: str, has_input: bool, has_output: bool, has_example: bool) -> str:
    """The text with "Input:", "Output:" and "Example" in the place of other labels of those kinds.

    `has_…`: which of the published labels it has; they are not to be seen twice.
    """
    if not has_output:
        outputs = next((pattern for pattern in _OUTPUTS if pattern.search(text)), None)
        if outputs:
            text = outputs.sub("Output:", text)
            if not has_example and not _EXAMPLE.search(text):
                text = text if has_input else _INPUT.sub("Input:", text)
                text = _AN_INPUT.sub("Example\n", text)
    if not has_input and (not has_output or _INPUT.search(text)):
        text = _INPUT.sub("Input:", text)
    return text if has_example else _EXAMPLE.sub("Example", text)


def canonical_labels(text: str, has_label: bool) -> str:
    """The text of a classification task's answer with "Class label:" in the place of other labels, if it has none."""
    found = next((pattern for pattern in _LABELS if pattern.search(text)), None)
    return text if has_label or not found else found.sub("Class label:", text)


def without_headings(text: str, has_label: bool) -> str:
    """The text, whose labels come first, without "### Example 2" right above a label; where the labels were called
    otherwise (not `has_label`) without any, and without "Input:" above the inputs.
    """

    def above(heading: re.Match[str]) -> str:
        following = text[heading.end() : heading.end() + 60].lstrip()
        return "" if _LABELS[0].match(following) else heading[0]

    return _EXAMPLE.sub(above, text) if has_label else _INPUT.sub("", _EXAMPLE.sub("", text))


def inputs_first(parts: Sequence[str]) -> tuple[list[Instance], list[str]]:
    """The instances of a classification task's answer that writes each input before its label, as other tasks have
    them, and what else is said; none where labels come first, as they were asked for. `parts`: what stands before the
    first label, and after each.

    Input first it is where a label for inputs, a field ("Text: …") or an example with something in it stands before
    the first label.
    """
    before, *others = parts
    cut = [part.strip().partition("\n") for part in others]
    said, given = zip(*(_alone(part) for part in (before, *(rest for _, _, rest in cut))), strict=True)
    begun = _INPUT.search(before) or _FIELD.search(before.strip()) or (_EXAMPLE.search(before) and given[0])
    if not cut or not begun or not all(given[:-1]):
        return [], []
    found = [Instance(one, wanted.strip()) for one, (wanted, _, _) in zip(given, cut, strict=False)]
    return found, [*said, given[-1]]


_FIELD = later(r"\A[*_]{0,3}[^\W\d][\w ]{0,20}[*_]{0,3}[:：][*_]{0,3}[ \t]*\S")
_RULE_AT_EDGE = later(r"\A[ \t]*-{3,}[ \t]*\n|\n[ \t]*-{3,}[ \t]*\Z")


def _alone(text: str) -> tuple[str, str]:
    """What is said before an example begins; and its input, without its label and the rule above it."""
    *before, last = _EXAMPLE.split(text)
    last = _RULE_AT_EDGE.sub("", last.strip())
    *above, last = _INPUT.split(last, maxsplit=1) if _INPUT.search(last) else (last,)
    return "\n".join(filter(None, map(str.strip, (*before, *above)))), last.strip()


def of_json(items: Iterable[Any], labelled: bool) -> tuple[list[Instance], list[Rejected]]:
    """The instances of a JSON answer's items, and those without an output; of a classification task (`labelled`) the
    label is the output.
    """
    found, others = list[Instance](), list[Rejected]()
    for item in items:
        if isinstance(item, Rejected):
            continue
        fields = fields_of(item) if isinstance(item, dict) else {}
        names = ("label", "output") if labelled else ("output", "label")
        wanted = next((fields[name] for name in names if fields.get(name)), None)
        if wanted is None:
            text = "\n".join(f"{name.capitalize()}: {value}" for name, value in fields.items()) or str(item)
            others.append(Rejected(text, "no output in it", what="instance"))
            continue
        given = fields.get("input", fields.get("instruction", "") if labelled else "")
        found.append(Instance(given, wanted))
    return found, others
