"""Logging in elsewhere with an account of the sandbox, as RFC 6749 and 7636 have it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from sandbox import Sandbox, SandboxClient
from sandbox.oauth import CODE_SECONDS, TOKEN_SECONDS
from sandbox.world import BOT_ID, MIRA_ID

BACK = "http://127.0.0.1:9/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())[:-1].decode()


class Application:
    """Something that people log in to, as its browser and its server."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.client = sandbox.addresses()
        self._http = http

    async def page(self, **changes: str) -> tuple[int, str, str]:
        """The status, the text and where it leads."""
        query = {
            "client_id": BOT_ID,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "identify",
            "state": "s t&te",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        address = f"{self.sandbox.url}/oauth2/authorize"
        async with self._http.get(address, params=query, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location", "")

    async def code(self, **changes: str) -> str:
        _, _, where = await self.page(**{"as": MIRA_ID, **changes})
        return parse_qs(urlsplit(where).query)["code"][0]

    async def token(self, code: str, **changes: str) -> tuple[int, dict[str, str]]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": self.client["client_id"],
            "client_secret": self.client["client_secret"],
            **changes,
        }
        address = f"{self.sandbox.api_url}/oauth2/token"
        async with self._http.post(address, data=form) as answer:
            return answer.status, await answer.json()

    async def revoke(self, token: str) -> int:
        client = f"{self.client['client_id']}:{self.client['client_secret']}"
        headers = {"Authorization": f"Basic {base64.b64encode(client.encode()).decode()}"}
        address = f"{self.sandbox.api_url}/oauth2/token/revoke"
        async with self._http.post(address, data={"token": token}, headers=headers) as answer:
            return answer.status

    async def me(self, token: str, path: str = "/users/@me") -> tuple[int, dict[str, str]]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.get(self.sandbox.api_url + path, headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as http:
        yield Application(sandbox, http)


async def test_the_page_lets_one_choose_who_one_is(app: Application) -> None:
    status, text, _ = await app.page()
    assert status == 200
    assert re.findall(r'data-person="(\w+)"', text) == ["mira", "noah", "ada"]
    status, _, where = await app.page(**{"as": MIRA_ID})
    answer = parse_qs(urlsplit(where).query)
    assert (status, where.partition("?")[0], answer["state"]) == (302, BACK, ["s t&te"])
    assert answer["code"][0]


async def test_who_does_not_want_to_is_led_back_too(app: Application) -> None:
    _, _, where = await app.page(**{"as": ""})
    answer = parse_qs(urlsplit(where).query)
    assert answer == {"error": ["access_denied"], "state": ["s t&te"]}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("client_id", "1", "client_id"),
        ("redirect_uri", "https://evil.example/", "redirect_uri"),
        ("redirect_uri", "http://127.0.0.1.evil.example/", "redirect_uri"),
        ("response_type", "token", "response_type"),
        ("scope", "identify guilds.join", "scope"),
        ("code_challenge_method", "plain", "code_challenge_method"),
    ],
)
async def test_a_wrong_link_leads_nowhere(
    app: Application, name: str, value: str, words: str
) -> None:
    status, text, where = await app.page(**{"as": MIRA_ID, name: value})
    assert (status, where) == (400, "")
    assert words in text


async def test_a_code_is_worth_one_token_that_says_who_it_is(app: Application) -> None:
    code = await app.code()
    status, answer = await app.token(code)
    assert (status, answer["token_type"], answer["scope"]) == (200, "Bearer", "identify")
    status, me = await app.me(answer["access_token"])
    assert (status, me["id"], me["global_name"]) == (200, MIRA_ID, "Mira")
    status, answer = await app.token(code)
    assert (status, answer["error"]) == (400, "invalid_grant")


async def test_a_persons_token_opens_nothing_else(app: Application) -> None:
    _, answer = await app.token(await app.code())
    assert (await app.me(answer["access_token"], "/users/@me/guilds"))[0] == 401
    assert (await app.me("made-up"))[0] == 401
    assert await app.revoke(answer["access_token"]) == 200
    assert (await app.me(answer["access_token"]))[0] == 401


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("code_verifier", "w" * 64, "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        ("redirect_uri", BACK + "/other", "invalid_grant"),
        ("client_secret", "wrong", "invalid_client"),
        ("client_id", "1", "invalid_client"),
        ("grant_type", "password", "unsupported_grant_type"),
    ],
)
async def test_a_code_that_was_stolen_is_worth_nothing(
    app: Application, name: str, value: str, error: str
) -> None:
    status, answer = await app.token(await app.code(), **{name: value})
    assert (status, answer["error"]) == (401 if error == "invalid_client" else 400, error)


async def test_codes_and_tokens_grow_old(app: Application) -> None:
    code, other = await app.code(), await app.code()
    _, answer = await app.token(other)
    async with SandboxClient(app.sandbox.url, live=False) as people:
        await people.advance(CODE_SECONDS)
        assert (await app.token(code))[1]["error"] == "invalid_grant"
        assert (await app.me(answer["access_token"]))[0] == 200
        await people.advance(TOKEN_SECONDS)
        assert (await app.me(answer["access_token"]))[0] == 401
