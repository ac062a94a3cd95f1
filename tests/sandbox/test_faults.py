"""What can be made to go wrong, and that each fault does just that."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from sandbox import SandboxClient, SandboxError
from sandbox.world import BOT_ID, MIRA_ID, STUDIO_ID
from tests.sandbox.conftest import PNG, Bare, Bot

MESSAGES = f"/channels/{STUDIO_ID}/messages"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"code": 10062}, 404, 10062),
        ({"code": 50027}, 401, 50027),
        ({"code": 50013}, 403, 50013),
        ({"code": 40005}, 413, 40005),
        ({"code": 130000}, 503, 130000),
        ({"code": 200000}, 400, 200000),
        ({"status": 500}, 500, 0),
        ({"status": 502, "message": "Bad gateway"}, 502, 0),
        ({"status": 400, "body": {"code": 7, "message": "odd", "more": 1}}, 400, 7),
    ],
)
async def test_an_error_instead_of_the_answer(
    bare: Bare, people: SandboxClient, fault: dict[str, object], status: int, code: int
) -> None:
    await people.inject(method="POST", path="/messages$", **fault)
    seen, body = await bare.ask("POST", MESSAGES, json={"content": "x"})
    assert (seen, body["code"]) == (status, code)
    assert await people.messages("studio") == []
    assert (await bare.ask("POST", MESSAGES, json={"content": "x"}))[0] == 200


@pytest.mark.parametrize("everywhere", [True, False])
async def test_a_429(bare: Bare, people: SandboxClient, everywhere: bool) -> None:
    await people.inject(path="/messages", status=429, retry_after=0.25, global_=everywhere)
    status, body = await bare.ask("POST", MESSAGES, json={"content": "x"})
    assert (status, body["retry_after"], body["global"]) == (429, 0.25, everywhere)
    assert bare.headers["Via"]
    assert bare.headers["X-RateLimit-Scope"] == ("global" if everywhere else "user")
    assert ("X-RateLimit-Global" in bare.headers) == everywhere


async def test_discord_py_waits_for_a_429_and_posts_once(bot: Bot, people: SandboxClient) -> None:
    await people.inject(path="/messages$", method="POST", status=429, retry_after=0.01, count=2)
    channel = bot.get_channel(int(STUDIO_ID))
    assert isinstance(channel, discord.TextChannel)
    await channel.send("patient")
    assert [m.content for m in await people.messages("studio")] == ["patient"]
    assert (await people.stats())["by_status"]["429"] == 2


async def test_accepted_but_the_reply_is_lost(bot: Bot, people: SandboxClient) -> None:
    channel = bot.get_channel(int(STUDIO_ID))
    assert isinstance(channel, discord.TextChannel)
    await people.inject("lost", method="POST", path="/messages$")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("once", nonce="j1")
    # Asked again with the same nonce, there is still one message.
    sent = await channel.send("once", nonce="j1")
    assert [m.id for m in await people.messages("studio")] == [str(sent.id)]


async def test_reset_before_it_was_accepted(bare: Bare, people: SandboxClient) -> None:
    await people.inject("reset", method="POST", path="/messages$")
    with pytest.raises(aiohttp.ClientError):
        await bare.ask("POST", MESSAGES, json={"content": "x"})
    assert await people.messages("studio") == []
    [entry] = await people.requests(MESSAGES)
    assert (entry["outcome"], entry["body"]) == ("reset", {"content": "x"})


async def test_count_skip_and_clearing(bare: Bare, people: SandboxClient) -> None:
    await people.inject(path="/users/@me$", status=500, skip=1, count=2)

    async def statuses(times: int) -> list[int]:
        return [(await bare.ask("GET", "/users/@me"))[0] for _ in range(times)]

    assert await statuses(4) == [200, 500, 500, 200]
    await people.inject(path="/users/@me$", status=500, count=None)
    assert await statuses(3) == [500, 500, 500]
    [_, endless] = await people.faults()
    assert (endless["hits"], endless["left"]) == (3, None)
    await people.clear_faults()
    assert await statuses(1) == [200]
    await people.inject(path="/users/@me$", status=500, count=None, probability=0.5, seed=1)
    assert set(await statuses(40)) == {200, 500}
    with pytest.raises(SandboxError, match="kind must be"):
        await people.inject("explosion")


async def test_latency(bare: Bare, people: SandboxClient) -> None:
    await people.inject("latency", path="/users/@me$", latency_s=0.05)
    await bare.ask("GET", "/users/@me")
    [entry] = await people.requests("/users/@me")
    assert entry["ms"] >= 50


async def test_a_bucket_runs_dry(bare: Bare, people: SandboxClient) -> None:
    await people.limits(reset=True)
    await people.limits(rules={"message_create": {"limit": 2, "per_s": 60}})
    first, _ = await bare.ask("POST", MESSAGES, json={"content": "1"})
    assert bare.headers["X-RateLimit-Limit"] == "2"
    assert bare.headers["X-RateLimit-Remaining"] == "1"
    assert 59 < float(bare.headers["X-RateLimit-Reset-After"]) <= 60
    bucket = bare.headers["X-RateLimit-Bucket"]
    await bare.ask("POST", MESSAGES, json={"content": "2"})
    status, body = await bare.ask("POST", MESSAGES, json={"content": "3"})
    assert (first, status, body["global"]) == (200, 429, False)
    assert 59 < body["retry_after"] <= 60
    assert bare.headers["X-RateLimit-Bucket"] == bucket
    # Another channel has its own count.
    showcase = "/channels/1100000000000000012/messages"
    assert (await bare.ask("POST", showcase, json={"content": "1"}))[0] == 200
    assert (await people.stats())["limits"]["refused"] == 1


async def test_the_global_limit_spares_interactions(
    bot: Bot, bare: Bare, people: SandboxClient
) -> None:
    await people.limits(reset=True)
    await people.limits(global_={"limit": 1, "per_s": 60})
    await bare.ask("GET", "/users/@me")
    status, body = await bare.ask("GET", "/users/@me")
    assert (status, body["global"]) == (429, True)
    assert (await people.slash("mira", "studio", "draw", prompt="x")).how == "deferred"


async def test_permissions_taken_away(bare: Bare, people: SandboxClient) -> None:
    async def codes() -> list[int]:
        form = bare.form({"content": "x"}, ("a.png", PNG))
        found: list[int] = []
        for ask in (
            bare.ask("POST", MESSAGES, json={"content": "x"}),
            bare.ask("POST", MESSAGES, data=form),
            bare.ask("POST", MESSAGES, json={"embeds": [{"title": "t"}]}),
            bare.ask("GET", MESSAGES),
        ):
            status, body = await ask
            found.append(status if status == 200 else body["code"])
        return found

    assert await codes() == [200, 200, 200, 200]
    await people.permissions("studio", deny=["ATTACH_FILES"])
    assert await codes() == [200, 50013, 200, 200]
    await people.permissions("studio", deny=["EMBED_LINKS"])
    assert await codes() == [200, 200, 50013, 200]
    await people.permissions("studio", deny=["SEND_MESSAGES"])
    assert await codes() == [50013, 50013, 50013, 200]
    await people.permissions("studio", deny=["VIEW_CHANNEL"])
    assert await codes() == [50001, 50001, 50001, 50001]
    await people.permissions("studio")
    await people.permissions("studio", target="everyone", deny=["READ_MESSAGE_HISTORY"])
    assert (await bare.ask("GET", MESSAGES)) == (200, [])
    reply = {"content": "x", "message_reference": {"message_id": "1"}}
    assert (await bare.ask("POST", MESSAGES, json=reply))[1]["code"] == 160002
    with pytest.raises(SandboxError, match="unknown permission"):
        await people.permissions("studio", deny=["FLY"])


async def test_what_was_sent_is_done_although_its_sender_is_gone(
    bare: Bare, people: SandboxClient
) -> None:
    await people.inject("latency", method="POST", path="/messages$", latency_s=0.5)
    sending = asyncio.create_task(bare.ask("POST", MESSAGES, json={"content": "x"}))
    while not (await people.stats())["under_way"]:
        assert not sending.done()
    sending.cancel()
    while (await people.stats())["under_way"]:
        pass
    assert [m.content for m in await people.messages("studio")] == ["x"]


async def test_people_and_places_that_go(bare: Bare, people: SandboxClient) -> None:
    direct = await people.direct("mira")
    await people.person("mira", dms_open=False)
    status, body = await bare.ask("POST", f"/channels/{direct}/messages", json={"content": "x"})
    assert (status, body["code"]) == (403, 50007)
    await people.person("mira", dms_open=True, in_guild=False)
    status, body = await bare.ask("POST", f"/channels/{direct}/messages", json={"content": "x"})
    assert (status, body["code"]) == (403, 50278)
    with pytest.raises(SandboxError, match="cannot see"):
        await people.say("mira", "studio", "still here?")
    made = await people.person(name="Zoe", roles=["Patron"])
    assert (await people.say("zoe", "studio", "hello")).author_id == made["id"]
    channel = await people.channel(name="extra")
    path = f"/channels/{channel['id']}/messages"
    assert (await bare.ask("POST", path, json={"content": "x"}))[0] == 200
    await people.delete_channel("extra")
    assert (await bare.ask("POST", path, json={"content": "x"}))[1]["code"] == 10003
    body = {"recipient_id": BOT_ID}
    assert (await bare.ask("POST", "/users/@me/channels", json=body))[0] == 400
    body = {"recipient_id": MIRA_ID}
    assert (await bare.ask("POST", "/users/@me/channels", json=body))[1]["id"] == direct


async def test_addresses_expire(bare: Bare, people: SandboxClient) -> None:
    _, sent = await bare.ask("POST", MESSAGES, data=bare.form({}, ("a.png", PNG)))
    url = sent["attachments"][0]["url"]
    assert await people.download(url) == PNG
    with pytest.raises(SandboxError, match="404"):
        await people.download(url.replace("hm=", "hm=0"))
    with pytest.raises(SandboxError, match="404"):
        await people.download(url.split("?")[0])
    await people.advance(25 * 3600)
    with pytest.raises(SandboxError, match="404"):
        await people.download(url)
    _, fresh = await bare.ask("GET", f"{MESSAGES}/{sent['id']}")
    assert await people.download(fresh["attachments"][0]["url"]) == PNG
