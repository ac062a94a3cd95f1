"""Permission bits and how they add up. Discord's docs: "Permissions"."""

ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_EXTERNAL_EMOJIS = 1 << 18
CHANGE_NICKNAME = 1 << 26
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
USE_EXTERNAL_APPS = 1 << 50
PIN_MESSAGES = 1 << 51

ALL = (1 << 53) - 1

EVERYONE = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | SEND_MESSAGES_IN_THREADS
    | USE_EXTERNAL_APPS
)

DIRECT_MESSAGE = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | USE_APPLICATION_COMMANDS
    | PIN_MESSAGES
)

MESSAGES_OF_OTHERS = EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE
"""What an app may do between other people, whoever brought it along."""

NAMES: dict[str, int] = {
    name: value
    for name, value in list(globals().items())
    if name.isupper()
    and isinstance(value, int)
    and name not in {"ALL", "EVERYONE", "DIRECT_MESSAGE", "MESSAGES_OF_OTHERS"}
}


def bits(names: list[str]) -> int:
    """The bits of permissions given by Discord's names, e.g. `["SEND_MESSAGES"]`."""
    unknown = [name for name in names if name.upper() not in NAMES]
    if unknown:
        raise ValueError(f"unknown permission: {', '.join(unknown)}")
    total = 0
    for name in names:
        total |= NAMES[name.upper()]
    return total
