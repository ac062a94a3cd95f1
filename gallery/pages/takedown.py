"""Anybody may ask for a picture to be taken down, without an account."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.responses import Response

from core.complaints import LONGEST, LONGEST_CONTACT
from core.errors import NotFoundError, RefusedError
from core.sentences import say
from core.works import read_id
from gallery.ask import Ask, Way
from gallery.limits import Cost

_IN_ADDRESS = re.compile(r"/[pt]/([0-9A-Za-z]+-\d{1,3})\b")
_ID = re.compile(r"[0-9A-Za-z]+-\d{1,3}")

LONGEST_ADDRESS = 500


async def form(ask: Ask) -> Response:
    return _page(ask, picture=ask.query("picture")[:LONGEST_ADDRESS])


async def demand(ask: Ask) -> Response:
    """What was typed stays in the form where something is wrong with it."""
    picture = ask.text("picture", LONGEST_ADDRESS)
    reason, contact = ask.text("reason"), ask.text("contact")
    try:
        job_id, number = _named(picture)
        report = await ask.deps.complaints.demand(job_id, number, reason, contact)
    except (RefusedError, NotFoundError) as error:
        typed = {"picture": picture, "reason": reason, "contact": contact}
        return _page(ask, error.sentence, **typed)
    return ask.page("takedown.html", sent=report.id, error="", **_LIMITS)


def _page(
    ask: Ask, error: str = "", *, picture: str = "", reason: str = "", contact: str = ""
) -> Response:
    typed = {"picture": picture, "reason": reason, "contact": contact}
    return ask.page("takedown.html", 400 if error else 200, sent=0, error=error, **typed, **_LIMITS)


def _named(picture: str) -> tuple[str, int]:
    """The job and the number of a picture, from its address or its name. Raises NotFoundError."""
    found = _IN_ADDRESS.search(unquote(picture))
    name = found[1] if found else picture.strip()
    job_id, number = read_id(name) if _ID.fullmatch(name) else ("", 0)
    if not job_id or not number:
        raise NotFoundError(
            say("That is not the address of a picture here. It ends in /p/ and the picture's name.")
        )
    return job_id, number


_LIMITS = {"longest": LONGEST, "longest_contact": LONGEST_CONTACT}

WAYS = (
    Way(path="/takedown", page=form, name="takedown"),
    Way(path="/takedown", page=demand, name="demand", method="POST", cost=Cost.FORM),
)
