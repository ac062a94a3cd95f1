"""All that is set for a server: limits, extras, who is shut out, and how it is run."""

from __future__ import annotations

from starlette.responses import Response

from core.allowance import Presentation, SubjectKind
from core.chart import name_of
from core.sentences import say
from core.wording import allowance_words, grant_words
from core.works import Showing
from gallery.admin.desk import admins_desk
from gallery.ask import Ask, Way

ORDER = (
    SubjectKind.SERVER,
    SubjectKind.ROLE,
    SubjectKind.CHANNEL,
    SubjectKind.MEMBER,
    SubjectKind.CEILING,
)
"""In which lines are listed."""

SHOWN = {
    Showing.PUBLIC: say("to anyone"),
    Showing.SERVER: say("to the members of this server"),
    Showing.UNLISTED: say("to whoever has a picture's address"),
    Showing.PRIVATE: say("to nobody"),
}


async def limits(ask: Ask) -> Response:
    desk = await admins_desk(ask)
    rules = await ask.deps.steward.rules(desk.actor, desk.server_id)
    house, voice = rules.house, desk.voice
    ordered = sorted(rules.lines, key=lambda one: ORDER.index(one.subject.kind))
    lines = [(voice.subject(one.subject), allowance_words(one.allowance, voice)) for one in ordered]
    if not any(one.subject.kind is SubjectKind.SERVER for one in rules.lines):
        lines.insert(0, (say("everybody"), say("no limits")))
    return ask.page(
        "admin/limits.html",
        desk=desk,
        tab="limits",
        lines=lines,
        grants=[grant_words(one, voice) for one in rules.grants],
        banned=[name_of(id, desk.names) for id in sorted(rules.banned)],
        house=house,
        shown=SHOWN[house.gallery],
        beside=house.presentation is Presentation.GALLERY,
    )


WAYS = (Way(path="/admin/{server:int}/limits", page=limits, name="admin-limits", logged_in=True),)
