"""A change to a line of a server, as an admin says it: only what is named is changed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from core.allowance import ALL_MODELS, NO_LIMIT, Allowance, Amount, Unit
from core.errors import RefusedError
from core.periods import Period
from core.request import Lane
from core.sentences import say


class Limit(StrEnum):
    """What a line can say, in an admin's words."""

    GPU_MINUTES = "GPU minutes"
    PICTURES = "pictures"
    RUNNING = "running jobs"
    WAITING = "waiting jobs"
    MEGAPIXELS = "megapixels"
    STEPS = "steps"
    BATCH = "jobs of one command"
    MODELS = "models"
    LANES = "lanes"
    PRIVATE = "private pictures"
    RELAX = "relaxed when used up"


EVERYTHING = "everything"
"""Clears a line whole."""

_FIELDS = {
    Limit.RUNNING: "max_running",
    Limit.WAITING: "max_waiting",
    Limit.MEGAPIXELS: "max_megapixels",
    Limit.STEPS: "max_steps",
    Limit.BATCH: "max_batch",
    Limit.MODELS: "models",
    Limit.LANES: "lanes",
    Limit.PRIVATE: "private",
    Limit.RELAX: "relax_after",
}
_UNITS = {Limit.GPU_MINUTES: Unit.GPU_SECONDS, Limit.PICTURES: Unit.PICTURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """`gpu_minutes` and `pictures` are amounts in each `per`; without it, in the period that the
    line has already, or a day. `models` are names with commas between. `unlimited` says of one
    limit that there is none; `clear` takes back what the line says of one, or EVERYTHING, so that
    the lines below count again."""

    gpu_minutes: float | None = None
    pictures: int | None = None
    per: Period | None = None
    max_running: int | None = None
    max_waiting: int | None = None
    max_megapixels: float | None = None
    max_steps: int | None = None
    max_batch: int | None = None
    models: str | None = None
    lanes: frozenset[Lane] | None = None
    private: bool | None = None
    relax_after: bool | None = None
    unlimited: Limit | None = None
    clear: str | None = None

    def check(self) -> None:
        """Raises RefusedError where nothing, or no sense, was said."""
        said = [each.name for each in fields(self) if getattr(self, each.name) is not None]
        if not said:
            raise RefusedError(say("Say which limit to set, such as `pictures:20 per:day`."))
        amounts = {"gpu_minutes", "pictures", "unlimited", "clear"}
        if "per" in said and not amounts & set(said):
            raise RefusedError(
                say("Say how many GPU minutes or pictures there are in each period.")
            )

    def __call__(self, line: Allowance) -> Allowance:
        """The line as it is then. Raises RefusedError."""
        self.check()
        line = self._cleared(line)
        if self.unlimited is not None:
            line = self._without_limit(line, self.unlimited)
        if self.gpu_minutes is not None:
            line = self._amount(line, Unit.GPU_SECONDS, round(self.gpu_minutes * 60))
        if self.pictures is not None:
            line = self._amount(line, Unit.PICTURES, self.pictures)
        plain = {name: getattr(self, name) for name in _FIELDS.values() if name != "models"}
        changes: dict[str, Any] = {name: v for name, v in plain.items() if v is not None}
        if self.models is not None:
            names = frozenset(name.strip() for name in self.models.split(",") if name.strip())
            changes["models"] = names
        return replace(line, **changes)

    def _amount(self, line: Allowance, unit: Unit, limit: int) -> Allowance:
        return line.with_amount(Amount(unit, self._period(line, unit), limit))

    def _period(self, line: Allowance, unit: Unit) -> Period:
        if self.per is not None:
            return self.per
        there = line.of(unit)
        return there[0].period if len(there) == 1 else Period.DAY

    def _cleared(self, line: Allowance) -> Allowance:
        if self.clear is None:
            return line
        if self.clear == EVERYTHING:
            return Allowance()
        limit = Limit(self.clear)
        if limit in _FIELDS:
            return replace(line, **{_FIELDS[limit]: None})
        for amount in line.of(_UNITS[limit]):
            if self.per in (None, amount.period):
                line = line.without(amount.unit, amount.period)
        return line

    def _without_limit(self, line: Allowance, limit: Limit) -> Allowance:
        match limit:
            case Limit.GPU_MINUTES | Limit.PICTURES:
                unit = _UNITS[limit]
                others = tuple(amount for amount in line.amounts if amount.unit is not unit)
                most = Amount(unit, Period.MONTH, NO_LIMIT)
                return replace(line, amounts=tuple(sorted((*others, most))))
            case Limit.MODELS:
                return replace(line, models=ALL_MODELS)
            case Limit.LANES:
                return replace(line, lanes=frozenset(Lane))
            case Limit.PRIVATE | Limit.RELAX:
                return replace(line, **{_FIELDS[limit]: True})
            case _:
                return replace(line, **{_FIELDS[limit]: NO_LIMIT})
