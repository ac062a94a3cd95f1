"""What forwards took, as a worker keeps it in a file from one start to the next.

The file is one line of JSON, a few kilobytes. It has a table for each `Place`, that is for all that
decides how long a forward takes beside the call itself, and in it a curve for each call of each
part of a model. Whoever writes it takes over what others wrote meanwhile of other places.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from core.step_times import COUNTS_KEPT, Point

FORMAT = 1

MOST_TABLES = 32
"""The newest are kept."""

MOST_CURVES = 64
"""Of one place: more shapes than that are not asked for often enough to matter."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where forwards are computed: `device` by its name, the version of `torch`, the `model` by its
    source, `dtype` such as float32, and how the model is held (`core.speed`) in one line."""

    device: str
    torch: str
    model: str
    dtype: str
    speed: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Of a `call` such as `UNet2DConditionModel.forward` of the `part` such as `unet`, with rows of
    a `shape`, made of numbers, texts and tuples: rows and seconds."""

    part: str
    call: str
    shape: Hashable
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Written `at`, in seconds since 1970."""

    at: float
    curves: tuple[Curve, ...]


Tables = Mapping[Place, Table]


def written(tables: Tables) -> str:
    """The text of the file."""
    body = [
        asdict(place) | {"at": table.at, "curves": [asdict(one) for one in table.curves]}
        for place, table in tables.items()
    ]
    return json.dumps({"format": FORMAT, "tables": body}, separators=(",", ":")) + "\n"


def read(text: str) -> dict[Place, Table]:
    """The inverse of `written`. Raises ValueError saying what is wrong with the text."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is damaged") from error
    if not isinstance(whole, dict) or "format" not in whole:
        raise ValueError("it is damaged")
    if whole["format"] != FORMAT:
        raise ValueError("another version of Easel wrote it")
    try:
        rows = cast("list[dict[str, Any]]", whole["tables"])
        return {_place(row): _table(row) for row in rows}
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError("it is damaged") from error


def merged(there: Tables, ours: Tables) -> dict[Place, Table]:
    """What the file has from now on: of each place what is newest, and no more of what an older
    torch took on the same device."""
    current = {(place.device, place.torch) for place in ours}
    devices = {device for device, _ in current}
    found = {
        place: table
        for place, table in there.items()
        if place.device not in devices or (place.device, place.torch) in current
    }
    found |= {
        place: table
        for place, table in ours.items()
        if place not in found or table.at >= found[place].at
    }
    newest = sorted(found, key=lambda place: found[place].at, reverse=True)[:MOST_TABLES]
    return {place: found[place] for place in sorted(newest)}


def joined(old: Iterable[Curve], new: Iterable[Curve]) -> tuple[Curve, ...]:
    """The new ones, and of the old ones those of other calls, as many as there may be."""
    found = {(one.part, one.call, one.shape): one for one in new}
    for one in old:
        found.setdefault((one.part, one.call, one.shape), one)
    return tuple(found.values())[:MOST_CURVES]


def _place(row: Mapping[str, Any]) -> Place:
    values = {field.name: row[field.name] for field in fields(Place)}
    if not all(isinstance(value, str) for value in values.values()):
        raise TypeError(values)
    return Place(**values)


def _table(row: Mapping[str, Any]) -> Table:
    curves = cast("list[dict[str, Any]]", row["curves"])
    return Table(float(row["at"]), tuple(_curve(one) for one in curves[:MOST_CURVES]))


def _curve(row: Mapping[str, Any]) -> Curve:
    points = tuple((int(rows), float(seconds)) for rows, seconds in row["points"])
    if not points or len(points) > COUNTS_KEPT:
        raise ValueError(len(points))
    if not all(rows >= 1 and 0 <= seconds < float("inf") for rows, seconds in points):
        raise ValueError(points)
    if not isinstance(row["part"], str) or not isinstance(row["call"], str):
        raise TypeError(row)
    return Curve(row["part"], row["call"], _frozen(row["shape"]), points)


def _frozen(value: Any) -> Hashable:
    """Lists are what JSON makes of tuples."""
    if isinstance(value, list):
        return tuple(_frozen(one) for one in cast("list[Any]", value))
    if isinstance(value, int | str):
        return value
    raise TypeError(value)
