"""Keys, logins and control characters taken out of what a server said, before it is shown or kept. Pure.

A server that echoes a key may write it in any of the forms in which it passed through: as it is, percent-encoded, in
JSON, in HTML, in base64 (a login as `Basic …`), or cut and masked (sk-ab****yz).
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

__all__ = ["clean", "redactor"]

LONG = 8  # characters; a shorter secret may be part of any word
LONGEST = 200  # characters of a server's words in a message
HIDDEN = "[key]"


def redactor(key: str, login: tuple[str, str], others: Iterable[str]) -> Callable[[str], str]:
    """A function that hides the secrets in a text: the key, user and password, and others.

    Long ones are hidden wherever they stand. A short login is hidden as a word of its own. A short key is what local
    servers are given ("x", "none", "EMPTY"): it is hidden where it stands as a key, in quotes or after Bearer, so that
    messages keep their words.
    """
    patterns = [r"(?<=\w)\*{3,}[\w-]+"]  # a masked key's end: sk-ab****yz
    both = [":".join(login)] if any(login) else []
    encoded = [code(text.encode()).decode().rstrip("=") for text in both for code in (b64encode, urlsafe_b64encode)]
    for secret in filter(None, (*both, *encoded, *login, *others, key)):
        for form in sorted(_forms(secret), key=len, reverse=True):
            if len(secret) >= LONG:
                patterns.append(re.escape(form))
            elif secret == key:
                patterns.append(rf"(?<=[\"'`“‘]){re.escape(form)}(?=[\"'`”’])|(?<=bearer ){re.escape(form)}(?!\w)")
            else:
                patterns.append(rf"(?<!\w){re.escape(form)}(?!\w)")
    if len(key) >= 2 * LONG:  # cut off, it still begins like the key
        patterns.append(rf"{re.escape(key[:LONG])}\S*")
    hiding = re.compile("|".join(dict.fromkeys(patterns)), re.IGNORECASE)
    return lambda text: hiding.sub(HIDDEN, text)


def clean(text: str, hidden: Callable[[str], str]) -> str:
    """The text in one line of at most 200 characters, without control characters, marks of direction, and secrets."""
    shown = "".join(char for char in " ".join(text.split()) if unicodedata.category(char)[0] != "C")
    return hidden(" ".join(shown.split()))[:LONGEST]  # cut last, lest a part of a secret stay at the end


def _forms(secret: str) -> set[str]:
    """How a secret may be written in a text."""
    known = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
    known |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    if len(secret) >= LONG:
        known |= {code(secret.encode()).decode().rstrip("=") for code in (b64encode, urlsafe_b64encode)}
    return known
