"""The tasks that wait for a worker, and which worker is given which.

In order of arrival. A task that is alone waits until a worker is empty; meanwhile that worker is
given nothing that came later, so neither keeps the other waiting for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from typing import Protocol

from generation.engines.run import Run

CHANGE_OF_MODELS = 2
"""A worker that must load a task's model first is chosen as if it made so many tasks more."""


class Seat(Protocol):
    """What can be given tasks: a worker that is ready."""

    @property
    def runs(self) -> Collection[Run]:
        """What it makes now."""
        ...

    @property
    def room(self) -> int:
        """How many more it could make beside them."""
        ...

    def has(self, model: str) -> bool:
        """Whether the model is probably loaded."""
        ...

    def give(self, run: Run) -> None: ...


class Line:
    def __init__(self) -> None:
        self._waiting: deque[Run] = deque()

    def add(self, run: Run) -> None:
        self._waiting.append(run)

    def remove(self, run: Run) -> bool:
        """Whether it was waiting."""
        if run not in self._waiting:
            return False
        self._waiting.remove(run)
        return True

    def leave_all(self, sentence: str) -> None:
        """Nothing will come of waiting."""
        while self._waiting:
            self._waiting.popleft().stop_short(sentence)

    def hand_out(self, seats: Sequence[Seat]) -> None:
        """Gives away what can be made now. `seats` are the workers that are ready."""
        free = list(seats)
        for run in list(self._waiting):
            if not free:
                return
            seat = _emptiest(free) if run.task.alone else _best(run, free)
            if seat is None:
                continue
            if run.task.alone:
                # It empties for this one, or is taken by it: nothing for those that came later.
                free.remove(seat)
                if seat.runs:
                    continue
            self._waiting.remove(run)
            seat.give(run)


def _emptiest(seats: Sequence[Seat]) -> Seat:
    return min(seats, key=lambda seat: len(seat.runs))


def _best(run: Run, seats: Sequence[Seat]) -> Seat | None:
    """Where the task has most of the device for itself, a change of models counted."""
    fit = [seat for seat in seats if seat.room > 0 and not _keeps_out(seat, run)]
    model = run.task.request.made_by
    return min(
        fit,
        key=lambda seat: len(seat.runs) + CHANGE_OF_MODELS * (not seat.has(model)),
        default=None,
    )


def _keeps_out(seat: Seat, run: Run) -> bool:
    """A job that was left there and has not heard it yet could not be told from its next run."""
    return any(one.task.alone or one.task.job_id == run.task.job_id for one in seat.runs)
