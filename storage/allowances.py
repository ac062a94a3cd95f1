"""The rules of servers in an SQL database; see `core.ports.Rulebook`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from core.allowance import (
    EVERYONE,
    Allowance,
    Change,
    Grant,
    House,
    Line,
    Presentation,
    ServerRules,
    Subject,
    SubjectKind,
    Unit,
)
from core.jobs import Owner
from core.ports import Spending, Use
from core.quota import Pot
from core.request import HouseStyle
from core.works import Showing
from storage import audit, ledger, styles, works_rows
from storage.database import Database, take_turns
from storage.tables import allowances, bans, grants, jobs, resets, servers

_NONE = ServerRules()


class RuleReader:
    """Reads the rules of a server, from memory while they are the same.

    Each change gives the server another random revision, which is read with every admission: one
    row by its key instead of all the rules, and never an old rule.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, ServerRules]] = {}

    def rules(self, tx: sa.Connection, server_id: int) -> ServerRules:
        query = sa.select(servers).where(servers.c.server_id == server_id)
        row = tx.execute(query).one_or_none()
        if row is None:
            return _NONE
        known = self._known.get(server_id)
        if known is None or known[0] != row.revision:
            known = self._known[server_id] = (row.revision, _read(tx, server_id, _house(row)))
        return known[1]


class SqlRulebook:
    def __init__(self, database: Database, reader: RuleReader) -> None:
        self._database = database
        self._reader = reader
        self._rng = random.SystemRandom()

    # Reading

    async def rules(self, server_id: int) -> ServerRules:
        return await self._database.read(lambda tx: self._reader.rules(tx, server_id))

    async def servers(self) -> Sequence[int]:
        query = sa.union(sa.select(servers.c.server_id), sa.select(jobs.c.server_id))
        return await self._database.read(lambda tx: sorted(tx.execute(query).scalars()))

    async def spent(
        self, server_id: int, *, member_id: int, channel_id: int, pots: Sequence[Pot]
    ) -> Sequence[Spending]:
        return await self._database.read(
            lambda tx: [ledger.spending(tx, server_id, member_id, channel_id, pot) for pot in pots]
        )

    async def use(
        self, server_id: int, since: float, until: float, *, member_id: int | None = None
    ) -> Sequence[Use]:
        return await self._database.read(
            lambda tx: ledger.use(tx, server_id, since, until, member_id)
        )

    async def names(self, server_id: int) -> Mapping[int, str]:
        last = sa.func.max(jobs.c.created_at)
        query = (
            sa.select(jobs.c.owner_id, jobs.c.owner_name)
            .where(jobs.c.server_id == server_id)
            .group_by(jobs.c.owner_id, jobs.c.owner_name)
            .order_by(last)
        )
        return await self._database.read(
            lambda tx: {row.owner_id: row.owner_name for row in tx.execute(query)}
        )

    async def audit(
        self, server_id: int, *, before: int | None = None, limit: int = 20
    ) -> Sequence[Change]:
        return await self._database.read(lambda tx: audit.page(tx, server_id, before, limit))

    # Changing

    async def change_line(
        self,
        server_id: int,
        subject: Subject,
        change: Callable[[Allowance], Allowance],
        *,
        by: Owner,
        now: float,
    ) -> Allowance:
        def work(tx: sa.Connection) -> Allowance:
            self._touch(tx, server_id)
            before = _line(tx, server_id, subject)
            after = change(before)
            _put_line(tx, server_id, subject, after)
            plain = before.to_json(), after.to_json()
            audit.note(tx, server_id, "line", subject, *plain, by=by, now=now)
            return after

        return await self._database.write(work)

    async def change_house(
        self, server_id: int, change: Callable[[House], House], *, by: Owner, now: float
    ) -> House:
        def work(tx: sa.Connection) -> House:
            before = self._touch(tx, server_id)
            after = change(before)
            this = servers.update().where(servers.c.server_id == server_id)
            tx.execute(this.values(**_columns(after)))
            if after.gallery is not before.gallery:
                works_rows.narrow(tx, server_id, after.gallery)
            plain = asdict(before), asdict(after)
            audit.note(tx, server_id, "server", EVERYONE, *plain, by=by, now=now)
            return after

        return await self._database.write(work)

    async def change_style(
        self,
        server_id: int,
        name: str,
        change: Callable[[Sequence[HouseStyle]], HouseStyle | None],
        *,
        by: Owner,
        now: float,
    ) -> HouseStyle | None:
        def work(tx: sa.Connection) -> HouseStyle | None:
            house = self._touch(tx, server_id)
            there = styles.of_server(tx, server_id)
            before = next((style for style in there if style.name == name), None)
            after = change(there)
            styles.put(tx, server_id, name, after)
            if after is None and house.style == name:
                this = servers.update().where(servers.c.server_id == server_id)
                tx.execute(this.values(style=""))
            plain = [asdict(style) if style else {} for style in (before, after)]
            audit.note(tx, server_id, "style", EVERYONE, *plain, by=by, now=now)
            return after

        return await self._database.write(work)

    async def ban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None:
        def work(tx: sa.Connection) -> None:
            self._touch(tx, server_id)
            this = {"server_id": server_id, "member_id": member_id}
            if _is_banned(tx, server_id, member_id):
                return
            tx.execute(bans.insert().inline(), this)
            whom = Subject.member(member_id)
            audit.note(tx, server_id, "ban", whom, {}, {"banned": True}, by=by, now=now)

        await self._database.write(work)

    async def unban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None:
        def work(tx: sa.Connection) -> None:
            self._touch(tx, server_id)
            if not _is_banned(tx, server_id, member_id):
                return
            tx.execute(
                bans.delete().where(bans.c.server_id == server_id, bans.c.member_id == member_id)
            )
            whom = Subject.member(member_id)
            audit.note(tx, server_id, "unban", whom, {"banned": True}, {}, by=by, now=now)

        await self._database.write(work)

    async def grant(
        self,
        server_id: int,
        subject: Subject,
        unit: Unit,
        amount: int,
        *,
        expires_at: float | None,
        by: Owner,
        now: float,
    ) -> Grant:
        def work(tx: sa.Connection) -> Grant:
            self._touch(tx, server_id)
            values: dict[str, Any] = {
                "unit": unit.value,
                "amount": amount,
                "granted_at": now,
                "expires_at": expires_at,
            }
            row = tx.execute(
                grants.insert().returning(grants),
                {"server_id": server_id, **_key(subject), **values},
            ).one()
            audit.note(tx, server_id, "grant", subject, {}, values, by=by, now=now)
            return _grant(row)

        return await self._database.write(work)

    async def reset(self, server_id: int, subject: Subject, *, by: Owner, now: float) -> None:
        def work(tx: sa.Connection) -> None:
            self._touch(tx, server_id)
            values = {"server_id": server_id, **_key(subject), "at": now}
            tx.execute(resets.insert().inline(), values)
            audit.note(tx, server_id, "reset", subject, {}, {"at": now}, by=by, now=now)

        await self._database.write(work)

    def _touch(self, tx: sa.Connection, server_id: int) -> House:
        """Holds the rules of the server until the transaction ends, and marks them as changed."""
        take_turns(tx, -server_id)
        revision = self._rng.getrandbits(62)
        this = servers.update().where(servers.c.server_id == server_id)
        row = tx.execute(this.values(revision=revision).returning(servers)).one_or_none()
        if row is not None:
            return _house(row)
        house = House()
        values = {"server_id": server_id, "revision": revision, **_columns(house)}
        tx.execute(servers.insert().inline(), values)
        return house


