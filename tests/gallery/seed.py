"""A gallery to look at: people on several servers who drew about 120 pictures in three weeks.

    python -m tests.gallery.seed FOLDER [--jobs 60] [--small]

The pictures are drawn by the rules that the embedded model learnt from, in a moment and without it,
and go through the store as jobs do: admitted, claimed, finished. The same numbers make the same
gallery. `--small`: all of the embedded model's size, as in a gallery that has no other model.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.allowance import House
from core.collections import Collection
from core.compose import Limits, compose
from core.edits import VARY_STRONG
from core.jobs import Image, Job, NewJob, Owner, Parent, Place
from core.models import Catalogue
from core.ports import Usage
from core.prompt import parse
from core.request import Request, Visibility
from core.themes import Phase, Theme
from core.works import Showing, work_id
from generation.images import encode_png
from generation.postcard.draw import draw
from generation.postcard.wording import asking_caption
from generation.postcard.world import Scene, fresh_scenes
from generation.provenance import chunks
from storage.opening import Storage, open_storage
from tests.builders import NOON

HARBOUR, NORTH, ATTIC = 10, 11, 12
"""Servers: one shows its pictures to everyone, one to its members, one to nobody."""

SERVERS: Mapping[int, tuple[str, Showing]] = {
    HARBOUR: ("Harbour", Showing.PUBLIC),
    NORTH: ("Studio North", Showing.SERVER),
    ATTIC: ("The Attic", Showing.PRIVATE),
}

ADA = Owner(101, "ada")
BO = Owner(102, "Bo Lindqvist")
CHEN = Owner(103, "陈小雨")
DORA = Owner(104, "dora.draws")
EMIL = Owner(105, "Emil")
PEOPLE = (ADA, BO, CHEN, DORA, EMIL)

MEMBERS: Mapping[int, tuple[Owner, ...]] = {
    HARBOUR: PEOPLE,
    NORTH: (ADA, BO, DORA),
    ATTIC: (ADA, EMIL),
}

CATALOGUE = Catalogue.parse("[postcard]\n[poster]\nsource = 'poster'\nnative_size = 640")
_SHAPES = ("", "", "", "--ar 3:2", "--ar 2:3", "--ar 16:9", "--ar 9:16", "--ar 4:5", "--ar 21:9")
_EXTRAS = ("", "", "", "--seed 7", "--chaos 20", "--no people", "--stylize 250", "--cfg 5")
WEEKS = 3
HOUR = 3600.0


@dataclass(slots=True)
class Seeded:
    """`works` are ids in the order in which they were done; `by` names some of them for what is
    special about them: private, unlisted, age-rated, deleted, family (the middle of one)."""

    works: list[str] = field(default_factory=list[str])
    jobs: list[Job] = field(default_factory=list[Job])
    by: dict[str, str] = field(default_factory=dict[str, str])


class Painter:
    """Draws pictures and brings them into the store."""

    def __init__(self, storage: Storage, rng: random.Random) -> None:
        self.storage = storage
        self._rng = rng
        self._count = 0

    async def make(
        self,
        scene: Scene,
        request: Request,
        owner: Owner,
        place: Place,
        at: float,
        parent: Parent | None = None,
    ) -> Job:
        self._count += 1
        job_id = f"{self._count:020x}"
        new = NewJob(
            id=job_id,
            interaction_id=f"seeded {job_id}",
            owner=owner,
            place=place,
            request=request,
            reserve_ms=1000,
            created_at=at - 20,
            parent=parent,
        )
        store = self.storage.jobs
        await store.admit(new, _welcome)
        claimed = await store.claim(job_id, by="seed", now=at - 15, lease_until=at + 60)
        assert claimed is not None
        images = [await self._picture(scene, request, job_id, n) for n in range(request.count)]
        done = await store.finish(
            job_id, claimed.fence, images=images, grid=images[0].blob, gpu_ms=900, now=at
        )
        assert done is not None
        if place.channel_id:
            await store.shown_at(job_id, 9_000_000 + self._count)
        return done

    async def _picture(self, scene: Scene, request: Request, job_id: str, index: int) -> Image:
        one = replace(scene, seed=scene.seed + 977 * index)
        width, height = request.size
        picture = await asyncio.to_thread(draw, one, (width, height))
        data = encode_png(picture, chunks(request, index + 1))
        return Image(
            job_id=job_id,
            number=index + 1,
            blob=await self.storage.blobs.put(data, ".png"),
            width=width,
            height=height,
            seed=request.image_seed(index),
        )


def _welcome(usage: Usage) -> None:
    del usage


def _request(rng: random.Random, scene: Scene, *, small: bool) -> Request:
    line = asking_caption(scene, rng).text
    flags = [rng.choice(_SHAPES), rng.choice(_EXTRAS), f"--n {rng.choice((1, 1, 2, 4))}"]
    model = "postcard" if small or rng.random() < 0.25 else "poster"
    typed = " ".join(word for word in (line, *flags) if word)
    return compose(parse(typed), CATALOGUE, Limits(), rng, model=model, typed=typed)


async def seed(
    storage: Storage, *, jobs: int = 60, small: bool = False, now: float = NOON, number: int = 1
) -> Seeded:
    """About two pictures a job; the last is done a minute before `now`."""
    rng = random.Random(number)
    painter, seeded = Painter(storage, rng), Seeded()
    for server_id, (_, showing) in SERVERS.items():
        await storage.rules.change_house(
            server_id, lambda house, s=showing: _shown(house, s), by=ADA, now=now - 30 * 86400
        )
    scenes = fresh_scenes(jobs, number)
    times = sorted(now - 60 - WEEKS * 7 * 86400 * rng.random() ** 2 for _ in scenes)
    for index, (scene, at) in enumerate(zip(scenes, times, strict=True)):
        server_id = HARBOUR if index % 5 < 3 else (NORTH if index % 5 == 3 else ATTIC)
        owner = rng.choice(MEMBERS[server_id])
        place = Place(server_id=server_id, channel_id=server_id * 10 + index % 2)
        request = _request(rng, scene, small=small)
        done = await painter.make(scene, request, owner, place, at)
        _note(seeded, done)
        if index % 9 == 1:
            await _family(painter, seeded, scene, done, at)
    await _special(painter, seeded, rng, small=small, now=now)
    await _like(storage, seeded, rng, now)
    return seeded


async def _family(painter: Painter, seeded: Seeded, scene: Scene, first: Job, at: float) -> None:
    """Variations of a picture, and a variation of one of these."""
    job, middle = first, ""
    for step in (1, 2):
        source = (await painter.storage.jobs.images(job.id))[0]
        request = replace(
            job.request.variation(source.blob, 1000 + step, strength=VARY_STRONG), count=4
        )
        other = replace(scene, seed=scene.seed + step)
        parent = Parent(job.id, 1)
        place = first.place
        job = await painter.make(other, request, first.owner, place, at + step * 30, parent)
        _note(seeded, job)
        middle = middle or work_id(job.id, 1)
    seeded.by.setdefault("family", middle)


async def _special(
    painter: Painter, seeded: Seeded, rng: random.Random, *, small: bool, now: float
) -> None:
    """One of each kind that not everybody may see, all ada's."""
    scenes = iter(fresh_scenes(4, 77))
    harbour = Place(server_id=HARBOUR, channel_id=HARBOUR * 10)
    for name, place, visibility in (
        ("private", harbour, Visibility.STEALTH),
        ("unlisted", harbour, Visibility.PUBLIC),
        ("age-rated", replace(harbour, age_rated=True), Visibility.PUBLIC),
        ("deleted", harbour, Visibility.PUBLIC),
    ):
        scene = next(scenes)
        request = replace(_request(rng, scene, small=small), count=1, visibility=visibility)
        job = await painter.make(scene, request, ADA, place, now - 100 * HOUR)
        seeded.by[name] = work_id(job.id, 1)
        if name != "deleted":
            _note(seeded, job)
    await painter.storage.works.show(seeded.by["unlisted"], Showing.UNLISTED)
    await painter.storage.album.delete(seeded.by["deleted"].split("-")[0], now)


