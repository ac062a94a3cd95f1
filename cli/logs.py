"""What the program logs, and what it keeps quiet."""

from __future__ import annotations

import logging
import sys

SECRETIVE = ("httpx", "httpx2", "httpcore", "httpcore2", "hpack", "authlib", "python_multipart")
"""Loggers that write what was sent, tokens included, when everything is logged."""


def start_logging(level: int) -> None:
    """Logs to standard error. Libraries speak up only when something is wrong."""
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("discord.client").addFilter(_not_about_voice)


def _not_about_voice(entry: logging.LogRecord) -> bool:
    """discord.py warns at every start that it cannot speak; Easel draws."""
    return "voice will NOT be supported" not in entry.getMessage()
