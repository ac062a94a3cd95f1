"""What a message says. The one place where a member's words become text that Discord shows.

Limits: 2,000 characters in a message and 1,024 in an alt text (Discord documentation of August
2026). Lengths are counted in UTF-16 units, which is never less than what Discord counts.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from core.compose import render
from core.errors import ModelNotFoundError
from core.jobs import Job, State
from core.models import Catalogue, Model
from core.queue import Standing
from core.request import Kind, Lane, Request, Visibility
from core.sentences import in_language, recall, say, together
from core.titles import title

MESSAGE_LENGTH = 2000
ALT_TEXT_LENGTH = 1024
ELLIPSIS = "…"

PAUSED = say("paused by an admin")

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPECIAL = frozenset("\\*_~|`<>[]")
"""Characters that begin markdown, a mention or a masked link inside a line."""

_PINGS = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_ZERO_WIDTH = "\u200b"


def clean(text: str) -> str:
    """The text on one line, without characters that turn or hide what follows them."""
    spaced = " ".join(_BIDI.sub("", text).split())
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cs"))


def escape(text: str, limit: int = MESSAGE_LENGTH) -> str:
    """The text as plain words: no markdown, no mention, no text direction, at most `limit` long.

    Cut at the end with an ellipsis, never inside an escape.
    """
    safe = _PINGS.sub(f"@{_ZERO_WIDTH}", clean(text))
    pieces = [f"\\{char}" if char in _SPECIAL else char for char in safe]
    if sum(map(units, pieces)) <= limit:
        return "".join(pieces)
    room, kept = limit - units(ELLIPSIS), 0
    for kept, piece in enumerate(pieces):  # noqa: B007 (used after the loop)
        room -= units(piece)
        if room < 0:
            break
    return "".join(pieces[:kept]).rstrip() + ELLIPSIS


def units(text: str) -> int:
    """Its length as Discord counts at most."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, limit: int) -> str:
    """At most so long, with an ellipsis where it is cut."""
    if units(text) <= limit:
        return text
    while units(text) > limit - 1:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def mention(owner_id: int) -> str:
    return f"<@{owner_id}>"


def jump(server_id: int, channel_id: int, message_id: int) -> str:
    """The address of a message; server 0 is somebody's direct messages."""
    return f"https://discord.com/channels/{server_id or '@me'}/{channel_id}/{message_id}"


def relative(at: float | None) -> str:
    """A time as its reader's own Discord tells it: “in 2 hours”. None: nobody knows."""
    return say("later") if at is None else f"<t:{math.ceil(at)}:R>"


