"""A picture is posted as it was made where its place takes it, and as a smaller copy elsewhere."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from bot.messenger import MOST_LIMITS, REQUEST_BYTES, Messenger
from bot.options import Options
from core.jobs import Outcome, Place
from generation.shrink import shrink
from tests.bot.messenger import MIB
from tests.bot.world import World

ANY = 10**12


@dataclass
class Servers:
    """As much of a client as a messenger asks about its servers."""

    limits: dict[int, int] = field(default_factory=dict)

    def get_guild(self, id: int) -> Any:
        limit = self.limits.get(id)
        return SimpleNamespace(filesize_limit=limit) if limit is not None else None


def messenger(**limits: int) -> Messenger:
    servers = Servers({int(name.removeprefix("s")): limit for name, limit in limits.items()})
    return Messenger(servers)  # type: ignore[arg-type]


def pressed(channel_id: int | None, limit: int) -> Any:
    return SimpleNamespace(channel_id=channel_id, filesize_limit=limit)


def test_a_boosted_server_takes_more_and_no_request_takes_all() -> None:
    post = messenger(s1=10 * MIB, s2=20 * MIB, s3=100 * MIB)
    limits = [post.upload_limit(Place(server_id=id, channel_id=7), ANY) for id in (1, 2, 3)]
    assert limits == [10 * MIB, 20 * MIB, REQUEST_BYTES]
    assert REQUEST_BYTES < 25 * MIB


def test_the_operators_own_limit_holds_everywhere() -> None:
    place = Place(server_id=2, channel_id=7)
    assert messenger(s2=50 * MIB).upload_limit(place, 3 * MIB) == 3 * MIB


def test_where_the_bot_is_no_member_the_last_interaction_told_the_limit() -> None:
    post, place = messenger(), Place(server_id=5, channel_id=7)
    assert post.upload_limit(place, ANY) == 10 * MIB
    post.learn(pressed(7, 20 * MIB))
    assert post.upload_limit(place, ANY) == 20 * MIB
    post.learn(pressed(7, 15 * MIB))
    assert post.upload_limit(place, ANY) == 15 * MIB
    assert post.upload_limit(Place(channel_id=8), ANY) == 10 * MIB


def test_a_server_that_is_known_is_believed_before_an_interaction() -> None:
    post = messenger(s1=10 * MIB)
    post.learn(pressed(7, 25 * MIB))
    assert post.upload_limit(Place(server_id=1, channel_id=7), ANY) == 10 * MIB


def test_only_so_many_channels_are_remembered() -> None:
    post = messenger()
    for channel_id in range(1, MOST_LIMITS + 1):
        post.learn(pressed(channel_id, 15 * MIB))
    post.learn(pressed(1, 16 * MIB))
    post.learn(pressed(MOST_LIMITS + 1, 17 * MIB))
    kept = [post.upload_limit(Place(channel_id=id), ANY) for id in (1, 2, MOST_LIMITS + 1)]
    assert kept == [16 * MIB, 10 * MIB, 17 * MIB]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """With what makes copies, in a thread: SimCord cannot wait for a program."""

    def copied(path: Path, limit: int) -> tuple[Path, bool] | None:
        with Image.open(path) as picture:
            smaller = shrink(picture.convert("RGB"), limit, size=path.stat().st_size)
        if smaller is None:
            return None
        target = tmp_path / f"small{smaller.suffix}"
        target.write_bytes(smaller.data)
        return target, smaller.lossless

    async def copy(path: Path, limit: int) -> tuple[Path, bool] | None:
        return await asyncio.to_thread(copied, path, limit)

    world = World(tmp_path)
    world.options = Options(shrink=copy)
    return world


def shown(easel: World) -> tuple[str, bytes]:
    """The name and the bytes of the one file of the last message."""
    (file,) = easel.last().attachments
    data = easel.env.backend.cdn.get(file.url)
    assert data is not None
    return file.filename, data


async def test_a_grid_over_the_limit_is_shown_as_a_jpeg_and_kept_as_it_is(easel: World) -> None:
    await easel.imagine()
    job = await easel.finish(bytes_=15 * MIB)
    assert job.outcome is Outcome.EDITED_BY_TOKEN
    name, data = shown(easel)
    assert name == f"{job.id}.jpg"
    with (
        Image.open(io.BytesIO(data)) as copy,
        Image.open(await easel.blobs.local(job.grid)) as kept,
    ):
        assert (copy.format, copy.size) == ("JPEG", kept.size)
    assert "Shown as a JPEG, as files here may have 10 MiB" in easel.last().content
    assert (await easel.blobs.local(job.grid)).stat().st_size > 15 * MIB


async def test_a_grid_a_little_over_the_limit_loses_nothing(easel: World) -> None:
    await easel.imagine()
    job = await easel.finish(bytes_=10 * MIB)
    name, data = shown(easel)
    assert name == f"{job.id}.webp"
    with (
        Image.open(io.BytesIO(data)) as copy,
        Image.open(await easel.blobs.local(job.grid)) as kept,
    ):
        assert copy.convert("RGB").tobytes() == kept.convert("RGB").tobytes()
    assert "Shown as" not in easel.last().content


async def test_what_discord_refuses_all_the_same_is_made_smaller(easel: World) -> None:
    await easel.imagine()
    job = await easel.start()
    easel.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=413, code=40005)
    job = await easel.finish(job)
    assert job.outcome is Outcome.EDITED_BY_TOKEN
    assert shown(easel)[0].startswith(job.id)
