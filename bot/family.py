"""A family of jobs as a picture: a card for each, and lines from what was made to what of it.

The values and their places; they are drawn by `bot.family_chart`, a program of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from core.archive import Family
from core.jobs import Job, State
from core.request import Kind

ALT_LENGTH = 1000

DONE = {
    Kind.IMAGINE: "Imagined",
    Kind.VARIATION: "Variations",
    Kind.UPSCALE: "Image",
    Kind.REROLL: "Re-rolled",
    Kind.ENLARGE: "Upscaled",
    Kind.REGION: "Region",
    Kind.ZOOM: "Zoomed out",
    Kind.PAN: "Panned",
    Kind.SQUARE: "Made square",
    Kind.ENHANCE: "Enhanced",
}

UNDONE = {State.FAILED: "failed", State.CANCELLED: "stopped", State.QUEUED: "waiting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A job. `path` is its picture's file, "" where it has none. Columns and rows count from 0;
    `parent` is the place of the card it was made from in the tree's cards, -1 for none."""

    path: str
    title: str
    column: float
    row: int
    parent: int = -1
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    cards: tuple[Card, ...]
    alt: str

    @property
    def columns(self) -> int:
        return int(max(card.column for card in self.cards)) + 1

    @property
    def rows(self) -> int:
        return max(card.row for card in self.cards) + 1

    def to_json(self) -> bytes:
        fields = ("path", "title", "column", "row", "parent", "chosen")
        cards = [{name: getattr(card, name) for name in fields} for card in self.cards]
        return json.dumps({"cards": cards, "alt": self.alt}).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The inverse of `to_json`."""
        plain: dict[str, Any] = json.loads(data)
        return cls(cards=tuple(Card(**card) for card in plain["cards"]), alt=plain["alt"])


def tree(family: Family, paths: Mapping[str, Path]) -> Tree:
    """Who was made first is on top. A job stands below what it was made from, in the middle above
    what was made from it. `paths` are the jobs' pictures, by the jobs' ids."""
    jobs = {job.id: job for job in family.jobs}
    below: dict[str, list[str]] = {id: [] for id in jobs}
    roots: list[str] = []
    for job in family.jobs:
        above = job.parent.job_id if job.parent is not None else ""
        (below[above] if above in jobs else roots).append(job.id)
    places: dict[str, tuple[float, int]] = {}
    free = 0
    order: list[str] = []
    for root in roots:
        stack = [(root, 0)]
        while stack:
            id, row = stack.pop()
            order.append(id)
            places[id] = (-1.0, row)
            stack += [(child, row + 1) for child in reversed(below[id])]
    for id in order:
        if not below[id]:
            places[id], free = (float(free), places[id][1]), free + 1
    for id in reversed(order):
        if below[id]:
            columns = [places[child][0] for child in below[id]]
            places[id] = ((columns[0] + columns[-1]) / 2, places[id][1])
    at = {id: number for number, id in enumerate(order)}
    cards = tuple(
        Card(
            path=str(paths.get(id, "")),
            title=title(jobs[id]),
            column=places[id][0],
            row=places[id][1],
            parent=_above(jobs[id], at),
            chosen=id == family.chosen,
        )
        for id in order
    )
    return Tree(cards=cards, alt=_alt(cards))


def title(job: Job) -> str:
    """What was done, in a few words: `Variations of 2`."""
    number = job.parent.index if job.parent is not None else 0
    kind = job.request.kind
    words = DONE[kind]
    if number:
        words += f" {number}" if kind is Kind.UPSCALE else f" of {number}"
    return f"{words} ({UNDONE[job.state]})" if job.state in UNDONE else words


def _above(job: Job, at: Mapping[str, int]) -> int:
    return at.get(job.parent.job_id, -1) if job.parent is not None else -1


def _alt(cards: tuple[Card, ...]) -> str:
    words = ["Family tree."]
    for number, card in enumerate(cards, 1):
        above = f", from {card.parent + 1}" if card.parent >= 0 else ""
        this = ", this one" if card.chosen else ""
        words.append(f"{number}: {card.title}{above}{this}.")
    text = " ".join(words)
    return text if len(text) <= ALT_LENGTH else text[: ALT_LENGTH - 1] + "…"
