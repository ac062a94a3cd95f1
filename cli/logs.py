"""What the program logs, and what it keeps quiet."""

from __future__ import annotations

import logging
import sys


def start_logging(level: int) -> None:
    """Logs to standard error. Libraries speak up only when something is wrong."""
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("discord.client").addFilter(_not_about_voice)


def _not_about_voice(entry: logging.LogRecord) -> bool:
    """discord.py warns at every start that it cannot speak; Easel draws."""
    return "voice will NOT be supported" not in entry.getMessage()
