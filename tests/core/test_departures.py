"""What is deleted anywhere is noted, so that its message goes from Discord."""

from __future__ import annotations

from dataclasses import replace

from core.departures import Departures, key_of, message_of
from core.errors import BusyError
from tests.builders import CHANNEL, SHELL, FakeClock, job
from tests.fakes.memory_notices import MemoryNotices


class Jammed(MemoryNotices):
    async def note(self, key: str, now: float) -> bool:
        raise BusyError


async def test_a_message_is_owed_once() -> None:
    notices, posted = MemoryNotices(), job(message_id=55)
    departures = Departures(notices, FakeClock())
    await departures.owe([posted, posted, job(), replace(posted, place=SHELL)])
    (key,) = await notices.keys()
    assert key == key_of(posted)
    assert message_of(key) == (CHANNEL.channel_id, 55)


def test_other_notices_are_no_messages() -> None:
    assert message_of("lost channel 55") is message_of("gone:1") is message_of("gone:1:x") is None
    assert key_of(job()) == ""


def test_a_message_that_easel_cannot_take_away_is_not_owed() -> None:
    abroad = replace(CHANNEL, server_id=0, abroad=True)
    assert key_of(job(message_id=55, place=abroad)) == ""


async def test_what_cannot_be_noted_breaks_nothing() -> None:
    await Departures(Jammed(), FakeClock()).owe([job(message_id=55)])
