"""The use cases, once, for Discord, the web and the shell alike."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakValueDictionary

from core.actions import Action, Button
from core.clock import Clock
from core.compose import Limits, compose
from core.errors import (
    BannedError,
    NotYoursError,
    QueueFullError,
    QuotaError,
    RefusedError,
)
from core.forms import Form
from core.jobs import Actor, Image, Job, NewJob, Parent, Place, State, in_set
from core.merge import Replaced
from core.models import Catalogue
from core.orders import Order, Orders, check_room, over_all
from core.pictures import Pictures
from core.ports import Admission, Blobs, JobStore, Rulebook, Usage, Wishes
from core.presence import check_alone, check_in_time
from core.presses import Presses
from core.prompt import parse
from core.queue import Queue, Standing
from core.quota import Admit, Ask, allowance, decide
from core.request import MAX_SEED, Lane, Request
from core.sentences import say

DOUBLE_CLICK_SECONDS = 2.0
"""The same press by the same person within this time is one press."""


_Pressed = tuple[int, str, int]
"""Who pressed which button, with what filled in."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an admitted request. `repeated`: it had been admitted before. `relaxed`: it is
    made in the relaxed lane, though another was asked for. `replaced`: flags typed in a form that
    the server's took the place of."""

    job: Job
    standing: Standing
    repeated: bool = False
    relaxed: bool = False
    replaced: tuple[Replaced, ...] = ()


class _RehearsedError(RefusedError):
    """It would have been admitted."""


