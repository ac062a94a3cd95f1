"""Writes docs/prompting.md: `python -m generation.postcard.prompting`.

The words are those of the flag table and of /help; the pictures are drawn by
`generation.postcard.strips`. Nothing here needs torch.
"""

from __future__ import annotations

from pathlib import Path

from core.flags import SUBJECTS
from core.manual import SYNTAX, usage
from core.row import Flag
from generation.postcard.effects import EFFECTS, INK, SOURCE, WORDS, Effect

PAGE = Path("docs/prompting.md")

HEAD = """\
# Prompting

What may stand in `/imagine prompt:`, flag by flag. `/help` in Discord shows the same, in your
language, and says what your server's models can do. [Members](members.md) tells of the buttons.

This page is made from the flag table by `python -m generation.postcard.prompting`. Every picture is
drawn by Postcard, the small model that comes with Easel, from the line under it, in which `{}`
stands for the values from left to right (`python -m generation.postcard.strips` draws them anew).
Pictures are 128 pixels wide, none is picked, and where little is to be seen the caption says so.
Flags with *needs* are followed by models that have what they need, and refused by name for others.

## Words
"""

FLAGS = """\
Flags come after the words. They may be in any order, in letters of any size, behind dashes of any
length; `--ar16:9`, `--ar=16:9` and a comma too many are understood.
"""


def text() -> str:
    parts = [HEAD, _table(("write", "to get"), [(f"`{e}`", str(m)) for e, m in SYNTAX])]
    parts += [_shown(effect) for effect in WORDS]
    parts.append(FLAGS)
    for title, flags in SUBJECTS.items():
        parts.append(f"## {title}\n")
        rows = [(usage(flag), _help(flag)) for flag in flags]
        parts.append(_table(("flag", "does"), rows))
        parts += [_shown(EFFECTS[flag.name]) for flag in flags if flag.name in EFFECTS]
    return "\n".join(parts)


def _help(flag: Flag) -> str:
    return f"{flag.help} *Needs: {flag.needs}.*" if flag.needs else str(flag.help)


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---", "---"), *rows)]
    return "\n".join(lines) + "\n"


def _shown(effect: Effect) -> str:
    values = ", ".join(f"`{value}`" if value else "nothing" for value in effect.values)
    alt = f"{effect.name}: {', '.join(value or 'without' for value in effect.values)}"
    started = ""
    if effect.start:
        started = f" The first is the picture they start from, `{SOURCE}`."
    style = ""
    if INK.name in " ".join(effect.values):
        style = f" The style `{INK.name}` is saved as “{INK.text}”."
    return (
        f"![{alt}](images/prompting/{effect.name}.webp)\n\n"
        f"`{effect.line}`: {values}.{started}{style} {effect.caption}\n"
    )


def main() -> None:
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
