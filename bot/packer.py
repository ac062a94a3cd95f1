"""Sends many pictures as zips, to the person who asked alone."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.messenger import Upload
from bot.replies import Hold, Interaction, add_file, hold, tell
from core.bundle import Bundle, Bundler
from core.sentences import Sentence, say, together
from core.works import Viewer

MOST_PICTURES = 200
"""Of one wish."""

MOST_ZIPS = 5
"""Messages that one wish is answered with."""


class Packer:
    """`gallery_url` is "" where the gallery has no address for people."""

    def __init__(self, bundler: Bundler, gallery_url: str = "") -> None:
        self._bundler = bundler
        self._gallery_url = gallery_url

    async def send(
        self,
        interaction: Interaction,
        viewer: Viewer,
        ids: Sequence[str],
        limit: int,
        *,
        line: str,
        more: bool,
    ) -> None:
        """These works, in files of at most `limit` bytes. `line` finds them in the gallery; `more`:
        it finds others besides. Raises RefusedError where there are none."""
        await hold(interaction, Hold.PRIVATE)
        bundle = await self._bundler.of(viewer, ids, most=MOST_PICTURES)
        zips, too_large = bundle.parts(limit)
        sent = zips[:MOST_ZIPS]
        left = len(too_large) + bundle.left_out + sum(len(one.entries) for one in zips[MOST_ZIPS:])
        words = [said(sent)] if sent else []
        if left:
            words.append(say("{count} pictures have no room here.", count=left))
        if more:
            words.append(say("There are more than {most}; search for fewer.", most=MOST_PICTURES))
        if left or more:
            words += self._elsewhere(line)
        for number, one in enumerate(sent, 1):
            name = f"easel-{number}-of-{len(sent)}.zip" if len(sent) > 1 else "easel.zip"
            file = Upload(name, await one.whole())
            if number == 1:
                await tell(interaction, together(words), uploads=(file,))
            else:
                await add_file(interaction, file)
        if not sent:
            await tell(interaction, together(words))

    def _elsewhere(self, line: str) -> list[Sentence]:
        if not self._gallery_url:
            return []
        address = f"{self._gallery_url.rstrip('/')}/search?q={quote(line)}"
        return [say("The gallery has them all: {address}", address=f"<{address}>")]


def said(zips: Sequence[Bundle]) -> Sentence:
    count = sum(len(one.entries) for one in zips)
    if count == 1:
        return say("Here is the picture.")
    if len(zips) > 1:
        return say("Here are {count} pictures, in {zips} files.", count=count, zips=len(zips))
    return say("Here are {count} pictures.", count=count)
