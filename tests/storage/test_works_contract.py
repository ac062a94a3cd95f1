"""What every store of works promises, told as stories and run on each of them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from core.allowance import House
from core.errors import GoneError, ImageNotFoundError, RefusedError
from core.jobs import Job, NewJob, Owner, Parent, Place
from core.request import Kind, Part, Visibility
from core.terms import own
from core.viewing import listed
from core.works import ANYBODY, Order, Page, Query, Showing, Viewer, Work, work_id
from storage.opening import Storage
from storage.works import SqlWorks
from tests.storage.build import ADA, BEN, ON_DISCORD, anything, new_job, pictures, request
from tests.storage.conftest import Books

HERE = ON_DISCORD.server_id
MEMBER = Viewer(person_id=BEN.id, servers=frozenset({HERE}))
MAKER = Viewer(person_id=ADA.id, servers=frozenset({HERE}))


async def made(
    books: Books | Storage, text: str = "a red lighthouse", *, count: int = 1, at: float = 200.0,
    owner: Owner = ADA, place: Place = ON_DISCORD, parent: Parent | None = None, **how: Any,
) -> Job:  # fmt: skip
    asked = request(**{"text": text, "parts": (Part(text),), **how})
    new = new_job(owner, place, request=asked, parent=parent)
    return await finished(books, new, count=count, at=at)


async def finished(
    books: Books | Storage, new: NewJob, *, count: int = 1, at: float = 200.0
) -> Job:
    job = (await books.jobs.admit(new, anything)).job
    claim = await books.jobs.claim(job.id, by="me", now=100.0, lease_until=130.0)
    assert claim is not None
    done = await books.jobs.finish(
        job.id, claim.fence, images=pictures(job.id, count), grid="", gpu_ms=5, now=at
    )
    assert done is not None
    return done


async def found(books: Books, words: str = "", viewer: Viewer = MEMBER, **query: Any) -> list[str]:
    page = await books.works.find(Query(words=words, **query), viewer)
    return [work.id for work in page.works]


def first(*jobs: Job) -> list[str]:
    return [work_id(job.id, 1) for job in jobs]


async def open_gallery(books: Books, gallery: Showing, server_id: int = HERE) -> None:
    def change(house: House) -> House:
        return replace(house, gallery=gallery)

    await books.rules.change_house(server_id, change, by=ADA, now=1.0)


class TestWhatIsThere:
    async def test_a_work_is_a_picture_and_what_its_job_says(self, books: Books) -> None:
        parent = await made(books, "a blue boat")
        text = "a red lighthouse"
        job = await made(
            books, text, count=2, parent=Parent(parent.id, 1), aspect=(3, 2), avoid=("fog",),
            kind=Kind.VARIATION, at=321.0,
        )  # fmt: skip
        await books.jobs.shown_at(job.id, 4242)
        picture = await books.jobs.image(job.id, 2)
        work = await books.works.get(work_id(job.id, 2))
        assert work == Work(
            job_id=job.id, number=2, owner=ADA, server_id=HERE, channel_id=70, message_id=4242,
            text="a red lighthouse --no fog --ar 3:2 --model postcard", model="postcard",
            width=picture.width, height=picture.height, seed=picture.seed, blob=picture.blob,
            created_at=321.0, showing=Showing.SERVER, kind=Kind.VARIATION,
            parent=Parent(parent.id, 1), seq=work.seq,
        )  # fmt: skip
        (_, last, *_) = (await books.works.find(Query(), MEMBER)).works
        assert last == work

    async def test_only_what_is_done_is_there(self, books: Books) -> None:
        await books.jobs.admit(new_job(), anything)
        failing = (await books.jobs.admit(new_job(), anything)).job
        await books.jobs.claim(failing.id, by="me", now=1.0, lease_until=2.0)
        await books.jobs.fail(failing.id, 1, sentence="No.", now=2.0)
        assert await found(books) == []
        with pytest.raises(ImageNotFoundError):
            await books.works.get(work_id(failing.id, 1))
        with pytest.raises(ImageNotFoundError):
            await books.works.get("no such-1")

    async def test_a_picked_picture_is_not_there_twice(self, books: Books) -> None:
        grid = await made(books)
        (picture,) = await books.jobs.images(grid.id)
        picked = new_job(images=(picture,), request=request(kind=Kind.UPSCALE))
        await books.jobs.admit(picked, anything)
        assert await found(books) == first(grid)

    async def test_deleted_pictures_are_gone_for_everybody(self, books: Books) -> None:
        job, other = await made(books, count=2), await made(books)
        await books.album.like(job.id, 1, BEN.id, 1.0, likes=True)
        await books.album.delete(job.id, 300.0)
        for viewer in (ANYBODY, MEMBER, MAKER, Viewer(person_id=9, operator=True)):
            assert not {*await found(books, viewer=viewer)} & {*first(job)}
            assert not {*await found(books, "lighthouse", viewer)} & {*first(job)}
        assert await found(books, "lighthouse") == first(other)
        with pytest.raises(GoneError):
            await books.works.get(work_id(job.id, 1))
        with pytest.raises(GoneError):
            await books.works.show(work_id(job.id, 1), Showing.PUBLIC)
        assert await books.works.count(ADA.id) == 1

    async def test_it_is_told_how_many_and_of_which_models(self, books: Books) -> None:
        assert await books.works.models() == ()
        await made(books, count=3, model="sdxl")
        await made(books, owner=BEN)
        assert (await books.works.count(ADA.id), await books.works.count(BEN.id)) == (3, 1)
        assert await books.works.models() == ("postcard", "sdxl")


class TestWhoSeesWhat:
    async def test_first_it_is_for_the_members_of_its_server(self, books: Books) -> None:
        job = await made(books)
        assert await found(books) == first(job)
        stranger = replace(MEMBER, servers=frozenset({HERE + 1}))
        for nobody in (ANYBODY, stranger):
            assert await found(books, viewer=nobody) == []
            assert await found(books, "lighthouse", nobody) == []

    async def test_a_server_may_show_its_works_to_everybody(self, books: Books) -> None:
        before = await made(books)
        await open_gallery(books, Showing.PUBLIC)
        after = await made(books)
        assert await found(books, viewer=ANYBODY) == first(after)
        assert await found(books) == first(after, before)

    async def test_what_a_server_takes_back_is_not_shown_any_more(self, books: Books) -> None:
        await open_gallery(books, Showing.PUBLIC)
        job, elsewhere = await made(books), replace(ON_DISCORD, server_id=8)
        await open_gallery(books, Showing.PUBLIC, 8)
        other = await made(books, place=elsewhere)
        await open_gallery(books, Showing.SERVER)
        assert await found(books, "red", ANYBODY) == await found(books, viewer=ANYBODY)
        assert await found(books, viewer=ANYBODY) == first(other)
        assert await found(books, "red") == first(other, job)
        await books.works.show(work_id(job.id, 1), Showing.UNLISTED)
        hidden = await made(books)
        await open_gallery(books, Showing.PRIVATE)
        assert await found(books, "red") == await found(books) == first(other)
        for one in (job, hidden):
            assert (await books.works.get(work_id(one.id, 1))).showing is Showing.PRIVATE

    async def test_a_person_may_show_less(self, books: Books) -> None:
        await open_gallery(books, Showing.PUBLIC)
        await books.wishes.change(ADA.id, lambda p: replace(p, showing=Showing.SERVER))
        job = await made(books)
        theirs = await made(books, owner=BEN)
        assert await found(books, viewer=ANYBODY) == first(theirs)
        assert await found(books) == first(theirs, job)

    @pytest.mark.parametrize(
        "how",
        [
            {"visibility": Visibility.STEALTH},
            {"place": Place(channel_id=70)},
            {"place": Place()},
            {"place": replace(ON_DISCORD, closed=True)},
        ],
    )
    async def test_what_was_made_in_private_is_in_ones_own_list_alone(
        self, books: Books, how: dict[str, Any]
    ) -> None:
        await open_gallery(books, Showing.PUBLIC)
        job = await made(books, **how)
        everything = replace(MAKER, operator=True, servers=frozenset({0, HERE}))
        for words in ("", "lighthouse"):
            assert await found(books, words, everything) == []
            assert await found(books, words, MEMBER, owner_id=ADA.id) == []
            assert await found(books, words, MAKER, owner_id=ADA.id) == first(job)

    async def test_what_is_shown_can_be_changed(self, books: Books) -> None:
        job = await made(books)
        id = work_id(job.id, 1)
        for showing, seen in (
            (Showing.PUBLIC, [id]), (Showing.UNLISTED, []), (Showing.PUBLIC, [id]),
            (Showing.PRIVATE, []), (Showing.SERVER, []),
        ):  # fmt: skip
            assert (await books.works.show(id, showing)).showing is showing
            assert await found(books, viewer=ANYBODY) == seen
            assert await found(books, "red", ANYBODY) == seen
        assert await found(books, "red") == await found(books) == [id]

    async def test_age_rated_works_are_apart(self, books: Books) -> None:
        rated = await made(books, place=replace(ON_DISCORD, age_rated=True))
        tame = await made(books)
        adult = replace(MEMBER, adult=True)
        for words in ("", "red"):
            assert await found(books, words) == first(tame)
            assert await found(books, words, adult) == first(tame)
            assert await found(books, words, MEMBER, age_rated=True) == first(tame)
            assert await found(books, words, adult, age_rated=True) == first(tame, rated)
            mine = await found(books, words, MAKER, owner_id=ADA.id, age_rated=True)
            assert mine == first(tame, rated)
        await books.works.show(work_id(tame.id, 1), Showing.SERVER, age_rated=True)
        assert await found(books, "red") == await found(books) == []

    async def test_what_is_made_of_an_age_rated_picture_is_age_rated(self, books: Books) -> None:
        root = await made(books, place=replace(ON_DISCORD, age_rated=True))
        (picture,) = await books.jobs.images(root.id)
        picked = new_job(
            images=(picture,), request=request(kind=Kind.UPSCALE), parent=Parent(root.id, 1)
        )
        await books.jobs.admit(picked, anything)
        child = await made(books, parent=Parent(picked.id, 1))
        assert (await books.works.get(work_id(child.id, 1))).age_rated
        assert child.place.age_rated


class TestFinding:
    async def test_by_words_and_phrases_in_any_language(self, books: Books) -> None:
        red = await made(books, "Red lighthouses at dusk, crème sky")
        fox = await made(books, "a fox in red snow")
        sea = await made(books, "红色灯塔 by the sea")
        assert await found(books, "red") == first(fox, red)
        assert await found(books, "LIGHTHOUSE creme") == first(red)
        assert await found(books, '"red snow"') == first(fox)
        assert await found(books, '"snow red"') == []
        assert await found(books, "red -snow") == first(red)
        assert await found(books, "-red") == first(sea)
        assert await found(books, "灯塔") == first(sea)
        assert await found(books, "塔灯") == []
        for nothing in ('"', "'; DROP TABLE works; --", "a* OR NEAR(b)", "NOT", "^red {x}:y"):
            assert await found(books, f"{nothing} nowhere") == []

    async def test_by_flags_model_people_and_time(self, books: Books) -> None:
        wide = await made(books, aspect=(3, 2), at=1000.0)
        tiles = await made(books, tile=True, model="sdxl", at=2000.0)
        bens = await made(books, owner=Owner(2, "Ben Löw"), at=3000.0)
        assert await found(books, flags=(("ar", "3:2"),)) == first(wide)
        assert await found(books, flags=(("tile", None),)) == first(tiles)
        assert await found(books, model="SDXL") == first(tiles)
        assert await found(books, by="ben") == await found(books, owner_id=2) == first(bens)
        assert await found(books, "red", owner_id=2) == first(bens)
        for words in ("", "red"):
            assert await found(books, words, since=2000.0) == first(bens, tiles)
            assert await found(books, words, until=2000.0) == first(wide)
            assert await found(books, words, since=1500.0, until=2500.0) == first(tiles)
            assert await found(books, words, since=1e9) == []
            assert await found(books, words, server_id=HERE) == first(bens, tiles, wide)
            assert await found(books, words, server_id=99) == []

    async def test_what_a_person_likes(self, books: Books) -> None:
        one, other = await made(books, count=2), await made(books, "a blue boat")
        await made(books)
        for job, number in ((other, 1), (one, 2)):
            await books.album.like(job.id, number, BEN.id, 1.0, likes=True)
        liked = [work_id(other.id, 1), work_id(one.id, 2)]
        assert await found(books, liked_by=BEN.id) == liked
        assert await found(books, "boat", liked_by=BEN.id) == liked[:1]
        assert await found(books, liked_by=BEN.id, viewer=ANYBODY) == []
        assert await found(books, liked_by=ADA.id) == []
        await books.works.show(liked[0], Showing.PRIVATE)
        assert await found(books, liked_by=BEN.id) == liked[1:]

    async def test_those_that_are_named_in_the_order_in_which_they_are(self, books: Books) -> None:
        one, two, three = [await made(books) for _ in range(3)]
        names = (*tuple(first(two, three, two, one)), "none-1", "nonsense")
        assert await found(books, works=names, order=Order.GIVEN) == first(two, three, one)
        assert await found(books, works=names) == first(three, two, one)
        assert await found(books, works=names, viewer=ANYBODY) == []
        assert await found(books, works=()) == []


class TestOrder:
    async def test_a_grid_is_read_as_it_is_seen(self, books: Books) -> None:
        one, other = await made(books, count=4), await made(books, count=2)
        names = [work_id(other.id, n) for n in (1, 2)] + [work_id(one.id, n) for n in (1, 2, 3, 4)]
        assert await found(books) == await found(books, "red") == names

    async def test_new_old_and_most_liked(self, books: Books) -> None:
        jobs = [await made(books, at=at) for at in (10.0, 20.0, 30.0)]
        for person in (1, 2):
            await books.album.like(jobs[1].id, 1, person, 1.0, likes=True)
        await books.album.like(jobs[0].id, 1, 1, 1.0, likes=True)
        one, two, three = jobs
        for words in ("", "red"):
            assert await found(books, words) == first(three, two, one)
            assert await found(books, words, order=Order.OLD) == first(one, two, three)
            assert await found(books, words, order=Order.TOP) == first(two, one, three)
            assert await found(books, words, order=Order.TOP, since=15.0) == first(two, three)
        await books.album.like(two.id, 1, 1, 2.0, likes=False)
        await books.album.like(two.id, 1, 2, 2.0, likes=False)
        await books.album.like(two.id, 1, 2, 2.0, likes=False)
        assert await found(books, order=Order.TOP) == first(one, three, two)
        assert (await books.works.get(work_id(two.id, 1))).likes == 0

    async def test_what_fits_best_comes_first(self, books: Books) -> None:
        long = await made(books, "snow on hills and trees and a house and far away a fox at night")
        short = await made(books, "a fox")
        liked = await made(books, "a fox")
        phrase = await made(books, "red fox")
        apart = await made(books, "red coat of a fox")
        await books.album.like(liked.id, 1, BEN.id, 1.0, likes=True)
        best = await found(books, "fox", order=Order.BEST)
        assert best[-1] == first(long)[0]
        assert best.index(first(liked)[0]) < best.index(first(short)[0])
        assert await found(books, "red fox", order=Order.BEST) == first(phrase, apart)
        assert await found(books, order=Order.BEST) == await found(books)


class TestPages:
    @pytest.mark.parametrize("order", Order)
    @pytest.mark.parametrize("words", ["", "red"])
    async def test_page_by_page_and_back_again(
        self, books: Books, order: Order, words: str
    ) -> None:
        chance = random.Random(order)
        for _ in range(4):
            job = await made(books, count=3)
            for person in range(chance.randrange(4)):
                await books.album.like(job.id, 1 + person % 3, 100 + person, 1.0, likes=True)
        query = Query(words=words, order=order)
        whole = [work.id for work in (await books.works.find(query, MEMBER)).works]
        assert len(whole) == 12
        pages = [await books.works.find(query, MEMBER, limit=5)]
        while pages[-1].next:
            pages.append(await books.works.find(query, MEMBER, pages[-1].next, limit=5))
        assert [work.id for page in pages for work in page.works] == whole
        back: list[Page] = [pages[-1]]
        while back[0].before:
            back.insert(0, await books.works.find(query, MEMBER, back[0].before, limit=5))
        assert [page.works for page in back] == [page.works for page in pages]

    async def test_a_cursor_of_another_list_is_refused(self, books: Books) -> None:
        await made(books)
        for forged in ("nonsense", "ta1", "na99999999999999999999", "'"):
            with pytest.raises(RefusedError):
                await books.works.find(Query(), MEMBER, forged)

    async def test_a_made_up_cursor_shows_nothing_more(self, books: Books) -> None:
        await made(books, visibility=Visibility.STEALTH)
        for cursor in ("na999999", "nb0"):
            assert (await books.works.find(Query(), MEMBER, cursor)).works == ()

    async def test_a_page_has_at_most_a_hundred(self, books: Books) -> None:
        await made(books, count=3)
        assert len((await books.works.find(Query(), MEMBER, limit=0)).works) == 1
        assert len((await books.works.find(Query(), MEMBER, limit=10**9)).works) == 3


def anybody(chance: random.Random) -> Viewer:
    def some() -> frozenset[int]:
        return frozenset(id for id in (0, 7, 8, 9) if chance.random() < 0.4)

    return Viewer(
        person_id=chance.choice((0, 1, 2, 3)),
        servers=some(),
        moderates=some(),
        administers=some(),
        operator=chance.random() < 0.2,
        adult=chance.random() < 0.5,
    )


def anything_asked(chance: random.Random) -> Query:
    return Query(
        words=chance.choice(("", "", "red", "-fox", "fox")),
        owner_id=chance.choice((None, None, 0, 1, 2)),
        server_id=chance.choice((None, None, 0, 7, 8)),
        liked_by=chance.choice((None, None, None, 2)),
        order=chance.choice((Order.NEW, Order.OLD, Order.TOP, Order.BEST)),
        age_rated=chance.random() < 0.5,
        since=chance.choice((None, None, 20.0)),
        until=chance.choice((None, None, 30.0)),
    )


async def test_lists_are_what_the_policy_says_whoever_asks_for_whatever(books: Books) -> None:
    chance = random.Random(11)
    likers: dict[str, bool] = {}
    for at in range(40):
        place = replace(
            ON_DISCORD, server_id=chance.choice((0, 7, 8)), age_rated=chance.random() < 0.3
        )
        owner = chance.choice((ADA, BEN, Owner(0, "shell")))
        text = chance.choice(("a red fox", "a red boat", "a fox", "snow"))
        job = await made(books, text, at=float(at), owner=owner, place=place)
        await books.works.show(work_id(job.id, 1), chance.choice(tuple(Showing)))
        if chance.random() < 0.3:
            await books.album.like(job.id, 1, BEN.id, 1.0, likes=True)
            likers[work_id(job.id, 1)] = True
    jobs = await books.jobs.history(None, limit=100)
    works = [await books.works.get(work_id(job.id, 1)) for job in jobs]
    for _ in range(250):
        viewer, query = anybody(chance), anything_asked(chance)
        bare = query.words.lstrip("-")
        expected = {
            work.id
            for work in works
            if listed(viewer, work, age_rated=query.age_rated, own=own(query, viewer))
            and query.owner_id in (None, work.owner.id)
            and query.server_id in (None, work.server_id)
            and (query.liked_by is None or work.id in likers)
            and (query.since is None or work.created_at >= query.since)
            and (query.until is None or work.created_at < query.until)
            and (not bare or (bare in work.text.split()) != query.words.startswith("-"))
        }
        page = await books.works.find(query, viewer, limit=100)
        assert {work.id for work in page.works} == expected, (viewer, query)


async def test_the_best_are_looked_for_among_the_newest(storage: Storage) -> None:
    works = SqlWorks(storage.database, best_among=4, top_among=4)
    for words in ("a fox", "a fox in deep snow", "fox", "red fox", "a fox at night", "fox"):
        await made(storage, words)
    for order in (Order.BEST, Order.TOP):
        query = Query(words="fox", order=order)
        whole = [work.seq for work in (await works.find(query, MEMBER)).works]
        assert sorted(whole) == [3, 4, 5, 6]
        seen: list[int] = []
        page = await works.find(query, MEMBER, limit=3)
        while True:
            seen += [work.seq for work in page.works]
            if not page.next:
                break
            page = await works.find(query, MEMBER, page.next, limit=3)
        assert seen[:4] == whole
        assert sorted(seen) == [1, 2, 3, 4, 5, 6]
