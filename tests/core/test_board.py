"""What running jobs look like right now."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.board import Board, Glimpse


def test_a_jobs_progress_and_preview_are_seen_together() -> None:
    board = Board()
    assert board.get("a") is None
    board.started("a", 20)
    assert board.get("a") == Glimpse(0, 20)
    board.progress("a", 5, 20)
    board.preview("a", Path("p.jpg"))
    board.progress("a", 6, 20)
    assert board.get("a") == Glimpse(6, 20, Path("p.jpg"))
    assert board.get("b") is None


def test_a_job_that_starts_again_starts_from_nothing() -> None:
    board = Board()
    board.preview("a", Path("p.jpg"))
    board.started("a", 20)
    assert board.get("a") == Glimpse(0, 20)


def test_everyone_who_listens_is_told_of_every_change() -> None:
    board = Board()
    told: list[tuple[str, str]] = []
    board.listen(lambda job_id: told.append(("first", job_id)))
    board.listen(lambda job_id: told.append(("second", job_id)))
    board.started("a", 20)
    board.progress("a", 1, 20)
    board.preview("b", Path("p.jpg"))
    board.changed("a")
    assert told == [(who, job_id) for job_id in "aaba" for who in ("first", "second")]


def test_a_job_that_ended_is_gone_before_anyone_is_told() -> None:
    board = Board()
    seen: list[Glimpse | None] = []
    board.started("a", 20)
    board.listen(lambda job_id: seen.append(board.get(job_id)))
    board.changed("a")
    board.changed("never heard of")
    assert seen == [None, None]


@pytest.mark.parametrize(
    ("glimpse", "percent"),
    [(Glimpse(), 0), (Glimpse(1, 3), 33), (Glimpse(2, 3), 67), (Glimpse(3, 3), 100)],
)
def test_percentages(glimpse: Glimpse, percent: int) -> None:
    assert glimpse.percent == percent
