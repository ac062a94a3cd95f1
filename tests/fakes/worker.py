"""A worker program without torch: the real protocol, pictures drawn at once, faults on demand.

    python -m tests.fakes.worker [--step-ms 0] [--steps 4 | --steps-from-request] [--together 1] …

Up to `--together` tasks are made at once: they take turns, one step each. Their GPU time is that of
their own steps. Flags of the real worker that mean nothing here (--model, --device …) are accepted
and ignored. Pictures are PNGs of the request's own width and height, a few hundred bytes,
determined by their seed. A marker anywhere in the prompt's text makes a fault:

    [oom]         fails with OUT_OF_MEMORY, unless the task is cautious
    [oom always]  fails with OUT_OF_MEMORY
    [model]       fails with MODEL          [disk]    fails with DISK
    [request]     fails with REQUEST        [error]   fails with INTERNAL
    [crash]       exits with code 70 after the first step
    [crash once]  the same, but only the first time for a job (needs --marks DIR)
    [kill]        is killed by SIGKILL after the first step
    [hang]        goes silent after the first step, with all others, and hears no Cancel
    [deaf]        makes no second step and hears no Cancel, while others go on
    [garbage]     writes a line that is not JSON after the first step, then goes on
    [chatter]     prints on the standard output, which is not the protocol's
    [long]        writes one event of two million characters before the first step
    [stubborn]    like [hang], and ignores SIGTERM
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import struct
import sys
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

from core.events import (
    Alive,
    Answer,
    Ask,
    Cancel,
    Cancelled,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Ready,
    Started,
    Task,
    WorkerLine,
    decode_command,
    encode,
)
from core.request import Request

FAILURES = {
    "[oom always]": FailureKind.OUT_OF_MEMORY,
    "[model]": FailureKind.MODEL,
    "[disk]": FailureKind.DISK,
    "[request]": FailureKind.REQUEST,
    "[error]": FailureKind.INTERNAL,
}
CRASH_CODE = 70


def colour(seed: int) -> tuple[int, int, int]:
    """The colour a picture of this seed is painted in, channels in 0..255."""
    mixed = (seed * 2654435761 + 0x9E3779B9) & 0xFFFFFFFF
    return mixed & 255, mixed >> 8 & 255, mixed >> 16 & 255


def png(width: int, height: int, cells: list[list[int]]) -> bytes:
    """A palette PNG of width x height pixels, split evenly into `cells` (rows of seeds)."""
    seeds = sorted({seed for row in cells for seed in row})
    palette = b"".join(bytes(colour(seed)) for seed in seeds)
    rows: list[bytes] = []
    for row in cells:
        line = b"".join(
            bytes([seeds.index(seed)])
            * (width * (column + 1) // len(row) - width * column // len(row))
            for column, seed in enumerate(row)
        )
        rows.append(b"\0" + line)
    body = b"".join(rows[y * len(rows) // height] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", palette)
        + chunk(b"IDAT", zlib.compress(body, 1))
        + chunk(b"IEND", b"")
    )


def picture(request: Request, index: int) -> bytes:
    """Picture `index` (from 0) of the request."""
    return png(request.width, request.height, [[request.image_seed(index)]])


def grid(request: Request, *, scale: float = 1.0) -> bytes:
    """All pictures of the request, two in a row; `scale` shrinks it, for previews."""
    seeds = [request.image_seed(index) for index in range(request.count)]
    columns = min(2, request.count)
    cells = [seeds[start : start + columns] for start in range(0, request.count, columns)]
    for row in cells:
        row += [row[-1]] * (columns - len(row))
    width, height = request.width * columns, request.height * len(cells)
    return png(max(1, int(width * scale)), max(1, int(height * scale)), cells)


def scripted_failure(task: Task) -> Failed | None:
    """The Failed that the markers of the task's prompt ask for."""
    text = task.request.text
    for marker, kind in FAILURES.items():
        if marker in text:
            return Failed(task.job_id, kind, f"The picture failed as its prompt asked: {marker}")
    if "[oom]" in text and not task.cautious:
        return Failed(task.job_id, FailureKind.OUT_OF_MEMORY, "Out of memory, as asked: [oom]")
    if task.request.source is not None and not (
        task.source_path and os.path.exists(task.source_path)
    ):
        return Failed(task.job_id, FailureKind.REQUEST, "The picture to start from is missing.")
    return None


