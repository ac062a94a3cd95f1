"""How works are looked up without words: from plain indexes, whose order is that of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.paging import Found
from core.terms import own, servers_of, with_rated
from core.works import Query, Viewer
from storage.tables import works
from storage.works_shelves import Times

LOOKED_AT = 100_000
"""Works of a time that are all looked at for the most liked: some milliseconds. Of longer times,
the most liked of all are gone through until enough are of it."""


@dataclass(slots=True)
class _Where:
    """Conditions and the values that they are about."""

    parts: list[str] = field(default_factory=list[str])
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(self, condition: str, **values: Any) -> None:
        self.parts.append(condition)
        self.values.update(values)

    def between(self, above: int | None, below: int | None) -> None:
        if above is not None:
            self.add("seq > :above", above=above)
        if below is not None:
            self.add("seq < :below", below=below)

    @property
    def text(self) -> str:
        return " AND ".join(self.parts) or "TRUE"


@dataclass(frozen=True, slots=True)
class PlainShelf:
    tx: sa.Connection
    query: Query
    viewer: Viewer
    times: Times

    def newest(
        self,
        most: int,
        *,
        below: int | None = None,
        above: int | None = None,
        oldest_first: bool = False,
        ranked: bool = False,
    ) -> Sequence[Found]:
        del ranked
        where = self._where(self.times.lowest(above), self.times.highest(below))
        return self._merged(where, "1" if oldest_first else "1 DESC", most)

    def liked(self, most: int, *, beside: tuple[int, int] | None, back: bool) -> Sequence[Found]:
        where = self._where(self.times.above, self.times.below)
        if beside is not None:
            sign = ">" if back else "<"
            where.add(f"(likes, seq) {sign} (:likes, :beside)", likes=beside[0], beside=beside[1])
        order = "2, 1" if back else "2 DESC, 1 DESC"
        if self.query.owner_id is None and self._is_short():
            return self._scanned(where, order, most)
        return self._merged(where, order, most)

    def given(self) -> Sequence[Found]:
        raise NotImplementedError("only a query that names works has an order of its own")

    def _where(self, above: int | None, below: int | None) -> _Where:
        where = _Where()
        where.between(above, below)
        if self.times.since is not None:
            where.add("created_at >= :since", since=self.times.since)
        if self.times.until is not None:
            where.add("created_at < :until", until=self.times.until)
        return where

    def _is_short(self) -> bool:
        """Whether there are so few works of that time, whoever made them, that all can be looked
        at."""
        if self.times.above is None:
            return False
        last = self.times.below
        if last is None:
            last = self.tx.execute(sa.select(sa.func.max(works.c.seq))).scalar_one() or 0
        return last - self.times.above <= LOOKED_AT

    def _scanned(self, where: _Where, order: str, most: int) -> Sequence[Found]:
        """By looking at all of it, in an index that holds what is asked."""
        hint = "" if self.tx.dialect.name == "postgresql" else "INDEXED BY ix_works_seen"
        where.add("(" + " OR ".join(f"({one})" for one in self._lists(where)) + ")")
        return self._run(
            f"SELECT seq, likes FROM works {hint} WHERE {where.text}", where, order, most
        )

    def _merged(self, where: _Where, order: str, most: int) -> Sequence[Found]:
        """Each list comes in its order from an index, and the database reads no more of any than
        it needs to merge them."""
        shared = where.text
        arms = [
            f"SELECT seq, likes FROM works WHERE {one} AND {shared}" for one in self._lists(where)
        ]
        return self._run(" UNION ALL ".join(arms), where, order, most)

    def _run(self, sql: str, where: _Where, order: str, most: int) -> Sequence[Found]:
        query = sa.text(f"{sql} ORDER BY {order} LIMIT :most")
        rows = self.tx.execute(query, {**where.values, "most": most})
        return [Found(seq, likes) for seq, likes in rows]

    def _lists(self, where: _Where) -> list[str]:
        """The conditions of each list, whose values go to `where`; no work is in two of them. See
        `core.viewing.listed`."""
        query, viewer = self.query, self.viewer
        mine = own(query, viewer)
        rated = with_rated(query, viewer)
        ratings = ["FALSE", "TRUE"] if rated else ["FALSE"]
        servers = [int(id) for id in servers_of(viewer)]
        about = ""
        if query.owner_id is not None:
            where.values["owner"] = query.owner_id
            about = "owner_id = :owner AND "
        if query.server_id is not None:
            where.values["here"] = query.server_id
            about += "server_id = :here AND "
        if query.owner_id is not None:
            # From the index of the owner's works, which an order by anything else would hide.
            among = ", ".join(map(str, servers)) or "NULL"
            closed = "TRUE" if viewer.operator else f"server_id IN ({among})"
            either = f"(showing || '' = 'public' OR (showing || '' = 'server' AND {closed})) AND "
            rating = "TRUE" if rated else "age_rated = FALSE"
            return [f"{about}{'' if mine else either}{rating}"]
        lists = [f"{about}showing = 'public'"]
        if viewer.operator or query.server_id in servers:
            lists.append(f"{about}showing = 'server'")
        elif query.server_id is None:
            lists += [f"server_id = {id} AND showing = 'server'" for id in servers]
        return [f"{one} AND age_rated = {rating}" for one in lists for rating in ratings]
