"""Tokenizers that several threads share: one text after the other."""

# pyright: basic
from __future__ import annotations

import functools
import threading
from typing import Any

_WAYS_IN = ("_encode_plus", "_decode")
"""What all ways to use a fast tokenizer come down to."""


def in_turns(part: Any) -> None:
    """Lets a fast tokenizer, or a processor that has one, be used by several threads at once; does
    nothing to other parts of a pipeline.

    How texts are cut and filled up is set on the tokenizer for every call, where calls of two
    threads would meet: it raises "Already borrowed", or uses what the other one wants.
    """
    tokenizer = getattr(part, "tokenizer", part)
    if not getattr(tokenizer, "is_fast", False):
        return
    lock = threading.RLock()
    for name in _WAYS_IN:
        setattr(tokenizer, name, _locked(getattr(tokenizer, name), lock))


def _locked(function: Any, lock: Any) -> Any:
    @functools.wraps(function)
    def locked(*arguments: Any, **named: Any) -> Any:
        with lock:
            return function(*arguments, **named)

    return locked
