"""What works are found by."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import RefusedError
from core.jobs import Owner
from core.request import HouseStyle, Request, Visibility
from core.terms import MOST_WORDS, all_terms, fits, mark, ranker, read_words, spellings, terms_of
from core.terms import wanted as wanted_by
from core.works import ANYBODY, Query, Showing, Viewer
from tests.builders import request

ADA = Owner(11, "Ada Löw")


def terms(text: str = "a red lighthouse", **changes: Any) -> str:
    made = terms_of(request(text, **changes), ADA, 7)
    return all_terms(made, Showing.PUBLIC, 7, age_rated=False)


def found(terms: str, words: str = "", **query: Any) -> bool:
    return fits(wanted_by(Query(words=words, **query), ANYBODY), terms)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Red LIGHTHOUSES at dusk", ["red", "lighthouse", "at", "dusk"]),
            ("the cat's boxes, cities & glass", ["the", "cat", "box", "city", "glass"]),
            ("grass virus iris atlas", ["grass", "virus", "iris", "atlas"]),
            ("Crème brûlée, Straße", ["creme", "brulee", "strasse"]),
            ("灯塔 at 夜", ["灯", "塔", "at", "夜"]),
            ("ภาพ", ["ภ", "า", "พ"]),
            ("서울 야경", ["서울", "야경"]),
            ("２：３ ﬁne snake_case", ["2", "3", "fine", "snake", "case"]),
            ("🦊 ... --", []),
        ],
    )
    def test_they_are_brought_to_one_spelling(self, text: str, words: list[str]) -> None:
        assert spellings(text) == words

    def test_a_query_is_read_as_people_type_them(self) -> None:
        line = 'fox “Red  Lighthouses” -fog -"at night" well-lit'
        assert read_words(line) == (("fox", "red lighthouse", "well lit"), ("fog", "at night"))
        assert read_words("") == ((), ())

    def test_what_cannot_be_looked_for_is_told(self) -> None:
        with pytest.raises(RefusedError, match="🦊"):
            read_words("🦊 !!")
        with pytest.raises(RefusedError, match=f"limit is {MOST_WORDS}"):
            read_words(" ".join(f"word{n}" for n in range(MOST_WORDS + 1)))
        with pytest.raises(RefusedError, match="nobody"):
            wanted_by(Query(by="@"), ANYBODY)


class TestFinding:
    def test_all_words_must_be_there_and_whole(self) -> None:
        assert found(terms(), "lighthouse red")
        assert found(terms(), "LIGHTHOUSES")
        assert not found(terms(), "light")
        assert not found(terms(), "red fox")

    def test_a_phrase_stands_as_it_was_quoted(self) -> None:
        assert found(terms(), '"red lighthouse"')
        assert not found(terms(), '"lighthouse red"')
        assert found(terms("红色灯塔"), "灯塔")
        assert not found(terms("红色灯塔"), "塔灯")

    def test_words_with_a_hyphen_must_not_be_there(self) -> None:
        assert found(terms(), "red -fox")
        assert not found(terms(), "red -lighthouse")
        assert found(terms(), '-"lighthouse red"')

    def test_what_was_to_be_kept_out_is_no_word_of_the_picture(self) -> None:
        one = terms(avoid=("thick fog", "people"))
        assert not found(one, "fog")
        assert found(one, flags=(("no", "fog"),))
        assert found(one, flags=(("no", None),))
        assert not found(terms(), flags=(("no", None),))

    def test_flags_are_found_by_name_and_by_value(self) -> None:
        one = terms(aspect=(3, 2), tile=True, quality=0.5, style=HouseStyle(name="noir", text="x"))
        wide, tiles = (("ar", "3:2"),), (("tile", None),)
        assert found(one, flags=wide) and found(one, flags=tiles)
        assert found(one, flags=(("quality", "0.5"), ("style", "noir"), ("steps", "24")))
        assert not found(one, flags=(("ar", "2:3"),))
        assert not found(terms(), flags=wide) and not found(terms(), flags=tiles)
        assert found(terms(), flags=(("ar", "1:1"),))

    def test_people_servers_and_models_are_found(self) -> None:
        assert found(terms(), by="@ADA") and found(terms(), by="low ada")
        assert not found(terms(), by="bo")
        assert found(terms(), owner_id=11, server_id=7, model="PostCard")
        assert not found(terms(), owner_id=1)
        assert not found(terms(), server_id=77)
        assert not found(terms(), model="post")

    def test_a_word_is_never_taken_for_a_mark(self) -> None:
        shouting = terms("_vp _o11 vp o11 ada")
        assert not found(shouting.replace("_vp", "").replace("_o11", ""), owner_id=11)
        assert not any(term.startswith("_") for term in spellings("_vp __r _o11"))
        assert mark("m", "sd-1.5 “x”").replace("_", "").isalnum()


class TestLists:
    def seen(self, viewer: Viewer, showing: Showing, *, rated: bool = False, **query: Any) -> bool:
        made = all_terms(terms(), showing, 7, age_rated=rated)
        return fits(wanted_by(Query(**query), viewer), made)

    def test_marks_take_the_place_of_others(self) -> None:
        public = terms()
        hidden = all_terms(public, Showing.PRIVATE, 7, age_rated=True)
        assert all_terms(hidden, Showing.PUBLIC, 7, age_rated=False) == public

    def test_only_the_own_list_has_what_no_list_shows(self) -> None:
        mine = Viewer(person_id=11)
        assert self.seen(mine, Showing.PRIVATE, owner_id=11)
        assert not self.seen(mine, Showing.PRIVATE)
        assert not self.seen(Viewer(person_id=2), Showing.PRIVATE, owner_id=11)

    def test_nobody_in_particular_has_no_list_of_their_own(self) -> None:
        assert not self.seen(ANYBODY, Showing.PRIVATE, owner_id=0)


class TestRank:
    def better(self, words: str, one: str, other: str, likes: tuple[int, int] = (0, 0)) -> bool:
        want = wanted_by(Query(words=words), ANYBODY)
        rank = ranker(want)
        return rank(terms(one), likes[0]) > rank(terms(other), likes[1])

    def test_short_prompts_and_early_words_fit_better(self) -> None:
        assert self.better("fox", "a fox", "a fox in a wood of old trees under a starry sky")
        assert self.better("fox", "fox in the snow", "snow in the fox")

    def test_words_as_they_were_typed_fit_better(self) -> None:
        assert self.better("red fox", "snow and red fox", "fox and red snow")

    def test_likes_decide_between_equals(self) -> None:
        assert self.better("fox", "a fox", "a fox", (1, 0))

    def test_flags_are_no_words_of_the_prompt(self) -> None:
        want = wanted_by(Query(words="fox"), ANYBODY)
        plain: Request = request("a fox")
        busy = request("a fox", tile=True, chaos=9, visibility=Visibility.PUBLIC)
        ranks = {ranker(want)(terms_of(one, ADA, 7), 0) for one in (plain, busy)}
        assert len(ranks) == 1
