"""From a press of a button to the request it asks for: who may press, and with which words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.actions import CUSTOM, Action, Button
from core.album import check_seen, check_there
from core.compose import Limits
from core.derive import Means, derive
from core.errors import PromptError, RefusedError
from core.forms import Form, FormKind
from core.jobs import Actor, Image, Job, Parent
from core.merge import NOTHING, Replaced, merge
from core.models import Catalogue
from core.orders import Customs, Orders
from core.permutations import count
from core.ports import JobStore
from core.prompt import Prompt, parse
from core.regions import read_region
from core.rendering import render, spell
from core.request import Kind, Lane, Request, Visibility
from core.sentences import say

_FROM_WORDS = frozenset({Kind.IMAGINE, Kind.REROLL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What is asked for. `images` are stored pictures that are only shown. `replaced`: typed flags
    that the server's took the place of."""

    request: Request
    parent: Parent
    images: tuple[Image, ...] = ()
    replaced: tuple[Replaced, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edited:
    """What the prompt of a form asks for, and what of it is for the button itself."""

    request: Request | None = None
    zoom: float | None = None
    aspect: tuple[int, int] | None = None
    replaced: tuple[Replaced, ...] = ()


class Presses:
    def __init__(
        self,
        store: JobStore,
        catalogue: Catalogue,
        orders: Orders,
        limits: Limits,
        seed: Callable[[], int],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._orders = orders
        self._limits = limits
        self._seed = seed

    async def read(
        self, button: Button, actor: Actor, form: Form | None = None, mask: str | None = None
    ) -> Press:
        """`mask` is the key of the form's mask, once it is stored. Raises RefusedError,
        PromptError for the prompt of a form, NotFoundError."""
        form = form or Form()
        job, image = await self._pressed(button, actor)
        _check_asked(button, form)
        parent = Parent(job.id, button.index)
        if button.action is Action.UPSCALE and image is not None:
            return Press(
                request=job.request.upscale(image.blob, image.number - 1),
                parent=parent,
                images=(image,),
            )
        customs = await self._orders.customs(actor)
        edited = self._edited(button, job.request, form, customs)
        model = self._catalogue.choose((edited.request or job.request).model)
        means = Means(
            model=model,
            painter=self._catalogue.painter_of(model),
            most=min(self._limits.max_megapixels, customs.max_megapixels or math.inf),
            seed=self._seed(),
            vary=customs.preferences.variability.strength,
            edited=edited.request,
            zoom=edited.zoom,
            aspect=edited.aspect,
            parts=read_region(form.region) if form.region.strip() else (),
            mask=mask,
            upscalers=tuple(one.name for one in self._catalogue.upscalers),
        )
        request = derive(job.request, button, image, means)
        if edited.request is None:
            request = _in_modes(request, job, actor, customs)
        self._check_able(request)
        return Press(request=request, parent=parent, replaced=edited.replaced)

    async def prefill(self, button: Button, actor: Actor) -> str:
        """The line that a button's form begins with: what would be made without it."""
        job, _ = await self._pressed(button, actor)
        request = job.request
        customs = await self._orders.customs(actor)
        whole = _whole_again(button, request)
        shown = replace(
            request,
            lane=Lane.FAST,
            count=request.grid_count,
            same_seed=request.same_seed and request.kind in _FROM_WORDS,
            # It was typed for the pictures that are there.
            seed_typed=request.seed_typed and button.action is Action.REMIX,
            kind=Kind.REROLL if whole and request.kind in _FROM_WORDS else Kind.VARIATION,
        )
        if not whole and button.action not in _VARIED:
            zooms = (button.action, button.extra) == (Action.ZOOM, CUSTOM)
            aspect = request.aspect if zooms else (1, 1)
            tile = request.tile and button.action is Action.REGION
            shown = replace(shown, hires=1.0, stop=100, tile=tile, exact_size=False, aspect=aspect)
        model = self._catalogue.get(request.model)
        line = render(shown, model, seed=False, house=customs.style)
        merged, _ = merge(NOTHING, customs.layers)
        if model is self._catalogue.default and not {"model", "niji"} & merged.flags.keys():
            before, _, after = line.rpartition(f"--model {model.name}")
            line = before.rstrip() + after
        if (button.action, button.extra) == (Action.ZOOM, CUSTOM):
            line += " --zoom 2"
        return line

    async def wants(self, button: Button, actor: Actor) -> FormKind:
        """The form that a button opens for this person."""
        preferences = (await self._orders.customs(actor)).preferences
        return button.form(remix=preferences.remix)

    async def _pressed(self, button: Button, actor: Actor) -> tuple[Job, Image | None]:
        """The job and the picture, if the actor may press there."""
        job = await self._store.get(button.job_id)
        check_seen(job, actor)
        check_there(job)
        one = button.action.on_one_picture or (button.action is Action.ENHANCE and button.index)
        return job, await self._store.image(job.id, button.index) if one else None

    def _edited(self, button: Button, was: Request, form: Form, customs: Customs) -> _Edited:
        if form.prompt is None:
            return _Edited()
        line = form.prompt
        try:
            _check_alone(count(line))
            picture = not _whole_again(button, was) or was.source is not None
            options = customs.preferences.options
            prompt = parse(line, text_needed=not picture, options=options)
            _check_flags(button, was, prompt)
            zoom: float | None = None
            if (button.action, button.extra) == (Action.ZOOM, CUSTOM) and "zoom" in prompt.flags:
                flags = dict(prompt.flags)
                zoom = float(flags.pop("zoom"))
                line = spell(replace(prompt, flags=flags))
            order = self._orders.read(line, customs, picture=picture)
        except PromptError as error:
            # Its mend would be a prompt of its own, and not what the button makes.
            raise PromptError(error.problems, typed=form.prompt) from error
        _check_alone(len(order.requests))
        if any(order.links):
            raise RefusedError(say("A link to a picture cannot be added here; use /imagine."))
        return _Edited(
            request=order.requests[0],
            zoom=zoom,
            aspect=_shape(prompt.flags),
            replaced=order.replaced,
        )

    def _check_able(self, request: Request) -> None:
        model = self._catalogue.get(request.model)
        for lora in request.loras:
            if model.adapter(lora.name) is None:
                raise RefusedError(
                    say(
                        "The adapter “{adapter}” is not here for {model} any more; remix the "
                        "prompt and leave --lora out.",
                        adapter=lora.name,
                        model=model.name,
                    )
                )
        painted = request.made_by != request.model
        if request.source is None or painted or model.starts_from_pictures:
            return
        able = [one.name for one in self._catalogue.offered if one.starts_from_pictures]
        raise RefusedError(
            say(
                "The model “{model}” cannot start from a picture, as this button needs it to; "
                "{models} can.",
                model=model.name,
                models=", ".join(able),
            )
        )


_VARIED = frozenset({Action.VARY, Action.VARY_SUBTLE, Action.VARY_STRONG})


def _whole_again(button: Button, was: Request) -> bool:
    """Whether all of it is drawn anew, and not from a picture that Easel made."""
    if button.action is Action.REROLL:
        return was.edit is None and was.kind is not Kind.VARIATION
    return button.action is Action.REMIX


def _in_modes(request: Request, job: Job, actor: Actor, customs: Customs) -> Request:
    """In the lane and the visibility of who pressed. What was asked for by the same person stays in
    its lane, and what is private stays private."""
    typed: dict[str, Any] = {}
    if job.owner.id == actor.owner.id and request.lane is not Lane.FAST:
        typed[request.lane.value] = True
    if request.visibility is Visibility.STEALTH:
        typed[Visibility.STEALTH.value] = True
    merged, _ = merge(Prompt("", (), flags=typed), customs.layers)
    lane = next((lane for lane in Lane if lane in merged.flags), Lane.FAST)
    private = Visibility.STEALTH in merged.flags
    visibility = Visibility.STEALTH if private else Visibility.PUBLIC
    return replace(request, lane=lane, visibility=visibility)


def _check_asked(button: Button, form: Form) -> None:
    """Raises RefusedError for what was filled in and this button could only ignore."""
    if form.prompt is not None and button.form(remix=True) is FormKind.NONE:
        raise RefusedError(say("That button takes no prompt; leave it out."))
    if (form.region.strip() or form.mask is not None) and button.action is not Action.REGION:
        raise RefusedError(say("That button takes no part of a picture; Vary (Region) does."))


def _check_alone(number: int) -> None:
    if number > 1:
        raise RefusedError(
            say(
                "That makes {count} jobs, and a button makes one: leave out the braces and "
                "--repeat.",
                count=number,
            )
        )


def _check_flags(button: Button, was: Request, prompt: Prompt) -> None:
    """Raises RefusedError for typed flags that this button could only ignore."""
    whole = _whole_again(button, was)
    again = button.action is Action.REROLL
    idle = set[str]() if whole else {"iw", "strength"}
    if not whole and button.action not in _VARIED and (not again or was.edit is not None):
        idle |= {"hd", "hires", "stop", "size", "width", "height"}
        idle |= set[str]() if button.action is Action.REGION else {"tile"}
    found = [f"--{name}" for name in prompt.flags if name in idle]
    if found:
        raise RefusedError(
            say("{flags} would change nothing here; leave it out.", flags=", ".join(found))
        )


def _shape(flags: Mapping[str, Any]) -> tuple[int, int] | None:
    """The ratio that a prompt names, None where it names none."""
    if "ar" in flags:
        return flags["ar"]
    if "size" not in flags:
        return None
    width, height = flags["size"]
    common = math.gcd(width, height)
    return width // common, height // common