def ordinal(place: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    teen = 10 <= place % 100 <= 20
    match 0 if teen else place % 10:
        case 1:
            return say("{place}st", place=place)
        case 2:
            return say("{place}nd", place=place)
        case 3:
            return say("{place}rd", place=place)
        case _:
            return say("{place}th", place=place)


def duration(seconds: float) -> str:
    """A waiting time, as roughly as it is known: in steps of 5 s, then minutes, then hours."""
    if seconds < 57.5:
        return say("{seconds} s", seconds=max(5, 5 * round(seconds / 5)))
    if seconds < 59.5 * 60:
        return say("{minutes} min", minutes=round(seconds / 60))
    return say("{hours} h", hours=round(seconds / 3600))


def rounded_up(seconds: float) -> str:
    """A time that is promised: never less than it is, in minutes or hours."""
    if seconds <= 180 * 60:
        return say("{minutes} min", minutes=math.ceil(seconds / 60))
    return say("{hours} h", hours=math.ceil(seconds / 3600))


def shown_prompt(request: Request, catalogue: Catalogue) -> str:
    """The line that was understood, without a seed or a model that nobody asked for."""
    if request.kind in (Kind.UPSCALE, Kind.ENLARGE, Kind.ENHANCE):
        # One picture of a grid: how many it shows and how they were seeded is not what was typed.
        request = replace(request, count=request.grid_count, same_seed=False)
    try:
        line = render(request, catalogue.get(request.model), seed=False)
    except ModelNotFoundError:
        return request.text
    if request.model == catalogue.default.name:
        before, _, after = line.rpartition(f"--model {request.model}")
        line = before.rstrip() + after
    return line


class Renderer:
    """Writes the text of a job's message in each of its states, in the language of its server:
    `language` gives the locale by the server's id."""

    def __init__(self, catalogue: Catalogue, language: Callable[[int], str] = lambda _: "") -> None:
        self._catalogue = catalogue
        self._language = language

    def waiting(
        self,
        job: Job,
        standing: Standing,
        *,
        with_prompt: bool = True,
        note: str = "",
        paused: bool = False,
    ) -> str:
        """`with_prompt` False leaves the member's words out, here as below. `note` is a sentence of
        ours below the line; `paused`: nothing that waits on its server is begun."""
        words: list[str] = [say("waiting")]
        if job.request.lane is not Lane.FAST:
            words.append(mode_of(job.request.lane))
        if paused:
            words.append(PAUSED)
        elif standing.place:
            time = say("about {time}", time=duration(standing.seconds))
            words += [ordinal(standing.place), time]
        text = self._line(job, together(words, ", "), with_prompt=with_prompt)
        note = self._told(job, note)
        return text if not note or units(text + note) >= MESSAGE_LENGTH else f"{text}\n-# {note}"

    def says_paused(self, job: Job, text: str) -> bool:
        """Whether the text of a waiting job says that its server is paused."""
        return self._told(job, PAUSED) in text

    def running(self, job: Job, percent: int, *, with_prompt: bool = True) -> str:
        tail = say("stopping") if job.cancel_requested else f"{percent}%"
        return self._line(job, tail, with_prompt=with_prompt)

    def ended(self, job: Job, *, with_prompt: bool = True, note: str = "") -> str:
        """The last text; `note` is a sentence of its own below it."""
        match job.state:
            case State.CANCELLED:
                tail = say("stopped")
            case State.FAILED:
                why = failure(job)
                tail, note = say("failed"), together([why, note]) if note else why
            case _:
                tail = "" if job.request.kind is Kind.UPSCALE else mode(job.request)
                note = together(list(filter(None, [job.error, note])))
        return self._line(job, tail, note, with_prompt=with_prompt)

    def alt_text(self, job: Job) -> str:
        return cut(clean(job.request.text), ALT_TEXT_LENGTH)

    def _line(self, job: Job, tail: str, note: str = "", *, with_prompt: bool = True) -> str:
        owner = mention(job.owner.id)
        match job.request.kind:
            case Kind.UPSCALE:
                index = job.parent.index if job.parent else 1
                who = say("Image #{index} {owner}", index=index, owner=owner)
            case _:
                what = title(job.request)
                who = say("{what} by {owner}", what=what, owner=owner) if what else owner
        end = f" - {self._told(job, who)}"
        end += f" ({self._told(job, tail)})" if tail else ""
        end += f"\n{escape(self._told(job, note), 1000)}" if note else ""
        room = MESSAGE_LENGTH - units(end) - len("****")
        prompt = shown_prompt(job.request, self._catalogue) if with_prompt else ""
        return f"**{escape(prompt, room) or self._told(job, say('A picture'))}**{end}"

    def model_of(self, job: Job) -> Model | None:
        """The model that drew it, None for one that is no longer there."""
        return self._catalogue.find(job.request.model)

    def language_of(self, job: Job) -> str:
        return self._language(job.place.server_id)

    def _told(self, job: Job, text: str) -> str:
        return in_language(text, self._language(job.place.server_id))


def mode(request: Request) -> str:
    """How a job was run, as shown behind a finished picture."""
    words = [mode_of(request.lane)]
    if request.visibility is Visibility.STEALTH:
        words.append(say("stealth"))
    return together(words, ", ")


def mode_of(lane: Lane) -> str:
    words = {Lane.RELAX: say("relaxed"), Lane.FAST: say("fast"), Lane.TURBO: say("turbo")}
    return words[lane]


def failure(job: Job) -> str:
    """Why a job failed, in one breath with what it cost: nothing."""
    sentence = recall(job.error) if job.error else say("Making the picture failed.")
    if "charged" in sentence.lower():
        return sentence
    return together([sentence, say("Nothing was charged.")])