class FakeWorker:
    """Commands are read between steps, and only then. A checkpoint is the number of a step."""

    def __init__(self, flags: argparse.Namespace) -> None:
        self.flags = flags
        self.tasks: deque[Task] = deque()
        self.running: deque[Iterator[None]] = deque()
        self.cancelled: set[str] = set()
        self.unread = b""
        self.lock = threading.Lock()
        self.commands = os.dup(0)
        self.events = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)

    def send(self, line: WorkerLine) -> None:
        self.write(encode(line))

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        with self.lock:
            while view:
                view = view[os.write(self.events, view) :]

    def beat(self) -> None:
        while True:
            time.sleep(self.flags.beat_every)
            self.send(Alive())

    def listen(self, seconds: float | None) -> None:
        """Reads what commands come within `seconds` (None: until some come)."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            wait = None if until is None else max(0.0, until - time.monotonic())
            if select.select([self.commands], [], [], wait)[0]:
                data = os.read(self.commands, 1 << 16)
                if not data:
                    os._exit(0)
                *lines, self.unread = (self.unread + data).split(b"\n")
                for line in lines:
                    match decode_command(line):
                        case Task() as task:
                            # A cancel was of the attempt before, if it is older than the task.
                            self.cancelled.discard(task.job_id)
                            self.tasks.append(task)
                        case Cancel(job_id):
                            self.cancelled.add(job_id)
                        case Ask() as question:
                            self.answer(question)
                if until is None:
                    return
            elif until is not None and time.monotonic() >= until:
                return

    def answer(self, question: Ask) -> None:
        """What a text is shorter by than the first is what it lacks. A `[mute]` in the first is
        not answered, a `[crash]` ends the program, and to `[error]` there is no answer."""
        first, *others = question.texts
        if "[crash]" in first:
            os._exit(CRASH_CODE)
        if "[error]" in first:
            self.send(Answer(id=question.id, sentence="No answer, as asked."))
        elif "[mute]" not in first:
            numbers = tuple(float(len(first) - len(text)) for text in others)
            self.send(Answer(id=question.id, numbers=numbers))

    def serve(self) -> None:
        if self.flags.start_ms:
            time.sleep(self.flags.start_ms / 1000)
        if self.flags.exit_at_start is not None:
            sys.stderr.write("the fake worker was told not to start\n")
            os._exit(self.flags.exit_at_start)
        self.send(Ready("fake", self.flags.beat_every, self.flags.together))
        if self.flags.beat_every:
            threading.Thread(target=self.beat, daemon=True).start()
        while True:
            while not self.tasks and not self.running:
                self.listen(None)
            while self.tasks and len(self.running) < self.flags.together:
                self.running.append(self.run(self.tasks.popleft()))
            turn = self.running.popleft()
            if next(turn, self) is not self:
                self.running.append(turn)

    def run(self, task: Task) -> Iterator[None]:
        """Makes a task, and yields after each of its steps."""
        request, spent = task.request, 0.0
        steps = (
            max(1, request.denoising_steps) if self.flags.steps_from_request else self.flags.steps
        )

        def used() -> int:
            return int(spent * 1000) if self.flags.step_ms else steps * 10

        failure = scripted_failure(task)
        if failure is not None:
            self.send(Started(task.job_id, steps))
            self.send(replace(failure, gpu_ms=used()))
            return
        spool = Path(task.spool)
        if "[long]" in request.text:
            self.write(b" " * 2_000_000 + encode(Started(task.job_id, steps)))
        else:
            self.send(Started(task.job_id, steps))
        kept = Path(task.checkpoint) if task.checkpoint else None
        first = int(kept.read_text()) if kept and task.resume and kept.exists() else 1
        for step in range(first, steps + 1):
            began = time.monotonic()
            self.listen(self.flags.step_ms / 1000)
            spent += time.monotonic() - began
            while step > first and "[deaf]" in request.text:
                yield
                self.listen(0.01)
            if task.job_id in self.cancelled:
                self.send(Cancelled(task.job_id, used()))
                return
            self.send(Progress(task.job_id, step, steps))
            if kept is not None and step % 4 == 0:
                kept.parent.mkdir(exist_ok=True)
                passing = kept.with_suffix(f".{os.getpid()}.tmp")
                passing.write_text(str(step))
                passing.replace(kept)
            if step == first:
                self.misbehave(task)
            if step % self.flags.preview_every == 0 and step < steps:
                path = spool / f"preview-{step:03}.png"
                path.write_bytes(grid(request, scale=0.5))
                self.send(Preview(task.job_id, step, str(path)))
            yield
        for index in range(request.count):
            path = spool / f"{index + 1}.png"
            path.write_bytes(picture(request, index))
            seed = request.image_seed(index)
            self.send(
                ImageReady(task.job_id, index + 1, str(path), request.width, request.height, seed)
            )
        path = spool / "grid.png"
        path.write_bytes(grid(request))
        self.send(Finished(task.job_id, str(path), used()))

    def misbehave(self, task: Task) -> None:
        text = task.request.text
        if "[crash once]" in text and self.flags.marks is not None:
            mark = self.flags.marks / task.job_id
            if not mark.exists():
                mark.touch()
                os._exit(CRASH_CODE)
        if "[crash]" in text:
            os._exit(CRASH_CODE)
        if "[kill]" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "[garbage]" in text:
            self.write(b"\xff\x00 this is not a line of the protocol\n")
        if "[chatter]" in text:
            os.write(1, b"chatter on descriptor 1\n")
        if "[stubborn]" in text:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if "[hang]" in text or "[stubborn]" in text:
            while True:
                # The end of the commands still ends a hung worker, as in the real one.
                if select.select([self.commands], [], [])[0] and not os.read(self.commands, 65536):
                    os._exit(0)


def leave(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A worker for tests.")
    parser.add_argument("--step-ms", type=float, default=0, help="how long a step takes")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--together", type=int, default=1, help="how many tasks at once")
    parser.add_argument("--steps-from-request", action="store_true")
    parser.add_argument("--preview-every", type=int, default=2)
    parser.add_argument("--start-ms", type=float, default=0, help="time before Ready")
    parser.add_argument("--beat-every", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--exit-at-start", type=int, default=None, metavar="CODE")
    parser.add_argument("--marks", type=Path, default=None, help="folder for [crash once]")
    flags, _ = parser.parse_known_args(arguments)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    FakeWorker(flags).serve()


if __name__ == "__main__":
    main()