async def _like(storage: Storage, seeded: Seeded, rng: random.Random, now: float) -> None:
    """A few are liked by many, most by few."""
    for id in seeded.works:
        # The same picture is liked by as many, whatever else there is.
        luck = hashlib.sha256(f"likes of {id}".encode()).digest()[0] / 255
        crowd = int(24 * luck**4)
        job_id, _, picture = id.rpartition("-")
        for member in range(crowd):
            liker = PEOPLE[member].id if member < len(PEOPLE) else 5000 + member
            await storage.album.like(job_id, int(picture), liker, now - rng.random(), likes=True)


async def hang(storage: Storage, seeded: Seeded, now: float = NOON) -> None:
    """Themes that were decided, and collections of ada's."""
    public = [id for id in seeded.works if (await storage.works.get(id)).showing is Showing.PUBLIC]
    for at, words in enumerate(("ships in the fog", "small things, far away", "a warm night")):
        new = Theme(
            id=0,
            server_id=HARBOUR,
            channel_id=HARBOUR * 10,
            words=words,
            starts_at=now - (9 + 7 * at) * 86400,
            votes_from=now - (4 + 7 * at) * 86400,
            ends_at=now - (2 + 7 * at) * 86400,
        )
        theme = await storage.themes.start(new, by=BO, now=new.starts_at)
        for id in public[at::9][:7]:
            job_id, _, number = id.rpartition("-")
            await storage.themes.enter(theme.id, job_id, int(number), _anything, now=now)
        await storage.themes.turn(theme.id, Phase.VOTING)
        for member, place in enumerate((2, 2, 2, 4, 4, 1)):
            await storage.themes.vote(theme.id, place, 5000 + member, _anything)
        await storage.themes.turn(theme.id, Phase.OVER)
    for at, name in enumerate(("Lighthouses", "For the living room", "夜")):
        new_one = Collection(
            id=f"c011ec7{at}",
            owner=ADA,
            name=name,
            showing=Showing.PUBLIC if at == 0 else Showing.PRIVATE,
            created_at=now - at,
            changed_at=now - at,
        )
        made = await storage.collections.make(new_one)
        await storage.collections.put(made.id, public[at::7][:9], now - at)


def _anything(*given: object) -> None:
    del given


def _shown(house: House, showing: Showing) -> House:
    return replace(house, gallery=showing)


def _note(seeded: Seeded, job: Job) -> None:
    seeded.jobs.append(job)
    count = job.request.count
    seeded.works.extend(work_id(job.id, number + 1) for number in range(count))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Fills a data folder with a gallery to look at.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--small", action="store_true")
    chosen = parser.parse_args(arguments)

    async def fill() -> None:
        async with open_storage(chosen.folder) as storage:
            seeded = await seed(storage, jobs=chosen.jobs, small=chosen.small)
            await hang(storage, seeded)
        print(f"{len(seeded.works)} pictures in {chosen.folder}")

    asyncio.run(fill())


if __name__ == "__main__":
    main()
