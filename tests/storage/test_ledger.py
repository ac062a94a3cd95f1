"""How the ledger is read on SQLite: what an admission waits for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.allowance import Unit
from core.quota import Pot, Scope
from storage import ledger
from storage.database import Database, database_url


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("scope", Scope)
async def test_a_sum_is_read_from_an_index_alone_however_many_lines_there_are(
    data: Path, scope: Scope, unit: Unit
) -> None:
    """Of 200,000 lines in a month, that is a quarter of the time."""
    plan: list[str] = []

    def explain(tx: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plan.extend(str(row.detail) for row in rows)

    def work(tx: sa.Connection) -> None:
        sa.event.listen(tx, "before_cursor_execute", explain)
        assert ledger.spent(tx, 1, 2, 3, Pot(scope, unit, since=0.0)) == 0

    database = await Database.open(database_url("", data))
    await database.read(work)
    await database.close()

    (how,) = plan
    assert f"USING COVERING INDEX ix_ledger_{scope.name.lower()}" in how
