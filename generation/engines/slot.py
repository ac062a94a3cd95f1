"""A place for one worker, which is kept up, and the tasks that it makes at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.events import Answer, Cancelled, Command, Ending, Event, Ready
from core.sentences import say
from generation.engines.process import WorkerProcess, describe_start_error
from generation.engines.run import Limits, Run

log = logging.getLogger(__name__)

START_ATTEMPTS = 3
"""Starts in a row that may fail before waiting tasks are told so."""

_LISTENS = 4
"""How often it is listened for a worker in the time that one may be silent. Time in which this
process itself did not run counts as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a worker may take, in seconds: to get ready, to stop politely; how long it may say
    nothing while it makes tasks, if it promised to say that it is alive."""

    ready: float
    stop: float
    silence: float


class House(Protocol):
    """What a slot needs of its engine."""

    @property
    def command(self) -> Sequence[str]: ...

    @property
    def together(self) -> int:
        """The most tasks that a worker is given at once."""
        ...

    def limits(self) -> Limits: ...

    def patience(self) -> Patience: ...

    def environment(self, number: int) -> Mapping[str, str]: ...

    def pause(self, failures: int) -> Awaitable[None]:
        """Before restart number `failures` in a row."""
        ...

    def changed(self) -> None:
        """A worker is ready, or has room again."""
        ...

    def cannot_start(self) -> None:
        """A slot has given its last hope up."""
        ...

    def heard(self, answer: Answer) -> None: ...

    def left(self, slot: Slot) -> None:
        """Its worker answers nothing more."""
        ...


class Slot:
    """Invariants: it has at most one worker; a run that it was given is in `runs` until it ends;
    only its own task starts and buries its worker."""

    def __init__(self, house: House, number: int) -> None:
        self.number = number
        self.name = f"worker {number + 1}"
        self.together = 1
        """How many tasks the worker makes at once, by its last word."""
        self.broken: str | None = None
        self._house = house
        self._failures = 0
        self._runs: dict[str, Run] = {}
        self._worker: WorkerProcess | None = None
        self._timeout: asyncio.Timeout | None = None
        self._doom: str = ""
        self._silent = False
        self._last_model = ""

    # What the line asks

    @property
    def ready(self) -> bool:
        return self._worker is not None and not self._doom

    @property
    def runs(self) -> Collection[Run]:
        return self._runs.values()

    @property
    def room(self) -> int:
        return self.together - len(self._runs)

    def has(self, model: str) -> bool:
        return model == self._last_model or any(
            model == run.task.request.made_by for run in self.runs
        )

    def give(self, run: Run) -> None:
        self._runs[run.task.job_id] = run
        self._last_model = run.task.request.made_by
        for one in self.runs:
            one.beside(len(self._runs))
        run.begin(self, self._house.limits())

    # What a run asks

    def send(self, command: Command) -> None:
        if self._worker is not None:
            self._worker.send(command)

    def condemn(self, run: Run) -> None:
        log.error("%s did not stop job %s when it was asked to", self.name, run.task.job_id)
        self._kill_soon(
            say(
                "The worker that makes the pictures had to be stopped because of another picture; "
                "nothing was charged."
            )
        )

    # One worker after the other

    async def keep(self) -> None:
        while True:
            if self._failures:
                await self._house.pause(self._failures)
            ended = await self._life()
            self._failures += 1
            log.warning("%s ended: %s; restart %d", self.name, ended, self._failures)

    async def _life(self) -> str:
        """One worker from start to end; returns how it ended."""
        house = self._house
        try:
            worker = await WorkerProcess.start(
                self.name, house.command, house.environment(self.number)
            )
        except OSError as error:
            return self._did_not_start(describe_start_error(house.command, error), hopeless=True)
        try:
            try:
                async with asyncio.timeout(house.patience().ready):
                    ready = await worker.next()
            except TimeoutError:
                reason = f"not ready after {house.patience().ready:g} seconds"
                await worker.kill()
                return self._did_not_start(reason, hopeless=True)
            except ValueError:
                await worker.kill()
                return self._did_not_start("it does not speak Easel's protocol")
            if not isinstance(ready, Ready):
                ended = await worker.ended() if ready is None else await worker.kill()
                return self._did_not_start(ended)
            log.info("%s is ready on %s", self.name, ready.device)
            self.broken = None
            return await self._work(worker, ready)
        except asyncio.CancelledError:
            await worker.stop(within=house.patience().stop)
            raise
        except BaseException:
            await worker.kill()
            raise

    def _did_not_start(self, reason: str, *, hopeless: bool = False) -> str:
        if hopeless or self._failures + 1 >= START_ATTEMPTS:
            self.broken = reason
            self._house.cannot_start()
        return reason

    async def _work(self, worker: WorkerProcess, ready: Ready) -> str:
        """Passes on what the worker says until its end, which is that of all its runs."""
        self.together = max(1, min(ready.together, self._house.together))
        ear = None
        if ready.beat_seconds > 0:
            ear = asyncio.create_task(self._listen(worker, self._house.patience().silence))
        sentence = ""
        try:
            await self._follow(worker)
            ended = await worker.ended()
            sentence = say(
                "The worker that makes the pictures stopped in the middle ({ended}); nothing was "
                "charged.",
                ended=ended,
            )
        except TimeoutError:
            sentence, ended = self._doom, await worker.kill()
        except ValueError as error:
            log.error("%s: %s", self.name, error)
            sentence = say(
                "The worker that makes the pictures said something unreadable, so it was stopped; "
                "nothing was charged."
            )
            ended = await worker.kill()
        except asyncio.CancelledError:
            sentence = "Easel is stopping; nothing was charged."
            raise
        finally:
            if ear is not None:
                ear.cancel()
            while self._runs:
                run = self._runs.pop(next(iter(self._runs)))
                run.leave()
                run.stop_short(sentence, silent=self._silent)
        return ended

    async def _follow(self, worker: WorkerProcess) -> None:
        """Ends with the worker's lines; with TimeoutError when it is to be killed, and with
        ValueError when it says what the protocol has not. Nobody can give it anything then."""
        self._worker, self._doom, self._silent, self._last_model = worker, "", False, ""
        try:
            async with asyncio.timeout(None) as self._timeout:
                self._house.changed()
                while (event := await worker.next()) is not None:
                    self._hear(event)
        finally:
            self._worker = self._timeout = None
            self._house.left(self)

    def _hear(self, event: Event | Ready | Answer) -> None:
        if isinstance(event, Answer):
            self._house.heard(event)
            return
        if isinstance(event, Ready) or (run := self._runs.get(event.job_id)) is None:
            log.warning("%s spoke out of turn: %s", self.name, event)
            return
        if not isinstance(event, Ending):
            run.put(event)
            return
        del self._runs[event.job_id]
        run.leave()
        self._failures = 0
        if isinstance(event, Cancelled) and not run.cancelled:
            sentence = say("The picture was stopped; nothing was charged.")
            run.stop_short(sentence, gpu_ms=event.gpu_ms)
        else:
            run.put(event)
        self._house.changed()

    async def _listen(self, worker: WorkerProcess, seconds: float) -> None:
        """Condemns a worker that makes tasks and has said nothing for so long."""
        heard_at, missed = worker.heard_at, 0
        while missed < _LISTENS:
            await asyncio.sleep(seconds / _LISTENS)
            missed = missed + 1 if self._runs and worker.heard_at == heard_at else 0
            heard_at = worker.heard_at
        log.error("%s has said nothing for %g seconds", worker.name, seconds)
        self._silent = True
        self._kill_soon(
            say(
                "The worker that makes the pictures fell silent, so it was stopped; nothing "
                "was charged."
            )
        )

    def _kill_soon(self, sentence: str) -> None:
        """From now on the worker is given nothing; `sentence` is for those whose run it ends."""
        self._doom = self._doom or sentence
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time())
