"""What an error is on the web: a status, and one sentence."""

from __future__ import annotations

from core.errors import (
    BusyError,
    DiskFullError,
    EaselError,
    GoneError,
    NotFoundError,
    PromptError,
    RefusedError,
)
from core.sentences import say
from gallery.limits import TooOftenError


class NotHereError(NotFoundError):
    """There is no such page, or it is not shown to you."""


class ForgedError(RefusedError):
    """That form is too old or came from elsewhere. Load the page again and try once more."""


class StaleLogInError(RefusedError):
    """That log-in took too long or began elsewhere. Please log in once more."""


class LogInFailedError(BusyError):
    """Discord did not say who you are. Please try again in a moment."""


class SilentError(BusyError):
    """Discord does not answer at the moment. Try again in a minute."""


class LogInFirstError(RefusedError):
    """Log in first; then try again."""


class TooLargeError(EaselError):
    """That is larger than this form takes."""


class WrongFormError(EaselError):
    """That form could not be read. Load the page again and try once more."""


class WrongMethodError(EaselError):
    """That cannot be done at this address."""


STATUS: tuple[tuple[type[EaselError], int], ...] = (
    (GoneError, 410),
    (NotFoundError, 404),
    (WrongMethodError, 405),
    (TooLargeError, 413),
    (TooOftenError, 429),
    (WrongFormError, 400),
    (PromptError, 400),
    (RefusedError, 403),
    (BusyError, 503),
    (DiskFullError, 503),
)
"""The first that fits; 500 for all others."""


def status_of(error: EaselError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def broken() -> str:
    """Of whatever nobody thought of."""
    return say("Something in the gallery broke. The operator's log says what; try again.")
