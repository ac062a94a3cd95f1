"""Refusals as discord.py raises them."""

from __future__ import annotations

from types import SimpleNamespace

import discord


def refusal(status: int, code: int = 0, headers: dict[str, str] | None = None) -> Exception:
    """What discord.py raises for an answer of this status and JSON error code."""
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = kinds.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    response = SimpleNamespace(status=status, reason="as the test wants", headers=headers or {})
    return kind(response, {"code": code, "message": "no"})
