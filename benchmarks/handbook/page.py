"""Writes docs/buttons.md: `python -m benchmarks.handbook.page`.

Everything in it is read from where the bot itself has it: the rows of buttons from the views, the
forms from the sheets, the commands from their tree. Its pictures are drawn by
`benchmarks.handbook.pressed` and photographed by `benchmarks.handbook.shots`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.handbook.presses import PRESSES
from bot import region, sheets
from bot.buttons import BUTTONS, JobButton
from bot.commands import COMMANDS
from bot.replies import Interaction
from bot.view_commands import MENUS
from bot.views import EMOJI, View, cancel_view, ended_rows, view_of
from core import manual
from core.actions import CUSTOM, Action, Button
from core.derive import Means, derive
from core.forms import FormKind
from core.jobs import Image, Job, Owner, Place, State
from core.models import PRESETS, Catalogue
from core.regions import cell
from core.request import Kind, Part, Request

PAGE = Path("docs/buttons.md")
PICTURES = "images/buttons"

HEAD = """\
# Buttons, forms and commands

Everything that can be pressed, filled in, typed or reacted with. `/help about:` tells the same of
one of them, in your language; [Members](members.md) and [For admins](admins.md) tell more.

This page is made from the bot's own tables by `python -m benchmarks.handbook.page`. What buttons
make is drawn by Postcard, the small model that comes with Easel, at fixed seeds and without picking
(`python -m benchmarks.handbook.pressed`): on the left what was pressed, on the right what came of
it. The rest are photographs of the sandbox, with the same model
(`python -m benchmarks.handbook.shots`).

Buttons never expire: what one does stands in its id, so it works after a restart and after a year,
and one of another version is answered with a sentence. Anyone may press what is under a public
picture; what it makes is theirs and is charged to them. A double click makes one job.

## Under pictures

*Asks* is what is asked for first; “remix” means the prompt, where remix mode is on (`/prefer
remix`).
"""

FORMS = """\
## Forms

What was typed is kept when it cannot be read. A form that was opened before a restart can be sent
after it.
"""

PANELS = """\
## Other buttons and menus

Most of them stand under answers that only the person who asked sees.
"""

COMMANDS_HEAD = """\
## Commands

Those marked with ᴬ are for whoever may manage the server, or has the role of `/quota admins`.
Options in brackets may be left out.
"""

MENU_HEAD = """\
## The menu of a message

A right click on a message, or a long touch, and then *Apps*.
"""

REACTIONS_HEAD = """\
## Reactions

