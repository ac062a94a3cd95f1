"""Values for tests: each builder takes what a test is about and fills in the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.jobs import Actor, Job, NewJob, Owner, Place, State, Waiting
from core.request import Lane, Part, Request
from core.works import Showing, Work

NOON = 1_800_000_000.0
"""When tests begin, in Unix seconds."""

ADA = Owner(1, "ada")
BO = Owner(2, "bo")
CHANNEL = Place(server_id=10, channel_id=20, token="token-of-the-interaction")
SHELL = Place()


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self, now: float = NOON) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


def actor(owner: Owner = ADA, **changes: Any) -> Actor:
    """Somebody who asks on the server of CHANNEL."""
    return replace(Actor(owner, server_id=CHANNEL.server_id), **changes)


def request(text: str = "a red lighthouse", **changes: Any) -> Request:
    values: dict[str, Any] = {
        "text": text,
        "parts": (Part(text),),
        "model": "postcard",
        "width": 128,
        "height": 128,
        "seed": 7,
        "steps": 24,
        "guidance": 4.0,
    }
    return Request(**(values | changes))


def new_job(job_id: str = "00000000000000000001", **changes: Any) -> NewJob:
    values: dict[str, Any] = {
        "id": job_id,
        "interaction_id": f"interaction of {job_id}",
        "owner": ADA,
        "place": CHANNEL,
        "request": request(),
        "reserve_ms": 1000,
        "created_at": NOON,
    }
    return NewJob(**(values | changes))


def job(job_id: str = "00000000000000000001", **changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": job_id,
        "interaction_id": f"interaction of {job_id}",
        "owner": ADA,
        "place": CHANNEL,
        "request": request(),
        "state": State.QUEUED,
        "reserve_ms": 1000,
        "created_at": NOON,
    }
    return Job(**(values | changes))


def work(job_id: str = "00000000000000000001", number: int = 1, **changes: Any) -> Work:
    values: dict[str, Any] = {
        "job_id": job_id,
        "number": number,
        "owner": ADA,
        "server_id": CHANNEL.server_id,
        "channel_id": CHANNEL.channel_id,
        "message_id": 0,
        "text": "a red lighthouse --model postcard",
        "model": "postcard",
        "width": 128,
        "height": 128,
        "seed": 7,
        "blob": f"{number:064x}.png",
        "created_at": NOON,
        "showing": Showing.SERVER,
    }
    return Work(**(values | changes))


def waiting(
    job_id: str,
    owner: Owner = ADA,
    *,
    ms: int = 1000,
    age: float = 0.0,
    lane: Lane = Lane.FAST,
) -> Waiting:
    """A queued job that was admitted `age` seconds before noon."""
    return Waiting(
        id=job_id,
        owner_id=owner.id,
        server_id=CHANNEL.server_id,
        lane=lane,
        reserve_ms=ms,
        created_at=NOON - age,
    )
