"""A walk through every button, command, menu entry and reaction: what the person sees, who else
sees it, and who is charged. What is pressed stands under messages of a month ago, and the bot was
started anew since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from bot.commands import COMMANDS
from bot.reactions import SIGNS, Sign
from bot.view_commands import MENUS
from core.actions import Action, Button
from core.jobs import Outcome, State
from tests.bot.town import Town, told
from tests.bot.world import custom_ids, labels, rows
from tests.fakes.worker import png

BUTTON = 2

MONTH = 30 * 86400
LATE = 16 * 60
"""Longer than an interaction's token lives."""


@dataclass(frozen=True, slots=True)
class Press:
    """`title` is what its message says beside the prompt, `count` how many pictures it makes.
    `under`: a grid, one picture of it, or a job that waits. `sent` is what is filled in."""

    title: str
    count: int = 4
    under: str = "picture"
    sent: Any = None


GRID = "grid"
PRESSES: dict[tuple[Action, str], Press] = {
    (Action.UPSCALE, ""): Press(" - Image #2 {bo}", 1, GRID),
    (Action.VARY, ""): Press(" - Variations (Strong) by {bo}", under=GRID),
    (Action.REROLL, ""): Press("{bo}", under=GRID),
    (Action.VARY_SUBTLE, ""): Press(" - Variations (Subtle) by {bo}"),
    (Action.VARY_STRONG, ""): Press(" - Variations (Strong) by {bo}"),
    (Action.ENLARGE_SUBTLE, ""): Press(" - Upscaled (Subtle) by {bo}", 1),
    (Action.ENLARGE_CREATIVE, ""): Press(" - Upscaled (Creative) by {bo}", 1),
    (Action.REGION, ""): Press(" - Variations (Region) by {bo}", sent=["5", "6"]),
    (Action.ZOOM, "20"): Press(" - Zoom Out 2x by {bo}"),
    (Action.ZOOM, "15"): Press(" - Zoom Out 1.5x by {bo}"),
    (Action.ZOOM, "custom"): Press(
        " - Zoom Out 1.2x by {bo}", sent={"prompt": "a red lighthouse --ar 3:2 --zoom 1.2"}
    ),
    (Action.SQUARE, ""): Press(" - Made Square by {bo}"),
    (Action.PAN, "left"): Press(" - Pan Left by {bo}"),
    (Action.PAN, "right"): Press(" - Pan Right by {bo}"),
    (Action.PAN, "up"): Press(" - Pan Up by {bo}"),
    (Action.PAN, "down"): Press(" - Pan Down by {bo}"),
    (Action.ENHANCE, ""): Press(" - Enhanced by {bo}", 1),
    (Action.REMIX, ""): Press("a blue boat** - Remix by {bo}", sent={"prompt": "a blue boat"}),
}
"""Everything that makes pictures. It is pressed by bo, under what ada made."""

ANSWERED = {Action.CANCEL, Action.LIKE, Action.PUBLISH}
"""These tell something, and are walked through below."""


def test_no_button_is_left_out() -> None:
    every = {(action, extra) for action in Action for extra in action.extras or ("",)}
    assert {kind for kind in every if kind[0] not in ANSWERED} == set(PRESSES)


async def finished(town: Town, line: str) -> Any:
    await town.imagine(line)
    await town.finish()
    await town.env.advance_time(1)
    return town.last()


async def a_month_later(town: Town) -> None:
    """Every token is dead, and nothing is left but rows, files and messages."""
    town.env.backend.advance_clock(MONTH)
    await town.restart()


async def shown(town: Town, press: Press, action: Action) -> Any:
    """The message of ada's under which the button stands."""
    draft = " --draft" if action is Action.ENHANCE else ""
    grid = await finished(town, f"a red lighthouse --ar 3:2{draft}")
    if press.under == GRID:
        return grid
    await town.press("U2", grid)
    await town.env.advance_time(3)
    return town.last()


def id_of(message: Any, action: Action, extra: str = "") -> str:
    """Of the button of the first picture; of U, of the second."""
    wanted = (2,) if action is Action.UPSCALE else (0, 1)
    for id in custom_ids(message):
        button = Button.from_custom_id(id)
        if (button.action, button.extra) == (action, extra) and button.index in wanted:
            return id
    raise AssertionError(f"there is no {action} under it")


