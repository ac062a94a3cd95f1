"""In which language a page is: what the visitor chose, else what the browser asks for."""

from __future__ import annotations

from markupsafe import Markup, escape
from starlette.requests import Request

from core.sentences import TABLES, Sentence, in_language

YEAR_SECONDS = 365 * 86400

LANGUAGES = {"en": "English", "zh": "中文"}
"""By what `lang` says, each in its own words."""


def locale_of(request: Request, chosen: str) -> str:
    """One of LANGUAGES. `chosen` is what the visitor's cookie says."""
    if chosen in LANGUAGES:
        return chosen
    wishes: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:500].split(","):
        name, _, quality = part.strip().partition(";")
        wishes.append((_quality(quality), name.partition("-")[0].strip().lower()))
    for weight, language in sorted(wishes, key=lambda wish: -wish[0]):
        if weight > 0 and language in LANGUAGES:
            return language
    return "en"


def _quality(text: str) -> float:
    if not text:
        return 1.0
    try:
        return min(1.0, float(text.strip().removeprefix("q=")))
    except ValueError:
        return 0.0


def told(text: str, locale: str) -> Markup:
    """A sentence, or a plain text, as a page shows it: all that is not markup already is text, the
    sentence's own words as well as the values in it."""
    if not isinstance(text, Sentence):
        return escape(text)
    if not any(hasattr(value, "__html__") for value in text.values.values()):
        return escape(in_language(text, locale))
    template = TABLES.get(locale, {}).get(text.template, text.template)
    values = {
        name: told(value, locale) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return Markup(escape(template)).format(**values)


def tell(template: str, /, locale: str, **values: object) -> Markup:
    """`t("… {name} …", name=…)` of the templates. A value that is markup stays markup."""
    return told(Sentence(template, values), locale)
