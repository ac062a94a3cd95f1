"""A sandbox, people in it, a small discord.py bot on it, and the bot's side as bare requests."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui

from sandbox import Sandbox, SandboxClient
from sandbox.pictures import plain_png

PNG = plain_png(48, 32, (200, 80, 40))
OTHER_PNG = plain_png(96, 64, (40, 80, 200))


def file(data: bytes = PNG, name: str = "grid.png", **more: Any) -> discord.File:
    return discord.File(io.BytesIO(data), name, **more)


class GridView(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="U1", custom_id="easel:u:1")
    async def upscale(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.defer()
        await interaction.followup.send("upscaled", file=file(OTHER_PNG, "u1.png"))

    @ui.button(label="Swap", custom_id="easel:swap")
    async def swap(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.edit_message(
            content="swapped", attachments=[file(OTHER_PNG, "other.png")]
        )

    @ui.button(label="Remix", custom_id="easel:remix")
    async def remix(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Remix())

    @ui.select(
        placeholder="More",
        custom_id="easel:more",
        options=[discord.SelectOption(label="Zoom"), discord.SelectOption(label="Pan")],
    )
    async def more(self, interaction: discord.Interaction, select: ui.Select[Any]) -> None:
        await interaction.response.send_message(f"chose {select.values[0]}", ephemeral=True)


class Remix(ui.Modal, title="Remix"):
    prompt = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=20))
    strength = ui.Label(
        text="Strength",
        component=ui.Select(
            custom_id="strength",
            options=[
                discord.SelectOption(label="Subtle", default=True),
                discord.SelectOption(label="Strong"),
            ],
        ),
    )
    mask = ui.Label(text="Mask", component=ui.FileUpload(custom_id="mask", required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, strength, mask = (
            self.prompt.component,
            self.strength.component,
            self.mask.component,
        )
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(strength, ui.Select)
        assert isinstance(mask, ui.FileUpload)
        sizes = [len(await upload.read()) for upload in mask.values]
        await interaction.response.send_message(
            f"{prompt.value} / {strength.values[0]} / {sizes}", ephemeral=True
        )


class Bot(discord.Client):
    """Answers a few commands; what it does not answer, tests answer with bare requests."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.05,
        )
        self.tree = app_commands.CommandTree(self)
        self.interactions: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self.events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        add_commands(self.tree)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Not the five seconds that discord.py waits before it identifies again."""

    async def setup_hook(self) -> None:
        self.add_view(GridView())
        await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.interactions.put_nowait(interaction)

    async def on_message(self, message: discord.Message) -> None:
        self.events.put_nowait(("message", message))

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.events.put_nowait(("reaction", event))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.events.put_nowait(("deleted", event))

    async def on_resumed(self) -> None:
        self.events.put_nowait(("resumed", None))

    async def on_ready(self) -> None:
        self.events.put_nowait(("ready", None))

    async def next_interaction(self) -> discord.Interaction:
        async with asyncio.timeout(5):
            return await self.interactions.get()

    async def until(self, kind: str) -> Any:
        async with asyncio.timeout(10):
            while True:
                seen, value = await self.events.get()
                if seen == kind:
                    return value


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command(description="Makes a grid")
    async def draw(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 100],
        number: app_commands.Range[int, 1, 4] = 4,
        model: str = "postcard",
        image: discord.Attachment | None = None,
        private: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=private)
        size = len(await image.read()) if image else 0
        text = f"**{prompt}** x{number} {model} {size} - {interaction.user.mention}"
        await interaction.edit_original_response(
            content=text, attachments=[file(description="a grid")], view=GridView()
        )

    @draw.autocomplete("model")
    async def models(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        names = ("postcard", "sdxl", "flux")
        return [app_commands.Choice(name=n.title(), value=n) for n in names if typed in n]

    @tree.command(description="Is answered by the test")
    async def raw(interaction: discord.Interaction) -> None:
        pass

    settings = app_commands.Group(name="settings", description="Settings")

    @settings.command(description="Shows them")
    async def show(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"settings of {user.name}", ephemeral=True)

    @settings.command(description="For admins")
    async def reset(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("done")

    tree.add_command(settings)

    @tree.command(description="For admins only")
    @app_commands.default_permissions(manage_guild=True)
    async def admin(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("you are an admin")

    @tree.context_menu(name="Show the prompt")
    async def prompt_of(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"it says {message.content}", ephemeral=True)

    @tree.context_menu(name="Their pictures")
    async def pictures_of(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"of {user.name}")


class Bare:
    """The bot's side without discord.py: one request, one status and body."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = aiohttp.ClientSession()
        self.headers: dict[str, str] = {}

    async def ask(
        self, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> tuple[int, Any]:
        authorization = {"Authorization": f"Bot {token or self.sandbox.token}"}
        async with self.session.request(
            method, self.sandbox.api_url + path, headers=authorization, **more
        ) as response:
            self.headers = dict(response.headers)
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.text()

    async def answer(
        self, interaction: discord.Interaction, body: Any, **more: Any
    ) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        return await self.ask("POST", path + "?with_response=true", json=body, **more)

    def webhook(self, interaction: discord.Interaction, rest: str = "") -> str:
        return f"/webhooks/{interaction.application_id}/{interaction.token}{rest}"

    def form(self, body: Any, *files: tuple[str, bytes]) -> aiohttp.FormData:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", discord.utils._to_json(body))
        for index, (name, data) in enumerate(files):
            form.add_field(
                f"files[{index}]",
                io.BytesIO(data),
                filename=name,
                content_type="application/octet-stream",
            )
        return form


def point_at(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", sandbox.api_url)
    monkeypatch.setattr(
        discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url)
    )
    monkeypatch.setattr(discord.asset.Asset, "BASE", sandbox.cdn_url)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False) as running:
        yield running


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        yield client


@pytest.fixture
async def bare(sandbox: Sandbox) -> AsyncIterator[Bare]:
    bare = Bare(sandbox)
    yield bare
    await bare.session.close()


@asynccontextmanager
async def running_bot(
    sandbox: Sandbox, people: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    point_at(monkeypatch, sandbox)
    client = Bot()
    running = asyncio.create_task(client.start(sandbox.token))
    try:
        await people.wait_connected()
        await client.wait_until_ready()
        yield client
    finally:
        await client.close()
        await running
        # discord.py dispatches its last events as tasks that nobody waits for.
        await asyncio.sleep(0)


@pytest.fixture
async def bot(
    sandbox: Sandbox, people: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    async with running_bot(sandbox, people, monkeypatch) as client:
        yield client