@pytest.mark.parametrize(
    ("action", "extra"), PRESSES, ids=lambda value: str(value) if value else "-"
)
async def test_every_button_of_a_month_ago_makes_what_it_says_for_whoever_pressed(
    town: Town, action: Action, extra: str
) -> None:
    press = PRESSES[action, extra]
    message = await shown(town, press, action)
    await a_month_later(town)
    before = len(await town.store.history(None))
    answer = await town.bo.click(message, custom_id=id_of(message, action, extra))
    if isinstance(press.sent, dict):
        assert answer.modal is not None
        answer = await town.bo.submit_modal(answer, press.sent)
    elif press.sent:
        assert answer.ephemeral
        answer = await town.bo.select(answer.response, press.sent)
    assert not answer.ephemeral
    job = await town.newest()
    assert len(await town.store.history(None)) == before + 1
    assert (job.owner.id, job.request.count) == (town.bo.id, press.count)
    assert job.parent is not None
    if action is not Action.UPSCALE:
        assert labels(town.last()) == [["Cancel"]]
        await town.env.advance_time(LATE)
        job = await town.finish()
        assert job.outcome is Outcome.EDITED_BY_BOT
    # U is free, all else costs whoever pressed what it took.
    assert (job.state, job.cost_ms) == (State.DONE, 0 if action is Action.UPSCALE else 900)
    await town.env.advance_time(3)
    result = town.last()
    assert press.title.format(bo=town.owner(town.bo)) in result.content
    assert len(result.attachments) == 1
    first = "Upscale (Subtle)" if press.count == 1 else "U1"
    assert labels(result)[0][0] == first


async def test_the_buttons_that_make_nothing_tell_the_presser_alone(town: Town) -> None:
    picture = await shown(town, Press(""), Action.LIKE)
    await town.imagine("a green tree")
    waiting = town.last()
    await a_month_later(town)
    like = await town.bo.click(picture, custom_id=id_of(picture, Action.LIKE))
    assert (like.ephemeral, told(like)) == (True, "You like this picture. Likes: 1")
    cancel = await town.press("cancel", waiting)
    assert (cancel.ephemeral, told(cancel)) == (
        True,
        "Stopped. Nothing was charged that was not used.",
    )
    assert labels(town.last())[0] == ["🔄"]


# Commands


@dataclass(frozen=True, slots=True)
class Command:
    """`says` is in the answer, which only the person sees unless it is `open`. `job`: the option
    that names the job of the grid."""

    says: str
    who: str = "ada"
    open: bool = False
    job: str = ""
    options: Any = None


def by_boss(says: str, **options: Any) -> Command:
    return Command(says, "boss", options=options)


FILE = ("boat.png", png(8, 8, [[1]]))
WALK: tuple[tuple[str, Command], ...] = (
    ("imagine", Command("(waiting, 1st", open=True, options={"prompt": "a red lighthouse"})),
    ("shorten", Command("", options={"prompt": "a very red lighthouse"})),
    ("describe", Command("", options={"image": FILE})),
    ("blend", Command("", options={"image1": FILE, "image2": FILE})),
    ("info", Command("user ID")),
    ("show", Command("a red lighthouse", open=True, job="job")),
    ("settings", Command("**Your settings**")),
    ("relax", Command("the relax lane now")),
    ("turbo", Command("the turbo lane now")),
    ("fast", Command("the fast lane now")),
    ("stealth", Command("are private now")),
    ("public", Command("are public now")),
    ("usage", Command("There is no limit")),
    ("queue", Command("**Your queue**")),
    ("prefer option set", Command("`--film` stands for", options={"name": "film", "value": "a"})),
    ("prefer option list", Command("`--film`")),
    ("prefer option delete", Command("is gone", options={"name": "film"})),
    ("prefer suffix", Command("--no text", options={"text": "--no text"})),
    ("prefer remix", Command("Remix mode is on")),
    ("prefer variability", Command("Low variation")),
    ("prefer auto_dm", Command("direct message")),
    ("prefer gallery", Command("", options={"who": "server"})),
    ("prefer forget", Command("")),
    ("help", Command("/imagine")),
    ("quota set", by_boss("200 pictures per day", pictures=200, per="day")),
    ("quota grant", by_boss("20 pictures", amount=20, unit="pictures")),
    ("quota show", by_boss("200 pictures per day")),
    ("quota report", by_boss("one for each day and member")),
    ("quota timezone", by_boss("Europe/Lisbon", name="Europe/Lisbon")),
    ("quota admins", by_boss("Admins of Easel here")),
    ("quota reset", by_boss("counts no more")),
    ("quota audit", by_boss("**What was changed here**")),
    ("server queue", by_boss("**This server's queue**")),
    ("server pause", by_boss("Paused")),
    ("server drain", by_boss("Drained")),
    ("server resume", by_boss("Jobs are taken")),
    ("server ban", by_boss("is shut out", person="bo")),
    ("server unban", by_boss("may make pictures here again", person="bo")),
    ("server cancel", by_boss("cancelled", person="bo")),
    ("server flags default", by_boss("--ar 1:1", text="--ar 1:1")),
    ("server flags forced", by_boss("--public", text="--public")),
    ("server flags show", by_boss("--ar 1:1")),
    ("server presentation", by_boss("beside each other", how="gallery")),
    ("server gallery", by_boss("", who="server")),
    ("style save", by_boss("--style ink", name="ink", text="ink drawing")),
    ("style list", by_boss("ink drawing")),
    ("style show", by_boss("ink drawing", name="ink")),
    ("style house", by_boss("`ink`", name="ink")),
    ("style delete", by_boss("is gone", name="ink")),
)
"""In an order in which each has something to tell. What is answered by nobody here, as there is no
worker, is told so to the person alone."""

