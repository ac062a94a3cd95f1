"""Three people who ask for pictures and press buttons, at random but by a seed.

One of them runs the server: now and then ada sets an amount, gives an extra, forgets what was used,
stops what waits, and pauses the server for a moment.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.client import SandboxClient, SandboxError
from sandbox.views import Message
from sandbox.world import MIRA_ID, NOAH_ID

NAMES = ("mira", "noah", "ada")
SUBJECTS = ("a red lighthouse", "a boat at dusk", "two green hills", "a small house", "the moon")
FLAGS = ("", "", "", " --ar 3:2", " --n 2", " --n 1", " --relax", " --draft", " --no fog")
BUTTONS = {
    "U": "e1:U:",
    "V": "e1:V:",
    "reroll": "e1:reroll:",
    "cancel": "e1:cancel:",
    "relax it": "p1:relax:",
    "cancel it": "p1:cancel:",
}
WISHES = {"imagine": 10, "U": 3, "V": 4, "reroll": 3, "cancel": 2, "queue": 2}
WISHES |= {"relax it": 2, "cancel it": 1}

ADMIN = "ada"
DEEDS: dict[str, tuple[str, dict[str, Any]]] = {
    "set": ("quota set", {"pictures": 36, "gpu_minutes": 2.0, "per": "hour"}),
    "set for mira": ("quota set", {"pictures": 24, "relax_free": True, "person": MIRA_ID}),
    "grant": ("quota grant", {"amount": 12.0, "unit": "pictures", "lasts": "1d"}),
    "grant time": (
        "quota grant",
        {"amount": 0.5, "unit": "gpu_seconds", "lasts": "12h", "person": NOAH_ID},
    ),
    "reset": ("quota reset", {}),
    "cancel all of noah": ("server cancel", {"person": NOAH_ID}),
    "pause": ("server pause", {}),
}
"""What an admin may do. With these amounts most jobs are admitted and some are refused: everybody's
are used up after some ten jobs, until there is an extra or a reset."""

DEEDS_WEIGHTS = {"set": 1, "set for mira": 1, "grant": 3, "grant time": 2, "reset": 4}
DEEDS_WEIGHTS |= {"cancel all of noah": 1, "pause": 3}

ACTS_PER_DEED = 40
"""On average."""

PAUSE_SECONDS = 1.5

PATIENCE = 0.2
"""Share of their acts that people do although nobody answers."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something somebody did, and the interaction it made."""

    interaction_id: str
    person: str
    wish: str


@dataclass
class People:
    """Acts about `per_second` times a second in all until cancelled or `most` acts were done; less
    often while `is_up` says that nobody answers.

    What they press is what they see: buttons of the last messages of a channel they look at.
    """

    client: SandboxClient
    channels: Sequence[str]
    rng: random.Random
    per_second: float
    most: int
    is_up: Callable[[], bool] = lambda: True
    is_paused: Callable[[], bool] = lambda: False
    acts: list[Act] = field(default_factory=list[Act])
    refused: int = 0
    _prompts: int = 0

    async def live(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in NAMES:
                rng = random.Random(self.rng.random())
                group.create_task(self._live(name, rng))
            group.create_task(self._rule(random.Random(self.rng.random())))

    async def found_the_rules(self) -> None:
        """What the server begins with."""
        for deed in ("set", "set for mira"):
            await self._do(deed)

    async def end_the_pause(self) -> None:
        """Until the bot was there to hear it."""
        while await asyncio.to_thread(self.is_paused):
            if self.is_up():
                with suppress(aiohttp.ClientError, TimeoutError, SandboxError):
                    await self._command("resume", "server resume", {})
            await asyncio.sleep(PAUSE_SECONDS)

    async def _rule(self, rng: random.Random) -> None:
        while len(self.acts) < self.most:
            await asyncio.sleep(rng.expovariate(self.per_second / ACTS_PER_DEED))
            deed = rng.choices(list(DEEDS_WEIGHTS), list(DEEDS_WEIGHTS.values()))[0]
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._do(deed)
            if deed == "pause":
                await asyncio.sleep(PAUSE_SECONDS)
                await self.end_the_pause()

    async def _do(self, deed: str) -> None:
        try:
            await self._command(deed, *DEEDS[deed])
        except SandboxError:
            self.refused += 1

    async def _command(self, wish: str, name: str, options: dict[str, Any]) -> None:
        made = await self.client.slash(ADMIN, self.channels[0], name, wait=False, **options)
        self.acts.append(Act(made.id, ADMIN, wish))

    async def _live(self, person: str, rng: random.Random) -> None:
        while len(self.acts) < self.most:
            await asyncio.sleep(rng.expovariate(self.per_second / len(NAMES)))
            if not self.is_up() and rng.random() > PATIENCE:
                continue
            with suppress(aiohttp.ClientError, TimeoutError):
                await self.act(person, rng)

    async def act(self, person: str, rng: random.Random) -> None:
        """One thing a person may do now."""
        wish = rng.choices(list(WISHES), list(WISHES.values()))[0]
        channel = rng.choice(self.channels)
        try:
            if wish == "imagine":
                made = await self.client.slash(
                    person, channel, "imagine", prompt=self._prompt(rng), wait=False
                )
            elif wish == "queue":
                made = await self.client.slash(person, channel, "queue", wait=False)
            else:
                seen = await self.client.messages(channel, person, limit=30)
                buttons = [
                    (message, control.custom_id)
                    for message in seen
                    for control in message.controls
                    if control.custom_id.startswith(BUTTONS[wish])
                ]
                if not buttons:
                    return
                message, custom_id = rng.choice(buttons)
                made = await self.client.press(person, message.id, custom_id=custom_id, wait=False)
        except SandboxError:
            # The button went away meanwhile, or no bot has registered a command yet.
            self.refused += 1
            return
        self.acts.append(Act(made.id, person, wish))

    def _prompt(self, rng: random.Random) -> str:
        self._prompts += 1
        return f"w{self._prompts}w {rng.choice(SUBJECTS)}{rng.choice(FLAGS)}"


async def everything_said(client: SandboxClient, channels: Sequence[str]) -> list[Message]:
    """All messages of these channels, private answers too."""
    found: dict[str, Message] = {}
    for channel in channels:
        for viewer in NAMES:
            for message in await client.messages(channel, viewer, limit=100_000):
                found[message.id] = message
    return list(found.values())
