"""Pictures that members give with a prompt, and files that only look like some."""

from __future__ import annotations

import io
import zlib
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image

from core.pictures import Pictures
from generation.redrawer import Redrawer
from storage.fetch import Fetcher
from tests.bot.world import World, labels
from tests.fakes.pictures import redrawn
from tests.fakes.worker import png

PICTURE = png(8, 8, [[1]])
LINK = "https://cdn.discordapp.com/attachments/11/22/boat.png?ex=66aa&is=66bb&hm=cc"


async def refused(easel: World, asking: Awaitable[object]) -> str:
    """What the member alone is told; nothing was made, charged or kept."""
    answer = (await asking).response  # type: ignore[attr-defined]
    assert answer.ephemeral
    assert await easel.store.history(None) == []
    assert await easel.store.ledger() == []
    assert [path for path in (easel.folder / "blobs").rglob("*") if path.is_file()] == []
    return str(answer.content)


def for_real(easel: World, fetch: Callable[[str], Awaitable[bytes]] | None = None) -> None:
    """Lets the program that reads pictures read them, and the net be the real one."""
    redrawer = Redrawer()

    async def redraw(data: bytes) -> bytes:
        return await easel.env.external_wait(redrawer(data), reason="a picture is drawn anew")

    easel.bot.desk.studio.pictures = Pictures(easel.blobs, fetch or easel.fetch, redraw)


async def test_a_member_pastes_a_link_and_gets_a_grid_of_it(easel: World) -> None:
    easel.net.files[LINK] = PICTURE
    answer = await easel.imagine(f"{LINK} as a stamp --iw 2 --seed 5")
    assert not answer.response.ephemeral
    assert "as a stamp" in answer.response.content
    job = await easel.newest()
    source = job.request.source
    assert source is not None
    assert source.strength == 0.5
    assert await easel.blobs.get(source.blob) == redrawn(PICTURE)
    await easel.finish(job)
    assert labels(easel.last())[0] == ["U1", "U2", "U3", "U4", "🔄"]


async def test_a_picture_from_a_camera_is_kept_upright_and_says_nothing_of_its_maker(
    easel: World,
) -> None:
    for_real(easel)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "ada of no. 7"
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (9, 90, 180)).save(file, "JPEG", exif=exif)
    assert b"no. 7" in file.getvalue()
    await easel.imagine("as a stamp", image=("boat.jpg", file.getvalue()))
    source = (await easel.newest()).request.source
    assert source is not None
    kept = await easel.blobs.get(source.blob)
    assert b"no. 7" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.size) == ("PNG", (200, 300))


HUGE = bytes.fromhex(
    "89504e470d0a1a0a 0000000d494844520000c3500000c3500802000000c4cdaa9d 0000000049454e44ae426082"
)
"""A PNG that says it is 50,000 pixels wide and high."""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"plain text", "That file is not a picture Easel can read."),
        (b"<svg onload='alert(1)'/>", "That file is not a picture Easel can read."),
        (png(64, 64, [[1, 2], [3, 4]])[:90], "That picture is damaged and cannot be read."),
        (HUGE, "That picture has more than 50 megapixels."),
        (zlib.compress(bytes(9_000_000)), "That file is not a picture Easel can read."),
    ],
    ids=["text", "SVG", "cut short", "huge", "bomb"],
)
async def test_a_member_attaches_a_hostile_file_and_reads_a_sentence(
    easel: World, data: bytes, said: str
) -> None:
    for_real(easel)
    assert said in await refused(easel, easel.imagine("as a stamp", image=("a.png", data)))
    await easel.imagine("a red boat")
    assert (await easel.newest()).request.text == "a red boat"


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("https://i.example.org/a.png", "Pictures are not taken from i.example.org here."),
        ("http://cdn.discordapp.com/a.png", "must begin with https://"),
        ("https://127.0.0.1/a.png", "must name its host in words"),
        ("https://me:secret@cdn.discordapp.com/a.png", "holds a name or a password"),
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(
    easel: World, link: str, said: str
) -> None:
    for_real(easel, Fetcher())
    assert said in await refused(easel, easel.imagine(f"{link} as a stamp"))


async def test_a_link_to_what_is_gone_is_one_sentence(easel: World) -> None:
    told = await refused(easel, easel.imagine(f"{LINK} as a stamp"))
    assert told == "There is no picture at that address."


async def test_two_pictures_to_start_from_are_one_too_many(easel: World) -> None:
    told = await refused(easel, easel.imagine(f"{LINK} as a stamp", image=("boat.png", PICTURE)))
    assert "names 2 pictures to start from" in told
    assert easel.net.asked == []


async def test_how_much_of_a_picture_is_kept_needs_a_picture(easel: World) -> None:
    assert "needs a picture to start from" in await refused(easel, easel.imagine("a fox --iw 2"))
