"""What people may use: the values that server admins and the operator set.

A line belongs to a server and a subject, and whatever it leaves unset says nothing. How the lines
of one member come together is `core.quota`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from core.periods import Period
from core.request import HouseStyle, Lane
from core.works import Showing

NO_LIMIT = 10**9
"""A number that is never reached: how a line says “no limit” where the server's default has one."""

ALL_MODELS = frozenset({"*"})
"""Every model, where the server's default names some."""


class Unit(StrEnum):
    GPU_SECONDS = "gpu_seconds"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """So many GPU seconds or pictures in each hour, day, week or month."""

    unit: Unit
    period: Period
    limit: int

    @property
    def rate(self) -> float:
        """What it allows in a month."""
        return self.limit * self.period.per_month if self.limit < NO_LIMIT else float("inf")


class SubjectKind(StrEnum):
    """Whose line it is. `CEILING` is the operator's, over a whole server, with its weight."""

    SERVER = "server"
    ROLE = "role"
    CHANNEL = "channel"
    MEMBER = "member"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """`id` is Discord's id of the role, channel or person; 0 for the server's own lines."""

    kind: SubjectKind
    id: int = 0

    @classmethod
    def role(cls, id: int) -> Self:
        return cls(SubjectKind.ROLE, id)

    @classmethod
    def channel(cls, id: int) -> Self:
        return cls(SubjectKind.CHANNEL, id)

    @classmethod
    def member(cls, id: int) -> Self:
        return cls(SubjectKind.MEMBER, id)


EVERYONE = Subject(SubjectKind.SERVER)
"""The server's default."""

CEILING = Subject(SubjectKind.CEILING)
"""The operator's ceiling over a whole server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a line says. None, or no amount of a unit, says nothing about it.

    `max_running` and `max_waiting` are jobs of one member; `max_megapixels` is one picture's size;
    `max_batch` is how many jobs one command may make (repeats and permutations). `private`: may use
    --stealth. `relax_after`: relaxed jobs cost nothing of the amounts, and a job beyond them is
    made in the relaxed lane instead of being refused. `weight`, on the operator's line alone: the
    server's share of GPU time beside other servers, 1 unless it is set.
    """

    amounts: tuple[Amount, ...] = ()
    max_running: int | None = None
    max_waiting: int | None = None
    max_megapixels: float | None = None
    max_steps: int | None = None
    max_batch: int | None = None
    models: frozenset[str] | None = None
    lanes: frozenset[Lane] | None = None
    private: bool | None = None
    relax_after: bool | None = None
    weight: float | None = None

    def of(self, unit: Unit) -> tuple[Amount, ...]:
        """The amounts of one unit; none where the line says nothing about it."""
        return tuple(amount for amount in self.amounts if amount.unit is unit)

    def with_amount(self, amount: Amount) -> Self:
        """With this amount in the place of the one of its unit and period."""
        others = self.without(amount.unit, amount.period).amounts
        return replace(self, amounts=tuple(sorted((*others, amount))))

    def without(self, unit: Unit, period: Period) -> Self:
        kept = (a for a in self.amounts if (a.unit, a.period) != (unit, period))
        return replace(self, amounts=tuple(kept))

    @property
    def is_empty(self) -> bool:
        return self == type(self)()

    def to_json(self) -> dict[str, Any]:
        """Plain values; only what is set."""
        plain: dict[str, Any] = {
            name: getattr(self, name) for name in _PLAIN if getattr(self, name) is not None
        }
        if self.amounts:
            plain["amounts"] = [[str(a.unit), str(a.period), a.limit] for a in self.amounts]
        if self.models is not None:
            plain["models"] = sorted(self.models)
        if self.lanes is not None:
            plain["lanes"] = sorted(map(str, self.lanes))
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        models, lanes = plain.get("models"), plain.get("lanes")
        return cls(
            amounts=tuple(Amount(Unit(u), Period(p), n) for u, p, n in plain.get("amounts", ())),
            models=None if models is None else frozenset(models),
            lanes=None if lanes is None else frozenset(map(Lane, lanes)),
            **{name: plain[name] for name in _PLAIN if name in plain},
        )


_PLAIN = (
    "max_running",
    "max_waiting",
    "max_megapixels",
    "max_steps",
    "max_batch",
    "private",
    "relax_after",
    "weight",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One subject's allowance."""

    subject: Subject
    allowance: Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An extra on top of the amounts: `amount` GPU seconds or pictures, once, for the person, or
    for each member with the role, or for each member of the server. Used only by jobs that the
    amounts have no room for; gone at `expires_at` (Unix seconds), if that is set."""

    id: int
    subject: Subject
    unit: Unit
    amount: int
    granted_at: float
    expires_at: float | None = None

    def holds_at(self, now: float) -> bool:
        return self.expires_at is None or now < self.expires_at


class Presentation(StrEnum):
    """How finished pictures are shown: all in one, or each as its own."""

    GRID = "grid"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """How a server is run. `drained`: nothing new is admitted, what waits is made. `paused`: what
    waits is left waiting. `admin_role`: a role whose members are admins of Easel too, 0 for none.
    `default_flags` count where nobody says otherwise, `forced_flags` whatever anybody says (both as
    typed). `style` is the name of the style that is used unless another is asked for, "" for none.
    `presentation` is how finished grids are shown. `gallery` is who may see the pictures of its
    members in the gallery, unless they want less.
    """

    time_zone: str = "UTC"
    paused: bool = False
    drained: bool = False
    admin_role: int = 0
    default_flags: str = ""
    forced_flags: str = ""
    style: str = ""
    presentation: Presentation = Presentation.GRID
    gallery: Showing = Showing.SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that bears on one member in one channel of a server: the lines of the server, the
    member's roles, the channel and the member; the operator's ceiling; grants and the time of the
    last reset of each of these subjects."""

    house: House = field(default_factory=House)
    lines: tuple[Line, ...] = ()
    grants: tuple[Grant, ...] = ()
    resets: Mapping[Subject, float] = field(default_factory=dict[Subject, float])
    banned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRules:
    """Everything that is set for a server: see `Rules`. Lines are in the order of their subjects,
    grants the oldest first, styles in the order of their names."""

    house: House = field(default_factory=House)
    lines: tuple[Line, ...] = ()
    grants: tuple[Grant, ...] = ()
    resets: Mapping[Subject, float] = field(default_factory=dict[Subject, float])
    banned: frozenset[int] = frozenset()
    styles: tuple[HouseStyle, ...] = ()

    def of(self, subject: Subject) -> Allowance:
        """The subject's line; an empty one where it has none."""
        found = (line.allowance for line in self.lines if line.subject == subject)
        return next(found, Allowance())

    def for_member(self, member_id: int, role_ids: Collection[int], channel_id: int) -> Rules:
        """What bears on that member in that channel."""
        theirs = {EVERYONE, CEILING, Subject.channel(channel_id), Subject.member(member_id)}
        theirs |= {Subject.role(id) for id in role_ids}
        return Rules(
            house=self.house,
            lines=tuple(line for line in self.lines if line.subject in theirs),
            grants=tuple(grant for grant in self.grants if grant.subject in theirs),
            resets={whose: at for whose, at in self.resets.items() if whose in theirs},
            banned=member_id in self.banned,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A line of the audit log: who changed what and when. `before` and `after` are plain values,
    empty where there was, or is, nothing."""

    id: int
    server_id: int
    at: float
    by_id: int
    by_name: str
    what: str
    subject: Subject
    before: Mapping[str, Any]
    after: Mapping[str, Any]
