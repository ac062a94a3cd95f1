"""What works are found by: the terms of a work, and those that a query wants.

A term is a word, brought to one spelling, or a mark, which begins with an underscore and so is no
word: who made it, where, with which model and flags, and which lists may have it. All of a work's
terms are one text with spaces between, words first, in their order. Every store searches these, so
that all find the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.errors import RefusedError
from core.flags import BY_SPELLING
from core.jobs import Owner
from core.rendering import plainly
from core.request import Request
from core.sentences import say
from core.values import plain, written_name
from core.viewing import is_adult
from core.works import Query, Showing, Viewer

MOST_WORDS = 24
"""Words and phrases of one query."""

LONGEST_WORD = 64
"""Characters of a term."""

MOST_SERVERS = 200
"""Servers of a viewer that lists are made of, the lowest ids first."""

# Han, kana, Thai, Lao, Burmese and Khmer have no spaces between words: each character is one.
_JOINED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\U00020000-\U0003ffff"
)
_TERM = re.compile(rf"[{_JOINED}]|[^\W_{_JOINED}]+")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_TYPED = re.compile(r"""(?<!\S)(-?)["“”„«»]([^"“”„«»]*)["“”„«»]|(?<!\S)(-?)(\S+)""")
_SINGULAR = re.compile(r"[a-z]{4,}")

RATED = "_r"


def spellings(text: str) -> list[str]:
    """The words of a text: in small letters, without accents, plurals as singulars."""
    text = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", text)).casefold()
    bare = "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
    found = _TERM.findall(unicodedata.normalize("NFC", bare))
    return [_singular(word)[:LONGEST_WORD] for word in found]


def _singular(word: str) -> str:
    """Near enough for English, and the same for what is looked for as for what is found."""
    if not word.endswith("s") or not _SINGULAR.fullmatch(word):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is", "as", "os")) else word[:-1]


def mark(kind: str, value: object = "") -> str:
    """A mark of letters, digits and underscores, whatever the value."""
    plain = str(value).casefold()
    return f"_{kind}" + re.sub(r"[^a-z0-9]", lambda c: f"_{ord(c[0]):x}_", plain)[:LONGEST_WORD]


def terms_of(request: Request, owner: Owner, server_id: int) -> str:
    """What a work is found by, whoever may see it."""
    marks = [mark("o", owner.id), mark("s", server_id), mark("m", request.model)]
    marks += [mark("n", word) for word in spellings(owner.name)]
    marks += [_flag(name, value) for name, value in _flags(request)]
    return " ".join([*spellings(request.text), *dict.fromkeys(marks)])


def marks_of(showing: Showing, server_id: int, *, age_rated: bool) -> str:
    """Which lists may have a work, to be put behind its terms."""
    marks = [RATED] if age_rated else []
    if showing is Showing.PUBLIC:
        marks.append(mark("vp"))
    elif showing is Showing.SERVER:
        marks += [mark("vs"), mark("vs", server_id)]
    return " ".join(marks)


def all_terms(terms: str, showing: Showing, server_id: int, *, age_rated: bool) -> str:
    """Those of a work with, or instead of, its marks of lists."""
    kept = [term for term in terms.split() if term != RATED and not term.startswith("_v")]
    return " ".join([*kept, *marks_of(showing, server_id, age_rated=age_rated).split()])


def _flags(request: Request) -> Iterable[tuple[str, str | None]]:
    prompt = plainly(request)
    width, height = request.aspect
    always = {
        "ar": f"{width}:{height}",
        "seed": str(request.seed),
        "steps": str(request.steps),
        "cfg": plain(request.guidance),
        "n": str(request.count),
    }
    for name, value in always.items():
        yield name, value
    for name, value in prompt.flags.items():
        yield name, None
        if not BY_SPELLING[name].repeats:
            yield name, BY_SPELLING[name].write(value)
    for lora in request.loras:
        yield "lora", lora.name
        yield "lora", written_name(((lora.name, lora.weight),))
    for text in prompt.avoid:
        yield "no", None
        for word in spellings(text):
            yield "no", word


