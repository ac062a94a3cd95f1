"""Logging in elsewhere with an account of this Discord: OAuth2, the authorization code grant.

At the page somebody chooses who to be, since nobody here has a password. Discord's docs: "OAuth2";
RFC 6749, and RFC 7636 for the code challenge.
"""

import base64
import binascii
import hashlib
import hmac
import html
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from aiohttp import web

from sandbox.clock import Clock
from sandbox.page import POLICY
from sandbox.shapes import Json, dumps
from sandbox.world import BOT_ID, User, World

SECRET = "sandbox.secret.not-a-secret"
SCOPES = {"identify"}
CODE_SECONDS, TOKEN_SECONDS = 600, 604_800
KEPT = 1000
SHELL = (Path(__file__).parent / "page" / "authorize.html").read_text("utf-8")


class _RefusedError(Exception):
    """Said on the page itself: nobody is led to an address that was not checked."""


class _WrongError(Exception):
    """Answered by the token endpoint, RFC 6749 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.body: Json = {"error": error, "error_description": description}
        self.status = status


@dataclass(frozen=True)
class Wish:
    """What an application asks for, as its link says."""

    redirect_uri: str
    scope: str
    state: str
    challenge: str

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Wish":
        if query.get("client_id") != BOT_ID:
            raise _RefusedError("No application here has that client_id.")
        redirect_uri = query.get("redirect_uri", "")
        if not _is_near(redirect_uri):
            raise _RefusedError("The redirect_uri must lead to this machine.")
        if query.get("response_type") != "code":
            raise _RefusedError("The response_type must be code.")
        scope = query.get("scope", "")
        if not scope or not set(scope.split()) <= SCOPES:
            raise _RefusedError("The scope must be identify.")
        challenge = query.get("code_challenge", "")
        if challenge and query.get("code_challenge_method") != "S256":
            raise _RefusedError("The code_challenge_method must be S256.")
        return cls(redirect_uri, scope, query.get("state", ""), challenge)

    def answer(self, **values: str) -> str:
        parts = urlsplit(self.redirect_uri)
        query = [*parse_qsl(parts.query), *values.items()]
        if self.state:
            query.append(("state", self.state))
        return urlunsplit(parts._replace(query=urlencode(query)))


@dataclass(frozen=True)
class Grant:
    """What a person allowed; a code is worth one token."""

    person_id: str
    wish: Wish
    at: float


class OAuth:
    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/oauth2/authorize", self.authorize)
        app.router.add_post("/api/v10/oauth2/token", self.token)
        app.router.add_post("/api/v10/oauth2/token/revoke", self.revoke)

    def bearer(self, token: str) -> User | None:
        """Whose token it is; None for one that is none any more."""
        grant = self._tokens.get(token)
        if grant is None or self._clock.age_clock() - grant.at >= TOKEN_SECONDS:
            return None
        return self._world.users.get(grant.person_id)

    # The page

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """`&as=ID` is what a person's link adds, `&as=` the link of who does not want to."""
        try:
            wish = Wish.read(request.query)
        except _RefusedError as error:
            return _page(f"<h1>{html.escape(str(error))}</h1>", status=400)
        chosen = request.query.get("as")
        if chosen is None:
            return _page(self._choices(request))
        if not chosen:
            raise web.HTTPFound(wish.answer(error="access_denied"))
        if chosen not in self._world.users or self._world.users[chosen].bot:
            return _page("<h1>Nobody here has that id.</h1>", status=400)
        code = secrets.token_urlsafe(24)
        _keep(self._codes, code, Grant(chosen, wish, self._clock.age_clock()))
        raise web.HTTPFound(wish.answer(code=code))

    def _choices(self, request: web.Request) -> str:
        links: list[str] = []
        for user in self._world.people():
            address = html.escape(str(request.rel_url.update_query({"as": user.id})))
            name, about = html.escape(user.shown_as), html.escape(user.about)
            links.append(
                f'<li><a href="{address}" data-person="{html.escape(user.name)}">'
                f"<strong>{name}</strong> <span>{about}</span></a></li>"
            )
        no = html.escape(str(request.rel_url.update_query({"as": ""})))
        bot = html.escape(self._world.bot.shown_as)
        return (
            f"<h1>Log in to {bot}</h1><p>It will see your name and your picture, and nothing "
            f'else. Who are you?</p><ul>{"".join(links)}</ul><p><a href="{no}">Cancel</a></p>'
        )

    # What the application asks

    async def token(self, request: web.Request) -> web.Response:
        try:
            form = await self._form(request)
            if form.get("grant_type") != "authorization_code":
                raise _WrongError("unsupported_grant_type", "It must be authorization_code.")
            # Whatever comes of it, a code is shown once.
            grant = self._codes.pop(form.get("code", ""), None)
            if grant is None or self._clock.age_clock() - grant.at >= CODE_SECONDS:
                raise _WrongError("invalid_grant", "Invalid “code” in request.")
            if form.get("redirect_uri") != grant.wish.redirect_uri:
                raise _WrongError("invalid_grant", "Invalid “redirect_uri” in request.")
            if grant.wish.challenge != _challenge(form.get("code_verifier", "")):
                raise _WrongError("invalid_grant", "Invalid “code_verifier” in request.")
        except _WrongError as error:
            return _json(error.body, error.status)
        token = secrets.token_urlsafe(24)
        _keep(self._tokens, token, Grant(grant.person_id, grant.wish, self._clock.age_clock()))
        return _json(
            {
                "token_type": "Bearer",
                "access_token": token,
                "expires_in": TOKEN_SECONDS,
                "scope": grant.wish.scope,
            }
        )

    async def revoke(self, request: web.Request) -> web.Response:
        try:
            form = await self._form(request)
        except _WrongError as error:
            return _json(error.body, error.status)
        self._tokens.pop(form.get("token", ""), None)
        return _json({})

    async def _form(self, request: web.Request) -> dict[str, str]:
        form = await request.post()
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        client, secret = _basic(request.headers.get("Authorization", ""))
        client = client or fields.get("client_id", "")
        secret = secret or fields.get("client_secret", "")
        if client != BOT_ID or not hmac.compare_digest(secret.encode(), SECRET.encode()):
            raise _WrongError("invalid_client", "The client is not who it says.", 401)
        return fields


def _basic(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client), unquote(secret)


def _challenge(verifier: str) -> str:
    if not verifier:
        return ""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is_near(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme != "http" or not parts.hostname or parts.fragment:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _keep(where: dict[str, Grant], key: str, grant: Grant) -> None:
    where[key] = grant
    for old in list(where)[:-KEPT]:
        del where[old]


def _page(main: str, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        text=SHELL.replace("<!-- main -->", main),
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"},
    )


def _json(answer: Json, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        body=dumps(answer).encode(),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