class Studio:
    """Admits, derives and cancels jobs; says where they stand.

    `moved` is called after every change that somebody may be waiting for. `book` and `wishes` hold
    what servers and members add to every line. Every method raises errors of `core.errors` only,
    and then nothing was done and nothing charged.
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
        pictures: Pictures,
        book: Rulebook,
        wishes: Wishes,
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.catalogue = catalogue
        self.queue = queue
        self.pictures = pictures
        self._limits = limits
        self._clock = clock
        self._rng = rng
        self._moved = moved
        self.orders = Orders(catalogue, limits, rng, book, wishes)
        self.presses = Presses(store, catalogue, self.orders, limits, self._seed)
        self._pressed: dict[_Pressed, tuple[float, str]] = {}
        self._pressing: WeakValueDictionary[_Pressed, asyncio.Lock] = WeakValueDictionary()

    def read(self, line: str, *, model: str | None = None, with_picture: bool = False) -> Request:
        """What a line would make; nothing is admitted. Raises PromptError."""
        prompt = parse(line, text_needed=not with_picture)
        return compose(
            prompt,
            self.catalogue,
            self._limits,
            self._rng,
            model=model,
            typed=line,
            picture=with_picture or bool(prompt.images) or "init" in prompt.flags,
        )

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
        """Admits a typed prompt, with a picture to start from if one was given. Raises
        RefusedError for a line that asks for several jobs: see `order` and `make`."""
        order = await self.order(line, actor=actor, model=model, with_picture=picture is not None)
        if len(order.requests) > 1:
            raise RefusedError(
                say(
                    "That makes {count} jobs. Here each is asked for alone: leave out the braces "
                    "and --repeat.",
                    count=len(order.requests),
                )
            )
        (receipt,) = await self.make(
            order, interaction_id=interaction_id, actor=actor, place=place, picture=picture
        )
        return receipt

    async def order(
        self, line: str, *, actor: Actor, model: str | None = None, with_picture: bool = False
    ) -> Order:
        """What the line asks for, with what the actor prefers and what their server adds; nothing
        is admitted. Raises PromptError, and RefusedError for more jobs than they may ask for."""
        customs = await self.orders.customs(actor)
        order = self.orders.read(line, customs, model=model, picture=with_picture)
        if actor.abroad:
            check_alone(len(order.requests))
        costs = [await self.queue.estimate_ms(request) for request in order.requests]
        return replace(order, cost_ms=sum(costs))

    async def make(
        self,
        order: Order,
        *,
        interaction_id: str,
        actor: Actor,
        place: Place,
        picture: bytes | None = None,
    ) -> Sequence[Receipt]:
        """Admits all that was ordered, or nothing of it. Only the first job can answer the
        interaction; the others are posted on their own. The same interaction again gives the jobs
        it made."""
        requests = order.requests
        if picture is not None or any(order.links):
            # Nothing is fetched or kept for somebody who is going to be refused.
            new = await self._new(requests[0], interaction_id, actor, place)
            await self._rehearse(new, len(requests))
            requests = await self._with_pictures(order, picture)
        if len(requests) == 1:
            return [await self._admit(requests[0], interaction_id, actor, place)]
        return await self._admit_set(requests, interaction_id, actor, place)

    async def keep_for(
        self, order: Order, picture: bytes, *, interaction_id: str, actor: Actor, place: Place
    ) -> str:
        """Stores the picture of an order that may be made later; returns its key. Raises what
        `make` would: nothing is kept for somebody who is going to be refused."""
        new = await self._new(order.requests[0], interaction_id, actor, place)
        await self._rehearse(new, len(order.requests))
        return await self.keep(picture)

    async def keep(self, picture: bytes) -> str:
        """Stores a picture that somebody gave; returns its key. Raises PictureError for what is no
        picture."""
        return await self.pictures.keep(picture)

    async def _with_pictures(self, order: Order, picture: bytes | None) -> tuple[Request, ...]:
        """The requests, with the pictures they start from in store."""
        keys: dict[str, str] = {}
        if picture is not None:
            keys[""] = await self.pictures.keep(picture)
        for link in filter(None, dict.fromkeys(order.links)):
            keys[link] = await self.pictures.keep_from(link)
        return tuple(
            replace(one, source=replace(one.source, blob=keys[link])) if one.source else one
            for one, link in zip(order.requests, order.links, strict=True)
        )

    async def _rehearse(self, new: NewJob, batch: int) -> None:
        """Raises what admitting would."""

        def check(usage: Usage) -> Admit:
            self._check(new, batch, usage)
            raise _RehearsedError

        with suppress(_RehearsedError):
            await self.store.admit(new, check)

    async def press(
        self,
        button: Button,
        *,
        interaction_id: str,
        actor: Actor,
        place: Place,
        form: Form | None = None,
    ) -> Receipt:
        """Admits the job a button stands for, with what was filled in. Anyone who may see the
        picture may press."""
        key = (actor.owner.id, button.custom_id, hash(form))
        # The second click of two may come while the first is still being admitted.
        async with self._pressing.setdefault(key, asyncio.Lock()):
            now = self._clock.now()
            before = self._pressed.get(key)
            if before is not None and now - before[0] < DOUBLE_CLICK_SECONDS:
                return replace(await self.receipt(before[1]), repeated=True)
            receipt = await self._press(button, form, interaction_id, actor, place)
            recent = {k: v for k, v in self._pressed.items() if now - v[0] < DOUBLE_CLICK_SECONDS}
            self._pressed = {**recent, key: (now, receipt.job.id)}
            return receipt

    async def _press(
        self, button: Button, form: Form | None, interaction_id: str, actor: Actor, place: Place
    ) -> Receipt:
        mask = form.mask if form is not None and button.action is Action.REGION else None
        press = await self.presses.read(button, actor, form, "" if mask is not None else None)
        if mask is not None:
            # Nothing is kept for somebody who is going to be refused.
            new = await self._new(press.request, interaction_id, actor, place, press.parent)
            await self._rehearse(new, 1)
            key = await self.pictures.keep(mask)
            edit = press.request.edit
            press = replace(
                press, request=replace(press.request, edit=edit and replace(edit, mask=key))
            )
        receipt = await self._admit(
            press.request, interaction_id, actor, place, press.parent, press.images
        )
        return replace(receipt, replaced=press.replaced)

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Stops a job: at once while it waits, at its next step while it runs. What was not
        computed is refunded. Raises NotYoursError; who moderates or administers a server may stop
        that server's jobs."""
        if await self.store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        job = await self.store.get(job_id)
        in_charge = actor.in_charge_at(job.place)
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
        new = await self._new(request, interaction_id, actor, place, parent, images)
        admission = await self.store.admit(new, partial(self._check, new, 1))
        return await self._admitted(request, admission)

    async def _new(
        self,
        request: Request,
        interaction_id: str,
        actor: Actor,
        place: Place,
        parent: Parent | None = None,
        images: tuple[Image, ...] = (),
    ) -> NewJob:
        job_id = self._new_id()
        return NewJob(
            id=job_id,
            interaction_id=interaction_id,
            owner=actor.owner,
            place=place,
            request=request,
            reserve_ms=0 if images else await self.queue.estimate_ms(request),
            created_at=self._clock.now(),
            parent=parent,
            images=tuple(replace(image, job_id=job_id, number=1) for image in images),
            role_ids=actor.role_ids,
            budget_channel_id=actor.channel_id,
        )

    async def _admit_set(
        self, requests: Sequence[Request], interaction_id: str, actor: Actor, place: Place
    ) -> Sequence[Receipt]:
        now, count = self._clock.now(), len(requests)
        # An interaction has one answer to edit.
        elsewhere = replace(place, token="", token_expires_at=0.0)
        ids = sorted(self._new_id() for _ in requests)  # so that they are made in their order
        news = [
            NewJob(
                id=job_id,
                interaction_id=in_set(interaction_id, number),
                owner=actor.owner,
                place=place if number == 1 else elsewhere,
                request=request,
                reserve_ms=await self.queue.estimate_ms(request),
                created_at=now,
                role_ids=actor.role_ids,
                budget_channel_id=actor.channel_id,
            )
            for number, (job_id, request) in enumerate(zip(ids, requests, strict=True), 1)
        ]
        left = range(count, 0, -1)
        checks = [partial(self._check, new, batch) for new, batch in zip(news, left, strict=True)]
        try:
            admissions = await self.store.admit_set(news, checks)
        except QuotaError as error:
            raise over_all(requests, sum(new.reserve_ms for new in news), error) from error
        # A set that was made before may have been read otherwise then.
        asked = [admission.job.request for admission in admissions]
        if not admissions[0].repeated:
            asked = list(requests)
        pairs = zip(asked, admissions, strict=True)
        return [await self._admitted(request, admission) for request, admission in pairs]

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(80):020x}"

    async def _admitted(self, request: Request, admission: Admission) -> Receipt:
        """`request` is what was asked for."""
        self.queue.saw(admission.job)
        self._moved(admission.job.id)
        standing = Standing(0, 0.0)
        if admission.job.state is State.QUEUED:
            standing = await self.queue.standing(admission.job)
        lane = admission.job.request.lane
        relaxed = lane is Lane.RELAX and lane is not request.lane
        return Receipt(admission.job, standing, admission.repeated, relaxed)

    def _check(self, new: NewJob, batch: int, usage: Usage) -> Admit:
        """`batch`: jobs of the same command, this one and those after it."""
        ask = Ask(new.request, new.reserve_ms, batch, free=bool(new.images))
        limit = self._limits.max_waiting_per_member
        # A stored picture costs nothing to show, and never waits.
        if ask.free:
            return decide(ask, usage.rules, usage.spent, usage.waiting_here, new.created_at)
        if batch > 1:
            check_room(usage.waiting + usage.running, batch, limit)
            waiting = allowance(usage.rules.lines).max_waiting
            check_room(usage.waiting_here, batch, waiting)
        if usage.waiting + usage.running >= limit:
            raise QueueFullError(
                say(
                    "You have {count} jobs waiting or running and the limit here is {limit}. Wait "
                    "for one to finish, or cancel one.",
                    count=usage.waiting + usage.running,
                    limit=limit,
                )
            )
        terms = decide(ask, usage.rules, usage.spent, usage.waiting_here, new.created_at)
        if new.place.abroad:
            check_in_time(self.queue.foresee(new, terms.lane))
        return terms

    def _seed(self) -> int:
        return self._rng.randint(0, MAX_SEED)
