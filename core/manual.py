"""The manual: every flag by what it is about, and what else a prompt may hold.

/help and docs/prompting.md are both made of this, so that neither can tell of a flag that is not
there, nor leave one out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.flags import SUBJECTS
from core.models import Catalogue
from core.row import Flag
from core.sentences import Sentence, frame, say, together


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


def _row(flag: Flag, catalogue: Catalogue) -> Sentence:
    row = frame("{usage} · {help}", usage=usage(flag), help=flag.help)
    if not flag.needs:
        return row
    able = [model.name for model in catalogue if flag.needs in model.honours]
    who = say("No model here can.")
    if able:
        who = say("Models that can: {models}.", models=", ".join(able))
    return together([row, who])
