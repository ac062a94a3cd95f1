"""Vary Region: which part is painted anew is brushed over the picture, or chosen by its cells, or
said in words. What comes of it is posted in Discord, as always."""

from __future__ import annotations

import secrets

from starlette.datastructures import UploadFile
from starlette.responses import Response

from core.actions import Action, Button
from core.errors import EaselError, PromptError, RefusedError
from core.jobs import Job, State
from core.pictures import PictureError
from core.regions import CELLS, LONGEST, MOST
from core.sentences import say
from core.studio import Receipt
from core.works import Work, work_id
from gallery.ask import KIB, Ask, Way, post
from gallery.errors import NotHereError, status_of
from gallery.i18n import told
from gallery.pages.deeds import hand, seen
from gallery.pages.discord import address

MASK_BYTES = 4096 * KIB
LONGEST_PROMPT = 6000

TICKET_LENGTH = 24


async def brush(ask: Ask) -> Response:
    work = await seen(ask)
    return await _page(ask, work)


async def repaint(ask: Ask) -> Response:
    """The form comes back with what was wrong, but for the mask: a file cannot be filled in."""
    work = await seen(ask)
    cells = [cell for cell in map(str, ask.form.getlist("cell")) if cell in _NUMBERS]
    words = ask.text("words", LONGEST)
    prompt = ask.text("prompt", LONGEST_PROMPT) if "prompt" in ask.form else None
    mask = ask.form.get("mask")
    data = await mask.read() if isinstance(mask, UploadFile) else b""
    try:
        receipt = await ask.deps.doing.repaint(
            await hand(ask, work),
            work.id,
            ticket=_ticket(ask),
            mask=data or None,
            region=", ".join([*cells, *filter(None, [words])]),
            prompt=prompt,
        )
    except (RefusedError, PromptError, PictureError) as error:
        return await _page(ask, work, error, cells=cells, words=words, prompt=prompt)
    return ask.go("job", job=receipt.job.id)


async def job(ask: Ask) -> Response:
    """Where a job of the visitor's own stands; to a script, the same as JSON."""
    receipt = await ask.deps.studio.receipt(ask.part("job"))
    one = receipt.job
    if one.owner.id != ask.viewer.person_id and not ask.viewer.operator:
        raise NotHereError
    works: list[str] = []
    if one.state is State.DONE:
        images = await ask.deps.studio.store.images(one.id)
        works = [work_id(one.id, image.number) for image in images]
    words = stands(receipt)
    if ask.wants_json:
        return ask.json({"told": str(told(words, ask.locale).unescape()), "ended": one.state.ended})
    return ask.page("job.html", job=one, told_of=words, works=works, discord=_in_discord(ask, one))


def stands(receipt: Receipt) -> str:
    one, standing = receipt.job, receipt.standing
    match one.state:
        case State.QUEUED if standing.place:
            minutes = max(1, round(standing.seconds / 60))
            if standing.seconds < 90:
                return say(
                    "Number {place} in the queue; it begins in about {seconds} s.",
                    place=standing.place,
                    seconds=max(1, round(standing.seconds)),
                )
            return say(
                "Number {place} in the queue; it begins in about {minutes} min.",
                place=standing.place,
                minutes=minutes,
            )
        case State.QUEUED:
            return say("It waits in the queue.")
        case State.RUNNING:
            return say("It is being made now.")
        case State.DONE:
            return say("It is done.")
        case State.CANCELLED:
            return say("It was cancelled; nothing was charged that was not used.")
        case State.FAILED:
            return one.error or say("It failed; nothing was charged.")


async def _page(
    ask: Ask,
    work: Work,
    error: EaselError | None = None,
    *,
    cells: list[str] | None = None,
    words: str = "",
    prompt: str | None = None,
) -> Response:
    if prompt is None:
        prompt = await _prompt(ask, work)
    return ask.page(
        "brush.html",
        200 if error is None else status_of(error),
        work=work,
        error=error.sentence if error is not None else "",
        cells=cells or [],
        numbers=range(1, MOST + 1),
        in_a_row=CELLS,
        words=words,
        prompt=prompt,
        longest=LONGEST,
        longest_prompt=LONGEST_PROMPT,
        ticket=secrets.token_hex(TICKET_LENGTH // 2),
    )


async def _prompt(ask: Ask, work: Work) -> str | None:
    """The line to be edited, where the visitor's remix mode is on."""
    presses = ask.deps.studio.presses
    actor = (await hand(ask, work)).actor
    remix = (await ask.deps.studio.orders.customs(actor)).preferences.remix
    button = Button(Action.REGION, work.job_id, work.number)
    return await presses.prefill(button, actor) if remix else None


def _ticket(ask: Ask) -> str:
    """One form is one job, however often it is sent. Raises RefusedError."""
    ticket = ask.text("ticket")
    if len(ticket) != TICKET_LENGTH or not set(ticket) <= set("0123456789abcdef"):
        raise RefusedError(say("That form could not be read. Load the page again."))
    return ticket


def _in_discord(ask: Ask, job: Job) -> str:
    """The channel where it is posted."""
    place = job.place
    if not place.server_id or not place.channel_id:
        return ""
    return address(ask.deps.site.discord, place.server_id, place.channel_id, job.message_id)


_NUMBERS = {str(number) for number in range(1, MOST + 1)}

WAYS = (
    Way(path="/p/{work}/vary", page=brush, name="brush", logged_in=True),
    post("/p/{work}/vary", repaint, "repaint", most_bytes=MASK_BYTES, most_files=1),
    Way(path="/jobs/{job}", page=job, name="job", logged_in=True),
)
