"""Lines that nobody would type: published ones with pieces lost, doubled, swapped and thrown in,
and a few that were built to be hard to read."""

from __future__ import annotations

import random
from collections.abc import Iterator

from core.flags import BY_SPELLING
from core.legacy import REPLACED
from core.words import LIMIT
from tests.core.published_prompts import READ, REFUSED, SETS

HARD = (
    "--x ", "--sedd 7 ", "a::", "a--n1", "- ", "-- ", "— ar ", "--ar ", "--no ", "é--x", "::-",
    "--", "a", "\u3000", "９", "--ar 3:2 a ", "\u0301", "—ar 3:2", "“", "--no a, ", "--n 1--",
    "﷽--ar ", "{", "}", "{,", "{a,b}", "{a,{b,c}}", "\\", "\\{", "\\,", "(", "(a:1.3)", "[", ":",
    "<lora:a:1>", "<lora:a", "https://a.bc ", "a https://a.b/c.png ", "--seed 7 ", "--style x",
    "--sampler x ", "--sampler dpm a b c d ", "--sref 1 1 1 1 1 1 1 1 1 1 1 1 ", "--lora a:9 ",
    "--p a1 b2 c3 d4 e5 f6 ", "--end https://a.b/c ", "—s 250 ", "— s 250 ", "a—b ", "--end—",
    "--mdel a --vide --lor b --stlye q --zom 3 --smpler e --guidnce 4 --wheight 3 --contrl 3 ",
    "--control canny:https://a.b/c ", "— q 3 ", "x—q 3 ", "x—n ", "-sampler dpm2kar ", "— ar 3 ",
    "- - ar ", "x--ar1:1", "x-y ", "a:: ", "-motion 3:2 ",
)  # fmt: skip
"""Each is repeated up to the longest line there may be."""

_PUBLISHED = tuple(row[0] for row in (*READ, *SETS, *REFUSED))
_SCRAPS = (
    *(f" --{name} " for name in BY_SPELLING),
    *(f"--{name}" for name in (*BY_SPELLING, *REPLACED)),
    "--", "—", "–", "－－", "- -", "---", "::", "：：", "=", ",", "，", " ", "\u3000", "3:2", "7",
    "16:9", "-1", "0.5", "9" * 40, "٣", "½", "“", "”", "'", "\u200b", "\u202e", "\ud800", "\x00",
    "🗼", "灯台", "{", "}", "{a, b}", "\\", "(", ")", "[", "]", "(x:1.3)", "<lora:x:1>", "random",
    "https://a.org/b.png ", "raw", "euler a", "dpm++ 2m karras", "::2", "::-.5", "--mine",
    "--Mood ",
)  # fmt: skip


def mutations(number: int, seed: int) -> Iterator[str]:
    """`number` lines, the hard ones first; the same for the same seed."""
    rng = random.Random(seed)
    for piece in HARD[:number]:
        yield (piece * LIMIT)[:LIMIT]
    for _ in range(number - len(HARD)):
        yield _mutated(rng)


def _mutated(rng: random.Random) -> str:
    line = rng.choice(_PUBLISHED)
    many = rng.random()
    if many < 0.1:
        line = " ".join(rng.choices(_PUBLISHED, k=rng.choice((2, 2, 2, 3, 5, 40))))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 12))):
        at = rng.randrange(len(line) + 1)
        to = at + rng.choice((0, 0, 0, 1, 2, 8))
        kind = rng.random()
        if kind < 0.5:
            line = line[:at] + rng.choice(_SCRAPS) + line[to:]
        elif kind < 0.7:
            line = line[:at] + chr(rng.randrange(0x3100)) + line[to:]
        elif kind < 0.8:
            line = line[:at] + line[to:]
        elif kind < 0.9:
            line = line[:to] + line[at:]
        else:
            words = line.split(" ")
            rng.shuffle(words)
            line = " ".join(words)
    return line[:LIMIT]
