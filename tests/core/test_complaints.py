"""A report reaches the admins' log, whoever may be reported, and cannot be used to flood it."""

from __future__ import annotations

import pytest

from core.allowance import Subject
from core.complaints import HOUR, LONGEST, MOST_IN_AN_HOUR, Complaints
from core.errors import BannedError, JobNotFoundError, RefusedError
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor, new_job
from tests.fakes.memory_store import MemoryJobStore

HERE = CHANNEL.server_id
JOB = "00000000000000000001"


@pytest.fixture
async def store() -> MemoryJobStore:
    store = MemoryJobStore()
    await store.admit(new_job(JOB, owner=ADA), lambda _: None)
    return store


async def test_a_report_is_a_line_of_the_servers_log(store: MemoryJobStore) -> None:
    clock = FakeClock()
    complaints = Complaints(store.rules, store, clock)
    assert (await complaints.take(actor(BO), JOB, "it is\nspam " + "x" * 900)).id == JOB
    (line,) = await store.rules.audit(HERE)
    assert (line.what, line.subject, line.by_id) == ("report", Subject.member(ADA.id), BO.id)
    assert line.after["job"] == JOB
    assert line.after["reason"].startswith("it is spam xxx")
    assert len(line.after["reason"]) == LONGEST


async def test_what_cannot_be_reported_leaves_no_line(store: MemoryJobStore) -> None:
    complaints = Complaints(store.rules, store, FakeClock())
    with pytest.raises(RefusedError, match="there is none"):
        await complaints.take(actor(BO, server_id=0), JOB, "spam")
    with pytest.raises(JobNotFoundError):
        await complaints.take(actor(BO), "f" * 20, "spam")
    await store.rules.ban(HERE, BO.id, by=ADA, now=1.0)
    with pytest.raises(BannedError):
        await complaints.take(actor(BO), JOB, "spam")
    assert [line.what for line in await store.rules.audit(HERE)] == ["ban"]


async def test_nobody_floods_the_log(store: MemoryJobStore) -> None:
    clock = FakeClock()
    complaints = Complaints(store.rules, store, clock)
    for _ in range(MOST_IN_AN_HOUR):
        await complaints.take(actor(BO), JOB, "spam")
    with pytest.raises(RefusedError, match="within an hour"):
        await complaints.take(actor(BO), JOB, "spam")
    await complaints.take(actor(ADA), JOB, "mine")
    clock.advance(HOUR)
    await complaints.take(actor(BO), JOB, "spam")
