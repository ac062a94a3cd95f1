"""Answers over a connection that breaks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.messenger import Post
from bot.replies import Hold, TokenOverError, apologies, held_privately, hold, show
from core.errors import BusyError
from tests.bot.faults import refusal

POST = Post("hello", 1)
RESET = aiohttp.ClientOSError(104, "reset")
ANSWERED = refusal(400, 40060)


class FakeInteraction:
    """`results` of the calls in order: an error is raised, None goes well. `hushed`: Discord shows
    the answers to the person who asked alone."""

    hushed = False

    def __init__(self, *results: Exception | None) -> None:
        self.id, self.results, self.calls = 5, list(results), list[str]()
        self.response = SimpleNamespace(
            is_done=lambda: False, type=None, send_message=self._answer, defer=self._answer
        )
        self.followup = SimpleNamespace(send=self._answer)
        self.extras: dict[str, Any] = {}

    async def _answer(self, *args: Any, **options: Any) -> Any:
        self.calls.append("answer")
        if (result := self.results.pop(0)) is not None:
            raise result
        return SimpleNamespace(message_id=77, is_ephemeral=lambda: self.hushed)

    async def original_response(self) -> Any:
        self.calls.append("look")
        if self.results and (result := self.results.pop(0)) is not None:
            raise result
        return SimpleNamespace(id=88)


@pytest.mark.parametrize(
    ("results", "message_id", "calls"),
    [
        ([None], 77, ["answer"]),
        ([RESET, None], 77, ["answer", "answer"]),
        ([RESET, ANSWERED], 88, ["answer", "answer", "look"]),
        ([RESET, RESET], 0, ["answer", "answer"]),
        ([ANSWERED], 88, ["answer", "look"]),
        ([ANSWERED, refusal(404, 10008)], 0, ["answer", "look"]),
        ([discord.InteractionResponded(SimpleNamespace())], 0, ["answer"]),
        ([TimeoutError()], 0, ["answer"]),
        ([refusal(503)], 0, ["answer"]),
        ([refusal(429)], 0, ["answer"]),
    ],
)
@pytest.mark.parametrize("how", ["show", "hold"])
async def test_the_first_answer_survives_a_bad_line(
    results: list[Exception | None], message_id: int, calls: list[str], how: str
) -> None:
    interaction: Any = FakeInteraction(*results)
    shown = await (show(interaction, POST) if how == "show" else hold(interaction))
    assert (shown, interaction.calls) == (message_id, calls)


@pytest.mark.parametrize("error", [refusal(404, 10062), refusal(401, 50027), refusal(404, 10015)])
async def test_a_token_that_is_over_is_told_from_the_rest(error: Exception) -> None:
    interaction: Any = FakeInteraction(error)
    with pytest.raises(TokenOverError):
        await show(interaction, POST)


async def test_what_discord_refuses_for_good_is_raised() -> None:
    interaction: Any = FakeInteraction(refusal(400, 50035))
    with pytest.raises(discord.HTTPException):
        await show(interaction, POST)


async def test_even_an_apology_that_cannot_be_made_raises_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for error in (refusal(404, 10062), refusal(403, 50013), ZeroDivisionError(), RESET):
        interaction: Any = FakeInteraction(error, error)
        async with apologies(interaction):
            raise BusyError
    assert "Easel is busy right now" in caplog.text


@pytest.mark.parametrize(
    ("how", "hushed", "private"),
    [
        (Hold.PUBLIC, False, False),
        (Hold.PRIVATE, False, True),
        (Hold.PUBLIC, True, True),
    ],
)
async def test_whether_thinking_is_private_is_as_discord_says(
    how: Hold, hushed: bool, private: bool
) -> None:
    interaction = FakeInteraction(None)
    interaction.hushed = hushed
    await hold(interaction, how)  # type: ignore[arg-type]
    assert held_privately(interaction) is private  # type: ignore[arg-type]
