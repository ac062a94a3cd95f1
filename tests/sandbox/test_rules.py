"""What Discord refuses in a message, a form or a command, with its codes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import SandboxClient
from sandbox.world import BOT_ID, GUILD_ID, MIRA_ID, NOAH_ID, STUDIO_ID
from tests.sandbox.conftest import PNG, Bare

MESSAGES = f"/channels/{STUDIO_ID}/messages"
V2 = 1 << 15


def row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(items)}


def button(custom_id: str = "b", **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "B", "custom_id": custom_id, **more}


def menu(count: int, custom_id: str = "s", **more: Any) -> dict[str, Any]:
    options = [{"label": f"l{n}", "value": f"v{n}"} for n in range(count)]
    return {"type": 3, "custom_id": custom_id, "options": options, **more}


def text(content: str = "t") -> dict[str, Any]:
    return {"type": 10, "content": content}


def gallery(count: int) -> dict[str, Any]:
    item = {"media": {"url": "https://example.org/a.png"}}
    return {"type": 12, "items": [item] * count}


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


def embeds(count: int = 1, **more: Any) -> dict[str, Any]:
    return {"embeds": [{"title": "t", **more}] * count}


REFUSED = {
    "content over 2000": ({"content": "x" * 2001}, "content"),
    "content not text": ({"content": 5}, "content"),
    "11 embeds": (embeds(11), "embeds"),
    "embed title 257": (embeds(title="x" * 257), "embeds.0.title"),
    "embed description 4097": (embeds(description="x" * 4097), "embeds.0.description"),
    "26 fields": (embeds(fields=[{"name": "n", "value": "v"}] * 26), "embeds.0.fields"),
    "field name 257": (
        embeds(fields=[{"name": "n" * 257, "value": "v"}]),
        "embeds.0.fields.0.name",
    ),
    "field without value": (embeds(fields=[{"name": "n"}]), "embeds.0.fields.0.value"),
    "footer 2049": (embeds(footer={"text": "x" * 2049}), "embeds.0.footer.text"),
    "author 257": (embeds(author={"name": "x" * 257}), "embeds.0.author.name"),
    "colour": (embeds(color=0x1000000), "embeds.0.color"),
    "6000 in all": (embeds(2, description="x" * 3000), "embeds"),
    "embed picture of another scheme": (
        embeds(image={"url": "file:///etc/passwd"}),
        "embeds.0.image.url",
    ),
    "embed picture that is not there": (
        embeds(image={"url": "attachment://no.png"}),
        "embeds.0.image.url",
    ),
    "6 rows": ({"components": [row(button(f"b{n}")) for n in range(6)]}, "components"),
    "6 buttons": (
        {"components": [row(*(button(f"b{n}") for n in range(6)))]},
        "components.0.components",
    ),
    "no buttons": ({"components": [row()]}, "components.0.components"),
    "select beside a button": (
        {"components": [row(menu(1), button())]},
        "components.0.components",
    ),
    "button outside a row": ({"components": [button()]}, "components.0.type"),
    "text input in a message": (
        {"components": [row({"type": 4, "custom_id": "x", "style": 1})]},
        "components.0.components.0.type",
    ),
    "custom id 101": (
        {"components": [row(button("x" * 101))]},
        "components.0.components.0.custom_id",
    ),
    "custom id twice": ({"components": [row(button(), button())]}, "components"),
    "label 81": (
        {"components": [row(button(label="x" * 81))]},
        "components.0.components.0.label",
    ),
    "neither label nor emoji": (
        {"components": [row(button(label=None))]},
        "components.0.components.0",
    ),
    "no style": ({"components": [row(button(style=None))]}, "components.0.components.0.style"),
    "link without address": (
        {"components": [row({"type": 2, "style": 5, "label": "L"})]},
        "components.0.components.0.url",
    ),
    "link with custom id": (
        {"components": [row(button(style=5, url="https://a.b"))]},
        "components.0.components.0",
    ),
    "26 options": ({"components": [row(menu(26))]}, "components.0.components.0.options"),
    "no options": ({"components": [row(menu(0))]}, "components.0.components.0.options"),
    "placeholder 151": (
        {"components": [row(menu(1, placeholder="x" * 151))]},
        "components.0.components.0.placeholder",
    ),
    "v2 without the flag": ({"components": [text()]}, "components.0.type"),
    "v2 with content": (v2(text(), content="x"), "content"),
    "v2 with embeds": (v2(text(), **embeds()), "embeds"),
    "41 components": (v2(*[text()] * 41), "components"),
    "41 nested": (
        v2({"type": 17, "components": [text()] * 20}, {"type": 17, "components": [text()] * 19}),
        "components",
    ),
    "4001 characters": (v2(text("x" * 2001), text("x" * 2000)), "components"),
    "gallery of 11": (v2(gallery(11)), "components.0.items"),
    "gallery of none": (v2(gallery(0)), "components.0.items"),
    "container in a container": (
        v2({"type": 17, "components": [{"type": 17, "components": [text()]}]}),
        "components.0.components.0.type",
    ),
    "section without accessory": (
        v2({"type": 9, "components": [text()]}),
        "components.0.accessory.type",
    ),
    "section of 4 texts": (
        v2({"type": 9, "components": [text()] * 4, "accessory": button()}),
        "components.0.components",
    ),
    "gallery of a file that is not there": (
        v2({"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}),
        "components",
    ),
    "nonce 26": ({"content": "x", "nonce": "n" * 26}, "nonce"),
    "mentions both ways": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": [MIRA_ID]}},
        "allowed_mentions",
    ),
    "unknown kind of mention": (
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        "allowed_mentions.parse.0",
    ),
    "an attachment nobody sent": (
        {"content": "x", "attachments": [{"id": 0}]},
        "attachments.0.id",
    ),
    "ephemeral in a channel": ({"content": "x", "flags": 64}, "flags"),
    "reply to nothing": (
        {"content": "x", "message_reference": {"message_id": "1"}},
        "message_reference",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_with_the_place_of_the_fault(bare: Bare, name: str) -> None:
    body, place = REFUSED[name]
    status, answer = await bare.ask("POST", MESSAGES, json=body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    node = answer["errors"]
    for part in place.split("."):
        node = node[part]
    assert node["_errors"][0]["code"]


ACCEPTED: dict[str, dict[str, Any]] = {
    "content of 2000": {"content": "x" * 2000},
    "everything full": {
        "components": [row(*(button(f"{r}{n}") for n in range(5))) for r in range(5)]
    },
    "25 options": {"components": [row(menu(25))]},
    "40 components": v2(*[text()] * 40),
    "all of v2": v2(
        {"type": 17, "components": [text(), gallery(10), {"type": 14}, row(button("in"))]},
        {"type": 9, "components": [text()], "accessory": button("side")},
        row(menu(2)),
    ),
    "reply that may fail": {
        "content": "x",
        "message_reference": {"message_id": "1", "fail_if_not_exists": False},
    },
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_accepted_at_the_limit(bare: Bare, name: str) -> None:
    status, answer = await bare.ask("POST", MESSAGES, json=ACCEPTED[name])
    assert status == 200, answer
    assert answer.get("message_reference") is None


@pytest.mark.parametrize("body", [{}, {"content": "  "}, {"embeds": []}, {"components": []}])
async def test_nothing_to_send(bare: Bare, body: dict[str, Any]) -> None:
    status, answer = await bare.ask("POST", MESSAGES, json=body)
    assert (status, answer) == (400, {"message": "Cannot send an empty message", "code": 50006})


async def test_files(bare: Bare, people: SandboxClient) -> None:
    many = [(f"{n}.png", PNG) for n in range(11)]
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, *many))
    assert (status, answer["code"]) == (400, 50035)
    described = {"attachments": [{"id": 0, "description": "x" * 1025}]}
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form(described, ("a.png", PNG)))
    assert answer["errors"]["attachments"]["0"]["description"]
    await people.config(file_limit=1000, request_limit=2000)
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, ("a.png", b"x" * 1001)))
    assert (status, answer) == (413, {"message": "Request entity too large", "code": 40005})
    three = [(f"{n}.bin", b"x" * 999) for n in range(3)]
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, *three))
    assert (status, answer["code"]) == (413, 40005)
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, ("a", b"x" * 4_000_000)))
    assert (status, answer["code"]) == (413, 40005)
    assert (await people.stats())["attachments"] == 0


async def test_discords_own_limits_are_the_default(bare: Bare) -> None:
    eleven_mib = b"x" * (11 * 1024 * 1024)
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, ("a.bin", eleven_mib)))
    assert (status, answer["code"]) == (413, 40005)
    nine = [(f"{n}.bin", b"x" * (9 * 1024 * 1024)) for n in range(3)]
    status, answer = await bare.ask("POST", MESSAGES, data=bare.form({}, *nine))
    assert (status, answer["code"]) == (413, 40005)


async def test_edits(bare: Bare, people: SandboxClient) -> None:
    _, sent = await bare.ask("POST", MESSAGES, data=bare.form({"content": "a"}, ("a.png", PNG)))
    path = f"{MESSAGES}/{sent['id']}"
    status, answer = await bare.ask("PATCH", path, json={"attachments": [{"id": "5"}]})
    assert (status, answer["code"]) == (400, 50035)
    status, answer = await bare.ask("PATCH", path, json={"content": "", "attachments": []})
    assert (status, answer["code"]) == (400, 50006)
    # A refused edit changes nothing.
    assert len((await bare.ask("GET", path))[1]["attachments"]) == 1
    status, answer = await bare.ask("PATCH", path, data=bare.form({}, ("b.png", PNG)))
    assert [a["filename"] for a in answer["attachments"]] == ["a.png", "b.png"]
    old = answer["attachments"][0]["id"]
    status, answer = await bare.ask("PATCH", path, json={"attachments": [{"id": old}]})
    assert [a["id"] for a in answer["attachments"]] == [old]
    assert answer["content"] == "a" and answer["edited_timestamp"]
    status, answer = await bare.ask("PATCH", path, json={"flags": V2, "components": [text()]})
    assert (status, answer["code"]) == (400, 50035)
    emptied = {"flags": V2, "content": None, "embeds": [], "components": [text()]}
    assert (await bare.ask("PATCH", path, json=emptied))[0] == 200
    # The flag can never be taken off again.
    status, answer = await bare.ask("PATCH", path, json={"flags": 0, "content": "x"})
    assert (status, answer["code"]) == (400, 50035)
    said = await people.say("mira", "studio", "mine")
    status, answer = await bare.ask("PATCH", f"{MESSAGES}/{said.id}", json={"content": "x"})
    assert (status, answer["code"]) == (403, 50005)
    assert (await bare.ask("DELETE", f"{MESSAGES}/{said.id}"))[1]["code"] == 50013


async def test_who_is_mentioned(bare: Bare, people: SandboxClient) -> None:
    content = f"<@{MIRA_ID}> <@{NOAH_ID}> @everyone"
    _, plain = await bare.ask("POST", MESSAGES, json={"content": content})
    assert [u["username"] for u in plain["mentions"]] == ["mira", "noah"]
    assert plain["mention_everyone"] is True
    allowed = {"parse": [], "users": [NOAH_ID]}
    body = {"content": content, "allowed_mentions": allowed}
    _, careful = await bare.ask("POST", MESSAGES, json=body)
    assert [u["username"] for u in careful["mentions"]] == ["noah"]
    assert careful["mention_everyone"] is False
    said = await people.say("mira", "studio", "hello")
    reply = {"content": "x", "message_reference": {"message_id": said.id}}
    _, answer = await bare.ask("POST", MESSAGES, json=reply)
    assert [u["username"] for u in answer["mentions"]] == ["mira"]
    quiet = {**reply, "allowed_mentions": {"parse": [], "replied_user": False}}
    assert (await bare.ask("POST", MESSAGES, json=quiet))[1]["mentions"] == []


async def test_a_nonce_is_sent_once(bare: Bare, people: SandboxClient) -> None:
    body = {"content": "x", "nonce": "j1", "enforce_nonce": True}
    _, first = await bare.ask("POST", MESSAGES, json=body)
    _, again = await bare.ask("POST", MESSAGES, json={**body, "content": "y"})
    assert (again["id"], again["content"]) == (first["id"], "x")
    _, unenforced = await bare.ask("POST", MESSAGES, json={"content": "x", "nonce": "j1"})
    assert unenforced["id"] != first["id"]
    await people.advance(301)
    _, later = await bare.ask("POST", MESSAGES, json=body)
    assert later["id"] not in (first["id"], unenforced["id"])
    await bare.ask("DELETE", f"{MESSAGES}/{later['id']}")
    status, answer = await bare.ask("POST", MESSAGES, json=body)
    assert (status, answer["code"]) == (404, 10008)


async def test_what_does_not_exist(bare: Bare) -> None:
    for method, path, code in (
        ("GET", "/channels/1", 10003),
        ("POST", "/channels/1/messages", 10003),
        ("GET", f"{MESSAGES}/1", 10008),
        ("PATCH", f"{MESSAGES}/1", 10008),
        ("GET", "/guilds/1", 10004),
        ("GET", f"/guilds/{GUILD_ID}/members/1", 10007),
        ("GET", "/users/1", 10013),
        ("GET", f"/applications/{BOT_ID}/commands/1", 10063),
        ("GET", "/nowhere", 0),
    ):
        status, answer = await bare.ask(method, path, json={"content": "x"})
        assert (status, answer["code"]) == (404, code), path


async def test_a_wrong_bot_token(bare: Bare, people: SandboxClient) -> None:
    unauthorized = (401, {"message": "401: Unauthorized", "code": 0})
    assert await bare.ask("GET", "/users/@me", token="wrong") == unauthorized
    await people.config(token_revoked=True)
    assert await bare.ask("GET", "/users/@me") == unauthorized
    assert (await people.stats())["limits"]["invalid_requests_10min"] == 2


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Upper", "description": "d"},
        {"name": "x" * 33, "description": "d"},
        {"name": "x", "description": ""},
        {"name": "x", "description": "d" * 101},
        {"name": "x", "description": "d", "options": [{"type": 3, "name": "o"}]},
        {
            "name": "x",
            "description": "d",
            "options": [
                {"type": 3, "name": "a", "description": "d"},
                {"type": 3, "name": "b", "description": "d", "required": True},
            ],
        },
        {
            "name": "x",
            "description": "d",
            "options": [{"type": 3, "name": f"o{n}", "description": "d"} for n in range(26)],
        },
    ],
)
async def test_commands_that_cannot_be_registered(bare: Bare, command: dict[str, Any]) -> None:
    path = f"/applications/{BOT_ID}/commands"
    status, answer = await bare.ask("PUT", path, json=[command])
    assert (status, answer["code"]) == (400, 50035)


async def test_commands_keep_their_ids(bare: Bare) -> None:
    path = f"/applications/{BOT_ID}/commands"
    one = {"name": "one", "description": "d"}
    _, [first] = await bare.ask("PUT", path, json=[one])
    _, both = await bare.ask("PUT", path, json=[{"name": "two", "description": "d"}, one])
    assert both[1]["id"] == first["id"] and both[0]["id"] != first["id"]
    assert [c["name"] for c in (await bare.ask("GET", path))[1]] == ["two", "one"]
