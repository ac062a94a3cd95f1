"""The rules by which pictures reach a server's showcases. One is added in Discord."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from core.errors import RefusedError
from core.sentences import say
from gallery.admin.desk import Desk, admins_desk, number_in
from gallery.ask import Ask, Way, post
from gallery.errors import NotHereError
from gallery.pages.discord import address

LONGEST_TOPIC = 200


async def showcases(ask: Ask) -> Response:
    desk = await admins_desk(ask)
    return ask.page(
        "admin/showcases.html",
        desk=desk,
        tab="showcases",
        showcases=await ask.deps.curator.of_server(desk.server_id),
        longest=LONGEST_TOPIC,
        channel_at=partial(address, ask.deps.site.discord, desk.server_id),
    )


async def change(ask: Ask) -> Response:
    desk, showcase_id = await _one(ask)
    likes = ask.text("likes") or "0"
    if not (likes.isascii() and likes.isdecimal() and len(likes) < 10):
        raise RefusedError(say("How many likes it takes is a number; 0 for never."))
    await ask.deps.curator.change(
        desk.actor, showcase_id, topic=ask.text("topic", LONGEST_TOPIC), likes=int(likes)
    )
    return ask.go("admin-showcases", server=desk.server_id)


async def remove(ask: Ask) -> Response:
    desk, showcase_id = await _one(ask)
    if ask.text("sure") != "1":
        raise RefusedError(say("Say that you are sure; the posts there stay, and no more come."))
    await ask.deps.curator.remove(desk.actor, showcase_id)
    return ask.go("admin-showcases", server=desk.server_id)


async def _one(ask: Ask) -> tuple[Desk, int]:
    """Raises NotHereError for another server's."""
    desk, showcase_id = await admins_desk(ask), number_in(ask, "showcase")
    known = {one.id for one in await ask.deps.curator.of_server(desk.server_id)}
    if showcase_id not in known:
        raise NotHereError
    return desk, showcase_id


_ONE = "/admin/{server:int}/showcases/{showcase:int}"

WAYS = (
    Way(
        path="/admin/{server:int}/showcases",
        page=showcases,
        name="admin-showcases",
        logged_in=True,
    ),
    post(_ONE, change, "admin-showcase"),
    post(_ONE + "/remove", remove, "admin-showcase-remove"),
)
