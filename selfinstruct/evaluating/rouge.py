"""ROUGE-L with a stemmer, the best over references, as Super-NaturalInstructions and its followers report it.

For Latin script the same number as `rouge_score` with use_stemmer=True, which knows no other: here a character of
Chinese, and a word of Russian, is a token as well (text/tokens.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.filters.rouge import rouge_l
from selfinstruct.text.tokens import tokens

__all__ = ["best_rouge_l", "check_ready"]

SHORT = 3
"""Letters up to which rouge_score leaves a word as it is."""


def check_ready(suite: str) -> None:
    """Raises UsageError without the stemmer."""
    try:
        _stemmer()
    except ImportError:
        raise UsageError(
            f"{suite} needs the package nltk for its stemmer: pip install 'selfinstruct[evaluate]'"
        ) from None


def best_rouge_l(answer: str, references: Sequence[str]) -> float:
    """The highest ROUGE-L F, from 0 to 1, of the answer with one of the references; 0 without any."""
    said = _stems(answer)
    return max((rouge_l(_stems(reference), said) for reference in references), default=0.0)


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in tokens(text)]


@cache
def _stemmer() -> Any:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


@cache
def _stem(word: str) -> str:
    return str(_stemmer().stem(word)) if len(word) > SHORT and word.isascii() else word
