"""The prompt language: from a typed line to text, weights and flags.

    line   = { link } text { flag }
    text   = part { "::" [weight] part }
    flag   = dashes name [ value ]

Any string gives a `Prompt` or raises one `PromptError` that lists the problems. What is certain is
mended silently: long dashes, glued values (`--ar16:9`), `=`, a comma after a value, full-width
digits. Reading is linear in the length of the line; `LIMIT` bounds it.

`{a, b}` is for `core/permutations.py`, which makes lines of it before they are read: to this file a
brace is a letter, and `\\{` another way to write it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core.errors import Problem, PromptError
from core.flags import BY_SPELLING, nearest_flag
from core.legacy import REPLACED
from core.permutations import unescaped
from core.request import Part
from core.row import Flag, Takes
from core.sentences import say
from core.uses import Use, shown
from core.values import RAW, is_link
from core.weights import parts
from core.words import DASHES, LIMIT, TRAILING, Word, clean, spelling, split, without_command

MAX_PROBLEMS = 12
"""A line with more wrong than this is told so; nobody reads on."""

MAX_FLAGS = 60
"""In one line."""

BLANKS = 4
"""Commas alone that may stand among the words of a value."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What was understood. `flags` holds only what was typed, by the table's names; `images` are
    the links in front of the text. `--style raw` is --raw, and `<lora:NAME:1>` is --lora NAME."""

    text: str
    parts: tuple[Part, ...]
    avoid: tuple[str, ...] = ()
    flags: dict[str, Any] = field(default_factory=dict[str, Any])
    images: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


_LORA = re.compile(r"<lora:([^\s<>:]{1,64}(?::[^\s<>:]{0,20})?)>", re.IGNORECASE)
_PICTURE = re.compile(r"https?://\S+\.(?:png|jpe?g|webp|gif)(?:\?\S*)?", re.IGNORECASE)
_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_NOWHERE = Flag(name="", help="", takes=Takes.WORDS)
"""Takes the words after an unknown flag, which were meant as its value and not as text."""


def parse(
    line: str, *, text_needed: bool = True, options: Mapping[str, str] = _NO_OPTIONS
) -> Prompt:
    """Reads a line. `text_needed` False allows flags alone, for a prompt that is a picture.

    `options` are the member's own: `--name` stands for the text, whose own words are never options
    again. Raises PromptError.
    """
    if len(line) > LIMIT:
        raise PromptError((_too_long(len(line)),), typed=line)
    reader = _Reader(line, text_needed, {name.lower(): text for name, text in options.items()})
    prompt = reader.read()
    if not reader.problems:
        return prompt
    mended = reader.mended() if reader.certain else None
    if mended is not None:
        # A mend is offered only where it reads as what was understood, and as nothing else.
        again = _Reader(mended, text_needed, {})
        if len(mended) > LIMIT or again.read() != prompt or again.problems:
            mended = None
    unread = {use.flag.name for use in reader.uses} - prompt.flags.keys()
    # Of an unread model nobody can say what it could do.
    understood = None if unread & {"model", "niji"} else prompt
    raise PromptError(tuple(reader.problems), typed=line, mended=mended, understood=understood)


def _too_long(length: int) -> Problem:
    what = say(
        "The prompt has {length} characters; the limit is {most}.",
        length=f"{length:,}",
        most=f"{LIMIT:,}",
    )
    return Problem(what, say("Shorten it by {number}.", number=f"{length - LIMIT:,}"))


class _Reader:
    def __init__(self, line: str, text_needed: bool, options: Mapping[str, str]) -> None:
        self.line = line
        self.text_needed = text_needed
        self.options = options
        self.problems: list[Problem] = []
        self.text: list[str] = []
        self.late_text: list[Word] = []
        self.images: list[str] = []
        self.uses: list[Use] = []
        self.loras: list[Use] = []
        self.kept: list[Use] = []
        self.words: Iterator[Word] = iter(())
        self.ahead: deque[Word] = deque()
        self.length = len(line)
        self.certain = True
        self.over = False

    def read(self) -> Prompt:
        """What was understood; the truth only where there are no problems."""
        self.words = self._with_options(split(self._without_loras(self.line)))
        self._scan()
        self._late_text()
        self.uses += self.loras
        flags = self._values()
        # Text after a flag is still text: the mended line shows it in its place, in front.
        words = [*self.text, *(word.text for word in self.late_text)]
        self._images(without_command(words))
        text = unescaped(" ".join(self.text))
        weighted, problems = parts(text) if text or not self.images else ((), [])
        for problem in problems:
            self._problem(problem.what, problem.mend)
            self.certain = False
        if not text and self.text_needed and not self.images and "init" not in flags:
            self._problem(
                say("The prompt has no text."),
                say("Say what to draw, for example: a red lighthouse at sunset."),
            )
            self.certain = False
        avoid: tuple[str, ...] = flags.pop("no", ())
        return Prompt(text, weighted, avoid, flags, tuple(self.images))

    def mended(self) -> str:
        return " ".join([*self.images, *self.text, *(use.typed for use in self.kept)])

    @property
    def _enough(self) -> bool:
        return len(self.problems) >= MAX_PROBLEMS

    def _problem(self, what: str, mend: str = "", start: int = 0, end: int = 0) -> None:
        if self._enough:
            self._stop()
        else:
            self.problems.append(Problem(what, mend, start, end))

    def _stop(self) -> None:
        """Says once that reading ends here."""
        self.certain, self.over = False, True
        if len(self.problems) == MAX_PROBLEMS:
            what = say("More is wrong with this line than these {most} things.", most=MAX_PROBLEMS)
            self.problems.append(Problem(what, say("Mend them first.")))

    # Words and flags

    def _without_loras(self, text: str) -> str:
        """The text without `<lora:name:0.8>`, which is how other front ends write --lora."""
        for match in _LORA.finditer(text):
            use = Use(BY_SPELLING["lora"], "lora", [match[1]], match.start(), match.end())
            self.loras.append(use)
        # As much space, so that every word stays where it was.
        return _LORA.sub(lambda match: " " * len(match[0]), text)

    def _with_options(self, words: Iterator[Word]) -> Iterator[Word]:
        """The words, with the member's options in place of their names."""
        if not self.options:
            return words
        return (one for word in words for one in self._option(word))

    def _option(self, word: Word) -> Iterator[Word]:
        option = None
        if word.body and spelling(word.body) is None:
            option = self.options.get(word.body.rstrip(TRAILING).lower())
        if option is None:
            yield word
            return
        self.length += len(option)
        if self.length > LIMIT:
            self.problems = [_too_long(self.length)]
            self.certain, self.over = False, True
            return
        before = len(self.loras)
        text = self._without_loras(option)
        for use in self.loras[before:]:
            use.start, use.end = word.start, word.end
        for one in split(text):
            yield one._replace(start=word.start, end=word.end)

    def _scan(self) -> None:
        use: Use | None = None
        ahead, words, text = self.ahead, self.words, self.text
        while not self.over and (word := ahead.popleft() if ahead else next(words, None)):
            started = self._flag(word) if word.body else None
            if started is not None:
                takes = started.flag.takes
                use = started if takes is Takes.WORDS else None
                if takes in (Takes.ONE, Takes.OPTIONAL):
                    self._follow(started)
            elif use is not None:
                value = word.text if use.words else word.text.lstrip("=")
                if value:
                    use.end = word.end
                    use.words.append(value)
            elif not self.uses:
                text.append(word.text)
            elif word.text.strip(TRAILING + "-–—"):
                self.uses[-1].followed = True
                self.late_text.append(word)

    def _next(self) -> Word | None:
        return self.ahead.popleft() if self.ahead else next(self.words, None)

    def _follow(self, use: Use) -> None:
        """Gives a flag the words behind it that are its value."""
        found = list(use.words)
        looked_at: list[Word] = []
        last = {len(found): 0}
        while len(found) < use.flag.most and len(looked_at) < use.flag.most + BLANKS:
            word = self._next()
            if word is None:
                break
            looked_at.append(word)
            if word.body and (word.sure or spelling(word.body) is not None):
                break
            text = word.text if found else word.text.lstrip("=")
            if text.strip(TRAILING):
                found.append(text)
                last[len(found)] = len(looked_at)
        glued = len(use.words)
        reach = use.flag.reach([clean(text) for text in found]) if found else 0
        reach = max(glued, min(reach, len(found)))
        taken = last[reach]
        use.words = found[:reach]
        if taken:
            use.end = looked_at[taken - 1].end
        self.ahead.extendleft(reversed(looked_at[taken:]))

    def _flag(self, word: Word) -> Use | None:
        """Starts a use when the word is a flag; notes the problem when it is a misspelt one."""
        found = spelling(word.body)
        if found is None:
            return self._unknown(word) if word.sure else None
        name, rest = found
        use = Use(BY_SPELLING[name], name, [], word.start, word.end)
        if len(self.uses) == MAX_FLAGS:
            what = say("The line has more than {most} flags.", most=MAX_FLAGS)
            self._problem(what, say("Leave some out."), word.start, word.end)
            self.certain, self.over = False, True
            return Use(_NOWHERE, "", [], word.start, word.end)
        if rest.strip(TRAILING):
            # The comma behind one of several words parts it from the next.
            words = use.flag.takes is Takes.WORDS
            use.words = [rest.lstrip(DASHES) if words else rest.rstrip(TRAILING)]
        if use.flag.takes is Takes.NOTHING and use.words:
            self._problem(
                say(
                    "--{flag} takes no value, but “{value}” is glued to it.",
                    flag=name,
                    value=shown(use.words[0]),
                ),
                say("Type --{flag} alone.", flag=name),
                word.start,
                word.end,
            )
            use.words = []
        self.uses.append(use)
        return use

    def _unknown(self, word: Word) -> Use:
        name = re.match(r"[^\W\d]+(?:-[^\W\d]+)*", word.body)
        typed = name[0] if name else word.body
        rest = word.body[len(typed) :].lstrip("=:").rstrip(TRAILING)
        nowhere = Use(_NOWHERE, "", [], word.start, word.end)
        if self._enough:
            self._stop()
            return nowhere
        instead = REPLACED.get(typed.lower())
        if instead is not None:
            what = say("--{flag} is not a flag here.", flag=typed)
            self._problem(what, instead, word.start, word.end)
            self.certain = False
            return nowhere
        what = say("There is no flag --{flag}.", flag=shown(typed))
        near = nearest_flag(typed, self.options)
        if near is None:
            mend = say("Leave it out; /help lists the flags.")
            self._problem(what, mend, word.start, word.end)
            self.certain = False
            return nowhere
        self._problem(what, say("Did you mean --{flag}?", flag=near), word.start, word.end)
        if near not in BY_SPELLING:
            self.certain = False
            return nowhere
        use = Use(BY_SPELLING[near], near, [rest] if rest else [], word.start, word.end, True)
        if use.flag.takes is Takes.NOTHING and use.words:
            use.words = []
            self.certain = False
        self.uses.append(use)
        return use

    def _late_text(self) -> None:
        if not self.late_text:
            return
        before = next(use for use in self.uses if use.followed)
        text = shown(" ".join(word.text for word in self.late_text), 60)
        self._problem(
            say("“{text}” stands after --{flag}.", text=text, flag=before.spelling)
            if self.text
            else say("The line begins with --{flag}.", flag=self.uses[0].spelling),
            say("Text comes first, flags after it."),
            self.late_text[0].start,
            self.late_text[-1].end,
        )

    def _images(self, words: list[str]) -> None:
        """Parts the links in front from the text; a link to a picture elsewhere is moved there."""
        self.images, self.text = [], []
        for word in words:
            link = word.strip("<>" + TRAILING) if "://" in word else ""
            if not link or not is_link(link) or (self.text and not _PICTURE.fullmatch(link)):
                self.text.append(word)
                continue
            self.images.append(link)
            if self.text:
                what = say("The link {link} stands in the text.", link=shown(link))
                self._problem(what, say("Links to pictures come first, the text after them."))

    # Values

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        used: dict[str, Use] = {}
        for use in self.uses:
            if self._enough:
                self._stop()
                break
            problems = len(self.problems)
            value, problem, certain = use.read()
            if problem is not None:
                self._problem(problem.what, problem.mend, problem.start, problem.end)
            self.certain &= certain
            if value is None:
                self.certain = False
                continue
            flag = use.flag
            if flag.name == "style" and value == RAW:
                flag = BY_SPELLING[RAW]
                value = flag.read("")
            if flag.takes is Takes.WORDS or flag.repeats:
                values[flag.name] = (*values.get(flag.name, ()), *value)
                self.kept.append(use)
                continue
            others = (other for other in used if {other, flag.name} != {RAW, "stylize"})
            clash = next(
                (used[other] for other in others if BY_SPELLING[other].excludes(flag)),
                used.get(flag.name),
            )
            if clash is None:
                used[flag.name] = use
                values[flag.name] = value
                self.kept.append(use)
            elif flag.name in used and values[flag.name] == value:
                continue
            else:
                self.certain = False
                if len(self.problems) == problems and not use.guessed:
                    self._problem(
                        say(
                            "{one} and {other} exclude each other.",
                            one=shown(clash.typed),
                            other=shown(use.typed),
                        ),
                        say("Keep one of them."),
                        use.start,
                        use.end,
                    )
        if RAW in used and values.get("stylize"):
            self._raw_and_stylize(used[RAW], used["stylize"])
            del values["stylize"]
        return values

    def _raw_and_stylize(self, raw: Use, weight: Use) -> None:
        """Two that are often typed together, of which --raw alone says it all."""
        what = say(
            "{flag} leaves no style for {other} to weigh.", flag=raw.typed, other=weight.typed
        )
        mend = say("Leave --{flag} out.", flag=weight.spelling)
        self._problem(what, mend, weight.start, weight.end)
        self.kept.remove(weight)
