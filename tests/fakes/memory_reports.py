"""Reports in a list, beside the Rulebook in memory whose audit log they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from core.allowance import Subject
from core.errors import NotFoundError
from core.jobs import Owner
from core.reports import NewReport, Report, Verdict
from tests.fakes.memory_rulebook import MemoryRulebook


class MemoryReports:
    def __init__(self, rules: MemoryRulebook) -> None:
        self._rules = rules
        self._all: list[Report] = []

    async def add(self, new: NewReport, now: float) -> Report:
        values: dict[str, Any] = {**asdict(new), "by": new.by}
        report = Report(**values, id=len(self._all) + 1, at=now)
        self._all.append(report)
        self._note(report, new.by, now)
        return report

    async def get(self, report_id: int) -> Report:
        if not 0 < report_id <= len(self._all):
            raise NotFoundError
        return self._all[report_id - 1]

    async def page(
        self, server_id: int, *, closed: bool = False, before: int | None = None, limit: int = 20
    ) -> Sequence[Report]:
        found = [
            one
            for one in reversed(self._all)
            if one.server_id == server_id
            and (one.verdict is not Verdict.OPEN) is closed
            and (before is None or one.id < before)
        ]
        return found[:limit]

    async def count(self, server_id: int) -> int:
        return len(await self.page(server_id, limit=10**9))

    async def about(self, job_id: str) -> Sequence[Report]:
        return [one for one in self._all if one.job_id == job_id and one.verdict is Verdict.OPEN]

    async def close(
        self, report_id: int, verdict: Verdict, *, note: str, by: Owner, now: float
    ) -> Report:
        report = await self.get(report_id)
        if report.verdict is not Verdict.OPEN:
            return report
        closed = replace(report, verdict=verdict, note=note, closed_by=by, closed_at=now)
        self._all[report_id - 1] = closed
        self._note(closed, by, now)
        return closed

    def _note(self, report: Report, by: Owner, now: float) -> None:
        whom, step = Subject.member(report.owner_id), report.verdict.step
        self._rules.note(report.server_id, step, whom, {}, report.logged, by, now)
