"""Several tasks on one worker: each has its own end, and a worker's end is that of all."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from core.events import Cancelled, Failed, FailureKind, Finished, Progress, Started
from tests.generation.build import a_task
from tests.generation.engines.test_subprocess import Make, ending_of, events_of, worker_pid

CROWD = ("--together", "4")
ENDLESS = (*CROWD, "--step-ms", "2", "--steps", "1000000")


async def test_there_are_as_many_slots_as_the_workers_say_but_no_more_than_the_operator(
    engine: Make, tmp_path: Path
):
    for said, wanted, slots in (("4", 8, 4), ("4", 2, 2), ("1", 8, 1)):
        subject = engine("--together", said, together=wanted)
        assert subject.slots == 1
        async with subject.running():
            await ending_of(subject, a_task(tmp_path))
            assert subject.slots == slots


async def test_a_worker_that_makes_one_at_a_time_is_given_one_at_a_time(
    engine: Make, tmp_path: Path
):
    subject = engine("--step-ms", "2", together=4)
    async with subject.running():
        first = subject.run(a_task(tmp_path, job_id="a"))
        assert isinstance(await anext(first), Started)
        second = asyncio.create_task(events_of(subject, a_task(tmp_path, job_id="b")))
        await ending_of_the_rest(first)
        assert isinstance((await second)[-1], Finished)


async def ending_of_the_rest(run: object) -> object:
    return [event async for event in run][-1]  # type: ignore[attr-defined]


async def test_two_side_by_side_are_done_in_their_own_time(engine: Make, tmp_path: Path):
    subject = engine(*CROWD, "--step-ms", "2", "--steps-from-request", together=4)
    done: list[str] = []

    async def make(job_id: str, steps: int) -> None:
        events = await events_of(subject, a_task(tmp_path, job_id=job_id, steps=steps))
        assert isinstance(events[-1], Finished)
        assert [e.step for e in events if isinstance(e, Progress)] == list(range(1, steps + 1))
        assert {event.job_id for event in events} == {job_id}
        done.append(job_id)

    async with subject.running():
        async with asyncio.TaskGroup() as group:
            group.create_task(make("long", 60))
            group.create_task(make("short", 3))
    assert done == ["short", "long"]


async def test_a_cancel_stops_one_and_not_the_other(engine: Make, tmp_path: Path):
    subject = engine(*CROWD, "--step-ms", "2", "--steps-from-request", together=4)
    async with subject.running():
        runs = {name: subject.run(a_task(tmp_path, job_id=name, steps=40)) for name in "ab"}
        for run in runs.values():
            assert isinstance(await anext(run), Started)
        await subject.cancel("a")
        assert isinstance(await ending_of_the_rest(runs["a"]), Cancelled)
        assert isinstance(await ending_of_the_rest(runs["b"]), Finished)


@pytest.mark.parametrize(
    ("marker", "words"),
    [("[crash]", "exit code 70"), ("[kill]", "killed by SIGKILL"), ("[garbage]", "unreadable")],
)
async def test_the_end_of_the_worker_is_that_of_all_its_tasks(
    engine: Make, tmp_path: Path, marker: str, words: str
):
    subject = engine(*ENDLESS, together=4)
    async with subject.running():
        runs = [subject.run(a_task(tmp_path, job_id=name)) for name in "abc"]
        for run in runs:
            assert isinstance(await anext(run), Started)
        bad = asyncio.create_task(ending_of(subject, a_task(tmp_path, marker)))
        for ending in [*[await ending_of_the_rest(run) for run in runs], await bad]:
            assert isinstance(ending, Failed)
            assert ending.kind is FailureKind.WORKER_DIED
            assert words in ending.sentence
        again = subject.run(a_task(tmp_path, job_id="a"))
        assert isinstance(await anext(again), Started)


async def test_a_worker_that_falls_silent_takes_all_with_it(engine: Make, tmp_path: Path):
    subject = engine(*ENDLESS, "--beat-every", "0.02", together=4, silence_seconds=0.4)
    async with subject.running():
        runs = [subject.run(a_task(tmp_path, job_id=name)) for name in "ab"]
        for run in runs:
            assert isinstance(await anext(run), Started)
        os.kill(worker_pid(), signal.SIGSTOP)
        for run in runs:
            ending = await ending_of_the_rest(run)
            assert isinstance(ending, Failed)
            assert "fell silent" in ending.sentence


async def test_the_deadline_of_one_stops_that_one(engine: Make, tmp_path: Path):
    subject = engine(*ENDLESS, together=4, deadline_seconds=0.1)
    async with subject.running():
        patient = subject.run(a_task(tmp_path, job_id="patient", estimate_seconds=1000))
        assert isinstance(await anext(patient), Started)
        pid = worker_pid()
        ending = await ending_of(subject, a_task(tmp_path, job_id="hasty"))
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.DEADLINE
        assert isinstance(await anext(patient), Progress)
        assert worker_pid() == pid
        await subject.cancel("patient")
        assert isinstance(await ending_of_the_rest(patient), Cancelled)


async def test_one_that_does_not_hear_it_costs_the_others_their_worker(
    engine: Make, tmp_path: Path
):
    subject = engine(*ENDLESS, together=4, deadline_seconds=0.1, cancel_seconds=0.1)
    async with subject.running():
        patient = subject.run(a_task(tmp_path, job_id="patient", estimate_seconds=1000))
        assert isinstance(await anext(patient), Started)
        deaf = await ending_of(subject, a_task(tmp_path, "[deaf]", job_id="deaf"))
        assert isinstance(deaf, Failed)
        assert deaf.kind is FailureKind.DEADLINE
        ending = await ending_of_the_rest(patient)
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.WORKER_DIED
        assert "because of another picture" in ending.sentence


async def test_one_that_is_alone_waits_and_is_waited_for(engine: Make, tmp_path: Path):
    subject = engine(*CROWD, "--step-ms", "2", "--steps-from-request", together=4)
    told: list[tuple[str, str]] = []

    async def make(job_id: str, *, alone: bool = False) -> None:
        async for event in subject.run(a_task(tmp_path, job_id=job_id, steps=5, alone=alone)):
            if isinstance(event, Started | Finished):
                told.append((job_id, event.type))

    async with subject.running():
        async with asyncio.TaskGroup() as group:
            for job_id in ("a", "b", "alone", "c"):
                group.create_task(make(job_id, alone=job_id == "alone"))
    assert [what for who, what in told if who in "ab"] == ["started"] * 2 + ["finished"] * 2
    assert told[4:] == [
        ("alone", "started"),
        ("alone", "finished"),
        ("c", "started"),
        ("c", "finished"),
    ]


async def test_a_stop_ends_all_that_run(engine: Make, tmp_path: Path):
    subject = engine(*ENDLESS, together=4)
    async with subject.running():
        runs = [subject.run(a_task(tmp_path, job_id=name)) for name in "abc"]
        for run in runs:
            assert isinstance(await anext(run), Started)
    for run in runs:
        ending = await ending_of_the_rest(run)
        assert isinstance(ending, Failed)
        assert ending.sentence == "Easel is stopping; nothing was charged."
