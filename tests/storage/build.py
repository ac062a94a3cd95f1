"""Short ways to say what a story is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from core.edits import Box, Edit, Op
from core.errors import QueueFullError
from core.jobs import Image, NewJob, Owner, Parent, Place
from core.ports import Usage
from core.request import Part, Request, Source

ADA = Owner(1, "Ada")
BEN = Owner(2, "Ben")
ON_DISCORD = Place(
    server_id=7, channel_id=70, token="secret-token", token_expires_at=900.0, reply_to=5
)
AT_THE_SHELL = Place()

_numbers = count(1)


def request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "text": "a red lighthouse",
        "parts": (Part("a red lighthouse"),),
        "model": "postcard",
        "width": 500,
        "height": 500,
        "seed": 7,
        "steps": 20,
        "guidance": 4.0,
    }
    return Request(**{**values, **changes})


def new_job(owner: Owner = ADA, place: Place = ON_DISCORD, **changes: Any) -> NewJob:
    """A job nobody has seen yet, costing 1000 ms by estimate unless told otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"job{number:06}",
        "interaction_id": f"interaction-{number}",
        "owner": owner,
        "place": place,
        "request": request(),
        "reserve_ms": 1000,
        "created_at": float(number),
    }
    return NewJob(**{**values, **changes})


def full_request() -> Request:
    """One with nothing left at its default, to see that every field comes back."""
    return request(
        text="a cat::2 a dog --no fog “ü”",
        parts=(Part("a cat", 2.0), Part("a dog", 1.0)),
        avoid=("fog", "rain"),
        aspect=(3, 2),
        sampler="EulerDiscreteScheduler",
        source=Source("ab" * 32 + ".png", 0.6),
        count=2,
        quality=0.5,
        draft=True,
        edit=Edit(op=Op.REGION, mask="cd" * 32 + ".png", parts=(Box(0, 0, 0.5, 1),)),
    )


def full_job() -> NewJob:
    return new_job(parent=Parent("job000000", 3), request=full_request())


def pictures(job_id: str, count: int = 4) -> list[Image]:
    return [
        Image(
            job_id=job_id,
            number=number,
            blob=f"{number:064x}.png",
            width=500,
            height=400,
            seed=2**32 - number,
        )
        for number in range(1, count + 1)
    ]


def anything(usage: Usage) -> None:
    """The check that lets everybody in."""


class AtMost:
    """The check that refuses a member who has `limit` jobs open; remembers what it was shown."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.shown: list[Usage] = []

    def __call__(self, usage: Usage) -> None:
        self.shown.append(usage)
        if usage.waiting + usage.running >= self.limit:
            raise QueueFullError
