"""REST routes of everything that is not a channel: the bot itself, its commands, the server."""

from aiohttp import web

from sandbox.commands import Commands
from sandbox.errors import invalid, known
from sandbox.events import Events
from sandbox.gateway import Gateway
from sandbox.rest_core import Answer, Call, Rest
from sandbox.shapes import Json, is_list, object_of, text_of, whole
from sandbox.world import ADA_ID, BOT_ID, GUILD_ID, World


class GuildRoutes:
    def __init__(self, world: World, commands: Commands, gateway: Gateway, events: Events) -> None:
        self._world = world
        self._commands = commands
        self._gateway = gateway
        self._events = events

    def add_to(self, app: web.Application, rest: Rest) -> None:
        commands = "/applications/{application_id}/commands"
        guild_commands = "/applications/{application_id}/guilds/{guild_id}/commands"
        guild = "/guilds/{guild_id}"
        for method, path, route in (
            ("POST", "/users/@me/channels", self.open_direct),
            ("GET", "/users/@me/guilds", self.my_guilds),
            ("GET", "/users/{user_id}", self.user),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            ("GET", guild, self.guild),
            ("GET", guild + "/channels", self.channels),
            ("GET", guild + "/roles", self.roles),
            ("GET", guild + "/members", self.members),
            ("GET", guild + "/members/search", self.members),
            ("GET", guild + "/members/{user_id}", self.member),
            ("GET", guild + "/threads/active", self.threads),
        ):
            rest.add(app, method, path, route)
        rest.add(app, "GET", "/users/@me", self.me, by_person=True)
        for path in (commands, guild_commands):
            rest.add(app, "GET", path, self.list_commands, bucket="commands")
            rest.add(app, "PUT", path, self.overwrite_commands, bucket="commands")
            rest.add(app, "GET", path + "/{command_id}", self.one_command, bucket="commands")

    # the bot

    def me(self, call: Call) -> Answer:
        if call.person is not None:
            return {**call.person.payload(), "mfa_enabled": False, "locale": "en-US"}
        return {
            **self._world.bot.payload(),
            "verified": True,
            "mfa_enabled": True,
            "email": None,
            "locale": "en-US",
            "bio": "",
        }

    def application(self, call: Call) -> Answer:
        bot = self._world.bot
        return {
            "id": BOT_ID,
            "name": bot.shown_as,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot": bot.payload(),
            "bot_public": False,
            "bot_require_code_grant": False,
            "owner": self._world.users[ADA_ID].payload(),
            "team": None,
            "verify_key": "0" * 64,
            "flags": 565248,
            "approximate_guild_count": 1 if self._world.guild_present else 0,
            "approximate_user_install_count": sum(user.installed for user in self._world.people()),
            "approximate_user_authorization_count": 0,
            "flags_new": "565248",
            "role_connections_verification_url": None,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": ["bot", "applications.commands"],
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "integration_types_config": {"0": {}, "1": {}},
            "tags": [],
        }

    def user(self, call: Call) -> Answer:
        return self._world.user(call.part("user_id")).payload()

    def my_guilds(self, call: Call) -> Answer:
        if not self._world.guild_present:
            return []
        guild = self._world.guild_payload()
        return [
            {
                "id": GUILD_ID,
                "name": guild["name"],
                "icon": None,
                "banner": None,
                "owner": False,
                "permissions": str(self._world.base_permissions(self._world.bot)),
                "features": [],
                "approximate_member_count": guild["approximate_member_count"],
                "approximate_presence_count": guild["approximate_presence_count"],
            }
        ]

    def open_direct(self, call: Call) -> Answer:
        recipient = text_of(call.body.get("recipient_id"))
        user = self._world.users.get(recipient)
        if user is None or user.bot:
            raise invalid("recipient_id", "CHANNEL_RECIPIENT_INVALID", "Invalid Recipient(s)")
        known_before = len(self._world.channels)
        channel = self._world.direct_channel(user.id)
        if len(self._world.channels) != known_before:
            self._events.publish("channels", {})
        return self._world.channel_payload(channel)

    def gateway(self, call: Call) -> Answer:
        return {"url": self._gateway.ws_url}

    def gateway_bot(self, call: Call) -> Answer:
        return {
            "url": self._gateway.ws_url,
            "shards": 1,
            "session_start_limit": {
                "total": 1000,
                "remaining": max(0, 1000 - self._gateway.identifies),
                "reset_after": 86_400_000,
                "max_concurrency": 1,
            },
        }

    # commands

    def _scope(self, call: Call) -> str:
        if call.part("application_id") != BOT_ID:
            raise known(50001)
        guild_id = call.request.match_info.get("guild_id", "")
        if guild_id and (guild_id != GUILD_ID or not self._world.guild_present):
            raise known(50001)
        return guild_id

    def list_commands(self, call: Call) -> Answer:
        return self._commands.scope(self._scope(call))

    def one_command(self, call: Call) -> Answer:
        for command in self._commands.scope(self._scope(call)):
            if command["id"] == call.part("command_id"):
                return command
        raise known(10063)

    def overwrite_commands(self, call: Call) -> Answer:
        scope = self._scope(call)
        if not is_list(call.data):
            raise invalid("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        made = self._commands.overwrite(call.data, scope)
        self._events.publish("commands", {"count": len(made)})
        return made

    # the server

    def _guild(self, call: Call) -> None:
        if call.part("guild_id") != GUILD_ID or not self._world.guild_present:
            raise known(10004)

    def guild(self, call: Call) -> Answer:
        self._guild(call)
        return self._world.guild_payload()

    def channels(self, call: Call) -> Answer:
        self._guild(call)
        return [self._world.channel_payload(c) for c in self._world.guild_channels()]

    def roles(self, call: Call) -> Answer:
        self._guild(call)
        return [role.payload() for role in self._world.roles.values()]

    def member(self, call: Call) -> Answer:
        self._guild(call)
        return self._world.member_payload(self._world.member(call.part("user_id")))

    def members(self, call: Call) -> Answer:
        """List and search; both want the members intent on Discord, search does not."""
        self._guild(call)
        begins = call.query.get("query", "").lower()
        limit = whole(call.query.get("limit", "1"), 1)
        after = whole(call.query.get("after", "0"))
        found: list[Json] = []
        for user in self._world.users.values():
            if user.in_guild and int(user.id) > after and user.name.lower().startswith(begins):
                found.append(self._world.member_payload(user))
        return found[:limit]

    def threads(self, call: Call) -> Answer:
        self._guild(call)
        active = [t for t in self._world.threads() if not t.archived]
        return {
            "threads": [object_of(self._world.channel_payload(t)) for t in active],
            "members": [],
            "has_more": False,
        }
