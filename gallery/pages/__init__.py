"""The pages: each file has its `WAYS`, and they are all named here."""

from __future__ import annotations

from gallery.ask import Way
from gallery.pages import entry, first, language

ALL: tuple[Way, ...] = (*first.WAYS, *entry.WAYS, *language.WAYS)
