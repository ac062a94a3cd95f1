"""Finished pictures as they are found and shown again.

A work is one picture of one job. A picture that was picked out of a grid is the grid's, and no work
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.jobs import Image, Job, Owner, Parent
from core.rendering import plainly, spell
from core.request import Kind

MOST_ON_A_PAGE = 100


class Showing(StrEnum):
    """Who may see a work. `PUBLIC`: anyone. `SERVER`: members of its server. `UNLISTED`: whoever
    has its address; no list shows it. `PRIVATE`: its owner and the operator."""

    PUBLIC = "public"
    SERVER = "server"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`text` is the prompt and the flags that count. `message_id` is the Discord message that shows
    its job, 0 for none; nothing leads to where Easel is not itself. `created_at` (Unix seconds) is
    when it was done. `age_rated`: it, or what it was made of, was made in a channel that Discord
    marks as age-restricted. `likes` is how many people like it. `seq` grows from each work to the
    next that is done, wherever."""

    job_id: str
    number: int
    owner: Owner
    server_id: int
    channel_id: int
    message_id: int
    text: str
    model: str
    width: int
    height: int
    seed: int
    blob: str
    created_at: float
    showing: Showing
    age_rated: bool = False
    likes: int = 0
    kind: Kind = Kind.IMAGINE
    parent: Parent | None = None
    seq: int = 0

    @property
    def id(self) -> str:
        """Its name in addresses."""
        return work_id(self.job_id, self.number)


def work_of(
    job: Job,
    picture: Image,
    *,
    seq: int,
    created_at: float,
    showing: Showing,
    age_rated: bool,
    likes: int,
) -> Work:
    """The work that a picture of a job is; the rest is as `Work` has it."""
    return Work(
        job_id=job.id,
        number=picture.number,
        owner=job.owner,
        server_id=job.place.server_id,
        channel_id=0 if job.place.abroad else job.place.channel_id,
        message_id=0 if job.place.abroad else job.message_id,
        text=spell(plainly(job.request)),
        model=job.request.model,
        width=picture.width,
        height=picture.height,
        seed=picture.seed,
        blob=picture.blob,
        created_at=created_at,
        showing=showing,
        age_rated=age_rated,
        likes=likes,
        kind=job.request.kind,
        parent=job.parent,
        seq=seq,
    )


def in_turn(pictures: Sequence[Image]) -> Sequence[Image]:
    """A job's pictures in the order in which their works are numbered: lists have the newest
    first, and in them a grid's pictures stand as they do in the grid."""
    return sorted(pictures, key=lambda one: -one.number)


def work_id(job_id: str, number: int) -> str:
    return f"{job_id}-{number}"


def read_id(id: str) -> tuple[str, int]:
    """The job's id and the picture's number; ("", 0) for what is no work's id."""
    job_id, _, number = id.rpartition("-")
    plain = number.isascii() and number.isdecimal() and len(number) < 4
    return (job_id, int(number)) if plain and job_id else ("", 0)


class Order(StrEnum):
    """`NEW`: the last done first. `OLD`: the other way round. `TOP`: the most liked first. `BEST`:
    those that fit the words best first; without words it is `NEW`. `GIVEN`: as `Query.works`
    names them."""

    NEW = "new"
    OLD = "old"
    TOP = "top"
    BEST = "best"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for; all of it must hold. `words` is a line of words, “quoted phrases” and
    -words that must not be there. `by` is a name of the owner as typed. `since` is included,
    `until` is not (Unix seconds). `flags` are names of flags, with the value as it is written, or
    None for any. `works` are ids, such as those of a collection: only these. `age_rated`: those
    too, for who turned them on."""

    words: str = ""
    model: str = ""
    by: str = ""
    owner_id: int | None = None
    server_id: int | None = None
    liked_by: int | None = None
    since: float | None = None
    until: float | None = None
    flags: tuple[tuple[str, str | None], ...] = ()
    works: tuple[str, ...] | None = None
    order: Order = Order.NEW
    age_rated: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """`next` and `before` are cursors for the pages on both sides, "" where there is none. They
    say where to go on, not what may be seen there: a made-up one shows nothing more."""

    works: tuple[Work, ...]
    next: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks: nobody in particular, unless they logged in. `servers`: where they are a member
    now; `moderates` and `administers`: where they do that now. `adult`: they turned age-rated
    pictures on."""

    person_id: int = 0
    servers: frozenset[int] = frozenset()
    moderates: frozenset[int] = frozenset()
    administers: frozenset[int] = frozenset()
    operator: bool = False
    adult: bool = False


ANYBODY = Viewer()


class Works(Protocol):
    """All finished pictures. Each method is one transaction; all raise BusyError with nothing done.

    A job's works are there as soon as it is done, and gone as soon as its pictures are deleted.
    Where a server shows less than it did, what was shown more is shown so no longer.
    """

    async def find(self, query: Query, viewer: Viewer, after: str = "", limit: int = 40) -> Page:
        """What `core.viewing.listed` lets the viewer see of it. `after` is a cursor of a page with
        the same query. Raises RefusedError for one that is not."""
        ...

    async def get(self, work_id: str) -> Work:
        """Whoever asks: `core.viewing.may_view` decides. Raises GoneError for one that was deleted,
        ImageNotFoundError for what never was."""
        ...

    async def show(self, work_id: str, showing: Showing, *, age_rated: bool | None = None) -> Work:
        """Changes who may see it; `age_rated` None leaves that as it is. Raises as `get`."""
        ...

    async def count(self, owner_id: int) -> int:
        """How many works a person has."""
        ...

    async def models(self) -> tuple[str, ...]:
        """The models that works were made with, by name."""
        ...
