"""What passes between Easel and its workers, one JSON object a line, each tagged with its job.

Pictures never travel in a line: a line names a file in the task's spool folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from core.request import Request


class FailureKind(StrEnum):
    OUT_OF_MEMORY = "out_of_memory"
    MODEL = "model"
    REQUEST = "request"
    WORKER_DIED = "worker_died"
    DISK = "disk"
    DEADLINE = "deadline"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Started:
    type: ClassVar[str] = "started"
    job_id: str
    steps: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `steps` denoising steps are done, 1 <= step <= steps. The first one of a task that
    goes on from a checkpoint may be any."""

    type: ClassVar[str] = "progress"
    job_id: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`path` is a small picture of the whole grid as it stands after `step`."""

    type: ClassVar[str] = "preview"
    job_id: str
    step: int
    path: str


@dataclass(frozen=True, slots=True)
class ImageReady:
    """`path` is a finished PNG of picture `number` (from 1)."""

    type: ClassVar[str] = "image"
    job_id: str
    number: int
    path: str
    width: int
    height: int
    seed: int


@dataclass(frozen=True, slots=True)
class Finished:
    """All pictures are out; `grid` is the file with them side by side. `note` is a sentence for the
    member, such as what of the prompt was not read."""

    type: ClassVar[str] = "finished"
    job_id: str
    grid: str
    gpu_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """`sentence` is for the member; the traceback went to the worker's log."""

    type: ClassVar[str] = "failed"
    job_id: str
    kind: FailureKind
    sentence: str
    gpu_ms: int = 0


@dataclass(frozen=True, slots=True)
class Cancelled:
    type: ClassVar[str] = "cancelled"
    job_id: str
    gpu_ms: int


Event = Started | Progress | Preview | ImageReady | Finished | Failed | Cancelled
Ending = Finished | Failed | Cancelled


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's first line: it can take tasks now.

    `beat_seconds` is how often it will say that it is alive, whatever else it does; 0: never.
    `together` is how many tasks it makes at once.
    """

    type: ClassVar[str] = "ready"
    device: str
    beat_seconds: float = 0
    together: int = 1


@dataclass(frozen=True, slots=True)
class Alive:
    """The worker's program runs. It says nothing of the task, which has a deadline for that."""

    type: ClassVar[str] = "alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job on its way to a worker.

    `spool` is a folder only this task writes to. `source_path` is the picture to start from, for
    image-to-image, `style_path` that of its style and `mask_path` the mask of what is painted anew.
    `cautious` asks for the settings that need
    least memory, after an attempt that ran out of it. `checkpoint` is the file in which the worker
    keeps how far it got, and with `resume` goes on from what an earlier attempt kept there.
    `estimate_seconds` is how long it probably takes, 0 for unknown.

    A worker makes several tasks at once. `owner` is whom their GPU time counts to, `weight` the
    share that this task has of it, among those of others. A task that is `alone` shares the worker
    with none, after an attempt that may have been what ended its worker.
    """

    type: ClassVar[str] = "task"
    job_id: str
    request: Request
    spool: str
    source_path: str | None = None
    style_path: str | None = None
    mask_path: str | None = None
    cautious: bool = False
    checkpoint: str | None = None
    resume: bool = False
    estimate_seconds: float = 0
    owner: str = ""
    weight: float = 1.0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    type: ClassVar[str] = "cancel"
    job_id: str


class Inquiry(StrEnum):
    """WORTH: how much each of the texts after the first changes what the model draws, beside the
    first. CAPTION: what a picture shows, in words. LOOK: the same as a vector, for comparing."""

    WORTH = "worth"
    CAPTION = "caption"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question, beside the tasks: a worker answers it between their steps, within `seconds` of
    hearing it. WORTH has a `request`, which says which model is asked and how it is set; CAPTION
    and LOOK have the file of a `picture`, which is a PNG of our own."""

    type: ClassVar[str] = "ask"
    id: str
    inquiry: Inquiry
    request: Request | None = None
    texts: tuple[str, ...] = ()
    picture: str = ""
    seconds: float = 60.0
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """WORTH: `numbers` has one for each text of the question after the first. CAPTION: `texts`, and
    in `note` how they came about; they are others the next time if it `varies`. LOOK: `numbers` are
    the vector. A `sentence` is why there is no answer, for the member."""

    type: ClassVar[str] = "answer"
    id: str
    numbers: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    note: str = ""
    varies: bool = False
    sentence: str = ""


Command = Task | Cancel | Ask
WorkerLine = Event | Ready | Alive | Answer

_EVENTS: dict[str, type[Any]] = {
    kind.type: kind
    for kind in (
        Started,
        Progress,
        Preview,
        ImageReady,
        Finished,
        Failed,
        Cancelled,
        Ready,
        Alive,
        Answer,
    )
}


def encode(message: Command | WorkerLine) -> bytes:
    """One line of JSON, newline included."""
    return json.dumps({"type": message.type, **asdict(message)}).encode() + b"\n"


def decode_event(line: bytes) -> WorkerLine:
    """Reads a worker's line; raises ValueError on anything else."""
    try:
        values = json.loads(line)
        kind = _EVENTS[values.pop("type")]
        if kind is Failed:
            values["kind"] = FailureKind(values["kind"])
        if kind is Answer:
            values["numbers"] = tuple(map(float, values["numbers"]))
            values["texts"] = tuple(map(str, values["texts"]))
        return kind(**values)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a worker's line: {line[:200]!r}") from error


def decode_command(line: bytes) -> Command:
    """Reads a line for a worker; raises ValueError on anything else."""
    try:
        values = json.loads(line)
        match values.pop("type"):
            case "task":
                values["request"] = Request.from_json(values["request"])
                return Task(**values)
            case "cancel":
                return Cancel(**values)
            case "ask":
                asked = values["request"]
                values["request"] = None if asked is None else Request.from_json(asked)
                values["inquiry"] = Inquiry(values["inquiry"])
                values["texts"] = tuple(map(str, values["texts"]))
                return Ask(**values)
            case other:
                raise ValueError(f"unknown command {other!r}")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a command: {line[:200]!r}") from error
