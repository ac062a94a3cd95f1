"""Advice: which words of a prompt matter to the model, and which prompt fits to a picture."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from core.clock import Clock
from core.describing import MOST, from_record, with_aspect
from core.errors import EaselError, EngineError, RefusedError
from core.events import Answer, Ask, Inquiry
from core.jobs import Actor
from core.limiter import Limiter
from core.models import Model
from core.orders import Customs, Orders
from core.prompt import Prompt, parse
from core.rendering import spell
from core.request import Request
from core.sentences import recall, say
from core.shortening import Word, normalised, shorter, without, words_of

ASKED, ASKED_SECONDS = 6, 60.0
"""How often a member may ask for advice, and in which time. It costs nothing but the device's."""

Oracle = Callable[[Ask], Awaitable[Answer]]
"""Asks a worker. Raises EngineError with the reason where there is no answer."""


async def nobody_answers(question: Ask) -> Answer:
    """Where there are no workers to ask."""
    raise EngineError(say("The worker that makes the pictures is not there; try later."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A prompt, its words, and what each is worth beside the one that is worth most, 0..1."""

    prompt: Prompt
    words: tuple[Word, ...]
    worth: tuple[float, ...]

    @classmethod
    def read(cls, line: str, worth: tuple[float, ...]) -> Self:
        """From the line as `line` has it. Raises PromptError, and ValueError where there is not a
        number for each word."""
        prompt = parse(line)
        words = words_of(prompt.text)
        if len(words) != len(worth):
            raise ValueError("not a number for each word")
        return cls(prompt=prompt, words=words, worth=worth)

    @property
    def line(self) -> str:
        return spell(self.prompt)

    @property
    def shorter(self) -> list[str]:
        return shorter(self.prompt, self.words, self.worth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Prompts for a picture, and how they came about. `varies`: others come the next time."""

    lines: tuple[str, ...]
    note: str = ""
    varies: bool = False


class Advice:
    """Free of charge; every member may ask now and then."""

    def __init__(self, orders: Orders, ask: Oracle, clock: Clock) -> None:
        self._orders = orders
        self._ask = ask
        self._limiter = Limiter(clock, most=ASKED, seconds=ASKED_SECONDS)

    async def begin(self, actor: Actor) -> Customs:
        """Counts one more time that a picture is to be described. Raises RefusedError for whoever
        may not ask, or not now."""
        customs = await self._orders.customs(actor)
        self._limiter.ask(actor.owner.id)
        return customs

    async def of_record(
        self, request: Request, number: int, model: Model, customs: Customs, actor: Actor
    ) -> list[str]:
        """Prompts from a picture's own record, the very prompt first; a shorter one is among them
        if the model can be asked. Empty for a record that gives none."""
        try:
            lines = from_record(request, number, model, customs.styles)
            prompts = {line: parse(line) for line in lines}
            order = self._orders.read(lines[0], Customs(styles=customs.styles))
        except (EaselError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Anybody may have written it.
            return []
        prompt, asked = prompts[lines[0]], order.requests[:1]
        words = words_of(prompt.text)
        if len(words) > 2 and asked:
            try:
                shorter = (await self._weighed(prompt, words, asked[0], actor)).shorter
            except EngineError:
                shorter = []
            lines += shorter[1:2]
        return list(dict.fromkeys(lines))[:MOST]

    async def of_picture(self, path: str, size: tuple[int, int], actor: Actor) -> Described:
        """Prompts from what the picture in a file shows. Raises EngineError where nobody can
        say."""
        answer = await self._ask(
            Ask(
                id=secrets.token_hex(8),
                inquiry=Inquiry.CAPTION,
                picture=path,
                owner=f"{actor.server_id}:{actor.owner.id}",
            )
        )
        lines = with_aspect(answer.texts, size)
        if not lines:
            raise EngineError(say("The model had no words for that picture."))
        return Described(lines=tuple(lines), note=recall(answer.note), varies=answer.varies)

    async def weigh(self, line: str, actor: Actor) -> tuple[Weighed, str]:
        """What each word is worth, and the name of the model that was asked.

        Raises PromptError for a line that could not be made, RefusedError for one that cannot be
        shortened or is asked for too often, EngineError where no worker answers.
        """
        customs = await self._orders.customs(actor)
        order = self._orders.read(line, customs)
        if len(order.requests) > 1:
            raise RefusedError(
                say("One prompt is looked at, at a time: leave out the braces and --repeat.")
            )
        request = next(iter(order.requests))
        prompt = parse(line, options=customs.preferences.options)
        words = words_of(prompt.text)
        if len(words) < 2:
            raise RefusedError(say("There is nothing to leave out of a prompt so short."))
        self._limiter.ask(actor.owner.id)
        return await self._weighed(prompt, words, request, actor), request.model

    async def _weighed(
        self, prompt: Prompt, words: tuple[Word, ...], request: Request, actor: Actor
    ) -> Weighed:
        texts = (prompt.text, *(without(prompt.text, [word]) for word in words))
        question = Ask(
            id=secrets.token_hex(8),
            inquiry=Inquiry.WORTH,
            request=request,
            texts=texts,
            owner=f"{actor.server_id}:{actor.owner.id}",
        )
        answer = await self._ask(question)
        if len(answer.numbers) != len(words):
            raise EngineError
        return Weighed(prompt=prompt, words=words, worth=normalised(answer.numbers))
