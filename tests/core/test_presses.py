"""Who may press which button, and what is made of what they fill in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actions import Action, Button
from core.album import Collector
from core.allowance import EVERYONE, Allowance, Amount, Unit
from core.allowance import House as Rule
from core.edits import VARY_SUBTLE, Box, Op
from core.errors import (
    BannedError,
    EaselError,
    ImageNotFoundError,
    NotYoursError,
    PromptError,
    QuotaError,
    RefusedError,
)
from core.forms import Form, FormKind
from core.jobs import Job, Owner, Parent, State
from core.models import Catalogue
from core.periods import Period
from core.pictures import PictureError
from core.preferences import Variability
from core.rendering import render
from core.request import Kind, Lane, Request, Visibility
from tests.builders import ADA, BO, CHANNEL, actor
from tests.core.test_actions import KINDS
from tests.core.test_studio import PNG, House, house
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.pictures import redrawn

__all__ = ["house"]

SERVER = CHANNEL.server_id


async def press(
    house: House, job: Job, action: Action, extra: str = "", by: Owner = ADA, **form: Any
) -> Job:
    index = 2 if action.on_one_picture and job.request.count > 1 else 1
    button = Button(action, job.id, index if action.on_one_picture else 0, extra)
    filled = Form(**form) if form else None
    return (await house.press(button, by, form=filled)).job


async def prefer(house: House, owner: Owner = ADA, **settings: Any) -> None:
    await house.wishes.change(owner.id, lambda p: replace(p, **settings))


async def rule(house: House, **line: Any) -> None:
    await house.store.rules.change_line(
        SERVER, EVERYONE, lambda _: Allowance(**line), by=BO, now=house.clock.now()
    )


async def force(house: House, flags: str) -> None:
    await house.store.rules.change_house(
        SERVER, lambda h: replace(h, forced_flags=flags), by=BO, now=house.clock.now()
    )


def kept_of(request: Request) -> Box:
    assert request.edit is not None and request.edit.keep is not None
    return request.edit.keep


class TestMaking:
    @pytest.mark.parametrize(
        ("action", "extra", "form", "kind", "count"),
        [
            (Action.VARY_SUBTLE, "", {}, Kind.VARIATION, 4),
            (Action.VARY_STRONG, "", {}, Kind.VARIATION, 4),
            (Action.ENLARGE_SUBTLE, "", {}, Kind.ENLARGE, 1),
            (Action.ENLARGE_CREATIVE, "", {}, Kind.ENLARGE, 1),
            (Action.REGION, "", {"region": "left third, 16"}, Kind.REGION, 4),
            (Action.ZOOM, "15", {}, Kind.ZOOM, 4),
            (Action.ZOOM, "20", {}, Kind.ZOOM, 4),
            (Action.ZOOM, "custom", {"prompt": "a fox --zoom 1.7"}, Kind.ZOOM, 4),
            (Action.PAN, "up", {}, Kind.PAN, 4),
            (Action.SQUARE, "", {}, Kind.SQUARE, 4),
            (Action.REROLL, "", {}, Kind.REROLL, 4),
            (Action.REMIX, "", {"prompt": "a blue fox"}, Kind.REROLL, 4),
        ],
    )
    async def test_each_button_is_a_job_of_its_own_that_knows_its_parent(
        self, house: House, action: Action, extra: str, form: dict[str, Any], kind: Kind, count: int
    ) -> None:
        grid = await house.grid("a fox --ar 3:2 --seed 7")
        made = await press(house, grid, action, extra, by=BO, **form)
        assert (made.state, made.owner) == (State.QUEUED, BO)
        assert (made.request.kind, made.request.count) == (kind, count)
        assert made.parent == Parent(grid.id, 2 if action.on_one_picture else 0)
        if action.on_one_picture:
            stored = await house.store.image(grid.id, 2)
            assert made.request.source is not None
            assert made.request.source.blob == stored.blob
        assert made.reserve_ms > 0
        assert [line.owner_id for line in await house.store.ledger(made.id)] == [BO.id]

    async def test_a_draft_is_enhanced_picture_by_picture_or_whole(self, house: House) -> None:
        draft = await house.grid("a fox --draft")
        one = (await house.press(Button(Action.ENHANCE, draft.id, 3))).job
        assert (one.request.count, one.parent) == (1, Parent(draft.id, 3))
        assert one.request.image_seed(0) == draft.request.image_seed(2)
        whole = await press(house, draft, Action.ENHANCE)
        assert (whole.request.count, whole.request.seed) == (4, draft.request.seed)
        assert not whole.request.draft

    async def test_a_pan_of_a_pan_goes_on(self, house: House) -> None:
        grid = await house.grid()
        once = await house.finish(await press(house, grid, Action.PAN, "left"))
        twice = await press(house, once, Action.PAN, "left")
        assert twice.request.width > once.request.width > grid.request.width
        assert twice.parent == Parent(once.id, 2)

    async def test_v_goes_as_far_as_the_presser_likes(self, house: House) -> None:
        grid = await house.grid()
        await prefer(house, BO, variability=Variability.LOW)
        near = (await press(house, grid, Action.VARY, by=BO)).request.source
        far = (await press(house, grid, Action.VARY)).request.source
        assert near is not None and far is not None
        assert near.strength == VARY_SUBTLE < far.strength

    async def test_a_double_click_on_a_form_is_one_job_and_another_answer_another(
        self, house: House
    ) -> None:
        grid = await house.grid()
        button = Button(Action.REGION, grid.id, 1)
        jobs = await asyncio.gather(
            *(house.press(button, form=Form(region="left")) for _ in range(2)),
            house.press(button, form=Form(region="right")),
        )
        assert [one.repeated for one in jobs] == [False, True, False]
        assert len({one.job.id for one in jobs}) == 2


class TestForms:
    async def test_what_a_button_asks_for_hangs_on_the_pressers_mode(self, house: House) -> None:
        grid = await house.grid()
        await prefer(house, BO, remix=True)
        pan = Button(Action.PAN, grid.id, 1, "left")
        assert await house.studio.presses.wants(pan, actor()) is FormKind.NONE
        assert await house.studio.presses.wants(pan, actor(BO)) is FormKind.REMIX

    async def test_an_edited_prompt_is_read_as_any_other(self, house: House) -> None:
        grid = await house.grid()
        await house.wishes.change(ADA.id, lambda p: p.with_option("film", "grainy --cfg 3"))
        await force(house, "--no fog")
        made = await press(house, grid, Action.VARY_STRONG, prompt="a blue fox --film --seed 3")
        request = made.request
        assert (request.text, request.guidance, request.seed) == ("a blue fox grainy", 3, 3)
        assert (request.avoid, request.remixed) == (("fog",), True)

    async def test_who_is_overruled_by_the_server_is_told(self, house: House) -> None:
        grid = await house.grid()
        await force(house, "--cfg 5")
        receipt = await house.press(
            Button(Action.VARY, grid.id, 1), form=Form(prompt="a fox --cfg 3")
        )
        assert receipt.job.request.guidance == 5
        assert [(one.typed, one.by) for one in receipt.replaced] == [("--cfg 3", "--cfg 5")]

    @pytest.mark.parametrize(
        ("action", "extra", "prompt", "says"),
        [
            (Action.VARY, "", "a fox --xyzzyx", "no flag --xyzzyx"),
            (Action.VARY, "", "{a, b} fox", "That makes 2 jobs, and a button makes one"),
            (Action.VARY, "", "a fox --repeat 3", "That makes 3 jobs"),
            (Action.VARY, "", "a fox --strength 0.3", "--strength would change nothing here"),
            (Action.PAN, "left", "a fox --hd --tile", "--hd, --tile would change nothing"),
            (Action.PAN, "left", "a fox --ar 1:2", "keeps the shape of the picture"),
            (Action.ZOOM, "custom", "a fox", "does not zoom out"),
            (Action.ZOOM, "custom", "a fox --zoom 5", "--zoom goes from 1 to 2"),
            (Action.ZOOM, "20", "a fox --zoom 1.5", "--zoom"),
            (Action.REMIX, "", "", "The prompt has no text"),
            (Action.REMIX, "", "https://cdn.discordapp.com/a.png a fox", "use /imagine"),
        ],
    )
    async def test_what_a_button_cannot_do_is_refused_with_a_sentence_and_charges_nothing(
        self, house: House, action: Action, extra: str, prompt: str, says: str
    ) -> None:
        grid = await house.grid()
        before = await house.store.ledger()
        with pytest.raises(EaselError, match=says) as caught:
            await press(house, grid, action, extra, prompt=prompt)
        # A mend would run as a prompt of its own.
        assert getattr(caught.value, "mended", None) is None
        assert await house.store.ledger() == before

    async def test_zoom_and_shape_are_typed_as_flags(self, house: House) -> None:
        grid = await house.grid("a fox --seed 7")
        wide = await press(house, grid, Action.ZOOM, "custom", prompt="a fox --zoom 1 --ar 2:1")
        assert wide.request.aspect == (2, 1)
        assert kept_of(wide.request).height == 1
        far = await press(house, grid, Action.ZOOM, "custom", prompt="snow --zoom 1.25")
        assert far.request.text == "snow"
        assert kept_of(far.request).width == pytest.approx(0.8, abs=0.01)

    @pytest.mark.parametrize(
        ("line", "button", "shown"),
        [
            ("a fox --ar 3:2 --cfg 3 --tile --seed 7", (Action.VARY, ""), "--ar 3:2 --tile"),
            ("a fox --ar 3:2 --cfg 3 --tile --hd", (Action.PAN, "left"), ""),
            ("a fox --ar 3:2 --cfg 3 --turbo", (Action.ZOOM, "custom"), "--ar 3:2"),
            ("a fox --ar 3:2 --cfg 3 --stealth", (Action.REMIX, ""), "--ar 3:2"),
        ],
    )
    async def test_a_form_begins_with_what_would_be_made_without_it(
        self, house: House, line: str, button: tuple[Action, str], shown: str
    ) -> None:
        grid = await house.grid(line)
        action, extra = button
        pressed = Button(action, grid.id, 1 if action.on_one_picture else 0, extra)
        end = {"custom": "--zoom 2"}.get(extra, "--stealth" if "--stealth" in line else "")
        words = ["a fox", shown, "--cfg 3", end]
        filled = await house.studio.presses.prefill(pressed, actor())
        assert filled == " ".join(filter(None, words))
        if action is not Action.REMIX and extra != "custom":
            house.clock.advance(5)
            plain = (await house.press(pressed)).job.request
            filled_in = (await house.press(pressed, form=Form(prompt=filled))).job.request
            assert replace(filled_in, seed=plain.seed) == plain

    async def test_a_form_of_another_model_names_it(self, house: House) -> None:
        grid = await house.grid("a fox --model sdxl")
        filled = await house.studio.presses.prefill(Button(Action.VARY, grid.id, 1), actor())
        assert filled == "a fox --model sdxl"


class TestRegions:
    async def test_a_part_is_named_by_cells_words_or_a_mask(self, house: House) -> None:
        grid = await house.grid()
        named = (await press(house, grid, Action.REGION, region="上半部分, 16")).request.edit
        assert named is not None and named.op is Op.REGION
        assert named.parts == (Box(0, 0, 1, 0.5), Box(0.75, 0.75, 1, 1))
        masked = (await press(house, grid, Action.REGION, mask=PNG)).request.edit
        assert masked is not None and masked.mask is not None
        assert await house.blobs.get(masked.mask) == redrawn(PNG)

    @pytest.mark.parametrize(
        ("form", "says"),
        [
            ({}, "Say which part"),
            ({"region": "the cat"}, "names no part"),
            ({"region": "99"}, "99"),
        ],
    )
    async def test_a_part_that_nobody_can_find_is_asked_for_again(
        self, house: House, form: dict[str, Any], says: str
    ) -> None:
        grid = await house.grid()
        with pytest.raises(RefusedError, match=says):
            await press(house, grid, Action.REGION, **form)

    async def test_a_mask_is_not_kept_for_somebody_who_is_refused(
        self, house: House, tmp_path: Any
    ) -> None:
        grid = await house.grid()
        before = [path for path in tmp_path.rglob("*") if path.is_file()]
        with pytest.raises(PictureError):
            await press(house, grid, Action.REGION, mask=b"no picture")
        await house.store.rules.ban(SERVER, BO.id, by=ADA, now=1.0)
        with pytest.raises(BannedError):
            await press(house, grid, Action.REGION, by=BO, mask=PNG)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == before


PAINTED = """
[dreams]
source = "somebody/dreams"
family = "sdxl"
native_size = 256
steps = 4
guidance = 1
inpainting = "fill"

