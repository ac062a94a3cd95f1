"""The promises that hold on SQLite: who waits, for how long, and what is left of a failure."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from core.errors import BusyError, DiskFullError, QueueFullError, SettingsError
from storage import sqlite
from storage.database import Database, database_url
from storage.opening import Storage, open_storage
from tests.storage.build import AtMost, anything, new_job, pictures

HOLD_THE_LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@asynccontextmanager
async def lock_held_elsewhere(file: Path) -> AsyncGenerator[None]:
    """Another process holds the write lock inside the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD_THE_LOCK, str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        await process.communicate(b"")


def pragma(tx: sa.Connection, name: str) -> Any:
    return tx.exec_driver_sql(f"PRAGMA {name}").scalar()


def count_jobs(tx: sa.Connection) -> int:
    return tx.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()


class TestTheJournal:
    @pytest.mark.parametrize(
        ("version", "mode"),
        [
            ((3, 40, 1), "truncate"),
            ((3, 44, 5), "truncate"),
            ((3, 44, 6), "wal"),
            ((3, 45, 0), "truncate"),
            ((3, 50, 6), "truncate"),
            ((3, 50, 7), "wal"),
            ((3, 51, 0), "truncate"),
            ((3, 51, 2), "truncate"),
            ((3, 51, 3), "wal"),
            ((3, 52, 0), "wal"),
            ((4, 0, 0), "wal"),
        ],
    )
    def test_the_log_is_used_only_where_sqlite_is_sound(
        self, version: tuple[int, int, int], mode: str
    ) -> None:
        assert sqlite.journal_mode(version) == mode
        number = ".".join(map(str, version))
        sentence = sqlite.journal_sentence(version)
        assert sentence.startswith(f"SQLite {number}")
        assert ("rollback journal" in sentence) == (mode == "truncate")

    async def test_a_database_left_in_the_log_is_brought_back(self, data: Path) -> None:
        with closing(sqlite3.connect(data / "easel.db")) as newer:
            newer.execute("PRAGMA journal_mode = wal")
        async with open_storage(data) as storage:
            mode = await storage.database.write(lambda tx: pragma(tx, "journal_mode"))
        assert mode == sqlite.journal_mode()

    @pytest.mark.skipif(sqlite.journal_mode() == "wal", reason="this SQLite keeps the log")
    async def test_a_log_in_use_by_another_easel_is_refused(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
        with closing(sqlite3.connect(data / "easel.db")) as newer:
            newer.execute("PRAGMA journal_mode = wal")
            newer.execute("SELECT count(*) FROM jobs").fetchall()
            with pytest.raises(SettingsError, match="stop the other Easel"):
                async with open_storage(data):
                    pass


class TestConnections:
    async def test_the_writer_is_durable_and_strict(self, storage: Storage) -> None:
        def work(tx: sa.Connection) -> list[Any]:
            names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            return [pragma(tx, name) for name in names]

        full, on = 2, 1
        found = await storage.database.write(work, patience=5.0)
        assert found == [sqlite.journal_mode(), full, on, 5000]

    async def test_a_reader_cannot_write(self, storage: Storage) -> None:
        def work(tx: sa.Connection) -> None:
            tx.exec_driver_sql("DELETE FROM jobs")

        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            await storage.database.read(work)

    async def test_a_row_cannot_point_at_nothing(self, storage: Storage) -> None:
        def work(tx: sa.Connection) -> None:
            tx.exec_driver_sql("INSERT INTO images VALUES ('nothing', 1, 'x', 1, 1, 1)")

        with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"):
            await storage.database.write(work)

    async def test_a_writing_transaction_holds_the_lock_before_it_reads(
        self, storage: Storage, data: Path
    ) -> None:
        def work(tx: sa.Connection) -> str:
            with closing(sqlite3.connect(data / "easel.db", timeout=0)) as other:
                try:
                    other.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    return str(error)
                return "not held"

        assert await storage.database.write(work) == "database is locked"

    async def test_a_block_of_reads_sees_one_state(self, storage: Storage) -> None:
        # With a rollback journal a reader holds the writer up, so the write waits for the end.
        started, writes = asyncio.Event(), []

        def work(tx: sa.Connection) -> tuple[int, int]:
            before = count_jobs(tx)
            writes.append(asyncio.ensure_future(storage.jobs.admit(new_job(), anything)))
            started.set()
            return before, count_jobs(tx)

        assert await storage.database.read(work) == (0, 0)
        await asyncio.gather(*writes)
        assert await storage.database.read(count_jobs) == 1

    async def test_the_ledger_cannot_be_rewritten(self, storage: Storage) -> None:
        await storage.jobs.admit(new_job(), anything)
        for change in ("UPDATE ledger SET gpu_ms = 0", "DELETE FROM ledger"):

            def work(tx: sa.Connection, change: str = change) -> None:
                tx.exec_driver_sql(change)

            with pytest.raises(sa.exc.IntegrityError, match="append-only"):
                await storage.database.write(work)

    async def test_questions_are_answered_by_an_index(self, storage: Storage) -> None:
        asked: list[tuple[str, Any]] = []

        @event.listens_for(storage.database._reader.sync_engine, "before_cursor_execute")
        def note(_c: Any, _k: Any, sql: str, values: Any, _x: Any, _m: Any) -> None:
            asked.append((sql, values))

        jobs = storage.jobs
        await jobs.waiting()
        await jobs.running()
        await jobs.measured()
        await jobs.history(1)
        await jobs.history(None)
        await jobs.images("x")
        await jobs.undelivered()
        questions = [question for question in asked if question[0].startswith("SELECT")]
        assert len(questions) == 7
        for sql, values in questions:

            def plan(tx: sa.Connection, sql: str = sql, values: Any = values) -> str:
                rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
                return " ".join(row.detail for row in rows)

            used = await storage.database.read(plan)
            assert "USING" in used, (sql, used)
            assert "ORDER BY" not in used, (sql, used)


class TestWaiting:
    async def test_an_admission_gives_up_in_time_when_another_process_writes(
        self, storage: Storage, data: Path
    ) -> None:
        new = new_job()
        async with lock_held_elsewhere(data / "easel.db"):
            async with asyncio.timeout(2.5):
                with pytest.raises(BusyError):
                    await storage.jobs.admit(new, anything)
            assert await storage.jobs.history(None) == []
        assert not (await storage.jobs.admit(new, anything)).repeated

    async def test_who_has_patience_outlasts_who_has_none(
        self, storage: Storage, data: Path
    ) -> None:
        async with lock_held_elsewhere(data / "easel.db"):
            hasty = asyncio.ensure_future(storage.database.write(count_jobs, patience=0.05))
            patient = asyncio.ensure_future(storage.database.write(count_jobs, patience=30.0))
            with pytest.raises(BusyError):
                await hasty
            assert not patient.done()
        assert await patient == 0

    async def test_a_piece_that_waited_too_long_for_its_turn_never_starts(
        self, storage: Storage
    ) -> None:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def slow(_connection: Any) -> None:
            entered.set()
            await leave.wait()

        first = asyncio.ensure_future(storage.database.change_schema(slow))
        await entered.wait()
        ran: list[int] = []
        with pytest.raises(BusyError):
            await storage.database.write(lambda tx: ran.append(1), patience=0.05)
        leave.set()
        await first
        assert await storage.database.write(count_jobs) == 0
        assert ran == []

    @pytest.mark.skipif(sqlite.journal_mode() == "wal", reason="no commit waits for readers there")
    async def test_a_commit_that_readers_hold_up_is_taken_back(
        self, storage: Storage, data: Path
    ) -> None:
        def insert(tx: sa.Connection) -> None:
            tx.exec_driver_sql("CREATE TABLE half_done (x)")

        with closing(sqlite3.connect(data / "easel.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM jobs").fetchall()
            with pytest.raises(BusyError):
                await storage.database.write(insert, patience=0.1)
        await storage.jobs.admit(new_job(), anything)
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await storage.database.read(lambda tx: tx.exec_driver_sql("SELECT * FROM half_done"))


class TestSharedCommits:
    async def test_a_refused_piece_does_its_neighbours_no_harm(self, storage: Storage) -> None:
        good, twin = new_job(), new_job()
        twin = new_job(id=good.id)
        answers = await asyncio.gather(
            storage.jobs.admit(good, anything),
            storage.jobs.admit(new_job(), AtMost(0)),
            storage.jobs.admit(twin, anything),
            storage.jobs.admit(new_job(), anything),
            return_exceptions=True,
        )
        kinds = [type(answer).__name__ for answer in answers]
        assert kinds == ["Admission", "QueueFullError", "IntegrityError", "Admission"]
        assert len(await storage.jobs.history(None)) == 2
        assert await storage.jobs.drift() == []

    async def test_many_pieces_are_synced_together(self, storage: Storage) -> None:
        commits: list[int] = []

        @event.listens_for(storage.database._writer.engine.sync_engine, "commit")
        def note(_connection: Any) -> None:
            commits.append(1)

        await asyncio.gather(*(storage.jobs.admit(new_job(), anything) for _ in range(50)))
        assert len(commits) < 5

    async def test_a_full_disk_fails_all_that_shared_it_and_nothing_is_half_done(
        self, storage: Storage
    ) -> None:
        def fill(tx: sa.Connection) -> None:
            pages = pragma(tx, "page_count")
            pragma(tx, f"max_page_count = {pages}")

        await storage.database.write(fill)
        big = [new_job(interaction_id=f"{n}" + "x" * 30000) for n in range(4)]
        answers = await asyncio.gather(
            *(storage.jobs.admit(new, anything) for new in big), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [DiskFullError] * 4
        assert await storage.jobs.history(None) == []
        await storage.database.write(lambda tx: pragma(tx, "max_page_count = 100000"))
        await storage.jobs.admit(big[0], anything)
        assert await storage.jobs.drift() == []

    async def test_two_processes_keep_one_limit(self, data: Path) -> None:
        async with open_storage(data) as one, open_storage(data) as two:
            stores = [one.jobs, two.jobs] * 25
            check = AtMost(10)
            answers = await asyncio.gather(
                *(store.admit(new_job(), check) for store in stores), return_exceptions=True
            )
            kinds = Counter(type(answer) for answer in answers)
            assert kinds[QueueFullError] == 40
            assert len(await one.jobs.waiting()) == 10


class TestCancelledCallers:
    async def test_a_transaction_is_whole_wherever_its_caller_was_cancelled(
        self, storage: Storage
    ) -> None:
        jobs = [new_job() for _ in range(40)]
        for turns, new in enumerate(jobs):
            task = asyncio.ensure_future(storage.jobs.admit(new, anything))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        after = await storage.jobs.admit(new_job(), anything)
        assert await storage.jobs.drift() == []
        kept = {job.id for job in await storage.jobs.history(None, limit=100)}
        assert after.job.id in kept
        assert kept == {line.job_id for line in await storage.jobs.ledger()}

    async def test_closing_waits_for_what_is_being_written(self, data: Path) -> None:
        new = new_job()
        async with open_storage(data) as storage:
            task = asyncio.ensure_future(storage.jobs.admit(new, anything))
            await asyncio.sleep(0)
        assert (await task).job.id == new.id


class TestUrls:
    def test_without_one_it_is_a_file_in_the_data_folder(self) -> None:
        url = database_url("", Path("/data/with space?#%"))
        assert url.database == "/data/with space?#%/easel.db"

    @pytest.mark.parametrize("text", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
    def test_what_cannot_be_used_is_refused(self, text: str) -> None:
        with pytest.raises(SettingsError, match="EASEL_DATABASE_URL"):
            database_url(text, Path("data"))

    def test_drivers_are_filled_in(self) -> None:
        assert database_url("sqlite:////tmp/x.db", Path("d")).drivername == "sqlite+aiosqlite"
        assert database_url("postgresql://h/x", Path("d")).drivername == "postgresql+asyncpg"

    async def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "easel.db").write_bytes(b"not a database at all" * 100)
        with pytest.raises(SettingsError, match="not a database"):
            await Database.open(database_url("", tmp_path))

    async def test_a_server_that_does_not_answer_is_named(self, tmp_path: Path) -> None:
        pytest.importorskip("asyncpg", reason="the driver is an extra")
        with pytest.raises(SettingsError, match="does not answer"):
            await Database.open(database_url("postgresql://127.0.0.1:9/easel", tmp_path))


async def test_pictures_come_back_in_order_whatever_order_they_came_in(storage: Storage) -> None:
    new = new_job()
    await storage.jobs.admit(new, anything)
    await storage.jobs.claim(new.id, by="me", now=1.0, lease_until=2.0)
    backwards = pictures(new.id)[::-1]
    await storage.jobs.finish(new.id, 1, images=backwards, grid="g", gpu_ms=1, now=2.0)
    assert [picture.number for picture in await storage.jobs.images(new.id)] == [1, 2, 3, 4]
