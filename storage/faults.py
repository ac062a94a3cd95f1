"""What an error of the database means to people."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import BusyError, DiskFullError, EaselError

LITTLE_SPACE = 2**20
"""Bytes; with less than this free, a write that failed is taken to have failed for it."""


def meaning(error: Exception, file: Path | None) -> EaselError | None:
    """The error for people that this one stands for, or None where it is a fault of ours.

    `file` is the SQLite database, None on a server.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, file)
    if isinstance(cause, PoolTimeoutError):
        return BusyError()
    if isinstance(cause, OSError):
        return DiskFullError() if cause.errno == errno.ENOSPC else BusyError()
    if isinstance(error, DBAPIError):
        return _of_server(error)
    return None


def _of_sqlite(error: sqlite3.Error, file: Path | None) -> EaselError | None:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return BusyError()
        case sqlite3.SQLITE_FULL:
            return DiskFullError()
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if _is_full(file):
            # A full disk also shows as a failed sync, or as a journal that cannot be made.
            return DiskFullError()
        case _:
            return None


def _is_full(file: Path | None) -> bool:
    try:
        return file is not None and shutil.disk_usage(file.parent).free < LITTLE_SPACE
    except OSError:
        return False


def _of_server(error: DBAPIError) -> EaselError | None:
    """By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html."""
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code == "53100":
        return DiskFullError()
    if error.connection_invalidated or code[:2] in ("08", "40", "53", "55", "57"):
        return BusyError()
    return None