[fill]
source = "somebody/fill"
steps = 28
guidance = 7
"""


@pytest.fixture
def painted(house: House) -> House:
    """With a model that paints for the usual one."""
    house.catalogue = Catalogue.parse(PAINTED)
    house.studio = house.open()
    return house


class TestPainters:
    @pytest.mark.parametrize(
        ("action", "extra", "form"),
        [
            (Action.REGION, "", {"region": "left third"}),
            (Action.REGION, "", {"mask": PNG}),
            (Action.ZOOM, "20", {}),
            (Action.ZOOM, "custom", {"prompt": "a fox --zoom 1.7"}),
            (Action.PAN, "up", {}),
            (Action.SQUARE, "", {}),
        ],
        ids=str,
    )
    async def test_what_is_masked_is_asked_of_the_inpainting_model_and_told_as_ever(
        self, painted: House, action: Action, extra: str, form: dict[str, Any]
    ) -> None:
        grid = await painted.grid("a fox --ar 3:2 --seed 7")
        made = (await press(painted, grid, action, extra, **form)).request
        assert (made.made_by, made.drawn.steps, made.drawn.guidance) == ("fill", 28, 7)
        assert (made.model, made.steps, made.guidance) == ("dreams", 4, 1)
        assert made.text == "a fox" and made.seed != 7
        assert render(made, painted.catalogue.get("dreams"), seed=False).endswith("--model dreams")

    async def test_what_is_not_masked_stays_with_the_pictures_own_model(
        self, painted: House
    ) -> None:
        grid = await painted.grid("a fox")
        panned = await painted.finish(await press(painted, grid, Action.PAN, "left"))
        assert panned.request.made_by == "fill"
        for action in (Action.VARY, Action.ENLARGE_SUBTLE, Action.UPSCALE):
            made = (await press(painted, panned, action)).request
            assert (made.made_by, made.drawn.steps) == ("dreams", 4)
            painted.clock.advance(5)

    async def test_once_more_is_as_the_catalogue_is_by_now(self, painted: House) -> None:
        grid = await painted.grid("a fox")
        panned = await painted.finish(await press(painted, grid, Action.PAN, "left"))
        again = await press(painted, panned, Action.REROLL)
        assert again.request.made_by == "fill"
        painted.catalogue = Catalogue.parse(PAINTED.replace('inpainting = "fill"', ""))
        painted.studio = painted.open()
        painted.clock.advance(5)
        alone = await press(painted, panned, Action.REROLL)
        assert (alone.request.made_by, alone.request.size) == ("dreams", again.request.size)

    async def test_its_price_is_what_the_inpainting_model_cost(self, painted: House) -> None:
        grid = await painted.grid("a fox")
        zoomed = await press(painted, grid, Action.ZOOM, "20")
        # The own model was measured by the grid, the other by nothing yet.
        assert zoomed.reserve_ms > 5 * (await press(painted, grid, Action.VARY)).reserve_ms
        await painted.finish(zoomed)
        painted.clock.advance(5)
        assert (await press(painted, grid, Action.ZOOM, "20")).reserve_ms == pytest.approx(500, 0.1)

    async def test_an_allowance_asks_for_the_pictures_own_model(self, painted: House) -> None:
        grid = await painted.grid("a fox")
        await rule(painted, models=frozenset({"dreams"}))
        assert (await press(painted, grid, Action.ZOOM, "20")).request.made_by == "fill"

    async def test_a_model_that_cannot_start_from_pictures_is_painted_for(
        self, painted: House
    ) -> None:
        painted.catalogue = Catalogue.parse(PAINTED.replace('"sdxl"', '"sana"'))
        painted.studio = painted.open()
        grid = await painted.grid("a fox")
        assert (await press(painted, grid, Action.PAN, "left")).request.made_by == "fill"
        with pytest.raises(RefusedError, match="“dreams” cannot start from a picture"):
            await press(painted, grid, Action.VARY)

    async def test_a_picture_of_a_model_that_only_paints_by_now_says_so(self, house: House) -> None:
        house.catalogue = Catalogue.parse("[fill]\nsource = 'somebody/fill'")
        house.studio = house.open()
        grid = await house.grid("a fox")
        house.catalogue = Catalogue.parse(PAINTED)
        house.studio = house.open()
        with pytest.raises(EaselError, match=r"“fill” paints parts of pictures .*; use dreams"):
            await press(house, grid, Action.VARY)


class TestRights:
    async def test_who_presses_pays_in_a_lane_of_their_own(self, house: House) -> None:
        grid = await house.grid("a fox --turbo")
        assert (await press(house, grid, Action.VARY)).request.lane is Lane.TURBO
        assert (await press(house, grid, Action.VARY, by=BO)).request.lane is Lane.FAST
        await prefer(house, BO, lane=Lane.RELAX)
        house.clock.advance(5)
        assert (await press(house, grid, Action.VARY, by=BO)).request.lane is Lane.RELAX

    async def test_a_lane_that_the_server_forces_holds_for_buttons_too(self, house: House) -> None:
        grid = await house.grid("a fox --turbo")
        await force(house, "--relax")
        assert (await press(house, grid, Action.VARY)).request.lane is Lane.RELAX

    async def test_who_prefers_to_be_private_is_private_behind_buttons_too(
        self, house: House
    ) -> None:
        grid = await house.grid()
        await prefer(house, BO, visibility=Visibility.STEALTH)
        made = await press(house, grid, Action.PAN, "left", by=BO)
        assert made.request.visibility is Visibility.STEALTH
        with pytest.raises(NotYoursError, match="private to the person who made it"):
            await press(house, made, Action.VARY)

    async def test_a_private_picture_and_its_forms_are_its_owners_alone(self, house: House) -> None:
        grid = await house.grid("a fox --stealth")
        for action, extra in KINDS:
            index = 1 if action.on_one_picture else 0
            button = Button(action, grid.id, index, extra)
            with pytest.raises(NotYoursError):
                await house.press(button, BO, form=Form(prompt="a fox", region="left"))
            with pytest.raises(NotYoursError):
                await house.studio.presses.prefill(button, actor(BO))

    async def test_an_allowance_holds_for_what_a_button_makes(self, house: House) -> None:
        grid = await house.grid("a fox")
        await rule(house, max_megapixels=0.02)
        with pytest.raises(RefusedError, match=r"256×256 is 0\.1 megapixels; the limit here is"):
            await press(house, grid, Action.ENLARGE_SUBTLE)
        panned = await press(house, grid, Action.PAN, "right")
        assert panned.request.width * panned.request.height <= 0.02e6
        assert kept_of(panned.request).left < 0
        await rule(house, models=frozenset({"sdxl"}))
        with pytest.raises(RefusedError, match="model postcard is not allowed"):
            await press(house, grid, Action.ZOOM, "20")

    async def test_what_is_used_up_is_used_up_behind_buttons_too(self, house: House) -> None:
        grid = await house.grid()
        few = (Amount(Unit.PICTURES, Period.DAY, 5),)
        await rule(house, amounts=few)
        with pytest.raises(QuotaError):
            await press(house, grid, Action.ZOOM, "20")
        assert (await press(house, grid, Action.UPSCALE)).state is State.DONE

    async def test_a_model_that_cannot_start_from_a_picture_is_named_before_anything_is_charged(
        self, house: House
    ) -> None:
        house.catalogue = Catalogue.parse(
            "[postcard]\n[pix]\nsource = 'pix/art'\nfamily = 'pixart'\n"
        )
        house.studio = house.open()
        grid = await house.grid("a fox --model pix --ar 3:2")
        before = await house.store.ledger()
        for action, extra in ((Action.VARY, ""), (Action.PAN, "left"), (Action.SQUARE, "")):
            with pytest.raises(RefusedError, match=r"“pix” cannot start from a picture.*postcard"):
                await press(house, grid, action, extra)
        assert await house.store.ledger() == before
        assert (await press(house, grid, Action.REROLL)).state is State.QUEUED
        assert (await press(house, grid, Action.UPSCALE)).state is State.DONE
        other = await press(house, grid, Action.PAN, "left", prompt="a fox --model postcard")
        assert other.request.model == "postcard"

    async def test_every_button_of_a_deleted_picture_says_so(self, house: House) -> None:
        grid = await house.grid()
        await Collector(house.store, MemoryAlbum(house.store), house.clock).delete(actor(), grid.id)
        for action, extra in KINDS:
            with pytest.raises(ImageNotFoundError, match="was deleted"):
                await press(house, grid, action, extra, prompt="a fox", region="left")

    async def test_what_was_made_of_a_deleted_picture_stays(self, house: House) -> None:
        grid = await house.grid()
        varied = await house.finish(await press(house, grid, Action.VARY))
        await Collector(house.store, MemoryAlbum(house.store), house.clock).delete(actor(), grid.id)
        again = await press(house, varied, Action.PAN, "down")
        assert again.state is State.QUEUED

    async def test_a_servers_forced_flags_that_cannot_be_read_are_told(self, house: House) -> None:
        grid = await house.grid()
        house.store.rules.kept[SERVER] = replace(
            house.store.rules.read(SERVER), house=Rule(forced_flags="--of an older easel")
        )
        with pytest.raises(PromptError, match="cannot be read any more"):
            await press(house, grid, Action.VARY)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    presses=st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.booleans()), min_size=1, max_size=5
    ),
    prompt=st.none() | st.sampled_from(["a fox", "--zoom 1.5", "", "x --ar 1:3", "{a, b}"]),
    region=st.sampled_from(["", "left", "3", "x"]),
)
async def test_any_press_makes_a_job_or_is_answered_with_one_sentence(
    house: House,
    presses: list[tuple[tuple[Action, str], int, bool]],
    prompt: str | None,
    region: str,
) -> None:
    house.limit = 100
    house.studio = house.open()
    job = await house.grid("a fox --draft --ar 3:2")
    for (action, extra), index, finish in presses:
        house.clock.advance(5)
        lines = len(await house.store.ledger())
        button = Button(action, job.id, index, extra)
        try:
            made = (await house.press(button, form=Form(prompt=prompt, region=region))).job
        except EaselError as error:
            assert error.sentence.endswith((".", "?"))
            assert len(await house.store.ledger()) == lines
            continue
        assert made.parent == Parent(job.id, index)
        if finish and not made.state.ended:
            job = await house.finish(made)
