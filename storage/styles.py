"""The styles of servers, as rows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from core.request import HouseStyle
from storage.tables import styles


def of_server(tx: sa.Connection, server_id: int) -> Sequence[HouseStyle]:
    """In the order of their names."""
    query = sa.select(styles).where(styles.c.server_id == server_id)
    found = [HouseStyle(name=row.name, text=row.text, blob=row.blob) for row in tx.execute(query)]
    return sorted(found, key=lambda style: style.name)


def put(tx: sa.Connection, server_id: int, name: str, style: HouseStyle | None) -> None:
    """Puts a style in the place of the one of that name; None: none."""
    tx.execute(styles.delete().where(styles.c.server_id == server_id, styles.c.name == name))
    if style is not None:
        values = {"server_id": server_id, "name": name, "text": style.text, "blob": style.blob}
        tx.execute(styles.insert().inline(), values)
