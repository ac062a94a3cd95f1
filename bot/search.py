"""Searches of somebody in Discord: what they typed, among whose pictures, and where they ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.cards import Cards
from bot.history_ids import Whose
from bot.history_page import words_of
from bot.onlooker import is_age_rated, is_told, viewer_of
from bot.replies import Interaction
from bot.whereabouts import server_of
from core.clock import Clock
from core.errors import RefusedError
from core.find import read
from core.likeness import MoreLikeThis
from core.sentences import say
from core.works import MOST_ON_A_PAGE, Page, Query, Work, Works

MOST_SKIPPED = 5
"""Pages that are passed over when nothing on them may be shown here."""

MOST_PROMPTS = 100
"""Pictures whose prompts are looked through for those that are offered while somebody types."""

_ALIKE = re.compile(r"(?:^|\s)like:([0-9a-f]{8,32}-\d{1,2})(?=\s|$)", re.IGNORECASE)


class Search:
    """A line is as `core.find` reads it, and may have `like:` before the name of a picture. Without
    `alike` nothing finds pictures that look alike."""

    def __init__(
        self, works: Works, alike: MoreLikeThis | None, cards: Cards, clock: Clock
    ) -> None:
        self._works = works
        self._alike = alike
        self._cards = cards
        self._clock = clock

    def meant(self, interaction: Interaction, line: str) -> Whose:
        """Whose pictures a line is about that may name somebody. Raises PromptError."""
        query, _ = self._read(interaction, line)
        other = query.by or query.owner_id not in (None, interaction.user.id)
        return Whose.HERE if other and server_of(interaction) else Whose.MINE

    async def find(
        self, interaction: Interaction, whose: Whose, line: str, after: str, limit: int
    ) -> Page:
        """What they may see of it, though it need not be told here. Raises PromptError,
        NotFoundError, NotYoursError and RefusedError."""
        query, alike = self._read(interaction, line)
        query = replace(query, age_rated=is_age_rated(interaction))
        match whose:
            case Whose.MINE:
                query = replace(query, owner_id=interaction.user.id)
            case Whose.HERE:
                query = replace(query, server_id=server_of(interaction) or None)
            case Whose.LIKED:
                query = replace(query, liked_by=interaction.user.id)
        viewer = viewer_of(interaction)
        if not alike:
            return await self._works.find(query, viewer, after, limit)
        if self._alike is None:
            raise RefusedError(say("Pictures that look alike cannot be found here."))
        await self._cards.work(interaction, alike)
        return await self._alike.find(alike, query, viewer, after, limit)

    async def page(
        self, interaction: Interaction, whose: Whose, line: str, after: str, limit: int
    ) -> tuple[Page, str]:
        """The first page from the cursor on with something that is told here; its cursor."""
        found = await self.find(interaction, whose, line, after, limit)
        for _ in range(MOST_SKIPPED):
            if not found.next or any(is_told(interaction, work) for work in found.works):
                break
            after = found.next
            found = await self.find(interaction, whose, line, after, limit)
        return found, after

    async def all(
        self, interaction: Interaction, whose: Whose, line: str, most: int
    ) -> tuple[Sequence[Work], bool]:
        """The first `most` that are told here, and whether there are others."""
        works, after = list[Work](), ""
        while True:
            found = await self.find(interaction, whose, line, after, MOST_ON_A_PAGE)
            works += [work for work in found.works if is_told(interaction, work)]
            after = found.next
            if not after or len(works) >= most:
                return works[:most], bool(after) or len(works) > most

    async def prompts(self, interaction: Interaction, typed: str) -> list[str]:
        """Prompts of the person's own newest pictures that fit what they have typed."""
        viewer = viewer_of(interaction)
        words = typed.partition("--")[0].strip()
        query = Query(words=words, owner_id=viewer.person_id, age_rated=viewer.adult)
        found = await self._works.find(query, viewer, "", MOST_PROMPTS)
        prompts = (words_of(work) for work in found.works)
        return list(dict.fromkeys(prompt for prompt in prompts if 0 < len(prompt) <= 100))

    def _read(self, interaction: Interaction, line: str) -> tuple[Query, str]:
        """What a line asks for, and the picture that it is to be like, "" for none."""
        alike = _ALIKE.search(line)
        rest = _ALIKE.sub(" ", line).strip()
        query = read(rest, now=self._clock.now(), person_id=interaction.user.id)
        return query, alike[1].lower() if alike else ""
