"""How works are looked up by their terms: through the index of these, or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.paging import Found, ShortShelf
from core.terms import Wanted, fits
from core.works import Query, read_id
from storage.tables import likes, works

MOST_LIKED = 5_000
"""Works that a person liked, the last of them, that a list of those is made from."""

MOST_NAMED = 2_000
"""Works that a query may name."""

SLACK = 1_000
"""Works that were done out of the order of their times: clocks are set back."""

_ALL = 10**12


@dataclass(frozen=True, slots=True)
class Times:
    """Bounds of a list in time: of its works, and, so that no older ones are read, of their
    numbers."""

    since: float | None
    until: float | None
    above: int | None
    below: int | None

    def lowest(self, above: int | None) -> int | None:
        return max((n for n in (above, self.above) if n is not None), default=None)

    def highest(self, below: int | None) -> int | None:
        return min((n for n in (below, self.below) if n is not None), default=None)

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
    """Through the index of terms, which holds all that is wanted, in the order of numbers. `whole`:
    what is ranked is ranked by its terms, and not by likes alone."""

    tx: sa.Connection
    wanted: Wanted
    times: Times
    whole: bool = True

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
        below, above = self.times.highest(below), self.times.lowest(above)
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
            columns = f"{seq} AS seq, w.likes, {'w.terms' if self.whole else repr('')}"
            # A cross join, since SQLite shall begin with the index, whatever it thinks.
            tables = "works_index i CROSS JOIN works w"
            where.append(f"w.seq = {seq}")
        way = "ASC" if oldest_first else "DESC"
        query = sa.text(
            f"SELECT {columns} FROM {tables} WHERE {' AND '.join(where)} "
            f"ORDER BY {seq} {way} LIMIT :most"
        )
        rows = self.tx.execute(query, values)
        if ranked:
            return [Found(seq, likes, terms) for seq, likes, terms in rows]
        return [Found(row[0]) for row in rows]

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
