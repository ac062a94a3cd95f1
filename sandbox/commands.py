"""The bot's registered commands, who may see them, and how a person's options become data.

Discord's docs: "Application Commands", "Application Command Option Structure".
"""

from typing import Any

from sandbox import permissions
from sandbox.clock import Clock
from sandbox.shapes import Json, list_of, object_of, objects_of, text_of, whole
from sandbox.uploads import Attachment, Uploads
from sandbox.validation import check_commands
from sandbox.world import BOT_ID, DIRECT, GUILD_ID, Channel, User, World

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)


class Refused(Exception):
    """What a person asked for cannot be sent: Discord's client would not let them."""


class Commands:
    """Global and server commands, as the last bulk overwrite left them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scopes: dict[str, list[Json]] = {"": [], GUILD_ID: []}
        self.dirty = False

    def scope(self, guild_id: str = "") -> list[Json]:
        return self._scopes[guild_id]

    def restore(self, scopes: Json) -> None:
        for guild_id in self._scopes:
            self._scopes[guild_id] = objects_of(scopes.get(guild_id))

    def saved(self) -> Json:
        return dict(self._scopes)

    def overwrite(self, wanted: list[Any], guild_id: str = "") -> list[Json]:
        """Bulk overwrite. A command that keeps its name keeps its id."""
        check_commands(wanted)
        ids = {(c["type"], c["name"]): c["id"] for c in self._scopes[guild_id]}
        made: list[Json] = []
        for command in objects_of(wanted):
            kind = whole(command.get("type"), SLASH) or SLASH
            rights = command.get("default_member_permissions")
            made.append(
                {
                    "id": ids.get((kind, command["name"])) or self._clock.snowflake(),
                    "application_id": BOT_ID,
                    "version": self._clock.snowflake(),
                    "type": kind,
                    "name": command["name"],
                    "name_localizations": command.get("name_localizations"),
                    "description": text_of(command.get("description")),
                    "description_localizations": command.get("description_localizations"),
                    "options": objects_of(command.get("options")),
                    "default_member_permissions": None if rights is None else str(rights),
                    "dm_permission": command.get("dm_permission", True),
                    "contexts": command.get("contexts"),
                    "integration_types": command.get("integration_types") or [0],
                    "nsfw": bool(command.get("nsfw")),
                    **({"guild_id": guild_id} if guild_id else {}),
                }
            )
        self._scopes[guild_id] = made
        self.dirty = True
        return made

    def visible(self, world: World, person: User, channel: Channel) -> list[Json]:
        """The commands this person can use here; a server's command hides a global namesake."""
        direct = channel.kind == DIRECT
        held = world.permissions(person.id, channel)
        if not held & permissions.USE_APPLICATION_COMMANDS:
            return []
        ways = {int(kind) for kind in world.integration_owners(person, channel)}
        chosen: dict[tuple[int, str], Json] = {}
        for guild_id in ("", GUILD_ID):
            if guild_id and (guild_id != channel.guild_id or not world.guild_present):
                continue
            for command in self._scopes[guild_id]:
                contexts = command.get("contexts")
                if not guild_id and not ways & set(command["integration_types"]):
                    continue
                if contexts and channel.context not in contexts:
                    continue
                if direct and not contexts and not command["dm_permission"]:
                    continue
                needed = command["default_member_permissions"]
                if not direct and needed is not None:
                    bits = int(needed)
                    # "0" hides a command from all but admins.
                    if held != permissions.ALL and (bits == 0 or held & bits != bits):
                        continue
                if command["nsfw"] and not channel.nsfw:
                    continue
                chosen[command["type"], command["name"]] = command
        return sorted(chosen.values(), key=lambda command: str(command["name"]))

    def find(
        self, world: World, person: User, channel: Channel, name: str, kind: int = SLASH
    ) -> Json:
        for command in self.visible(world, person, channel):
            if command["type"] == kind and command["name"] == name:
                return command
        raise Refused(f"{person.shown_as} has no command {name!r} here")


