"""Themes, what is entered and the votes, in an SQL database; see `core.themes.Themes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.allowance import EVERYONE
from core.errors import ImageNotFoundError
from core.jobs import Owner
from core.showcase import Exhibit
from core.themes import (
    MOST_OPEN,
    Entry,
    EntryCheck,
    Phase,
    Sheet,
    Theme,
    ThemeCheck,
    VoteCheck,
    drawn,
    entry_at,
    is_entered,
    no_such_theme,
    too_many_themes,
)
from storage import audit
from storage.database import BACKGROUND, Database, take_turns
from storage.exhibits import exhibit
from storage.theme_tables import theme_entries, theme_sheets, theme_votes, themes


class SqlThemes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, new: Theme, *, by: Owner, now: float) -> Theme:
        def work(tx: sa.Connection) -> Theme:
            take_turns(tx, -new.server_id)
            if len(_open_in(tx, new.server_id)) >= MOST_OPEN:
                raise too_many_themes()
            values = {
                "server_id": new.server_id,
                "channel_id": new.channel_id,
                "words": new.words,
                "starts_at": new.starts_at,
                "votes_from": new.votes_from,
                "ends_at": new.ends_at,
                "age_rated": new.age_rated,
                "most": new.most,
            }
            state = {"phase": new.phase.value, "called_off": new.called_off}
            row = tx.execute(themes.insert().returning(themes), {**values, **state}).one()
            audit.note(tx, new.server_id, "theme", EVERYONE, {}, values, by=by, now=now)
            return _theme(row)

        return await self._database.write(work)

    async def get(self, theme_id: int) -> Theme:
        return await self._database.read(lambda tx: _get(tx, theme_id))

    async def open_in(self, server_id: int) -> Sequence[Theme]:
        return await self._database.read(lambda tx: _open_in(tx, server_id))

    async def over(self, *, limit: int = 24) -> Sequence[Theme]:
        counted = sa.and_(themes.c.phase == Phase.OVER.value, themes.c.called_off.is_(False))
        order = (themes.c.ends_at.desc(), themes.c.id.desc())
        query = sa.select(themes).where(counted).order_by(*order).limit(limit)
        return await self._database.read(lambda tx: [_theme(row) for row in tx.execute(query)])

    async def unsettled(self) -> Sequence[Theme]:
        query = sa.select(themes).where(themes.c.settled_at.is_(None)).order_by(themes.c.id)
        return await self._database.read(lambda tx: [_theme(row) for row in tx.execute(query)])

    async def enter(
        self, theme_id: int, job_id: str, number: int, check: EntryCheck, *, now: float
    ) -> bool:
        def work(tx: sa.Connection) -> bool:
            theme, there = _get(tx, theme_id, locked=True), _entries(tx, theme_id)
            if is_entered(there, job_id, number):
                return False
            check(theme, there)
            values = {"theme_id": theme_id, "job_id": job_id, "number": number}
            tx.execute(theme_entries.insert().inline(), {**values, "place": 0, "at": now})
            return True

        return await self._database.write(work)

    async def leave(self, theme_id: int, job_id: str, number: int, check: ThemeCheck) -> bool:
        def work(tx: sa.Connection) -> bool:
            check(_get(tx, theme_id, locked=True))
            entries = theme_entries.c
            gone = theme_entries.delete().where(
                entries.theme_id == theme_id, entries.job_id == job_id, entries.number == number
            )
            return tx.execute(gone.returning(entries.job_id)).first() is not None

        return await self._database.write(work)

    async def entries(self, theme_id: int) -> Sequence[Entry]:
        def work(tx: sa.Connection) -> Sequence[Entry]:
            _get(tx, theme_id)
            return _entries(tx, theme_id)

        return await self._database.read(work)

    async def vote(self, theme_id: int, place: int, member_id: int, check: VoteCheck) -> None:
        def work(tx: sa.Connection) -> None:
            theme = _get(tx, theme_id, locked=True)
            check(theme, entry_at(_entries(tx, theme_id), place))
            votes = theme_votes.c
            mine = sa.and_(votes.theme_id == theme_id, votes.member_id == member_id)
            tx.execute(theme_votes.delete().where(mine))
            values = {"theme_id": theme_id, "member_id": member_id, "place": place}
            tx.execute(theme_votes.insert().inline(), values)

        await self._database.write(work)

    async def turn(self, theme_id: int, phase: Phase) -> Theme:
        def work(tx: sa.Connection) -> Theme:
            theme = _get(tx, theme_id, locked=True)
            if not phase.is_after(theme.phase):
                return theme
            if phase is Phase.VOTING:
                there = [one for one in _entries(tx, theme_id) if one.exhibit is not None]
                for place, entry in enumerate(drawn(there), 1):
                    this = theme_entries.update().where(
                        theme_entries.c.theme_id == theme_id,
                        theme_entries.c.job_id == entry.job_id,
                        theme_entries.c.number == entry.number,
                    )
                    tx.execute(this.values(place=place))
            change = themes.update().where(themes.c.id == theme_id).values(phase=phase.value)
            return _theme(tx.execute(change.returning(themes)).one())

        return await self._database.write(work, patience=BACKGROUND)

    async def call_off(self, theme_id: int, *, by: Owner, now: float) -> Theme:
        def work(tx: sa.Connection) -> Theme:
            before = _get(tx, theme_id, locked=True)
            values = {"phase": Phase.OVER.value, "called_off": True}
            change = themes.update().where(themes.c.id == theme_id).values(**values)
            after = {"called_off": before.words}
            audit.note(tx, before.server_id, "theme", EVERYONE, {}, after, by=by, now=now)
            return _theme(tx.execute(change.returning(themes)).one())

        return await self._database.write(work)

    async def settle(self, theme_id: int, now: float) -> None:
        change = themes.update().where(themes.c.id == theme_id).values(settled_at=now)
        await self._run(change)

    async def sheets(self, theme_id: int) -> Mapping[str, Sheet]:
        query = sa.select(theme_sheets).where(theme_sheets.c.theme_id == theme_id)

        def work(tx: sa.Connection) -> Mapping[str, Sheet]:
            return {row.part: _sheet(row) for row in tx.execute(query)}

        return await self._database.read(work)

    async def posting(self, theme_id: int, part: str, now: float) -> float:
        def work(tx: sa.Connection) -> float:
            query = sa.select(theme_sheets.c.began_at).where(*_is(theme_id, part))
            began = tx.execute(query).scalar_one_or_none()
            if began is not None:
                return began
            values = {"theme_id": theme_id, "part": part, "began_at": now}
            tx.execute(theme_sheets.insert().inline(), {**values, "message_id": 0, "shown": ""})
            return now

        return await self._database.write(work, patience=BACKGROUND)

    async def posted(
        self, theme_id: int, part: str, message_id: int, shown: str, now: float
    ) -> None:
        values = {"message_id": message_id, "shown": shown, "posted_at": now}
        await self._run(theme_sheets.update().where(*_is(theme_id, part)).values(**values))

    async def _run(self, change: sa.Update) -> None:
        def work(tx: sa.Connection) -> None:
            tx.execute(change)

        await self._database.write(work, patience=BACKGROUND)


def forget(tx: sa.Connection, person_id: int) -> None:
    """What a person voted for. What they entered goes with their pictures."""
    tx.execute(theme_votes.delete().where(theme_votes.c.member_id == person_id))


def _get(tx: sa.Connection, theme_id: int, *, locked: bool = False) -> Theme:
    """Raises NotFoundError. `locked`: nobody else changes it until the transaction ends."""
    query = sa.select(themes).where(themes.c.id == theme_id)
    row = tx.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise no_such_theme()
    return _theme(row)


def _open_in(tx: sa.Connection, server_id: int) -> list[Theme]:
    query = (
        sa.select(themes)
        .where(themes.c.server_id == server_id, themes.c.phase != Phase.OVER.value)
        .order_by(themes.c.ends_at, themes.c.id)
    )
    return [_theme(row) for row in tx.execute(query)]


def _entries(tx: sa.Connection, theme_id: int) -> list[Entry]:
    entries = theme_entries.c
    votes = (
        sa.select(sa.func.count())
        .select_from(theme_votes)
        .where(theme_votes.c.theme_id == theme_id, theme_votes.c.place == entries.place)
        .scalar_subquery()
    )
    query = (
        sa.select(theme_entries, votes.label("votes"))
        .where(entries.theme_id == theme_id)
        .order_by(entries.place, entries.at, entries.job_id, entries.number)
    )
    return [
        replace(
            Entry(theme_id=theme_id, job_id=row.job_id, number=row.number, place=row.place),
            votes=row.votes if row.place else 0,
            exhibit=_shown(tx, row.job_id, row.number),
        )
        for row in tx.execute(query).all()
    ]


def _shown(tx: sa.Connection, job_id: str, number: int) -> Exhibit | None:
    try:
        found = exhibit(tx, job_id, number)
    except ImageNotFoundError:
        return None
    return found if found.public else None


def _is(theme_id: int, part: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (theme_sheets.c.theme_id == theme_id, theme_sheets.c.part == part)


def _theme(row: Any) -> Theme:
    return Theme(
        id=row.id,
        server_id=row.server_id,
        channel_id=row.channel_id,
        words=row.words,
        starts_at=row.starts_at,
        votes_from=row.votes_from,
        ends_at=row.ends_at,
        age_rated=row.age_rated,
        most=row.most,
        phase=Phase(row.phase),
        called_off=row.called_off,
    )


def _sheet(row: Any) -> Sheet:
    return Sheet(
        part=row.part,
        began_at=row.began_at,
        message_id=row.message_id,
        posted_at=row.posted_at,
        shown=row.shown,
    )
