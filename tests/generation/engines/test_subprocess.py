from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.events import (
    Cancelled,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Started,
    Task,
)
from generation.engines.slot import START_ATTEMPTS
from generation.engines.subprocess import SubprocessEngine
from tests.generation.build import a_task

Make = Callable[..., SubprocessEngine]


async def events_of(engine: SubprocessEngine, task: Task) -> list[Event]:
    return [event async for event in engine.run(task)]


async def ending_of(engine: SubprocessEngine, task: Task) -> Event:
    return (await events_of(engine, task))[-1]


def worker_pid() -> int:
    """The one worker of this process."""
    (child,) = children()
    return int(child)


def children() -> list[str]:
    """The workers this process has, and what it has not buried."""

    def is_ours(pid: str) -> bool:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"worker" in command or not command

    me = os.getpid()
    return [
        pid for pid in Path(f"/proc/{me}/task/{me}/children").read_text().split() if is_ours(pid)
    ]


def is_png(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"\x89PNG")


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_a_task_brings_its_events_in_order_and_its_files(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        events = await events_of(subject, a_task(tmp_path))
    assert events[0] == Started("j1", 4)
    assert [e.step for e in events if isinstance(e, Progress)] == [1, 2, 3, 4]
    assert [e.step for e in events if isinstance(e, Preview)] == [2]
    pictures = [e for e in events if isinstance(e, ImageReady)]
    assert [e.number for e in pictures] == [1, 2, 3, 4]
    assert isinstance(events[-1], Finished)
    for path in [*(e.path for e in pictures), events[-1].grid]:
        assert is_png(path)


async def test_one_worker_serves_task_after_task(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="a")), Finished)
        pid = worker_pid()
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="b")), Finished)
        assert worker_pid() == pid


async def test_workers_run_at_once(engine: Make, tmp_path: Path):
    """Two hung workers and a third that still finishes."""
    subject = engine(workers=3)
    async with subject.running():
        hung = [subject.run(a_task(tmp_path, "[hang]", job_id=name)) for name in ("a", "b")]
        for run in hung:
            assert isinstance(await anext(run), Started)
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="c")), Finished)


@pytest.mark.parametrize(
    ("marker", "words"),
    [("[crash]", "exit code 70"), ("[kill]", "killed by SIGKILL"), ("[garbage]", "unreadable")],
)
async def test_a_worker_that_dies_ends_the_task_with_the_cause_and_harms_no_other(
    engine: Make, tmp_path: Path, marker: str, words: str
):
    subject = engine()
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path, marker))
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.WORKER_DIED
        assert words in ending.sentence
        assert ending.sentence.endswith("nothing was charged.")
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="next")), Finished)


async def test_a_worker_killed_while_idle_is_replaced(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        await ending_of(subject, a_task(tmp_path, job_id="a"))
        pid = worker_pid()
        os.kill(pid, signal.SIGKILL)
        # The next task may be handed to the dying worker; it then ends as the port says.
        ending = await ending_of(subject, a_task(tmp_path, job_id="b"))
        if isinstance(ending, Failed):
            assert ending.kind is FailureKind.WORKER_DIED
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="c")), Finished)
        assert worker_pid() != pid


async def test_a_task_is_stopped_at_the_deadline_and_its_worker_lives_on(
    engine: Make, tmp_path: Path
):
    subject = engine("--step-ms", "5", "--steps", "100000", deadline_seconds=0.1)
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path))
        pid = worker_pid()
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.DEADLINE
        assert ending.gpu_ms > 0
        assert ending.sentence == (
            "The picture took longer than the 0.1 seconds allowed, so it was stopped; "
            "nothing was charged."
        )
        await ending_of(subject, a_task(tmp_path, job_id="next"))
        assert worker_pid() == pid


async def test_a_hung_worker_is_killed_at_the_deadline(engine: Make, tmp_path: Path):
    subject = engine(deadline_seconds=0.2, cancel_seconds=0.1)
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path, "[stubborn]"))
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.DEADLINE
        assert "longer than the 0.2 seconds allowed" in ending.sentence
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="next")), Finished)


async def test_a_long_task_gets_a_multiple_of_its_estimate(engine: Make, tmp_path: Path):
    subject = engine("--step-ms", "50", deadline_seconds=0.1)
    async with subject.running():
        task = a_task(tmp_path, estimate_seconds=100)
        assert isinstance(await ending_of(subject, task), Finished)


async def test_a_cancel_past_the_deadline_is_a_cancel(engine: Make, tmp_path: Path):
    subject = engine(deadline_seconds=0.01, cancel_seconds=0.2)
    async with subject.running():
        run = subject.run(a_task(tmp_path, "[stubborn]"))
        assert isinstance(await anext(run), Started)
        await subject.cancel("j1")
        assert isinstance([event async for event in run][-1], Cancelled)


