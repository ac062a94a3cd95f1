"""How works are looked up: through their index of terms, through plain indexes, or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.paging import Found, ShortShelf
from core.terms import Wanted, fits, own, servers_of
from core.works import Query, Showing, Viewer, read_id
from storage.tables import likes, works

MOST_LIKED = 5_000
"""Works that a person liked, the last of them, that a list of those is made from."""

MOST_NAMED = 2_000
"""Works that a query may name."""

SLACK = 1_000
"""Works that were done out of the order of their times: clocks are set back."""

ARMS = 400
"""Lists that one statement puts together; SQLite takes 500."""

_ALL = 10**12


@dataclass(frozen=True, slots=True)
class Times:
    """Bounds of a list in time: of its works, and, so that no older ones are read, of their
    numbers."""

    since: float | None
    until: float | None
    above: int | None
    below: int | None

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.since is not None:
            found.append(works.c.created_at >= self.since)
        if self.until is not None:
            found.append(works.c.created_at < self.until)
        return found


def times(tx: sa.Connection, query: Query) -> Times:
    above = below = None
    if query.since is not None:
        first = _first(works.c.created_at >= query.since)
        above = tx.execute(first).scalar_one_or_none()
        above = _ALL if above is None else above - SLACK
    if query.until is not None:
        first = _first(works.c.created_at >= query.until)
        below = tx.execute(first).scalar_one_or_none()
        below = None if below is None else below + SLACK
    return Times(query.since, query.until, above, below)


def _first(after: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(works.c.seq).where(after).order_by(works.c.created_at, works.c.seq).limit(1)


@dataclass(frozen=True, slots=True)
class IndexedShelf:
    """Through the index of terms, which holds all that is wanted, in the order of numbers."""

    tx: sa.Connection
    wanted: Wanted
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
        on_postgres = self.tx.dialect.name == "postgresql"
        below = min((n for n in (below, self.times.below) if n is not None), default=None)
        above = max((n for n in (above, self.times.above) if n is not None), default=None)
        seq = "i.seq" if on_postgres else "i.rowid"
        where = [
            "i.vector @@ CAST(:terms AS tsquery)" if on_postgres else "works_index MATCH :terms"
        ]
        terms = _as_tsquery(self.wanted) if on_postgres else _as_match(self.wanted)
        values: dict[str, Any] = {"terms": terms, "most": most}
        for bound, sign, value in (("below", "<", below), ("above", ">", above)):
            if value is not None:
                where.append(f"{seq} {sign} :{bound}")
                values[bound] = value
        for bound, sign, value in (
            ("since", ">=", self.times.since),
            ("until", "<", self.times.until),
        ):
            if value is not None:
                where.append(f"w.created_at {sign} :{bound}")
                values[bound] = value
        columns, tables = f"{seq} AS seq", "works_index i"
        if ranked or self.times.conditions:
            columns = f"{seq} AS seq, w.likes, w.terms"
            # A cross join, since SQLite shall begin with the index, whatever it thinks.
            tables = "works_index i CROSS JOIN works w"
            where.append(f"w.seq = {seq}")
        way = "ASC" if oldest_first else "DESC"
        query = sa.text(
            f"SELECT {columns} FROM {tables} WHERE {' AND '.join(where)} "
            f"ORDER BY {seq} {way} LIMIT :most"
        )
        rows = self.tx.execute(query, values)
        return [Found(row.seq, row.likes, row.terms) if ranked else Found(row.seq) for row in rows]

    def liked(self, most: int, *, beside: tuple[int, int] | None, back: bool) -> Sequence[Found]:
        raise NotImplementedError("what is looked for by its terms is ranked")

    def given(self) -> Sequence[Found]:
        raise NotImplementedError("only a query that names works has an order of its own")


def _as_match(wanted: Wanted) -> str:
    """As FTS5 reads it. Terms hold no quotes; the index takes no word apart that is one here."""
    every = [f'"{phrase}"' for phrase in wanted.phrases]
    if wanted.lists:
        every.append("(" + " OR ".join(f'"{mark}"' for mark in wanted.lists) + ")")
    found = " AND ".join(every)
    if not wanted.without:
        return found
    return f"({found}) NOT (" + " OR ".join(f'"{phrase}"' for phrase in wanted.without) + ")"


def _as_tsquery(wanted: Wanted) -> str:
    def run(phrase: str) -> str:
        return "(" + " <-> ".join(f"'{term}'" for term in phrase.split()) + ")"

    every = [run(phrase) for phrase in wanted.phrases]
    if wanted.lists:
        every.append("(" + " | ".join(map(run, wanted.lists)) + ")")
    every += [f"!{run(phrase)}" for phrase in wanted.without]
    return " & ".join(every)


@dataclass(frozen=True, slots=True)
class PlainShelf:
    """Without words: some lists, each in the order of an index, put together."""

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
        seq = works.c.seq
        bounds = [*self.times.conditions]
        bounds += [seq < bound for bound in (below, self.times.below) if bound is not None]
        bounds += [seq > bound for bound in (above, self.times.above) if bound is not None]
        order = [seq if oldest_first else seq.desc()]
        del ranked
        return self._together(bounds, order, most)

    def liked(self, most: int, *, beside: tuple[int, int] | None, back: bool) -> Sequence[Found]:
        keys = sa.tuple_(works.c.likes, works.c.seq)
        bounds = [*self.times.conditions]
        if beside is not None:
            bounds.append(keys > beside if back else keys < beside)
        order = [column if back else column.desc() for column in (works.c.likes, works.c.seq)]
        return self._together(bounds, order, most)

    def given(self) -> Sequence[Found]:
        raise NotImplementedError("only a query that names works has an order of its own")

    def _together(
        self,
        bounds: Sequence[sa.ColumnElement[bool]],
        order: Sequence[sa.ColumnElement[Any]],
        most: int,
    ) -> Sequence[Found]:
        """The first of all lists; each gives no more of its own than are wanted in all."""
        arms = self._arms()
        found: list[Found] = []
        backwards = [isinstance(one, sa.UnaryExpression) for one in order]
        for at in range(0, len(arms), ARMS):
            parts = [
                sa.select(
                    sa.select(works.c.seq, works.c.likes)
                    .where(*arm, *bounds)
                    .order_by(*order)
                    .limit(most)
                    .subquery()
                )
                for arm in arms[at : at + ARMS]
            ]
            every = parts[0] if len(parts) == 1 else sa.union_all(*parts)
            found += [Found(row.seq, row.likes) for row in self.tx.execute(every)]
        found.sort(
            key=(lambda one: (one.likes, one.seq)) if len(order) > 1 else (lambda one: one.seq),
            reverse=backwards[0],
        )
        return found[:most]

    def _arms(self) -> list[list[sa.ColumnElement[bool]]]:
        """The conditions of each list; no work is in two of them. See `core.viewing.listed`."""
        query, viewer, c = self.query, self.viewer, works.c
        if own(query, viewer):
            mine = [c.owner_id == viewer.person_id]
            if query.server_id is not None:
                mine.append(c.server_id == query.server_id)
            return [mine if query.age_rated else [*mine, c.age_rated.is_(sa.false())]]
        about: list[sa.ColumnElement[bool]] = []
        if query.owner_id is not None:
            about.append(c.owner_id == query.owner_id)
        public = [c.showing == Showing.PUBLIC.value]
        closed = [c.showing == Showing.SERVER.value]
        lists: list[list[sa.ColumnElement[bool]]] = []
        if query.server_id is not None:
            here = [*about, c.server_id == query.server_id]
            lists.append([*here, *public])
            if viewer.operator or query.server_id in servers_of(viewer):
                lists.append([*here, *closed])
        else:
            lists.append([*about, *public])
            if viewer.operator:
                lists.append([*about, *closed])
            elif query.owner_id is not None and viewer.servers:
                lists.append([*about, *closed, c.server_id.in_(servers_of(viewer))])
            else:
                lists += [[c.server_id == id, *closed] for id in servers_of(viewer)]
        ratings: list[sa.ColumnElement[bool]] = [sa.false()]
        if query.age_rated and viewer.adult and viewer.person_id != 0:
            ratings.append(sa.true())
        return [[*arm, c.age_rated.is_(rating)] for arm in lists for rating in ratings]


def short_shelf(tx: sa.Connection, query: Query, wanted: Wanted, bounds: Times) -> ShortShelf:
    """What a person liked, or what the query names, and of that what is wanted."""
    columns = sa.select(works.c.seq, works.c.likes, works.c.terms, works.c.job_id, works.c.number)
    names: list[tuple[str, int]] | None = None
    if query.works is not None:
        names = [read_id(id) for id in query.works[:MOST_NAMED]]
        columns = columns.where(works.c.job_id.in_({job_id for job_id, _ in names}))
    if query.liked_by is not None:
        last = (
            sa.select(likes.c.job_id, likes.c.number)
            .where(likes.c.member_id == query.liked_by)
            .order_by(likes.c.at.desc())
            .limit(MOST_LIKED)
            .subquery()
        )
        columns = columns.join(
            last, sa.and_(last.c.job_id == works.c.job_id, last.c.number == works.c.number)
        )
    rows = tx.execute(columns.where(*bounds.conditions)).all()
    found = {
        (row.job_id, row.number): Found(row.seq, row.likes, row.terms)
        for row in rows
        if fits(wanted, row.terms)
    }
    if names is None:
        return ShortShelf(sorted(found.values(), key=lambda one: -one.seq))
    return ShortShelf([found[name] for name in dict.fromkeys(names) if name in found])
