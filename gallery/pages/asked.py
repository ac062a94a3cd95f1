"""A search as it was understood: what was asked for, piece by piece, and the line without each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.flags import BY_SPELLING
from core.sentences import frame, say
from core.works import Order, Query
from gallery.pages.dates import day


@dataclass(frozen=True, slots=True)
class Piece:
    """`sentence` says what was asked for, `line` is how one types it, `without` the search without
    it."""

    sentence: str
    line: str
    without: str = ""


ORDERS = {
    Order.BEST: say("Best match"),
    Order.NEW: say("Newest first"),
    Order.TOP: say("Most liked first"),
    Order.OLD: say("Oldest first"),
}


def asked(query: Query, person_id: int, locale: str) -> list[Piece]:
    """All that a query asks for besides its words and its order. `person_id` is who asks."""
    found: list[Piece] = []
    if query.owner_id is not None and query.owner_id == person_id:
        found.append(Piece(say("made by you"), "by:me"))
    elif query.owner_id is not None:
        found.append(Piece(say("made by number {id}", id=query.owner_id), f"by:{query.owner_id}"))
    if query.by:
        found.append(Piece(say("made by {name}", name=query.by), f'by:"{query.by}"'))
    if query.model:
        found.append(Piece(say("with {model}", model=query.model), f'model:"{query.model}"'))
    if query.liked_by is not None:
        found.append(Piece(say("liked by you"), "is:liked"))
    if query.since is not None:
        since = say("since {day}", day=day(query.since, locale))
        found.append(Piece(since, f"after:{_date(query.since)}"))
    if query.until is not None:
        until = say("before {day}", day=day(query.until, locale))
        found.append(Piece(until, f"before:{_date(query.until)}"))
    for name, value in query.flags:
        flag = BY_SPELLING[name]
        typed = f"--{flag.name}" if value is None else f"--{flag.name} {value}"
        found.append(Piece(frame("{flag}", flag=typed), typed))
    words = [query.words] if query.words else []
    order = [] if query.order is usual(query) else [f"sort:{query.order.value}"]
    lines = [piece.line for piece in found]
    return [
        Piece(one.sentence, one.line, _line([*words, *lines[:at], *lines[at + 1 :], *order]))
        for at, one in enumerate(found)
    ]


def ordered(query: Query, person_id: int, locale: str) -> dict[Order, str]:
    """The same search in each order that makes sense of it."""
    words = [query.words] if query.words else []
    lines = [*words, *(piece.line for piece in asked(query, person_id, locale))]
    orders = [order for order in ORDERS if order is not Order.BEST or query.words]
    return {
        order: _line([*lines, *([] if order is usual(query) else [f"sort:{order.value}"])])
        for order in orders
    }


def usual(query: Query) -> Order:
    return Order.BEST if query.words else Order.NEW


def _line(pieces: list[str]) -> str:
    return " ".join(pieces)


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
