"""Tokenizers that several threads may use at once.

A tokenizer is told where to cut and how to fill up before each text, and keeps that in itself: a
text of another task in between would be cut as that one.
"""

# pyright: basic
from __future__ import annotations

import functools
import threading
from typing import Any

_guarding = threading.Lock()
_METHOD = "_encode_plus"
"""Of transformers' tokenizers: tells and encodes, and every other call ends in it."""


def guard(component: Any) -> None:
    """Lets one text at a time into a tokenizer, or that of a processor; others stay as they are."""
    component = getattr(component, "tokenizer", component)
    original = getattr(component, _METHOD, None)
    if original is None:
        return
    with _guarding:
        if _METHOD in vars(component):
            return
        lock = threading.RLock()

        @functools.wraps(original)
        def one_at_a_time(*arguments: Any, **named: Any) -> Any:
            with lock:
                return original(*arguments, **named)

        object.__setattr__(component, _METHOD, one_at_a_time)
