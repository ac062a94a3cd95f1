"""The errors meant for people, as one tree.

Each class's docstring is its default sentence; `sentence` is what a member, an admin or an operator
reads. Nothing here holds a secret, a path of the host or a traceback, so every sentence may be
shown as it is.

    EaselError
    ├── PromptError        the typed line cannot be read (lists every problem, and the mend)
    ├── RefusedError       readable, but not allowed here or now
    │   ├── QueueFullError
    │   ├── QuotaError
    │   ├── DrainedError
    │   ├── BannedError
    │   ├── NotAdminError
    │   ├── NotYoursError
    │   └── MissingPermissionError
    ├── NotFoundError      the thing named is not there
    │   ├── JobNotFoundError
    │   ├── ImageNotFoundError
    │   ├── GoneError
    │   ├── CollectionNotFoundError
    │   └── ModelNotFoundError
    ├── BusyError          try again: nothing was done
    ├── DiskFullError
    ├── EngineError        making the picture failed
    │   ├── OutOfMemoryError
    │   └── ModelBrokenError
    └── SettingsError      Easel cannot start as configured
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.sentences import Sentence, say, together


class EaselError(Exception):
    """Something went wrong; nothing was lost and nothing was charged."""

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or Sentence(inspect.cleandoc(type(self).__doc__ or ""), {})
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a prompt.

    `what` names it, `mend` says what to type instead. `start` and `end` are character offsets into
    the typed line, or 0, 0 where the problem is the whole line.
    """

    what: str
    mend: str = ""
    start: int = 0
    end: int = 0

    @property
    def sentence(self) -> str:
        return together([self.what, self.mend]) if self.mend else self.what

    def __str__(self) -> str:
        return self.sentence


class PromptError(EaselError):
    """The prompt could not be read."""

    # `understood` is the core.prompt.Prompt of what could be read, where there is such a thing.

    def __init__(
        self,
        problems: tuple[Problem, ...],
        *,
        typed: str = "",
        mended: str | None = None,
        understood: Any = None,
    ) -> None:
        self.problems = problems
        self.understood = understood
        self.typed = typed
        self.mended = mended
        super().__init__(together(problem.sentence for problem in problems))


class RefusedError(EaselError):
    """That is not allowed here."""


class QueueFullError(RefusedError):
    """You already have as many jobs waiting as this server allows; wait for one to finish."""


class QuotaError(RefusedError):
    """The allowance is used up."""

    # `renews_at` (Unix seconds) is when there is room again, None where waiting does not help. A
    # front end that shows times in its reader's own zone asks for the sentence with `at`.

    def __init__(self, sentence: str | None = None, *, renews_at: float | None = None) -> None:
        super().__init__(sentence)
        self.renews_at = renews_at
        self._what = self.sentence
        if renews_at is not None:
            day = datetime.fromtimestamp(renews_at, UTC)
            self.sentence = self.at(say("on {day:%d %B at %H:%M} UTC", day=day))
        self.args = (self.sentence,)

    def at(self, when: str) -> str:
        """The sentence with the time of the renewal in other words, such as “in 2 hours”."""
        if self.renews_at is None:
            return self._what
        return together([self._what, say("It renews {when}.", when=when)])


class DrainedError(RefusedError):
    """This server takes no new jobs at the moment; what waits is still made. Try again later."""


class BannedError(RefusedError):
    """The admins of this server have taken away your use of Easel."""


class NotAdminError(RefusedError):
    """Only an admin of this server can do that."""


class NotYoursError(RefusedError):
    """Only the person who started this job, or a moderator, can do that."""


class MissingPermissionError(RefusedError):
    """Easel lacks a permission it needs in this channel."""


class NotFoundError(EaselError):
    """That is no longer there."""


class JobNotFoundError(NotFoundError):
    """That job is not in Easel's history any more."""


class ImageNotFoundError(NotFoundError):
    """That picture is not in Easel's history any more."""


class GoneError(NotFoundError):
    """That picture was deleted."""


class CollectionNotFoundError(NotFoundError):
    """There is no such collection."""


class ModelNotFoundError(NotFoundError):
    """There is no model of that name here."""


class BusyError(EaselError):
    """Easel is busy right now; nothing was charged. Try again in a moment."""


class DiskFullError(EaselError):
    """The disk Easel keeps its pictures on is full; nothing was charged. Tell the operator."""


class EngineError(EaselError):
    """Making the picture failed; nothing was charged. Try again."""


class OutOfMemoryError(EngineError):
    """That picture needs more GPU memory than there is; nothing was charged. Try a smaller one."""


class ModelBrokenError(EngineError):
    """The model could not be loaded; nothing was charged. Tell the operator."""


class SettingsError(EaselError):
    """Easel cannot start with these settings."""
