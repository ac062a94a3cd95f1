"""Templates: every text in them is text, whoever typed it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse

from gallery.files import Files
from gallery.i18n import LANGUAGES, tell, told

if TYPE_CHECKING:
    from gallery.ask import Ask

FOLDER = Path(__file__).parent / "templates"


class Templates:
    def __init__(self, files: Files, folder: Path = FOLDER) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        own: dict[str, object] = {"file": files.address, "languages": LANGUAGES}
        cast(dict[str, object], self._environment.globals).update(own)

    def text(self, ask: Ask, template: str, values: Mapping[str, object]) -> str:
        """`t("… {name} …", name=value)` says a sentence in the page's language, `told(sentence)`
        one that the core said; `url(way, …)` is a path, `address(way, …)` the whole address,
        `file(name)` a static file's, `form_token()` what a form bears."""
        return self._environment.get_template(template).render(
            {
                "ask": ask,
                "t": partial(_tell, ask.locale),
                "told": partial(_told, ask.locale),
                "url": ask.url,
                "address": ask.address,
                "form_token": ask.form_token,
                **values,
            }
        )

    def answer(
        self, ask: Ask, template: str, status: int, values: Mapping[str, object]
    ) -> HTMLResponse:
        # Pages are made for one visitor and one language. Nobody else finds what was shown to
        # somebody who was logged in; everybody else comes back to where they were.
        keep = "no-cache" if ask.session is None else "no-store"
        headers = {"cache-control": f"private, {keep}", "vary": "cookie, accept-language"}
        return HTMLResponse(self.text(ask, template, values), status, headers)


def _tell(locale: str, template: str, /, **values: object) -> Markup:
    return tell(template, locale, **values)


def _told(locale: str, text: str) -> Markup:
    return told(text, locale)
