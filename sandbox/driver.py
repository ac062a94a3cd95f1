"""What people do: the HTTP JSON interface that the page and tests use (`/_sandbox/...`).

Bodies are JSON, or multipart with the JSON in a field `json` and files in fields named after the
option or form field that they fill. Persons and channels are given by id or by name. Every act
answers with the interaction; with `"wait": "ack"` only when the bot has answered or missed its
three seconds. What Discord's own client would not let a person do is refused with a 400 and
`{"error": ...}`.
"""

from aiohttp import web

from sandbox import commands as c
from sandbox import components, forms
from sandbox import permissions as may
from sandbox.acts import Act, serve
from sandbox.interaction import Interaction
from sandbox.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from sandbox.messages import REPLY, Message
from sandbox.parts import Parts
from sandbox.shapes import Json, list_of, object_of, text_of, whole
from sandbox.uploads import Attachment
from sandbox.world import GUILD_ID


class Driver:
    """People's acts."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts

    def add_to(self, app: web.Application) -> None:
        for method, path, handler in (
            ("GET", "/world", self.world),
            ("GET", "/commands", self.commands),
            ("GET", "/messages", self.messages),
            ("GET", "/messages/{message}", self.one_message),
            ("GET", "/interactions/{interaction}", self.interaction),
            ("POST", "/slash", self.slash),
            ("POST", "/autocomplete", self.autocomplete),
            ("POST", "/menu", self.menu),
            ("POST", "/press", self.press),
            ("POST", "/select", self.select),
            ("POST", "/submit", self.submit),
            ("POST", "/say", self.say),
            ("POST", "/react", self.react),
            ("POST", "/delete", self.delete),
            ("POST", "/direct", self.direct),
        ):
            serve(self._p, app, method, path, handler)

    # looking

    async def world(self, act: Act) -> Json:
        world = self._p.world
        viewer = world.find_person(text_of(act.body["viewer"])) if act.body.get("viewer") else None
        channels: list[Json] = []
        for channel in world.channels.values():
            if viewer is not None and not world.can(viewer.id, channel, may.VIEW_CHANNEL):
                continue
            payload = world.channel_payload(channel)
            if viewer is not None:
                payload["permissions"] = str(world.permissions(viewer.id, channel))
            channels.append(payload)
        return {
            "guild": {"id": GUILD_ID, "name": world.name, "present": world.guild_present},
            "bot": world.bot.payload(),
            "people": [
                {
                    **user.payload(),
                    "shown_as": user.shown_as,
                    "about": user.about,
                    "roles": user.roles,
                    "in_guild": user.in_guild,
                    "dms_open": user.dms_open,
                    "installed": user.installed,
                    "direct_channel": world.direct_channel_id(user.id),
                }
                for user in world.people()
            ],
            "roles": [role.payload() for role in world.roles.values()],
            "channels": channels,
            "gateway": self._p.gateway.stats(),
            "file_limit": self._p.uploads.file_limit,
            "last_event": self._p.events.last,
        }

    async def commands(self, act: Act) -> Json:
        found = self._p.commands.visible(self._p.world, act.person, act.channel)
        return {"commands": found}

    async def messages(self, act: Act) -> Json:
        viewer = act.body.get("viewer")
        person = self._p.world.find_person(text_of(viewer)) if viewer else None
        channel = self._p.world.find_channel(text_of(act.body.get("channel")))
        if person and not self._p.world.can(person.id, channel, may.VIEW_CHANNEL):
            raise c.Refused(f"{person.shown_as} cannot see this channel")
        found = self._p.messages.in_channel(channel.id, person.id if person else "")
        before = act.body.get("before")
        if before:
            found = [m for m in found if int(m.id) < int(text_of(before))]
        limit = whole(act.body.get("limit", 50), 50)
        return {
            "messages": [self._p.messages.page_payload(m) for m in found[-limit:]],
            "more": len(found) > limit,
        }

    async def one_message(self, act: Act) -> Json:
        message = self._p.messages.find(text_of(act.body["message"]))
        if message is None:
            raise LookupError("there is no such message")
        return self._p.messages.page_payload(message)

    async def interaction(self, act: Act) -> Json:
        return self._p.interactions.get(text_of(act.body["interaction"])).describe()

    # acting

    async def _answer(self, act: Act, interaction: Interaction) -> Json:
        if act.body.get("wait") == "ack":
            await interaction.settled.wait()
        return {"interaction": interaction.describe()}

    async def slash(self, act: Act) -> Json:
        """`{"person", "channel", "name": "imagine" or "group sub", "options": {...}}`"""
        person, channel = act.person, act.channel
        first, *rest = text_of(act.body.get("name")).lstrip("/").split()
        command = self._p.commands.find(self._p.world, person, channel, first)
        options, way = c.leaf(command, rest)
        files = {upload.field: act.keep(upload, channel) for upload in act.files}
        given = {**object_of(act.body.get("options")), **dict.fromkeys(files, "")}
        bound = c.bind(options, given, files)
        data: Json = {
            "id": command["id"],
            "name": first,
            "type": c.SLASH,
            "options": c.nest(way, bound),
        }
        resolved = c.resolve(self._p.world, self._p.uploads, channel, bound, list(files.values()))
        if resolved:
            data["resolved"] = resolved
        if command.get("guild_id"):
            data["guild_id"] = GUILD_ID
        interaction = self._p.interactions.begin(
            COMMAND,
            person,
            channel,
            data,
            name=" ".join([first, *rest]),
            command_type=c.SLASH,
            reach=tuple(command["integration_types"]),
        )
        return await self._answer(act, interaction)

    async def autocomplete(self, act: Act) -> Json:
        """As slash, with `"focused"`: the option being typed. Always waits for the choices."""
        person, channel = act.person, act.channel
        first, *rest = text_of(act.body.get("name")).lstrip("/").split()
        command = self._p.commands.find(self._p.world, person, channel, first)
        options, way = c.leaf(command, rest)
        focused = text_of(act.body.get("focused"))
        option = next((o for o in options if o["name"] == focused), None)
        if option is None or not option.get("autocomplete"):
            raise c.Refused(f"the option {focused!r} has no autocompletion")
        given = {focused: "", **object_of(act.body.get("options"))}
        attachments = [o["name"] for o in options if o["type"] == c.ATTACHMENT]
        given = {name: value for name, value in given.items() if name not in attachments}
        bound = c.bind(options, given, {}, focused=focused)
        data: Json = {
            "id": command["id"],
            "name": first,
            "type": c.SLASH,
            "options": c.nest(way, bound),
        }
        if command.get("guild_id"):
            data["guild_id"] = GUILD_ID
        interaction = self._p.interactions.begin(
            AUTOCOMPLETE,
            person,
            channel,
            data,
            name=first,
            command_type=c.SLASH,
            reach=tuple(command["integration_types"]),
        )
        await interaction.settled.wait()
        return {"interaction": interaction.describe(), "choices": interaction.choices or []}

    async def menu(self, act: Act) -> Json:
        """A context menu command on `"message"` or on `"user"`."""
        person = act.person
        on_message = bool(act.body.get("message"))
        message = act.message if on_message else None
        channel = self._p.world.channels[message.channel_id] if message else act.channel
        name = text_of(act.body.get("name"))
        kind = c.MESSAGE_MENU if message else c.USER_MENU
        command = self._p.commands.find(self._p.world, person, channel, name, kind)
        resolved: Json = {}
        if message is not None:
            target = message.id
            resolved["messages"] = {target: self._p.messages.payload(message)}
        else:
            target = self._p.world.find_person(text_of(act.body.get("user"))).id
            c.resolve_user(self._p.world, channel, target, resolved)
        data: Json = {
            "id": command["id"],
            "name": name,
            "type": kind,
            "target_id": target,
            "resolved": resolved,
        }
        if command.get("guild_id"):
            data["guild_id"] = GUILD_ID
        interaction = self._p.interactions.begin(
            COMMAND,
            person,
            channel,
            data,
            name=name,
            command_type=kind,
            reach=tuple(command["integration_types"]),
        )
        return await self._answer(act, interaction)

    def _component(self, act: Act, message: Message) -> Json:
        wanted, label = text_of(act.body.get("custom_id")), text_of(act.body.get("label"))
        for component in components.walk(message.components):
            named = text_of(component.get("label")) or text_of(component.get("placeholder"))
            if not component.get("custom_id"):
                continue
            if (wanted and component["custom_id"] == wanted) or (label and named == label):
                if component.get("disabled"):
                    raise c.Refused("this control is disabled")
                return component
        raise c.Refused(f"the message has no control {wanted or label!r}")

    async def press(self, act: Act) -> Json:
        """Presses the button with this `"custom_id"` or `"label"` on `"message"`."""
        message = act.message
        button = self._component(act, message)
        if button["type"] != components.BUTTON:
            raise c.Refused("this control is not a button")
        return await self._use(act, message, button, {})

    async def select(self, act: Act) -> Json:
        """Chooses `"values"` in a select of `"message"`."""
        message = act.message
        select = self._component(act, message)
        if select["type"] not in components.SELECTS:
            raise c.Refused("this control is not a select")
        values = [text_of(value) for value in list_of(act.body.get("values"))]
        forms.check_values(select, values, "the select")
        channel = self._p.world.channels[message.channel_id]
        resolved: Json = {}
        forms.resolve_values(self._p.world, channel, select["type"], values, resolved)
        more: Json = {"values": values}
        if resolved:
            more["resolved"] = resolved
        return await self._use(act, message, select, more)

    async def _use(self, act: Act, message: Message, component: Json, more: Json) -> Json:
        channel = self._p.world.channels[message.channel_id]
        data: Json = {
            "custom_id": component["custom_id"],
            "component_type": component["type"],
            "id": component.get("id"),
            **more,
        }
        interaction = self._p.interactions.begin(
            COMPONENT,
            act.person,
            channel,
            data,
            message=message,
            custom_id=component["custom_id"],
        )
        return await self._answer(act, interaction)

    async def submit(self, act: Act) -> Json:
        """Submits the form that `"interaction"` was answered with: `"values"` by custom id."""
        opened = self._p.interactions.get(text_of(act.body.get("interaction")))
        if opened.modal is None or opened.user_id != act.person.id or opened.form_taken:
            raise c.Refused("no form is open there")
        channel = self._p.world.channels[opened.channel_id]
        files: dict[str, list[Attachment]] = {}
        for upload in act.files:
            files.setdefault(upload.field, []).append(act.keep(upload, channel))
        filled = forms.Filled(
            self._p.world, self._p.uploads, channel, object_of(act.body.get("values")), files
        )
        data = filled.data(opened.modal)
        message = self._p.messages.find(opened.message_id) if opened.message_id else None
        interaction = self._p.interactions.begin(
            MODAL_SUBMIT,
            act.person,
            channel,
            data,
            message=message,
            custom_id=text_of(opened.modal["custom_id"]),
            name=opened.name,
        )
        interaction.form_of = opened
        return await self._answer(act, interaction)

    async def say(self, act: Act) -> Json:
        """Posts a plain message: `"content"`, files, `"reply_to"`."""
        person, channel = act.person, act.channel
        self._p.world.require(person.id, channel, may.SEND_MESSAGES)
        reference: Json | None = None
        if reply_to := act.body.get("reply_to"):
            reference = {"type": 0, "channel_id": channel.id, "message_id": text_of(reply_to)}
            if channel.guild_id:
                reference["guild_id"] = channel.guild_id
        message = self._p.posting.create(
            channel.id,
            person.id,
            {"content": text_of(act.body.get("content"))},
            act.files,
            kind=REPLY if reference else 0,
            reference=reference,
        )
        return {"message": self._p.messages.page_payload(message)}

    async def react(self, act: Act) -> Json:
        """Adds `"emoji"` to `"message"`, or takes it back with `"on": false`."""
        message, person = act.message, act.person
        channel = self._p.world.channels[message.channel_id]
        emoji = text_of(act.body.get("emoji"))
        if message.private_to:
            raise c.Refused("private answers take no reactions")
        if emoji not in message.reactions:
            self._p.world.require(person.id, channel, may.ADD_REACTIONS)
        on = act.body.get("on", True) is not False
        self._p.channel_routes.set_reaction(message, emoji, person.id, on=on)
        return {"message": self._p.messages.page_payload(message)}

    async def delete(self, act: Act) -> Json:
        """Deletes a message as a person may: their own, any with Manage Messages, or (that is
        dismissing) a private answer to them."""
        message, person = act.message, act.person
        channel = self._p.world.channels[message.channel_id]
        if message.author_id != person.id and not message.private_to:
            self._p.world.require(person.id, channel, may.MANAGE_MESSAGES)
        self._p.posting.delete(message)
        return {"deleted": message.id}

    async def direct(self, act: Act) -> Json:
        """Opens this person's direct messages with the bot."""
        channel = self._p.world.direct_channel(act.person.id)
        self._p.events.publish("channels", {})
        return self._p.world.channel_payload(channel)
