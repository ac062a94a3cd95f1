"""/settings: what counts in all of one's prompts, as a private panel; what is active is green.

As with all buttons, an id says what it does, and what counts is read anew at each press.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.render import escape, mode_of
from core.actions import ButtonError
from core.allowance import Allowance
from core.models import Catalogue, Model
from core.preferences import Preferences, Variability
from core.request import Lane, Request, Visibility
from core.sentences import in_language, say, together

FORMAT = "g1"
PATTERN = r"g\d+:.{1,95}"
SELECT_PATTERN = r"G\d+:.{1,95}"
MODEL_ID = "G1:model"
USUAL = "-"
"""In the place of a model's name: the one that the server has. No name begins like that."""

MOST_MODELS = 24
"""Discord shows 25 in a menu, and one is the usual."""

STYLIZE = {
    50: say("Stylize low"),
    100: say("Stylize med"),
    250: say("Stylize high"),
    750: say("Stylize very high"),
}
VARIABILITY = {Variability.HIGH: say("High variation"), Variability.LOW: say("Low variation")}
LANES = {Lane.TURBO: say("Turbo"), Lane.FAST: say("Fast"), Lane.RELAX: say("Relax")}
VISIBILITY = {Visibility.PUBLIC: say("Public"), Visibility.STEALTH: say("Stealth")}

ON, OFF = discord.ButtonStyle.success, discord.ButtonStyle.secondary


@dataclass(frozen=True, slots=True)
class Turn:
    """A button of the panel: `what` is set to `value`."""

    what: str
    value: str = ""

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.what}:{self.value}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Turn:
        """Raises ButtonError."""
        found = re.fullmatch(rf"{FORMAT}:([a-z_]+):([a-z0-9]*)", custom_id)
        if found is None:
            raise ButtonError
        return cls(found[1], found[2])


def changed(kept: Preferences, turn: Turn) -> dict[str, Any]:
    """The settings that a press changes: what is active is taken back, to the usual. Raises
    ButtonError."""
    try:
        match turn.what:
            case "stylize":
                value: Any = int(turn.value)
            case "variability":
                return {"variability": Variability(turn.value)}
            case "lane":
                value = Lane(turn.value)
            case "visibility":
                value = Visibility(turn.value)
            case "remix" | "auto_dm" | "showcased":
                return {turn.what: not getattr(kept, turn.what)}
            case _:
                raise ButtonError
    except ValueError as error:
        raise ButtonError from error
    return {turn.what: None if getattr(kept, turn.what) == value else value}


def panel(
    kept: Preferences,
    usual: Request | None,
    may: Allowance,
    catalogue: Catalogue,
    locale: str,
    note: str = "",
) -> tuple[str, discord.ui.View]:
    """The panel's text and its controls. `usual` is what a prompt gets as it is, None where no
    prompt can be read; `note` is a sentence on what was just done."""
    rows: list[str] = [note] if note else []
    rows.append(say("**Your settings** · they count in all of your prompts, on every server"))
    if usual is not None:
        hidden = usual.visibility is Visibility.STEALTH
        rows.append(
            say(
                "Your prompts here: model {model} · lane: {lane} · visibility: {visibility}",
                model=f"`{usual.model}`",
                lane=mode_of(usual.lane),
                visibility=say("stealth") if hidden else say("public"),
            )
        )
    suffix = escape(kept.suffix, 900)
    rows.append(say("Suffix: {flags}", flags=suffix) if suffix else say("No suffix is set."))
    if kept.options:
        rows.append(say("Saved options: {count}", count=len(kept.options)))
    view = discord.ui.View(timeout=None)
    view.add_item(_models(kept, catalogue, locale))
    # What is not set is shown as it is anyway.
    lane = kept.lane or (usual.lane if usual is not None else None)
    sight = kept.visibility or (usual.visibility if usual is not None else None)
    lanes = [one for one in LANES if may.lanes is None or one in may.lanes]
    sights = [one for one in VISIBILITY if one is Visibility.PUBLIC or may.private is not False]
    rows_of_buttons: Sequence[Sequence[tuple[Turn, str, bool]]] = (
        [
            (Turn("stylize", str(value)), words, kept.stylize == value)
            for value, words in STYLIZE.items()
        ],
        [
            *(
                (Turn("variability", one.value), words, kept.variability is one)
                for one, words in VARIABILITY.items()
            ),
            (Turn("remix"), say("Remix mode"), kept.remix),
            (Turn("auto_dm"), say("DM results"), kept.auto_dm),
            (Turn("showcased"), say("In showcases"), kept.showcased),
        ],
        [
            *((Turn("lane", one.value), LANES[one], lane is one) for one in lanes),
            *((Turn("visibility", one.value), VISIBILITY[one], sight is one) for one in sights),
        ],
        [(Turn("suffix"), say("Suffix"), bool(suffix)), (Turn("reset"), say("Reset"), False)],
    )
    for row, buttons in enumerate(rows_of_buttons, 1):
        for turn, words, active in buttons:
            button: discord.ui.Button[Any] = discord.ui.Button(
                style=ON if active else OFF,
                label=in_language(words, locale),
                custom_id=turn.custom_id,
                row=row,
            )
            view.add_item(button)
    view.stop()
    return together(rows, "\n"), view


def _models(kept: Preferences, catalogue: Catalogue, locale: str) -> discord.ui.Select[Any]:
    usual = in_language(say("The usual model of each server"), locale)
    options = [
        discord.SelectOption(label=usual, value=USUAL, default=kept.model is None),
        *(_option(model, kept) for model in _offered(kept, catalogue)),
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=MODEL_ID,
        placeholder=in_language(say("Model"), locale),
        options=options,
        row=0,
    )
    return select


def _offered(kept: Preferences, catalogue: Catalogue) -> list[Model]:
    """The models that fit; the chosen one among them."""
    models = list(catalogue.offered)
    models.sort(key=lambda model: model.name != kept.model)
    return models[:MOST_MODELS]


def _option(model: Model, kept: Preferences) -> discord.SelectOption:
    return discord.SelectOption(
        label=model.name[:100],
        value=model.name[:100],
        description=model.title[:100] or None,
        default=model.name == kept.model,
    )
