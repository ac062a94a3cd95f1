"""What of a prompt the chosen model, the server or the installation cannot do, and the mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from core.adapters import MOST, Adapter
from core.errors import ModelNotFoundError, Problem, PromptError
from core.flags import BY_SPELLING
from core.legacy import OLD_STYLES
from core.models import LORA, Catalogue, Model
from core.prompt import Prompt
from core.rendering import STYLIZE, spell, usual_steps
from core.request import HouseStyle, Lora
from core.row import Flag
from core.sentences import say
from core.values import WeightedName
from core.words import LIMIT

DRAFT_SCALE = 0.75
"""A draft's sides, as a share of the model's own size."""

LONGEST_RATIO = 14
"""One side is at most so many times the other."""

_VERSION = re.compile(r"v?(?P<number>\d{1,3}(?:\.\d{1,2})?)", re.IGNORECASE)


class Check:
    """Gathers everything that is wrong with one prompt, and the line as it should have been."""

    def __init__(self, prompt: Prompt, typed: str) -> None:
        self._prompt = prompt
        self._flags = prompt.flags
        self._typed = typed
        self._mended = dict(prompt.flags)
        self._problems: list[Problem] = []
        self._certain = True

    def finish(self) -> None:
        """Raises PromptError if anything was wrong."""
        if self._problems:
            mended = spell(replace(self._prompt, flags=self._mended))
            sure = self._certain and len(mended) <= LIMIT
            problems = tuple(self._problems)
            raise PromptError(problems, typed=self._typed, mended=mended if sure else None)

    def _wrong(self, what: str, mend: str = "", changes: Mapping[str, Any] | None = None) -> None:
        """`changes` are the flags that mend it, None for one that goes; without them nobody knows
        what was meant."""
        self._problems.append(Problem(what, mend))
        if changes is None:
            self._certain = False
        for name, value in (changes or {}).items():
            if value is None:
                self._mended.pop(name, None)
            else:
                self._mended[name] = value

    # The model

    def model(self, catalogue: Catalogue, option: str | None) -> Model:
        """The model that was asked for, or the usual one where that is the mend.

        Raises PromptError where nobody knows which was meant.
        """
        usual = option or catalogue.default.name
        typed: str = self._flags.get("model", "")
        number = _VERSION.fullmatch(typed)
        if "niji" in self._flags:
            version: str = self._flags["niji"]
            typed = f"niji {version}".rstrip()
            spellings = (f"niji{version}", f"niji-{version}") if version else catalogue.like("niji")
        elif number is not None:
            spellings = (number["number"], f"v{number['number']}")
        else:
            return self._drawing(catalogue, self._get(catalogue, typed or usual))
        found = next(filter(None, map(catalogue.find, spellings)), None)
        if found is None:
            found = self._get(catalogue, usual)
            what = say(
                "Version {version} is not among the models here: {models}.",
                version=typed,
                models=", ".join(model.name for model in catalogue.offered),
            )
            mend = say("Use --model {model}.", model=found.name)
            self._wrong(what, mend, {"niji": None, "model": found.name})
        return self._drawing(catalogue, found)

    def _drawing(self, catalogue: Catalogue, model: Model) -> Model:
        """The model, or the one that it paints for where it draws nothing from words."""
        try:
            return catalogue.choose(model.name)
        except ModelNotFoundError as error:
            other = catalogue.painted_by(model)[0]
            self._wrong(error.sentence, "", {"niji": None, "model": other.name})
            return other

    def _get(self, catalogue: Catalogue, name: str) -> Model:
        try:
            return catalogue.get(name)
        except ModelNotFoundError as error:
            problems = (*self._problems, Problem(error.sentence))
            raise PromptError(problems, typed=self._typed) from error

    def needs(self, model: Model, catalogue: Catalogue) -> None:
        """Every flag needs a model that can do what it asks for."""
        lacking: dict[str, list[Flag]] = {}
        for flag in map(BY_SPELLING.__getitem__, self._flags):
            # Adapters have names, and each its own models: `loras` says more.
            if not model.can(flag) and not (flag.name == LORA and catalogue.adapters):
                lacking.setdefault(flag.needs or flag.name, []).append(flag)
        for those in lacking.values():
            flags = ", ".join(f"--{flag.name}" for flag in those)
            able = [one.name for one in catalogue.offered if all(map(one.can, those))]
            if able:
                self._wrong(
                    say("{model} cannot do {flags}.", model=model.name, flags=flags),
                    say("Of the models here, {models} can.", models=", ".join(able)),
                    {"niji": None, "model": able[0]} if len(able) == 1 else None,
                )
            else:
                self._wrong(
                    say("No model here can do {flags}.", flags=flags),
                    say("Leave {flags} out.", flags=flags),
                    dict.fromkeys(flag.name for flag in those),
                )

    def upscaler(self, catalogue: Catalogue) -> str:
        """The name of the one that was asked for, as the operator writes it; "" for none."""
        typed: str = self._flags.get("upscaler", "")
        found = catalogue.upscaler(typed)
        # Where there are none, no model can do it, which has been said.
        if found is not None or not typed or not catalogue.upscalers:
            return found.name if found is not None else ""
        what = say("There is no upscaler called “{name}” here.", name=typed)
        names = {one.name.lower(): one.name for one in catalogue.upscalers}
        near = get_close_matches(typed.lower(), names, n=1)
        if near:
            name = names[near[0]]
            mend = say("The nearest is --upscaler {name}.", name=name)
            self._wrong(what, mend, {"upscaler": name})
        else:
            every = ", ".join(names.values())
            self._wrong(what, say("The upscalers are {names}.", names=every))
        return ""

    def loras(self, model: Model, catalogue: Catalogue) -> tuple[Lora, ...]:
        """The adapters, spelt as the operator spells them; each at its own weight where none was
        typed."""
        typed: tuple[WeightedName, ...] = self._flags.get(LORA, ())
        if not typed or not catalogue.adapters:
            return ()
        known = {one.name.lower(): one for one in catalogue.adapters}
        weights: dict[str, WeightedName] = {}
        for name, weight in typed:
            if name.lower() in weights:
                self._wrong(
                    say("--lora names “{adapter}” twice.", adapter=name), say("Name it once.")
                )
            weights[name.lower()] = (name, weight)
        for lower, (name, weight) in list(weights.items()):
            if lower not in known:
                weights[lower] = (self._unknown_lora(name, known) or name, weight)
        found = [known[name] for name in weights if name in known]
        for adapter in found:
            if model.adapter(adapter.name) is None:
                self._unfit_lora(adapter, found, model, catalogue)
        if len(weights) > MOST:
            self._wrong(
                say("A picture takes {most} adapters at most.", most=MOST), say("Leave some out.")
            )
        self._mended |= {LORA: tuple(weights.values())} if LORA in self._mended else {}
        return tuple(
            Lora(
                one.name, one.weight if (weight := weights[one.name.lower()][1]) is None else weight
            )
            for one in found
        )

    def _unknown_lora(self, typed: str, known: Mapping[str, Adapter]) -> str | None:
        """The one that was meant, where that is certain."""
        near = [known[one].name for one in get_close_matches(typed.lower(), known, n=3)]
        names = ", ".join(near or sorted(one.name for one in known.values()))
        self._wrong(
            say("There is no adapter called “{adapter}” here.", adapter=typed),
            say("The nearest: {adapters}.", adapters=names)
            if near
            else say("There are: {adapters}.", adapters=names),
            {} if len(near) == 1 else None,
        )
        return near[0] if len(near) == 1 else None

    def _unfit_lora(
        self, adapter: Adapter, all_of_them: list[Adapter], model: Model, catalogue: Catalogue
    ) -> None:
        what = say(
            "{model} cannot use the adapter “{adapter}”.", model=model.name, adapter=adapter.name
        )
        able = [one for one in catalogue.offered if one.adapter(adapter.name)]
        if not able:
            self._wrong(what, say("No model here can; leave it out."))
            return
        whole = [one.name for one in able if all(one.adapter(each.name) for each in all_of_them)]
        self._wrong(
            what,
            say("Of the models here, {models} can.", models=", ".join(one.name for one in able)),
            {"niji": None, "model": whole[0]} if len(whole) == 1 else None,
        )

    # The picture to start from

    def start(self, picture: bool) -> None:
        links = bool(self._prompt.images) or "init" in self._flags
        names = [name for name in ("iw", "strength") if name in self._flags]
        if picture:
            return
        if links:
            self._wrong(
                say("Links to pictures are not followed here."),
                say("Send the picture with the command."),
            )
        elif names:
            self._wrong(
                say("--{flag} needs a picture to start from.", flag=names[0]),
                say("Send one with the command, or leave --{flag} out.", flag=names[0]),
            )

    # The size

    def size(self, model: Model, draft: bool) -> tuple[int, int]:
        """Width and height in pixels, before `hires`."""
        flags = self._flags
        own = model.native_size
        if "size" in flags:
            width, height = flags["size"]
        elif "width" in flags or "height" in flags:
            width, height = flags.get("width", own), flags.get("height", own)
        else:
            return model.size(flags.get("ar", (1, 1)), scale=DRAFT_SCALE if draft else 1.0)
        step, least = model.size_step, model.shortest_side
        nearest = tuple(max(least, round(side / step) * step) for side in (width, height))
        if nearest != (width, height):
            self._wrong(
                say(
                    "{model} draws sides of {least} pixels or more in steps of {step}, "
                    "not {width}×{height}.",
                    model=model.name,
                    least=least,
                    step=step,
                    width=width,
                    height=height,
                ),
                say("The nearest is --size {width}x{height}.", width=nearest[0], height=nearest[1]),
                {"width": None, "height": None, "size": nearest},
            )
        if max(nearest) > LONGEST_RATIO * min(nearest):
            self._wrong(
                say("{width}×{height} is longer than 14:1.", width=nearest[0], height=nearest[1]),
                say("Choose sides that are nearer to each other."),
            )
        return nearest[0], nearest[1]

    def area(
        self, first: tuple[int, int], finished: tuple[int, int], most: float, *, draft: bool
    ) -> None:
        """The finished picture must keep to the limit, in megapixels; `first` is its size before a
        second stage."""
        area = finished[0] * finished[1] / 1e6
        if area <= most:
            return
        what = say(
            "{width}×{height} is {area} megapixels; the limit here is {most}.",
            width=finished[0],
            height=finished[1],
            area=f"{area:.1f}",
            most=f"{most:g}",
        )
        stage = next((name for name in ("hd", "hires") if name in self._flags), None)
        if stage is not None and first[0] * first[1] / 1e6 <= most:
            self._wrong(what, say("Leave --{flag} out.", flag=stage), {stage: None})
        elif draft:
            self._wrong(what, say("Choose a smaller model."))
        else:
            self._wrong(what, say("Add --draft or choose a smaller model."))

    # Steps and style

    def steps(self, model: Model, draft: bool) -> int:
        steps: int | None = self._flags.get("steps")
        if steps is None:
            return usual_steps(model, draft, self._flags.get("quality", 1.0))
        nearest = min(max(steps, model.min_steps), model.max_steps)
        if steps != nearest:
            self._wrong(
                say(
                    "{model} takes {least} to {most} steps, not {steps}.",
                    model=model.name,
                    least=model.min_steps,
                    most=model.max_steps,
                    steps=steps,
                ),
                say("The nearest is --steps {steps}.", steps=nearest),
                {"steps": nearest},
            )
        return nearest

    def style(
        self, model: Model, house: HouseStyle | None, styles: Mapping[str, HouseStyle]
    ) -> tuple[HouseStyle | None, int]:
        """The look and its weight: none of either, unless somebody wants one."""
        weight: int = self._flags.get("stylize", STYLIZE)
        name: str | None = self._flags.get("style")
        look = house if name is None else self._saved_style(name, styles)
        if look is None and name is None and self._flags.get("stylize"):
            if model.house_style:
                look = HouseStyle(text=model.house_style)
            elif "raw" not in self._flags:
                self._wrong(
                    say("{model} has no house style for --stylize to weigh.", model=model.name),
                    say("Leave --stylize out."),
                    {"stylize": None},
                )
        if "raw" in self._flags or not weight or look is None:
            return None, 0
        return look, weight

    def _saved_style(self, name: str, styles: Mapping[str, HouseStyle]) -> HouseStyle | None:
        spelt = {one.lower(): one for one in styles}
        if name.lower() in spelt:
            exact = spelt[name.lower()]
            return replace(styles[exact], name=exact)
        what = say("There is no style called “{style}” here.", style=name)
        near = get_close_matches(name.lower(), spelt, n=1)
        if near:
            mend = say("The nearest is --style {style}.", style=spelt[near[0]])
            self._wrong(what, mend, {"style": spelt[near[0]]})
        elif name.lower() in OLD_STYLES:
            self._wrong(what, OLD_STYLES[name.lower()])
        elif styles:
            self._wrong(what, say("The styles are {styles}.", styles=", ".join(sorted(styles))))
        else:
            self._wrong(what, say("None is saved on this server; leave it out."), {"style": None})
        return None