ELSEWHERE = ("showcase", "history", "theme")
"""These have walks of their own, beside what they show."""


def test_no_command_is_left_out() -> None:
    leaves = {
        each.qualified_name
        for top in COMMANDS
        for each in (top.walk_commands() if hasattr(top, "walk_commands") else [top])
        if not hasattr(each, "commands")
    }
    here = {name for name in leaves if name.split()[0] not in ELSEWHERE}
    assert here == {name for name, _ in WALK}


async def test_every_command_is_answered_and_what_it_opens_can_be_pressed(town: Town) -> None:
    await finished(town, "a red lighthouse")
    job = await town.newest()
    opened: list[tuple[Any, Any, str]] = []
    for name, wanted in WALK:
        person = getattr(town, wanted.who)
        options = dict(wanted.options or {})
        if wanted.job:
            options[wanted.job] = job.id
        if "person" in options:
            options["person"] = getattr(town, options["person"])
        answer = await person.slash(town.channel, name, **options)
        assert answer.ephemeral is not wanted.open, name
        assert wanted.says in told(answer), name
        assert "Something went wrong" not in told(answer), name
        message = answer.followups[-1] if answer.followups else answer.response
        opened += [(person, message, id) for id in custom_ids(message)]
    await a_month_later(town)
    pressed = 0
    for person, message, id in opened:
        now = next(m for m in town.channel.history(viewer=person) if m.id == message.id)
        item = next((one for row in rows(now) for one in row if one.get("custom_id") == id), {})
        if item.get("type") != BUTTON or item.get("disabled"):
            continue  # a menu; or a press before this one has turned the page
        pressed += 1
        answer = await person.click(now, custom_id=id)
        assert answer.acknowledged, id
        if answer.modal is None and (answer.response or answer.followups):
            assert "Something went wrong" not in told(answer), id
    assert pressed > 30


# The menu of a message, and reactions


async def test_every_entry_of_the_menu_answers_under_a_message_of_a_month_ago(town: Town) -> None:
    message = await finished(town, "a red lighthouse")
    await a_month_later(town)
    said: dict[str, str] = {}
    for menu in MENUS:
        answer = await town.ada.context_menu(town.channel, str(menu.name), message)
        said[str(menu.name)] = "form" if answer.modal is not None else told(answer)
        assert answer.modal is not None or answer.ephemeral
    assert "/imagine prompt:a red lighthouse" in said["Job details"]
    assert said["Remix this prompt"] == said["Report"] == "form"
    assert said["DM results"].startswith("4 pictures are on their way")
    assert "elete" in said["Delete"]


async def test_every_reaction_does_what_it_stands_for_under_a_message_of_a_month_ago(
    town: Town,
) -> None:
    message = await finished(town, "a red lighthouse")
    job = await town.newest()
    await a_month_later(town)
    one_of_each = {sign: emoji for emoji, sign in SIGNS.items()}
    await town.bo.react(message, one_of_each.pop(Sign.LIKE))
    assert await town.album.likes(job.id, 1, town.bo.id)
    sent = len(town.requests("POST", "/messages"))
    await town.ada.react(message, one_of_each.pop(Sign.SEND))
    assert len(town.requests("POST", "/messages")) > sent
    await town.ada.react(message, one_of_each.pop(Sign.REMOVE))
    assert town.messages() == []
    assert one_of_each == {}
