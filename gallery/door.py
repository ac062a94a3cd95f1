"""What every request goes through before its page is made, and what becomes of errors."""

from __future__ import annotations

import logging
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from core.errors import EaselError
from gallery import csrf
from gallery.ask import Ask, Cookie, Jar, Way
from gallery.deps import Deps
from gallery.errors import (
    LogInFirstError,
    TooLargeError,
    WrongFormError,
    broken,
    status_of,
)
from gallery.i18n import locale_of, told
from gallery.limits import TooOftenError, network
from gallery.templating import Templates

log = logging.getLogger(__name__)

MOST_FIELDS = 100


class Door:
    """The ASGI application of one way."""

    def __init__(self, way: Way, deps: Deps, templates: Templates) -> None:
        self._way = way
        self._deps = deps
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, _at_most(receive, self._way.most_bytes))
        ask = stranger(request, self._deps, self._templates)
        try:
            ask = await self._known(ask)
            response = self._asked_to_log_in(ask)
            if response is None:
                response = await self._way.page(await self._posted(ask))
        except EaselError as error:
            response = refusal(ask, error)
        except Exception:
            log.exception("the page of %s broke", self._way.path)
            response = error_page(ask, 500, broken())
        finally:
            # What was sent along is not kept open.
            await request.close()
        ask.jar.pour(response)
        await response(scope, receive, send)

    async def _known(self, ask: Ask) -> Ask:
        """With who it is. Raises EaselError."""
        deps, cost = self._deps, self._way.cost
        deps.buckets.take(whence(ask.request), cost)
        session = await deps.visitors.session(ask.jar.get(Cookie.SESSION))
        if session is None:
            ask.jar.drop(Cookie.SESSION)
            return ask
        deps.buckets.take(f"person {session.person.id}", cost)
        return replace(ask, session=session, viewer=await deps.visitors.viewer(session))

    def _asked_to_log_in(self, ask: Ask) -> Response | None:
        if not self._way.logged_in or ask.session is not None:
            return None
        if self._way.method != "GET" or ask.wants_json:
            raise LogInFirstError
        return ask.go("login", query={"next": ask.path})

    async def _posted(self, ask: Ask) -> Ask:
        """With what was sent, once it is sure that the visitor sent it. Raises EaselError."""
        if self._way.method == "GET":
            return ask
        csrf.check_origin(ask.request, self._deps.site)
        form = await self._form(ask.request)
        given = ask.request.headers.get(csrf.HEADER) or form.get(csrf.FIELD, "")
        csrf.check(ask.secret, given if isinstance(given, str) else "")
        return replace(ask, form=form)

    async def _form(self, request: Request) -> FormData:
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._way.most_bytes:
            raise TooLargeError
        try:
            return await request.form(
                max_files=self._way.most_files,
                max_fields=MOST_FIELDS,
                max_part_size=self._way.most_bytes,
            )
        except HTTPException as error:
            raise WrongFormError from error


def stranger(request: Request, deps: Deps, templates: Templates) -> Ask:
    """What is known of a request before anybody is asked who sent it."""
    jar = Jar(request.cookies, secure=deps.site.secure)
    return Ask(
        request=request,
        deps=deps,
        templates=templates,
        locale=locale_of(request, jar.get(Cookie.LANGUAGE)),
        jar=jar,
    )


def whence(request: Request) -> str:
    """The address that a request comes from, as `Buckets` counts it."""
    return network(request.client.host if request.client else "")


def refusal(ask: Ask, error: EaselError) -> Response:
    response = error_page(ask, status_of(error), error.sentence)
    if isinstance(error, TooOftenError):
        response.headers["retry-after"] = str(error.seconds)
    return response


def error_page(ask: Ask, status: int, sentence: str) -> Response:
    if ask.wants_json:
        return ask.json({"error": str(told(sentence, ask.locale).unescape())}, status)
    return ask.page("error.html", status, status=status, sentence=sentence)


def _at_most(receive: Receive, most: int) -> Receive:
    """The same body, if it is not larger. Raises TooLargeError."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise TooLargeError
        return message

    return limited
