"""What is done with finished pictures, in an SQL database; see `core.album.Album`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from core.errors import EaselError, JobNotFoundError
from core.jobs import Image, Job, State
from storage import images as image_rows
from storage.blobs import LocalBlobs
from storage.database import Database
from storage.keys import unnamed
from storage.rows import job_of
from storage.tables import images, jobs, likes

log = logging.getLogger(__name__)

_OPEN = [State.QUEUED.value, State.RUNNING.value]


class SqlAlbum:
    def __init__(
        self, database: Database, blobs: LocalBlobs, *, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is the time that files bear."""
        self._database = database
        self._blobs = blobs
        self._now = now

    async def children(self, job_ids: Sequence[str], *, limit: int = 100) -> Sequence[Job]:
        query = (
            sa.select(jobs)
            .where(jobs.c.parent_id.in_(job_ids))
            .order_by(jobs.c.created_at, jobs.c.id)
            .limit(limit)
        )
        return await self._database.read(lambda tx: [job_of(row) for row in tx.execute(query)])

    async def delete(self, job_id: str, now: float) -> Job:
        job, keys = await self._database.write(lambda tx: _delete(tx, job_id, now))
        await self._try_to_shred(keys)
        return job

    async def clear(self, owner_id: int, now: float, *, limit: int = 100) -> Sequence[Job]:
        gone = await self._database.write(lambda tx: _clear(tx, owner_id, now, limit))
        await self._try_to_shred([key for _, keys in gone for key in keys])
        return [job for job, _ in gone]

    async def like(
        self, job_id: str, number: int, member_id: int, now: float, *, likes: bool
    ) -> int:
        return await self._database.write(
            lambda tx: _like(tx, job_id, number, member_id, now, likes)
        )

    async def likes(self, job_id: str, number: int, member_id: int) -> bool:
        query = sa.select(likes.c.at).where(
            likes.c.job_id == job_id, likes.c.number == number, likes.c.member_id == member_id
        )
        return await self._database.read(lambda tx: tx.execute(query).first() is not None)

    async def liked(self, member_id: int, *, limit: int = 100) -> Sequence[Image]:
        query = (
            sa.select(images)
            .join(
                likes, sa.and_(likes.c.job_id == images.c.job_id, likes.c.number == images.c.number)
            )
            .where(likes.c.member_id == member_id)
            .order_by(likes.c.at.desc(), images.c.job_id, images.c.number)
            .limit(limit)
        )
        return await self._database.read(
            lambda tx: [image_rows.image_of(row) for row in tx.execute(query)]
        )

    async def _try_to_shred(self, keys: Sequence[str]) -> None:
        try:
            await self._shred(keys)
        except (EaselError, OSError) as error:
            # The sweep of unnamed files gets them another day.
            log.warning("%d files of deleted pictures were left: %s", len(keys), error)

    async def _shred(self, keys: Sequence[str]) -> None:
        """Deletes those that nothing names any more, unless they are put again meanwhile."""
        began = self._now()
        for key in sorted(await unnamed(self._database, keys)):
            await self._blobs.remove(key, began)


def _delete(tx: sa.Connection, job_id: str, now: float) -> tuple[Job, Sequence[str]]:
    """The job as it is then, and the keys of what it showed. Raises JobNotFoundError."""
    this = jobs.c.id == job_id
    row = tx.execute(sa.select(jobs).where(this).with_for_update()).one_or_none()
    if row is None:
        raise JobNotFoundError
    if row.state in _OPEN or row.deleted_at is not None:
        return job_of(row), ()
    keys = [image.blob for image in image_rows.of_job(tx, job_id)]
    keys += [row.grid] if row.grid else []
    tx.execute(likes.delete().where(likes.c.job_id == job_id))
    tx.execute(images.delete().where(images.c.job_id == job_id))
    # What is gone is not owed to anybody.
    delivered = sa.func.coalesce(jobs.c.delivered_at, now)
    change = jobs.update().where(this).values(deleted_at=now, grid="", delivered_at=delivered)
    return job_of(tx.execute(change.returning(jobs)).one()), keys


def _clear(
    tx: sa.Connection, owner_id: int, now: float, limit: int
) -> list[tuple[Job, Sequence[str]]]:
    """Each job as it is then, and the keys of what it showed."""
    query = (
        sa.select(jobs.c.id)
        .where(
            jobs.c.owner_id == owner_id,
            jobs.c.deleted_at.is_(None),
            sa.exists().where(images.c.job_id == jobs.c.id),
        )
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(limit)
    )
    return [_delete(tx, id, now) for id in tx.execute(query).scalars().all()]


def _like(
    tx: sa.Connection, job_id: str, number: int, member_id: int, now: float, wanted: bool
) -> int:
    image_rows.one(tx, job_id, number)
    picture = sa.and_(likes.c.job_id == job_id, likes.c.number == number)
    mine = sa.and_(picture, likes.c.member_id == member_id)
    there = tx.execute(sa.select(likes.c.at).where(mine)).first() is not None
    if there and not wanted:
        tx.execute(likes.delete().where(mine))
    if wanted and not there:
        values = {"job_id": job_id, "number": number, "member_id": member_id, "at": now}
        tx.execute(likes.insert().inline(), values)
    return tx.execute(sa.select(sa.func.count()).select_from(likes).where(picture)).scalar_one()
