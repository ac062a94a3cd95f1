"""The real worker program around a stand-in for the painter: no torch, so quick to start.

    python -m tests.generation.stand_in [TOGETHER]

The prompt says what to do: "busy" computes until it is stopped, "deaf" computes for ever, "chatter"
prints in every way there is, "broken" raises; "waits" ends when "opens" has run; anything else is
done at once. SIGUSR1 makes its heart beat.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable

from core.events import (
    Answer,
    Ask,
    Cancelled,
    Ending,
    Event,
    Finished,
    Progress,
    Ready,
    Started,
    Task,
)
from generation.worker import Channel, Worker


class StandIn:
    together = 4

    def __init__(self) -> None:
        self._opened = threading.Event()

    def make(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> Ending:
        text = task.request.text
        send(Started(task.job_id, 4))
        if "chatter" in text:
            sys.stdout.write("from Python\n")
            sys.stdout.flush()
            os.write(1, b"from descriptor 1\n")
            ctypes.CDLL(None).puts(b"from C")
            ctypes.CDLL(None).fflush(None)
            sys.stderr.write(f"input: {sys.stdin.read()!r}\n")
        if "broken" in text:
            raise LookupError("as asked")
        if "opens" in text:
            self._opened.set()
        if "waits" in text:
            self._opened.wait()
        number = 0
        while "deaf" in text or ("busy" in text and not stop.is_set()):
            number += 1
            if number == 10_000:
                send(Progress(task.job_id, 1, 4))
        if stop.is_set():
            return Cancelled(task.job_id, 5)
        return Finished(task.job_id, "grid.png", 5)

    def answer(self, question: Ask, left: float) -> Answer:
        return Answer(id=question.id, numbers=tuple(float(len(text)) for text in question.texts))

    def leaving(self) -> None:
        print("leaving", flush=True)


def main() -> None:
    import signal

    channel = Channel.take()
    worker = Worker(channel)
    worker.listen()
    signal.signal(signal.SIGTERM, worker.stop_politely)
    signal.signal(signal.SIGUSR1, lambda *_: worker.beat(0.01))
    channel.send(Ready("stand-in"))
    worker.serve(StandIn(), int(sys.argv[1]) if len(sys.argv) > 1 else 1)


if __name__ == "__main__":
    main()
