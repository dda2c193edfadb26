"""Drops what is nobody's business: personal data, and keys that open something."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.filters.parts import EVERYWHERE, check_where, texts
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.personal import KINDS, find_personal, masked
from selfinstruct.text.secrets import find_secret

__all__ = ["Private", "Secrets"]


@dataclass(frozen=True, slots=True)
class Private:
    """Has somebody's e-mail address, phone number, card, account or identity number in it.

    Addresses and numbers that stand for any (user@example.com, 555-0147, cards for tests), and those of roles and
    hotlines, are nobody's. The reason shows the first and last characters only.
    """

    kinds: tuple[str, ...] = ("email", "phone", "card", "iban", "id", "passport")
    """And `ip`, for public IP addresses, which logs are full of. `id` is a Chinese identity or a US social security
    number."""
    where: str = EVERYWHERE
    """Or `answers`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(self.kinds))
        check_where(self.where, "private")
        for kind in self.kinds:
            if kind not in KINDS:
                raise UsageError(f"private has no kind {kind!r}: {did_you_mean(kind, KINDS)}")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for text in texts(task, self.where):
            if found := find_personal(text, self.kinds):
                return Reason("personal data", f"{found[0]} {masked(found[1])}")
        return None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Has a key, a token or a password in it that looks real.

    Known by the beginnings that services give their keys, or by the name before it, and by looking random: sk-…,
    YOUR_API_KEY and the services' own examples do not. The reason shows the last two characters only.
    """

    where: str = EVERYWHERE
    """Or `answers`."""

    def __post_init__(self) -> None:
        check_where(self.where, "secrets")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for text in texts(task, self.where):
            if found := find_secret(text):
                return Reason("secret", f"{found.kind} {found.masked}")
        return None
