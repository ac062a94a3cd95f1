"""What members and admins keep for every prompt: options and suffixes, flags and styles."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from core.admin import Stewardship
from core.allowance import House, Presentation, ServerRules
from core.clock import Clock
from core.errors import NotFoundError, Problem, PromptError, RefusedError
from core.jobs import Actor
from core.merge import ABOUT_A_START, read_flags
from core.orders import Customs, Orders
from core.preferences import LONGEST, Preferences, option_name
from core.prompt import parse
from core.quota import allowance
from core.request import HouseStyle, Lane, Visibility
from core.sentences import say
from core.texts import one_line
from core.works import Showing

MOST_STYLIZE = 1000

MOST_STYLES = 50
"""Of one server."""

NO_STYLE = ""
RESERVED = frozenset({"raw", "none"})
"""What --style and /style say instead of a name."""

_NAME = re.compile(r"[a-z0-9-]{1,32}")

Keep = Callable[[bytes], Awaitable[str]]
"""Stores a picture that somebody gave, and returns its key. Raises an EaselError for what is no
picture."""


class Manners:
    """Every method raises BannedError for whom the actor's server shut out; those about the server
    raise NotAdminError for whoever is no admin of it."""

    def __init__(self, steward: Stewardship, orders: Orders, keep: Keep, clock: Clock) -> None:
        self._steward = steward
        self._book = orders.book
        self._wishes = orders.wishes
        self._orders = orders
        self._keep = keep
        self._clock = clock

    # One's own

    async def mine(self, actor: Actor) -> Preferences:
        await self._steward.check_welcome(actor)
        return await self._wishes.of(actor.owner.id)

    async def save_option(self, actor: Actor, name: str, value: str) -> Preferences:
        """`--name` stands for the value from now on. Raises PromptError for a value that cannot be
        read, RefusedError."""
        await self._steward.check_welcome(actor)
        name, value = option_name(name), one_line(value, LONGEST)
        if not value:
            raise RefusedError(
                say("Say what --{name} shall stand for: words, flags or both.", name=name)
            )
        if re.search(r"[{}｛｝]", value):
            what = say("Braces stand for several prompts, and can only be typed in one.")
            raise PromptError((Problem(what),), typed=value)
        parse(value, text_needed=False)
        return await self._wishes.change(actor.owner.id, lambda p: p.with_option(name, value))

    async def delete_option(self, actor: Actor, name: str) -> Preferences:
        """Raises NotFoundError."""
        await self._steward.check_welcome(actor)
        name = name.strip().lstrip("-–—").lower()
        return await self._wishes.change(actor.owner.id, lambda p: p.without_option(name))

    async def set_suffix(self, actor: Actor, text: str) -> Preferences:
        """Flags for all of the actor's prompts; empty for none. Raises PromptError."""
        await self._steward.check_welcome(actor)
        suffix = one_line(text, LONGEST)
        read_flags(suffix)
        return await self._wishes.change(actor.owner.id, lambda p: p.with_suffix(suffix))

    async def set_settings(self, actor: Actor, **settings: Any) -> Preferences:
        """Changes those of the actor's settings that are named, as `Preferences` has them; None
        for the usual one. Raises ModelNotFoundError, RefusedError for what is not allowed to them
        on this server."""
        await self._steward.check_welcome(actor)
        if settings.get("model") is not None:
            settings["model"] = self._orders.catalogue.choose(settings["model"]).name
        weight = settings.get("stylize")
        if weight is not None and not 0 <= weight <= MOST_STYLIZE:
            raise RefusedError(say("--stylize goes from 0 to {most}.", most=f"{MOST_STYLIZE:,}"))
        await self._check_allowed(actor, settings.get("lane"), settings.get("visibility"))
        return await self._wishes.change(actor.owner.id, lambda p: replace(p, **settings))

    async def set_showing(self, actor: Actor, showing: Showing | None) -> Preferences:
        """Who may see the actor's pictures in the gallery from now on, where their server shows
        them to more; None: as the server says. Raises RefusedError."""
        await self._steward.check_welcome(actor)
        if showing not in (None, Showing.SERVER, Showing.PRIVATE):
            raise RefusedError(
                say("Your pictures are shown as the server says, or to fewer: its members, or you.")
            )
        return await self._wishes.change(actor.owner.id, lambda p: replace(p, showing=showing))

    async def reset_settings(self, actor: Actor) -> Preferences:
        """The usual settings and no suffix; saved options stay."""
        await self._steward.check_welcome(actor)
        return await self._wishes.change(actor.owner.id, lambda p: p.without_settings())

    async def _check_allowed(
        self, actor: Actor, lane: Lane | None, visibility: Visibility | None
    ) -> None:
        rules = await self._book.rules(actor.server_id)
        bears = rules.for_member(actor.owner.id, actor.role_ids, actor.channel_id)
        mine = allowance(bears.lines)
        if lane is not None and mine.lanes is not None and lane not in mine.lanes:
            raise RefusedError(
                say(
                    "The {lane} lane is not allowed for you here; allowed: {allowed}.",
                    lane=lane.value,
                    allowed=", ".join(sorted(mine.lanes)) or say("none"),
                )
            )
        if visibility is Visibility.STEALTH and mine.private is False:
            raise RefusedError(say("Private pictures are not allowed for you here."))

    # The server's

    async def set_presentation(self, actor: Actor, presentation: Presentation) -> House:
        """How finished grids are shown on the server."""
        await self._steward.check_admin(actor, actor.server_id)
        return await self._change_house(actor, lambda h: replace(h, presentation=presentation))

    async def set_gallery(self, actor: Actor, gallery: Showing) -> House:
        """Who may see in the gallery what is made on the server from now on; what was made before
        is shown no more than that. Raises RefusedError."""
        await self._steward.check_admin(actor, actor.server_id)
        if gallery is Showing.UNLISTED:
            raise RefusedError(
                say("A server shows its pictures to anybody, to its members, or to nobody else.")
            )
        return await self._change_house(actor, lambda h: replace(h, gallery=gallery))

    async def house(self, actor: Actor) -> ServerRules:
        """Its flags and styles."""
        await self._steward.check_admin(actor, actor.server_id)
        return await self._book.rules(actor.server_id)

    async def set_default_flags(self, actor: Actor, text: str) -> House:
        """Flags that count where a member says nothing else. Raises PromptError."""
        flags = await self._server_flags(actor, text)
        return await self._change_house(actor, lambda h: replace(h, default_flags=flags))

    async def set_forced_flags(self, actor: Actor, text: str) -> House:
        """Flags that count whatever a member says. Raises PromptError."""
        flags = await self._server_flags(actor, text)
        return await self._change_house(actor, lambda h: replace(h, forced_flags=flags))

    async def save_style(
        self, actor: Actor, name: str, text: str, picture: bytes | None
    ) -> HouseStyle:
        """A look of words, a picture, or both. Raises PromptError, RefusedError."""
        await self._steward.check_admin(actor, actor.server_id)
        name, text = _style_name(name), _style_text(text)
        if not text and picture is None:
            raise RefusedError(say("A style is made of words, a picture, or both; give one."))
        blob = await self._keep(picture) if picture is not None else None
        style = HouseStyle(name=name, text=text, blob=blob)

        def change(there: Sequence[HouseStyle]) -> HouseStyle:
            if len(there) >= MOST_STYLES and all(one.name != name for one in there):
                raise RefusedError(
                    say("There are {count} styles here; delete one first.", count=len(there))
                )
            return style

        await self._change_style(actor, name, change)
        return style

    async def style(self, actor: Actor, name: str) -> HouseStyle:
        """Raises NotFoundError."""
        return _found((await self.house(actor)).styles, name)

    async def delete_style(self, actor: Actor, name: str) -> None:
        """Jobs that were asked for keep it. Raises NotFoundError."""
        await self._steward.check_admin(actor, actor.server_id)
        name = name.strip().lower()

        def change(there: Sequence[HouseStyle]) -> None:
            _found(there, name)

        await self._change_style(actor, name, change)

    async def set_house_style(self, actor: Actor, name: str) -> House:
        """The style that is used unless another is asked for; `none` for none. Raises
        NotFoundError."""
        rules = await self.house(actor)
        wanted = name.strip().lower()
        chosen = NO_STYLE if wanted in ("", "none") else _found(rules.styles, wanted).name
        return await self._change_house(actor, lambda h: replace(h, style=chosen))

    # Inside

    async def _server_flags(self, actor: Actor, text: str) -> str:
        """The text, if a prompt with these flags could be made. Raises PromptError."""
        rules = await self.house(actor)
        flags = one_line(text, LONGEST)
        prompt = read_flags(flags)
        sample = replace(parse("a picture"), flags=prompt.flags, avoid=prompt.avoid)
        styles = {style.name: style for style in rules.styles}
        starts = not ABOUT_A_START.isdisjoint(prompt.flags)
        self._orders.compose(sample, Customs(styles=styles), picture=starts, typed=flags)
        return flags

    async def _change_house(self, actor: Actor, change: Callable[[House], House]) -> House:
        now = self._clock.now()
        return await self._book.change_house(actor.server_id, change, by=actor.owner, now=now)

    async def _change_style(
        self,
        actor: Actor,
        name: str,
        change: Callable[[Sequence[HouseStyle]], HouseStyle | None],
    ) -> None:
        await self._book.change_style(
            actor.server_id, name, change, by=actor.owner, now=self._clock.now()
        )


def _found(styles: Sequence[HouseStyle], name: str) -> HouseStyle:
    """Raises NotFoundError."""
    for style in styles:
        if style.name == name.strip().lower():
            return style
    known = ", ".join(style.name for style in styles) or say("none")
    raise NotFoundError(
        say("There is no style “{name}” here; there are: {names}.", name=name, names=known)
    )


def _style_name(typed: str) -> str:
    name = typed.strip().lower()
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise RefusedError(
            say(
                "“{name}” cannot be the name of a style: it has 1 to 32 letters a to z, digits and "
                "hyphens, and is not raw or none.",
                name=typed.strip()[:40],
            )
        )
    return name


def _style_text(typed: str) -> str:
    text = one_line(typed, LONGEST)
    if not text:
        return text
    prompt = parse(text)
    if prompt.flags or prompt.avoid or prompt.images or len(prompt.parts) > 1:
        what = say("A style is made of plain words, without flags, weights or links.")
        raise PromptError((Problem(what, say("Leave them out.")),), typed=typed)
    return text
