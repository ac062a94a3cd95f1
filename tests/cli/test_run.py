"""`easel run` as a program: started, used over sockets, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from sandbox.app import Sandbox
from sandbox.client import SandboxClient
from sandbox.world import MIRA_ID
from tests.cli.conftest import FAKE_WORKER

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A running `easel`, its two outputs read line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def says(self, words: str) -> str:
        """The first line from now on that holds `words`; fails when the program ends first."""
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode():
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"it ended without saying “{words}”:\n{''.join(self.lines)}")

    async def ended(self) -> int:
        assert self.process.stdout is not None
        self.lines += (await self.process.stdout.read()).decode().splitlines(keepends=True)
        return await self.process.wait()

    @property
    def said(self) -> str:
        return "".join(self.lines)


@asynccontextmanager
async def easel(
    data: Path, *words: str, worker: str = FAKE_WORKER, **environment: str
) -> AsyncIterator[Program]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", *(words or ("run",))),
        env={
            **kept,
            "EASEL_DATA": str(data),
            "EASEL_WORKER_COMMAND": worker,
            "EASEL_GALLERY_PORT": "0",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **environment,
        },
        cwd=data.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Program(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_without_a_token_it_opens_the_sandbox_and_draws(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as program:
        await program.says("No DISCORD_TOKEN")
        url = (await program.says("Open http://127.0.0.1:")).split()[1]
        async with SandboxClient(url) as people:
            await people.wait_connected()
            await people.slash("mira", "studio", "imagine", prompt="a boat --n 2")
            done = await people.wait_message("studio", lambda m: m.button("U1") is not None)
            assert len(done.attachments) == 1
        program.process.send_signal(signal.SIGTERM)
        assert await program.ended() == 0


async def test_a_polite_stop_ends_the_worker_and_the_sandbox_too(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as program:
        await program.says("connected to Discord")
        children = _children(program.process.pid)
        assert len(children) == 2
        program.process.send_signal(signal.SIGINT)
        assert await program.ended() == 0
    assert not any(_alive(child) for child in children)


async def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as first:
        await first.says("Open http")
        async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as second:
            assert await second.ended() == 3
            assert "EASEL_DATA" in second.said
            assert "Traceback" not in second.said


async def test_old_files_are_looked_through_at_the_start(tmp_path: Path) -> None:
    key = "ab" * 32 + ".png"
    kept = tmp_path / "data" / "blobs" / "ab" / key
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"of another database, it seems")
    os.utime(kept, (1e9, 1e9))
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as program:
        await program.says("1 of 1 old files")
    assert kept.exists()


async def test_a_wrong_token_is_one_sentence(tmp_path: Path) -> None:
    async with (
        Sandbox(port=0) as discord,
        easel(
            tmp_path / "data", DISCORD_TOKEN="not.the.token", EASEL_DISCORD_URL=discord.url
        ) as program,
    ):
        assert await program.ended() == 3
    assert "easel: Discord did not accept DISCORD_TOKEN." in program.said
    assert "not.the.token" not in program.said
    assert "Traceback" not in program.said


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    async with Sandbox(port=0) as other:
        port = other.url.rsplit(":", 1)[1]
        async with easel(tmp_path / "data", EASEL_SANDBOX_PORT=port) as program:
            assert await program.ended() == 3
    assert "EASEL_SANDBOX_PORT" in program.said
    assert "Traceback" not in program.said


async def test_the_shell_hands_its_job_to_a_server_that_runs(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as server:
        await server.says("connected to Discord")
        # A worker of the shell's own would fail: only the server's can do this.
        async with easel(
            tmp_path / "data", "imagine", "a boat", "--json", worker="/no/worker"
        ) as shell:
            assert await shell.ended() == 0, shell.said
    assert '"images": ["out/' in shell.said


async def test_doctor_finds_a_bot_that_may_work(tmp_path: Path) -> None:
    async with (
        Sandbox(port=0) as discord,
        easel(
            tmp_path / "data",
            "doctor",
            DISCORD_TOKEN=discord.token,
            EASEL_DISCORD_URL=discord.url,
        ) as program,
    ):
        await program.ended()
    assert "✓ token: Discord knows this bot as Easel." in program.said
    assert "✓ permissions: All it needs in" in program.said
    assert "✓ database: 0 jobs kept" in program.said
    assert discord.token not in program.said


async def test_doctor_gives_the_invitation_and_refuses_a_wrong_token(tmp_path: Path) -> None:
    async with Sandbox(port=0) as discord, SandboxClient(discord.url) as people:
        await people.guild(present=False)
        environment = {"EASEL_DISCORD_URL": discord.url, "DISCORD_TOKEN": discord.token}
        async with easel(tmp_path / "data", "doctor", **environment) as program:
            assert await program.ended() == 1
        assert "✗ permissions: The bot is in no server. Invite it: https://" in program.said
        environment["DISCORD_TOKEN"] = "wrong"
        async with easel(tmp_path / "data", "doctor", **environment) as program:
            assert await program.ended() == 1
        assert "✗ token: Discord refuses the token." in program.said


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_the_gallery_is_served_beside_the_bot(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0") as program:
        url = (await program.says("The gallery is at http://127.0.0.1:")).split()[-1].rstrip(".")
        sandbox = (await program.says("Open http://127.0.0.1:")).split()[1]
        await program.says("connected to Discord")
        async with httpx.AsyncClient(base_url=url) as browser:
            asked = await browser.get("/login", params={"next": "/mine"})
            assert asked.headers["location"].startswith(f"{sandbox}/oauth2/authorize?")
            back = await browser.get(f"{asked.headers['location']}&as={MIRA_ID}")
            assert (await browser.get(back.headers["location"])).headers["location"] == "/mine"
            assert "Mira" in (await browser.get("/mine")).text
            secret = browser.cookies["easel-session"]
        program.process.send_signal(signal.SIGTERM)
        assert await program.ended() == 0
    assert secret not in program.said
    assert "sandbox.secret" not in program.said


async def test_a_taken_port_of_the_gallery_is_one_sentence(tmp_path: Path) -> None:
    async with Sandbox(port=0) as other:
        port = other.url.rsplit(":", 1)[1]
        async with easel(
            tmp_path / "data", EASEL_SANDBOX_PORT="0", EASEL_GALLERY_PORT=port
        ) as program:
            assert await program.ended() == 3
    assert f"easel: The gallery could not start on port {port}" in program.said
    assert "EASEL_GALLERY_PORT" in program.said
    assert "Traceback" not in program.said


async def test_the_gallery_is_switched_off(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", EASEL_SANDBOX_PORT="0", EASEL_GALLERY="off") as program:
        await program.says("connected to Discord")
        program.process.send_signal(signal.SIGTERM)
        assert await program.ended() == 0
    assert "The gallery is at" not in program.said
    async with easel(tmp_path / "data", "gallery", EASEL_GALLERY="off") as alone:
        assert await alone.ended() == 3
    assert "easel: EASEL_GALLERY is off" in alone.said


async def test_the_gallery_is_served_alone(tmp_path: Path) -> None:
    async with easel(tmp_path / "data", "gallery") as program:
        url = (await program.says("The gallery is at http://127.0.0.1:")).split()[-1].rstrip(".")
        async with httpx.AsyncClient(base_url=url) as browser:
            assert (await browser.get("/")).status_code == 200
            assert "is not running" in (await browser.get("/login")).text
        program.process.send_signal(signal.SIGINT)
        assert await program.ended() == 0
    assert "Traceback" not in program.said


async def test_without_a_client_the_log_in_page_says_what_to_set(tmp_path: Path) -> None:
    async with Sandbox(port=0) as discord:
        given = {"EASEL_DISCORD_URL": discord.url, "DISCORD_TOKEN": discord.token}
        async with easel(tmp_path / "data", "gallery", **given) as program:
            url = (await program.says("The gallery is at")).split()[-1].rstrip(".")
            async with httpx.AsyncClient(base_url=url) as browser:
                assert "EASEL_DISCORD_CLIENT_SECRET" in (await browser.get("/login")).text
