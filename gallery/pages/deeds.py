"""What is done to a picture on its page: likes, who sees it, deletion, reports.

Each is a plain form. Where it asks first, it asks on a page of its own.
"""

from __future__ import annotations

from starlette.responses import Response

from core.complaints import LONGEST
from core.doing import Hand
from core.errors import RefusedError
from core.sentences import say
from core.viewing import may_moderate, owns
from core.works import Showing, Work
from gallery.ask import Ask, Way, post
from gallery.errors import NotHereError


async def seen(ask: Ask) -> Work:
    """Raises ImageNotFoundError for what is not shown to the visitor: nobody learns that it is
    there."""
    return await ask.deps.gallery.open(ask.viewer, ask.part("work"))


async def hand(ask: Ask, work: Work) -> Hand:
    actor = await ask.actor(work.server_id, work.channel_id)
    return Hand(viewer=ask.viewer, actor=actor)


async def like(ask: Ask) -> Response:
    work = await seen(ask)
    liking = await ask.deps.doing.like(
        await hand(ask, work), work.id, likes=ask.text("likes") != "0"
    )
    if ask.wants_json:
        return ask.json({"likes": liking.likes, "count": liking.count})
    return ask.go("picture", work=work.id)


async def showing(ask: Ask) -> Response:
    work, wanted = await seen(ask), ask.text("showing")
    if wanted not in set(Showing):
        raise RefusedError(say("Choose who shall see it."))
    await ask.deps.doing.show(await hand(ask, work), work.id, Showing(wanted))
    return ask.go("picture", work=work.id)


async def ask_delete(ask: Ask) -> Response:
    work = await seen(ask)
    if not (owns(ask.viewer, work) or may_moderate(ask.viewer, work.server_id)):
        raise NotHereError
    images = await ask.deps.studio.store.images(work.job_id)
    return ask.page("delete.html", work=work, count=len(images), mine=owns(ask.viewer, work))


async def delete(ask: Ask) -> Response:
    work = await seen(ask)
    await ask.deps.doing.delete(await hand(ask, work), work.id)
    return ask.go("mine") if owns(ask.viewer, work) else ask.go_back("/")


async def ask_report(ask: Ask) -> Response:
    return ask.page("report.html", work=await seen(ask), longest=LONGEST, sent=False)


async def report(ask: Ask) -> Response:
    work = await seen(ask)
    await ask.deps.doing.report(await hand(ask, work), work.id, ask.text("reason"))
    return ask.page("report.html", work=work, longest=LONGEST, sent=True)


WAYS = (
    post("/p/{work}/like", like, "like"),
    post("/p/{work}/showing", showing, "showing"),
    Way(path="/p/{work}/delete", page=ask_delete, name="ask-delete", logged_in=True),
    post("/p/{work}/delete", delete, "delete"),
    Way(path="/p/{work}/report", page=ask_report, name="ask-report", logged_in=True),
    post("/p/{work}/report", report, "report"),
)
