"""Sentences remember what they were made of, and are said again in their reader's language."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

from core import sentences
from core.chinese import CHINESE
from core.sentences import Sentence, frame, in_language, recall, say, together


@pytest.fixture(autouse=True)
def little_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    little = {
        "{count:,} foxes like “{word}”.": "有 {count:,} 只狐狸喜欢“{word}”。",
        "Come here.": "过来。",
        "It said: {what}": "它说：{what}",
    }
    tables = {"zh": {**CHINESE, **little}}
    monkeypatch.setattr(sentences, "TABLES", tables)
    sentences._patterns.cache_clear()
    yield
    sentences._patterns.cache_clear()


FOXES = say("{count:,} foxes like “{word}”.", count=1200, word="{night} 夜")


def test_a_sentence_is_its_english_text() -> None:
    assert FOXES == "1,200 foxes like “{night} 夜”."
    assert (FOXES.template, FOXES.values["count"]) == ("{count:,} foxes like “{word}”.", 1200)


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
def test_it_is_said_in_the_readers_language_with_its_values_untouched(locale: str) -> None:
    assert in_language(FOXES, locale) == "有 1,200 只狐狸喜欢“{night} 夜”。"


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "de", "ja", "", "zhuang"])
def test_without_a_table_it_stays_english(locale: str) -> None:
    assert in_language(FOXES, locale) == str(FOXES)


def test_plain_text_and_an_unknown_template_stay_as_they_are() -> None:
    assert in_language("Come here.", "zh-CN") == "Come here."
    assert in_language(say("Nobody wrote {what}.", what="this"), "zh-CN") == "Nobody wrote this."


def test_a_sentence_inside_another_is_translated_too() -> None:
    outer = say("It said: {what}", what=say("Come here."))
    assert outer == "It said: Come here."
    assert in_language(outer, "zh-CN") == "它说：过来。"
    unknown = say("Nobody wrote {what}", what=say("Come here."))
    assert in_language(unknown, "zh-CN") == "Nobody wrote 过来。"


def test_sentences_stand_together_as_each_language_puts_them() -> None:
    both = together([say("Come here."), FOXES])
    assert both == "Come here. 1,200 foxes like “{night} 夜”."
    assert in_language(both, "zh-CN") == "过来。有 1,200 只狐狸喜欢“{night} 夜”。"
    listed = together([say("Come here."), "--ar", say("Come here.")], ", ")
    assert listed == "Come here., --ar, Come here."
    assert in_language(listed, "zh-CN") == "过来。、--ar、过来。"
    lines = together([say("Come here."), "a, b {c}"], "\n")
    assert in_language(lines, "zh-CN") == "过来。\na, b {c}"
    assert together([]) == ""


def test_a_sentence_outlives_copying_and_pickling() -> None:
    for again in (copy.deepcopy(FOXES), pickle.loads(pickle.dumps(FOXES))):
        assert isinstance(again, Sentence)
        assert (again, again.template, again.values) == (FOXES, FOXES.template, FOXES.values)


def test_marks_around_a_sentence_are_kept() -> None:
    framed = frame("-# {what}", what=say("Come here."))
    assert (framed, in_language(framed, "zh-CN")) == ("-# Come here.", "-# 过来。")


# Written down, and read again


def test_a_sentence_that_was_written_down_is_recalled() -> None:
    assert in_language(recall("Come here."), "zh-CN") == "过来。"
    again = recall(str(FOXES))
    assert again == FOXES
    assert in_language(again, "zh-CN") == "有 1,200 只狐狸喜欢“{night} 夜”。"
    assert recall(FOXES) is FOXES


def test_several_sentences_in_a_row_are_recalled() -> None:
    said = recall("Come here. 1,200 foxes like “it. Come here”. Come here.")
    assert said == "Come here. 1,200 foxes like “it. Come here”. Come here."
    assert in_language(said, "zh-CN") == "过来。有 1,200 只狐狸喜欢“it. Come here”。过来。"


@pytest.mark.parametrize("text", ["Nobody says this.", "Come here. Nobody says this.", "", "none."])
def test_what_nobody_says_stays_as_it_is(text: str) -> None:
    assert recall(text) == text
    assert not isinstance(recall(text), Sentence)
