"""Messages made of Discord's newer components: text, pictures side by side, buttons.

Such a message has no content of its own and can never become an ordinary one again. Its pictures
are the files that come with it, named by `attachment://`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import discord

from bot.messenger import Upload
from bot.views import Rows

MOST_PICTURES = 10
"""Of one gallery, and files of one message."""

Items = list[discord.ui.Item[Any]]


def gallery(text: str, uploads: Sequence[Upload], rows: Rows) -> discord.ui.LayoutView:
    """The text, then the pictures if there are any, then the buttons."""
    items: Items = [discord.ui.TextDisplay(text)]
    if uploads:
        items.append(pictures(uploads))
    return layout([*items, *(discord.ui.ActionRow(*row) for row in rows)])


def pictures(uploads: Iterable[Upload]) -> discord.ui.MediaGallery[Any]:
    """Beside each other."""
    return discord.ui.MediaGallery(
        *(
            discord.MediaGalleryItem(f"attachment://{one.name}", description=one.alt or None)
            for one in uploads
        )
    )


def layout(items: Iterable[discord.ui.Item[Any]]) -> discord.ui.LayoutView:
    """Finished on purpose: see `bot.views`."""
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def as_it_is(message: discord.Message) -> discord.ui.View | discord.ui.LayoutView:
    """The components of a message, to be sent with it again: its files stay where they are."""
    if not message.flags.components_v2:
        return discord.ui.View.from_message(message, timeout=None)
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    files = iter(message.attachments)
    for item in view.walk_children():
        if isinstance(item, discord.ui.MediaGallery):
            item.items = [
                discord.MediaGalleryItem(
                    f"attachment://{file.filename}", description=old.description
                )
                for old, file in zip(item.items, files, strict=False)
            ]
    return view
