"""Everything that is said to members has its Chinese, and nothing else has."""

from __future__ import annotations

import ast
import inspect
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes

from bot.commands import COMMANDS
from core import errors
from core.chinese import CHINESE, PARTS
from core.errors import EaselError, SettingsError
from core.request import Lane
from core.sentences import in_language, say
from gallery import errors as web_errors

ROOT = Path(__file__).parents[2]
PRODUCT = ("core", "storage", "generation", "bot", "gallery")


def calls(*folders: str) -> Iterator[tuple[Path, ast.Call]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in _calls_in(path):
                yield path.relative_to(ROOT), node


@cache
def _calls_in(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


KINDS = [
    *inspect.getmembers(errors, inspect.isclass),
    *inspect.getmembers(web_errors, inspect.isclass),
]
"""The classes of errors, and what else those files import."""


def said() -> Iterator[tuple[str, str]]:
    """Every template that is said somewhere, and where."""
    for path, node in calls(*PRODUCT):
        if isinstance(node.func, ast.Name) and node.func.id == "say":
            where, first = f"{path}:{node.lineno}", node.args[0]
            assert isinstance(first, ast.Constant), f"{where}: the template is not written out"
            yield str(first.value), where


def written() -> Iterator[tuple[str, str]]:
    """Every template that a page of the gallery says with `t("…")`, and where."""
    for path in sorted((ROOT / "gallery/templates").rglob("*.html")):
        tree = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                where, first = f"{path.relative_to(ROOT)}:{call.lineno}", call.args[0]
                assert isinstance(first, nodes.Const), f"{where}: the template is not written out"
                yield str(first.value), where


def default_sentences() -> Iterator[tuple[str, str]]:
    """What errors say by themselves. An operator reads of wrong settings in English."""
    for name, kind in KINDS:
        if issubclass(kind, EaselError) and not issubclass(kind, SettingsError):
            yield inspect.getdoc(kind) or "", f"{kind.__module__}: {name}"


def descriptions() -> Iterator[tuple[str, str]]:
    """What Discord shows of the commands beside their names."""
    for command in (each for top in COMMANDS for each in _with_children(top)):
        where = f"/{command.qualified_name}"
        yield str(command.description), where
        for option in getattr(command, "parameters", ()):
            yield str(option.description), where
            yield from ((str(choice.name), where) for choice in option.choices)


def _with_children(command: Any) -> Iterator[Any]:
    yield command
    for child in getattr(command, "commands", ()):
        yield from _with_children(child)


TYPED = {*map(str, Lane), "fast, relax", "turbo, fast", "turbo, fast, relax"}
"""Choices that are the same in every language."""

SHOWN = {text: where for text, where in descriptions() if text not in TYPED}

WHERE = {**dict(default_sentences()), **dict(said()), **dict(written()), **SHOWN}
"""By template."""


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_no_error_for_people_is_told_in_a_plain_text() -> None:
    kinds = {name for name, _ in KINDS} - {"SettingsError"}
    plain: list[str] = []
    for path, node in calls("core", "bot", "gallery"):
        if isinstance(node.func, ast.Name) and node.func.id in {*kinds, "Problem", "tell", "add"}:
            for value in node.args:
                text = isinstance(value, ast.Constant) and isinstance(value.value, str)
                if text or isinstance(value, ast.JoinedStr):
                    plain.append(f"{path}:{node.lineno}: {ast.unparse(value)}")
    assert not plain


def test_every_sentence_has_its_chinese() -> None:
    missing = {template: where for template, where in WHERE.items() if template not in CHINESE}
    assert not missing


def test_no_chinese_is_left_of_a_sentence_that_nobody_says() -> None:
    assert set(CHINESE) <= set(WHERE)


def test_nothing_is_translated_twice() -> None:
    assert len(CHINESE) == sum(map(len, PARTS))


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
        assert CHINESE[template] != template


def test_chinese_sentences_end_in_chinese_punctuation() -> None:
    for english, own in CHINESE.items():
        ends = {".": "。", "?": "？", ":": "："}.get(english[-1])
        assert ends is None or own.endswith(ends), own
        assert not any(mark in own for mark in (" 。", " ，", "。 ", "， ")), own
