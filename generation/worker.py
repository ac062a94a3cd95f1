"""The worker: the program that owns one device and makes the pictures.

    python -m generation.worker [--models-file PATH] [--model NAME] [--device D] [--dtype T]
        [--together N]

Commands come as JSON lines on standard input, events leave as JSON lines on what was standard
output (`core.events`). Both are moved to private descriptors before anything else is imported, so
that no print, C library or progress bar can touch them. The end of the input means that the parent
is gone: the worker exits at once, even in the middle of a step. SIGTERM is polite: all tasks stop
at their next step. SIGINT is the parent's business.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol

from core.errors import SettingsError
from core.events import (
    Alive,
    Answer,
    Ask,
    Cancel,
    Cancelled,
    Ending,
    Event,
    Ready,
    Task,
    WorkerLine,
    decode_command,
    encode,
)
from core.models import Catalogue
from core.speed import CHOICES, Speed

log = logging.getLogger(__name__)

EXIT_SETTINGS = 78
"""sysexits.h EX_CONFIG: the flags or the models file cannot be used."""

EXIT_SOFTWARE = 70
"""sysexits.h EX_SOFTWARE: what makes the pictures broke its promise never to raise."""


class Maker(Protocol):
    """What makes the pictures of a task; `generation.painter.Painter`, or a stand-in in tests."""

    @property
    def together(self) -> int:
        """How many threads may call `make` at once."""
        ...

    def make(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> Ending:
        """Sends all events but the last, which it returns: Cancelled soon after `stop` is set.
        Raises nothing."""
        ...

    def answer(self, question: Ask, left: float) -> Answer:
        """Within `left` seconds. Raises nothing."""
        ...

    def leaving(self) -> None:
        """The program is about to end, as it was asked to, and no task runs. Raises nothing."""
        ...


class Channel:
    """The private descriptors of the protocol."""

    def __init__(self, commands: int, events: int) -> None:
        self._commands = commands
        self._events = events
        self._lock = threading.Lock()

    @classmethod
    def take(cls) -> Channel:
        """Takes descriptors 0 and 1 for itself; 0 becomes empty and 1 the standard error."""
        channel = cls(os.dup(0), os.dup(1))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return channel

    def send(self, line: WorkerLine) -> None:
        """Whole lines only, from any thread. A parent that is gone is noticed by the reader."""
        data = memoryview(encode(line))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._events, data) :]
            except BrokenPipeError:
                os._exit(0)

    def lines(self) -> Callable[[], bytes]:
        """A function that waits for the next line; empty at the end."""
        return os.fdopen(self._commands, "rb", closefd=False).readline


@dataclass(frozen=True, slots=True, eq=False)
class Errand:
    """A task that waits here or runs, and what stops it."""

    task: Task
    stop: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Runs tasks side by side, each in a thread of its own, while another reads the commands.

    They begin in order of arrival. One that is alone waits until nothing else runs, and those that
    came later wait for it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._changed = threading.Condition()
        self._waiting: deque[Errand] = deque()
        self._running: list[Errand] = []
        self._politely_stopped = False
        self._maker: Maker | None = None
        self._questions = queue.SimpleQueue[tuple[Ask, float]]()

    def listen(self) -> None:
        """Starts reading; from here on the end of the input ends the program."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def beat(self, seconds: float) -> None:
        """Starts to say, every so many seconds, that this program runs; 0: never."""

        def beat() -> None:
            while True:
                time.sleep(seconds)
                self._channel.send(Alive())

        if seconds > 0:
            threading.Thread(target=beat, name="heart", daemon=True).start()

    def serve(self, maker: Maker, together: int) -> NoReturn:
        """Makes up to `together` tasks at once. The calling thread is left to the signals."""
        self._maker = maker
        for number in range(1, together + 1):
            threading.Thread(
                target=self._work, args=(maker,), name=f"task {number}", daemon=True
            ).start()
        threading.Thread(target=self._answer, args=(maker,), name="questions", daemon=True).start()
        while True:
            threading.Event().wait()

    def stop_politely(self, number: int, frame: FrameType | None) -> None:
        """The handler of SIGTERM; runs in the thread of `serve`."""
        # In a thread of its own: this one may have been interrupted while it held the lock.
        threading.Thread(target=self._stop_all, name="stop", daemon=True).start()

    def _stop_all(self) -> None:
        with self._changed:
            self._politely_stopped = True
            if not self._running:
                self._leave_politely()
            for errand in self._running:
                errand.stop.set()

    def _work(self, maker: Maker) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._may_begin)
                errand = self._waiting.popleft()
                self._running.append(errand)
                # What waits behind it may run beside it.
                self._changed.notify_all()
            try:
                ending = maker.make(errand.task, self._channel.send, errand.stop)
            except BaseException:
                log.exception("the worker ends: a task was not brought to an end")
                leave(EXIT_SOFTWARE)
            with self._changed:
                self._end(errand, ending)

    def _answer(self, maker: Maker) -> None:
        """One question after the other, beside the tasks."""
        while True:
            question, heard_at = self._questions.get()
            left = question.seconds - (time.monotonic() - heard_at)
            # Whoever asked has given up a question that waited for so long.
            if left > 0:
                self._channel.send(maker.answer(question, left))

    def _may_begin(self) -> bool:
        """Whether the first of those that wait may join those that run."""
        if not self._waiting or self._politely_stopped:
            return False
        company = [errand.task for errand in self._running]
        return not company or not (self._waiting[0].task.alone or any(t.alone for t in company))

    def _end(self, errand: Errand, ending: Ending) -> None:
        self._running.remove(errand)
        # Nobody asked to cancel the jobs that a polite stop interrupts: they get no ending, and
        # so are made again elsewhere.
        if not (self._politely_stopped and isinstance(ending, Cancelled)):
            self._channel.send(ending)
        if self._politely_stopped and not self._running:
            self._leave_politely()
        self._changed.notify_all()

    def _leave_politely(self) -> NoReturn:
        if self._maker is not None:
            self._maker.leaving()
        leave()

    def _read(self) -> None:
        next_line = self._channel.lines()
        while line := next_line():
            try:
                command = decode_command(line)
            except ValueError:
                log.exception("not a command")
                continue
            if isinstance(command, Ask):
                self._questions.put((command, time.monotonic()))
                continue
            with self._changed:
                match command:
                    case Task():
                        self._waiting.append(Errand(command))
                        self._changed.notify_all()
                    case Cancel(job_id):
                        self._cancel(job_id)
        leave()

    def _cancel(self, job_id: str) -> None:
        for errand in self._running:
            if errand.task.job_id == job_id:
                errand.stop.set()
        for errand in [one for one in self._waiting if one.task.job_id == job_id]:
            self._waiting.remove(errand)
            self._channel.send(Cancelled(job_id, 0))
            self._changed.notify_all()