Under a message of Easel's, however old.
"""

Row = tuple[str, ...]

_MODEL = Catalogue(PRESETS).get("postcard")
_ID = "0" * 20


def text() -> str:
    return "\n".join(
        [
            HEAD,
            _table(("button", "under", "asks", "makes", "", ""), pressed()),
            FORMS,
            _table(("form", "fields", "opened by", ""), forms()),
            PANELS,
            _table(("does", ""), panels()),
            COMMANDS_HEAD,
            _table(("command", "does", ""), commands()),
            MENU_HEAD,
            _table(("entry", "does", ""), menu()),
            REACTIONS_HEAD,
            _table(("reaction", "does", ""), reactions()),
        ]
    )


def pictures() -> list[str]:
    """The names of all pictures of the page."""
    return re.findall(rf"\({PICTURES}/(.+?)\.webp\)", text())


# Under pictures


def kinds() -> Iterator[tuple[Action, str]]:
    """Every button under a picture, with what else its id says."""
    for action in Action:
        yield from ((action, extra) for extra in action.extras or ("",))


def pressed() -> Iterator[Row]:
    for action, extra in kinds():
        button = Button(action, _ID, 1, extra)
        name = EMOJI.get((action, extra)) or f"**{button.label}**"
        if action in (Action.UPSCALE, Action.VARY):
            name = f"**{action}1** … **{action}4**"
        if action is Action.ENHANCE:
            name += ", **E1** … **E4**"
        yield (
            name,
            ", ".join(_stands_under(action, extra)),
            _asks(button),
            _makes(button),
            str(manual.BUTTONS[action]),
            " ".join(
                [_picture(press_name(action, extra), str(button.label)), *_caption(action, extra)]
            ),
        )


def _caption(action: Action, extra: str) -> list[str]:
    return [one.caption for one in PRESSES if (one.action, one.extra) == (action, extra)]


def press_name(action: Action, extra: str) -> str:
    return slug("press", action.name, extra)


def _stands_under(action: Action, extra: str) -> list[str]:
    wanted = (str(action), extra)
    found: list[str] = []
    for words, view in _SAMPLES.items():
        shown = (Button.from_custom_id(item.custom_id) for item in view.children)
        if wanted in {(str(button.action), button.extra) for button in shown}:
            found.append(words)
    if action is Action.PUBLISH:
        # Put there by `bot.signposts`, which asks what the server has.
        found = ["one picture, where the server has a showcase"]
    for short, all_of_it in _IN_SHORT.items():
        if all_of_it <= set(found):
            found = [short, *(words for words in found if words not in all_of_it)]
    return found


def _job(state: State = State.DONE, **changes: Any) -> Job:
    request = replace(_REQUEST, **changes)
    return Job(
        id=_ID,
        interaction_id="",
        owner=Owner(1, ""),
        place=Place(),
        request=request,
        reserve_ms=0,
        created_at=0.0,
        state=state,
    )


def _ended(job: Job) -> View:
    return view_of(ended_rows(job, model=_MODEL))


_REQUEST = Request(
    text="a fox",
    parts=(Part("a fox"),),
    model=_MODEL.name,
    width=192,
    height=128,
    seed=1,
    steps=24,
    guidance=4.0,
    aspect=(3, 2),
)
_SAMPLES: dict[str, Any] = {
    "a job that waits or runs": cancel_view(_job(State.RUNNING)),
    "a grid": _ended(_job()),
    "a draft": _ended(_job(draft=True)),
    "one picture of a grid": _ended(_job(kind=Kind.UPSCALE, count=1)),
    "one picture": _ended(_job(count=1)),
    "one picture of a draft": _ended(_job(kind=Kind.UPSCALE, count=1, draft=True)),
    "a job that was stopped or failed": _ended(_job(State.FAILED)),
}
"""Messages of each kind, with the buttons that the bot itself puts under them."""
_IN_SHORT = {
    "a grid": {"a grid", "a draft"},
    "one picture": {"one picture of a grid", "one picture", "one picture of a draft"},
}


def _asks(button: Button) -> str:
    kind, remixed = button.form(), button.form(remix=True)
    if kind is not FormKind.NONE:
        return {FormKind.REGION: "which part"}.get(kind, "the prompt")
    return "" if remixed is FormKind.NONE else "remix"


def _makes(button: Button) -> str:
    if button.action is Action.UPSCALE:
        return "1 picture, free"
    if not button.action.makes_pictures:
        return "nothing"
    drawn = replace(_REQUEST, draft=button.action is Action.ENHANCE)
    image = Image(job_id=_ID, number=1, blob="a", width=192, height=128, seed=1)
    means = Means(
        model=_MODEL,
        most=4.0,
        seed=1,
        zoom=2.0 if button.extra == CUSTOM else None,
        edited=_REQUEST if button.action is Action.REMIX else None,
        parts=(cell(1),),
    )
    count = derive(drawn, button, image, means).count
    return "1 picture" if count == 1 else f"{count} pictures"


# Forms and panels


def forms() -> Iterator[Row]:
    for name, opened in _FORMS.items():
        modal = modals()[name]
        fields = [str(label.text) for label in modal.children]
        yield (
            f"**{modal.title}**",
            ", ".join(fields),
            opened,
            _picture(slug("form", name), modal.title),
        )


_FORMS = {
    FormKind.REMIX.value: "Remix; every button that asks for “remix”; *Remix this prompt*",
    FormKind.ZOOM.value: "Custom Zoom",
    FormKind.REGION.value: "*In words or with a mask*, below the cells of Vary (Region)",
    "prompt": "a number below `/shorten` and `/describe`",
    "suffix": "*Suffix* in `/settings`",
    "style": "*Save style* below *Job details*, for admins",
    "report": "*Report* in the menu of a message",
}


def modals() -> dict[str, Any]:
    reader = cast("Interaction", SimpleNamespace(locale=SimpleNamespace(value="en-US")))
    zoom = Button(Action.ZOOM, _ID, 1, CUSTOM)
    return {
        "remix": sheets.press_sheet(reader, Button(Action.REMIX, _ID), FormKind.REMIX, ""),
        "zoom": sheets.press_sheet(reader, zoom, FormKind.ZOOM, ""),
        "region": region.region_sheet(reader, Button(Action.REGION, _ID, 1), prompt=""),
        "prompt": sheets.prompt_sheet(reader, ""),
        "suffix": sheets.suffix_sheet(reader, ""),
        "style": sheets.style_sheet(reader, ""),
        "report": sheets.report_sheet(reader, sheets.Report(_ID, 1, 1)),
    }


def panels() -> Iterator[Row]:
    """What is no button under a picture."""
    for kind in BUTTONS:
        if kind is not JobButton:
            words = (kind.__doc__ or "").split("\n\n")[0]
            yield " ".join(words.split()), _picture(panel_name(kind), "")


def panel_name(kind: type[Any]) -> str:
    own = slug("panel", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__))
    return _SEEN_IN.get(own, own)


_SEEN_IN = {
    "panel-cell-menu": "panel-region-button",
    "panel-help-button": "command-help",
    "panel-history-menu": "command-history",
    "panel-panel-button": "command-queue",
    "panel-removal-button": "menu-delete",
    "panel-setting-button": "command-settings",
    "panel-style-button": "menu-job-details",
    "panel-suggestion-button": "command-shorten",
}
"""What is to be seen in the picture of something else."""


# Commands, menus, reactions


def leaves() -> Iterator[Any]:
    """Every command that can be run."""
    for each in COMMANDS:
        yield from _leaves(each)


def _leaves(command: Any) -> Iterator[Any]:
    children = getattr(command, "commands", None)
    if children is None:
        yield command
        return
    for child in children:
        yield from _leaves(child)


def commands() -> Iterator[Row]:
    for command in leaves():
        top = command.root_parent or command
        mark = " ᴬ" if top.default_permissions is not None else ""
        options = [
            f"`{one.name}`" if one.required else f"[`{one.name}`]" for one in command.parameters
        ]
        name = f"`/{command.qualified_name}`{mark}"
        yield (
            " ".join([name, *options]),
            str(command.description),
            _picture(slug("command", command.qualified_name), f"/{command.qualified_name}"),
        )


def menu() -> Iterator[Row]:
    for entry in MENUS:
        name = str(entry.name)
        yield f"**{name}**", str(manual.MENU[name]), _picture(slug("menu", name), name)


def reactions() -> Iterator[Row]:
    for sign, what in manual.REACTIONS.items():
        yield sign, str(what), _picture(reaction_name(sign), sign)


def reaction_name(sign: str) -> str:
    return slug("reaction", discord_name(sign))


def discord_name(sign: str) -> str:
    """What a file can be called after an emoji."""
    return {"✉️": "envelope", "❌": "cross", "⭐": "star"}.get(sign, f"{ord(sign[0]):x}")


# The page


def slug(*parts: str) -> str:
    """The name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-")


def _picture(name: str, alt: str) -> str:
    return f"![{alt.replace('|', ' ')}]({PICTURES}/{name}.webp)"


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def main() -> None:
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
