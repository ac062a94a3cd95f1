"""A Rulebook in plain dicts, beside the JobStore in memory whose ledger it reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.allowance import (
    EVERYONE,
    Allowance,
    Change,
    Grant,
    House,
    Line,
    ServerRules,
    Subject,
    Unit,
)
from core.jobs import Job, Owner
from core.ports import LedgerEntry, Spending, Use
from core.quota import Pot, Scope
from core.request import HouseStyle
from core.works import Showing


@dataclass
class MemoryRulebook:
    """`jobs` and `entries` are the store's own."""

    jobs: dict[str, Job]
    entries: list[LedgerEntry]
    kept: dict[int, ServerRules] = field(default_factory=dict[int, ServerRules])
    changes: list[Change] = field(default_factory=list[Change])
    grants_given: int = 0
    narrowed: Callable[[int, Showing], None] = lambda server_id, gallery: None

    async def rules(self, server_id: int) -> ServerRules:
        return self.read(server_id)

    def read(self, server_id: int) -> ServerRules:
        return self.kept.get(server_id, ServerRules())

    async def servers(self) -> Sequence[int]:
        return sorted(self.kept.keys() | {job.place.server_id for job in self.jobs.values()})

    async def change_line(
        self,
        server_id: int,
        subject: Subject,
        change: Callable[[Allowance], Allowance],
        *,
        by: Owner,
        now: float,
    ) -> Allowance:
        rules = self.read(server_id)
        before = rules.of(subject)
        after = change(before)
        lines = [line for line in rules.lines if line.subject != subject]
        lines += [] if after.is_empty else [Line(subject, after)]
        ordered = tuple(sorted(lines, key=lambda line: line.subject))
        self.kept[server_id] = replace(rules, lines=ordered)
        self.note(server_id, "line", subject, before.to_json(), after.to_json(), by, now)
        return after

    async def change_house(
        self, server_id: int, change: Callable[[House], House], *, by: Owner, now: float
    ) -> House:
        rules = self.read(server_id)
        after = change(rules.house)
        self.kept[server_id] = replace(rules, house=after)
        self.narrowed(server_id, after.gallery)
        self.note(server_id, "server", EVERYONE, asdict(rules.house), asdict(after), by, now)
        return after

    async def change_style(
        self,
        server_id: int,
        name: str,
        change: Callable[[Sequence[HouseStyle]], HouseStyle | None],
        *,
        by: Owner,
        now: float,
    ) -> HouseStyle | None:
        rules = self.read(server_id)
        after = change(rules.styles)
        before = next((style for style in rules.styles if style.name == name), None)
        kept = [style for style in rules.styles if style.name != name]
        kept += [] if after is None else [replace(after, name=name)]
        house = rules.house
        if after is None and house.style == name:
            house = replace(house, style="")
        ordered = tuple(sorted(kept, key=lambda style: style.name))
        self.kept[server_id] = replace(rules, styles=ordered, house=house)
        plain = [asdict(style) if style else {} for style in (before, after)]
        self.note(server_id, "style", EVERYONE, *plain, by, now)
        return after

    async def ban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None:
        rules = self.read(server_id)
        if member_id in rules.banned:
            return
        self.kept[server_id] = replace(rules, banned=rules.banned | {member_id})
        whom = Subject.member(member_id)
        self.note(server_id, "ban", whom, {}, {"banned": True}, by, now)

    async def unban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None:
        rules = self.read(server_id)
        if member_id not in rules.banned:
            return
        self.kept[server_id] = replace(rules, banned=rules.banned - {member_id})
        whom = Subject.member(member_id)
        self.note(server_id, "unban", whom, {"banned": True}, {}, by, now)

    async def grant(
        self,
        server_id: int,
        subject: Subject,
        unit: Unit,
        amount: int,
        *,
        expires_at: float | None,
        by: Owner,
        now: float,
    ) -> Grant:
        self.grants_given += 1
        values = {"unit": unit, "amount": amount, "granted_at": now, "expires_at": expires_at}
        given = Grant(id=self.grants_given, subject=subject, **values)
        rules = self.read(server_id)
        self.kept[server_id] = replace(rules, grants=(*rules.grants, given))
        self.note(server_id, "grant", subject, {}, {**values, "unit": str(unit)}, by, now)
        return given

    async def reset(self, server_id: int, subject: Subject, *, by: Owner, now: float) -> None:
        rules = self.read(server_id)
        last = max(now, rules.resets.get(subject, now))
        self.kept[server_id] = replace(rules, resets={**rules.resets, subject: last})
        self.note(server_id, "reset", subject, {}, {"at": now}, by, now)

    async def spent(
        self, server_id: int, *, member_id: int, channel_id: int, pots: Sequence[Pot]
    ) -> Sequence[Spending]:
        return [self._spending(server_id, member_id, channel_id, pot) for pot in pots]

    def in_pot(self, server_id: int, member_id: int, channel_id: int, pot: Pot) -> int:
        return self._spending(server_id, member_id, channel_id, pot).total

    def _spending(self, server_id: int, member_id: int, channel_id: int, pot: Pot) -> Spending:
        used = reserved = 0
        for entry in self.entries:
            if entry.server_id != server_id or entry.admitted_at < pot.since:
                continue
            mine = (entry.owner_id, entry.grant_id) == (member_id, pot.grant_id)
            if pot.scope is Scope.MEMBER and not mine:
                continue
            if pot.scope is Scope.CHANNEL and entry.channel_id != channel_id:
                continue
            charged = pot.scope is not Scope.SERVER
            if pot.unit is Unit.GPU_SECONDS:
                amount = entry.charged_ms if charged else entry.gpu_ms
            else:
                amount = entry.charged_pictures if charged else entry.pictures
            if self.jobs[entry.job_id].state.ended:
                used += amount
            else:
                reserved += amount
        return Spending(used=used, reserved=reserved)

    async def use(
        self, server_id: int, since: float, until: float, *, member_id: int | None = None
    ) -> Sequence[Use]:
        sums: dict[tuple[float, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for entry in self.entries:
            if entry.server_id != server_id or not since <= entry.admitted_at < until:
                continue
            if member_id in (None, entry.owner_id):
                total = sums[entry.admitted_at // 900 * 900, entry.owner_id]
                total[0] += {"reserve": 1, "refund": -1}.get(entry.kind, 0)
                total[1] += entry.gpu_ms
                total[2] += entry.pictures
        return [
            Use(at=at, owner_id=owner, jobs=jobs, gpu_ms=gpu_ms, pictures=pictures)
            for (at, owner), (jobs, gpu_ms, pictures) in sorted(sums.items())
            if jobs or gpu_ms or pictures
        ]

    async def names(self, server_id: int) -> Mapping[int, str]:
        here = [job for job in self.jobs.values() if job.place.server_id == server_id]
        ordered = sorted(here, key=lambda job: job.created_at)
        return {job.owner.id: job.owner.name for job in ordered}

    async def audit(
        self, server_id: int, *, before: int | None = None, limit: int = 20
    ) -> Sequence[Change]:
        found = [
            change
            for change in reversed(self.changes)
            if change.server_id == server_id and (before is None or change.id < before)
        ]
        return found[:limit]

    def note(
        self,
        server_id: int,
        what: str,
        subject: Subject,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        by: Owner,
        now: float,
    ) -> None:
        self.changes.append(
            Change(
                id=len(self.changes) + 1,
                server_id=server_id,
                at=now,
                by_id=by.id,
                by_name=by.name,
                what=what,
                subject=subject,
                before=before,
                after=after,
            )
        )
