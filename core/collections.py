"""Collections: lists of pictures that people make, name and maybe show."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.errors import (
    CollectionNotFoundError,
    ImageNotFoundError,
    NotYoursError,
    RefusedError,
)
from core.jobs import Owner
from core.sentences import say
from core.viewing import may_view
from core.works import MOST_ON_A_PAGE, Order, Page, Query, Showing, Viewer, Work, Works

MOST_COLLECTIONS = 50
"""Of one person."""

MOST_WORKS = 500
"""In one collection."""

LONGEST_NAME = 80

SHOWINGS = (Showing.PUBLIC, Showing.UNLISTED, Showing.PRIVATE)
"""What a collection can be. It shows nobody a picture that they may not see without it."""

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """`count` is how many pictures it has, whoever may see them. Times are Unix seconds."""

    id: str
    owner: Owner
    name: str
    showing: Showing = Showing.PRIVATE
    created_at: float
    changed_at: float
    count: int = 0


class Collections(Protocol):
    """What people collected. Each method is one transaction; all raise BusyError with nothing done.

    A picture that is deleted is in none any more, from the same moment on.
    """

    async def make(self, new: Collection) -> Collection:
        """Raises RefusedError for the owner's second of that name, in any letters, and for one
        beyond MOST_COLLECTIONS."""
        ...

    async def get(self, id: str) -> Collection:
        """Raises CollectionNotFoundError."""
        ...

    async def of(self, owner_id: int) -> Sequence[Collection]:
        """The last changed first."""
        ...

    async def change(
        self, id: str, now: float, *, name: str | None = None, showing: Showing | None = None
    ) -> Collection:
        """Raises CollectionNotFoundError, RefusedError as `make`."""
        ...

    async def remove(self, id: str) -> None:
        """The list, and no picture."""
        ...

    async def works(self, id: str) -> Sequence[str]:
        """The ids of its works, in its order."""
        ...

    async def put(self, id: str, works: Sequence[str], now: float) -> int:
        """Puts those behind the others that it has not; returns how many those are. One that is
        gone meanwhile is left out. Raises CollectionNotFoundError, and RefusedError where there
        would be more than MOST_WORKS: then it has none of them."""
        ...

    async def take(self, id: str, works: Sequence[str], now: float) -> int:
        """Returns how many it had. Raises CollectionNotFoundError."""
        ...

    async def arrange(
        self, id: str, order: Callable[[Sequence[str]], Sequence[str]], now: float
    ) -> None:
        """Puts `order(works)` in the place of its order; `order` gives the same ones. Raises
        CollectionNotFoundError."""
        ...

    async def holding(self, owner_id: int, work_id: str) -> Sequence[str]:
        """The ids of a person's collections that have the work."""
        ...


