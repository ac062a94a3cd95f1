"""Forgetting a person: everything that is known of them goes, and does not come back.

What goes: the prompts, names, places and messages of all their jobs; the pictures, with files,
small copies, looks and index entries, also where somebody picked one of them out; likes, votes,
collections, reports, log-ins, preferences; lines and resets that admins made for them; their name
in the audit log and in the list of grants. What others made of their pictures stays those others',
with its words.

What stays: the account. It says what the GPU did for whom, and a server's totals must still be
right; so its lines stay under nobody's id, and the job rows that they belong to stay emptied. A ban
stays too: it is the server's own, and would be worth nothing if it could be shaken off so. Copies
of the database that were made before a migration are the operator's to delete (`data/backups`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.departures import Departures
from core.errors import NotYoursError, RefusedError
from core.jobs import Actor, Owner, State
from core.ports import JobStore
from core.sentences import say

NOBODY = Owner(-1, "—")
"""Whose the jobs and the account are afterwards. No person has this id."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    jobs: int
    pictures: int


class Eraser(Protocol):
    """Each step is a transaction of its own, and each can be done again: who was interrupted has it
    done once more."""

    async def forget(self, person_id: int, now: float) -> Forgotten:
        """Removes what is known of somebody who has no jobs open. Raises BusyError."""
        ...


class Forgetting:
    """Raises errors of `core.errors` only."""

    def __init__(
        self, store: JobStore, eraser: Eraser, departures: Departures, clock: Clock
    ) -> None:
        self._store = store
        self._eraser = eraser
        self._departures = departures
        self._clock = clock

    async def forget(self, actor: Actor, person_id: int) -> Forgotten:
        """For the person and for the operator. What waits is cancelled, and what is being made is
        asked to stop; as long as it has not, nothing is forgotten. Raises NotYoursError,
        RefusedError."""
        if actor.owner.id != person_id and not actor.operator:
            raise NotYoursError(say("Only you, or the operator, can have all of yours deleted."))
        if person_id <= 0:
            raise RefusedError(say("That is nobody's id."))
        now = self._clock.now()
        running = 0
        for job in await self._store.open_jobs(person_id):
            running += (await self._store.cancel(job.id, now)).state is State.RUNNING
        if running:
            raise RefusedError(
                say(
                    "{count} of these jobs are being made just now and were told to stop; "
                    "ask again in a minute.",
                    count=running,
                )
            )
        await self._departures.owe(await self._store.history(person_id, limit=10**9))
        return await self._eraser.forget(person_id, now)
