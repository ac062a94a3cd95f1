"""Questions to the workers: each goes to one of them, and is answered or given up in its time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from core.errors import EngineError
from core.events import Answer, Ask, Command
from core.sentences import recall, say
from generation.engines.run import Run

SLACK_SECONDS = 5.0
"""How much longer than the worker itself the answer is waited for."""


class Oracle(Protocol):
    """What can be asked: a worker that is ready."""

    @property
    def runs(self) -> Collection[Run]: ...

    def has(self, model: str) -> bool:
        """Whether the model is probably loaded."""
        ...

    def send(self, command: Command) -> None: ...


class Questions:
    """Those that are open. A worker that ends leaves its own unanswered."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Oracle, asyncio.Future[Answer]]] = {}
        self._change = asyncio.Event()

    def changed(self) -> None:
        """A worker is ready, or none will be."""
        self._change.set()

    async def ask(self, question: Ask, ready: Callable[[], Sequence[Oracle]]) -> Answer:
        """`ready` says which workers can be asked now, and raises EngineError when none will be.
        Raises EngineError."""
        try:
            async with asyncio.timeout(question.seconds + SLACK_SECONDS):
                while not (oracles := ready()):
                    self._change.clear()
                    await self._change.wait()
                answer = await self._asked(question, _best(question, oracles))
        except TimeoutError:
            raise EngineError(TOO_LATE) from None
        if answer.sentence:
            raise EngineError(recall(answer.sentence))
        return answer

    async def _asked(self, question: Ask, oracle: Oracle) -> Answer:
        future = asyncio.get_running_loop().create_future()
        self._open[question.id] = (oracle, future)
        try:
            oracle.send(question)
            return await future
        finally:
            del self._open[question.id]

    def hear(self, answer: Answer) -> None:
        """One that comes too late is nobody's any more."""
        _, future = self._open.get(answer.id, (None, None))
        if future is not None and not future.done():
            future.set_result(answer)

    def leave(self, oracle: Oracle) -> None:
        """That worker has ended."""
        for one, future in self._open.values():
            if one is oracle and not future.done():
                future.set_exception(EngineError(ENDED))


TOO_LATE = say("The worker that makes the pictures is too busy to look at that now; try later.")
ENDED = say("The worker that makes the pictures stopped while it looked at that; try again.")


def _best(question: Ask, ready: Sequence[Oracle]) -> Oracle:
    """One that has the model, or else the least busy."""
    model = question.request.model if question.request is not None else ""
    return min(ready, key=lambda oracle: (not oracle.has(model), len(oracle.runs)))
