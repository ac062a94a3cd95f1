"""From /imagine to a grid, as the members see it."""

from __future__ import annotations

from core.jobs import Outcome, State
from tests.bot.world import World, labels


async def test_a_member_imagines_and_gets_a_grid(easel: World) -> None:
    answer = await easel.imagine("a red lighthouse --ar 3:2")

    waiting = answer.response
    assert waiting.content == (
        f"**a red lighthouse --ar 3:2 --model postcard** - {easel.owner()} "
        "(waiting, 1st, about 5 s)"
    )
    assert labels(waiting) == [["Cancel"]]

    job = await easel.start()
    assert job.message_id == waiting.id
    assert easel.last().content.endswith(f"{easel.owner()} (0%)")

    await easel.finish(job)
    final = easel.last()
    assert final.id == waiting.id
    assert (
        final.content == f"**a red lighthouse --ar 3:2 --model postcard** - {easel.owner()} (fast)"
    )
    assert labels(final) == [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]
    (file,) = final.attachments
    assert file.filename == f"{job.id}.png"
    assert file.description == "a red lighthouse"

    done = await easel.store.get(job.id)
    assert done.state is State.DONE
    assert done.outcome is Outcome.EDITED_BY_TOKEN
