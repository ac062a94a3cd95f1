"""What libraries say beside their answers, left out or heeded in one place while other threads do
the same in others."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager

_lock = threading.Lock()


@contextmanager
def quiet(category: type[Warning], message: str = "") -> Generator[None]:
    """Ignores the warnings in the block. Python's filters are the process's: two threads that
    change them at once would put back each other's."""
    with _lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message, category)
        yield


@contextmanager
def heeding(name: str, *signs: str) -> Generator[None]:
    """Raises ValueError at the end of a block in which its thread wrote one of the signs to the log
    of that name. Others may load something of which the same is expected."""
    found: list[str] = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if record.thread == thread and any(sign in text for sign in signs):
                found.append(text)

    thread = threading.get_ident()
    logger, watch = logging.getLogger(name), Watch()
    level = logger.level
    logger.addHandler(watch)
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(watch)
        logger.setLevel(level)
    if found:
        raise ValueError(found[0][:500])
