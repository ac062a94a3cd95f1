"""Who and what exists: one server, its channels and roles, the people, the bot.

Ids are fixed so that a restarted sandbox is the same place. Nothing here speaks HTTP.
"""

from dataclasses import dataclass, field

from sandbox import permissions
from sandbox.channel import (
    DIRECT,
    GUILD_ID,
    JOINED_AT,
    TEXT,
    Channel,
    Overwrite,
)
from sandbox.errors import known
from sandbox.shapes import Json

STUDIO_ID = "1100000000000000011"
SHOWCASE_ID = "1100000000000000012"
BOT_ID = "1100000000000000100"
MIRA_ID = "1100000000000000101"
NOAH_ID = "1100000000000000102"
ADA_ID = "1100000000000000103"
ADMIN_ROLE_ID = "1100000000000000201"
PATRON_ROLE_ID = "1100000000000000202"
BOT_ROLE_ID = "1100000000000000203"


@dataclass
class User:
    """`installed`: they installed the app for themselves, and may take it along."""

    id: str
    name: str
    shown_as: str
    about: str = ""
    bot: bool = False
    roles: list[str] = field(default_factory=list[str])
    in_guild: bool = True
    dms_open: bool = True
    installed: bool = False

    def payload(self) -> Json:
        return {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.bot else self.shown_as,
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }


@dataclass
class Role:
    id: str
    name: str
    permissions: int
    position: int
    color: int = 0
    managed: bool = False

    def payload(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "color": self.color,
            "colors": {
                "primary_color": self.color,
                "secondary_color": None,
                "tertiary_color": None,
            },
            "hoist": self.color != 0,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.managed,
            "mentionable": False,
            "flags": 0,
        }


