"""What a person filled into a form, as the data of a modal submit interaction.

Discord's docs: "Interaction Data" (modal submit), "Component Reference" (interaction responses).
"""

from typing import Any

from sandbox import components as c
from sandbox.commands import Refused, resolve_user
from sandbox.shapes import Json, list_of, object_of, objects_of, text_of, whole
from sandbox.uploads import Attachment, Uploads
from sandbox.world import BOT_ID, Channel, World


class Filled:
    """Checks values against the form's fields as Discord's client does, and builds the data."""

    def __init__(
        self,
        world: World,
        uploads: Uploads,
        channel: Channel,
        values: Json,
        files: dict[str, list[Attachment]],
    ) -> None:
        self._world = world
        self._uploads = uploads
        self._channel = channel
        self._values = values
        self._files = files
        self._used: set[str] = set()
        self._resolved: Json = {}

    def data(self, modal: Json) -> Json:
        rows = [self._row(row) for row in objects_of(modal.get("components"))]
        unknown = (set(self._values) | set(self._files)) - self._used
        if unknown:
            raise Refused(f"the form has no field {', '.join(sorted(unknown))}")
        data: Json = {"custom_id": modal["custom_id"], "components": rows}
        if self._resolved:
            data["resolved"] = self._resolved
        return data

    def _row(self, row: Json) -> Json:
        kind = row.get("type")
        if kind == c.LABEL:
            component = object_of(row.get("component"))
            filled = self._field(component, text_of(row.get("label")))
            return {"type": c.LABEL, "id": row.get("id"), "component": filled}
        if kind == c.ACTION_ROW:
            filled_row = [
                self._field(item, text_of(item.get("label")))
                for item in objects_of(row.get("components"))
            ]
            return {"type": c.ACTION_ROW, "id": row.get("id"), "components": filled_row}
        return {"type": kind, "id": row.get("id")}

    def _field(self, field: Json, label: str) -> Json:
        kind, custom_id = whole(field.get("type")), text_of(field.get("custom_id"))
        self._used.add(custom_id)
        base: Json = {"type": kind, "id": field.get("id"), "custom_id": custom_id}
        required = field.get("required") is not False
        if kind == c.TEXT_INPUT:
            return {**base, "value": self._text(field, custom_id, label, required)}
        if kind == c.CHECKBOX:
            value = self._values.get(custom_id, field.get("default", False))
            return {**base, "value": bool(value)}
        if kind == c.RADIO_GROUP:
            return {**base, "value": self._radio(field, custom_id, label, required)}
        if kind == c.FILE_UPLOAD:
            return {**base, "values": self._upload(field, custom_id, label, required)}
        return {**base, "values": self._choices(field, custom_id, label, required, kind)}

    def _text(self, field: Json, custom_id: str, label: str, required: bool) -> str:
        value = text_of(self._values.get(custom_id, field.get("value") or ""))
        if required and not value:
            raise Refused(f"{label!r} is required")
        if len(value) > whole(field.get("max_length") or 4000):
            raise Refused(f"{label!r} is too long")
        if value and len(value) < whole(field.get("min_length") or 0):
            raise Refused(f"{label!r} is too short")
        return value

    def _radio(self, field: Json, custom_id: str, label: str, required: bool) -> str | None:
        options = objects_of(field.get("options"))
        preset = next((o["value"] for o in options if o.get("default")), None)
        value = self._values.get(custom_id, preset)
        if value is None and required:
            raise Refused(f"{label!r} is required")
        if value is not None and value not in [o.get("value") for o in options]:
            raise Refused(f"{value!r} is not a choice of {label!r}")
        return value

    def _upload(self, field: Json, custom_id: str, label: str, required: bool) -> list[str]:
        files = self._files.get(custom_id, [])
        least = whole(field.get("min_values", 1)) if required else 0
        if not least <= len(files) <= whole(field.get("max_values") or 1):
            raise Refused(f"{label!r} wants another number of files")
        for attachment in files:
            self._resolved.setdefault("attachments", {})[attachment.id] = self._uploads.payload(
                attachment
            )
        return [attachment.id for attachment in files]

    def _choices(
        self, field: Json, custom_id: str, label: str, required: bool, kind: int
    ) -> list[str]:
        options = objects_of(field.get("options"))
        preset: list[Any] = [o["value"] for o in options if o.get("default")]
        given = self._values.get(custom_id, preset)
        values = [text_of(v) for v in (list_of(given) or ([given] if given else []))]
        check_values(field, values, label, required=required)
        resolve_values(self._world, self._channel, kind, values, self._resolved)
        return values


def check_values(field: Json, values: list[str], label: str, *, required: bool = True) -> None:
    """The choices made in a select or a group of boxes: how many, and which."""
    least = whole(field.get("min_values", 1 if required else 0))
    if not values and not required:
        least = 0
    default_most = len(objects_of(field.get("options"))) if field["type"] == c.CHECKBOX_GROUP else 1
    if not least <= len(values) <= whole(field.get("max_values") or default_most):
        raise Refused(f"{label!r} wants another number of choices")
    if field["type"] in (c.STRING_SELECT, c.CHECKBOX_GROUP):
        allowed = [option.get("value") for option in objects_of(field.get("options"))]
        for value in values:
            if value not in allowed:
                raise Refused(f"{value!r} is not a choice of {label!r}")


def resolve_values(
    world: World, channel: Channel, kind: int, values: list[str], resolved: Json
) -> None:
    """Adds what user, role and channel selects' values stand for."""
    for value in values:
        if kind in (c.USER_SELECT, c.MENTIONABLE_SELECT) and value in world.users:
            resolve_user(world, channel, value, resolved)
        elif kind in (c.ROLE_SELECT, c.MENTIONABLE_SELECT) and value in world.roles:
            resolved.setdefault("roles", {})[value] = world.roles[value].payload()
        elif kind == c.CHANNEL_SELECT and value in world.channels:
            resolved.setdefault("channels", {})[value] = world.partial_channel_payload(
                world.channels[value], BOT_ID
            )
        elif kind != c.STRING_SELECT and kind not in (c.CHECKBOX_GROUP,):
            raise Refused(f"{value!r} cannot be chosen here")
