"""How often a transaction goes to SQLite's thread, and what is left of one that was cut off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import driver
from storage.driver import Line
from storage.opening import Storage
from tests.storage.build import anything, new_job


@pytest.fixture
async def line(tmp_path: Path) -> AsyncGenerator[Line]:
    line = driver.connect(str(tmp_path / "some.db"), isolation_level=None)
    await line
    await ask(line, "CREATE TABLE words (word TEXT)")
    yield line
    await line.close()


@pytest.fixture
def errands(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """Everything that is done in a connection's thread."""
    done: list[Callable[..., Any]] = []
    ask: Any = getattr(Line, "_execute")  # noqa: B009

    async def noted(self: Line, work: Callable[..., Any], *rest: Any) -> Any:
        done.append(work)
        return await ask(self, work, *rest)

    monkeypatch.setattr(Line, "_execute", noted)
    return done


async def ask(line: Line, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    cursor = await line.cursor().__aenter__()
    await cursor.execute(sql, values)
    rows = await cursor.fetchall()
    await cursor.close()
    return rows


async def test_a_reading_of_two_questions_is_three_errands(
    storage: Storage, errands: list[Callable[..., Any]]
) -> None:
    new = new_job()
    await storage.jobs.admit(new, anything)
    await storage.database.read(lambda tx: None)
    errands.clear()

    def work(tx: sa.Connection) -> tuple[int, str]:
        count = tx.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()
        return count, tx.exec_driver_sql("SELECT id FROM jobs").scalar_one()

    assert await storage.database.read(work) == (1, new.id)
    assert len(errands) == 3  # two questions, the first with BEGIN, and the end


async def test_a_reading_that_asks_nothing_needs_no_errand(
    storage: Storage, errands: list[Callable[..., Any]]
) -> None:
    await storage.database.read(lambda tx: tx.exec_driver_sql("SELECT 1").all())
    errands.clear()
    await storage.database.read(lambda tx: None)
    assert errands == []


async def test_the_begin_that_was_never_needed_does_not_come_later(line: Line) -> None:
    line.preface = "BEGIN"
    await line.rollback()
    await ask(line, "INSERT INTO words VALUES ('kept')")
    assert not line.in_transaction


async def test_a_transaction_whose_caller_was_cut_off_is_taken_back(line: Line) -> None:
    going_on = threading.Event()
    first = asyncio.ensure_future(line.errand(lambda raw: going_on.wait(10)))
    await asyncio.sleep(0)
    line.preface = "BEGIN"
    second = asyncio.ensure_future(ask(line, "INSERT INTO words VALUES ('half')"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert not line.in_transaction  # it has not come to that yet, but will
    ending = asyncio.ensure_future(line.rollback())
    await asyncio.sleep(0)
    going_on.set()
    await asyncio.gather(first, ending)
    assert not line.in_transaction
    assert await ask(line, "SELECT word FROM words") == []


async def test_a_refused_statement_leaves_the_transaction_to_be_ended(line: Line) -> None:
    line.preface = "BEGIN"
    await ask(line, "INSERT INTO words VALUES (?)", ("half",))
    with pytest.raises(driver.sqlite3.OperationalError, match="no such table"):
        await ask(line, "INSERT INTO sentences VALUES ('x')")
    assert line.in_transaction
    await line.rollback()
    assert await ask(line, "SELECT word FROM words") == []


async def test_a_cursor_tells_what_its_statement_did(line: Line) -> None:
    cursor = line.cursor()
    await cursor.executemany("INSERT INTO words VALUES (?)", [("a",), ("b",)])
    assert (cursor.rowcount, cursor.description) == (2, None)
    assert await ask(line, "UPDATE words SET word = 'c' RETURNING word") == [("c",), ("c",)]
    cursor = line.cursor()
    await cursor.execute("INSERT INTO words VALUES ('d')")
    assert cursor.lastrowid == 3
