"""What a page shows, read from its text."""

from __future__ import annotations

import html
import re


def works(text: str) -> list[str]:
    """The ids of the pictures that hang there, in their order."""
    return re.findall(r'<li class="work [^"]*" data-work="([^"]+)"', text)


def links(text: str, rel: str) -> list[str]:
    found = re.findall(rf'<a [^>]*rel="{rel}" href="([^"]+)"', text)
    return [html.unescape(one) for one in found]


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""
