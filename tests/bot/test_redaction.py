from __future__ import annotations

import io
import logging

import pytest

from bot.redaction import HIDDEN, QUIET, Redaction, guard_logs

TOKEN = "MTA0.secret.of-the-bot"
INTERACTION = "aW50ZXJhY3Rpb246MTIz_long-secret"

LINES = [
    f"PATCH https://discord.com/api/v10/webhooks/12/{INTERACTION}/messages/@original has 200",
    f"https://discord.com/api/v10/interactions/55/{INTERACTION}/callback",
    f'WebSocket Event: {{"t": "INTERACTION_CREATE", "d": {{"token": "{INTERACTION}"}}}}',
    f"{{'token': '{INTERACTION}', 'type': 2}}",
    f"headers: {{'Authorization': 'Bot {TOKEN}'}}",
    f"logging in with {TOKEN}",
]


@pytest.mark.parametrize("line", LINES)
def test_no_secret_is_written(line: str) -> None:
    shown = Redaction(TOKEN).hide(line)
    assert TOKEN not in shown
    assert INTERACTION not in shown
    assert HIDDEN in shown


def test_an_ordinary_line_is_left_alone() -> None:
    line = "job 00ab delivered: edited_by_token; /webhooks are fine, a token is a word"
    assert Redaction(TOKEN).hide(line) == line


def test_arguments_and_tracebacks_are_covered() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Redaction(TOKEN))
    logger = logging.Logger("a test's own")
    logger.addHandler(handler)
    try:
        raise ValueError(f"cannot reach /webhooks/1/{INTERACTION}")
    except ValueError:
        logger.exception("with %s", TOKEN)
    assert TOKEN not in written.getvalue()
    assert INTERACTION not in written.getvalue()
    assert "ValueError" in written.getvalue()


def test_bodies_are_not_logged_even_when_everything_is(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    for name in QUIET:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    before = [list(handler.filters) for handler in root.handlers]
    try:
        guard_logs(TOKEN)
        assert all(not logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in QUIET)
        assert all(
            any(isinstance(rule, Redaction) for rule in handler.filters)
            for handler in root.handlers
        )
    finally:
        for handler, rules in zip(root.handlers, before, strict=True):
            handler.filters[:] = rules
