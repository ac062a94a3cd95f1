"""What every album promises of likes, deletions and families; told as stories, run on each."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import ImageNotFoundError, JobNotFoundError
from core.jobs import Image, Job, Parent, State
from core.request import Source
from storage.opening import Storage
from tests.storage.build import ADA, BEN, anything, new_job, request
from tests.storage.conftest import Books
from tests.storage.test_jobs_contract import finished, lines, queued


class TestLikes:
    async def test_a_picture_is_liked_by_each_member_once(self, books: Books) -> None:
        job = await finished(books.jobs)
        assert await books.album.like(job.id, 2, ADA.id, 1.0, likes=True) == 1
        assert await books.album.like(job.id, 2, ADA.id, 2.0, likes=True) == 1
        assert await books.album.like(job.id, 2, BEN.id, 3.0, likes=True) == 2
        assert await books.album.likes(job.id, 2, ADA.id)
        assert not await books.album.likes(job.id, 1, ADA.id)

    async def test_a_like_taken_back_leaves_the_others(self, books: Books) -> None:
        job = await finished(books.jobs)
        for person in (ADA, BEN):
            await books.album.like(job.id, 1, person.id, 1.0, likes=True)
        assert await books.album.like(job.id, 1, ADA.id, 2.0, likes=False) == 1
        assert await books.album.like(job.id, 1, ADA.id, 2.0, likes=False) == 1
        assert not await books.album.likes(job.id, 1, ADA.id)
        assert await books.album.likes(job.id, 1, BEN.id)

    async def test_what_a_member_likes_is_found_again_the_last_first(self, books: Books) -> None:
        one, other = await finished(books.jobs), await finished(books.jobs)
        for at, (job, number) in enumerate([(one, 3), (other, 1), (one, 1)]):
            await books.album.like(job.id, number, ADA.id, float(at), likes=True)
        await books.album.like(other.id, 2, BEN.id, 9.0, likes=True)
        found = await books.album.liked(ADA.id)
        assert [(image.job_id, image.number) for image in found] == [
            (one.id, 1),
            (other.id, 1),
            (one.id, 3),
        ]
        assert len(await books.album.liked(ADA.id, limit=2)) == 2

    async def test_only_a_picture_that_is_there_can_be_liked(self, books: Books) -> None:
        waiting = await queued(books.jobs)
        with pytest.raises(ImageNotFoundError):
            await books.album.like(waiting.id, 1, ADA.id, 1.0, likes=True)

    async def test_many_likes_at_once_are_all_counted(self, books: Books) -> None:
        job = await finished(books.jobs)
        await asyncio.gather(
            *(books.album.like(job.id, 1, person, 1.0, likes=True) for person in range(100, 120))
        )
        assert await books.album.like(job.id, 1, ADA.id, 1.0, likes=True) == 21


class TestDeletion:
    async def test_the_pictures_are_gone_and_the_job_and_its_account_stay(
        self, books: Books
    ) -> None:
        job = await finished(books.jobs)
        before = await lines(books.jobs, job.id)
        await books.album.like(job.id, 1, ADA.id, 1.0, likes=True)
        gone = await books.album.delete(job.id, 300.0)
        assert (gone.deleted_at, gone.grid, gone.state) == (300.0, "", State.DONE)
        assert await books.jobs.get(job.id) == gone
        assert (gone.request, gone.cost_ms) == (job.request, job.cost_ms)
        assert await books.jobs.images(job.id) == []
        assert await books.album.liked(ADA.id) == []
        assert await lines(books.jobs, job.id) == before

    async def test_a_second_time_changes_nothing(self, books: Books) -> None:
        job = await finished(books.jobs)
        first = await books.album.delete(job.id, 300.0)
        assert await books.album.delete(job.id, 400.0) == first

    async def test_what_is_not_over_stays(self, books: Books) -> None:
        job = await queued(books.jobs)
        assert (await books.album.delete(job.id, 300.0)).deleted_at is None
        with pytest.raises(JobNotFoundError):
            await books.album.delete("no such job", 300.0)

    async def test_what_is_gone_is_not_owed_to_anybody(self, books: Books) -> None:
        job = await finished(books.jobs)
        assert [one.id for one in await books.jobs.undelivered()] == [job.id]
        await books.album.delete(job.id, 300.0)
        assert await books.jobs.undelivered() == []

    async def test_all_of_one_person_goes_some_jobs_at_a_time(self, books: Books) -> None:
        mine = [await finished(books.jobs) for _ in range(3)]
        other = await finished(books.jobs, new_job(BEN))
        waiting = await queued(books.jobs)
        gone = await books.album.clear(ADA.id, 300.0, limit=2)
        assert [job.id for job in gone] == [job.id for job in mine[:2]]
        assert gone == [await books.jobs.get(job.id) for job in mine[:2]]
        assert {job.deleted_at for job in gone} == {300.0}
        assert [job.id for job in await books.album.clear(ADA.id, 400.0, limit=2)] == [mine[2].id]
        assert await books.album.clear(ADA.id, 500.0, limit=2) == []
        assert (await books.jobs.get(waiting.id)).deleted_at is None
        assert len(await books.jobs.images(other.id)) == 4


class TestFamilies:
    async def test_what_was_made_of_a_job_is_found_oldest_first(self, books: Books) -> None:
        root = await finished(books.jobs)
        children = [
            await queued(books.jobs, new_job(parent=Parent(root.id, number), created_at=9.0 - n))
            for n, number in enumerate((1, 4))
        ]
        await queued(books.jobs)
        grandchild = await queued(books.jobs, new_job(parent=Parent(children[0].id, 1)))
        found = await books.album.children([root.id])
        assert [job.id for job in found] == [children[1].id, children[0].id]
        both = await books.album.children([root.id, children[0].id])
        assert {job.id for job in both} == {*(child.id for child in children), grandchild.id}
        assert len(await books.album.children([root.id], limit=1)) == 1
        assert await books.album.children([]) == []


class TestFiles:
    """Of a real storage alone: the other keeps no files."""

    async def made(self, storage: Storage, *words: bytes) -> Job:
        job = (await storage.jobs.admit(new_job(), anything)).job
        await storage.jobs.claim(job.id, by="me", now=1.0, lease_until=9.0)
        images = [
            Image(
                job_id=job.id,
                number=number,
                blob=await storage.blobs.put(word, ".png"),
                width=8,
                height=8,
                seed=1,
            )
            for number, word in enumerate(words, 1)
        ]
        grid = await storage.blobs.put(b"grid of " + b"".join(words), ".png")
        done = await storage.jobs.finish(job.id, 1, images=images, grid=grid, gpu_ms=5, now=2.0)
        assert done is not None
        return done

    async def files(self, storage: Storage) -> int:
        folders = [await storage.blobs.older(f, 1e12) for f in await storage.blobs.folders()]
        return sum(map(len, folders))

    async def test_files_go_with_the_pictures(self, storage: Storage) -> None:
        job = await self.made(storage, b"one", b"two")
        await self.made(storage, b"three")
        assert await self.files(storage) == 5
        await storage.album.delete(job.id, 3.0)
        assert await self.files(storage) == 2

    async def test_all_files_of_one_person_go_at_once(self, storage: Storage) -> None:
        for word in (b"one", b"two", b"three"):
            await self.made(storage, word)
        assert len(await storage.album.clear(ADA.id, 3.0)) == 3
        assert await self.files(storage) == 0

    async def test_a_file_that_another_job_needs_stays(self, storage: Storage) -> None:
        job = await self.made(storage, b"same", b"started from", b"alone")
        await self.made(storage, b"same")
        (_, source, _) = await storage.jobs.images(job.id)
        waiting = new_job(request=request(source=Source(source.blob, 0.5)))
        await storage.jobs.admit(waiting, anything)
        await storage.album.delete(job.id, 3.0)
        assert await storage.blobs.get(source.blob) == b"started from"
        # Two of the other job, and the one that is started from.
        assert await self.files(storage) == 3
