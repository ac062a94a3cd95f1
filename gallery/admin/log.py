"""Who changed what, and when: the audit log, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.wording import what_words, who_words
from gallery.admin.desk import MOST, admins_desk
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.dates import stamp

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    when: str
    stamp: str
    who: str
    what: str


async def log(ask: Ask) -> Response:
    desk = await admins_desk(ask)
    before = place(ask)
    changes = await ask.deps.steward.audit(
        desk.actor, desk.server_id, before=before, limit=ON_A_PAGE + 1
    )
    shown, voice = changes[:ON_A_PAGE], desk.voice
    entries = [
        Entry(
            when=desk.date(one.at),
            stamp=stamp(one.at),
            who=who_words(one, voice),
            what=what_words(one, voice),
        )
        for one in shown
    ]
    return ask.page(
        "admin/log.html",
        desk=desk,
        tab="log",
        entries=entries,
        older=shown[-1].id if len(changes) > len(shown) else 0,
        newest=before is None,
    )


def place(ask: Ask) -> int | None:
    """The id that lines come before; None for the newest."""
    said = ask.query("before")
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < 20) or int(said) > MOST:
        raise NotHereError
    return int(said)


WAYS = (Way(path="/admin/{server:int}/log", page=log, name="admin-log", logged_in=True),)
