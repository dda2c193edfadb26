"""llama.cpp itself, from the package xllamacpp: what it reads a text as, what it computes, how it rounds weights.

    with opened("mine.gguf") as model:
        model.tokens("Name a river.")     # as llama-server would read it, its BOS included
        model.logits([1, 415, 13])        # [tokens, vocabulary]

xllamacpp has a server and no functions for these, but its library exports llama.cpp's own C functions, which are called
here by ctypes. Structures are passed as blocks of bytes larger than any version's: their layout is known to the library
alone, but for the first number of a context, its size, which is looked at again afterwards.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

__all__ = ["NEEDS", "Model", "installed", "opened", "rounded"]

NEEDS = "pip install 'selfinstruct[gguf]'"

_NAMES = (
    *("ggml_quantize_chunk", "ggml_row_size", "llama_backend_init", "llama_batch_free", "llama_batch_init"),
    *("llama_context_default_params", "llama_decode", "llama_free", "llama_get_logits_ith", "llama_init_from_model"),
    *("llama_log_set", "llama_model_default_params", "llama_model_free", "llama_model_get_vocab", "llama_n_ctx"),
    *("llama_model_load_from_file", "llama_set_n_threads", "llama_tokenize", "llama_vocab_n_tokens"),
)
"""What is called of the library; one that lacks any of them is as none."""


class _Block(ctypes.Structure):
    """Room for a structure of llama.cpp's. What is longer than it is never read."""

    _fields_ = (("bytes", ctypes.c_uint64 * 128),)


class _Batch(ctypes.Structure):
    """llama_batch: tokens with their places, and of which of them the logits are wanted."""

    _fields_ = (
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.c_void_p),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    )


_SILENT = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
"""What llama.cpp hands its log to; it must outlive the library, so it is here."""


@cache
def _library() -> Any:
    """The library, or None: the package is not installed, or is built so that its functions cannot be found."""
    spec = find_spec("xllamacpp")
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()
    file = next((file for file in sorted(folder.glob("xllamacpp*")) if file.suffix in (".so", ".pyd")), None)
    if spec is None or file is None:
        return None
    library: Any = ctypes.CDLL(str(file))
    if not all(hasattr(library, name) for name in _NAMES):
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int32
    for name in ("llama_model_load_from_file", "llama_init_from_model", "llama_model_get_vocab"):
        getattr(library, name).restype = pointer
    library.llama_model_default_params.restype = library.llama_context_default_params.restype = _Block
    library.llama_model_load_from_file.argtypes = [ctypes.c_char_p, _Block]
    library.llama_init_from_model.argtypes = [pointer, _Block]
    for name in ("llama_model_get_vocab", "llama_model_free", "llama_free", "llama_vocab_n_tokens", "llama_n_ctx"):
        getattr(library, name).argtypes = [pointer]
    library.llama_n_ctx.restype = ctypes.c_uint32
    library.llama_set_n_threads.argtypes = [pointer, number, number]
    tokens = ctypes.POINTER(number)
    flags = [ctypes.c_bool, ctypes.c_bool]
    library.llama_tokenize.argtypes = [pointer, ctypes.c_char_p, number, tokens, number, *flags]
    library.llama_batch_init.restype = _Batch
    library.llama_batch_init.argtypes = [number, number, number]
    library.llama_batch_free.argtypes = [_Batch]
    library.llama_decode.argtypes = [pointer, _Batch]
    library.llama_get_logits_ith.restype = ctypes.POINTER(ctypes.c_float)
    library.llama_get_logits_ith.argtypes = [pointer, number]
    library.ggml_quantize_chunk.restype = library.ggml_row_size.restype = ctypes.c_size_t
    large = ctypes.c_int64
    library.ggml_quantize_chunk.argtypes = [ctypes.c_int, pointer, pointer, large, large, large, pointer]
    library.ggml_row_size.argtypes = [ctypes.c_int, large]
    library.llama_log_set(_SILENT, None)
    library.llama_backend_init()
    return library


def installed() -> bool:
    """Whether llama.cpp can be asked."""
    return _library() is not None


class Model:
    """A GGUF file that llama.cpp has opened."""

    def __init__(self, library: Any, pointer: int) -> None:
        self._library, self._model = library, pointer
        self._vocabulary = library.llama_model_get_vocab(pointer)

    def tokens(self, text: str, *, special: bool = True) -> list[int]:
        """As llama-server reads a prompt: with what it puts around it, and names of special tokens taken for these.

        Without `special` both are left out: the text is only a text.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        held = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(self._vocabulary, data, len(data), held, room, special, special)
        return list(held[:count])

    def logits(self, ids: Sequence[int], threads: int = 2) -> Floats:
        """[tokens, vocabulary]: of the token after each of these. Raises UsageError when memory is too small."""
        import numpy as np

        library, count = self._library, len(ids)
        params = self._context_params(count)
        context = library.llama_init_from_model(self._model, params)
        if not context or library.llama_n_ctx(context) < count:
            raise UsageError(f"llama.cpp has no room for {count:,} tokens: close other programs, or give shorter rows")
        batch = library.llama_batch_init(count, 0, 1)
        try:
            library.llama_set_n_threads(context, threads, threads)
            batch.n_tokens = count
            for place, number in enumerate(ids):
                batch.token[place], batch.pos[place] = number, place
                batch.n_seq_id[place], batch.seq_id[place][0], batch.logits[place] = 1, 0, 1
            if library.llama_decode(context, batch):
                raise UsageError(f"llama.cpp could not read {count:,} tokens: the model reads fewer, or memory is full")
            width = library.llama_vocab_n_tokens(self._vocabulary)
            rows = (library.llama_get_logits_ith(context, place) for place in range(count))
            return np.stack([np.ctypeslib.as_array(row, (width,)).copy() for row in rows])
        finally:
            library.llama_batch_free(batch)
            library.llama_free(context)

    def _context_params(self, size: int) -> _Block:
        params: _Block = self._library.llama_context_default_params()
        numbers = ctypes.cast(ctypes.pointer(params), ctypes.POINTER(ctypes.c_uint32))
        numbers[0] = numbers[1] = max(size, 64)  # n_ctx, and n_batch, so that one call reads all
        return params


@contextmanager
def opened(file: Path | str) -> Iterator[Model]:
    """Raises UsageError when the package is not installed, or llama.cpp cannot load the file."""
    library = _library()
    if library is None:
        raise UsageError(f"this needs llama.cpp, in the package xllamacpp: {NEEDS}")
    pointer = library.llama_model_load_from_file(str(file).encode(), library.llama_model_default_params())
    if not pointer:
        raise UsageError(f"llama.cpp cannot load {file}: it is torn, or of a kind that this version does not know")
    try:
        yield Model(library, pointer)
    finally:
        library.llama_model_free(pointer)


def rounded(rows: Floats, kind: int) -> npt.NDArray[np.uint8]:
    """Rows of numbers as blocks of a few bits, of GGUF's `kind` of tensor, by llama.cpp's own arithmetic.

    A row's width must be whole blocks. Raises UsageError without the package.
    """
    import numpy as np

    library = _library()
    if library is None:
        raise UsageError(f"rounding to so few bits needs llama.cpp, in the package xllamacpp: {NEEDS}")
    given = np.ascontiguousarray(rows, np.float32).reshape(-1, rows.shape[-1])
    count, width = given.shape
    found = np.empty((count, library.ggml_row_size(kind, width)), np.uint8)
    library.ggml_quantize_chunk(kind, given.ctypes.data, found.ctypes.data, 0, count, width, None)
    return found.reshape(*rows.shape[:-1], -1)
