"""Every error that selfinstruct raises on purpose.

SelfinstructError                 something a person can act on; its text is one line and names the next step
├── UsageError          exit 2    the command, a file or a recipe is wrong; nothing was written
├── RunStopped          exit 1    the run cannot go on now; the same command resumes it
│   ├── TeacherFailed             wrong key, unknown model, or no answer until patience ran out
│   │   └── Declined              the server will not answer this one request; of other rows it says nothing
│   ├── Saturated                 almost nothing that the teacher still proposes is kept
│   ├── Useless                   the teacher's answers are of no use to a step, and why
│   └── NothingKept               everything was asked, and nothing came of it
├── BudgetReached       exit 3    the next request would cost more than the budget allows; resumable too
└── Transient                     one request failed, perhaps not for good; `throttle` retries it, no one else sees it
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = [
    *("BudgetReached", "Declined", "NothingKept", "RunStopped", "Saturated", "SelfinstructError", "TeacherFailed"),
    *("Transient", "UsageError", "Useless", "did_you_mean", "quoted", "shown"),
]


class SelfinstructError(Exception):
    exit_code = 1

    def __str__(self) -> str:
        """One line, fit for a terminal: it may quote a server, a model or a file."""
        return shown(super().__str__())


class UsageError(SelfinstructError):
    exit_code = 2


class RunStopped(SelfinstructError):
    exit_code = 1


class TeacherFailed(RunStopped):
    pass


class Declined(TeacherFailed):
    """HTTP 400, 403, 413 or 422 to one request. Stops the run when nobody was answered yet, for then all are refused;
    once others have been, it is that row's rejection (`throttle` decides)."""

    def __init__(self, message: str, words: str, about: str = "") -> None:
        super().__init__(message)
        self.words = words
        """What the server said, for the row: "HTTP 400: messages is invalid". Never a header, never the key."""
        self.about = about
        """What of the request it is about: "prompt" (longer than the server's context), "max_tokens" (too much beside
        this prompt), "setting" (a parameter, whatever the prompt: no row is to blame); "" when nobody can say."""


class Saturated(RunStopped):
    pass


class Useless(RunStopped):
    pass


class NothingKept(RunStopped):
    pass


class BudgetReached(SelfinstructError):
    exit_code = 3


class Transient(SelfinstructError):
    """A failure that may pass: a time-out, a lost connection, HTTP 408, 409, 429 or 5xx, a body that is no answer."""

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        *,
        limited: bool = False,
        billed: bool = False,
        limits: Any = None,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds the server asked to wait (Retry-After or its rate-limit headers); None when it did not say."""
        self.limited = limited
        """Whether the server said that it is asked too much (429, or 503 with a wait): no fault of the request."""
        self.billed = billed
        """Whether the request may have been answered and billed all the same: no status came, or a broken answer."""
        self.limits = limits
        """What the refusal's headers say that the server allows: teacher.Limits, or None."""


def did_you_mean(name: Any, existing: Iterable[str]) -> str:
    """The end of a message about a name that does not exist: the nearest one that does, and all of them."""
    import difflib

    close = difflib.get_close_matches(str(name)[:99], list(existing), n=1)
    there = f"here are: {', '.join(existing)}"
    return f"did you mean '{close[0]}'? T{there}" if close else f"t{there}"


def quoted(value: Any) -> str:
    """The offending value, as Python writes it; not more of it than a message can bear."""
    try:
        text = shown(repr(value))
    except Exception:  # a number of 5,000 digits, a list in itself 1,000 deep, somebody's own __repr__
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:60]}…"


def shown(text: str, *, lines: bool = False) -> str:
    """Text that others wrote (a model, a server, a file) as it may reach a terminal: what would act there, or is not to
    be seen, is written as Python escapes it: \\x1b[2J, \\u202e. With `lines`, newlines and tabs stay what they are.

    What is printed for people goes through here; data in files and pipes stays as it is. Twice changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    kept, text = ("\n\t", text.replace("\r\n", "\n")) if lines else ("", text)
    return _UNSEEN.sub(lambda at: at[0] if at[0] in kept else at[0].encode("unicode_escape").decode(), text)


# Controls of both kinds (a terminal obeys U+009B as it does ESC [), the marks that turn the direction of writing, other
# format characters but the two joiners that Persian, Hindi and emoji are written with, line separators, halves of
# surrogate pairs, private use, tags, and fillers as wide as nothing. All by Unicode's categories Cc, Cf, Cs, Co, Zl and
# Zp; code points without a character stay, as they may have one in a later Unicode (many rare Chinese ones do).
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U00013430-\U00013455\U000e0000-\U000e0fff\U000f0000-\U0010ffff\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2"
    "\U000110bd\U000110cd]"
)