def leave(code: int = 0) -> NoReturn:
    """Ends the program now, whatever its threads are in the middle of."""
    sys.stderr.flush()
    os._exit(code)


class LineFormatter(logging.Formatter):
    """Puts the level before every line, tracebacks too: the parent reads line by line."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).splitlines()
        return "\n".join(f"{record.levelname} {line}" for line in lines)


def set_environment() -> None:
    """For whoever starts a worker by hand; the engine has set all this already."""
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        DIFFUSERS_DISABLE_REMOTE_CODE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
        TOKENIZERS_PARALLELISM="false",
    )
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")


def read_flags(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="generation.worker", description="Makes the pictures.")
    parser.add_argument("--models-file", type=Path, help="the operator's models.toml")
    parser.add_argument("--model", default=None, help="the model to load first")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument(
        "--dtype", default="auto", choices=("auto", "float32", "float16", "bfloat16")
    )
    parser.add_argument("--together", type=int, default=1, help="how many tasks at once")
    for name, choices in CHOICES.items():
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, default=choices[0], choices=choices)
    parser.add_argument("--preview-every", type=int, default=4, metavar="STEPS")
    parser.add_argument("--checkpoint-every", type=int, default=5, metavar="STEPS")
    parser.add_argument("--beat-every", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--times-file", type=Path, help="where step times are kept")
    parser.add_argument("--measure-at-start", default="off", choices=("on", "off"))
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> NoReturn:
    channel = Channel.take()
    worker = Worker(channel)
    worker.listen()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, worker.stop_politely)
    flags = read_flags(arguments)
    set_environment()
    try:
        text = flags.models_file.read_text(encoding="utf-8") if flags.models_file else ""
        catalogue = Catalogue.parse(text, flags.model)
    except (OSError, UnicodeDecodeError) as error:
        log.error("The models file cannot be read: %s", error)
        leave(EXIT_SETTINGS)
    except SettingsError as error:
        log.error("%s", error.sentence)
        leave(EXIT_SETTINGS)

    # Seconds of imports, so only here: torch, diffusers, transformers.
    from generation.painter import Painter

    try:
        painter = Painter(
            catalogue,
            device=flags.device,
            dtype=flags.dtype,
            preview_every=flags.preview_every,
            checkpoint_every=flags.checkpoint_every,
            speed=Speed(**{name: getattr(flags, name) for name in CHOICES}),
            times_file=flags.times_file,
            measure=flags.measure_at_start == "on",
        )
    except SettingsError as error:
        log.error("%s", error.sentence)
        leave(EXIT_SETTINGS)
    together = max(1, min(flags.together, painter.together))
    channel.send(Ready(painter.device_name, flags.beat_every, together))
    worker.beat(flags.beat_every)
    # The first member of the day should not wait for the disk.
    painter.preload(catalogue.default.name)
    worker.serve(painter, together)


if __name__ == "__main__":
    main()
