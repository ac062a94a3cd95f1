"""Where Easel is itself, and where it was only brought along."""

from __future__ import annotations

import pytest

from core.errors import RefusedError
from core.presence import (
    BY_PERSON,
    BY_SERVER,
    LONGEST_SECONDS,
    OTHERS_MESSAGES,
    OWN_MESSAGES,
    SERVER,
    Presence,
    check_alone,
    check_in_time,
    presence,
)

HERE = 7


@pytest.mark.parametrize(
    ("server_id", "context", "installed", "found"),
    [
        # A server invited it; that one of its members brought it along as well changes nothing.
        (HERE, SERVER, {BY_SERVER}, Presence(HERE)),
        (HERE, SERVER, {BY_SERVER, BY_PERSON}, Presence(HERE)),
        # A server that did not: Discord names it all the same.
        (HERE, SERVER, {BY_PERSON}, Presence(abroad=True)),
        # Its own direct messages, with somebody of a server or with whoever installed it.
        (0, OWN_MESSAGES, {BY_SERVER}, Presence()),
        (0, OWN_MESSAGES, {BY_PERSON}, Presence()),
        (0, OWN_MESSAGES, {BY_SERVER, BY_PERSON}, Presence()),
        # Between other people it never is.
        (0, OTHERS_MESSAGES, {BY_PERSON}, Presence(abroad=True)),
        (0, OTHERS_MESSAGES, set[int](), Presence(abroad=True)),
        # Where Discord says less.
        (HERE, None, set[int](), Presence(HERE)),
        (HERE, SERVER, set[int](), Presence(HERE)),
        (0, None, set[int](), Presence()),
        (HERE, None, {BY_PERSON}, Presence(abroad=True)),
    ],
)
def test_it_is_where_it_was_invited_and_in_its_own_messages(
    server_id: int, context: int | None, installed: set[int], found: Presence
) -> None:
    assert presence(server_id, context, installed) == found


def test_what_is_done_in_time_is_begun_abroad_and_the_rest_is_not() -> None:
    check_in_time(LONGEST_SECONDS)
    with pytest.raises(RefusedError) as refused:
        check_in_time(LONGEST_SECONDS + 240)
    assert refused.value.sentence == (
        "That would take about 14 minutes, and Discord lets Easel show something here for 15 only. "
        "Ask for it in a server where Easel is, or in a direct message to Easel; nothing was "
        "charged."
    )


def test_one_command_is_one_job_abroad() -> None:
    check_alone(1)
    with pytest.raises(RefusedError, match=r"^That makes 8 jobs, .* one at a time"):
        check_alone(8)
