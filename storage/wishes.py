"""What people prefer, in an SQL database; see `core.ports.Wishes`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.preferences import Preferences
from storage.database import Database, take_turns
from storage.tables import preferences


class SqlWishes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, member_id: int) -> Preferences:
        return await self._database.read(lambda tx: _read(tx, member_id))

    async def change(
        self, member_id: int, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        def work(tx: sa.Connection) -> Preferences:
            take_turns(tx, member_id)
            after = change(_read(tx, member_id))
            tx.execute(preferences.delete().where(preferences.c.member_id == member_id))
            if after != Preferences():
                values = {
                    "member_id": member_id,
                    "suffix": after.suffix,
                    "options": _text(dict(after.options)),
                    "settings": _text(after.settings_to_json()),
                }
                tx.execute(preferences.insert().inline(), values)
            return after

        return await self._database.write(work)


def _read(tx: sa.Connection, member_id: int) -> Preferences:
    query = sa.select(preferences).where(preferences.c.member_id == member_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        return Preferences()
    settings = json.loads(row.settings)
    return Preferences.from_json(json.loads(row.options), row.suffix, settings)


def _text(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)
