"""The family of a work as a tree: what it was made from, and what was made from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.archive import Family
from core.jobs import Actor, Job, Owner
from core.request import Kind
from core.sentences import say
from core.titles import title
from core.works import MOST_ON_A_PAGE, Order, Query, Work, work_id
from gallery.ask import Ask
from gallery.pages.tiles import Tile, tiles


@dataclass(slots=True)
class Kin:
    """A job that has pictures to show, and what was made from them. `title` is a sentence."""

    title: str
    tiles: list[Tile]
    children: list[Kin] = field(default_factory=list["Kin"])


async def kin(ask: Ask, work: Work, job: Job) -> list[Kin]:
    """The tree of the work's family as the viewer may see it; empty for one that stands alone."""
    family = await ask.deps.archive.family(_actor(ask), job)
    if len(family.jobs) < 2:
        return []
    seen = await _seen(ask, family)
    roots = grown(family, {id: tiles(ask, works) for id, works in seen.items()})
    alone = len(roots) == 1 and not roots[0].children
    return [] if alone else roots


def grown(family: Family, seen: Mapping[str, list[Tile]]) -> list[Kin]:
    """`seen` has the tiles of each job that has some. A job without hands its children on to what
    it was made from where its picture is that one's; otherwise they stand for themselves."""
    jobs = {job.id: job for job in family.jobs}
    nodes = {job.id: Kin(_title(job), seen[job.id]) for job in family.jobs if seen.get(job.id)}
    roots: list[Kin] = []
    for id, node in nodes.items():
        above = _above(jobs, nodes, jobs[id])
        (above.children if above is not None else roots).append(node)
    return roots


def _above(jobs: Mapping[str, Job], nodes: Mapping[str, Kin], job: Job) -> Kin | None:
    while job.parent is not None:
        parent = jobs.get(job.parent.job_id)
        if parent is None:
            return None
        if parent.id in nodes:
            return nodes[parent.id]
        if parent.request.kind is not Kind.UPSCALE:
            return None
        job = parent
    return None


def _title(job: Job) -> str:
    if named := title(job.request):
        return named
    return say("Once more") if job.request.kind is Kind.REROLL else say("Imagined")


def _actor(ask: Ask) -> Actor:
    return Actor(Owner(ask.viewer.person_id, ""), operator=ask.viewer.operator)


async def _seen(ask: Ask, family: Family) -> Mapping[str, Sequence[Work]]:
    """The works of each job that the viewer would meet in lists, and their own."""
    ids: list[str] = []
    for job in family.jobs:
        if job.request.kind is not Kind.UPSCALE and job.deleted_at is None:
            ids += [work_id(job.id, image.number) for image in await ask.deps.store.images(job.id)]
    viewer = ask.viewer
    wanted = Query(works=tuple(ids[:MOST_ON_A_PAGE]), order=Order.GIVEN, age_rated=viewer.adult)
    found = {one.id: one for one in await _all(ask, wanted)}
    if viewer.person_id:
        own = Query(
            works=wanted.works, order=Order.GIVEN, age_rated=True, owner_id=viewer.person_id
        )
        found |= {one.id: one for one in await _all(ask, own)}
    by_job: dict[str, list[Work]] = {}
    for id in ids:
        if id in found:
            by_job.setdefault(found[id].job_id, []).append(found[id])
    return by_job


async def _all(ask: Ask, query: Query) -> Sequence[Work]:
    page = await ask.deps.works.find(query, ask.viewer, limit=MOST_ON_A_PAGE)
    return page.works
