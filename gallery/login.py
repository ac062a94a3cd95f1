"""Logging in with Discord: OAuth2 with a state, PKCE and the scope `identify` alone.

All that is taken from Discord is who somebody is. The token that says so is given back at once, and
kept nowhere.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from core.errors import EaselError
from core.jobs import Owner
from core.sentences import say
from gallery.errors import LogInFailedError, StaleLogInError

log = logging.getLogger(__name__)

DISCORD = "https://discord.com"
SCOPE = "identify"
SECONDS = 600
"""How long somebody may take at Discord's page."""

REQUEST_SECONDS = 10.0

NO_CLIENT = say(
    "Whoever runs this gallery must set EASEL_DISCORD_CLIENT_ID and EASEL_DISCORD_CLIENT_SECRET "
    "first; what is public can be looked at without."
)
NO_SANDBOX = say(
    "The sandbox whose people log in here is not running; “easel run” opens both. What is public "
    "can be looked at without."
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in on its way: where the browser goes, and what it keeps meanwhile."""

    address: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Client:
    """What Discord knows the gallery by. `url` is empty for Discord itself."""

    id: str
    secret: str = field(repr=False)
    url: str = ""

    @property
    def authorize(self) -> str:
        return f"{self.url or DISCORD}/oauth2/authorize"

    @property
    def api(self) -> str:
        return f"{self.url or DISCORD}/api/v10"


class LogIn:
    """`back` is the gallery's address that Discord leads back to. A ticket is good until this
    process ends: its key is made at the start and kept nowhere."""

    def __init__(self, client: Client, back: str) -> None:
        self._client = client
        self._back = back
        self._tickets = URLSafeTimedSerializer(secrets.token_bytes(32), salt="log-in")

    async def begin(self, then: str) -> Begun:
        """`then` is where the person wanted to go."""
        client = await asyncio.to_thread(_asking_client)
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        question = client(
            None,
            self._client.id,
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )
        address, _ = question.create_authorization_url(
            self._client.authorize, state=state, code_verifier=verifier, prompt="none"
        )
        ticket = self._tickets.dumps({"state": state, "verifier": verifier, "then": then})
        return Begun(address, str(ticket))

    async def finish(self, ticket: str, state: str, code: str) -> tuple[Owner, str]:
        """Who it is, and where they wanted to go. Raises StaleLogInError for an answer to no
        question of ours, LogInFailedError."""
        kept = self._read(ticket, state)
        person = await self._ask(code, kept["verifier"])
        return person, kept["then"]

    def given_up(self, ticket: str, state: str) -> str:
        """Where they wanted to go who said no at Discord's page. Raises StaleLogInError."""
        return self._read(ticket, state)["then"]

    def _read(self, ticket: str, state: str) -> dict[str, str]:
        try:
            kept: dict[str, str] = self._tickets.loads(ticket, max_age=SECONDS)
        except BadData as error:
            raise StaleLogInError from error
        if not hmac.compare_digest(kept["state"].encode(), state.encode()):
            raise StaleLogInError
        return kept

    async def _ask(self, code: str, verifier: str) -> Owner:
        api = self._client.api
        client = await asyncio.to_thread(_speaking_client)
        try:
            async with self._speaking(client) as http:
                await http.fetch_token(
                    f"{api}/oauth2/token",
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
                answer = await http.get(f"{api}/users/@me")
                answer.raise_for_status()
                person = _person(answer.json())
                await self._give_back(http)
        except EaselError:
            raise
        except Exception as error:
            # Authlib and its client raise many kinds, whose texts may hold what was sent.
            log.warning("nobody was logged in: %s", type(error).__name__)
            raise LogInFailedError from None
        return person

    async def _give_back(self, http: Any) -> None:
        try:
            await http.revoke_token(f"{self._client.api}/oauth2/token/revoke")
        except Exception as error:
            # Of as many kinds. Who it is is known, and an unused token ends by itself.
            log.info("Discord did not take a token back: %s", type(error).__name__)

    def _speaking(self, client: Any) -> Any:
        return client(
            self._client.id,
            self._client.secret,
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
            timeout=REQUEST_SECONDS,
        )


# Authlib takes twelve megabytes and a third of a second, and only where somebody logs in.


def _asking_client() -> Any:
    """Makes questions, and asks nobody."""
    from authlib.oauth2.client import OAuth2Client

    return OAuth2Client


def _speaking_client() -> Any:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client


def _person(said: dict[str, Any]) -> Owner:
    if not str(said["id"]).isdigit():
        raise LogInFailedError
    return Owner(int(said["id"]), str(said.get("global_name") or said["username"])[:100])
