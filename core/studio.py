"""The use cases, once, for Discord, the web and the shell alike."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from core.actions import Action, Button
from core.clock import Clock
from core.compose import Limits, compose
from core.errors import (
    BannedError,
    NotYoursError,
    Problem,
    PromptError,
    QueueFullError,
    RefusedError,
)
from core.jobs import Actor, Image, Job, NewJob, Parent, Place, State
from core.models import Catalogue
from core.ports import Blobs, JobStore, Usage
from core.prompt import parse
from core.queue import Queue, Standing
from core.quota import Admit, Ask, decide
from core.request import MAX_SEED, Kind, Lane, Request, Source, Visibility
from core.sentences import say

START_STRENGTH = 0.75
"""How far a picture given with the prompt may be changed (image-to-image strength, 0..1)."""

DOUBLE_CLICK_SECONDS = 2.0
"""The same press by the same person within this time is one press."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an admitted request. `repeated`: it had been admitted before. `relaxed`: it is
    made in the relaxed lane, though another was asked for."""

    job: Job
    standing: Standing
    repeated: bool = False
    relaxed: bool = False


class Studio:
    """Admits, derives and cancels jobs; says where they stand.

    `moved` is called after every change that somebody may be waiting for. Every method raises
    errors of `core.errors` only, and then nothing was done and nothing charged.
    """

    def __init__(
        self,
        store: JobStore,
        blobs: Blobs,
        catalogue: Catalogue,
        *,
        limits: Limits,
        queue: Queue,
        clock: Clock,
        rng: random.Random,
        moved: Callable[[str], None],
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.catalogue = catalogue
        self.queue = queue
        self._limits = limits
        self._clock = clock
        self._rng = rng
        self._moved = moved
        self._pressed: dict[tuple[int, str], tuple[float, str]] = {}
        self._pressing: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    def read(self, line: str, *, model: str | None = None, with_picture: bool = False) -> Request:
        """What a line would make; nothing is admitted. Raises PromptError."""
        prompt = parse(line, text_needed=not with_picture)
        return compose(prompt, self.catalogue, self._limits, self._rng, model=model, typed=line)

    async def imagine(
        self,
        line: str,
        *,
        interaction_id: str,
        actor: Actor,
        place: Place,
        model: str | None = None,
        picture: bytes | None = None,
    ) -> Receipt:
        """Admits a typed prompt, with a picture to start from if one was given."""
        request = self.read(line, model=model, with_picture=picture is not None)
        if picture is not None:
            blob = await self.blobs.put(picture, picture_suffix(picture))
            request = replace(request, source=Source(blob, START_STRENGTH))
        return await self._admit(request, interaction_id, actor, place)

    async def press(
        self, button: Button, *, interaction_id: str, actor: Actor, place: Place
    ) -> Receipt:
        """Admits the job a button stands for. Anyone who may see the picture may press."""
        key = (actor.owner.id, button.custom_id)
        # The second click of two may come while the first is still being admitted.
        async with self._pressing.setdefault(key, asyncio.Lock()):
            return await self._press(key, button, interaction_id, actor, place)

    async def _press(
        self,
        key: tuple[int, str],
        button: Button,
        interaction_id: str,
        actor: Actor,
        place: Place,
    ) -> Receipt:
        now = self._clock.now()
        before = self._pressed.get(key)
        if before is not None and now - before[0] < DOUBLE_CLICK_SECONDS:
            return replace(await self.receipt(before[1]), repeated=True)
        job = await self.store.get(button.job_id)
        self._may_see(job, actor)
        parent = Parent(job.id, button.index)
        images: tuple[Image, ...] = ()
        if button.action.on_one_picture:
            image = await self.store.image(job.id, button.index)
            if button.action is Action.VARY:
                request = job.request.variation(image.blob, self._seed())
            else:
                request = job.request.upscale(image.blob, image.number - 1)
                images = (image,)
        elif button.action is Action.REROLL and job.request.kind is Kind.UPSCALE:
            raise RefusedError(say("That is one picture of a grid; re-roll the grid instead."))
        elif button.action is Action.REROLL:
            request = job.request.reroll(self._seed())
        else:
            raise RefusedError(say("That button makes no picture."))
        receipt = await self._admit(request, interaction_id, actor, place, parent, images)
        recent = {k: v for k, v in self._pressed.items() if now - v[0] < DOUBLE_CLICK_SECONDS}
        self._pressed = {**recent, key: (now, receipt.job.id)}
        return receipt

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Stops a job: at once while it waits, at its next step while it runs. What was not
        computed is refunded. Raises NotYoursError; who moderates or administers a server may stop
        that server's jobs."""
        if await self.store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        job = await self.store.get(job_id)
        here = actor.server_id == job.place.server_id
        in_charge = here and (actor.moderates or actor.administers)
        if job.owner.id != actor.owner.id and not in_charge and not actor.operator:
            raise NotYoursError
        job = await self.store.cancel(job_id, self._clock.now())
        self.queue.saw(job)
        self._moved(job_id)
        return job

    async def own_jobs(self, actor: Actor) -> list[Receipt]:
        """What the actor has running or waiting, in the order it will be done."""
        jobs = await self.store.open_jobs(actor.owner.id)
        receipts = [await self.receipt(job.id) for job in jobs]
        return sorted(receipts, key=lambda receipt: receipt.standing.place)

    async def receipt(self, job_id: str) -> Receipt:
        """Where a job stands now."""
        job = await self.store.get(job_id)
        standing = Standing(0, 0.0)
        if job.state is State.QUEUED:
            standing = await self.queue.standing(job)
        return Receipt(job, standing)

    async def _admit(
        self,
        request: Request,
        interaction_id: str,
        actor: Actor,
        place: Place,
        parent: Parent | None = None,
        images: tuple[Image, ...] = (),
    ) -> Receipt:
        job_id = f"{self._rng.getrandbits(80):020x}"
        free = bool(images)
        reserve_ms = 0 if free else await self.queue.estimate_ms(request)
        now = self._clock.now()
        ask = Ask(request, reserve_ms, free=free)
        admission = await self.store.admit(
            NewJob(
                id=job_id,
                interaction_id=interaction_id,
                owner=actor.owner,
                place=place,
                request=request,
                reserve_ms=reserve_ms,
                created_at=now,
                parent=parent,
                images=tuple(replace(image, job_id=job_id, number=1) for image in images),
                role_ids=actor.role_ids,
                budget_channel_id=actor.channel_id,
            ),
            lambda usage: self._check(ask, usage, now),
        )
        self.queue.saw(admission.job)
        self._moved(admission.job.id)
        standing = Standing(0, 0.0)
        if admission.job.state is State.QUEUED:
            standing = await self.queue.standing(admission.job)
        lane = admission.job.request.lane
        relaxed = lane is Lane.RELAX and lane is not request.lane
        return Receipt(admission.job, standing, admission.repeated, relaxed)

    def _check(self, ask: Ask, usage: Usage, now: float) -> Admit:
        limit = self._limits.max_waiting_per_member
        # A stored picture costs nothing to show, and never waits.
        if usage.waiting + usage.running >= limit and not ask.free:
            raise QueueFullError(
                say(
                    "You have {count} jobs waiting or running and the limit here is {limit}. Wait "
                    "for one to finish, or cancel one.",
                    count=usage.waiting + usage.running,
                    limit=limit,
                )
            )
        return decide(ask, usage.rules, usage.spent, usage.waiting_here, now)

    @staticmethod
    def _may_see(job: Job, actor: Actor) -> None:
        if job.request.visibility is Visibility.STEALTH and job.owner.id != actor.owner.id:
            raise NotYoursError(say("That picture is private to the person who made it."))

    def _seed(self) -> int:
        return self._rng.randint(0, MAX_SEED)


def picture_suffix(data: bytes) -> str:
    """The file suffix for a picture's real format, by its first bytes.

    PNG, JPEG and WebP are taken. Raises PromptError for anything else.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    raise PromptError(
        (
            Problem(
                say("That file is not a picture Easel can read."), say("Send a PNG, JPEG or WebP.")
            ),
        )
    )
