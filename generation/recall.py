"""What text encoders made of texts: a repeat, a variation or a blank prompt is not read again.

A pipeline's own `encode_prompt` is what is recalled, so its answer is the same for every family,
and to the last bit: the tensors are those of the first time.
"""

# pyright: basic
from __future__ import annotations

import functools
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import torch
from torch import Tensor

LIMIT = 64 * 2**20
"""Bytes of one model's texts. A text for Stable Diffusion XL has 0.6 MB, for FLUX.1 4 MB."""

_PLAIN = (type(None), bool, int, float, str, torch.device, torch.dtype)


class Recall:
    """The answers to calls, by call; the least recently used are forgotten. For any thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        """`limit` is in bytes."""
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, list[int], int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any | None:
        with self._lock:
            answer, versions, size = self._kept.get(key, (None, [], 0))
            if answer is None:
                return None
            if versions != _versions(answer):
                # Somebody wrote into it: it is no longer what the encoder said.
                del self._kept[key]
                self._size -= size
                return None
            self._kept.move_to_end(key)
            return answer

    def put(self, key: Hashable, answer: Any) -> None:
        size = _size(answer)
        if size > self._limit:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = (answer, _versions(answer), size)
            self._size += size
            while self._size > self._limit:
                _, (_, _, gone) = self._kept.popitem(last=False)
                self._size -= gone


def recalling(
    pipeline: Any,
    recall: Recall,
    work: Callable[[Callable[[], Any]], Any] | None = None,
    heard: Hashable = (),
) -> None:
    """Lets the pipeline of one task, an object of its own, look into `recall` before it encodes a
    prompt. `work` calls what it is given where the encoders may be called; `heard` is what else
    than the pipeline's kind has to be the same, such as the adapters of its encoders."""
    original = getattr(pipeline, "encode_prompt", None)
    if original is None:
        return
    signature = inspect.signature(original)
    whose = (type(pipeline).__name__, heard)

    @functools.wraps(original)
    def encode_prompt(*arguments: Any, **named: Any) -> Any:
        key = _key(signature, arguments, named)
        if key is not None:
            key = (whose, key)
            if (known := recall.get(key)) is not None:
                return known

        def encode() -> Any:
            # Another task may have asked the same, and been first.
            answer = recall.get(key) if key is not None else None
            if answer is None:
                answer = original(*arguments, **named)
                if key is not None:
                    recall.put(key, answer)
            return answer

        return encode() if work is None else work(encode)

    # Past the pipeline's own __setattr__, which would look for it in its configuration.
    object.__setattr__(pipeline, "encode_prompt", encode_prompt)


def _key(signature: inspect.Signature, arguments: Any, named: Any) -> Hashable | None:
    """None for a call with more than texts and numbers in it."""
    try:
        bound = signature.bind(*arguments, **named)
        bound.apply_defaults()
        return tuple((name, _plain(value)) for name, value in bound.arguments.items())
    except TypeError:
        return None


def _plain(value: Any) -> Hashable:
    """Raises TypeError for what is not."""
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(_plain, value))
    if isinstance(value, dict):
        return ("dict", *((str(name), _plain(one)) for name, one in value.items()))
    if isinstance(value, _PLAIN):
        # 1, 1.0 and True are one key.
        return (type(value).__name__, value)
    raise TypeError(type(value).__name__)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)


def _versions(answer: Any) -> list[int]:
    """They change with everything that is written into a tensor."""
    return [0 if one.is_inference() else one._version for one in _tensors(answer)]


def _size(answer: Any) -> int:
    storages = {
        storage.data_ptr(): storage.nbytes()
        for storage in (one.untyped_storage() for one in _tensors(answer))
    }
    return sum(storages.values())