class World:
    """The one server and everybody in it."""

    def __init__(self, bot_name: str = "Easel") -> None:
        self.name = "Easel Sandbox"
        self.guild_present = True
        self.roles: dict[str, Role] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        for role in (
            Role(GUILD_ID, "@everyone", permissions.EVERYONE, 0),
            Role(ADMIN_ROLE_ID, "Admin", permissions.ADMINISTRATOR, 3, color=0xE8A33D),
            Role(PATRON_ROLE_ID, "Patron", 0, 2, color=0x6FC3A8),
            Role(BOT_ROLE_ID, bot_name, permissions.EVERYONE, 1, managed=True),
        ):
            self.roles[role.id] = role
        for user in (
            User(BOT_ID, bot_name, bot_name, "the bot", bot=True, roles=[BOT_ROLE_ID]),
            User(MIRA_ID, "mira", "Mira", "a member"),
            User(NOAH_ID, "noah", "Noah", "a member with the Patron role", roles=[PATRON_ROLE_ID]),
            User(ADA_ID, "ada", "Ada", "an admin; owns the server", roles=[ADMIN_ROLE_ID]),
        ):
            self.users[user.id] = user
        for channel in (
            Channel(STUDIO_ID, TEXT, "studio", "Type / to begin", 0),
            Channel(SHOWCASE_ID, TEXT, "showcase", "Pictures worth keeping", 1),
        ):
            self.channels[channel.id] = channel

    # people

    @property
    def bot(self) -> User:
        return self.users[BOT_ID]

    def people(self) -> list[User]:
        return [user for user in self.users.values() if not user.bot]

    def user(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise known(10013)
        return user

    def member(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is None or not user.in_guild:
            raise known(10007)
        return user

    def find_person(self, who: str) -> User:
        """A person by id or by name; raises LookupError for nobody."""
        if who in self.users:
            return self.users[who]
        for user in self.users.values():
            if who.lower() in (user.name.lower(), user.shown_as.lower()):
                return user
        raise LookupError(f"nobody here is called {who!r}")

    # channels

    def channel(self, channel_id: str) -> Channel:
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind != DIRECT and not self.guild_present):
            raise known(10003)
        return channel

    def find_channel(self, which: str) -> Channel:
        """A channel by id or by name with or without `#`; raises LookupError for none."""
        if which in self.channels:
            return self.channels[which]
        for channel in self.channels.values():
            if channel.name and channel.name == which.lstrip("#"):
                return channel
        raise LookupError(f"there is no channel {which!r}")

    @staticmethod
    def direct_channel_id(user_id: str) -> str:
        """Derived from the person's id, so that it is the same after a restart."""
        return str(int(user_id) + 900)

    def direct_channel(self, user_id: str) -> Channel:
        """The direct messages between the bot and this person, opened on first use."""
        channel_id = self.direct_channel_id(user_id)
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, DIRECT, "", recipient=user_id)
        return self.channels[channel_id]

    def guild_channels(self) -> list[Channel]:
        """Those of the server that the bot is in."""
        return [c for c in self.channels.values() if c.kind == TEXT and not c.abroad]

    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.is_thread]

    # permissions

    def base_permissions(self, user: User) -> int:
        """Server-wide rights, before any channel's exceptions."""
        if user.id == ADA_ID:
            return permissions.ALL
        total = self.roles[GUILD_ID].permissions
        for role_id in user.roles:
            total |= self.roles[role_id].permissions
        return permissions.ALL if total & permissions.ADMINISTRATOR else total

    def permissions(self, user_id: str, channel: Channel) -> int:
        """What this person may do in this channel. Discord's docs: "Permission Overwrites"."""
        if channel.abroad:
            return self._permissions_abroad(user_id, channel)
        if channel.kind == DIRECT:
            return permissions.DIRECT_MESSAGE if user_id in (BOT_ID, channel.recipient) else 0
        user = self.users.get(user_id)
        if user is None or not user.in_guild:
            return 0
        total = self.base_permissions(user)
        if total & permissions.ADMINISTRATOR:
            return permissions.ALL
        overwrites = (
            self.channels[channel.parent].overwrites
            if channel.is_thread and channel.parent in self.channels
            else channel.overwrites
        )
        if everyone := overwrites.get(GUILD_ID):
            total = total & ~everyone.deny | everyone.allow
        by_role = [overwrites[role] for role in user.roles if role in overwrites]
        for overwrite in by_role:
            total &= ~overwrite.deny
        for overwrite in by_role:
            total |= overwrite.allow
        if own := overwrites.get(user.id):
            total = total & ~own.deny | own.allow
        return total if total & permissions.VIEW_CHANNEL else 0

    def _permissions_abroad(self, user_id: str, channel: Channel) -> int:
        """Everybody but the bot is a member of the other server, and none has a role there."""
        if channel.kind == DIRECT:
            return permissions.DIRECT_MESSAGE if user_id in channel.people else 0
        if user_id == BOT_ID:
            return 0
        everyone = channel.overwrites.get(GUILD_ID, Overwrite(GUILD_ID, "role"))
        return permissions.EVERYONE & ~everyone.deny | everyone.allow

    def app_permissions(self, person: User, channel: Channel) -> int:
        """What an interaction says the app may do: abroad, what its person may do."""
        if not channel.abroad:
            return self.permissions(BOT_ID, channel)
        if channel.kind == DIRECT:
            return permissions.MESSAGES_OF_OTHERS
        return self.permissions(person.id, channel)

    @staticmethod
    def integration_owners(person: User, channel: Channel) -> Json:
        """By whose installation the app is there. Discord's docs: "Authorizing Integration Owners
        Object"."""
        owners: Json = {} if channel.abroad else {"0": channel.guild_id or "0"}
        return {**owners, "1": person.id} if person.installed else owners

    def can(self, user_id: str, channel: Channel, right: int) -> bool:
        return self.permissions(user_id, channel) & right == right

    def require(self, user_id: str, channel: Channel, right: int) -> None:
        """Raises 50001 when the channel cannot be seen, 50013 when the right is missing."""
        held = self.permissions(user_id, channel)
        if not held & permissions.VIEW_CHANNEL:
            raise known(50001)
        if held & right != right:
            raise known(50013)

    # payloads

    def member_payload(self, user: User, channel: Channel | None = None) -> Json:
        payload: Json = {
            "user": user.payload(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [] if channel is not None and channel.abroad else list(user.roles),
            "joined_at": JOINED_AT,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
        if channel is not None:
            payload["permissions"] = str(self.permissions(user.id, channel))
        return payload

    def channel_payload(self, channel: Channel) -> Json:
        if channel.kind == DIRECT:
            others = channel.people if channel.abroad else [channel.recipient]
            return {
                "id": channel.id,
                "type": DIRECT,
                "flags": 0,
                "last_message_id": channel.last_message,
                "recipients": [self.users[user_id].payload() for user_id in others],
            }
        payload: Json = {
            "id": channel.id,
            "type": channel.kind,
            "guild_id": channel.guild_id,
            "name": channel.name,
            "flags": 0,
            "rate_limit_per_user": 0,
            "last_message_id": channel.last_message,
        }
        if channel.is_thread:
            payload |= {
                "parent_id": channel.parent,
                "owner_id": channel.owner,
                "message_count": 0,
                "total_message_sent": 0,
                "member_count": 1,
                "thread_metadata": {
                    "archived": channel.archived,
                    "locked": channel.locked,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": channel.made_at,
                    "create_timestamp": channel.made_at,
                },
            }
        else:
            payload |= {
                "topic": channel.topic,
                "position": channel.position,
                "nsfw": channel.nsfw,
                "parent_id": None,
                "permission_overwrites": [o.payload() for o in channel.overwrites.values()],
            }
        return payload

    def guild_payload(self, *, whole: bool = False) -> Json:
        """The server; `whole` adds what only GUILD_CREATE carries."""
        members = [user for user in self.users.values() if user.in_guild]
        payload: Json = {
            "id": GUILD_ID,
            "name": self.name,
            "icon": None,
            "description": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [role.payload() for role in self.roles.values()],
            "owner_id": ADA_ID,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "widget_enabled": False,
            "verification_level": 1,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": "en-US",
            "vanity_url_code": None,
            "home_header": None,
            "application_id": None,
            "region": "deprecated",
            "nsfw": False,
            "incidents_data": None,
            "widget_channel_id": None,
            "max_presences": None,
            "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50,
            "max_members": 250000,
            "approximate_member_count": len(members),
            "approximate_presence_count": len(members),
        }
        if whole:
            payload |= {
                "joined_at": JOINED_AT,
                "large": False,
                "unavailable": False,
                "member_count": len(members),
                "members": [self.member_payload(user) for user in members],
                "channels": [self.channel_payload(channel) for channel in self.guild_channels()],
                "threads": [self.channel_payload(thread) for thread in self.threads()],
                "presences": [],
                "voice_states": [],
                "stage_instances": [],
                "guild_scheduled_events": [],
                "soundboard_sounds": [],
            }
        return payload

    def partial_channel_payload(self, channel: Channel, user_id: str) -> Json:
        """The channel as an interaction carries it: with the caller's permissions."""
        payload = self.channel_payload(channel)
        if channel.kind != DIRECT:
            payload["permissions"] = str(self.permissions(user_id, channel))
        return payload
