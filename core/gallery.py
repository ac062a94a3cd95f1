"""Looking at the gallery: what a visitor may open. Doing something there is `core.doing`."""

from __future__ import annotations

from core.errors import ImageNotFoundError
from core.sentences import say
from core.viewing import may_view
from core.works import Viewer, Work, Works


class Gallery:
    def __init__(self, works: Works) -> None:
        self._works = works

    async def open(self, viewer: Viewer, work_id: str) -> Work:
        """Raises GoneError for one that was deleted, and the same ImageNotFoundError for what never
        was and for what is not shown to them: nobody is told that it is there."""
        try:
            work = await self._works.get(work_id)
        except ImageNotFoundError:
            work = None
        # A work has one address: no other way to write its number is one.
        if work is None or work.id != work_id or not may_view(viewer, work):
            raise ImageNotFoundError(
                say("There is no such picture, or it is not shown to you.")
            ) from None
        return work
