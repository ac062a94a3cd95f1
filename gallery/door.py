"""What every request goes through before its page is made, and what becomes of errors."""

from __future__ import annotations

import logging

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from core.errors import EaselError
from gallery import csrf
from gallery.ask import Ask, Way
from gallery.deps import Deps
from gallery.errors import TooLargeError, WrongFormError, broken, status_of
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
        ask = Ask(
            request=request,
            deps=self._deps,
            templates=self._templates,
            locale=locale_of(request),
        )
        try:
            ask = await self._let_in(ask)
            response = await self._way.page(ask)
        except EaselError as error:
            response = refusal(ask, error)
        except Exception:
            log.exception("the page of %s broke", self._way.path)
            response = error_page(ask, 500, broken())
        ask.jar.pour(response, secure=self._deps.site.secure)
        await response(scope, receive, send)

    async def _let_in(self, ask: Ask) -> Ask:
        """The visitor, and what was posted. Raises EaselError."""
        self._deps.buckets.take(whence(ask.request), self._way.cost)
        if self._way.method == "GET":
            return ask
        csrf.check_origin(ask.request, self._deps.site)
        form = await self._form(ask.request)
        given = ask.request.headers.get(csrf.HEADER) or form.get(csrf.FIELD, "")
        csrf.check(ask.secret, given if isinstance(given, str) else "")
        return Ask(
            request=ask.request,
            deps=ask.deps,
            templates=ask.templates,
            locale=ask.locale,
            jar=ask.jar,
            form=form,
        )

    async def _form(self, request: Request) -> FormData:
        if int(request.headers.get("content-length", "0") or "0") > self._way.most_bytes:
            raise TooLargeError
        try:
            return await request.form(
                max_files=self._way.most_files,
                max_fields=MOST_FIELDS,
                max_part_size=self._way.most_bytes,
            )
        except HTTPException as error:
            raise WrongFormError from error


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
