"""Finished pictures, found again in an SQL database; see `core.works.Works`."""

from __future__ import annotations

import sqlalchemy as sa

from core.paging import BEST_AMONG, TOP_AMONG, Shelf, leaf_of
from core.terms import Wanted, wanted
from core.works import Order, Page, Query, Showing, Viewer, Work
from storage import works_rows
from storage.database import Database
from storage.tables import works
from storage.works_lists import PlainShelf
from storage.works_shelves import IndexedShelf, short_shelf, times


class SqlWorks:
    def __init__(
        self, database: Database, *, best_among: int = BEST_AMONG, top_among: int = TOP_AMONG
    ) -> None:
        self._database = database
        self._best_among = best_among
        self._top_among = top_among

    async def find(self, query: Query, viewer: Viewer, after: str = "", limit: int = 40) -> Page:
        want = wanted(query, viewer)

        def work(tx: sa.Connection) -> Page:
            shelf, exact = _shelf(tx, query, viewer, want)
            among = None if exact else self._top_among
            leaf = leaf_of(
                shelf, query, want, after, limit, best_among=self._best_among, top_among=among
            )
            whole = works_rows.of_numbers(tx, [one.seq for one in leaf.found])
            page = tuple(whole[one.seq] for one in leaf.found if one.seq in whole)
            return Page(page, leaf.next, leaf.before)

        return await self._database.read(work)

    async def get(self, work_id: str) -> Work:
        return await self._database.read(lambda tx: works_rows.one(tx, work_id))

    async def show(self, work_id: str, showing: Showing, *, age_rated: bool | None = None) -> Work:
        def work(tx: sa.Connection) -> Work:
            before = works_rows.one(tx, work_id)
            rated = before.age_rated if age_rated is None else age_rated
            works_rows.change(tx, before, showing, age_rated=rated)
            return works_rows.one(tx, work_id)

        return await self._database.write(work)

    async def count(self, owner_id: int) -> int:
        query = sa.select(sa.func.count()).where(works.c.owner_id == owner_id)
        return await self._database.read(lambda tx: tx.execute(query).scalar_one())

    async def models(self) -> tuple[str, ...]:
        def work(tx: sa.Connection) -> tuple[str, ...]:
            # One look into the index for each, however many works there are.
            found: list[str] = []
            query = sa.select(sa.func.min(works.c.model))
            name = tx.execute(query).scalar_one()
            while name is not None:
                found.append(name)
                name = tx.execute(query.where(works.c.model > name)).scalar_one()
            return tuple(found)

        return await self._database.read(work)


def _shelf(tx: sa.Connection, query: Query, viewer: Viewer, want: Wanted) -> tuple[Shelf, bool]:
    """And whether it can give all of it by likes."""
    bounds = times(tx, query)
    if query.liked_by is not None or query.works is not None:
        return short_shelf(tx, query, want, bounds), True
    by_terms = want.words or query.model or query.by or query.flags
    if by_terms or any(not one.startswith("_") for one in want.without):
        return IndexedShelf(tx, want, bounds, query.order is Order.BEST), False
    return PlainShelf(tx, query, viewer, bounds), True
