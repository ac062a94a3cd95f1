"""Works as they hang in rows: each with its shape, its thumbnail and its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from core.sentences import say
from core.works import Showing, Work
from gallery.ask import Ask
from gallery.i18n import told

NARROWEST, WIDEST = 0.4, 3.6
"""Ratios of the boxes that pictures hang in. One that is narrower or wider keeps its shape, with
room left in its box; it would be a line otherwise, or a row of its own."""

SMALL_SIDE = 320
"""Pixels; a picture no longer than this hangs in lower rows, where it is not blown up."""

USUAL_SIDE = 640
"""The longer side of thumbnails for browsers that do not choose, in pixels."""

SHARP_SIDES = (320, 640, 1280)
"""Those that the others choose from."""

NARROW_ROW, WIDE_ROW = 10, 20
"""How high rows are on phones and elsewhere, rather more than less; in rem, as in `base.css`."""

WORDS = 300
"""Characters of a prompt that a tile bears."""

_BADGES = {
    Showing.SERVER: ("people", say("Server")),
    Showing.UNLISTED: ("link", say("Unlisted")),
    Showing.PRIVATE: ("lock", say("Private")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """`words` are those of the prompt, without its flags. `shape` are classes of `base.css` that
    say the ratio. `thumbs` is a `srcset`, "" where one size will do, and `sizes` goes with it.
    `width` and `height` are the picture's own, in pixels."""

    id: str
    href: str
    full: str
    thumb: str
    thumbs: str
    sizes: str
    shape: str
    width: int
    height: int
    words: str
    by: str
    likes: int
    badge: Markup
    badge_icon: str

    @property
    def small(self) -> bool:
        return max(self.width, self.height) <= SMALL_SIDE


def tiles(ask: Ask, works: Iterable[Work], *, badges: bool = False) -> list[Tile]:
    """`badges`: say who may see each."""
    return [tile(ask, work, badge=badges) for work in works]


def tile(ask: Ask, work: Work, *, badge: bool = False) -> Tile:
    icon, sentence = _BADGES.get(work.showing, ("", "")) if badge else ("", "")
    return Tile(
        id=work.id,
        href=ask.url("picture", work=work.id),
        full=ask.url("picture_file", work=work.id),
        thumb=ask.url("thumbnail", work=work.id, side=USUAL_SIDE),
        thumbs=thumbs(ask, work),
        sizes=sizes(work.width, work.height),
        shape=shape(work.width, work.height),
        width=work.width,
        height=work.height,
        words=shortened(work.text.partition(" --")[0]),
        by=work.owner.name,
        likes=work.likes,
        badge=told(sentence, ask.locale),
        badge_icon=icon,
    )


def thumbs(ask: Ask, work: Work) -> str:
    """The thumbnails to choose from with their widths in pixels; "" where one is all there is."""
    longest = max(work.width, work.height)
    wanted = [side for side in SHARP_SIDES if side < longest]
    if not wanted:
        return ""
    # The first that is not smaller than the picture is the whole of it.
    wanted += [side for side in SHARP_SIDES if side >= longest][:1]
    return ", ".join(
        f"{ask.url('thumbnail', work=work.id, side=side)} "
        f"{round(work.width * min(1.0, side / longest))}w"
        for side in wanted
    )


def sizes(width: int, height: int) -> str:
    """About how wide it hangs, for browsers to choose a thumbnail before they know."""
    ratio = width / height
    narrow, wide = (max(1, round(ratio * high)) for high in (NARROW_ROW, WIDE_ROW))
    return f"(max-width: 52rem) {narrow}rem, {wide}rem"


def shape(width: int, height: int) -> str:
    """The ratio in digits, one class for each: `i1 t5 h0 m0` is 3:2."""
    thousandths = round(1000 * min(WIDEST, max(NARROWEST, width / height)))
    whole, rest = divmod(thousandths, 1000)
    return f"i{whole} t{rest // 100} h{rest // 10 % 10} m{rest % 10}"


def shortened(text: str, most: int = WORDS) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
