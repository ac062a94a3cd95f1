"""Searches as people type them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import PromptError
from core.find import FINDABLE, LONGEST, read
from core.flags import BY_SPELLING
from core.terms import all_terms, fits, terms_of, wanted
from core.works import ANYBODY, Order, Query, Showing
from tests.builders import ADA, NOON, request


def query(line: str, **how: Any) -> Query:
    return read(line, now=NOON, person_id=7, **how)


def at(*day: int) -> float:
    return datetime(*day, tzinfo=UTC).timestamp()


def problems(line: str, **how: Any) -> str:
    with pytest.raises(PromptError) as refusal:
        read(line, now=NOON, **how)
    return refusal.value.sentence


class TestWords:
    def test_a_plain_line_is_words_and_the_best_come_first(self) -> None:
        assert query("red  lighthouse") == Query(words="red lighthouse", order=Order.BEST)

    def test_phrases_and_words_that_must_not_be_there(self) -> None:
        line = '"red lighthouse" -fog -"at night"'
        assert query(line).words == line
        assert query("“红色灯塔” 海").words == "“红色灯塔” 海"

    def test_without_words_the_newest_come_first(self) -> None:
        assert query("") == Query()
        assert query("-fog").order is Order.NEW

    @pytest.mark.parametrize("words", ["3:2", "at 10:30", "c:\\x", "well-lit", "a - b", "http://x"])
    def test_what_only_looks_like_more_is_words(self, words: str) -> None:
        assert query(f"fox {words}").words == f"fox {words}"

    def test_what_cannot_be_found_is_told(self) -> None:
        assert "🦊" in problems("🦊")
        assert str(LONGEST) in problems("x" * (LONGEST + 1))


class TestNames:
    def test_people(self) -> None:
        assert query("by:@Ada").by == "Ada"
        assert query('by:"Ada Löw" fox').by == "Ada Löw"
        assert query("from:ada").by == "ada"
        assert query("by: ada fox") == Query(words="fox", by="ada", order=Order.BEST)
        assert query("by:me").owner_id == 7
        assert query("by:<@123456789012345678>").owner_id == 123456789012345678
        assert query("by:123456789012345678").owner_id == 123456789012345678

    def test_models_likes_and_order(self) -> None:
        assert query("model:sdxl").model == "sdxl"
        assert query("is:liked").liked_by == 7
        assert query("fox sort:top").order is Order.TOP
        assert query("fox ORDER：new").order is Order.NEW

    @pytest.mark.parametrize(
        ("typed", "moment"),
        [
            ("2026-01-31", at(2026, 1, 31)), ("2026-1-5", at(2026, 1, 5)),
            ("2026-02", at(2026, 2, 1)), ("2026", at(2026, 1, 1)),
            ("7d", NOON - 7 * 86400), ("2w", NOON - 14 * 86400), ("12h", NOON - 43200),
            ("３m", NOON - 90 * 86400), ("1y", NOON - 365 * 86400),
            ("today", at(2027, 1, 15)), ("yesterday", at(2027, 1, 14)),
        ],
    )  # fmt: skip
    def test_dates(self, typed: str, moment: float) -> None:
        assert query(f"after:{typed}").since == moment
        assert query(f"before:{typed}").until == moment

    def test_days_begin_where_the_person_is(self) -> None:
        there = query("since:2026-01-31", zone=ZoneInfo("Asia/Shanghai"))
        assert there.since == at(2026, 1, 31) - 8 * 3600

    def test_what_is_wrong_is_told_all_at_once(self) -> None:
        told = problems("after:soon before:2026-02-30 is:nice sort:size by:")
        for what in ("soon", "2026-02-30", "2026-01-31", "liked", "new, old, top, best", "by:"):
            assert what in told

    def test_somebody_who_did_not_log_in_is_told_to(self) -> None:
        assert "log in" in problems("by:me")
        assert "is:liked" in problems("is:liked fox")


class TestFlags:
    @pytest.mark.parametrize(
        ("line", "flags"),
        [
            ("--ar 3:2", (("ar", "3:2"),)), ("--ar 6:4", (("ar", "3:2"),)),
            ("--aspect=3x2", (("ar", "3:2"),)), ("—ar ３:２", (("ar", "3:2"),)),
            ("--tile --chaos", (("tile", None), ("chaos", None))),
            ("--q .5", (("quality", "0.5"),)), ("--cfg 4.0", (("cfg", "4"),)),
            ("--style raw", (("raw", None),)), ("--style noir", (("style", "noir"),)),
            ("--sampler dpm++ 2m karras", (("sampler", "dpm++-2m-karras"),)),
            ("--no fog", (("no", "fog"),)), ("--seed", (("seed", None),)),
        ],
    )  # fmt: skip
    def test_they_are_read_as_in_a_prompt(self, line: str, flags: Any) -> None:
        found = query(f"fox {line}")
        expected = flags
        if line.startswith("--sampler"):
            sampler = BY_SPELLING["sampler"]
            expected = (("sampler", sampler.write(sampler.read("dpm++ 2m karras"))),)
        assert (found.flags, found.words) == (expected, "fox")

    def test_a_switch_takes_no_word_and_a_value_no_more_than_its_own(self) -> None:
        assert query("--tile fox").words == "fox"
        assert query("--ar 3:2 red fox").words == "red fox"
        assert query("--seed -fox").words == "-fox"

    def test_the_model_is_a_model(self) -> None:
        assert query("--model sdxl") == Query(model="sdxl")
        assert query("--v 7").model == "7"

    def test_what_cannot_be_found_by_is_told(self) -> None:
        assert "Did you mean --chaos" in problems("--chaoss 3")
        assert "not kept" in problems("--repeat 3")
        assert "Leave the value out" in problems("--ar wide")

    def test_what_was_made_with_a_flag_is_found_by_it(self) -> None:
        how: dict[str, Any] = {"aspect": (3, 2), "quality": 0.5, "guidance": 4.5, "tile": True}
        how |= {"chaos": 7, "steps": 30, "avoid": ("thick fog",), "stop": 60, "clip_skip": 1}
        made = request("a fox", sampler="ddim", **how)
        terms = all_terms(terms_of(made, ADA, 7), Showing.PUBLIC, 7, age_rated=False)
        line = ("--ar 3:2 --q .5 --cfg 4.5 --tile --chaos 7 --steps 30 --no fog --stop 60 "
                "--sampler ddim --clip-skip 2 --seed 7 --n 4 model:postcard")  # fmt: skip
        assert fits(wanted(query(line), ANYBODY), terms)
        for flag in query(line).flags:
            other = replace(query(line), flags=((flag[0], "nothing"),))
            assert not fits(wanted(other, ANYBODY), terms)

    def test_the_table_knows_all_that_can_be_found_by(self) -> None:
        assert {BY_SPELLING[name].name for name in FINDABLE} == FINDABLE


def test_any_line_is_read_or_refused_in_a_sentence() -> None:
    chance = random.Random(3)
    alphabet = 'a "“”-—:：<@>=3.２ byismodel\t\x00灯🦊'
    for _ in range(3000):
        line = "".join(chance.choice(alphabet) for _ in range(chance.randrange(30)))
        try:
            wanted(read(line, now=NOON), ANYBODY)
        except PromptError as error:
            assert error.sentence
        except Exception as error:
            assert type(error).__name__ == "RefusedError", line
