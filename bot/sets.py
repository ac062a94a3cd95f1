"""Several jobs of one command: the question before they are made, and their messages.

The question keeps all it needs: the line stands in its code block, the rest in its buttons. So it
can be answered after a restart, and however often it is, it makes one set: the jobs bear its id.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord

from bot.mend import command_block, read_block
from bot.messenger import Messenger, Post
from bot.render import MESSAGE_LENGTH, Renderer, units
from bot.replies import Interaction, locale_of
from bot.turns import Turns
from bot.views import cancel_view
from core.actions import ButtonError
from core.allowance import Unit
from core.amounts import told
from core.clock import Clock
from core.errors import EaselError, NotYoursError, Problem, PromptError
from core.jobs import State
from core.orders import Order
from core.sentences import in_language, say, together
from core.studio import Receipt, Studio

log = logging.getLogger(__name__)

FORMAT = "s1"
PATTERN = r"s\d+:.{1,95}"

_MAKE = re.compile(rf"{FORMAT}:(\d{{1,4}}):(\d{{1,20}}):([0-9a-z.]*)")
_LEAVE = re.compile(rf"{FORMAT}:no:(\d{{1,20}})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a button under the question says. `count` jobs, 0 for none; `picture` is the key of the
    stored file to start from, "" for none."""

    count: int
    asker: int
    picture: str = ""

    @property
    def custom_id(self) -> str:
        if not self.count:
            return f"{FORMAT}:no:{self.asker}"
        return f"{FORMAT}:{self.count}:{self.asker}:{self.picture}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Answer:
        """Raises ButtonError."""
        if leave := _LEAVE.fullmatch(custom_id):
            return cls(0, int(leave[1]))
        make = _MAKE.fullmatch(custom_id)
        if make is None:
            raise ButtonError
        return cls(int(make[1]), int(make[2]), make[3])


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A set that its member wants. `event` is the same however often they say so."""

    event: str
    line: str
    model: str
    count: int
    picture: str


def confirmed(interaction: Interaction, answer: Answer) -> Confirmed:
    """Raises NotYoursError, and ButtonError for a message that holds no question."""
    if interaction.user.id != answer.asker:
        raise NotYoursError(say("Only the person who asked can do that."))
    message = interaction.message
    found = read_block(message.content) if message is not None else None
    if message is None or found is None:
        raise ButtonError
    line, model = found
    return Confirmed(f"set-{message.id}", line, model, answer.count, answer.picture)


def question(
    interaction: Interaction, order: Order, line: str, model: str, picture: str
) -> tuple[str, discord.ui.View]:
    """How many jobs a line asks for and what they cost, with a button for each answer. Raises
    PromptError for a line that does not fit into a message."""
    count, asker, locale = len(order.requests), interaction.user.id, locale_of(interaction)
    asks = say(
        "That makes **{count} jobs** with {pictures}, about {time}. Shall they be made?",
        count=count,
        pictures=told(Unit.PICTURES, order.pictures),
        time=told(Unit.GPU_SECONDS, order.cost_ms),
    )
    text = together([asks, command_block(line, model)], "\n")
    over = max(units(one) for one in (text, in_language(text, locale)))
    if over > MESSAGE_LENGTH:
        what = say("A prompt for several jobs must fit into one message.")
        mend = say("Shorten it by {number}.", number=f"{over - MESSAGE_LENGTH:,}")
        raise PromptError((Problem(what, mend),), typed=line)
    view = discord.ui.View(timeout=None)
    for answer, label, style in (
        (
            Answer(count, asker, picture),
            say("Make {count}", count=count),
            discord.ButtonStyle.primary,
        ),
        (Answer(0, asker), say("Not now"), discord.ButtonStyle.secondary),
    ):
        view.add_item(
            discord.ui.Button(
                label=in_language(label, locale), style=style, custom_id=answer.custom_id
            )
        )
    view.stop()
    return text, view


class Heralds:
    """Posts the waiting messages of a set's jobs, all but the first, which answers the interaction.

    They are a courtesy: a job without one is posted when it ends. Before each is sent, its row says
    so; the delivery then looks for a message that nobody noted.
    """

    def __init__(
        self,
        studio: Studio,
        messenger: Messenger,
        renderer: Renderer,
        turns: Turns,
        clock: Clock,
        shown: Callable[[str, str, str], None],
    ) -> None:
        self._studio = studio
        self._messenger = messenger
        self._renderer = renderer
        self._turns = turns
        self._clock = clock
        self._shown = shown

    async def announce(self, receipts: Sequence[Receipt]) -> None:
        """Stops at the first that Discord does not take."""
        for receipt in receipts:
            try:
                async with self._turns.of(receipt.job.id):
                    await self._announce(receipt)
            except (discord.DiscordException, OSError, TimeoutError, EaselError) as error:
                log.info("job %s has no waiting message: %s", receipt.job.id, error)
                return

    async def _announce(self, receipt: Receipt) -> None:
        store = self._studio.store
        job = await store.get(receipt.job.id)
        if job.state.ended or job.message_id or job.post_began_at is not None:
            return
        place = job.place
        if job.state is State.QUEUED:
            paused = place.server_id in await store.paused_servers()
            text = self._renderer.waiting(job, receipt.standing, paused=paused)
            self._shown(job.id, text, "")
        else:
            text = self._renderer.running(job, 0)
        post = Post(text, job.owner.id, view=cancel_view(job))
        await store.posting(job.id, self._clock.now())
        message_id = await self._messenger.post(
            place.channel_id, post, nonce=f"w{job.id}", server_id=place.server_id
        )
        await store.shown_at(job.id, message_id)
