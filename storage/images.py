"""The rows of finished pictures. Their bytes are blobs, stored before the row that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.errors import ImageNotFoundError
from core.jobs import Image
from storage.tables import images


def add(tx: sa.Connection, job_id: str, pictures: Sequence[Image]) -> None:
    """Inserts the pictures as those of `job_id`."""
    if pictures:
        tx.execute(
            images.insert(),
            [
                {
                    "job_id": job_id,
                    "number": picture.number,
                    "blob": picture.blob,
                    "width": picture.width,
                    "height": picture.height,
                    "seed": picture.seed,
                }
                for picture in pictures
            ],
        )


def of_job(tx: sa.Connection, job_id: str) -> Sequence[Image]:
    """A job's pictures by number; none for a job that made none."""
    query = sa.select(images).where(images.c.job_id == job_id).order_by(images.c.number)
    return [image_of(row) for row in tx.execute(query)]


def one(tx: sa.Connection, job_id: str, number: int) -> Image:
    """Raises ImageNotFoundError."""
    query = sa.select(images).where(images.c.job_id == job_id, images.c.number == number)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise ImageNotFoundError
    return image_of(row)


def image_of(row: sa.Row[Any]) -> Image:
    """The picture a row stands for."""
    return Image(
        job_id=row.job_id,
        number=row.number,
        blob=row.blob,
        width=row.width,
        height=row.height,
        seed=row.seed,
    )