async def test_a_worker_that_is_held_is_replaced_when_it_was_silent_for_long(
    engine: Make, tmp_path: Path
):
    subject = engine("--step-ms", "5", "--steps", "100000", "--beat-every", "0.02")
    subject.silence_seconds = 0.4
    async with subject.running():
        run = subject.run(a_task(tmp_path))
        assert isinstance(await anext(run), Started)
        pid = worker_pid()
        os.kill(pid, signal.SIGSTOP)
        ending = [event async for event in run][-1]
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.WORKER_DIED
        assert "fell silent" in ending.sentence
        assert str(pid) not in children()


async def test_a_worker_that_computes_for_long_but_lives_is_left_alone(
    engine: Make, tmp_path: Path
):
    subject = engine("--step-ms", "300", "--steps", "2", "--beat-every", "0.02")
    subject.silence_seconds = 0.2
    async with subject.running():
        assert isinstance(await ending_of(subject, a_task(tmp_path)), Finished)


async def test_nor_is_one_killed_that_never_promised_to_speak(engine: Make, tmp_path: Path):
    subject = engine("--step-ms", "300", "--steps", "2", silence_seconds=0.1)
    async with subject.running():
        assert isinstance(await ending_of(subject, a_task(tmp_path)), Finished)


async def test_failures_of_the_task_pass_through(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path, "[oom]"))
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.OUT_OF_MEMORY
        again = a_task(tmp_path, "[oom]", cautious=True)
        assert isinstance(await ending_of(subject, again), Finished)


async def test_cancel_while_running(engine: Make, tmp_path: Path):
    subject = engine("--step-ms", "5", "--steps", "100000")
    async with subject.running():
        run = subject.run(a_task(tmp_path))
        assert isinstance(await anext(run), Started)
        await subject.cancel("j1")
        await subject.cancel("j1")
        assert isinstance([event async for event in run][-1], Cancelled)


async def test_cancel_while_waiting_for_a_worker(engine: Make, tmp_path: Path):
    subject = engine("--start-ms", "60000", stop_seconds=0.1)
    async with subject.running():
        run = asyncio.create_task(ending_of(subject, a_task(tmp_path)))
        await asyncio.sleep(0)
        await subject.cancel("j1")
        assert await run == Cancelled("j1", 0)


async def test_a_worker_deaf_to_a_cancel_is_killed_and_the_job_counts_as_cancelled(
    engine: Make, tmp_path: Path
):
    subject = engine(cancel_seconds=0.1)
    async with subject.running():
        run = subject.run(a_task(tmp_path, "[stubborn]"))
        assert isinstance(await anext(run), Started)
        await subject.cancel("j1")
        assert isinstance([event async for event in run][-1], Cancelled)
        assert isinstance(await ending_of(subject, a_task(tmp_path, job_id="next")), Finished)


async def test_cancelling_an_unknown_or_ended_job_is_nothing(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        await subject.cancel("nobody")
        await ending_of(subject, a_task(tmp_path))
        await subject.cancel("j1")


async def test_leaving_a_run_early_frees_its_worker(engine: Make, tmp_path: Path):
    subject = engine("--step-ms", "5", "--steps", "100")
    async with subject.running():
        run = subject.run(a_task(tmp_path, job_id="left"))
        assert isinstance(await anext(run), Started)
        await run.aclose()
        events = await events_of(subject, a_task(tmp_path, job_id="next"))
        assert isinstance(events[-1], Finished)
        assert {event.job_id for event in events} == {"next"}


async def test_pauses_double_up_to_a_limit_with_jitter_and_start_over_after_a_success(
    engine: Make, tmp_path: Path
):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    subject = engine(sleep=sleep, jitter=lambda: 0.0)
    async with subject.running():
        for number in range(9):
            await ending_of(subject, a_task(tmp_path, "[crash]", job_id=f"c{number}"))
        await ending_of(subject, a_task(tmp_path, job_id="fine"))
        await ending_of(subject, a_task(tmp_path, "[crash]", job_id="again"))
        await ending_of(subject, a_task(tmp_path, job_id="last"))
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 0.25]


async def test_a_missing_program_is_said_at_once(tmp_path: Path):
    subject = SubprocessEngine(["/nowhere/easel-worker"], sleep=asyncio.sleep)
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path))
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.WORKER_DIED
    assert ending.sentence == (
        "The worker that makes the pictures does not start (“easel-worker” cannot be started: "
        "no such file or directory); nothing was charged. Tell the operator."
    )


async def test_a_worker_that_exits_at_the_start_is_tried_a_few_times_then_said(
    engine: Make, tmp_path: Path
):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= START_ATTEMPTS:
            await asyncio.Event().wait()

    subject = engine("--exit-at-start", "3", sleep=sleep)
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path))
    assert isinstance(ending, Failed)
    assert "does not start (exit code 3)" in ending.sentence
    assert len(pauses) <= START_ATTEMPTS


