"""The rules for components, in messages and in forms. Discord's docs: "Component Reference".

Messages without the IS_COMPONENTS_V2 flag: 5 action rows, each of 5 buttons or 1 select.
With it: 40 components in all, 4,000 characters of text, galleries of 1 to 10 pictures, sections of
1 to 3 texts with one accessory; containers do not nest. Everywhere: custom ids of at most 100
characters, unique in the message; button labels 80; selects of 1 to 25 options.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.errors import Problems
from sandbox.shapes import Json, is_object, list_of, object_of, objects_of, whole

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23

SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
IN_LABEL = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
V2_TOP = (ACTION_ROW, SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER)
LINK, PREMIUM = 5, 6


def walk(components: Any) -> Iterator[Json]:
    """Every component, nested ones included, in the order they show."""
    for component in objects_of(components):
        yield component
        yield from walk(component.get("components"))
        for key in ("accessory", "component"):
            if is_object(component.get(key)):
                yield from walk([component[key]])


def media_of(component: Json) -> Iterator[Json]:
    """The pictures and files that one component shows (each a `{"url": …}` to be resolved)."""
    kind = component.get("type")
    if kind == MEDIA_GALLERY:
        for item in objects_of(component.get("items")):
            if is_object(item.get("media")):
                yield item["media"]
    elif kind == THUMBNAIL and is_object(component.get("media")):
        yield component["media"]
    elif kind == FILE and is_object(component.get("file")):
        yield component["file"]


def number(components: list[Json]) -> None:
    """Gives components the ids that Discord gives to those sent without."""
    taken = {whole(c.get("id")) for c in walk(components)}
    following = 1
    for component in walk(components):
        if not whole(component.get("id")):
            while following in taken:
                following += 1
            taken.add(following)
            component["id"] = following


DEFAULTS: dict[int, Json] = {
    STRING_SELECT: {"min_values": 1, "max_values": 1},
    USER_SELECT: {"min_values": 1, "max_values": 1},
    ROLE_SELECT: {"min_values": 1, "max_values": 1},
    MENTIONABLE_SELECT: {"min_values": 1, "max_values": 1},
    CHANNEL_SELECT: {"min_values": 1, "max_values": 1},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"name": None, "size": None, "spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}


def complete(components: list[Json]) -> None:
    """Fills in what Discord does when it hands components back: ids and defaults."""
    number(components)
    for component in walk(components):
        kind = whole(component.get("type"))
        for key, value in DEFAULTS.get(kind, {}).items():
            if component.get(key) is None:
                component[key] = value
        if kind == MEDIA_GALLERY:
            for item in objects_of(component.get("items")):
                item.setdefault("description", None)
                item.setdefault("spoiler", False)
        for holder in (component, *objects_of(component.get("options"))):
            if is_object(emoji := holder.get("emoji")) and emoji.get("id") is None:
                emoji.pop("id", None)


def check_message(problems: Problems, path: str, value: Any, *, v2: bool) -> None:
    """Checks the components of a message."""
    rows = list_of(value)
    limit = 40 if v2 else 5
    if len(rows) > limit:
        problems.length(path, 1, limit)
    for index, row in enumerate(rows):
        at = f"{path}.{index}"
        if not is_object(row):
            problems.add(at, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        elif v2:
            _check_v2(problems, at, row, top=True)
        elif row.get("type") != ACTION_ROW:
            problems.choice(f"{at}.type", "1")
        else:
            _check_row(problems, at, row)
    every = list(walk(rows))
    if v2:
        if len(every) > 40:
            problems.add(
                path,
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                "Total number of components cannot exceed 40",
            )
        texts = (c.get("content") for c in every if c.get("type") == TEXT_DISPLAY)
        if sum(len(text) for text in texts if isinstance(text, str)) > 4000:
            problems.add(
                path,
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                "Total text content cannot exceed 4000 characters",
            )
    _check_unique(problems, path, every)


def _check_unique(problems: Problems, path: str, every: list[Json]) -> None:
    for key, code, what in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id"),
        ("id", "COMPONENT_ID_DUPLICATED", "Component id"),
    ):
        seen: set[Any] = set()
        for component in every:
            value = component.get(key)
            if not value:
                continue
            if value in seen:
                problems.add(path, code, f"{what} cannot be duplicated")
            seen.add(value)


def _check_row(problems: Problems, path: str, row: Json) -> None:
    items = objects_of(row.get("components"))
    kinds = [item.get("type") for item in items]
    if not 1 <= len(items) <= 5 or (len(items) > 1 and any(kind in SELECTS for kind in kinds)):
        problems.add(
            f"{path}.components",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 5 in length."
            if len(items) > 5 or not items
            else "The specified component cannot share a row.",
        )
    for index, item in enumerate(items):
        at = f"{path}.components.{index}"
        if item.get("type") == BUTTON:
            _check_button(problems, at, item)
        elif item.get("type") in SELECTS:
            _check_select(problems, at, item)
        else:
            problems.choice(f"{at}.type", "2, 3, 5, 6, 7, 8")


def _check_button(problems: Problems, path: str, button: Json) -> None:
    style = button.get("style")
    if style not in range(1, 7):
        problems.choice(f"{path}.style", "1, 2, 3, 4, 5, 6")
    problems.text(f"{path}.label", button.get("label"), 0, 80)
    if style == LINK:
        url = button.get("url")
        problems.text(f"{path}.url", url, 1, 512)
        if isinstance(url, str) and not url.startswith(("http://", "https://", "discord://")):
            problems.add(
                f"{path}.url",
                "URL_TYPE_INVALID_SCHEME",
                f'Scheme "{url.split(":", 1)[0]}" is not supported. '
                "Scheme must be one of ('http', 'https', 'discord').",
            )
        if button.get("custom_id"):
            problems.add(
                path,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )
    elif style != PREMIUM:
        problems.text(f"{path}.custom_id", button.get("custom_id"), 1, 100)
        if not button.get("label") and not button.get("emoji"):
            problems.add(
                path,
                "BUTTON_COMPONENT_INVALID_LABEL_EMOJI",
                "A button must have a label or an emoji",
            )


def _check_select(problems: Problems, path: str, select: Json) -> None:
    problems.text(f"{path}.custom_id", select.get("custom_id"), 1, 100)
    problems.text(f"{path}.placeholder", select.get("placeholder"), 0, 150)
    problems.number(f"{path}.min_values", select.get("min_values"), 0, 25)
    problems.number(f"{path}.max_values", select.get("max_values"), 1, 25)
    if select.get("type") == STRING_SELECT:
        _check_options(problems, f"{path}.options", select.get("options"), 1, 25)


def _check_options(problems: Problems, path: str, value: Any, low: int, high: int) -> None:
    options = objects_of(value)
    if not low <= len(options) <= high:
        problems.length(path, low, high)
    seen: set[Any] = set()
    for index, option in enumerate(options):
        at = f"{path}.{index}"
        problems.text(f"{at}.label", option.get("label"), 1, 100)
        problems.text(f"{at}.value", option.get("value"), 1, 100)
        problems.text(f"{at}.description", option.get("description"), 0, 100)
        if option.get("value") in seen:
            problems.add(
                f"{at}.value",
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        seen.add(option.get("value"))


def _check_v2(problems: Problems, path: str, component: Json, *, top: bool) -> None:
    kind = component.get("type")
    allowed = V2_TOP if top else tuple(k for k in V2_TOP if k != CONTAINER)
    if kind not in allowed:
        problems.choice(f"{path}.type", ", ".join(str(k) for k in allowed))
    elif kind == ACTION_ROW:
        _check_row(problems, path, component)
    elif kind == TEXT_DISPLAY:
        problems.text(f"{path}.content", component.get("content"), 1, 4000)
    elif kind == MEDIA_GALLERY:
        items = objects_of(component.get("items"))
        if not 1 <= len(items) <= 10:
            problems.length(f"{path}.items", 1, 10)
        for index, item in enumerate(items):
            _check_media(problems, f"{path}.items.{index}.media", item.get("media"))
            problems.text(f"{path}.items.{index}.description", item.get("description"), 0, 1024)
    elif kind == FILE:
        _check_media(problems, f"{path}.file", component.get("file"))
    elif kind == SECTION:
        _check_section(problems, path, component)
    elif kind == CONTAINER:
        children = objects_of(component.get("components"))
        if not 1 <= len(children) <= 40:
            problems.length(f"{path}.components", 1, 40)
        for index, child in enumerate(children):
            _check_v2(problems, f"{path}.components.{index}", child, top=False)


def _check_section(problems: Problems, path: str, section: Json) -> None:
    texts = objects_of(section.get("components"))
    if not 1 <= len(texts) <= 3:
        problems.length(f"{path}.components", 1, 3)
    for index, text in enumerate(texts):
        if text.get("type") != TEXT_DISPLAY:
            problems.choice(f"{path}.components.{index}.type", "10")
        problems.text(f"{path}.components.{index}.content", text.get("content"), 1, 4000)
    accessory = object_of(section.get("accessory"))
    if accessory.get("type") == BUTTON:
        _check_button(problems, f"{path}.accessory", accessory)
    elif accessory.get("type") == THUMBNAIL:
        _check_media(problems, f"{path}.accessory.media", accessory.get("media"))
    else:
        problems.choice(f"{path}.accessory.type", "2, 11")


def _check_media(problems: Problems, path: str, media: Any) -> None:
    url = object_of(media).get("url")
    problems.text(f"{path}.url", url, 1, 2048)
    if isinstance(url, str) and not url.startswith(("http://", "https://", "attachment://")):
        problems.add(
            f"{path}.url",
            "URL_TYPE_INVALID_SCHEME",
            "Scheme must be one of ('http', 'https', 'attachment').",
        )


def check_modal(problems: Problems, path: str, data: Json) -> None:
    """Checks a form: title of 45, custom id of 100, at most 5 fields as discord.py allows."""
    problems.text(f"{path}.title", data.get("title"), 1, 45)
    problems.text(f"{path}.custom_id", data.get("custom_id"), 1, 100)
    rows = objects_of(data.get("components"))
    if not 1 <= len(rows) <= 40:
        problems.length(f"{path}.components", 1, 40)
    for index, row in enumerate(rows):
        at = f"{path}.components.{index}"
        kind = row.get("type")
        if kind == ACTION_ROW:
            inputs = objects_of(row.get("components"))
            if len(inputs) != 1:
                problems.length(f"{at}.components", 1, 1)
            for item in inputs:
                problems.text(f"{at}.components.0.label", item.get("label"), 1, 45)
                _check_field(problems, f"{at}.components.0", item, (TEXT_INPUT,))
        elif kind == LABEL:
            problems.text(f"{at}.label", row.get("label"), 1, 45)
            problems.text(f"{at}.description", row.get("description"), 0, 100)
            _check_field(problems, f"{at}.component", object_of(row.get("component")), IN_LABEL)
        elif kind == TEXT_DISPLAY:
            problems.text(f"{at}.content", row.get("content"), 1, 4000)
        else:
            problems.choice(f"{at}.type", "1, 10, 18")
    _check_unique(problems, f"{path}.components", list(walk(rows)))


def _check_field(problems: Problems, path: str, item: Json, allowed: tuple[int, ...]) -> None:
    kind = item.get("type")
    if kind not in allowed:
        problems.choice(f"{path}.type", ", ".join(str(k) for k in allowed))
        return
    problems.text(f"{path}.custom_id", item.get("custom_id"), 1, 100)
    if kind == TEXT_INPUT:
        if item.get("style") not in (1, 2):
            problems.choice(f"{path}.style", "1, 2")
        problems.number(f"{path}.min_length", item.get("min_length"), 0, 4000)
        problems.number(f"{path}.max_length", item.get("max_length"), 1, 4000)
        problems.text(f"{path}.placeholder", item.get("placeholder"), 0, 100)
        problems.text(f"{path}.value", item.get("value"), 0, 4000)
    elif kind in SELECTS:
        _check_select(problems, path, item)
    elif kind == FILE_UPLOAD:
        problems.number(f"{path}.min_values", item.get("min_values"), 0, 10)
        problems.number(f"{path}.max_values", item.get("max_values"), 1, 10)
    elif kind == RADIO_GROUP:
        _check_options(problems, f"{path}.options", item.get("options"), 2, 10)
    elif kind == CHECKBOX_GROUP:
        _check_options(problems, f"{path}.options", item.get("options"), 1, 10)
