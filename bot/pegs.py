"""What a picture in a showcase looks like: its words, its buttons, and the ids that carry them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import discord

from bot.render import clean, escape, jump, mention
from bot.views import EMOJI, view_of
from core.actions import Action, ButtonError
from core.sentences import in_language, say, together
from core.showcase import Exhibit, Hanging, Showcase, Way
from core.works import work_id

FORMAT = "x1"
PATTERN = r"x\d+:.{1,95}"

LONGEST_PROMPT = 1500


class Act(StrEnum):
    LIKE = "like"
    TAKE_DOWN = "down"
    PUBLISH = "publish"
    FEATURE = "feature"


WAYS = {Act.PUBLISH: Way.PUBLISHED, Act.FEATURE: Way.FEATURED}


@dataclass(frozen=True, slots=True)
class Peg:
    """A button below what hangs. `turn`: how often that was hung up there; a message of an earlier
    time is not taken for the one of now."""

    act: Act
    hanging_id: int
    turn: int

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.act}:{self.hanging_id}:{self.turn}"


@dataclass(frozen=True, slots=True)
class Door:
    """A button that brings a picture into a showcase; 0: which one is asked."""

    act: Act
    job_id: str
    number: int
    showcase_id: int = 0

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.act}:{self.job_id}:{self.number}:{self.showcase_id}"

    @property
    def way(self) -> Way:
        return WAYS[self.act]

    @classmethod
    def published(cls, job_id: str, number: int) -> Self:
        return cls(Act.PUBLISH, job_id, number)


def pressed(custom_id: str) -> Peg | Door:
    """Raises ButtonError."""
    if found := re.fullmatch(rf"{FORMAT}:(like|down):(\d{{1,18}}):(\d{{1,9}})", custom_id):
        return Peg(Act(found[1]), int(found[2]), int(found[3]))
    door = rf"{FORMAT}:(publish|feature):([0-9a-f]{{8,32}}):(\d):(\d{{1,18}})"
    if found := re.fullmatch(door, custom_id):
        return Door(Act(found[1]), found[2], int(found[3]), int(found[4]))
    raise ButtonError


def peg_of(message: discord.Message) -> Peg | None:
    """The button that takes down what a message of ours shows; None for one of no showcase."""
    for row in message.components:
        for component in getattr(row, "children", ()):
            custom_id = getattr(component, "custom_id", None) or ""
            if re.fullmatch(PATTERN, custom_id):
                try:
                    found = pressed(custom_id)
                except ButtonError:
                    continue
                if isinstance(found, Peg):
                    return Peg(Act.TAKE_DOWN, found.hanging_id, found.turn)
    return None


def words(hanging: Hanging, exhibit: Exhibit, locale: str, *, with_prompt: bool = True) -> str:
    prompt = escape(exhibit.text, LONGEST_PROMPT) if with_prompt else ""
    prompt = prompt or in_language(say("A picture"), locale)
    line = f"**{prompt}** - {mention(exhibit.owner.id)}"
    told = {
        Way.LIKES: "",
        Way.PUBLISHED: say("published by its owner"),
        Way.FEATURED: say("chosen by the moderators"),
    }[hanging.way]
    return f"{line}\n-# {in_language(told, locale)}" if told else line


def alt_text(exhibit: Exhibit) -> str:
    return clean(exhibit.text)[:1000]


def buttons(hanging: Hanging, exhibit: Exhibit, gallery_url: str, locale: str) -> discord.ui.View:
    like: discord.ui.Button[Any] = discord.ui.Button(
        emoji=EMOJI[Action.LIKE, ""],
        label=str(exhibit.votes),
        custom_id=Peg(Act.LIKE, hanging.id, hanging.turn).custom_id,
    )
    down: discord.ui.Button[Any] = discord.ui.Button(
        label=in_language(say("Take down"), locale),
        custom_id=Peg(Act.TAKE_DOWN, hanging.id, hanging.turn).custom_id,
    )
    row = [like]
    if exhibit.message_id:
        made_at = jump(exhibit.server_id, exhibit.channel_id, exhibit.message_id)
        row.append(link(say("Where it was made"), made_at, locale))
    if gallery_url:
        row.append(gallery_link(gallery_url, exhibit.job_id, exhibit.number, locale))
    return view_of([[*row, down]])


def gallery_link(url: str, job_id: str, number: int, locale: str) -> discord.ui.Button[Any]:
    return link(say("Open in gallery"), gallery_address(url, work_id(job_id, number)), locale)


def gallery_address(url: str, id: str) -> str:
    """Of a work's page."""
    return f"{url.rstrip('/')}/p/{id}"


def link(label: str, url: str, locale: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=in_language(label, locale), url=url)


def showcase_words(showcase: Showcase) -> str:
    """One line of a list of showcases."""
    parts = [f"<#{showcase.channel_id}>"]
    if showcase.topic:
        parts.append(say("topic: {topic}", topic=escape(showcase.topic, 150)))
    if showcase.likes:
        parts.append(say("from {count} likes on", count=showcase.likes))
    else:
        parts.append(say("not by likes"))
    if showcase.age_rated:
        parts.append(say("from age-restricted channels"))
    return together(parts, " · ")
