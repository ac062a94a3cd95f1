"""Reports in a list, beside the Rulebook in memory whose audit log they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

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
        values = {**asdict(new), "by": new.by}
        self._all.append(Report(**values, id=len(self._all) + 1, at=now))
        self._note(self._all[-1], "report", new.reason, new.by, now)
        return self._all[-1]

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
        what = "take_down" if verdict is Verdict.TAKEN_DOWN else "dismiss"
        self._note(closed, what, note, by, now)
        return closed

    def _note(self, report: Report, what: str, why: str, by: Owner, now: float) -> None:
        after = {"job": report.job_id, "reason": why}
        if report.number:
            after["number"] = str(report.number)
        whom = Subject.member(report.owner_id)
        self._rules._note(report.server_id, what, whom, {}, after, by, now)
