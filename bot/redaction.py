"""Keeps secrets out of the log.

discord.py logs requests with address and body, and gateway events whole, at DEBUG; both hold
interaction tokens, which let anybody who reads the log speak as the bot for 15 minutes.
"""

from __future__ import annotations

import logging
import re

HIDDEN = "[hidden]"

_PLACES = (
    re.compile(r"(/webhooks/\d+/)[^/\s?\"']+"),
    re.compile(r"(/interactions/\d+/)[^/\s?\"']+"),
    re.compile(r"""(["']token["']\s*:\s*["'])[^"']+"""),
    re.compile(r"(Authorization['\"]?\s*[:=]\s*['\"]?Bot )[^\s'\"]+"),
)

QUIET = ("discord.http", "discord.webhook.async_", "discord.gateway")
"""Loggers that write bodies at DEBUG. They are kept at INFO."""


class Redaction(logging.Filter):
    """Rewrites every record that passes: the bot's own token and interaction tokens are hidden."""

    def __init__(self, *secrets: str) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 8)

    def hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for place in _PLACES:
            text = place.sub(rf"\g<1>{HIDDEN}", text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.hide(record.getMessage()), ()
        if record.exc_info and record.exc_text is None:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.hide(record.exc_text)
        return True


def guard_logs(*secrets: str) -> None:
    """Puts a Redaction on every handler of the root logger, and keeps the talkative ones quiet."""
    redaction = Redaction(*secrets)
    for handler in logging.getLogger().handlers:
        handler.addFilter(redaction)
    for name in QUIET:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
