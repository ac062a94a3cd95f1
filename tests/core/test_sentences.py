"""Sentences remember what they were made of, and are said again in their reader's language."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.chinese import CHINESE
from core.errors import EaselError, SettingsError
from core.sentences import Sentence, in_language, say, together

ROOT = Path(__file__).parents[2]
PRODUCT = ("core", "storage", "generation", "bot")


@pytest.fixture(autouse=True)
def little_table(monkeypatch: pytest.MonkeyPatch) -> None:
    little = {
        "{count:,} foxes like “{word}”.": "有 {count:,} 只狐狸喜欢“{word}”。",
        "Come here.": "过来。",
        "It said: {what}": "它说：{what}",
    }
    tables = {"zh": {**CHINESE, **little}}
    monkeypatch.setattr("core.sentences.TABLES", tables)


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


# The tables and the source tree


def said() -> Iterator[tuple[str, str]]:
    """Every template that is said somewhere, and where."""
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if node.func.id != "say":
                    continue
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{where}: the template is not written out"
                yield str(first.value), where


def default_sentences() -> Iterator[tuple[str, str]]:
    """What errors say by themselves. An operator reads of wrong settings in English."""
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, EaselError) and not issubclass(kind, SettingsError):
            yield inspect.getdoc(kind) or "", f"core/errors.py: {name}"


WHERE = {**dict(default_sentences()), **dict(said())}
"""By template."""


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_has_its_chinese() -> None:
    missing = {template: where for template, where in WHERE.items() if template not in CHINESE}
    assert not missing


def test_no_chinese_is_left_of_a_sentence_that_nobody_says() -> None:
    assert set(CHINESE) <= set(WHERE)


def test_a_translation_has_the_fields_of_its_template() -> None:
    wrong = [english for english, own in CHINESE.items() if fields(english) != fields(own)]
    assert not wrong


class _Anything:
    """Stands for a value of any kind: takes every format."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, spec: str) -> str:
        return f"⟦{self.name}⟧"


def test_each_sentence_can_be_said_in_chinese() -> None:
    for template in WHERE:
        values = {name: _Anything(name) for name in fields(template)}
        told = in_language(say(template, **values), "zh-CN")
        assert all(told.count(f"⟦{name}⟧") for name in values), template
        assert any("\u4e00" <= char <= "\u9fff" for char in CHINESE[template]), template


def test_chinese_sentences_end_in_chinese_punctuation() -> None:
    for english, own in CHINESE.items():
        ends = {".": "。", "?": "？", ":": "："}.get(english[-1])
        assert ends is None or own.endswith(ends), own
        assert not any(mark in own for mark in (" 。", " ，", "。 ", "， ")), own
