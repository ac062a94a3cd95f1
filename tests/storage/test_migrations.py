"""From any older database to the newest, with a copy kept; never from a newer one."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.allowance import House
from core.errors import SettingsError
from core.jobs import NewJob
from core.preferences import Preferences
from core.request import Kind, Visibility
from core.works import Order, Query, Showing, Viewer
from storage import images, migrations, tables
from storage.database import Database, database_url
from storage.migrations import KEEP_BACKUPS, REVISIONS, migrate
from storage.opening import Storage, open_storage
from storage.rows import row_of
from storage.tables import metadata
from tests.storage.build import full_job, new_job, pictures, request


async def at_revision(data: Path, revision: str) -> None:
    """Makes a database as an older Easel left it."""
    database = await Database.open(database_url("", data))
    await database.write(lambda tx: migrations._upgrade(tx, revision))
    await database.close()


async def keep_old(data: Path, new: NewJob, *lines: tuple[str, int], made: int = 0) -> None:
    """Writes a job as the first Easel did, with the lines of its account."""
    database = await Database.open(database_url("", data))
    cost = sum(gpu_ms for _, gpu_ms in lines)
    ended = {"state": "done", "cost_ms": cost, "finished_at": 9.0} if len(lines) > 1 else {}

    def work(tx: sa.Connection) -> None:
        tx.execute(tables.jobs.insert().inline(), {**row_of(new), **ended})
        images.add(tx, new.id, pictures(new.id, made))
        of_all = {"job_id": new.id, "owner_id": new.owner.id, "server_id": new.place.server_id}
        for kind, gpu_ms in lines:
            line = {**of_all, "kind": kind, "gpu_ms": gpu_ms, "at": 9.0}
            tx.execute(tables.ledger.insert().inline(), line)

    await database.write(work)
    await database.close()


def revision_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return revision


def test_the_list_of_revisions_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    found = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in found)[::-1] == REVISIONS


async def test_the_migrated_schema_is_the_one_the_code_uses(storage: Storage) -> None:
    def differences(tx: sa.Connection) -> list[Any]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            # The index of terms is no table of SQLAlchemy's: each database has its own kind.
            "include_name": lambda name, _kind, _of: not str(name).startswith("works_index"),
        }
        return compare_metadata(MigrationContext.configure(tx, opts=options), metadata)

    assert await storage.database.read(differences) == []


async def test_a_fresh_folder_gets_the_newest_schema_and_no_backup(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "new" / "data") as storage:
        assert await storage.jobs.history(None) == []
    assert revision_of(tmp_path / "new" / "data" / "easel.db") == REVISIONS[-1]
    assert not (tmp_path / "new" / "data" / "backups").exists()


async def test_an_older_database_keeps_its_rows_and_a_copy_is_made_first(tmp_path: Path) -> None:
    await at_revision(tmp_path, "0001")
    new = full_job()
    await keep_old(tmp_path, new, ("reserve", 1000))

    async with open_storage(tmp_path) as storage:
        job = await storage.jobs.get(new.id)
        assert (job.request, job.owner, job.price) == (new.request, new.owner, 1)
        assert len(await storage.jobs.ledger()) == 1
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("easel-2") and copy.name.endswith("Z-from-0001.db")
    assert revision_of(copy) == "0001"
    assert revision_of(tmp_path / "easel.db") == REVISIONS[-1]
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT id FROM jobs").fetchall() == [(job.id,)]
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_an_older_ledger_goes_on_without_a_drift(tmp_path: Path) -> None:
    await at_revision(tmp_path, "0002")
    done, waiting = new_job(created_at=5.0), new_job(created_at=6.0)
    await keep_old(tmp_path, done, ("reserve", 1000), ("settle", -200), made=4)
    await keep_old(tmp_path, waiting, ("reserve", 1000))
    async with open_storage(tmp_path) as storage:
        lines = await storage.jobs.ledger(done.id)
        assert [(line.gpu_ms, line.charged_ms, line.pictures) for line in lines] == [
            (1000, 1000, 0),
            (-200, -200, 4),
        ]
        assert {(line.admitted_at, line.channel_id) for line in lines} == {(5.0, 70)}
        await storage.jobs.claim(waiting.id, by="me", now=9.0, lease_until=99.0)
        made = pictures(waiting.id)
        await storage.jobs.finish(waiting.id, 1, images=made, grid="g", gpu_ms=700, now=10.0)
        assert await storage.jobs.drift() == []
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            await storage.database.write(lambda tx: tx.execute(tables.ledger.delete()))


async def test_what_people_preferred_is_kept_when_settings_come_to_be(tmp_path: Path) -> None:
    await at_revision(tmp_path, "0007")
    with closing(sqlite3.connect(tmp_path / "easel.db")) as old:
        old.execute("INSERT INTO preferences VALUES (1, '--relax', '{\"film\": \"grainy\"}')")
        old.execute(
            "INSERT INTO servers (server_id, revision, time_zone, paused, drained, admin_role)"
            " VALUES (7, 1, 'UTC', 0, 0, 5)"
        )
        old.commit()
    async with open_storage(tmp_path) as storage:
        kept = await storage.wishes.of(1)
        assert kept == Preferences(options={"film": "grainy"}, suffix="--relax")
        assert (await storage.rules.rules(7)).house == House(admin_role=5)


async def test_pictures_that_were_there_before_are_found(tmp_path: Path) -> None:
    await at_revision(tmp_path, "0008")
    spent = (("reserve", 1000), ("settle", -200))
    plain = new_job(created_at=5.0)
    stealth = new_job(created_at=6.0, request=request(visibility=Visibility.STEALTH))
    picked = new_job(created_at=7.0, request=request(kind=Kind.UPSCALE))
    waiting = new_job(created_at=8.0)
    for new in (plain, stealth, picked):
        await keep_old(tmp_path, new, *spent, made=2)
    await keep_old(tmp_path, waiting, ("reserve", 1000))
    with closing(sqlite3.connect(tmp_path / "easel.db")) as old:
        old.execute("INSERT INTO likes VALUES (?, 2, 5, 1.0)", (plain.id,))
        old.commit()
    async with open_storage(tmp_path) as storage:
        member = Viewer(person_id=5, servers=frozenset({7}))
        query = Query(words="lighthouse", order=Order.TOP)
        page = await storage.works.find(query, member)
        assert [(work.id, work.likes) for work in page.works] == [
            (f"{plain.id}-2", 1),
            (f"{plain.id}-1", 0),
        ]
        assert (await storage.works.get(f"{stealth.id}-1")).showing is Showing.PRIVATE
        assert await storage.works.count(plain.owner.id) == 4


async def test_a_current_database_is_left_alone(data: Path) -> None:
    async with open_storage(data):
        pass
    assert not (data / "backups").exists()


async def test_only_the_last_copies_are_kept(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    names = [f"easel-2020010{day}T000000Z-from-0001.db" for day in range(1, 8)]
    for name in names:
        (backups / name).touch()
    await at_revision(tmp_path, "0001")
    async with open_storage(tmp_path):
        pass
    kept = sorted(file.name for file in backups.iterdir())
    assert len(kept) == KEEP_BACKUPS
    assert kept[:-1] == names[-KEEP_BACKUPS + 1 :]


async def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_revision(tmp_path, "0001")
    upgrade = migrations._upgrade

    def fail_late(tx: sa.Connection, to: str = "head") -> None:
        upgrade(tx, to)
        raise RuntimeError("a bug in a migration")

    monkeypatch.setattr(migrations, "_upgrade", fail_late)
    with pytest.raises(RuntimeError):
        async with open_storage(tmp_path):
            pass
    assert revision_of(tmp_path / "easel.db") == "0001"


async def test_a_newer_database_is_refused_in_one_sentence(data: Path) -> None:
    with closing(sqlite3.connect(data / "easel.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(SettingsError, match=r"newer Easel .*9999.*data/backups") as refusal:
        async with open_storage(data):
            pass
    assert refusal.value.sentence.count(". ") == 0
    assert revision_of(data / "easel.db") == "9999"


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "easel.db")) as other:
        other.execute("CREATE TABLE jobs (id INTEGER)")
    with pytest.raises(SettingsError, match="another program"):
        async with open_storage(tmp_path):
            pass


async def test_two_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    await at_revision(tmp_path, "0001")
    databases = [await Database.open(database_url("", tmp_path)) for _ in range(2)]
    await asyncio.gather(*(migrate(database, tmp_path / "backups") for database in databases))
    for database in databases:
        await database.close()
    assert revision_of(tmp_path / "easel.db") == REVISIONS[-1]
    assert len(list((tmp_path / "backups").iterdir())) == 1


async def test_logging_is_left_as_it_was(tmp_path: Path) -> None:
    mine = logging.getLogger("mine.before")
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("alembic").level)
    async with open_storage(tmp_path):
        pass
    assert (root.level, list(root.handlers), logging.getLogger("alembic").level) == before
    assert not mine.disabled


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(data: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from storage.opening import open_storage\n"
        "async def main():\n"
        "    async with open_storage(pathlib.Path(sys.argv[1])): pass\n"
        "asyncio.run(main())\n"
        "sys.exit(any(name in sys.modules for name in ('alembic', 'mako', 'torch', 'discord')))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(data)], check=True)
