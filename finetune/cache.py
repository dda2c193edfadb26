"""Keys and values with room to grow: what a model remembers of a text, a token more at every step.

transformers' own cache is written anew for every token, all of it: of 64 answers of 400 tokens by a small model, more
than half of the time went there.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import DynamicLayer

__all__ = ["Roomy", "give_room"]

ROOM = 64
"""Tokens at least that are written before all is copied; more where there are more, a quarter."""


def give_room(cache: Any) -> None:
    """Let the plain layers of a cache grow in place. Those of other kinds (sliding windows, states) stay."""
    for place, layer in enumerate(getattr(cache, "layers", ())):
        if type(layer) is DynamicLayer:
            roomy = Roomy()
            roomy.__dict__.update(layer.__dict__)
            cache.layers[place] = roomy


class Roomy(DynamicLayer):
    """Its keys and values are the beginnings of larger buffers; who replaces them need not know of these."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
        self._rooms: dict[str, torch.Tensor] = {}

    def update(  # type: ignore[override,unused-ignore]
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)  # type: ignore[no-untyped-call,unused-ignore]
        self.keys = self._grown("keys", self.keys, key_states)
        self.values = self._grown("values", self.values, value_states)
        return self.keys, self.values

    def _grown(self, name: str, held: Any, new: torch.Tensor) -> torch.Tensor:
        """Both, [rows, heads, tokens, width]."""
        before = held.shape[-2] if held.numel() else 0
        after, room = before + new.shape[-2], self._rooms.get(name)
        if room is None or room.data_ptr() != held.data_ptr() or room.shape[-2] < after or len(room) != len(new):
            rows, heads, _, width = new.shape
            room = self._rooms[name] = new.new_empty(rows, heads, after + max(ROOM, after // 4), width)
            if before:
                room[:, :, :before] = held
        room[:, :, before:after] = new
        return room[:, :, :after]
