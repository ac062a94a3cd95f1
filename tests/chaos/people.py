"""Three people who ask for pictures and press buttons, at random but by a seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from sandbox.client import SandboxClient, SandboxError
from sandbox.views import Message

NAMES = ("mira", "noah", "ada")
SUBJECTS = ("a red lighthouse", "a boat at dusk", "two green hills", "a small house", "the moon")
FLAGS = ("", "", "", " --ar 3:2", " --n 2", " --n 1", " --relax", " --draft", " --no fog")
WISHES = {"imagine": 10, "U": 3, "V": 4, "reroll": 3, "cancel": 3}

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
    acts: list[Act] = field(default_factory=list[Act])
    refused: int = 0
    _prompts: int = 0

    async def live(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in NAMES:
                rng = random.Random(self.rng.random())
                group.create_task(self._live(name, rng))

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
            else:
                seen = await self.client.messages(channel, person, limit=30)
                buttons = [
                    (message, control.custom_id)
                    for message in seen
                    for control in message.controls
                    if _is(control.custom_id, wish)
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


def _is(custom_id: str, wish: str) -> bool:
    return custom_id.startswith(f"e1:{wish}:")


async def everything_said(client: SandboxClient, channels: Sequence[str]) -> list[Message]:
    """All messages of these channels, private answers too."""
    found: dict[str, Message] = {}
    for channel in channels:
        for viewer in NAMES:
            for message in await client.messages(channel, viewer, limit=100_000):
                found[message.id] = message
    return list(found.values())
