"""What is kept, over a restart and over a long run."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import pytest
import yarl

from sandbox import Sandbox, SandboxClient, SandboxError
from sandbox.world import STUDIO_ID
from tests.sandbox.conftest import OTHER_PNG, PNG, Bare, GridView, running_bot

MESSAGES = f"/channels/{STUDIO_ID}/messages"


async def test_an_old_buttons_picture_and_press_survive_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.json"
    async with Sandbox(state=path) as sandbox, SandboxClient(sandbox.url) as people:
        bare = Bare(sandbox)
        body = {
            "content": "old",
            "components": GridView().to_components(),
            "embeds": [{"image": {"url": "attachment://e.png"}}],
        }
        form = bare.form(body, ("a.png", PNG), ("e.png", OTHER_PNG))
        _, sent = await bare.ask("POST", MESSAGES, data=form)
        await people.react("mira", sent["id"], "🎨")
        await people.person(name="Zoe")
        said = await people.say("zoe", "studio", "from somebody new")
        await people.permissions("showcase", deny=["SEND_MESSAGES"])
        await bare.session.close()
    assert not list(tmp_path.rglob("*.tmp"))

    async with Sandbox(state=path) as sandbox, SandboxClient(sandbox.url) as people:
        assert (await people.message(said.id)).raw["author"]["username"] == "zoe"
        message = await people.message(sent["id"])
        assert message.content == "old" and message.raw["reactors"]["🎨"]
        assert [await people.download(url) for url in message.pictures] == [PNG, OTHER_PNG]
        channels = (await people.world())["channels"]
        assert channels[1]["permission_overwrites"]
        async with running_bot(sandbox, people, monkeypatch):
            done = await people.press("mira", message.id, label="Swap")
        assert done.how == "update"
        assert int(done.id) > int(message.id)
    # The pictures that the edit replaced are gone from the disk as well.
    assert len(list((tmp_path / "sandbox.json.files").iterdir())) == 1


async def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"format": 99}')
    with pytest.raises(ValueError, match="not a sandbox state"):
        async with Sandbox(state=path):
            pass


async def test_messages_and_files_are_bounded() -> None:
    async with Sandbox(messages=5, attachment_bytes=3 * len(PNG), rate_limits=False) as sandbox:
        bare = Bare(sandbox)
        async with SandboxClient(sandbox.url) as people:
            for n in range(8):
                form = bare.form({"content": str(n)}, (f"{n}.png", PNG))
                assert (await bare.ask("POST", MESSAGES, data=form))[0] == 200
            found = await people.messages("studio")
            assert [m.content for m in found] == ["3", "4", "5", "6", "7"]
            stats = await people.stats()
            assert (stats["messages"], stats["attachments"]) == (5, 3)
            assert stats["attachment_bytes"] == 3 * len(PNG)
            assert await people.download(found[-1].pictures[0]) == PNG
        await bare.session.close()


async def test_loopback_only() -> None:
    for host in ("0.0.0.0", "192.168.0.1"):
        with pytest.raises(ValueError, match="loopback"):
            Sandbox(host)
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            async with session.get(sandbox.url + "/_sandbox/world", headers=headers) as response:
                assert response.status == 403
        local = {"Host": f"localhost:{yarl.URL(sandbox.url).port}"}
        async with session.get(sandbox.url + "/_sandbox/world", headers=local) as response:
            assert response.status == 200
        async with session.get(sandbox.url + "/page/../app.py") as response:
            assert response.status == 404


async def test_the_program(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        "0",
        "--token",
        "t",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        ready = json.loads(await process.stdout.readline())
        assert ready["token"] == "t"
        assert ready["api"] == ready["url"] + "/api/v10"
        async with SandboxClient(ready["url"]) as people:
            assert (await people.say("ada", "showcase", "hello")).content == "hello"
        process.terminate()
        assert await process.wait() == 0


async def test_the_program_says_what_is_wrong() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--host", "0.0.0.0", stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        _, error = await process.communicate()
    assert process.returncode == 1
    assert error.decode() == (
        "The sandbox could not start: the sandbox listens on loopback addresses only\n"
    )


async def test_waiting_ends_when_the_sandbox_does() -> None:
    async with Sandbox() as sandbox:
        people = await SandboxClient(sandbox.url).__aenter__()
        waiting = asyncio.create_task(people.wait_for(lambda event: False))
        await asyncio.sleep(0)
    with pytest.raises(SandboxError, match="ended its stream"):
        await waiting
    await people.__aexit__(None, None, None)


async def test_people_without_a_live_view(sandbox: Sandbox) -> None:
    async with SandboxClient(sandbox.url, live=False) as people:
        await people.say("mira", "studio", "hello")
        assert not sandbox.parts.events.watched
        with pytest.raises(RuntimeError, match="stream of events"):
            await people.wait_for(lambda event: True)
