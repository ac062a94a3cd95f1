"""From a line to the requests it asks for: with what its member prefers and what their server adds.

A line asks for several where it has `{a, b}` in it or --repeat. How many is known before any of
them is made.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from core.allowance import Allowance, House, Unit
from core.amounts import told, told_jobs
from core.compose import Limits, compose
from core.errors import BannedError, Problem, PromptError, QueueFullError, QuotaError, RefusedError
from core.flags import BY_SPELLING
from core.jobs import MOST_IN_A_SET, Actor
from core.merge import NOTHING, Layers, Replaced, merge, over, read_flags
from core.models import Catalogue
from core.permutations import count, expand
from core.ports import Rulebook, Wishes
from core.preferences import Preferences
from core.prompt import MAX_PROBLEMS, Prompt, parse
from core.quota import allowance
from core.request import MAX_SEED, HouseStyle, Request
from core.sentences import say

USUAL_MOST = 10
"""Jobs that one command may make where no allowance says another number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """What bears on the lines of one member on one server. `most`: jobs of one command, and
    `max_megapixels` of one picture, None where the member has no limit of their own."""

    preferences: Preferences = field(default_factory=Preferences)
    house: House = field(default_factory=House)
    styles: Mapping[str, HouseStyle] = field(default_factory=dict[str, HouseStyle])
    most: int = USUAL_MOST
    max_megapixels: float | None = None

    @property
    def style(self) -> HouseStyle | None:
        """The server's own."""
        return self.styles.get(self.house.style)

    @property
    def layers(self) -> Layers:
        """What an older Easel kept and this one cannot read is left out; not what is forced: then
        it raises PromptError."""
        try:
            forced = read_flags(self.house.forced_flags)
        except PromptError as error:
            what = say("The flags that this server forces cannot be read any more.")
            mend = say("Tell its admins: /server flags forced sets others.")
            raise PromptError((Problem(what, mend),)) from error
        return Layers(
            default=_or_nothing(self.house.default_flags),
            suffix=self._personal,
            forced=forced,
        )

    @property
    def _personal(self) -> Prompt:
        """The person's settings, and over them what they typed as their suffix."""
        suffix = _or_nothing(self.preferences.suffix)
        return replace(suffix, flags=over(self.preferences.flags, suffix.flags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a line asks for. `links` has, for each request, where the picture is that it starts
    from; "" for one that was given beside the line, or none. `replaced`: typed flags that the
    server's took the place of. `cost_ms` is the GPU time that all of it is expected to take, in
    milliseconds."""

    requests: tuple[Request, ...]
    links: tuple[str, ...]
    replaced: tuple[Replaced, ...] = ()
    cost_ms: int = 0

    @property
    def pictures(self) -> int:
        return sum(request.count for request in self.requests)


class Reading:
    """Reads lines by the customs that bear on them."""

    def __init__(self, catalogue: Catalogue, limits: Limits, rng: random.Random) -> None:
        self.catalogue = catalogue
        self._limits = limits
        self._rng = rng

    def read(
        self,
        line: str,
        customs: Customs,
        *,
        model: str | None = None,
        picture: bool = False,
    ) -> Order:
        """`model` is the command's own option. `picture`: one to start from is given beside the
        line. Raises PromptError listing what is wrong, RefusedError for too many jobs."""
        try:
            return self._read(line, customs, model, picture)
        except PromptError as error:
            if error.mended is None:
                raise
            # What the line as it was meant is refused for would else be told only after the mend.
            try:
                self._read(error.mended, customs, model, picture)
            except PromptError as more:
                raise _both(error, more.problems, more.mended) from error
            except RefusedError as more:
                raise _both(error, (Problem(more.sentence),)) from error
            raise

    def _read(self, line: str, customs: Customs, model: str | None, picture: bool) -> Order:
        number = count(line)
        check_number(number, customs.most)
        problems = _Problems()
        typed: list[tuple[str, Prompt]] = []
        for one in expand(line):
            with problems.gathered():
                typed.append((one, self._parsed(one, customs, model, picture)))
        problems.check(line, alone=number == 1)
        check_number(sum(prompt.flags.get("repeat", 1) for _, prompt in typed), customs.most)
        requests: list[Request] = []
        links: list[str] = []
        replaced: dict[Replaced, None] = {}
        for one, prompt in typed:
            with problems.gathered():
                merged, by_force = merge(
                    prompt, customs.layers, model_chosen=model is not None, picture=picture
                )
                link = _only_link(merged, picture, one)
                first = self._composed(merged, prompt, customs, model, picture, one)
                times: int = prompt.flags.get("repeat", 1)
                requests += [self._again(first, number) for number in range(times)]
                links += [link] * times
                replaced.update(dict.fromkeys(by_force))
        problems.check(line, alone=number == 1)
        return Order(requests=tuple(requests), links=tuple(links), replaced=tuple(replaced))

    def _parsed(self, line: str, customs: Customs, model: str | None, picture: bool) -> Prompt:
        options = customs.preferences.options
        try:
            return parse(line, text_needed=not picture, options=options)
        except PromptError as error:
            if error.mended is not None or error.understood is None:
                raise
            # What could be read may be refused as well. A picture is taken for granted: a link to
            # one may be what could not be read.
            try:
                self.compose(error.understood, customs, model=model, picture=True, typed=line)
            except PromptError as more:
                raise _both(error, more.problems) from error
            raise

    def _composed(
        self,
        prompt: Prompt,
        typed: Prompt,
        customs: Customs,
        model: str | None,
        picture: bool,
        line: str,
    ) -> Request:
        try:
            return self.compose(prompt, customs, model=model, picture=picture, typed=line)
        except PromptError as error:
            found = error
        # Where what was typed is wrong by itself, that is told, with its mend.
        self.compose(typed, customs, model=model, picture=picture, typed=line)
        raise _with_added(found, typed, prompt)

    def compose(
        self,
        prompt: Prompt,
        customs: Customs,
        *,
        model: str | None = None,
        picture: bool = False,
        typed: str = "",
    ) -> Request:
        """One request of a prompt that has all its flags. Raises PromptError."""
        return compose(
            prompt,
            self.catalogue,
            self._limits,
            self._rng,
            model=model,
            typed=typed,
            house=customs.style,
            styles=customs.styles,
            picture=picture or bool(prompt.images) or "init" in prompt.flags,
        )

    def _again(self, request: Request, number: int) -> Request:
        """The same for the `number`th time, from 0, from other noise."""
        if number == 0:
            return request
        seed = self._rng.randint(0, MAX_SEED)
        if request.seed_typed:
            seed = (request.seed + number) % (MAX_SEED + 1)
        return replace(request, seed=seed)


class Orders(Reading):
    """The same, knowing what each member prefers and what each server adds."""

    def __init__(
        self,
        catalogue: Catalogue,
        limits: Limits,
        rng: random.Random,
        book: Rulebook,
        wishes: Wishes,
    ) -> None:
        super().__init__(catalogue, limits, rng)
        self.book = book
        self.wishes = wishes

    async def customs(self, actor: Actor) -> Customs:
        """Raises BannedError for whom the admins of the actor's server shut out."""
        rules = await self.book.rules(actor.server_id)
        person = actor.owner.id
        preferences = Preferences()
        # Whoever has the shell is nobody in particular.
        if person:
            preferences = await self.wishes.of(person)
        bears = rules.for_member(person, actor.role_ids, actor.channel_id)
        if bears.banned:
            raise BannedError
        mine = allowance(bears.lines)
        return Customs(
            preferences=self._usable(preferences, mine),
            house=rules.house,
            styles={style.name: style for style in rules.styles},
            most=min(mine.max_batch or USUAL_MOST, MOST_IN_A_SET),
            max_megapixels=mine.max_megapixels,
        )

    def _usable(self, preferences: Preferences, mine: Allowance) -> Preferences:
        """Without a model that is not offered any more, and a lane that is not allowed here: nobody
        asked for them in this line. Who prefers to be private is never made public."""
        model, lane = preferences.model, preferences.lane
        kept = self.catalogue.find(model) if model is not None else None
        if model is not None and (kept is None or kept.paints):
            preferences = replace(preferences, model=None)
        if lane is not None and mine.lanes is not None and lane not in mine.lanes:
            preferences = replace(preferences, lane=None)
        return preferences


class _Problems:
    """What is wrong with any of a line's readings, each thing once."""

    def __init__(self) -> None:
        self._found: dict[str, Problem] = {}
        self._mended: str | None = None

    @contextmanager
    def gathered(self) -> Generator[None]:
        try:
            yield
        except PromptError as error:
            self._found.update({problem.sentence: problem for problem in error.problems})
            self._mended = error.mended

    def check(self, line: str, *, alone: bool) -> None:
        """Raises PromptError if anything was wrong. Of several readings no mend is certain."""
        if self._found:
            listed = tuple(self._found.values())[:MAX_PROBLEMS]
            raise PromptError(listed, typed=line, mended=self._mended if alone else None)


def _both(error: PromptError, more: tuple[Problem, ...], mended: str | None = None) -> PromptError:
    """The error with what else is wrong."""
    problems = {one.sentence: one for one in (*error.problems, *more)}
    listed = tuple(problems.values())[:MAX_PROBLEMS]
    return PromptError(listed, typed=error.typed, mended=mended)


def _with_added(error: PromptError, typed: Prompt, prompt: Prompt) -> PromptError:
    """The error, and what was not typed but counted, without which nobody could see why."""
    added = [
        BY_SPELLING[name].spell(value)
        for name, value in prompt.flags.items()
        if typed.flags.get(name) != value
    ]
    if not added:
        return error
    what = say("Beside what you typed, this counts: {flags}.", flags=" ".join(added))
    mend = say("It comes from your settings, your suffix or this server.")
    return PromptError((*error.problems, Problem(what, mend)), typed=error.typed)


def check_number(number: int, most: int) -> None:
    """Raises RefusedError."""
    if number > most:
        raise RefusedError(
            say(
                "That makes {count} jobs at once; your limit here is {limit}.",
                count=f"{number:,}",
                limit=most,
            )
        )


def _only_link(prompt: Prompt, picture: bool, line: str) -> str:
    """Raises PromptError where several pictures are named."""
    links = list(prompt.images)
    if "init" in prompt.flags:
        links.append(prompt.flags["init"])
    if len(links) + picture > 1:
        what = say(
            "That names {count} pictures to start from, and a grid starts from one.",
            count=len(links) + picture,
        )
        raise PromptError((Problem(what, say("Leave out the others.")),), typed=line)
    return links[0] if links else ""


def check_room(waiting: int, more: int, limit: int | None) -> None:
    """Raises QueueFullError where a set finds no room."""
    if limit is not None and waiting + more > limit:
        raise QueueFullError(
            say(
                "You have {jobs} waiting or running, these are {more} more, and the limit "
                "here is {limit}; none of them was begun. Ask for fewer, or wait.",
                jobs=told_jobs(waiting),
                more=more,
                limit=limit,
            )
        )


def over_all(requests: Sequence[Request], cost_ms: int, error: QuotaError) -> QuotaError:
    """The refusal of a whole set, of which one job had no room."""
    return QuotaError(
        say(
            "These {count} jobs need {pictures} and {time}, more than you have left here; none of "
            "them was begun. /usage shows what is left.",
            count=len(requests),
            pictures=told(Unit.PICTURES, sum(request.count for request in requests)),
            time=told(Unit.GPU_SECONDS, cost_ms),
        ),
        renews_at=error.renews_at,
    )


def _or_nothing(text: str) -> Prompt:
    try:
        return read_flags(text)
    except PromptError:
        return NOTHING
