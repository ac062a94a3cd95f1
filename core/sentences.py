"""What Easel says to people, kept so that it can be said again in their own language.

A `Sentence` is the English text, and remembers the template and the values it was made of. The core
says everything in English, and whoever shows it asks `in_language` for the reader's language, as
late as possible. A language is a table from English templates to its own; what a table lacks stays
English. Values are never translated, so that a member's own words are kept to the byte, unless
they are sentences themselves.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from functools import cache

from core.chinese import CHINESE

TABLES: Mapping[str, Mapping[str, str]] = {"zh": CHINESE}
"""By the language of a Discord locale, which is the part before its hyphen: `zh-CN`, `zh-TW`."""

_GLUE = re.compile(r"(?:\{\w+\}|[ ,;·\n])+")
"""A template that says nothing itself: it only puts its values side by side."""

_GLUES: Mapping[str, Mapping[str, str]] = {"zh": {"} {": "}{", "}, {": "}、{", "}; {": "}；{"}}
"""How a language puts values side by side."""


class Sentence(str):
    """The English text of a template with its values."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Sentence:
        self = super().__new__(cls, template.format_map(values))
        self.template = template
        self.values = values
        return self

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, Mapping[str, object]]]:
        return Sentence, (self.template, self.values)


def say(template: str, /, **values: object) -> Sentence:
    """A sentence whose `{name}` fields are filled in; a brace of its own is doubled. The template
    is written out where it is said, so that a test can find it."""
    return Sentence(template, values)


def together(sentences: Iterable[str], between: str = " ") -> Sentence:
    """Sentences, one after the other. `between` may be spaces, commas, semicolons, dots and line
    breaks, which languages write in their own ways."""
    values = {f"s{position}": sentence for position, sentence in enumerate(sentences)}
    return Sentence(between.join(f"{{{name}}}" for name in values), values)


def frame(template: str, /, **values: object) -> Sentence:
    """Marks around sentences that are the same in every language, such as `-# {sentence}`."""
    return Sentence(template, values)


def in_language(text: str, locale: str) -> str:
    """The text as a reader with this Discord locale reads it. A plain text stays as it is."""
    language = locale.partition("-")[0].lower()
    if not isinstance(text, Sentence) or language not in TABLES:
        return text
    template = TABLES[language].get(text.template)
    if template is None:
        template = text.template
        if _GLUE.fullmatch(template):
            for english, own in _GLUES[language].items():
                template = template.replace(english, own)
    values = {
        name: in_language(value, locale) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return template.format_map(values)


class _Value(str):
    """What stood in a field, as it was written there."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


def recall(text: str) -> str:
    """The sentence, or the sentences, that a text was before it was written down as a text: in a
    row of the database, or in a line between two processes. A text that nobody says stays one.

    What stands in a sentence's fields stays as it is, sentences included.
    """
    if isinstance(text, Sentence) or (whole := _recalled(text)) is None:
        return text if isinstance(text, Sentence) else _in_two(text)
    return whole


def _in_two(text: str) -> str:
    for end in re.finditer(r"\.(?= )", text):
        first = _recalled(text[: end.end()])
        rest = recall(text[end.end() + 1 :]) if first is not None else ""
        if first is not None and isinstance(rest, Sentence):
            return together([first, rest])
    return text


def _recalled(text: str) -> Sentence | None:
    if any(text in table for table in TABLES.values()) and "{" not in text:
        return Sentence(text, {})
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return Sentence(template, {name: _Value(v) for name, v in found.groupdict().items()})
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The templates that are whole sentences with fields, those that say most first."""
    templates = {t for table in TABLES.values() for t in table if "{" in t and t.endswith(".")}
    found: list[tuple[str, re.Pattern[str]]] = []
    for template in sorted(templates, key=len, reverse=True):
        pattern, seen = "", set[str]()
        for literal, name, _, _ in string.Formatter().parse(template):
            pattern += re.escape(literal)
            if name is not None:
                pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
                seen.add(name)
        found.append((template, re.compile(pattern, re.DOTALL)))
    return found
