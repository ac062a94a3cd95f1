"""One picture, and all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.jobs import Job
from core.paging import place_of
from core.samplers import sampler_called
from core.sentences import say
from core.viewing import may_change, may_moderate, may_view, owns
from core.works import ANYBODY, Order, Query, Showing, Work
from gallery.ask import Ask, Way
from gallery.limits import Cost
from gallery.pages import discord
from gallery.pages.dates import day, stamp
from gallery.pages.kin import kin
from gallery.pages.proof import findings
from gallery.pages.tiles import SMALL_SIDE, shortened
from gallery.pages.wording import spelt

TITLE = 70
"""Characters of a prompt in the title of its page."""

MOST_ENLARGED = 640
"""Pixels to which a small picture grows, by a whole number."""

WHO_SEES = {
    Showing.PUBLIC: say("Anyone"),
    Showing.SERVER: say("Members of its server"),
    Showing.UNLISTED: say("Whoever has its address"),
    Showing.PRIVATE: say("You alone"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """`name` is a sentence, and so may `value` be."""

    name: str
    value: str


async def picture(ask: Ask) -> Response:
    work, job = await _seen(ask)
    likes = False
    if ask.viewer.person_id:
        likes = await ask.deps.album.likes(work.job_id, work.number, ask.viewer.person_id)
    older, newer = await _neighbours(ask, work)
    return ask.page(
        "picture.html",
        work=work,
        prompt=spelt(work.text),
        title=shortened(work.text, TITLE),
        times=enlarged(work.width, work.height),
        server=await ask.deps.server_name(work.server_id),
        facts=facts(work, job),
        made=day(work.created_at, ask.locale),
        made_at=stamp(work.created_at),
        showing=WHO_SEES[work.showing],
        likes=likes,
        mine=owns(ask.viewer, work),
        choices={one: WHO_SEES[one] for one in await ask.deps.doing.choices(ask.viewer, work)},
        may_change=may_change(ask.viewer, work),
        may_moderate=may_moderate(ask.viewer, work.server_id),
        public=may_preview(work),
        discord=discord.link(work, ask.viewer, ask.deps.site.discord),
        family=await kin(ask, work, job),
        older=older,
        newer=newer,
    )


async def verify(ask: Ask) -> Response:
    work, job = await _seen(ask)
    data = await ask.deps.blobs.get(work.blob)
    found = await findings(work, job, data, ask.deps.records)
    return ask.page(
        "verify.html",
        work=work,
        title=shortened(work.text, TITLE),
        findings=found,
        holds=all(one.holds for one in found),
    )


async def _seen(ask: Ask) -> tuple[Work, Job]:
    """Raises as `Gallery.open`: of what is not shown to them, nobody learns that it is there."""
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    return work, await ask.deps.store.get(work.job_id)


async def _neighbours(ask: Ask, work: Work) -> tuple[Work | None, Work | None]:
    """What was made just before and just after it, of what lists show the visitor."""
    found: list[Work | None] = []
    for order in (Order.NEW, Order.OLD):
        query = Query(order=order, age_rated=ask.viewer.adult)
        page = await ask.deps.works.find(query, ask.viewer, place_of(work, order), 1)
        found.append(page.works[0] if page.works else None)
    return found[0], found[1]


def may_preview(work: Work) -> bool:
    """Whether other sites may show it beside a link: what anyone may see, of any age."""
    return may_view(ANYBODY, work) and work.showing is Showing.PUBLIC and not work.age_rated


def enlarged(width: int, height: int) -> int:
    """How many times its size a picture is shown."""
    longest = max(width, height)
    return max(1, MOST_ENLARGED // longest) if longest <= SMALL_SIDE else 1


def facts(work: Work, job: Job) -> list[Fact]:
    request, drawn = job.request, job.request.drawn
    sampler = sampler_called(drawn.sampler).title if drawn.sampler else ""
    found = [
        Fact(say("Model"), work.model),
        Fact(say("Painted by"), drawn.model if drawn.model != request.model else ""),
        Fact(say("Size"), f"{work.width} × {work.height}"),
        Fact(say("Seed"), str(work.seed)),
        Fact(say("Steps"), str(drawn.steps)),
        Fact(say("Guidance"), f"{drawn.guidance:g}"),
        Fact(say("Sampler"), sampler),
        Fact(say("Upscaler"), request.enlarger),
        Fact(say("Adapters"), ", ".join(f"{one.name} {one.weight:g}" for one in request.loras)),
        Fact(say("Number"), str(work.number)),
    ]
    return [fact for fact in found if fact.value]


WAYS = (
    Way(path="/p/{work}", page=picture, name="picture"),
    Way(path="/p/{work}/verify", page=verify, name="verify", cost=Cost.SEARCH),
)
