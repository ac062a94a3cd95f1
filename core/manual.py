"""The manual: every flag by what it is about, and what else a prompt may hold.

/help and docs/prompting.md are both made of this, so that neither can tell of a flag that is not
there, nor leave one out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.actions import Action
from core.adapters import Adapter
from core.flags import SUBJECTS
from core.models import LORA, Catalogue
from core.row import Flag
from core.sentences import Sentence, frame, say, together
from core.upscalers import NEED as UPSCALER


@dataclass(frozen=True, slots=True)
class Page:
    title: Sentence
    text: Sentence


SYNTAX: Sequence[tuple[str, Sentence]] = (
    ("a red boat --ar 3:2", say("Words first, flags after them.")),
    ("a cat:: a hat::2", say("Parts with weights: the hat counts twice.")),
    (
        "a (red:1.3) boat",
        say("Emphasis: that word counts 1.3 times, (red) more, [red] less."),
    ),
    ("a {red, blue} boat", say("One job for each, asked for together; braces may nest.")),
    (r"a \{boat\}", say("Braces that are only letters.")),
    ("https://… a boat", say("A picture to start from, where this server takes links.")),
)


BUTTONS: Mapping[Action, Sentence] = {
    Action.UPSCALE: say("Posts one picture of a grid on its own, at once and free."),
    Action.VARY: say(
        "Makes a grid of variations of that picture, as far from it as /settings says."
    ),
    Action.REROLL: say("Makes the same once more, from another seed."),
    Action.CANCEL: say("Stops a job while it waits or runs; what was not computed is refunded."),
    Action.VARY_SUBTLE: say("Makes a grid of variations that stay near to the picture."),
    Action.VARY_STRONG: say("Makes a grid of variations that go far from the picture."),
    Action.ENLARGE_SUBTLE: say("Doubles both sides of the picture and keeps what is in it."),
    Action.ENLARGE_CREATIVE: say("Doubles both sides of the picture and invents detail."),
    Action.REGION: say(
        "Paints a part of the picture anew: numbered cells, a part named in words, or a mask."
    ),
    Action.ZOOM: say("Shrinks the picture and paints around it; the size stays."),
    Action.SQUARE: say("Paints on at the short sides until the picture is square."),
    Action.PAN: say("Paints on at one side; the picture grows by half."),
    Action.ENHANCE: say("Makes a draft whole: all steps, full size."),
    Action.LIKE: say("Likes the picture, or takes that back. Each member has their own likes."),
    Action.REMIX: say("Opens the prompt, and makes what it has become."),
    Action.PUBLISH: say("Hangs your picture up in a showcase of this server, where it has one."),
}
"""What the buttons under pictures do."""

MENU: Mapping[str, Sentence] = {
    "Job details": say("Tells all about the picture, and draws what it was made from and into."),
    "Remix this prompt": say("Opens the prompt of the picture, and makes what it has become."),
    "DM results": say("Sends you the originals, with their seeds, as direct messages."),
    "Report": say("Tells the admins of the server what is wrong with the picture."),
    "Delete": say("Cancels a job that waits or runs; deletes the pictures of one that is done."),
}
"""What stands under Apps in the menu of a message, by name."""

REACTIONS: Mapping[str, Sentence] = {
    "✉️": say("Sends you the originals, with their seeds, as direct messages."),
    "❌": say("Cancels a job that waits or runs; deletes the pictures of one that is done."),
    "⭐": say("Likes all pictures of the message, until the star is taken back."),
}
"""What a reaction below a picture does; others of its look do the same."""


def pages(catalogue: Catalogue, commands: Sequence[Sentence]) -> list[Page]:
    """The pages of /help: what there is to know first, then the flags. `commands` are told on the
    first page; `catalogue` says which flags no model here can follow."""
    first = together(
        [
            say("**/imagine** makes pictures from words: `/imagine a lighthouse at dusk --ar 3:2`"),
            say(
                "Under a grid, **U1**…**U4** post one picture, **V1**…**V4** make variations of "
                "one, 🔄 makes the grid again, and **Cancel** stops a job while it waits or runs."
            ),
            say("Dashes of any length will do; a mistake costs nothing and comes with its mend."),
            *(frame("`{example}` {meaning}", example=e, meaning=m) for e, m in SYNTAX),
            *commands,
        ],
        "\n",
    )
    found = [Page(say("First steps"), first)]
    for title, flags in SUBJECTS.items():
        rows = [frame("**{title}**", title=title), *(_row(flag, catalogue) for flag in flags)]
        found.append(Page(title, together(rows, "\n")))
    return found


def usage(flag: Flag) -> Sentence:
    """How it is typed, shorter spellings too: `--chaos 0–100`, `--c`."""
    typed = (flag.usage, *(f"--{alias}" for alias in flag.aliases))
    return together((frame("`{typed}`", typed=each) for each in typed), ", ")


def of_flag(flag: Flag, catalogue: Catalogue) -> Sentence:
    """All that there is to say of one flag."""
    return _row(flag, catalogue, most=_MOST)


_FEW, _MOST = 5, 25
"""Names that are listed among all flags, and where it is about them alone."""


def _row(flag: Flag, catalogue: Catalogue, *, most: int = _FEW) -> Sentence:
    row = frame("{usage} · {help}", usage=usage(flag), help=flag.help)
    if not flag.needs:
        return row
    able = [model.name for model in catalogue.offered if flag.needs in model.honours]
    who = say("No model here can.")
    if able:
        who = say("Models that can: {models}.", models=", ".join(able))
    there = _there(flag, catalogue)
    if not there:
        return together([row, who])
    rest = len(there) - most
    more = [say("and {count} more", count=rest)] if rest > 0 else []
    return together(
        [row, say("There are: {adapters}.", adapters=together([*there[:most], *more], ", "))]
    )


def _there(flag: Flag, catalogue: Catalogue) -> list[str]:
    """What it may name, where operators say which there are."""
    if flag.name == LORA:
        return [_adapter(one, catalogue) for one in catalogue.adapters]
    if flag.needs == UPSCALER:
        return [f"`{one.name}`" for one in catalogue.upscalers]
    return []


def _adapter(adapter: Adapter, catalogue: Catalogue) -> Sentence:
    name = f"`{adapter.name}`"
    models = ", ".join(one.name for one in catalogue.offered if one.adapter(adapter.name))
    if not models:
        return say("{adapter} for no model here", adapter=name)
    if not adapter.words:
        return say("{adapter} for {models}", adapter=name, models=models)
    words = ", ".join(f"“{word}”" for word in adapter.words)
    return say("{adapter} for {models}, knows {words}", adapter=name, models=models, words=words)
