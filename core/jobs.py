"""A job: a request that was admitted, and the moves it may make."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.request import Lane, Request

MAX_ATTEMPTS = 3
"""A job whose worker died this often is taken to be the cause, and fails."""


MOST_IN_A_SET = 100
"""Jobs that one command may make, whatever its member is allowed."""


def in_set(interaction_id: str, number: int) -> str:
    """The interaction id of job `number` (from 1) of the set that an interaction asked for."""
    return interaction_id if number == 1 else f"{interaction_id}#{number}"


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in ENDED


ENDED = frozenset({State.DONE, State.FAILED, State.CANCELLED})

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.QUEUED, State.DONE, State.FAILED, State.CANCELLED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who pressed the button and is charged. `id` is Discord's user id, or 0 at the shell."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and from where.

    `moderates`: may stop other people's jobs on `server_id`. `administers`: Discord lets them
    manage that server. `role_ids` are their roles there; `channel_id` is the channel whose line
    holds, for a thread the channel it is in. `operator`: whoever runs Easel, at the shell.
    `abroad`: they brought Easel to where it is not itself (core.presence).
    """

    owner: Owner
    moderates: bool = False
    server_id: int = 0
    channel_id: int = 0
    role_ids: tuple[int, ...] = ()
    administers: bool = False
    operator: bool = False
    abroad: bool = False

    def in_charge_at(self, place: Place) -> bool:
        """Whether they may stop and delete what others make there. Where there is no server nobody
        is in charge."""
        here = place.server_id != 0 and self.server_id == place.server_id
        return here and (self.moderates or self.administers)


@dataclass(frozen=True, slots=True)
class Parent:
    """Which picture of which job a derived job was made from. `index` counts from 1; 0: the job."""

    job_id: str
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the answer goes: a Discord channel, or the shell (`channel_id` 0).

    `token` is the interaction's, good for edits until `token_expires_at` (Unix seconds). `reply_to`
    is the message whose button was pressed, 0 for none. `age_rated`: Discord marks the channel as
    age-restricted; of a job as it is kept, also that it was made of a picture from such a channel.
    `closed`: not every member of the server may look into the channel. `abroad`: Easel is not there
    itself, so that nothing but the token leads there.
    """

    server_id: int = 0
    channel_id: int = 0
    token: str = ""
    token_expires_at: float = 0.0
    reply_to: int = 0
    age_rated: bool = False
    closed: bool = False
    abroad: bool = False

    @property
    def on_discord(self) -> bool:
        return self.channel_id != 0

    def __repr__(self) -> str:
        return f"Place(server_id={self.server_id}, channel_id={self.channel_id})"


class Outcome(StrEnum):
    """How a finished job reached its owner: the rung of the delivery ladder that held."""

    EDITED_BY_TOKEN = "edited_by_token"
    EDITED_BY_BOT = "edited_by_bot"
    POSTED = "posted"
    DIRECT_MESSAGE = "direct_message"
    HISTORY_ONLY = "history_only"
    SHELL = "shell"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job about to be admitted.

    `interaction_id` is unique: the same event replayed finds the same job. `reserve_ms` is the
    estimated GPU time in milliseconds. A job that needs no GPU (`U`) is admitted already done, with
    `images` the stored pictures it shows. `role_ids` are the owner's roles on the server.
    `budget_channel_id` is the channel whose line holds, for a thread the channel it is in; 0: that
    of the place.
    """

    id: str
    interaction_id: str
    owner: Owner
    place: Place
    request: Request
    reserve_ms: int
    created_at: float
    parent: Parent | None = None
    images: tuple[Image, ...] = ()
    role_ids: tuple[int, ...] = ()
    budget_channel_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the job table. Times are Unix seconds, costs GPU milliseconds.

    `fence` grows at every claim; a worker whose fence is not the row's may write nothing.
    `attempts` counts claims, but for those that a polite stop ended. `error` is the sentence shown
    for a failed job, or below a finished one. `message_id` is the Discord message that shows the
    job, 0 while there is none. `post_began_at` is set before a message is posted, so that a post
    whose outcome is unknown can be adopted.
    `price` is how many times its GPU time counts against the owner's amounts, 0 for a free one;
    `max_running` how many jobs the owner may have running on that server, None for any number.
    `deleted_at`: since then its pictures are gone, None while they are there.
    """

    id: str
    interaction_id: str
    owner: Owner
    place: Place
    request: Request
    state: State
    reserve_ms: int
    created_at: float
    parent: Parent | None = None
    cost_ms: int | None = None
    attempts: int = 0
    fence: int = 0
    leased_by: str = ""
    lease_until: float = 0.0
    cancel_requested: bool = False
    started_at: float | None = None
    finished_at: float | None = None
    error: str = ""
    grid: str = ""
    message_id: int = 0
    token_dead: bool = False
    post_began_at: float | None = None
    delivered_at: float | None = None
    outcome: Outcome | None = None
    price: int = 1
    max_running: int | None = None
    deleted_at: float | None = None

    @property
    def alone(self) -> bool:
        """Of one that runs: beside no other, since it was tried before and may be the cause of what
        happened then."""
        return self.attempts > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the schedule knows of a queued job: few columns, since it reads the whole queue.

    `work` is in megapixel-steps. `tried`: an attempt of it came to nothing, so that the next one
    will be `alone`. `max_running`: while its owner has so many running on that server,
    it cannot be claimed.
    """

    id: str
    owner_id: int
    server_id: int
    lane: Lane
    reserve_ms: int
    created_at: float
    model: str = ""
    work: float = 0.0
    max_running: int | None = None
    tried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A finished picture. `number` counts from 1; `blob` is the stored file's key."""

    job_id: str
    number: int
    blob: str
    width: int
    height: int
    seed: int
