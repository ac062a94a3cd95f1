"""The rules for a message's content, embeds, attachments and mentions.

Discord's docs: "Create Message", "Embed Limits", "Allowed Mentions Object". Each rule broken is
reported in one 50035 tree, as Discord does. Components have their own file.
"""

from typing import Any

from sandbox import components
from sandbox.errors import ApiError, Problems, invalid
from sandbox.shapes import Json, is_list, is_object, list_of, objects_of, whole
from sandbox.uploads import Upload

CONTENT_LIMIT = 2000
EPHEMERAL, LOADING, SUPPRESS_EMBEDS = 1 << 6, 1 << 7, 1 << 2
SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 12, 1 << 15
MAY_SEND_FLAGS = EPHEMERAL | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2


def check_body(
    body: Json,
    files: list[Upload],
    *,
    prefix: str = "",
    had_v2: bool = False,
    kept: frozenset[str] = frozenset(),
) -> None:
    """Checks what a message create or edit brings, against everything but permissions.

    `had_v2` says that the message being edited has the components flag already; `kept` are the
    ids of the attachments that it has now.
    """
    problems = Problems()
    dot = f"{prefix}." if prefix else ""
    content = body.get("content")
    if content is not None and not isinstance(content, str):
        problems.add(f"{dot}content", "STRING_TYPE_CONVERT", "Could not interpret value as string.")
    elif content and len(content) > CONTENT_LIMIT:
        problems.too_long(f"{dot}content", CONTENT_LIMIT)
    v2 = had_v2 or bool(whole(body.get("flags")) & COMPONENTS_V2)
    if v2:
        for key in ("content", "embeds", "sticker_ids", "poll"):
            if body.get(key):
                problems.add(
                    f"{dot}{key}",
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    check_embeds(problems, f"{dot}embeds", body.get("embeds"))
    if body.get("components") is not None:
        components.check_message(problems, f"{dot}components", body["components"], v2=v2)
    _check_attachments(problems, f"{dot}attachments", body, files, kept)
    _check_mentions(problems, f"{dot}allowed_mentions", body.get("allowed_mentions"))
    nonce = body.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        problems.too_long(f"{dot}nonce", 25)
    problems.raise_if_any()


def check_embeds(problems: Problems, path: str, value: Any) -> None:
    """At most 10 embeds and 6,000 characters in them together, each part within its limit."""
    embeds = list_of(value)
    if len(embeds) > 10:
        problems.too_long(path, 10)
    total = 0
    for index, embed in enumerate(embeds):
        at = f"{path}.{index}"
        if not is_object(embed):
            problems.add(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        footer, author = embed.get("footer"), embed.get("author")
        parts: list[tuple[str, Any, int]] = [
            (f"{at}.title", embed.get("title"), 256),
            (f"{at}.description", embed.get("description"), 4096),
            (f"{at}.footer.text", footer.get("text") if is_object(footer) else None, 2048),
            (f"{at}.author.name", author.get("name") if is_object(author) else None, 256),
        ]
        fields = objects_of(embed.get("fields"))
        if len(fields) > 25:
            problems.too_long(f"{at}.fields", 25)
        for number, item in enumerate(fields):
            for key, limit in (("name", 256), ("value", 1024)):
                if not item.get(key):
                    problems.required(f"{at}.fields.{number}.{key}")
                parts.append((f"{at}.fields.{number}.{key}", item.get(key), limit))
        for part, text, limit in parts:
            problems.text(part, text, 0, limit)
            total += len(text) if isinstance(text, str) else 0
        problems.number(f"{at}.color", embed.get("color"), 0, 0xFFFFFF)
        for key in ("image", "thumbnail"):
            media = embed.get(key)
            url = media.get("url") if is_object(media) else None
            if (
                isinstance(url, str)
                and url
                and not url.startswith(("http://", "https://", "attachment://"))
            ):
                problems.add(
                    f"{at}.{key}.url",
                    "URL_TYPE_INVALID_SCHEME",
                    "Scheme must be one of ('http', 'https', 'attachment').",
                )
    if total > 6000:
        problems.add(path, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_attachments(
    problems: Problems, path: str, body: Json, files: list[Upload], kept: frozenset[str]
) -> None:
    listed = body.get("attachments")
    if len(files) > 10 or (is_list(listed) and len(listed) > 10):
        problems.too_long(path, 10)
    uploaded = {file.index for file in files}
    for index, descriptor in enumerate(objects_of(listed)):
        at = f"{path}.{index}"
        problems.text(f"{at}.description", descriptor.get("description"), 0, 1024)
        problems.text(f"{at}.filename", descriptor.get("filename"), 0, 1024)
        if str(descriptor.get("id")) not in uploaded | kept:
            problems.add(
                f"{at}.id",
                "ATTACHMENT_NOT_FOUND",
                f"Attachment {descriptor.get('id')} is neither uploaded nor on the message.",
            )


def _check_mentions(problems: Problems, path: str, value: Any) -> None:
    if not is_object(value):
        return
    parse = list_of(value.get("parse"))
    for kind in ("users", "roles"):
        listed = list_of(value.get(kind))
        if len(listed) > 100:
            problems.too_long(f"{path}.{kind}", 100)
        if kind in parse and listed:
            problems.add(
                path,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            problems.choice(f"{path}.parse.{index}", "'users', 'roles', 'everyone'")


def media_missing(path: str) -> ApiError:
    """`attachment://name` without such a file (50035)."""
    return invalid(
        path,
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        "The referenced attachment was not found",
    )


def check_commands(commands: list[Any]) -> None:
    """A bulk overwrite: 100 slash, 15 user and 15 message commands, each well formed."""
    problems = Problems()
    counts: dict[int, int] = {}
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        path = str(index)
        if not is_object(command):
            problems.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        kind = whole(command.get("type"), 1) or 1
        name = command.get("name")
        counts[kind] = counts.get(kind, 0) + 1
        problems.text(f"{path}.name", name, 1, 32)
        if kind == 1:
            if isinstance(name, str) and (name != name.lower() or " " in name):
                problems.add(
                    f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"
                )
            problems.text(f"{path}.description", command.get("description"), 1, 100)
            _check_options(problems, f"{path}.options", command.get("options"), depth=0)
        elif command.get("description"):
            problems.add(
                f"{path}.description",
                "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
                "Context menu commands cannot have a description",
            )
        key = (kind, str(name))
        if key in seen:
            problems.add(
                path,
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            )
        seen.add(key)
    for kind, limit in ((1, 100), (2, 15), (3, 15)):
        if counts.get(kind, 0) > limit:
            raise ApiError(400, 30032, f"Maximum number of application commands reached ({limit}).")
    problems.raise_if_any()


def _check_options(problems: Problems, path: str, value: Any, *, depth: int) -> None:
    options = objects_of(value)
    if len(options) > 25:
        problems.too_long(path, 25)
    optional_seen = False
    names: set[Any] = set()
    for index, option in enumerate(options):
        at = f"{path}.{index}"
        kind = whole(option.get("type"))
        if kind not in range(1, 12):
            problems.choice(f"{at}.type", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")
        problems.text(f"{at}.name", option.get("name"), 1, 32)
        problems.text(f"{at}.description", option.get("description"), 1, 100)
        if option.get("name") in names:
            problems.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED",
                "The name is already used for another option",
            )
        names.add(option.get("name"))
        if kind in (1, 2):
            _check_options(problems, f"{at}.options", option.get("options"), depth=depth + 1)
            continue
        if option.get("required") and optional_seen:
            problems.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
        choices = objects_of(option.get("choices"))
        if len(choices) > 25:
            problems.too_long(f"{at}.choices", 25)
        if choices and option.get("autocomplete"):
            problems.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
                "Autocomplete cannot be used with choices",
            )
        check_choices(problems, f"{at}.choices", choices, kind)


def check_choices(problems: Problems, path: str, choices: list[Json], kind: int) -> None:
    """Choices of an option, or those that an autocompletion offers."""
    for number, choice in enumerate(choices):
        problems.text(f"{path}.{number}.name", choice.get("name"), 1, 100)
        value = choice.get("value")
        if kind == 3:
            problems.text(f"{path}.{number}.value", value, 0, 100)
            if not isinstance(value, str):
                problems.required(f"{path}.{number}.value")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            problems.add(
                f"{path}.{number}.value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.'
            )
