"""Where each command can be used, and what an operator is told who lets people take Easel along."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.commands import COMMANDS, Tree, register
from bot.languages import Descriptions
from bot.view_commands import MENUS
from core.errors import SettingsError

BOT = Path(__file__).parents[2] / "bot"

ADMINS = {"quota", "server", "style", "showcase", "theme", "Report"}
"""What is a server's own: its admins use it, or it goes to them."""


class FakeDiscord:
    """Has no commands yet, and keeps what is registered."""

    def __init__(self) -> None:
        self.registered: list[Any] = []

    async def request(self, route: Any, **options: Any) -> Any:
        return []

    async def bulk_upsert_global_commands(self, application_id: int, payload: Any) -> Any:
        self.registered = payload
        return []


def tree_of(*, taken_along: bool, user_install: object | None = None) -> Tree:
    client: Any = discord.Client(intents=discord.Intents.none(), application_id=5)
    client.http = FakeDiscord()
    client._connection.http = client.http
    client._application = SimpleNamespace(user_integration_config=user_install)
    tree = Tree(client, taken_along=taken_along)
    tree._http = client.http
    for command in (*COMMANDS, *MENUS):
        tree.add_command(command)
    return tree


async def registered(tree: Tree) -> dict[str, tuple[list[int], list[int]]]:
    """For each command by whom it may be installed, and where it may be used."""
    await tree.set_translator(Descriptions())
    assert await register(tree, None)
    sent = cast("Any", tree.client.http).registered
    return {one["name"]: (one["integration_types"], one["contexts"]) for one in sent}


async def test_as_it_comes_it_is_installed_by_servers_alone() -> None:
    for name, found in (await registered(tree_of(taken_along=False))).items():
        assert found == ([0], [0] if name in ADMINS else [0, 1]), name


async def test_switched_on_members_take_along_what_they_use_and_nothing_of_the_admins() -> None:
    for name, found in (await registered(tree_of(taken_along=True))).items():
        assert found == (([0], [0]) if name in ADMINS else ([0, 1], [0, 1, 2])), name


async def test_one_server_alone_and_everywhere_do_not_go_together() -> None:
    with pytest.raises(SettingsError) as refused:
        await register(tree_of(taken_along=True), 4711)
    assert refused.value.sentence.startswith("EASEL_USER_INSTALL: on does not go with EASEL_SERVER")


@pytest.mark.parametrize(
    ("taken_along", "allowed", "told"), [(True, False, 1), (True, True, 0), (False, False, 0)]
)
async def test_what_discord_has_to_be_told_as_well_is_said_in_the_log(
    caplog: pytest.LogCaptureFixture, taken_along: bool, allowed: bool, told: int
) -> None:
    caplog.set_level(logging.WARNING)
    await registered(tree_of(taken_along=taken_along, user_install=object() if allowed else None))
    assert caplog.text.count("tick User Install on its page Installation") == told


def test_a_servers_id_alone_decides_nothing() -> None:
    """An interaction names the server also where Easel is not: whose rules hold is asked of
    `bot.whereabouts`."""
    asking = [path.name for path in BOT.glob("*.py") if "interaction.guild_id" in path.read_text()]
    assert asking == ["whereabouts.py"]
