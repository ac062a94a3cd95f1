"""Calls that wait for the device, each in the thread of its task."""

# pyright: basic
from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from core.steps import Waiting
from generation.grouping import Call, Key, Size
from generation.parking import Asked, Kind
from generation.ride import Ride

Errand = Callable[[], Any]

_serials = itertools.count()


class Parked:
    """A call that waits to be made: of a model, or else of any function."""

    __slots__ = (
        "answer", "asked", "call", "done", "error", "function", "key", "kind", "ride", "rows",
        "since", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        ride: Ride,
        kind: Kind,
        since: float,
        *,
        call: Call | None = None,
        asked: Asked | None = None,
        function: Errand | None = None,
        shape: Hashable = None,
    ) -> None:
        self.ride, self.since = ride, since
        self.kind: Kind = kind
        self.call, self.asked, self.function = call, asked, function
        self.rows = call.rows if call is not None else 1
        alone = Key(Size(-1, f"run.{kind}", shape), next(_serials))
        self.key = call.key if call is not None else alone
        self.waiting: Waiting | None = None
        self.answer: Any = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def finish(self, answer: Any = None, error: BaseException | None = None) -> None:
        self.answer, self.error = answer, error
        self.done.release()

    def wait(self) -> Any:
        """Blocks until it is made. Raises what it raised."""
        self.done.acquire()
        answer, error = self.answer, self.error
        self.answer = self.error = self.call = self.asked = self.function = None
        if error is None:
            return answer
        try:
            raise error
        finally:
            # The frame of a traceback keeps what it knows alive.
            del error


def all_of(parked: Sequence[Parked]) -> list[Any]:
    """The answers, once all are made. Raises what the first that failed raised."""
    answers, failed = [], None
    for one in parked:
        try:
            answers.append(one.wait())
        except BaseException as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return answers
