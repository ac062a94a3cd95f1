"""Interactions: from a person's act to the bot's answer.

Rules (Discord's docs: "Receiving and Responding"): the first answer within 3 seconds, one answer,
a token that lives 15 minutes, forms only as a first answer and never to a form, choices only for
autocompletion. Whether an answer is private is settled by the first answer.
"""

import asyncio
import copy
import secrets
from collections import OrderedDict

from sandbox import components
from sandbox import permissions as may
from sandbox.clock import Clock
from sandbox.errors import Problems, invalid, known
from sandbox.events import Events
from sandbox.gateway import Gateway
from sandbox.interaction import HOW, Interaction
from sandbox.journal import Journal
from sandbox.messages import MENU_ANSWER, REPLY, SLASH_ANSWER, Message, Messages
from sandbox.posting import Posting
from sandbox.shapes import Json, object_of, objects_of, whole
from sandbox.uploads import Upload, Uploads
from sandbox.validation import EPHEMERAL, LOADING, check_choices
from sandbox.world import BOT_ID, DIRECT, Channel, User, World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER_WITHIN_S = 3.0
TOKEN_LIFE_S = 900.0
FOLLOW_UPS_ABROAD = 5
KEPT = 50000


class Interactions:
    """Every interaction of the last while, and the answers to it."""

    def __init__(
        self,
        world: World,
        messages: Messages,
        uploads: Uploads,
        posting: Posting,
        gateway: Gateway,
        events: Events,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._world = world
        self._messages = messages
        self._uploads = uploads
        self._posting = posting
        self._gateway = gateway
        self._events = events
        self._journal = journal
        self._clock = clock
        self._all: OrderedDict[str, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}
        self.answer_within_s = ANSWER_WITHIN_S
        clock.on_advance(self._fail_late)

    # from people

    def begin(
        self,
        kind: int,
        person: User,
        channel: Channel,
        data: Json,
        *,
        message: Message | None = None,
        name: str = "",
        command_type: int = 0,
        custom_id: str = "",
        reach: tuple[int, ...] = (0, 1),
    ) -> Interaction:
        """Sends INTERACTION_CREATE and starts the three seconds. `reach`: the kinds of installation
        that a command is for."""
        interaction = Interaction(
            id=self._clock.snowflake(),
            token="sandbox." + secrets.token_urlsafe(96),
            kind=kind,
            user_id=person.id,
            channel_id=channel.id,
            made=self._clock.age_clock(),
            name=name,
            command_type=command_type,
            message_id=message.id if message else "",
            custom_id=custom_id,
            owners=self._owners(person, channel, message, reach),
            hushed=self._is_hushed(person, channel),
        )
        self._all[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        while len(self._all) > KEPT:
            _, oldest = self._all.popitem(last=False)
            self._by_token.pop(oldest.token, None)
        self._journal.interactions += 1
        self._gateway.dispatch(
            "INTERACTION_CREATE", self._payload(interaction, person, channel, data, message)
        )
        self._tell(interaction)
        asyncio.get_running_loop().call_later(self.answer_within_s, self._fail, interaction)
        return interaction

    def _owners(
        self, person: User, channel: Channel, message: Message | None, reach: tuple[int, ...]
    ) -> Json:
        """A control of a message is the app's of whoever the message was made for."""
        made_by = object_of(message.interaction) if message is not None else {}
        owners = self._world.integration_owners(person, channel)
        reached = {kind: owner for kind, owner in owners.items() if int(kind) in reach}
        return object_of(made_by.get("owners")) or reached

    def _is_hushed(self, person: User, channel: Channel) -> bool:
        right = may.USE_EXTERNAL_APPS
        in_guild = channel.kind != DIRECT
        return channel.abroad and in_guild and not self._world.can(person.id, channel, right)

    def _payload(
        self,
        interaction: Interaction,
        person: User,
        channel: Channel,
        data: Json,
        message: Message | None,
    ) -> Json:
        payload: Json = {
            "id": interaction.id,
            "application_id": BOT_ID,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": self._world.partial_channel_payload(channel, person.id),
            "app_permissions": str(self._world.app_permissions(person, channel)),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": self._uploads.file_limit,
            "context": channel.context,
            "authorizing_integration_owners": interaction.owners,
        }
        if channel.kind == DIRECT:
            payload["user"] = person.payload()
        else:
            payload |= {
                "guild_id": channel.guild_id,
                "guild": {"id": channel.guild_id, "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": self._world.member_payload(person, channel),
            }
        if message is not None:
            payload["message"] = self._messages.payload(message)
        return payload

    def get(self, interaction_id: str) -> Interaction:
        return self._all[interaction_id]

    def _fail(self, interaction: Interaction) -> None:
        if interaction.how or interaction.failed:
            return
        interaction.failed = True
        self._journal.unanswered += 1
        interaction.settled.set()
        self._tell(interaction)

    def _fail_late(self) -> None:
        now = self._clock.age_clock()
        for interaction in list(self._all.values()):
            if now - interaction.made > self.answer_within_s:
                self._fail(interaction)

    def _tell(self, interaction: Interaction) -> None:
        if self._events.watched:
            self._events.publish(
                "interaction", interaction.describe(), private_to=interaction.user_id
            )

    # from the bot

    def answer(self, interaction_id: str, token: str, body: Json, files: list[Upload]) -> Json:
        """The first answer (callback). Returns what `with_response` asks for."""
        interaction = self._all.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise known(10062)
        if self._clock.age_clock() - interaction.made > TOKEN_LIFE_S:
            raise known(50027)
        if interaction.how:
            raise known(40060)
        if self._clock.age_clock() - interaction.made > self.answer_within_s:
            # The timer may be late on a busy machine; the rule is not.
            self._fail(interaction)
        if interaction.failed:
            raise known(10062)
        kind = whole(body.get("type"))
        data = object_of(body.get("data"))
        self._check_kind(interaction, kind)
        source = self._messages.find(interaction.message_id) if interaction.message_id else None
        shown: Message | None = None
        if kind in (4, 5):
            interaction.private = interaction.hushed or bool(whole(data.get("flags")) & EPHEMERAL)
            wanted = data if kind == 4 else {"flags": whole(data.get("flags")) & EPHEMERAL}
            shown = self._first_message(interaction, wanted, files, loading=kind == 5)
            interaction.original_id = shown.id
        elif kind in (6, 7):
            if source is None:
                raise known(10008)
            if kind == 7:
                shown = self._posting.edit(source, data, files, prefix="data")
            interaction.original_id = source.id
            interaction.private = bool(source.private_to)
        elif kind == 8:
            interaction.choices = self._choices(data)
        elif kind == 9:
            problems = Problems()
            components.check_modal(problems, "data", data)
            problems.raise_if_any()
            modal = copy.deepcopy(data)
            components.number(objects_of(modal.get("components")))
            interaction.modal = modal
        interaction.how = HOW[kind]
        if interaction.form_of is not None:
            # An answered form closes; one that was not answered stays open to try again.
            interaction.form_of.form_taken = True
        interaction.ms = (self._clock.age_clock() - interaction.made) * 1000
        self._journal.answered(interaction.ms)
        interaction.settled.set()
        self._tell(interaction)
        return self._response(interaction, kind, shown)

    def _check_kind(self, interaction: Interaction, kind: int) -> None:
        allowed = {
            COMMAND: (4, 5, 9),
            COMPONENT: (4, 5, 6, 7, 9),
            AUTOCOMPLETE: (8,),
            MODAL_SUBMIT: (4, 5, 6, 7) if interaction.message_id else (4, 5),
        }[interaction.kind]
        if kind not in allowed:
            raise invalid(
                "type",
                "INTERACTION_CALLBACK_TYPE_INVALID",
                f"Callback type {kind} cannot answer an interaction of type {interaction.kind}.",
            )

    def _choices(self, data: Json) -> list[Json]:
        choices = objects_of(data.get("choices"))
        problems = Problems()
        if len(choices) > 25:
            problems.too_long("data.choices", 25)
        check_choices(
            problems,
            "data.choices",
            choices,
            3 if all(isinstance(c.get("value"), str) for c in choices) else 4,
        )
        problems.raise_if_any()
        return choices

    def _first_message(
        self, interaction: Interaction, data: Json, files: list[Upload], *, loading: bool
    ) -> Message:
        kind, reference = self._threading(interaction)
        return self._posting.create(
            interaction.channel_id,
            BOT_ID,
            data,
            files,
            prefix="data",
            kind=kind,
            private_to=interaction.user_id if interaction.private else "",
            interaction=self._made_by(interaction),
            reference=reference,
            loading=loading,
        )

    def _threading(self, interaction: Interaction) -> tuple[int, Json | None]:
        if interaction.kind == COMMAND:
            return (SLASH_ANSWER if interaction.command_type == 1 else MENU_ANSWER), None
        if interaction.message_id:
            return REPLY, self._reference(interaction, interaction.message_id)
        return SLASH_ANSWER, None

    def _reference(self, interaction: Interaction, message_id: str) -> Json:
        reference: Json = {
            "type": 0,
            "channel_id": interaction.channel_id,
            "message_id": message_id,
        }
        channel = self._world.channels.get(interaction.channel_id)
        if channel is not None and channel.guild_id:
            reference["guild_id"] = channel.guild_id
        return reference

    def _made_by(self, interaction: Interaction, followup: str = "") -> Json:
        return {
            "id": interaction.id,
            "type": interaction.kind,
            "user_id": interaction.user_id,
            "name": interaction.name,
            "command_type": interaction.command_type,
            "pressed": interaction.message_id,
            "followup": followup,
            "owners": interaction.owners,
        }

    def _response(self, interaction: Interaction, kind: int, shown: Message | None) -> Json:
        about: Json = {
            "id": interaction.id,
            "type": interaction.kind,
            "channel_id": interaction.channel_id,
        }
        channel = self._world.channels.get(interaction.channel_id)
        if channel is not None and channel.guild_id:
            about["guild_id"] = channel.guild_id
        if interaction.original_id:
            about |= {
                "response_message_id": interaction.original_id,
                "response_message_loading": kind == 5,
                "response_message_ephemeral": interaction.private,
            }
        response: Json = {"interaction": about}
        if shown is not None and kind in (4, 7):
            response["resource"] = {"type": kind, "message": self._messages.payload(shown)}
        return response

    # by token

    def by_token(self, application_id: str, token: str) -> Interaction:
        """The interaction behind a webhook token: 50027 when it is over or never was."""
        interaction = self._by_token.get(token)
        if application_id != BOT_ID:
            raise known(10015)
        if interaction is None or self._clock.age_clock() - interaction.made > TOKEN_LIFE_S:
            raise known(50027)
        if not interaction.how:
            raise known(10015)
        return interaction

    def message_of(self, interaction: Interaction, which: str) -> Message:
        """`@original` or one of the follow-ups."""
        message_id = interaction.original_id if which == "@original" else which
        if message_id not in (interaction.original_id, *interaction.followups):
            raise known(10008)
        message = self._messages.find(message_id) if message_id else None
        if message is None:
            raise known(10008)
        return message

    def edit(
        self, interaction: Interaction, which: str, body: Json, files: list[Upload]
    ) -> Message:
        return self._posting.edit(self.message_of(interaction, which), body, files)

    def follow_up(self, interaction: Interaction, body: Json, files: list[Upload]) -> Message:
        """Another message. The first one after a deferral takes the deferral's place instead,
        private or not as that was."""
        original = self._messages.find(interaction.original_id)
        if original is not None and original.flags & LOADING:
            return self._posting.edit(original, body, files)
        if "0" not in interaction.owners and len(interaction.followups) >= FOLLOW_UPS_ABROAD:
            raise known(40094)
        private = interaction.hushed or bool(whole(body.get("flags")) & EPHEMERAL)
        message = self._posting.create(
            interaction.channel_id,
            BOT_ID,
            body,
            files,
            kind=REPLY if original else SLASH_ANSWER,
            private_to=interaction.user_id if private else "",
            interaction=self._made_by(interaction, followup=interaction.original_id),
            reference=self._reference(interaction, original.id) if original else None,
        )
        interaction.followups.append(message.id)
        return message
