"""REST routes under an interaction's token: callback, original answer, follow-ups."""

from aiohttp import web

from sandbox.interactions import Interactions
from sandbox.messages import Messages
from sandbox.posting import Posting
from sandbox.rest_core import Answer, Call, Rest


class InteractionRoutes:
    def __init__(self, interactions: Interactions, messages: Messages, posting: Posting) -> None:
        self._interactions = interactions
        self._messages = messages
        self._posting = posting

    def add_to(self, app: web.Application, rest: Rest) -> None:
        rest.add(
            app,
            "POST",
            "/interactions/{interaction_id}/{token}/callback",
            self.callback,
            bucket="",
            by_token=True,
        )
        webhook = "/webhooks/{application_id}/{token}"
        for method, path, route in (
            ("POST", webhook, self.follow_up),
            ("GET", webhook + "/messages/{message_id}", self.read),
            ("PATCH", webhook + "/messages/{message_id}", self.edit),
            ("DELETE", webhook + "/messages/{message_id}", self.delete),
        ):
            rest.add(app, method, path, route, bucket="webhook", by_token=True)

    def callback(self, call: Call) -> Answer:
        response = self._interactions.answer(
            call.part("interaction_id"), call.part("token"), call.body, call.files
        )
        wanted = call.query.get("with_response", "").lower()
        return response if wanted in ("1", "true") else None

    def follow_up(self, call: Call) -> Answer:
        interaction = self._interactions.by_token(call.part("application_id"), call.part("token"))
        message = self._interactions.follow_up(interaction, call.body, call.files)
        return self._messages.payload(message)

    def read(self, call: Call) -> Answer:
        interaction = self._interactions.by_token(call.part("application_id"), call.part("token"))
        message = self._interactions.message_of(interaction, call.part("message_id"))
        return self._messages.payload(message)

    def edit(self, call: Call) -> Answer:
        interaction = self._interactions.by_token(call.part("application_id"), call.part("token"))
        message = self._interactions.edit(
            interaction, call.part("message_id"), call.body, call.files
        )
        return self._messages.payload(message)

    def delete(self, call: Call) -> Answer:
        interaction = self._interactions.by_token(call.part("application_id"), call.part("token"))
        self._posting.delete(self._interactions.message_of(interaction, call.part("message_id")))
        return None
