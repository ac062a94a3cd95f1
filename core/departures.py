"""The Discord messages of pictures that were deleted, which are to go too.

Whoever deletes notes them; the bot removes them in its own time (`bot/clearing.py`), in another
process maybe, and after a restart as well.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from core.clock import Clock
from core.errors import EaselError
from core.jobs import Job
from core.ports import Notices

log = logging.getLogger(__name__)

_KEY = re.compile(r"gone:(\d{1,20}):(\d{1,20})")


def key_of(job: Job) -> str:
    """The notice that a job's message is to go; "" where there is none, or none that the bot could
    take away."""
    if not job.message_id or not job.place.on_discord or job.place.abroad:
        return ""
    return f"gone:{job.place.channel_id}:{job.message_id}"


def message_of(key: str) -> tuple[int, int] | None:
    """The channel and the message that a notice is about; None for another kind of notice."""
    found = _KEY.fullmatch(key)
    return (int(found[1]), int(found[2])) if found else None


class Departures:
    def __init__(self, notices: Notices, clock: Clock) -> None:
        self._notices = notices
        self._clock = clock

    async def owe(self, jobs: Iterable[Job]) -> None:
        """Never raises: the pictures are gone, whether this can be noted or not."""
        for key in filter(None, map(key_of, jobs)):
            try:
                await self._notices.note(key, self._clock.now())
            except EaselError as error:
                log.warning("%s was not noted, so its message stays: %s", key, error)