async def test_a_worker_that_never_gets_ready_is_said(engine: Make, tmp_path: Path):
    subject = engine("--start-ms", "60000", ready_seconds=0.2)
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path))
    assert isinstance(ending, Failed)
    assert "not ready after 0.2 seconds" in ending.sentence


async def test_a_program_that_is_no_worker_is_said(tmp_path: Path, engine: Make):
    subject = SubprocessEngine(
        [sys.executable, "-c", "print('hello')"],
        sleep=lambda _: asyncio.sleep(0),
    )
    async with subject.running():
        ending = await ending_of(subject, a_task(tmp_path))
    assert isinstance(ending, Failed)
    assert "does not speak Easel's protocol" in ending.sentence


async def test_running_does_not_wait_for_the_worker(engine: Make):
    async with asyncio.timeout(5):
        async with engine("--start-ms", "60000", stop_seconds=0.1).running():
            pass


async def test_a_stop_in_the_middle_ends_the_run_and_the_worker(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        run = subject.run(a_task(tmp_path, "[hang]"))
        assert isinstance(await anext(run), Started)
        waiting = subject.run(a_task(tmp_path, job_id="waits"))
        first = asyncio.ensure_future(anext(waiting))
        await asyncio.sleep(0)
    endings = [[event async for event in run][-1], await first]
    for ending in endings:
        assert isinstance(ending, Failed)
        assert ending.kind is FailureKind.WORKER_DIED
        assert ending.sentence == "Easel is stopping; nothing was charged."
    assert children() == []


async def test_a_worker_that_ignores_the_polite_stop_is_killed(engine: Make, tmp_path: Path):
    subject = engine(stop_seconds=0.1)
    async with subject.running():
        run = subject.run(a_task(tmp_path, "[stubborn]"))
        assert isinstance(await anext(run), Started)
        await anext(run)
    assert children() == []


async def test_an_error_in_the_block_comes_out_and_stops_the_workers(engine: Make):
    with pytest.raises(LookupError, match="mine"):
        async with engine().running():
            raise LookupError("mine")
    assert children() == []


async def test_ten_deaths_leave_no_descriptor_and_no_zombie(engine: Make, tmp_path: Path):
    subject = engine()
    before = descriptors()
    async with subject.running():
        for number in range(10):
            await ending_of(subject, a_task(tmp_path, "[crash]", job_id=f"c{number}"))
    assert children() == []
    assert descriptors() <= before


async def test_lines_of_two_million_characters_are_read(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        assert isinstance(await ending_of(subject, a_task(tmp_path, "[long]")), Finished)


async def test_what_a_worker_prints_goes_to_the_log_with_its_name(
    engine: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    subject = engine()
    async with subject.running():
        assert isinstance(await ending_of(subject, a_task(tmp_path, "[chatter]")), Finished)
    assert "worker 1: chatter on descriptor 1" in caplog.messages


async def test_a_worker_knows_no_secret(engine: Make, tmp_path: Path):
    secrets = {
        "DISCORD_TOKEN": "sesame-1",
        "EASEL_DATABASE_URL": "postgresql://easel:sesame-2@db/easel",
        "HF_TOKEN": "sesame-3",
        "AWS_SECRET_ACCESS_KEY": "sesame-4",
        "HTTPS_PROXY": "http://me:sesame-5@proxy",
    }
    plain = {"PATH": os.environ["PATH"], "HF_HOME": "/models", "LANG": "C.UTF-8"}
    subject = engine(environment=secrets | plain)
    async with subject.running():
        await ending_of(subject, a_task(tmp_path))
        text = environment_of(worker_pid())
    known = dict(line.split("=", 1) for line in text.strip("\0").split("\0"))
    assert "sesame" not in text
    assert plain.items() <= known.items()
    assert known["HF_HUB_OFFLINE"] == known["TRANSFORMERS_OFFLINE"] == "1"
    assert known["DIFFUSERS_DISABLE_REMOTE_CODE"] == known["HF_HUB_DISABLE_TELEMETRY"] == "1"


async def test_a_job_cannot_run_twice_at_once(engine: Make, tmp_path: Path):
    subject = engine()
    async with subject.running():
        run = subject.run(a_task(tmp_path, "[hang]"))
        await anext(run)
        with pytest.raises(ValueError, match="running already"):
            await anext(subject.run(a_task(tmp_path)))


async def test_it_runs_only_inside_its_block(engine: Make, tmp_path: Path):
    with pytest.raises(RuntimeError, match="not running"):
        await ending_of(engine(), a_task(tmp_path))
