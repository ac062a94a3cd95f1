"""Reading the gallery in another language."""

from __future__ import annotations

from starlette.responses import Response

from gallery.ask import Ask, Cookie, Way
from gallery.errors import NotHereError
from gallery.i18n import LANGUAGES, YEAR_SECONDS


async def choose(ask: Ask) -> Response:
    """Leads back to the page it was chosen on, which says so in `back`."""
    language = ask.part("language")
    if language not in LANGUAGES:
        raise NotHereError
    ask.jar.put(Cookie.LANGUAGE, language, YEAR_SECONDS)
    return ask.go_back(ask.query("back"))


WAYS = (Way(path="/language/{language}", page=choose, name="language"),)
