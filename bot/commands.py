"""The slash commands, and registering them with Discord only when they changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.http import Route

from bot.admin_commands import ADMIN_COMMANDS
from bot.choices import holding, offers
from bot.help import open_about, open_help, topics
from bot.history_commands import HISTORY_COMMANDS
from bot.installs import for_members
from bot.languages import Descriptions
from bot.member_commands import MEMBER_COMMANDS
from bot.replies import Interaction, apologies
from bot.settings_commands import SETTINGS_COMMANDS
from bot.showcase_commands import showcase
from bot.study_commands import STUDY_COMMANDS
from bot.style_commands import style
from bot.theme_commands import theme
from bot.view_commands import VIEW_COMMANDS
from core.errors import EaselError, SettingsError
from core.sentences import say

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.desk import Desk

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """Errors that discord.py itself finds in a command are answered like ours. `taken_along`:
    people may install Easel for themselves, and use what members use wherever they are."""

    def __init__(self, client: discord.Client, *, taken_along: bool = False) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(private_channel=taken_along),
            allowed_installs=app_commands.AppInstallationType(user=taken_along),
        )
        self.taken_along = taken_along

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        async with apologies(interaction):
            if isinstance(error, app_commands.CommandInvokeError):
                raise error.original
            stale = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
            if isinstance(error, stale):
                raise EaselError(say("This command has changed. Reload Discord and try again."))
            raise error


def _desk(interaction: Interaction) -> Desk:
    return cast("EaselBot", interaction.client).desk


@app_commands.command(description="Make a picture from words")
@app_commands.describe(
    prompt="What to make, with flags such as --ar 3:2",
    model="Which model makes it",
    image="A picture to start from",
)
@for_members
async def imagine(
    interaction: discord.Interaction[Any],
    prompt: str,
    model: str | None = None,
    image: discord.Attachment | None = None,
) -> None:
    async with apologies(interaction):
        await _desk(interaction).imagine(interaction, prompt, model=model, image=image)


@imagine.autocomplete("model")
@offers
async def model_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The catalogue's models whose name, title or alias holds what was typed."""
    wanted = typed.strip().lower()
    return [
        (f"{model.name} - {model.title}" if model.title else model.name, model.name)
        for model in _desk(interaction).studio.catalogue.offered
        if wanted in " ".join((model.name, model.title, *model.aliases)).lower()
    ]


@app_commands.command(name="help", description="What Easel can do")
@for_members
@app_commands.describe(about="A flag, a button or a command, such as --chaos")
async def help_(interaction: discord.Interaction[Any], about: str | None = None) -> None:
    async with apologies(interaction):
        catalogue = _desk(interaction).studio.catalogue
        if about is None:
            await open_help(interaction, catalogue, COMMANDS)
        else:
            await open_about(interaction, catalogue, COMMANDS, about)


@help_.autocomplete("about")
@offers
async def topic_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The flags, buttons and commands whose name holds what was typed."""
    return holding(typed, topics(_desk(interaction).studio.catalogue, COMMANDS))


COMMANDS = cast(
    "list[app_commands.Command[Any, Any, Any]]",
    [
        imagine,
        *STUDY_COMMANDS,
        *VIEW_COMMANDS,
        *HISTORY_COMMANDS,
        *SETTINGS_COMMANDS,
        *MEMBER_COMMANDS,
        theme,
        help_,
        *ADMIN_COMMANDS,
        style,
        showcase,
    ],
)


async def register(tree: Tree, server_id: int | None) -> bool:
    """Registers the commands unless Discord has them just so; creating commands is limited to 200
    a day. True: they were sent. Raises SettingsError when the server is not one of the bot's, or
    when commands of one server alone are to be taken elsewhere."""
    if server_id and tree.taken_along:
        raise SettingsError(
            "EASEL_USER_INSTALL: on does not go with EASEL_SERVER_ID, since what is registered in "
            "one server cannot be used elsewhere. Leave one of the two empty."
        )
    server = discord.Object(server_id) if server_id else None
    await tree.set_translator(words := Descriptions())
    ours = {
        command.name: await command.get_translated_payload(tree, words)
        for command in tree.get_commands(guild=server)
    }
    http, application_id = tree.client.http, tree.client.application_id
    assert application_id is not None, "not logged in"
    if tree.taken_along:
        _look_at_portal(tree.client.application)
    try:
        # As sent: discord.py 2.7.1 misreads the contexts of the commands it fetches.
        route = "/applications/{application_id}/commands"
        if server is not None:
            route = "/applications/{application_id}/guilds/{guild_id}/commands"
        raw = await http.request(
            Route("GET", route, application_id=application_id, guild_id=server_id),
            params={"with_localizations": "true"},
        )
        there = {command["name"]: command for command in raw}
        if ours.keys() == there.keys() and all(_same(ours[name], there[name]) for name in ours):
            return False
        await tree.sync(guild=server)
    except (discord.Forbidden, discord.NotFound) as error:
        raise SettingsError(
            "EASEL_SERVER_ID: the bot is not in that server, or was invited without the "
            "applications.commands scope. Invite it with both scopes, bot and "
            "applications.commands, or leave the setting empty."
        ) from error
    log.info("registered the commands %s", ", ".join(sorted(ours)))
    return True


def _look_at_portal(application: discord.AppInfo | None) -> None:
    """What the operator has to allow at Discord as well."""
    if application is not None and application.user_integration_config is None:
        log.warning(
            "EASEL_USER_INSTALL is on, but nobody can install the application for themselves: tick "
            "User Install on its page Installation at https://discord.com/developers/applications"
        )


def _same(ours: Any, theirs: Any) -> bool:
    """Whether what Discord has says the same as ours. It may have fields we did not send, and
    writes a default as null, false, or not at all."""
    if isinstance(ours, Mapping):
        mine = cast("Mapping[str, Any]", ours)
        other = cast("Mapping[str, Any]", theirs if isinstance(theirs, Mapping) else {})
        return all(_same(mine[key], other.get(key)) for key in mine if key not in _DEPRECATED)
    if isinstance(ours, list):
        items = cast("list[Any]", ours)
        others = cast("list[Any]", theirs or [])
        if all(isinstance(item, int) for item in items):
            return sorted(items) == sorted(others)
        return len(items) == len(others) and all(map(_same, items, others))
    return ours == theirs or (not ours and not theirs)


_DEPRECATED = frozenset({"dm_permission"})
"""Still sent by discord.py, no longer kept by Discord: `contexts` took its place."""