def _flag(name: str, value: str | None) -> str:
    return mark("f", name) if value in (None, "") else mark("f", f"{name}={value}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the terms of a work must have: all of `phrases`, each a run of terms, one of `lists`
    (which marks of lists the viewer may see), and none of `without`."""

    phrases: tuple[str, ...]
    lists: tuple[str, ...]
    without: tuple[str, ...]
    words: int
    """How many of the phrases are words, which come first."""


def own(query: Query, viewer: Viewer) -> bool:
    """Whether it is the viewer's list of what they made."""
    return viewer.person_id != 0 and query.owner_id == viewer.person_id


def with_rated(query: Query, viewer: Viewer) -> bool:
    """Whether their list has age-rated works too."""
    return query.age_rated and (own(query, viewer) or is_adult(viewer))


def wanted(query: Query, viewer: Viewer) -> Wanted:
    """Raises RefusedError for words that cannot be looked for."""
    words, without = read_words(query.words)
    marks: list[str] = []
    if query.owner_id is not None:
        marks.append(mark("o", query.owner_id))
    if query.server_id is not None:
        marks.append(mark("s", query.server_id))
    if query.model:
        marks.append(mark("m", query.model))
    if query.by:
        names = spellings(query.by)
        if not names:
            raise RefusedError(say("“{name}” is nobody's name.", name=query.by[:40]))
        marks += [mark("n", name) for name in names]
    marks += [_wanted_flag(name, value) for name, value in query.flags]
    return Wanted(
        phrases=(*words, *marks),
        lists=_lists(query, viewer),
        without=(*without, *(() if with_rated(query, viewer) else (RATED,))),
        words=len(words),
    )


def _wanted_flag(name: str, value: str | None) -> str:
    if name == "no" and value is not None:
        value = next(iter(spellings(value)), "")
    return _flag(name, value)


def _lists(query: Query, viewer: Viewer) -> tuple[str, ...]:
    if own(query, viewer):
        return ()
    if viewer.operator:
        return mark("vp"), mark("vs")
    servers = servers_of(viewer)
    if query.server_id is not None:
        servers = [id for id in servers if id == query.server_id]
    return mark("vp"), *(mark("vs", id) for id in servers)


def servers_of(viewer: Viewer) -> list[int]:
    """Those whose works their lists have."""
    return sorted(viewer.servers - {0})[:MOST_SERVERS]


def read_words(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words and phrases of a line, and those with a hyphen before them. Raises RefusedError."""
    there: dict[str, None] = {}
    absent: dict[str, None] = {}
    for quoted_not, quoted, word_not, word in _TYPED.findall(line):
        terms = spellings(quoted or word)
        if terms:
            (absent if quoted_not or word_not else there)[" ".join(terms)] = None
    if len(there) + len(absent) > MOST_WORDS:
        raise RefusedError(
            say("That is a search for {count} words; the limit is {most}.",
                count=len(there) + len(absent), most=MOST_WORDS)
        )  # fmt: skip
    if line.strip() and not there and not absent:
        raise RefusedError(
            say("There is no word in “{line}” that could be found.", line=line.strip()[:40])
        )
    return tuple(there), tuple(absent)


def fits(wanted: Wanted, terms: str) -> bool:
    """Whether these are the terms of a work that is wanted."""
    text = f" {terms} "
    return (
        all(f" {phrase} " in text for phrase in wanted.phrases)
        and (not wanted.lists or any(f" {mark} " in text for mark in wanted.lists))
        and not any(f" {phrase} " in text for phrase in wanted.without)
    )


def ranker(wanted: Wanted) -> Callable[[str, int], int]:
    """How well a work's terms and likes fit, in thousandths; higher is better.

    Each word counts as BM25 has it (k 1.2, b 0.75, prompts of 16 words), but all alike, since all
    must be there; more at the beginning of the prompt, and where the words stand as they were
    typed. Likes count with their logarithm.
    """
    phrases = [f" {phrase} " for phrase in wanted.phrases[: wanted.words]]
    as_typed = f" {' '.join(wanted.phrases[: wanted.words])} " if len(phrases) > 1 else ""

    def rank(terms: str, likes: int) -> int:
        text = f" {terms.partition(' _')[0]} "
        length = 0.3 + 0.05625 * (text.count(" ") - 1)
        score = 0.3 * math.log1p(likes)
        for phrase in phrases:
            often = text.count(phrase)
            score += 2.2 * often / (often + length) + 12 / (24 + text.find(phrase))
        if as_typed and as_typed in text:
            score += len(phrases) * 0.5
        return round(score * 1000)

    return rank