class Keeper:
    """What people do with collections. Raises errors of `core.errors` only, and then nothing was
    done."""

    def __init__(self, collections: Collections, works: Works, clock: Clock) -> None:
        self._collections = collections
        self._works = works
        self._clock = clock

    async def make(self, by: Owner, name: str, showing: Showing = Showing.PRIVATE) -> Collection:
        if not by.id:
            raise RefusedError(say("Log in to make a collection."))
        now = self._clock.now()
        new = Collection(
            id=secrets.token_hex(8),
            owner=by,
            name=read_name(name),
            showing=_possible(showing),
            created_at=now,
            changed_at=now,
        )
        return await self._collections.make(new)

    async def get(self, viewer: Viewer, id: str) -> Collection:
        """For whoever has its address; a private one is not there for anybody else."""
        found = await self._collections.get(id)
        if not may_open(viewer, found):
            raise CollectionNotFoundError
        return found

    async def of(self, viewer: Viewer, person_id: int) -> Sequence[Collection]:
        """A person's that are public; one's own are all there."""
        return [
            one
            for one in await self._collections.of(person_id)
            if one.showing is Showing.PUBLIC or _owns(viewer, one)
        ]

    async def rename(self, viewer: Viewer, id: str, name: str) -> Collection:
        await self._own(viewer, id)
        return await self._collections.change(id, self._clock.now(), name=read_name(name))

    async def show(self, viewer: Viewer, id: str, showing: Showing) -> Collection:
        await self._own(viewer, id)
        return await self._collections.change(id, self._clock.now(), showing=_possible(showing))

    async def remove(self, viewer: Viewer, id: str) -> None:
        await self._own(viewer, id)
        await self._collections.remove(id)

    async def put(self, viewer: Viewer, id: str, works: Sequence[str]) -> int:
        """Raises GoneError or ImageNotFoundError for a work that they may not see."""
        await self._own(viewer, id)
        wanted = list(dict.fromkeys(works))
        if len(wanted) > MOST_WORKS:
            raise too_many_works()
        for work_id in wanted:
            work = await self._works.get(work_id)
            if not may_view(viewer, work):
                raise ImageNotFoundError
        return await self._collections.put(id, wanted, self._clock.now())

    async def take(self, viewer: Viewer, id: str, works: Sequence[str]) -> int:
        await self._own(viewer, id)
        return await self._collections.take(id, works, self._clock.now())

    async def move(self, viewer: Viewer, id: str, work_id: str, place: int) -> None:
        """To that place, from 1; past the end is the end. What is not in it does not move."""
        await self._own(viewer, id)

        def order(works: Sequence[str]) -> Sequence[str]:
            if work_id not in works:
                return works
            others = [one for one in works if one != work_id]
            others.insert(max(0, place - 1), work_id)
            return others

        await self._collections.arrange(id, order, self._clock.now())

    async def holding(self, viewer: Viewer, work_id: str) -> Sequence[str]:
        """The ids of one's own collections that have the work."""
        if not viewer.person_id:
            return ()
        return await self._collections.holding(viewer.person_id, work_id)

    async def page(
        self,
        viewer: Viewer,
        id: str,
        after: str = "",
        limit: int = 40,
        *,
        age_rated: bool = False,
    ) -> Page:
        """Its works in its order, those that lists show the viewer and, to its owner, their own.
        Raises RefusedError for a cursor of no page of this."""
        found = await self.works(viewer, id, age_rated=age_rated)
        begin = _place(after)
        end = begin + max(1, min(limit, MOST_ON_A_PAGE))
        return Page(
            tuple(found[begin:end]),
            next=f"c{end}" if end < len(found) else "",
            before=f"c{max(0, 2 * begin - end)}" if begin else "",
        )

    async def works(self, viewer: Viewer, id: str, *, age_rated: bool = False) -> Sequence[Work]:
        """All that `page` shows."""
        own = (await self.get(viewer, id)).owner.id == viewer.person_id
        ids = await self._collections.works(id)
        found: list[Work] = []
        for begin in range(0, len(ids), MOST_ON_A_PAGE):
            some = tuple(ids[begin : begin + MOST_ON_A_PAGE])
            queries = [Query(works=some, order=Order.GIVEN, age_rated=age_rated)]
            if own:
                mine = viewer.person_id
                queries.append(
                    Query(works=some, owner_id=mine, order=Order.GIVEN, age_rated=age_rated)
                )
            seen: dict[str, Work] = {}
            for query in queries:
                page = await self._works.find(query, viewer, limit=MOST_ON_A_PAGE)
                seen |= {work.id: work for work in page.works}
            found += [seen[one] for one in some if one in seen]
        return found

    async def _own(self, viewer: Viewer, id: str) -> Collection:
        found = await self.get(viewer, id)
        if not _owns(viewer, found):
            raise NotYoursError(say("Only the person who made this collection can change it."))
        return found


def may_open(viewer: Viewer, collection: Collection) -> bool:
    return collection.showing in (Showing.PUBLIC, Showing.UNLISTED) or _owns(viewer, collection)


def read_name(name: str) -> str:
    """The name on one line. Raises RefusedError."""
    name = _BLANK.sub(" ", name).strip()
    if not name:
        raise RefusedError(say("A collection needs a name."))
    if len(name) > LONGEST_NAME:
        raise RefusedError(
            say("A collection's name has at most {most} characters.", most=LONGEST_NAME)
        )
    return name


def spelling(name: str) -> str:
    """The same for names that differ only in their letters' size."""
    return name.casefold()


def same_name(name: str) -> RefusedError:
    return RefusedError(say("You have a collection called “{name}” already.", name=name))


def too_many() -> RefusedError:
    return RefusedError(
        say("You have {most} collections already; remove one first.", most=MOST_COLLECTIONS)
    )


def too_many_works() -> RefusedError:
    return RefusedError(
        say("A collection has at most {most} pictures; begin another.", most=MOST_WORKS)
    )


def _owns(viewer: Viewer, collection: Collection) -> bool:
    mine = viewer.person_id != 0 and viewer.person_id == collection.owner.id
    return mine or viewer.operator


def _possible(showing: Showing) -> Showing:
    if showing not in SHOWINGS:
        raise RefusedError(say("A collection is public, unlisted or private."))
    return showing


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    number = cursor[1:]
    if cursor[0] != "c" or not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise RefusedError(say("That page is not one of this list; begin at the first one."))
    return int(number)
