"""One request, as a page sees it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.jobs import Actor, Owner
from core.sessions import Session
from core.works import ANYBODY, Viewer
from gallery import csrf
from gallery.deps import Deps
from gallery.errors import LogInFirstError
from gallery.limits import Cost
from gallery.templating import Templates

KIB = 1024

MOST_BYTES = 64 * KIB
"""Of a form."""

Query = Mapping[str, object]
"""What stands behind the `?`; what is None or "" is left out."""


class Cookie(StrEnum):
    """`LANGUAGE` is the one that was chosen. `SESSION` is the secret of a session, `TICKET` holds a
    log-in that is under way, `VISITOR` is a secret for the forms of somebody who is not logged
    in."""

    LANGUAGE = "easel-language"
    SESSION = "easel-session"
    TICKET = "easel-ticket"
    VISITOR = "easel-visitor"


class Jar:
    """The cookies of a request, and those that its answer sets. Scripts see none of them. Where all
    is https, their names say so, and a browser then takes them from nowhere else."""

    def __init__(self, cookies: Mapping[str, str], *, secure: bool) -> None:
        self._found = cookies
        self._secure = secure
        self._set: dict[str, tuple[str, int | None]] = {}

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self._secure else name

    def get(self, name: str) -> str:
        return self._found.get(self._name(name), "")

    def put(self, name: str, value: str, seconds: int | None = None) -> None:
        """For so long, or until the browser is closed."""
        self._set[name] = (value, seconds)

    def made(self, name: str) -> str:
        """What is about to be set."""
        return self._set.get(name, ("", None))[0]

    def drop(self, name: str) -> None:
        if self.get(name):
            self._set[name] = ("", 0)

    def pour(self, response: Response) -> None:
        for name, (value, seconds) in self._set.items():
            response.set_cookie(
                self._name(name),
                value,
                max_age=seconds,
                httponly=True,
                samesite="lax",
                secure=self._secure,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """`form` is empty but for what is posted. `locale` is one of `gallery.i18n.LANGUAGES`."""

    request: Request
    deps: Deps
    templates: Templates
    locale: str
    session: Session | None = None
    viewer: Viewer = ANYBODY
    jar: Jar
    form: FormData = field(default_factory=FormData)

    # Who asks

    @property
    def person(self) -> Owner | None:
        """None for somebody who is not logged in."""
        return self.session.person if self.session is not None else None

    async def actor(self, server_id: int, channel_id: int = 0) -> Actor:
        """Whoever is logged in, as somebody who does something on that server. Raises
        LogInFirstError."""
        if self.session is None:
            raise LogInFirstError
        return await self.deps.visitors.introductions.actor(self.session, server_id, channel_id)

    # What was asked

    @property
    def path(self) -> str:
        """With its query: where to come back to."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def part(self, name: str) -> Any:
        """Of the path, converted as the way's `{name:kind}` says."""
        return self.request.path_params[name]

    def text(self, name: str, most: int = 2000) -> str:
        """A field of the form, without blanks around it and cut to `most` characters."""
        value = self.form.get(name, "")
        return value.strip()[:most] if isinstance(value, str) else ""

    @property
    def wants_json(self) -> bool:
        """A script asks, and takes errors as `{"error": sentence}`."""
        return "application/json" in self.request.headers.get("accept", "")

    # What is answered

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """A template of `gallery/templates`. It knows `ask`, `t`, `url`, `file` and `form_token`
        besides what is given."""
        return self.templates.answer(self, template, status, values)

    def json(self, value: Mapping[str, object], status: int = 200) -> Response:
        return JSONResponse(value, status)

    def go(self, name: str, /, *, query: Query | None = None, **parts: Any) -> Response:
        """Leads on to a way by its name."""
        return RedirectResponse(self.url(name, query=query, **parts), 303)

    def go_back(self, where: str) -> Response:
        """Leads on to a path of this gallery; whatever else it is leads to the first page."""
        return RedirectResponse(where if is_local(where) else "/", 303)

    def url(self, name: str, /, *, query: Query | None = None, **parts: Any) -> str:
        """The path of a way by its name. Raises KeyError for one there is not."""
        path = str(self.request.app.state.ways[name].url_path_for(name, **parts))
        wanted = {key: value for key, value in (query or {}).items() if value not in (None, "")}
        return f"{path}?{urlencode(wanted)}" if wanted else path

    def address(self, name: str, /, *, query: Query | None = None, **parts: Any) -> str:
        """The same, as it is written elsewhere: in feeds and previews."""
        return self.deps.site.url + self.url(name, query=query, **parts)

    # Forms

    @property
    def secret(self) -> str:
        """What the tokens of this visitor's forms are made of; "" where there is none yet."""
        if self.session is not None:
            return self.jar.get(Cookie.SESSION)
        return self.jar.made(Cookie.VISITOR) or self.jar.get(Cookie.VISITOR)

    def form_token(self) -> str:
        """For the hidden field `csrf` of each form, or the header `X-CSRF`."""
        if not self.secret:
            self.jar.put(Cookie.VISITOR, secrets.token_urlsafe(32))
        return csrf.token(self.secret)


Page = Callable[[Ask], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A path of the gallery and what is there. `method` is GET (HEAD goes along) or POST; a POST is
    checked for its token and origin before `page` sees it. `most_bytes` and `most_files` are of a
    POST's body. `logged_in`: whoever is not is asked to log in first."""

    path: str
    page: Page
    name: str
    method: str = "GET"
    cost: Cost = Cost.PAGE
    most_bytes: int = MOST_BYTES
    most_files: int = 0
    logged_in: bool = False


def post(
    path: str, page: Page, name: str, *, most_bytes: int = MOST_BYTES, most_files: int = 0
) -> Way:
    """A form that somebody who is logged in sends."""
    return Way(
        path=path,
        page=page,
        name=name,
        method="POST",
        cost=Cost.CHANGE,
        most_bytes=most_bytes,
        most_files=most_files,
        logged_in=True,
    )


def is_local(path: str) -> bool:
    """Whether this leads to a page of the gallery itself, and not to another site."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or len(path) > 2000:
        return False
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in path):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
