"""What was said once."""

from __future__ import annotations

from storage.opening import Storage


async def test_a_key_is_noted_once(storage: Storage) -> None:
    assert await storage.notices.note("lost:1", 5.0)
    assert not await storage.notices.note("lost:1", 6.0)
    assert await storage.notices.note("lost:2", 4.0)
    assert await storage.notices.keys() == ["lost:2", "lost:1"]


async def test_what_is_forgotten_is_noted_anew(storage: Storage) -> None:
    await storage.notices.note("lost:1", 5.0)
    await storage.notices.forget("lost:1")
    await storage.notices.forget("never noted")
    assert await storage.notices.keys() == []
    assert await storage.notices.note("lost:1", 7.0)