def paused_servers(tx: sa.Connection) -> frozenset[int]:
    query = sa.select(servers.c.server_id).where(servers.c.paused)
    return frozenset(tx.execute(query).scalars())


def weights(tx: sa.Connection) -> dict[int, float]:
    query = sa.select(allowances.c.server_id, allowances.c.allowance).where(
        allowances.c.kind == SubjectKind.CEILING.value,
        # Most servers have none, and their lines need no reading.
        allowances.c.allowance.contains('"weight"'),
    )
    found = {row.server_id: _allowance(row.allowance).weight for row in tx.execute(query)}
    return {server_id: weight for server_id, weight in found.items() if weight is not None}


def _house(row: sa.Row[Any]) -> House:
    return House(
        time_zone=row.time_zone,
        paused=row.paused,
        drained=row.drained,
        admin_role=row.admin_role,
        default_flags=row.default_flags,
        forced_flags=row.forced_flags,
        style=row.style,
        presentation=Presentation(row.presentation),
        gallery=Showing(row.gallery),
    )


def _columns(house: House) -> dict[str, Any]:
    plain = {"presentation": house.presentation.value, "gallery": house.gallery.value}
    return {**asdict(house), **plain}


def _read(tx: sa.Connection, server_id: int, house: House) -> ServerRules:
    lines = sa.select(allowances).where(allowances.c.server_id == server_id)
    given = sa.select(grants).where(grants.c.server_id == server_id).order_by(grants.c.id)
    last = (
        sa.select(resets.c.kind, resets.c.subject_id, sa.func.max(resets.c.at).label("at"))
        .where(resets.c.server_id == server_id)
        .group_by(resets.c.kind, resets.c.subject_id)
    )
    banned = sa.select(bans.c.member_id).where(bans.c.server_id == server_id)
    found = [Line(_subject(row), _allowance(row.allowance)) for row in tx.execute(lines)]
    return ServerRules(
        house=house,
        lines=tuple(sorted(found, key=lambda line: line.subject)),
        grants=tuple(_grant(row) for row in tx.execute(given)),
        resets={_subject(row): row.at for row in tx.execute(last)},
        banned=frozenset(tx.execute(banned).scalars()),
        styles=tuple(styles.of_server(tx, server_id)),
    )


def _line(tx: sa.Connection, server_id: int, subject: Subject) -> Allowance:
    query = sa.select(allowances.c.allowance).where(*_is(server_id, subject))
    text = tx.execute(query).scalar_one_or_none()
    return Allowance() if text is None else _allowance(text)


def _put_line(tx: sa.Connection, server_id: int, subject: Subject, line: Allowance) -> None:
    tx.execute(allowances.delete().where(*_is(server_id, subject)))
    if not line.is_empty:
        text = json.dumps(line.to_json(), sort_keys=True)
        values = {"server_id": server_id, **_key(subject), "allowance": text}
        tx.execute(allowances.insert().inline(), values)


def _is_banned(tx: sa.Connection, server_id: int, member_id: int) -> bool:
    query = sa.select(bans).where(bans.c.server_id == server_id, bans.c.member_id == member_id)
    return tx.execute(query).one_or_none() is not None


def _is(server_id: int, subject: Subject) -> list[sa.ColumnElement[bool]]:
    return [
        allowances.c.server_id == server_id,
        allowances.c.kind == subject.kind.value,
        allowances.c.subject_id == subject.id,
    ]


def _key(subject: Subject) -> dict[str, Any]:
    return {"kind": subject.kind.value, "subject_id": subject.id}


def _subject(row: Any) -> Subject:
    return Subject(SubjectKind(row.kind), row.subject_id)


def _allowance(text: str) -> Allowance:
    return Allowance.from_json(json.loads(text))


def _grant(row: sa.Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        subject=_subject(row),
        unit=Unit(row.unit),
        amount=row.amount,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
    )
