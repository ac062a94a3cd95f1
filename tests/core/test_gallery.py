"""What a visitor may open; nobody is told what is there for others."""

from __future__ import annotations

import pytest

from core.errors import GoneError, ImageNotFoundError
from core.gallery import Gallery
from core.works import ANYBODY, Showing, Viewer, Work
from tests.builders import work


class Wall:
    """A Works port with one work on it."""

    def __init__(self, hung: Work) -> None:
        self.hung = hung

    async def get(self, work_id: str) -> Work:
        if work_id == "deleted-1":
            raise GoneError
        if work_id != self.hung.id:
            raise ImageNotFoundError
        return self.hung


def gallery(**changes: object) -> tuple[Gallery, Work]:
    hung = work(**changes)
    return Gallery(Wall(hung)), hung


async def test_what_is_shown_to_them_is_opened() -> None:
    open_, hung = gallery(showing=Showing.PUBLIC)
    assert await open_.open(ANYBODY, hung.id) == hung
    open_, hung = gallery(showing=Showing.SERVER)
    assert await open_.open(Viewer(person_id=9, servers=frozenset({hung.server_id})), hung.id)


async def test_what_is_hidden_and_what_never_was_sound_the_same() -> None:
    open_, hung = gallery(showing=Showing.PRIVATE)
    said: list[str] = []
    for id in (hung.id, "00000000000000000009-1", "../../etc/passwd", ""):
        with pytest.raises(ImageNotFoundError) as caught:
            await open_.open(ANYBODY, id)
        said.append(caught.value.sentence)
    assert set(said) == {"There is no such picture, or it is not shown to you."}


async def test_what_was_deleted_is_gone_for_everybody() -> None:
    open_, _ = gallery()
    with pytest.raises(GoneError):
        await open_.open(Viewer(operator=True), "deleted-1")
