"""The pages: each file has its `WAYS`, and they are all named here."""

from __future__ import annotations

from gallery.ask import Way
from gallery.pages import (
    alike,
    brush,
    collections,
    deeds,
    entry,
    explore,
    feeds,
    language,
    mine,
    people,
    picture,
    pictures,
    search,
    takedown,
    themes,
)

ALL: tuple[Way, ...] = (
    # Before the pages of works, whose addresses would fit these too.
    *pictures.WAYS,
    *explore.WAYS,
    *search.WAYS,
    *picture.WAYS,
    *people.WAYS,
    *alike.WAYS,
    *collections.WAYS,
    *themes.WAYS,
    *mine.WAYS,
    *feeds.WAYS,
    *entry.WAYS,
    *language.WAYS,
    *deeds.WAYS,
    *brush.WAYS,
    *takedown.WAYS,
)
