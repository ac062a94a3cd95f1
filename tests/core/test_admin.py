"""Who may change the rules of a server, and what changes then."""

from __future__ import annotations

from core.jobs import Actor
from tests.builders import ADA, CHANNEL


def test_whoever_asks_has_no_rights_unless_they_are_given() -> None:
    nobody = Actor(ADA, server_id=CHANNEL.server_id)
    assert not (nobody.moderates or nobody.administers or nobody.operator)
