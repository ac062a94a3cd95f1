"""Where a page of pictures goes on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from core.works import Page
from gallery.ask import Ask


@dataclass(frozen=True, slots=True)
class Pager:
    """Paths of the pages after and before this one, "" where there is none."""

    next: str = ""
    before: str = ""


def pager(ask: Ask, page: Page, *kept: str) -> Pager:
    """On the same path. `kept` are the names of what else its address says."""
    said = {name: value for name in kept if (value := ask.query(name))}

    def at(cursor: str) -> str:
        return f"{ask.request.url.path}?{urlencode({**said, 'after': cursor})}" if cursor else ""

    return Pager(at(page.next), at(page.before))
