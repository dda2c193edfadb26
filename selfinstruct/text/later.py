"""Patterns that are compiled when they are first used: there are some hundreds of them, and a run needs a tenth.

All at once took 0.6 s of every start, more than everything else that is imported.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["later"]


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes of it, from its first use on. A mistake in the pattern raises re.error only then."""
    return cast(re.Pattern[str], _Later(pattern, flags))


class _Later:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Asked for what is not here yet, once for each name: kept, it is as fast as a pattern's own."""
        if name.startswith("__"):
            raise AttributeError(name)
        if "_compiled" not in self.__dict__:
            self._compiled = re.compile(self.pattern, self._flags)
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found