def leaf(command: Json, words: list[str]) -> tuple[list[Json], list[tuple[int, str]]]:
    """The options of a command or of its subcommand, and the way down to it."""
    options = objects_of(command.get("options"))
    way: list[tuple[int, str]] = []
    for word in words:
        down = next((o for o in options if o.get("name") == word and o["type"] in (1, 2)), None)
        if down is None:
            raise Refused(f"/{command['name']} has no subcommand {word!r}")
        way.append((whole(down["type"]), word))
        options = objects_of(down.get("options"))
    if any(option.get("type") in (SUB, GROUP) for option in options):
        raise Refused(f"/{command['name']} needs a subcommand")
    return options, way


def bind(
    options: list[Json], given: Json, files: dict[str, Attachment], *, focused: str = ""
) -> list[Json]:
    """A person's values as interaction data, checked as Discord's client checks them.

    With `focused` (autocompletion) required options may still be missing.
    """
    unknown = set(given) - {str(option["name"]) for option in options}
    if unknown:
        raise Refused(f"unknown option: {', '.join(sorted(unknown))}")
    bound: list[Json] = []
    for option in options:
        name, kind = str(option["name"]), whole(option["type"])
        if name not in given or given[name] is None:
            if option.get("required") and not focused:
                raise Refused(f"the option {name!r} is required")
            continue
        if name == focused:
            bound.append({"name": name, "type": kind, "value": given[name], "focused": True})
            continue
        if kind == ATTACHMENT:
            if name not in files:
                raise Refused(f"the option {name!r} needs a file")
            value: Any = files[name].id
        else:
            value = _value(option, kind, given[name])
        bound.append({"name": name, "type": kind, "value": value})
    return bound


def _value(option: Json, kind: int, value: Any) -> Any:
    name = option["name"]
    if kind in (INTEGER, NUMBER):
        try:
            value = int(value) if kind == INTEGER else float(value)
        except (TypeError, ValueError):
            raise Refused(f"the option {name!r} needs a number") from None
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise Refused(f"the option {name!r} is out of range")
    elif kind == BOOLEAN:
        if isinstance(value, str):
            value = value.lower() in ("true", "yes", "1")
        value = bool(value)
    else:
        value = text_of(value)
        if len(value) > whole(option.get("max_length") or 6000):
            raise Refused(f"the option {name!r} is too long")
        if len(value) < whole(option.get("min_length") or 0):
            raise Refused(f"the option {name!r} is too short")
    choices = list_of(option.get("choices"))
    if choices and value not in [object_of(choice).get("value") for choice in choices]:
        raise Refused(f"{value!r} is not a choice of {name!r}")
    return value


def nest(way: list[tuple[int, str]], bound: list[Json]) -> list[Json]:
    """Wraps options in the subcommands that lead to them."""
    for kind, word in reversed(way):
        bound = [{"name": word, "type": kind, "options": bound}]
    return bound


def resolve(
    world: World, uploads: Uploads, channel: Channel, bound: list[Json], files: list[Attachment]
) -> Json:
    """The `resolved` part: what ids among the values stand for."""
    resolved: Json = {}
    if files:
        resolved["attachments"] = {a.id: uploads.payload(a) for a in files}
    for option in bound:
        kind, value = option.get("type"), text_of(option.get("value"))
        if kind in (USER, MENTIONABLE) and value in world.users:
            resolve_user(world, channel, value, resolved)
        if kind in (ROLE, MENTIONABLE) and value in world.roles:
            resolved.setdefault("roles", {})[value] = world.roles[value].payload()
        if kind == CHANNEL and value in world.channels:
            resolved.setdefault("channels", {})[value] = world.partial_channel_payload(
                world.channels[value], BOT_ID
            )
    return resolved


def resolve_user(world: World, channel: Channel, user_id: str, resolved: Json) -> None:
    user = world.users[user_id]
    resolved.setdefault("users", {})[user_id] = user.payload()
    if channel.kind != DIRECT and user.in_guild:
        member = world.member_payload(user, channel)
        member.pop("user")
        resolved.setdefault("members", {})[user_id] = member
