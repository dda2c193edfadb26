"""Texts of data and of models, before they reach a terminal: it would obey the control characters in them."""

from __future__ import annotations

__all__ = ["shown"]

PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
PICTURES |= {0x7F: "\u2421", **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}}
"""How control characters are shown: Unicode has pictures of the first 32, of which terminals obey most."""


def shown(text: str) -> str:
    """The text as it may reach a terminal: control characters, and so escape sequences, become pictures."""
    return text.translate(PICTURES)
