"""How the lines of a server's rules come together: for one person of one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from core.allowance import ALL_MODELS, Allowance, Amount, Line, Subject, SubjectKind, Unit

T = TypeVar("T")


def of_kind(lines: Sequence[Line], kind: SubjectKind) -> list[Line]:
    return [line for line in lines if line.subject.kind is kind]


def winning_amounts(layers: list[list[Line]], unit: Unit) -> list[tuple[Amount, Subject]]:
    """The amounts of the first layer that says something of the unit, and whose line says them; of
    several lines in it, the most generous."""
    for layer in layers:
        saying = [line for line in layer if line.allowance.of(unit)]
        if saying:
            best = max(saying, key=lambda line: (_generosity(line, unit), line.subject))
            return [(amount, best.subject) for amount in best.allowance.of(unit)]
    return []


def _generosity(line: Line, unit: Unit) -> tuple[float, int]:
    amounts = line.allowance.of(unit)
    return min(amount.rate for amount in amounts), sum(amount.limit for amount in amounts)


def pick(
    layers: list[list[Line]],
    read: Callable[[Allowance], T | None],
    most: Callable[[list[T]], T],
) -> T | None:
    """What the first layer that says something says, the most of it where several lines do."""
    for layer in layers:
        said = [value for line in layer if (value := read(line.allowance)) is not None]
        if said:
            return most(said)
    return None


def union(sets: list[frozenset[Any]]) -> frozenset[Any]:
    return frozenset[Any]().union(*sets)


def least(one: Any, other: Any) -> Any:
    """The smaller of two limits; None is no limit."""
    said = [value for value in (one, other) if value is not None]
    return min(said) if said else None


def both(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    """What both of two lists allow; None and ALL_MODELS allow everything."""
    if one is None or one == ALL_MODELS:
        return other if other is not None else one
    if other is None or other == ALL_MODELS:
        return one
    return one & other
