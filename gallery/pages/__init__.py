"""The pages: each file has its `WAYS`, and they are all named here."""

from __future__ import annotations

from gallery import admin
from gallery.ask import Way
from gallery.pages import brush, deeds, entry, first, language, takedown

ALL: tuple[Way, ...] = (
    *first.WAYS,
    *entry.WAYS,
    *language.WAYS,
    *deeds.WAYS,
    *brush.WAYS,
    *takedown.WAYS,
    *admin.ALL,
)
