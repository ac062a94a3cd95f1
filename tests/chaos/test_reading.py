"""Who looks into the database of a program that was killed."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.reading import rows


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """A database as `kill -9` leaves it in the middle of a transaction."""
    living, torn = tmp_path / "living.db", tmp_path / "torn.db"
    with closing(sqlite3.connect(living, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("CREATE TABLE said (what TEXT)")
        writer.execute("INSERT INTO said VALUES ('all of it')")
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany("INSERT INTO said VALUES (?)", [["half" * 999]] * 50)
        shutil.copyfile(living, torn)
        shutil.copyfile(f"{living}-journal", f"{torn}-journal")
    return torn


def test_what_was_half_done_is_left_to_its_owner_and_waited_for(torn: Path) -> None:
    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(rows, torn, "SELECT what FROM said")
        with pytest.raises(TimeoutError):
            looking.result(timeout=0.3)

        with closing(sqlite3.connect(torn)) as owner:
            owner.execute("SELECT * FROM said").fetchall()

        assert looking.result(timeout=10) == [{"what": "all of it"}]


def test_a_mistake_in_the_query_is_not_waited_for(torn: Path) -> None:
    with closing(sqlite3.connect(torn)) as owner:
        owner.execute("SELECT * FROM said").fetchall()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        rows(torn, "SELECT * FROM silence")
