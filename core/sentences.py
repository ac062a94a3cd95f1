"""What Easel says to people, kept so that it can be said again in their own language.

A `Sentence` is the English text, and remembers the template and the values it was made of. The core
says everything in English, and whoever shows it asks `in_language` for the reader's language, as
late as possible. A language is a table from English templates to its own; what a table lacks stays
English. Values are never translated, so that a member's own words are kept to the byte, unless
they are sentences themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

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
