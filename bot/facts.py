"""A job told in facts: what it was asked for with, what it became, and what it was made from."""

from __future__ import annotations

from collections.abc import Sequence

from bot.mend import command_block
from bot.render import MESSAGE_LENGTH, mention, mode
from bot.statements import within
from core.compose import render
from core.errors import ModelNotFoundError
from core.jobs import Image, Job, State
from core.models import Catalogue
from core.request import Request
from core.sentences import frame, say, together

ROOM = 1900

STATES = {
    State.QUEUED: say("It waits for its turn."),
    State.RUNNING: say("It is being made now."),
    State.FAILED: say("It failed; nothing was charged."),
    State.CANCELLED: say("It was stopped."),
}


def facts(job: Job, images: Sequence[Image], catalogue: Catalogue, number: int = 0) -> str:
    """What may be known of a job; with `number`, of that picture of it. At most ROOM characters."""
    request, drawn = job.request, job.request.drawn
    block = _block(job, catalogue)
    rows = [
        together(
            [
                say("Job {id}", id=f"`{job.id}`"),
                say(
                    "by {who}, {when}",
                    who=mention(job.owner.id),
                    when=f"<t:{int(job.created_at)}:f>",
                ),
                mode(request),
            ],
            " · ",
        )
    ]
    if job.deleted_at is not None:
        rows.append(say("Its pictures were deleted."))
    if job.state is not State.DONE:
        rows.append(STATES[job.state])
    rows.append(
        together(
            [
                say("Model {name}", name=f"`{request.model}`"),
                *(
                    [say("painted by {name}", name=f"`{drawn.model}`")]
                    if drawn.model != request.model
                    else []
                ),
                say("sampler {name}", name=f"`{drawn.sampler or usual_sampler(job, catalogue)}`"),
                say("{steps} steps", steps=request.denoising_steps),
                say("guidance {guidance:g}", guidance=drawn.guidance),
                *(
                    [say("enlarged with {name}", name=f"`{request.enlarger}`")]
                    if request.enlarger
                    else []
                ),
                *([say("adapters {names}", names=_loras(request))] if request.loras else []),
            ],
            " · ",
        )
    )
    width, height = request.size
    if images:
        width, height = images[0].width, images[0].height
    size = say("{width} × {height} pixels", width=width, height=height)
    told = [image for image in images if number in (0, image.number)]
    seeds = ", ".join(f"{image.number}: `{image.seed}`" for image in told)
    if len(images) < 2:
        seeds = f"`{images[0].seed if images else request.seed}`"
    rows.append(together([size, say("seed {seeds}", seeds=seeds)], " · "))
    if job.cost_ms:
        rows.append(say("{seconds:.1f} s of GPU time", seconds=job.cost_ms / 1000))
    if job.parent is not None:
        above = f"`{job.parent.job_id}`"
        made = say("Made from job {id}", id=above)
        if job.parent.index:
            made = say("Made from picture {number} of job {id}", number=job.parent.index, id=above)
        rows.append(made)
    return together([*([block] if block else []), within(rows, ROOM - len(block))], "\n")


def _loras(request: Request) -> str:
    return ", ".join(f"`{lora.name}` {lora.weight:g}" for lora in request.loras)


def usual_sampler(job: Job, catalogue: Catalogue) -> str:
    """The one that the model has where nobody says, in its operator's words."""
    try:
        return catalogue.get(job.request.made_by).sampler or say("the model's own")
    except ModelNotFoundError:
        return say("the model's own")


def prompt_line(job: Job, catalogue: Catalogue) -> str:
    """The line that would make it again, seed and model and all."""
    try:
        return render(job.request, catalogue.get(job.request.model))
    except ModelNotFoundError:
        return job.request.text


def _block(job: Job, catalogue: Catalogue) -> str:
    """The line for copying, "" for one that leaves no room for the facts."""
    block = command_block(prompt_line(job, catalogue), "")
    return frame("{block}", block=block) if len(block) < MESSAGE_LENGTH - 700 else ""
